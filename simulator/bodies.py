"""Which request bodies Azure accepts.

Shapes are written out here, without the published schemas, because the simulator must be strict on a machine
that does not have them; a test compares the two.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from reprlib import Repr
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a body."""

    path: str
    message: str


@dataclass(frozen=True)
class Text:
    """A string."""

    least: int = 0
    most: int | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()  # stricter than the published schemas, which leave their enumerations open


@dataclass(frozen=True)
class Whole:
    """A whole number."""

    least: int | None = None
    most: int | None = None
    from_text: bool = False  # "10" is taken for 10, as .NET's JSON reader does


@dataclass(frozen=True)
class Number:
    """A number, whole or not."""

    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Flag:
    """True or false."""


@dataclass(frozen=True)
class Anything:
    """Any JSON value."""


@dataclass(frozen=True)
class Items:
    """A list."""

    of: "Shape"
    most: int | None = None
    least: int = 0


@dataclass(frozen=True)
class Fields:
    """An object with these fields; `others` is the shape of any further ones, if they are allowed."""

    named: Mapping[str, "Shape"] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    others: "Shape | None" = None


Shape = Text | Whole | Number | Flag | Anything | Items | Fields

TEXT = Text()
FLAG = Flag()
WHOLE = Whole()
TAGS = Fields(others=TEXT)
_LONGEST = 200  # characters of a value in a message
_SHORT = Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxlong = 3, _LONGEST, _LONGEST
_MERGED = {"properties", "sku"}  # what every PATCH lays over what is there (Change.merged)


def envelope(properties: Fields | None, *required: str, **further: Shape) -> Fields:
    """The outer object of a resource: every one may repeat its id, name and type."""
    named: dict[str, Shape] = {"id": TEXT, "name": TEXT, "type": TEXT, **further}
    if properties is not None:
        named["properties"] = properties
    return Fields(named, required)


def with_numbers(shape: Shape, value: Any) -> Any:
    """The value with numbers where the shape takes text for one."""
    if isinstance(shape, Whole) and shape.from_text and isinstance(value, str):
        return int(value) if re.fullmatch("-?[0-9]{1,9}", value) else value
    if isinstance(shape, Fields) and isinstance(value, dict):
        known = {**dict.fromkeys(value, shape.others), **shape.named}
        return {name: with_numbers(it, part) if (it := known[name]) else part for name, part in value.items()}
    return value


def _shown(value: Any) -> str:
    """A value in a message; a large one is shown in part."""
    return _cut(_SHORT.repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def problems(
    shape: Shape, value: Any, path: str = "", *, over: Any = None, deep: bool = False
) -> Iterator[Problem]:
    """Everything that is wrong with a value.

    What is laid `over` an object (PATCH) may leave required fields out: the body, its properties and its SKU, or
    all objects in its properties where the merge is `deep`; lists and everything else are replaced as a whole.
    """
    match shape:
        case Fields():
            yield from _in_fields(shape, value, path, over, deep=deep)
        case Items():
            yield from _in_items(shape, value, path)
        case Text():
            yield from _in_text(shape, value, path)
        case Whole() | Number():
            yield from _in_number(shape, value, path)
        case Flag():
            if not isinstance(value, bool):
                yield Problem(path, f"Error converting value {_shown(value)} to type 'Boolean'.")
        case Anything():
            return


def _in_fields(shape: Fields, value: Any, path: str, over: Any, *, deep: bool) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(path, f"Expected an object, found {_shown(value)}.")
        return
    for name, part in value.items():
        where = f"{path}.{name}" if path else name
        expected = shape.named.get(name, shape.others)
        if expected is None:
            yield Problem(where, f"Could not find member '{name}' on object of this type.")
        else:
            merges = where in _MERGED or (deep and path.startswith("properties"))
            below = over.get(name) if merges and isinstance(over, dict) else None
            yield from problems(expected, part, where, over=below, deep=deep)
    if isinstance(over, dict):
        return
    for name in shape.required:
        if name not in value:
            where = f"{path}.{name}" if path else name
            yield Problem(where, f"Required property '{name}' not found in JSON.")


def _in_items(shape: Items, value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(path, f"Expected a list, found {_shown(value)}.")
        return
    if len(value) < shape.least or (shape.most is not None and len(value) > shape.most):
        yield Problem(path, f"Expected between {shape.least} and {shape.most} items, found {len(value)}.")
    for position, item in enumerate(value):
        yield from problems(shape.of, item, f"{path}[{position}]")


def _in_text(shape: Text, value: Any, path: str) -> Iterator[Problem]:
    name = path.rsplit(".", 1)[-1]
    if not isinstance(value, str):
        yield Problem(path, f"Error converting value {_shown(value)} to type 'String'.")
    elif len(value) < shape.least:
        yield Problem(path, f"The field {name} must have at least {shape.least} characters.")
    elif shape.most is not None and len(value) > shape.most:
        yield Problem(path, f"The field {name} must have at most {shape.most} characters.")
    elif shape.pattern is not None and not re.search(shape.pattern, value):
        yield Problem(path, f"The field {name} must match the regular expression '{shape.pattern}'.")
    elif shape.choices and value not in shape.choices:
        yield Problem(path, f"Error converting value '{_cut(value)}'. Possible values: {', '.join(shape.choices)}.")


def _in_number(shape: Whole | Number, value: Any, path: str) -> Iterator[Problem]:
    types, name = ({int, float}, "Double") if isinstance(shape, Number) else ({int}, "Int32")
    if type(value) not in types:  # true and false are no numbers
        yield Problem(path, f"Error converting value {_shown(value)} to type '{name}'.")
    elif (shape.least is not None and value < shape.least) or (shape.most is not None and value > shape.most):
        yield Problem(path, f"The value {_shown(value)} must be between {shape.least} and {shape.most}.")
