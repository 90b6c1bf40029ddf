"""Which values an attribute may have, and how .NET's schema validation says that it has another one."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from simulator.policy.csharp import is_expression

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|-?INF|NaN")
_DATE_TIME = re.compile(
    r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_MOST_DIGITS = 30


def _between(least: float, most: float) -> Callable[[str], bool]:
    def holds(value: str) -> bool:
        return bool(_WHOLE.fullmatch(value)) and len(value) <= _MOST_DIGITS and least <= int(value) <= most

    return holds


_INFINITE = float("inf")
# name -> (its name in XML Schema, its name in .NET, whether a value has it)
_TYPES: dict[str, tuple[str, str, Callable[[str], bool]]] = {
    "bool": ("boolean", "Boolean", lambda value: value in {"true", "false", "1", "0"}),
    "int": ("int", "Int32", _between(-(2**31), 2**31 - 1)),
    "long": ("long", "Int64", _between(-(2**63), 2**63 - 1)),
    "uint": ("unsignedInt", "UInt32", _between(0, 2**32 - 1)),
    "integer": ("integer", "Integer", _between(-_INFINITE, _INFINITE)),
    "positive": ("positiveInteger", "PositiveInteger", _between(1, _INFINITE)),
    "nonnegative": ("nonNegativeInteger", "NonNegativeInteger", _between(0, _INFINITE)),
    "float": ("float", "Single", lambda value: bool(_NUMBER.fullmatch(value))),
    "double": ("double", "Double", lambda value: bool(_NUMBER.fullmatch(value))),
    "dateTime": ("dateTime", "DateTime", lambda value: bool(_DATE_TIME.fullmatch(value))),
}


@dataclass(frozen=True)
class Type:
    """What an attribute's value must be."""

    name: str  # of _TYPES, or "text"
    choices: tuple[str, ...] = ()
    expression: bool = False  # or an expression that gives such a value

    @staticmethod
    def read(text: str, *, expression: bool) -> "Type":
        """A type as elements.txt writes it: a name, or (the values that there are)."""
        if text.startswith("("):
            return Type("text", tuple(text[1:-1].split()), expression)
        if text != "text" and text not in _TYPES:
            raise ValueError(text)
        return Type(text, (), expression)

    def refuses(self, value: str) -> str | None:
        """Why this is no such value, or nothing; what a named value brings in is not looked at."""
        if "{{" in value or (self.name == "text" and not self.choices):
            return None
        if self.expression and is_expression(value):
            return None
        value = value.strip() if self.name != "text" else value
        schema, dotnet, holds = _TYPES.get(self.name, ("string", "String", lambda each: each in self.choices))
        if holds(value):
            return None
        invalid = f"The value '{value}' is invalid according to its datatype"
        if self.expression:
            reason = f"The value '{value}' is not valid according to any of the memberTypes of the union."
            return f"{invalid} 'Union' - {reason}"
        if self.choices:
            return f"{invalid} 'String' - The Enumeration constraint failed."
        reason = f"The string '{value}' is not a valid {dotnet} value."
        return f"{invalid} 'http://www.w3.org/2001/XMLSchema:{schema}' - {reason}"
