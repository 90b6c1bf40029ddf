"""The table of `plan()`: what is created, updated, deleted, or nobody's business."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.config import Config
from reconciler.model import Create, Delete, Difference, Held, Observed, Plan, Reason, Update, kind_of
from reconciler.ownership import stamp
from reconciler.resource_id import ResourceId
from reconciler.world import State, World
from tests.builders import (
    EAST,
    EAST_API,
    EAST_BACKEND,
    GATEWAY,
    PRINCIPAL_ID,
    S1,
    S2,
    WEST,
    WEST_BACKEND,
    account,
    config,
    mark,
    observed,
    wish,
    world,
)
from tests.planned import ATTACHED, BACKEND_WISH, BODY, IDENTITY, LEFT, make, ours, told

# ------------------------------------------------------------------------------------ the table


def test_desired_and_not_there_is_created() -> None:
    assert make([BACKEND_WISH], []) == Plan(changes=(Create(BACKEND_WISH),))


def test_desired_and_different_is_updated() -> None:
    there = ours({"properties": {"url": "https://b", "title": "east", "more": 1}})
    assert make([BACKEND_WISH], [there]) == Plan(
        changes=(Update(BACKEND_WISH, there, (Difference("properties.url", "https://b", "https://a"),)),)
    )


def test_desired_and_there_is_unchanged() -> None:
    assert make([BACKEND_WISH], [ours({"properties": {**BODY["properties"], "more": 1}})]) == Plan(unchanged=1)


def test_desired_and_there_in_other_letters_is_unchanged() -> None:
    assert make([BACKEND_WISH], [ours(id=ResourceId(EAST_BACKEND.text.upper()))]) == Plan(unchanged=1)


def test_foreign_and_not_desired_is_not_our_business() -> None:
    foreign = [
        observed(GATEWAY.child("backends", "orders"), "backend", BODY),
        observed(GATEWAY.child("backends", "theirs"), "backend", BODY, mark=mark(owner="fabrikam")),
    ]
    gone = world(gone=frozenset({EAST}))
    assert make([], foreign, gone) == Plan()


def test_a_link_that_is_there_is_unchanged_whatever_it_says() -> None:
    id = GATEWAY.child("products", "p").child("apis", "contoso-east-831a41")
    there = observed(id, "product-api", {"properties": {"path": "x"}})
    assert make([wish(id, "product-api", {"properties": {"path": "y"}}, EAST)], [there]) == Plan(unchanged=1)


# ------------------------------------------------------------------------------------ deletions

DELETED = {
    "an account that is gone": (world(gone=frozenset({EAST})), f"the account {EAST} is gone"),
    "an account that is not selected any more": (
        world(account(state=State.EXCLUDED, detail="it does not carry the tag ai-gateway=enabled")),
        "contoso-east: it does not carry the tag ai-gateway=enabled",
    ),
}


@pytest.mark.parametrize(("of", "why"), DELETED.values(), ids=DELETED)
def test_what_is_ours_is_to_be_deleted_for(of: World, why: str) -> None:
    assert make([], [LEFT], of) == Plan(
        held=(Held(Delete(LEFT, why), Reason.PRUNE_REPORT, f"{why}; safety.prune is 'report': not deleted"),)
    )


KEPT = {
    "an account that is served": world(account()),
    "an account that waits": world(account(state=State.WAITING)),
    "an account that nobody saw and nobody confirmed gone": world(account(WEST)),
    "an account, while another is gone": world(account(), gone=frozenset({WEST})),
}


@pytest.mark.parametrize("of", KEPT.values(), ids=KEPT)
def test_what_is_ours_stays_for(of: World) -> None:
    assert make([], [LEFT], of) == Plan()


def test_a_revision_of_our_api_which_shows_our_mark_is_not_deleted() -> None:
    wanted = wish(EAST_API, "api", {"properties": {"path": "e/openai", "description": stamp("", mark())}}, EAST)
    current = observed(EAST_API, "api", wanted.body, mark=mark())
    revision = observed(ResourceId(f"{EAST_API};rev=2"), "api", wanted.body, mark=mark())
    assert make([wanted], [revision, current]) == Plan(unchanged=1)


def test_our_role_assignment_stays_beside_a_broader_one_that_came_later() -> None:
    principal, user = "11111111-2222-3333-4444-555555555555", "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
    broader = "a97b65f3-24c7-4388-baec-2e87135dc908"
    id = EAST.extension("Microsoft.Authorization", "roleAssignments", "e4e80b5a-e884-5bfb-9a96-3a3cc0f8259f")
    wanted = wish(id, "role-assignment", {"properties": {"principalId": principal, "roleDefinitionId": user}}, EAST)

    def there(id: ResourceId, role: str, **more: Any) -> Observed:
        return observed(
            id,
            "role-assignment",
            {"properties": {"principalId": principal, "roleDefinitionId": f"/x/{role}", "scope": EAST.text}},
            **more,
        )

    theirs = EAST.extension("Microsoft.Authorization", "roleAssignments", "0000")
    assert make([wanted], [there(theirs, broader), there(id, user, mark=mark())]) == Plan(unchanged=1)


LETS_US_IN = {"properties": {"principalId": PRINCIPAL_ID}}


def test_deletions_come_last_and_in_the_reverse_order() -> None:
    of = world(account(WEST), gone=frozenset({EAST}))
    role = EAST.extension("Microsoft.Authorization", "roleAssignments", "0001")
    left = [
        observed(EAST_BACKEND, "backend", mark=mark()),
        observed(role, "role-assignment", LETS_US_IN, mark=mark()),
        observed(EAST_API, "api", mark=mark()),
    ]
    west = wish(WEST_BACKEND, "backend", BODY, WEST)
    made = make([west], left, of)
    assert told(made.changes) == [("create", "backend", "contoso-west-f6335e-openai-endpoint")]
    assert told([h.change for h in made.held]) == [
        ("delete", "api", "contoso-east-831a41"),
        ("delete", "backend", "contoso-east-831a41-openai-endpoint"),
        ("delete", "role-assignment", "0001"),
    ]


def test_a_copy_of_ours_is_not_deleted_with_us() -> None:
    copy = observed(GATEWAY.child("apis", "contoso-east-831a41-clone"), "api", mark=mark())
    assert make([], [copy], world(gone=frozenset({EAST}))) == Plan()


ROLE_OF_EAST = observed(
    EAST.extension("Microsoft.Authorization", "roleAssignments", "0001"), "role-assignment", LETS_US_IN, mark=mark()
)
OTHER_GATEWAY = GATEWAY.text.replace("contoso-gw", "contoso-gw-2")
OUTSIDE: dict[str, tuple[dict[str, Any] | None, list[str]]] = {
    "no other gateway": (None, ["backend", "role-assignment"]),
    "another gateway that covers the account": ({"subscription": S1}, ["backend"]),
    "another gateway that covers its group, whatever the tags": (
        {"subscription": S1.upper(), "resourceGroups": ["RG-AI-*"], "tags": {"env": "prod"}},
        ["backend"],
    ),
    "another gateway of another group": (
        {"subscription": S1, "resourceGroups": ["rg-x"]},
        ["backend", "role-assignment"],
    ),
    "another gateway of another subscription": ({"subscription": S2}, ["backend", "role-assignment"]),
}


@pytest.mark.parametrize(("rule", "expected"), OUTSIDE.values(), ids=OUTSIDE)
def test_what_is_to_be_deleted_beside(rule: dict[str, Any] | None, expected: list[str]) -> None:
    """A role may be what another gateway of the configuration calls the account with."""
    one = config()
    others = [{"id": OTHER_GATEWAY, "accounts": [rule]}] if rule else []
    both = Config.model_validate({**one.model_dump(), "gateways": [*one.model_dump()["gateways"], *others]})
    for of in (
        world(configured=both, gone=frozenset({EAST})),
        world(account(state=State.EXCLUDED, detail="x"), configured=both),
    ):
        made = make([], [LEFT, ROLE_OF_EAST], of)
        assert made.changes == ()
        assert [kind_of(held.change) for held in made.held] == expected


def test_an_update_is_planned_as_it_is_to_be_sent() -> None:
    identity = wish(GATEWAY, "service", {"identity": {"type": "SystemAssigned"}})
    made = make([identity], [observed(GATEWAY, "service", ATTACHED)])
    assert made.changes == (IDENTITY,)
