"""How desired and actual become a plan: differences, in a safe order, less what is held; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from reconciler.errors import PlanOutdated
from reconciler.guard import guard
from reconciler.kinds.kind import Kind
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
from reconciler.world import State, World, is_ours


def plan(desired: Desired, actual: Actual, world: World, kinds: Sequence[Kind]) -> Plan:
    """The plan that would make the actual world the desired one.

    | desired | actual            | change                                            |
    |---------|-------------------|---------------------------------------------------|
    | yes     | no                | Create; or part of its parent's creation           |
    | yes     | yes, differs      | Update                                            |
    | yes     | yes               | none (counted as unchanged)                       |
    | no      | ours, by the mark | Delete                                            |
    | no      | foreign           | none, and not counted: it is not our business     |
    """
    by_kind = {kind.name: kind for kind in in_order(kinds)}
    creates: dict[str, list[Create]] = {name: [] for name in by_kind}
    updates: dict[str, list[Update]] = {name: [] for name in by_kind}
    matched: set[object] = set()
    unchanged = 0
    for resource in desired.values():
        kind = by_kind[resource.kind]
        found = kind.counterpart(resource, [o for o in actual.values() if o.kind == resource.kind])
        if found is None:
            creates[kind.name].append(Create(resource))
            continue
        matched.add(found.id)
        differences = _differences(kind, resource, found.body)
        if differences:
            updates[kind.name].append(Update(resource, found, differences))
        else:
            unchanged += 1
    deletes: list[Delete] = [
        Delete(observed, _why(world, observed))
        for observed in actual.values()
        if observed.id not in matched and is_ours(observed, world.config.owner) and _unwanted(world, observed)
    ]
    wanted: list[Change] = []
    for name in by_kind:
        wanted += sorted(_with_what_comes_along(creates, by_kind, name), key=lambda c: c.id)
        wanted += sorted(updates[name], key=lambda c: c.id)
    order = {name: -position for position, name in enumerate(by_kind)}
    last = sorted(deletes, key=lambda delete: (order[delete.actual.kind], delete.id))
    wanted += last
    changes, held = guard(wanted, desired, actual, world)
    return Plan(changes=changes, held=held, unchanged=unchanged)


def in_order(kinds: Sequence[Kind]) -> list[Kind]:
    """The kinds in their own order, except that each comes after what must exist first; a cycle is named."""
    position = {kind.name: index for index, kind in enumerate(kinds)}
    graph = TopologicalSorter({kind.name: sorted(kind.after) for kind in kinds})
    try:
        graph.prepare()
    except CycleError as error:
        raise ValueError(f"kinds depend on each other in a circle: {' -> '.join(error.args[1])}") from None
    ordered: list[Kind] = []
    ready: list[int] = []
    while graph.is_active():
        ready = sorted([*ready, *(position[name] for name in graph.get_ready())])
        ordered.append(kinds[ready.pop(0)])
        graph.done(ordered[-1].name)
    return ordered


@dataclass(frozen=True, slots=True)
class Decisions:
    """What is still to be done about a change, asked for while it is applied; pure like the plan itself."""

    kinds: Sequence[Kind]

    def remaining(self, change: Change, found: Document | None) -> Write | None:
        """What is still to be sent, given what is there now; None: nothing, it is so already.

        Raises PlanOutdated where the world is no longer the one the change was planned for.
        """
        match change:
            case Delete():
                return None if found is None else Write("DELETE", etag=found.etag)
            case Create(desired=resource):
                if found is None:
                    return Write("PUT", resource.body)
                ours = mark_of(resource.body)
                if self._differences(change, found) and (ours is None or mark_of(found.body) != ours):
                    raise PlanOutdated(f"{change.id.name} appeared since the plan; the next run plans again")
                return self.settle(change, found)
            case Update():
                if found is None:
                    raise PlanOutdated(f"{change.id.name} was deleted since the plan; the next run plans again")
                planned = {(d.path, str(d.actual)) for d in change.differences}
                if not {(d.path, str(d.actual)) for d in self._differences(change, found)} <= planned:
                    raise PlanOutdated(f"{change.id.name} was changed since the plan; the next run plans again")
                return self.settle(change, found)

    def settle(self, change: Create | Update, found: Document | None) -> Write | None:
        """The request that makes what is there what it should be; None where it is."""
        if found is None:
            raise PlanOutdated(f"{change.id.name} is not there although it was just made; the next run looks again")
        differences = self._differences(change, found)
        if not differences:
            return None
        if self._kind(change.desired.kind).update is How.PUT:
            return Write("PUT", change.desired.body, found.etag)
        return Write("PATCH", _patch(change.desired, differences), found.etag)

    def missing(self, change: Create, listed: Sequence[Document]) -> tuple[Resource, ...]:
        """The resources that should have come with a creation and did not, or came different."""
        absent = []
        for resource in change.brings:
            kind = self._kind(resource.kind)
            there = kind.counterpart(resource, [Observed(id=d.id, kind=kind.name, body=d.body) for d in listed])
            if there is None or _differences(kind, resource, there.body):
                absent.append(resource)
        return tuple(absent)

    def _differences(self, change: Create | Update, found: Document) -> tuple[Difference, ...]:
        return _differences(self._kind(change.desired.kind), change.desired, found.body)

    def _kind(self, name: str) -> Kind:
        return next(kind for kind in self.kinds if kind.name == name)


def _differences(kind: Kind, resource: Resource, found: Body) -> tuple[Difference, ...]:
    return () if kind.update is How.NEVER else kind.compare(resource.body, found)


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


def _unwanted(world: World, observed: Observed) -> bool:
    """Whether we know that nothing wants it: its account is gone, or seen and not selected.

    An account that is served or waiting keeps what it has; one that was not seen and not confirmed gone is unknown.
    """
    source = observed.mark.source if observed.mark else None
    if source in world.inventory.gone:
        return True
    account = next((a for a in world.inventory.accounts if a.id == source), None)
    return account is not None and account.state is State.EXCLUDED


def _why(world: World, observed: Observed) -> str:
    source = observed.mark.source if observed.mark else None
    if source in world.inventory.gone:
        return f"the account {source} is gone"
    account = next((a for a in world.inventory.accounts if a.id == source), None)
    return f"{account.id.name}: {account.detail}" if account else "nothing wants it"
