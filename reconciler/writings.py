"""How often each field was written of late, when that is too often, and what can be done without it; pure.

What we write and find different again, and write again, has another writer: a second reconciler, an Azure Policy, a
pipeline, or Azure itself, which spells a value in its own way. Writing it for ever helps nobody (platform.md §5.9).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reconciler.model import Change, Create, Delete, Update, canonical_json
from reconciler.resource_id import ResourceId

LIMIT = 4
"""So many writes of one field within `WINDOW`, more than three, are a loop: there is no fifth."""
WINDOW = timedelta(hours=1)
"""The time that writes are counted in, and how long a loop must rest before the field is written again."""
_MOST = 2000
"""Fields that are remembered; of more, those that were written most often, then last."""
_PARTED = frozenset({"api", "backend"})
"""Kinds of which any field can be sent without the others: a policy has one, those of an operation go together."""
_UNIT = re.compile(r"(?:properties\.)?[^./]*")


@dataclass(frozen=True, slots=True)
class Field:
    """What one request sends as a whole: a property right below the top or below `properties`.

    `path` is dotted from the top of the body, '' for a creation. `wanted` is a hash of what it was to become: an
    operator who tries out one configuration after the other writes a field often, and never the same thing. A
    creation has none: what is made again and again is deleted again and again, whatever it looks like.
    """

    id: ResourceId
    path: str
    wanted: str = ""


Writings = Mapping[Field, tuple[datetime, ...]]
"""Field -> when it was written, oldest first, never empty: the last `LIMIT` of the hour before the last one."""


def unit(path: str) -> str:
    """The property that is sent where a difference is: `properties.tls` for `properties.tls.validateX`.

    A place in a policy, `properties.value/inbound/…`, belongs to the document: it is replaced as a whole.
    """
    found = _UNIT.match(path)
    return found[0] if found else path


def fields(change: Change) -> tuple[Field, ...]:
    """What carrying the change out writes; deletions have guards of their own and are not counted."""
    match change:
        case Delete():
            return ()
        case Create():
            return (Field(change.id, ""),)
        case _:
            units = sorted({unit(difference.path) for difference in change.differences})
            return tuple(Field(change.id, path, _hash(change.desired.body, path)) for path in units)


def _hash(body: object, path: str) -> str:
    for name in path.split("."):
        body = body.get(name) if isinstance(body, Mapping) else None
    return hashlib.sha256(canonical_json(body).encode("utf-8", "backslashreplace")).hexdigest()[:12]


def looping(written: Writings, field: Field, now: datetime) -> bool:
    """Whether the field was written `LIMIT` times within an hour, the last time less than an hour ago."""
    times = written.get(field, ())
    return len(times) >= LIMIT and _recent(times[-1], now)


def parted(change: Change, loops: Collection[Field]) -> tuple[Change, Change | None]:
    """What of a change is held for these fields of it, and the rest, which goes on; whole fields, as PATCH has it.

    Only an update of a kind that can do without a field is parted. Any other change is held whole, as is an API
    that is to be made anew: what else differs in that resource waits with it.
    """
    if not isinstance(change, Update) or change.anew or change.desired.kind not in _PARTED:
        return change, None
    paths = {field.path for field in loops}
    stopped = tuple(d for d in change.differences if unit(d.path) in paths)
    rest = tuple(d for d in change.differences if unit(d.path) not in paths)
    if not rest:
        return change, None
    body = {name: value for name, value in change.desired.body.items() if name not in paths}
    body["properties"] = {k: v for k, v in body["properties"].items() if f"properties.{k}" not in paths}
    narrowed = replace(change, desired=replace(change.desired, body=body), differences=rest)
    return replace(change, differences=stopped), narrowed


def after(written: Writings, sent: Iterable[Change], now: datetime) -> dict[Field, tuple[datetime, ...]]:
    """What is known once these changes were sent; a field that rested for an hour starts from nothing."""
    known = {field: times for field, times in written.items() if _recent(times[-1], now)}
    for change in sent:
        for field in fields(change):
            known[field] = (*(time for time in known.get(field, ()) if _recent(time, now)), now)[-LIMIT:]
    first = sorted(known, key=lambda field: (len(known[field]), known[field][-1]), reverse=True)[:_MOST]
    return {field: known[field] for field in first}


def _recent(time: datetime, now: datetime) -> bool:
    """Within the window, either way: a clock that was far ahead must hold nothing for days."""
    return abs(now - time) < WINDOW
