"""Each long-running operation can be made to fail after it was accepted, and leaves the world as it was."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.simulator.asking import EAST, GATEWAY, JSON, Azure, Got, S, azure, policy
from tests.simulator.documents import imported, operation

API = f"{GATEWAY}/apis/orders-api"
GROUP = f"{S}/resourceGroups/rg-ai-east"
ACCOUNT = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/fresh"
DOCUMENT = imported({"/a": {"get": operation("a")}}, path="x")
MODEL = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}


@dataclass
class Slow:
    """A long-running write, and where it is looked at afterwards."""

    ask: Callable[[Azure], Got]
    id: str
    accepted: int
    left: JSON | None  # what some properties are after the failure; None: it is not there


CASES = {
    "import": Slow(lambda azure: azure.put(f"{GATEWAY}/apis/x", DOCUMENT), f"{GATEWAY}/apis/x", 201, None),
    "import into an API": Slow(
        lambda azure: azure.put(API, imported({"/a": {"get": operation("a")}}, path="orders")),
        API,
        200,
        {"displayName": "Orders", "description": "What customers bought."},
    ),
    "deletion of an API": Slow(lambda azure: azure.delete(API), API, 202, {"displayName": "Orders"}),
    "named value": Slow(
        lambda azure: azure.put(f"{GATEWAY}/namedValues/n", {"properties": {"displayName": "n", "value": "v"}}),
        f"{GATEWAY}/namedValues/n",
        201,
        None,
    ),
    "policy fragment": Slow(
        lambda azure: azure.put(f"{GATEWAY}/policyFragments/f", {"properties": {"value": "<fragment />"}}),
        f"{GATEWAY}/policyFragments/f",
        201,
        None,
    ),
    "update of a service": Slow(
        lambda azure: azure.patch(GATEWAY, {"tags": {"a": "b"}}),
        GATEWAY,
        202,
        {"provisioningState": "Failed"},
    ),
    "account": Slow(
        lambda azure: azure.put(
            ACCOUNT, {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "properties": {}}
        ),
        ACCOUNT,
        201,
        {"provisioningState": "Failed"},
    ),
    "deployment": Slow(
        lambda azure: azure.put(
            f"{EAST}/deployments/d", {"sku": {"name": "Standard", "capacity": 1}, "properties": {"model": MODEL}}
        ),
        f"{EAST}/deployments/d",
        201,
        {"provisioningState": "Failed"},
    ),
}


def without_state(body: JSON) -> JSON:
    """A resource without what any write changes."""
    kept = {name: value for name, value in body.items() if name != "etag"}
    changing = {"provisioningState", "targetProvisioningState"}
    return kept | {
        "properties": {name: value for name, value in body["properties"].items() if name not in changing}
    }


@pytest.mark.parametrize("case", CASES)
def test_it_is_accepted_and_fails_with_the_scripted_error(case: str) -> None:
    slow = CASES[case]
    client = azure(deployment_time=5)
    before = client.simulator.resources().get(slow.id)
    client.simulator.fail(async_=True, code="InternalServerError", body={"code": "Sorry", "message": "It failed."})
    accepted = slow.ask(client)
    assert accepted.status == slow.accepted
    client.simulator.clock.advance(120)
    found = client.simulator.resources().get(slow.id)
    status = client.follow(accepted.headers["Azure-AsyncOperation"]).body if case != "deployment" else None
    if status is not None:
        assert (status["status"], status["error"]["code"], status["error"]["message"]) == (
            "Failed",
            "Sorry",
            "It failed.",
        )
    if slow.left is None:
        assert found is None
    else:
        assert found is not None
        assert {name: found["properties"][name] for name in slow.left} == slow.left
        if before is not None:
            assert without_state(found) == without_state(before)


@pytest.mark.parametrize("case", CASES)
def test_it_succeeds_when_asked_again(case: str) -> None:
    slow = CASES[case]
    client = azure(deployment_time=5)
    client.simulator.fail(async_="It failed.")
    slow.ask(client)
    client.simulator.clock.advance(120)
    again = slow.ask(client)
    client.simulator.clock.advance(120)
    assert again.status in {slow.accepted, 200}
    found = client.simulator.resources().get(slow.id)
    if case == "deletion of an API":
        assert found is None
    else:
        assert found is not None
        assert found["properties"].get("provisioningState", "Succeeded") == "Succeeded"


def test_a_fault_for_a_later_answer_leaves_what_takes_no_time_alone() -> None:
    client = azure()
    client.simulator.fail(async_=True)
    assert client.put(f"{API}/policies/policy", policy("<base />")).status == 200
