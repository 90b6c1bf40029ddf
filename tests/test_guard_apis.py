"""When an API is held for its name, its path or the document it was made from."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model import Create, Difference, Reason, Update
from reconciler.resource_id import ResourceId
from tests.builders import EAST, EAST_API, GATEWAY, WEST, WEST_API, WEST_BACKEND, account, world
from tests.judged import (
    BOUND,
    OLD_API,
    OLD_SPEC,
    SPEC,
    api,
    api_there,
    backend,
    judge,
    link,
    operation,
    policy,
    reasons,
    role,
    unmarked,
    update,
)

# ------------------------------------------------------------------------------------ rename


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
