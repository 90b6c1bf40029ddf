"""The back end of one machine: leases in a folder, messages in the process, and what is left when it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.coordinate import Coordinator, Pace, unanswered
from reconciler.events import Wake
from reconciler.local_back_end import LocalBackEnd
from reconciler.model import Plan
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from reconciler.store import FolderStore, Store
from reconciler.turn import Turn, key_of
from tests.builders import GATEWAY, world

TARGET = "00000000-0000-0000-0000-000000000001.contoso-gw"


def today() -> datetime:
    return datetime.now(UTC)


def held_by_somebody(store: Store, until: timedelta) -> None:
    store.put(f"locks/{TARGET}", {"holder": "a process that ended", "until": (today() + until).isoformat()})


def test_the_lease_of_a_process_that_ended_is_free_when_it_has_run_out(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    held_by_somebody(store, timedelta(seconds=0.4))
    back_end = LocalBackEnd(store, today)
    assert back_end.take(TARGET) is None
    time.sleep(0.5)
    lease = back_end.take(TARGET)
    assert lease is not None
    lease.release()


def test_a_lease_in_a_folder_is_renewed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    lease = LocalBackEnd(store, today, lease_seconds=0.6).take(TARGET)
    assert lease is not None
    time.sleep(0.9)
    assert lease.held()
    assert LocalBackEnd(store, today).take(TARGET) is None
    lease.release()


def test_a_lease_in_a_folder_that_somebody_took_over_is_lost_and_not_given_back(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    lease = LocalBackEnd(store, today, lease_seconds=0.3).take(TARGET)
    assert lease is not None
    held_by_somebody(store, timedelta(seconds=60))
    time.sleep(0.2)
    assert not lease.held()
    lease.release()
    assert (store.get(f"locks/{TARGET}") or {})["holder"] == "a process that ended"


@pytest.mark.parametrize("lock", [{}, {"holder": None}, {"holder": "x"}, {"holder": "x", "until": "never"}])
def test_a_lock_that_makes_no_sense_is_free(tmp_path: Path, lock: dict[str, object]) -> None:
    store = FolderStore(tmp_path)
    store.put(f"locks/{TARGET}", lock)
    lease = LocalBackEnd(store, today).take(TARGET)
    assert lease is not None
    lease.release()


class Worked:
    """Messages that were worked on, and those that were given up."""

    def __init__(self, *, broken: int = 0) -> None:
        self.came, self.given_up, self.broken = list[str](), list[str](), broken
        self.changed = threading.Condition()

    def work(self, message: str) -> None:
        with self.changed:
            self.came.append(message)
            self.changed.notify_all()
        if len(self.came) <= self.broken:
            raise ZeroDivisionError

    def poison(self, message: str) -> None:
        with self.changed:
            self.given_up.append(message)
            self.changed.notify_all()
        raise ZeroDivisionError("even that fails")

    def wait(self, holds: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, 10)


def test_a_process_works_on_its_messages_as_they_become_due(tmp_path: Path) -> None:
    back_end, worked = LocalBackEnd(FolderStore(tmp_path), today), Worked()
    back_end.serve(worked.work, worked.poison)
    back_end.serve(worked.work, worked.poison)
    assert back_end.send("late", 0.4) == 0.4
    back_end.send("early", 0.1)
    back_end.send("now", 0.0)
    worked.wait(lambda: len(worked.came) == 3)
    assert worked.came == ["now", "early", "late"]


def test_a_message_that_fails_is_tried_five_times_then_given_up_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("reconciler.local_back_end.AGAIN", 0.01)
    back_end, worked = LocalBackEnd(FolderStore(tmp_path), today), Worked(broken=5)
    back_end.serve(worked.work, worked.poison)
    back_end.send("broken", 0.0)
    worked.wait(lambda: worked.given_up == ["broken"])
    back_end.send("sound", 0.0)
    worked.wait(lambda: worked.came == ["broken"] * 5 + ["sound"])
    assert "a message could not even be given up" in caplog.text


def test_draining_waits_for_what_is_not_due_but_not_for_ever(tmp_path: Path) -> None:
    back_end, came = LocalBackEnd(FolderStore(tmp_path), today), list[str]()
    back_end.send("soon", 0.1)
    back_end.send("later", 60.0)
    assert not back_end.drain(came.append, 1.0)
    assert came == ["soon"]
    assert LocalBackEnd(FolderStore(tmp_path), today).drain(came.append, 1.0)


def test_a_process_that_begins_looks_at_what_an_earlier_one_left_unanswered(tmp_path: Path) -> None:
    """Its messages ended with it, and with them what it had promised to others."""
    store, runs = FolderStore(tmp_path), list[str]()
    left = ResourceId.parse(GATEWAY.text.replace("contoso-gw", "left"))
    done = ResourceId.parse(GATEWAY.text.replace("contoso-gw", "done"))
    soon = (today() + timedelta(seconds=10)).isoformat()
    for gateway, completed in ((left, 2), (done, 3)):
        marker = {"gateway": gateway.text, "requested": 3, "completed": completed, "announced": [soon]}
        store.put(f"targets/{key_of(gateway)}", marker)
    store.put("targets/no-gateway", {"gateway": "nonsense"})

    def run(gateway: ResourceId, turn: Turn | None, seconds: float) -> Report:
        assert turn is not None
        assert seconds
        runs.append(gateway.name)
        return Report(gateway, world(), Plan(), ())

    back_end = LocalBackEnd(store, today)
    coordinator = Coordinator(run, store, back_end, today, pace=Pace(debounce=0.1))
    for message in unanswered(store, today()):
        back_end.send(message, 0.0)
    assert back_end.drain(lambda text: coordinator.work(text, 540), 5.0)
    assert runs == ["left"]
    Coordinator(run, store, back_end, today).wake(Wake(done, "an event"))
    assert not back_end.drain(lambda text: coordinator.work(text, 540), 0.0), "it has a message of its own"
