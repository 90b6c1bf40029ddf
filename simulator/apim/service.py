"""How an API Management service behaves: its identity, its slow updates."""

from copy import deepcopy
from typing import Any

from simulator.apim.common import VERSIONS
from simulator.apim.polls import service_headers, service_operation_id
from simulator.apim.service_body import SHAPE, fill, short
from simulator.cloud import Cloud
from simulator.errors import apim_service
from simulator.identity import as_sent, assign, check_identity
from simulator.ids import parse
from simulator.kinds import NO_HEAD, Change, Kind, Later, View
from simulator.longrunning import Operation
from simulator.reading import tracked
from simulator.store import Entity
from simulator.wire import Answer
from simulator.writing import remove

JSON = dict[str, Any]
TYPE = "Microsoft.ApiManagement/service"


def _check(change: Change) -> None:
    """A service in transition takes no further write (arm-wire 1.3)."""
    _need_rest(change.before)
    location = change.sent.get("location")
    if change.before is not None and location and short(location) != short(change.before.body["location"]):
        raise apim_service(400, "InvalidParameters", "The location of a service cannot be changed.")
    check_identity(change)


def _need_rest(entity: Entity | None) -> None:
    if entity is not None and entity.properties["provisioningState"] not in {"Succeeded", "Failed"}:
        message = (
            f"The API Service {entity.name} is transitioning at this time. Please try the request again later."
        )
        raise apim_service(409, "ServiceLocked", message)


def _later(change: Change) -> Later | None:
    """A change that changes nothing is done at once (arm-wire 2.3, 17.9); any other takes its time."""
    cloud, before = change.cloud, change.before
    body = fill(change)
    if before is not None and body == before.body:
        return None
    old = deepcopy(before.body if before else body)
    assign(change, body)
    if before is None:
        entity = Entity(change.path.text, TYPE, body, cloud.store.next_row())
        cloud.store.put(entity)
    else:
        entity = before
        entity.body, entity.etag = body, cloud.store.next_row()
    states = ("Created", "") if before is None else ("Updating", "Updating")
    _set_state(entity, *states)
    return Later(
        cloud.knobs.service_update_time,
        service_operation_id(change, short(entity.body["location"]), "Act" if before is None else "Update"),
        lambda: _settle(cloud, entity),
        lambda operation, created: _first_answer(change, operation, entity, created=created),
        undo=lambda: _fail(cloud, entity, old),
        style="service",
    )


def _set_state(entity: Entity, state: str, target: str) -> None:
    entity.body["properties"] |= {"provisioningState": state, "targetProvisioningState": target}


def _settle(cloud: Cloud, entity: Entity) -> None:
    _set_state(entity, "Succeeded", "")
    entity.etag = cloud.store.next_row()


def _fail(cloud: Cloud, entity: Entity, old: JSON) -> None:
    """Back to what it was, but Failed."""
    entity.body = old
    _set_state(entity, "Failed", "")
    entity.etag = cloud.store.next_row()


def _first_answer(change: Change, operation: Operation, entity: Entity, *, created: bool) -> Answer:
    """201 for a new service, 200 for a PUT of one (recordings 01, 20), 202 for a PATCH (arm-wire 2.3)."""
    status = 201 if created else 202 if change.verb == "PATCH" else 200
    where = short(entity.body["location"])
    headers = service_headers(
        change.cloud, change.base, change.path.subscription, change.version, operation.id, where
    )
    body = _show(entity, View(change.cloud, "put", change.version))
    return Answer(status, body, {"ETag": entity.etag, **headers})


def _write(change: Change) -> Entity:
    """Without delay: behind everybody's back, or because nothing changes."""
    cloud, body = change.cloud, fill(change)
    if change.before is not None and body == change.before.body:
        return change.before
    assign(change, body)
    entity = change.before or Entity(change.path.text, TYPE, body)
    entity.body, entity.etag = body, cloud.store.next_row()
    cloud.store.put(entity)
    return entity


def _delete_later(change: Change) -> Later:
    """202 with the whole body, without an ETag header (recording 22)."""
    cloud, entity = change.cloud, change.before or change.cloud.need(change.id)
    _set_state(entity, "Deleting", "Deleting")

    def answer(operation: Operation, _created: bool) -> Answer:  # noqa: FBT001
        where = short(entity.body["location"])
        headers = service_headers(cloud, change.base, change.path.subscription, change.version, operation.id, where)
        return Answer(202, _show(entity, View(cloud, "put", change.version)), headers)

    return Later(
        cloud.knobs.service_update_time,
        service_operation_id(change, short(entity.body["location"]), "Term"),
        lambda: remove(cloud, SERVICE, entity),
        answer,
        undo=lambda: _set_state(entity, "Failed", ""),
        deletes=True,
        style="service",
    )


def _show(entity: Entity, view: View) -> JSON:
    """The etag inside the body is not quoted (arm-wire 1.2)."""
    del view
    path = parse(entity.id)
    return {
        "etag": entity.etag.strip('"'),
        **deepcopy(entity.body),
        "id": entity.id,
        "name": path.name,
        "type": TYPE,
    }


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
    show=_show,
    before_delete=lambda _cloud, entity: _need_rest(entity),
    delete_later=_delete_later,
    linked=_links,
    find_all=tracked,
    prepare=as_sent,
    paging="token",
    readonly=frozenset({
        "provisioningState", "targetProvisioningState", "createdAtUtc", "gatewayUrl", "managementApiUrl",
        "platformVersion", "hostnameConfigurations",
    }),
)  # fmt: skip
