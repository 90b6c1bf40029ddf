"""What time it is in the simulated Azure, and who makes it pass."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_YEARS = 1000  # a date has four digits
_LAST = _YEARS * 365 * 86400.0


class NoSuchTime(ValueError):
    """Time cannot pass in this way."""


class Clock:
    """A clock that stands still until it is advanced, or, when `real`, runs with the machine's.

    Who wants to know that time was advanced puts a function into `watchers`.
    """

    def __init__(self, *, real: bool = False) -> None:
        self.watchers: list[Callable[[], None]] = []
        self._real = real
        self._start = datetime.now(UTC) if real else FIRST_DAY
        self._zero = time.monotonic()
        self._advanced = 0.0
        self._lock = threading.Lock()
        self._pretended = threading.local()

    def seconds(self) -> float:
        """Seconds since the simulator started."""
        pretended: float | None = getattr(self._pretended, "seconds", None)
        if pretended is not None:
            return pretended
        running = time.monotonic() - self._zero if self._real else 0.0
        return self._advanced + running

    def now(self) -> datetime:
        """The simulated time of day, in UTC."""
        return self._start + timedelta(seconds=self.seconds())

    def advance(self, seconds: float) -> None:
        """Let time pass at once; what was due meanwhile happens."""
        if not 0 <= seconds < float("inf"):
            raise NoSuchTime(f"time cannot run backwards, nor for ever: {seconds}")
        with self._lock:
            if self._advanced + seconds > _LAST:
                raise NoSuchTime(f"the clock does not go further than {_YEARS} years: {seconds}")
            self._advanced += seconds
        for watcher in self.watchers:
            watcher()

    def wait(self, seconds: float) -> None:
        """Let time pass as an answer that takes this long would: really on a real clock, at once otherwise."""
        if seconds <= 0:
            return
        if self._real:
            time.sleep(seconds)
        else:
            self.advance(seconds)

    @contextmanager
    def at(self, seconds: float) -> Iterator[None]:
        """Let this thread do what was due at an earlier moment, as of that moment."""
        before = getattr(self._pretended, "seconds", None)
        self._pretended.seconds = seconds
        try:
            yield
        finally:
            self._pretended.seconds = before


def stamp(moment: datetime, decimals: int = 7) -> str:
    """A time as Azure writes it: up to seven decimals and a Z."""
    fraction = f"{moment.microsecond:06d}0"[:decimals]
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "") + "Z"
