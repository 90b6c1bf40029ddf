"""The command line, a process of its own, and a worker at one gateway: whoever comes second waits or is told."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.blob_store import BlobStore, account_key
from reconciler.coordinate import BackEnd, Coordinator, Pace
from reconciler.events import Wake
from reconciler.local_back_end import LocalBackEnd
from reconciler.message import Message
from reconciler.model import Plan
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from reconciler.storage_back_end import StorageBackEnd
from reconciler.store import FolderStore, Store
from reconciler.turn import Turn, key_of, marker_of
from tests.azurite import ACCOUNT, KEY, Azurite
from tests.builders import world
from tests.command_line import Command
from tests.local import CONFIG, EAST_API, GATEWAY
from tools.local_azure import LocalAzure, local_azure

HERE = ResourceId.parse(GATEWAY)


def today() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Shared:
    """State that the command line and this process share; `setting` is the command line's RECONCILER_STATE."""

    setting: str
    store: Store
    back_end: BackEnd


EITHER = {"folder": "storage", "storage": "folder"}
"""Commands take seconds: each test with one back end, and with the other one among the exhaustive tests."""


def either(first: str) -> pytest.MarkDecorator:
    other = pytest.param(EITHER[first], marks=pytest.mark.exhaustive)
    return pytest.mark.parametrize("shared", [first, other], indirect=True)


@pytest.fixture
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Shared:
    if request.param == "folder":
        folder = FolderStore(tmp_path / "shared")
        return Shared(str(tmp_path / "shared"), folder, LocalBackEnd(folder, today))
    azurite: Azurite = request.getfixturevalue("azurite")
    url = f"{azurite.blobs}/state-{uuid.uuid4().hex}"
    blobs = BlobStore(url, account_key(ACCOUNT, KEY))
    queue = StorageBackEnd(blobs, azurite.queues, account_key(ACCOUNT, KEY), queue=f"work-{uuid.uuid4().hex}")
    return Shared(url, blobs, queue)


@pytest.fixture
def azure() -> Iterator[LocalAzure]:
    with local_azure("--import-time", "1.5", "--knob", "service_update_time=0.1") as running:
        yield running


@either("folder")
def test_apply_is_refused_while_a_worker_has_the_turn_and_has_it_afterwards(
    azure: LocalAzure, shared: Shared, tmp_path: Path
) -> None:
    command = Command(azure, tmp_path)
    lease = shared.back_end.take(key_of(HERE))
    assert lease is not None
    refused = command("apply", "--yes", RECONCILER_STATE=shared.setting)
    assert refused.returncode == 1
    assert "a run is under way at contoso-gateway" in refused.stdout + refused.stderr
    assert command.wrote() == []
    lease.release()
    assert command("apply", "--yes", RECONCILER_STATE=shared.setting).returncode == 0
    assert EAST_API in azure.resources()


@either("storage")
def test_a_worker_waits_while_somebody_applies_and_then_has_nothing_to_answer(
    azure: LocalAzure, shared: Shared, tmp_path: Path
) -> None:
    runs: list[float] = []
    sent: list[float] = []

    def run(gateway: ResourceId, turn: Turn | None, seconds: float) -> Report:
        assert turn is not None
        assert seconds
        runs.append(time.monotonic())
        return Report(gateway, world(), Plan(), ())

    class Listening:
        def send(self, message: str, delay: float) -> float:
            assert message
            sent.append(delay)
            return delay

        take = shared.back_end.take

    worker = Coordinator(run, shared.store, Listening(), today, pace=Pace(debounce=0.0))
    command = Command(azure, tmp_path)
    answers: list[subprocess.CompletedProcess[str]] = []
    thread = threading.Thread(
        target=lambda: answers.append(command("apply", "--yes", RECONCILER_STATE=shared.setting))
    )
    thread.start()
    until_the_import(azure)
    worker.wake(Wake(HERE, "an event"))
    message = Message(HERE, "an event", today()).text
    worker.work(message, 540)
    assert runs == [], "somebody else is at the gateway"
    assert sent[1:] == [pytest.approx(37.5, abs=7.5)]
    thread.join(60)
    assert [answer.returncode for answer in answers] == [0]
    assert marker_of(shared.store, HERE).waiting, "its run began before the event"
    worker.work(message, 540)
    assert len(runs) == 1
    assert not marker_of(shared.store, HERE).waiting


def until_the_import(azure: LocalAzure) -> None:
    end = time.monotonic() + 30
    while not any(re.search("PUT .*/apis/[^/]*$", f"{r['method']} {r['path']}") for r in azure.requests()):
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.exhaustive
def test_the_lease_of_a_command_that_was_killed_runs_out_and_the_next_finishes_its_work(
    azure: LocalAzure, tmp_path: Path
) -> None:
    """With a folder; what Azure Storage does with the lease of one that ended is its own (runtime.md, 3)."""
    command = Command(azure, tmp_path)
    (tmp_path / "reconciler.yaml").write_text(CONFIG, "utf-8")
    settings = {**azure.environment(tmp_path / "state"), "PATH": "", "PYTHONPATH": str(Path(__file__).parents[2])}
    settings["RECONCILER_CONFIG"] = "reconciler.yaml"
    killed = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "apply", "--yes"],
        cwd=tmp_path,
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with suppress(ProcessLookupError):
        until_the_import(azure)
        killed.kill()
    killed.wait(10)
    store = FolderStore(tmp_path / "state")
    lock = store.get(f"locks/{key_of(HERE)}")
    assert lock is not None
    assert lock["holder"]
    assert 0 < (datetime.fromisoformat(lock["until"]) - today()).total_seconds() <= 60
    assert LocalBackEnd(store, today).take(key_of(HERE)) is None
    later = LocalBackEnd(store, lambda: datetime.fromisoformat(lock["until"])).take(key_of(HERE))
    assert later is not None
    later.release()
    assert command("apply", "--yes").returncode == 0
    assert EAST_API in azure.resources()
