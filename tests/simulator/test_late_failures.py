"""Each long-running operation can be made to fail after it was accepted, and leaves the world as it was."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from json import JSONDecodeError

import pytest

from simulator.app import ConnectionCut
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


@pytest.mark.parametrize(("code", "status"), [("ValidationError", 400), ("InternalServerError", 500)])
@pytest.mark.parametrize("case", ["import", "update of a service"])
def test_its_location_answers_with_the_status_that_fits_the_error(case: str, code: str, status: int) -> None:
    client = azure()
    client.simulator.fail(async_=True, code=code)
    accepted = CASES[case].ask(client)
    client.simulator.clock.advance(120)
    got = client.follow(accepted.headers["Location"])
    assert (got.status, got.code) == (status, code)


def came_of(client: Azure) -> list[tuple[int, int]]:
    """How often each fault of the script matched and struck."""
    return [(each["seen"], each["struck"]) for each in client.simulator.faults.shown()]


def has_failed(client: Azure, accepted: Got) -> bool:
    """Whether an operation failed in the end."""
    client.simulator.clock.advance(120)
    body = client.follow(accepted.headers["Azure-AsyncOperation"]).body
    return bool(body["status"] == "Failed")


def named_value(client: Azure, name: str) -> Got:
    """A write that is long-running."""
    return client.put(f"{GATEWAY}/namedValues/{name}", {"properties": {"displayName": name, "value": "v"}})


def test_a_fault_for_a_later_answer_waits_for_a_request_that_starts_an_operation() -> None:
    client = azure()
    client.simulator.fail(match="PUT|PATCH", async_=True, delay=5)
    assert client.put(f"{API}/policies/policy", policy("<base />")).status == 200
    assert client.patch(API, {"properties": {"description": "x"}}).body["properties"]["description"] == "x"
    assert client.put(f"{GATEWAY}/apis/x", imported({}, path="orders")).status == 400
    assert (client.simulator.clock.seconds(), came_of(client)) == (0, [(3, 0)])
    accepted = named_value(client, "a")
    assert (client.simulator.clock.seconds(), came_of(client)) == (5, [(4, 1)])
    assert has_failed(client, accepted)
    assert not has_failed(client, named_value(client, "a"))
    assert came_of(client) == [(5, 1)]


def test_so_many_operations_fail_from_the_nth_matching_request_on() -> None:
    client = azure()
    client.simulator.fail(match="PUT", async_=True, nth=2, times=2)
    found = [has_failed(client, named_value(client, "a"))]
    client.put(f"{API}/policies/policy", policy("<base />"))
    found += [has_failed(client, named_value(client, name)) for name in "bcd"]
    assert found == [False, True, True, False]


def test_a_fault_that_waits_for_an_operation_lets_the_others_go_first() -> None:
    client = azure()
    client.simulator.fail(match="PUT", async_=True)
    client.simulator.fail(match="PUT", answer=500)
    assert named_value(client, "a").status == 500
    assert has_failed(client, named_value(client, "a"))
    assert came_of(client) == [(2, 1), (2, 1)]


@pytest.mark.parametrize(
    ("fault", "error"),
    [({"drop": True, "after": True}, ConnectionCut), ({"truncate": True}, JSONDecodeError)],
)
def test_the_answer_to_a_write_that_will_fail_may_be_lost_or_spoilt_too(
    fault: JSON, error: type[Exception]
) -> None:
    client = azure()
    client.simulator.fail(match="PUT", async_=True, **fault)
    assert client.put(f"{API}/policies/policy", policy("<base />")).status == 200
    with pytest.raises(error):
        named_value(client, "a")
    client.simulator.clock.advance(120)
    assert f"{GATEWAY}/namedValues/a" not in client.simulator.resources()


def test_two_requests_at_once_share_one_failure() -> None:
    client = azure(real_time=True, write_latency=0.2, named_value_time=0)
    client.simulator.fail(match="PUT", async_=True)
    with ThreadPoolExecutor(2) as pool:
        accepted = list(pool.map(partial(named_value, client), "ab"))
    states = {client.follow(each.headers["Azure-AsyncOperation"]).body["status"] for each in accepted}
    assert (states, came_of(client)) == ({"Failed", "Succeeded"}, [(2, 1)])
