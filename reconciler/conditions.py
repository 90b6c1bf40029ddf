"""What a run says of its gateway, condition by condition: whether it is so, why, and one sentence; pure.

docs/status.md is the page for those who read it at night; it has every type and every reason that is named here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reconciler import sentences
from reconciler.model import Held
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from reconciler.sentences import are, count, story
from reconciler.verdict import GOOD, Ending, Next, Verdict, findings, gravest, verdict

READY = "Ready"
PROGRESSING = "Progressing"
DEGRADED = "Degraded"
DISCOVERY_COMPLETE = "DiscoveryComplete"
DELETES_BLOCKED = "DeletesBlocked"
DRIFT_DETECTED = "DriftDetected"
ROLE_ASSIGNMENT_PENDING = "RoleAssignmentPending"
THROTTLED = "Throttled"
CONFIG_INVALID = "ConfigInvalid"
TYPES = (
    READY,
    PROGRESSING,
    DEGRADED,
    DISCOVERY_COMPLETE,
    DELETES_BLOCKED,
    DRIFT_DETECTED,
    ROLE_ASSIGNMENT_PENDING,
    THROTTLED,
    CONFIG_INVALID,
)
"""All conditions, in the order in which they are shown."""

TRUE, FALSE, UNKNOWN = "True", "False", "Unknown"
_PERSON = frozenset({Ending.INTERNAL_ERROR, Ending.CONFIG_INVALID, Ending.FORBIDDEN})
"""Endings that hardly go away by themselves, though some are tried again."""
_UNREAD = frozenset({Ending.DISCOVERY_FAILED, Ending.FORBIDDEN, Ending.THROTTLED})
_AND_THEN = {
    Next.DONE: "",
    Next.CONTINUE: "; the next run goes on at once",
    Next.SOON: "; it is looked at every minute for an hour, then by the timer",
    Next.RETRY: "; it is tried again by itself",
}


class Why(StrEnum):
    """The reasons of conditions that are not about how a run ended (`verdict.Ending`)."""

    AS_EXPECTED = "AsExpected"
    NEVER_RUN = "NeverRun"
    NOT_READ = "NotRead"
    QUEUED = "Queued"
    STALE = "Stale"
    PRUNE_REPORT = "PruneReport"
    UNCONFIRMED = "Unconfirmed"
    IN_USE = "InUse"
    DRIFT = "Drift"
    NEW_ROLE = "NewRole"


@dataclass(frozen=True, slots=True)
class Said:
    """One condition: `True`, `False` or `Unknown`, why in a word, and one sentence."""

    status: str
    reason: str
    message: str


def said(report: Report, run: str, config_error: str | None, drifted: Collection[str]) -> dict[str, Said]:
    """What the run says, by type; what it could not know is not in it, and RoleAssignmentPending needs the time."""
    found = findings(report)
    answer = {
        READY: _ready(report, run, config_error),
        PROGRESSING: _progressing(report, run, found),
        DEGRADED: _degraded(report, run, found, config_error),
        DISCOVERY_COMPLETE: _discovery(report, run),
        THROTTLED: _throttled(report, run, found),
        CONFIG_INVALID: _config(report, run, config_error),
    }
    if report.plan is not None:
        answer[DELETES_BLOCKED] = _deletes(report.gateway.name, report.plan.held, config_error)
        answer[DRIFT_DETECTED] = _drift(report, report.plan.held, drifted)
    return answer


def never(gateway: str) -> dict[str, Said]:
    """What is known of a gateway that no run has looked at."""
    message = (
        f"no run has looked at {gateway} yet; see that the function app runs, or wake it with POST /api/reconcile"
    )
    return {kind: Said(UNKNOWN, Why.NEVER_RUN, message) for kind in TYPES}


def not_read(gateway: str) -> Said:
    """What a run that could not look cannot know, where none has looked before."""
    return Said(UNKNOWN, Why.NOT_READ, f"no run could look at {gateway} yet; see Ready for the cause")


def queued(gateway: str, waiting: int) -> Said:
    """Wakes that no run has answered."""
    message = (
        f"{count(waiting, 'wake')} of {gateway} {are(waiting)} waiting for a run, which begins within a minute"
    )
    return Said(TRUE, Why.QUEUED, message)


def stale(gateway: str, since: datetime, minutes: int, before: Said) -> Said:
    """No run has ended for so long that what the last one said is no news any more."""
    message = (
        f"no run on {gateway} has ended since {sentences.moment(since)}, more than {count(minutes, 'minute')} "
        f"ago; see that the function app runs; the last word was {before.reason}: {before.message}"
    )
    return Said(UNKNOWN, Why.STALE, message)


def roles(gateway: str, pending: Sequence[tuple[ResourceId, datetime]]) -> Said:
    """New roles on accounts, each with the time by which it works."""
    if not pending:
        return Said(FALSE, Why.AS_EXPECTED, f"no role that {gateway} needs is new")
    names = sentences.some([account.name for account, _ in pending])
    until = sentences.moment(max(until for _, until in pending))
    message = f"the role of {gateway} on {names} is new, and calls may answer 401 until {until}; wait for that"
    return Said(TRUE, Why.NEW_ROLE, message)


def _ready(report: Report, run: str, config_error: str | None) -> Said:
    how = verdict(report)
    if config_error is not None and how.reason in GOOD:
        return Said(FALSE, Ending.CONFIG_INVALID, sentences.unusable(config_error))
    status = TRUE if how.reason in GOOD else FALSE
    return Said(status, how.reason, story(report, run, how.reason) + _AND_THEN[how.next])


def _progressing(report: Report, run: str, found: Sequence[Verdict]) -> Said:
    how = verdict(report)
    if how.next is Next.DONE:
        rest = f"nothing is under way on {report.gateway.name}; the next run is the timer's, or that of a change"
        return Said(FALSE, Why.AS_EXPECTED, rest)
    why = gravest(each for each in found if each.next is not Next.DONE)
    return Said(TRUE, why, story(report, run, why) + _AND_THEN[how.next])


def _degraded(report: Report, run: str, found: Sequence[Verdict], config_error: str | None) -> Said:
    stuck = [each for each in found if each.next is Next.DONE or each.reason in _PERSON]
    if stuck:
        why = gravest(stuck)
        return Said(TRUE, why, story(report, run, why))
    if config_error is not None:
        return Said(TRUE, Ending.CONFIG_INVALID, sentences.unusable(config_error))
    return Said(FALSE, Why.AS_EXPECTED, f"nothing on {report.gateway.name} needs a person")


def _discovery(report: Report, run: str) -> Said:
    name, how = report.gateway.name, verdict(report)
    if report.world is not None:
        accounts = count(len(report.world.inventory.accounts), "account")
        return Said(TRUE, Why.AS_EXPECTED, f"all of {name} and of its allow-list was read: {accounts}")
    status = FALSE if how.reason in _UNREAD else UNKNOWN
    return Said(status, how.reason, story(report, run, how.reason))


def _throttled(report: Report, run: str, found: Iterable[Verdict]) -> Said:
    if any(each.reason == Ending.THROTTLED for each in found):
        return Said(TRUE, Ending.THROTTLED, story(report, run, Ending.THROTTLED))
    return Said(FALSE, Why.AS_EXPECTED, f"Azure did not slow the last run on {report.gateway.name} down")


def _config(report: Report, run: str, config_error: str | None) -> Said:
    if config_error is not None:
        return Said(TRUE, Ending.CONFIG_INVALID, sentences.unusable(config_error))
    if verdict(report).reason == Ending.CONFIG_INVALID:
        return Said(TRUE, Ending.CONFIG_INVALID, story(report, run, Ending.CONFIG_INVALID))
    return Said(FALSE, Why.AS_EXPECTED, "the configuration was read, and nothing in it was found wrong")


_BLOCKED: dict[str, str] = {
    "too-many": Ending.TOO_MANY_DELETES,
    "in-use": Why.IN_USE,
    "prune-report": Why.PRUNE_REPORT,
    "unconfirmed": Why.UNCONFIRMED,
}
"""Why deletions are held, the gravest first; a deletion that is blocked goes with one of these."""


def _deletes(name: str, held: Sequence[Held], config_error: str | None) -> Said:
    why = next((word for word in _BLOCKED if any(h.reason == word for h in held)), None)
    if why is None:
        return Said(FALSE, Why.AS_EXPECTED, f"no deletion on {name} is held")
    message = sentences.held(name, [h for h in held if h.reason == why], "deletion")
    match why:
        case "prune-report" if config_error is not None:
            message += ", because the configuration cannot be used, see ConfigInvalid"
        case "prune-report":
            message += "; look at what the plan would delete, and set safety.prune to 'delete' if that is meant"
        case "unconfirmed":
            return Said(FALSE, Why.UNCONFIRMED, f"{message}; a later run deletes by itself")
        case _:
            pass
    return Said(TRUE, _BLOCKED[why], message)


def _drift(report: Report, held: Sequence[Held], drifted: Collection[str]) -> Said:
    name = report.gateway.name
    looped = [h for h in held if h.reason == "drift-loop"]
    if looped:
        return Said(TRUE, Ending.DRIFT_LOOP, sentences.held(name, looped, "change"))
    if drifted:
        return Said(TRUE, Why.DRIFT, sentences.drift(report, drifted))
    return Said(FALSE, Why.AS_EXPECTED, f"what the reconciler made on {name} is as it left it")
