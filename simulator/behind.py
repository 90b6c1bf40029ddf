"""How the world changes behind everybody's back: loaded from a file, or edited by somebody else.

Nothing is locked, nothing takes time, nothing is recorded as a request; but the resource goes through the same
creation code as a PUT, and Event Grid hears of it.
"""

from copy import deepcopy
from typing import Any

from simulator.bodies import Problem, problems
from simulator.cloud import Cloud, ResourceGroup
from simulator.entra import SOMEBODY
from simulator.errors import Refusal
from simulator.ids import ResourcePath, key, parse
from simulator.kinds import Change, Kind
from simulator.store import Entity
from simulator.writing import check, remove, write

JSON = dict[str, Any]
_ANSWERED = {"id", "name", "type", "etag", "systemData", "count"}


def put(cloud: Cloud, id: str, body: JSON) -> Entity:
    """Create or replace a resource; the body may be one that a GET showed."""
    path = parse(id)
    kind = _kind(cloud, path)
    _need_parent(cloud, path)
    _make_group(cloud, path, body)
    sent, readonly = _as_sent(kind, body)
    wrong = list(problems(kind.shape, sent))
    if wrong:
        raise ValueError(f"{id}: {_sentence(wrong)}")
    before = cloud.store.get(path.text)
    version = max(kind.versions)
    change = Change(cloud, kind, path, "PUT", sent, before, version, SOMEBODY, quiet=True)
    change.found["readonly"] = readonly
    try:
        check(change)
        entity = write(change)
    except Refusal as refusal:
        raise ValueError(f"{id}: {refusal.sentence}") from refusal
    entity.notes["fresh"] = False
    http = None if before is None else {"method": "PUT", "url": f"https://management.azure.com{id}"}
    cloud.events.resource("write", entity.id, kind.type, SOMEBODY, http)
    return entity


def delete(cloud: Cloud, id: str) -> None:
    """Delete a resource and all below it, whoever refers to it."""
    path = parse(id)
    kind = _kind(cloud, path)
    entity = cloud.store.get(path.text)
    if entity is None:
        raise KeyError(id)
    remove(cloud, kind, entity)
    http = {"method": "DELETE", "url": f"https://management.azure.com{id}"}
    cloud.events.resource("delete", entity.id, kind.type, SOMEBODY, http)


def _kind(cloud: Cloud, path: ResourcePath) -> Kind:
    kind = cloud.kinds.get(path.type.lower())
    if kind is None or path.is_collection:
        raise ValueError(f"{path.text}: the simulator has no resource of type '{path.type}'")
    if path.subscription.lower() not in cloud.subscriptions:
        raise ValueError(f"{path.text}: there is no subscription '{path.subscription}'")
    return kind


def _need_parent(cloud: Cloud, path: ResourcePath) -> None:
    if len(path.names) > 1 and cloud.store.get(path.parent) is None:
        raise ValueError(f"{path.text}: its parent {path.parent} does not exist")


def _make_group(cloud: Cloud, path: ResourcePath, body: JSON) -> None:
    """Groups come with their first resource."""
    if path.group and cloud.group_of(path.text) is None:
        id = f"/subscriptions/{path.subscription}/resourceGroups/{path.group}"
        cloud.groups[key(id)] = ResourceGroup(id, path.group, body.get("location") or "eastus")


def _as_sent(kind: Kind, body: JSON) -> tuple[JSON, JSON]:
    """The body as a PUT would send it, and the fields in it that only Azure sets."""
    sent: JSON = {
        name: _without_nulls(value)
        for name, value in deepcopy(body).items()
        if value is not None and (name not in _ANSWERED or name in kind.shape.required)
    }
    properties: JSON = sent.get("properties") or {}
    readonly = {name: properties.pop(name) for name in kind.readonly & set(properties)}
    known = kind.shape.named.get("properties")
    for name in [each for each in sent if each not in kind.shape.named]:
        del sent[name]
    if known is None:
        sent.pop("properties", None)
    if kind.prepare is not None:
        kind.prepare(sent)
    return sent, readonly


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _sentence(wrong: list[Problem]) -> str:
    return "; ".join(f"{each.path}: {each.message}" for each in wrong)
