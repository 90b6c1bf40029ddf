"""Which policies there are, and what each may look like: elements.txt, read into a table."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from simulator.policy.datatypes import Type

Kind = Literal["empty", "text", "any", "policies", "sequence", "all", "choice"]
SECTIONS = {"I": "inbound", "B": "backend", "O": "outbound", "E": "on-error"}
_SCOPES = {"G": "all", "P": "product", "A": "api", "O": "operation"}
_ATTRIBUTE = re.compile(r"([\w-]+)(!?)(?:\s+(\([^)]*\)|\w+)(\|x)?)?")
_ITEM = re.compile(r"([\w-]+)(?:([?*+])|\{(\d+),(\d+)\})?")
_TIMES: dict[str | None, tuple[int, int | None]] = {None: (1, 1), "?": (0, 1), "*": (0, None), "+": (1, None)}
_SEPARATORS: dict[str, Kind] = {",": "sequence", "&": "all", "|": "choice"}


@dataclass(frozen=True)
class Item:
    """A child element and how often it may be there."""

    name: str
    least: int
    most: int | None


@dataclass(frozen=True)
class Content:
    """What may stand between the tags."""

    kind: Kind = "empty"
    items: tuple[Item, ...] = ()
    mixed: bool = False


@dataclass(frozen=True)
class Attribute:
    """One attribute."""

    type: Type
    required: bool


@dataclass
class Shape:
    """What an element looks like."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    content: Content = field(default_factory=Content)


@dataclass
class Policy:
    """One policy."""

    name: str
    sections: frozenset[str]
    scopes: frozenset[str] = frozenset(_SCOPES.values())
    once: bool = False
    not_in: frozenset[str] = frozenset()
    exactly_one: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    together: tuple[str, str] | None = None  # the first needs the second
    shape: Shape = field(default_factory=Shape)
    inner: dict[str, Shape] = field(default_factory=dict)  # the elements inside that are no policies


@cache
def policies() -> dict[str, Policy]:
    """All policies by name."""
    found: dict[str, Policy] = {}
    together: list[Policy] = []  # headers in a row share what follows
    is_header = False
    for line in Path(__file__).with_name("elements.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] not in "@= ":
            together = [*together, _header(line)] if is_header else [_header(line)]
            is_header = True
            found[together[-1].name] = together[-1]
            continue
        is_header = False
        for policy in together:
            _body(policy, line)
    return found


def _header(line: str) -> Policy:
    name, rest = line.split(": ", 1)
    sections, *more = rest.split("; ")
    policy = Policy(name, frozenset(SECTIONS[each] for each in sections if each in SECTIONS))
    for note in more:
        match note.split():
            case ["scopes", letters]:
                policy.scopes = frozenset(_SCOPES[each] for each in letters)
            case ["once"]:
                policy.once = True
            case ["not", "in", *tiers]:
                policy.not_in = frozenset(tiers)
            case ["exactly", "one:", *names]:
                policy.exactly_one = tuple(names)
            case ["one", "of:", *names]:
                policy.one_of = tuple(names)
            case [one, "with", other]:
                policy.together = (one, other)
            case _:
                raise ValueError(line)
    return policy


def _body(policy: Policy, line: str) -> None:
    shape = policy.shape
    rest = line.strip()
    if line.startswith(" "):
        name = rest.split(" ", 1)[0]
        shape = policy.inner.setdefault(name, Shape())
        rest = rest.removeprefix(name).strip()
    attributes, _, content = rest.partition("= ")
    for part in _split(attributes.removeprefix("@ ").strip()):
        found = _ATTRIBUTE.fullmatch(part)
        if found is None:
            raise ValueError(f"{line}: {part}")
        name, required, type, expression = found.groups()
        shape.attributes[name] = Attribute(Type.read(type or "text", expression=bool(expression)), bool(required))
    if content:
        shape.content = _content(content)


def _split(attributes: str) -> list[str]:
    return [part.strip() for part in re.split(r",(?![^(]*\))", attributes) if part.strip()]


def _content(text: str) -> Content:
    mixed = text.startswith("mixed ")
    text = text.removeprefix("mixed ").strip()
    for kind in ("text", "any", "policies"):
        if text == kind:
            return Content(kind)
    separator = next((each for each in _SEPARATORS if f" {each} " in text.replace(",", " ,")), ",")
    items = []
    for part in re.split(r"\s*[&|]\s*|,\s+", text):
        found = _ITEM.fullmatch(part)
        if found is None:
            raise ValueError(text)
        name, times, least, most = found.groups()
        items.append(Item(name, int(least), int(most)) if least else Item(name, *_TIMES[times]))
    return Content(_SEPARATORS[separator], tuple(items), mixed)
