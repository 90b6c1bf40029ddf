"""What is known of a gateway: the document that is kept after each real run, and what a reader sees of it; pure.

| kept in `status/<key>`                   | is                                                               |
|------------------------------------------|------------------------------------------------------------------|
| gateway, lastRun, lastRunAt, converged,  | of the last run                                                  |
| error, epoch, configHash                 |                                                                  |
| lastSuccessAt                            | when the last run ended that left nothing undone                 |
| planSummary, held, drifted, accounts     | of the last run that could look                                  |
| conditions                               | what the last run says; of the last that could look: those about |
|                                          | DeletesBlocked and DriftDetected                                 |
| requestedGeneration, completedGeneration | wakes that were asked for, and those that are answered           |
| rolesPending                             | accounts with a new role, each with the time by which it works   |

Times are in UTC, as ISO 8601; `lastTransitionTime` is null where nobody knows it. What goes by the time (staleness,
new roles, waiting wakes) the reader works out: a reconciler that is not running cannot say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from reconciler import conditions
from reconciler.conditions import DELETES_BLOCKED, DRIFT_DETECTED, PROGRESSING, READY, ROLE_ASSIGNMENT_PENDING, Said
from reconciler.model import Create, Status, kind_of, source_of, verb
from reconciler.report import Report, document
from reconciler.resource_id import ResourceId
from reconciler.settled import unasked
from reconciler.verdict import untried

ROLE_DELAY = timedelta(minutes=10)
"""How long a new role assignment may take to work (arm-wire.md §9)."""
_OF_A_LOOK = ("planSummary", "held", "drifted", "accounts")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a run besides its report.

    `generation` is the last wake that has its answer, `requested` the last one that was asked for; `config_error`
    says why the configuration cannot be used and an earlier one was.
    """

    run: str
    ended: datetime
    generation: int
    requested: int
    epoch: int
    config_hash: str
    config_error: str | None = None


def status(before: Mapping[str, Any] | None, report: Report, seen: Seen) -> dict[str, Any]:
    """The document after a real run; `before` is what was kept so far.

    Where the run could not look at the gateway, what the last look found stays, with the generation it was of.
    """
    old = _base(report.gateway) | dict(before or {})
    answer = document(report)
    looked = {
        "planSummary": _summary(report),
        "held": answer["held"],
        "drifted": _drifted(report),
        "accounts": answer["accounts"],
    }
    found = looked if report.plan is not None else {name: old[name] for name in _OF_A_LOOK}
    pending = _pending(old, report, seen)
    return {
        "gateway": report.gateway.text,
        "lastRun": seen.run,
        "lastRunAt": seen.ended.isoformat(),
        "lastSuccessAt": old["lastSuccessAt"] if report.failed or untried(report) else seen.ended.isoformat(),
        "converged": report.converged,
        "error": answer["error"],
        **found,
        "conditions": _conditions(old, report, seen, found["drifted"], pending),
        "requestedGeneration": seen.requested,
        "completedGeneration": seen.generation,
        "configHash": seen.config_hash,
        "epoch": seen.epoch,
        "rolesPending": [{"account": account.text, "until": until.isoformat()} for account, until in pending],
    }


def never(gateway: ResourceId) -> dict[str, Any]:
    """The document of a gateway that no run has looked at."""
    said = conditions.never(gateway.name)
    return _base(gateway) | {"conditions": [_condition(kind, said[kind], 0, None) for kind in conditions.TYPES]}


def shown(status: Mapping[str, Any], now: datetime, stale_after: timedelta, requested: int) -> dict[str, Any]:
    """What a reader sees of a document at the time `now`, when `requested` wakes have been asked for."""
    gateway = ResourceId(str(status.get("gateway", "")))
    kept = _base(gateway) | dict(status)
    there = _kept(kept, now)
    news = _time(kept["lastRunAt"])  # not of the last success: runs that fail know why, which must be seen
    if news is not None and now - news > stale_after:
        minutes = int(stale_after.total_seconds() // 60)
        old = there[READY]
        said = conditions.stale(gateway.name, news, minutes, Said(old["status"], old["reason"], old["message"]))
        there[READY] = {**_condition(READY, said, old["observedGeneration"], (news + stale_after).isoformat())}
    waiting = requested - int(kept["completedGeneration"] or 0)
    if waiting > 0 and there[PROGRESSING]["status"] != conditions.TRUE:
        said = conditions.queued(gateway.name, waiting)
        there[PROGRESSING] = _condition(PROGRESSING, said, there[PROGRESSING]["observedGeneration"], None)
    return kept | {
        "conditions": [there[kind] for kind in conditions.TYPES],
        "requestedGeneration": max(requested, int(kept["requestedGeneration"] or 0)),
    }


def _base(gateway: ResourceId) -> dict[str, Any]:
    """What stands where nothing is known."""
    return {
        "gateway": gateway.text,
        "lastRun": None,
        "lastRunAt": None,
        "lastSuccessAt": None,
        "converged": False,
        "error": None,
        "planSummary": {"create": 0, "update": 0, "delete": 0, "held": 0},
        "held": [],
        "drifted": [],
        "accounts": [],
        "conditions": [],
        "requestedGeneration": 0,
        "completedGeneration": 0,
        "configHash": None,
        "epoch": 0,
        "rolesPending": [],
    }


def _summary(report: Report) -> dict[str, int]:
    changes = report.plan.changes if report.plan else ()
    held = report.plan.held if report.plan else ()
    verbs = [verb(change) for change in changes]
    return {word: verbs.count(word) for word in ("create", "update", "delete")} | {"held": len(held)}


def _conditions(
    old: Mapping[str, Any],
    report: Report,
    seen: Seen,
    drifted: list[str],
    pending: list[tuple[ResourceId, datetime]],
) -> list[dict[str, Any]]:
    before = _kept(old, seen.ended)
    said = conditions.said(report, seen.run, seen.config_error, drifted)
    said[ROLE_ASSIGNMENT_PENDING] = conditions.roles(report.gateway.name, pending)
    if not old["conditions"]:
        unread = conditions.not_read(report.gateway.name)
        said = {DELETES_BLOCKED: unread, DRIFT_DETECTED: unread, **said}
    answer = []
    for kind in conditions.TYPES:
        was = before[kind]
        if kind not in said:
            answer.append(was)
            continue
        since = was["lastTransitionTime"] if was["status"] == said[kind].status else None
        answer.append(_condition(kind, said[kind], seen.generation, since or seen.ended.isoformat()))
    return answer


def _kept(status: Mapping[str, Any], now: datetime) -> dict[str, dict[str, Any]]:
    """The conditions of a document by type, with those roles that are new at that time."""
    name = ResourceId(status["gateway"]).name
    there = {each["type"]: each for each in never(ResourceId(status["gateway"]))["conditions"]}
    there |= {kind: there[kind] | each for each in status["conditions"] if (kind := each.get("type")) in there}
    was, rows = there[ROLE_ASSIGNMENT_PENDING], list(_rows(status))
    if was["status"] == conditions.TRUE:
        left = [(account, until) for account, until in rows if until > now]
        said = conditions.roles(name, left)
        over = max((until for _, until in rows), default=now).isoformat()
        since = was["lastTransitionTime"] if left else over
        there[ROLE_ASSIGNMENT_PENDING] = _condition(ROLE_ASSIGNMENT_PENDING, said, was["observedGeneration"], since)
    return there


def _condition(kind: str, said: Said, generation: int, since: str | None) -> dict[str, Any]:
    return {
        "type": kind,
        "status": said.status,
        "reason": str(said.reason),
        "message": said.message,
        "observedGeneration": generation,
        "lastTransitionTime": since,
    }


def _pending(old: Mapping[str, Any], report: Report, seen: Seen) -> list[tuple[ResourceId, datetime]]:
    """The accounts with a role that is new when the run ends."""
    rows = {account: until for account, until in _rows(old) if until > seen.ended}
    for outcome in report.outcomes or ():
        made = isinstance(outcome.change, Create) and kind_of(outcome.change) == "role-assignment"
        if made and outcome.status is Status.APPLIED and outcome.sent:
            rows[source_of(outcome.change) or outcome.change.id] = seen.ended + ROLE_DELAY
    return sorted(rows.items())


def _rows(status: Mapping[str, Any]) -> Iterator[tuple[ResourceId, datetime]]:
    for row in status["rolesPending"]:
        until = _time(row.get("until"))
        if until is not None:
            yield ResourceId(str(row.get("account"))), until


def _drifted(report: Report) -> list[str]:
    """What was not as it had been left, what is left alone by now included: nobody asked for these changes."""
    if report.plan is None or report.world is None:
        return []
    looped = (held.change for held in report.plan.held if held.reason == "drift-loop")
    found = unasked((*report.plan.changes, *looped), report.world.memory.settled, report.desired)
    return list(dict.fromkeys(change.id.text for change in found))


def _time(text: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
