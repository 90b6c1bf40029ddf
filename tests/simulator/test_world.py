import json
from pathlib import Path
from typing import Any

import pytest

from simulator import Simulator
from simulator.apim.service import STATES as SERVICE_STATES
from simulator.cognitive.accounts import STATES as ACCOUNT_STATES
from simulator.world import WorldError
from tests.simulator.asking import EAST, GATEWAY, JSON, azure, policy

CHANGING = {"etag", "systemData", "createdOn", "updatedOn", "createdBy", "updatedBy", "specificationLastUpdated"}


def test_the_built_in_world_is_as_promised() -> None:
    found = azure().simulator.resources()
    gateway = found[GATEWAY]
    assert (gateway["identity"]["type"], gateway["sku"]["name"]) == ("UserAssigned", "StandardV2")
    products = [id for id in found if id.startswith(f"{GATEWAY}/products/") and id.count("/") == 10]
    assert {id.rsplit("/", 1)[1] for id in products} == {
        "ai-platform",
        "starter",
    }
    assert found[f"{GATEWAY}/products/ai-platform"]["properties"]["displayName"] == "AI Platform"
    assert len([id for id in found if id.startswith(f"{GATEWAY}/apis/orders-api/operations/")]) == 3
    assert f"{GATEWAY}/products/starter/apis/orders-api" in found
    assert "legacy-openai" in found[f"{GATEWAY}/apis/legacy-openai-api/policies/policy"]["properties"]["value"]
    accounts = {each["name"]: (each["kind"], each.get("tags")) for id, each in found.items() if each.get("kind")}
    tag = {"ai-gateway": "enabled"}
    assert accounts == {
        "contoso-east": ("OpenAI", tag),
        "contoso-west": ("AIServices", tag),
        "contoso-legacy": ("OpenAI", tag),
        "contoso-speech": ("SpeechServices", None),
        "fabrikam-openai": ("OpenAI", tag),
    }
    deployments = {
        id.split("/")[8] + "/" + each["name"]: each["sku"]["capacity"]
        for id, each in found.items()
        if "/deployments/" in id
    }
    assert deployments == {
        "contoso-east/gpt-4o": 80,
        "contoso-east/text-embedding-3-small": 120,
        "contoso-legacy/gpt-35-turbo": 30,
        "fabrikam-openai/gpt-4o-mini": 50,
    }


def test_two_simulators_with_one_seed_are_equal_and_with_another_are_not() -> None:
    assert Simulator(seed=1).resources() == Simulator(seed=1).resources()
    assert Simulator(seed=1).resources() != Simulator(seed=2).resources()


@pytest.mark.parametrize("world", ["contoso", "fifty"])
def test_what_was_looked_at_can_be_put_back(world: str) -> None:
    simulator = Simulator(world)
    before = simulator.resources()
    for id, body in before.items():
        simulator.put(id, body)
    assert without_times(simulator.resources()) == without_times(before)


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_times(each) for name, each in value.items() if name not in CHANGING}
    return [without_times(each) for each in value] if isinstance(value, list) else value


def test_what_resources_returns_is_the_callers_own() -> None:
    simulator = Simulator()
    simulator.resources()[GATEWAY]["properties"]["publisherName"] = "changed"
    assert simulator.resources()[GATEWAY]["properties"]["publisherName"] == "Contoso"


def test_parents_may_come_after_their_children() -> None:
    source = json.loads((Path(__file__).parents[2] / "simulator/worlds/contoso.json").read_text("utf-8"))
    source["resources"].reverse()
    assert set(Simulator(source).resources()) == set(Simulator().resources())


def test_an_unknown_knob_and_a_wrong_value_are_told() -> None:
    with pytest.raises(TypeError, match="unknown knob colour"):
        Simulator(colour="red")
    for wrong in ({"role_reput": "500"}, {"import_time": "2"}, {"import_time": -1}, {"throttle": 1}, {"seed": 1.5}):
        with pytest.raises(ValueError, match=f"knob {next(iter(wrong))}: "):
            Simulator(**wrong)


def test_a_change_behind_everybodys_back_is_not_locked_takes_no_time_and_may_break_references() -> None:
    client = azure()
    client.put(
        f"{GATEWAY}/apis/x",
        {
            "properties": {
                "path": "x",
                "displayName": "X",
                "format": "openapi+json",
                "value": '{"openapi":"3.0.0","info":{},"paths":{}}',
            }
        },
    )
    client.simulator.delete(f"{GATEWAY}/backends/legacy-openai")
    client.simulator.clock.advance(2)
    client.simulator.put(f"{GATEWAY}/apis/x/policies/policy", policy("<base />"))
    assert f"{GATEWAY}/backends/legacy-openai" not in client.simulator.resources()
    with pytest.raises(ValueError, match="Backend with id 'none' could not be found"):
        client.simulator.put(
            f"{GATEWAY}/apis/x/policies/policy", policy("<set-backend-service backend-id='none'/>")
        )
    with pytest.raises(KeyError):
        client.simulator.delete(f"{GATEWAY}/apis/none")
    with pytest.raises(ValueError, match=r"its parent .* does not exist"):
        client.simulator.put(f"{GATEWAY}/apis/none/policies/policy", policy("<base />"))


def test_an_import_behind_everybodys_back_is_there_at_once() -> None:
    simulator = Simulator()
    document = {"openapi": "3.0.0", "info": {"title": "T"}, "paths": {"/a": {"get": {"operationId": "A_b"}}}}
    simulator.put(
        f"{GATEWAY}/apis/x", {"properties": {"path": "x", "format": "openapi+json", "value": json.dumps(document)}}
    )
    assert f"{GATEWAY}/apis/x/operations/a-b" in simulator.resources()


def in_state(simulator: Simulator, id: str, state: object) -> JSON:
    """A resource as it is, but in another state."""
    body = simulator.resources()[id]
    return {**body, "properties": {**body["properties"], "provisioningState": state}}


@pytest.mark.parametrize("state", ["Bogus", 3, ["Succeeded"]])
@pytest.mark.parametrize(("id", "kind"), [(GATEWAY, "services"), (EAST, "accounts")])
def test_services_and_accounts_are_in_no_state_that_there_is_not(id: str, kind: str, state: object) -> None:
    simulator = Simulator()
    before = simulator.resources()[id]
    with pytest.raises(ValueError, match=f"There is no state '.*' of {kind}"):
        simulator.put(id, in_state(simulator, id, state))
    assert simulator.resources()[id] == before


def test_services_and_accounts_may_be_in_any_state_that_there_is() -> None:
    simulator = Simulator()
    for id, states in ((GATEWAY, SERVICE_STATES), (EAST, ACCOUNT_STATES)):
        for state in states:
            simulator.put(id, in_state(simulator, id, state))
            assert simulator.resources()[id]["properties"]["provisioningState"] == state


@pytest.mark.parametrize("given", [[], "", 0, False, 5, ["contoso"]])
def test_what_is_neither_a_document_nor_a_name_is_no_world(given: Any) -> None:
    with pytest.raises(WorldError, match="a world is an object, the name of a built-in one or a path"):
        Simulator(given)


def test_a_world_is_not_nested_more_deeply_than_a_request() -> None:
    deep: Any = {}
    for _ in range(200):
        deep = {"a": deep}
    with pytest.raises(WorldError, match="nested too deeply"):
        Simulator({"resources": [deep]})
