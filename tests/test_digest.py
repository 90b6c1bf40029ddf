"""What a plan's digest sees, and what it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model import Create, Difference, Held, Plan, Reason, Update
from reconciler.resource_id import ResourceId
from tests.builders import EAST, EAST_BACKEND, GATEWAY, wish
from tests.planned import BACKEND_WISH, DELETE, ours

CREATION = Create(wish(GATEWAY.child("backends", "B"), "backend", {"properties": {"url": "https://a"}}))
REPAIR = Update(BACKEND_WISH, ours(), (Difference("properties.url", "https://b", "https://a"),))
BASE = Plan((CREATION, REPAIR))


def test_a_digest_can_be_computed_by_others() -> None:
    """Sha256 of the canonical JSON of (change, desired, id, observed); these two were computed apart."""
    assert Plan().digest == "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
    assert Plan((CREATION,)).digest == "ccb993ad30da7b13d4174117eb1faf87159c225aa1ef5dcb2e456859f16c7007"


LEFT_OUT = Held(DELETE, Reason.PRUNE_REPORT, "held")
SAME_DIGEST = {
    "the order of changes": Plan((REPAIR, CREATION)),
    "what is held": Plan(BASE.changes, (LEFT_OUT,)),
    "what is unchanged": Plan(BASE.changes, (), 7),
    "an ETag": Plan((CREATION, replace(REPAIR, actual=replace(REPAIR.actual, etag='"9"')))),
    "what we do not declare": Plan((CREATION, replace(REPAIR, actual=replace(REPAIR.actual, body={"x": 1})))),
    "the order of keys": Plan(
        (
            CREATION,
            replace(
                REPAIR,
                desired=wish(EAST_BACKEND, "backend", {"properties": {"title": "east", "url": "https://a"}}, EAST),
            ),
        )
    ),
    "the letter case of an id": Plan(
        (replace(CREATION, desired=replace(CREATION.desired, id=ResourceId(CREATION.id.text.upper()))), REPAIR)
    ),
}


@pytest.mark.parametrize("other", SAME_DIGEST.values(), ids=SAME_DIGEST)
def test_the_digest_does_not_see(other: Plan) -> None:
    assert other.digest == BASE.digest


OTHER_DIGEST = {
    "one change less": Plan((CREATION,)),
    "another body": Plan((Create(wish(CREATION.id, "backend", {"properties": {"url": "https://c"}})), REPAIR)),
    "another id": Plan((Create(wish(GATEWAY.child("backends", "c"), "backend", CREATION.desired.body)), REPAIR)),
    "another value that is there": Plan(
        (CREATION, replace(REPAIR, differences=(Difference("properties.url", "https://c", "https://a"),)))
    ),
    "another change of the same": Plan((CREATION, Create(REPAIR.desired))),
    "a deletion": Plan((*BASE.changes, DELETE)),
}


@pytest.mark.parametrize("other", OTHER_DIGEST.values(), ids=OTHER_DIGEST)
def test_the_digest_sees(other: Plan) -> None:
    assert other.digest != BASE.digest
