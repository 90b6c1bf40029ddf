"""Turns of somebody at a terminal: the same turns as those of the function app."""

from __future__ import annotations

import pytest

from reconciler.at_terminal import AtTheTerminal
from reconciler.errors import ReconcilerError
from reconciler.model import Plan
from reconciler.report import Report
from tests.builders import GATEWAY, world
from tests.coordination.steps import KEY, MADE, Look, Place, Process, ProcessEnded, in_sync


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def one(place: Place) -> Process:
    return Process(place)


@pytest.fixture
def other(place: Place) -> Process:
    return Process(place)


def test_a_turn_at_a_terminal_keeps_the_function_app_waiting(place: Place, one: Process, other: Process) -> None:
    one.wake()
    place.advance(12)
    (sent,) = place.visible()
    with other.coordinator.turn(GATEWAY) as turn:
        turn.begin("command line")
        place.deliver(sent, one)
        assert one.looks == []
        assert 30 <= place.waits()[0] <= 45
        turn.end(Report(GATEWAY), lambda _: False)
    place.drain(one)
    assert len(one.looks) == 1


def test_a_run_keeps_a_terminal_from_having_a_turn(place: Place, one: Process, other: Process) -> None:
    said: list[str] = []

    def becomes(look: Look) -> Report:
        with pytest.raises(ReconcilerError) as caught, other.coordinator.turn(GATEWAY):
            raise AssertionError
        said.append(str(caught.value))
        return in_sync(look)

    one.becomes = becomes
    one.wake()
    place.drain(one)
    assert said == [
        "a run is under way at contoso-gw, by the function app or somebody else; try again when it is over (a run "
        "that crashed is over after a minute)"
    ]


def test_a_turn_at_a_terminal_is_given_back_whatever_happens(place: Place, one: Process) -> None:
    with pytest.raises(KeyboardInterrupt), one.coordinator.turn(GATEWAY):
        raise KeyboardInterrupt
    assert place.leases == {}
    one.ends_at(len(one.steps) + 2)
    with pytest.raises(ProcessEnded), one.coordinator.turn(GATEWAY):
        raise AssertionError
    assert place.leases.keys() == {KEY}, "what a process that ended had runs out by itself"


def status(place: Place) -> object:
    return place.document(f"status/{KEY}")


def test_a_person_has_the_turn_once_the_plan_is_agreed_to(place: Place, one: Process) -> None:
    with AtTheTerminal(one.coordinator, GATEWAY) as terminal:
        assert terminal.turn() is None
        agree = terminal.agreeing(lambda *_: place.leases == {})
        assert agree(world(), Plan((MADE,)))
        turn = terminal.turn()
        assert turn is not None
        assert turn.ours()
        assert place.leases.keys() == {KEY}
        report = Report(GATEWAY, world(), Plan(), ())
        assert terminal.ended(report) is report
    assert place.leases == {}
    (record,) = [place.document(name) for name in place.documents if name.startswith("runs/")]
    assert record is not None
    assert (record["status"], record["cause"]) == ("succeeded", "command line")
    assert status(place) is not None


def test_who_declines_takes_no_turn(place: Place, one: Process) -> None:
    with AtTheTerminal(one.coordinator, GATEWAY) as terminal:
        assert not terminal.agreeing(lambda *_: False)(world(), Plan((MADE,)))
        report = Report(GATEWAY, world(), Plan(), ())
        assert terminal.ended(report) is report
    assert place.documents == {}


def test_who_has_nothing_to_write_takes_a_turn_where_one_is_free_and_goes_on_without_where_none_is(
    one: Process, other: Process
) -> None:
    with AtTheTerminal(one.coordinator, GATEWAY) as terminal:
        assert terminal.agreeing(lambda *_: True)(world(), Plan())
        assert terminal.turn() is not None, "what was seen, such as what is to go, must be remembered"
        terminal.ended(Report(GATEWAY, world(), Plan(), ()))
    with other.coordinator.turn(GATEWAY), AtTheTerminal(one.coordinator, GATEWAY) as terminal:
        assert terminal.agreeing(lambda *_: True)(world(), Plan())
        assert terminal.turn() is None


def test_a_turn_that_nobody_ended_has_failed(place: Place, one: Process) -> None:
    with AtTheTerminal(one.coordinator, GATEWAY) as terminal:
        terminal.agreeing(lambda *_: True)(world(), Plan((MADE,)))
    (record,) = [place.document(name) for name in place.documents if name.startswith("runs/")]
    assert record is not None
    assert record["status"] == "failed"
    assert place.marker.running is None


def test_who_agrees_while_somebody_else_has_the_turn_is_refused(place: Place, one: Process, other: Process) -> None:
    with (
        other.coordinator.turn(GATEWAY),
        AtTheTerminal(one.coordinator, GATEWAY) as terminal,
        pytest.raises(ReconcilerError, match="a run is under way at contoso-gw"),
    ):
        terminal.agreeing(lambda *_: True)(world(), Plan((MADE,)))
    assert place.leases == {}


def test_a_run_at_a_terminal_answers_no_wake(place: Place, one: Process, other: Process) -> None:
    other.wake()
    with AtTheTerminal(one.coordinator, GATEWAY) as terminal:
        terminal.agreeing(lambda *_: True)(world(), Plan((MADE,)))
        terminal.ended(in_sync(Look(GATEWAY, None, 1.0, place.now)))
    assert place.marker.waiting, "it may have looked before the wake, or with fewer rights than the function app"
    place.drain(other)
    assert len(other.looks) == 1


def test_a_store_that_cannot_be_reached_at_the_end_is_a_remark_and_no_failure(one: Process) -> None:
    def gone(_: str) -> None:
        raise ReconcilerError("the state container cannot be reached")

    with AtTheTerminal(one.coordinator, GATEWAY) as terminal:
        terminal.agreeing(lambda *_: True)(world(), Plan((MADE,)))
        one.before = gone
        report = terminal.ended(Report(GATEWAY, world(), Plan(), ()))
        one.before = lambda _: None
    assert [remark.detail for remark in report.remarks] == ["the state container cannot be reached"]
    assert not report.failed
