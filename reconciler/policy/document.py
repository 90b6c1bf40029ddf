"""What a policy document says, whatever its white space, quotes and escapes.

This first reader takes well-formed XML, which is how API Management answers a policy unless it is asked for
`rawxml` (desired-state.md §5.3, Q2 and Q6). What it cannot read is *unreadable*, never *equal*.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.parsers import expat

from reconciler.model import Difference

_ROOTS = frozenset({"policies", "fragment"})
_AUDIENCE = "https://cognitiveservices.azure.com"


class PolicyUnreadable(ValueError):
    """The text is no policy document; says where and why."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element: its attributes (order means nothing) and its children (order means everything)."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Node | str, ...]


def read(text: str) -> Node:
    """The canonical form of a document; raises PolicyUnreadable."""
    stack: list[tuple[str, dict[str, str], list[Node | str]]] = [("", {}, [])]

    def start(name: str, attributes: dict[str, str]) -> None:
        stack.append((name, attributes, []))

    def end(_name: str) -> None:
        name, attributes, children = stack.pop()
        stack[-1][2].append(_canonical(name, attributes, children))

    def data(characters: str) -> None:
        children = stack[-1][2]
        if children and isinstance(children[-1], str):
            children[-1] += characters
        else:
            children.append(characters)

    def refuse_doctype(*_: object) -> None:
        raise PolicyUnreadable("the policy has a document type declaration, which no policy needs")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = data, refuse_doctype
    try:
        parser.Parse(text.lstrip("\ufeff \t\r\n"), True)  # noqa: FBT003 - the parser's own signature
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise PolicyUnreadable(
            f"the policy is not XML: {reason}, line {error.lineno}, column {error.offset + 1}"
        ) from None
    except UnicodeEncodeError as error:
        raise PolicyUnreadable(f"the policy is not XML: half a character at position {error.start + 1}") from None
    root = next(child for child in stack[0][2] if isinstance(child, Node))
    if root.name not in _ROOTS:
        raise PolicyUnreadable(f"the root element is <{root.name}>; a policy starts with <policies> or <fragment>")
    return root


def _canonical(name: str, attributes: dict[str, str], children: list[Node | str]) -> Node:
    kept = {
        key: value.strip() for key, value in attributes.items() if (key, value) != ("id", "apim-generated-policy")
    }
    if name == "authentication-managed-identity" and kept.get("resource", "").rstrip("/") == _AUDIENCE:
        kept["resource"] = _AUDIENCE  # both spellings occur for this one audience (desired-state.md §5.6)
    texts = [child.strip().replace("\r\n", "\n") if isinstance(child, str) else child for child in children]
    return Node(name, tuple(sorted(kept.items())), tuple(child for child in texts if child != ""))


def compare(desired: Node, actual: Node) -> tuple[Difference, ...]:
    """Where two documents differ, with paths such as `inbound/set-header[2]/@name`."""
    if desired.name != actual.name:
        return (Difference("", f"<{actual.name}>", f"<{desired.name}>"),)
    return tuple(_within(desired, actual, ""))


def _within(desired: Node, actual: Node, path: str) -> list[Difference]:
    found: list[Difference] = []
    wanted, seen = dict(desired.attributes), dict(actual.attributes)
    found += [
        Difference(_join(path, f"@{key}"), seen.get(key), wanted.get(key))
        for key in sorted(wanted.keys() | seen.keys())
        if wanted.get(key) != seen.get(key)
    ]
    names = [_label(child) for child in desired.children], [_label(child) for child in actual.children]
    if names[0] != names[1]:
        found.append(Difference(path or desired.name, _listed(names[1]), _listed(names[0])))
        return found
    counts: dict[str, int] = {}
    for child, other in zip(desired.children, actual.children, strict=True):
        if isinstance(child, Node) and isinstance(other, Node):
            counts[child.name] = counts.get(child.name, 0) + 1
            twins = sum(1 for name in names[0] if name == child.name)
            position = f"[{counts[child.name]}]" if twins > 1 else ""
            found += _within(child, other, _join(path, child.name + position))
        elif child != other:
            found.append(Difference(_join(path, "text()"), other, child))
    return found


def _join(path: str, step: str) -> str:
    return f"{path}/{step}" if path else step


def _label(child: Node | str) -> str:
    return "text()" if isinstance(child, str) else child.name


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "(empty)"
