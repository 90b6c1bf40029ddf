"""How fast the simulator starts and answers, against its promises: a second, two milliseconds, five for a page."""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from rich.table import Table
from werkzeug.test import Client, EnvironBuilder

from simulator import Simulator
from tools.local_azure import ROOT

START_TARGET, GET_TARGET, PAGE_TARGET = 1.0, 0.002, 0.005  # seconds; the median counts
_TIMES = 200
_HEADERS = {"Authorization": "Bearer token"}
_S = "/subscriptions/00000000-0000-0000-0000-00000000f001"
_SERVICE = f"{_S}/resourceGroups/rg-gateway/providers/Microsoft.ApiManagement/service/contoso-prod"
_ACCOUNTS = f"{_S}/providers/Microsoft.CognitiveServices/accounts"
_APIM, _COGNITIVE = "?api-version=2024-05-01", "?api-version=2025-09-01"
_READS = {
    "GET of a backend": f"{_SERVICE}/backends/orders{_APIM}",
    "GET of an API": f"{_SERVICE}/apis/orders-api{_APIM}",
    "list of 100 APIs": f"{_SERVICE}/apis{_APIM}",
    "list of 29 accounts": f"{_ACCOUNTS}{_COGNITIVE}",
}
_APIS = 98  # beside the two of the world


@dataclass(frozen=True)
class Measured:
    """What was measured, in seconds."""

    what: str
    where: str
    median: float
    p95: float
    target: float

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        return self.median < self.target


def measure() -> list[Measured]:
    """Start it, ask it over a connection that stays open, and ask it in this process."""
    return [*_starts(), *_over_a_socket(), *_in_process()]


def table(measured: list[Measured]) -> Table:
    """The numbers, this machine's and today's."""
    shown = Table("the simulator", "", "median", "p95", "target", "", box=None)
    for each in measured:
        unit, factor = ("s", 1) if each.target >= 1 else ("ms", 1000)
        numbers = [f"{value * factor:.2f} {unit}" for value in (each.median, each.p95)]
        verdict = "kept" if each.met else "MISSED"
        shown.add_row(each.what, each.where, *numbers, f"{each.target * factor:.0f} {unit}", verdict)
    return shown


def _starts() -> Iterator[Measured]:
    """The very first start compiles the code; it is not counted."""
    with tempfile.TemporaryDirectory() as compiled:
        with started("contoso", compiled):
            pass
        for world in ("contoso", "fifty"):
            took = []
            for _ in range(5):
                began = time.perf_counter()
                with started(world, compiled):
                    took.append(time.perf_counter() - began)
            yield _of(f"start, world {world}", "new process", took, START_TARGET)


@contextmanager
def started(world: str, compiled: str = "") -> Iterator[str]:
    """A simulator in a process of its own: its URL."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**kept, "PYTHONPYCACHEPREFIX": compiled} if compiled else dict(os.environ)
    command = [sys.executable, "-m", "simulator", "--port", "0", "--world", world]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101  # asked for
        try:
            yield process.stdout.readline().rpartition(" ")[2].strip()
        finally:
            process.terminate()


def _over_a_socket() -> Iterator[Measured]:
    with started("fifty") as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)

        def ask(method: str, path: str, body: str | None = None) -> None:
            connection.request(method, path, body, _HEADERS)
            connection.getresponse().read()

        for number in range(_APIS):
            ask("PUT", f"{_SERVICE}/apis/bench-{number}{_APIM}", _api(number))
        for what, path in _READS.items():
            yield _of(what, "socket", _times(lambda path=path: ask("GET", path)), _target(what))  # type: ignore[misc]
        connection.close()


def _in_process() -> Iterator[Measured]:
    simulator = Simulator("fifty")
    for number in range(_APIS):
        name = f"bench-{number}"
        simulator.put(f"{_SERVICE}/apis/{name}", {"properties": {"displayName": name, "path": name}})
    client = Client(simulator)
    for what, path in _READS.items():
        builder = EnvironBuilder(path=path, base_url="https://management.azure.com", headers=list(_HEADERS.items()))
        environ = builder.get_environ()
        yield _of(what, "in process", _times(lambda e=environ: client.open(dict(e)).get_data()), _target(what))  # type: ignore[misc]


def _target(what: str) -> float:
    return PAGE_TARGET if what.startswith("list") else GET_TARGET


def _api(number: int) -> str:
    return f'{{"properties": {{"displayName": "bench-{number}", "path": "bench-{number}"}}}}'


def _times(work: Callable[[], object]) -> list[float]:
    work()
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return took


def _of(what: str, where: str, took: list[float], target: float) -> Measured:
    return Measured(what, where, statistics.median(took), sorted(took)[int(len(took) * 0.95)], target)
