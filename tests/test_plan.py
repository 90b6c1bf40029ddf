"""The table of `plan()`, its order and digest, and the decisions that apply asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from reconciler.config import Config
from reconciler.errors import PlanOutdated
from reconciler.kinds import KINDS
from reconciler.kinds.backend import BACKEND
from reconciler.kinds.kind import in_order
from reconciler.model import (
    Change,
    Create,
    Delete,
    Difference,
    Document,
    Held,
    Observed,
    Plan,
    Reason,
    Resource,
    Update,
    Write,
    kind_of,
    verb,
)
from reconciler.ownership import stamp
from reconciler.plan import Decisions, plan
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
    WEST_API,
    WEST_BACKEND,
    account,
    by_id,
    config,
    document,
    mark,
    observed,
    wish,
    world,
)

BODY = {"properties": {"url": "https://a", "title": "east"}}
DESCRIBED = {"properties": {"url": "https://a", "description": stamp("East.", mark())}}
BACKEND_WISH = wish(EAST_BACKEND, "backend", BODY, EAST)


def make(desired: Sequence[Resource], actual: Sequence[Observed], of: World | None = None) -> Plan:
    return plan(by_id(*desired), by_id(*actual), of or world(account(), account(WEST)), KINDS)


def ours(body: Any = None, id: ResourceId = EAST_BACKEND, source: ResourceId = EAST) -> Observed:
    return observed(id, "backend", BODY if body is None else body, mark=mark(source))


def told(changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    return [(verb(change), kind_of(change), change.id.name) for change in changes]


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

LEFT = ours()
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


# ------------------------------------------------------------------------------------ order and folding


def chat(api: ResourceId = EAST_API, name: str = "chat", method: str = "POST") -> Resource:
    body = {"properties": {"displayName": name, "method": method, "urlTemplate": f"/{name}"}}
    return wish(api.child("operations", name), "operation", body, EAST if api == EAST_API else WEST, api)


def api_wish(id: ResourceId = EAST_API, source: ResourceId = EAST) -> Resource:
    body = {"properties": {"path": f"{id.name}/openai", "description": stamp("", mark(source))}}
    return wish(id, "api", body, source)


def api_there(wanted: Resource) -> Observed:
    assert wanted.source is not None
    return observed(wanted.id, "api", wanted.body, mark=mark(wanted.source))


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


# ------------------------------------------------------------------------------------ decisions while applying

DECISIONS = Decisions(KINDS)
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
BOTH_TYPES = "SystemAssigned, UserAssigned"
ATTACHED = {"identity": {"type": "UserAssigned", "userAssignedIdentities": {"i": {"clientId": "c"}}}}
IDENTITY = Update(
    wish(GATEWAY, "service", {"identity": {"type": BOTH_TYPES, "userAssignedIdentities": {"i": {}}}}),
    observed(GATEWAY, "service", ATTACHED),
    (Difference("identity.type", "UserAssigned", BOTH_TYPES),),
)
POLICY_UPDATE = Update(
    POLICY, observed(POLICY_ID, "api-policy", OTHER_POLICY), (Difference("properties.value/policies", "b", "a"),)
)
DELETE = Delete(LEFT, "gone")


def found(body: Any, id: ResourceId = EAST_BACKEND) -> Document:
    return document(id, body, '"now"')


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


# ------------------------------------------------------------------------------------ a deep look


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


def test_an_update_is_planned_as_it_is_to_be_sent() -> None:
    identity = wish(GATEWAY, "service", {"identity": {"type": "SystemAssigned"}})
    made = make([identity], [observed(GATEWAY, "service", ATTACHED)])
    assert made.changes == (IDENTITY,)


def test_what_an_import_did_not_bring_is_missing() -> None:
    a, b, c, d = (chat(name=name) for name in "abcd")
    listed = [
        document(a.id, a.body),
        document(EAST_API.child("operations", "B_Create"), b.body),
        document(c.id, {"properties": {**c.body["properties"], "displayName": "other"}}),
    ]
    assert DECISIONS.missing(Create(api_wish(), (a, b, c, d)), listed) == (c, d)


# ------------------------------------------------------------------------------------ digest

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
