"""Which managed identities a resource has, and since when the directory knows them."""

from typing import Any

from simulator.bodies import TAGS, TEXT, Fields, envelope
from simulator.entra import Principal
from simulator.errors import gateway
from simulator.ids import parse
from simulator.kinds import Change, Kind, View
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

    A system identity that is not there yet has no principal: `assign` makes one.
    """
    wanted: JSON | None = merged.get("identity")
    if not wanted or not kinds_in(wanted["type"]):
        return None
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
    identity = body.get("identity")
    if not identity or "principalId" not in identity or identity["principalId"]:
        return
    cloud = change.cloud
    delay = 0.0 if change.quiet else cloud.knobs.principal_replication
    identity["principalId"] = cloud.ids.guid()
    cloud.directory.add(Principal(identity["principalId"], known_from=cloud.clock.seconds() + delay))


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
        change.cloud.directory.add(Principal(properties["principalId"], known_from=since))
    return {"location": merged.get("location"), "tags": merged.get("tags") or {}, "properties": properties}


def _show(entity: Entity, view: View) -> JSON:
    """`/resourcegroups/` in lower case, properties last (recording 19)."""
    del view
    return {
        "location": entity.body["location"],
        "tags": dict(entity.body["tags"]),
        "id": entity.id.replace("/resourceGroups/", "/resourcegroups/"),
        "name": entity.name,
        "type": TYPE,
        "properties": dict(entity.properties),
    }


USER_ASSIGNED_IDENTITY = Kind(
    type=TYPE,
    versions=("2023-01-31", "2024-11-30"),
    shape=envelope(Fields(), location=TEXT, tags=TAGS),
    family="service",
    pretty=False,
    has_etag=False,
    name_limit=128,
    verbs=frozenset({"GET", "PUT", "PATCH", "DELETE"}),
    fill=_fill,
    show=_show,
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
