"""How a Cognitive Services account behaves, whatever its kind."""

import re
from typing import Any

from simulator.cloud import Cloud
from simulator.cognitive.account_body import READONLY, SHAPE, fill
from simulator.cognitive.keys import list_keys, regenerate_key
from simulator.cognitive.kinds_and_skus import need_known
from simulator.cognitive.polls import status_url
from simulator.cognitive.versions import VERSIONS
from simulator.errors import Refusal, gateway, provider
from simulator.fast_json import copied
from simulator.identity import as_sent, assign, check_identity, forget
from simulator.identity import remember as remember_identity
from simulator.ids import key
from simulator.kinds import NO_HEAD, Change, Kind, Later, View
from simulator.longrunning import Operation
from simulator.reading import tracked
from simulator.regions import short
from simulator.softdelete import everything, find, remember, restore
from simulator.store import Entity
from simulator.wire import Answer
from simulator.writing import remove

JSON = dict[str, Any]
TYPE = "Microsoft.CognitiveServices/accounts"
_TERMINAL = {"Succeeded", "Failed", "Canceled"}
STATES = (  # the published schema's AccountProperties.provisioningState
    "Accepted", "Creating", "Deleting", "Moving", "Failed", "Succeeded", "ResolvingDNS", "Canceled",
)  # fmt: skip
_SUBDOMAIN = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9-]{0,62}[a-zA-Z0-9]$")


def _check(change: Change) -> None:
    cloud, before = change.cloud, change.before
    gone = find(cloud, change.path.text) if before is None and not change.quiet else None
    if gone is not None:
        if not change.properties.get("restore"):
            raise _must_restore(change)
        return
    for name in ("kind", "location", "sku") if change.verb == "PUT" else ():
        if name not in change.sent:
            raise provider(400, "InvalidRequestContent", f"The request has no '{name}'.")
    if before is None and change.properties.get("restore") and not change.quiet:
        message = f"The resource '{change.path.text}' has not been deleted, so that it cannot be restored."
        raise provider(404, "ResourceNotFound", message)
    if not change.quiet:
        _need_rest(before)
    state = change.found.get("readonly", {}).get("provisioningState", "Succeeded")
    if state not in STATES:
        raise provider(400, "InvalidResourceProperties", f"There is no state '{state}' of accounts.")
    _check_fixed(change)
    need_known(change.sent)
    _check_subdomain(change)
    check_identity(change)


def _must_restore(change: Change) -> Refusal:
    message = (
        f"An existing resource with ID '{change.path.text}' has been soft-deleted. To restore the resource, "
        "you must specify 'restore' to be 'true' in the property. If you don't want to restore existing "
        "resource, please purge it first."
    )
    return provider(409, "FlagMustBeSetForRestore", message)


def _need_rest(entity: Entity | None) -> None:
    """An account that is being worked on takes no other write, and nothing inside it does (arm-wire 10.2)."""
    if entity is not None and entity.properties["provisioningState"] not in _TERMINAL:
        message = (
            f"Cannot modify resource with id '{entity.id}' because the resource entity provisioning state is not "
            "terminal. Please wait for the provisioning state to become terminal and then retry the request."
        )
        raise provider(409, "AccountProvisioningStateInvalid", message)


def _check_fixed(change: Change) -> None:
    """An account keeps its place (Resource Manager's own refusal) and its kind."""
    before, sent = change.before, change.sent
    if before is None:
        return
    location, kind = before.body["location"], before.body["kind"]
    if sent.get("location") and short(sent["location"]) != short(location):
        message = (
            f"The resource '{change.path.name}' already exists in location '{location}' in resource group "
            f"'{change.path.group}'. A resource with the same name cannot be created in location "
            f"'{sent['location']}'. Please select a new resource name."
        )
        raise gateway(409, "InvalidResourceLocation", message)
    upgrade = {kind.lower(), str(sent.get("kind", kind)).lower()} == {"openai", "aiservices"}  # documented
    if sent.get("kind") and sent["kind"].lower() != kind.lower() and not upgrade:
        raise provider(400, "InvalidAccountKind", f"The kind of an account cannot be changed from '{kind}'.")


def _check_subdomain(change: Change) -> None:
    """Once set it stays; it belongs to one account in all of Azure, a deleted one included."""
    wanted = change.properties.get("customSubDomainName")
    before = change.before.properties.get("customSubDomainName") if change.before else None
    if not wanted:
        return
    if before and wanted.lower() != before.lower():
        raise provider(400, "BadRequest", "The custom subdomain name of an account cannot be changed.")
    if not _SUBDOMAIN.match(wanted):
        raise provider(400, "BadRequest", f"The custom subdomain name '{wanted}' is not valid.")
    others = [*change.cloud.store.of_type(TYPE), *(each.entity for each in everything(change.cloud, TYPE))]
    for other in others:
        taken = other.properties.get("customSubDomainName") or ""
        if taken.lower() == wanted.lower() and key(other.id) != key(change.path.text):
            message = f"The subdomain name '{wanted}' is not available as it's already used by a resource."
            raise provider(409, "CustomDomainInUse", message)


def guid_etag(cloud: Cloud) -> str:
    """An ETag as Cosmos DB makes them (recording 23)."""
    return f'"{cloud.ids.hex(8)}-0000-0100-0000-{cloud.ids.hex(12)}"'


def _write(change: Change) -> Entity:
    body = fill(change)
    assign(change, body)
    entity = change.before or Entity(change.path.text, TYPE, body)
    entity.body, entity.etag = body, guid_etag(change.cloud)
    change.cloud.store.put(entity)
    return entity


def _later(change: Change) -> Later | None:
    """Creation takes time and is told of by Azure-AsyncOperation alone (recording 23); changes may, by a knob."""
    cloud, knobs = change.cloud, change.cloud.knobs
    if change.before is not None:
        return (
            _running(change, _write(change), "Accepted", knobs.account_update_time)
            if knobs.account_update_time
            else None
        )
    gone = find(cloud, change.path.text)
    if gone is None:
        return _running(change, _write(change), "Creating", knobs.account_create_time)
    entity = restore(cloud, gone)  # the Azure CLI's recording: the old account, Creating again
    remember_identity(cloud, entity)
    entity.etag = guid_etag(cloud)
    return _running(change, entity, "Creating", knobs.account_create_time)


def _running(change: Change, entity: Entity, state: str, seconds: float) -> Later:
    cloud = change.cloud
    entity.properties["provisioningState"] = state

    def finish() -> None:
        entity.properties["provisioningState"] = "Succeeded"
        entity.etag = guid_etag(cloud)

    def fail() -> None:
        entity.properties["provisioningState"] = "Failed"

    def answer(operation: Operation, created: bool) -> Answer:  # noqa: FBT001
        url = status_url(change, entity.body["location"], operation)
        body = show(entity, View(cloud, "put", change.version))
        return Answer(201 if created else 200, body, {"ETag": entity.etag, "Azure-AsyncOperation": url})

    style = "account" if state == "Creating" else "update"
    return Later(seconds, cloud.ids.guid(), finish, answer, fail, style=style)


def _delete_later(change: Change) -> Later | None:
    """At once (recording 25); by a knob it takes time and is told of by both headers (the SDK takes 202 too)."""
    cloud, entity = change.cloud, change.cloud.need(change.id)
    if cloud.knobs.account_delete_time <= 0:
        return None
    entity.properties["provisioningState"] = "Deleting"

    def finish() -> None:
        entity.properties["provisioningState"] = "Succeeded"
        if cloud.store.get(entity.id) is entity:  # or somebody else was quicker
            remove(cloud, ACCOUNT, entity)

    def fail() -> None:
        entity.properties["provisioningState"] = "Failed"

    def answer(operation: Operation, _created: bool) -> Answer:  # noqa: FBT001
        url = status_url(change, entity.body["location"], operation)
        return Answer(202, None, {"Azure-AsyncOperation": url, "Location": url})

    seconds = cloud.knobs.account_delete_time
    return Later(seconds, cloud.ids.guid(), finish, answer, fail, deletes=True, style="delete")


def show(entity: Entity, view: View) -> JSON:
    """Id, name, type, then the etag with its quotes inside the string (recording 23)."""
    del view
    return {
        "id": entity.id,
        "name": entity.name,
        "type": entity.type,
        "etag": entity.etag,
        **copied(entity.body),
    }


def _after_delete(cloud: Cloud, entity: Entity) -> None:
    forget(cloud, entity)
    remember(cloud, entity)


def _links(change: Change) -> list[tuple[str, str]]:
    identities = (change.sent.get("identity") or {}).get("userAssignedIdentities") or {}
    return [("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", id) for id in identities]


ACCOUNT = Kind(
    type=TYPE,
    versions=VERSIONS,
    shape=SHAPE,
    verbs=NO_HEAD,
    family="service",
    pretty=False,
    names=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$",
    name_limit=64,
    check=_check,
    write=_write,
    later=_later,
    show=show,
    new_etag=guid_etag,
    before_child=lambda _cloud, entity: _need_rest(entity),
    before_delete=lambda _cloud, entity: _need_rest(entity),
    delete_later=_delete_later,
    after_delete=_after_delete,
    linked=_links,
    find_all=tracked,
    prepare=as_sent,
    paging="token",
    readonly=READONLY,
    actions={"listKeys": list_keys, "regenerateKey": regenerate_key},
)
