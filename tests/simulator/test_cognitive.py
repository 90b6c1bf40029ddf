from typing import Any

import pytest

from tests.simulator.asking import EAST, JSON, WEST, S, azure

FRESH = EAST.replace("contoso-east", "fresh")
ACCOUNT: JSON = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}}
GPT = f"{WEST}/deployments/gpt"


def deployment(model: str = "gpt-4o", version: str = "2024-08-06", sku: str = "Standard", **more: Any) -> JSON:
    return {
        "sku": {"name": sku, "capacity": 10},
        "properties": {"model": {"format": "OpenAI", "name": model, "version": version}, **more},
    }


def test_a_new_account_is_creating_and_tells_so_by_azure_asyncoperation_alone() -> None:
    client = azure(account_create_time=30)
    got = client.put(FRESH, ACCOUNT)
    assert (got.status, got.body["properties"]["provisioningState"]) == (201, "Creating")
    assert not {"Location", "Retry-After"} & set(got.headers)
    url = got.headers["Azure-AsyncOperation"]
    assert "api-version=2017-04-18" in url
    assert client.follow(url).body["status"] == "Creating"
    busy = client.put(f"{FRESH}/deployments/gpt", deployment())
    assert (busy.status, busy.code) == (409, "AccountProvisioningStateInvalid")
    client.simulator.clock.advance(30)
    done = client.follow(url).body
    assert (done["status"], set(done)) == ("Succeeded", {"id", "name", "status", "startTime", "endTime"})
    assert client.get(FRESH).body["properties"]["provisioningState"] == "Succeeded"


def test_the_etag_of_an_account_has_its_quotes_inside_the_body() -> None:
    got = azure().get(EAST)
    assert got.body["etag"] == got.headers["ETag"]
    assert got.body["etag"].startswith('"')


def test_endpoints_depend_on_the_kind_and_on_a_custom_subdomain() -> None:
    client = azure()

    def endpoint(account: str, group: str = "rg-ai-west") -> JSON:
        path = f"{S}/resourceGroups/{group}/providers/Microsoft.CognitiveServices/accounts/{account}"
        properties: JSON = client.get(path).body["properties"]
        return properties

    east, west = endpoint("contoso-east", "rg-ai-east"), endpoint("contoso-west")
    model_api = "OpenAI Language Model Instance API"
    assert (east["endpoint"], east["endpoints"][model_api]) == ("https://contoso-east.openai.azure.com/",) * 2
    assert west["endpoint"] == "https://contoso-west.cognitiveservices.azure.com/"
    assert west["endpoints"][model_api] == "https://contoso-west.openai.azure.com/"
    assert endpoint("contoso-legacy")["endpoint"] == "https://westus.api.cognitive.microsoft.com/"
    assert "customSubDomainName" not in endpoint("contoso-legacy")


def test_accounts_are_listed_by_subscription_and_by_group_and_in_pages() -> None:
    client = azure(page_size=2)
    everywhere = f"{S}/providers/Microsoft.CognitiveServices/accounts"
    first = client.get(everywhere)
    assert [each["name"] for each in first.body["value"]] == ["contoso-east", "contoso-legacy"]
    assert "%24skiptoken=2" in first.body["nextLink"]
    second = client.follow(first.body["nextLink"].replace(":443", "").replace("%24", "$"))
    assert [each["name"] for each in second.body["value"]] == ["contoso-speech", "contoso-west"]
    group = client.get(f"{S}/resourceGroups/rg-fabrikam/providers/Microsoft.CognitiveServices/accounts").body
    assert [each["name"] for each in group["value"]] == ["fabrikam-openai"]
    assert "nextLink" not in group


def test_tags_of_an_account_are_replaced_by_a_patch() -> None:
    client = azure()
    got = client.patch(EAST, {"tags": {"a": "b"}})
    assert (got.status, got.body["tags"]) == (200, {"a": "b"})
    assert got.body["properties"]["customSubDomainName"] == "contoso-east"


def test_a_subdomain_belongs_to_one_account_and_never_changes() -> None:
    client = azure()
    taken = client.put(FRESH, {**ACCOUNT, "properties": {"customSubDomainName": "Contoso-East"}})
    assert (taken.status, taken.code) == (409, "CustomDomainInUse")
    assert client.patch(EAST, {"properties": {"customSubDomainName": "other"}}).status == 400


def test_a_deleted_account_is_gone_at_once_and_its_name_is_kept_aside_for_two_days() -> None:
    client = azure()
    assert client.delete(EAST).status == 200
    gone = client.get(f"{EAST}/deployments/gpt-4o")
    assert (gone.status, gone.headers["x-ms-failure-cause"]) == (404, "gateway")
    assert client.put(EAST, ACCOUNT).code == "FlagMustBeSetForRestore"
    assert client.put(EAST, {**ACCOUNT, "properties": {"restore": True}}).status == 201
    assert client.delete(f"{EAST}-never").status == 204


def test_a_deployment_succeeds_at_once_with_capabilities_and_limits_of_its_model() -> None:
    got = azure().put(GPT, deployment())
    assert got.status == 201
    assert not {"Location", "Azure-AsyncOperation"} & set(got.headers)
    properties = got.body["properties"]
    assert properties["provisioningState"] == "Succeeded"
    assert properties["capabilities"]["chatCompletion"] == "true"
    assert properties["capabilities"]["maxContextToken"] == "128000"
    assert properties["rateLimits"] == [
        {"key": "request", "renewalPeriod": 10, "count": 10},
        {"key": "token", "renewalPeriod": 60, "count": 10000},
    ]
    assert list(got.body) == ["id", "type", "name", "sku", "properties", "systemData", "etag"]


@pytest.mark.parametrize(
    ("model", "sku", "capability", "tokens"),
    [
        ("text-embedding-3-large", "Standard", "embeddings", 10000),
        ("o3-mini", "GlobalStandard", "responses", 100000),
        ("o1", "Standard", "chatCompletion", 60000),
        ("dall-e-3", "Standard", "imageGenerations", 10000),
        ("gpt-4o", "ProvisionedManaged", "chatCompletion", None),
    ],
)
def test_capabilities_and_limits_follow_the_family_and_the_sku(
    model: str, sku: str, capability: str, tokens: int | None
) -> None:
    properties = azure().put(GPT, deployment(model, "1", sku)).body["properties"]
    assert properties["capabilities"][capability] == "true"
    limits = {each["key"]: each["count"] for each in properties.get("rateLimits", [])}
    assert limits.get("token") == tokens


def test_a_deployment_can_take_time_and_then_its_siblings_wait() -> None:
    client = azure(deployment_time=10)
    got = client.put(GPT, deployment())
    assert (got.status, got.body["properties"]["provisioningState"]) == (201, "Creating")
    sibling = client.put(f"{GPT}-2", deployment())
    assert (sibling.status, sibling.code) == (409, "RequestConflict")
    client.simulator.clock.advance(10)
    assert client.get(GPT).body["properties"]["provisioningState"] == "Succeeded"
    assert client.put(f"{GPT}-2", deployment()).status == 201


def test_a_missing_deployment_has_its_own_code() -> None:
    got = azure().get(GPT)
    assert got.body == {"error": {"code": "NotFound", "message": f"Specified resource '{GPT}' cannot be found."}}
    assert "x-ms-failure-cause" not in got.headers


def test_a_deployment_is_updated_patched_and_deleted() -> None:
    client = azure()
    client.put(GPT, deployment())
    updated = client.put(GPT, deployment(version="2024-11-20"))
    assert updated.status == 200
    assert "maxContextToken" not in updated.body["properties"]["capabilities"]
    patched = client.patch(GPT, {"sku": {"name": "Standard", "capacity": 20}})
    assert patched.body["properties"]["currentCapacity"] == 20
    assert client.patch(GPT, {"sku": {"capacity": 30}}).body["sku"] == {"name": "Standard", "capacity": 30}
    assert client.patch(GPT, {"properties": {}}).status == 400
    assert (client.delete(GPT).status, client.delete(GPT).status) == (200, 204)


def test_only_accounts_for_models_have_deployments() -> None:
    got = azure().put(WEST.replace("contoso-west", "contoso-speech") + "/deployments/x", deployment())
    assert (got.status, got.code) == (400, "OperationNotSupported")


def test_the_world_can_hold_a_deployment_in_any_state() -> None:
    client = azure()
    client.simulator.put(GPT, deployment(provisioningState="Failed", capabilities={}))
    properties = client.get(GPT).body["properties"]
    assert (properties["provisioningState"], properties["capabilities"]) == ("Failed", {})
