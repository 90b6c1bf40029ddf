"""How many runs a storm of events costs, how soon the gateway is ready after it, and that no event is lost.

Markers and leases are in a folder, messages in this process, the waits those of the product (coordinate.Pace).
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from rich.table import Table

from reconciler.app import Process
from reconciler.arm import Clients
from reconciler.clouds import CLOUDS
from reconciler.config_source import choose
from reconciler.local_back_end import LocalBackEnd
from reconciler.resource_id import ResourceId
from reconciler.runs import Service
from reconciler.signin import FixedToken
from reconciler.store import FolderStore
from reconciler.turn import marker_of
from simulator import Simulator
from simulator.transport import SimulatorTransport

_SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
_S1 = f"/subscriptions/{_SUBSCRIPTION}"
_GATEWAY = f"{_S1}/resourceGroups/rg-gateway/providers/Microsoft.ApiManagement/service/contoso-gateway"
_ACCOUNT = f"{_S1}/resourceGroups/rg-storm/providers/Microsoft.CognitiveServices/accounts/storm-{{}}"
_CONFIG = f"""owner: contoso-ai-platform
gateways:
  - id: {_GATEWAY}
    accounts: [{{subscription: {_SUBSCRIPTION}, resourceGroups: [rg-storm]}}]
"""
_ACCOUNTS, _EVENTS, _SECONDS, _FLOOD = 20, 200, 10.0, 10_000
_PATIENCE = 180.0
_DEBOUNCES = 2  # runs that a storm may cost, and one more where it goes on past the first wait
_MINUTE = 60.0
_INTAKE = 0.05
_COLUMNS = ("events", "measured", "promised")


@dataclass(frozen=True)
class Measured:
    """One number and its promise."""

    what: str
    value: str
    promise: str
    met: bool


def measure() -> list[Measured]:
    """A storm, and a flood; raises nothing: what did not come within three minutes is a promise not kept."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return [*_storm(Path(folder) / "storm"), *_flood(Path(folder) / "flood")]


def table(measured: list[Measured]) -> Table:
    """For people."""
    answer = Table(*_COLUMNS, box=None)
    for each in measured:
        answer.add_row(each.what, each.value, f"{each.promise}{'' if each.met else ': NOT KEPT'}")
    return answer


def _storm(folder: Path) -> Iterator[Measured]:
    simulator, service, store = _built(folder)
    events = _deployments(simulator, _EVENTS // 2 // _ACCOUNTS)
    storm = events * 2
    Random(1).shuffle(storm)  # noqa: S311 - an order, no secret
    took = []
    began = time.perf_counter()
    for number, event in enumerate(storm):
        time.sleep(max(0.0, began + number * _SECONDS / len(storm) - time.perf_counter()))
        started = time.perf_counter()
        service.hear(event)
        took.append(time.perf_counter() - started)
    last = time.perf_counter()
    ready = _when_ready(service)
    runs = len(list(store.each("runs")))
    what = f"{len(storm)} events of {_ACCOUNTS} accounts in {last - began:.0f} s, shuffled, each twice"
    yield Measured(f"{what}: runs", str(runs), f"{_DEBOUNCES} at most, +1", runs <= _DEBOUNCES + 1)
    seconds = None if ready is None else ready - last
    shown = "never" if seconds is None else f"{seconds:.1f} s"
    promise = f"{_MINUTE:.0f} s at most"
    yield Measured("from the last of them to Ready", shown, promise, seconds is not None and seconds <= _MINUTE)
    slow = statistics.quantiles(took, n=20)[-1]
    yield Measured(
        "intake of an event, 95 of 100 within", f"{slow * 1000:.1f} ms", f"{_INTAKE * 1000:.0f} ms", slow <= _INTAKE
    )


def _flood(folder: Path) -> Iterator[Measured]:
    simulator, service, store = _built(folder)
    events = _deployments(simulator, 1)
    started = time.perf_counter()
    for number in range(_FLOOD):
        service.hear(events[number % len(events)])
    heard = time.perf_counter() - started
    until = time.perf_counter() + _PATIENCE
    gateway = ResourceId(_GATEWAY)
    while (now := marker_of(store, gateway)).waiting and time.perf_counter() < until:
        time.sleep(0.2)
    drained = time.perf_counter() - started
    yield Measured(f"{_FLOOD:,} events, heard in {heard:.0f} s, answered after", f"{drained:.0f} s", "-", met=True)
    yield Measured("of these asked for", f"{now.requested:,}", f"{_FLOOD:,}", now.requested == _FLOOD)
    yield Measured("of these answered by a run", f"{now.completed:,}", f"{_FLOOD:,}", now.completed == _FLOOD)


def _built(folder: Path) -> tuple[Simulator, Service, FolderStore]:
    """Accounts that have no model deployment yet, and the function app without Azure Functions."""
    simulator = Simulator(lock_lingers=0, service_update_time=0.0)
    for number in range(_ACCOUNTS):
        body = {
            "kind": "OpenAI",
            "location": "eastus",
            "sku": {"name": "S0"},
            "properties": {"customSubDomainName": f"storm-{number}"},
        }
        simulator.put(_ACCOUNT.format(number), body)
    folder.mkdir()
    file = folder / "reconciler.yaml"
    file.write_text(_CONFIG, "utf-8")
    store = FolderStore(folder / "state")
    transport = SimulatorTransport(simulator)
    built = Process(
        cloud=CLOUDS["public"],
        clients=Clients(FixedToken("simulator"), "https://management.azure.com", transport),
        store=store,
        back_end=LocalBackEnd(store, lambda: datetime.now(UTC)),
        sleep=transport.sleep,
        source=choose(str(file), CLOUDS["public"], _nobody),
        folder=folder,
    )
    return simulator, Service(built), store


def _deployments(simulator: Simulator, each: int) -> list[Mapping[str, Any]]:
    """The events of so many new model deployments of each account."""
    before = len(simulator.events)
    for number in range(_ACCOUNTS):
        for model in range(each):
            simulator.put(
                f"{_ACCOUNT.format(number)}/deployments/gpt-4o-{model}",
                {
                    "sku": {"name": "Standard", "capacity": 1},
                    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
                },
            )
    return list(simulator.events[before:])


def _when_ready(service: Service) -> float | None:
    """When the status said that the gateway is ready with all accounts on it, and nothing waits."""
    until = time.perf_counter() + _PATIENCE
    while time.perf_counter() < until:
        (row,) = json.loads(service.status().text)["gateways"]
        conditions = {each["type"]: each["status"] for each in row["conditions"]}
        on = [each for each in row["accounts"] if each["state"] == "onboarded"]
        if conditions["Ready"] == "True" and conditions["Progressing"] == "False" and len(on) == _ACCOUNTS:
            return time.perf_counter()
        time.sleep(0.1)
    return None


def _nobody() -> Any:
    raise AssertionError("nobody signs in here")
