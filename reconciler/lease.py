"""Whether one's turn at a gateway is still one's own: a lease that a thread renews until it is given back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread

_LOG = logging.getLogger("reconciler")
_RENEWED = 1 / 3
"""The part of a lease's time after which it is renewed (platform.md §5.7)."""
_TRIED_AGAIN = 1 / 12
"""The part of it after which a renewal that failed is tried again."""
_TRUSTED = 3 / 4
"""The part of it after which we no longer believe in it: the service's clock may be ahead, a write takes time."""


class Lease:
    """A lease of `seconds` that was asked for at `asked` (on `clock`) and has been given.

    `renew` says True where it was renewed, False where it is somebody else's, and raises where nobody knows.
    """

    def __init__(
        self,
        renew: Callable[[], bool],
        give_back: Callable[[], None],
        *,
        seconds: float,
        asked: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._renew = renew
        self._give_back = give_back
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._since: float | None = asked
        self._over = Event()
        self._thread = Thread(target=self._keep, name="lease", daemon=True)
        self._thread.start()

    def held(self) -> bool:
        """Whether it is certainly ours."""
        with self._lock:
            return self._since is not None and self._clock() < self._since + self._seconds * _TRUSTED

    def release(self) -> None:
        """Give it back; where that fails it runs out by itself."""
        self._over.set()
        self._thread.join(self._seconds)
        with self._lock:
            ours, self._since = self._since is not None, None
        if ours:
            try:
                self._give_back()
            except Exception as error:  # noqa: BLE001 - whoever comes next waits for its end
                _LOG.warning("a lease could not be given back (%s): it runs out by itself", type(error).__name__)

    def _keep(self) -> None:
        wait = _RENEWED
        while not self._over.wait(self._seconds * wait):
            wait = _RENEWED
            asked = self._clock()  # before the request: it may take long
            try:
                ours = self._renew()
            except Exception as error:  # noqa: BLE001 - tried again until nobody believes in it any more
                _LOG.warning("a lease could not be renewed (%s)", type(error).__name__)
                wait = _TRIED_AGAIN
                continue
            with self._lock:
                self._since = asked if ours else None
            if not ours:
                return
