"""A worker is killed at random moments: nothing is lost, and nothing is stuck for longer than one lease."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from reconciler.blob_store import BlobStore, account_key
from reconciler.store import FolderStore, Store
from reconciler.turn import marker_of
from tests.azurite import ACCOUNT, KEY, Azurite
from tests.coordination.mortal import FOLDER_LEASE, HIDDEN, PACE, RUN, STORAGE_LEASE, named
from tools.local_azure import ROOT

START = 20.0
MOMENTS = 0.9
"""Seconds from the arrival of an event until it is answered: the debounce and half of it, the run, and the rest."""


@dataclass
class Killer:
    """Starts workers one after the other on one place, and kills them."""

    place: Path
    where: tuple[str, ...]
    sent: list[tuple[str, float]] = field(default_factory=list)
    killed: list[float] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """A worker that takes events."""
        ready = self.place / "ready"
        ready.unlink(missing_ok=True)
        with (self.place / "said").open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.coordination.mortal", str(self.place), *self.where],
                cwd=ROOT,
                stdout=said,
                stderr=said,
            )
        end = time.monotonic() + START
        while not ready.exists():
            assert process.poll() is None, (self.place / "said").read_text()
            assert time.monotonic() < end
            time.sleep(0.01)
        return process

    def event(self, name: str) -> None:
        """An event for a gateway."""
        (self.place / f"{name}.{uuid.uuid4().hex}").touch()
        self.sent.append((name, time.time()))
        for made in self.place.glob(f"{name}.*"):
            made.rename(self.place / "events" / made.name)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As the platform does when it takes a machine away."""
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        self.killed.append(time.time())

    def runs(self) -> dict[str, list[tuple[float, float]]]:
        """Of each gateway, the runs that came to an end: when they began and ended."""
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        began: dict[str, float] = {}
        for line in (self.place / "log").read_text("utf-8").splitlines():
            what, name, moment = line.split()
            if what == "began":
                began[name] = float(moment)
            else:
                found[name].append((began.pop(name), float(moment)))
        return found


def killed_at_random(
    place: Path, where: tuple[str, ...], store: Store, kills: int, lease: float, seed: int
) -> None:
    (place / "events").mkdir(parents=True)
    killer, moments = Killer(place, where), random.Random(seed)  # noqa: S311 - repeats itself
    for number in range(kills):
        process = killer.start()
        killer.event(f"gw-{number}")
        time.sleep(moments.uniform(0.0, MOMENTS))
        killer.kill(process)
    process = killer.start()
    answered = all_answered(killer, store)
    longest = lease + HIDDEN + 1.5 * (PACE.debounce + PACE.busy) + RUN + 3.0  # of the machine's own
    end = time.monotonic() + longest
    try:
        while not answered():
            assert time.monotonic() < end, "something is stuck for longer than one lease"
            time.sleep(0.1)
    finally:
        killer.kill(process)
    runs = killer.runs()
    for name, at in killer.sent:
        assert any(began >= at for began, _ in runs[name]), f"{name} is lost"
        assert len(runs[name]) <= 3
    for spans in runs.values():
        assert all(one[1] <= two[0] for one, two in pairwise(spans))


def all_answered(killer: Killer, store: Store) -> Callable[[], bool]:
    def holds() -> bool:
        if any((killer.place / "events").iterdir()):
            return False
        markers = [marker_of(store, named(name)) for name, _ in killer.sent]
        return all(marker.requested == marker.completed > 0 for marker in markers)

    return holds


def folder(tmp_path: Path, kills: int, seed: int) -> None:
    state = tmp_path / "state"
    killed_at_random(tmp_path / "place", (str(state),), FolderStore(state), kills, FOLDER_LEASE, seed)


def storage(tmp_path: Path, azurite: Azurite, kills: int, seed: int) -> None:
    container, queue = f"state-{uuid.uuid4().hex}", f"work-{uuid.uuid4().hex}"
    store = BlobStore(f"{azurite.blobs}/{container}", account_key(ACCOUNT, KEY))
    where = (azurite.blobs, azurite.queues, container, queue)
    killed_at_random(tmp_path / "place", where, store, kills, STORAGE_LEASE, seed)


def test_a_worker_with_a_folder_that_is_killed_three_times_loses_nothing(tmp_path: Path) -> None:
    folder(tmp_path, 3, seed=7)


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_a_worker_with_a_folder_that_is_killed_fifty_times_loses_nothing(tmp_path: Path) -> None:
    folder(tmp_path, 50, seed=11)


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_a_worker_with_azure_storage_that_is_killed_fifty_times_loses_nothing(
    tmp_path: Path, azurite: Azurite
) -> None:
    storage(tmp_path, azurite, 50, seed=13)
