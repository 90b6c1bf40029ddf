"""The marker of a gateway: its rules, case by case."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from reconciler import marker
from reconciler.marker import Marker

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOON_SECONDS = 1767268800


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def within(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_a_gateway_that_nobody_woke_waits_for_nothing() -> None:
    assert not Marker().waiting
    assert not marker.read(None).waiting


def test_a_wake_waits_until_a_run_that_began_after_it_has_covered_it() -> None:
    woken = Marker().bumped().bumped()
    assert (woken.requested, woken.completed, woken.waiting) == (2, 0, True)
    running = woken.taken(NOON).began("a", NOON_SECONDS)
    assert running is not None
    assert running.waiting
    over = running.ended(NOON_SECONDS, covers=True)
    assert over is not None
    assert (over.completed, over.waiting, over.running) == (2, False, None)


def test_a_wake_during_a_run_is_not_covered_by_it() -> None:
    running = Marker().bumped().taken(NOON).began("a", NOON_SECONDS)
    assert running is not None
    over = running.bumped().ended(NOON_SECONDS, covers=True)
    assert over is not None
    assert (over.requested, over.completed, over.waiting) == (2, 1, True)


def test_a_run_that_covers_nothing_leaves_its_wakes_waiting() -> None:
    running = Marker().bumped().taken(NOON).began("a", NOON_SECONDS)
    assert running is not None
    over = running.ended(NOON_SECONDS, covers=False)
    assert over is not None
    assert (over.completed, over.running, over.covered) == (0, None, ())


@pytest.mark.parametrize(
    ("visible", "now", "window", "promised"),
    [
        (10, 0, 12, True),
        (12, 0, 12, True),
        (12.001, 0, 12, False),
        (5.001, 0, 12, True),
        (5, 0, 12, False),  # on a clock that is five seconds ahead of ours it is visible now
        (0, 0, 12, False),
        (-3, 0, 12, False),
        (1800, 0, 12, False),
        (1800, 0, 2700, True),
        (10, 5, 12, False),
    ],
)
def test_a_message_that_is_not_visible_yet_will_be_read_and_a_late_one_is_not_waited_for(
    visible: float, now: float, window: float, *, promised: bool
) -> None:
    assert Marker(announced=(at(visible),)).will_be_read(at(now), within(window)) is promised


def test_one_message_in_time_among_others_is_enough() -> None:
    announced = Marker(announced=(at(1), at(7), at(900)))
    assert announced.will_be_read(NOON, within(12))
    assert not announced.will_be_read(at(3), within(12))


def test_a_message_that_is_visible_by_the_time_it_is_noted_promises_nothing() -> None:
    late = Marker().sent(at(10), at(20))
    assert late.announced == ()
    assert Marker().sent(at(10), at(5)).announced == ()
    assert Marker().sent(at(10), at(4)).announced == (at(10),)


def test_a_note_drops_the_messages_that_have_become_visible() -> None:
    assert Marker(announced=(at(1), at(30))).sent(at(40), at(20)).announced == (at(30), at(40))


def test_of_many_messages_the_next_eight_are_remembered() -> None:
    many = Marker()
    for seconds in (90, 80, 70, 60, 50, 40, 30, 20, 10):
        many = many.sent(at(seconds), NOON)
    assert many.announced == tuple(at(seconds) for seconds in (10, 20, 30, 40, 50, 60, 70, 80))


def test_the_messages_of_a_process_that_ended_are_forgotten() -> None:
    woken = Marker(requested=3, completed=2, announced=(at(10),), epoch=7)
    assert woken.forgotten() == Marker(requested=3, completed=2, announced=(), epoch=7)


def test_each_turn_has_a_higher_epoch_than_the_last() -> None:
    first = Marker().taken(NOON)
    assert first.epoch == NOON_SECONDS
    assert first.taken(NOON).epoch == NOON_SECONDS + 1
    assert first.taken(at(-3600)).epoch == NOON_SECONDS + 1
    assert first.taken(at(3600)).epoch == NOON_SECONDS + 3600


def test_the_epoch_of_a_marker_that_was_lost_is_beyond_that_of_the_old_one() -> None:
    old = Marker().taken(NOON).taken(at(60))
    assert marker.read(None).taken(at(120)).epoch > old.epoch


def test_whoever_had_the_turn_before_begins_and_ends_nothing_any_more() -> None:
    mine = Marker().bumped().taken(NOON)
    theirs = mine.taken(NOON)
    assert mine.began("a", NOON_SECONDS) is not None
    assert theirs.began("a", NOON_SECONDS) is None
    running = theirs.began("b", NOON_SECONDS + 1)
    assert running is not None
    assert running.running == (1, "b")
    assert running.ended(NOON_SECONDS, covers=True) is None


def test_a_turn_that_is_taken_forgets_the_run_that_a_crash_left_behind() -> None:
    left = Marker().bumped().taken(NOON).began("a", NOON_SECONDS)
    assert left is not None
    assert left.taken(NOON).running is None


def test_what_never_began_does_not_end() -> None:
    assert Marker().taken(NOON).ended(NOON_SECONDS, covers=True) is None


def test_an_older_run_takes_nothing_back() -> None:
    late = Marker(requested=5, completed=4, epoch=1, running=(3, "old")).ended(1, covers=True)
    assert late is not None
    assert late.completed == 4


def test_a_deep_look_is_remembered_until_the_next() -> None:
    over = Marker(epoch=1, running=(0, "a"), deep=at(-9)).ended(1, covers=False)
    assert over is not None
    assert over.deep == at(-9)
    again = Marker(epoch=1, running=(0, "a"), deep=at(-9)).ended(1, covers=True, deep=NOON)
    assert again is not None
    assert again.deep == NOON


def test_the_first_run_that_covers_a_wake_answers_for_it() -> None:
    done = Marker(requested=9, completed=9, covered=((2, "a"), (2, "b"), (5, "c"), (9, "d")))
    assert [done.run_for(wake) for wake in (1, 2, 3, 5, 6, 9, 10)] == ["a", "a", "c", "c", "d", "d", None]


def test_the_runs_before_the_last_hundred_are_forgotten_and_no_other_answers_for_them() -> None:
    now = Marker(epoch=1)
    for number in range(1, 103):
        over = Marker(
            requested=number, completed=now.completed, epoch=1, running=(number, f"r{number}"), covered=now.covered
        ).ended(1, covers=True)
        assert over is not None
        now = over
    assert len(now.covered) == 100
    assert [now.run_for(wake) for wake in (1, 2, 3, 4, 102)] == [None, None, "r3", "r4", "r102"]


def test_a_marker_comes_back_as_it_was() -> None:
    full = Marker(
        requested=7,
        completed=5,
        announced=(at(10), at(90)),
        epoch=NOON_SECONDS,
        running=(6, "a" * 32),
        covered=((3, "b" * 32), (5, "c" * 32)),
        deep=at(-100),
    )
    assert marker.read(json.loads(json.dumps(marker.document(full, "/a/gateway")))) == full
    assert marker.read(json.loads(json.dumps(marker.document(Marker(), "/a/gateway")))) == Marker()


def test_a_marker_is_a_document_that_a_person_can_read() -> None:
    full = Marker(7, 5, (at(10),), 3, (6, "a1"), ((5, "b2"),), at(-100))
    assert marker.document(full, "/a/gateway") == {
        "gateway": "/a/gateway",
        "requested": 7,
        "completed": 5,
        "announced": ["2026-01-01T12:00:10+00:00"],
        "epoch": 3,
        "running": [6, "a1"],
        "deep": "2026-01-01T11:58:20+00:00",
        "covered": [[5, "b2"]],
    }


@pytest.mark.parametrize(
    "document",
    [
        {"requested": "many"},
        {"requested": None},
        {"announced": ["soon"]},
        {"announced": 7},
        {"running": [1]},
        {"running": "x"},
        {"covered": [["a", 1]]},
        {"covered": [[1]]},
        {"deep": "yesterday"},
    ],
)
def test_a_marker_that_makes_no_sense_is_a_gateway_to_look_at(document: dict[str, object]) -> None:
    assert marker.read(document) == Marker(requested=1)
    assert marker.read(document).waiting


def test_a_time_without_a_zone_is_utc() -> None:
    assert marker.read({"announced": ["2026-01-01T12:00:10"]}).announced == (at(10),)
