"""What becomes of an OpenAPI 3.1 document, which is read as one of 3.0: the rest is refused or said in other words.

Documented is only that 3.1 can be imported (DOC-import). Reported is that lists of types, numeric exclusive bounds
and new fields are refused as mistakes of 3.0 (MicrosoftDocs/azure-docs#105288, #119506, #123982); schemas seen in
services later have `nullable`, and lack types where their documents probably had such lists: a knob, `openapi_3_1`.
"""

from collections.abc import Iterator
from typing import Any

from simulator.errors import not_modelled
from simulator.openapi_fields import OPENAPI_3_0, need_known_fields
from simulator.openapi_text import NOT_3_0, Rejected

JSON = dict[str, Any]
_NO_SCHEMAS = {  # what stands in these is no schema
    "example", "examples", "default", "enum", "const", "required", "discriminator", "xml", "externalDocs",
}  # fmt: skip
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_UNKNOWN = {  # what becomes of these nobody says
    "$id", "$schema", "$defs", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$comment", "if",
    "then", "else", "prefixItems", "contains", "minContains", "maxContains", "patternProperties",
    "propertyNames", "dependentSchemas", "dependentRequired", "unevaluatedItems", "unevaluatedProperties",
    "contentEncoding", "contentMediaType", "contentSchema",
}  # fmt: skip


def as_3_0(source: JSON, *, convert: bool) -> JSON:
    """A document of 3.0 or 3.1 as one of 3.0; it is left as it is itself."""
    if convert and str(source.get("openapi")).startswith("3.1"):
        source = _converted_document(source)
    else:
        for where, schema in _schemas(source):
            _need_3_0(where, schema)
    need_known_fields(source, OPENAPI_3_0)
    return source


def _need_3_0(where: str, schema: JSON) -> None:
    if isinstance(schema.get("type"), list):
        raise Rejected(f"Cannot create a scalar value from this type of node. [{where}/type]", NOT_3_0)
    for bound in _BOUNDS:
        if bound in schema and not isinstance(schema[bound], bool):
            raise Rejected(f"String was not recognized as a valid Boolean. [{where}/{bound}]", NOT_3_0)


def _converted_document(source: JSON) -> JSON:
    if "webhooks" in source:
        raise not_modelled("webhooks of OpenAPI 3.1 documents")
    copy: JSON = _copied(source)
    copy.pop("jsonSchemaDialect", None)
    copy.setdefault("paths", {})  # may be missing in 3.1
    info = copy.get("info")
    if isinstance(info, dict):
        info.pop("summary", None)
        if isinstance(info.get("license"), dict):
            info["license"].pop("identifier", None)
    for _, schema in _schemas(copy):
        _convert(schema)
    parts = copy.get("components")
    if isinstance(parts, dict) and "pathItems" in parts:
        copy["x-pathItems"] = parts.pop("pathItems")
        _redirect(copy["paths"])
    return copy


def _redirect(paths: Any) -> None:
    for item in paths.values() if isinstance(paths, dict) else []:
        if isinstance(item, dict) and str(item.get("$ref", "")).startswith("#/components/pathItems/"):
            item["$ref"] = str(item["$ref"]).replace("#/components/pathItems/", "#/x-pathItems/")


def _convert(schema: JSON) -> None:
    """In place: what 3.0 can say in other words."""
    strange = sorted(_UNKNOWN & set(schema))
    if strange:
        raise not_modelled(f"'{strange[0]}' in schemas of OpenAPI 3.1 documents")
    types = schema.get("type")
    if isinstance(types, list) or types == "null":
        given = types if isinstance(types, list) else [types]
        several = [each for each in given if each != "null"]
        del schema["type"]
        if len(several) == 1:
            schema["type"] = several[0]
        if "null" in given:
            schema["nullable"] = True
    for exclusive, bound in _BOUNDS.items():
        if exclusive in schema and not isinstance(schema[exclusive], bool):
            schema |= {bound: schema[exclusive], exclusive: True}
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    shown = schema.pop("examples", None)
    if isinstance(shown, list) and shown:
        schema.setdefault("example", shown[0])


def _schemas(source: JSON) -> Iterator[tuple[str, JSON]]:
    """Every schema of a document with its place, the outer ones first."""
    parts = source.get("components")
    named = parts.get("schemas") if isinstance(parts, dict) else None
    for name, schema in (named if isinstance(named, dict) else {}).items():
        yield from _with_inner(f"#/components/schemas/{name}", schema)
    for part in ("paths", "components"):
        yield from _below(f"#/{part}", source.get(part), skip="schemas" if part == "components" else "")


def _below(where: str, value: Any, skip: str = "") -> Iterator[tuple[str, JSON]]:
    if isinstance(value, list):
        for position, each in enumerate(value):
            yield from _below(f"{where}/{position}", each)
    elif isinstance(value, dict):
        for name, part in value.items():
            place = f"{where}/{name.replace('~', '~0').replace('/', '~1')}"
            if name == "schema":
                yield from _with_inner(place, part)
            elif name != skip and name not in _NO_SCHEMAS and not name.startswith("x-"):
                yield from _below(place, part)


def _with_inner(where: str, schema: Any) -> Iterator[tuple[str, JSON]]:
    if not isinstance(schema, dict):
        return
    yield where, schema
    for name in ("items", "not", "additionalProperties"):
        yield from _with_inner(f"{where}/{name}", schema.get(name))
    for name in ("allOf", "oneOf", "anyOf"):
        several = schema.get(name)
        for position, each in enumerate(several if isinstance(several, list) else []):
            yield from _with_inner(f"{where}/{name}/{position}", each)
    properties = schema.get("properties")
    for name, each in (properties if isinstance(properties, dict) else {}).items():
        yield from _with_inner(f"{where}/properties/{name}", each)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(part) for name, part in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value
