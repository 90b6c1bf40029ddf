"""Runs against the simulated Azure: a lease that is lost in the middle, an identity that takes its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from reconciler.coordinate import Coordinator
from reconciler.events import Wake
from reconciler.report import Report, document
from reconciler.resource_id import ResourceId
from reconciler.store import FolderStore, put_fenced
from reconciler.turn import Turn, marker_of
from reconciler.verdict import verdict
from simulator import Simulator
from tests.coordination.steps import Place, Process
from tests.local import EAST_API, GATEWAY, app, writes

HERE = ResourceId.parse(GATEWAY)
MEMORY = "memory/00000000-0000-0000-0000-000000000001.contoso-gateway"


@dataclass
class AskedTurn:
    """A turn that is ours for so many questions, or until something is so."""

    still: Callable[[int], bool]
    asked: int = 0
    epoch: int = 7

    def goes_by(self, facts: object) -> None:
        """Which configuration it was matters to nobody here."""

    def ours(self) -> bool:
        self.asked += 1
        return self.still(self.asked)


def sent(sim: Simulator) -> list[str]:
    """Every request that would change something, whatever came of it."""
    return [r["path"] for r in sim.requests if r["method"] in {"PUT", "PATCH", "POST", "DELETE"}]


def run(sim: Simulator, turn: AskedTurn, folder: Path) -> Report:
    built = replace(app(sim), store=FolderStore(folder))
    return built.run(built.config.gateways[0], dry_run=False, turn=lambda: cast("Turn", turn))


def test_whenever_the_lease_is_lost_nothing_is_written_any_more(tmp_path: Path) -> None:
    """At each moment at which the turn is looked at: between two changes, and between the look and the send."""
    whole = AskedTurn(lambda _: True)
    sim = Simulator()
    run(sim, whole, tmp_path / "whole")
    all_writes = writes(sim)
    assert len(all_writes) == 6
    assert whole.asked >= 2 * len(all_writes), "before each change, and again right before it is sent"
    stopped_at: set[int] = set()
    for lost in range(1, whole.asked + 1):
        sim = Simulator()
        before: list[int] = []

        def still(asked: int, lost: int = lost, sim: Simulator = sim, before: list[int] = before) -> bool:
            if asked == lost:
                before.append(len(sent(sim)))
            return asked < lost

        report = run(sim, AskedTurn(still), tmp_path / f"{lost}")
        if not before:
            continue  # a policy is tried again while its API is locked, not each time equally often
        assert len(sent(sim)) == before[0], "nothing is sent after the loss"
        done = writes(sim)
        assert done == all_writes[: len(done)]
        stopped_at.add(len(done))
        assert verdict(report).reason == "LeaseLost"
        assert [each["status"] for each in document(report)["outcomes"]].count("applied") == len(done)
    assert stopped_at == set(range(len(all_writes)))


def test_a_run_that_lost_the_lease_is_finished_by_the_next_one(tmp_path: Path) -> None:
    sim = Simulator()
    run(sim, AskedTurn(lambda _: len(writes(sim)) < 3), tmp_path)
    assert len(writes(sim)) == 3
    assert EAST_API not in sim.resources()
    report = run(sim, AskedTurn(lambda _: True, epoch=8), tmp_path)
    assert report.converged
    assert EAST_API in sim.resources()
    assert len(writes(sim)) == 6, "and nothing is written twice"


def test_what_an_earlier_holder_remembers_does_not_replace_what_a_later_one_does(tmp_path: Path) -> None:
    sim, store = Simulator(), FolderStore(tmp_path)
    theirs = f"{GATEWAY}/products/starter/apis/of-a-later-holder"
    put_fenced(store, MEMORY, {"links": [theirs], "unwanted": []}, 8)
    run(sim, AskedTurn(lambda _: len(writes(sim)) < 6), tmp_path)
    kept = store.get(MEMORY) or {}
    assert (kept["epoch"], kept["unwanted"]) == (8, [])
    made = f"{GATEWAY}/products/ai-platform/apis/contoso-east-831a41"
    assert made in sim.resources()
    assert kept["links"] == [made, theirs], "the link is ours, and nobody else can know it"


# With the coordinator


def coordinated(sim: Simulator) -> tuple[Place, Process, Coordinator]:
    place = Place(clock=_SimulatedClock(sim))
    process = Process(place)
    process.coordinator = replace(app(sim), store=process, back_end=process).coordinator()
    return place, process, process.coordinator


class _SimulatedClock:
    def __init__(self, sim: Simulator) -> None:
        self.now, self.advance = sim.clock.now, sim.clock.advance


def test_an_identity_that_takes_ten_minutes_keeps_nobody_waiting_and_all_is_onboarded_in_the_end() -> None:
    sim = Simulator(service_update_time=600.0)
    others = roles(sim)
    place, process, coordinator = coordinated(sim)
    coordinator.wake(Wake(HERE, "an event"))
    seconds: list[float] = []
    while place.queue:
        following = min(place.queue, key=lambda each: each.due)
        place.advance(max(0.0, (following.due - place.now).total_seconds()))
        began = place.now
        place.deliver(following, process)
        seconds.append((place.now - began).total_seconds())
        assert place.leases == {}
        if len(seconds) == 1:
            assert roles(sim) == others, "it needs the identity's principal"
            assert marker_of(process, HERE).waiting
            assert 60 <= place.waits()[0] <= 90
            assert '"attempt": 0' in place.queue[0].text, "which is no failure"
    assert len(seconds) >= 2
    assert max(seconds) < 30, "of the 600 that the identity takes"
    reasons = [document["reason"] for name, document in place.written if "endedAt" in document]
    assert (reasons[0], reasons[-1]) == ("Progressing", "Applied")
    assert not marker_of(process, HERE).waiting
    assert EAST_API in sim.resources()
    assert len(roles(sim)) == len(others) + 1
    assert [write for write in writes(sim) if write.startswith("PATCH")] == ["PATCH "], "it is asked for once"


def roles(sim: Simulator) -> list[str]:
    return [id for id in sim.resources() if "/roleassignments/" in id.lower()]


def test_a_wake_for_a_gateway_that_the_configuration_does_not_name_reads_nothing_and_is_over() -> None:
    sim = Simulator()
    place, process, coordinator = coordinated(sim)
    other = ResourceId.parse(GATEWAY.replace("contoso-gateway", "a-former-gateway"))
    coordinator.wake(Wake(other, "an event"))
    place.drain(process)
    assert list(sim.requests) == []
    assert place.queue == []
    record = next(place.document(name) for name in place.documents if name.startswith("runs/"))
    assert record is not None
    assert record["report"]["error"]["reason"] == "not-configured"


def test_a_dry_run_while_another_run_has_the_turn_writes_nothing() -> None:
    sim = Simulator()
    place, process, coordinator = coordinated(sim)
    lease = process.take("00000000-0000-0000-0000-000000000001.contoso-gateway")
    assert lease is not None
    id = coordinator.preview(Wake(HERE, "somebody asks"))
    place.drain(process)
    record = place.document(f"runs/{id}")
    assert record is not None
    assert record["status"] == "succeeded"
    assert len(record["report"]["changes"]) == 6
    assert writes(sim) == []
