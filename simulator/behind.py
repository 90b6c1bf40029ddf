"""How the world changes behind everybody's back: loaded from a file, or edited by somebody else.

Nothing is locked, nothing takes time, nothing is recorded as a request; but the resource goes through the same
creation code as a PUT, and Event Grid hears of it.
"""

from contextlib import suppress
from copy import deepcopy
from typing import Any

from simulator.cloud import Cloud, ResourceGroup
from simulator.entra import SOMEBODY
from simulator.errors import Refusal
from simulator.ids import ResourcePath, key, parse
from simulator.kinds import Change, Kind
from simulator.places import MISPLACED, stands_right
from simulator.reading import true_path
from simulator.store import Entity
from simulator.world_shape import mistakes
from simulator.writing import check, check_name, remove, write

JSON = dict[str, Any]
_ANSWERED = {"id", "name", "type", "etag", "systemData", "count"}


class Unacceptable(ValueError):
    """A resource that Azure would not have: one sentence per mistake, each naming the field where one is wrong."""

    def __init__(self, id: str, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__(f"{id}: {'; '.join(mistakes)}")


class Missing(KeyError):
    """What is to be deleted is not there."""


def put(cloud: Cloud, id: str, body: JSON) -> Entity:
    """Create or replace a resource; the body may be one that a GET showed."""
    path = true_path(cloud, parse(id))
    kind = _kind(cloud, path)
    _need_parent(cloud, path)
    sent, readonly = as_sent(kind, body)
    wrong = [f"{where}: {what}" if where else what for where, what in mistakes(kind.shape, sent)]
    if wrong:
        raise Unacceptable(id, wrong)
    new_group = _make_group(cloud, path, body)
    before = cloud.store.get(path.text)
    version = max(kind.versions)
    change = Change(cloud, kind, path, "PUT", sent, before, version, SOMEBODY, quiet=True)
    change.found["readonly"] = readonly
    try:
        check_name(kind, path)
        check(change)
        entity = write(change)
    except Refusal as refusal:
        if new_group:
            del cloud.groups[new_group]
        raise Unacceptable(id, _sentences(refusal)) from refusal
    entity.notes["fresh"] = False
    http = None if before is None else {"method": "PUT", "url": f"https://management.azure.com{id}"}
    cloud.events.resource("write", entity.id, kind.type, SOMEBODY, http)
    return entity


def delete(cloud: Cloud, id: str) -> None:
    """Delete a resource and all below it, whoever refers to it."""
    path = true_path(cloud, parse(id))
    kind = _kind(cloud, path)
    entity = cloud.store.get(path.text)
    if entity is None:
        raise Missing(id)
    remove(cloud, kind, entity)
    http = {"method": "DELETE", "url": f"https://management.azure.com{id}"}
    cloud.events.resource("delete", entity.id, kind.type, SOMEBODY, http)


def _kind(cloud: Cloud, path: ResourcePath) -> Kind:
    kind = cloud.kinds.get(path.type.lower())
    if kind is None or path.is_collection:
        raise Unacceptable(path.text, [f"the simulator has no resource of type '{path.type}'"])
    if not stands_right(cloud.kinds, path):
        raise Unacceptable(path.text, [MISPLACED])
    if path.subscription.lower() not in cloud.subscriptions:
        raise Unacceptable(path.text, [f"there is no subscription '{path.subscription}'"])
    return kind


def _need_parent(cloud: Cloud, path: ResourcePath) -> None:
    if len(path.names) > 1 and cloud.store.get(path.parent) is None:
        raise Unacceptable(path.text, [f"its parent {path.parent} does not exist"])


def _make_group(cloud: Cloud, path: ResourcePath, body: JSON) -> str:
    """Groups come with their first resource; the key of the new one, if it is new."""
    if path.group and cloud.group_of(path.text) is None:
        id = f"/subscriptions/{path.subscription}/resourceGroups/{path.group}"
        cloud.groups[key(id)] = ResourceGroup(id, path.group, body.get("location") or "eastus")
        return key(id)
    return ""


def as_sent(kind: Kind, body: JSON) -> tuple[JSON, JSON]:
    """The body as a PUT would send it, and the fields in it that only Azure sets."""
    sent: JSON = {
        name: _without_nulls(value)
        for name, value in deepcopy(body).items()
        if value is not None and (name not in _ANSWERED or name in kind.shape.required)
    }
    if "properties" not in kind.shape.named:
        sent.pop("properties", None)  # a link's body says nothing (arm-wire 8)
    properties = sent.get("properties")
    readonly: JSON = {}
    if isinstance(properties, dict):
        readonly = {name: deepcopy(body["properties"][name]) for name in kind.readonly & set(properties)}
        sent["properties"] = {name: value for name, value in properties.items() if name not in readonly}
    if kind.prepare is not None:
        with suppress(AttributeError, KeyError, TypeError):  # a wrong shape is told with the other mistakes
            kind.prepare(sent)
    return sent, readonly


def _without_nulls(value: Any) -> Any:
    """Azure shows many fields as null that it would not take so; in examples and schemas a null is a value."""
    if isinstance(value, dict):
        return {
            name: each if name in {"examples", "document"} else _without_nulls(each)
            for name, each in value.items()
            if each is not None
        }
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _sentences(refusal: Refusal) -> list[str]:
    """What a refusal says, without the words around it."""
    error = (refusal.body or {}).get("error", {})
    details = [f"{each['target']}: {each['message']}" for each in error.get("details") or []]
    return details or [str(error.get("message", refusal.sentence))]
