"""How API Management writes a policy document back, in either of its two spellings.

Re-indented with tabs and CRLF as .NET's XmlWriter does it (recordings 12, 29, 47; desired-state 5.3 Q4 to Q7):
attributes in double quotes and in their order, `<x></x>` and `<x />` as they came, comments kept, nothing moved
from where the first text of an element begins. `xml` escapes everything, `rawxml` leaves expressions as typed.
"""

import re

from simulator.policy.csharp import is_expression
from simulator.policy.document import CData, Element, PolicyDocument, Text, Verbatim

_LOOKS_ESCAPED = re.compile(r"&(?=(?:quot|lt|gt|amp|apos|#[0-9]+|#x[0-9a-fA-F]+);)")


def as_xml(document: PolicyDocument) -> str:
    """As `xml`: everything escaped."""
    return _Writer(raw=False, everything=False).document(document)


def as_rawxml(document: PolicyDocument, *, everything: bool = False) -> str:
    """As `rawxml`; with `everything` all values are unescaped, which cannot always be read again (Q10)."""
    return _Writer(raw=True, everything=everything).document(document)


class _Writer:
    def __init__(self, *, raw: bool, everything: bool) -> None:
        self._raw = raw
        self._everything = everything
        self._parts: list[str] = []
        self._liquid = 0

    def document(self, document: PolicyDocument) -> str:
        for comment in document.before:
            self._parts += [comment.value, "\n"]
        self._element(document.root, 0, mixed=False)
        for comment in document.after:
            self._parts += ["\n", comment.value]
        return "".join(self._parts).replace("\n", "\r\n")

    def _element(self, element: Element, depth: int, *, mixed: bool) -> None:
        self._parts.append(f"<{element.name}")
        for name, value in element.attributes:
            self._parts.append(f' {name}="{self._attribute(value)}"')
        if element.empty:
            self._parts.append(" />")
            return
        self._parts.append(">")
        self._liquid += element.get("template") == "liquid"
        indented = False
        for child in element.children:
            if isinstance(child, Text) and not child.value.strip(" \t\n\r"):
                continue
            if isinstance(child, Text | CData):
                mixed = True
            elif not mixed:
                self._parts.append("\n" + "\t" * (depth + 1))
                indented = True
            self._node(child, depth + 1, mixed=mixed)
        if indented and not mixed:
            self._parts.append("\n" + "\t" * depth)
        self._parts.append(f"</{element.name}>")
        self._liquid -= element.get("template") == "liquid"

    def _node(self, node: Element | Text | Verbatim | CData, depth: int, *, mixed: bool) -> None:
        match node:
            case Element():
                self._element(node, depth, mixed=mixed)
            case Verbatim():
                self._parts.append(node.value)
            case CData():
                self._parts.append(f"<![CDATA[{node.value}]]>")
            case Text():
                self._parts.append(self._characters(node.value))

    def _attribute(self, value: str) -> str:
        """Quotes, angle brackets, ampersands and line breaks (desired-state 5.3 Q5, Q6)."""
        if self._raw and self._everything:
            return value
        if self._raw and not self._liquid and is_expression(value):
            return _LOOKS_ESCAPED.sub("&amp;", value).replace("\r", "&#xD;")
        escaped = value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
        return escaped.replace("\r", "&#xD;").replace("\n", "&#xA;").replace("\t", "&#x9;")

    def _characters(self, value: str) -> str:
        """Angle brackets and ampersands; quotes stay (desired-state 5.3 Q6)."""
        value = value.replace("\r\n", "\n").replace("\r", "\n")
        if self._raw and self._everything:
            return value
        if self._raw and not self._liquid and is_expression(value):
            return _LOOKS_ESCAPED.sub("&amp;", value)
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
