"""Which roles there are: the built-in ones that this project has to do with, and custom ones.

Names, ids and actions of the built-in roles are those of Azure's published list (platform 4.1; three of them,
Foundry User, Tag Contributor and Storage Queue Data Message Sender, are INFERRED), their descriptions are our own
words. A role belongs to the tenant: it is found below every scope, with the subscription of that scope in its id.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from simulator.authorization import TYPE as ASSIGNMENT
from simulator.authorization_filter import read_conditions
from simulator.bodies import TEXT, Fields, Items, Text, envelope
from simulator.clock import FIRST_DAY, stamp
from simulator.cloud import Cloud
from simulator.errors import Refusal, not_modelled, provider
from simulator.fast_json import copied
from simulator.ids import GUID, ResourcePath, key
from simulator.kinds import Change, Kind, View
from simulator.scopes import need_scope
from simulator.store import Entity
from simulator.wire import Ask

JSON = dict[str, Any]
TYPE = "Microsoft.Authorization/roleDefinitions"
_ACTIONS = ("actions", "notActions", "dataActions", "notDataActions")
_SHAPE = envelope(
    Fields(
        {
            "roleName": Text(1, 512),
            "description": TEXT,
            "type": Text(choices=("CustomRole",)),
            "assignableScopes": Items(TEXT, least=1),
            "permissions": Items(Fields(dict.fromkeys(_ACTIONS, Items(TEXT))), least=1),
        },
        ("roleName", "assignableScopes", "permissions"),
    ),
    "properties",
)


@cache
def _built_in() -> dict[str, JSON]:
    found: dict[str, JSON] = json.loads(Path(__file__).with_name("built_in_roles.json").read_text("utf-8"))
    return found


def _prefix(path: ResourcePath) -> str:
    """What stands before /providers in the id of a role that is looked at from here."""
    return f"/subscriptions/{path.subscription}" if path.subscription else ""


def _as_entity(path: ResourcePath, name: str) -> Entity:
    role = _built_in()[name]
    day = stamp(FIRST_DAY)  # when Azure made it is not known here
    properties = {
        "roleName": role["roleName"],
        "type": "BuiltInRole",
        "description": role["description"],
        "assignableScopes": ["/"],
        "permissions": [{each: list(role.get(each, [])) for each in _ACTIONS}],
        "createdOn": day,
        "updatedOn": day,
        "createdBy": None,
        "updatedBy": None,
    }
    return Entity(f"{_prefix(path)}/providers/{TYPE}/{name}", TYPE, {"properties": properties})


def _find_one(cloud: Cloud, path: ResourcePath) -> Entity | None:
    name = path.name.lower()
    if name in _built_in():
        return _as_entity(path, name)
    custom = next((each for each in cloud.store.of_type(TYPE) if each.name.lower() == name), None)
    if custom is None and name in cloud.role_definitions:
        raise not_modelled("the content of a role of which the world gives only the id")
    return custom


_CONDITIONS = {  # documented: atScopeAndBelow(), type eq, roleName eq
    "name": re.compile(r"(?i)roleName eq '((?:[^']|'')*)'"),
    "type": re.compile(r"(?i)type eq '(BuiltInRole|CustomRole)'"),
    "below": re.compile(r"(?i)(atScopeAndBelow\(\))"),
}


def _find_all(cloud: Cloud, ask: Ask, path: ResourcePath) -> list[Entity]:
    """The built-in roles, and the custom ones that can be assigned here."""
    need_scope(cloud, path.scope)
    supported = "atScopeAndBelow(), type eq, roleName eq"
    asked = read_conditions(ask.query.get("$filter", ""), _CONDITIONS, supported)
    wanted = {name: value.lower() for name, value in asked.items()}
    found = [_as_entity(path, name) for name in _built_in()]
    found += [
        each for each in cloud.store.of_type(TYPE) if _reaches(each, key(path.scope), below="below" in wanted)
    ]
    return [
        each
        for each in found
        if wanted.get("name", each.properties["roleName"].lower()) == each.properties["roleName"].lower()
        and wanted.get("type", each.properties["type"].lower()) == each.properties["type"].lower()
    ]


def _reaches(role: Entity, here: str, *, below: bool) -> bool:
    scopes = [key(scope) for scope in role.properties["assignableScopes"]]
    return any(f"{here}/".startswith(f"{scope}/") or (below and scope.startswith(f"{here}/")) for scope in scopes)


def _check(change: Change) -> None:
    cloud, name = change.cloud, change.path.name.lower()
    if name in _built_in():
        raise not_modelled("changes of a built-in role")
    if not GUID.match(name):
        message = f"The role definition ID '{name}' is not valid. The role definition ID must be a GUID."
        raise provider(400, "InvalidRoleDefinitionId", message)
    for scope in change.properties["assignableScopes"]:
        if not key(scope):
            message = "Custom roles cannot be assignable at the root scope '/'."
            raise provider(400, "InvalidAssignableScope", message)
        need_scope(cloud, scope)
    wanted = change.properties["roleName"].lower()
    others = [each["roleName"] for each in _built_in().values()]
    others += [each.properties["roleName"] for each in cloud.store.of_type(TYPE) if each.name.lower() != name]
    if wanted in {other.lower() for other in others}:  # reported text
        message = "A custom role with the same name already exists in this directory. Use a different name"
        raise provider(409, "RoleDefinitionWithSameNameExists", message)


def _write(change: Change) -> Entity:
    cloud, asked = change.cloud, change.properties
    now, kept = stamp(cloud.clock.now()), change.before.properties if change.before else {}
    properties = {
        "roleName": asked["roleName"],
        "type": "CustomRole",
        "description": asked.get("description"),
        "assignableScopes": list(asked["assignableScopes"]),
        "permissions": [
            {each: list(permission.get(each, [])) for each in _ACTIONS} for permission in asked["permissions"]
        ],
        "createdOn": kept.get("createdOn") or now,
        "updatedOn": now,
        "createdBy": kept.get("createdBy") or change.caller.object_id,
        "updatedBy": change.caller.object_id,
    }
    id = change.before.id if change.before else f"{_prefix(change.path)}/providers/{TYPE}/{change.path.name}"
    entity = Entity(id, TYPE, {"properties": properties})
    cloud.store.put(entity)
    cloud.role_definitions.add(entity.name.lower())
    return entity


def _before_delete(cloud: Cloud, entity: Entity) -> None:
    """A role that somebody has stays (documented code and text)."""
    if entity.name.lower() in _built_in():
        raise not_modelled("the deletion of a built-in role")
    for assignment in cloud.store.of_type(ASSIGNMENT):
        if str(assignment.properties["roleDefinitionId"]).lower().endswith(f"/{entity.name.lower()}"):
            message = "There are existing role assignments referencing role."
            raise provider(400, "RoleDefinitionHasAssignments", message)


def _show(entity: Entity, view: View) -> JSON:
    del view
    return {"properties": copied(entity.properties), "id": entity.id, "type": TYPE, "name": entity.name}


def _missing(path: ResourcePath) -> Refusal:
    message = f"The specified role definition with ID '{path.name.replace('-', '')}' does not exist."
    return provider(404, "RoleDefinitionDoesNotExist", message)


ROLE_DEFINITION = Kind(
    type=TYPE,
    versions=(
        "2015-07-01",
        "2018-01-01-preview",
        "2022-04-01",
        "2022-05-01-preview",
    ),  # the Azure CLI sends the last
    shape=_SHAPE,
    verbs=frozenset({"GET", "PUT", "DELETE", "LIST"}),
    family="provider",
    pretty=False,
    has_etag=False,
    check=_check,
    write=_write,
    show=_show,
    missing=_missing,
    find_one=_find_one,
    own_filter=True,
    find_all=_find_all,
    before_delete=_before_delete,
    after_delete=lambda cloud, entity: cloud.role_definitions.discard(entity.name.lower()),
    delete_answers=_show,
    put_again_status=lambda _cloud: 201,
    paging="none",
    readonly=frozenset({"createdOn", "updatedOn", "createdBy", "updatedBy"}),
)
