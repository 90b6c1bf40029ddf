"""How model deployments behave: states, models, SKUs, quota, pausing."""

from typing import Any

import pytest

from simulator.cognitive.deployments import STATES
from tests.simulator.asking import EAST, JSON, WEST, S, azure

GPT = f"{WEST}/deployments/gpt"


def deployment(model: str = "gpt-4o", sku: str | None = "Standard", capacity: int = 10, **more: Any) -> JSON:
    named = {"format": more.pop("format", "OpenAI"), "name": model}
    if "version" in more:
        named["version"] = more.pop("version")
    body: JSON = {"properties": {"model": named, **more}}
    return body | ({"sku": {"name": sku, "capacity": capacity}} if sku else {})


def test_a_deployment_without_a_sku_is_standard_with_one_unit() -> None:
    got = azure().put(GPT, deployment(sku=None))
    assert (got.status, got.body["sku"]) == (201, {"name": "Standard", "capacity": 1})
    assert got.body["properties"]["rateLimits"][1]["count"] == 1000


def test_a_model_that_nobody_offers_is_refused() -> None:
    client = azure()
    got = client.put(GPT, deployment("gptx-1"))
    assert (got.status, got.code) == (400, "DeploymentModelNotSupported")
    assert got.message == "The model 'Format:OpenAI,Name:gptx-1,Version:1' of account deployment is not supported."
    assert client.put(GPT, deployment("thing", format="Nobody")).code == "DeploymentModelNotSupported"
    assert GPT not in client.simulator.resources()


def test_partners_models_are_for_aiservices_accounts() -> None:
    client = azure()
    body = deployment("Mistral-Large-3", "GlobalStandard", format="Mistral AI")
    assert client.put(f"{EAST}/deployments/m", body).code == "DeploymentModelNotSupported"
    assert client.put(f"{WEST}/deployments/m", body).status == 201


def test_versions_are_only_looked_at_when_asked_to() -> None:
    odd = deployment(version="1999-01-01")
    assert azure().put(GPT, odd).status == 201
    assert azure(models="strict").put(GPT, odd).code == "DeploymentModelNotSupported"
    assert azure(models="strict").put(GPT, deployment(version="2024-11-20")).status == 201


@pytest.mark.parametrize(("model", "sku"), [("whisper", "ProvisionedManaged"), ("gpt-4o", "Hourly")])
def test_a_sku_that_a_model_does_not_have_is_refused(model: str, sku: str) -> None:
    got = azure().put(GPT, deployment(model, sku))
    assert (got.status, got.code) == (400, "InvalidResourceProperties")
    assert got.message.startswith(f"The specified SKU '{sku}' of account deployment is not supported by the model ")


@pytest.mark.parametrize(
    "sku", ["GlobalStandard", "DataZoneStandard", "GlobalProvisionedManaged", "GlobalBatch", "DataZoneBatch"]
)
def test_the_other_skus_are_taken_and_only_the_standard_ones_have_rates(sku: str) -> None:
    got = azure().put(GPT, deployment(sku=sku))
    assert (got.status, got.body["sku"]["name"]) == (201, sku)
    assert ("rateLimits" in got.body["properties"]) == sku.endswith("Standard")


def test_whisper_counts_requests_only() -> None:
    got = azure().put(GPT, deployment("whisper", capacity=3))
    assert got.body["properties"]["rateLimits"] == [{"key": "request", "renewalPeriod": 60, "count": 3}]


def test_quota_is_counted_by_region_model_and_sku() -> None:
    client = azure(deployment_quota=100)
    got = client.put(f"{EAST}/deployments/more", deployment(capacity=30))  # 80 of gpt-4o are there
    assert (got.status, got.code) == (400, "InsufficientQuota")
    assert got.message == (
        "This operation require 30 new capacity in quota Tokens Per Minute (thousands) - gpt-4o, which is bigger "
        "than the current available capacity 20. The current quota usage is 80 and the quota limit is 100 for "
        "quota Tokens Per Minute (thousands) - gpt-4o."
    )
    assert client.put(f"{EAST}/deployments/more", deployment(capacity=20)).status == 201
    assert client.put(f"{EAST}/deployments/global", deployment(sku="GlobalStandard", capacity=100)).status == 201
    assert client.put(GPT, deployment(capacity=100)).status == 201  # another region
    assert client.patch(f"{EAST}/deployments/gpt-4o", {"sku": {"capacity": 80}}).status == 200
    usages = client.get(f"{S}/providers/Microsoft.CognitiveServices/locations/eastus/usages").body["value"]
    assert {
        "name": {"value": "OpenAI.Standard.gpt-4o", "localizedValue": "Tokens Per Minute (thousands) - gpt-4o"},
        "currentValue": 100,
        "limit": 100,
        "unit": "Count",
    } in usages


@pytest.mark.parametrize("state", STATES)
def test_a_world_can_hold_a_deployment_in_every_state_and_one_that_moves_blocks_its_siblings(state: str) -> None:
    client = azure()
    client.simulator.put(GPT, deployment(provisioningState=state))
    assert client.get(GPT).body["properties"]["provisioningState"] == state
    moving = state in {"Accepted", "Creating", "Deleting", "Moving"}
    assert (client.put(f"{GPT}-2", deployment()).status == 409) == moving
    assert (client.delete(GPT).status == 409) == moving


def test_a_state_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no state 'Sleeping'"):
        azure().simulator.put(GPT, deployment(provisioningState="Sleeping"))


def test_a_deletion_can_take_time() -> None:
    client = azure(deployment_time=10)
    client.simulator.put(GPT, deployment())
    got = client.delete(GPT)
    assert (got.status, got.body) == (202, None)
    assert client.follow(got.headers["Azure-AsyncOperation"]).body["status"] == "Deleting"
    assert client.put(f"{GPT}-2", deployment()).code == "RequestConflict"
    client.simulator.clock.advance(10)
    assert client.follow(got.headers["Azure-AsyncOperation"]).body["status"] == "Succeeded"
    assert client.get(GPT).status == 404


def test_a_deployment_that_fails_says_so() -> None:
    client = azure(deployment_time=10)
    client.simulator.fail(match="PUT", async_=True, code="InternalServerError")
    got = client.put(GPT, deployment())
    client.simulator.clock.advance(10)
    poll = client.follow(got.headers["Azure-AsyncOperation"]).body
    assert (poll["status"], poll["error"]["code"]) == ("Failed", "InternalServerError")
    assert client.get(GPT).body["properties"]["provisioningState"] == "Failed"


def test_a_paused_deployment_is_told_of_since_2025_12_01_only() -> None:
    client = azure()
    client.put(GPT, deployment())
    new = "2025-12-01"
    assert client.get(GPT, version=new).body["properties"]["deploymentState"] == "Running"
    assert client.ask("POST", f"{GPT}/pause", version=new).body["properties"]["deploymentState"] == "Paused"
    assert client.get(GPT, version=new).body["properties"]["deploymentState"] == "Paused"
    assert "deploymentState" not in client.get(GPT, version="2025-09-01").body["properties"]
    assert client.put(GPT, deployment(capacity=20), version=new).body["properties"]["deploymentState"] == "Paused"
    assert client.ask("POST", f"{GPT}/resume", version=new).body["properties"]["deploymentState"] == "Running"
    assert client.ask("POST", f"{GPT}/pause", version="2025-09-01").status == 404


def test_spillover_needs_a_deployment_to_spill_into() -> None:
    client = azure()
    client.put(GPT, deployment())
    spilling = deployment(sku="ProvisionedManaged", spilloverDeploymentName="gpt")
    assert client.put(f"{GPT}-p", spilling).status == 201
    spilling["properties"]["spilloverDeploymentName"] = "none"
    assert client.put(f"{GPT}-q", spilling).code == "InvalidResourceProperties"


@pytest.mark.parametrize("name", ["Microsoft.Default", "Microsoft.DefaultV2"])
def test_the_content_filter_may_have_a_default(name: str) -> None:
    assert "raiPolicyName" not in azure().put(GPT, deployment()).body["properties"]
    client = azure(rai_policy=name)
    assert client.put(GPT, deployment()).body["properties"]["raiPolicyName"] == name
    assert client.put(GPT, deployment(raiPolicyName="mine")).body["properties"]["raiPolicyName"] == "mine"


def test_where_the_data_stays_is_told_in_america_and_europe() -> None:
    client = azure()
    for location, area in (("eastus", "US"), ("swedencentral", "EUR"), ("japaneast", None)):
        account = WEST.replace("contoso-west", f"in-{location}")
        client.simulator.put(account, {"location": location, "kind": "OpenAI", "sku": {"name": "S0"}})
        got = client.put(f"{account}/deployments/x", deployment("gpt-4o-mini"))
        assert got.body["properties"]["capabilities"].get("area") == area
