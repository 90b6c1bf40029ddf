"""What is kept of a gateway after a run, and what a reader sees of it: conditions, drift, new roles, staleness."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.announce import events
from reconciler.conditions import TYPES, Why
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
    Status,
    Update,
)
from reconciler.report import Failure, Report
from reconciler.resource_id import ResourceId
from reconciler.settled import wishes
from reconciler.status import Seen, never, shown, status
from reconciler.verdict import Ending
from tests.builders import (
    EAST,
    EAST_API,
    EAST_BACKEND,
    GATEWAY,
    WEST,
    WEST_API,
    account,
    mark,
    observed,
    wish,
    world,
)

NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
ROLE = EAST.child("roleAssignments", "made-for-east")
WEST_ROLE = WEST.child("roleAssignments", "made-for-west")
BOTH = world(account(), account(WEST), bindings={EAST: EAST_API})

MENDED = Update(
    wish(EAST_BACKEND, "backend", {"properties": {"url": "https://a"}}, EAST),
    observed(EAST_BACKEND, "backend"),
    (Difference("properties.url", "https://b", "https://a"),),
)
LEFT = Delete(observed(WEST_API, "api", mark=mark(WEST)), "the account is gone")


def creation(id: ResourceId = WEST_API, kind: str = "api", of: ResourceId = WEST) -> Create:
    return Create(wish(id, kind, {"properties": {"path": "x"}}, of))


def done(*changes: Change, sent: bool = True) -> tuple[Outcome, ...]:
    return tuple(Outcome(change, Status.APPLIED, sent=sent) for change in changes)


def failed(change: Change, reason: str, detail: str = "it answered 400; mend it") -> Outcome:
    return Outcome(change, Status.FAILED, detail, reason=reason)


def ran(*outcomes: Outcome, held: tuple[Held, ...] = (), of: Any = BOTH) -> Report:
    return Report(GATEWAY, of, Plan(tuple(o.change for o in outcomes), held, 12), outcomes)


def wanting(report: Report) -> Report:
    """A run that wanted what its changes say."""
    changes = [*report.plan.changes, *(h.change for h in report.plan.held)] if report.plan else []
    return replace(report, desired={c.desired.id: c.desired for c in changes if not isinstance(c, Delete)})


def stood(report: Report, but: Sequence[ResourceId] = ()) -> Report:
    """A run that wanted what stood before, of all accounts but some."""
    report = wanting(report)
    assert report.world is not None
    before = {about: hash for about, hash in wishes(report.desired).items() if about not in but}
    return replace(report, world=replace(report.world, memory=Memory(settled=before)))


def unread(reason: str, detail: str = "the role X is missing; grant it") -> Report:
    return Report(GATEWAY, failure=Failure(reason, detail))


def seen(minutes: float = 0, **more: Any) -> Seen:
    return Seen(
        **{
            "run": "4f1c",
            "ended": NOON + timedelta(minutes=minutes),
            "generation": 7,
            "requested": 7,
            "epoch": 3,
            "config_hash": "c0ffee",
            **more,
        }
    )


def at(minutes: float) -> str:
    return (NOON + timedelta(minutes=minutes)).isoformat()


def after(*runs: tuple[float, Report], **more: Any) -> dict[str, Any]:
    """The document after these runs, each so many minutes after noon; `more` is of the last one."""
    kept: dict[str, Any] | None = None
    for place, (minutes, report) in enumerate(runs, 1):
        kept = json.loads(json.dumps(status(kept, report, seen(minutes, **(more if place == len(runs) else {})))))
    assert kept is not None
    return kept


def read(kept: Mapping[str, Any], minutes: float = 0, requested: int = 7) -> dict[str, Any]:
    return shown(kept, NOON + timedelta(minutes=minutes), timedelta(minutes=45), requested)


def of(kept: Mapping[str, Any], kind: str) -> dict[str, Any]:
    [found] = [each for each in kept["conditions"] if each["type"] == kind]
    assert isinstance(found, dict)
    return found


def words(kept: Mapping[str, Any]) -> dict[str, str]:
    """The conditions that are worth a look: all but what is as it should be."""
    return {
        each["type"]: f"{each['status']} {each['reason']}"
        for each in kept["conditions"]
        if (each["type"], each["status"], each["reason"]) != ("DiscoveryComplete", "True", "AsExpected")
        and (each["status"], each["reason"]) != ("False", "AsExpected")
    }


# ------------------------------------------------------------------------------------ the document


def test_the_whole_document_after_a_first_run_that_did_something() -> None:
    kept = status(None, ran(*done(creation(WEST_API.child("policies", "policy"), "api-policy"))), seen())
    accounts = kept.pop("accounts")
    assert [each["id"] for each in accounts] == [EAST.text, WEST.text]
    expected = [
        ("Ready", "True", "Applied", "contoso-gw is as configured: 1 change was made"),
        (
            "Progressing",
            "False",
            "AsExpected",
            "nothing is under way on contoso-gw; the next run is the timer's, or that of a change",
        ),
        ("Degraded", "False", "AsExpected", "nothing on contoso-gw needs a person"),
        (
            "DiscoveryComplete",
            "True",
            "AsExpected",
            "all of contoso-gw and of its allow-list was read: 2 accounts",
        ),
        ("DeletesBlocked", "False", "AsExpected", "no deletion on contoso-gw is held"),
        ("DriftDetected", "False", "AsExpected", "what the reconciler made on contoso-gw is as it left it"),
        ("RoleAssignmentPending", "False", "AsExpected", "no role that contoso-gw needs is new"),
        ("Throttled", "False", "AsExpected", "Azure did not slow the last run on contoso-gw down"),
        ("ConfigInvalid", "False", "AsExpected", "the configuration was read, and nothing in it was found wrong"),
    ]
    assert kept == {
        "gateway": GATEWAY.text,
        "lastRun": "4f1c",
        "lastRunAt": "2026-01-01T12:00:00+00:00",
        "lastSuccessAt": "2026-01-01T12:00:00+00:00",
        "converged": True,
        "error": None,
        "planSummary": {"create": 1, "update": 0, "delete": 0, "held": 0},
        "held": [],
        "drifted": [],
        "conditions": [
            {
                "type": kind,
                "status": is_so,
                "reason": reason,
                "message": message,
                "observedGeneration": 7,
                "lastTransitionTime": "2026-01-01T12:00:00+00:00",
            }
            for kind, is_so, reason, message in expected
        ],
        "requestedGeneration": 7,
        "completedGeneration": 7,
        "configHash": "c0ffee",
        "epoch": 3,
        "rolesPending": [],
    }


def test_the_plan_is_counted() -> None:
    kept = after((0, ran(*done(creation(), MENDED, MENDED, LEFT), held=(Held(LEFT, Reason.IN_USE, "used"),) * 4)))
    assert kept["planSummary"] == {"create": 1, "update": 2, "delete": 1, "held": 4}


def test_wakes_that_came_during_the_run_are_asked_for_and_not_answered() -> None:
    kept = after((0, ran()), generation=5, requested=9)
    assert (kept["completedGeneration"], kept["requestedGeneration"]) == (5, 9)
    assert {each["observedGeneration"] for each in kept["conditions"]} == {5}


@pytest.mark.parametrize(
    ("last", "success"),
    [
        (ran(), at(5)),
        (ran(held=(Held(creation(), Reason.FOREIGN, "theirs"),)), at(5)),
        (ran(failed(creation(), "gave-up")), at(0)),
        (ran(Outcome(creation(), Status.SKIPPED, "no time", reason="time-up")), at(0)),
        (Report(GATEWAY, BOTH, Plan((creation(), MENDED)), done(MENDED)), at(0)),
        (unread("forbidden"), at(0)),
    ],
    ids=["in sync", "held", "failed", "skipped", "interrupted", "unread"],
)
def test_a_success_is_a_run_that_left_nothing_undone(last: Report, success: str) -> None:
    kept = after((0, ran()), (5, last))
    assert (kept["lastRunAt"], kept["lastSuccessAt"]) == (at(5), success)


# ------------------------------------------------------------------------------------ conditions


def held(reason: Reason, change: Change = LEFT) -> Held:
    return Held(change, reason, "for a reason")


READ_NOTHING = {"DeletesBlocked": "Unknown NotRead", "DriftDetected": "Unknown NotRead"}
CASES: list[tuple[str, Report, dict[str, str]]] = [
    ("in sync", ran(), {"Ready": "True InSync"}),
    ("applied", ran(*done(creation())), {"Ready": "True Applied"}),
    (
        "a change was refused",
        ran(failed(creation(), "refused")),
        {"Ready": "False PartialApply", "Degraded": "True PartialApply"},
    ),
    (
        "a change may succeed later",
        ran(failed(creation(), "gave-up")),
        {"Ready": "False PartialApply", "Progressing": "True PartialApply"},
    ),
    (
        "a change may succeed later, another one will not",
        ran(failed(creation(), "gave-up"), failed(creation(ROLE, "role-assignment", EAST), "forbidden")),
        {"Ready": "False Forbidden", "Progressing": "True PartialApply", "Degraded": "True Forbidden"},
    ),
    (
        "a change was throttled",
        ran(failed(creation(), "throttled")),
        {"Ready": "False Throttled", "Progressing": "True Throttled", "Throttled": "True Throttled"},
    ),
    (
        "the identity is being switched on",
        ran(failed(creation(GATEWAY, "service"), "under-way")),
        {"Ready": "False Progressing", "Progressing": "True Progressing"},
    ),
    (
        "the time was up",
        ran(*done(creation()), Outcome(creation(EAST_API, "api", EAST), Status.SKIPPED, "later", reason="time-up")),
        {"Ready": "False TimeBudget", "Progressing": "True TimeBudget"},
    ),
    (
        "the lease was lost",
        ran(*done(creation()), Outcome(creation(EAST_API), Status.SKIPPED, "lost", reason="lease-lost")),
        {"Ready": "False LeaseLost", "Progressing": "True LeaseLost"},
    ),
    (
        "a mistake of ours in one change",
        ran(failed(creation(), "internal-error", "internal error: KeyError"), *done(creation(EAST_API))),
        {
            "Ready": "False InternalError",
            "Progressing": "True InternalError",
            "Degraded": "True InternalError",
        },
    ),
    (
        "interrupted",
        stood(Report(GATEWAY, BOTH, Plan((creation(), MENDED)), done(MENDED)), but=[WEST]),
        {"Ready": "False PartialApply", "Progressing": "True PartialApply", "DriftDetected": "True Drift"},
    ),
    (
        "somebody else's",
        ran(held=(held(Reason.FOREIGN, creation()),)),
        {"Ready": "False Conflict", "Degraded": "True Conflict"},
    ),
    (
        "a loop",
        ran(held=(held(Reason.DRIFT_LOOP, MENDED),)),
        {"Ready": "False DriftLoop", "Degraded": "True DriftLoop", "DriftDetected": "True DriftLoop"},
    ),
    (
        "too many deletions",
        ran(held=(held(Reason.PRUNE_REPORT), held(Reason.TOO_MANY))),
        {
            "Ready": "False PlanBlockedTooManyDeletes",
            "Degraded": "True PlanBlockedTooManyDeletes",
            "DeletesBlocked": "True PlanBlockedTooManyDeletes",
        },
    ),
    (
        "deletions are switched off",
        ran(held=(held(Reason.PRUNE_REPORT), held(Reason.BLOCKED))),
        {"Ready": "True InSync", "DeletesBlocked": "True PruneReport"},
    ),
    (
        "what should go is in use",
        ran(held=(held(Reason.UNCONFIRMED), held(Reason.IN_USE))),
        {"Ready": "True InSync", "DeletesBlocked": "True InUse"},
    ),
    (
        "a deletion waits for another look",
        ran(held=(held(Reason.UNCONFIRMED),)),
        {"Ready": "True InSync", "DeletesBlocked": "False Unconfirmed"},
    ),
    (
        "forbidden to read",
        unread("forbidden"),
        {
            "Ready": "False Forbidden",
            "Degraded": "True Forbidden",
            "DiscoveryComplete": "False Forbidden",
            **READ_NOTHING,
        },
    ),
    (
        "throttled while reading",
        unread("throttled"),
        {
            "Ready": "False Throttled",
            "Progressing": "True Throttled",
            "DiscoveryComplete": "False Throttled",
            "Throttled": "True Throttled",
            **READ_NOTHING,
        },
    ),
    (
        "no answer",
        unread("unreachable"),
        {
            "Ready": "False DiscoveryFailed",
            "Progressing": "True DiscoveryFailed",
            "DiscoveryComplete": "False DiscoveryFailed",
            **READ_NOTHING,
        },
    ),
    (
        "the configuration does not fit the gateway",
        unread("product-not-found"),
        {
            "Ready": "False ConfigInvalid",
            "Degraded": "True ConfigInvalid",
            "DiscoveryComplete": "Unknown ConfigInvalid",
            "ConfigInvalid": "True ConfigInvalid",
            **READ_NOTHING,
        },
    ),
    (
        "the gateway is being made",
        unread("gateway-not-ready"),
        {
            "Ready": "False Progressing",
            "Progressing": "True Progressing",
            "DiscoveryComplete": "Unknown Progressing",
            **READ_NOTHING,
        },
    ),
    (
        "a mistake of ours",
        unread("internal-error"),
        {
            "Ready": "False InternalError",
            "Progressing": "True InternalError",
            "Degraded": "True InternalError",
            "DiscoveryComplete": "Unknown InternalError",
            **READ_NOTHING,
        },
    ),
    ("nobody said yes", Report(GATEWAY, BOTH, Plan((creation(),))), {"Ready": "False DryRun"}),
]


@pytest.mark.parametrize(("report", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_conditions_of_a_first_run(report: Report, expected: dict[str, str]) -> None:
    assert words(after((0, report))) == expected


CONFIG_ERROR = "reconciler.yaml line 3: 'gatways' is not a setting; did you mean 'gateways'?"


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (ran(), {"Ready": "False ConfigInvalid", "Degraded": "True ConfigInvalid"}),
        (
            ran(failed(creation(), "throttled")),
            {
                "Ready": "False Throttled",
                "Progressing": "True Throttled",
                "Degraded": "True ConfigInvalid",
                "Throttled": "True Throttled",
            },
        ),
        (
            ran(failed(creation(), "forbidden")),
            {"Ready": "False Forbidden", "Degraded": "True Forbidden"},
        ),
    ],
)
def test_with_a_configuration_that_cannot_be_used_the_gateway_is_not_ready(
    report: Report, expected: dict[str, str]
) -> None:
    kept = after((0, report), config_error=CONFIG_ERROR)
    assert words(kept) == {**expected, "ConfigInvalid": "True ConfigInvalid"}
    assert of(kept, "ConfigInvalid")["message"] == (
        "the configuration cannot be used: reconciler.yaml line 3: 'gatways' is not a setting; did you mean "
        "'gateways'?; until it is mended the last good one is in force, with which nothing is deleted"
    )


MESSAGES: list[tuple[str, Report, str]] = [
    (
        "Ready",
        ran(*done(creation(), MENDED), held=(held(Reason.PRUNE_REPORT),)),
        "contoso-gw is as configured: 2 changes were made; 1 deletion is held, see DeletesBlocked",
    ),
    (
        "Ready",
        ran(
            failed(creation(), "gave-up", "PUT x kept answering 503; the next run tries again."),
            failed(creation(ROLE, "role-assignment", EAST), "gave-up"),
            Outcome(MENDED, Status.SKIPPED, "it needs x, which was not made", reason="needs"),
            *done(creation(EAST_API)),
        ),
        "2 of 4 changes on contoso-gw were not made: create api contoso-west-f6335e for contoso-west: PUT x kept "
        "answering 503; the next run tries again; it is tried again by itself",
    ),
    (
        "Ready",
        ran(*done(creation()), Outcome(MENDED, Status.SKIPPED, "the time of this run was up", reason="time-up")),
        "1 of 2 changes on contoso-gw was not made: update backend contoso-east-831a41-openai-endpoint for "
        "contoso-east: the time of this run was up; the next run goes on at once",
    ),
    (
        "Ready",
        Report(GATEWAY, BOTH, Plan((creation(), MENDED)), done(MENDED)),
        "1 of 2 changes on contoso-gw was not made: it was interrupted; it is tried again by itself",
    ),
    (
        "Progressing",
        unread("gateway-not-ready", "the gateway contoso-gw is Activating; try again later"),
        "nothing could be done on contoso-gw: the gateway contoso-gw is Activating; try again later; it is looked "
        "at every minute for an hour, then by the timer",
    ),
    (
        "Degraded",
        ran(held=(Held(creation(), Reason.PATH_TAKEN, "the path is taken; choose another"),) * 2),
        "2 changes on contoso-gw are held: create api contoso-west-f6335e for contoso-west: the path is taken; "
        "choose another",
    ),
    (
        "Degraded",
        ran(failed(creation(), "internal-error", "internal error: KeyError"), *done(creation(EAST_API))),
        "1 of 2 changes on contoso-gw was not made: create api contoso-west-f6335e for contoso-west: internal "
        "error: KeyError; look for the run 4f1c in the log of the function app and report it",
    ),
    (
        "Degraded",
        unread("internal-error", "KeyError"),
        "the run 4f1c on contoso-gw stopped at a mistake in the reconciler; look for it in the log of the function "
        "app and report it",
    ),
    (
        "Degraded",
        unread("product-not-found", "line one.\nline two\nline three\n"),
        "nothing could be done on contoso-gw: line one (and 2 more lines)",
    ),
    (
        "DeletesBlocked",
        ran(held=(Held(LEFT, Reason.PRUNE_REPORT, "the account is gone; safety.prune is 'report': not deleted"),)),
        "1 deletion on contoso-gw is held: delete api contoso-west-f6335e for contoso-west: the account is gone; "
        "safety.prune is 'report': not deleted; look at what the plan would delete, and set safety.prune to "
        "'delete' if that is meant",
    ),
    (
        "DeletesBlocked",
        ran(held=(held(Reason.UNCONFIRMED),)),
        "1 deletion on contoso-gw is held: delete api contoso-west-f6335e for contoso-west: for a reason; a later "
        "run deletes by itself",
    ),
    (
        "DriftDetected",
        stood(ran(*done(MENDED))),
        "1 resource on contoso-gw was not as the last good run left it (contoso-east-831a41-openai-endpoint): put "
        "back; the gateway's activity log says who changed that",
    ),
    (
        "DriftDetected",
        stood(ran(failed(MENDED, "gave-up"))),
        "1 resource on contoso-gw was not as the last good run left it (contoso-east-831a41-openai-endpoint): not "
        "all put back yet, see Ready; the gateway's activity log says who changed that",
    ),
    (
        "RoleAssignmentPending",
        ran(*done(creation(ROLE, "role-assignment", EAST))),
        "the role of contoso-gw on contoso-east is new, and calls may answer 401 until 2026-01-01 12:10 UTC; wait "
        "for that",
    ),
    (
        "Ready",
        Report(GATEWAY, BOTH, Plan((creation(),))),
        "1 change on contoso-gw was planned and not asked for; run apply",
    ),
]


@pytest.mark.parametrize(("kind", "report", "message"), MESSAGES)
def test_a_message_says_what_where_and_what_to_do(kind: str, report: Report, message: str) -> None:
    assert of(after((0, report)), kind)["message"] == message


def test_deletions_held_for_a_broken_configuration_say_so() -> None:
    kept = after((0, ran(held=(held(Reason.PRUNE_REPORT),))), config_error=CONFIG_ERROR)
    assert of(kept, "DeletesBlocked")["message"] == (
        "1 deletion on contoso-gw is held: delete api contoso-west-f6335e for contoso-west: for a reason, because "
        "the configuration cannot be used, see ConfigInvalid"
    )


@pytest.mark.parametrize("report", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_every_message_is_one_sentence_on_one_line(report: Report) -> None:
    for kept in (after((0, report)), after((0, report), config_error=CONFIG_ERROR)):
        for each in kept["conditions"]:
            message = each["message"]
            assert message
            assert message[-1] not in ".; "
            assert "\n" not in message
            assert "  " not in message


def test_no_secret_and_no_whole_body_gets_into_a_message() -> None:
    long = "x" * 5_000
    kept = after(
        (
            0,
            ran(
                failed(creation(), "refused", f"PUT https://a/b?sig=s3cret answered 400: {long}"),
                held=(Held(LEFT, Reason.IN_USE, "https://user:s3cret@a/b uses it"),),
            ),
        )
    )
    text = json.dumps(kept["conditions"])
    assert "s3cret" not in text
    assert "https://a/b?sig=(secret)" in text
    assert max(len(each["message"]) for each in kept["conditions"]) < 500


# ------------------------------------------------------------------------------------ since when


def test_the_time_of_a_transition_changes_only_with_the_status() -> None:
    broken, other = ran(failed(creation(), "refused")), unread("forbidden")
    runs: list[tuple[float, Report]] = [
        (0, ran()),
        (5, ran(*done(creation()))),
        (10, broken),
        (15, other),
        (20, ran()),
    ]
    found = [
        (of(after(*runs[: n + 1]), "Ready")["reason"], of(after(*runs[: n + 1]), "Ready")["lastTransitionTime"])
        for n in range(len(runs))
    ]
    assert found == [
        ("InSync", at(0)),
        ("Applied", at(0)),
        ("PartialApply", at(10)),
        ("Forbidden", at(10)),
        ("InSync", at(20)),
    ]


def test_each_condition_has_a_time_of_its_own() -> None:
    kept = after((0, ran()), (5, ran(held=(held(Reason.PRUNE_REPORT),))))
    assert of(kept, "DeletesBlocked")["lastTransitionTime"] == at(5)
    assert of(kept, "Ready")["lastTransitionTime"] == at(0)


# ------------------------------------------------------------------------------------ a run that could not look


def test_a_run_that_could_not_look_keeps_what_the_last_look_found() -> None:
    looked = stood(ran(*done(MENDED), held=(held(Reason.PRUNE_REPORT),)))
    before = after((0, looked))
    kept = after((0, looked), (5, unread("unreachable")), generation=8, requested=8)
    for name in ("planSummary", "held", "drifted", "accounts", "lastSuccessAt"):
        assert kept[name] == before[name]
        assert kept[name]
    assert (kept["lastRunAt"], kept["converged"]) == (at(5), False)
    assert kept["error"] == {"reason": "unreachable", "detail": "the role X is missing; grant it"}
    for kind in ("DeletesBlocked", "DriftDetected"):
        assert of(kept, kind) == of(before, kind)
        assert of(kept, kind)["observedGeneration"] == 7
    assert of(kept, "Ready")["observedGeneration"] == 8
    assert words(kept) == {
        "Ready": "False DiscoveryFailed",
        "Progressing": "True DiscoveryFailed",
        "DiscoveryComplete": "False DiscoveryFailed",
        "DeletesBlocked": "True PruneReport",
        "DriftDetected": "True Drift",
    }


def test_after_two_runs_that_could_not_look_it_is_still_not_known() -> None:
    kept = after((0, unread("forbidden")), (5, unread("forbidden")))
    assert kept["lastSuccessAt"] is None
    assert of(kept, "DriftDetected") == {
        "type": "DriftDetected",
        "status": "Unknown",
        "reason": "NotRead",
        "message": "no run could look at contoso-gw yet; see Ready for the cause",
        "observedGeneration": 7,
        "lastTransitionTime": at(0),
    }


# ------------------------------------------------------------------------------------ drift

LOST = creation(EAST_BACKEND, "backend", EAST)
NEW = creation()
OTHER = Update(wish(GATEWAY, "service", {}), observed(GATEWAY, "service"), ())


def drifted(kept: Mapping[str, Any]) -> list[str]:
    return [ResourceId(each).name for each in kept["drifted"]]


def test_what_differs_although_nobody_wants_anything_new_has_drifted() -> None:
    kept = status(None, stood(ran(*done(OTHER, MENDED))), seen())
    assert drifted(kept) == ["contoso-gw", EAST_BACKEND.name]
    assert words(kept) == {"Ready": "True Applied", "DriftDetected": "True Drift"}


def test_what_was_lost_has_drifted_and_a_new_account_has_not() -> None:
    kept = after((0, ran()), (5, stood(ran(*done(LOST, NEW)), but=[WEST])))
    assert drifted(kept) == [EAST_BACKEND.name]


def test_a_first_run_finds_no_drift() -> None:
    kept = status(None, wanting(ran(*done(MENDED, LOST, OTHER))), seen())
    assert drifted(kept) == []
    assert words(kept) == {"Ready": "True Applied"}


def test_another_wish_from_the_same_file_is_no_drift() -> None:
    """A profile's tag that Azure moved, or a new version of this program: the file is the same, the wish is not."""
    report = stood(ran(*done(MENDED)))
    newer = {EAST_BACKEND: wish(EAST_BACKEND, "backend", {"properties": {"url": "https://newer"}}, EAST)}
    assert drifted(after((0, ran()), (5, replace(report, desired=newer)))) == []


def test_another_file_with_the_same_wish_hides_no_drift() -> None:
    assert drifted(after((0, ran()), (5, stood(ran(*done(MENDED)))), config_hash="beef")) == [EAST_BACKEND.name]


def test_what_is_deleted_has_not_drifted() -> None:
    assert drifted(after((0, ran()), (5, stood(ran(*done(MENDED, LEFT)))))) == [EAST_BACKEND.name]


def test_what_has_drifted_stays_so_until_it_is_mended() -> None:
    broken, mended = stood(ran(failed(MENDED, "gave-up"))), stood(ran())
    assert drifted(after((0, mended), (5, broken), (10, broken))) == [EAST_BACKEND.name]
    assert drifted(after((0, mended), (5, broken), (10, broken), (15, mended))) == []


def test_the_status_and_the_events_call_the_same_things_drift() -> None:
    report = stood(ran(*done(MENDED, LOST, NEW)), but=[WEST])
    told = events(report, run="4f1c", cause="timer", ended=NOON)
    rows = [row["id"] for event in told if event.type.endswith("DriftDetected") for row in event.data["changes"]]
    assert status(None, report, seen())["drifted"] == [EAST_BACKEND.text]
    assert set(rows) == {EAST_BACKEND.text}


def test_a_loop_is_drift_and_counts_once() -> None:
    loop = stood(ran(*done(MENDED), held=(held(Reason.DRIFT_LOOP, MENDED),)))
    assert drifted(after((0, ran()), (5, loop))) == [EAST_BACKEND.name]


# ------------------------------------------------------------------------------------ new roles

EAST_ROLE_MADE = ran(*done(creation(ROLE, "role-assignment", EAST)))
WEST_ROLE_MADE = ran(*done(creation(WEST_ROLE, "role-assignment", WEST)))


def test_a_new_role_is_pending_for_ten_minutes_and_runs_out_by_itself() -> None:
    kept = after((0, EAST_ROLE_MADE))
    assert kept["rolesPending"] == [{"account": EAST.text, "until": at(10)}]
    pending = of(read(kept, 9.9), "RoleAssignmentPending")
    assert (pending["status"], pending["reason"], pending["lastTransitionTime"]) == ("True", "NewRole", at(0))
    over = of(read(kept, 10), "RoleAssignmentPending")
    assert (over["status"], over["reason"], over["lastTransitionTime"]) == ("False", "AsExpected", at(10))


def test_a_role_that_was_there_or_was_not_made_is_not_pending() -> None:
    role = creation(ROLE, "role-assignment", EAST)
    assert after((0, ran(*done(role, sent=False))))["rolesPending"] == []
    assert after((0, ran(failed(role, "forbidden"))))["rolesPending"] == []
    gone = Delete(observed(ROLE, "role-assignment", mark=mark(EAST)), "nothing needs it")
    assert after((0, ran(*done(gone, creation()))))["rolesPending"] == []


def test_each_account_has_a_time_of_its_own() -> None:
    kept = after((0, EAST_ROLE_MADE), (5, WEST_ROLE_MADE), (6, unread("throttled")))
    assert kept["rolesPending"] == [
        {"account": EAST.text, "until": at(10)},
        {"account": WEST.text, "until": at(15)},
    ]
    assert of(kept, "RoleAssignmentPending")["lastTransitionTime"] == at(0)
    both, one = (of(read(kept, minutes), "RoleAssignmentPending")["message"] for minutes in (9, 11))
    assert "on contoso-east, contoso-west is new" in both
    assert "on contoso-west is new, and calls may answer 401 until 2026-01-01 12:15 UTC" in one
    assert words(read(kept, 15)).get("RoleAssignmentPending") is None


def test_a_later_run_dates_the_end_of_a_pending_role_as_readers_saw_it() -> None:
    kept = after((0, EAST_ROLE_MADE), (25, ran()))
    over = of(kept, "RoleAssignmentPending")
    assert (over["status"], over["lastTransitionTime"], kept["rolesPending"]) == ("False", at(10), [])


# ------------------------------------------------------------------------------------ what a reader sees


def test_a_reader_sees_what_was_kept_while_it_is_news() -> None:
    kept = after((0, ran(*done(MENDED))))
    assert read(kept, 45) == kept


def test_what_is_no_news_any_more_says_nothing_of_the_gateway() -> None:
    kept = after((0, ran()))
    assert of(read(kept, 46), "Ready") == {
        "type": "Ready",
        "status": "Unknown",
        "reason": "Stale",
        "message": "no run on contoso-gw has ended since 2026-01-01 12:00 UTC, more than 45 minutes ago; see "
        "that the function app runs; the last word was InSync: contoso-gw is as configured: nothing had to change",
        "observedGeneration": 7,
        "lastTransitionTime": at(45),
    }
    assert of(kept, "Ready")["status"] == "True"


def test_while_runs_fail_the_cause_stays_to_be_seen_and_when_none_ends_any_more_it_is_no_news() -> None:
    kept = after((0, ran()), (44, unread("forbidden")))
    assert kept["lastSuccessAt"] == at(0)
    for minutes in (44, 46, 89):
        assert of(read(kept, minutes), "Ready") == of(kept, "Ready")
        assert words(read(kept, minutes))["Ready"] == "False Forbidden"
    found = of(read(kept, 90), "Ready")
    assert (found["status"], found["reason"]) == ("Unknown", "Stale")
    assert "the last word was Forbidden: nothing could be done on contoso-gw" in found["message"]
    assert found["lastTransitionTime"] == at(89)
    assert words(read(kept, 90))["Degraded"] == "True Forbidden"


def test_of_a_gateway_that_never_succeeded_the_last_run_is_the_news() -> None:
    kept = after((0, unread("forbidden")), (30, unread("forbidden")))
    assert of(read(kept, 75), "Ready")["status"] == "False"
    assert of(read(kept, 76), "Ready")["reason"] == "Stale"


def test_a_wake_without_an_answer_is_queued() -> None:
    kept = after((0, ran()))
    found = read(kept, 1, requested=9)
    assert of(found, "Progressing") == {
        "type": "Progressing",
        "status": "True",
        "reason": "Queued",
        "message": "2 wakes of contoso-gw are waiting for a run, which begins within a minute",
        "observedGeneration": 7,
        "lastTransitionTime": None,
    }
    assert (found["requestedGeneration"], found["completedGeneration"]) == (9, 7)
    assert of(found, "Ready")["status"] == "True"


def test_a_wake_that_is_tried_again_keeps_the_reason_it_is_tried_again_for() -> None:
    kept = after((0, ran(failed(creation(), "throttled"))), generation=6, requested=7)
    assert of(read(kept, 1), "Progressing") == of(kept, "Progressing")


def test_a_gateway_that_never_ran_is_unknown_in_everything() -> None:
    kept = json.loads(json.dumps(never(GATEWAY)))
    message = (
        "no run has looked at contoso-gw yet; see that the function app runs, or wake it with POST /api/reconcile"
    )
    assert kept == {
        "gateway": GATEWAY.text,
        "lastRun": None,
        "lastRunAt": None,
        "lastSuccessAt": None,
        "converged": False,
        "error": None,
        "planSummary": {"create": 0, "update": 0, "delete": 0, "held": 0},
        "held": [],
        "drifted": [],
        "accounts": [],
        "conditions": [
            {
                "type": kind,
                "status": "Unknown",
                "reason": "NeverRun",
                "message": message,
                "observedGeneration": 0,
                "lastTransitionTime": None,
            }
            for kind in (
                "Ready",
                "Progressing",
                "Degraded",
                "DiscoveryComplete",
                "DeletesBlocked",
                "DriftDetected",
                "RoleAssignmentPending",
                "Throttled",
                "ConfigInvalid",
            )
        ],
        "requestedGeneration": 0,
        "completedGeneration": 0,
        "configHash": None,
        "epoch": 0,
        "rolesPending": [],
    }
    assert read(kept, 10_000, requested=0) == kept
    assert words(read(kept, 0, requested=1))["Progressing"] == "True Queued"
    assert words(read(kept, 0, requested=1))["Ready"] == "Unknown NeverRun"


def test_a_document_of_an_earlier_version_is_read_and_carried_on() -> None:
    legacy = {
        "gateway": GATEWAY.text,
        "lastRun": "0a",
        "lastRunAt": at(-5),
        "lastSuccessAt": at(-5),
        "converged": True,
        "error": None,
        "held": [],
        "drifted": [],
        "accounts": [],
    }
    assert set(words(read(legacy)).values()) == {"Unknown NeverRun", "True Queued"}
    kept = status(legacy, unread("forbidden"), seen())
    assert kept["lastSuccessAt"] == at(-5)
    assert words(kept)["DriftDetected"] == "Unknown NotRead"
    strange = {**after((0, ran())), "conditions": [{"type": "Ready", "status": "True"}, {"type": "New"}]}
    strange |= {"lastSuccessAt": "yesterday", "lastRunAt": None, "rolesPending": [{"until": "soon"}]}
    found = read(strange)
    assert [each["type"] for each in found["conditions"]] == list(TYPES)
    assert of(found, "Ready")["status"] == "True"


# ------------------------------------------------------------------------------------ the page for the night

PAGE = (Path(__file__).parent.parent / "docs" / "status.md").read_text("utf-8")


@pytest.mark.parametrize("kind", TYPES)
def test_the_page_has_a_row_for_every_condition(kind: str) -> None:
    assert f"\n| `{kind}` |" in PAGE


@pytest.mark.parametrize("reason", [*Ending, *Why])
def test_the_page_has_a_row_for_every_reason(reason: str) -> None:
    assert f"\n| `{reason}` |" in PAGE


def test_the_page_names_no_condition_no_reason_and_no_field_that_is_not_there() -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    named = [name.strip(" `") for row in rows for name in row.split(",")]
    assert set(named) == {*TYPES, *Ending, *Why, *never(GATEWAY)}
