"""Which world the simulator starts with.

    {"tenant": "<guid>", "subscriptions": {"<guid>": {"displayName": "…"}},
     "principals": [{"id": "<guid>", "type": "User"}],
     "resources": [{"id": "…", <the body of a PUT>}, …]}

Parents may come after their children.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from simulator import behind
from simulator.cloud import Cloud
from simulator.entra import Principal
from simulator.ids import GUID, parse

JSON = dict[str, Any]
BUILT_IN = Path(__file__).parent / "worlds"
_FIELDS = {"tenant", "subscriptions", "principals", "roleDefinitions", "resources", "$schema"}
_ORDER = (  # what must be there before what, by type; everything else after these, the deepest last
    "microsoft.managedidentity/userassignedidentities",
    "microsoft.apimanagement/service",
    "microsoft.cognitiveservices/accounts",
    "microsoft.apimanagement/service/apiversionsets",
    "microsoft.apimanagement/service/tags",
    "microsoft.apimanagement/service/backends",
)


class WorldError(ValueError):
    """A world that cannot be: one sentence per mistake."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


def read_world(world: Mapping[str, Any] | str | Path | None) -> JSON:
    """A world given as such, by the name of a built-in one, or by a path."""
    if isinstance(world, Mapping):
        return dict(world)
    name = str(world or "contoso")
    path = Path(name)
    if not path.suffix and "/" not in name:
        path = BUILT_IN / f"{name}.json"
        if not path.exists():
            known = ", ".join(sorted(each.stem for each in BUILT_IN.glob("*.json")))
            raise WorldError([f"there is no built-in world '{name}'; there are: {known}"])
    try:
        found = json.loads(_text(path))
    except OSError as mistake:
        raise WorldError([f"the world {path} cannot be read: {mistake.strerror}"]) from mistake
    except ValueError as mistake:
        raise WorldError([f"the world {path} is not JSON: {mistake}"]) from mistake
    if not isinstance(found, dict):
        raise WorldError([f"the world {path} is not a JSON object"])
    return found


@lru_cache(maxsize=8)
def _text(path: Path) -> str:
    return path.read_text("utf-8")


def tenant_of(world: JSON) -> str:
    """The tenant's id."""
    return str(world.get("tenant") or "0fab0000-0000-4000-8000-00000000c0de")


def load(cloud: Cloud, world: JSON) -> None:
    """Fill the cloud; collects every mistake before it complains."""
    mistakes = [f"a world has no field '{name}'" for name in sorted(set(world) - _FIELDS)]
    for id, each in (world.get("subscriptions") or {}).items():
        if not GUID.match(id):
            mistakes.append(f"the subscription '{id}' is not a GUID")
        cloud.subscriptions[id.lower()] = (each or {}).get("displayName", id)
    for each in world.get("principals") or []:
        members = frozenset(each.get("members") or ())
        cloud.directory.add(Principal(each["id"], each.get("type", "ServicePrincipal"), members=members))
    cloud.role_definitions |= {str(each).lower() for each in world.get("roleDefinitions") or []}
    cloud.events.muted = True
    for resource in sorted(world.get("resources") or [], key=_position):
        try:
            behind.put(cloud, _id_of(resource), resource)
        except ValueError as mistake:
            mistakes.append(str(mistake))
    cloud.events.muted = False
    if mistakes:
        raise WorldError(mistakes)


def _id_of(resource: JSON) -> str:
    id = resource.get("id") if isinstance(resource, dict) else None
    if not isinstance(id, str):
        raise ValueError(f"a resource has no id: {json.dumps(resource)[:80]}")  # noqa: TRY004  # one kind of mistake
    return id


def _position(resource: JSON) -> tuple[int, int]:
    """Parents first, and what is referred to before what refers to it."""
    path = parse(str(resource.get("id", ""))) if isinstance(resource, dict) else parse("")
    type = path.type.lower()
    if type in _ORDER:
        is_pool = int((resource.get("properties") or {}).get("type") == "Pool")
        return _ORDER.index(type), is_pool
    return len(_ORDER), len(path.types)
