"""How the gateway's tags behave, and the links from APIs and operations to tags."""

from typing import Any

from simulator.apim.common import api_of, service_of
from simulator.apim.versions import versions_of
from simulator.bodies import Fields, Text, envelope
from simulator.cloud import Cloud
from simulator.errors import apim
from simulator.kinds import Change, Kind, View, order_by_display_name
from simulator.odata_filter import texts
from simulator.store import Entity

JSON = dict[str, Any]


def _forget_links(cloud: Cloud, entity: Entity) -> None:
    for kind in TAG_LINKS:
        for link in cloud.store.of_type(kind.type):
            if service_of(link.id) == service_of(entity.id) and link.name.lower() == entity.name.lower():
                cloud.store.remove(link.id)


TAG = Kind(
    type="Microsoft.ApiManagement/service/tags",
    versions=versions_of("tags"),
    shape=envelope(Fields({"displayName": Text(1, 160)}, ("displayName",))),
    noun="Tag",
    order=order_by_display_name,
    after_delete=_forget_links,
    filters=texts("name", "displayName"),
    not_modelled_queries=frozenset({"scope"}),
)


def _tag_of(cloud: Cloud, link: Entity) -> Entity | None:
    return cloud.store.get(f"{service_of(link.id)}/tags/{link.name}")


def _show_link(entity: Entity, view: View) -> JSON:
    """The link's own id and type, the tag's display name (recording 42)."""
    tag = _tag_of(view.cloud, entity)
    name = tag.properties["displayName"] if tag else entity.name
    return {"id": entity.id, "type": entity.type, "name": entity.name, "properties": {"displayName": name}}


def _etag_of_tag(cloud: Cloud, entity: Entity) -> str:
    tag = _tag_of(cloud, entity)
    return tag.etag if tag else entity.etag


def _check_link(change: Change) -> None:
    if change.cloud.store.get(f"{change.path.top}/tags/{change.path.name}") is None:
        raise apim(404, "ResourceNotFound", "Tag not found.")


def _without_count(body: JSON, view: View) -> None:
    """These lists were not counted in 2019 (recording 42)."""
    if view.version < "2021-08-01":
        body.pop("count", None)


TAG_LINKS = [
    Kind(
        type=f"Microsoft.ApiManagement/service/{holder}/tags",
        versions=versions_of(f"{holder}/tags"),
        shape=envelope(None),
        noun="Tag",
        verbs=frozenset({"GET", "HEAD", "PUT", "DELETE", "LIST"}),
        check=_check_link,
        fill=lambda _change: {"properties": {}},
        show=_show_link,
        etag_of=_etag_of_tag,
        locked_by=api_of,
        listed=_without_count,
        filters=texts("name", "displayName"),
    )
    for holder in ("apis", "apis/operations", "products")
]
