"""Bicep files as the tests see them: declarations, and values worked out for given parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_bicep.language()))
_KINDS = {
    "parameter_declaration": "param",
    "variable_declaration": "var",
    "resource_declaration": "resource",
    "module_declaration": "module",
    "output_declaration": "output",
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """One `param`, `var`, `resource`, `module` or `output`."""

    kind: str
    name: str
    node: Node

    @property
    def label(self) -> str:
        """The quoted word after the name: a resource's type and version, a module's path."""
        return str(evaluate(next(child for child in self.node.children if child.type == "string"), {}))

    @property
    def existing(self) -> bool:
        """Whether the resource is only referred to."""
        return any(child.type == "existing" for child in self.node.children)

    @property
    def value(self) -> Node | None:
        """The default of a parameter, the value of anything else; None for a parameter without a default."""
        types = [child.type for child in self.node.children]
        return self.node.children[types.index("=") + 1] if "=" in types else None

    @property
    def body(self) -> Node:
        """The braces of a resource or module, without the loop or condition around them."""
        node = self.value
        while node is not None and node.type != "object":
            inner = [child for child in node.children if child.type in {"object", "for_statement", "if_statement"}]
            node = inner[-1] if inner else None
        if node is None:
            raise ValueError(f"{self.name} has no body")
        return node

    @property
    def loop_names(self) -> set[str]:
        """The names a loop around the body brings in."""
        if self.value is None or self.value.type != "for_statement":
            return set()
        return set(re.findall(r"\w+", _text(self.value).partition(" in ")[0])) - {"for"}


@dataclass(frozen=True, slots=True)
class Bicep:
    """One parsed file."""

    source: str
    root: Node
    declarations: tuple[Declaration, ...]

    def of(self, kind: str) -> dict[str, Declaration]:
        """The declarations of one kind, by name."""
        return {each.name: each for each in self.declarations if each.kind == kind}

    @property
    def target(self) -> str:
        """What the file is deployed to."""
        found = re.search(r"^targetScope = '(\w+)'$", self.source, re.MULTILINE)
        return found[1] if found else "resourceGroup"

    def names(self, **given: Any) -> dict[str, Any]:
        """What every parameter and variable is worth when these parameters are given."""
        known: dict[str, Any] = dict(given)
        for each in self.declarations:
            if each.kind in {"param", "var"} and each.name not in known and each.value is not None:
                known[each.name] = evaluate(each.value, known)
        return known


def read(source: str) -> Bicep:
    """Parses one file; a syntax error is a ValueError with its line."""
    root = _PARSER.parse(source.encode()).root_node
    for node in walk(root):
        if node.type == "ERROR" or node.is_missing:
            raise ValueError(f"line {node.start_point[0] + 1}: not Bicep: {_text(node)[:60]!r}")
    declarations = tuple(
        Declaration(_KINDS[node.type], _text(node.children[1]), node) for node in walk(root) if node.type in _KINDS
    )
    return Bicep(source, root, declarations)


def read_file(path: Path) -> Bicep:
    """Parses one file on disk."""
    return read(path.read_text("utf-8"))


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    yield node
    for child in node.children:
        yield from walk(child)


def references(node: Node) -> Iterator[tuple[str, int]]:
    """The symbols an expression refers to, each with its line."""
    if node.type in {"decorators", "type"}:
        return
    if node.type == "identifier":
        yield _text(node), node.start_point[0] + 1
        return
    children = node.children
    if node.type == "call_expression" or (node.type == "object_property" and children[0].type == "identifier"):
        children = children[1:]
    for child in children:
        yield from references(child)


def functions(node: Node) -> set[str]:
    """The functions an expression calls."""
    return {_text(each.children[0]) for each in walk(node) if each.type == "call_expression"}


def outputs_used(node: Node) -> set[tuple[str, str]]:
    """The outputs of modules an expression reads, as (module, output)."""
    return {
        (found[1], found[2])
        for each in walk(node)
        if each.type == "member_expression"
        and (found := re.fullmatch(r"(\w+)(?:\[[^\]]+\])?\.outputs\.(\w+)", _text(each)))
    }


def properties(node: Node) -> dict[str, Node]:
    """The properties of a pair of braces, not worked out."""
    return {
        _text(each.children[0]).strip("'"): each.children[2]
        for each in node.children
        if each.type == "object_property"
    }


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "concat": lambda *parts: [item for part in parts for item in part],
    "empty": lambda value: not value,
    "environment": lambda: {"name": "AzureCloud"},
    "last": lambda items: items[-1],
    "split": lambda text, separator: text.split(separator),
    "string": str,
    "subscription": lambda: {"id": "/subscriptions/own", "subscriptionId": "own"},
    "toLower": str.lower,
    "union": lambda *parts: {key: value for part in parts for key, value in part.items()},
    "uniqueString": lambda *_: "abcdefghijklm",
}
_ESCAPES = {r"\'": "'", r"\\": "\\", r"\n": "\n", r"\$": "$"}


def evaluate(node: Node, names: Mapping[str, Any]) -> Any:
    """The value of an expression; a name, a function or a construct it does not know is a LookupError."""
    inner = [child for child in node.named_children if child.type != "comment"]
    return _VALUES[node.type](node, inner, names)


def _choice(_: Node, inner: list[Node], names: Mapping[str, Any]) -> Any:
    condition, yes, no = inner
    return evaluate(yes if evaluate(condition, names) else no, names)


def _call(_: Node, inner: list[Node], names: Mapping[str, Any]) -> Any:
    return FUNCTIONS[_text(inner[0])](*(evaluate(child, names) for child in inner[1].named_children))


_VALUES: dict[str, Callable[[Node, list[Node], Mapping[str, Any]], Any]] = {
    "string": lambda _, inner, names: "".join(_piece(child, names) for child in inner),
    "number": lambda node, _inner, _names: int(_text(node)),
    "boolean": lambda node, _inner, _names: _text(node) == "true",
    "identifier": lambda node, _inner, names: names[_text(node)],
    "array": lambda _, inner, names: [evaluate(child, names) for child in inner],
    "object": lambda _, inner, names: {_key(each, names): evaluate(each.children[2], names) for each in inner},
    "parenthesized_expression": lambda _, inner, names: evaluate(inner[0], names),
    "ternary_expression": _choice,
    "unary_expression": lambda _, inner, names: not evaluate(inner[0], names),
    "binary_expression": lambda node, inner, names: _binary(
        _text(node.children[1]), *(evaluate(child, names) for child in inner)
    ),
    "member_expression": lambda _, inner, names: evaluate(inner[0], names)[_text(inner[1])],
    "subscript_expression": lambda _, inner, names: evaluate(inner[0], names)[evaluate(inner[1], names)],
    "call_expression": _call,
}


def _binary(operator: str, left: Any, right: Any) -> Any:
    return {"&&": left and right, "||": left or right, "==": left == right, "!=": left != right}[operator]


def _key(node: Node, names: Mapping[str, Any]) -> str:
    key = node.children[0]
    return str(evaluate(key, names)) if key.type == "string" else _text(key)


def _piece(node: Node, names: Mapping[str, Any]) -> str:
    if node.type == "interpolation":
        return str(evaluate(node.named_children[0], names))
    return _ESCAPES[_text(node)] if node.type == "escape_sequence" else _text(node)


def _text(node: Node) -> str:
    return (node.text or b"").decode()
