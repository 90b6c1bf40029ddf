"""What an element means, in one form: no matter how its values, its text and its defaults are written.

* A value or a text that is one expression as a whole is spelt in one way (`expression.py`).
* Any other loses the blanks at its ends, and keeps every one inside. So does text with an expression in it
  (`Bearer @(...)`): whether API Management takes that for an expression is not documented.
* A line end is LF, also one that is written `&#xD;&#xA;`, and also in an attribute. XML would make a blank of one
  that stands there unescaped; API Management keeps it and answers `&#xA;` (desired-state.md §5.3, Q5).
* Gone are: attributes that have their default (`defaults.py`), the portal's `id="apim-generated-policy"`, and the
  slash after the one audience that is written with and without (desired-state.md §1.3, §5.6).
* What Liquid reads, in `<set-body template="liquid">`, has no expressions and no defaults: in it values stand as
  they are written, and text loses the blanks at its ends only.
* The text of `xsl:text` keeps the blanks at its ends: they are what it is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.policy.defaults import DEFAULTS
from reconciler.policy.expression import spelt
from reconciler.policy.node import Node
from reconciler.policy.source import BLANKS

_AUDIENCE = "https://cognitiveservices.azure.com"
_VERBATIM = "xsl:text"  # its blanks are its content: https://www.w3.org/TR/1999/REC-xslt-19991116#strip


def element(name: str, attributes: Mapping[str, str], children: Iterable[Node | str], line: int) -> Node:
    """The canonical form of an element that API Management reads; texts are decoded, adjacent ones given as one."""
    said = {key: _value(written) for key, written in attributes.items()}
    kept = {
        key: written
        for key, written in said.items()
        if (key, written) != ("id", "apim-generated-policy") and DEFAULTS.get((name, key)) != written
    }
    if name == "authentication-managed-identity" and kept.get("resource") == f"{_AUDIENCE}/":
        kept["resource"] = _AUDIENCE
    unsaid = tuple((key, written) for key, written in said.items() if key not in kept)
    return Node(name, tuple(sorted(kept.items())), _children(children), line, unsaid)


def template(name: str, attributes: Mapping[str, str], children: Iterable[Node | str], line: int) -> Node:
    """The same for an element in a template of Liquid."""
    said = {key: _line_ends(written) for key, written in attributes.items()}
    return Node(name, tuple(sorted(said.items())), _children(children), line)


def text(written: str, name: str) -> str:
    """The canonical form of the text in an element of that name; empty where it says nothing."""
    return _line_ends(written) if name == _VERBATIM else _value(written)


def template_text(written: str) -> str:
    """The same in a template of Liquid."""
    return _line_ends(written).strip(BLANKS)


def _children(found: Iterable[Node | str]) -> tuple[Node | str, ...]:
    return tuple(child for child in found if child != "")


def _value(written: str) -> str:
    said = _line_ends(written).strip(BLANKS)
    return spelt(said) or said


def _line_ends(written: str) -> str:
    return written.replace("\r\n", "\n").replace("\r", "\n")
