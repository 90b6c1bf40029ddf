"""Azure adds fields and words as it likes: none of them stops a run or is taken for drift."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from reconciler.app import App
from reconciler.arm import Clients
from reconciler.clouds import CLOUDS
from reconciler.signin import FixedToken
from simulator import Simulator
from simulator.transport import SimulatorTransport
from tests.local import NoStore, config, writes

NEW: dict[str, Any] = {"newField": {"a": [1, None, "x"]}, "newFlag": True, "newNull": None}
WORDS = {"sku": "UltraV9", "kind": None, "type": None}


class Tomorrow:
    """A simulator whose answers have fields that nobody knows yet, at every level, and new words for states."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.clock = simulator.clock

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answered: list[Any] = []
        body = b"".join(self.simulator(environ, lambda *answer: answered.extend(answer)))
        status, headers = answered[:2]
        if body and status.startswith("2"):
            body = json.dumps(grown(json.loads(body))).encode()
            headers = [(n, str(len(body)) if n.lower() == "content-length" else v) for n, v in headers]
        start_response(status, headers)
        return [body]


def grown(value: Any) -> Any:
    if isinstance(value, list):
        return [grown(each) for each in value]
    if not isinstance(value, dict):
        return value
    more = {name: grown(each) for name, each in value.items()}
    if {"properties", "id"} & more.keys():
        more |= NEW
    if isinstance(more.get("properties"), dict):
        more["properties"] |= NEW | {"platformVersion": "stv9", "virtualNetworkType": "Quantum"}
    if more.get("type") == "Microsoft.ApiManagement/service":
        more["sku"] = {"name": "UltraV9", "capacity": 1, "newField": 1}
    return more


def app(sim: Simulator) -> App:
    transport = SimulatorTransport(Tomorrow(sim))  # type: ignore[arg-type] # it is called and has a clock
    return App(
        config=config(),
        cloud=CLOUDS["public"],
        clients=Clients(FixedToken("simulator"), "https://management.azure.com", transport),
        store=NoStore(),
        sleep=transport.sleep,
        clock=lambda: sim.clock.now().timestamp(),
        writers=1,
    )


def test_fields_and_words_of_tomorrow_are_no_drift_and_no_crash() -> None:
    sim = Simulator()
    built = app(sim)
    gateway = built.config.gateways[0]
    assert built.run(gateway, dry_run=False).converged
    sim.requests.clear()
    for deep in (False, True):
        report = built.run(gateway, dry_run=False, deep=deep)
        assert report.failure is None
        assert report.converged
    assert writes(sim) == []
