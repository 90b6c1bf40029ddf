"""What becomes of the small parts of an OpenAPI document: parameters, examples, type names, contacts."""

import json
import re
from typing import Any

JSON = dict[str, Any]


def name_schema(place: Any, schema_id: str) -> None:
    """Complete every representation that names a type with the schema it is in."""
    if isinstance(place, list):
        for item in place:
            name_schema(item, schema_id)
    elif isinstance(place, dict):
        if "typeName" in place:
            named = place.pop("typeName")
            place |= {"schemaId": schema_id, "typeName": named}
        for name, part in place.items():
            if name != "examples":
                name_schema(part, schema_id)


def parameter(source: JSON) -> JSON:
    """Key order of recordings 28 and 49; `required` only when true."""
    schema = source.get("schema") or {}
    described = source.get("description") or schema.get("description") or ""
    if schema.get("format"):
        described = f"Format - {schema['format']}. {described}".strip()
    parameter: JSON = {"name": source["name"]}
    if described:
        parameter["description"] = described
    parameter["type"] = schema.get("type") or "string"
    default = schema.get("default")
    if default is not None:
        parameter["defaultValue"] = as_text(default)
    if source.get("required"):
        parameter["required"] = True
    parameter["values"] = [as_text(value) for value in schema.get("enum") or []]
    return parameter


def as_text(value: Any) -> str:
    """A default or allowed value, which API Management keeps as text."""
    return value if isinstance(value, str) else json.dumps(value)


def examples(content: JSON) -> JSON:
    """The examples of a body; a single one is called `default` (recording 49)."""
    if "example" in content:
        return {"default": {"value": content["example"]}}
    given = content.get("examples") or {}
    return {name: dict(each) for name, each in given.items() if isinstance(each, dict) and "$ref" not in each}


def type_name(path: str, method: str, ending: str) -> str:
    """The made-up name of an inline schema."""
    words = "".join(part[:1].upper() + part[1:] for part in re.split(r"[/{}]+", path) if part)
    return f"{words}{method.capitalize()}{ending}"


def three(source: JSON | None, *names: str) -> JSON | None:
    """Contact and license are filled up with nulls (recordings 33, 44)."""
    return {name: source.get(name) for name in names} if source else None
