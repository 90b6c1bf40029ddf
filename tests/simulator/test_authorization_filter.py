"""Which filters on roles and their assignments are understood, and as what."""

from __future__ import annotations

import re

import pytest

from simulator.authorization_filter import read_conditions
from simulator.errors import Refusal

FORMS = {
    "name": re.compile(r"(?i)roleName eq '((?:[^']|'')*)'"),
    "here": re.compile(r"(?i)atScope\(\)()"),
}
UNDERSTOOD: dict[str, dict[str, str]] = {
    "": {},
    "  ": {},
    "atScope()": {"here": ""},
    " ATSCOPE()  And  rolename EQ 'Reader' ": {"here": "", "name": "Reader"},
    "roleName eq 'It''s ours' and atScope()": {"name": "It's ours", "here": ""},
    "roleName eq 'Fish and roleName eq ''chips'''": {"name": "Fish and roleName eq 'chips'"},
}
REFUSED = [
    "roleName",
    "roleName eq Reader",
    "roleName eq 'Reader",
    "roleName eq 'Reader')",
    "atScope() or roleName eq 'Reader'",
    "atScope() roleName eq 'Reader'",
    "atScope()atScope()",
    "atScope() and",
    "and atScope()",
    "atScope() and and atScope()",
    "atScope() and id eq 'x'",
]


@pytest.mark.parametrize(("filter", "conditions"), UNDERSTOOD.items())
def test_a_filter_is_understood_as(filter: str, conditions: dict[str, str]) -> None:
    assert read_conditions(filter, FORMS, "") == conditions


@pytest.mark.parametrize("filter", REFUSED)
def test_any_other_filter_is_refused_with_those_that_are_not(filter: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_conditions(filter, FORMS, "atScope() and roleName eq")
    assert refused.value.status == 400
    assert refused.value.body == {
        "error": {
            "code": "UnsupportedQuery",
            "message": f"The filter '{filter}' is not supported. Supported are atScope() and roleName eq.",
        }
    }
