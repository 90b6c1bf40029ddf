"""What an import makes of an OpenAPI document: the API, its operations, schema and tags."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from simulator.apim.operations import with_defaults
from simulator.cloud import Cloud
from simulator.errors import invalid, not_modelled
from simulator.kinds import Change
from simulator.openapi import Document, Planned, Rejected, read_document
from simulator.openapi_parts import name_schema
from simulator.store import Entity
from simulator.writing import keep

JSON = dict[str, Any]
INPUT_ONLY = ("format", "value", "apiType", "translateRequiredQueryParameters", "wsdlSelector")
COMPONENTS = "application/vnd.oai.openapi.components+json"
_LIMIT = 4 * 1024 * 1024  # inline documents (arm-wire 3.2)
_OPERATION = "Microsoft.ApiManagement/service/apis/operations"
_SCHEMA = "Microsoft.ApiManagement/service/apis/schemas"


def check_import(change: Change) -> None:
    """Read the document; refuse it at once, or let the operation fail with it (a knob)."""
    properties = change.properties
    for name, other in (("format", "value"), ("value", "format")):
        if name not in properties:
            raise invalid((name, f"'{name}' must be given together with '{other}'."))
    if properties["format"] not in {"openapi", "openapi+json"}:
        raise not_modelled(f"imports of format '{properties['format']}'")
    if properties["format"] == "openapi" and not properties["value"].lstrip("\ufeff \t\r\n").startswith("{"):
        raise not_modelled("OpenAPI documents in YAML")
    if len(properties["value"].encode()) > _LIMIT:
        raise invalid(("value", "The size of the inline document exceeds the limit of 4 MB."))
    try:
        change.found["document"] = read_document(
            properties["value"],
            names=change.cloud.knobs.operation_names,
            query_to_template=properties.get("translateRequiredQueryParameters", "template") == "template",
        )
    except Rejected as rejected:
        refusal = invalid(("representation", f"Parsing error(s): {rejected}"))
        if change.cloud.knobs.import_refusal == "at-once" or change.quiet:
            raise refusal from rejected
        change.found |= {"document": None, "refusal": refusal}


def carry_out(change: Change, fill: Callable[[Change], JSON]) -> Entity:
    """Make the API and what belongs to it."""
    document: Document = change.found["document"]
    asked = change.properties
    for name in INPUT_ONLY:
        asked.pop(name, None)
    _lay_under(asked, document)
    entity = keep(change, fill(change))
    cloud = change.cloud
    schema_id = _replace_schemas(cloud, entity, document)
    _replace_operations(cloud, entity, document, schema_id)
    return entity


def _lay_under(asked: JSON, document: Document) -> None:
    """The request wins, except for the description (arm-wire 3.2)."""
    asked.setdefault("displayName", document.title[:300] or "API")
    if document.description is not None:
        asked["description"] = document.description
    if document.server is not None:
        asked.setdefault("serviceUrl", document.server)
    for name, value in (
        ("contact", document.contact),
        ("license", document.license),
        ("termsOfServiceUrl", document.terms),
    ):
        if value is not None:
            asked.setdefault(name, value)


def _replace_schemas(cloud: Cloud, api: Entity, document: Document) -> str:
    """A new schema entity with a new id on each import (arm-wire 3.2)."""
    for old in cloud.store.collection(f"{api.id}/schemas"):
        cloud.store.remove(old.id)
    if not document.schemas:
        return ""
    id = cloud.ids.hex(24)
    body = {"contentType": COMPONENTS, "document": {"components": {"schemas": deepcopy(document.schemas)}}}
    cloud.store.put(Entity(f"{api.id}/schemas/{id}", _SCHEMA, {"properties": body}, cloud.store.next_row()))
    return id


def _replace_operations(cloud: Cloud, api: Entity, document: Document, schema_id: str) -> None:
    """Update in place what matches by operationId, create the rest, delete what is left (arm-wire 3.2)."""
    old = {entity.name.lower(): entity for entity in cloud.store.collection(f"{api.id}/operations")}
    fresh = not old
    taken: set[str] = set()
    kept: list[tuple[Planned, str, Entity | None]] = []
    for planned in document.operations:
        if planned.named and planned.name.lower() in old:
            kept.append((planned, old[planned.name.lower()].name, None))
            taken.add(planned.name.lower())
    for planned in document.operations:
        if planned.named and planned.name.lower() in old:
            continue
        wanted = planned.name if fresh else planned.fallback
        name = _free(wanted, taken)
        taken.add(name.lower())
        kept.append((planned, name, _policy_of_twin(cloud, old.values(), planned)))
    for name, entity in old.items():
        if name not in taken or name not in {each.lower() for _, each, _ in kept}:
            cloud.store.remove(entity.id)
    for planned, name, policy in kept:
        _keep_operation(cloud, api, planned, name, schema_id)
        if policy is not None:
            _copy_policy(cloud, f"{api.id}/operations/{name}", policy)


def _keep_operation(cloud: Cloud, api: Entity, planned: Planned, name: str, schema_id: str) -> None:
    id = f"{api.id}/operations/{name}"
    properties = with_defaults(deepcopy(planned.properties))
    if schema_id:
        name_schema(properties, schema_id)
    entity = cloud.store.get(id) or Entity(id, _OPERATION, {})
    entity.body, entity.etag = {"properties": properties}, cloud.store.next_row()
    entity.notes["tags"] = list(planned.tags)
    cloud.store.put(entity)
    for tag in planned.tags:
        _tag(cloud, entity, tag)


def _tag(cloud: Cloud, operation: Entity, display_name: str) -> None:
    """Tags of the document become tags of the gateway (arm-wire 3.2)."""
    service = "/".join(operation.id.split("/")[:9])
    known = cloud.store.collection(f"{service}/tags")
    tag = next((each for each in known if each.properties["displayName"] == display_name), None)
    if tag is None:
        name = _free("-".join(display_name.lower().split()) or "tag", {each.name.lower() for each in known})
        body = {"properties": {"displayName": display_name}}
        tag = Entity(f"{service}/tags/{name}", "Microsoft.ApiManagement/service/tags", body, cloud.store.next_row())
        cloud.store.put(tag)
    link = Entity(f"{operation.id}/tags/{tag.name}", f"{_OPERATION}/tags", {"properties": {}})
    cloud.store.put(link)


def _free(name: str, taken: set[str]) -> str:
    """The name, or with the first free suffix from -1 to -999 (arm-wire 3.2)."""
    if name.lower() not in taken:
        return name
    return next(each for each in (f"{name}-{n}" for n in range(1, 1000)) if each.lower() not in taken)


def _policy_of_twin(cloud: Cloud, old: Iterable[Entity], planned: Planned) -> Entity | None:
    """The policy of an operation with the same method and template, which a new one inherits."""
    for entity in old:
        same = (entity.properties["method"], entity.properties["urlTemplate"]) == (
            planned.properties["method"],
            planned.properties["urlTemplate"],
        )
        policy = cloud.store.get(f"{entity.id}/policies/policy") if same else None
        if policy is not None:
            return policy
    return None


def _copy_policy(cloud: Cloud, operation: str, source: Entity) -> None:
    copy = Entity(f"{operation}/policies/policy", source.type, deepcopy(source.body), cloud.store.next_row())
    copy.notes = deepcopy(source.notes)
    cloud.store.put(copy)
