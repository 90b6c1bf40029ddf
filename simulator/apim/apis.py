"""How an API behaves: plain writes, imports as long-running operations, its lock, its deletion."""

from typing import Any

from simulator.apim import revisions
from simulator.apim.api_body import PATCH_SHAPE, SHAPE, SHARED, arranged, copied, fill, normalised
from simulator.apim.api_checks import check, check_neighbours, refuse_deletion
from simulator.apim.api_shown import show
from simulator.apim.common import API_NAMES, VERSIONS, api_of, service_of, split_revision
from simulator.apim.exporting import export_link
from simulator.apim.imported import carry_out
from simulator.apim.importing import INPUT_ONLY
from simulator.apim.polls import child_answer, child_headers, has_status_url
from simulator.apim.version_sets import forget_if_empty
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.errors import apim, not_modelled
from simulator.kinds import Change, Kind, Later
from simulator.odata_filter import EQUAL_OR_NOT, texts
from simulator.store import Entity
from simulator.wire import Answer
from simulator.writing import keep, remove

JSON = dict[str, Any]
TYPE = revisions.TYPE


def _fill(change: Change) -> JSON:
    """The body of this revision; what all revisions share is the current one's to change."""
    source: Entity | None = change.found.get("source")
    if source is not None:
        change.found["copied"] = copied(source.properties)
    body = fill(change)
    if change.found["current"]:
        return body
    current = revisions.current_of(change.cloud, change.path.text) or change.found["beside"]
    asked = normalised(change.properties)
    revisions.need_shared({name: asked[name] for name in asked if name in change.properties}, current)
    kept = {name: value for name, value in body["properties"].items() if name not in SHARED}
    return {"properties": arranged(kept | revisions.shared_of(current))}


def _write(change: Change) -> Entity:
    is_new = change.cloud.store.get(change.path.text) is None
    if "document" in change.found:
        entity = carry_out(change, _fill)
    else:
        for name in INPUT_ONLY:
            change.properties.pop(name, None)
        entity = keep(change, _fill(change))
    if is_new and "source" in change.found:
        revisions.copy_below(change.cloud, change.found["source"], entity)
    if change.found["current"]:
        revisions.spread(change.cloud, entity)
    now = stamp(change.cloud.clock.now(), 3)
    if "document" in change.found or "specified" not in entity.notes:
        entity.notes["specified"] = now
    entity.notes["created_at"] = entity.notes.get("created_at", now)
    entity.notes["updated_at"] = now
    entity.notes["fresh"] = change.before is None  # decides provisioningState (recordings 07 and 08)
    return entity


def _later(change: Change) -> Later | None:
    """Only an import takes time."""
    if "document" not in change.found:
        return None
    knobs = change.cloud.knobs

    def finish() -> None:
        if change.found.get("refusal"):
            raise change.found["refusal"]
        if change.cloud.store.get(change.path.top) is None:
            raise apim(404, "ResourceNotFound", "The service was deleted meanwhile.")
        change.before = change.cloud.store.get(change.path.text)
        check_neighbours(change)  # they may have come or gone since the import was accepted
        _write(change)

    return Later(
        knobs.import_time,
        change.cloud.ids.hex(24),
        finish,
        lambda operation, created: child_answer(change, operation, 201 if created else 200),
        lingers=knobs.lock_lingers,
        locks=api_of(change.path) or "",
    )


def _check_delete(change: Change) -> None:
    """At once where the deletion is done at once; at 2024-05-01 the operation fails (Azure/apiops-cli#260)."""
    if change.asks_for("deleteRevisions") and split_revision(change.path.name)[1]:
        raise not_modelled("deleteRevisions=true on a revision that is not the current one")
    if not has_status_url(change.version):
        refuse_deletion(change)


def _delete_later(change: Change) -> Later | None:
    """202 with both headers; synchronous before 2024-05-01 (recordings 07, 45)."""
    cloud, entity = change.cloud, change.before or change.cloud.need(change.id)
    if not has_status_url(change.version):
        if change.asks_for("deleteRevisions"):
            _remove_others(cloud, entity)
        return None

    def finish() -> None:
        if cloud.store.get(entity.id) is not entity:  # somebody else was quicker
            return
        refuse_deletion(change)
        if change.asks_for("deleteRevisions"):
            _remove_others(cloud, entity)
        remove(cloud, API, entity)

    return Later(
        cloud.knobs.api_delete_time,
        cloud.ids.hex(24),
        finish,
        lambda operation, _created: Answer(202, None, child_headers(change, operation)),
        deletes=True,
        locks=api_of(change.path) or "",
    )


def _remove_others(cloud: Cloud, entity: Entity) -> None:
    for other in revisions.all_of(cloud, entity.id):
        if other is not entity:
            remove(cloud, API, other)


def _forget_links(cloud: Cloud, entity: Entity) -> None:
    """A deleted API leaves its products and its version set; a deleted revision changes nothing about them."""
    service, root = revisions.service_and_root(entity)
    if root != entity.name:
        return
    for link in cloud.store.of_type("Microsoft.ApiManagement/service/products/apis"):
        if service_of(link.id).lower() == service.lower() and link.name.lower() == root.lower():
            cloud.store.remove(link.id)
    forget_if_empty(cloud, entity.properties.get("apiVersionSetId"))


def _events(cloud: Cloud, entity: Entity, what: str) -> None:
    """API Management's events name the revision (platform 1.3)."""
    service, root = revisions.service_and_root(entity)
    cloud.events.apim(f"API{what}", service, f"/apis/{root};Rev={entity.properties['apiRevision']}")


def _as_sent(body: JSON) -> None:
    """Turn what a GET showed into what a PUT may send."""
    settings = (body.get("properties") or {}).get("authenticationSettings") or {}
    settings.pop("returnProtectedResourceMetadata", None)


def _order(entity: Entity) -> str:
    """By display name whatever its case, the current revision first (recording 37)."""
    return f"{entity.properties.get('displayName') or entity.name}\0{entity.name}".lower()


API = Kind(
    type=TYPE,
    versions=VERSIONS,
    shape=SHAPE,
    patch_shape=PATCH_SHAPE,
    noun="Api",
    name_limit=256,
    names=API_NAMES,
    fill=_fill,
    check=check,
    write=_write,
    later=_later,
    show=show,
    order=_order,
    keeps_etag=None,
    check_delete=_check_delete,
    delete_later=_delete_later,
    after_delete=_forget_links,
    locked_by=api_of,
    events=_events,
    prepare=_as_sent,
    export=export_link,
    true_path=revisions.true_path,
    filters={
        **texts("name", "displayName", "description", "serviceUrl", "path"),
        "isCurrent": EQUAL_OR_NOT,
    },
    not_modelled_queries=frozenset({"tags"}),
    readonly=frozenset({
        "backendId", "mcpProperties", "a2aProperties", "isAgent", "agent", "jsonRpcProperties", "provisioningState",
    }),
)  # fmt: skip
