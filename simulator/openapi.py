"""Which operations and schemas an OpenAPI 3 document describes, as API Management reads it.

Pure: data in, a `Document` out. Rules without a source are those of arm-wire 3.2 and desired-state 2.6.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from simulator.openapi_bodies import Bodies
from simulator.openapi_newer import as_3_0
from simulator.openapi_parts import fallback_name, operation_name, parameter, path_words, server_of, three
from simulator.openapi_references import need_targets, recursive_schema, resolved
from simulator.openapi_shape import DOCUMENT, METHODS, PARAMETER, PATH, SCHEMA, need_shape, need_slashes
from simulator.openapi_text import NOT_3_0, Rejected

JSON = dict[str, Any]
Parameters = dict[tuple[str, str], JSON]  # by place and name
_DISPLAY_LIMIT = 300
_DESCRIPTION_LIMIT = 1000
_PLACES = {"path", "query", "header", "cookie"}


@dataclass(frozen=True)
class Reading:
    """How a document is to be read: what the request asks for, and what the knobs say."""

    query_to_template: bool = True
    names: str = "documented"
    newer: str = "refused"
    recursion: str = "accepted"
    examples: str = "generated"
    source: str | None = None  # the URL it was found at


@dataclass
class Planned:
    """An operation to be: its name, the name it gets when it is new to an API that is not, its properties."""

    name: str
    fallback: str
    properties: JSON
    tags: list[str] = field(default_factory=list)


@dataclass
class Document:
    """What an import uses of a document."""

    title: str
    description: str | None = None
    server: str | None = None
    contact: JSON | None = None
    license: JSON | None = None
    terms: str | None = None
    protocols: list[str] | None = None
    operations: list[Planned] = field(default_factory=list)
    schemas: JSON = field(default_factory=dict)
    language: str = "openapi"  # what the schemas are written in: openapi, swagger or xsd


def read_openapi(source: JSON, reading: Reading) -> Document:
    """Read a document of version 3."""
    version = str(source.get("openapi") or "")
    if not re.match(r"3\.[01](\.|$)", version):
        raise Rejected(f"The version '{version}' is not an OpenAPI version.", NOT_3_0)
    source = as_3_0(source, convert=reading.newer == "converted")
    need_shape(source, DOCUMENT)
    need_slashes(source)
    need_targets(source)
    return read_checked(source, reading)


def read_checked(source: JSON, reading: Reading) -> Document:
    """Read a document that is known to have the shape of OpenAPI 3.0."""
    circle = recursive_schema((source.get("components") or {}).get("schemas") or {})
    if circle and reading.recursion == "refused":  # DOC-import; Foundry's own documents have such schemas
        raise Rejected(f"The schema '{circle}' refers to itself; recursive definitions are not supported.")
    return _Reader(source, reading).read()


@dataclass(frozen=True)
class _Place:
    """What all operations of a path have in common."""

    path: str
    template: str
    fixed: list[str]  # parts of its query
    declared: Parameters
    made: Parameters


class _Reader:
    """Reads one document."""

    def __init__(self, source: JSON, reading: Reading) -> None:
        self._source = source
        self._reading = reading
        self._bodies = Bodies(source, generated=reading.examples == "generated")
        self._names: set[str] = set()
        self._signatures: dict[str, int] = {}

    def read(self) -> Document:
        info = self._source["info"]
        urls = [each["url"] for each in self._source.get("servers") or []]
        document = Document(
            title=str(info.get("title") or ""),
            description=info.get("description"),
            server=server_of(urls, self._reading.source),
            contact=three(info.get("contact"), "name", "url", "email"),
            license=three(info.get("license"), "name", "url"),
            terms=info.get("termsOfService"),
        )
        for paths in ("paths", "x-ms-paths"):
            for path, item in (self._source.get(paths) or {}).items():
                if not path.startswith("x-"):
                    document.operations += self._path(path, resolved(self._source, item, PATH), paths)
        for signature, count in self._signatures.items():
            if count > 1:
                raise Rejected(
                    f"Importing API has duplicate signature operations: {count} operations with signature "
                    f"'{signature}'"
                )
        document.schemas = self._bodies.schemas
        return document

    def _path(self, path: str, item: JSON, paths: str) -> list[Planned]:
        """Only `x-ms-paths` tells operations apart by a fixed query in the path (DOC-import)."""
        template, _, query = path.partition("?")
        fixed = [each for each in query.split("&") if each and "{" not in each] if paths == "x-ms-paths" else []
        common = self._declared(item.get("parameters"), f"paths['{path}']")
        methods = [method for method in METHODS if isinstance(item.get(method), dict)]
        shared = {key: self._parameter(each, path, "operations") for key, each in common.items()} if methods else {}
        place = _Place(path, template, fixed, common, shared)
        return [self._operation(place, method, item[method]) for method in methods]

    def _operation(self, place: _Place, method: str, source: JSON) -> Planned:
        path, where = place.path, f"paths['{place.path}'].{method}"
        own = self._declared(source.get("parameters"), where)
        declared: Parameters = {**place.declared, **own}
        made: Parameters = {**place.made, **{key: self._parameter(each, path, method) for key, each in own.items()}}
        order = [key for key, each in declared.items() if key[0] == "path" or self._in_template(key[0], each)]
        rest = [key for key in declared if key not in order]
        self._need_names(place.template, order, where)
        query = [*place.fixed, *(f"{name}={{{name}}}" for kind, name in order if kind == "query")]
        url = place.template + (f"?{'&'.join(query)}" if query else "")
        self._sign(method, url)
        id, summary = source.get("operationId"), source.get("summary")
        fallback = fallback_name(method, path, self._reading.names)
        name = operation_name(id, self._reading.names) if id else fallback
        described = source.get("description") or summary or ""
        request = self._bodies.request(path, method, source)
        properties: JSON = {
            "displayName": (summary or id or f"{path} - {method.upper()}")[:_DISPLAY_LIMIT],
            "method": method.upper(),
            "urlTemplate": url,
            "templateParameters": [made[key] for key in order],
            "description": described[:_DESCRIPTION_LIMIT] or None,
            "request": {
                **request,
                "queryParameters": [made[key] for key in rest if key[0] == "query"],
                "headers": [made[key] for key in rest if key[0] == "header"],
            },
            "responses": list(self._bodies.responses(path, method, source)),
        }
        return Planned(self._unique(name or fallback), fallback, properties, list(source.get("tags") or []))

    def _in_template(self, place: str, declared: JSON) -> bool:
        return place == "query" and self._reading.query_to_template and bool(declared.get("required"))

    def _declared(self, parameters: list[JSON] | None, where: str) -> Parameters:
        """By place and name; parameters in cookies are not supported (DOC-import)."""
        found: Parameters = {}
        for each in parameters or []:
            declared = resolved(self._source, each, PARAMETER)
            if not isinstance(declared.get("name"), str) or declared.get("in") not in _PLACES:
                raise Rejected(f"A parameter has no name or no place. Path: {where}", NOT_3_0)
            if declared["in"] != "cookie":
                found[declared["in"], declared["name"]] = declared
        return found

    def _parameter(self, declared: JSON, path: str, method: str) -> JSON:
        schema = declared.get("schema") or {}
        name = self._bodies.type_of(schema, f"{path_words(path)}{method.capitalize()}Request") if schema else ""
        return parameter(declared, resolved(self._source, schema, SCHEMA), name)

    def _need_names(self, template: str, order: list[tuple[str, str]], where: str) -> None:
        """Parameters of the template are those of the path, each once, whatever the case (DOC-import).

        INFERRED: every brace has its partner.
        """
        if re.search("[{}]", re.sub(r"{[^{}]+}", "", template)):
            raise Rejected(f"The path has a brace without its partner, or nothing in between. Path: {where}")
        used = re.findall(r"{([^}]+)}", template)
        declared = [name for place, name in order if place == "path"]
        for name in used:
            if name not in declared:
                raise Rejected(
                    f"Declared path parameter '{name}' needs to be defined as a path parameter at either the path "
                    f"or operation level. Path: {where}"
                )
        for name in declared:
            if name not in used:
                raise Rejected(f"The path parameter '{name}' is not part of the URL template. Path: {where}")
        if len({name.lower() for _, name in order}) < len(order):
            raise Rejected(f"Template parameter names must be unique. Path: {where}")

    def _sign(self, method: str, url: str) -> None:
        signature = f"{method.upper()} {re.sub(r'{[^}]+}', '{}', url)}"
        self._signatures[signature] = self._signatures.get(signature, 0) + 1

    def _unique(self, name: str) -> str:
        candidates = (name, *(f"{name}-{n}" for n in range(1, 1000)))
        free = next((each for each in candidates if each.lower() not in self._names), None)
        if free is None:
            raise Rejected(f"More than 999 operations are named '{name}'.")
        self._names.add(free.lower())
        return free
