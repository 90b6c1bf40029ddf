"""Which scope a role assignment, a lock or a permission is at, and what is above and below it."""

from collections.abc import Iterator

from simulator.cloud import Cloud
from simulator.errors import gateway
from simulator.ids import key, parse
from simulator.store import Entity


def need_scope(cloud: Cloud, scope: str) -> None:
    """The scope must exist: subscription, group or resource."""
    path = parse(scope)
    if path.group and cloud.group_of(scope) is None:
        raise gateway(404, "ResourceGroupNotFound", f"Resource group '{path.group}' could not be found.")
    if path.namespace and cloud.store.get(path.text) is None:
        message = (
            f"The Resource '{path.type}/{path.name}' under resource group '{path.group}' was not found. "
            "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        )
        raise gateway(404, "ResourceNotFound", message)


def covers(scope: str, id: str) -> bool:
    """Whether something at this scope also holds for this id: it is the same or is inside it."""
    return key(id) == key(scope) or key(id).startswith(key(scope) + "/") or key(scope) == ""


def around(cloud: Cloud, type: str, here: str, *, at_scope: bool) -> Iterator[Entity]:
    """All of a type at a scope and above it; below it too unless `atScope()` was asked for (arm-wire 9)."""
    for entity in cloud.store.of_type(type):
        scope = parse(entity.id).scope
        if covers(scope, here) or (not at_scope and covers(here, scope)):
            yield entity
