"""The table of `compare.py`, row by row, and the spellings that mean the same."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.compare import as_path, as_set, differences, lower
from reconciler.model import Difference, Unknown

LATER = Unknown("gateway principalId")

TABLE: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[Difference, ...]]] = {
    "what we do not declare is somebody else's": ({"a": 1}, {"a": 1, "b": 2}, ()),
    "another value": ({"a": 1}, {"a": 2}, (Difference("a", 2, 1),)),
    "a missing value": ({"a": 1}, {}, (Difference("a", None, 1),)),
    "a value missing inside": ({"a": {"b": 1}}, {"a": {"c": 3}}, (Difference("a.b", None, 1),)),
    "nothing is declared in it": ({"a": {}}, {"a": None}, ()),
    "a list is one value": ({"a": [1, 2]}, {"a": [2, 1]}, (Difference("a", [2, 1], [1, 2]),)),
    "only apply can tell": ({"a": LATER}, {"a": "anything"}, (Difference("a", "anything", LATER),)),
    "only apply can tell of what is missing": ({"a": LATER}, {}, (Difference("a", None, LATER),)),
    "the same": ({"a": {"b": [1, {"c": "d"}]}}, {"a": {"b": [1, {"c": "d"}]}}, ()),
    "nothing declared at all": ({}, {"a": 1}, ()),
    "a null that is declared and not there": ({"a": None}, {}, ()),
    "a null that is declared beside a value": ({"a": None}, {"a": 1}, (Difference("a", 1, None),)),
    "a mapping where a value was": ({"a": {"b": 1}}, {"a": 5}, (Difference("a.b", None, 1),)),
    "true is not one": ({"a": True}, {"a": 1}, (Difference("a", 1, desired=True),)),
    "zero is not false": ({"a": 0}, {"a": False}, (Difference("a", actual=False, desired=0),)),
    "letter case counts where nobody says otherwise": ({"a": "X"}, {"a": "x"}, (Difference("a", "x", "X"),)),
    "a number is not its text": ({"a": 1}, {"a": "1"}, (Difference("a", "1", 1),)),
    "a whole number is its float, as Azure answers it": ({"a": 50}, {"a": 50.0}, ()),
    "in the order of the paths": (
        {"b": 1, "a": {"z": 1, "c": 1}},
        {},
        (Difference("a.c", None, 1), Difference("a.z", None, 1), Difference("b", None, 1)),
    ),
}


@pytest.mark.parametrize(("desired", "actual", "expected"), TABLE.values(), ids=TABLE)
def test_the_difference_of(desired: Any, actual: Any, expected: tuple[Difference, ...]) -> None:
    assert differences(desired, actual) == expected


def test_what_azure_never_returns_is_never_drift() -> None:
    desired = {"properties": {"value": "secret", "name": "a"}, "value": "x"}
    assert differences(desired, {}, write_only=("properties.value",)) == (
        Difference("properties.name", None, "a"),
        Difference("value", None, "x"),
    )


def test_what_azure_never_returns_counts_with_all_that_is_in_it() -> None:
    assert differences({"a": {"b": {"c": 1}}}, {"a": {}}, write_only=("a.b",)) == ()


CANONICAL = {
    "letter case": (lower, "HTTP", "http", ()),
    "another word in any case": (lower, "HTTP", "https", (Difference("a", "https", "HTTP"),)),
    "a path with slashes and capitals": (as_path, "East/openai", "/east/openai/", ()),
    "another path": (as_path, "east/openai", "west/openai", (Difference("a", "west/openai", "east/openai"),)),
    "a set in another order and case": (as_set, ["https", "WS"], ["ws", "HTTPS"], ()),
    "a set with one more": (as_set, ["https"], ["https", "http"], (Difference("a", ["https", "http"], ["https"]),)),
    "a set that is not there": (as_set, ["https"], None, (Difference("a", None, ["https"]),)),
    "a path that is not there": (as_path, "x/openai", None, (Difference("a", None, "x/openai"),)),
}


@pytest.mark.parametrize(("spell", "desired", "actual", "expected"), CANONICAL.values(), ids=CANONICAL)
def test_one_spelling_for(spell: Any, desired: Any, actual: Any, expected: tuple[Difference, ...]) -> None:
    assert differences({"a": desired}, {"a": actual}, canonical={"a": spell}) == expected


def test_a_spelling_is_for_its_own_path_only() -> None:
    found = differences({"a": {"b": "X"}, "b": "X"}, {"a": {"b": "x"}, "b": "x"}, canonical={"a.b": lower})
    assert found == (Difference("b", "x", "X"),)


def test_an_unknown_value_survives_a_spelling() -> None:
    assert differences({"a": LATER}, {"a": "x"}, canonical={"a": lower}) == (Difference("a", "x", LATER),)
