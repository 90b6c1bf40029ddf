"""The gateway itself: of it we declare only the identity that calls the models."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from reconciler.compare import as_set, differences
from reconciler.kinds.kind import Kind, Parent
from reconciler.model import Resource
from reconciler.world import PRINCIPAL, World


def desire(world: World) -> Iterator[Resource]:
    """A system-assigned identity, where that is the one to use, beside the user-assigned ones it has.

    PATCH replaces the identity as a whole: identities that are not named again are dropped (arm-wire.md §2.3).
    """
    if world.gateway.identity != "system" or not any(True for _ in world.served()):
        return
    attached = sorted((world.service.get("identity") or {}).get("userAssignedIdentities") or {})
    identity = (
        {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {name: {} for name in attached}}
        if attached
        else {"type": "SystemAssigned"}
    )
    yield Resource(
        id=world.gateway.resource_id,
        kind=SERVICE.name,
        body={"identity": identity},
        supplies={PRINCIPAL.name: "identity.principalId"},
    )


def _types(value: object) -> object:
    """The identity types as a set: `SystemAssigned, UserAssigned` is written in either order."""
    return as_set([part.strip() for part in value.split(",")]) if isinstance(value, str) else value


SERVICE = Kind(
    name="service",
    type="Microsoft.ApiManagement/service",
    parent=Parent.ITSELF,
    desire=desire,
    compare=partial(differences, canonical={"identity.type": _types}),
)
