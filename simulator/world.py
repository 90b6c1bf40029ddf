"""How a world document becomes the world that the simulator starts with.

    {"tenant": "<guid>", "subscriptions": {"<guid>": {"displayName": "…"}},
     "principals": [{"id": "<guid>", "type": "User", "displayName": "…", "userPrincipalName": "…"},
                    {"id": "<guid>", "type": "ServicePrincipal", "displayName": "…", "appId": "<guid>"},
                    {"id": "<guid>", "type": "Group", "members": ["<guid>"]}],
     "documents": {"<url>": "<text>"},
     "resources": [{"id": "…", <the body of a PUT>}, …]}

Resources may come in any order.
"""

from typing import Any

from simulator import behind
from simulator.cloud import Cloud
from simulator.entra import Principal
from simulator.world_check import Check, Listed
from simulator.world_file import World, WorldError, read_world

JSON = dict[str, Any]
_PRINCIPAL = {"name": "displayName", "app_id": "appId", "upn": "userPrincipalName"}
_ORDER = (  # what others refer to comes first; everything else after these, the deepest last
    "microsoft.managedidentity/userassignedidentities",
    "microsoft.apimanagement/service",
    "microsoft.cognitiveservices/accounts",
    "microsoft.apimanagement/service/namedvalues",
    "microsoft.apimanagement/service/apiversionsets",
    "microsoft.apimanagement/service/groups",
    "microsoft.apimanagement/service/tags",
    "microsoft.apimanagement/service/loggers",
    "microsoft.apimanagement/service/backends",
    "microsoft.apimanagement/service/policyfragments",
    "microsoft.apimanagement/service/products",
)

__all__ = ["World", "WorldError", "load", "read_world", "tenant_of"]


def tenant_of(world: World) -> str:
    """The tenant's id."""
    return str(world.document.get("tenant") or "0fab0000-0000-4000-8000-00000000c0de")


def load(cloud: Cloud, world: World) -> None:
    """Fill the cloud; collects every mistake before it complains."""
    check = Check(world.document, cloud.kinds)
    mistakes = check.mistakes
    if not any(
        each.startswith(("subscriptions", "principals", "roleDefinitions", "documents")) for each in mistakes
    ):
        _declare(cloud, world.document)
        mistakes += _create(cloud, check.resources)
    if mistakes:
        raise WorldError([f"{world.source}: {each}" for each in mistakes])


def _declare(cloud: Cloud, document: JSON) -> None:
    for id, each in document.get("subscriptions", {}).items():
        cloud.subscriptions[id.lower()] = each.get("displayName", id)
    for each in document.get("principals", []):
        cloud.directory.add(_principal(each))
    cloud.role_definitions |= {each.lower() for each in document.get("roleDefinitions", [])}
    cloud.documents.update(document.get("documents", {}))


def _principal(each: JSON) -> Principal:
    names = {field: each.get(name, "") for field, name in _PRINCIPAL.items()}
    members = frozenset(each.get("members", ()))
    return Principal(each["id"], each.get("type", "ServicePrincipal"), members=members, **names)


def _create(cloud: Cloud, resources: list[Listed]) -> list[str]:
    """Create everything; what refers to something that comes later is tried again after it."""
    cloud.events.muted = True
    waiting = sorted(resources, key=_position)
    refused: dict[str, list[str]] = {}
    while True:
        tried, waiting = waiting, []
        for each in tried:
            try:
                behind.put(cloud, each.path.text, each.body)
            except behind.Unacceptable as wrong:
                waiting.append(each)
                refused[each.where] = wrong.mistakes
        if len(waiting) in {0, len(tried)}:
            break
    cloud.events.muted = False
    failed = [each.path.text.lower() + "/" for each in waiting]
    return [
        f"{each.where}: {what}"
        for each in waiting
        if not any(each.path.text.lower().startswith(above) for above in failed)
        for what in refused[each.where]
    ]


def _position(each: Listed) -> tuple[int, int, int]:
    """Parents first, and what is referred to before what refers to it."""
    type = each.path.type.lower()
    is_pool = int(each.body.get("properties", {}).get("type") == "Pool")
    return (_ORDER.index(type) if type in _ORDER else len(_ORDER)), is_pool, len(each.path.types)
