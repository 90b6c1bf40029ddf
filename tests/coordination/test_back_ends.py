"""Both back ends: a lease is one holder's, messages wait, and many workers at once make one run."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from azure.storage.blob import BlobLeaseClient
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from reconciler.blob_store import BlobStore, account_key
from reconciler.coordinate import BackEnd, Coordinator
from reconciler.errors import ReconcilerError
from reconciler.events import Wake
from reconciler.local_back_end import LocalBackEnd
from reconciler.message import Message
from reconciler.model import Plan
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from reconciler.storage_back_end import StorageBackEnd
from reconciler.store import FolderStore, Store
from reconciler.turn import Turn, marker_of
from tests.azurite import ACCOUNT, KEY, Azurite
from tests.builders import GATEWAY, world

TARGET = "00000000-0000-0000-0000-000000000001.contoso-gw"


def today() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Shared:
    """What several processes would share: each gets a back end of its own."""

    store: Store
    another: Callable[[], BackEnd]


@pytest.fixture(params=["folder", "storage"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Shared:
    if request.param == "folder":
        store = FolderStore(tmp_path / "state")
        return Shared(store, lambda: LocalBackEnd(FolderStore(tmp_path / "state"), today))
    azurite: Azurite = request.getfixturevalue("azurite")
    blobs, queue = blob_store(azurite), f"work-{uuid.uuid4().hex}"
    return Shared(blobs, lambda: StorageBackEnd(blobs, azurite.queues, account_key(ACCOUNT, KEY), queue=queue))


def blob_store(azurite: Azurite) -> BlobStore:
    return BlobStore(f"{azurite.blobs}/state-{uuid.uuid4().hex}", account_key(ACCOUNT, KEY), retries=0)


# Leases


def test_a_lease_is_one_holders_until_it_is_given_back(shared: Shared) -> None:
    one, other = shared.another(), shared.another()
    lease = one.take(TARGET)
    assert lease is not None
    assert lease.held()
    assert other.take(TARGET) is None
    assert one.take(TARGET) is None, "not even by the one who has it"
    elsewhere = other.take("another.gateway")
    assert elsewhere is not None
    elsewhere.release()
    lease.release()
    again = other.take(TARGET)
    assert again is not None
    again.release()


def test_of_many_who_ask_at_the_same_moment_for_the_first_time_one_gets_it(shared: Shared) -> None:
    back_ends = [shared.another() for _ in range(8)]
    start = threading.Barrier(8)

    def take(back_end: BackEnd) -> object:
        start.wait(10)
        return back_end.take(TARGET)

    with ThreadPoolExecutor(8) as threads:
        leases = [lease for lease in threads.map(take, back_ends) if lease is not None]
    assert len(leases) == 1
    for lease in leases:
        lease.release()  # type: ignore[attr-defined]


def test_many_workers_with_messages_of_many_wakes_make_one_run_at_a_time(shared: Shared) -> None:
    at_once: list[int] = [0, 0, 0]
    lock = threading.Lock()

    def run(gateway: ResourceId, turn: Turn | None, seconds: float) -> Report:
        assert turn is not None
        assert seconds > 500
        with lock:
            at_once[0] += 1
            at_once[1] = max(at_once[:2])
            at_once[2] += 1
        time.sleep(0.2)
        assert turn.ours()
        with lock:
            at_once[0] -= 1
        return Report(gateway, world(), Plan(), ())

    coordinators = [Coordinator(run, shared.store, shared.another(), today) for _ in range(4)]
    start = threading.Barrier(4)

    def wake_and_work(coordinator: Coordinator) -> None:
        start.wait(10)
        for _ in range(5):
            coordinator.wake(Wake(GATEWAY, "an event"))
        coordinator.work(Message(GATEWAY, "an event", today()).text, 540)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(wake_and_work, coordinators))
    assert at_once[1] == 1
    assert at_once[2] <= 4
    coordinators[0].work(Message(GATEWAY, "an event", today()).text, 540)
    marker = marker_of(shared.store, GATEWAY)
    assert (marker.requested, marker.completed) == (20, 20)


# Azure Storage


def messages(azurite: Azurite, queue: str) -> list[str]:
    client = QueueClient.from_connection_string(
        azurite.connection_string, queue, message_decode_policy=TextBase64DecodePolicy()
    )
    return [str(each.content) for each in client.receive_messages()]


def test_a_message_is_base64_text_that_waits_whole_seconds_and_the_queue_is_made(azurite: Azurite) -> None:
    queue = f"work-{uuid.uuid4().hex}"
    back_end = StorageBackEnd(blob_store(azurite), azurite.queues, account_key(ACCOUNT, KEY), queue=queue)
    assert back_end.send(json.dumps({"grüße": "🙂"}), 0.0) == 0.0
    assert back_end.send("late", 1.2) == 2.0
    assert messages(azurite, queue) == ['{"gr\\u00fc\\u00dfe": "\\ud83d\\ude42"}']
    time.sleep(2.1)
    assert messages(azurite, queue) == ["late"]


def test_a_lease_in_storage_that_was_broken_is_lost(azurite: Azurite) -> None:
    store = blob_store(azurite)
    back_end = StorageBackEnd(store, azurite.queues, account_key(ACCOUNT, KEY), lease_seconds=15)
    lease = back_end.take(TARGET)
    assert lease is not None
    BlobLeaseClient(store.blob(f"locks/{TARGET}")).break_lease(0)
    end = time.monotonic() + 10
    while lease.held():
        assert time.monotonic() < end, "the renewal after five seconds says that it is somebody else's"
        time.sleep(0.05)
    lease.release()


def test_a_queue_that_takes_nothing_is_one_sentence(azurite: Azurite) -> None:
    url = azurite.queues.replace(ACCOUNT, "nobody")
    with pytest.raises(ReconcilerError) as caught:
        StorageBackEnd(blob_store(azurite), url, account_key("nobody", KEY)).send("x", 0)
    assert str(caught.value).startswith(f"the queue {url}/reconciler-work did not take a message (")
    assert str(caught.value).endswith("this identity has the role Storage Queue Data Contributor on it")
    assert caught.value.__suppress_context__
