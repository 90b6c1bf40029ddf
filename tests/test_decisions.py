"""What apply is told to write when it gets to a change, and when a plan is outdated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.errors import PlanOutdated
from reconciler.model import Change, Create, Difference, Document, Update, Write
from reconciler.ownership import stamp
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, WEST, document, mark, observed, wish
from tests.planned import ATTACHED, BODY, BOTH_TYPES, DECISIONS, DELETE, DESCRIBED, IDENTITY, api_wish, chat, found

CREATE = Create(wish(EAST_BACKEND, "backend", DESCRIBED, EAST))
LINK = Create(wish(GATEWAY.child("products", "p").child("apis", "a"), "product-api", {}, EAST))
POLICY_ID = EAST_API.child("policies", "policy")
POLICY = wish(
    POLICY_ID, "api-policy", {"properties": {"format": "xml", "value": "<policies><a /></policies>"}}, EAST
)
OTHER_POLICY = {"properties": {"value": "<policies><b /></policies>"}}
SEEN = {"properties": {"url": "https://b", "title": "x", "description": "theirs", "tls": {"deep": 1}}}
UPDATE = Update(
    wish(EAST_BACKEND, "backend", {"properties": {"url": "https://a", "title": "east", "tls": {"deep": 2}}}, EAST),
    observed(EAST_BACKEND, "backend", SEEN),
    (
        Difference("properties.title", "x", "east"),
        Difference("properties.tls.deep", 1, 2),
        Difference("properties.url", "https://b", "https://a"),
    ),
)
POLICY_UPDATE = Update(
    POLICY,
    observed(POLICY_ID, "api-policy", OTHER_POLICY),
    (
        Difference("properties.value/a", None, "<a /> at position 1 of 1"),
        Difference("properties.value/b", "<b /> at position 1 of 1", None),
    ),
)
MARKED = {"properties": {"url": "https://old", "description": DESCRIBED["properties"]["description"]}}

REMAINING: dict[str, tuple[Change, Document | None, Write | None]] = {
    "a creation of what is not there: all of it, without an ETag": (CREATE, None, Write("PUT", DESCRIBED)),
    "a creation that was done already: nothing": (CREATE, found(DESCRIBED), None),
    "a creation that was done in part, by its mark: the rest": (
        CREATE,
        found(MARKED),
        Write("PATCH", {"properties": {"url": "https://a"}}, '"now"'),
    ),
    "a link that is there by now: nothing": (LINK, found({"x": 1}, LINK.id), None),
    "an update, as planned: the differing properties, each whole": (
        UPDATE,
        found(SEEN),
        Write("PATCH", {"properties": {"title": "east", "tls": {"deep": 2}, "url": "https://a"}}, '"now"'),
    ),
    "an update that somebody did in part: the rest": (
        UPDATE,
        found({"properties": {"url": "https://a", "title": "x", "tls": {"deep": 2}}}),
        Write("PATCH", {"properties": {"title": "east"}}, '"now"'),
    ),
    "an update that somebody did: nothing": (UPDATE, found(UPDATE.desired.body), None),
    "an update of what is no property: all that belongs to it": (
        IDENTITY,
        found(ATTACHED, GATEWAY),
        Write("PATCH", {"identity": {"type": BOTH_TYPES, "userAssignedIdentities": {"i": {}}}}, '"now"'),
    ),
    "an update of the identity, beside one that was attached since": (
        IDENTITY,
        found({"identity": {"type": "UserAssigned", "userAssignedIdentities": {"j": {}, "i": {}}}}, GATEWAY),
        Write("PATCH", {"identity": {"type": BOTH_TYPES, "userAssignedIdentities": {"i": {}, "j": {}}}}, '"now"'),
    ),
    "an update of the identity, where another was attached in place of it": (
        IDENTITY,
        found({"identity": {"type": "UserAssigned", "userAssignedIdentities": {"j": {}}}}, GATEWAY),
        Write("PATCH", {"identity": {"type": BOTH_TYPES, "userAssignedIdentities": {"j": {}}}}, '"now"'),
    ),
    "an update of what cannot be patched: the whole document": (
        POLICY_UPDATE,
        found(OTHER_POLICY, POLICY_ID),
        Write("PUT", POLICY.body, '"now"'),
    ),
    "a deletion of what is there": (DELETE, found(DESCRIBED), Write("DELETE", etag='"now"')),
    "a deletion of what is gone: nothing": (DELETE, None, None),
}


@pytest.mark.parametrize(("change", "there", "expected"), REMAINING.values(), ids=REMAINING)
def test_what_remains_of(change: Change, there: Document | None, expected: Write | None) -> None:
    assert DECISIONS.remaining(change, there) == expected


FOREIGN_NOW = {"properties": {"url": "https://c", "description": stamp("", mark(owner="fabrikam"))}}

OUTDATED: dict[str, tuple[Change, Document | None, str]] = {
    "somebody else's thing appeared": (CREATE, found(BODY), "appeared since the plan"),
    "another owner's thing appeared": (CREATE, found(FOREIGN_NOW), "appeared since the plan"),
    "another policy appeared": (Create(POLICY), found(OTHER_POLICY, POLICY_ID), "appeared since the plan"),
    "what was to be updated was deleted": (UPDATE, None, "was deleted since the plan"),
    "what was to be deleted lost our mark": (DELETE, found(BODY), "is no longer ours"),
    "what was to be deleted is another owner's by now": (DELETE, found(FOREIGN_NOW), "is no longer ours"),
    "what was to be deleted is another account's by now": (
        DELETE,
        found({"properties": {"description": stamp("", mark(WEST))}}),
        "is no longer ours",
    ),
    "the identity that was to be kept was detached": (
        IDENTITY,
        found({"identity": {"type": "None"}}, GATEWAY),
        "was changed since the plan",
    ),
    "another value appeared in a field": (
        UPDATE,
        found({"properties": {**SEEN["properties"], "url": "https://c"}}),
        "was changed since the plan",
    ),
    "another field began to differ": (
        replace(UPDATE, differences=UPDATE.differences[:2]),
        found(SEEN),
        "was changed since the plan",
    ),
}


@pytest.mark.parametrize(("change", "there", "words"), OUTDATED.values(), ids=OUTDATED)
def test_a_plan_is_outdated_where(change: Change, there: Document | None, words: str) -> None:
    with pytest.raises(PlanOutdated, match=words) as outdated:
        DECISIONS.remaining(change, there)
    assert str(outdated.value).startswith(f"{change.id.name} ")


def test_what_an_import_left_different_is_settled_whatever_was_planned() -> None:
    assert DECISIONS.settle(CREATE, found(BODY)) == Write(
        "PATCH", {"properties": {"description": DESCRIBED["properties"]["description"]}}, '"now"'
    )
    assert DECISIONS.settle(CREATE, found(DESCRIBED)) is None
    with pytest.raises(PlanOutdated, match="is not there although it was just made"):
        DECISIONS.settle(CREATE, None)


def test_what_an_import_did_not_bring_is_missing() -> None:
    a, b, c, d = (chat(name=name) for name in "abcd")
    listed = [
        document(a.id, a.body),
        document(EAST_API.child("operations", "B_Create"), b.body),
        document(c.id, {"properties": {**c.body["properties"], "displayName": "other"}}),
    ]
    assert DECISIONS.missing(Create(api_wish(), (a, b, c, d)), listed) == (c, d)
