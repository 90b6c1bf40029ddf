"""In which order a plan's changes come, and which of them bring others along."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kinds import KINDS
from reconciler.kinds.backend import BACKEND
from reconciler.kinds.kind import in_order
from reconciler.model import Create, Difference, Resource, Update
from reconciler.resource_id import ResourceId
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, WEST, WEST_API, WEST_BACKEND, observed, wish
from tests.planned import BODY, api_there, api_wish, chat, make, ours, told


def everything(api: ResourceId, backend: ResourceId, source: ResourceId) -> list[Resource]:
    """What one account needs, in a bad order."""
    return [
        wish(GATEWAY.child("products", "p").child("apis", api.name), "product-api", {}, source, api),
        wish(api.child("policies", "policy"), "api-policy", {}, source, api, backend),
        chat(api, "b"),
        api_wish(api, source),
        wish(backend, "backend", BODY, source),
        wish(source.extension("Microsoft.Authorization", "roleAssignments", "0001"), "role-assignment", {}, source),
        chat(api, "a"),
    ]


def test_each_change_comes_after_what_it_needs_and_by_name() -> None:
    identity = wish(GATEWAY, "service", {"identity": {"type": "SystemAssigned"}})
    desired = [
        *everything(WEST_API, WEST_BACKEND, WEST),
        *everything(EAST_API, EAST_BACKEND, EAST),
        identity,
    ]
    made = make(desired, [observed(GATEWAY, "service")])
    assert told(made.changes) == [
        ("update", "service", "contoso-gw"),
        ("create", "role-assignment", "0001"),
        ("create", "role-assignment", "0001"),
        ("create", "backend", "contoso-east-831a41-openai-endpoint"),
        ("create", "backend", "contoso-west-f6335e-openai-endpoint"),
        ("create", "api", "contoso-east-831a41"),
        ("create", "api", "contoso-west-f6335e"),
        ("create", "api-policy", "policy"),
        ("create", "api-policy", "policy"),
        ("create", "product-api", "contoso-east-831a41"),
        ("create", "product-api", "contoso-west-f6335e"),
    ]
    assert [c.id for c in made.changes if c.id.name in {"0001", "policy"}] == [
        EAST.extension("Microsoft.Authorization", "roleAssignments", "0001"),
        WEST.extension("Microsoft.Authorization", "roleAssignments", "0001"),
        EAST_API.child("policies", "policy"),
        WEST_API.child("policies", "policy"),
    ]
    assert (made.held, made.unchanged) == ((), 0)


def test_a_new_api_brings_its_own_operations_by_name() -> None:
    made = make([chat(WEST_API, "z"), chat(name="b"), chat(name="a"), api_wish(WEST_API, WEST), api_wish()], [])
    assert made.changes == (
        Create(api_wish(), (chat(name="a"), chat(name="b"))),
        Create(api_wish(WEST_API, WEST), (chat(WEST_API, "z"),)),
    )


def test_an_operation_missing_from_an_api_that_is_there_is_created_alone() -> None:
    wanted = api_wish()
    made = make([wanted, chat(name="a"), chat(WEST_API, "z"), api_wish(WEST_API, WEST)], [api_there(wanted)])
    assert made.changes == (Create(api_wish(WEST_API, WEST), (chat(WEST_API, "z"),)), Create(chat(name="a")))
    assert made.unchanged == 1


def test_an_adopted_operation_is_updated_under_its_own_name() -> None:
    wanted, adopted = api_wish(), EAST_API.child("operations", "Chat_Create")
    there = observed(
        adopted, "operation", {"properties": {"displayName": "x", "method": "POST", "urlTemplate": "/chat"}}
    )
    made = make([wanted, chat()], [api_there(wanted), there])
    (change,) = made.changes
    assert change == Update(chat(), there, (Difference("properties.displayName", "x", "chat"),))
    assert change.id == adopted


def test_the_order_of_discovery_changes_nothing() -> None:
    desired = everything(EAST_API, EAST_BACKEND, EAST) + everything(WEST_API, WEST_BACKEND, WEST)
    there = [ours({}), observed(GATEWAY, "service")]
    first, second = make(desired, there), make(desired[::-1], there[::-1])
    assert first.changes == second.changes
    assert first.digest == second.digest


def test_kinds_are_in_an_order_in_which_each_can_be_made() -> None:
    expected = ["service", "role-assignment", "backend", "api", "operation", "api-policy", "product-api"]
    assert [kind.name for kind in KINDS] == expected
    assert in_order(KINDS) == KINDS
    backwards = [kind.name for kind in in_order(KINDS[::-1])]
    assert backwards.index("service") < backwards.index("role-assignment")
    assert backwards.index("api") < backwards.index("operation")
    assert backwards.index("backend") < backwards.index("api") < backwards.index("api-policy")
    assert backwards.index("api-policy") < backwards.index("product-api")


def test_kinds_that_need_each_other_are_named() -> None:
    first = replace(BACKEND, name="a", after=frozenset({"b"}))
    second = replace(BACKEND, name="b", after=frozenset({"a"}))
    with pytest.raises(ValueError, match=r"kinds depend on each other in a circle: (a -> b -> a|b -> a -> b)"):
        in_order([first, second])
