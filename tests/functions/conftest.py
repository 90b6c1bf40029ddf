"""What the tests of the function app share."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from typing import Any, Protocol

import pytest

from .worker import Worker, missing


class Start(Protocol):
    """Writes a function app and starts a worker for it."""

    def __call__(self, source: str, **options: Any) -> Worker: ...


def skip_or_fail(reason: str | None) -> None:
    """Skip the test for a reason, or fail it where `REQUIRE_ALL=1` wants every test to run."""
    if reason and os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture
def library() -> None:
    """Microsoft's worker library."""
    skip_or_fail(missing())


@pytest.fixture
def start(library: None, tmp_path: Path) -> Iterator[Start]:  # noqa: ARG001 - asked for its effect
    """Start a worker for the source of a `function_app.py`; it has ended when the test has."""
    with ExitStack() as running:

        def start(source: str, **options: Any) -> Worker:
            head = "import logging\nimport azure.functions as func\napp = func.FunctionApp()\n"
            (tmp_path / "function_app.py").write_text(head + dedent(source))
            return running.enter_context(Worker(tmp_path, **options))

        yield start
