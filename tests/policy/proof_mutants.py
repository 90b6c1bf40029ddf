"""The mutants of a document: every way of changing it a little so that it says something else.

They are made on the simulator's element tree, so that the reader on trial has no part in them. What may rightly be
taken for the same (identical siblings, comments, documented defaults, the audience's slash) is made as well, and
marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from simulator.policy.document import CData, Element, PolicyDocument, Text, Verbatim
from tests.policy.proof_code import code_mutants
from tests.policy.proof_tokens import NoExpression, is_expression, tokens

_BLANKS = " \t\r\n"
_AUDIENCE = ("https://cognitiveservices.azure.com", "https://cognitiveservices.azure.com/")
# by hand, from desired-state.md §5.6.6 and the reference of each policy: what a missing attribute means
DEFAULTS = frozenset(
    {
        ("set-header", "exists-action", "override"),
        ("set-query-parameter", "exists-action", "override"),
        ("authentication-managed-identity", "ignore-error", "false"),
        ("send-request", "ignore-error", "false"),
        ("get-authorization-context", "ignore-error", "false"),
        ("rate-limit", "retry-after-header-name", "Retry-After"),
        ("rate-limit-by-key", "retry-after-header-name", "Retry-After"),
        ("azure-openai-token-limit", "retry-after-header-name", "Retry-After"),
        ("llm-token-limit", "retry-after-header-name", "Retry-After"),
        ("retry", "first-fast-retry", "false"),
        ("llm-content-safety", "shield-prompt", "false"),
        ("categories", "output-type", "FourSeverityLevels"),
    }
)


@dataclass(frozen=True)
class Mutant:
    """A change of one list of the tree: members replaced. `excluded`: why the document still says the same."""

    kind: str
    where: str
    into: list[Any]
    start: int
    stop: int
    new: list[Any]
    excluded: str | None = None

    def written(self, document: PolicyDocument, writer: Callable[[PolicyDocument], str]) -> str:
        """The text of the document with this change; the tree is as before afterwards."""
        old = self.into[self.start : self.stop]
        self.into[self.start : self.stop] = self.new
        try:
            return writer(document)
        finally:
            self.into[self.start : self.start + len(self.new)] = old


def mutants(document: PolicyDocument) -> Iterator[Mutant]:
    """All mutants of a document, in a fixed order."""
    for side in (document.before, document.after):
        yield from _of_comments(side, "outside")
    yield from _of_element(document.root, document.root.name, liquid=False)


def _of_element(element: Element, where: str, *, liquid: bool) -> Iterator[Mutant]:
    liquid = liquid or element.get("template") == "liquid"
    yield from _of_attributes(element, where, liquid=liquid)
    yield from _of_comments(element.children, where)
    yield from _of_order(element, where)
    for at, child in enumerate(element.children):
        match child:
            case Element():
                inner = f"{where}/{child.name}"
                yield Mutant("element removed", inner, element.children, at, at + 1, [])
                yield Mutant("element duplicated", inner, element.children, at, at + 1, [child, child])
                renamed = replace(child, name=child.name + "x")
                yield Mutant("element renamed", inner, element.children, at, at + 1, [renamed])
                yield from _of_element(child, inner, liquid=liquid)
            case Text() if child.value.strip(_BLANKS):
                for kind, value in _of_value(child.value, liquid=liquid):
                    yield Mutant(kind, f"{where}/text()", element.children, at, at + 1, [Text(value)])
                for value in _unspaced(child.value, element):
                    yield Mutant(
                        "text: a blank beside an element less",
                        f"{where}/text()",
                        element.children,
                        at,
                        at + 1,
                        [Text(value)],
                    )
            case CData() if child.value.strip(_BLANKS):
                for kind, value in _of_value(child.value, liquid=liquid):
                    yield Mutant(kind, f"{where}/text()", element.children, at, at + 1, [CData(value)])


def _of_attributes(element: Element, where: str, *, liquid: bool) -> Iterator[Mutant]:
    for at, (name, value) in enumerate(element.attributes):
        place = f"{where}/@{name}"
        default = "documented default" if (element.name, name, value) in DEFAULTS else None
        yield Mutant("attribute removed", place, element.attributes, at, at + 1, [], default)
        yield Mutant("attribute renamed", place, element.attributes, at, at + 1, [(name + "x", value)])
        other = _other_audience(element, name, value)
        if other:
            yield Mutant(
                "attribute changed", place, element.attributes, at, at + 1, [(name, other)], "audience's slash"
            )
        for kind, changed in _of_value(value, liquid=liquid):
            if changed != other:
                yield Mutant(kind, place, element.attributes, at, at + 1, [(name, changed)])
        for kind, changed in _of_ends(value, liquid=liquid):
            yield Mutant(kind, place, element.attributes, at, at + 1, [(name, changed)])
    added = ("added-by-nobody", "x")
    end = len(element.attributes)
    yield Mutant("attribute added", where, element.attributes, end, end, [added])
    named = {name for name, _ in element.attributes}
    for owner, name, value in sorted(DEFAULTS):
        if owner == element.name and name not in named:
            new = [(name, value)]
            yield Mutant("attribute added", where, element.attributes, end, end, new, "documented default")


def _other_audience(element: Element, name: str, value: str) -> str | None:
    """The audience with a slash for that without one, and the other way round."""
    if element.name != "authentication-managed-identity" or name != "resource" or value not in _AUDIENCE:
        return None
    return _AUDIENCE[1 - _AUDIENCE.index(value)]


def _of_ends(value: str, *, liquid: bool) -> Iterator[tuple[str, str]]:
    """Blanks more and less at the ends of an attribute's value that is no expression."""
    if not liquid and is_expression(value.strip(_BLANKS)):
        return
    yield "value: a blank more at its start", " " + value
    yield "value: a blank more at its end", value + " "
    for changed in sorted({value.lstrip(_BLANKS), value.rstrip(_BLANKS)} - {value}):
        yield "value: no blank at an end", changed


def _unspaced(value: str, element: Element) -> Iterator[str]:
    """The text without the blanks at an end, where they have no line end and it stands beside elements."""
    if any(isinstance(child, Element) for child in element.children):
        for changed in (value.lstrip(_BLANKS), value.rstrip(_BLANKS)):
            cut = value.removesuffix(changed) if value.endswith(changed) else value.removeprefix(changed)
            if cut and "\n" not in cut:
                yield changed


def _of_value(value: str, *, liquid: bool) -> Iterator[tuple[str, str]]:
    """Changes of an attribute's value or of a text, blanks at its ends untouched."""
    body = value.strip(_BLANKS)
    head = value[: len(value) - len(value.lstrip(_BLANKS))]
    tail = value[len(head) + len(body) :]
    if not liquid and is_expression(body):
        try:
            changes = code_mutants(tokens(body))
        except NoExpression:
            changes = iter([("value: one letter more", body + "x")])
    else:
        changes = _of_plain(body)
    for kind, changed in changes:
        yield kind, head + changed + tail


def _of_plain(body: str) -> Iterator[tuple[str, str]]:
    """One letter more, one letter in the other case, one inner blank more or less."""
    yield "value: one letter more", body + "x"
    if body:
        yield "value: the last letter less", body[:-1] if body[:-1].strip(_BLANKS) == body[:-1] else body[:-1] + "x"
    cased = [at for at, letter in enumerate(body) if letter.swapcase() != letter and len(letter.swapcase()) == 1]
    for at in sorted({*cased[:1], *cased[-1:]}):
        yield "value: a letter's case", body[:at] + body[at].swapcase() + body[at + 1 :]
    if len(body) > 1:
        middle = len(body) // 2
        yield "value: an inner blank more", body[:middle] + " " + body[middle:]
    at = body.find(" ")
    if at > 0:
        yield "value: an inner blank less", body[:at] + body[at + 1 :]


def _of_comments(children: list[Any], where: str) -> Iterator[Mutant]:
    for at, child in enumerate(children):
        if isinstance(child, Verbatim) and child.value.startswith("<!--"):
            yield Mutant("comment removed", where, children, at, at + 1, [], "comment")
            changed = Verbatim(child.value.replace("<!--", "<!-- no longer:", 1))
            yield Mutant("comment changed", where, children, at, at + 1, [changed], "comment")


def _of_order(element: Element, where: str) -> Iterator[Mutant]:
    """Siblings swapped, and <base /> moved to every other place among its siblings."""
    children = element.children
    siblings = [(at, child) for at, child in enumerate(children) if isinstance(child, Element)]
    for (at, child), (after, next_one) in pairwise(siblings):
        new = [next_one, *children[at + 1 : after], child]
        same = "identical siblings" if alike(child, next_one) else None
        yield Mutant("siblings swapped", f"{where}/{child.name}", children, at, after + 1, new, same)
    for index, (at, child) in enumerate(siblings):
        for further, (to, _) in enumerate(siblings):
            if child.name == "base" and abs(index - further) > 1:  # beside it is a swap
                rest = [*children[:at], *children[at + 1 :]]
                rest.insert(to, child)
                yield Mutant("base moved", f"{where}/base", children, 0, len(children), rest)


def alike(one: Element, other: Element) -> bool:
    """Whether two elements say the same, by the plainest measure: same names, values and children."""
    return _plain(one) == _plain(other)


def _plain(element: Element) -> tuple[Any, ...]:
    children = [
        _plain(child) if isinstance(child, Element) else child.value
        for child in element.children
        if not isinstance(child, Verbatim) and (isinstance(child, Element) or child.value.strip(_BLANKS))
    ]
    return element.name, sorted(element.attributes), children
