"""How an API behaves: plain writes, imports as long-running operations, its lock, its deletion."""

from copy import deepcopy
from typing import Any

from simulator.apim.api_body import SHAPE, fill
from simulator.apim.common import VERSIONS, api_of, find_child, service_of
from simulator.apim.importing import INPUT_ONLY, carry_out, check_import
from simulator.apim.polls import child_answer, child_headers, has_status_url
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.errors import apim, invalid, not_modelled
from simulator.ids import key
from simulator.kinds import Change, Kind, Later, View, order_by_display_name
from simulator.store import Entity
from simulator.wire import Answer
from simulator.writing import keep, remove

JSON = dict[str, Any]
TYPE = "Microsoft.ApiManagement/service/apis"


def _check(change: Change) -> None:
    properties, before = change.properties, change.before
    if ";rev=" in change.path.name.lower() or "sourceApiId" in properties:
        raise not_modelled("revisions and copies of an API (sourceApiId, ;rev=)")
    settings = properties.get("authenticationSettings") or {}
    single, several = (
        {"oAuth2", "openid"} & set(settings),
        {name for name in ("oAuth2AuthenticationSettings", "openidAuthenticationSettings") if settings.get(name)},
    )
    if single and several:  # arm-wire 3.1, the round-trip trap
        message = "OAuth2 and OpenID settings cannot be given both singly and as lists."
        raise invalid(("authenticationSettings", message))
    version_set = properties.get("apiVersionSetId")
    service = service_of(change.path.text)
    if version_set and find_child(change.cloud, service, "apiVersionSets", version_set) is None:
        raise invalid(("apiVersionSetId", "ApiVersionSet not found."))
    if change.verb == "PATCH":
        _need_updatable(properties)
    if "value" in properties or "format" in properties:
        check_import(change)
    elif before is None and "displayName" not in properties:
        raise invalid(("displayName", "'Display Name' must not be empty."))
    if "path" in properties:
        _need_free_path(change)


_NOT_UPDATABLE = {"format", "value", "apiType", "apiVersionSet", "translateRequiredQueryParameters", "wsdlSelector"}


def _need_updatable(properties: JSON) -> None:
    """The model of a PATCH has no import fields (azure-mgmt-apimanagement's ApiUpdateContract)."""
    wrong = sorted(_NOT_UPDATABLE & set(properties))
    if wrong:
        raise invalid(
            *((f"properties.{name}", f"Could not find member '{name}' on object of this type.") for name in wrong)
        )


def _need_free_path(change: Change) -> None:
    """Two APIs may share a path only in one version set (arm-wire 11.1; two spaces before `unless`)."""
    wanted = change.properties["path"].strip("/")
    merged = change.merged().get("properties", {})
    for other in change.cloud.store.collection(f"{change.path.top}/apis"):
        same_set = merged.get("apiVersionSetId") and (
            key(merged["apiVersionSetId"]) == key(other.properties.get("apiVersionSetId") or "")
        )
        if key(other.id) == key(change.path.text) or same_set:
            continue
        if other.properties["path"].lower() == wanted.lower():
            name = merged.get("displayName") or change.path.name
            message = (
                f"Cannot create API '{name}' with the same Path '{wanted}' as API "
                f"'{other.properties['displayName']}'  unless it's a part of the same version set"
            )
            raise invalid(("path", message))


def _write(change: Change) -> Entity:
    if "document" in change.found:
        entity = carry_out(change, fill)
    else:
        for name in INPUT_ONLY:
            change.properties.pop(name, None)
        entity = keep(change, fill(change))
    if "document" in change.found or "specified" not in entity.notes:
        entity.notes["specified"] = stamp(change.cloud.clock.now(), 3)
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
        _write(change)

    return Later(
        knobs.import_time,
        change.cloud.ids.hex(24),
        finish,
        lambda operation, created: child_answer(change, operation, 201 if created else 200),
        lingers=knobs.lock_lingers,
    )


def _delete_later(change: Change) -> Later | None:
    """202 with both headers; synchronous before 2024-05-01 (recordings 07, 45)."""
    if not has_status_url(change.version):
        return None
    cloud, entity = change.cloud, change.before or change.cloud.need(change.id)
    return Later(
        cloud.knobs.api_delete_time,
        cloud.ids.hex(24),
        lambda: remove(cloud, API, entity) if cloud.store.get(entity.id) else None,
        lambda operation, _created: Answer(202, None, child_headers(change, operation)),
        deletes=True,
    )


def _forget_links(cloud: Cloud, entity: Entity) -> None:
    """A deleted API leaves its products."""
    for link in cloud.store.of_type("Microsoft.ApiManagement/service/products/apis"):
        if service_of(link.id) == service_of(entity.id) and link.name.lower() == entity.name.lower():
            cloud.store.remove(link.id)


def show(entity: Entity, view: View) -> JSON:
    """An API as this api-version shows it, alone or in a list."""
    properties = deepcopy(entity.properties)
    settings = properties["authenticationSettings"]
    if view.version < "2024-05-01":
        for name in ("backendId", "mcpProperties", "a2aProperties", "isAgent", "agent", "jsonRpcProperties"):
            properties.pop(name)
    elif view.cloud.knobs.api_shape == "2025-09":  # recording 09
        for name in ("a2aProperties", "isAgent", "agent", "jsonRpcProperties"):
            properties.pop(name)
    if view.version < "2024-05-01" or view.cloud.knobs.api_shape == "2025-09":
        settings.pop("returnProtectedResourceMetadata")
    if view.version < "2022-08-01":
        settings.pop("oAuth2AuthenticationSettings")
        settings.pop("openidAuthenticationSettings")
    if view.mode == "list":
        _as_listed(properties, view)
    elif view.mode == "get" and entity.notes.get("fresh") and view.version >= "2024-05-01":
        properties["provisioningState"] = "Succeeded"
    if view.mode == "put":
        _expand_version_set(properties, entity, view)
    return {"id": entity.id, "type": TYPE, "name": entity.name, "properties": properties}


def _as_listed(properties: JSON, view: View) -> None:
    """Lists show less (recordings 37, 40; at 2024-05-01 nobody recorded it: a knob)."""
    for name in ("contact", "license", "termsOfServiceUrl"):
        properties.pop(name, None)
    filled = view.version == "2022-08-01" or (
        view.version > "2022-08-01" and view.cloud.knobs.api_list_settings == "filled"
    )
    if not filled:
        properties |= {"authenticationSettings": None, "subscriptionKeyParameterNames": None}


def _expand_version_set(properties: JSON, entity: Entity, view: View) -> None:
    """Only the answer to a PUT spells the version set out (recording 07)."""
    reference = properties.get("apiVersionSetId")
    found = find_child(view.cloud, service_of(entity.id), "apiVersionSets", reference) if reference else None
    if found is not None:
        names = ("description", "versioningScheme", "versionQueryName", "versionHeaderName")
        properties["apiVersionSet"] = {
            "id": found.id,
            "name": found.properties["displayName"],
            **{name: found.properties.get(name) for name in names},
        }


def _events(cloud: Cloud, entity: Entity, what: str) -> None:
    cloud.events.apim(
        f"API{what}", service_of(entity.id), f"/apis/{entity.name};Rev={entity.properties['apiRevision']}"
    )


def _as_sent(body: JSON) -> None:
    """Turn what a GET showed into what a PUT may send."""
    settings = (body.get("properties") or {}).get("authenticationSettings") or {}
    settings.pop("returnProtectedResourceMetadata", None)


API = Kind(
    type=TYPE,
    versions=VERSIONS,
    shape=SHAPE,
    noun="Api",
    name_limit=256,
    names=r"^[^*#&+:<>?/]+$",
    fill=fill,
    check=_check,
    write=_write,
    later=_later,
    show=show,
    order=order_by_display_name,
    keeps_etag=None,
    delete_later=_delete_later,
    after_delete=_forget_links,
    locked_by=api_of,
    events=_events,
    prepare=_as_sent,
    readonly=frozenset({
        "backendId", "mcpProperties", "a2aProperties", "isAgent", "agent", "jsonRpcProperties", "provisioningState",
    }),
)  # fmt: skip
