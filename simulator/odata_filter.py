"""Which items of a list an OData `$filter` keeps.

API Management knows comparisons (eq, ne, gt, ge, lt, le), `and`, `or`, `not`, brackets, the functions `contains`,
`startswith`, `endswith` and `substringof`, and `any` and `all` over lists. Which field permits which of them is
documented with each list (the tables in the docstrings of azure-mgmt-apimanagement); texts are compared without
regard to case (INFERRED: nobody recorded it).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]
Test = Callable[[JSON], bool]
_FUNCTIONS = ("contains", "startswith", "endswith", "substringof")
_ORDERED = ("gt", "ge", "lt", "le")
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|(?P<name>[A-Za-z_][\w.]*)|(?P<mark>[(),:/]))"
)
_DEEPEST = 100  # brackets; Microsoft's OData library has a limit of its own, with these words (UriParser)
_CONSTANTS = {"true": True, "false": False, "null": None}


class FilterError(ValueError):
    """A filter that cannot be read, or that a list does not permit."""


@dataclass(frozen=True)
class Usage:
    """What a filter may do with a field."""

    operators: frozenset[str]
    functions: frozenset[str] = frozenset()


ANY_TEXT = Usage(frozenset({"eq", "ne", *_ORDERED}), frozenset(_FUNCTIONS))
A_LIST = Usage(ANY_TEXT.operators, frozenset({*_FUNCTIONS, "any", "all"}))
EQUAL = Usage(frozenset({"eq"}))
EQUAL_OR_NOT = Usage(frozenset({"eq", "ne"}))


def texts(*names: str) -> dict[str, Usage]:
    """Fields with which a filter may do everything that can be done with a text."""
    return dict.fromkeys(names, ANY_TEXT)


def read_filter(text: str, fields: Mapping[str, Usage]) -> Test:
    """The test that a filter makes of an item, which has the fields by name."""
    return _Reader(text, fields).whole()


@dataclass(frozen=True)
class _Term:
    """One side of a comparison: a field, or a constant."""

    field: str = ""
    value: Any = None

    def of(self, item: JSON) -> Any:
        return _comparable(item.get(self.field) if self.field else self.value)


class _Reader:
    """Reads a filter from left to right."""

    def __init__(self, text: str, fields: Mapping[str, Usage]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._deep = 0
        self._fields = {name.lower(): (name, usage) for name, usage in fields.items()}

    def whole(self) -> Test:
        test = self._either()
        if self._at < len(self._tokens):
            raise FilterError(f"'{self._tokens[self._at]}' is not expected")
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._took("or"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda item: any(test(item) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._took("and"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda item: all(test(item) for test in tests)

    def _one(self) -> Test:
        self._deep += 1
        if self._deep > _DEEPEST:
            raise FilterError("Recursion depth exceeded allowed limit")
        test = self._single()
        self._deep -= 1
        return test

    def _single(self) -> Test:
        if self._took("not"):
            test = self._one()
            return lambda item: not test(item)
        if self._took("("):
            test = self._either()
            self._need(")")
            return test
        if self._next().lower() in _FUNCTIONS and self._next(1) == "(":
            return self._maybe_compared(self._function())
        if self._next(1) == "/":
            return self._of_list()
        return self._comparison()

    def _function(self) -> Test:
        name = self._take().lower()
        self._need("(")
        first = self._term()
        self._need(",")
        second = self._term()
        self._need(")")
        whole, part = (second, first) if name == "substringof" else (first, second)
        self._permit(whole, name)
        return lambda item: _holds(name, whole.of(item), part.of(item))

    def _maybe_compared(self, test: Test) -> Test:
        """`startswith(…) eq true` is the same as `startswith(…)`."""
        if self._next().lower() not in {"eq", "ne"}:
            return test
        same = self._take().lower() == "eq"
        wanted = self._term().value
        if not isinstance(wanted, bool):
            raise FilterError("a function is compared with true or false")
        return lambda item: (test(item) == wanted) == same

    def _of_list(self) -> Test:
        """`tags/any(t: t eq 'x')`."""
        field = self._term()
        self._need("/")
        name = self._take().lower()
        self._permit(field, name)
        self._need("(")
        variable = self._take()
        self._need(":")
        outside = self._fields
        self._fields = {variable.lower(): (variable, ANY_TEXT)}
        test = self._either()
        self._fields = outside
        self._need(")")
        fold = any if name == "any" else all
        return lambda item: fold(test({variable: each}) for each in item.get(field.field) or [])

    def _comparison(self) -> Test:
        left = self._term()
        operator = self._take().lower()
        if operator not in {"eq", "ne", *_ORDERED}:
            raise FilterError(f"'{operator}' is no comparison")
        right = self._term()
        self._permit(left if left.field else right, operator)
        return lambda item: _compare(operator, left.of(item), right.of(item))

    def _term(self) -> _Term:
        token = self._take()
        if token.startswith("'"):
            return _Term(value=token[1:-1].replace("''", "'"))
        if token[0].isdigit() or token.startswith("-"):
            return _Term(value=float(token))
        if token.lower() in _CONSTANTS:
            return _Term(value=_CONSTANTS[token.lower()])
        if token.lower() not in self._fields:
            raise FilterError(f"the field '{token}' cannot be used in a filter")
        return _Term(field=self._fields[token.lower()][0])

    def _permit(self, term: _Term, what: str) -> None:
        if not term.field:
            raise FilterError(f"'{what}' needs a field")
        usage = self._fields[term.field.lower()][1]
        if what not in usage.operators | usage.functions:
            raise FilterError(f"'{what}' is not supported for the field '{term.field}'")

    def _next(self, ahead: int = 0) -> str:
        return self._tokens[self._at + ahead] if self._at + ahead < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next()
        if not token:
            raise FilterError("the filter ends too early")
        self._at += 1
        return token

    def _took(self, word: str) -> bool:
        if self._next().lower() != word:
            return False
        self._at += 1
        return True

    def _need(self, mark: str) -> None:
        if not self._took(mark):
            raise FilterError(f"'{mark}' is missing")


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None:
            raise FilterError(f"'{text[position:end]}' cannot be read")
        found.append(token[token.lastgroup or 0])
        position = token.end()
    return found


def _comparable(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _holds(name: str, whole: Any, part: Any) -> bool:
    if not isinstance(whole, str) or not isinstance(part, str):
        return False
    if name == "startswith":
        return whole.startswith(part)
    return whole.endswith(part) if name == "endswith" else part in whole


def _compare(operator: str, left: Any, right: Any) -> bool:
    if operator in {"eq", "ne"}:
        return bool(left == right) == (operator == "eq")
    both_text = isinstance(left, str) and isinstance(right, str)
    if not both_text and not (isinstance(left, int | float) and isinstance(right, int | float)):
        return False
    less, same = bool(left < right), bool(left == right)
    return {"lt": less, "le": less or same, "gt": not less and not same, "ge": not less}[operator]
