"""What the guard is asked about: each kind of resource, wanted and there, and what it says."""

from __future__ import annotations

from typing import Any

from reconciler.guard import guard
from reconciler.model import Change, Create, Delete, Difference, Held, Observed, Reason, Resource, Update
from reconciler.ownership import stamp
from reconciler.resource_id import ResourceId
from reconciler.world import World
from tests.builders import (
    EAST,
    EAST_API,
    EAST_BACKEND,
    GATEWAY,
    WEST,
    WEST_BACKEND,
    account,
    by_id,
    mark,
    observed,
    wish,
    world,
)

SPEC = "azure-openai/2024-10-21@0123456789ab"
OLD_SPEC = "azure-openai/2024-06-01@aaaaaaaaaaaa"
DRIFT = (Difference("properties.x", 1, 2),)
BACKENDS = {EAST: EAST_BACKEND, WEST: WEST_BACKEND}


def api_body(source: ResourceId, path: str, spec: str = SPEC) -> dict[str, Any]:
    return {"properties": {"path": path, "description": stamp("Models.", mark(source, spec=spec))}}


def api(id: ResourceId = EAST_API, source: ResourceId = EAST, path: str = "contoso-east/openai") -> Resource:
    return wish(id, "api", api_body(source, path), source, BACKENDS[source])


def policy(of: ResourceId = EAST_API, backend: ResourceId = EAST_BACKEND, source: ResourceId = EAST) -> Resource:
    return wish(of.child("policies", "policy"), "api-policy", {}, source, of, backend)


def operation(of: ResourceId = EAST_API, source: ResourceId = EAST, name: str = "chat") -> Resource:
    return wish(of.child("operations", name), "operation", {}, source, of)


def backend(id: ResourceId = EAST_BACKEND, source: ResourceId = EAST) -> Resource:
    return wish(id, "backend", {"properties": {"description": stamp("A backend.", mark(source))}}, source)


def link(of: ResourceId = EAST_API, source: ResourceId = EAST) -> Resource:
    id = GATEWAY.child("products", "p").child("apis", of.name)
    return wish(id, "product-api", {}, source, of, of.child("policies", "policy"))


def role(source: ResourceId = EAST) -> Resource:
    id = source.extension("Microsoft.Authorization", "roleAssignments", "0001")
    return wish(id, "role-assignment", {}, source)


def api_there(
    id: ResourceId = EAST_API,
    source: ResourceId = EAST,
    path: str = "contoso-east/openai",
    *,
    owner: str | None = "contoso",
    spec: str = SPEC,
) -> Observed:
    """An API as it is; with an owner of None nobody's mark is on it."""
    its = mark(source, owner, spec) if owner else None
    return observed(id, "api", {"properties": {"path": path}}, mark=its)


def update(wanted: Resource, actual: Observed) -> Update:
    return Update(wanted, actual, DRIFT)


def unmarked(wanted: Resource) -> Update:
    """An update of a resource whose kind carries no mark."""
    return update(wanted, observed(wanted.id, wanted.kind))


def reasons(held: tuple[Held, ...]) -> list[tuple[Reason, Change]]:
    return [(h.reason, h.change) for h in held]


def judge(
    *changes: Change, actual: tuple[Observed, ...] = (), also: tuple[Resource, ...] = (), of: World | None = None
) -> tuple[tuple[Change, ...], tuple[Held, ...]]:
    """What guard says, desired being what the changes want and `also`."""
    wanted = [change.desired for change in changes if isinstance(change, Create | Update)]
    there = [change.actual for change in changes if isinstance(change, Update | Delete)]
    desired = by_id(*wanted, *also)
    return guard(changes, desired, by_id(*actual, *there), of or world(account(), account(WEST)))


OLD_API = GATEWAY.child("apis", "old-831a41")
BOUND = world(account(), bindings={EAST: OLD_API})
