"""What earlier runs know that the world does not show; pure.

What was unwanted since when, which product links we made, which operations our documents gave an API, what was
written when, and what was wanted of each account when all of it stood.

Losing it deletes nothing: sightings start anew, and a link that nobody remembers is somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from reconciler import writings
from reconciler.model import Create, Delete, Desired, Outcome, Plan, Status, kind_of
from reconciler.resource_id import ResourceId
from reconciler.settled import Settled, settle
from reconciler.writings import Field, Writings

GRACE = timedelta(minutes=10)
"""The least time between the first sighting of something unwanted and its deletion (platform.md §5.4)."""
FORGOTTEN = timedelta(days=2)
"""After this time without a look the count begins anew: the timer looks at least once a day."""
_Row = TypeVar("_Row")
_LINKS = frozenset({"product-api"})
"""Kinds that carry no mark and are not ours by what they are in."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """How many runs saw that something is wanted by nothing, and when the first and the last one did."""

    times: int
    first: datetime
    last: datetime

    def ripe(self, now: datetime, confirmations: int) -> bool:
        """Whether one more look is enough to believe it: one alone may be wrong."""
        return self.times + 1 >= confirmations and now - self.first >= GRACE and not self.stale(now)

    def stale(self, now: datetime) -> bool:
        """Whether so much time went by without a look that it counts for nothing."""
        return now - self.last > FORGOTTEN

    def again(self, now: datetime) -> Sighting:
        """Seen once more."""
        return Sighting(1, now, now) if self.stale(now) else Sighting(self.times + 1, self.first, now)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a run is told of earlier ones."""

    unwanted: Mapping[ResourceId, Sighting] = field(default_factory=dict)
    links: frozenset[ResourceId] = frozenset()
    operations: Mapping[ResourceId, frozenset[str]] = field(default_factory=dict)
    """API -> the operations, as `METHOD template`, that a document of ours has ever given it."""
    written: Writings = field(default_factory=dict)
    """What was written of late, and when."""
    settled: Settled = field(default_factory=dict)
    """What was wanted of each account when all of it stood."""

    def after(
        self,
        plan: Plan,
        outcomes: Collection[Outcome],
        now: datetime,
        there: Collection[ResourceId],
        operations: Mapping[ResourceId, frozenset[str]] = MappingProxyType({}),
        desired: Desired | None = None,
    ) -> Memory:
        """What is known after a run that saw what is `there`; what is wanted again starts from nothing.

        Without what was `desired`, as after an interrupt, what had settled stays as it was.
        """
        seen = [h.change.id for h in plan.held if isinstance(h.change, Delete)]
        seen += [change.id for change in plan.changes if isinstance(change, Delete)]
        applied = [outcome for outcome in outcomes if outcome.status is Status.APPLIED]
        done = [outcome.change for outcome in applied]
        sent = [outcome.change for outcome in applied if outcome.sent]
        wrote = [outcome.change for outcome in outcomes if took(outcome)]
        made = {change.id for change in sent if isinstance(change, Create) and kind_of(change) in _LINKS}
        gone = {change.id for change in done if isinstance(change, Delete)}
        unwanted = {
            id: known.again(now) if (known := self.unwanted.get(id)) else Sighting(1, now, now)
            for id in seen
            if id not in gone
        }
        ever = {
            api: self.operations.get(api, frozenset()) | operations.get(api, frozenset())
            for api in {*self.operations, *operations}
            if api in there or api in operations
        }
        links = frozenset((self.links & set(there)) | made) - gone
        settled = self.settled if desired is None else settle(self.settled, plan, outcomes, desired, there)
        return Memory(unwanted, links, ever, writings.after(self.written, wrote, now), settled)


def took(outcome: Outcome) -> bool:
    """Whether Azure took a request for it: it was applied by one, or accepted and is still under way.

    A write of the gateway itself takes many minutes, and the run that sends it is over before (arm-wire.md §2).
    """
    return outcome.sent if outcome.status is Status.APPLIED else outcome.reason == "under-way"


def read(document: Mapping[str, Any] | None) -> Memory:
    """The memory in a document of the store; a row that makes no sense was never seen."""
    return Memory(
        unwanted=dict(_rows(document, "unwanted", _sighting)),
        links=frozenset(_rows(document, "links", ResourceId.parse)),
        operations=dict(
            _rows(document, "operations", lambda row: (_id(row, "api"), frozenset(map(str, row["ever"]))))
        ),
        written=dict(_rows(document, "written", _writing)),
        settled=dict(_rows(document, "settled", lambda row: (_id(row), str(row["wanted"])))),
    )


def _sighting(row: Any) -> tuple[ResourceId, Sighting]:
    return _id(row), Sighting(int(row["times"]), _time(row["first"]), _time(row["last"]))


def _writing(row: Any) -> tuple[Field, tuple[datetime, ...]]:
    times = tuple(map(_time, row["times"]))
    if not times:
        raise ValueError("never written")
    return Field(_id(row), str(row["path"]), str(row["wanted"])), times


def document(memory: Memory) -> dict[str, Any]:
    """The document to keep."""
    return {
        "unwanted": [
            {
                "id": id.text,
                "times": sighting.times,
                "first": sighting.first.isoformat(),
                "last": sighting.last.isoformat(),
            }
            for id, sighting in sorted(memory.unwanted.items())
        ],
        "links": [id.text for id in sorted(memory.links)],
        "operations": [{"api": api.text, "ever": sorted(ever)} for api, ever in sorted(memory.operations.items())],
        "written": [
            {"id": f.id.text, "path": f.path, "wanted": f.wanted, "times": [time.isoformat() for time in times]}
            for f, times in memory.written.items()
        ],
        "settled": [{"id": id.text, "wanted": wanted} for id, wanted in sorted(memory.settled.items())],
    }


def _id(row: Any, name: str = "id") -> ResourceId:
    return ResourceId.parse(row[name])


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _rows(document: Mapping[str, Any] | None, name: str, read: Callable[[Any], _Row]) -> Iterator[_Row]:
    rows = (document or {}).get(name)
    for row in rows if isinstance(rows, list) else []:
        with suppress(AttributeError, KeyError, TypeError, ValueError):
            yield read(row)
