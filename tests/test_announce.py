"""What others are told of a run: which events, about whom, with which words, and never a value."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.announce import CloudEvent, events
from reconciler.memory import Memory
from reconciler.model import (
    Change,
    Create,
    Delete,
    Difference,
    Held,
    Outcome,
    Plan,
    Reason,
    Resource,
    Status,
    Update,
)
from reconciler.report import Failure, Report
from reconciler.resource_id import ResourceId
from reconciler.settled import wishes
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, WEST, account, by_id, mark, observed, wish, world

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RUN = "0123456789abcdef0123456789abcdef"
API = wish(EAST_API, "api", {"properties": {"displayName": "East"}}, EAST)
BACKEND = wish(EAST_BACKEND, "backend", {"properties": {"url": "https://secret-host"}}, EAST)
SERVICE = wish(GATEWAY, "service", {"identity": {"type": "SystemAssigned"}})
MEND = Update(
    BACKEND, observed(EAST_BACKEND, "backend"), (Difference("properties.url", "was", "https://secret-host"),)
)


def report(
    *outcomes: Outcome,
    desired: tuple[Resource, ...] = (API, BACKEND),
    there: tuple[Resource, ...] = (),
    held: tuple[Held, ...] = (),
    settled: dict[ResourceId, str] | None = None,
) -> Report:
    where = replace(world(account()), memory=Memory(settled=settled or {}))
    plan = Plan(tuple(o.change for o in outcomes), held, 3)
    actual = {r.id: observed(r.id, r.kind) for r in there}
    return Report(GATEWAY, where, plan, outcomes, desired=by_id(*desired), actual=actual)


def applied(change: Change) -> Outcome:
    return Outcome(change, Status.APPLIED)


def failed(change: Change, reason: str = "refused") -> Outcome:
    return Outcome(change, Status.FAILED, "PUT … was refused: the body is {secret}", reason=reason)


def told(of: Report, run: str = RUN) -> tuple[CloudEvent, ...]:
    return events(of, run=run, cause="timer", ended=NOW)


def kinds(of: Report) -> list[tuple[str, str]]:
    """The events as type without its prefix and name of the subject."""
    return [(e.type.removeprefix("ApimOpenAiReconciler."), e.subject.rsplit("/", 1)[-1]) for e in told(of)]


STOOD = wishes(by_id(API, BACKEND, SERVICE))
SUCCEEDED, FAILED = ("ReconcileSucceeded", "contoso-gw"), ("ReconcileFailed", "contoso-gw")


# ------------------------------------------------------------------------------- drift


def test_what_differs_although_nobody_asked_for_anything_new_is_drift() -> None:
    drift, _ = told(report(applied(MEND), there=(API, BACKEND), settled=STOOD))
    assert drift.document() == {
        "specversion": "1.0",
        "id": drift.id,
        "source": GATEWAY.text,
        "type": "ApimOpenAiReconciler.DriftDetected",
        "subject": EAST.text,
        "time": "2026-11-22T12:00:00+00:00",
        "datacontenttype": "application/json",
        "data": {
            "run": RUN,
            "gateway": GATEWAY.text,
            "cause": "timer",
            "account": EAST.text,
            "changes": [
                {
                    "change": "update",
                    "kind": "backend",
                    "id": EAST_BACKEND.text,
                    "fields": ["properties.url"],
                    "moreFields": 0,
                    "outcome": "applied",
                    "reason": "",
                }
            ],
            "more": 0,
        },
    }


def test_another_wish_than_the_one_that_stood_is_no_drift() -> None:
    other = replace(BACKEND, body={"properties": {"url": "https://before"}})
    before = wishes(by_id(API, other))
    assert kinds(report(applied(MEND), there=(API, BACKEND), settled=before)) == [SUCCEEDED]


@pytest.mark.parametrize("settled", [{}, {EAST: ""}], ids=["never seen", "never whole"])
def test_what_never_stood_does_not_drift(settled: dict[ResourceId, str]) -> None:
    assert ("DriftDetected", "contoso-east") not in kinds(report(applied(MEND), there=(API,), settled=settled))


def test_an_api_that_was_deleted_and_is_made_again_is_drift_and_no_newcomer() -> None:
    made = report(applied(Create(API)), there=(BACKEND,), settled=STOOD)
    assert kinds(made) == [("DriftDetected", "contoso-east"), SUCCEEDED]


def test_drift_that_is_left_alone_by_now_is_told_with_the_reason() -> None:
    held = Held(MEND, Reason.DRIFT_LOOP, "…")
    drift = told(report(held=(held,), there=(API, BACKEND), settled=STOOD))[0]
    assert [(c["outcome"], c["reason"]) for c in drift.data["changes"]] == [("held", "drift-loop")]


def test_what_is_held_for_any_other_reason_is_no_drift() -> None:
    held = Held(Create(API), Reason.RENAME, "…")
    assert kinds(report(held=(held,), there=(BACKEND,), settled=STOOD)) == [SUCCEEDED]


def test_drift_of_the_gateway_itself_is_of_no_account() -> None:
    off = Update(SERVICE, observed(GATEWAY, "service"), (Difference("identity.type", "None", "SystemAssigned"),))
    desired = (API, BACKEND, SERVICE)
    drift = told(report(applied(off), desired=desired, there=desired, settled=STOOD))[0]
    assert (drift.subject, drift.data["account"]) == (GATEWAY.text, None)


# ------------------------------------------------------------------------------- onboarded, offboarded


def test_an_account_of_which_all_was_made_is_onboarded() -> None:
    onboarded, _ = told(report(applied(Create(BACKEND)), applied(Create(API))))
    assert (onboarded.type, onboarded.subject) == ("ApimOpenAiReconciler.Onboarded", EAST.text)
    assert onboarded.data["apis"] == [EAST_API.text]


def test_an_account_of_which_something_failed_is_not_onboarded() -> None:
    assert kinds(report(applied(Create(API)), failed(Create(BACKEND)))) == [FAILED]


def test_an_account_of_which_something_is_held_is_not_onboarded() -> None:
    held = Held(MEND, Reason.FOREIGN, "…")
    assert kinds(report(applied(Create(API)), held=(held,))) == [SUCCEEDED]


def test_an_account_that_a_later_run_finishes_is_onboarded_then() -> None:
    finished = report(applied(Create(BACKEND)), there=(API,), settled={EAST: ""})
    assert kinds(finished) == [("Onboarded", "contoso-east"), SUCCEEDED]


def test_an_account_that_was_there_before_anybody_kept_count_is_not_onboarded() -> None:
    assert kinds(report(applied(MEND), there=(API, BACKEND))) == [SUCCEEDED]


def test_an_account_whose_api_was_deleted_is_offboarded() -> None:
    gone = Delete(observed(EAST_API, "api", mark=mark()), "gone")
    offboarded = told(report(applied(gone), desired=(), there=(API,), settled=STOOD))[0]
    assert (offboarded.type, offboarded.subject) == ("ApimOpenAiReconciler.Offboarded", EAST.text)
    assert offboarded.data["apis"] == [EAST_API.text]


def test_one_whose_api_could_not_be_deleted_is_not_offboarded_and_neither_is_one_without_an_api() -> None:
    api, backend = observed(EAST_API, "api", mark=mark()), observed(EAST_BACKEND, "backend", mark=mark(WEST))
    assert kinds(report(failed(Delete(api, "")), applied(Delete(backend, "")), desired=())) == [FAILED]


# ------------------------------------------------------------------------------- how the run ended


def test_a_run_that_changed_nothing_succeeded() -> None:
    (ended,) = told(report(there=(API, BACKEND), settled=STOOD))
    assert ended.type == "ApimOpenAiReconciler.ReconcileSucceeded"
    assert {k: v for k, v in ended.data.items() if k != "digest"} == {
        "run": RUN,
        "gateway": GATEWAY.text,
        "cause": "timer",
        "result": "InSync",
        "converged": True,
        "error": None,
        "outcomes": {},
        "held": {},
        "unchanged": 3,
        "accounts": {"onboarded": 1},
    }


def test_a_run_in_which_something_failed_says_what_and_why_in_words_for_machines() -> None:
    gone = Held(Delete(observed(EAST_API, "api"), "…"), Reason.PRUNE_REPORT, "…")
    ended = told(report(applied(Create(API)), failed(MEND, "forbidden"), held=(gone, gone)))[-1]
    assert ended.type == "ApimOpenAiReconciler.ReconcileFailed"
    assert ended.data["result"] == "Forbidden"
    assert ended.data["outcomes"] == {"create applied": 1, "update failed": 1}
    assert ended.data["held"] == {"prune-report": 2}
    assert [(c["id"], c["outcome"], c["reason"]) for c in ended.data["changes"]] == [
        (EAST_BACKEND.text, "failed", "forbidden")
    ]


def test_a_gateway_that_could_not_be_read_failed() -> None:
    (ended,) = told(Report(GATEWAY, failure=Failure("forbidden", "the identity lacks a role on /secret")))
    assert ended.type == "ApimOpenAiReconciler.ReconcileFailed"
    assert (ended.data["error"], ended.data["accounts"], ended.data["changes"]) == ("forbidden", {}, [])


@pytest.mark.parametrize("reason", ["time-up", "under-way", "lease-lost"])
def test_a_run_that_another_one_goes_on_with_leaves_the_verdict_to_that_one(reason: str) -> None:
    assert FAILED not in kinds(report(applied(Create(BACKEND)), failed(Create(API), reason)))


def test_a_dry_run_says_nothing() -> None:
    assert told(Report(GATEWAY, world(account()), Plan((Create(API),)))) == ()


# ------------------------------------------------------------------------------- what an event is


@pytest.mark.parametrize(
    "type", ["DriftDetected", "Onboarded", "Offboarded", "ReconcileSucceeded", "ReconcileFailed"]
)
def test_the_page_for_operators_has_every_type(type: str) -> None:
    assert f"| `{type}` |" in (Path(__file__).parent.parent / "docs" / "telemetry.md").read_text("utf-8")


def test_the_same_run_gives_the_same_ids_and_another_run_others() -> None:
    drifted = report(applied(MEND), there=(API, BACKEND), settled=STOOD)
    first, again, other = told(drifted), told(drifted), told(drifted, run="f" * 32)
    assert [e.id for e in first] == [e.id for e in again]
    assert len({e.id for e in (*first, *other)}) == 4


def test_no_value_and_no_sentence_goes_out() -> None:
    held = Held(MEND, Reason.DRIFT_LOOP, "the value is https://secret-host")
    everything = told(report(failed(MEND), held=(held,), there=(API, BACKEND), settled=STOOD))
    assert len(everything) == 2
    assert "secret" not in json.dumps([e.document() for e in everything])


def huge(name: str) -> Resource:
    return wish(EAST_API.child("operations", name * 3000), "operation", {}, EAST)


@pytest.mark.parametrize("character", ["x", "é", "😀", '"', "\n"])
def test_an_event_is_under_64_kb_whatever_the_report(character: str) -> None:
    long = character * 3000
    resources = tuple(huge(f"{n}{character}") for n in range(300))
    paths = tuple(Difference(f"properties.{n}{long}", 1, 2) for n in range(100))
    changes = [Update(r, observed(r.id, "operation"), paths) for r in resources]
    there = ResourceId(f"{GATEWAY}{long}")
    of = replace(
        report(*(failed(c, long) for c in changes), desired=resources, settled=wishes(by_id(*resources))),
        gateway=there,
    )
    said = events(of, run=long, cause=long, ended=NOW)
    assert len(said) == 2
    for event in said:
        assert len(json.dumps(event.document())) < 64 * 1024
        assert len(event.data["changes"]) + event.data["more"] == 300
        assert all(len(c["fields"]) + c["moreFields"] == 100 for c in event.data["changes"])


def test_nothing_in_an_event_breaks_a_line() -> None:
    (event,) = events(
        replace(report(), gateway=ResourceId(f"{GATEWAY}\r\nx\u2028y")), run=RUN, cause="a\nb", ended=NOW
    )
    assert event.source == f"{GATEWAY}  x y"
    assert event.data["cause"] == "a b"
