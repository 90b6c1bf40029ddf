"""A worker that is killed: it takes events from a folder, wakes, and works on messages.

Started as `python -m tests.coordination.mortal PLACE STATE`, or `PLACE BLOBS QUEUES CONTAINER QUEUE`. An event is a
file in PLACE/events whose name is that of a gateway; it is removed once its wake has returned, as a queue's message
is. Each run is two lines of PLACE/log: `began` and `ended`, a gateway, and the time.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from reconciler.blob_store import BlobStore, account_key
from reconciler.coordinate import BackEnd, Coordinator, Pace, unanswered
from reconciler.events import Wake
from reconciler.local_back_end import LocalBackEnd
from reconciler.model import Plan
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from reconciler.storage_back_end import StorageBackEnd
from reconciler.store import FolderStore, Store
from reconciler.turn import Turn
from tests.azurite import ACCOUNT, KEY
from tests.builders import GATEWAY, world

PACE = Pace(debounce=0.3, busy=1.0, margin=1.0)
FOLDER_LEASE, STORAGE_LEASE = 1.5, 15
"""Seconds; Azure Storage gives none that is shorter."""
RUN = 0.15
HIDDEN = 3
"""Seconds that a message stays hidden from others once it is taken."""


def named(name: str) -> ResourceId:
    return ResourceId.parse(GATEWAY.text.replace("contoso-gw", name))


def today() -> datetime:
    return datetime.now(UTC)


def main(place: Path, *where: str) -> None:
    """Until it is killed."""
    log = (place / "log").open("a", encoding="utf-8")

    def run(gateway: ResourceId, turn: Turn | None, seconds: float) -> Report:
        assert turn is not None
        assert seconds
        log.write(f"began {gateway.name} {time.time()}\n")
        log.flush()
        time.sleep(RUN)
        assert turn.ours()
        log.write(f"ended {gateway.name} {time.time()}\n")
        log.flush()
        return Report(gateway, world(), Plan(), ())

    store: Store
    back_end: BackEnd
    serve: Callable[[Coordinator], None]
    if len(where) == 1:
        store = FolderStore(Path(where[0]))
        back_end = local = LocalBackEnd(store, today, lease_seconds=FOLDER_LEASE)
        for message in unanswered(store, today()):
            local.send(message, 0.0)

        def serve(coordinator: Coordinator) -> None:
            local.serve(lambda text: coordinator.work(text, 60.0), print)

    else:
        blobs, queues, container, queue = where
        store = kept = BlobStore(f"{blobs}/{container}", account_key(ACCOUNT, KEY))
        back_end = StorageBackEnd(kept, queues, account_key(ACCOUNT, KEY), queue=queue, lease_seconds=STORAGE_LEASE)

        def serve(coordinator: Coordinator) -> None:
            for _ in range(4):
                threading.Thread(target=_read, args=(f"{queues}/{queue}", coordinator), daemon=True).start()

    coordinator = Coordinator(run, store, back_end, today, pace=PACE)
    serve(coordinator)
    (place / "ready").touch()
    while True:
        for event in sorted((place / "events").iterdir()):
            coordinator.wake(Wake(named(event.name.partition(".")[0]), "an event"))
            event.unlink()
        time.sleep(0.01)


def _read(url: str, coordinator: Coordinator) -> None:
    queue = QueueClient.from_queue_url(
        url, account_key(ACCOUNT, KEY), message_decode_policy=TextBase64DecodePolicy(), api_version="2023-11-03"
    )
    while True:
        message = None
        with suppress(ResourceNotFoundError):
            message = queue.receive_message(visibility_timeout=HIDDEN)
        if message is None:
            time.sleep(0.1)
            continue
        coordinator.work(str(message.content), 60.0)
        with suppress(HttpResponseError):  # it took too long, and somebody else has it
            queue.delete_message(message)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
