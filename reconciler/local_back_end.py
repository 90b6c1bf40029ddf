"""How wakes wait and turns are taken on one machine: messages in this process, leases in the folder of the store.

A process that ends forgets its messages; the markers in the folder still say what is waiting, and who serves begins
with that (`coordinate.unanswered`).
"""

from __future__ import annotations

import heapq
import itertools
import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Condition, Thread
from typing import Any

from reconciler.lease import Lease
from reconciler.store import Store, change

_LOG = logging.getLogger("reconciler")
TRIES = 5
"""As `maxDequeueCount` in host.json."""
AGAIN = 60.0
"""Seconds after which a message that failed is tried again, as `visibilityTimeout` in host.json."""


class LocalBackEnd:
    """See coordinate.BackEnd; `clock` gives the time of day, which all processes of a machine share."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, lease_seconds: float = 60.0) -> None:
        self._store = store
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._due: list[tuple[float, int, str, int]] = []
        self._count = itertools.count()
        self._changed = Condition()
        self._thread: Thread | None = None

    def send(self, message: str, delay: float) -> float:
        """See coordinate.BackEnd."""
        self._push(message, delay, 0)
        return delay

    def take(self, key: str) -> Lease | None:
        """See coordinate.BackEnd; the lease is a document that names its holder and its end."""
        name, me, asked = f"locks/{key}", uuid.uuid4().hex, time.monotonic()

        def free(before: dict[str, Any] | None) -> dict[str, Any] | None:
            return self._mine(me) if self._is_free(before) else None

        def kept(before: dict[str, Any] | None) -> dict[str, Any] | None:
            return self._mine(me) if (before or {}).get("holder") == me else None

        def left(before: dict[str, Any] | None) -> dict[str, Any] | None:
            return {"holder": None} if (before or {}).get("holder") == me else None

        def renew() -> bool:
            return change(self._store, name, kept).get("holder") == me

        def give_back() -> None:
            change(self._store, name, left)

        if change(self._store, name, free).get("holder") != me:
            return None
        return Lease(renew, give_back, seconds=self._lease_seconds, asked=asked)

    def serve(self, work: Callable[[str], None], poison: Callable[[str], None]) -> None:
        """Work on messages as they become due, on a thread of this process; a second call changes nothing."""
        with self._changed:
            if self._thread is None:
                self._thread = Thread(target=self._serve, args=(work, poison), name="work", daemon=True)
                self._thread.start()

    def drain(self, work: Callable[[str], None], seconds: float) -> bool:
        """Work on all messages, waiting for those that are not due yet; False where the time was up before."""
        until = time.monotonic() + seconds
        while True:
            with self._changed:
                if not self._due:
                    return True
                wait = self._due[0][0] - time.monotonic()
                message = heapq.heappop(self._due)[2] if wait <= 0 else None
            if message is not None:
                work(message)
            elif time.monotonic() + wait > until:
                return False
            else:
                time.sleep(wait)

    def _serve(self, work: Callable[[str], None], poison: Callable[[str], None]) -> None:
        while True:
            message, tries = self._next()
            try:
                work(message)
            except Exception:  # noqa: BLE001 - whatever it is, the others are worked on
                _LOG.exception("a message failed (%d of %d tries)", tries + 1, TRIES)
                if tries + 1 < TRIES:
                    self._push(message, AGAIN, tries + 1)
                else:
                    _give_up(poison, message)

    def _next(self) -> tuple[str, int]:
        with self._changed:
            while True:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    _, _, message, tries = heapq.heappop(self._due)
                    return message, tries
                self._changed.wait(wait)

    def _push(self, message: str, delay: float, tries: int) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + delay, next(self._count), message, tries))
            self._changed.notify()

    def _mine(self, me: str) -> dict[str, Any]:
        return {"holder": me, "until": (self._clock() + timedelta(seconds=self._lease_seconds)).isoformat()}

    def _is_free(self, before: dict[str, Any] | None) -> bool:
        if not before or not before.get("holder"):
            return True
        try:
            left = (datetime.fromisoformat(str(before.get("until"))) - self._clock()).total_seconds()
        except (TypeError, ValueError):
            return True
        return not 0 < left <= self._lease_seconds  # one further off was written by a clock that was set back


def _give_up(poison: Callable[[str], None], message: str) -> None:
    try:
        poison(message)
    except Exception:  # noqa: BLE001 - the thread has other messages to work on
        _LOG.exception("a message could not even be given up")
