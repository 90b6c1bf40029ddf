"""How tests start `python -m simulator` and speak to it over a socket."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HEADERS = {"Authorization": "Bearer token", "Content-Type": "application/json"}


@contextmanager
def started(*arguments: str) -> Iterator[tuple[str, list[str], "subprocess.Popen[str]"]]:
    """A running simulator: its URL, the lines before it, the process."""
    command = [sys.executable, "-m", "simulator", "--port", "0", *arguments]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    ) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            for line in process.stdout:
                if line.startswith("simulator listening on "):
                    yield line.removeprefix("simulator listening on ").strip(), lines, process
                    break
                lines.append(line)
            else:
                pytest.fail(f"it did not start: {process.stderr.read() if process.stderr else ''}")
        finally:
            if process.poll() is None:
                process.kill()


def ask(url: str, path: str, method: str = "GET", body: Any = None, **more: Any) -> Any:
    """The JSON body of an answer; other statuses than success are raised."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}{path}", data, HEADERS, method=method)  # noqa: S310  # our own server
    with urllib.request.urlopen(request, timeout=10, **more) as answer:  # noqa: S310  # as above
        text = answer.read()
        return json.loads(text) if text else None


def refused(*arguments: str) -> str:
    """What a simulator that does not start says to standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr
