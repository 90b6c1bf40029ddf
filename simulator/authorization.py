"""Who may do what where: role assignments, by the rules of arm-wire 9.

Assignments on a resource go with it unless the knob `orphaned_roles` says otherwise (desired-state 6.3 leaves it
open); those of a principal that is deleted stay (documented: "identity not found").
"""

import re
from datetime import timedelta
from typing import Any

from simulator.authorization_filter import read_conditions
from simulator.bodies import TEXT, Fields, Text, envelope
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.errors import Refusal, provider
from simulator.ids import GUID, ResourcePath, key, parse
from simulator.kinds import Change, Kind, View
from simulator.scopes import around, need_scope
from simulator.store import Entity
from simulator.wire import Ask

JSON = dict[str, Any]
TYPE = "Microsoft.Authorization/roleAssignments"
BUILT_IN_ROLES = {  # platform 4.1, and the four everybody knows
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", "a97b65f3-24c7-4388-baec-2e87135dc908",
    "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68", "a001fd3d-188f-4b5d-821b-7da978bf7442",
    "53ca6127-db72-4b80-b1b0-d745d6d5456d", "64702f94-c441-49e6-a78b-ef80e0188fee",
    "312a565d-c81f-4fd8-895a-4e21e48d571c", "71522526-b88f-4d52-b57f-d31fc3546d0d",
    "e022efe7-f5ba-4159-bbe4-b44f577e9b61", "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a", "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "4a9ae827-6dc8-4573-8ac7-8239d42aa03f",
}  # fmt: skip
_NAMES = ("principalId", "roleDefinitionId")
_SHAPE = envelope(
    Fields(
        {
            "condition": TEXT,
            "conditionVersion": TEXT,
            "delegatedManagedIdentityResourceId": TEXT,
            "description": TEXT,
            "principalId": TEXT,
            "principalType": Text(
                choices=(
                    "User",
                    "Group",
                    "ServicePrincipal",
                    "ForeignGroup",
                    "Device",
                    "AgentUser",
                    "AgentServicePrincipal",
                )
            ),
            "roleDefinitionId": TEXT,
        },
        _NAMES,
    ),
    "properties",
)


def _scope(id: str) -> str:
    return parse(id).scope


def _triple(scope: str, properties: JSON) -> tuple[str, str, str]:
    """What an assignment is, whatever its name."""
    role = str(properties["roleDefinitionId"]).rsplit("/", 1)[-1]
    return key(scope), str(properties["principalId"]).lower(), role.lower()


def _check(change: Change) -> None:
    properties, path, cloud = change.properties, change.path, change.cloud
    if not GUID.match(path.name):
        message = f"The role assignment ID '{path.name}' is not valid. The role assignment ID must be a GUID."
        raise provider(400, "InvalidRoleAssignmentId", message)
    need_scope(cloud, path.scope)
    if not GUID.match(properties["principalId"]):
        message = f"The Principal ID '{properties['principalId']}' is not valid. Principal ID must be a GUID."
        raise provider(400, "InvalidPrincipalId", message)
    role = properties["roleDefinitionId"].rsplit("/", 1)[-1].lower()
    if role not in BUILT_IN_ROLES | cloud.role_definitions:
        message = f"The specified role definition with ID '{role.replace('-', '')}' does not exist."
        raise provider(400, "RoleDefinitionDoesNotExist", message)
    _check_condition(properties)
    _check_name(change)
    if not change.quiet:
        _check_principal(change)


def _check_condition(properties: JSON) -> None:
    """A condition is written in version 2.0 of its language (platform 4.3); the words of the refusal are ours."""
    condition, version = properties.get("condition"), properties.get("conditionVersion")
    if condition and version != "2.0":
        message = f"The condition version '{version}' is not supported. Conditions must have version 2.0."
        raise provider(400, "RoleAssignmentConditionVersionNotSupported", message)
    if version and not condition:
        raise provider(400, "RoleAssignmentConditionNotValid", "There is a condition version, but no condition.")


def _check_name(change: Change) -> None:
    """A name cannot move to another triple, a triple cannot get a second name."""
    wanted = _triple(change.path.scope, change.properties)
    for other in change.cloud.store.of_type(TYPE):
        same_name = other.name.lower() == change.path.name.lower()
        same = _triple(_scope(other.id), other.properties) == wanted
        if same_name and not same:
            message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
            raise provider(400, "RoleAssignmentUpdateNotPermitted", message)
        if same and (not same_name or change.cloud.knobs.role_reput == "409"):
            message = (
                "The role assignment already exists. The ID of the existing role assignment is "
                f"{other.name.replace('-', '').lower()}."
            )
            raise provider(409, "RoleAssignmentExists", message)


def _check_principal(change: Change) -> None:
    """A young principal is refused unless its type is given (recording 26; arm-wire 9)."""
    cloud, properties = change.cloud, change.properties
    id, type = properties["principalId"], properties.get("principalType")
    principal = cloud.directory.find(id)
    if principal is not None and type is not None and type != principal.type:
        message = (
            f"The PrincipalId '{id.replace('-', '')}' has type '{principal.type}' , which is different from "
            f"specified PrinciaplType '{type}'."
        )
        raise provider(400, "UnmatchedPrincipalType", message)
    if principal is not None:
        return
    if type is not None and cloud.principal_type_failures_left <= 0:
        return
    if type is not None:
        cloud.principal_type_failures_left -= 1
    message = (
        f"Principal {id.replace('-', '')} does not exist in the directory {cloud.tenant}. Check that you have "
        "the correct principal ID. If you are creating this principal and then immediately assigning a role, this "
        "error might be related to a replication delay. In this case, set the role assignment principalType "
        "property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype"
    )
    raise provider(400, "PrincipalNotFound", message)


def _fill(change: Change) -> JSON:
    """Key order of recording 26; the role reads back below the subscription (arm-wire 9)."""
    source = change.merged()["properties"]
    cloud = change.cloud
    role = source["roleDefinitionId"].rsplit("/", 1)[-1]
    principal = cloud.directory.find(source["principalId"])
    kept: JSON = change.before.properties if change.before else {}
    created = stamp(cloud.clock.now() + timedelta(seconds=1.5))  # later than the PUT's answer says
    below = f"/subscriptions/{change.path.subscription}" if change.path.subscription else ""
    return {
        "properties": {
            "roleDefinitionId": f"{below}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": source["principalId"],
            "principalType": source.get("principalType") or (principal.type if principal else "ServicePrincipal"),
            "scope": change.path.scope or "/",
            "condition": source.get("condition"),
            "conditionVersion": source.get("conditionVersion"),
            "createdOn": kept.get("createdOn") or created,
            "updatedOn": created,
            "createdBy": kept.get("createdBy") or change.caller.object_id,
            "updatedBy": change.caller.object_id,
            "delegatedManagedIdentityResourceId": source.get("delegatedManagedIdentityResourceId"),
            "description": source.get("description"),
        }
    }


def _write(change: Change) -> Entity:
    cloud = change.cloud
    entity = change.before or Entity(change.path.text, TYPE, {})
    if change.before is None and not change.quiet:
        entity.notes["readable_from"] = cloud.clock.seconds() + cloud.knobs.role_read_delay
    entity.body = _fill(change)
    cloud.store.put(entity)
    return entity


def _show(entity: Entity, view: View) -> JSON:
    properties = dict(entity.properties)
    if view.mode == "put":  # recording 26
        properties["createdBy"] = None
        properties["createdOn"] = properties["updatedOn"] = stamp(view.cloud.clock.now())
    return {"properties": properties, "id": entity.id, "type": TYPE, "name": entity.name}


def _missing(path: ResourcePath) -> Refusal:
    message = f"The role assignment '{path.name}' is not found."
    return provider(404, "RoleAssignmentNotFound", message)


_CONDITIONS = {
    "principal": re.compile(r"(?i)principalId eq '([^']*)'"),
    "assigned": re.compile(r"(?i)assignedTo\('([^']*)'\)"),
    "at_scope": re.compile(r"(?i)atScope\(\)()"),
}


def _find_all(cloud: Cloud, ask: Ask, path: ResourcePath) -> list[Entity]:
    """At the scope and above; below too unless atScope() is asked for (arm-wire 9)."""
    need_scope(cloud, path.scope)
    supported = "atScope(), principalId eq and assignedTo()"
    wanted = read_conditions(ask.query.get("$filter", ""), _CONDITIONS, supported)
    now = cloud.clock.seconds()
    found: list[Entity] = []
    for entity in around(cloud, TYPE, path.scope, at_scope="at_scope" in wanted):
        if now < float(entity.notes.get("readable_from", 0.0)):
            continue
        principal = str(entity.properties["principalId"]).lower()
        if "principal" in wanted and principal != wanted["principal"].lower():
            continue
        if "assigned" in wanted and principal not in cloud.directory.groups_of(wanted["assigned"]):
            continue
        found.append(entity)
    return found


ROLE_ASSIGNMENT = Kind(
    type=TYPE,
    versions=("2018-09-01-preview", "2020-04-01-preview", "2022-04-01"),
    shape=_SHAPE,
    verbs=frozenset({"GET", "PUT", "DELETE", "LIST"}),
    family="provider",
    pretty=False,
    has_etag=False,
    check=_check,
    write=_write,
    show=_show,
    missing=_missing,
    own_filter=True,
    find_all=_find_all,
    delete_answers=_show,
    put_again_status=lambda cloud: 201 if cloud.knobs.role_reput == "201" else 200,
    paging="token",
    name_limit=64,
    readonly=frozenset({"scope", "createdOn", "updatedOn", "createdBy", "updatedBy"}),
)
