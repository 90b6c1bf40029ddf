"""How a subscription to APIs and products behaves: its scope, its state, its keys."""

from typing import Any, Literal

from simulator.apim.common import find_child, service_of
from simulator.apim.furnishing import MASTER
from simulator.apim.versions import versions_of
from simulator.bodies import FLAG, TEXT, Fields, Text, envelope
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.errors import apim, invalid
from simulator.ids import ResourcePath, key
from simulator.kinds import Change, Kind, View, order_by_display_name
from simulator.odata_filter import EQUAL, texts
from simulator.store import Entity
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
TYPE = "Microsoft.ApiManagement/service/subscriptions"
_STATES = Text(choices=("suspended", "active", "expired", "submitted", "rejected", "cancelled"))
_SENT: dict[str, Any] = {
    "allowTracing": FLAG,
    "displayName": Text(1, 100),
    "ownerId": TEXT,
    "primaryKey": Text(1, 256),
    "scope": TEXT,
    "secondaryKey": Text(1, 256),
    "state": _STATES,
}
_DATES = ("createdDate", "startDate", "expirationDate", "endDate", "notificationDate")
_FILTERS = {**texts("name", "displayName", "stateComment", "ownerId", "scope"), "state": EQUAL}
_ENDED = {"cancelled", "expired", "rejected"}


def _check(change: Change) -> None:
    merged = change.merged().get("properties") or {}
    if "displayName" not in merged and not change.quiet:  # one that Azure made by itself has none
        raise invalid(("properties.displayName", "Required property 'displayName' not found in JSON."))
    change.found["scope"] = _scope(change, merged["scope"])
    _need_room(change, merged)
    keys = [merged[name] for name in ("primaryKey", "secondaryKey") if merged.get(name)]
    for other in change.cloud.store.collection(f"{change.path.top}/subscriptions"):
        taken = {other.properties["primaryKey"], other.properties["secondaryKey"]}
        if key(other.id) != key(change.path.text) and taken & set(keys):
            raise invalid(("primaryKey", "The subscription key is already in use."))


def _scope(change: Change, wanted: str) -> str:
    """The full id of a scope that may be written as /apis, /apis/x or /products/x (recording 04)."""
    cloud, service = change.cloud, change.cloud.need(change.path.top).id
    inside = key(wanted) == key(service) or key(wanted).startswith(key(service) + "/")
    rest = wanted.rstrip("/")[len(service) :] if inside else wanted
    match [part for part in rest.split("/") if part]:
        case [] if change.path.name.lower() == MASTER:
            return f"{service}/"
        case [collection] if collection.lower() == "apis":
            return f"{service}/apis"
        case [collection, name] if collection.lower() in {"apis", "products"}:
            found = find_child(cloud, service, collection, name)
            if found is None:
                noun = "Api" if collection.lower() == "apis" else "Product"
                raise apim(404, "ResourceNotFound", f"{noun} not found.")
            return found.id
    message = "Subscription scope should be one of '/apis', '/apis/{apiId}', '/products/{productId}'"
    raise invalid(("scope", message))  # azure-powershell #26997


def _need_room(change: Change, merged: JSON) -> None:
    """A product may limit the subscriptions of one user (apiops #623)."""
    product, owner = _product(change.cloud, change.found["scope"]), merged.get("ownerId")
    limit = product.properties.get("subscriptionsLimit") if product else None
    if limit is None or owner is None or change.before is not None:
        return
    of_owner = [
        each
        for each in subscriptions_of(change.cloud, change.found["scope"])
        if _user(str(each.properties.get("ownerId"))) == _user(owner) and each.properties["state"] not in _ENDED
    ]
    if len(of_owner) >= limit:
        raise apim(400, "ValidationError", "Subscriptions limit reached for same user")


def _user(reference: str) -> str:
    return reference.rstrip("/").rsplit("/", 1)[-1].lower()


def _product(cloud: Cloud, scope: str) -> Entity | None:
    found = cloud.store.get(scope)
    return found if found is not None and found.type.endswith("/products") else None


def subscriptions_of(cloud: Cloud, scope: str) -> list[Entity]:
    """The subscriptions to a product or an API."""
    all_ = cloud.store.collection(f"{service_of(scope)}/subscriptions")
    return [each for each in all_ if key(each.properties["scope"]) == key(scope)]


def _fill(change: Change) -> JSON:
    """Key order and defaults of recording 04."""
    merged, cloud, before = change.merged()["properties"], change.cloud, change.before
    readonly = change.found.get("readonly", {})
    old = before.properties if before else {}
    owner = merged.get("ownerId")
    product = _product(cloud, change.found["scope"])
    approves = product is not None and product.properties.get("approvalRequired")
    dates = {name: merged.get(name) or readonly.get(name) or old.get(name) for name in _DATES}
    dates["createdDate"] = dates["createdDate"] or stamp(cloud.clock.now())
    return {
        "properties": {
            **({"ownerId": f"{change.path.top}/users/{_user(owner)}"} if owner else {}),
            "scope": change.found["scope"],
            "displayName": merged.get("displayName"),
            "state": merged.get("state") or old.get("state") or ("submitted" if approves else "active"),
            **dates,
            "primaryKey": merged.get("primaryKey") or old.get("primaryKey") or cloud.ids.hex(32),
            "secondaryKey": merged.get("secondaryKey") or old.get("secondaryKey") or cloud.ids.hex(32),
            "stateComment": merged.get("stateComment") or readonly.get("stateComment"),
            "allowTracing": merged.get("allowTracing", False),
        }
    }


def automatic(cloud: Cloud, product: Entity) -> None:
    """The subscription that the administrator gets with a new protected product (apiops #707)."""
    service = service_of(product.id)
    properties = {
        "ownerId": f"{service}/users/1",
        "scope": product.id,
        "displayName": None,
        "state": "active",
        "createdDate": stamp(cloud.clock.now()),
        **dict.fromkeys(_DATES[1:]),
        "primaryKey": cloud.ids.hex(32),
        "secondaryKey": cloud.ids.hex(32),
        "stateComment": None,
        "allowTracing": False,
    }
    place = f"{service}/subscriptions/{cloud.ids.hex(24)}"
    cloud.store.put(Entity(place, TYPE, {"properties": properties}, cloud.store.next_row()))


def _show(entity: Entity, view: View) -> JSON:
    """Only the answer to a write shows the keys (recording 04)."""
    properties = dict(entity.properties)
    if view.mode != "put":
        del properties["primaryKey"], properties["secondaryKey"]
    return {"id": entity.id, "type": TYPE, "name": entity.name, "properties": properties}


def _secrets(cloud: Cloud, ask: Ask, entity: Entity) -> Answer:
    """With the ETag, counted as a write (recording 04)."""
    del cloud, ask
    keys = {name: entity.properties[name] for name in ("primaryKey", "secondaryKey")}
    return Answer(200, keys, {"ETag": entity.etag}, pretty=True)


def _regenerate(cloud: Cloud, entity: Entity, which: Literal["primaryKey", "secondaryKey"]) -> Answer:
    entity.properties[which] = cloud.ids.hex(32)
    entity.etag = cloud.store.next_row()
    return Answer(204, bare=True)


def _need_own(cloud: Cloud, entity: Entity) -> None:
    """The built-in one stays (18F/piipan #684 says that it cannot be switched off)."""
    del cloud
    if entity.name == MASTER:
        raise apim(400, "ValidationError", "The built-in subscription cannot be deleted.")


SUBSCRIPTION = Kind(
    type=TYPE,
    versions=versions_of("subscriptions"),
    shape=envelope(Fields(_SENT, ("scope",))),
    patch_shape=envelope(Fields({**_SENT, "expirationDate": TEXT, "stateComment": TEXT})),
    noun="Subscription",
    name_limit=256,
    fill=_fill,
    check=_check,
    show=_show,
    order=order_by_display_name,
    keeps_etag=True,  # recording 04
    before_delete=_need_own,
    filters=_FILTERS,
    readonly=frozenset({*_DATES, "stateComment"}),
    actions={
        "listSecrets": _secrets,
        "regeneratePrimaryKey": lambda cloud, _ask, entity: _regenerate(cloud, entity, "primaryKey"),
        "regenerateSecondaryKey": lambda cloud, _ask, entity: _regenerate(cloud, entity, "secondaryKey"),
    },
)


def _of_product(cloud: Cloud, ask: Ask, path: ResourcePath) -> list[Entity]:
    del ask
    return subscriptions_of(cloud, path.parent)


def _show_of_product(entity: Entity, view: View) -> JSON:
    """Under the product's id (the specification's ListProductSubscriptions)."""
    shown = _show(entity, view)
    shown |= {"id": f"{entity.properties['scope']}/subscriptions/{entity.name}", "type": PRODUCT_SUBSCRIPTION.type}
    return shown


PRODUCT_SUBSCRIPTION = Kind(
    type="Microsoft.ApiManagement/service/products/subscriptions",
    versions=versions_of("products/subscriptions"),
    shape=envelope(None),
    noun="Subscription",
    verbs=frozenset({"LIST"}),
    show=_show_of_product,
    order=order_by_display_name,
    find_all=_of_product,
    filters=_FILTERS,
)
