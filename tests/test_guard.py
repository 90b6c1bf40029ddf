"""Each reason to hold a change but those of an API's name, path and document; nothing else is held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.guard import RULES
from reconciler.model import Create, Delete, Held, Observed, Reason
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, WEST, WEST_API, WEST_BACKEND, mark, observed, wish
from tests.judged import (
    BOUND,
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
        "is_a_loop",
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
