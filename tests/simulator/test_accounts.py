"""What else accounts do: limits, keys, fixed things, soft deletion, models."""

from typing import Any

import pytest

from simulator import Simulator
from tests.simulator.asking import EAST, JSON, WEST, Azure, S, azure

PROVIDER = f"{S}/providers/Microsoft.CognitiveServices"
FRESH = EAST.replace("contoso-east", "fresh")
DELETED = f"{PROVIDER}/locations/eastus/resourceGroups/rg-ai-east/deletedAccounts/contoso-east"


def account(kind: str = "OpenAI", **properties: Any) -> JSON:
    return {"location": "eastus", "kind": kind, "sku": {"name": "S0"}, "properties": properties}


def test_an_openai_account_has_the_recorded_limits_and_capabilities() -> None:
    properties = azure().get(EAST).body["properties"]
    rules = {each["key"]: each for each in properties["callRateLimit"]["rules"]}
    assert len(rules) == 12
    assert (rules["openai.batches.get"]["count"], rules["openai.batches.get"]["renewalPeriod"]) == (500, 60)
    assert len(rules["openai.assistants.default"]["matchPatterns"]) == 6
    capabilities = {each["name"]: each.get("value") for each in properties["capabilities"]}
    assert (len(capabilities), capabilities["MaxFineTuneCount"], capabilities["RaiMonitor"]) == (13, "500", None)


def test_accounts_grew_a_field_and_an_endpoint_within_months() -> None:
    june, october = (azure(account_shape=shape).get(EAST).body["properties"] for shape in ("2025-06", "2025-10"))
    assert "allowProjectManagement" not in june
    assert october["allowProjectManagement"] is False
    assert set(october["endpoints"]) - set(june["endpoints"]) == {"Azure OpenAI Legacy API - Latest moniker"}


def test_keys_are_listed_made_anew_and_refused_when_they_are_switched_off() -> None:
    client = azure()
    keys = client.ask("POST", f"{EAST}/listKeys").body
    assert set(keys) == {"key1", "key2"}
    assert client.ask("POST", f"{EAST}/listkeys").body == keys
    new = client.ask("POST", f"{EAST}/regenerateKey", {"keyName": "Key2"}).body
    assert (new["key1"] == keys["key1"], new["key2"] == keys["key2"]) == (True, False)
    assert client.ask("POST", f"{EAST}/regenerateKey", {"keyName": "Key3"}).status == 400
    client.patch(EAST, {"properties": {"disableLocalAuth": True}})
    refused = client.ask("POST", f"{EAST}/listKeys")
    assert (refused.status, refused.code) == (400, "BadRequest")
    assert refused.message == "Failed to list key. disableLocalAuth is set to be true"
    assert client.ask("POST", f"{EAST}-none/listKeys").status == 404
    assert client.ask("POST", f"{EAST}/makeCoffee").status == 405


def test_an_account_keeps_its_region_and_its_kind_but_openai_can_become_aiservices() -> None:
    client = azure()
    moved = client.put(EAST, {**account(), "location": "westus"})
    assert (moved.status, moved.code) == (409, "InvalidResourceLocation")
    assert client.put(EAST, account("SpeechServices")).status == 400
    got = client.put(EAST, account("AIServices"))
    assert (got.status, got.body["kind"]) == (200, "AIServices")
    assert got.body["properties"]["customSubDomainName"] == "contoso-east"


@pytest.mark.parametrize("name", ["-x", "a_b", "a.b", "x"])
def test_a_subdomain_is_the_name_of_a_host(name: str) -> None:
    assert azure().put(FRESH, account(customSubDomainName=name)).status == 400


def test_network_rules_are_filled_up() -> None:
    client = azure()
    client.patch(EAST, {"properties": {"networkAcls": {"defaultAction": "Deny"}}})
    acls = client.get(EAST).body["properties"]["networkAcls"]
    assert acls == {"virtualNetworkRules": [], "ipRules": [], "defaultAction": "Deny"}


def test_a_change_can_take_time_and_then_nothing_else_is_done() -> None:
    client = azure(account_update_time=20)
    got = client.patch(EAST, {"tags": {"a": "b"}})
    assert (got.status, got.body["properties"]["provisioningState"]) == (200, "Accepted")
    assert client.follow(got.headers["Azure-AsyncOperation"]).body["status"] == "Accepted"
    assert client.patch(EAST, {"tags": {}}).code == "AccountProvisioningStateInvalid"
    assert client.delete(f"{EAST}/deployments/gpt-4o").code == "AccountProvisioningStateInvalid"
    assert client.delete(EAST).status == 409
    client.simulator.clock.advance(20)
    assert client.get(EAST).body["properties"]["provisioningState"] == "Succeeded"
    assert client.delete(EAST).status == 200


def test_a_deletion_can_take_time() -> None:
    client = azure(account_delete_time=20)
    got = client.delete(EAST)
    assert (got.status, client.get(EAST).body["properties"]["provisioningState"]) == (202, "Deleting")
    client.simulator.clock.advance(20)
    assert client.follow(got.headers["Azure-AsyncOperation"]).body["status"] == "Succeeded"
    assert client.get(EAST).status == 404
    assert client.get(DELETED).body["properties"]["provisioningState"] == "Succeeded"


def gone() -> Azure:
    client = azure(account_create_time=10)
    client.delete(EAST)
    return client


def test_a_deleted_account_is_listed_and_found_below_its_location() -> None:
    client = gone()
    one = client.get(DELETED).body
    assert client.get(f"{PROVIDER}/deletedAccounts").body == {"value": [one]}
    assert (one["id"], one["type"]) == (DELETED, "Microsoft.CognitiveServices/deletedAccounts")
    assert list(one["properties"])[-3:] == ["deletionDate", "scheduledPurgeDate", "provisioningState"]
    assert one["properties"]["deletionDate"] == "2026-01-01T00:00:00.0000000Z"
    assert one["properties"]["scheduledPurgeDate"] == "2026-01-03T00:00:00.0000000Z"
    assert client.get(DELETED.replace("eastus", "westus")).code == "NotFound"
    client.simulator.clock.advance(48 * 3600 + 1)
    assert client.get(f"{PROVIDER}/deletedAccounts").body == {"value": []}
    assert client.put(EAST, account()).status == 201


def test_a_restored_account_is_the_old_one_with_its_deployments() -> None:
    client = azure(account_create_time=10)
    before = client.get(EAST).body
    client.delete(EAST)
    got = client.put(EAST, {"location": "eastus", "properties": {"restore": True}})
    assert (got.status, got.body["properties"]["provisioningState"]) == (201, "Creating")
    client.simulator.clock.advance(10)
    after = client.get(EAST).body
    assert after["properties"] == before["properties"]
    assert after["tags"] == before["tags"]
    names = [each["name"] for each in client.get(f"{EAST}/deployments").body["value"]]
    assert names == ["gpt-4o", "text-embedding-3-small"]
    assert client.get(DELETED).status == 404
    assert client.put(FRESH, account(restore=True)).status == 404


def test_a_purged_account_is_forgotten() -> None:
    client = gone()
    assert client.put(FRESH, account(customSubDomainName="contoso-east")).code == "CustomDomainInUse"
    assert [client.delete(DELETED).status for _ in range(2)] == [200, 204]
    assert client.put(EAST, account(customSubDomainName="contoso-east")).status == 201
    assert client.get(f"{EAST}/deployments").body["value"] == []


def test_whether_a_subdomain_is_free_can_be_asked() -> None:
    client = azure()

    def free(name: str) -> Any:
        body = {"subdomainName": name, "type": "Microsoft.CognitiveServices/accounts"}
        return client.ask("POST", f"{PROVIDER}/checkDomainAvailability", body).body["isSubdomainAvailable"]

    assert (free("Contoso-East"), free("new")) == (False, True)
    client.delete(EAST)
    assert free("contoso-east") is False


def test_models_are_listed_for_a_region_and_for_an_account() -> None:
    client = azure()
    region = client.get(f"{PROVIDER}/locations/eastus/models").body["value"]
    names = {each["name"]: each["model"] for each in region}
    assert names["OpenAI.gpt-35-turbo.0125"]["capabilities"]["maxContextToken"] == "16385"
    assert names["OpenAI.gpt-4o.2024-08-06"]["isDefaultVersion"] is True
    assert {each["name"] for each in names["OpenAI.gpt-4o.2024-08-06"]["skus"]} >= {"Standard", "GlobalBatch"}
    mine = client.get(f"{EAST}/models").body["value"]
    assert {"format", "name", "version"} <= set(mine[0])
    assert len(mine) == len(region)
    speech = WEST.replace("contoso-west", "contoso-speech")
    assert client.get(f"{speech}/models").body == {"value": []}
    assert client.get(f"{EAST}-none/models").status == 404
    assert client.get(f"{EAST}/usages").body["value"][0]["name"]["value"] == "OpenAI.Standard.gpt-4o"


@pytest.mark.parametrize("version", ["2024-10-01", "2025-06-01", "2025-09-01", "2025-12-01", "2026-05-15-preview"])
def test_every_api_version_in_use_is_answered(version: str) -> None:
    client = azure()
    assert client.get(EAST, version=version).status == 200
    assert client.get(f"{EAST}/deployments", version=version).status == 200


def test_assigning_an_identity_needs_leave_to_assign_it() -> None:
    client = Azure(Simulator(enforce_role={"Actions": ["Microsoft.CognitiveServices/*"]}))
    name = (
        "resourceGroups/rg-gateway/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-gateway-keyvault"
    )
    identity = {"type": "UserAssigned", "userAssignedIdentities": {f"{S}/{name}": {}}}
    assert client.patch(EAST, {"identity": identity}).code == "LinkedAuthorizationFailed"


def test_the_principal_of_an_account_goes_and_comes_back_with_it() -> None:
    client = azure(principal_replication=0, account_create_time=0)
    principal = client.patch(EAST, {"identity": {"type": "SystemAssigned"}}).body["identity"]["principalId"]
    client.delete(EAST)
    assert client.simulator.cloud.directory.find(principal) is None
    client.put(EAST, {"location": "eastus", "properties": {"restore": True}})
    assert client.get(EAST).body["identity"]["principalId"] == principal
    assert client.simulator.cloud.directory.find(principal) is not None
