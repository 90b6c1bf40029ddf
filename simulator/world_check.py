"""Which resources of a world document can be created, and what is wrong with the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.behind import as_sent
from simulator.bodies import TEXT, Anything, Fields, Items, Text
from simulator.ids import GUID, ResourcePath, key, parse
from simulator.kinds import Kind
from simulator.places import MISPLACED, stands_right
from simulator.world_shape import hint, mistakes

JSON = dict[str, Any]
_GUID = Text(pattern=GUID.pattern)
_PRINCIPAL = Fields(
    {
        "id": _GUID,
        "type": Text(choices=("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")),
        "displayName": TEXT,
        "userPrincipalName": TEXT,
        "appId": _GUID,
        "members": Items(_GUID),
    },
    ("id",),
)
WORLD = Fields(
    {
        "$schema": TEXT,
        "tenant": _GUID,
        "subscriptions": Fields(others=Fields({"displayName": TEXT})),
        "principals": Items(_PRINCIPAL),
        "roleDefinitions": Items(_GUID),
        "documents": Fields(others=TEXT),  # what links find on the simulator's web, by URL
        "resources": Items(Fields({"id": TEXT}, ("id",), Anything())),
    }
)


@dataclass(frozen=True)
class Listed:
    """A resource of the document: where it stands and what it says."""

    where: str  # "resources[3] (/subscriptions/…)"
    path: ResourcePath
    body: JSON


class Check:
    """The mistakes of a world document, found before anything is created."""

    def __init__(self, document: JSON, kinds: Mapping[str, Kind]) -> None:
        self.mistakes = [f"{where}: {what}" if where else what for where, what in mistakes(WORLD, document)]
        self._kinds = kinds
        self._types = [kind.type for kind in kinds.values()]
        self._subscriptions = {str(each).lower() for each in _object(document.get("subscriptions"))}
        self._check_subscriptions(_object(document.get("subscriptions")))
        self._check_principals(_list(document.get("principals")))
        self.resources = list(self._listed(_list(document.get("resources"))))
        self._check_resources()

    def _check_subscriptions(self, given: JSON) -> None:
        seen: set[str] = set()
        for id in given:
            if not GUID.match(id):
                self.mistakes.append(f"subscriptions.{id}: the name of a subscription must be a GUID")
            if id.lower() in seen:
                self.mistakes.append(f"subscriptions.{id}: is given twice, in another case; remove one")
            seen.add(id.lower())

    def _check_principals(self, given: list[Any]) -> None:
        first: dict[str, int] = {}
        for position, each in enumerate(given):
            id = str(_object(each).get("id", "")).lower()
            if id in first:
                self.mistakes.append(f"principals[{position}].id: is that of principals[{first[id]}]; remove one")
            first.setdefault(id, position)
        for position, each in enumerate(given):
            for place, member in enumerate(_list(_object(each).get("members"))):
                if str(member).lower() not in first:
                    where = f"principals[{position}].members[{place}]"
                    self.mistakes.append(f"{where}: there is no principal '{member}'; add it to principals")

    def _listed(self, given: list[Any]) -> Iterator[Listed]:
        for position, each in enumerate(given):
            id = _object(each).get("id")
            if isinstance(id, str):
                yield Listed(f"resources[{position}] ({id})", parse(id), each)

    def _check_resources(self) -> None:
        """Leave only those that can be tried; what stands below a wrong one is not told about again."""
        ids = {key(each.path.text) for each in self.resources}
        first: dict[str, Listed] = {}
        wrong: set[str] = set()
        for each in self.resources:
            found = list(self._mistakes_of(each, ids, first))
            self.mistakes += [f"{each.where}: {what}" for what in found]
            if found:
                wrong.add(each.where)
            first.setdefault(key(each.path.text), each)
        pools = self._pools_in_pools(first)
        self.mistakes += pools.values()
        gone = {key(each.path.text) for each in self.resources if each.where in wrong} | set(pools)
        self.resources = [
            each for each in self.resources if each.where not in wrong and not _any_above(each.path, gone)
        ]

    def _mistakes_of(self, each: Listed, ids: set[str], first: dict[str, Listed]) -> Iterator[str]:
        path = each.path
        kind = self._kinds.get(path.type.lower())
        if not each.body["id"].startswith("/") or not path.namespace:
            yield "this is no id of a resource; one is /subscriptions/{guid}/resourceGroups/{name}/providers/…"
            return
        if path.is_collection:
            yield "this is the id of a collection; add the name of the resource"
            return
        if kind is None:
            yield f"there is no resource type '{path.type}' here; {hint(path.type, self._types)}"
            return
        if not stands_right(self._kinds, path):
            yield MISPLACED
            return
        if path.subscription and path.subscription.lower() not in self._subscriptions:
            yield f"there is no subscription '{path.subscription}'; add it to subscriptions"
        if key(path.text) in first:
            place = first[key(path.text)].where.partition(" ")[0]
            yield f"is the same resource as {place}; remove one"
        if len(path.names) > 1 and key(path.parent) not in ids:
            yield f"its parent {path.parent} is not in the world; add it"
        sent, _ = as_sent(kind, each.body)
        yield from (f"{where}: {what}" if where else what for where, what in mistakes(kind.shape, sent))

    def _pools_in_pools(self, first: dict[str, Listed]) -> dict[str, str]:
        """Backend pools that have pools as members, by id (arm-wire 7)."""
        pools = {id: _members(each) for id, each in first.items() if _members(each)}
        found: dict[str, str] = {}
        for id, members in pools.items():
            names = {parse(each).name.lower(): parse(each).name for each in pools}
            inner = next((names[name.lower()] for name in members if name.lower() in names), None)
            if inner is not None:
                what = f"a pool cannot contain the pool '{inner}'; name backends with a url"
                found[id] = f"{first[id].where}: properties.pool.services: {what}"
        return found


def _members(each: Listed) -> list[str]:
    if not each.path.type.lower().endswith("/service/backends"):
        return []
    pool = _object(_object(each.body.get("properties")).get("pool"))
    return [str(_object(one).get("id", "")).rsplit("/", 1)[-1] for one in _list(pool.get("services"))]


def _any_above(path: ResourcePath, gone: set[str]) -> bool:
    text = key(path.text)
    return any(text == id or text.startswith(id + "/") for id in gone)


def _object(value: Any) -> JSON:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
