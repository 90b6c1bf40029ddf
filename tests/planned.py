"""What the tests of plans wish for and find: a backend, APIs with their operations, and the plan of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reconciler.kinds import KINDS
from reconciler.model import Change, Delete, Difference, Document, Observed, Plan, Resource, Update, kind_of, verb
from reconciler.ownership import stamp
from reconciler.plan import Decisions, plan
from reconciler.resource_id import ResourceId
from reconciler.world import World
from tests.builders import (
    EAST,
    EAST_API,
    EAST_BACKEND,
    GATEWAY,
    WEST,
    account,
    by_id,
    document,
    mark,
    observed,
    wish,
    world,
)

BODY = {"properties": {"url": "https://a", "title": "east"}}
DESCRIBED = {"properties": {"url": "https://a", "description": stamp("East.", mark())}}
BACKEND_WISH = wish(EAST_BACKEND, "backend", BODY, EAST)


def make(desired: Sequence[Resource], actual: Sequence[Observed], of: World | None = None) -> Plan:
    return plan(by_id(*desired), by_id(*actual), of or world(account(), account(WEST)), KINDS)


def ours(body: Any = None, id: ResourceId = EAST_BACKEND, source: ResourceId = EAST) -> Observed:
    return observed(id, "backend", BODY if body is None else body, mark=mark(source))


def told(changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    return [(verb(change), kind_of(change), change.id.name) for change in changes]


LEFT = ours()


def chat(api: ResourceId = EAST_API, name: str = "chat", method: str = "POST") -> Resource:
    body = {"properties": {"displayName": name, "method": method, "urlTemplate": f"/{name}"}}
    return wish(api.child("operations", name), "operation", body, EAST if api == EAST_API else WEST, api)


def api_wish(id: ResourceId = EAST_API, source: ResourceId = EAST) -> Resource:
    body = {"properties": {"path": f"{id.name}/openai", "description": stamp("", mark(source))}}
    return wish(id, "api", body, source)


def api_there(wanted: Resource) -> Observed:
    assert wanted.source is not None
    return observed(wanted.id, "api", wanted.body, mark=mark(wanted.source))


DECISIONS = Decisions(KINDS)
BOTH_TYPES = "SystemAssigned, UserAssigned"
ATTACHED = {"identity": {"type": "UserAssigned", "userAssignedIdentities": {"i": {"clientId": "c"}}}}
IDENTITY = Update(
    wish(GATEWAY, "service", {"identity": {"type": BOTH_TYPES, "userAssignedIdentities": {"i": {}}}}),
    observed(GATEWAY, "service", ATTACHED),
    (Difference("identity.type", "UserAssigned", BOTH_TYPES),),
)
DELETE = Delete(LEFT, "gone")


def found(body: Any, id: ResourceId = EAST_BACKEND) -> Document:
    return document(id, body, '"now"')
