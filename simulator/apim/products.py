"""How products behave, and the links between products and APIs."""

from copy import deepcopy
from typing import Any

from simulator.apim.apis import API
from simulator.apim.common import VERSIONS, service_of
from simulator.bodies import FLAG, TEXT, WHOLE, Fields, Text, envelope
from simulator.cloud import Cloud
from simulator.errors import apim, invalid
from simulator.ids import ResourcePath
from simulator.kinds import Change, Kind, View, order_by_display_name
from simulator.store import Entity
from simulator.wire import Ask

JSON = dict[str, Any]
_SHAPE = envelope(
    Fields(
        {
            "approvalRequired": FLAG,
            "description": Text(most=1000),
            "displayName": Text(1, 300),
            "state": Text(choices=("notPublished", "published")),
            "subscriptionRequired": FLAG,
            "subscriptionsLimit": WHOLE,
            "terms": TEXT,
        },
        ("displayName",),
    )
)


def _check(change: Change) -> None:
    asked = change.properties
    merged = change.merged()["properties"]
    limited = [name for name in ("approvalRequired", "subscriptionsLimit") if asked.get(name)]
    if merged.get("subscriptionRequired") is False and limited:  # arm-wire 8
        message = (
            "Cannot provide values for approvalRequired and subscriptionsLimit when subscriptionRequired is set to "
            "false in the request payload"
        )
        raise invalid(*((name, message) for name in limited))


def _fill(change: Change) -> JSON:
    """Key order and defaults of recording 10."""
    source = change.merged()["properties"]
    required = source.get("subscriptionRequired", True)
    return {
        "properties": {
            "displayName": source["displayName"],
            "description": source.get("description"),
            "terms": source.get("terms"),
            "subscriptionRequired": required,
            "approvalRequired": (source.get("approvalRequired") or False) if required else None,
            "subscriptionsLimit": source.get("subscriptionsLimit") if required else None,
            "state": source.get("state", "notPublished"),
        }
    }


def _show(entity: Entity, view: View) -> JSON:
    """The answer to a PUT spells the groups out, a GET shows none (recording 10)."""
    groups = [_administrators(entity)] if view.mode == "put" else []
    properties = {**entity.properties, "groups": groups}
    return {"id": entity.id, "type": entity.type, "name": entity.name, "properties": properties}


def _administrators(entity: Entity) -> JSON:
    return {
        "id": f"{service_of(entity.id)}/groups/administrators",
        "name": "Administrators",
        "description": (
            "Administrators is a built-in group containing the admin email account provided at the time of service "
            "creation. Its membership is managed by the system."
        ),
        "builtIn": True,
        "type": "system",
        "externalId": None,
    }


def _events(cloud: Cloud, entity: Entity, what: str) -> None:
    cloud.events.apim(f"Product{what}", service_of(entity.id), f"/products/{entity.name}")


PRODUCT = Kind(
    type="Microsoft.ApiManagement/service/products",
    versions=VERSIONS,
    shape=_SHAPE,
    noun="Product",
    name_limit=256,
    fill=_fill,
    check=_check,
    show=_show,
    order=order_by_display_name,
    keeps_etag=None,
    events=_events,
    readonly=frozenset({"groups"}),
)


def _api_of(cloud: Cloud, link: str, name: str) -> Entity | None:
    return cloud.store.get(f"{service_of(link)}/apis/{name}")


def _check_link(change: Change) -> None:
    if _api_of(change.cloud, change.path.text, change.path.name) is None:
        raise apim(404, "ResourceNotFound", "Api not found.")


def _show_link(entity: Entity, view: View) -> JSON:
    """A shallow view of the API under the link's own id and type (recording 17)."""
    api = _api_of(view.cloud, entity.id, entity.name) or entity
    properties = deepcopy(API.show(api, View(view.cloud, "list", view.version))["properties"])
    for name in ("provisioningState", "apiVersionSetId"):
        properties.pop(name, None)
    properties |= {"protocols": None, "authenticationSettings": None, "subscriptionKeyParameterNames": None}
    updated = {"specificationLastUpdated": api.notes.get("specified")}
    ordered: JSON = {}
    for name, value in properties.items():
        ordered[name] = value
        if name == "description":
            ordered |= updated
    return {"id": entity.id, "type": entity.type, "name": entity.name, "properties": ordered}


def _etag_of_api(cloud: Cloud, entity: Entity) -> str:
    api = _api_of(cloud, entity.id, entity.name)
    return api.etag if api else entity.etag


PRODUCT_API = Kind(
    type="Microsoft.ApiManagement/service/products/apis",
    versions=VERSIONS,
    shape=envelope(None),
    noun="Api",
    name_limit=256,
    verbs=frozenset({"HEAD", "PUT", "DELETE", "LIST"}),
    check=_check_link,
    fill=lambda _change: {"properties": {}},
    show=_show_link,
    etag_of=_etag_of_api,
    head_status=204,
    order=lambda entity: entity.name.lower(),
)


def _products_of_api(cloud: Cloud, ask: Ask, path: ResourcePath) -> list[Entity]:
    """The products an API is in, as products."""
    del ask
    api = path.parent.rsplit("/", 1)[-1].lower()
    links = cloud.store.of_type(PRODUCT_API.type)
    mine = [link for link in links if service_of(link.id).lower() == path.top.lower() and link.name.lower() == api]
    return [cloud.need(link.id.rsplit("/", 2)[0]) for link in mine]


API_PRODUCT = Kind(
    type="Microsoft.ApiManagement/service/apis/products",
    versions=VERSIONS,
    shape=envelope(None),
    noun="Product",
    verbs=frozenset({"LIST"}),
    show=_show,
    order=order_by_display_name,
    find_all=_products_of_api,
)
