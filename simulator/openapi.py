"""Which operations, parameters and schemas an OpenAPI document describes, as API Management reads it.

Pure: text in, a `Document` out. The rules are those of arm-wire 3.2 and desired-state 2.6.
"""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from simulator.bodies import Shape, problems
from simulator.errors import not_modelled
from simulator.openapi_parts import examples, parameter, three, type_name
from simulator.openapi_shape import BODY, DOCUMENT, HEADER, METHODS, PARAMETER, RESPONSE, SCHEMA

JSON = dict[str, Any]
_BODILESS = {"get", "head", "options"}
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
_NAME_LIMIT = 76
_DISPLAY_LIMIT = 300
_DESCRIPTION_LIMIT = 1000


class Rejected(Exception):  # a verdict about a document
    """API Management does not take this document."""


@dataclass
class Planned:
    """An operation to be: its name, the name it gets when it is new to an API that is not, its properties."""

    name: str
    fallback: str
    named: bool
    properties: JSON
    tags: list[str]


@dataclass
class Document:
    """What an import uses of a document."""

    title: str
    description: str | None
    server: str | None
    contact: JSON | None
    license: JSON | None
    terms: str | None
    operations: list[Planned] = field(default_factory=list)
    schemas: JSON = field(default_factory=dict)


def read_document(text: str, *, names: str, query_to_template: bool) -> Document:
    """Read an OpenAPI 3.0 document in JSON."""
    try:
        source = json.loads(text.lstrip("\ufeff"))
    except ValueError as mistake:
        raise Rejected(f"The document is not valid JSON: {mistake}") from mistake
    if not isinstance(source, dict):
        raise Rejected("The document is not an OpenAPI document.")
    _need_version(source)
    _need_shape(source, DOCUMENT, "")
    return _Reader(source, names=names, query_to_template=query_to_template).read(source["info"])


def _need_shape(value: Any, shape: Shape, where: str) -> None:
    wrong = next(problems(shape, value, where), None)
    if wrong is not None:
        raise Rejected(f"{wrong.message} Path: {wrong.path}")


def _need_version(source: JSON) -> None:
    version = str(source.get("openapi") or source.get("swagger") or "")
    if version.startswith("3.1"):
        raise not_modelled("imports of OpenAPI 3.1 documents")
    if version.startswith("2."):
        raise not_modelled("imports of Swagger 2.0 documents")
    if not version.startswith("3.0"):
        raise Rejected(f"The version '{version}' is not an OpenAPI version.")


def operation_name(text: str, style: str) -> str:
    """The resource name made of an operationId: as documented, or with `_` and case kept."""
    if style == "documented":
        return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_NAME_LIMIT]
    return re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")[:_NAME_LIMIT]


class _Reader:
    """Reads one document; collects the schemas as it goes."""

    def __init__(self, source: JSON, *, names: str, query_to_template: bool) -> None:
        self._source = source
        self._style = names
        self._query_to_template = query_to_template
        self._schemas: JSON = deepcopy((source.get("components") or {}).get("schemas") or {})
        self._names: set[str] = set()
        self._signatures: dict[str, int] = {}

    def read(self, info: JSON) -> Document:
        servers = self._source.get("servers") or []
        document = Document(
            title=str(info.get("title") or ""),
            description=info.get("description"),
            server=servers[0].get("url") if servers else None,
            contact=three(info.get("contact"), "name", "url", "email"),
            license=three(info.get("license"), "name", "url"),
            terms=info.get("termsOfService"),
        )
        for path, item in self._source["paths"].items():
            for method in METHODS:
                if method in item:
                    document.operations.append(self._operation(path, method, item))
        for signature, count in self._signatures.items():
            if count > 1:
                raise Rejected(
                    f"Importing API has duplicate signature operations: {count} operations with signature "
                    f"'{signature}'"
                )
        document.schemas = self._schemas
        return document

    def _operation(self, path: str, method: str, item: JSON) -> Planned:
        source = item[method]
        where = f"paths['{path}'].{method}"
        parameters = self._parameters(item, source, where)
        template = self._template(path, method, parameters)
        id = source.get("operationId")
        fallback = operation_name(f"{method}-{path}", "documented")
        properties: JSON = {
            "displayName": (source.get("summary") or id or f"{method.upper()} {path}")[:_DISPLAY_LIMIT],
            "method": method.upper(),
            "urlTemplate": template,
            "templateParameters": [
                parameter(each)
                for each in parameters
                if each["in"] == "path" or (each["in"] == "query" and self._in_template(each))
            ],
            "description": (source.get("description") or "")[:_DESCRIPTION_LIMIT] or None,
            "request": self._request(path, method, source, parameters),
            "responses": list(self._responses(path, method, source)),
        }
        wanted = operation_name(id, self._style) if id else fallback
        return Planned(self._unique(wanted), fallback, bool(id), properties, list(source.get("tags") or []))

    def _in_template(self, declared: JSON) -> bool:
        return self._query_to_template and bool(declared.get("required"))

    def _template(self, path: str, method: str, parameters: list[JSON]) -> str:
        declared = {each["name"] for each in parameters if each["in"] == "path"}
        for name in re.findall(r"{([^}]+)}", path):
            if name not in declared:
                raise Rejected(
                    f"Declared path parameter '{name}' needs to be defined as a path parameter at either the path "
                    f"or operation level. Path: paths['{path}'].{method}"
                )
        query = [each["name"] for each in parameters if each["in"] == "query" and self._in_template(each)]
        if declared & set(query):
            raise Rejected(f"Template parameter names must be unique. Path: paths['{path}'].{method}")
        signature = f"{method.upper()} {re.sub(r'{[^}]+}', '{}', path)}"
        self._signatures[signature] = self._signatures.get(signature, 0) + 1
        return path + ("?" + "&".join(f"{name}={{{name}}}" for name in query) if query else "")

    def _unique(self, name: str) -> str:
        candidates = (name, *(f"{name}-{n}" for n in range(1, 1000)))
        free = next((each for each in candidates if each.lower() not in self._names), None)
        if free is None:
            raise Rejected(f"More than 999 operations are named '{name}'.")
        self._names.add(free.lower())
        return free

    def _parameters(self, item: JSON, source: JSON, where: str) -> list[JSON]:
        """Of the path and of the operation, which wins; without cookies."""
        found: dict[tuple[str, str], JSON] = {}
        for each in [*(item.get("parameters") or []), *(source.get("parameters") or [])]:
            declared = self._resolved(each, PARAMETER)
            if not isinstance(declared.get("name"), str) or declared.get("in") not in {
                "path", "query", "header", "cookie",
            }:  # fmt: skip
                raise Rejected(f"A parameter has no name or no place. Path: {where}")
            found[declared["in"], declared["name"]] = declared
        return [each for each in found.values() if each["in"] != "cookie"]

    def _resolved(self, value: JSON, shape: Shape) -> JSON:
        for _ in range(10):
            reference = value.get("$ref")
            if reference is None:
                return value
            value = self._target(reference)
            _need_shape(value, shape, reference)
        raise Rejected(f"A reference leads nowhere: {value.get('$ref')}")

    def _target(self, reference: str) -> JSON:
        place: Any = self._source
        if not reference.startswith("#/"):
            raise Rejected(f"External references are not supported: {reference}")
        for part in reference[2:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(place, dict) or name not in place:
                raise Rejected(f"The reference '{reference}' does not exist.")
            place = place[name]
        found: JSON = place
        return found

    def _request(self, path: str, method: str, source: JSON, parameters: list[JSON]) -> JSON:
        request: JSON = {
            "queryParameters": [
                parameter(each) for each in parameters if each["in"] == "query" and not self._in_template(each)
            ],
            "headers": [parameter(each) for each in parameters if each["in"] == "header"],
            "representations": [],
        }
        body = source.get("requestBody")
        if body and method not in _BODILESS:
            resolved = self._resolved(body, BODY)
            if resolved.get("description"):
                request = {"description": resolved["description"], **request}
            name = type_name(path, method, "Request")
            request["representations"] = list(self._representations(resolved, name))
        return request

    def _responses(self, path: str, method: str, source: JSON) -> Iterator[JSON]:
        """By number; `default` has no place in the entity."""
        for code, each in (source.get("responses") or {}).items():
            if not str(code).isdigit():
                continue
            response = self._resolved(each, RESPONSE)
            name = type_name(path, method, f"{code}ApplicationJsonResponse")
            answer: JSON = {"statusCode": int(code)}
            if response.get("description"):
                answer["description"] = response["description"]
            answer["representations"] = list(self._representations(response, name))
            answer["headers"] = [
                parameter({"name": header, **self._resolved(described, HEADER)})
                for header, described in (response.get("headers") or {}).items()
            ]
            yield answer

    def _representations(self, holder: JSON, name: str) -> Iterator[JSON]:
        for content_type, content in (holder.get("content") or {}).items():
            representation: JSON = {"contentType": content_type}
            shown = examples(content)
            if shown:
                representation["examples"] = shown
            schema = content.get("schema")
            if schema and content_type in _FORMS:  # no schema for forms (arm-wire 4)
                representation["formParameters"] = self._form(schema)
            elif schema:
                representation["typeName"] = self._type_of(schema, name)
            yield representation

    def _form(self, schema: JSON) -> list[JSON]:
        resolved = self._resolved(schema, SCHEMA)
        required = set(resolved.get("required") or [])
        return [
            parameter({"name": name, "required": name in required, "schema": self._resolved(each, SCHEMA)})
            for name, each in (resolved.get("properties") or {}).items()
        ]

    def _type_of(self, schema: JSON, name: str) -> str:
        """The name of a schema; an inline one is hoisted under a made-up name."""
        reference = schema.get("$ref", "")
        if reference:
            self._target(reference)
            return str(reference).rsplit("/", 1)[-1]
        self._schemas[name] = deepcopy(schema)
        return name
