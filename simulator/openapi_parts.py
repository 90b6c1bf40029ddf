"""What becomes of the small parts of an OpenAPI document: names, parameters, servers, contacts.

Where a rule names no source it is that of operations which services of others showed after imports (published
exports of API Management as Bicep and Terraform, public code search, 2026-11).
"""

import json
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

JSON = dict[str, Any]
_NAME_LIMIT = 76
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


def operation_name(text: str, style: str) -> str:
    """The resource name made of an operationId: as documented, or with `_` and case kept."""
    if style == "documented":
        return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_NAME_LIMIT]
    return re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")[:_NAME_LIMIT]


def fallback_name(method: str, path: str, style: str) -> str:
    """The resource name of an operation without an operationId; always in lower case: `get-api-robbery_points`."""
    return operation_name(f"{method}-{path}".lower(), style)


def path_words(path: str) -> str:
    """How names of inline schemas begin: `/threads/{thread_id}/runs` is `Threads-thread_id-Runs`."""
    segments = path.partition("?")[0].split("/")
    return "".join(_NOT_IN_NAMES.sub("", re.sub(r"{([^}]*)}", r"-\1-", _capital(each))) for each in segments)


def type_words(content_type: str) -> str:
    """`application/json` is `ApplicationJson` in the names of inline schemas."""
    return "".join(_NOT_IN_NAMES.sub("", _capital(each)) for each in content_type.partition(";")[0].split("/"))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def name_schema(place: Any, schema_id: str) -> None:
    """Complete everything that names a type with the schema it is in."""
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


def parameter(source: JSON, schema: JSON, type_name: str = "") -> JSON:
    """A parameter with its schema resolved; key order of recordings 28 and 49; `required` only when true.

    The description is the parameter's own, not its schema's; a schema without a type gives an empty one.
    """
    described = source.get("description") or ""
    format = schema.get("format")
    if format and format != "uuid":
        described = f"Format - {format}. {described}".strip()
    made: JSON = {"name": source["name"]}
    if described:
        made["description"] = described
    made["type"] = schema.get("type", "" if schema else "string")
    default = schema.get("default")
    if default is not None:
        made["defaultValue"] = as_text(default)
    if source.get("required"):
        made["required"] = True
    made["values"] = [as_text(value) for value in schema.get("enum") or []]
    return made | ({"typeName": type_name} if type_name else {})


def as_text(value: Any) -> str:
    """A default or allowed value, which API Management keeps as text."""
    return value if isinstance(value, str) else json.dumps(value)


def given_examples(content: JSON) -> JSON:
    """The examples of a body; a single one is called `default` (recording 49)."""
    if "example" in content:
        return {"default": {"value": content["example"]}}
    several = content.get("examples") or {}
    return {name: dict(each) for name, each in several.items() if isinstance(each, dict) and "$ref" not in each}


def three(source: JSON | None, *names: str) -> JSON | None:
    """Contact and license are filled up with nulls (recordings 33, 44)."""
    return {name: source.get(name) for name in names} if source else None


def server_of(urls: list[str], source: str | None) -> str | None:
    """The first https server, else the first http one (recording 33), else none (DOC-import, revision of 2019).

    A relative URL counts from where the document was found, if that is known. Variables stay as they are.
    """
    absolute = [urljoin(source, each) if source and not urlsplit(each).scheme else each for each in urls]
    for scheme in ("https", "http"):
        for each in absolute:
            if each.lower().startswith(f"{scheme}://"):
                return each
    return None
