import pytest

from simulator import Simulator
from tests.simulator.asking import EAST, GATEWAY, Azure, S, api, azure


def test_a_request_without_a_token_is_refused() -> None:
    client = azure()
    client.headers = {}
    got = client.get(GATEWAY)
    assert (got.status, got.code) == (401, "AuthenticationFailed")
    assert got.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("header", ["Basic dTpw", "Bearer", "token", "Negotiate Bearer x"])
def test_only_a_bearer_token_is_one(header: str) -> None:
    client = azure()
    client.headers = {"Authorization": header}
    got = client.get(GATEWAY)
    code = "AuthenticationFailedInvalidHeader"
    assert (got.status, got.code) == (401, code)
    assert got.headers["WWW-Authenticate"].startswith("Bearer ")


def test_the_word_bearer_has_no_case() -> None:
    client = azure()
    client.headers = {"Authorization": "bearer token"}
    assert client.get(GATEWAY).status == 200


def test_a_request_without_an_api_version_is_refused() -> None:
    got = azure().get(GATEWAY, version="")
    assert (got.status, got.code) == (400, "MissingApiVersionParameter")


@pytest.mark.parametrize("version", ["2020-01-01", "2024-05-01-preview", "tomorrow"])
def test_an_api_version_that_a_type_does_not_have_is_refused(version: str) -> None:
    got = azure().get(GATEWAY, version=version)
    assert (got.status, got.code) == (400, "NoRegisteredProviderFound")
    assert "2024-05-01" in got.message


def test_an_unknown_type_or_namespace_is_refused() -> None:
    client = azure()
    assert client.get(f"{GATEWAY}/wonders/x").code == "InvalidResourceType"
    unknown = f"{S}/resourceGroups/rg-gateway/providers/Contoso.Things/things/x"
    assert client.get(unknown).code == "InvalidResourceNamespace"


def test_there_are_four_layers_of_not_found() -> None:
    client = azure()
    subscription = client.get(GATEWAY.replace("0001", "0002"))
    group = client.get(GATEWAY.replace("rg-gateway", "rg-none"))
    service = client.get(GATEWAY.replace("contoso-gateway", "none") + "/apis/x")
    child = client.get(f"{GATEWAY}/apis/x")
    assert [each.status for each in (subscription, group, service, child)] == [404] * 4
    assert subscription.code == "SubscriptionNotFound"
    assert (group.code, group.message) == ("ResourceGroupNotFound", "Resource group 'rg-none' could not be found.")
    assert service.code == "ResourceNotFound"
    assert service.message == (
        "The Resource 'Microsoft.ApiManagement/service/none' under resource group 'rg-gateway' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    assert child.body == {"error": {"code": "ResourceNotFound", "message": "Api not found.", "details": None}}


def test_only_the_front_door_names_itself_as_the_cause_and_counts_nothing() -> None:
    client = azure()
    service = client.get(GATEWAY.replace("contoso-gateway", "none"))
    child = client.get(f"{GATEWAY}/apis/x")
    remaining = "x-ms-ratelimit-remaining-subscription-global-reads"
    assert service.headers["x-ms-failure-cause"] == "gateway"
    assert remaining not in service.headers
    assert "x-ms-failure-cause" not in child.headers
    assert remaining in child.headers


def test_a_child_of_a_missing_parent_is_refused_in_the_parents_name() -> None:
    client = azure()
    assert client.get(f"{GATEWAY}/apis/none/operations").message == "Api not found."
    assert client.put(f"{GATEWAY}/products/none/apis/orders-api").message == "Product not found."


def test_ids_and_routes_ignore_case_and_the_answer_repeats_the_casing_of_the_group() -> None:
    client = azure()
    got = client.get(
        GATEWAY.replace("rg-gateway", "RG-Gateway").replace("Microsoft", "microsoft") + "/APIS/Orders-API"
    )
    assert got.status == 200
    assert got.body["id"] == f"{GATEWAY.replace('rg-gateway', 'RG-Gateway')}/apis/orders-api"
    assert got.body["type"] == "Microsoft.ApiManagement/service/apis"


def test_what_is_created_under_odd_casing_gets_azures_own_casing() -> None:
    client = azure()
    client.put(f"{GATEWAY.lower()}/BACKENDS/Mine", {"properties": {"url": "https://x", "protocol": "http"}})
    assert f"{GATEWAY}/backends/Mine" in client.simulator.resources()


def test_children_are_written_with_two_spaces_and_crlf_and_everything_else_compact() -> None:
    client = azure()
    child, service, error = client.get(f"{GATEWAY}/apis"), client.get(GATEWAY), client.get(f"{GATEWAY}/apis/x")
    assert child.text.startswith('{\r\n  "value": [\r\n')
    assert child.headers["Cache-Control"] == "private"
    assert service.text.startswith('{"etag":"')
    assert service.headers["Cache-Control"] == "no-cache"
    assert "\n" not in error.text


def test_a_body_that_is_no_json_or_has_unknown_fields_is_refused() -> None:
    client = azure()
    assert client.put(f"{GATEWAY}/apis/x", "{").code == "InvalidRequestContent"
    unknown = client.put(f"{GATEWAY}/apis/x", api("x", colour="red"))
    assert (unknown.status, unknown.code) == (400, "ValidationError")
    assert unknown.body["error"]["details"][0]["target"] == "properties.colour"
    assert client.put(f"{GATEWAY}/apis/x", api("x", serviceUrl=None)).status == 400
    assert client.patch(EAST, {"colour": "red"}).code == "InvalidRequestContent"


def test_a_body_that_names_another_resource_is_refused() -> None:
    got = azure().put(f"{GATEWAY}/apis/x", {"name": "y", **api("x")})
    assert (got.status, got.code) == (400, "InvalidRequestContent")


def test_a_verb_that_a_resource_does_not_have_is_405_without_resource_managers_envelope() -> None:
    got = azure().get(f"{GATEWAY}/products/starter/apis/orders-api")
    assert got.status == 405
    assert got.body == {"Message": "The requested resource does not support http method 'GET'."}
    assert got.headers["Allow"] == "HEAD,PUT,DELETE"


def test_pages_are_linked_with_the_port_and_encoded_dollars_and_count_is_the_total() -> None:
    client = azure()
    first = client.get(f"{GATEWAY}/apis/orders-api/operations", query={"$top": "2"})
    link = (
        f"https://management.azure.com:443{GATEWAY}/apis/orders-api/operations"
        "?%24top=2&api-version=2024-05-01&%24skip=2"
    )
    assert (len(first.body["value"]), first.body["count"], first.body["nextLink"]) == (2, 3, link)
    assert "ETag" not in first.headers
    last = client.get(f"{GATEWAY}/apis/orders-api/operations", query={"$top": "2", "$skip": "2"})
    assert (len(last.body["value"]), last.body["count"]) == (1, 3)
    assert "nextLink" not in last.body


def test_a_role_that_does_not_allow_an_action_refuses_it_with_the_action_and_the_scope() -> None:
    role = {
        "permissions": [
            {
                "actions": ["Microsoft.ApiManagement/service/*/read", "Microsoft.ApiManagement/service/read"],
                "notActions": ["Microsoft.ApiManagement/service/policies/read"],
            }
        ]
    }
    client = Azure(Simulator(enforce_role=role))
    assert client.get(GATEWAY).status == 200
    assert client.get(f"{GATEWAY}/apis/orders-api/policies/policy").status == 200
    assert client.get(f"{GATEWAY}/policies/policy").status == 403
    got = client.put(f"{GATEWAY}/apis/x", api("x"))
    assert (got.status, got.code) == (403, "AuthorizationFailed")
    assert "action 'Microsoft.ApiManagement/service/apis/write'" in got.message
    assert f"scope '{GATEWAY}/apis/x'" in got.message
    assert f"{GATEWAY}/apis/x" not in client.simulator.resources()


def test_a_role_must_also_allow_to_assign_the_identities_that_a_body_names() -> None:
    client = Azure(Simulator(enforce_role={"Actions": ["Microsoft.ApiManagement/*"]}))
    identity = client.get(GATEWAY).body["identity"]["userAssignedIdentities"]
    body = {"identity": {"type": "UserAssigned", "userAssignedIdentities": {id: {} for id in identity}}}
    assert client.patch(GATEWAY, body).code == "LinkedAuthorizationFailed"


def test_throttling_empties_a_bucket_that_refills_with_time() -> None:
    client = azure(throttle=True)
    first = client.get(GATEWAY)
    assert first.headers["x-ms-ratelimit-remaining-subscription-global-reads"] == "16499"
    answers = [client.get(GATEWAY).status for _ in range(249)]
    assert set(answers) == {200}
    refused = client.get(GATEWAY)
    assert (refused.status, refused.code) == (429, "SubscriptionRequestsThrottled")
    client.simulator.clock.advance(int(refused.headers["Retry-After"]))
    assert client.get(GATEWAY).status == 200


def test_authorization_counts_120_requests_a_minute_for_itself() -> None:
    client = azure(throttle=True)
    path = f"{EAST}/providers/Microsoft.Authorization/roleAssignments"
    assert {client.get(path).status for _ in range(120)} == {200}
    assert client.get(path).code == "ResourceRequestsThrottled"


def test_without_the_switch_nothing_is_throttled() -> None:
    client = azure()
    assert {client.get(GATEWAY).status for _ in range(300)} == {200}


def test_subscriptions_and_resource_groups_can_be_read() -> None:
    client = azure()
    assert client.get("/subscriptions", version="2022-12-01").body["value"][0]["displayName"] == "Contoso AI"
    groups = client.get(f"{S}/resourceGroups", version="2021-04-01").body["value"]
    assert {each["name"] for each in groups} == {"rg-gateway", "rg-ai-east", "rg-ai-west", "rg-fabrikam"}
    assert client.get(f"{S}/resourceGroups/rg-x", version="2021-04-01").code == "ResourceGroupNotFound"


def test_a_refused_api_version_is_answered_with_those_there_are_and_with_the_regions() -> None:
    got = azure().get(f"{GATEWAY}/apis", version="2001-01-01")
    assert got.message.startswith(
        "No registered resource provider found for location 'eastus' and API version '2001-01-01' for type "
        "'service/apis'. The supported api-versions are '"
    )
    assert "'. The supported locations are 'eastus, eastus2, " in got.message


def test_providers_are_listed_with_their_types_and_api_versions() -> None:
    client = azure()
    one = client.get(f"{S}/providers/microsoft.cognitiveservices", version="2021-04-01").body
    assert (one["namespace"], one["registrationState"]) == ("Microsoft.CognitiveServices", "Registered")
    types = {each["resourceType"]: each for each in one["resourceTypes"]}
    assert types["accounts"]["apiVersions"][0] == "2026-05-15-preview"
    assert types["accounts"]["defaultApiVersion"] == "2025-12-01"
    assert "East US" in types["accounts"]["locations"]
    everything = client.get(f"{S}/providers", version="2021-04-01").body["value"]
    assert {"Microsoft.ApiManagement", "Microsoft.Authorization", "Microsoft.CognitiveServices"} <= {
        each["namespace"] for each in everything
    }
    again = client.ask("POST", f"{S}/providers/Microsoft.ApiManagement/register", version="2021-04-01")
    assert (again.status, again.body["registrationState"]) == (200, "Registered")
    assert client.get(f"{S}/providers/Contoso.Things", version="2021-04-01").code == "InvalidResourceNamespace"
