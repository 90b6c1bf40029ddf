"""What is wrong with the shape of a document, in sentences for the person who wrote it.

The shapes are those of request bodies (bodies.py); only the words differ from Azure's.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from simulator.bodies import Fields, Flag, Items, Shape, Text, Whole, problems
from simulator.ids import GUID

Mistake = tuple[str, str]  # where, and what
_MANY = 12
_NAMES: dict[type, str] = {
    dict: "an object", list: "a list", str: "a string", bool: "true or false", int: "a number", float: "a number",
    type(None): "null",
}  # fmt: skip


def called(value: Any) -> str:
    """What JSON calls this kind of value; short ones are shown."""
    if isinstance(value, str | int | float | bool) and len(str(value)) < 60:  # noqa: PLR2004  # still one line
        return repr(value) if isinstance(value, str) else str(value).lower()
    return _NAMES.get(type(value), type(value).__name__)


def hint(name: str, known: list[str]) -> str:
    """The name that was probably meant, or those that there are."""
    near = get_close_matches(name.lower(), [each.lower() for each in known], 1, 0.6)
    if near:
        return f"did you mean '{next(each for each in known if each.lower() == near[0])}'?"
    return f"there are: {', '.join(sorted(known))}" if 0 < len(known) <= _MANY else "leave it out"


def mistakes(shape: Shape, value: Any, path: str = "") -> Iterator[Mistake]:
    """Everything that is wrong, each with the path of the field."""
    match shape:
        case Fields():
            yield from _in_object(shape, value, path)
        case Items():
            yield from _in_list(shape, value, path)
        case Text():
            yield from _in_text(shape, value, path)
        case Whole():
            yield from _in_number(shape, value, path)
        case Flag():
            if not isinstance(value, bool):
                yield path, f"must be true or false, not {called(value)}"
        case _:
            yield from ((each.path, each.message) for each in problems(shape, value, path))


def _in_object(shape: Fields, value: Any, path: str) -> Iterator[Mistake]:
    if not isinstance(value, dict):
        yield path, f"must be an object, not {called(value)}"
        return
    for name, part in value.items():
        where = f"{path}.{name}" if path else str(name)
        expected = shape.named.get(name, shape.others)
        if expected is None:
            yield where, f"there is no such field; {hint(str(name), list(shape.named))}"
        else:
            yield from mistakes(expected, part, where)
    for name in shape.required:
        if name not in value:
            yield (f"{path}.{name}" if path else name), "is missing; add it"


def _in_list(shape: Items, value: Any, path: str) -> Iterator[Mistake]:
    if not isinstance(value, list):
        yield path, f"must be a list, not {called(value)}"
        return
    if len(value) < shape.least or (shape.most is not None and len(value) > shape.most):
        most = "any number of" if shape.most is None else shape.most
        yield path, f"must have from {shape.least} to {most} items, not {len(value)}"
    for position, item in enumerate(value):
        yield from mistakes(shape.of, item, f"{path}[{position}]")


def _in_text(shape: Text, value: Any, path: str) -> Iterator[Mistake]:
    if not isinstance(value, str):
        yield path, f"must be a string, not {called(value)}"
    elif shape.pattern == GUID.pattern:
        if not GUID.match(value):
            yield path, f"must be a GUID, not {called(value)}"
    elif len(value) < shape.least:
        yield path, f"must have at least {shape.least} characters"
    elif shape.most is not None and len(value) > shape.most:
        yield path, f"must have at most {shape.most} characters, not {len(value)}"
    elif shape.pattern is not None and not re.search(shape.pattern, value):
        yield path, f"must match {shape.pattern}, which {called(value)} does not"
    elif shape.choices and value not in shape.choices:
        yield path, f"must be one of {', '.join(shape.choices)}, not {called(value)}"


def _in_number(shape: Whole, value: Any, path: str) -> Iterator[Mistake]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield path, f"must be a whole number, not {called(value)}"
    elif (shape.least is not None and value < shape.least) or (shape.most is not None and value > shape.most):
        bounds = " and ".join(
            f"{word} {bound}"
            for word, bound in (("at least", shape.least), ("at most", shape.most))
            if bound is not None
        )
        yield path, f"must be {bounds}, not {value}"
