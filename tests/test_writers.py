"""Accounts are written side by side, one change at a time for each; what a run promises does not depend on it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from reconciler.app import App
from reconciler.model import Change, Outcome, kind_of, source_of
from reconciler.progress import Progress
from reconciler.report import document
from simulator import Simulator
from tests.local import CONFIG, GATEWAY, S1, app, config

JSON = dict[str, Any]
GPT: JSON = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
}


def crowded(accounts: int = 9, **knobs: Any) -> Simulator:
    sim = Simulator(**knobs)
    for number in range(accounts):
        id = f"{S1}/resourceGroups/rg-ai-many/providers/Microsoft.CognitiveServices/accounts/many-{number:02}"
        account = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "tags": {"ai-gateway": "enabled"}}
        sim.put(id, {**account, "properties": {"customSubDomainName": f"many-{number:02}"}})
        sim.put(f"{id}/deployments/gpt-4o", GPT)
    return sim


class Watching(Progress):
    """Which changes were under way at once."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way: dict[Any, str] = {}
        self.most = 0
        self.threads: set[int] = set()

    def began(self, change: Change) -> None:
        source = source_of(change)
        assert source not in self.under_way, "an account has one change at a time"
        self.under_way[source] = kind_of(change)
        self.most = max(self.most, len(self.under_way))
        self.threads.add(threading.get_ident())

    def ended(self, outcome: Outcome) -> None:
        super().ended(outcome)
        self.under_way.pop(source_of(outcome.change), None)


def run(built: App, progress: Progress | None = None, *, dry_run: bool = False) -> Any:
    return built.run(built.config.gateways[0], dry_run=dry_run, progress=progress)


def built(sim: Simulator, writers: int) -> App:
    return replace(app(sim, config(CONFIG)), writers=writers)


GENERATED = frozenset({"schemaId", "etag", "specificationLastUpdated", "createdOn", "updatedOn"})


def world(sim: Simulator) -> JSON:
    """What is in the subscription, without times, entity tags and ids that Azure makes up."""
    return {id: lasting(body) for id, body in sim.resources().items() if "/schemas/" not in id}


def lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: lasting(inner) for key, inner in value.items() if key not in GENERATED}
    return [lasting(inner) for inner in value] if isinstance(value, list) else value


def test_four_accounts_at_once_come_to_the_same_world_as_one_after_the_other() -> None:
    single, several = crowded(), crowded()
    assert run(built(single, 1)).converged
    progress = Watching()
    assert run(built(several, 4), progress).converged
    assert world(several) == world(single)
    assert sum(id.startswith(f"{GATEWAY}/backends/many-") for id in world(several)) == 9
    assert progress.most in {2, 3, 4}
    assert 1 < len(progress.threads) <= 5
    assert run(built(several, 4), dry_run=True).plan.changes == ()


def test_writes_that_race_below_one_product_are_made_again() -> None:
    sim = crowded(racing_conflicts=4)
    assert run(built(sim, 4)).converged
    links = [id for id in sim.resources() if "/products/ai-platform/apis/" in id]
    assert len(links) == 10


def test_one_accounts_failure_is_no_others_side_by_side() -> None:
    sim = crowded()
    sim.fail(match="PUT .*/backends/many-03", answer=400, code="ValidationError")
    report = run(built(sim, 4))
    bad = {o["id"].rsplit("/", 1)[-1] for o in document(report)["outcomes"] if o["status"] != "applied"}
    assert all("many-03" in name or name == "policy" for name in bad)
    assert sum(o["status"] == "failed" for o in document(report)["outcomes"]) == 1
    assert run(built(sim, 4)).converged


def test_a_mistake_of_a_listener_ends_the_run_and_is_told() -> None:
    """Where accounts are written on threads of their own, too: nobody else could raise it."""

    class Broken(Progress):
        def ended(self, outcome: Outcome) -> None:
            if (account := source_of(outcome.change)) is not None:
                assert threading.current_thread() is not threading.main_thread()
                raise RuntimeError(account.name)

    with pytest.raises(RuntimeError, match=r"^(contoso-east|many-0\d)$"):
        run(built(crowded(), 4), Broken())
