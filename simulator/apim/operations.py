"""How an operation of an API behaves, and what Azure adds to it."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from simulator.apim.common import VERSIONS, api_of
from simulator.bodies import FLAG, TEXT, Anything, Fields, Items, Text, Whole, envelope
from simulator.errors import invalid, not_modelled
from simulator.fast_json import copied
from simulator.ids import key
from simulator.kinds import Change, Kind, View, order_by_display_name
from simulator.odata_filter import texts
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
        "generatedSample": TEXT,
        "sample": TEXT,
    },
    ("contentType",),
)
_SAMPLES = ("generatedSample", "sample")  # only Azure sets them, in an import (recording 49, .NET SDK's recordings)
_METHOD = Text(pattern=r"^[0-9A-Za-z!#$%&'*+.^_`|~-]+\Z")  # INFERRED: any token of HTTP (RFC 9110, 9.1)
_STATUS = Whole(100, 999)  # INFERRED: three digits (RFC 9110, 15)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_SHAPE = envelope(
    Fields(
        {
            "displayName": Text(1, 300),
            "description": Text(most=1000),
            "method": _METHOD,
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
                        "statusCode": _STATUS,
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
            "representations": [_representation(each) for each in request.get("representations") or []],
        },
        "responses": [_response(each) for each in source.get("responses") or []],
        "policies": None,
    }


def _parameter(source: JSON) -> JSON:
    names = ("name", "description", "type", "defaultValue", "required")
    kept = {name: source[name] for name in names if source.get(name) is not None}
    rest = {name: source[name] for name in ("schemaId", "typeName") if source.get(name)}
    return {**kept, "values": list(source.get("values") or []), **_examples(source), **rest}


def _examples(source: JSON) -> JSON:
    names = ("summary", "description", "value", "externalValue")  # in the order of .NET SDK's recordings
    examples = source.get("examples") or {}
    ordered = {
        key: {name: deepcopy(each[name]) for name in names if name in each} for key, each in examples.items()
    }
    return {"examples": ordered} if ordered else {}


def _representation(source: JSON) -> JSON:
    form = [_parameter(each) for each in source.get("formParameters") or []]
    return {
        "contentType": source["contentType"],
        **({"formParameters": form} if form else {}),
        **_examples(source),
        **{name: source[name] for name in ("schemaId", "typeName", *_SAMPLES) if source.get(name) is not None},
    }


def _response(source: JSON) -> JSON:
    described = {"description": source["description"]} if source.get("description") else {}
    return {
        "statusCode": source["statusCode"],
        **described,
        "representations": [_representation(each) for each in source.get("representations") or []],
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
    _check_parameters(properties)
    _check_schemas(change, properties)
    _check_representations(change)
    if change.properties.get("policies"):
        raise not_modelled("policies given together with their operation")
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
    if re.search("[{}]", re.sub(r"{[^{}]+}", "", properties["urlTemplate"])):  # INFERRED
        raise invalid(("urlTemplate", "The UriTemplate has a brace without its partner, or nothing in between."))
    in_template = [name.lstrip("*") for name in re.findall(r"{([^}]+)}", properties["urlTemplate"])]
    declared = [each["name"].lstrip("*") for each in properties.get("templateParameters") or []]
    if len(set(in_template)) < len(in_template):
        raise invalid(("urlTemplate", "A parameter is used twice in the UriTemplate."))
    if sorted(in_template) != sorted(declared):
        message = (  # Azure/azure-sdk-for-net#35802
            "All template parameters used in the UriTemplate must be defined in the Operation "
            f"'{properties['displayName']}', and vice-versa."
        )
        raise invalid(("", message))


def _check_parameters(properties: JSON) -> None:
    """A default is one of the values, where there are any (arm-wire 4).

    INFERRED: a query parameter is told of once, and so is a status code.
    """
    request = properties.get("request") or {}
    for field, what, names in (
        ("queryParameters", "Query parameter", [each["name"] for each in request.get("queryParameters") or []]),
        ("responses", "Response", [each["statusCode"] for each in properties.get("responses") or []]),
    ):
        twice = next((name for position, name in enumerate(names) if name in names[:position]), None)
        if twice is not None:
            raise invalid((field, f"{what} '{twice}' is defined more than once."))
    parameters = [
        *(properties.get("templateParameters") or []),
        *(request.get("queryParameters") or []),
        *(request.get("headers") or []),
        *(header for response in properties.get("responses") or [] for header in response.get("headers") or []),
    ]
    for each in parameters:
        default, values = each.get("defaultValue"), each.get("values")
        if default is not None and values and default not in values:
            raise invalid(("defaultValue", f"Default value '{default}' must be one of the values."))


def _check_schemas(change: Change, properties: JSON) -> None:
    for holder in schema_holders(properties):
        if change.cloud.store.get(f"{change.path.parent}/schemas/{holder['schemaId']}") is None:
            raise invalid(("schemaId", "Operation references schema that does not exist."))


def schema_holders(part: Any) -> Iterator[JSON]:
    """The parameters and representations of an operation that name a schema."""
    if isinstance(part, dict):
        if part.get("schemaId"):
            yield part
        for name, each in part.items():
            if name != "examples":
                yield from schema_holders(each)
    elif isinstance(part, list):
        for each in part:
            yield from schema_holders(each)


def _check_representations(change: Change) -> None:
    """Forms have parameters instead of a schema (SDK's RepresentationContract); samples are Azure's own."""
    holders = [change.properties.get("request") or {}, *(change.properties.get("responses") or [])]
    for each in (each for holder in holders for each in holder.get("representations") or []):
        own = [name for name in _SAMPLES if name in each]
        if own and not change.quiet:
            raise invalid((own[0], f"Could not find member '{own[0]}' on object of this type."))
        if each["contentType"].lower() in _FORMS and ("schemaId" in each or "typeName" in each):
            raise invalid(("schemaId", f"A representation of '{each['contentType']}' cannot have a schema."))


def _show(entity: Entity, view: View) -> JSON:
    """Lists leave an empty request out (recording 49)."""
    properties = copied(entity.properties)
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
    filters=texts("name", "displayName", "method", "description", "urlTemplate"),
    not_modelled_queries=frozenset({"tags"}),
)
