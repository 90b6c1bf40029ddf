"""Which management locks there are, and what they keep from being changed or deleted.

Documented: a lock holds for its scope and everything inside it; CanNotDelete refuses deletions, ReadOnly every
change, POST actions included; a lock inside a group also keeps the group from being deleted. Reported: it keeps
role assignments at its scope from being deleted (MicrosoftDocs/azure-docs#110791). Locks themselves are free.
"""

from typing import Any

from simulator.bodies import TEXT, Fields, Items, Text, envelope
from simulator.cloud import Cloud
from simulator.errors import Refusal, gateway, provider
from simulator.fast_json import copied
from simulator.ids import ResourcePath, parse
from simulator.kinds import Change, Kind, View
from simulator.scopes import around, covers, need_scope
from simulator.store import Entity
from simulator.wire import Ask

JSON = dict[str, Any]
TYPE = "Microsoft.Authorization/locks"
VERSIONS = ("2016-09-01", "2017-04-01", "2020-05-01")  # the Azure CLI's, and the two since
_OPERATIONS = {"PUT": "write", "PATCH": "write", "POST": "write", "DELETE": "delete"}
_SHAPE = envelope(
    Fields(
        {
            "level": Text(choices=("NotSpecified", "CanNotDelete", "ReadOnly")),
            "notes": Text(most=512),
            "owners": Items(Fields({"applicationId": TEXT})),
        },
        ("level",),
    ),
    "properties",
)


def need_unlocked(cloud: Cloud, method: str, id: str) -> None:
    """Refuse a change or a deletion that a lock forbids (arm-wire 1.3)."""
    operation = _OPERATIONS.get(method)
    if operation is None or parse(id).type.lower() == TYPE.lower():
        return
    holding = [
        parse(lock.id).scope
        for lock in cloud.store.of_type(TYPE)
        if _forbids(lock, operation) and _reaches(lock, operation, id)
    ]
    if not holding:
        return
    message = (
        f"The scope '{id}' cannot perform {operation} operation because following scope(s) are locked: "
        f"'{','.join(sorted(set(holding)))}'. Please remove the lock and try again."
    )
    raise gateway(409, "ScopeLocked", message)


def _forbids(lock: Entity, operation: str) -> bool:
    level = lock.properties["level"]
    return level == "ReadOnly" or (level == "CanNotDelete" and operation == "delete")


def _reaches(lock: Entity, operation: str, id: str) -> bool:
    scope = parse(lock.id).scope
    return covers(scope, id) or (operation == "delete" and covers(id, scope))


def _check(change: Change) -> None:
    need_scope(change.cloud, change.path.scope)


def _missing(path: ResourcePath) -> Refusal:
    return provider(404, "LockNotFound", f"The lock '{path.name}' could not be found.")


def _find_all(cloud: Cloud, ask: Ask, path: ResourcePath) -> list[Entity]:
    need_scope(cloud, path.scope)
    text = ask.query.get("$filter", "").strip()
    if text.lower() not in {"", "atscope()"}:
        raise provider(400, "UnsupportedQuery", f"The filter '{text}' is not supported. Supported is atScope().")
    return list(around(cloud, TYPE, path.scope, at_scope=bool(text)))


def _show(entity: Entity, view: View) -> JSON:
    """Properties, id, type, name: as the SDK for JavaScript recorded a PUT."""
    del view
    return {"properties": copied(entity.properties), "id": entity.id, "type": TYPE, "name": entity.name}


LOCK = Kind(
    type=TYPE,
    versions=VERSIONS,
    shape=_SHAPE,
    verbs=frozenset({"GET", "PUT", "DELETE", "LIST"}),
    family="provider",
    pretty=False,
    has_etag=False,
    names=r"^[^<>%&:\\?/]+$",
    name_limit=260,
    check=_check,
    show=_show,
    missing=_missing,
    own_filter=True,
    find_all=_find_all,
    paging="token",
)
