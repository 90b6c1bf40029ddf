"""How a tool starts the simulator as a process of its own, talks to its admin routes, and ends it."""

from __future__ import annotations

import json
import queue
import ssl
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_READY = "simulator listening on "
_CA = "simulator's CA file: "
_PATIENCE = 20.0


@dataclass(frozen=True)
class LocalAzure:
    """A running simulator; `url` is its address on this machine, `ca` the file to trust with https."""

    url: str
    ca: str = ""

    def environment(self, state: Path) -> dict[str, str]:
        """The settings that point the reconciler at it (contract.md, "Environment")."""
        return {
            "RECONCILER_ARM_ENDPOINT": self.url,
            "RECONCILER_ARM_TOKEN": "simulator",
            "RECONCILER_CONFIG": str(ROOT / "reconciler.example.yaml"),
            "RECONCILER_STATE": str(state),
            **({"RECONCILER_ARM_CA": self.ca} if self.ca else {}),
        }

    def requests(self) -> list[dict[str, Any]]:
        """What was asked so far, oldest first."""
        return list(self._call("GET", "requests"))

    def forget_requests(self) -> None:
        """Start counting anew."""
        self._call("DELETE", "requests")

    def resources(self) -> dict[str, Any]:
        """Every resource by id."""
        return dict(self._call("GET", "resources"))

    def events(self) -> list[dict[str, Any]]:
        """The Event Grid events raised so far."""
        return list(self._call("GET", "events"))

    def put(self, id: str, body: dict[str, Any]) -> None:
        """Change the world behind everybody's back."""
        self._call("PUT", f"resources?id={urllib.parse.quote(id)}", body)

    def delete(self, id: str) -> None:
        """Remove something behind everybody's back."""
        self._call("DELETE", f"resources?id={urllib.parse.quote(id)}")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - an address on this machine, ours
            f"{self.url}/_simulator/{path}", data=data, method=method, headers={"Content-Type": "application/json"}
        )
        trust = ssl.create_default_context(cafile=self.ca) if self.ca else None
        with urllib.request.urlopen(request, timeout=30, context=trust) as response:  # noqa: S310 - as above
            text = response.read()
        return json.loads(text) if text.strip() else None


def _address(process: subprocess.Popen[str]) -> LocalAzure:
    """Where the simulator listens, once it says so."""
    ca = ""
    lines: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        with suppress(ValueError):  # closed when the process has ended
            for line in process.stdout or ():
                lines.put(line)
        lines.put("")

    threading.Thread(target=listen, daemon=True).start()
    with suppress(queue.Empty):
        while line := lines.get(timeout=_PATIENCE):
            if line.startswith(_CA):
                ca = line.removeprefix(_CA).strip()
            if line.startswith(_READY):
                return LocalAzure(line.removeprefix(_READY).strip(), ca)
    raise SystemExit("the simulator did not start; run 'python -m simulator' to see why")


@contextmanager
def local_azure(*options: str) -> Iterator[LocalAzure]:
    """A simulator on a free port of this machine, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "--port", "0", *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        yield _address(process)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
