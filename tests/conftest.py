"""What every test may ask for."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests import azurite as emulator
from tests.simulator.account import account


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulator.Azurite]:
    """Azurite, running; without it tests are skipped, or fail where `REQUIRE_ALL=1` wants every test to run."""
    with ExitStack() as running:
        try:
            yield running.enter_context(emulator.running(tmp_path_factory.mktemp("azurite")))
        except emulator.Unavailable as reason:
            if os.environ.get("REQUIRE_ALL") == "1":
                pytest.fail(str(reason))
            pytest.skip(str(reason))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the report of a test say which quirk of Azure it holds."""
    for item in items:
        for mark in item.iter_markers("quirk"):
            item.user_properties.append(("quirk", mark.args[0]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much of Azure the simulator was held to in this run, if it was."""
    passed = terminalreporter.getreports("passed")
    failed = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    line = account(passed, failed)
    if line:
        terminalreporter.write_line(line)
