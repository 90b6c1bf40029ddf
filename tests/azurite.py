"""Azurite, Microsoft's emulator of Azure Storage: installed once into `.cache`, started for a session of tests.

`python -m tests.azurite` installs it ahead of time, without the deadline that tests have.
"""

from __future__ import annotations

import fcntl
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

VERSION = "3.37.0"
CACHE = Path(__file__).parent.parent / ".cache" / "azurite"
SCRIPT = "node_modules/azurite/dist/src/azurite.js"
INSTALL_SECONDS = 100.0
START_SECONDS = 60.0
STOP_SECONDS = 10.0

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The account of every Azurite and its key, as Microsoft publishes them: no secret."""


class Unavailable(Exception):
    """Azurite cannot run here; the text says why."""


@dataclass(frozen=True)
class Azurite:
    """A running emulator, by its addresses."""

    blobs: str
    queues: str
    tables: str

    @property
    def connection_string(self) -> str:
        """What AzureWebJobsStorage would be."""
        return (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
            f"BlobEndpoint={self.blobs};QueueEndpoint={self.queues};TableEndpoint={self.tables};"
        )


def install(seconds: float | None = None) -> Path:
    """The emulator's script, installed where it is not yet; one process at a time does that."""
    folder = CACHE / VERSION
    if not shutil.which("node") or not shutil.which("npm"):
        raise Unavailable("Azurite needs node and npm, which are not here")
    CACHE.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + seconds if seconds else float("inf")
    with (CACHE / "lock").open("w") as lock:
        _wait_for(lock, deadline)
        if not (folder / SCRIPT).is_file():
            _install_into(folder, deadline)
    return folder / SCRIPT


def _wait_for(lock: IO[str], deadline: float) -> None:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Unavailable("another process has been installing Azurite for too long") from None
            time.sleep(0.2)
        else:
            return


def _install_into(folder: Path, deadline: float) -> None:
    """Install beside and rename, so that an interrupted installation is never taken for a whole one."""
    part = folder.with_name("part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    command = ["npm", "install", "--prefix", ".", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    left = None if deadline == float("inf") else max(1.0, deadline - time.monotonic())
    try:
        done = subprocess.run(
            [*command, f"azurite@{VERSION}"], cwd=part, capture_output=True, text=True, timeout=left, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(
            f"npm took more than {left:.0f} s to install Azurite; do it ahead: python -m tests.azurite"
        ) from None
    if done.returncode or not (part / SCRIPT).is_file():
        raise Unavailable(f"npm could not install Azurite: {done.stderr.strip()[-500:]}")
    part.rename(folder)


@contextmanager
def running(location: Path) -> Iterator[Azurite]:
    """An emulator on free ports of this machine that keeps its files in a folder; it has ended afterwards."""
    script = install(INSTALL_SECONDS)
    ports = _free_ports(3)
    names = ("blob", "queue", "table")
    options = [
        f"--{name}{what}={value}"
        for name, port in zip(names, ports, strict=True)
        for what, value in (("Host", "127.0.0.1"), ("Port", port))
    ]
    fixed = ["--skipApiVersionCheck", "--silent", "--disableTelemetry", f"--location={location}"]
    log = location / "azurite.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["node", str(script), *fixed, *options], stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            _await(process, ports, log)
            yield Azurite(*(f"http://127.0.0.1:{port}/{ACCOUNT}" for port in ports))
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen[bytes], ports: list[int], log: Path) -> None:
    """Return when every port answers; raises where the process ends before, or the deadline passes."""
    deadline = time.monotonic() + START_SECONDS
    for port in ports:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                said = log.read_text(errors="replace").strip()[-500:]
                if process.poll() is not None:
                    raise Unavailable(f"Azurite ended with {process.returncode}: {said}") from None
                if time.monotonic() > deadline:
                    raise Unavailable(f"Azurite was not ready after {START_SECONDS:.0f} s: {said}") from None
                time.sleep(0.05)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


if __name__ == "__main__":
    install()
