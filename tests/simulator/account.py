"""How much of Azure a test run held the simulator to, in one line."""

from collections.abc import Sequence

import pytest

from simulator.routes import count
from tests.simulator.recordings import deviations, recorded

_REPLAY = "test_the_simulator_answers_as_recorded["


def account(passed: Sequence[pytest.TestReport], failed: Sequence[pytest.TestReport]) -> str:
    """Routes, quirks, recorded exchanges, deviations; nothing when the run was about something else."""
    replayed = [number for report in passed if (number := _recording(report)) is not None]
    broken = {number for report in failed for number in _quirks(report)}
    held = {number for report in passed for number in _quirks(report)} - broken
    if not replayed or not held:
        return ""
    exchanges = sum(len(recorded(number)) for number in replayed)
    return (
        f"simulator: {count()} routes, {len(held)} of 11 quirks held, {exchanges} recorded exchanges replayed "
        f"from {len(replayed)} recordings, {len(deviations())} deviations"
    )


def _recording(report: pytest.TestReport) -> str | None:
    _, found, rest = report.nodeid.partition(_REPLAY)
    return rest.rstrip("]") if found and report.when == "call" else None


def _quirks(report: pytest.TestReport) -> set[int]:
    return {int(str(number)) for name, number in getattr(report, "user_properties", ()) if name == "quirk"}
