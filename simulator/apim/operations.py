"""How an operation of an API behaves, and what Azure adds to it."""

import re
from copy import deepcopy
from typing import Any

from simulator.apim.common import VERSIONS, api_of
from simulator.bodies import FLAG, TEXT, WHOLE, Anything, Fields, Items, Text, envelope
from simulator.errors import invalid
from simulator.ids import key
from simulator.kinds import Change, Kind, View, order_by_display_name
from simulator.store import Entity

JSON = dict[str, Any]
_EXAMPLES = Fields(
    others=Fields({"description": TEXT, "externalValue": TEXT, "summary": TEXT, "value": Anything()})
)
_PARAMETER = Fields(
    {
        "name": TEXT,
        "description": TEXT,
        "type": TEXT,
        "defaultValue": TEXT,
        "required": FLAG,
        "values": Items(TEXT),
        "examples": _EXAMPLES,
        "schemaId": TEXT,
        "typeName": TEXT,
    },
    ("name", "type"),
)
_REPRESENTATION = Fields(
    {
        "contentType": TEXT,
        "examples": _EXAMPLES,
        "formParameters": Items(_PARAMETER),
        "schemaId": TEXT,
        "typeName": TEXT,
    },
    ("contentType",),
)
_SHAPE = envelope(
    Fields(
        {
            "displayName": Text(1, 300),
            "description": Text(most=1000),
            "method": TEXT,
            "urlTemplate": Text(1, 1000),
            "policies": TEXT,
            "templateParameters": Items(_PARAMETER),
            "request": Fields(
                {
                    "description": TEXT,
                    "headers": Items(_PARAMETER),
                    "queryParameters": Items(_PARAMETER),
                    "representations": Items(_REPRESENTATION),
                }
            ),
            "responses": Items(
                Fields(
                    {
                        "statusCode": WHOLE,
                        "description": TEXT,
                        "headers": Items(_PARAMETER),
                        "representations": Items(_REPRESENTATION),
                    },
                    ("statusCode",),
                )
            ),
        },
        ("displayName", "method", "urlTemplate"),
    )
)


def with_defaults(source: JSON) -> JSON:
    """What Azure adds, in its order (recording 28)."""
    request = source.get("request") or {}
    described = {"description": request["description"]} if request.get("description") else {}
    return {
        "displayName": source["displayName"],
        "method": source["method"],
        "urlTemplate": source["urlTemplate"],
        "templateParameters": [_parameter(each) for each in source.get("templateParameters") or []],
        "description": source.get("description"),
        "request": {
            **described,
            "queryParameters": [_parameter(each) for each in request.get("queryParameters") or []],
            "headers": [_parameter(each) for each in request.get("headers") or []],
            "representations": deepcopy(request.get("representations") or []),
        },
        "responses": [_response(each) for each in source.get("responses") or []],
        "policies": None,
    }


def _parameter(source: JSON) -> JSON:
    names = ("name", "description", "type", "defaultValue", "required")
    kept = {name: source[name] for name in names if source.get(name) is not None}
    rest = {name: deepcopy(source[name]) for name in ("examples", "schemaId", "typeName") if source.get(name)}
    return {**kept, "values": list(source.get("values") or []), **rest}


def _response(source: JSON) -> JSON:
    described = {"description": source["description"]} if source.get("description") else {}
    return {
        "statusCode": source["statusCode"],
        **described,
        "representations": deepcopy(source.get("representations") or []),
        "headers": [_parameter(each) for each in source.get("headers") or []],
    }


def _fill(change: Change) -> JSON:
    source = change.merged()["properties"]
    if source.get("description") is None and change.cloud.knobs.operation_description == "display-name":
        source["description"] = source["displayName"]
    return {"properties": with_defaults(source)}


def _check(change: Change) -> None:
    properties = change.merged().get("properties", {})
    _check_template(properties)
    _check_schemas(change, properties)
    for other in change.cloud.store.collection(change.path.parent + "/operations"):
        same = other.properties["method"].upper() == properties["method"].upper() and (
            _shape_of(other.properties["urlTemplate"]) == _shape_of(properties["urlTemplate"])
        )
        if same and key(other.id) != key(change.path.text):
            message = f"Operation with the same METHOD and URL template already exists: '{other.name}'."
            raise invalid(("urlTemplate", message))


def _shape_of(template: str) -> str:
    return re.sub(r"{[^}]*}", "{}", template).rstrip("/").lower()


def _check_template(properties: JSON) -> None:
    """The parameters are those of the template, no more and no fewer (arm-wire 4)."""
    in_template = [name.lstrip("*") for name in re.findall(r"{([^}]+)}", properties["urlTemplate"])]
    declared = [each["name"].lstrip("*") for each in properties.get("templateParameters") or []]
    if sorted(in_template) != sorted(declared):
        message = (
            "All template parameters used in the UriTemplate must be defined in the Operation, and vice versa; "
            f"used: {', '.join(in_template) or 'none'}; defined: {', '.join(declared) or 'none'}."
        )
        raise invalid(("templateParameters", message))
    for each in properties.get("templateParameters") or []:
        default, values = each.get("defaultValue"), each.get("values")
        if default is not None and values and default not in values:
            raise invalid(("defaultValue", f"Default value '{default}' must be one of the values."))


def _check_schemas(change: Change, properties: JSON) -> None:
    request = properties.get("request") or {}
    holders = [request, *(properties.get("responses") or [])]
    for representation in (each for holder in holders for each in holder.get("representations") or []):
        schema = representation.get("schemaId")
        if schema and change.cloud.store.get(f"{change.path.parent}/schemas/{schema}") is None:
            raise invalid(("schemaId", "Operation references schema that does not exist."))


def _show(entity: Entity, view: View) -> JSON:
    """Lists leave an empty request out (recording 49)."""
    properties = deepcopy(entity.properties)
    request = properties["request"]
    if view.mode == "list" and not any(request.values()):
        del properties["request"]
    return {"id": entity.id, "type": OPERATION.type, "name": entity.name, "properties": properties}


OPERATION = Kind(
    type="Microsoft.ApiManagement/service/apis/operations",
    versions=VERSIONS,
    shape=_SHAPE,
    noun="Operation",
    fill=_fill,
    check=_check,
    show=_show,
    order=order_by_display_name,
    keeps_etag=None,
    locked_by=api_of,
)


def _show_schema(entity: Entity, view: View) -> JSON:
    """Lists leave the document out (arm-wire 3.2)."""
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
                "contentType": TEXT,
                "document": Fields({"value": TEXT, "components": Anything(), "definitions": Anything()}),
            },
            ("contentType", "document"),
        )
    ),
    noun="Schema",
    verbs=frozenset({"GET", "HEAD", "LIST", "DELETE"}),
    show=_show_schema,
    locked_by=api_of,
)
