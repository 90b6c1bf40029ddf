"""How each kind of run is called, and when its gateway is looked at again: one row per reason, by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.model import Create, Delete, Held, Outcome, Plan, Reason, Status
from reconciler.report import Failure, Report
from reconciler.resource_id import ResourceId
from reconciler.verdict import Ending, Next, Verdict, findings, verdict
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, WEST, WEST_API, mark, observed, wish, world

DONE, CONTINUE, SOON, RETRY = Next.DONE, Next.CONTINUE, Next.SOON, Next.RETRY


def change(id: ResourceId = EAST_BACKEND) -> Create:
    return Create(wish(id, "backend", {}, EAST))


def applied(*, sent: bool = True) -> Outcome:
    return Outcome(change(), Status.APPLIED, sent=sent)


def failed(reason: str) -> Outcome:
    return Outcome(change(EAST_API), Status.FAILED, "it went wrong", reason=reason)


def skipped(reason: str) -> Outcome:
    return Outcome(change(WEST_API), Status.SKIPPED, "not tried", reason=reason)


def held(reason: Reason, *, deletion: bool = False) -> Held:
    gone = Delete(observed(EAST_API, "api", mark=mark(WEST)), "the account is gone")
    return Held(gone if deletion else change(), reason, "not now")


def ran(*outcomes: Outcome, holds: tuple[Held, ...] = ()) -> Report:
    return Report(GATEWAY, world(), Plan(tuple(o.change for o in outcomes), holds), outcomes)


def unread(reason: str) -> Report:
    return Report(GATEWAY, failure=Failure(reason, "one sentence"))


@pytest.mark.parametrize(
    ("reason", "ending", "next"),
    [
        ("forbidden", "Forbidden", DONE),
        ("not-signed-in", "Forbidden", RETRY),
        ("throttled", "Throttled", RETRY),
        ("gave-up", "DiscoveryFailed", RETRY),
        ("unreachable", "DiscoveryFailed", RETRY),
        ("not-found", "DiscoveryFailed", RETRY),
        ("refused", "DiscoveryFailed", DONE),
        ("gateway-not-ready", "Progressing", SOON),
        ("gateway-not-found", "ConfigInvalid", DONE),
        ("config-invalid", "ConfigInvalid", DONE),
        ("identity-off", "ConfigInvalid", DONE),
        ("identity-missing", "ConfigInvalid", DONE),
        ("name-clash", "ConfigInvalid", DONE),
        ("product-not-found", "ConfigInvalid", DONE),
        ("specification-refused", "ConfigInvalid", DONE),
        ("specification-unreadable", "ConfigInvalid", RETRY),
        ("not-configured", "ConfigInvalid", DONE),
        ("plan-outdated", "Conflict", RETRY),
        ("interrupted", "PartialApply", RETRY),
        ("lease-lost", "LeaseLost", RETRY),
        ("internal-error", "InternalError", RETRY),
        ("a-word-of-tomorrow", "DiscoveryFailed", RETRY),
    ],
)
def test_a_gateway_that_could_not_be_read(reason: str, ending: str, next: Next) -> None:
    assert verdict(unread(reason)) == Verdict(ending, next)


def test_every_word_for_a_failure_has_a_place_in_the_table_above() -> None:
    """The words are read off the source: whoever adds one decides here what becomes of the run."""
    sources = Path(__file__).parent.parent.joinpath("reconciler").rglob("*.py")
    text = "\n".join(path.read_text("utf-8") for path in sources)
    words = set(re.findall(r"(?:GatewayError|Failure)\(\s*\"([a-z-]+)\"", text))
    assert {"gateway-not-found", "identity-off", "plan-outdated"} <= words
    table = {row[0] for row in test_a_gateway_that_could_not_be_read.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert words - table == set()


@pytest.mark.parametrize(
    ("reason", "ending", "next"),
    [
        ("forbidden", "Forbidden", DONE),
        ("not-signed-in", "Forbidden", RETRY),
        ("throttled", "Throttled", RETRY),
        ("refused", "PartialApply", DONE),
        ("gave-up", "PartialApply", RETRY),
        ("unreachable", "PartialApply", RETRY),
        ("not-found", "PartialApply", RETRY),
        ("plan-outdated", "PartialApply", RETRY),
        ("internal-error", "InternalError", RETRY),
        ("a-word-of-tomorrow", "PartialApply", RETRY),
        ("under-way", "Progressing", SOON),
        ("lease-lost", "LeaseLost", RETRY),
    ],
)
def test_a_change_that_failed(reason: str, ending: str, next: Next) -> None:
    assert verdict(ran(applied(), failed(reason))) == Verdict(ending, next)
    assert verdict(ran(applied(), failed(reason), skipped("needs"))) == Verdict(ending, next)


@pytest.mark.parametrize(
    ("report", "ending", "next"),
    [
        (ran(), "InSync", DONE),
        (ran(applied(sent=False)), "InSync", DONE),
        (ran(applied()), "Applied", DONE),
        (Report(GATEWAY, world(), Plan((change(),))), "DryRun", DONE),
        (Report(GATEWAY, world(), Plan((), (held(Reason.FOREIGN),))), "DryRun", DONE),
        (ran(holds=(held(Reason.FOREIGN),)), "Conflict", DONE),
        (ran(holds=(held(Reason.PATH_TAKEN),)), "Conflict", DONE),
        (ran(holds=(held(Reason.RENAME),)), "Conflict", DONE),
        (ran(holds=(held(Reason.DOCUMENT_CHANGED),)), "Conflict", DONE),
        (ran(holds=(held(Reason.DRIFT_LOOP),)), "DriftLoop", DONE),
        (ran(holds=(held(Reason.TOO_MANY, deletion=True),)), "PlanBlockedTooManyDeletes", DONE),
        (ran(holds=(held(Reason.PRUNE_REPORT, deletion=True),)), "InSync", DONE),
        (ran(holds=(held(Reason.UNCONFIRMED, deletion=True),)), "InSync", DONE),
        (ran(holds=(held(Reason.IN_USE, deletion=True),)), "InSync", DONE),
        (ran(applied(), holds=(held(Reason.PRUNE_REPORT, deletion=True),)), "Applied", DONE),
        (ran(holds=(held(Reason.FOREIGN), held(Reason.BLOCKED))), "Conflict", DONE),
    ],
)
def test_a_run_in_which_nothing_failed(report: Report, ending: str, next: Next) -> None:
    assert verdict(report) == Verdict(ending, next)


def test_every_reason_for_holding_a_change_has_a_row_above() -> None:
    rows = test_a_run_in_which_nothing_failed.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {h.reason for report, *_ in rows if report.outcomes is not None for h in report.plan.held} == set(Reason)


@pytest.mark.parametrize(
    ("outcomes", "ending", "next"),
    [
        # the time was up: go on at once only if that leads anywhere and Azure does not ask for less
        ((applied(), skipped("time-up")), "TimeBudget", CONTINUE),
        ((skipped("time-up"),), "TimeBudget", RETRY),
        ((applied(sent=False), skipped("time-up")), "TimeBudget", RETRY),
        ((applied(), failed("throttled"), skipped("time-up")), "TimeBudget", RETRY),
        ((applied(), failed("gave-up"), skipped("time-up")), "TimeBudget", CONTINUE),
        ((applied(), failed("forbidden"), skipped("time-up")), "TimeBudget", CONTINUE),
        # whoever lost the lease writes no more and does not go on
        ((applied(), skipped("lease-lost")), "LeaseLost", RETRY),
        ((applied(), skipped("lease-lost"), skipped("time-up")), "LeaseLost", RETRY),
        # the gravest names the run, the most urgent says when
        ((failed("forbidden"), failed("gave-up")), "Forbidden", RETRY),
        ((failed("forbidden"), failed("under-way")), "Forbidden", SOON),
        ((failed("gave-up"), failed("under-way")), "PartialApply", RETRY),
        ((failed("refused"), failed("throttled")), "Throttled", RETRY),
    ],
)
def test_of_several_things_the_gravest_and_the_most_urgent_count(
    outcomes: tuple[Outcome, ...], ending: str, next: Next
) -> None:
    assert verdict(ran(*outcomes)) == Verdict(ending, next)


@pytest.mark.parametrize(
    ("report", "ending", "next"),
    [
        (ran(failed("under-way"), holds=(held(Reason.FOREIGN),)), "Conflict", SOON),
        (ran(failed("gave-up"), holds=(held(Reason.DRIFT_LOOP),)), "PartialApply", RETRY),
        (
            ran(holds=(held(Reason.FOREIGN), held(Reason.DRIFT_LOOP), held(Reason.TOO_MANY, deletion=True))),
            "DriftLoop",
            DONE,
        ),
        (
            ran(holds=(held(Reason.FOREIGN), held(Reason.TOO_MANY, deletion=True))),
            "PlanBlockedTooManyDeletes",
            DONE,
        ),
    ],
)
def test_what_is_held_counts_beside_what_failed(report: Report, ending: str, next: Next) -> None:
    assert verdict(report) == Verdict(ending, next)


def test_a_run_that_was_interrupted_is_not_done() -> None:
    report = Report(GATEWAY, world(), Plan((change(), change(EAST_API))), (applied(),))
    assert verdict(report) == Verdict("PartialApply", RETRY)


def test_each_thing_has_a_verdict_of_its_own_less_what_another_one_explains() -> None:
    report = ran(applied(), failed("forbidden"), skipped("needs"), failed("gave-up"), holds=(held(Reason.RENAME),))
    assert findings(report) == (
        Verdict("Forbidden", DONE),
        Verdict("PartialApply", RETRY),
        Verdict("Conflict", DONE),
    )


def test_the_words_are_those_of_the_platform() -> None:
    assert [str(ending) for ending in Ending] == [
        "LeaseLost",
        "InternalError",
        "ConfigInvalid",
        "DiscoveryFailed",
        "TimeBudget",
        "Forbidden",
        "Throttled",
        "PartialApply",
        "DriftLoop",
        "PlanBlockedTooManyDeletes",
        "Conflict",
        "Progressing",
        "DryRun",
        "Applied",
        "InSync",
    ]
