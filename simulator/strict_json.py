"""How text becomes JSON data, and how much data that is.

Python's own reader takes NaN, Infinity and 1e999, which no answer could repeat as JSON, and nests as deeply as the
stack allows. Azure's readers have a limit too (Newtonsoft.Json's MaxDepth is 64 since version 13, more in services
that raise it); which one Resource Manager has is not known: INFERRED.
"""

import json
import math
from typing import Any, NoReturn

DEEPEST = 128
_LONG = 100  # so many characters count as a further node


def read_json(text: str | bytes) -> Any:
    """The data; ValueError says why the text is no JSON, or too deep."""
    try:
        value = json.loads(text, parse_constant=_no_number, parse_float=_finite)
        _, depth = measured(value)
    except RecursionError:
        depth = DEEPEST + 1
    if depth > DEEPEST:
        raise ValueError(f"The reader's MaxDepth of {DEEPEST} has been exceeded.")
    return value


def measured(value: Any) -> tuple[int, int]:
    """How many values there are, each as often as it would be written, and how deep they are nested.

    What stands in several places is looked at once; RecursionError if it stands inside itself.
    """
    return _measured(value, {})


def _measured(value: Any, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    kind = type(value)
    if kind is str:
        return 1 + len(value) // _LONG, 0
    if kind is not dict and kind is not list:
        return 1, 0
    found = known.get(id(value))
    if found is None:
        nodes = 1 + (sum(len(name) for name in value) // _LONG if kind is dict else 0)
        depth = 0
        for each in value.values() if kind is dict else value:
            more, below = _measured(each, known)
            nodes, depth = nodes + more, max(depth, below)
        known[id(value)] = found = nodes, depth + 1
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large a number")
    return number


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")
