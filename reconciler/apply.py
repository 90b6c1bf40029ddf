"""How a plan is carried out: each change becomes an outcome; the only module that writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from reconciler.arm import Arm
from reconciler.errors import ReconcilerError
from reconciler.model import (
    Change,
    Create,
    Delete,
    Document,
    Outcome,
    Plan,
    Resource,
    Status,
    Unknown,
    Update,
    Write,
    kind_of,
)
from reconciler.resource_id import ResourceId


class Rules(Protocol):
    """The decisions that apply asks for, since it makes none itself."""

    def remaining(self, change: Change, found: Document | None) -> Write | None:
        """What is still to be sent, given what is there now."""

    def settle(self, change: Create | Update, found: Document | None) -> Write | None:
        """The request that makes what is there what it should be; None where it is."""

    def missing(self, change: Create | Update, listed: Sequence[Document]) -> tuple[Resource, ...]:
        """What should have come with a creation and did not."""


def apply(plan: Plan, arm: Arm, rules: Rules, begin: Callable[[Change], None]) -> Iterator[Outcome]:
    """Do the changes in order, one outcome each, as they happen.

    A change that fails fails alone: what needs it is skipped, the rest goes on, and the next run resumes by
    looking again. Declared unknowns are filled from the answers of the changes that supply them.
    """
    known: dict[str, str] = {}
    failed: set[ResourceId] = set()
    for planned in plan.changes:
        cause = next((need for need in _needs(planned) if need in failed), None)
        if cause is not None:
            failed.add(planned.id)
            yield Outcome(planned, Status.SKIPPED, f"it needs {cause.name}, which was not made")
            continue
        if arm.time_left() <= 0:
            failed.add(planned.id)
            yield Outcome(planned, Status.SKIPPED, "the time of this run was up; the next run goes on from here")
            continue
        begin(planned)
        started = arm.now()
        change = planned
        try:
            change = filled(planned, known)
            detail = _do(change, arm, rules, known)
        except ReconcilerError as error:
            failed.add(planned.id)
            yield Outcome(change, Status.FAILED, str(error), arm.now() - started)
        except Exception as error:  # noqa: BLE001 - a mistake of ours in one change must not lose the others' outcomes
            failed.add(planned.id)
            yield Outcome(change, Status.FAILED, f"internal error: {error!r:.200}", arm.now() - started)
        else:
            yield Outcome(change, Status.APPLIED, detail, arm.now() - started)


def filled(change: Change, known: Mapping[str, str]) -> Change:
    """The change with every unknown that is known by now in its place, its id included."""
    if isinstance(change, Delete) or not _unknowns(change.desired.body):
        return change
    body = _fill(change.desired.body, known)
    left = _unknowns(body)
    if left:
        raise ReconcilerError(f"{left[0].name} was not learnt: the change that supplies it did not answer it")
    identify = change.desired.identify
    known_id = identify(body) if identify else change.desired.id
    return replace(change, desired=replace(change.desired, id=known_id, body=body))


def _do(change: Change, arm: Arm, rules: Rules, known: dict[str, str]) -> str:
    """Carry one change out; a detail worth reporting."""
    target = change.desired.id if isinstance(change, Create) else change.id

    after = arm.write(target, lambda found: rules.remaining(change, found))
    if isinstance(change, Create | Update):
        _learn(change.desired, after, known)
    if isinstance(change, Delete) or not change.brings:
        return ""
    # An import makes of the request what the document says: look at what came of it, and finish it.
    arm.write(target, lambda found: rules.settle(change, found))
    first = change.brings[0]
    absent = rules.missing(change, arm.members(target, first.id.type))
    if absent:
        names = ", ".join(resource.id.name for resource in absent)
        raise ReconcilerError(f"it was imported without what the document says: {names}; the next run repairs that")
    return f"with {len(change.brings)} {kind_of(Create(first))}s"


def _learn(resource: Resource, after: Document | None, known: dict[str, str]) -> None:
    for name, path in resource.supplies.items():
        value: Any = after.body if after is not None else None
        for step in path.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            known[name] = str(value)


def _needs(change: Change) -> tuple[ResourceId, ...]:
    return () if isinstance(change, Delete) else tuple(sorted(change.desired.needs))


def _unknowns(value: Any) -> list[Unknown]:
    if isinstance(value, Unknown):
        return [value]
    if isinstance(value, Mapping):
        return [u for inner in value.values() for u in _unknowns(inner)]
    if isinstance(value, list | tuple):
        return [u for inner in value for u in _unknowns(inner)]
    return []


def _fill(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, Unknown):
        return known.get(value.name, value)
    if isinstance(value, Mapping):
        return {key: _fill(inner, known) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_fill(inner, known) for inner in value]
    return value
