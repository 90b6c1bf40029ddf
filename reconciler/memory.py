"""What earlier runs know that the world does not show; pure.

What was unwanted since when, which product links we made, which operations our documents gave an API.

Losing it deletes nothing: sightings start anew, and a link that nobody remembers is somebody else's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from reconciler.model import Create, Delete, Outcome, Plan, Status, kind_of
from reconciler.resource_id import ResourceId

GRACE = timedelta(minutes=10)
"""The least time between the first sighting of something unwanted and its deletion (platform.md §5.4)."""
FORGOTTEN = timedelta(days=2)
"""After this time without a look the count begins anew: the timer looks at least once a day."""
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

    def after(
        self,
        plan: Plan,
        outcomes: Iterable[Outcome],
        now: datetime,
        there: Collection[ResourceId],
        operations: Mapping[ResourceId, frozenset[str]] = MappingProxyType({}),
    ) -> Memory:
        """What is known after a run that saw what is `there`; what is wanted again starts from nothing."""
        seen = [h.change.id for h in plan.held if isinstance(h.change, Delete)]
        seen += [change.id for change in plan.changes if isinstance(change, Delete)]
        applied = [outcome for outcome in outcomes if outcome.status is Status.APPLIED]
        done = [outcome.change for outcome in applied]
        sent = [outcome.change for outcome in applied if outcome.sent]
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
        return Memory(unwanted, frozenset((self.links & set(there)) | made) - gone, ever)


def read(document: Mapping[str, Any] | None) -> Memory:
    """The memory in a document of the store; a row that makes no sense was never seen."""
    unwanted: dict[ResourceId, Sighting] = {}
    for row in _rows(document, "unwanted"):
        try:
            first, last = (_time(row[name]) for name in ("first", "last"))
            unwanted[ResourceId.parse(row["id"])] = Sighting(int(row["times"]), first, last)
        except (KeyError, TypeError, ValueError):
            continue
    links = set()
    for row in _rows(document, "links"):
        try:
            links.add(ResourceId.parse(row))
        except (AttributeError, TypeError, ValueError):
            continue
    operations = {}
    for row in _rows(document, "operations"):
        try:
            operations[ResourceId.parse(row["api"])] = frozenset(map(str, row["ever"]))
        except (KeyError, TypeError, ValueError):
            continue
    return Memory(unwanted, frozenset(links), operations)


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
    }


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _rows(document: Mapping[str, Any] | None, name: str) -> list[Any]:
    rows = (document or {}).get(name)
    return rows if isinstance(rows, list) else []
