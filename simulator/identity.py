"""Which managed identities a resource has, and since when the directory knows them."""

from typing import Any

from simulator.bodies import TAGS, TEXT, Fields, envelope
from simulator.cloud import Cloud
from simulator.entra import Principal
from simulator.errors import gateway
from simulator.ids import parse
from simulator.kinds import Change, Kind, View
from simulator.reading import tracked
from simulator.regions import short
from simulator.store import Entity

JSON = dict[str, Any]
SYSTEM, USER = "SystemAssigned", "UserAssigned"
TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"


def kinds_in(type: str) -> set[str]:
    """The kinds of identity that a type such as `SystemAssigned, UserAssigned` asks for."""
    return {part.strip().lower() for part in type.split(",")} - {"none", ""}


def check_identity(change: Change) -> None:
    """Refuse an identity that Azure could not assign."""
    sent = change.sent.get("identity")
    if sent is None:
        return
    if "type" not in sent:
        raise gateway(400, "InvalidIdentityType", "The identity has no type.")
    wanted = kinds_in(sent["type"])
    identities = sent.get("userAssignedIdentities") or {}
    if not wanted <= {SYSTEM.lower(), USER.lower()}:
        raise gateway(400, "InvalidIdentityType", f"The identity type '{sent['type']}' is not supported.")
    if (USER.lower() in wanted) != bool(identities):
        message = f"The identity ids must match the identity type '{sent['type']}'."
        raise gateway(400, "MissingIdentityIds" if wanted else "InvalidIdentityType", message)
    for id in identities:
        if change.cloud.store.get(id) is None or parse(id).type.lower() != TYPE.lower():
            message = f"Identity operation for resource '{change.path.text}' failed: '{id}' was not found."
            raise gateway(400, "FailedIdentityOperation", message)


def assigned(change: Change, merged: JSON) -> JSON | None:
    """The identity as it will read back; it is replaced as a whole (arm-wire 2.3).

    A system identity that is not there yet has no principal: `assign` makes one. One that is not sent stays as it
    is, with identities that were deleted meanwhile (documented: "Deleting a user-assigned identity won't remove
    its reference from any resource it was assigned to").
    """
    wanted: JSON | None = merged.get("identity")
    if not wanted or not kinds_in(wanted["type"]):
        return None
    if "identity" not in change.sent:
        return wanted
    kinds = kinds_in(wanted["type"])
    before: JSON = (change.before.body.get("identity") if change.before else None) or {}
    result: JSON = {"type": ", ".join(kind for kind in (SYSTEM, USER) if kind.lower() in kinds)}
    if SYSTEM.lower() in kinds:
        result["principalId"] = before.get("principalId")
        result["tenantId"] = change.cloud.tenant
    if USER.lower() in kinds:
        result["userAssignedIdentities"] = {
            id: _ids_of(change.cloud.need(id)) for id in wanted.get("userAssignedIdentities") or {}
        }
    return result


def _ids_of(identity: Entity) -> JSON:
    return {name: identity.properties[name] for name in ("principalId", "clientId")}


def assign(change: Change, body: JSON) -> None:
    """Create the principal of a new system identity; Authorization knows it later (arm-wire 2.2, 9)."""
    cloud, identity = change.cloud, body.get("identity") or {}
    if change.before is not None and "principalId" not in identity:
        forget(cloud, change.before)
    if "principalId" not in identity or identity["principalId"]:
        return
    delay = 0.0 if change.quiet else cloud.knobs.principal_replication
    identity["principalId"] = cloud.ids.guid()
    since = cloud.clock.seconds() + delay
    cloud.directory.add(Principal(identity["principalId"], known_from=since, name=change.path.name))


def forget(cloud: Cloud, entity: Entity) -> None:
    """Delete the principal of a system identity with its resource, or when it is switched off."""
    identity = entity.body.get("identity") or {}
    if identity.get("principalId"):
        cloud.directory.remove(identity["principalId"])


def principal_of(cloud: Cloud, entity: Entity | None) -> Principal | None:
    """The principal of a system identity, known to Authorization or not."""
    identity = (entity.body.get("identity") if entity else None) or {}
    return cloud.directory.get(identity.get("principalId") or "")


def remember(cloud: Cloud, entity: Entity) -> None:
    """The principal comes back with its restored resource (INFERRED)."""
    identity = entity.body.get("identity") or {}
    if identity.get("principalId"):
        since = cloud.clock.seconds() + cloud.knobs.principal_replication
        cloud.directory.add(Principal(identity["principalId"], known_from=since))


def _fill(change: Change) -> JSON:
    merged = change.merged()
    if change.before is not None:
        properties = change.before.properties
    else:
        world: JSON = change.found.get("readonly", {})
        properties = {
            "tenantId": change.cloud.tenant,
            "principalId": world.get("principalId") or change.cloud.ids.guid(),
            "clientId": world.get("clientId") or change.cloud.ids.guid(),
        }
        delay = 0.0 if change.quiet else change.cloud.knobs.principal_replication
        since = change.cloud.clock.seconds() + delay
        names = {"name": change.path.name, "app_id": properties["clientId"]}
        change.cloud.directory.add(Principal(properties["principalId"], known_from=since, **names))
    return {
        "location": merged.get("location") or "eastus",
        "tags": merged.get("tags") or {},
        "properties": properties,
    }


def _show(entity: Entity, view: View) -> JSON:
    """`/resourcegroups/` in lower case, properties last (recording 19)."""
    del view
    return {
        "location": entity.body["location"],
        "tags": dict(entity.body["tags"]),
        "id": _show_id(entity),
        "name": entity.name,
        "type": TYPE,
        "properties": dict(entity.properties),
    }


def _place(entity: Entity, created: bool) -> dict[str, str]:  # noqa: FBT001
    """A new one is answered with its own relative id as Location (recording 19)."""
    return {"Location": _show_id(entity)} if created else {}


def _show_id(entity: Entity) -> str:
    return entity.id.replace("/resourceGroups/", "/resourcegroups/")


def _check(change: Change) -> None:
    """It has a place, and stays there."""
    location = change.sent.get("location")
    if change.before is None and not location and not change.quiet:
        raise gateway(400, "LocationRequired", "The location property is required for this definition.")
    if change.before is not None and location and short(location) != short(change.before.body["location"]):
        message = (
            f"The resource '{change.path.name}' already exists in location '{change.before.body['location']}' in "
            f"resource group '{change.path.group}'. A resource with the same name cannot be created in location "
            f"'{location}'. Please select a new resource name."
        )
        raise gateway(409, "InvalidResourceLocation", message)


USER_ASSIGNED_IDENTITY = Kind(
    type=TYPE,
    versions=("2023-01-31", "2024-11-30"),
    shape=envelope(Fields(), location=TEXT, tags=TAGS),
    family="service",
    pretty=False,
    has_etag=False,
    names=r"^[a-zA-Z0-9][a-zA-Z0-9_-]{2,}$",
    name_limit=128,
    verbs=frozenset({"GET", "PUT", "PATCH", "DELETE", "LIST"}),
    fill=_fill,
    check=_check,
    show=_show,
    put_headers=_place,
    after_delete=lambda cloud, entity: cloud.directory.remove(entity.properties["principalId"]),
    find_all=tracked,
    paging="token",
    readonly=frozenset({"principalId", "clientId", "tenantId"}),
)


def as_sent(body: JSON) -> None:
    """Turn an identity that a GET showed into one that a PUT may send."""
    identity = body.get("identity")
    if identity:
        ids = identity.get("userAssignedIdentities")
        body["identity"] = {"type": identity["type"]}
        if ids:
            body["identity"]["userAssignedIdentities"] = {id: {} for id in ids}
