"""What the gateway does with a call to an API: which backend, with whose identity, within which limits."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kinds.api import KEY_HEADER, KEY_QUERY
from reconciler.kinds.kind import Kind, Parent, Read, Update
from reconciler.model import Body, Difference, Resource
from reconciler.policy.builder import build
from reconciler.policy.document import PolicyUnreadable, compare, read
from reconciler.world import World

_VALUE = "properties.value"


def desire(world: World) -> Iterator[Resource]:
    """One policy document per served account's API."""
    client_id = None if world.gateway.identity == "system" else world.gateway.identity
    for served in world.served():
        text = build(
            served.profile,
            backend=served.backend.name,
            key_header=KEY_HEADER,
            key_query=KEY_QUERY,
            client_id=client_id,
        )
        yield Resource(
            id=served.api.child("policies", "policy"),
            kind=API_POLICY.name,
            source=served.account.id,
            # A policy that names a backend which is not there is refused (arm-wire.md §5.4).
            needs=frozenset({served.api, served.backend}),
            body={"properties": {"format": "xml", "value": text}},
        )


def by_meaning(desired: Body, actual: Body) -> tuple[Difference, ...]:
    """The places where the documents say different things; one in all where either of them cannot be read."""
    wanted, seen = desired["properties"]["value"], (actual.get("properties") or {}).get("value")
    try:
        there = read("" if seen is None else str(seen))
    except PolicyUnreadable as error:
        return (Difference(_VALUE, f"unreadable: {error}", wanted),)
    try:
        found = compare(read(wanted), there)
    except PolicyUnreadable as error:
        return (Difference(_VALUE, seen, f"unreadable: {error}"),)
    return tuple(Difference(f"{_VALUE}/{d.path}" if d.path else _VALUE, d.actual, d.desired) for d in found)


API_POLICY = Kind(
    name="api-policy",
    type="Microsoft.ApiManagement/service/apis/policies",
    parent=Parent.API,
    desire=desire,
    after=frozenset({"api", "backend"}),
    read=Read.GET,
    update=Update.PUT,
    compare=by_meaning,
)
