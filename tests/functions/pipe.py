"""Our end of the pipe: one worker process that answers lines of JSON, and never outlives whoever started it."""

import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("worker_process.py")

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""All that an app sees of the environment of the tests."""

GRACE = 2.0
"""Seconds a process has to end by itself before it is killed."""


class WorkerGoneError(Exception):
    """The worker's process ended, or broke, before it answered."""


class DeadlineError(Exception):
    """The worker did not answer in time."""


class Pipe:
    """A worker process; `ask` may be called from several threads at once."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._printed = tempfile.NamedTemporaryFile(prefix="worker-", suffix=".log")  # noqa: SIM115 - see close
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(SCRIPT), str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            env={**inherited, **environment},
            cwd=directory,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def printed(self) -> str:
        """What the app has printed so far, on either stream; empty once closed."""
        path = Path(self._printed.name)
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def ask(self, action: str, timeout: float, **arguments: Any) -> dict[str, Any]:
        """The answer to one line, within so many seconds."""
        waiting: Future[dict[str, Any]] = Future()
        stdin = self._process.stdin
        assert stdin is not None
        try:
            with self._lock:
                number = next(self._numbers)
                self._waiting[number] = waiting
                stdin.write(json.dumps([number, action, arguments]) + "\n")
                stdin.flush()
        except (OSError, ValueError) as error:
            raise WorkerGoneError(self._said("the worker has ended")) from error
        try:
            answer = waiting.result(timeout)
        except TimeoutError as error:
            raise DeadlineError(self._said(f"no answer to {action} within {timeout:g} s")) from error
        if "broken" in answer:
            raise WorkerGoneError(self._said(answer["broken"]))
        return answer

    def close(self) -> None:
        """End the process, whatever it is doing; nothing happens the second time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        self._printed.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            number, answer = json.loads(line)
            self._waiting.pop(number).set_result(answer)
        ended = {"broken": f"the worker ended with code {self._process.wait()} before it answered"}
        while self._waiting:
            self._waiting.popitem()[1].set_result(ended)

    def _said(self, what: str) -> str:
        said = self.printed[-2000:].strip()
        return f"{what}; it printed:\n{said}" if said else what
