"""How products behave: their defaults, what comes and goes with them, and the links to APIs."""

from copy import deepcopy
from typing import Any

from simulator.apim.apis import API
from simulator.apim.common import VERSIONS, service_of
from simulator.apim.groups import link, linked
from simulator.apim.revisions import path_of_link
from simulator.apim.subscriptions import automatic, subscriptions_of
from simulator.apim.tiers import has_users
from simulator.bodies import FLAG, TEXT, WHOLE, Fields, Text, envelope
from simulator.cloud import Cloud
from simulator.errors import apim, invalid
from simulator.ids import ResourcePath
from simulator.kinds import Change, Kind, View, order_by_display_name
from simulator.odata_filter import EQUAL, texts
from simulator.store import Entity
from simulator.wire import Ask
from simulator.writing import keep

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
    limited = [name for name in ("approvalRequired", "subscriptionsLimit") if name in asked]
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


def _write(change: Change) -> Entity:
    """The administrators see a new product (recording 10), and mostly get a subscription to it (the knob)."""
    entity = keep(change, _fill(change))
    if change.before is None:
        link(change.cloud, entity, "administrators")
        automatic_one = change.cloud.knobs.product_subscription == "created" and not change.quiet
        if automatic_one and entity.properties["subscriptionRequired"] and has_users(change.cloud, change.path.top):
            automatic(change.cloud, entity)
    return entity


def _show(entity: Entity, view: View) -> JSON:
    """The answer to a PUT spells the groups out, a GET shows none (recording 10), a LIST if asked."""
    asked = view.mode == "list" and view.query.get("expandGroups", "").lower() == "true"
    groups = [_as_group(each) for each in linked(view.cloud, entity)] if view.mode == "put" or asked else []
    properties = {**entity.properties, "groups": groups}
    return {"id": entity.id, "type": entity.type, "name": entity.name, "properties": properties}


def _as_group(group: Entity) -> JSON:
    """A group without its type, under its displayed name (recording 10)."""
    names = ("description", "builtIn", "type", "externalId")
    shown = {name: group.properties[name] for name in names}
    return {"id": group.id, "name": group.properties["displayName"], **shown}


def _check_delete(change: Change) -> None:
    """Subscriptions go with the product only if that is asked for (apiops #94)."""
    product = change.before or change.cloud.need(change.id)
    if subscriptions_of(change.cloud, product.id) and not change.asks_for("deleteSubscriptions"):
        message = (
            "Product cannot be deleted since it has existing subscriptions. Delete subscriptions before deleting "
            "the product or pass in deleteSubscriptions=true as query param"
        )
        raise apim(400, "ValidationError", message)


def _forget_subscriptions(cloud: Cloud, entity: Entity) -> None:
    for each in subscriptions_of(cloud, entity.id):
        cloud.store.remove(each.id)


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
    write=_write,
    show=_show,
    order=order_by_display_name,
    keeps_etag=None,
    check_delete=_check_delete,
    after_delete=_forget_subscriptions,
    events=_events,
    filters={**texts("name", "displayName", "description", "terms"), "state": EQUAL},
    not_modelled_queries=frozenset({"tags"}),
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
    true_path=path_of_link,
    filters=texts("name", "displayName", "description", "serviceUrl", "path"),
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
    filters=texts("displayName"),
)
