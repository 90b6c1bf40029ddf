"""What a policy document is once it is read, and how API Management writes it back.

One tree, written re-indented with tabs and CRLF in two spellings: `xml`, with everything escaped, and `rawxml`,
with expressions as one would type them (recordings 12, 29, 47; desired-state 5.3).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.csharp import starts_expression


@dataclass
class Text:
    """Characters between tags."""

    value: str


@dataclass
class Verbatim:
    """A comment or CDATA section, kept as it is."""

    value: str


@dataclass
class Element:
    """One element and what is in it."""

    name: str
    line: int
    column: int
    attributes: list[tuple[str, str]] = field(default_factory=list)
    children: list["Element | Text | Verbatim"] = field(default_factory=list)
    empty: bool = False  # written as <x />

    def elements(self) -> Iterator["Element"]:
        """The elements directly inside."""
        return (child for child in self.children if isinstance(child, Element))

    def walk(self) -> Iterator["Element"]:
        """This element and all below it."""
        yield self
        for child in self.elements():
            yield from child.walk()


@dataclass
class PolicyDocument:
    """A document: its root, and the comments before it."""

    root: Element
    before: list[Verbatim]
    after: list[Verbatim]

    def xml(self) -> str:
        """As `xml`: everything escaped."""
        return self._written(raw=False, everything=False)

    def rawxml(self, *, everything: bool = False) -> str:
        """As `rawxml`: expressions as one would type them."""
        return self._written(raw=True, everything=everything)

    def _written(self, *, raw: bool, everything: bool) -> str:
        writer = _Writer(raw=raw, everything=everything)
        parts = [part.value for part in self.before] + [writer.element(self.root, 0)]
        return "\r\n".join(_crlf(part) for part in [*parts, *(part.value for part in self.after)])


class _Writer:
    def __init__(self, *, raw: bool, everything: bool) -> None:
        self._raw = raw
        self._everything = everything

    def element(self, element: Element, depth: int) -> str:
        start = f"<{element.name}" + "".join(
            f' {name}="{self._attribute(value)}"' for name, value in element.attributes
        )
        if element.empty:
            return f"{start} />"
        children = [
            child for child in element.children if not (isinstance(child, Text) and not child.value.strip())
        ]
        end = f"</{element.name}>"
        if not children:
            return f"{start}>{end}"
        if any(isinstance(child, Text) for child in children):  # mixed content is left as it is
            return f"{start}>{''.join(self._node(child, depth + 1) for child in element.children)}{end}"
        indent = "\r\n" + "\t" * (depth + 1)
        inner = "".join(indent + self._node(child, depth + 1) for child in children)
        return f"{start}>{inner}\r\n{chr(9) * depth}{end}"

    def _node(self, node: Element | Text | Verbatim, depth: int) -> str:
        match node:
            case Element():
                return self.element(node, depth)
            case Verbatim():
                return node.value
            case Text():
                return self._characters(node.value)

    def _attribute(self, value: str) -> str:
        """Escapes quotes, angle brackets, ampersands and line breaks (desired-state 5.3 Q5, Q6)."""
        if self._raw and (self._everything or starts_expression(value.lstrip(), 0)):
            return value
        escaped = value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
        return escaped.replace("\r", "&#xD;").replace("\n", "&#xA;").replace("\t", "&#x9;")

    def _characters(self, value: str) -> str:
        """Escapes angle brackets and ampersands; quotes stay (desired-state 5.3 Q6)."""
        if self._raw and (self._everything or "@(" in value or "@{" in value):
            return value
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _crlf(text: str) -> str:
    return re.sub(r"\r\n|\r|\n", "\r\n", text)
