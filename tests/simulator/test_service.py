import json

from tests.simulator.asking import EAST, GATEWAY, OPENAI_USER, S, api, azure

KEYVAULT = (
    f"{S}/resourceGroups/rg-gateway/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-gateway-keyvault"
)
BOTH = {"identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {KEYVAULT: {}}}}


def test_switching_the_identity_on_is_a_long_running_operation() -> None:
    client = azure()
    before = client.get(GATEWAY)
    got = client.patch(GATEWAY, BOTH)
    assert got.status == 202
    assert got.body["properties"]["provisioningState"] == "Updating"
    assert got.headers["Retry-After"] == "20"
    assert "/locations/eastus/operationsStatuses/" in got.headers["Azure-AsyncOperation"]
    assert "/locations/eastus/operationResults/" in got.headers["Location"]
    poll = client.follow(got.headers["Azure-AsyncOperation"])
    assert (poll.status, poll.body, poll.headers["Retry-After"]) == (200, {"status": "InProgress"}, "20")
    assert client.follow(got.headers["Location"]).status == 202
    assert client.get(GATEWAY).body["properties"]["provisioningState"] == "Updating"

    client.simulator.clock.advance(20)
    assert client.follow(got.headers["Azure-AsyncOperation"]).body == {"status": "Succeeded"}
    done = client.follow(got.headers["Location"])
    assert (done.status, done.body["properties"]["provisioningState"]) == (200, "Succeeded")
    assert set(done.body["identity"]["userAssignedIdentities"]) == {KEYVAULT}
    assert done.body["identity"]["principalId"] == got.body["identity"]["principalId"]
    assert done.body["etag"] != before.body["etag"]


def test_a_patch_that_changes_nothing_is_done_at_once_and_keeps_the_etag() -> None:
    client = azure()
    before = client.get(GATEWAY)
    got = client.patch(GATEWAY, {"tags": {"owner": "platform-team"}})
    assert (got.status, got.body["etag"]) == (200, before.body["etag"])
    assert not {"Location", "Azure-AsyncOperation", "Retry-After"} & set(got.headers)


def test_a_service_in_transition_takes_no_other_write_of_its_own_but_its_children_do() -> None:
    client = azure()
    client.patch(GATEWAY, BOTH)
    refused = client.patch(GATEWAY, {"tags": {}})
    assert refused.status == 409
    assert refused.body["error"] == {
        "code": "ServiceLocked",
        "message": (
            "The API Service contoso-gateway is transitioning at this time. Please try the request again later."
        ),
        "details": None,
        "innerError": None,
    }
    assert client.delete(GATEWAY).code == "ServiceLocked"
    assert client.put(f"{GATEWAY}/tags/t", {"properties": {"displayName": "T"}}).status == 201


def test_a_patch_replaces_the_identity_as_a_whole() -> None:
    client = azure(service_update_time=0)
    client.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}})
    assert "userAssignedIdentities" not in client.get(GATEWAY).body["identity"]
    client.patch(GATEWAY, {"identity": {"type": "None"}})
    assert client.get(GATEWAY).body["identity"] is None


def test_a_patch_of_something_else_leaves_the_identity_alone() -> None:
    client = azure(service_update_time=0)
    client.patch(GATEWAY, {"tags": {"a": "b"}})
    got = client.get(GATEWAY).body
    assert (got["identity"]["type"], got["tags"]) == ("UserAssigned", {"a": "b"})


def test_identities_that_do_not_fit_their_type_or_do_not_exist_are_refused() -> None:
    client = azure()
    assert (
        client.patch(GATEWAY, {"identity": {"type": "SystemAssigned, UserAssigned"}}).code == "MissingIdentityIds"
    )
    wrong = {"identity": {"type": "UserAssigned", "userAssignedIdentities": {f"{KEYVAULT}-2": {}}}}
    assert client.patch(GATEWAY, wrong).code == "FailedIdentityOperation"
    assert client.patch(GATEWAY, {"identity": {"type": "Secret"}}).status == 400
    assert client.patch(GATEWAY, {"identity": {}}).status == 400


def test_a_new_principal_is_unknown_to_authorization_for_some_seconds() -> None:
    client = azure(principal_replication=15, service_update_time=5)
    principal = client.patch(GATEWAY, BOTH).body["identity"]["principalId"]
    name = f"{EAST}/providers/Microsoft.Authorization/roleAssignments/22222222-0000-4000-8000-000000000001"
    body = {"properties": {"principalId": principal, "roleDefinitionId": OPENAI_USER}}
    client.simulator.clock.advance(10)
    assert client.put(name, body).code == "PrincipalNotFound"
    client.simulator.clock.advance(5)
    assert client.put(name, body).status == 201


def test_an_update_that_fails_leaves_the_service_as_it_was_but_failed() -> None:
    client = azure()
    client.simulator.fail(match="PATCH", async_=True, code="InternalServerError")
    got = client.patch(GATEWAY, BOTH)
    client.simulator.clock.advance(20)
    poll = client.follow(got.headers["Azure-AsyncOperation"])
    assert (poll.body["status"], poll.body["error"]["code"]) == ("Failed", "InternalServerError")
    after = client.get(GATEWAY).body
    assert (after["properties"]["provisioningState"], after["identity"]["type"]) == ("Failed", "UserAssigned")
    assert client.patch(GATEWAY, BOTH).status == 202


def test_a_deleted_service_takes_everything_with_it() -> None:
    client = azure()
    assert client.delete(GATEWAY).status == 202
    client.simulator.clock.advance(20)
    assert client.get(f"{GATEWAY}/apis/orders-api").headers["x-ms-failure-cause"] == "gateway"
    assert not [id for id in client.simulator.resources() if id.startswith(GATEWAY)]


def test_services_are_listed_by_subscription_and_by_group() -> None:
    client = azure()
    everywhere = client.get(f"{S}/providers/Microsoft.ApiManagement/service")
    group = client.get(f"{S}/resourceGroups/rg-ai-east/providers/Microsoft.ApiManagement/service")
    assert [each["name"] for each in everywhere.body["value"]] == ["contoso-gateway"]
    assert group.body == {"value": []}


def test_an_import_into_a_service_that_goes_meanwhile_leaves_nothing_behind() -> None:
    client = azure(service_update_time=1, import_time=5)
    text = json.dumps({"openapi": "3.0.0", "info": {}, "paths": {}})
    got = client.put(f"{GATEWAY}/apis/x", api("x", format="openapi+json", value=text))
    assert got.status == 201
    client.delete(GATEWAY)
    client.simulator.clock.advance(10)
    assert not [id for id in client.simulator.resources() if id.startswith(GATEWAY)]


def test_nothing_can_be_written_into_a_service_that_is_being_deleted() -> None:
    client = azure(activating_refusal="422")
    assert client.delete(GATEWAY).status == 202
    for refused in (
        client.put(f"{GATEWAY}/apis/x", api("x")),
        client.patch(f"{GATEWAY}/apis/orders-api", {"properties": {"description": "x"}}),
        client.delete(f"{GATEWAY}/apis/orders-api"),
    ):
        assert (refused.status, refused.code) == (409, "ServiceLocked")
    assert client.get(f"{GATEWAY}/apis/orders-api").status == 200
