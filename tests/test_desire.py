"""What all kinds wish for a world together, and how an account finds its API again."""

from __future__ import annotations

import pytest

from reconciler.desire import desire
from reconciler.errors import GatewayError
from reconciler.kinds import KINDS
from reconciler.world import State, bindings, is_ours
from tests.builders import EAST, EAST_API, GATEWAY, WEST, WEST_API, account, by_id, config, mark, observed, world

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


def test_an_account_is_bound_to_the_api_that_carries_its_mark() -> None:
    old = GATEWAY.child("apis", "old")
    actual = by_id(
        observed(old, "api", mark=mark(EAST)),
        observed(WEST_API, "api", mark=mark(WEST, owner="fabrikam")),
        observed(EAST_API, "api"),
        observed(GATEWAY.child("backends", "b"), "backend", mark=mark(WEST)),
    )
    assert bindings(actual, "contoso") == {EAST: old}
    assert bindings(actual, "fabrikam") == {WEST: WEST_API}


def test_of_two_apis_with_one_mark_the_first_by_name_is_the_accounts() -> None:
    first, second = GATEWAY.child("apis", "A"), GATEWAY.child("apis", "b")
    actual = by_id(observed(second, "api", mark=mark()), observed(first, "api", mark=mark()))
    assert bindings(actual, "contoso") == {EAST: first}


def test_ours_is_what_carries_our_owners_mark() -> None:
    assert is_ours(observed(EAST_API, "api", mark=mark()), "contoso")
    assert not is_ours(observed(EAST_API, "api", mark=mark(owner="fabrikam")), "contoso")
    assert not is_ours(observed(EAST_API, "api"), "contoso")
