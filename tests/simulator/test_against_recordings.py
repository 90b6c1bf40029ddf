"""Real exchanges, replayed: status, headers that matter and body, in the same order of keys."""

import pytest

from tests.simulator.asking import shared
from tests.simulator.recordings import deviations, numbers, recorded, replay


@pytest.mark.parametrize("number", numbers())
def test_the_simulator_answers_as_recorded(number: str) -> None:
    shared("azure/recordings")
    known = deviations()
    found = dict(replay(number))
    new = {where: what for where, what in found.items() if where not in known}
    assert not new
    gone = {where for where in known if where.startswith(f"{number}.") and where not in found}
    assert not gone, "these deviations are no more: take them out of deviations.json"


def test_every_recording_is_replayed() -> None:
    there = {path.name[:2] for path in shared("azure/recordings").glob("*.json")}
    assert set(numbers()) == there
    assert sum(len(recorded(number)) for number in numbers()) == 183


def test_every_deviation_has_a_reason_and_belongs_to_a_recording() -> None:
    for where, reason in deviations().items():
        assert where[:2] in numbers(), where
        assert len(reason) > 10, where
