"""How an API Management service behaves: its identity, its slow updates, its two days after deletion."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from simulator.apim.common import VERSIONS
from simulator.apim.deleted_services import need_unused
from simulator.apim.furnishing import furnish
from simulator.apim.service_body import READONLY, SHAPE, fill, system_data, tier
from simulator.apim.service_polls import headers, operation_id
from simulator.apim.service_view import TYPE, show
from simulator.apim.unmodelled import SERVICE_ACTIONS
from simulator.cloud import Cloud
from simulator.errors import apim_service, not_modelled
from simulator.identity import as_sent, assign, check_identity, forget, principal_of
from simulator.identity import remember as remember_identity
from simulator.kinds import NO_HEAD, Change, Kind, Later, View
from simulator.longrunning import Operation
from simulator.reading import tracked
from simulator.regions import short
from simulator.softdelete import find, remember, restore
from simulator.store import Entity
from simulator.wire import Answer
from simulator.writing import remove

JSON = dict[str, Any]
_AT_REST = {"Succeeded", "Failed"}
_NOT_THERE_YET = {"Created", "Activating"}
_GOING = {"Deleting", "Terminating", "Deleted"}
STATES = (  # the SDK's list (ApiManagementServiceResource.provisioning_state); the last is that of recording 22
    "Created", "Activating", "Succeeded", "Updating", "Failed", "Stopped", "Terminating", "TerminationFailed",
    "Deleted", "Deleting",
)  # fmt: skip


def _check(change: Change) -> None:
    """A service in transition takes no further write (arm-wire 1.3); its place and family of tiers are fixed."""
    before = change.before
    if not change.quiet:
        _need_rest(before)
    if before is None:
        need_unused(change)
        if change.properties.get("restore"):
            return
    merged = change.merged()
    state = change.found.get("readonly", {}).get("provisioningState", "Succeeded")
    if state not in STATES:
        raise apim_service(400, "InvalidParameters", f"There is no state '{state}' of services.")
    location = change.sent.get("location")
    if before is not None and location and short(location) != short(before.body["location"]):
        raise apim_service(400, "InvalidParameters", "The location of a service cannot be changed.")
    _check_sku(merged, before)
    if merged.get("properties", {}).get("virtualNetworkType", "None") != "None":
        raise not_modelled("services in virtual networks")
    check_identity(change)


def _check_sku(merged: JSON, before: Entity | None) -> None:
    """Documented: Consumption has no units, the others have; nobody moves between the families of tiers."""
    sku = merged["sku"]
    most = {"Consumption": 0, "Developer": 1}.get(sku["name"])
    least = 0 if sku["name"] == "Consumption" else 1
    if sku["capacity"] < least or (most is not None and sku["capacity"] > most):
        message = f"The capacity {sku['capacity']} is not valid for the tier '{sku['name']}'."
        raise apim_service(400, "InvalidParameters", message)
    if before is not None and tier(merged) != tier(before.body):
        was = before.body["sku"]["name"]
        message = f"The tier of a service cannot be changed from '{was}' to '{sku['name']}'."
        raise apim_service(400, "InvalidParameters", message)


def _need_rest(entity: Entity | None) -> None:
    if entity is not None and entity.properties["provisioningState"] not in _AT_REST:
        raise _locked(entity)


def _locked(entity: Entity) -> Exception:
    message = f"The API Service {entity.name} is transitioning at this time. Please try the request again later."
    return apim_service(409, "ServiceLocked", message)


def _need_active(cloud: Cloud, entity: Entity) -> None:
    """Nothing is written into a service before it is active; while it is updating it can be (arm-wire 2.3).

    One that is being deleted is in transition, too; that this is said of what is in it as well is INFERRED.
    """
    state = entity.properties["provisioningState"]
    if state not in _NOT_THERE_YET | _GOING:
        return
    if state in _GOING or cloud.knobs.activating_refusal == "409":
        raise _locked(entity)
    message = f"Failed to connect to management endpoint of the service {entity.name}, which is being activated."
    raise apim_service(422, "ManagementApiRequestFailed", message)


def _later(change: Change) -> Later | None:
    """A change that changes nothing is done at once (arm-wire 2.3), but for a PUT of a V2 tier (17.9)."""
    cloud, before = change.cloud, change.before
    gone = find(cloud, change.path.text) if before is None and change.properties.get("restore") else None
    if gone is not None:
        return _running(change, restore(cloud, gone), "Act")
    body = fill(change)
    if before is not None and body == before.body and (change.verb == "PATCH" or tier(body) != "v2"):
        return None
    back = _way_back(cloud, before) if before is not None else _stay
    assign(change, body)
    body["systemData"] = system_data(change, body["systemData"], tier(body))
    if before is None:
        entity = Entity(change.path.text, TYPE, body, cloud.store.next_row())
        cloud.store.put(entity)
        furnish(cloud, entity)
    else:
        entity = before
        entity.body, entity.etag = body, cloud.store.next_row()
    return _running(change, entity, "Update" if before else "Act", back)


def _stay() -> None:
    """A service that could not be made is there, with the principal that it got."""


def _way_back(cloud: Cloud, entity: Entity) -> Callable[[], None]:
    """What undoes an update: the body goes back to what it is now, and so does the directory."""
    old, principal = deepcopy(entity.body), principal_of(cloud, entity)

    def back() -> None:
        if cloud.store.get(entity.id) is not entity:  # deleted meanwhile
            return
        forget(cloud, entity)
        entity.body = old
        if principal is not None:
            cloud.directory.add(principal)

    return back


def _running(change: Change, entity: Entity, what: str, back: Callable[[], None] = _stay) -> Later:
    cloud = change.cloud
    switches = entity.properties["customProperties"]
    if what == "Update":
        _set_state(entity, "Updating", "Updating")
    else:  # recordings 20 and 38: the tiers tell differently how far a new service is
        _set_state(entity, "Created", "" if tier(entity.body) == "v2" else "Activating")
        if tier(entity.body) == "consumption":
            entity.properties["customProperties"] = None
        remember_identity_of(cloud, entity)

    def settle() -> None:
        entity.properties["customProperties"] = switches
        _set_state(entity, "Succeeded", "")
        entity.etag = cloud.store.next_row()

    def fail() -> None:
        """Back to what it was, but Failed."""
        entity.properties["customProperties"] = switches
        back()
        _set_state(entity, "Failed", "")
        entity.etag = cloud.store.next_row()

    return Later(
        cloud.knobs.service_update_time,
        operation_id(change, entity.body["location"], what),
        settle,
        lambda operation, created: _first_answer(change, operation, entity, created=created),
        undo=fail,
        style="service",
    )


def remember_identity_of(cloud: Cloud, entity: Entity) -> None:
    """A restored service has its principal again; that of a new one is there already."""
    principal = (entity.body.get("identity") or {}).get("principalId")
    if principal and not cloud.directory.has(principal):
        remember_identity(cloud, entity)


def _set_state(entity: Entity, state: str, target: str) -> None:
    entity.body["properties"] |= {"provisioningState": state, "targetProvisioningState": target}


def _first_answer(change: Change, operation: Operation, entity: Entity, *, created: bool) -> Answer:
    """201 for a new service, 200 for a PUT of one (recordings 01, 20), 202 for a PATCH (arm-wire 2.3)."""
    status = 201 if created else 202 if change.verb == "PATCH" else 200
    body = show(entity, View(change.cloud, "put", change.version))
    more = headers(change, operation.id, entity.body["location"])
    return Answer(status, body, {"ETag": entity.etag, **more})


def _write(change: Change) -> Entity:
    """Without delay: behind everybody's back, or because nothing changes but who asked for it."""
    cloud, before = change.cloud, change.before
    if change.quiet and change.properties.get("restore"):
        raise not_modelled("the restoring of a service behind everybody's back")
    body = fill(change)
    same = before is not None and body == before.body
    assign(change, body)
    if not (same and change.quiet):
        body["systemData"] = system_data(change, body["systemData"], tier(body))
    entity = before or Entity(change.path.text, TYPE, body)
    entity.body = body
    if not same:
        entity.etag = cloud.store.next_row()
    cloud.store.put(entity)
    if before is None:
        furnish(cloud, entity)
    return entity


def _delete_later(change: Change) -> Later:
    """202 with the whole body, without an ETag header (recording 22)."""
    cloud, entity = change.cloud, change.before or change.cloud.need(change.id)
    before = entity.properties["provisioningState"]
    _set_state(entity, "Deleting", "Deleting")

    def finish() -> None:
        _set_state(entity, before, "")
        if cloud.store.get(entity.id) is entity:  # or somebody else was quicker
            remove(cloud, SERVICE, entity)

    def answer(operation: Operation, _created: bool) -> Answer:  # noqa: FBT001
        more = headers(change, operation.id, entity.body["location"])
        return Answer(202, show(entity, View(cloud, "put", change.version)), more)

    return Later(
        cloud.knobs.service_update_time,
        operation_id(change, entity.body["location"], "Term"),
        finish,
        answer,
        undo=lambda: _set_state(entity, "Failed", ""),
        deletes=True,
        style="service",
    )


def _after_delete(cloud: Cloud, entity: Entity) -> None:
    forget(cloud, entity)
    remember(cloud, entity)


def _links(change: Change) -> list[tuple[str, str]]:
    identities = (change.sent.get("identity") or {}).get("userAssignedIdentities") or {}
    return [("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", id) for id in identities]


SERVICE = Kind(
    type=TYPE,
    versions=VERSIONS,
    shape=SHAPE,
    verbs=NO_HEAD,
    family="service",
    pretty=False,
    names=r"^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$",
    name_limit=50,
    fill=fill,
    check=_check,
    write=_write,
    later=_later,
    show=show,
    before_child=_need_active,
    before_delete=lambda _cloud, entity: _need_rest(entity),
    delete_later=_delete_later,
    after_delete=_after_delete,
    linked=_links,
    find_all=tracked,
    prepare=as_sent,
    paging="token",
    readonly=READONLY,
    unmodelled_actions=SERVICE_ACTIONS,
)
