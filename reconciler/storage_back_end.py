"""How wakes wait and turns are taken where the function app has many instances: a queue and leases on blobs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobLeaseClient
from azure.storage.queue import ExponentialRetry, QueueClient, TextBase64EncodePolicy

from reconciler.blob_store import BlobStore, Credential
from reconciler.errors import ReconcilerError
from reconciler.lease import Lease

_API_VERSION = "2023-11-03"
"""Pinned, as for blobs."""
_CONFLICT = 409
WORK_QUEUE = "reconciler-work"


class StorageBackEnd:
    """See coordinate.BackEnd; `url` is the address of the account's queue service.

    Messages are base64 text, as the queue trigger of Azure Functions expects by default (platform.md §1.7).
    """

    def __init__(
        self,
        store: BlobStore,
        url: str,
        credential: Credential,
        *,
        queue: str = WORK_QUEUE,
        lease_seconds: int = 60,
    ) -> None:
        self._store = store
        self._lease_seconds = lease_seconds
        self._where = f"{url.rstrip('/')}/{queue}"
        transport = RequestsTransport(connection_timeout=10, read_timeout=60)
        transport.open()
        self._queue = QueueClient.from_queue_url(
            self._where,
            credential,
            api_version=_API_VERSION,
            transport=transport,
            message_encode_policy=TextBase64EncodePolicy(),
            retry_policy=ExponentialRetry(
                initial_backoff=1, increment_base=2, random_jitter_range=1, retry_total=3
            ),
        )

    def send(self, message: str, delay: float) -> float:
        """See coordinate.BackEnd; the queue counts in whole seconds. Raises ReconcilerError."""
        seconds = math.ceil(max(0.0, delay))
        options: dict[str, Any] = {"visibility_timeout": seconds, "time_to_live": -1}
        try:
            try:
                self._queue.send_message(message, **options)
            except ResourceNotFoundError:
                with suppress(ResourceExistsError):  # another sender was here first
                    self._queue.create_queue()
                self._queue.send_message(message, **options)
        except AzureError as error:
            raise ReconcilerError(
                f"the queue {self._where} did not take a message ({_word(error)}); check that the account is there "
                "and that this identity has the role Storage Queue Data Contributor on it"
            ) from None
        return float(seconds)

    def take(self, key: str) -> Lease | None:
        """See coordinate.BackEnd; the lease is on the blob `locks/<key>`. Raises ReconcilerError."""
        client, asked = BlobLeaseClient(self._store.blob(f"locks/{key}")), time.monotonic()
        with self._store.explained():
            try:
                try:
                    client.acquire(lease_duration=self._lease_seconds)
                except ResourceNotFoundError:
                    self._store.replace(f"locks/{key}", {"what": "a lease on this blob is a turn"}, "")
                    client.acquire(lease_duration=self._lease_seconds)
            except HttpResponseError as error:
                if error.status_code == _CONFLICT:
                    return None
                raise
        return Lease(_renewing(client), client.release, seconds=self._lease_seconds, asked=asked)


def _renewing(client: BlobLeaseClient) -> Callable[[], bool]:
    def renew() -> bool:
        try:
            client.renew(read_timeout=10, connection_timeout=5)
        except (ResourceExistsError, ResourceNotFoundError):
            return False
        except HttpResponseError as error:
            if error.status_code == _CONFLICT:
                return False
            raise
        return True

    return renew


def _word(error: AzureError) -> str:
    code = getattr(error, "error_code", None) or getattr(error, "status_code", None) or type(error).__name__
    return str(getattr(code, "value", code))
