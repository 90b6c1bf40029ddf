"""What an import makes: the API, its operations, its schema and its tags."""

import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from simulator.apim.api_body import SHARED
from simulator.apim.common import service_of
from simulator.apim.importing import INPUT_ONLY
from simulator.apim.operations import with_defaults
from simulator.cloud import Cloud
from simulator.kinds import Change
from simulator.openapi import Document, Planned
from simulator.openapi_parts import name_schema
from simulator.store import Entity
from simulator.writing import keep

JSON = dict[str, Any]
_API = "Microsoft.ApiManagement/service/apis"
_LANGUAGES = {  # contentType of the schema entity (arm-wire 3.2)
    "openapi": "application/vnd.oai.openapi.components+json",
    "swagger": "application/vnd.ms-azure-apim.swagger.definitions+json",
    "xsd": "application/vnd.ms-azure-apim.xsd+xml",
}


def carry_out(change: Change, fill: Callable[[Change], JSON]) -> Entity:
    """Make the API and what belongs to it."""
    document: Document = change.found["document"]
    asked = change.properties
    if asked.get("apiType"):  # write-only, and the same as `type`
        asked.setdefault("type", asked["apiType"])
    for name in INPUT_ONLY:
        asked.pop(name, None)
    _lay_under(asked, document, current=change.found["current"])
    entity = keep(change, fill(change))
    schema_id = _replace_schemas(change.cloud, entity, document)
    _replace_operations(change.cloud, entity, document, schema_id)
    return entity


def _lay_under(asked: JSON, document: Document, *, current: bool) -> None:
    """The request wins, except for the description (arm-wire 3.2).

    INFERRED: what all revisions share is not taken from a document that only another revision imports.
    """
    if current and document.description is not None:
        asked["description"] = document.description
    for name, value in (
        ("displayName", document.title[:300] or "API"),
        ("serviceUrl", document.server),
        ("protocols", document.protocols),
        ("contact", document.contact),
        ("license", document.license),
        ("termsOfServiceUrl", document.terms),
    ):
        if value is not None and (current or name not in SHARED):
            asked.setdefault(name, value)


def _replace_schemas(cloud: Cloud, api: Entity, document: Document) -> str:
    """A new schema entity with a new id on each import (arm-wire 3.2)."""
    for old in cloud.store.collection(f"{api.id}/schemas"):
        cloud.store.remove(old.id)
    if not document.schemas:
        return ""
    schemas: JSON = deepcopy(document.schemas)
    content: JSON = {"components": {"schemas": schemas}}
    if document.language != "openapi":
        content = {"definitions": schemas} if document.language == "swagger" else schemas
    id = cloud.ids.hex(24)
    body = {"contentType": _LANGUAGES[document.language], "document": content}
    cloud.store.put(
        Entity(f"{api.id}/schemas/{id}", f"{_API}/schemas", {"properties": body}, cloud.store.next_row())
    )
    return id


def _replace_operations(cloud: Cloud, api: Entity, document: Document, schema_id: str) -> None:
    """Update in place what matches by name, create the rest, delete what is left (arm-wire 3.2).

    The name is made of the operationId, or of method and path; a new operation of an API that has some already is
    named by method and path in any case (DOC-import).
    """
    old = {entity.name.lower(): entity for entity in cloud.store.collection(f"{api.id}/operations")}
    names = {id(each): old[each.name.lower()].name for each in document.operations if each.name.lower() in old}
    taken = {name.lower() for name in names.values()}
    policies: dict[int, Entity] = {}
    twins = _policies_by_signature(cloud, old.values())
    for planned in document.operations:
        if id(planned) not in names:
            names[id(planned)] = name = _free(planned.fallback if old else planned.name, taken)
            taken.add(name.lower())
            twin = twins.get(_signature(planned.properties))
            if twin is not None:
                policies[id(planned)] = twin
    for name, entity in old.items():
        if name not in taken:
            cloud.store.remove(entity.id)
    for planned in document.operations:
        entity = _keep_operation(cloud, api, planned, names[id(planned)], schema_id)
        if id(planned) in policies:
            _copy_policy(cloud, entity.id, policies[id(planned)])


def _keep_operation(cloud: Cloud, api: Entity, planned: Planned, name: str, schema_id: str) -> Entity:
    id = f"{api.id}/operations/{name}"
    properties = with_defaults(deepcopy(planned.properties))
    if schema_id:
        name_schema(properties, schema_id)
    entity = cloud.store.get(id) or Entity(id, f"{_API}/operations", {})
    entity.body, entity.etag = {"properties": properties}, cloud.store.next_row()
    entity.notes["tags"] = list(planned.tags)
    cloud.store.put(entity)
    for tag in planned.tags:
        _tag(cloud, entity, tag)
    return entity


def _tag(cloud: Cloud, operation: Entity, display_name: str) -> None:
    """Tags of the document become tags of the gateway, named as they are (arm-wire 3.2); spaces are no name."""
    service = service_of(operation.id)
    known = cloud.store.collection(f"{service}/tags")
    tag = next((each for each in known if each.properties["displayName"] == display_name), None)
    if tag is None:
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", display_name).strip("-")[:80] or "tag"
        name = _free(name, {each.name.lower() for each in known})
        body = {"properties": {"displayName": display_name}}
        tag = Entity(f"{service}/tags/{name}", "Microsoft.ApiManagement/service/tags", body, cloud.store.next_row())
        cloud.store.put(tag)
    cloud.store.put(Entity(f"{operation.id}/tags/{tag.name}", f"{_API}/operations/tags", {"properties": {}}))


def _free(name: str, taken: set[str]) -> str:
    """The name, or with the first free suffix from -1 to -999 (arm-wire 3.2)."""
    if name.lower() not in taken:
        return name
    return next(each for each in (f"{name}-{n}" for n in range(1, 1000)) if each.lower() not in taken)


def _policies_by_signature(cloud: Cloud, old: Iterable[Entity]) -> dict[tuple[str, str], Entity]:
    """The policies of the operations that were there; a new one with the same method and template inherits it."""
    found: dict[tuple[str, str], Entity] = {}
    for entity in old:
        policy = cloud.store.get(f"{entity.id}/policies/policy")
        if policy is not None:
            found.setdefault(_signature(entity.properties), policy)
    return found


def _signature(properties: JSON) -> tuple[str, str]:
    return properties["method"], properties["urlTemplate"]


def _copy_policy(cloud: Cloud, operation: str, source: Entity) -> None:
    copy = Entity(f"{operation}/policies/policy", source.type, deepcopy(source.body), cloud.store.next_row())
    copy.notes = deepcopy(source.notes)
    cloud.store.put(copy)
