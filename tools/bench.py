"""`make bench`: how fast the simulator is, how long the reconciler takes, how much it asks, events, policies."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from reconciler.app import App
from reconciler.arm import Clients
from reconciler.clouds import CLOUDS
from reconciler.config_file import parse
from reconciler.signin import FixedToken
from reconciler.store import FolderStore
from simulator import Simulator
from simulator.transport import SimulatorTransport
from tools import bench_events, bench_policies, bench_simulator
from tools.local_azure import ROOT

_LATENCY = 0.06  # seconds
_MEMORY = 200  # MB
_ACCOUNT = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ai-bench"
    "/providers/Microsoft.CognitiveServices/accounts/bench-{}"
)


def main() -> int:
    """Print the tables; the numbers are this machine's, today's. A promise that is not kept fails."""
    console = Console(highlight=False)
    measured = bench_simulator.measure()
    console.print(bench_simulator.table(measured))
    console.print()
    table = Table("what", "accounts", "requests", "seconds", box=None)
    for accounts in (1, 10, 50):
        simulator = _world(accounts)
        app = _app(simulator)
        gateway = app.config.gateways[0]
        _row(table, "onboard", accounts, simulator, lambda a=app, g=gateway: a.run(g, dry_run=False))  # type: ignore[misc]
        _row(table, "run in sync", accounts, simulator, lambda a=app, g=gateway: a.run(g, dry_run=False))  # type: ignore[misc]
    kept = _with_latency(table)
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    console.print(f"peak memory of this process, simulator included: {peak:.0f} MB (200 at most)")
    kept = kept and peak < _MEMORY and all(each.met for each in measured)
    storm = bench_events.measure()
    console.print()
    console.print(bench_events.table(storm))
    policies = bench_policies.measure()  # last: what they take of memory is no run's
    console.print()
    console.print(bench_policies.table(policies))
    return 0 if kept and all(each.met for each in storm) and all(each.met for each in policies) else 1


def _with_latency(table: Table) -> bool:
    """Fifty accounts whose reads take 60 ms each: eight at a time, and half as long again at most."""
    simulator = _world(50, real_time=True, service_update_time=0.1, import_time=0.01, lock_lingers=0)
    app = _app(simulator)
    gateway = app.config.gateways[0]
    app.run(gateway, dry_run=False)
    simulator.cloud.knobs.read_latency = _LATENCY
    simulator.requests.clear()
    started = time.perf_counter()
    app.run(gateway, dry_run=False)
    seconds, reads = time.perf_counter() - started, len(simulator.requests)
    most = 1.5 * reads * _LATENCY / 8
    table.add_row(f"run in sync, reads of 60 ms: {most:.2f} s at most", "50", str(reads), f"{seconds:.2f}")
    return seconds <= most


def _row(table: Table, what: str, accounts: int, simulator: Simulator, run: Callable[[], object]) -> None:
    simulator.requests.clear()
    started = time.perf_counter()
    run()
    seconds = time.perf_counter() - started
    table.add_row(what, str(accounts), str(len(simulator.requests)), f"{seconds:.2f}")


def _world(accounts: int, **knobs: Any) -> Simulator:
    simulator = Simulator(**knobs)
    for number in range(accounts):
        id = _ACCOUNT.format(number)
        body = {
            "kind": "OpenAI",
            "location": "eastus",
            "sku": {"name": "S0"},
            "properties": {"customSubDomainName": f"bench-{number}"},
        }
        simulator.put(id, body)
        model = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}
        simulator.put(
            f"{id}/deployments/gpt-4o", {"sku": {"name": "Standard", "capacity": 1}, "properties": {"model": model}}
        )
    return simulator


def _app(simulator: Simulator) -> App:
    text = (ROOT / "reconciler.example.yaml").read_text("utf-8")
    text = text.replace('"rg-ai-*"', '"rg-ai-bench"').replace("tags: {ai-gateway: enabled}", "tags: {}")
    transport = SimulatorTransport(simulator)
    return App(
        config=parse(text, "bench"),
        cloud=CLOUDS["public"],
        clients=Clients(FixedToken("simulator"), "https://management.azure.com", transport),
        store=FolderStore(Path(tempfile.mkdtemp(prefix="bench-"))),
        sleep=transport.sleep,
        clock=lambda: simulator.clock.now().timestamp(),
    )


if __name__ == "__main__":
    raise SystemExit(main())
