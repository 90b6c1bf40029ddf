"""What the lists of tagged things show: pairs of a tag and an API, an operation or a product.

The shape is that of recording 42 and of the specification's examples; all of these can only be listed.
"""

from collections.abc import Callable, Iterator
from typing import Any

from simulator.apim.common import given, service_of
from simulator.apim.versions import versions_of
from simulator.bodies import envelope
from simulator.cloud import Cloud
from simulator.ids import ResourcePath, key
from simulator.kinds import Kind, View
from simulator.store import Entity
from simulator.wire import Ask

JSON = dict[str, Any]
_ROOT = "Microsoft.ApiManagement/service"
_HOLDERS = {"apis/tags": "api", "apis/operations/tags": "operation", "products/tags": "product"}


def _pairs(cloud: Cloud, below: str, holders: tuple[str, ...]) -> Iterator[Entity]:
    """One stand-in for each link below an id, with the pair as its body."""
    for holder in holders:
        for link in cloud.store.of_type(f"{_ROOT}/{holder}"):
            thing = cloud.store.get(link.id.rsplit("/", 2)[0])
            tag = cloud.store.get(f"{service_of(link.id)}/tags/{link.name}")
            if thing is not None and tag is not None and key(link.id).startswith(key(below) + "/"):
                pair = {"tag": _tag(tag), _HOLDERS[holder]: _SHOWN[_HOLDERS[holder]](cloud, thing)}
                yield Entity(link.id, link.type, pair)


def _short(entity: Entity) -> str:
    return entity.id[len(service_of(entity.id)) :]


def _tag(tag: Entity) -> JSON:
    return {"id": _short(tag), "name": tag.properties["displayName"]}


def _api(cloud: Cloud, api: Entity) -> JSON:
    """Key order and nulls of recording 42."""
    del cloud
    properties = api.properties
    return {
        "id": _short(api),
        "name": properties["displayName"],
        "apiRevision": properties["apiRevision"],
        **given(properties, "apiVersion"),
        "description": properties.get("description"),
        "serviceUrl": properties.get("serviceUrl"),
        "path": properties["path"],
        "protocols": None,
        "authenticationSettings": None,
        "subscriptionKeyParameterNames": None,
        **given(properties, "isCurrent"),
    }


def _operation(cloud: Cloud, operation: Entity) -> JSON:
    api = cloud.need(operation.id.rsplit("/", 2)[0])
    properties = operation.properties
    return {
        "id": _short(operation),
        "apiName": api.properties["displayName"],
        "apiRevision": api.properties["apiRevision"],
        "name": properties["displayName"],
        "method": properties["method"],
        "urlTemplate": properties["urlTemplate"],
        "description": properties.get("description"),
    }


def _product(cloud: Cloud, product: Entity) -> JSON:
    del cloud
    names = ("description", "terms", "subscriptionRequired", "approvalRequired", "subscriptionsLimit", "state")
    properties = product.properties
    return {
        "id": _short(product),
        "name": properties["displayName"],
        **{name: properties.get(name) for name in names},
    }


_UNTAGGED = frozenset({"includeNotTaggedApis", "includeNotTaggedOperations", "includeNotTaggedProducts"})
_SHOWN: dict[str, Callable[[Cloud, Entity], JSON]] = {"api": _api, "operation": _operation, "product": _product}


def _list(collection: str, *holders: str) -> Kind:
    def find(cloud: Cloud, _ask: Ask, path: ResourcePath) -> list[Entity]:
        return list(_pairs(cloud, path.parent, holders))

    return Kind(
        type=f"{_ROOT}/{collection}",
        versions=versions_of(collection),
        shape=envelope(None),
        noun="Tag",
        verbs=frozenset({"LIST"}),
        show=lambda entity, _view: dict(entity.body),
        order=_by_thing,
        find_all=find,
        listed=_with_next_link,
        not_modelled_queries=_UNTAGGED,
    )


def _by_thing(entity: Entity) -> str:
    """By tag, then by what carries it."""
    things = [part for name, part in entity.body.items() if name != "tag"]
    return f"{entity.body['tag']['name']} {things[0]['name']}".lower()


def _with_next_link(body: JSON, view: View) -> None:
    """An explicit null on the last page (recording 42)."""
    del view
    body.setdefault("nextLink", None)


TAG_LISTS = [
    _list("apisByTags", "apis/tags"),
    _list("productsByTags", "products/tags"),
    _list("apis/operationsByTags", "apis/operations/tags"),
    _list("tagResources", *_HOLDERS),
]
