"""Each reason to hold a change, and that nothing else is held."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reconciler.guard import RULES, guard
from reconciler.model import Change, Create, Delete, Difference, Held, Observed, Reason, Resource, Update
from reconciler.ownership import stamp
from reconciler.resource_id import ResourceId
from reconciler.world import World
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
    mark,
    observed,
    wish,
    world,
)

SPEC = "azure-openai/2024-10-21@0123456789ab"
OLD_SPEC = "azure-openai/2024-06-01@aaaaaaaaaaaa"
DRIFT = (Difference("properties.x", 1, 2),)
BACKENDS = {EAST: EAST_BACKEND, WEST: WEST_BACKEND}


def api_body(source: ResourceId, path: str, spec: str = SPEC) -> dict[str, Any]:
    return {"properties": {"path": path, "description": stamp("Models.", mark(source, spec=spec))}}


def api(id: ResourceId = EAST_API, source: ResourceId = EAST, path: str = "contoso-east/openai") -> Resource:
    return wish(id, "api", api_body(source, path), source, BACKENDS[source])


def policy(of: ResourceId = EAST_API, backend: ResourceId = EAST_BACKEND, source: ResourceId = EAST) -> Resource:
    return wish(of.child("policies", "policy"), "api-policy", {}, source, of, backend)


def operation(of: ResourceId = EAST_API, source: ResourceId = EAST, name: str = "chat") -> Resource:
    return wish(of.child("operations", name), "operation", {}, source, of)


def backend(id: ResourceId = EAST_BACKEND, source: ResourceId = EAST) -> Resource:
    return wish(id, "backend", {"properties": {"description": stamp("A backend.", mark(source))}}, source)


def link(of: ResourceId = EAST_API, source: ResourceId = EAST) -> Resource:
    id = GATEWAY.child("products", "p").child("apis", of.name)
    return wish(id, "product-api", {}, source, of, of.child("policies", "policy"))


def role(source: ResourceId = EAST) -> Resource:
    id = source.extension("Microsoft.Authorization", "roleAssignments", "0001")
    return wish(id, "role-assignment", {}, source)


def api_there(
    id: ResourceId = EAST_API,
    source: ResourceId = EAST,
    path: str = "contoso-east/openai",
    *,
    owner: str | None = "contoso",
    spec: str = SPEC,
) -> Observed:
    """An API as it is; with an owner of None nobody's mark is on it."""
    its = mark(source, owner, spec) if owner else None
    return observed(id, "api", {"properties": {"path": path}}, mark=its)


def update(wanted: Resource, actual: Observed) -> Update:
    return Update(wanted, actual, DRIFT)


def unmarked(wanted: Resource) -> Update:
    """An update of a resource whose kind carries no mark."""
    return update(wanted, observed(wanted.id, wanted.kind))


def reasons(held: tuple[Held, ...]) -> list[tuple[Reason, Change]]:
    return [(h.reason, h.change) for h in held]


def judge(
    *changes: Change, actual: tuple[Observed, ...] = (), also: tuple[Resource, ...] = (), of: World | None = None
) -> tuple[tuple[Change, ...], tuple[Held, ...]]:
    """What guard says, desired being what the changes want and `also`."""
    wanted = [change.desired for change in changes if isinstance(change, Create | Update)]
    there = [change.actual for change in changes if isinstance(change, Update | Delete)]
    desired = by_id(*wanted, *also)
    return guard(changes, desired, by_id(*actual, *there), of or world(account(), account(WEST)))


# ------------------------------------------------------------------------------------ nothing to hold


def test_a_new_account_is_free_to_come() -> None:
    changes = (Create(role()), Create(backend()), Create(api(), (operation(),)), Create(policy()), Create(link()))
    assert judge(*changes) == (changes, ())


def test_drift_in_what_is_ours_is_free_to_be_repaired() -> None:
    changes = (
        update(wish(GATEWAY, "service"), observed(GATEWAY, "service")),
        update(backend(), observed(EAST_BACKEND, "backend", mark=mark())),
        update(api(), api_there()),
        unmarked(operation()),
        Create(operation(name="models")),
        unmarked(policy()),
        Create(link()),
    )
    assert judge(*changes, actual=(api_there(),)) == (changes, ())


def test_somebody_elses_api_beside_ours_is_nobodys_business() -> None:
    other = api_there(GATEWAY.child("apis", "orders"), path="orders", owner=None)
    changes = (Create(api()),)
    assert judge(*changes, actual=(other,)) == (changes, ())


# ------------------------------------------------------------------------------------ foreign


def test_an_api_with_our_name_and_no_mark_is_foreign_and_its_account_waits() -> None:
    foreign = update(api(), api_there(owner=None))
    rest = (Create(role()), Create(backend()), Create(operation()), Create(policy()), Create(link()))
    west = (Create(backend(WEST_BACKEND, WEST)), Create(api(WEST_API, WEST, "contoso-west/openai")))
    service = update(wish(GATEWAY, "service"), observed(GATEWAY, "service"))
    changes, held = judge(service, foreign, *rest, *west)
    assert changes == (service, *west)
    assert reasons(held) == [(Reason.FOREIGN, foreign), *((Reason.BLOCKED, change) for change in rest)]
    assert held[0].detail == (
        "contoso-east-831a41 carries no mark of ours; rename or remove it, or choose another name in the profile"
    )
    assert held[1].detail == "it goes with the api contoso-east-831a41, which is held (foreign)"


def test_an_api_of_another_owner_is_foreign() -> None:
    changes, held = judge(update(api(), api_there(owner="fabrikam")))
    assert changes == ()
    assert held[0].reason is Reason.FOREIGN
    assert "is marked by the owner 'fabrikam', not by 'contoso'; " in held[0].detail


def test_another_spelling_of_the_owner_is_another_owner() -> None:
    assert judge(update(api(), api_there(owner="Contoso")))[1][0].reason is Reason.FOREIGN


def test_a_foreign_backend_holds_the_api_and_with_it_the_whole_account() -> None:
    foreign = update(backend(), observed(EAST_BACKEND, "backend", mark=mark(owner="fabrikam")))
    needing = (Create(api(), (operation(),)), Create(policy()), Create(link()))
    west = (Create(backend(WEST_BACKEND, WEST)), Create(api(WEST_API, WEST, "contoso-west/openai")))
    changes, held = judge(Create(role()), foreign, *needing, *west)
    assert changes == west
    assert reasons(held) == [
        (Reason.FOREIGN, foreign),
        *((Reason.BLOCKED, change) for change in needing),
        (Reason.BLOCKED, Create(role())),
    ]
    assert [h.detail for h in held[1:3]] == [
        "it goes with the backend contoso-east-831a41-openai-endpoint, which is held (foreign)",
        "it goes with the api contoso-east-831a41, which is held (blocked)",
    ]


def test_a_backend_that_turned_foreign_holds_repairs_of_what_needs_it_and_no_others() -> None:
    foreign = update(backend(), observed(EAST_BACKEND, "backend"))
    repair, chat = update(api(), api_there()), unmarked(operation())
    changes, held = judge(foreign, repair, chat, actual=(api_there(),))
    assert changes == ()
    assert reasons(held) == [(Reason.FOREIGN, foreign), (Reason.BLOCKED, repair), (Reason.BLOCKED, chat)]
    alone = unmarked(operation())
    assert judge(foreign, alone, actual=(api_there(),), also=(api(),))[0] == (alone,)


NOT_OURS = {
    "nobody's mark": observed(EAST_BACKEND, "backend"),
    "another owner's mark": observed(EAST_BACKEND, "backend", mark=mark(owner="fabrikam")),
    "our owner's mark for another account": observed(EAST_BACKEND, "backend", mark=mark(WEST)),
}


@pytest.mark.parametrize("there", NOT_OURS.values(), ids=NOT_OURS)
def test_what_we_would_mark_is_foreign_with(there: Observed) -> None:
    foreign = update(backend(), there)
    assert reasons(judge(foreign)[1]) == [(Reason.FOREIGN, foreign)]


@pytest.mark.parametrize("there", NOT_OURS.values(), ids=NOT_OURS)
def test_what_we_would_not_mark_is_never_foreign_even_with(there: Observed) -> None:
    """What a kind calls itself means nothing: a service, an operation, a policy carry no mark of their own."""
    change = update(wish(EAST_BACKEND, "backend", {"properties": {"url": "https://a"}}, EAST), there)
    assert judge(change) == ((change,), ())


# ------------------------------------------------------------------------------------ rename

OLD_API = GATEWAY.child("apis", "old-831a41")
BOUND = world(account(), bindings={EAST: OLD_API})


def test_an_api_under_a_new_name_is_held_and_the_old_one_is_kept_in_order() -> None:
    old = api(OLD_API)
    free = (update(old, api_there(OLD_API)), Create(operation(OLD_API)), unmarked(policy(OLD_API)))
    changes, held = judge(*free, Create(api()), actual=(api_there(OLD_API),), of=BOUND)
    assert changes == free
    assert reasons(held) == [(Reason.RENAME, Create(api()))]
    assert held[0].detail == (
        "the profile's name template now gives contoso-east-831a41, but the account's API is old-831a41; "
        "names are not changed: put the template back"
    )


def test_an_api_that_is_bound_under_its_own_name_is_no_rename() -> None:
    bound = world(account(), bindings={EAST: ResourceId(EAST_API.text.upper())})
    assert judge(Create(api()), of=bound) == ((Create(api()),), ())


def test_a_new_name_that_somebody_else_has_is_a_rename_and_the_account_goes_on() -> None:
    """Held as foreign it would hold the whole account, whose own API is in order."""
    renamed = update(api(), api_there(owner=None))
    free = (update(api(OLD_API), api_there(OLD_API)), unmarked(policy(OLD_API)))
    changes, held = judge(*free, renamed, actual=(api_there(OLD_API),), of=BOUND)
    assert changes == free
    assert reasons(held) == [(Reason.RENAME, renamed)]


def test_a_new_name_whose_path_is_taken_is_a_rename_and_the_account_goes_on() -> None:
    """The path is that of its own old API."""
    free = (unmarked(policy(OLD_API)),)
    changes, held = judge(*free, Create(api()), actual=(api_there(OLD_API),), of=BOUND)
    assert changes == free
    assert reasons(held) == [(Reason.RENAME, Create(api()))]


# ------------------------------------------------------------------------------------ path taken


def test_a_path_of_somebody_elses_api_is_taken_and_the_account_waits() -> None:
    other = api_there(GATEWAY.child("apis", "legacy"), path="/Contoso-East/openai/", owner=None)
    changes, held = judge(Create(role()), Create(backend()), Create(api()), Create(policy()), actual=(other,))
    assert changes == ()
    assert reasons(held) == [
        (Reason.PATH_TAKEN, Create(api())),
        (Reason.BLOCKED, Create(role())),
        (Reason.BLOCKED, Create(backend())),
        (Reason.BLOCKED, Create(policy())),
    ]
    assert held[0].detail == (
        "the path 'contoso-east/openai' belongs to the API legacy; choose another api.path in the profile"
    )


def test_a_path_that_only_begins_alike_is_free() -> None:
    other = api_there(GATEWAY.child("apis", "legacy"), path="contoso-east", owner=None)
    assert judge(Create(api()), actual=(other,))[1] == ()


def test_an_api_may_move_to_a_free_path_whatever_its_revisions_show() -> None:
    moved = update(api(), api_there(path="old/openai"))
    revision = api_there(ResourceId(f"{EAST_API};rev=2"), path="contoso-east/openai")
    assert judge(moved, actual=(revision,)) == ((moved,), ())


def test_an_api_that_would_move_to_a_taken_path_is_held_alone() -> None:
    moved = update(api(), api_there(path="old/openai"))
    other = api_there(GATEWAY.child("apis", "legacy"), path="contoso-east/openai", owner=None)
    changes, held = judge(moved, unmarked(policy()), unmarked(operation()), actual=(other,))
    assert changes == (unmarked(policy()), unmarked(operation()))
    assert reasons(held) == [(Reason.PATH_TAKEN, moved)]


def test_of_two_newcomers_with_one_path_the_first_by_name_gets_it() -> None:
    east, west = api(path="shared/openai"), api(WEST_API, WEST, "Shared/openai")
    changes, held = judge(Create(west), Create(east), Create(backend()), Create(backend(WEST_BACKEND, WEST)))
    assert changes == (Create(east), Create(backend()))
    assert reasons(held) == [
        (Reason.PATH_TAKEN, Create(west)),
        (Reason.BLOCKED, Create(backend(WEST_BACKEND, WEST))),
    ]
    assert held[0].detail == (
        "the path 'shared/openai' is also that of contoso-east-831a41; "
        "put {resourceGroup} into the profile's api.path"
    )


def test_an_api_that_has_a_path_keeps_it_and_is_repaired_though_a_newcomer_wants_it_too() -> None:
    repair = update(api(WEST_API, WEST, "shared/openai"), api_there(WEST_API, WEST, "shared/openai"))
    newcomer = Create(api(path="shared/openai"))
    changes, held = judge(newcomer, repair)
    assert changes == (repair,)
    assert reasons(held) == [(Reason.PATH_TAKEN, newcomer)]


# ------------------------------------------------------------------------------------ document changed


def anew(*loses: str) -> Update:
    document = Difference("properties.value", OLD_SPEC, SPEC)
    return replace(update(api(), api_there(spec=OLD_SPEC)), differences=(document,), anew=True, loses=loses)


def test_an_import_in_place_that_loses_nothing_is_free() -> None:
    assert judge(anew()) == ((anew(),), ())


def test_an_import_in_place_that_would_lose_something_is_held_and_nothing_else() -> None:
    costly, drifted = anew("the operation theirs", "the policy of the operation chat"), unmarked(operation())
    changes, held = judge(costly, drifted, unmarked(policy()), Create(link()))
    assert changes == (drifted, unmarked(policy()), Create(link()))
    assert reasons(held) == [(Reason.DOCUMENT_CHANGED, costly)]
    assert held[0].detail == (
        f"contoso-east-831a41 was made from {OLD_SPEC} and the profile now wants {SPEC}; "
        "to import that would delete the operation theirs, the policy of the operation chat; "
        "move these, or put the specification back"
    )


# ------------------------------------------------------------------------------------ deletions


def test_every_deletion_is_held_and_holds_nothing_else() -> None:
    gone = Delete(observed(EAST_BACKEND, "backend", mark=mark()), "the account is gone")
    changes, held = judge(Create(api()), gone)
    assert changes == (Create(api()),)
    assert held == (Held(gone, Reason.PRUNE_REPORT, "the account is gone; safety.prune is 'report': not deleted"),)


def test_a_deletion_of_what_somebody_renamed_or_copied_is_a_deletion_and_no_more() -> None:
    """The first rule that speaks wins: nothing about deletions is said but that they are not done."""
    gone = Delete(observed(EAST_API, "api", {"properties": {"path": "x"}}, mark=mark()), "gone")
    assert reasons(judge(gone, of=BOUND)[1]) == [(Reason.PRUNE_REPORT, gone)]
    assert [rule.__name__ for rule in RULES] == [
        "is_off",
        "is_unconfirmed",
        "goes_too_far",
        "is_in_use",
        "is_renamed",
        "is_foreign",
        "takes_a_path",
        "loses_something",
    ]


def test_what_a_held_change_is_needed_for_is_held_through_and_through() -> None:
    """A third resource that needs the policy, which needs the foreign backend."""
    foreign = update(backend(), observed(EAST_BACKEND, "backend"))
    third = Create(wish(GATEWAY.child("things", "t"), "thing", {}, EAST, policy().id))
    changes, held = judge(foreign, Create(policy()), third)
    assert changes == ()
    assert [h.reason for h in held] == [Reason.FOREIGN, Reason.BLOCKED, Reason.BLOCKED]
    assert held[2].detail == "it goes with the api-policy policy, which is held (blocked)"


def test_the_order_of_what_is_free_stays() -> None:
    west = api(WEST_API, WEST, "contoso-west/openai")
    changes = (Create(west), Create(backend()), Create(replace(role(), needs=frozenset({GATEWAY}))), Create(api()))
    assert judge(*changes)[0] == changes
