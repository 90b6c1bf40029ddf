"""What a run asks of Azure when nothing has changed: no write, few reads, eight at a time."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import simulator
from reconciler.arm import Clients
from reconciler.signin import FixedToken
from simulator import Simulator
from simulator.transport import SimulatorTransport
from tests.local import CONFIG, S1, app, config, reads, writes

JSON = dict[str, Any]
GPT: JSON = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
}
SECOND = "00000000-0000-0000-0000-000000000002"
TWO = CONFIG.replace(
    "        tags: {ai-gateway: enabled}\n",
    f"        tags: {{ai-gateway: enabled}}\n      - subscription: {SECOND}\n",
)


def crowded(accounts: int) -> Simulator:
    world = json.loads((Path(simulator.__file__).parent / "worlds/contoso.json").read_text("utf-8"))
    world["subscriptions"][SECOND] = {"displayName": "Second"}
    sim = Simulator(world, import_time=0, lock_lingers=0)
    for number in range(accounts):
        id = f"{S1}/resourceGroups/rg-ai-many/providers/Microsoft.CognitiveServices/accounts/many-{number:02}"
        account = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "tags": {"ai-gateway": "enabled"}}
        sim.put(id, {**account, "properties": {"customSubDomainName": f"many-{number:02}"}})
        sim.put(f"{id}/deployments/gpt-4o", GPT)
    return sim


@pytest.mark.parametrize("accounts", [0, 1, 12])
@pytest.mark.parametrize(("text", "subscriptions"), [(CONFIG, 1), (TWO, 2)])
def test_in_sync_a_run_writes_nothing_and_reads_four_times_an_account(
    accounts: int, text: str, subscriptions: int
) -> None:
    sim = crowded(accounts)
    built = app(sim, config(text))
    gateway = built.config.gateways[0]
    assert built.run(gateway, dry_run=False).converged
    sim.requests.clear()
    report = built.run(gateway, dry_run=False)
    assert report.converged
    assert writes(sim) == []
    assert report.world is not None
    selected = [a for a in report.world.inventory.accounts if a.state != "excluded"]
    assert len(selected) >= accounts + 1
    assert len(reads(sim)) <= 4 * len(selected) + 12 + subscriptions


class Crowd(SimulatorTransport):
    """Counts the requests that are under way at once."""

    under_way = most = 0
    lock = threading.Lock()

    def send(self, request: Any, **options: Any) -> Any:
        with self.lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        time.sleep(0.005)
        try:
            return super().send(request, **options)
        finally:
            with self.lock:
                self.under_way -= 1


def test_of_all_reads_eight_are_under_way_at_once() -> None:
    sim = crowded(12)
    transport = Crowd(sim)
    built = replace(app(sim), clients=Clients(FixedToken("simulator"), "https://management.azure.com", transport))
    gateway = built.config.gateways[0]
    assert built.run(gateway, dry_run=False).converged
    transport.most = 0
    built.run(gateway, dry_run=True, deep=True)
    assert transport.most == 8
