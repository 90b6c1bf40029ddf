"""After a run that did not do everything: when it is gone on with, and how many messages that costs."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from reconciler.message import Message
from reconciler.report import Report
from tests.builders import GATEWAY
from tests.coordination.steps import (
    KEY,
    SECONDS,
    Look,
    Place,
    Process,
    failed,
    in_sync,
    not_made,
)

STATUS = f"status/{KEY}"


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def process(place: Place) -> Process:
    return Process(place)


def run(place: Place, process: Process) -> None:
    """Bring the next message."""
    following = min(place.queue, key=lambda each: each.due)
    place.advance(max(0.0, (following.due - place.now).total_seconds()))
    place.deliver(following, process)


def attempts(place: Place) -> list[int]:
    return [json.loads(each.text)["attempt"] for each in place.queue]


# Failures


def test_failures_are_tried_again_after_longer_and_longer_waits_and_then_left_to_the_next_wake(
    place: Place, process: Process
) -> None:
    process.becomes = failed("unreachable")
    process.wake()
    for attempt, least, most in (
        (1, 15, 22.5),
        (2, 30, 45),
        (3, 60, 90),
        (4, 120, 180),
        (5, 240, 360),
        (6, 480, 720),
        (7, 960, 1440),
        (8, 1800, 2700),
    ):
        run(place, process)
        assert attempts(place) == [attempt]
        assert least <= place.waits()[0] <= most
        assert place.marker.waiting
    run(place, process)
    assert place.queue == []
    assert not place.marker.waiting, "given up: the wake is answered by what the status says"
    assert len(process.looks) == 9


def test_a_run_that_succeeds_at_last_ends_the_row(place: Place, process: Process) -> None:
    process.becomes = failed("throttled")
    process.wake()
    run(place, process)
    run(place, process)
    process.becomes = in_sync
    place.drain(process)
    assert len(process.looks) == 3
    assert not place.marker.waiting
    process.becomes = failed("throttled")
    process.wake()
    run(place, process)
    assert attempts(place) == [1], "a new wake begins at the beginning"


def test_what_only_a_person_can_mend_is_not_tried_again(place: Place, process: Process) -> None:
    process.becomes = failed("forbidden")
    process.wake()
    place.drain(process)
    assert len(process.looks) == 1
    assert not place.marker.waiting


def test_a_gateway_that_the_configuration_does_not_name_any_more_is_left_alone(
    place: Place, process: Process
) -> None:
    process.becomes = failed("not-configured")
    process.wake()
    place.drain(process)
    assert len(process.looks) == 1
    assert not place.marker.waiting


def test_an_event_every_twenty_seconds_while_everything_fails_leaves_few_messages(
    place: Place, process: Process
) -> None:
    process.becomes = failed("unreachable")
    for _ in range(360):  # two hours
        process.wake()
        place.drain(process, 20)
    assert place.most <= 10
    assert len(process.looks) <= 360 * 2
    process.becomes = in_sync
    looks = len(process.looks)
    place.drain(process)
    assert len(process.looks) == looks + 1, "the first good run answers all of them"


def test_a_wake_during_a_long_back_off_is_answered_at_once(place: Place, process: Process) -> None:
    process.becomes = failed("unreachable")
    process.wake()
    for _ in range(7):
        run(place, process)
    process.becomes = in_sync
    process.wake()
    assert place.waits()[0] <= 12
    run(place, process)
    assert not place.marker.waiting


# Not done yet


def test_a_run_whose_time_was_up_goes_on_at_once_with_the_turn_free(place: Place, process: Process) -> None:
    other = Process(place)
    process.becomes = not_made("time-up", applied=True)
    process.wake()
    run(place, process)
    assert place.waits() == [0.0]
    assert attempts(place) == [0], "no failure"
    assert place.marker.waiting
    send = process.send

    def reads_it_at_once(message: str, delay: float) -> float:
        other.coordinator.work(message, SECONDS)
        return send(message, delay)

    process.send = reads_it_at_once  # type: ignore[method-assign]
    run(place, process)
    assert len(other.looks) == 1, "who reads the message at once finds the turn free"


def test_a_wake_that_comes_late_in_a_long_run_is_left_to_an_invocation_with_time(
    place: Place, process: Process
) -> None:
    def becomes(look: Look) -> Report:
        if len(process.looks) == 1:
            place.advance(475)
            process.wake()
            place.advance(14)  # its message is visible by now, but nobody has taken it
        return in_sync(look)

    process.becomes = becomes
    process.wake()
    run(place, process)
    assert len(process.looks) == 1
    assert place.marker.waiting
    run(place, process)
    assert [look.seconds for look in process.looks] == [SECONDS, SECONDS]
    assert not place.marker.waiting


def test_a_second_run_of_an_invocation_has_what_is_left_of_its_time(place: Place, process: Process) -> None:
    def becomes(look: Look) -> Report:
        if len(process.looks) == 1:
            process.wake()
            place.advance(100)
        return in_sync(look)

    process.becomes = becomes
    process.wake()
    run(place, process)
    assert [look.seconds for look in process.looks] == [SECONDS, SECONDS - 100]


def test_what_takes_azure_its_time_is_looked_at_every_minute_and_is_no_failure(
    place: Place, process: Process
) -> None:
    process.becomes = not_made("under-way")
    process.wake()
    for _ in range(5):
        run(place, process)
        assert attempts(place) == [0]
        assert 60 <= place.waits()[0] <= 90
    process.becomes = in_sync
    place.drain(process)
    assert not place.marker.waiting


def test_what_takes_azure_more_than_an_hour_is_left_to_the_timer(place: Place, process: Process) -> None:
    process.becomes = not_made("under-way")
    process.wake()
    began = place.now
    place.drain(process)
    assert timedelta(minutes=59) < place.now - began < timedelta(minutes=63)
    assert place.queue == []
    assert not place.marker.waiting


# Mistakes of ours, and messages of others


def test_a_run_that_raises_is_kept_as_a_failure_and_its_message_is_tried_again(
    place: Place, process: Process
) -> None:
    def broken(_: Look) -> Report:
        raise ZeroDivisionError("a mistake of ours, with a secret in it")

    process.becomes = broken
    process.wake()
    run(place, process)
    (name,) = {name for name in place.documents if name.startswith("runs/")}
    record = place.document(name)
    assert record is not None
    assert (record["status"], record["reason"]) == ("failed", "InternalError")
    assert record["report"]["error"] == {"reason": "internal-error", "detail": "ZeroDivisionError"}
    assert place.marker.waiting
    assert place.leases == {}
    process.becomes = in_sync
    place.drain(process)
    assert not place.marker.waiting


def test_a_message_that_always_breaks_ends_as_poison_and_its_wake_stays_waiting(
    place: Place, process: Process
) -> None:
    def broken(_: Look) -> Report:
        raise ZeroDivisionError

    process.becomes = broken
    process.wake()
    place.drain(process)
    assert len(process.looks) == 5
    assert len(place.poison) == 1
    assert place.marker.waiting
    process.becomes = in_sync
    process.wake()  # the timer's
    place.drain(process)
    assert place.marker.completed == 2


GOOD = {"gateway": GATEWAY.text, "cause": "x", "since": "2026-01-01T00:00:00+00:00", "attempt": 0, "preview": ""}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "7",
        "null",
        "{}",
        "\ud83d",
        json.dumps({**GOOD, "gateway": "contoso-gw"}),
        json.dumps({**GOOD, "gateway": None}),
        json.dumps({**GOOD, "since": "yesterday"}),
        json.dumps({**GOOD, "since": 7}),
        json.dumps({**GOOD, "attempt": "many"}),
        json.dumps({**GOOD, "preview": "../status/x"}),
        json.dumps({key: value for key, value in GOOD.items() if key != "cause"}),
    ],
)
def test_a_message_that_is_none_of_ours_reads_and_writes_nothing(process: Process, text: str) -> None:
    with pytest.raises(ValueError, match="a message in the work queue is not one of ours"):
        process.coordinator.work(text, SECONDS)
    assert process.steps == []


def test_a_message_comes_back_as_it_was(place: Place) -> None:
    message = Message(GATEWAY, 'an "event"\n', place.now, 3, "a" * 32)
    assert Message.read(message.text) == message
    assert Message.read(json.dumps(GOOD)) == Message(GATEWAY, "x", place.now)
    old = {key: value for key, value in GOOD.items() if key != "preview"} | {"since": "2026-01-01T00:00:00"}
    assert Message.read(json.dumps(old)) == Message(GATEWAY, "x", place.now)


def test_whoever_sends_a_message_for_a_gateway_that_nobody_woke_causes_nothing(
    place: Place, process: Process
) -> None:
    process.coordinator.work(Message(GATEWAY, "somebody", place.now).text, SECONDS)
    assert process.looks == []
    assert place.documents == {}


def test_a_wake_that_came_during_a_good_run_has_not_failed_before(place: Place, process: Process) -> None:
    def becomes(look: Look) -> Report:
        if len(process.looks) > 1:
            return failed("unreachable")(look)
        process.wake()
        place.advance(20)
        return in_sync(look)

    process.becomes = becomes
    process.wake()
    (sent,) = place.queue
    place.advance(12)
    place.queue.clear()
    last = json.dumps({**json.loads(sent.text), "attempt": 8})
    process.coordinator.work(last, SECONDS)
    assert len(process.looks) == 2
    assert place.marker.waiting
    assert 1 in attempts(place)
