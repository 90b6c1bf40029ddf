"""What earlier runs know that the world does not show: what was unwanted since when, which links we made; pure.

Losing it deletes nothing: sightings start anew, and a link that nobody remembers is somebody else's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from reconciler.model import Create, Delete, Outcome, Plan, Status, kind_of
from reconciler.resource_id import ResourceId

GRACE = timedelta(minutes=10)
"""The least time between the first sighting of something unwanted and its deletion (platform.md §5.4)."""
_LINKS = frozenset({"product-api"})
"""Kinds that carry no mark and are not ours by what they are in."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """How many runs saw that something is wanted by nothing, and when the first one did."""

    times: int
    first: datetime

    def ripe(self, now: datetime, confirmations: int) -> bool:
        """Whether one more look is enough to believe it: one alone may be wrong."""
        return self.times + 1 >= confirmations and now - self.first >= GRACE


@dataclass(frozen=True, slots=True)
class Memory:
    """What a run is told of earlier ones."""

    unwanted: Mapping[ResourceId, Sighting] = field(default_factory=dict)
    links: frozenset[ResourceId] = frozenset()

    def after(
        self, plan: Plan, outcomes: Iterable[Outcome], now: datetime, there: Collection[ResourceId]
    ) -> Memory:
        """What is known after a run that saw what is `there`; what is wanted again starts from nothing."""
        seen = [h.change.id for h in plan.held if isinstance(h.change, Delete)]
        seen += [change.id for change in plan.changes if isinstance(change, Delete)]
        done = [o.change for o in outcomes if o.status is Status.APPLIED]
        made = {change.id for change in done if isinstance(change, Create) and kind_of(change) in _LINKS}
        gone = {change.id for change in done if isinstance(change, Delete)}
        unwanted = {
            id: Sighting(known.times + 1, known.first) if (known := self.unwanted.get(id)) else Sighting(1, now)
            for id in seen
            if id not in gone
        }
        return Memory(unwanted, frozenset((self.links & set(there)) | made) - gone)


def read(document: Mapping[str, Any] | None) -> Memory:
    """The memory in a document of the store; a row that makes no sense was never seen."""
    unwanted: dict[ResourceId, Sighting] = {}
    for row in _rows(document, "unwanted"):
        try:
            first = datetime.fromisoformat(row["first"])
            aware = first if first.tzinfo else first.replace(tzinfo=UTC)
            unwanted[ResourceId.parse(row["id"])] = Sighting(int(row["times"]), aware)
        except (KeyError, TypeError, ValueError):
            continue
    links = set()
    for row in _rows(document, "links"):
        try:
            links.add(ResourceId.parse(row))
        except (AttributeError, TypeError, ValueError):
            continue
    return Memory(unwanted, frozenset(links))


def document(memory: Memory) -> dict[str, Any]:
    """The document to keep."""
    return {
        "unwanted": [
            {"id": id.text, "times": sighting.times, "first": sighting.first.isoformat()}
            for id, sighting in sorted(memory.unwanted.items())
        ],
        "links": [id.text for id in sorted(memory.links)],
    }


def _rows(document: Mapping[str, Any] | None, name: str) -> list[Any]:
    rows = (document or {}).get(name)
    return rows if isinstance(rows, list) else []
