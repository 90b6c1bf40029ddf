"""Wakes: many are one run, and wherever a wake breaks off, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.events import Wake
from reconciler.report import Report
from tests.builders import GATEWAY, rid
from tests.coordination.steps import Look, Place, Process, ProcessEnded, in_sync

SECOND = rid(GATEWAY.text.replace("contoso-gw", "contoso-gw-2"))


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def process(place: Place) -> Process:
    return Process(place)


def answered(place: Place) -> bool:
    return place.marker.requested == place.marker.completed and place.queue == []


def during(what: Callable[[], object]) -> Callable[[Look], Report]:
    """A first run in the middle of which something happens."""
    left = [what]

    def becomes(look: Look) -> Report:
        if left:
            left.pop()()
        return in_sync(look)

    return becomes


# Many wakes, few runs


def test_a_wake_is_a_message_that_waits_for_others_and_then_a_run(place: Place, process: Process) -> None:
    assert process.wake() == 1
    (wait,) = place.waits()
    assert 8 <= wait <= 12
    assert process.looks == []
    place.drain(process)
    assert [(look.gateway, look.dry, look.over) for look in process.looks] == [(GATEWAY, False, True)]
    assert answered(place)
    assert place.leases == {}


def test_a_hundred_events_are_one_message_and_one_run(place: Place, process: Process) -> None:
    for _ in range(100):
        process.wake()
        place.advance(0.02)
    assert len(place.queue) == 1
    place.drain(process)
    assert len(process.looks) == 1
    assert place.marker.completed == 100
    assert answered(place)


def test_events_that_go_on_past_the_first_run_cost_two(place: Place, process: Process) -> None:
    for _ in range(100):
        process.wake()
        place.drain(process, 0.1)
    place.drain(process)
    assert 1 <= len(process.looks) <= 2
    assert place.most <= 3
    assert answered(place)


def test_gateways_do_not_answer_for_each_other(place: Place, process: Process) -> None:
    process.wake()
    process.wake(SECOND)
    assert len(place.queue) == 2
    place.drain(process)
    assert sorted(look.gateway.name for look in process.looks) == ["contoso-gw", "contoso-gw-2"]


def test_a_gateway_in_other_letters_is_the_same_gateway(place: Place, process: Process) -> None:
    process.wake()
    process.wake(rid(GATEWAY.text.upper()))
    assert len(place.queue) == 1
    place.drain(process)
    assert len(process.looks) == 1


def test_an_event_in_the_middle_of_a_short_run_gives_exactly_one_more(place: Place, process: Process) -> None:
    process.becomes = during(process.wake)
    process.wake()
    place.drain(process)
    assert len(process.looks) == 2
    assert process.looks[1].began > process.looks[0].began
    assert answered(place)


def test_an_event_in_the_middle_of_a_long_run_gives_exactly_one_more(place: Place, process: Process) -> None:
    other = Process(place)

    def event_and_its_message() -> None:
        process.wake()
        place.advance(15)
        (sent,) = place.visible()
        place.deliver(sent, other)  # which finds the turn taken

    process.becomes = during(event_and_its_message)
    process.wake()
    place.drain(process)
    assert other.looks == []
    assert len(process.looks) == 2
    assert answered(place)


def test_a_hundred_events_in_the_middle_of_a_run_give_exactly_one_more(place: Place, process: Process) -> None:
    process.becomes = during(lambda: [process.wake() for _ in range(100)])
    process.wake()
    place.drain(process)
    assert len(process.looks) == 2
    assert place.most <= 2
    assert answered(place)


def test_who_asks_with_a_wait_of_its_own_is_not_kept_longer_by_a_later_message(
    place: Place, process: Process
) -> None:
    process.coordinator.wake(Wake(GATEWAY, "timer"), after=300.0)
    (wait,) = place.waits()
    assert 300 <= wait <= 450
    process.wake()
    assert len(place.queue) == 2
    assert place.waits()[0] <= 12
    place.drain(process)
    assert len(process.looks) == 1, "the later message finds its wake answered"


# A wake that breaks off, before its step

READ, BUMP, LOOK_FOR_MESSAGES, SEND, SENT, READ_AGAIN, NOTE = range(1, 8)


def test_a_wake_has_three_steps_that_change_something(process: Process) -> None:
    process.wake()
    target = f"targets/{'00000000-0000-0000-0000-000000000001.contoso-gw'}"
    assert process.steps == [
        f"read {target}",
        f"replace {target}",
        f"read {target}",
        "send",
        "sent",
        f"read {target}",
        f"replace {target}",
    ]


@pytest.mark.parametrize("step", [READ, BUMP, LOOK_FOR_MESSAGES, SEND, SENT, READ_AGAIN, NOTE])
def test_an_event_whose_wake_breaks_off_is_delivered_again_and_answered(place: Place, step: int) -> None:
    broken, other = Process(place), Process(place)
    broken.ends_at(step)
    with pytest.raises(ProcessEnded):
        broken.wake()
    at = place.now
    other.wake()  # as Event Grid and the queue do with what was not taken
    place.drain(other)
    assert len(other.looks) == 1
    assert other.looks[0].began > at
    assert place.marker.requested == (1 if step <= BUMP else 2)
    assert answered(place)


@pytest.mark.parametrize("step", [SENT, READ_AGAIN, NOTE])
def test_a_wake_that_broke_off_after_sending_is_answered_even_if_nobody_delivers_it_again(
    place: Place, step: int
) -> None:
    broken, other = Process(place), Process(place)
    broken.ends_at(step)
    with pytest.raises(ProcessEnded):
        broken.wake()
    place.drain(other)
    assert len(other.looks) == 1
    assert answered(place)


@pytest.mark.parametrize("step", [LOOK_FOR_MESSAGES, SEND])
def test_a_wake_that_broke_off_before_sending_is_answered_with_the_next(place: Place, step: int) -> None:
    broken, timer = Process(place), Process(place)
    broken.ends_at(step)
    with pytest.raises(ProcessEnded):
        broken.wake()
    assert place.marker.waiting
    assert place.queue == []
    timer.wake()
    place.drain(timer)
    assert place.marker.completed == 2


# A wake that is slow


def slow(process: Process, number: int, meanwhile: Callable[[], object]) -> None:
    """Let something happen just before its step of that number."""

    def before(_: str) -> None:
        if len(process.steps) == number:
            meanwhile()

    process.before = before


@pytest.mark.parametrize("step", [SEND, SENT, READ_AGAIN, NOTE])
def test_a_note_that_is_twenty_seconds_late_covers_no_event_after_it(place: Place, step: int) -> None:
    late, worker = Process(place), Process(place)
    slow(late, step, lambda: place.drain(worker, 20))
    late.wake()
    place.drain(worker, 0.1)
    before = len(worker.looks)
    worker.wake()
    assert place.queue, "the message of the late one has been read already: this wake needs its own"
    place.drain(worker)
    assert len(worker.looks) == before + 1
    assert answered(place)


@pytest.mark.parametrize("step", [LOOK_FOR_MESSAGES, SEND, SENT, READ_AGAIN, NOTE])
def test_an_event_in_the_gap_before_a_late_note_is_answered(place: Place, step: int) -> None:
    late, worker = Process(place), Process(place)

    def gap() -> None:
        place.drain(worker, 15)
        worker.wake()
        place.drain(worker, 5)

    slow(late, step, gap)
    late.wake()
    at = place.now
    place.drain(worker)
    assert worker.looks[-1].began > at
    assert answered(place)


def test_a_queue_that_answers_late_promises_no_more_than_it_keeps(place: Place, process: Process) -> None:
    """The message waits from the moment at which the queue took it, not from that at which it said so."""
    slow(process, SENT, lambda: place.advance(7))
    process.wake()
    assert not any(place.marker.announced)
    slow(process, len(process.steps) + SENT, lambda: place.advance(2))
    process.wake()
    (noted,) = place.marker.announced
    assert noted <= place.queue[1].due


# Clocks that do not agree


def test_an_event_on_a_clock_five_seconds_behind_does_not_trust_a_message_that_was_read(place: Place) -> None:
    ahead, behind = Process(place, skew=2.5), Process(place, skew=-2.5)
    ahead.wake()
    place.drain(ahead)
    assert len(ahead.looks) == 1
    place.advance(0.1)
    behind.wake()
    place.drain(behind)
    assert len(behind.looks) == 1
    assert answered(place)


def test_an_event_on_a_clock_five_seconds_ahead_costs_a_message_at_most(place: Place) -> None:
    ahead, behind = Process(place, skew=2.5), Process(place, skew=-2.5)
    behind.wake()
    for _ in range(20):
        ahead.wake()
    assert len(place.queue) <= 2
    place.drain(behind)
    assert len(behind.looks) == 1
    assert answered(place)
