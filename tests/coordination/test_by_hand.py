"""Wakes by hand and dry runs: what their callers find under the id that they were given."""

from __future__ import annotations

import re

import pytest

from reconciler import records
from reconciler.errors import ConfigError
from reconciler.events import Wake
from reconciler.report import Report
from tests.builders import GATEWAY, rid
from tests.coordination.steps import KEY, Look, Place, Process, ProcessEnded, failed, in_sync
from tests.scenes.building import Kept

BY_HAND = Wake(GATEWAY, "by hand")
SECOND = rid(GATEWAY.text.replace("contoso-gw", "contoso-gw-2"))


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def process(place: Place) -> Process:
    return Process(place)


def told(process: Process, id: str) -> dict[str, object]:
    found = records.found(process, id)
    assert found is not None
    return found


def runs(place: Place) -> dict[str, dict[str, object]]:
    """The records of runs, not those of wakes, by id."""
    found = {name: place.document(name) or {} for name in place.documents if name.startswith("runs/")}
    return {name.removeprefix("runs/"): record for name, record in found.items() if "wake" not in record}


# Wakes


def test_a_wake_by_hand_is_queued_then_under_way_then_covered_by_a_run(place: Place, process: Process) -> None:
    ids: list[str] = []
    seen: list[dict[str, object]] = []

    def becomes(look: Look) -> Report:
        seen.append(told(process, ids[0]))
        return in_sync(look)

    process.becomes = becomes
    id = process.coordinator.wake_by_hand(BY_HAND)
    ids.append(id)
    assert told(process, id) == {
        "id": id,
        "gateway": GATEWAY.text,
        "cause": "by hand",
        "dryRun": False,
        "status": "queued",
        "requestedAt": "2026-01-01T00:00:00+00:00",
        "wake": 1,
    }
    assert place.waits() == [0.0], "a person is waiting"
    place.drain(process)
    ((run, record),) = runs(place).items()
    assert (seen[0]["status"], seen[0]["coveredBy"], seen[0]["id"]) == ("running", run, id)
    assert told(process, id) == {**record, "id": id, "coveredBy": run}
    assert record["status"] == "succeeded"
    assert told(process, run) == record


def test_a_run_that_began_before_the_wake_does_not_answer_for_it(place: Place, process: Process) -> None:
    ids: list[str] = []

    def becomes(look: Look) -> Report:
        if not ids:
            ids.append(process.coordinator.wake_by_hand(BY_HAND))
            assert told(process, ids[0])["status"] == "queued"
        return in_sync(look)

    process.becomes = becomes
    process.wake()
    place.drain(process)
    first, second = sorted(runs(place).values(), key=lambda record: str(record["startedAt"]))
    assert len(process.looks) == 2
    assert told(process, ids[0])["coveredBy"] in {first["id"], second["id"]}
    assert place.marker.covered[0][1] != told(process, ids[0])["coveredBy"]


def test_a_wake_whose_run_is_forgotten_is_still_answered(place: Place, process: Process) -> None:
    id = process.coordinator.wake_by_hand(BY_HAND)
    place.drain(process)
    for _ in range(100):
        process.wake()
        place.drain(process)
    assert told(process, id)["status"] == "succeeded"
    assert told(process, id)["detail"] == "a run covered it whose record is forgotten"


def test_the_same_key_is_the_same_wake(place: Place, process: Process) -> None:
    id = process.coordinator.wake_by_hand(BY_HAND, "order 7")
    assert process.coordinator.wake_by_hand(BY_HAND, "order 7") == id
    assert place.marker.requested == 1
    assert len(place.queue) == 1
    place.drain(process)
    assert process.coordinator.wake_by_hand(BY_HAND, "order 7") == id
    assert place.queue == []
    assert len(process.looks) == 1


def test_another_key_another_gateway_or_no_key_is_another_wake(process: Process) -> None:
    ids = [
        process.coordinator.wake_by_hand(BY_HAND, "order 7"),
        process.coordinator.wake_by_hand(BY_HAND, "order 8"),
        process.coordinator.wake_by_hand(Wake(SECOND, "by hand"), "order 7"),
        process.coordinator.wake_by_hand(BY_HAND),
        process.coordinator.wake_by_hand(BY_HAND),
    ]
    assert len(set(ids)) == 5
    assert all(re.fullmatch("[0-9a-f]{32}", id) for id in ids)


def test_a_key_whose_wake_broke_off_is_a_wake_again(place: Place, process: Process) -> None:
    broken = Process(place)
    broken.ends_at(3)
    with pytest.raises(ProcessEnded):
        broken.coordinator.wake_by_hand(BY_HAND, "order 7")
    id = process.coordinator.wake_by_hand(BY_HAND, "order 7")
    place.drain(process)
    assert told(process, id)["status"] == "succeeded"


@pytest.mark.parametrize("id", ["0" * 32, "nope", "", "../status/x", "0" * 31 + "/", "A" * 32])
def test_an_id_that_nobody_was_given_has_no_record(process: Process, id: str) -> None:
    assert records.found(process, id) is None


# Dry runs


def test_a_dry_run_takes_no_turn_and_leaves_no_trace_but_its_record(place: Place, process: Process) -> None:
    id = process.coordinator.preview(BY_HAND)
    assert told(process, id)["status"] == "queued"
    process.becomes = lambda look: (
        Report(look.gateway) if told(process, id)["status"] == "running" else in_sync(look)
    )
    place.drain(process)
    (look,) = process.looks
    assert look.dry
    record = told(process, id)
    assert (record["dryRun"], record["status"], record["id"]) == (True, "succeeded", id)
    assert record["startedAt"]
    assert record["report"]
    assert set(place.documents) == {f"runs/{id}"}
    assert not any(step.startswith("take") for step in process.steps)


def test_a_dry_run_runs_while_another_run_has_the_turn(place: Place, process: Process) -> None:
    other = Process(place)

    def becomes(look: Look) -> Report:
        id = other.coordinator.preview(BY_HAND)
        (sent,) = [each for each in place.visible() if id in each.text]
        before = place.document(f"targets/{KEY}")
        place.deliver(sent, other)
        assert [each.dry for each in other.looks] == [True]
        assert place.document(f"targets/{KEY}") == before
        assert told(other, id)["status"] == "succeeded"
        return in_sync(look)

    process.becomes = becomes
    process.wake()
    place.drain(process)
    assert len(process.looks) == 1
    assert len(other.looks) == 1


@pytest.mark.parametrize(
    ("error", "told_as"),
    [
        (ConfigError("the file is gone"), {"reason": "config-invalid", "detail": "the file is gone"}),
        (ZeroDivisionError("with a secret"), {"reason": "internal-error", "detail": "ZeroDivisionError"}),
    ],
)
def test_a_dry_run_that_breaks_says_so_and_is_over(
    place: Place, process: Process, error: Exception, told_as: dict[str, str]
) -> None:
    def broken(_: Look) -> Report:
        raise error

    process.becomes = broken
    id = process.coordinator.preview(BY_HAND)
    place.drain(process)
    record = told(process, id)
    assert record["status"] == "failed"
    assert record["report"]["error"] == told_as  # type: ignore[index]
    assert len(process.looks) == 1
    assert place.poison == []


def test_a_gateway_that_cannot_be_read_is_a_dry_run_that_failed(place: Place, process: Process) -> None:
    process.becomes = failed("forbidden")
    id = process.coordinator.preview(BY_HAND)
    place.drain(process)
    assert told(process, id)["status"] == "failed"


def test_a_run_that_ends_while_somebody_asks_is_not_told_as_failed() -> None:
    id = "0" * 32
    ended = {"id": id, "gateway": GATEWAY.text, "dryRun": False, "status": "succeeded"}

    class Ending(Kept):
        asked = 0

        def get(self, name: str) -> dict[str, object] | None:
            if not name.startswith("runs/"):
                return None
            self.asked += 1
            return {**ended, "status": "running"} if self.asked == 1 else ended

    assert records.found(Ending(), id) == ended
