"""How desired and actual become a plan: differences, in a safe order, less what is held; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.errors import PlanOutdated
from reconciler.guard import guard
from reconciler.kinds.kind import Kind, Parent
from reconciler.kinds.kind import Update as How
from reconciler.model import (
    Actual,
    Body,
    Change,
    Create,
    Delete,
    Desired,
    Difference,
    Document,
    Observed,
    Plan,
    Resource,
    Update,
    Write,
)
from reconciler.ownership import mark_of
from reconciler.resource_id import ResourceId
from reconciler.unwanted import unwanted, why_unwanted
from reconciler.world import World


def plan(desired: Desired, actual: Actual, world: World, kinds: Sequence[Kind]) -> Plan:
    """The plan that would make the actual world the desired one; `kinds` in their order.

    | desired | actual            | change                                            |
    |---------|-------------------|---------------------------------------------------|
    | yes     | no                | Create; or part of its parent's creation           |
    | yes     | yes, differs      | Update                                            |
    | yes     | yes               | none (counted as unchanged)                       |
    | yes     | yes, outdated     | Update anew, in place, with what comes along       |
    | no      | ours, by the mark | Delete                                            |
    | no      | foreign           | none, and not counted: it is not our business     |
    """
    by_kind = {kind.name: kind for kind in kinds}
    candidates = _Candidates(actual)
    creates: dict[str, list[Create]] = {name: [] for name in by_kind}
    updates: dict[str, list[Update]] = {name: [] for name in by_kind}
    old: list[tuple[Resource, Observed, Difference]] = []
    matched: set[object] = set()
    unchanged = 0
    for resource in desired.values():
        kind = by_kind[resource.kind]
        found = kind.counterpart(resource, candidates.of(kind, resource))
        if found is None:
            creates[kind.name].append(Create(resource))
            continue
        matched.add(found.id)
        needs_anew = kind.outdated(resource.body, found.body)
        if needs_anew is not None:
            old.append((resource, found, needs_anew))
        adapted, differences = _compared(kind, resource, found.body, deep=world.deep)
        if differences:
            updates[kind.name].append(Update(adapted, found, differences))
        elif needs_anew is None:
            unchanged += 1
    anew = _anew(old, desired, actual, world, by_kind)
    for renewal in anew:
        _fold(renewal, creates, updates)
    deletes: list[Delete] = [
        Delete(observed, why_unwanted(world, observed))
        for observed in actual.values()
        if observed.id not in matched
        and observed.kind in by_kind
        and unwanted(world, observed, by_kind[observed.kind])
    ]
    wanted: list[Change] = []
    for name in by_kind:
        wanted += sorted(_with_what_comes_along(creates, by_kind, name), key=lambda c: c.id)
        wanted += sorted((c for c in (*anew, *updates[name]) if c.desired.kind == name), key=lambda c: c.id)
    order = {name: -position for position, name in enumerate(by_kind)}
    last = sorted(deletes, key=lambda delete: (order[delete.actual.kind], delete.id))
    wanted += last
    changes, held = guard(wanted, desired, actual, world)
    return Plan(changes=changes, held=held, unchanged=unchanged)


def outdated(desired: Desired, actual: Actual, kinds: Sequence[Kind]) -> frozenset[ResourceId]:
    """What is there and would have to be made anew."""
    by_kind = {kind.name: kind for kind in kinds}
    return frozenset(
        r.id for r in desired.values() if r.id in actual and by_kind[r.kind].outdated(r.body, actual[r.id].body)
    )


def deleted_apis(plan: Plan) -> list[ResourceId]:
    """The APIs that the plan would delete, held ones included."""
    changes = (*plan.changes, *(held.change for held in plan.held))
    return sorted({c.id for c in changes if isinstance(c, Delete) and c.actual.kind == "api"})


@dataclass(frozen=True, slots=True)
class Decisions:
    """What is still to be done about a change, asked for while it is applied; pure like the plan itself."""

    kinds: Sequence[Kind]
    deep: bool = False
    """As in the world that was planned for."""

    def remaining(self, change: Change, found: Document | None) -> Write | None:
        """What is still to be sent, given what is there now; None: nothing, it is so already.

        Raises PlanOutdated where the world is no longer the one the change was planned for.
        """
        match change:
            case Delete():
                # Of a link one only sees that it is there: its body is empty.
                if found is not None and found.body and mark_of(found.body) != change.actual.mark:
                    raise PlanOutdated(f"{change.id.name} is no longer ours; the next run plans again")
                return None if found is None else Write("DELETE", etag=found.etag)
            case Create(desired=resource):
                if found is None:
                    return Write("PUT", resource.body)
                ours = mark_of(resource.body)
                if self._compared(change, found)[1] and (ours is None or mark_of(found.body) != ours):
                    raise PlanOutdated(f"{change.id.name} appeared since the plan; the next run plans again")
                return self.settle(change, found)
            case Update():
                if found is None:
                    raise PlanOutdated(f"{change.id.name} was deleted since the plan; the next run plans again")
                planned = {(d.path, str(d.actual)) for d in change.differences}
                if not {(d.path, str(d.actual)) for d in self._all(change, found)} <= planned:
                    raise PlanOutdated(f"{change.id.name} was changed since the plan; the next run plans again")
                return self.settle(change, found)

    def settle(self, change: Create | Update, found: Document | None) -> Write | None:
        """The request that makes what is there what it should be; None where it is."""
        if found is None:
            raise PlanOutdated(f"{change.id.name} is not there although it was just made; the next run looks again")
        kind = self._kind(change.desired.kind)
        if isinstance(change, Update) and change.anew and kind.outdated(change.desired.body, found.body):
            return Write("PUT", kind.renewed(change.desired.body, found.body), found.etag)
        adapted, differences = self._compared(change, found)
        if not differences:
            return None
        if kind.update is How.PUT:
            return Write("PUT", adapted.body, found.etag)
        return Write("PATCH", _patch(adapted, differences), found.etag)

    def still(self, change: Update, listed: Sequence[Document]) -> None:
        """Raise PlanOutdated where something was added to what is to be made anew: it would go unseen."""
        new = sorted(document.id.name for document in listed if document.id not in change.below)
        if new:
            raise PlanOutdated(f"{', '.join(new)} appeared in {change.id.name} since; the next run plans again")

    def missing(self, change: Create | Update, listed: Sequence[Document]) -> tuple[Resource, ...]:
        """The resources that should have come with a creation and did not, or came different."""
        absent = []
        for resource in change.brings:
            kind = self._kind(resource.kind)
            there = kind.counterpart(resource, [Observed(id=d.id, kind=kind.name, body=d.body) for d in listed])
            if there is None or _compared(kind, resource, there.body, deep=False)[1]:
                absent.append(resource)
        return tuple(absent)

    def _all(self, change: Update, found: Document) -> tuple[Difference, ...]:
        """What differs, the document included where the change is about it."""
        old = self._kind(change.desired.kind).outdated(change.desired.body, found.body) if change.anew else None
        return (*((old,) if old else ()), *self._compared(change, found)[1])

    def _compared(self, change: Create | Update, found: Document) -> tuple[Resource, tuple[Difference, ...]]:
        return _compared(self._kind(change.desired.kind), change.desired, found.body, deep=self.deep)

    def _kind(self, name: str) -> Kind:
        return next(kind for kind in self.kinds if kind.name == name)


class _Candidates:
    """Who may be the counterpart of a desired resource: its kind, and below an API only its siblings."""

    def __init__(self, actual: Actual) -> None:
        self._by_kind: dict[str, list[Observed]] = {}
        self._by_parent: dict[tuple[str, ResourceId], list[Observed]] = {}
        for observed in actual.values():
            self._by_kind.setdefault(observed.kind, []).append(observed)
            self._by_parent.setdefault((observed.kind, observed.id.parent), []).append(observed)

    def of(self, kind: Kind, resource: Resource) -> Sequence[Observed]:
        if kind.parent is Parent.API:
            return self._by_parent.get((kind.name, resource.id.parent), ())
        return self._by_kind.get(kind.name, ())


def _compared(
    kind: Kind, resource: Resource, found: Body, *, deep: bool
) -> tuple[Resource, tuple[Difference, ...]]:
    """The resource as it is to be sent, given what is there, and where that differs from what is there."""
    if kind.update is How.NEVER:
        return resource, ()
    adapted = replace(resource, body=kind.adapt(resource.body, found))
    compare = kind.compare_deep if deep and kind.compare_deep else kind.compare
    return adapted, compare(adapted.body, found)


def _patch(resource: Resource, differences: tuple[Difference, ...]) -> dict[str, object]:
    """The declared top-level properties that differ, whole; nothing else is sent."""
    body: dict[str, object] = {}
    for difference in differences:
        head, _, rest = difference.path.partition(".")
        if head == "properties":
            name = rest.partition(".")[0]
            inside = body.setdefault("properties", {})
            assert isinstance(inside, dict)  # noqa: S101 - for the type checker: made on the line above
            inside[name] = resource.body["properties"][name]
        else:
            body[head] = resource.body[head]
    return body


def _with_what_comes_along(creates: dict[str, list[Create]], by_kind: dict[str, Kind], name: str) -> list[Create]:
    """Creations of one kind, with those that they bring folded in and those that others bring left out."""
    if by_kind[name].comes_with is not None:
        parents = {create.id for create in creates[str(by_kind[name].comes_with)]}
        return [create for create in creates[name] if create.id.parent not in parents]
    brought = [c.desired for k in by_kind.values() if k.comes_with == name for c in creates[k.name]]
    return [
        Create(create.desired, tuple(sorted((r for r in brought if r.id.parent == create.id), key=lambda r: r.id)))
        for create in creates[name]
    ]


def _anew(
    old: list[tuple[Resource, Observed, Difference]],
    desired: Desired,
    actual: Actual,
    world: World,
    by_kind: dict[str, Kind],
) -> list[Update]:
    """Making each outdated resource anew, in place: what comes with that, and what would be lost by it."""
    below: dict[ResourceId, list[Observed]] = {found.id: [] for _, found, _ in old}
    for observed in actual.values():
        for parent in (observed.id.parent, observed.id.parent.parent):
            below.get(parent, []).append(observed)
    renewals = []
    for resource, found, difference in old:
        kind = by_kind[resource.kind]
        along = {k.name for k in by_kind.values() if k.comes_with == kind.name}
        brings = sorted(
            (r for r in desired.values() if r.kind in along and r.id.parent == resource.id), key=lambda r: r.id
        )
        renewed = replace(resource, body=kind.renewed(resource.body, found.body))
        differences = (difference, *_compared(kind, resource, found.body, deep=world.deep)[1])
        loses = kind.lost(world, found, brings, below[found.id])
        there = frozenset(o.id for o in below[found.id] if o.kind in along)
        renewals.append(Update(renewed, found, differences, True, tuple(brings), loses, there))  # noqa: FBT003 - anew
    return renewals


def _fold(renewal: Update, creates: dict[str, list[Create]], updates: dict[str, list[Update]]) -> None:
    """Leave out what making a resource anew does by itself; where that will be held, it is done singly."""
    if renewal.loses:
        return
    brought = {resource.id for resource in renewal.brings}
    for kind in {resource.kind for resource in renewal.brings}:
        creates[kind] = [c for c in creates[kind] if c.id not in brought]
        updates[kind] = [u for u in updates[kind] if u.desired.id not in brought]
    name = renewal.desired.kind
    updates[name] = [u for u in updates[name] if u.id != renewal.id]
