"""The gateway itself: of it we declare only the identity that calls the models."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from reconciler.compare import as_set, differences
from reconciler.kinds.kind import Kind, Parent
from reconciler.model import Body, Resource
from reconciler.world import PRINCIPAL, World

_SYSTEM = "SystemAssigned"


def desire(world: World) -> Iterator[Resource]:
    """A system-assigned identity, where that is the one to use."""
    if world.gateway.identity != "system" or not any(True for _ in world.served()):
        return
    yield Resource(
        id=world.gateway.resource_id,
        kind=SERVICE.name,
        body={"identity": {"type": _SYSTEM}},
        supplies={PRINCIPAL.name: "identity.principalId"},
    )


def beside_the_others(desired: Body, actual: Body) -> Body:
    """The identity with every user-assigned one that is attached now.

    PATCH replaces the identity as a whole: one that is not named again is dropped (arm-wire.md §2.3).
    """
    attached = sorted((actual.get("identity") or {}).get("userAssignedIdentities") or {})
    if not attached:
        return desired
    return {"identity": {"type": f"{_SYSTEM}, UserAssigned", "userAssignedIdentities": {id: {} for id in attached}}}


def _types(value: object) -> object:
    """The identity types as a set: `SystemAssigned, UserAssigned` is written in either order."""
    return as_set([part.strip() for part in value.split(",")]) if isinstance(value, str) else value


SERVICE = Kind(
    name="service",
    type="Microsoft.ApiManagement/service",
    parent=Parent.ITSELF,
    desire=desire,
    compare=partial(differences, canonical={"identity.type": _types}),
    adapt=beside_the_others,
)
