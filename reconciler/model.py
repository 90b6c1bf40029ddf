"""The vocabulary: the values that the phases of a run hand to each other.

Frozen, compared by value, standard library only. ARM bodies are plain JSON (`Body`), never typed models:
typed models drop the fields they do not know (desired-state.md §4.2).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from reconciler.resource_id import ResourceId

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only apply can learn; shown as *known after apply*, part of a digest as its name."""

    name: str

    def __str__(self) -> str:
        return f"({self.name}: known after apply)"


@dataclass(frozen=True, slots=True)
class Mark:
    """Who manages a resource, for which account, and from which document; see `ownership.py`.

    `named` is the id that the account had when the resource got its name, where the account has moved since;
    `gateway` is the one that a resource beside the gateway is for.
    """

    owner: str
    source: ResourceId
    spec: str | None = None
    named: ResourceId | None = None
    gateway: ResourceId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource as it should be: what to send, what must exist first, and for which account it is."""

    id: ResourceId
    kind: str
    body: Body
    source: ResourceId | None = None
    needs: frozenset[ResourceId] = frozenset()
    supplies: Mapping[str, str] = field(default_factory=dict)
    """Unknowns that the answer to our write fills: name -> dotted path into the answer's body."""
    identify: Callable[[Body], ResourceId] | None = None
    """Computes the id from the body, where an unknown value is part of the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A resource as Azure last answered it."""

    id: ResourceId
    kind: str
    body: Body
    etag: str | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What Azure answered for one resource, unknown fields included."""

    id: ResourceId
    body: Body
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """One request that changes something; `etag` goes into If-Match."""

    verb: Literal["PUT", "PATCH", "DELETE"]
    body: Body = field(default_factory=dict)
    etag: str | None = None


Desired = Mapping[ResourceId, Resource]
Actual = Mapping[ResourceId, Observed]


@dataclass(frozen=True, slots=True)
class Difference:
    """One declared field that is not as it should be; `path` is dotted from the top of the body."""

    path: str
    actual: Any
    desired: Any


@dataclass(frozen=True, slots=True)
class Create:
    """A resource that is missing; `brings` are those that come with it, as an import's operations do."""

    desired: Resource
    brings: tuple[Resource, ...] = ()

    @property
    def id(self) -> ResourceId:
        """What is created."""
        return self.desired.id


@dataclass(frozen=True, slots=True)
class Update:
    """A resource of ours that differs in declared fields; an adopted one keeps its own name.

    `anew`: it is made again in place, as an API is imported from another document; `brings` come with that, `loses`
    says what would go with it, and `below` is what was seen in it of the kind that comes along.
    """

    desired: Resource
    actual: Observed
    differences: tuple[Difference, ...]
    anew: bool = False
    brings: tuple[Resource, ...] = ()
    loses: tuple[str, ...] = ()
    below: frozenset[ResourceId] = frozenset()

    @property
    def id(self) -> ResourceId:
        """What is there."""
        return self.actual.id


@dataclass(frozen=True, slots=True)
class Delete:
    """A resource of ours that nothing wants any more."""

    actual: Observed
    why: str

    @property
    def id(self) -> ResourceId:
        """What is there."""
        return self.actual.id


Change = Create | Update | Delete


def verb(change: Change) -> str:
    """`create`, `update` or `delete`."""
    return type(change).__name__.lower()


def kind_of(change: Change) -> str:
    """The kind of the resource a change is about."""
    return change.actual.kind if isinstance(change, Delete) else change.desired.kind


def source_of(change: Change) -> ResourceId | None:
    """The account a change is made for, where there is one."""
    if isinstance(change, Delete):
        return change.actual.mark.source if change.actual.mark else None
    return change.desired.source


class Reason(StrEnum):
    """Why a change is held back."""

    FOREIGN = "foreign"
    PATH_TAKEN = "path-taken"
    PRUNE_REPORT = "prune-report"
    UNCONFIRMED = "unconfirmed"
    TOO_MANY = "too-many"
    IN_USE = "in-use"
    DOCUMENT_CHANGED = "document-changed"
    RENAME = "rename"
    DRIFT_LOOP = "drift-loop"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Held:
    """A change that is known, wanted and not done; always reported."""

    change: Change
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something an operator should know that is no change (`warnings` in the report)."""

    reason: str
    id: ResourceId
    detail: str


@dataclass(frozen=True)
class Plan:
    """The difference between desired and actual, in a safe order, less what is held."""

    changes: tuple[Change, ...] = ()
    held: tuple[Held, ...] = ()
    unchanged: int = 0

    @cached_property
    def digest(self) -> str:
        """Sha256 of the changes: what they do to what, without ETags, times and held items."""
        rows = sorted(
            (
                {
                    "change": verb(c),
                    "id": str(c.id).lower(),
                    "desired": _hash(_wanted(c)),
                    "observed": _hash(_seen(c)),
                }
                for c in self.changes
            ),
            key=lambda row: (row["change"], row["id"]),
        )
        return hashlib.sha256(canonical_json(rows).encode()).hexdigest()


def _wanted(change: Change) -> Any:
    return None if isinstance(change, Delete) else change.desired.body


def _seen(change: Change) -> Any:
    """What of the observed body the change is about: the declared fields, not what Azure adds and renews."""
    match change:
        case Create():
            return None
        case Update():
            return [[d.path, d.actual] for d in change.differences]
        case Delete():
            return change.actual.mark.source.text.lower() if change.actual.mark else None


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no blanks; an unknown value stands as its symbol."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def _hash(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode("utf-8", "backslashreplace")).hexdigest()


class Status(StrEnum):
    """What became of a change."""

    APPLIED = "applied"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change; `seconds` is wall time on the clock of `arm`."""

    change: Change
    status: Status
    detail: str = ""
    seconds: float = 0.0
    sent: bool = True
    """Whether a request changed something; what was so already is applied as well."""
    reason: str = ""
    """Why it was not applied, as a word for machines: `needs`, `time-up`, `lease-lost`, or that of the error."""
