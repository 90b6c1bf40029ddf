"""How a run ended, in one word, and when its gateway is to be looked at again; pure.

A run may have found several things; each is a `Verdict` of its own. The word of the run is the gravest one, and it
is looked at again as the most urgent one asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from reconciler.model import Outcome, Status
from reconciler.report import Report


class Next(Enum):
    """When the gateway is to be looked at again."""

    DONE = auto()
    """This wake is answered: the timer or the next change wakes us."""
    CONTINUE = auto()
    """The time was up, and something was done in it: go on at once, which is no failure."""
    SOON = auto()
    """Something takes its time at Azure: look again in a minute, which is no failure."""
    RETRY = auto()
    """It may be gone when one looks again: back off, longer each time."""


class Ending(StrEnum):
    """The words for how a run ended (platform.md §6.1), the gravest first."""

    LEASE_LOST = "LeaseLost"
    INTERNAL_ERROR = "InternalError"
    CONFIG_INVALID = "ConfigInvalid"
    DISCOVERY_FAILED = "DiscoveryFailed"
    TIME_BUDGET = "TimeBudget"
    FORBIDDEN = "Forbidden"
    THROTTLED = "Throttled"
    PARTIAL_APPLY = "PartialApply"
    DRIFT_LOOP = "DriftLoop"
    TOO_MANY_DELETES = "PlanBlockedTooManyDeletes"
    CONFLICT = "Conflict"
    PROGRESSING = "Progressing"
    DRY_RUN = "DryRun"
    APPLIED = "Applied"
    IN_SYNC = "InSync"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is an `Ending`."""

    reason: str
    next: Next


GOOD = frozenset({Ending.IN_SYNC, Ending.APPLIED})
"""Endings after which a gateway is as it should be, apart from deletions that are held."""

_FAILED = {
    "config-invalid": Verdict(Ending.CONFIG_INVALID, Next.DONE),
    "forbidden": Verdict(Ending.FORBIDDEN, Next.DONE),
    "gateway-not-found": Verdict(Ending.CONFIG_INVALID, Next.DONE),
    "gateway-not-ready": Verdict(Ending.PROGRESSING, Next.SOON),
    "gave-up": Verdict(Ending.DISCOVERY_FAILED, Next.RETRY),
    "identity-missing": Verdict(Ending.CONFIG_INVALID, Next.DONE),
    "identity-off": Verdict(Ending.CONFIG_INVALID, Next.DONE),
    "internal-error": Verdict(Ending.INTERNAL_ERROR, Next.RETRY),
    "interrupted": Verdict(Ending.PARTIAL_APPLY, Next.RETRY),
    "lease-lost": Verdict(Ending.LEASE_LOST, Next.RETRY),
    "name-clash": Verdict(Ending.CONFIG_INVALID, Next.DONE),
    "not-configured": Verdict(Ending.CONFIG_INVALID, Next.DONE),
    "not-found": Verdict(Ending.DISCOVERY_FAILED, Next.RETRY),  # it went between two reads
    "not-signed-in": Verdict(Ending.FORBIDDEN, Next.RETRY),  # the issuer of tokens may have stumbled
    "plan-outdated": Verdict(Ending.CONFLICT, Next.RETRY),
    "product-not-found": Verdict(Ending.CONFIG_INVALID, Next.DONE),
    "refused": Verdict(Ending.DISCOVERY_FAILED, Next.DONE),
    "specification-refused": Verdict(Ending.CONFIG_INVALID, Next.DONE),
    "specification-unreadable": Verdict(Ending.CONFIG_INVALID, Next.RETRY),  # its address may answer later
    "throttled": Verdict(Ending.THROTTLED, Next.RETRY),
    "unreachable": Verdict(Ending.DISCOVERY_FAILED, Next.RETRY),
}
"""Why a gateway could not be read -> what that makes of the run."""

_NOT_MADE = {
    "forbidden": Verdict(Ending.FORBIDDEN, Next.DONE),
    "internal-error": Verdict(Ending.INTERNAL_ERROR, Next.RETRY),
    "lease-lost": Verdict(Ending.LEASE_LOST, Next.RETRY),
    "not-signed-in": Verdict(Ending.FORBIDDEN, Next.RETRY),
    "refused": Verdict(Ending.PARTIAL_APPLY, Next.DONE),
    "throttled": Verdict(Ending.THROTTLED, Next.RETRY),
    "time-up": Verdict(Ending.TIME_BUDGET, Next.CONTINUE),
    "under-way": Verdict(Ending.PROGRESSING, Next.SOON),
}
"""Why a change was not made -> what that makes of the run; any other reason may be gone at the next look."""

_HELD = {
    "document-changed": Ending.CONFLICT,
    "drift-loop": Ending.DRIFT_LOOP,
    "foreign": Ending.CONFLICT,
    "path-taken": Ending.CONFLICT,
    "rename": Ending.CONFLICT,
    "too-many": Ending.TOO_MANY_DELETES,
}
"""Why a change is held -> what that makes of the run. Deletions that wait or are switched off are no setback, and
what is blocked has its cause beside it."""


def verdict(report: Report) -> Verdict:
    """How the run ended. With nothing to complain of: `DryRun`, `Applied`, or `InSync` where nothing was sent."""
    found = findings(report)
    if not found:
        return Verdict(_good(report), Next.DONE)
    return Verdict(gravest(found), _next(report, found))


def gravest(found: Iterable[Verdict]) -> Ending:
    """The word that stands first in `Ending`; raises StopIteration where nothing was found."""
    words = {each.reason for each in found}
    return next(ending for ending in Ending if ending in words)


def findings(report: Report) -> tuple[Verdict, ...]:
    """Everything that keeps the gateway from being as it should be, each with what it alone would make of the run.

    A dry run has none but what it could not read: what it would hold is no more than a plan.
    """
    if report.failure is not None:
        return (_FAILED.get(report.failure.reason, Verdict(Ending.DISCOVERY_FAILED, Next.RETRY)),)
    if report.plan is None or report.outcomes is None:
        return ()
    held = (Verdict(_HELD[h.reason], Next.DONE) for h in report.plan.held if h.reason in _HELD)
    rest = [Verdict(Ending.PARTIAL_APPLY, Next.RETRY)] if untried(report) else []
    return (*(not_made(outcome) for outcome in setbacks(report)), *rest, *held)


def untried(report: Report) -> int:
    """How many changes have no outcome, because somebody interrupted the run."""
    if report.plan is None or report.outcomes is None:
        return 0
    return len(report.plan.changes) - len(report.outcomes)


def setbacks(report: Report) -> tuple[Outcome, ...]:
    """The outcomes that are no success, less those that another one's failure explains."""
    failed = [o for o in report.outcomes or () if o.status is not Status.APPLIED]
    return tuple(o for o in failed if o.reason != "needs") or tuple(failed)


def not_made(outcome: Outcome) -> Verdict:
    """What a change that was not made would, alone, make of the run."""
    return _NOT_MADE.get(outcome.reason, Verdict(Ending.PARTIAL_APPLY, Next.RETRY))


def reasons_of(ending: Ending) -> frozenset[str]:
    """The reasons for holding a change that make a run end so."""
    return frozenset(reason for reason, word in _HELD.items() if word is ending)


def _good(report: Report) -> Ending:
    if report.outcomes is None:
        return Ending.DRY_RUN
    return Ending.APPLIED if _did_something(report) else Ending.IN_SYNC


def _did_something(report: Report) -> bool:
    return any(o.status is Status.APPLIED and o.sent for o in report.outcomes or ())


def _next(report: Report, found: tuple[Verdict, ...]) -> Next:
    """The most urgent that still makes sense: going on at once needs that something was done, and no throttling."""
    words, wanted = {each.reason for each in found}, {each.next for each in found}
    slow_down = not words.isdisjoint({Ending.LEASE_LOST, Ending.THROTTLED})
    if Next.CONTINUE in wanted and _did_something(report) and not slow_down:
        return Next.CONTINUE
    if not wanted.isdisjoint({Next.RETRY, Next.CONTINUE}):
        return Next.RETRY
    return Next.SOON if Next.SOON in wanted else Next.DONE
