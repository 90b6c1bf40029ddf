"""What a part of an OpenAPI document says once its references are written out, each thing copied once."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import unquote

Document = Mapping[str, Any]

METHODS = ("delete", "get", "head", "options", "patch", "post", "put")  # the service has no `trace`
SCHEMAS = "#/components/schemas/"
UNREAD = re.compile(r"x-|(callbacks|links|trace)$")  # keys of nodes that the import passes over
LISTS = ("parameters", "servers", "enum")
MAPS = (*METHODS, "info", "requestBody", "schema", "paths", "responses", "content", "headers", "properties")
NAMES = ("paths", "responses", "content", "headers", "properties", "examples", "mapping")  # name -> node
DATA = ("example", "default", "enum", "const", "value")  # nothing in these is a reference
WRITER = json.JSONEncoder(ensure_ascii=False)


class DocumentRefused(ValueError):
    """The document cannot be imported as it is: what is wrong, where, how to mend it."""


class Copies:
    """Copies of a document's parts; what is referred to twice is one copy in two places, which nobody may change.

    So the work grows with the document and not with what it comes to written out, which a chain of references
    doubles with every link. A copy refers to component schemas only; circles of other references are refused.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._made: dict[tuple[int, str], tuple[object, Any]] = {}  # with what was copied: its id stays its own
        self._ends: dict[str, Document] = {}
        self._where: list[str] = []
        self._open: set[str] = set()
        self._found: list[str] = []

    def of(self, node: object, where: str, under: str = "") -> Any:
        """The copy of a node; `where` it is, for refusals; what it is `under`: one of NAMES, "data" or neither."""
        self._where, self._open = [where], set()
        return self._copy(node, under)

    def end(self, schema: Document, where: str) -> Document:
        """A schema, or a copy of the one that it leads to from reference to reference."""
        self._where, self._open = [where], set()
        while (reference := schema.get("$ref")) and reference not in self._ends:
            schema = self._copy(self._target(reference), "")
            self._open.add(reference)
            self._where.append(reference)
        schema = self._ends[reference] if reference else schema
        self._ends |= dict.fromkeys(self._open, schema)
        return schema

    def schemas(self, paths: object) -> dict[str, Any]:
        """The component schemas that these paths, written out, reach, by name."""
        schemas: dict[str, Any] = {}
        self._found, self._made = [], {}
        self.of(paths, "paths", "paths")
        while self._found:
            self._where, self._open = ["A schema"], set()
            self._target(reference := self._found.pop())
            root = "/".join(reference.split("/")[:4])
            if (name := unquote(root.removeprefix(SCHEMAS))) not in schemas:
                schemas[name] = self.of(self._target(root), f"The schema {name}")
        return schemas

    def _copy(self, node: object, under: str) -> Any:
        if node is None or isinstance(node, str | int | float):
            return node
        if isinstance(node, date):  # what YAML makes of 2024-10-21
            return node.isoformat()
        if not isinstance(node, Mapping | list):
            what = f"{self._place()} is a {type(node).__name__}"
            raise DocumentRefused(f"{what}, which JSON does not have; write it as text.")
        if (id(node), under) not in self._made:
            if isinstance(node, list):
                self._made[id(node), under] = node, [self._copy(each, under) for each in node]
            else:
                self._made[id(node), under] = node, self._mapping(node, under)
        return self._made[id(node), under][1]

    def _mapping(self, node: Document, under: str) -> Any:
        reference = "" if under else str(node.get("$ref") or "")
        if reference and not reference.startswith(SCHEMAS):
            target = self._target(reference)
            self._open.add(reference)
            self._where.append(reference)
            copy = self._copy(target, "")
            self._where.pop()
            self._open.discard(reference)
            return copy
        noted = node.values() if under == "mapping" else filter(None, [reference])
        self._found += [each if each.startswith("#") else f"{SCHEMAS}{each}" for each in map(str, noted)]
        copied: dict[str, Any] = {}
        for key, value in node.items():
            if under not in ("", "paths", "responses") or not UNREAD.match(str(key)):
                self._where.append(str(key))
                copied[str(key)] = self._copy(value, self._under(under, str(key), value))
                self._where.pop()
        return copied

    def _under(self, under: str, key: str, value: object) -> str:
        """How what is under a key is read; refused if it has another shape than OpenAPI gives it."""
        if not under and key in LISTS:
            good = isinstance(value, list) and (key == "enum" or all(isinstance(each, Mapping) for each in value))
        else:
            good = isinstance(value, Mapping) or not (under in NAMES[:4] or (not under and key in MAPS))
        if not good:
            raise DocumentRefused(f"{self._place()} is not what OpenAPI has there; make it one or more objects.")
        if under == "data" or (not under and key in DATA):
            return "data"
        return key if not under and key in NAMES else ""

    def _target(self, reference: str) -> Document:
        if not reference.startswith("#/") or reference in self._open:
            raise DocumentRefused(f"{self._place()} refers to {reference!r}, itself or another file; write it out.")
        node: Any = self._document
        for step in unquote(reference).split("/")[1:]:
            node = node.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping):
            raise DocumentRefused(f"{self._place()} refers to {reference!r}, which is not in the document; add it.")
        return node

    def _place(self) -> str:
        return " ".join(self._where)


def size(node: object) -> int:
    """The bytes of the shortest JSON of a node, found without writing it: what is in it twice is measured once."""
    return _size(node, {})


def _size(node: object, known: dict[int, int]) -> int:
    if not isinstance(node, dict | list):
        return len(WRITER.encode(node).encode())
    if id(node) not in known:
        total = 1 + max(len(node), 1)  # brackets and commas
        for each in node:
            total += _size(each, known) + (1 + _size(node[each], known) if isinstance(node, dict) else 0)
        known[id(node)] = total
    return known[id(node)]
