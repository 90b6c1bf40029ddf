"""Who runs when: one run per gateway at a time, no wake lost, and a record of everything."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.coordinate import Coordinator
from reconciler.errors import ConfigError
from reconciler.events import Wake
from reconciler.model import Create, Difference, Held, Outcome, Plan, Reason, Status, Update
from reconciler.report import Failure, Report, document
from reconciler.resource_id import ResourceId
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, account, observed, rid, wish, world

SECOND = rid(GATEWAY.text.replace("contoso-gw", "contoso-gw-2"))
PATIENCE = 10.0
"""Seconds after which a test that waits for a thread has failed."""
STATUS = "status/00000000-0000-0000-0000-000000000001.contoso-gw"


class Memory:
    """A store that keeps what was put as JSON, and every version of it."""

    def __init__(self) -> None:
        self.versions: dict[str, list[dict[str, Any]]] = {}

    def put(self, name: str, document: dict[str, Any]) -> None:
        self.versions.setdefault(name, []).append(json.loads(json.dumps(document)))

    def get(self, name: str) -> dict[str, Any] | None:
        return self.versions[name][-1] if name in self.versions else None

    def each(self, prefix: str) -> Iterator[dict[str, Any]]:
        return (versions[-1] for name, versions in sorted(self.versions.items()) if name.startswith(prefix + "/"))

    @property
    def runs(self) -> list[dict[str, Any]]:
        """The records of all runs, in the order in which they began."""
        records = (versions[-1] for name, versions in self.versions.items() if name.startswith("runs/"))
        return sorted(records, key=lambda record: str(record["startedAt"]))


class Runs:
    """A Run whose runs wait at a gate where one is set, and that knows how many there are at a time."""

    def __init__(self) -> None:
        self.began: list[tuple[ResourceId, bool]] = []
        self.most: dict[ResourceId, int] = {}
        self.gates: dict[ResourceId, threading.Event] = {}
        self.reached = threading.Semaphore(0)
        self._now: dict[ResourceId, int] = {}
        self._lock = threading.Lock()
        self.becomes: Callable[[ResourceId], Report] = lambda gateway: Report(gateway, world(), Plan(), ())

    def __call__(self, gateway: ResourceId, dry_run: bool) -> Report:  # noqa: FBT001 - see coordinate.Run
        with self._lock:
            self.began.append((gateway, dry_run))
            self._now[gateway] = self._now.get(gateway, 0) + 1
            self.most[gateway] = max(self.most.get(gateway, 0), self._now[gateway])
            gate = None if dry_run else self.gates.get(gateway)
        self.reached.release()
        try:
            assert gate is None or gate.wait(PATIENCE), "nobody opened the gate"
            return self.becomes(gateway)
        finally:
            with self._lock:
                self._now[gateway] -= 1

    def hold(self, gateway: ResourceId = GATEWAY) -> threading.Event:
        """A gate at which runs wait until it is set."""
        self.gates[gateway] = threading.Event()
        return self.gates[gateway]

    def one_is_under_way(self) -> None:
        """Wait until one more run began."""
        assert self.reached.acquire(timeout=PATIENCE), "no run began"


class Ticking:
    """A time of day that moves on by a second whenever somebody looks at it."""

    def __init__(self) -> None:
        self._moment = datetime(2026, 1, 1, tzinfo=UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self._moment += timedelta(seconds=1)
            return self._moment


class Setting:
    """A coordinator with all that it works with."""

    def __init__(self) -> None:
        self.runs = Runs()
        self.store = Memory()
        self.coordinator = Coordinator(self.runs, self.store, Ticking())

    def wake(self, gateway: ResourceId = GATEWAY, cause: str = "a test") -> str:
        return self.coordinator.wake(Wake(gateway, cause))

    def requested(self, count: int, gateway: ResourceId = GATEWAY) -> None:
        """Wait until so many wakes have taken their number, so that none of them is merely about to."""
        turns = self.coordinator._turns  # noqa: SLF001 - the only way to see that a wake waits
        done = threading.Event()
        for _ in range(int(PATIENCE * 1000)):
            if turns[gateway].requested >= count:
                return
            done.wait(0.001)
        raise AssertionError(f"{turns[gateway].requested} of {count} wakes came")


@pytest.fixture
def setting() -> Setting:
    return Setting()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


def results(futures: list[Future[str]]) -> list[str]:
    return [future.result(PATIENCE) for future in futures]


# ------------------------------------------------------------------------------------ turns


def test_a_wake_gives_a_run_and_its_id(setting: Setting) -> None:
    first, second = setting.wake(), setting.wake()
    assert setting.runs.began == [(GATEWAY, False), (GATEWAY, False)]
    assert [run["id"] for run in setting.store.runs] == [first, second]
    assert first != second


def test_wakes_during_a_run_are_covered_by_exactly_one_more(setting: Setting, pool: ThreadPoolExecutor) -> None:
    gate = setting.runs.hold()
    first = pool.submit(setting.wake)
    setting.runs.one_is_under_way()
    others = [pool.submit(setting.wake) for _ in range(10)]
    setting.requested(11)
    assert setting.runs.began == [(GATEWAY, False)]
    assert not any(other.done() for other in others), "a wake that came too late for a run is not covered by it"
    gate.set()
    covering = set(results(others))
    assert len(covering) == 1
    assert covering != {first.result(PATIENCE)}
    assert [run["id"] for run in setting.store.runs] == [first.result(), *covering]
    assert setting.runs.most == {GATEWAY: 1}


def test_a_wake_during_the_second_run_gives_a_third(setting: Setting, pool: ThreadPoolExecutor) -> None:
    gate = setting.runs.hold()
    first = pool.submit(setting.wake)
    setting.runs.one_is_under_way()
    second = pool.submit(setting.wake)
    setting.requested(2)
    next_gate = setting.runs.hold()
    gate.set()
    setting.runs.one_is_under_way()
    third = pool.submit(setting.wake)
    setting.requested(3)
    next_gate.set()
    assert len(set(results([first, second, third]))) == 3
    assert setting.runs.most == {GATEWAY: 1}
    assert len(setting.runs.began) == 3


def test_gateways_do_not_wait_for_each_other(setting: Setting, pool: ThreadPoolExecutor) -> None:
    gate = setting.runs.hold()
    first = pool.submit(setting.wake)
    setting.runs.one_is_under_way()
    assert pool.submit(setting.wake, SECOND).result(PATIENCE)
    assert not first.done()
    gate.set()
    first.result(PATIENCE)
    assert setting.runs.began == [(GATEWAY, False), (SECOND, False)]


def test_a_gateway_in_other_letters_is_the_same_gateway(setting: Setting, pool: ThreadPoolExecutor) -> None:
    gate = setting.runs.hold()
    first = pool.submit(setting.wake)
    setting.runs.one_is_under_way()
    second = pool.submit(setting.wake, rid(GATEWAY.text.upper()))
    setting.requested(2)
    assert len(setting.runs.began) == 1
    gate.set()
    results([first, second])
    assert list(setting.runs.most.values()) == [1]


def test_many_wakes_at_once_never_run_side_by_side(setting: Setting, pool: ThreadPoolExecutor) -> None:
    futures = [pool.submit(setting.wake, gateway) for _ in range(50) for gateway in (GATEWAY, SECOND)]
    ids = set(results(futures))
    assert setting.runs.most == {GATEWAY: 1, SECOND: 1}
    assert ids == {run["id"] for run in setting.store.runs}
    assert len(setting.runs.began) == len(ids)


def test_a_preview_takes_no_turn_and_leaves_no_status(setting: Setting, pool: ThreadPoolExecutor) -> None:
    gate = setting.runs.hold()
    first = pool.submit(setting.wake)
    setting.runs.one_is_under_way()
    preview = pool.submit(setting.coordinator.preview, Wake(GATEWAY, "somebody asks")).result(PATIENCE)
    assert not first.done()
    assert setting.runs.began == [(GATEWAY, False), (GATEWAY, True)]
    record = setting.coordinator.record(preview)
    assert record is not None
    assert (record["dryRun"], record["status"], record["cause"]) == (True, "succeeded", "somebody asks")
    assert STATUS not in setting.store.versions
    gate.set()
    first.result(PATIENCE)
    assert len(setting.runs.began) == 2, "nobody runs once more for a preview"


# ------------------------------------------------------------------------------------ records


def test_a_run_is_recorded_from_its_beginning(setting: Setting, pool: ThreadPoolExecutor) -> None:
    gate = setting.runs.hold()
    first = pool.submit(setting.wake, GATEWAY, "event ResourceWriteSuccess")
    setting.runs.one_is_under_way()
    (record,) = setting.store.runs
    assert record == {
        "id": record["id"],
        "gateway": GATEWAY.text,
        "cause": "event ResourceWriteSuccess",
        "dryRun": False,
        "status": "running",
        "startedAt": "2026-01-01T00:00:01+00:00",
    }
    gate.set()
    assert setting.coordinator.record(first.result(PATIENCE)) == {
        **record,
        "status": "succeeded",
        "endedAt": "2026-01-01T00:00:02+00:00",
        "report": json.loads(json.dumps(document(Report(GATEWAY, world(), Plan(), ())))),
    }


def test_a_run_that_raises_leaves_a_failed_record_and_lets_the_next_wake_run(setting: Setting) -> None:
    def broken(_: ResourceId) -> Report:
        raise ZeroDivisionError("a mistake of ours")

    sound = setting.runs.becomes
    setting.runs.becomes = broken
    with pytest.raises(ZeroDivisionError):
        setting.wake()
    (record,) = setting.store.runs
    assert (record["status"], record["endedAt"]) == ("failed", "2026-01-01T00:00:02+00:00")
    assert setting.coordinator.record(record["id"]) == record
    setting.runs.becomes = sound
    assert setting.wake() != record["id"]
    assert [run["status"] for run in setting.store.runs] == ["failed", "succeeded"]


def test_a_wake_that_waited_for_a_run_that_raises_is_not_lost(setting: Setting, pool: ThreadPoolExecutor) -> None:
    gate = setting.runs.hold()
    sound = setting.runs.becomes
    calls: list[ResourceId] = []

    def first_is_broken(gateway: ResourceId) -> Report:
        calls.append(gateway)
        if len(calls) == 1:
            raise ConfigError("the file is gone")
        return sound(gateway)

    setting.runs.becomes = first_is_broken
    first = pool.submit(setting.wake)
    setting.runs.one_is_under_way()
    second = pool.submit(setting.wake)
    setting.requested(2)
    gate.set()
    with pytest.raises(ConfigError):
        first.result(PATIENCE)
    assert second.result(PATIENCE) == setting.store.runs[1]["id"]
    assert [run["status"] for run in setting.store.runs] == ["failed", "succeeded"]


def test_a_gateway_that_could_not_be_read_is_a_failed_run_that_raises_nothing(setting: Setting) -> None:
    setting.runs.becomes = lambda gateway: Report(gateway, failure=Failure("forbidden", "a role is missing"))
    record = setting.coordinator.record(setting.wake())
    assert record is not None
    assert record["status"] == "failed"
    assert record["report"]["error"] == {"reason": "forbidden", "detail": "a role is missing"}


@pytest.mark.parametrize("run", ["0" * 32, "nope", "", "../status/x", "0" * 31 + "/"])
def test_an_id_that_no_run_has_has_no_record(setting: Setting, run: str) -> None:
    assert setting.coordinator.record(run) is None


# ------------------------------------------------------------------------------------ status

MADE = Create(wish(EAST_API, "api", {"properties": {"path": "x"}}, EAST))
MENDED = Update(
    wish(EAST_BACKEND, "backend", {"properties": {"url": "https://a"}}, EAST),
    observed(EAST_BACKEND, "backend"),
    (Difference("properties.url", "https://b", "https://a"),),
)
KEPT = Held(Create(wish(GATEWAY.child("apis", "taken"), "api", {}, EAST)), Reason.FOREIGN, "somebody else's")


def test_the_status_of_a_gateway_is_what_its_last_run_found(setting: Setting) -> None:
    done = tuple(Outcome(change, Status.APPLIED) for change in (MADE, MENDED))
    setting.runs.becomes = lambda gateway: Report(gateway, world(account()), Plan((MADE, MENDED), (KEPT,)), done)
    run = setting.wake()
    status = setting.store.get(STATUS)
    assert status is not None
    assert (status["gateway"], status["lastRun"], status["converged"]) == (GATEWAY.text, run, False)
    assert status["lastRunAt"] == status["lastSuccessAt"] == "2026-01-01T00:00:02+00:00"
    assert status["drifted"] == [EAST_BACKEND.text]
    assert [held["reason"] for held in status["held"]] == ["foreign"]
    assert [each["id"] for each in status["accounts"]] == [EAST.text]
    assert status["error"] is None


def test_a_failed_run_keeps_the_time_of_the_last_that_succeeded(setting: Setting) -> None:
    good = setting.wake()
    setting.runs.becomes = lambda gateway: Report(gateway, failure=Failure("forbidden", "a role is missing"))
    bad = setting.wake()
    status = setting.store.get(STATUS)
    assert status is not None
    assert status["lastRun"] == bad != good
    assert status["lastSuccessAt"] == "2026-01-01T00:00:02+00:00"
    assert status["lastRunAt"] == "2026-01-01T00:00:04+00:00"
    assert (status["converged"], status["error"]) == (
        False,
        {"reason": "forbidden", "detail": "a role is missing"},
    )


def test_a_gateway_whose_first_run_failed_has_never_succeeded(setting: Setting) -> None:
    setting.runs.becomes = lambda gateway: Report(gateway, failure=Failure("forbidden", "a role is missing"))
    setting.wake()
    assert (setting.store.get(STATUS) or {})["lastSuccessAt"] is None
