"""What docs/simulator.md says of the simulator is so."""

from dataclasses import fields
from pathlib import Path

import pytest

from simulator.failures import READY
from simulator.knobs import Knobs
from simulator.routes import count
from tests.simulator.recordings import deviations, numbers, recorded

PAGE = (Path(__file__).parents[2] / "docs/simulator.md").read_text("utf-8")


def test_the_page_counts_right() -> None:
    exchanges = sum(len(recorded(number)) for number in numbers())
    assert (
        f"simulator: {count()} routes, 11 of 11 quirks held, {exchanges} recorded exchanges replayed from "
        f"{len(numbers())} recordings, {len(deviations())} deviations"
    ) in PAGE


@pytest.mark.parametrize("name", [knob.name for knob in fields(Knobs) if knob.name != "real_time"])
def test_the_page_tells_of_every_knob(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", sorted(READY))
def test_the_page_tells_of_every_ready_made_fault(name: str) -> None:
    assert f"`{name}`" in PAGE
