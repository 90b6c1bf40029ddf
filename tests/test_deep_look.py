"""What only a deep look compares, and what is left to do after it."""

from __future__ import annotations

from dataclasses import replace

from reconciler.kinds import KINDS
from reconciler.model import Create, Difference, Plan, Resource, Update, Write
from reconciler.plan import Decisions
from tests.builders import EAST, EAST_API, account, document, observed, wish, world
from tests.planned import api_there, api_wish, found, make

ROUTES = ("displayName", "method", "urlTemplate")


def told_of(description: str) -> Resource:
    body = {
        "properties": {
            "displayName": "Chat",
            "method": "POST",
            "urlTemplate": "/chat",
            "templateParameters": [],
            "description": description,
            "request": {"representations": []},
        }
    }
    return wish(EAST_API.child("operations", "chat"), "operation", body, EAST, EAST_API)


TOLD = Update(
    told_of("Chat."),
    observed(told_of("").id, "operation", told_of("Mine.").body),
    (Difference("properties.description", "Mine.", "Chat."),),
)


def test_only_a_deep_look_compares_what_the_list_of_operations_leaves_out() -> None:
    desired, actual = [told_of("Chat."), api_wish()], [api_there(api_wish()), TOLD.actual]
    assert make(desired, actual) == Plan(unchanged=2)
    assert make(desired, actual, replace(world(account()), deep=True)) == Plan(changes=(TOLD,), unchanged=1)


def test_what_a_deep_look_planned_is_done_by_deep_decisions_only() -> None:
    there = found(told_of("Mine.").body, TOLD.id)
    expected = Write("PATCH", {"properties": {"description": "Chat."}}, '"now"')
    assert Decisions(KINDS, deep=True).remaining(TOLD, there) == expected
    assert Decisions(KINDS, deep=True).settle(TOLD, there) == expected
    assert Decisions(KINDS).remaining(TOLD, there) is None


def test_what_came_with_an_import_is_compared_as_the_list_shows_it_even_by_deep_decisions() -> None:
    wanted = told_of("Chat.")
    listed = [document(wanted.id, {"properties": {k: wanted.body["properties"][k] for k in ROUTES}})]
    assert Decisions(KINDS, deep=True).missing(Create(api_wish(), (wanted,)), listed) == ()
