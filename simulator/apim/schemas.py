"""How the schemas of an API behave: those of an import, and those that somebody puts there."""

import json
from copy import deepcopy
from typing import Any

from simulator.apim.common import VERSIONS, api_of
from simulator.apim.operations import schema_holders
from simulator.apim.polls import child_answer
from simulator.bodies import TEXT, Anything, Fields, Text, envelope
from simulator.errors import apim, invalid
from simulator.kinds import Change, Kind, Later, View
from simulator.odata_filter import texts
from simulator.store import Entity
from simulator.writing import keep

JSON = dict[str, Any]
_SWAGGER = "application/vnd.ms-azure-apim.swagger.definitions+json"


def _check(change: Change) -> None:
    """A document says its content in one way (the SDK's SchemaContract)."""
    document = change.properties.get("document", {})
    if len(document) != 1:
        raise invalid(("document", "A schema document has exactly one of 'value', 'components' and 'definitions'."))
    if change.properties.get("contentType") == _SWAGGER and "value" in document:
        try:
            json.loads(document["value"])
        except ValueError as mistake:
            raise invalid(("document", f"The schema document is not valid JSON: {mistake}")) from mistake


def _fill(change: Change) -> JSON:
    """Swagger definitions are read, other documents stay as text (.NET SDK's recordings of schemas, 2022-08-01)."""
    source = change.merged()["properties"]
    document = deepcopy(source["document"])
    if source["contentType"] == _SWAGGER and "value" in document:
        document = {"definitions": json.loads(document["value"])}
    return {"properties": {"contentType": source["contentType"], "document": document}}


def _later(change: Change) -> Later:
    """A PUT takes time (SDK: begin_create_or_update; 202 at 2022-08-01 in .NET SDK's recordings)."""

    def finish() -> None:
        if change.cloud.store.get(change.path.parent) is None:
            raise apim(404, "ResourceNotFound", "Api not found.")
        change.before = change.cloud.store.get(change.path.text)
        keep(change, _fill(change))

    return Later(
        change.cloud.knobs.schema_time,
        change.cloud.ids.hex(24),
        finish,
        lambda operation, created: child_answer(change, operation, 201 if created else 200),
        locks=api_of(change.path) or "",
    )


def _check_delete(change: Change) -> None:
    """One that operations refer to goes only by force, which removes the references (SDK: api_schema.delete)."""
    operations = change.cloud.store.collection(f"{change.path.parent}/operations")
    users = [each for each in operations if _references(each, change.path.name)]
    if users and not change.asks_for("force"):
        message = f"Schema is in use by the operation '{users[0].name}'; delete it with force=true."
        raise apim(400, "ValidationError", message)
    for operation in users:
        for holder in _references(operation, change.path.name):
            holder.pop("schemaId")
            holder.pop("typeName", None)
        operation.etag = change.cloud.store.next_row()


def _references(operation: Entity, schema: str) -> list[JSON]:
    return [each for each in schema_holders(operation.properties) if each["schemaId"].lower() == schema.lower()]


def _show(entity: Entity, view: View) -> JSON:
    """Lists leave the document out (.NET SDK's recordings at 2022-08-01)."""
    properties = deepcopy(entity.properties)
    if view.mode == "list":
        properties.pop("document")
    return {"id": entity.id, "type": SCHEMA.type, "name": entity.name, "properties": properties}


SCHEMA = Kind(
    type="Microsoft.ApiManagement/service/apis/schemas",
    versions=VERSIONS,
    shape=envelope(
        Fields(
            {
                "contentType": Text(1),
                "document": Fields({"value": TEXT, "components": Anything(), "definitions": Anything()}),
            },
            ("contentType", "document"),
        )
    ),
    noun="Schema",
    verbs=frozenset({"GET", "HEAD", "LIST", "PUT", "DELETE"}),
    check=_check,
    fill=_fill,
    later=_later,
    show=_show,
    check_delete=_check_delete,
    keeps_etag=None,
    locked_by=api_of,
    filters=texts("contentType"),
)
