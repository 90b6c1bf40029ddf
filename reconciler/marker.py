"""What is remembered of the wakes of one gateway, so that none is lost and none is answered twice; pure.

Each wake raises `requested`; a run reads it before it looks at the world and, at its end, says so in `completed`.
While `requested` is ahead there is something to do. `announced` are the moments at which messages that were sent
become visible: until shortly before one of them, another wake needs no message of its own (docs/coordination.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

SKEW = timedelta(seconds=5)
"""How far the clocks of two instances may be apart: so close to its moment a message may be visible already."""
_REMEMBERED = 100
"""Runs of which is known what they covered."""
_ANNOUNCED = 8
"""Messages of which is known when they can be seen; one more is sent in vain, not missed."""


@dataclass(frozen=True, slots=True)
class Marker:
    """The wakes of one gateway; `epoch` is higher with each turn that is taken at it."""

    requested: int = 0
    completed: int = 0
    announced: tuple[datetime, ...] = ()
    epoch: int = 0
    running: tuple[int, str] | None = None
    """Which wakes the run under way covers, and its id; left behind by a crash until the next turn."""
    covered: tuple[tuple[int, str], ...] = ()
    """Which wakes, up to a number, the last runs covered; oldest first."""
    deep: datetime | None = None
    """When a run last read every operation by itself."""

    @property
    def waiting(self) -> bool:
        """Whether a wake has not been answered."""
        return self.requested > self.completed

    def bumped(self) -> Marker:
        """One more wake."""
        return replace(self, requested=self.requested + 1)

    def will_be_read(self, now: datetime, within: timedelta) -> bool:
        """Whether a message that is not visible yet will look again, and soon enough."""
        return any(now + SKEW < moment <= now + within for moment in self.announced)

    def sent(self, visible: datetime, now: datetime) -> Marker:
        """A message was sent that becomes visible then; one that is visible by now promises nothing."""
        ahead = [moment for moment in (*self.announced, visible) if moment > now + SKEW]
        return replace(self, announced=tuple(sorted(ahead)[:_ANNOUNCED]))

    def forgotten(self) -> Marker:
        """Whoever sent the messages has ended, and they with it."""
        return replace(self, announced=())

    def taken(self, now: datetime) -> Marker:
        """Somebody takes a turn: whoever had it before may write no more of what is ours.

        The epoch is beyond the last one, and beyond all those before a marker that was lost.
        """
        return replace(self, epoch=max(self.epoch + 1, int(now.timestamp())), running=None)

    def began(self, run: str, epoch: int) -> Marker | None:
        """A run looks at the world for all wakes so far; None where the turn is somebody else's by now."""
        return replace(self, running=(self.requested, run)) if self.epoch == epoch else None

    def ended(self, epoch: int, *, covers: bool, deep: datetime | None = None) -> Marker | None:
        """The run has ended, having answered its wakes or not; None where the turn is somebody else's by now."""
        if self.epoch != epoch or self.running is None:
            return None
        over = replace(self, running=None, deep=deep or self.deep)
        if not covers:
            return over
        return replace(
            over,
            completed=max(self.completed, self.running[0]),
            covered=(*self.covered, self.running)[-_REMEMBERED:],
        )

    def run_for(self, wake: int) -> str | None:
        """The run that answered a wake; None where none has, or where it is forgotten."""
        first = self.covered[0][0] if len(self.covered) == _REMEMBERED else 0
        found = next((run for upto, run in self.covered if upto >= wake), None)
        return found if wake >= first else None


def read(document: Mapping[str, Any] | None) -> Marker:
    """The marker in a document of the store; what makes no sense is a gateway that never was woken."""
    document = document or {}
    try:
        running = document.get("running")
        return Marker(
            requested=int(document.get("requested", 0)),
            completed=int(document.get("completed", 0)),
            announced=tuple(map(_time, document.get("announced", ()))),
            epoch=int(document.get("epoch", 0)),
            running=(int(running[0]), str(running[1])) if running else None,
            deep=_time(document["deep"]) if document.get("deep") else None,
            covered=tuple((int(upto), str(run)) for upto, run in document.get("covered", ())),
        )
    except (TypeError, ValueError, LookupError, OverflowError):
        return Marker(requested=1)


def document(marker: Marker, gateway: str) -> dict[str, Any]:
    """The document to keep."""
    return {
        "gateway": gateway,
        "requested": marker.requested,
        "completed": marker.completed,
        "announced": [moment.isoformat() for moment in marker.announced],
        "epoch": marker.epoch,
        "running": list(marker.running) if marker.running else None,
        "deep": marker.deep.isoformat() if marker.deep else None,
        "covered": [list(each) for each in marker.covered],
    }


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
