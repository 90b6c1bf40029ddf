"""How groups of developers behave, and the links from products to the groups that see them."""

from typing import Any

from simulator.apim.common import service_of
from simulator.apim.tiers import offered
from simulator.apim.versions import versions_of
from simulator.bodies import TEXT, Fields, Text, envelope
from simulator.cloud import Cloud
from simulator.errors import apim, invalid
from simulator.kinds import Change, Kind, View, order_by_display_name
from simulator.odata_filter import ANY_TEXT, EQUAL, EQUAL_OR_NOT, Usage, texts
from simulator.store import Entity

JSON = dict[str, Any]
TYPE = "Microsoft.ApiManagement/service/groups"
ORDERED = Usage(ANY_TEXT.operators)
LINK_TYPE = "Microsoft.ApiManagement/service/products/groups"


def _check(change: Change) -> None:
    if change.before is not None and change.before.properties["builtIn"] and not change.quiet:
        raise apim(400, "ValidationError", f"The built-in group '{change.path.name}' cannot be changed.")
    merged = change.merged().get("properties") or {}
    if merged.get("type") == "system" and not change.quiet:
        raise invalid(("type", "A group of type system cannot be created."))
    if merged.get("type") == "external" and not merged.get("externalId"):
        raise invalid(("externalId", "An external group needs an externalId."))


def _fill(change: Change) -> JSON:
    """Key order of the groups in recording 10."""
    merged = change.merged()["properties"]
    built_in = change.before is not None and change.before.properties["builtIn"]
    return {
        "properties": {
            "displayName": merged["displayName"],
            "description": merged.get("description"),
            "builtIn": built_in,
            "type": merged.get("type", "custom"),
            "externalId": merged.get("externalId"),
        }
    }


def _need_own(cloud: Cloud, entity: Entity) -> None:
    del cloud
    if entity.properties["builtIn"]:
        raise apim(400, "ValidationError", f"The built-in group '{entity.name}' cannot be deleted.")


def _forget_links(cloud: Cloud, entity: Entity) -> None:
    for link in cloud.store.of_type(LINK_TYPE):
        if service_of(link.id) == service_of(entity.id) and link.name.lower() == entity.name.lower():
            cloud.store.remove(link.id)


GROUP = Kind(
    type=TYPE,
    versions=versions_of("groups"),
    shape=envelope(
        Fields(
            {
                "description": Text(most=1000),
                "displayName": Text(1, 300),
                "externalId": TEXT,
                "type": Text(choices=("custom", "system", "external")),
            },
            ("displayName",),
        )
    ),
    noun="Group",
    name_limit=256,
    fill=_fill,
    check=_check,
    order=order_by_display_name,
    before_delete=_need_own,
    after_delete=_forget_links,
    filters={**texts("name", "displayName", "description"), "externalId": EQUAL},
    readonly=frozenset({"builtIn"}),
    offered=offered("groups"),
)


def linked(cloud: Cloud, product: Entity) -> list[Entity]:
    """The groups of a product."""
    links = cloud.store.collection(f"{product.id}/groups")
    found = (_group_of(cloud, link) for link in sorted(links, key=lambda each: each.name.lower()))
    return [group for group in found if group is not None]


def link(cloud: Cloud, product: Entity, name: str) -> None:
    """Let a group see a product."""
    group = cloud.store.get(f"{service_of(product.id)}/groups/{name}")
    if group is not None:
        id = f"{product.id}/groups/{group.name}"
        cloud.store.put(Entity(id, LINK_TYPE, {"properties": {}}, cloud.store.next_row()))


def _group_of(cloud: Cloud, link: Entity) -> Entity | None:
    return cloud.store.get(f"{service_of(link.id)}/groups/{link.name}")


def _check_link(change: Change) -> None:
    if change.cloud.store.get(f"{change.path.top}/groups/{change.path.name}") is None:
        raise apim(404, "ResourceNotFound", "Group not found.")


def _show_link(entity: Entity, view: View) -> JSON:
    """The group under the link's type (the specification's CreateProductGroup), with the link's own id."""
    group = _group_of(view.cloud, entity)
    properties = dict(group.properties) if group else {}
    return {"id": entity.id, "type": LINK_TYPE, "name": entity.name, "properties": properties}


def _etag_of_group(cloud: Cloud, entity: Entity) -> str:
    group = _group_of(cloud, entity)
    return group.etag if group else entity.etag


PRODUCT_GROUP = Kind(
    type=LINK_TYPE,
    versions=versions_of("products/groups"),
    shape=envelope(None),
    noun="Group",
    name_limit=256,
    verbs=frozenset({"HEAD", "PUT", "DELETE", "LIST"}),  # as product-API links (recording 17)
    check=_check_link,
    fill=lambda _change: {"properties": {}},
    show=_show_link,
    etag_of=_etag_of_group,
    head_status=204,
    order=lambda entity: entity.name.lower(),
    filters={"name": ORDERED, "displayName": EQUAL_OR_NOT, "description": EQUAL_OR_NOT},
    offered=offered("products/groups"),
)
