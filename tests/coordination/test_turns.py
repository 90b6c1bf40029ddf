"""Turns: one run at a time, wherever a process ends, and nothing of a later holder overwritten."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler import records
from reconciler.errors import LeaseLost
from reconciler.report import Report
from reconciler.turn import Turn
from tests.builders import GATEWAY
from tests.coordination.steps import (
    KEY,
    SECONDS,
    Look,
    Place,
    Process,
    Sent,
    in_sync,
    not_made,
)

STATUS = f"status/{KEY}"
STEPS = [
    "read targets",  # is anything waiting?
    "take",
    "read targets",  # the turn is taken
    "replace targets",
    "read targets",  # is anything waiting still?
    "read targets",  # the run begins
    "replace targets",
    "put runs",  # running
    "look",
    "looked",
    "put runs",  # over
    "read targets",  # the status
    "read status",
    "read status",
    "replace status",
    "read targets",  # the marker
    "replace targets",
    "read targets",  # did a wake come meanwhile?
    "read targets",
    "release",
]
"""What answering one message does, step by step."""


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def one(place: Place) -> Process:
    return Process(place)


@pytest.fixture
def other(place: Place) -> Process:
    return Process(place)


def woken(place: Place, by: Process) -> Sent:
    """A message that is visible now."""
    by.wake()
    place.advance(12)
    by.steps.clear()
    (sent,) = place.visible()
    return sent


def test_these_are_the_steps_of_a_turn(place: Place, one: Process) -> None:
    place.deliver(woken(place, one), one)
    assert [step.split("/")[0].removesuffix(f" {KEY}") for step in one.steps] == STEPS


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_a_process_may_end_before_each_step_and_the_wake_is_answered_within_two_minutes(
    place: Place, number: int
) -> None:
    first, second = Process(place), Process(place)
    sent = woken(place, first)
    first.ends_at(number)
    place.deliver(sent, first)
    assert first.dead
    ended = place.now
    place.drain(second)
    assert not place.marker.waiting
    assert place.leases.keys() <= ({KEY} if number > 2 else set())
    looks = first.looks + second.looks
    assert looks[-1].over
    assert (looks[-1].began - ended).total_seconds() <= 60 + 45
    assert (place.document(STATUS) or {})["epoch"] >= 1
    # Only a run whose end the marker does not know is made once more.
    assert len(second.looks) == (0 if number > 17 else 1)


def test_the_record_of_a_run_whose_process_ended_does_not_stay_under_way(place: Place) -> None:
    first, second = Process(place), Process(place)
    sent = woken(place, first)
    first.ends_at(10)
    place.deliver(sent, first)
    (name,) = [name for name in place.documents if name.startswith("runs/")]
    run = name.removeprefix("runs/")
    assert (records.found(second, run) or {})["status"] == "running"
    place.drain(second)
    gone = records.found(second, run)
    assert gone is not None
    assert (gone["status"], gone["detail"]) == ("failed", "its process ended, or somebody else has taken over")


def test_two_workers_with_one_message_make_one_run(place: Place, one: Process, other: Process) -> None:
    sent = woken(place, one)
    waits: list[float] = []

    def becomes(look: Look) -> Report:
        other.coordinator.work(sent.text, SECONDS)
        waits.extend(each for each in place.waits() if each > 0)
        return in_sync(look)

    one.becomes = becomes
    place.deliver(sent, one)
    assert len(one.looks) == 1
    assert other.looks == []
    assert [30 <= wait <= 45 for wait in waits if wait != 60] == [True]
    place.drain(other)
    assert other.looks == [], "the message that was sent again finds the wake answered"


def test_who_comes_again_and_again_while_somebody_is_busy_leaves_one_message(
    place: Place, one: Process, other: Process
) -> None:
    sent = woken(place, one)
    most: list[int] = []

    def becomes(look: Look) -> Report:
        for _ in range(30):
            other.wake()
            place.advance(15)
            for each in place.visible():
                if each is not sent:
                    place.deliver(each, other)
            most.append(len(place.queue))
        return in_sync(look)

    one.becomes = becomes
    place.deliver(sent, one)
    assert other.looks == []
    assert max(most) <= 4
    place.drain(other)
    assert not place.marker.waiting


def test_a_run_never_begins_with_a_lease_that_is_not_held(place: Place, one: Process) -> None:
    lease = one.take(KEY)
    assert lease is not None
    turn = Turn(GATEWAY, lease, one, one.place.clock.now)
    one.stalled = True
    place.advance(46)
    with pytest.raises(LeaseLost, match="not renewed in time"):
        turn.begin("a test")
    assert [name for name in place.documents if name.startswith("runs/")] == []


def test_a_run_never_begins_for_somebody_whose_turn_was_taken_over(
    place: Place, one: Process, other: Process
) -> None:
    lease = one.take(KEY)
    assert lease is not None
    turn = Turn(GATEWAY, lease, one, place.clock.now)
    theirs = Turn(GATEWAY, lease, other, place.clock.now)
    with pytest.raises(LeaseLost, match="somebody else has taken over contoso-gw"):
        turn.begin("a test")
    theirs.begin("another test")
    assert theirs.epoch > turn.epoch


# A holder that stands still in the middle of its run, until another one has had the turn


def stands_still(place: Place, stalled: Process, meanwhile: Callable[[], None]) -> Callable[[Look], Report]:
    def becomes(look: Look) -> Report:
        assert look.turn is not None
        assert look.turn.ours()
        stalled.stalled = True
        place.advance(61)
        assert not look.turn.ours()
        meanwhile()
        return not_made("lease-lost")(look)

    return becomes


def test_who_lost_the_lease_overwrites_nothing_of_who_has_it_now(
    place: Place, one: Process, other: Process
) -> None:
    sent = woken(place, one)
    later: dict[str, object] = {}

    def another_has_its_turn() -> None:
        place.deliver(next(each for each in place.visible()), other)
        later.update(marker=place.marker.forgotten(), status=place.document(STATUS))
        assert not place.marker.waiting

    one.becomes = stands_still(place, one, another_has_its_turn)
    place.deliver(sent, one)
    assert len(other.looks) == 1
    assert place.document(STATUS) == later["status"]
    assert place.marker.forgotten() == later["marker"], "but for the message that it sent"
    place.drain(other)
    assert len(other.looks) == 1
    ended = {d["id"] for name, d in place.written if name.startswith("runs/") and d["status"] != "running"}
    assert len(ended) == 2, "the record of its own run it may keep"


def test_who_lost_the_lease_ends_no_run_of_who_has_it_now(place: Place, one: Process, other: Process) -> None:
    sent = woken(place, one)
    lease = one.take(KEY)
    assert lease is not None
    earlier = Turn(GATEWAY, lease, one, place.clock.now)
    earlier.begin("a test")
    one.stalled = True
    place.advance(61)

    def becomes(look: Look) -> Report:
        running = place.marker.running
        earlier.end(in_sync(look), lambda _: True)
        assert place.marker.running == running is not None
        assert place.marker.waiting
        return in_sync(look)

    other.becomes = becomes
    place.deliver(sent, other)
    assert len(other.looks) == 1
    assert not place.marker.waiting


def test_a_lost_lease_is_no_failure_however_often_it_happens(place: Place) -> None:
    for _ in range(12):
        worker = Process(place)
        worker.becomes = stands_still(place, worker, lambda: None)
        if not place.queue:
            worker.wake()
        following = min(place.queue, key=lambda each: each.due)
        place.advance(max(0.0, (following.due - place.now).total_seconds()))
        place.deliver(following, worker)
        assert place.marker.waiting
        assert '"attempt": 0' in place.queue[0].text
    place.drain(Process(place))
    assert not place.marker.waiting


def test_a_lost_marker_does_not_keep_the_status_from_being_written(place: Place, one: Process) -> None:
    for _ in range(3):
        one.wake()
        place.drain(one)
    del place.documents[f"targets/{KEY}"]
    before = place.document(STATUS)
    place.advance(60)
    one.wake()
    place.drain(one)
    after = place.document(STATUS)
    assert before is not None
    assert after is not None
    assert after["epoch"] > before["epoch"]
