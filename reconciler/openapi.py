"""An OpenAPI document -> the operations API Management makes of it; filter, substitute servers."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from reconciler.openapi_references import METHODS, Copies, Document, DocumentRefused, size

__all__ = [
    "METHODS",
    "Document",
    "DocumentRefused",
    "Operation",
    "TemplateParameter",
    "at",
    "described",
    "fingerprint",
    "operations",
    "prepare",
    "text",
]

BODILESS = ("get", "head", "options")  # the service discards their request bodies
NO_PARAMETERS = ("accept", "authorization", "content-type")  # headers OpenAPI has other places for
NAME, DISPLAY_NAME, DESCRIPTION, TEMPLATE, INLINE = 76, 300, 1000, 1000, 4_000_000  # what the service takes
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class TemplateParameter:
    """A parameter of an operation, as API Management shows it."""

    name: str
    type: str
    required: bool
    description: str
    values: tuple[str, ...]
    default: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as imported; `responses` lacks `default` and `4XX`: what becomes of them is undocumented."""

    name: str
    method: str
    url_template: str
    display_name: str
    description: str
    parameters: tuple[TemplateParameter, ...]
    query: tuple[TemplateParameter, ...]
    headers: tuple[TemplateParameter, ...]
    content_types: tuple[str, ...]
    responses: tuple[tuple[int, str], ...]


def operations(document: Document) -> tuple[Operation, ...]:
    """What API Management makes of the document, sorted by name."""
    return tuple(operation for operation, _ in _read(document))


def prepare(document: Document, *, service_url: str, keep: Collection[str] | None = None) -> dict[str, Any]:
    """The document as it is imported: only what is wanted, and nothing the service reads in two ways.

    The import ignores security schemes, and these say how the account is called, not the gateway: they go. Tags
    would become tags of the whole gateway. Of `components` the import takes schemas, so other references are
    written out. `endpoint` stays, though unused: OpenAPI wants a URL's variables declared, not the reverse.
    """
    read = _read(document)
    paths: dict[str, dict[str, Any]] = {}
    for operation, place in read:
        if keep is None or operation.name in keep:
            item = paths.setdefault(place.path, _fields(place.item, "parameters"))
            item[place.method] = {
                **_fields(place.operation, "deprecated", "parameters", "requestBody", "responses"),
                "description": operation.description,
                "operationId": operation.name,
                "summary": operation.display_name,
            }
    if not paths:
        raise DocumentRefused(f"No operation is wanted; choose from {', '.join(each.name for each, _ in read)}.")
    copies = Copies(document)
    head = copies.of(_fields(document, "openapi", "info"), "info")
    prepared = at({**head, "paths": paths, "components": {"schemas": copies.schemas(paths)}}, service_url)
    if (written := size(prepared)) > INLINE:
        raise DocumentRefused(f"The document has {written} bytes, where an import takes {INLINE}; keep less of it.")
    return prepared


def at(document: Document, service_url: str) -> dict[str, Any]:
    """A prepared document with another server; preparing it again would take far longer."""
    server = urlsplit(service_url)
    if server.scheme != "https" or not server.hostname or set("{}?#@ ") & set(service_url):
        raise DocumentRefused(f"The server {service_url!r} is not a plain https URL; use the account's endpoint.")
    return {**document, "servers": [{"url": service_url, "variables": {"endpoint": {"default": server.netloc}}}]}


def described(document: Document, description: str) -> dict[str, Any]:
    """The document with another `info.description`: on import it beats the description of the request."""
    return {**document, "info": {**document["info"], "description": description}}


def text(document: Document) -> str:
    """The document as it is sent: one text for one meaning."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(document: Document) -> str:
    """Twelve hex digits of all but `info.description`, where the mark is that carries them."""
    info = {key: value for key, value in document["info"].items() if key != "description"}
    return hashlib.sha256(text({**document, "info": info}).encode()).hexdigest()[:12]


class _Place(NamedTuple):
    """Where an operation is in the document, its references written out."""

    path: str
    method: str
    item: Document
    operation: Document

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def _read(document: Document) -> list[tuple[Operation, _Place]]:
    copies = Copies(document)
    read = [(_operation(copies, name, place), place) for name, place in _named(_places(document, copies))]
    seen: dict[str, _Place] = {}
    for operation, place in read:
        signature = PLACEHOLDER.sub("{}", f"{operation.method} {operation.url_template}").lower()
        if (other := seen.setdefault(signature, place)) is not place:
            raise DocumentRefused(f"{other} and {place} have one signature; change the path of one of them.")
    return read


def _places(document: Document, copies: Copies) -> list[_Place]:
    version = document.get("openapi", f"Swagger {document.get('swagger')}")
    if not re.fullmatch(r"3\.[01]\.\d+.*", str(version)):
        raise DocumentRefused(f"The document is {version}, not OpenAPI 3.0 or 3.1; convert it.")
    if "x-ms-paths" in document:
        raise DocumentRefused("The operations under `x-ms-paths` would be lost; move them to `paths`.")
    top = copies.of(_fields(document, "info", "servers", "paths"), "The document's")
    if not {"title", "version"} <= top.get("info", {}).keys():
        raise DocumentRefused("The document's `info` lacks a title or a version; add it.")
    urls = [str(server.get("url")).lower() for server in top.get("servers", ())]
    if any("://" in url for url in urls) and not any(url.startswith("https://") for url in urls):
        raise DocumentRefused(f"None of the document's servers is https ({', '.join(urls)}); name one that is.")
    items = sorted(top.get("paths", {}).items())
    places = [_Place(path, name, item, item[name]) for path, item in items for name in METHODS if name in item]
    if not places:
        raise DocumentRefused("The document has no paths with operations; add some.")
    return places


def _named(places: list[_Place]) -> list[tuple[str, _Place]]:
    """Every place under its operation's resource name, sorted; numbering never depends on the document's order."""
    taken: dict[str, _Place] = {}
    identified = [(_normalised(_said(place.operation.get("operationId"))), place) for place in places]
    for name, place in identified:
        if name and (other := taken.setdefault(name, place)) is not place:
            raise DocumentRefused(f"{other} and {place} have one operationId, {name!r}; change one of them.")
    numbered: dict[str, Iterator[str]] = {}
    for place in (place for name, place in identified if not name):
        name = _normalised(f"{place.method}-{place.path}")
        candidates = numbered.setdefault(name, _numbered(name))  # goes on where it was: all before are taken
        taken[next(candidate for candidate in candidates if candidate not in taken)] = place
    return sorted(taken.items())


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in count(1):
        yield name[: NAME - len(f"-{number}")].rstrip("-") + f"-{number}"


def _operation(copies: Copies, name: str, place: _Place) -> Operation:
    declared = _parameters(copies, place)
    required = [parameter for parameter in declared["query"].values() if parameter.required]
    placeholders = PLACEHOLDER.findall(place.path)
    if strays := set(placeholders) ^ set(declared["path"]):
        raise DocumentRefused(f"{place} has {min(strays)!r} not both in its path and declared; declare it there.")
    folded = [each.lower() for each in (*placeholders, *(parameter.name for parameter in required))]
    if len(set(folded)) < len(folded):
        raise DocumentRefused(f"{place} has a name twice in path and required query ({folded}); rename one.")
    rest = "&".join(f"{parameter.name}={{{parameter.name}}}" for parameter in required)
    url_template = f"{place.path}?{rest}" if rest else place.path
    if not re.fullmatch(r"/[^?#{}]*", PLACEHOLDER.sub("", place.path)) or len(url_template) > TEMPLATE:
        raise DocumentRefused(f"{place} has no good path; begin with a slash, have no query, be short.")
    body = place.operation.get("requestBody", {})
    if body.get("required") and place.method in BODILESS:
        raise DocumentRefused(f"{place} requires a body, which API Management discards; make it optional.")
    said = _said(place.operation.get("summary")) or _said(place.operation.get("operationId")) or name
    return Operation(
        name=name,
        method=place.method.upper(),
        url_template=url_template,
        display_name=said[:DISPLAY_NAME],
        description=(_said(place.operation.get("description")) or said)[:DESCRIPTION],  # as the import does
        parameters=(*(declared["path"][placeholder] for placeholder in placeholders), *required),
        query=tuple(parameter for parameter in declared["query"].values() if not parameter.required),
        headers=tuple(declared["header"].values()),
        content_types=() if place.method in BODILESS else tuple(sorted(body.get("content", ()))),
        responses=tuple(
            (int(status), _said(response.get("description")))
            for status, response in sorted(place.operation.get("responses", {}).items())
            if re.fullmatch(r"[1-5]\d\d", status)
        ),
    )


def _parameters(copies: Copies, place: _Place) -> dict[str, dict[str, TemplateParameter]]:
    """By location and name, the parameters of the path and of the operation, which win."""
    declared: dict[str, dict[str, TemplateParameter]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for found in (*place.item.get("parameters", ()), *place.operation.get("parameters", ())):
        name, location = _said(found.get("name")), _said(found.get("in"))
        if not name or location not in declared:
            raise DocumentRefused(f"{place} has a parameter {name!r} in {location!r}; mend its `name` or `in`.")
        schema = copies.end(found.get("schema", {}), f"{place} {name}")
        values = tuple(_said(value) for value in schema.get("enum", ()) if value is not None)
        default = None if schema.get("default") is None else _said(schema["default"])
        if values and default not in (None, *values):
            raise DocumentRefused(f"{place} has {name!r} default to {default!r}, not in its enum; correct it.")
        types = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
        kind = next((each for each in types if isinstance(each, str) and each != "null"), "string")
        required = location == "path" or found.get("required") is True
        about = _said(found.get("description")) or _said(schema.get("description"))
        if location != "header" or name.lower() not in NO_PARAMETERS:
            declared[location][name] = TemplateParameter(name, kind, required, about, values, default)
    return declared


def _fields(node: Document, *names: str) -> dict[str, Any]:
    return {name: node[name] for name in names if name in node}


def _said(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _normalised(identifier: str) -> str:
    """As the service documents it; trimmed again after the cut, so that doing it twice changes nothing."""
    return re.sub(r"[^a-z0-9]+", "-", identifier.lower()).strip("-")[:NAME].rstrip("-")
