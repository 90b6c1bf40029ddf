"""What a Swagger 2.0 document says in the words of OpenAPI 3, so that one reader reads both.

Only JSON (DOC-import). Of forms and of `produces` it says that they are not supported: a form is no body, and
responses are `application/json`.
"""

from copy import deepcopy
from typing import Any

from simulator.openapi import Document, Reading, read_checked
from simulator.openapi_fields import SWAGGER_2, need_known_fields
from simulator.openapi_references import need_targets
from simulator.openapi_shape import DOCUMENT, METHODS, need_shape, need_slashes
from simulator.openapi_text import NOT_2_0, Rejected

JSON = dict[str, Any]
_TO_3 = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
_OF_SCHEMAS = (
    "type", "format", "items", "default", "enum", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
    "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "multipleOf",
)  # fmt: skip


def read_swagger(source: JSON, reading: Reading) -> Document:
    """Read a document of version 2."""
    if str(source.get("swagger")) != "2.0":  # reported: Azure/azure-powershell#9122, pulumi/pulumi-azure#501
        raise Rejected("The Swagger version specified is unknown.")
    need_known_fields(source, SWAGGER_2, NOT_2_0)
    converted = _Conversion(source).document()
    need_shape(converted, DOCUMENT, specification=NOT_2_0)
    need_slashes(converted, NOT_2_0)
    need_targets(converted)
    document = read_checked(converted, reading)
    schemes = [each for each in source.get("schemes") or [] if each in {"http", "https", "ws", "wss"}]
    document.protocols = schemes or None  # seen in the .NET SDK's own recording SwaggerTest.json
    document.schemas = _renamed(document.schemas, {new: old for old, new in _TO_3.items()})
    document.language = "swagger"
    return document


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """A copy in which references begin otherwise."""
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    copy = {name: _renamed(part, names) for name, part in value.items()}
    reference = copy.get("$ref")
    if isinstance(reference, str):
        for old, new in names.items():
            if reference.startswith(old):
                copy["$ref"] = new + reference.removeprefix(old)
    return copy


class _Conversion:
    """One document on its way to version 3."""

    def __init__(self, source: JSON) -> None:
        self._source: JSON = _renamed(source, _TO_3)
        self._bodies: dict[str, JSON] = {}  # shared parameters that are bodies or form fields, by reference

    def document(self) -> JSON:
        source = self._source
        shared = {}
        for name, each in _object(source.get("parameters")).items():
            if _object(each).get("in") in {"body", "formData"}:
                self._bodies[f"#/components/parameters/{name}"] = each
            else:
                shared[name] = _parameter(each)
        responses = {name: self._response(each) for name, each in _object(source.get("responses")).items()}
        made: JSON = {
            "openapi": "3.0.1",
            "servers": self._servers(),
            "components": {
                "schemas": deepcopy(source.get("definitions") or {}),
                "parameters": shared,
                "responses": responses,
            },
        }
        made |= {name: source[name] for name in ("info",) if name in source}
        for name in ("paths", "x-ms-paths"):
            if name in source:
                made[name] = {path: self._path(path, item) for path, item in _object(source[name]).items()}
        return made

    def _servers(self) -> list[JSON]:
        """Scheme, host and base path in one; `x-servers` is the same as in version 3 (DOC-import)."""
        if isinstance(self._source.get("x-servers"), list):
            return list(self._source["x-servers"])
        host = self._source.get("host")
        base = str(self._source.get("basePath") or "")
        schemes = self._source.get("schemes") or ["https"]
        return [{"url": f"{scheme}://{host}{base}".rstrip("/")} for scheme in schemes] if host else []

    def _path(self, path: str, item: Any) -> Any:
        if not isinstance(item, dict):
            return item
        common = _list(item.get("parameters"))
        made: JSON = {"parameters": [_parameter(each) for each in common if not self._is_body(each)]}
        made |= {"$ref": item["$ref"]} if "$ref" in item else {}
        for method in METHODS:
            if method in item:
                made[method] = self._operation(item[method], common, f"paths['{path}'].{method}")
        return made

    def _is_body(self, parameter: Any) -> bool:
        return self._whole(parameter).get("in") in {"body", "formData"}

    def _whole(self, parameter: Any) -> JSON:
        found = _object(parameter)
        return self._bodies.get(str(found.get("$ref")), found)

    def _operation(self, source: Any, common: list[Any], where: str) -> Any:
        if not isinstance(source, dict):
            return source
        own = _list(source.get("parameters"))
        made: JSON = {
            name: source[name] for name in ("operationId", "summary", "description", "tags") if name in source
        }
        made["parameters"] = [_parameter(each) for each in own if not self._is_body(each)]
        bodies = [
            (position, whole)
            for position, whole in enumerate(self._whole(each) for each in [*own, *common])
            if whole.get("in") == "body"
        ]
        if len(bodies) > 1:
            position = bodies[1][0]
            raise Rejected(f"Operation can have only one body parameter. Path: {where}.parameters[{position}]")
        if bodies:
            types = source.get("consumes") or self._source.get("consumes") or ["application/json"]
            made["requestBody"] = self._body(bodies[0][1], types)
        made["responses"] = {code: self._response(each) for code, each in _object(source.get("responses")).items()}
        return made

    def _body(self, parameter: JSON, types: list[str]) -> JSON:
        schema = parameter.get("schema")
        content: JSON = {} if schema is None else {"schema": schema}
        if isinstance(schema, dict) and "example" in schema:
            content["example"] = schema["example"]
        described = {"description": parameter["description"]} if "description" in parameter else {}
        return {**described, "content": {type: deepcopy(content) for type in types}}

    def _response(self, source: Any) -> Any:
        if not isinstance(source, dict) or "$ref" in source:
            return source
        made: JSON = {name: source[name] for name in ("description",) if name in source}
        shown = _object(source.get("examples"))
        if "schema" in source or shown:
            content = {"schema": source["schema"]} if "schema" in source else {}
            content |= {"example": shown["application/json"]} if "application/json" in shown else {}
            made["content"] = {"application/json": content}
        if "headers" in source:
            headers = _object(source["headers"])
            made["headers"] = {name: _parameter(each) for name, each in headers.items()}
        return made


def _parameter(source: Any) -> Any:
    """What a parameter says of its values moves into its schema."""
    if not isinstance(source, dict) or "$ref" in source:
        return source
    made = {name: source[name] for name in ("name", "in", "description", "required") if name in source}
    return {**made, "schema": {name: source[name] for name in _OF_SCHEMAS if name in source}}


def _object(value: Any) -> JSON:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
