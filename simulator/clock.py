"""What time it is in the simulated Azure, and who makes it pass."""

import threading
import time
from datetime import UTC, datetime, timedelta

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is advanced, or, when `real`, runs with the machine's."""

    def __init__(self, *, real: bool = False) -> None:
        self._real = real
        self._start = datetime.now(UTC) if real else FIRST_DAY
        self._zero = time.monotonic()
        self._advanced = 0.0
        self._lock = threading.Lock()

    def seconds(self) -> float:
        """Seconds since the simulator started."""
        running = time.monotonic() - self._zero if self._real else 0.0
        return self._advanced + running

    def now(self) -> datetime:
        """The simulated time of day, in UTC."""
        return self._start + timedelta(seconds=self.seconds())

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        if seconds < 0:
            raise ValueError(f"time cannot run backwards: {seconds}")
        with self._lock:
            self._advanced += seconds

    def wait(self, seconds: float) -> None:
        """Let time pass as an answer that takes this long would: really on a real clock, at once otherwise."""
        if seconds <= 0:
            return
        if self._real:
            time.sleep(seconds)
        else:
            self.advance(seconds)


def stamp(moment: datetime, decimals: int = 7) -> str:
    """A time as Azure writes it: up to seven decimals and a Z."""
    fraction = f"{moment.microsecond:06d}0"[:decimals]
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "") + "Z"
