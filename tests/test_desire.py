"""What all kinds wish for a world together, and how an account finds its API again."""

from __future__ import annotations

import pytest

from reconciler.desire import desire
from reconciler.errors import GatewayError
from reconciler.kinds import KINDS
from reconciler.resource_id import ResourceId
from reconciler.world import Inventory, State, bindings, is_ours, sources
from tests.builders import (
    EAST,
    EAST_API,
    EAST_BACKEND,
    GATEWAY,
    WEST,
    WEST_API,
    WEST_BACKEND,
    account,
    by_id,
    config,
    mark,
    observed,
    world,
)

ROLE = "Microsoft.Authorization", "roleAssignments", "e4e80b5a-e884-5bfb-9a96-3a3cc0f8259f"


def test_one_account_needs_these_resources_in_this_order() -> None:
    desired = desire(world(account(), configured=config(api={"products": ["p"]})), KINDS)
    assert [(resource.kind, id.text) for id, resource in desired.items()] == [
        ("service", GATEWAY.text),
        ("role-assignment", EAST.extension(*ROLE).text),
        ("backend", f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint"),
        ("api", EAST_API.text),
        ("operation", f"{EAST_API}/operations/chatcompletions-create"),
        ("operation", f"{EAST_API}/operations/models-list"),
        ("api-policy", f"{EAST_API}/policies/policy"),
        ("product-api", f"{GATEWAY}/products/p/apis/contoso-east-831a41"),
    ]


def test_no_account_needs_nothing() -> None:
    assert desire(world(), KINDS) == {}
    assert desire(world(account(state=State.WAITING), account(WEST, State.EXCLUDED)), KINDS) == {}


def test_two_accounts_share_the_gateway_and_nothing_else() -> None:
    both = desire(world(account(), account(WEST)), KINDS)
    sources = [resource.source for resource in both.values() if resource.kind != "service"]
    assert len([source for source in sources if source == EAST]) == 6
    assert len([source for source in sources if source == WEST]) == 6
    assert len(both) == 13


def test_two_accounts_that_claim_one_api_are_an_error_that_names_both() -> None:
    with pytest.raises(GatewayError) as refused:
        desire(world(account(), account(WEST), bindings={EAST: EAST_API, WEST: EAST_API}), KINDS)
    assert refused.value.reason == "name-clash"
    assert str(refused.value).startswith("two accounts claim ")
    assert str(EAST) in str(refused.value)
    assert str(WEST) in str(refused.value)


NOBODY = Inventory(())


def test_an_account_is_bound_to_the_api_that_carries_its_mark() -> None:
    old = GATEWAY.child("apis", "old-831a41")
    actual = by_id(
        observed(old, "api", mark=mark(EAST)),
        observed(WEST_API, "api", mark=mark(WEST, owner="fabrikam")),
        observed(EAST_API, "api"),
        observed(WEST_BACKEND, "backend", mark=mark(WEST)),
    )
    assert bindings(actual, "contoso", NOBODY) == {EAST: old}
    assert bindings(actual, "fabrikam", NOBODY) == {WEST: WEST_API}


ONE_OF_TWO = {
    "the shorter name": ("zz-831a41", "aaa-831a41"),
    "of two as long the first by letters": ("A-831a41", "b-831a41"),
    "the API itself, not its revision": ("contoso-east-831a41", "contoso-east-831a41;rev=2"),
    "the API that the mark was written on, not a shorter copy": ("contoso-east-831a41", "copy"),
}


@pytest.mark.parametrize(("bound", "other"), ONE_OF_TWO.values(), ids=ONE_OF_TWO)
def test_of_two_apis_with_one_mark_the_accounts_is(bound: str, other: str) -> None:
    pair = [observed(GATEWAY.child("apis", name), "api", mark=mark()) for name in (bound, other)]
    for actual in (by_id(*pair), by_id(*pair[::-1])):
        assert bindings(actual, "contoso", NOBODY) == {EAST: GATEWAY.child("apis", bound)}


def test_ours_is_what_carries_our_owners_mark() -> None:
    assert is_ours(observed(EAST_API, "api", mark=mark()), "contoso")
    assert not is_ours(observed(EAST_API, "api", mark=mark(owner="fabrikam")), "contoso")
    assert not is_ours(observed(EAST_API, "api"), "contoso")


COPIES = {
    "an API under a name of its own": (GATEWAY.child("apis", "copy-of-east"), "api"),
    "an API whose name goes on after ours": (GATEWAY.child("apis", "contoso-east-831a41-clone"), "api"),
    "an API under another account's name": (WEST_API, "api"),
    "a backend under a name of its own": (GATEWAY.child("backends", "contoso-east"), "backend"),
    "a role assignment on another account": (
        WEST.extension("Microsoft.Authorization", "roleAssignments", "0001"),
        "role-assignment",
    ),
}


@pytest.mark.parametrize(("id", "kind"), COPIES.values(), ids=COPIES)
def test_a_copy_that_carries_our_mark_is_not_ours(id: ResourceId, kind: str) -> None:
    copy = observed(id, kind, mark=mark(EAST))
    assert not is_ours(copy, "contoso")
    assert bindings(by_id(copy), "contoso", NOBODY) == {}
    assert sources(by_id(copy), "contoso") == frozenset()


def test_the_sources_are_the_accounts_that_anything_of_ours_is_marked_with() -> None:
    third = ResourceId(f"{EAST}-third")
    role = third.extension("Microsoft.Authorization", "roleAssignments", "0001")
    actual = by_id(
        observed(GATEWAY, "service"),
        observed(EAST_API, "api", mark=mark(EAST)),
        observed(EAST_BACKEND, "backend", mark=mark(EAST)),
        observed(WEST_BACKEND, "backend", mark=mark(WEST)),
        observed(role, "role-assignment", mark=mark(third)),
        observed(WEST_API, "api", mark=mark(WEST, owner="fabrikam")),
    )
    assert sources(actual, "contoso") == {EAST, WEST, third}
    assert sources(actual, "fabrikam") == {WEST}
    assert sources({}, "contoso") == frozenset()
