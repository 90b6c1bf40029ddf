"""How a document can be spelled otherwise: a writer with a choice of quotes, entities, order, blanks and comments.

It writes what the simulator's reader read, but shares nothing with the simulator's writer, which writes as Azure
does. Every spelling here means the same as the document it was made from (desired-state.md §5.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from simulator.policy.document import CData, Element, PolicyDocument, Text, Verbatim
from tests.policy.proof_tokens import is_expression

_BLANKS = " \t\r\n"
_ENTITY_LIKE = re.compile(r"&(?=(?:quot|lt|gt|amp|apos|#\d+|#x[0-9a-fA-F]+);)")
NAMED = {'"': "&quot;", "'": "&apos;", "<": "&lt;", ">": "&gt;", "&": "&amp;"}


def named(letter: str) -> str:
    """The entity of a letter, by name where it has one."""
    return NAMED.get(letter) or f"&#{ord(letter)};"


def decimal(letter: str) -> str:
    """The entity of a letter as a decimal number."""
    return f"&#{ord(letter)};"


def hexadecimal(letter: str) -> str:
    """The entity of a letter as a hexadecimal number with zeros in front."""
    return f"&#x{ord(letter):04x};"


@dataclass(frozen=True)
class Spelling:
    """What may be chosen without changing what a document says."""

    quote: str = '"'
    entity: Callable[[str], str] = named
    escaped: str = ""  # what is escaped beyond need
    raw: bool = False  # expressions as typed
    reverse: bool = False  # attributes from last to first
    long: bool | None = None  # <x></x>; False: <x />; None: as it came
    equals: str = "="
    between: str = " "  # attributes
    indent: str | None = "  "  # None: one line
    comments: str | None = None  # "drop", or a comment to put between elements; None: as they are
    cdata: bool = False
    line_end: str = "&#xA;"  # in attributes of escaped documents
    code: Callable[[str], str] | None = None  # what is done to each expression


def write(document: PolicyDocument, spelling: Spelling) -> str:
    """The document in that spelling."""
    around = [[each.value for each in each_side] for each_side in (document.before, document.after)]
    if spelling.comments == "drop":
        around = [[value for value in side if not value.startswith("<!--")] for side in around]
    root = _element(document.root, spelling, 0, liquid=False)
    return "\n".join([*around[0], root, *around[1]])


def _element(element: Element, spelling: Spelling, depth: int, *, liquid: bool) -> str:
    liquid = liquid or element.get("template") == "liquid"
    pairs = list(reversed(element.attributes)) if spelling.reverse else element.attributes
    equals, between, quote = spelling.equals, spelling.between, spelling.quote
    head = "".join(
        f"{between}{name}{equals}{quote}{_attribute(value, spelling, liquid=liquid)}{quote}"
        for name, value in pairs
    )
    if not element.children:
        long = not element.empty if spelling.long is None else spelling.long
        return f"<{element.name}{head}></{element.name}>" if long else f"<{element.name}{head} />"
    return f"<{element.name}{head}>{_content(element, spelling, depth, liquid=liquid)}</{element.name}>"


def _content(element: Element, spelling: Spelling, depth: int, *, liquid: bool) -> str:
    if any(
        isinstance(child, CData) or (isinstance(child, Text) and child.value.strip(_BLANKS))
        for child in element.children
    ):
        return "".join(_node(child, spelling, depth, liquid=liquid) for child in element.children)
    lines = [
        _node(child, spelling, depth, liquid=liquid) for child in element.children if not isinstance(child, Text)
    ]
    if spelling.comments not in {None, "drop"}:
        lines = [spelling.comments or "", *(part for line in lines for part in (line, spelling.comments or ""))]
    if spelling.indent is None:
        return "".join(lines)
    return (
        "".join(f"\n{spelling.indent * (depth + 1)}{line}" for line in lines if line)
        + f"\n{spelling.indent * depth}"
    )


def _node(node: Element | Text | Verbatim | CData, spelling: Spelling, depth: int, *, liquid: bool) -> str:
    match node:
        case Element():
            return _element(node, spelling, depth + 1, liquid=liquid)
        case Verbatim():
            return "" if spelling.comments == "drop" and node.value.startswith("<!--") else node.value
        case CData():
            return f"<![CDATA[{node.value}]]>"
        case Text():
            return _text(node.value, spelling, liquid=liquid)


def _attribute(value: str, spelling: Spelling, *, liquid: bool) -> str:
    if not liquid and is_expression(value):
        value = spelling.code(value) if spelling.code else value
        if spelling.raw:
            return _ENTITY_LIKE.sub("&amp;", value)
    value = _escape(value, "&<\t" + spelling.quote + spelling.escaped, spelling)
    return value.replace("\n", spelling.line_end)


def _text(value: str, spelling: Spelling, *, liquid: bool) -> str:
    if not liquid and is_expression(value):
        value = spelling.code(value) if spelling.code else value
        if spelling.raw:
            return _ENTITY_LIKE.sub("&amp;", value)
    if spelling.cdata and value.strip(_BLANKS) and "]]>" not in value:
        return f"<![CDATA[{value}]]>"
    return _escape(value, "&<>" + spelling.escaped, spelling)


def _escape(value: str, letters: str, spelling: Spelling) -> str:
    return "".join(spelling.entity(letter) if letter in letters else letter for letter in value)
