"""What an element means, in one form: no matter how its values, its text and its defaults are written.

* A value or a text that is one expression as a whole is spelt in one way (`expression.py`).
* Any other value keeps every blank. So does text with an expression in it (`Bearer @(...)`) inside: whether API
  Management takes that for an expression is not documented.
* Text alone in an element loses the blanks at its ends. Beside elements it loses them only where there is a line
  end among them, which is indentation, and is nothing at all where no text there has more than blanks.
* A line end is LF, also one that is written `&#xD;&#xA;`, and also in an attribute. XML would make a blank of one
  that stands there unescaped; API Management keeps it and answers `&#xA;` (desired-state.md §5.3, Q5).
* Gone are: attributes that have their default (`defaults.py`), the portal's `id="apim-generated-policy"`, and the
  slash after the one audience that is written with and without (desired-state.md §1.3, §5.6). But not in what
  `set-body` and `xsl-transform` contain: that is XML of somebody's own, whatever its names.
* What Liquid reads, in `<set-body template="liquid">`, has no expressions either.
* Text keeps all its blanks in `xsl:text`, which is for that, and where `xml:space="preserve"` says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.policy.defaults import DEFAULTS
from reconciler.policy.expression import spelt
from reconciler.policy.node import Node
from reconciler.policy.source import BLANKS

_AUDIENCE = "https://cognitiveservices.azure.com"
_VERBATIM = "xsl:text"  # its blanks are its content: https://www.w3.org/TR/1999/REC-xslt-19991116#strip
_OWN_XML = frozenset({"set-body", "xsl-transform"})


class Content(NamedTuple):
    """What stands inside of an element: what Liquid reads, XML that is no policy, text whose blanks all count."""

    liquid: bool = False
    foreign: bool = False
    verbatim: bool = False

    def inside(self, name: str, attributes: Mapping[str, str]) -> Content:
        """What stands inside of an element that stands here itself; attributes are decoded."""
        template = attributes.get("template", "").strip(BLANKS).lower()
        space = attributes.get("xml:space")  # https://www.w3.org/TR/xml/#sec-white-space
        return Content(
            self.liquid or (name == "set-body" and template == "liquid"),
            self.foreign or name in _OWN_XML,
            name == _VERBATIM or space == "preserve" or (self.verbatim and space != "default"),
        )


def element(
    name: str, attributes: Mapping[str, str], children: Sequence[Node | str], line: int, around: Content
) -> Node:
    """The canonical form of an element that stands in such content; texts are decoded, adjacent ones are one."""
    said = {key: _line_ends(written) for key, written in attributes.items()}
    if not around.liquid:
        said = {key: spelt(written.strip(BLANKS)) or written for key, written in said.items()}
    kept = said if around.foreign else _without_defaults(name, said)
    unsaid = tuple((key, written) for key, written in said.items() if key not in kept)
    inner = tuple(_children(children, around.inside(name, attributes)))
    return Node(name, tuple(sorted(kept.items())), inner, line, unsaid)


def _without_defaults(name: str, said: Mapping[str, str]) -> Mapping[str, str]:
    kept = {
        key: written
        for key, written in said.items()
        if (key, written) != ("id", "apim-generated-policy") and DEFAULTS.get((name, key)) != written
    }
    if name == "authentication-managed-identity" and kept.get("resource") == f"{_AUDIENCE}/":
        kept["resource"] = _AUDIENCE
    return kept


def _children(found: Sequence[Node | str], content: Content) -> Iterator[Node | str]:
    alone = not any(isinstance(child, Node) for child in found)
    says = any(isinstance(child, str) and child.strip(BLANKS) for child in found)
    for child in found:
        if isinstance(child, Node):
            yield child
        elif child and (says or content.verbatim):
            said = _text(_line_ends(child), content, alone=alone)
            if said:
                yield said


def _text(written: str, content: Content, *, alone: bool) -> str:
    if content.verbatim:
        return written
    said = written.strip(BLANKS) if alone else _without_indentation(written)
    return (None if content.liquid else spelt(said)) or said


def _without_indentation(written: str) -> str:
    """The text without blanks at its ends where they have a line end among them."""
    front = written[: len(written) - len(written.lstrip(BLANKS))]
    behind = written[len(written.rstrip(BLANKS)) :]
    said = written.removeprefix(front) if "\n" in front else written
    return said.removesuffix(behind) if "\n" in behind else said


def _line_ends(written: str) -> str:
    return written.replace("\r\n", "\n").replace("\r", "\n")
