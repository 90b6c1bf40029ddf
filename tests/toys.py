"""An Arm and decisions that are toys, a listener, and changes to carry out with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from reconciler.apply import apply
from reconciler.arm import Stop
from reconciler.arm.arm import TIME_UP
from reconciler.model import (
    Body,
    Change,
    Create,
    Delete,
    Difference,
    Document,
    Outcome,
    Plan,
    Resource,
    Unknown,
    Update,
    Write,
)
from reconciler.resource_id import ResourceId
from tests.builders import EAST, GATEWAY, WEST_BACKEND, document, mark, observed, wish

PRINCIPAL = Unknown("gateway principalId")
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass
class FakeArm:
    """An Azure that answers a write with its body and `answers`; each write takes one second."""

    answers: Mapping[ResourceId, Body] = field(default_factory=dict)
    fails: Mapping[ResourceId, BaseException] = field(default_factory=dict)
    seconds: float = 100.0
    silent: bool = False
    written: list[tuple[ResourceId, Write]] = field(default_factory=list)
    clock: float = 0.0

    def write(self, id: ResourceId, remaining: Callable[[Document | None], Write | None]) -> Document | None:
        self.clock += 1
        if id in self.fails:
            raise self.fails[id]
        wanted = remaining(None)
        if wanted is None:
            return document(id, self.answers.get(id))
        self.written.append((id, wanted))
        return None if self.silent else document(id, {**wanted.body, **self.answers.get(id, {})})

    def get(self, id: ResourceId) -> Document | None:
        raise AssertionError(f"apply read {id} by itself")

    def members(self, parent: ResourceId, resource_type: str, filter: str = "") -> list[Document]:
        assert (resource_type, filter) == ("Microsoft.ApiManagement/service/apis/operations", "")
        return [document(parent.child("operations", "listed"))]

    def each(self, read: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        return [read(item) for item in items]

    def both(self, one: Callable[[], _Item], other: Callable[[], _Result]) -> tuple[_Item, _Result]:
        return one(), other()

    def now(self) -> float:
        return self.clock

    def stop(self) -> Stop | None:
        return TIME_UP if self.seconds <= self.clock else None


@dataclass
class Toys:
    """Decisions that always say: write it."""

    asked: list[str] = field(default_factory=list)
    absent: tuple[Resource, ...] = ()
    listed: list[ResourceId] = field(default_factory=list)

    def remaining(self, change: Change, found: Document | None) -> Write | None:
        assert found is None
        self.asked.append(f"remaining {change.id.name}")
        return Write("DELETE") if isinstance(change, Delete) else Write("PUT", change.desired.body)

    def settle(self, change: Create | Update, found: Document | None) -> Write | None:
        assert found is None
        self.asked.append(f"settle {change.id.name}")
        return None

    def still(self, change: Update, listed: Sequence[Document]) -> None:
        self.asked.append(f"still {change.id.name} {len(listed)}")

    def missing(self, change: Create | Update, listed: Sequence[Document]) -> tuple[Resource, ...]:
        self.asked.append(f"missing {change.id.name}")
        self.listed += [each.id for each in listed]
        return self.absent


@dataclass
class Heard:
    """What a listener hears."""

    begun: list[Change] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def began(self, change: Change) -> None:
        self.begun.append(change)

    def ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


def carried_out(
    *changes: Change, arm: FakeArm | None = None, rules: Toys | None = None
) -> tuple[list[Outcome], list[Change]]:
    """The outcomes, and what was said to begin."""
    heard = Heard()
    apply(Plan(changes), arm or FakeArm(), rules or Toys(), heard, writers=1)
    return heard.outcomes, heard.begun


def told(outcomes: Iterable[Outcome]) -> list[tuple[str, str, str]]:
    return [(o.change.id.name, str(o.status), o.detail) for o in outcomes]


def thing(name: str, *needs: ResourceId, body: Body | None = None) -> Create:
    return Create(wish(GATEWAY.child("things", name), "thing", body or {"a": 1}, EAST, *needs))


def identified(filled_body: Body) -> ResourceId:
    """As a role assignment's name comes from its principal."""
    return EAST.extension("Microsoft.Authorization", "roleAssignments", f"for-{filled_body['properties']['who']}")


SERVICE = Update(
    replace(
        wish(GATEWAY, "service", {"identity": {"type": "SystemAssigned"}}),
        supplies={PRINCIPAL.name: "identity.principalId"},
    ),
    observed(GATEWAY, "service"),
    (Difference("identity.type", None, "SystemAssigned"),),
)
ROLE = Create(
    replace(
        wish(
            EAST.extension("Microsoft.Authorization", "roleAssignments", "known-after-apply"),
            "role-assignment",
            {"properties": {"who": PRINCIPAL, "list": [{"again": PRINCIPAL}], "what": "a role"}},
            EAST,
            GATEWAY,
        ),
        identify=identified,
    )
)
ANSWER = {GATEWAY: {"identity": {"type": "SystemAssigned", "principalId": "p-1"}}}
GONE = Delete(observed(WEST_BACKEND, "backend", mark=mark()), "the account is gone")
