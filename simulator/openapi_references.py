"""Where the references of an OpenAPI document lead: to a part of the document, in a circle, or nowhere."""

from collections.abc import Iterator
from typing import Any

from simulator.bodies import Shape, problems
from simulator.openapi_text import NOT_3_0, Rejected

JSON = dict[str, Any]
SCHEMAS = "#/components/schemas/"
_DATA = {"example", "examples", "default", "enum", "const"}  # what stands there is no part of the description
_MAPS = {
    "properties",
    "patternProperties",
    "schemas",
    "paths",
    "responses",
    "headers",
    "content",
}  # names, not words
_HOPS = 10


def resolved(source: JSON, value: JSON, shape: Shape) -> JSON:
    """The part that a value stands for: itself, or what its reference leads to."""
    for _ in range(_HOPS):
        reference = value.get("$ref")
        if reference is None:
            return value
        value = target(source, reference)
        wrong = next(problems(shape, value, reference), None)
        if wrong is not None:
            raise Rejected(f"{wrong.message} Path: {wrong.path}", NOT_3_0)
    raise Rejected(f"A reference leads nowhere: {value.get('$ref')}", NOT_3_0)


def target(source: JSON, reference: str) -> JSON:
    """What stands where a reference points to; other files are not read (DOC-import)."""
    place: Any = source
    if not reference.startswith("#/"):
        raise Rejected(f"External references are not supported: {reference}")
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(place, dict) or name not in place:
            raise Rejected(f"The reference '{reference}' does not exist.", NOT_3_0)
        place = place[name]
    if not isinstance(place, dict):
        raise Rejected(f"The reference '{reference}' does not lead to an object.", NOT_3_0)
    return place


def need_targets(source: JSON) -> None:
    """Refuse a document with a reference that leads nowhere, wherever it stands."""
    for reference in {each for part in ("paths", "components") for each in references(source.get(part))}:
        target(source, reference)


def references(value: Any, *, names: bool = False) -> Iterator[str]:
    """All references in a part of a document, without those in examples and extensions."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name == "$ref" and isinstance(part, str):
                yield part
            elif names or (name not in _DATA and not name.startswith("x-")):
                yield from references(part, names=not names and name in _MAPS)


def recursive_schema(schemas: JSON) -> str | None:
    """The first schema that refers to itself, directly or through others."""
    leads = {
        name: {each.removeprefix(SCHEMAS) for each in references(schema) if each.startswith(SCHEMAS)}
        for name, schema in schemas.items()
    }
    return next((name for name in leads if name in _reachable(leads, name)), None)


def _reachable(leads: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [*leads[start]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += leads.get(name, ())
    return found
