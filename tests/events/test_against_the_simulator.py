"""What the simulated Azure raises is heard as it was meant: its idea of an event was written apart from ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.events import Heard, heard
from simulator import Simulator
from simulator.entra import CLIENT
from simulator.event_delivery import Delivery
from tests.local import EAST, GATEWAY, LEGACY, config

MODEL = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o"}},
}
BACKEND = {"properties": {"url": "https://contoso-east.openai.azure.com/openai", "protocol": "http"}}


def delivered(simulator: Simulator) -> list[Any]:
    """The bodies that are posted from now on, each as its JSON."""
    bodies: list[Any] = []

    def post(body: bytes, _headers: dict[str, str]) -> int:
        bodies.append(json.loads(body))
        return 200

    delivery = Delivery(simulator.clock, simulator.cloud.knobs, post)
    simulator.listen(delivery.hear)
    simulator.clock.watchers.append(delivery.send_due)
    return bodies


@pytest.mark.parametrize("schema", ["event-grid", "cloud-events"])
def test_two_hundred_events_twice_and_in_any_order_wake_one_gateway(schema: str) -> None:
    simulator = Simulator(events_schema=schema, events_duplicates=1, events_shuffle=30)
    bodies = delivered(simulator)
    for number in range(100):
        simulator.put(f"{EAST}/deployments/d{number}", MODEL)
        simulator.put(f"{GATEWAY}/backends/b{number}", BACKEND)
    simulator.clock.advance(30)
    assert len(bodies) == 400
    found = [heard(body, config()) for body in bodies]
    assert {(each.followed, tuple(w.gateway.text for w in each.wakes)) for each in found} == {(1, (GATEWAY,))}


@pytest.mark.parametrize("schema", ["event-grid", "cloud-events"])
def test_each_kind_of_event_is_counted_as_what_it_is(schema: str) -> None:
    simulator = Simulator(events_schema=schema)
    bodies = delivered(simulator)
    simulator.delete(f"{EAST}/deployments/gpt-4o")  # followed
    simulator.put(f"{LEGACY}/deployments/d", MODEL)  # followed: tags are not looked at
    client, path = CLIENT, f"{GATEWAY}/apis/x"
    simulator.cloud.events.resource("write", path, "Microsoft.ApiManagement/service/apis", client)  # own
    simulator.cloud.events.apim("APICreated", GATEWAY, "/apis/x;Rev=1")  # followed: it does not say whose it is
    simulator.cloud.events.apim("UserCreated", GATEWAY, "/users/1")  # unfollowed
    simulator.cloud.events.action(
        "listKeys", EAST, "Microsoft.CognitiveServices/accounts", client, ""
    )  # unfollowed
    simulator.cloud.events.apim("APIUpdated", f"{GATEWAY}2", "/apis/x;Rev=1")  # elsewhere
    simulator.cloud.events.another("Contoso.Placed", "", "x", {})  # unknown
    simulator.clock.advance(0)
    found = [heard(body, config(), caller=client.app_id) for body in bodies]
    assert sum(each.followed for each in found) == 3
    assert sum(each.own for each in found) == 1
    assert sum(each.unfollowed for each in found) == 2
    assert sum(each.elsewhere for each in found) == 1
    assert [each for each in found if each.unknown] == [Heard(unknown={"Contoso.Placed": 1})]
    assert sum(each.malformed for each in found) == 0
