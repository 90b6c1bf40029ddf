"""How apply makes an outcome of each change, whatever becomes of it; the Arm and the decisions here are toys.

What Azure makes of the requests is `test_arm.py`'s and `test_apply.py`'s.
"""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.apply import apply, filled
from reconciler.errors import GaveUp, PlanOutdated, ReconcilerError, Refused
from reconciler.model import Change, Create, Document, Outcome, Plan, Status, Update, Write
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, WEST_BACKEND, observed, wish
from tests.toys import ANSWER, GONE, PRINCIPAL, ROLE, SERVICE, FakeArm, Heard, Toys, carried_out, thing, told

# ------------------------------------------------------------------------------------ in order, one by one


def test_what_is_the_gateways_comes_first_and_then_each_accounts_changes_in_the_order_of_the_plan() -> None:
    arm, changes = FakeArm(), (thing("b"), thing("a"), SERVICE, GONE)
    outcomes, begun = carried_out(*changes, arm=arm)
    order = (SERVICE, changes[0], changes[1], GONE)
    assert outcomes == [Outcome(change, Status.APPLIED, "", 1.0) for change in order]
    assert begun == list(order)
    assert [(id, write.verb) for id, write in arm.written] == [
        (GATEWAY, "PUT"),
        (GATEWAY.child("things", "b"), "PUT"),
        (GATEWAY.child("things", "a"), "PUT"),
        (WEST_BACKEND, "DELETE"),
    ]


def test_outcomes_come_as_they_happen() -> None:
    arm, written = FakeArm(), []

    class Watching(Heard):
        def ended(self, outcome: Outcome) -> None:
            super().ended(outcome)
            written.append([id.name for id, _ in arm.written])

    apply(Plan((thing("a"), thing("b"))), arm, Toys(), Watching(), writers=1)
    assert written == [["a"], ["a", "b"]]


def test_an_update_goes_to_what_is_there_and_not_to_the_name_that_we_would_give() -> None:
    adopted = EAST_API.child("operations", "Chat_Create")
    update = Update(wish(EAST_API.child("operations", "chat"), "operation"), observed(adopted, "operation"), ())
    arm = FakeArm()
    carried_out(update, arm=arm)
    assert [id for id, _ in arm.written] == [adopted]


def test_nothing_to_do_is_nothing() -> None:
    assert carried_out() == ([], [])


# ------------------------------------------------------------------------------------ unknowns


def test_an_unknown_is_filled_from_the_answer_of_what_supplies_it() -> None:
    arm = FakeArm(answers=ANSWER)
    outcomes, begun = carried_out(SERVICE, ROLE, arm=arm)
    id = EAST.extension("Microsoft.Authorization", "roleAssignments", "for-p-1")
    body = {"properties": {"who": "p-1", "list": [{"again": "p-1"}], "what": "a role"}}
    assert arm.written[1] == (id, Write("PUT", body))
    assert [(o.status, o.change.id) for o in outcomes] == [(Status.APPLIED, GATEWAY), (Status.APPLIED, id)]
    assert begun == [SERVICE, ROLE]


def test_an_unknown_is_learnt_from_what_is_there_where_nothing_had_to_be_written() -> None:
    class Done(Toys):
        def remaining(self, change: Change, found: Document | None) -> Write | None:
            return None if change is SERVICE else super().remaining(change, found)

    arm = FakeArm(answers=ANSWER)
    outcomes, _ = carried_out(SERVICE, ROLE, arm=arm, rules=Done())
    assert [str(o.status) for o in outcomes] == ["applied", "applied"]
    assert [id.name for id, _ in arm.written] == ["for-p-1"]


UNLEARNT: dict[str, dict[str, Any]] = {
    "does not say it": {},
    "says null": {"answers": {GATEWAY: {"identity": {"principalId": None}}}},
    "says something else in its place": {"answers": {GATEWAY: {"identity": "off"}}},
    "is none": {"silent": True},
}


@pytest.mark.parametrize("answer", UNLEARNT.values(), ids=UNLEARNT)
def test_what_needs_an_unknown_fails_with_all_that_needs_it_where_the_answer(answer: dict[str, Any]) -> None:
    arm = FakeArm(**answer)
    dependent = thing("dependent", ROLE.id)
    outcomes, _ = carried_out(SERVICE, ROLE, dependent, thing("other"), arm=arm)
    assert told(outcomes) == [
        ("contoso-gw", "applied", ""),
        (
            "known-after-apply",
            "failed",
            "gateway principalId was not learnt: the change that supplies it did not answer it",
        ),
        ("dependent", "skipped", "it needs known-after-apply, which was not made"),
        ("other", "applied", ""),
    ]
    assert [id.name for id, _ in arm.written] == ["contoso-gw", "other"]


def test_filling_leaves_what_is_known_alone() -> None:
    plain = thing("a")
    assert filled(plain, {PRINCIPAL.name: "p-1"}) is plain
    assert filled(GONE, {PRINCIPAL.name: "p-1"}) is GONE
    with pytest.raises(ReconcilerError, match="gateway principalId was not learnt"):
        filled(ROLE, {"another": "x"})


# ------------------------------------------------------------------------------------ failures

FAILURES: dict[str, tuple[Exception, str]] = {
    "Azure refused": (Refused("PUT x answered 400: no"), "PUT x answered 400: no"),
    "Azure stayed busy": (GaveUp("PUT x kept answering 503"), "PUT x kept answering 503"),
    "the world moved": (PlanOutdated("a was changed since the plan"), "a was changed since the plan"),
    "we made a mistake": (KeyError("properties"), "internal error: KeyError"),
    "we made another": (AssertionError("sig=hunter2"), "internal error: AssertionError"),
    "the machine is in trouble": (OSError("disk"), "internal error: OSError"),
}


@pytest.mark.parametrize(("error", "detail"), FAILURES.values(), ids=FAILURES)
def test_a_change_fails_alone_and_what_needs_it_is_skipped_through_and_through(
    error: Exception, detail: str
) -> None:
    first, second = thing("a"), thing("b")
    needs_first = thing("c", first.id)
    changes = (first, second, needs_first, thing("d", second.id, needs_first.id), thing("e", second.id))
    arm = FakeArm(fails={first.id: error})
    outcomes, begun = carried_out(*changes, arm=arm)
    assert told(outcomes) == [
        ("a", "failed", detail),
        ("b", "applied", ""),
        ("c", "skipped", "it needs a, which was not made"),
        ("d", "skipped", "it needs c, which was not made"),
        ("e", "applied", ""),
    ]
    assert [o.seconds for o in outcomes] == [1.0, 1.0, 0.0, 0.0, 1.0]
    assert [change.id.name for change in begun] == ["a", "b", "e"]
    assert [id.name for id, _ in arm.written] == ["b", "e"]


def test_a_mistake_of_ours_is_logged_whole_for_its_text_is_kept_nowhere_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = thing("a")
    (outcome,), _ = carried_out(first, arm=FakeArm(fails={first.id: KeyError("properties")}))
    assert outcome.reason == "internal-error"
    (line,) = [record for record in caplog.records if record.name == "reconciler"]
    assert line.getMessage() == f"create {first.id.text} stopped at a mistake"
    assert line.exc_info is not None
    assert repr(line.exc_info[1]) == "KeyError('properties')"


def test_a_deletion_that_fails_fails_alone() -> None:
    outcomes, _ = carried_out(GONE, thing("a"), arm=FakeArm(fails={WEST_BACKEND: RuntimeError("x")}))
    assert [str(o.status) for o in outcomes] == ["failed", "applied"]


def test_an_interrupt_is_no_failure_of_a_change() -> None:
    with pytest.raises(KeyboardInterrupt):
        carried_out(thing("a"), arm=FakeArm(fails={thing("a").id: KeyboardInterrupt()}))


def test_when_the_time_is_up_nothing_is_begun_any_more() -> None:
    arm = FakeArm(seconds=2.0)
    outcomes, begun = carried_out(thing("a"), thing("b"), thing("c"), thing("d", thing("c").id), GONE, arm=arm)
    up = "the time of this run was up; the next run goes on"
    assert told(outcomes) == [
        ("a", "applied", ""),
        ("b", "applied", ""),
        ("c", "skipped", up),
        ("d", "skipped", "it needs c, which was not made"),
        ("contoso-west-f6335e-openai-endpoint", "skipped", up),
    ]
    assert [change.id.name for change in begun] == ["a", "b"]
    assert len(arm.written) == 2


# ------------------------------------------------------------------------------------ what comes with an import

CHAT = wish(EAST_API.child("operations", "chat"), "operation", {}, EAST, EAST_API)
MODELS = wish(EAST_API.child("operations", "models"), "operation", {}, EAST, EAST_API)
IMPORT = Create(wish(EAST_API, "api", {"properties": {}}, EAST, EAST_BACKEND), (CHAT, MODELS))


def test_an_import_is_settled_and_looked_at() -> None:
    rules = Toys()
    outcomes, _ = carried_out(IMPORT, rules=rules)
    assert told(outcomes) == [("contoso-east-831a41", "applied", "with 2 operations")]
    assert rules.asked == [f"{asked} contoso-east-831a41" for asked in ("remaining", "settle", "missing")]
    assert rules.listed == [EAST_API.child("operations", "listed")]


def test_an_import_without_its_operations_fails_and_names_them() -> None:
    policy = Create(wish(EAST_API.child("policies", "policy"), "api-policy", {}, EAST, EAST_API))
    outcomes, _ = carried_out(IMPORT, policy, rules=Toys(absent=(CHAT, MODELS)))
    assert told(outcomes) == [
        (
            "contoso-east-831a41",
            "failed",
            "it was imported without what the document says: chat, models; the next run repairs that",
        ),
        ("policy", "skipped", "it needs contoso-east-831a41, which was not made"),
    ]


def test_what_brings_nothing_is_not_looked_at_again() -> None:
    rules = Toys()
    carried_out(thing("a"), SERVICE, GONE, rules=rules)
    assert {asked.split()[0] for asked in rules.asked} == {"remaining"}
