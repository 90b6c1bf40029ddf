"""What others are told of a run, as CloudEvents: ids, counts, reasons and names of fields, never a value; pure."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.model import Change, Create, Delete, Reason, Status, Update, kind_of, verb
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from reconciler.settled import settle, unasked, whose
from reconciler.verdict import Next, verdict

PREFIX = "ApimOpenAiReconciler."
_IDS = uuid.UUID("6f3b7a0e-2f0d-5d7c-9a52-0c5d0b8e4a11")
_LARGEST = 40_000
"""Bytes of an event's data: with all around it less than the 64 KB that are billed as one (platform.md §1.6)."""
_LONGEST = 512
"""Characters of an id, a word or a path; a resource id of Azure has fewer."""
_FIELDS = 20


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """An event of CloudEvents 1.0; `data` is plain JSON."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """As it is sent."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": "application/json",
            "data": dict(self.data),
        }


def events(report: Report, *, run: str, cause: str, ended: datetime) -> tuple[CloudEvent, ...]:
    """What to tell of a real run; the same run gives the same events, with the same ids.

    | type               | subject | when                                                                       |
    |--------------------|---------|----------------------------------------------------------------------------|
    | DriftDetected      | account | something differed although we want just what we wanted when it last stood |
    | Onboarded          | account | all that is wanted of it stands, for the first time                        |
    | Offboarded         | account | its API was deleted                                                        |
    | ReconcileSucceeded | gateway | nothing failed; what is held is counted                                    |
    | ReconcileFailed    | gateway | something could not be read, or a change was not made                      |

    Of what belongs to no account, as the gateway's identity, the resource is the subject of DriftDetected. A run
    that another one goes on with (its time was up and it had done something, Azure is still at it, another instance
    took over) neither succeeded nor failed: that one will tell.
    """
    said = {"run": one_line(run), "gateway": one_line(report.gateway.text), "cause": one_line(cause)}
    happened = [*_drift(report), *_onboarded(report), *_offboarded(report), *_ended(report)]
    return tuple(_event(report, run, ended, what, about, {**said, **data}) for what, about, data in happened)


_Happened = tuple[str, ResourceId, dict[str, Any]]


def _event(
    report: Report, run: str, ended: datetime, what: str, about: ResourceId, data: Mapping[str, Any]
) -> CloudEvent:
    return CloudEvent(
        id=str(uuid.uuid5(_IDS, f"{run} {what} {about.key}")),
        source=one_line(report.gateway.text),
        type=PREFIX + what,
        subject=one_line(about.text),
        time=ended,
        data=_cut(data),
    )


def _drift(report: Report) -> Iterator[_Happened]:
    """What was not as it had been although nobody asked for anything new; also where it is left alone by now."""
    if report.world is None or report.plan is None or report.outcomes is None:
        return
    found = [(o.change, str(o.status), o.reason) for o in report.outcomes]
    found += [(h.change, "held", str(h.reason)) for h in report.plan.held if h.reason is Reason.DRIFT_LOOP]
    nobodys = {id(c) for c in unasked((row[0] for row in found), report.world.memory.settled, report.desired)}
    rows: dict[ResourceId, list[dict[str, Any]]] = {}
    for change, outcome, reason in found:
        if id(change) in nobodys:
            rows.setdefault(whose(change), []).append(_row(change, outcome, reason))
    for about in sorted(rows):
        yield "DriftDetected", about, {"account": _account(report, about), "changes": rows[about]}


def _onboarded(report: Report) -> Iterator[_Happened]:
    """Accounts that were not whole before this run and are now, unless they were there before we kept count."""
    if report.world is None or report.plan is None or report.outcomes is None:
        return
    before = report.world.memory.settled
    made = {whose(o.change) for o in report.outcomes if isinstance(o.change, Create) and kind_of(o.change) == "api"}
    new = {account for account in {*before, *made} if before.get(account, "") == ""}
    now = settle(before, report.plan, report.outcomes, report.desired, report.actual) if new else {}
    for account in sorted(new):
        if now.get(account):
            apis = (r.id.text for r in report.desired.values() if r.kind == "api" and r.source == account)
            yield "Onboarded", account, {"account": one_line(account.text), "apis": sorted(map(one_line, apis))}


def _offboarded(report: Report) -> Iterator[_Happened]:
    staying = {resource.source for resource in report.desired.values() if resource.kind == "api"}
    apis: dict[ResourceId, list[str]] = {}
    for outcome in report.outcomes or ():
        change = outcome.change
        if isinstance(change, Delete) and kind_of(change) == "api" and outcome.status is Status.APPLIED:
            apis.setdefault(whose(change), []).append(one_line(change.id.text))
    for account in sorted(apis):
        if account not in staying:
            yield "Offboarded", account, {"account": one_line(account.text), "apis": sorted(apis[account])}


def _ended(report: Report) -> Iterator[_Happened]:
    how = verdict(report)
    if report.outcomes is None and report.failure is None:
        return  # a dry run
    if report.failed and (how.next in {Next.CONTINUE, Next.SOON} or how.reason == "LeaseLost"):
        return
    plan, outcomes = report.plan, report.outcomes or ()
    data: dict[str, Any] = {
        "result": one_line(how.reason),
        "converged": report.converged,
        "error": one_line(report.failure.reason) if report.failure else None,
        "outcomes": _counted(f"{verb(o.change)} {o.status}" for o in outcomes),
        "held": _counted(str(h.reason) for h in plan.held) if plan else {},
        "unchanged": plan.unchanged if plan else 0,
        "accounts": _counted(str(a.state) for a in report.world.inventory.accounts) if report.world else {},
        "digest": plan.digest if plan else "",
    }
    if report.failed:
        failed = (o for o in outcomes if o.status is not Status.APPLIED)
        data["changes"] = [_row(o.change, str(o.status), o.reason) for o in failed]
    yield "ReconcileFailed" if report.failed else "ReconcileSucceeded", report.gateway, data


def _account(report: Report, about: ResourceId) -> str | None:
    return None if about.within(report.gateway) else one_line(about.text)


def _row(change: Change, outcome: str, reason: str) -> dict[str, Any]:
    """A change; `fields` are the paths of what differed, where it is an update."""
    paths = [d.path for d in change.differences] if isinstance(change, Update) else []
    row = {"change": verb(change), "kind": kind_of(change), "id": one_line(change.id.text)}
    fields = {"fields": [one_line(path) for path in paths[:_FIELDS]], "moreFields": max(len(paths) - _FIELDS, 0)}
    return {**row, **fields, "outcome": outcome, "reason": one_line(reason)}


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _cut(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with as many rows of its list as fit, and how many more there are."""
    name = next((name for name in ("changes", "apis") if name in data), None)
    if name is None:
        return dict(data)
    kept: list[Any] = []
    room = _LARGEST - len(json.dumps({**data, name: []}))
    for row in data[name]:
        room -= len(json.dumps(row)) + 2
        if room < 0:
            break
        kept.append(row)
    return {**data, name: kept, "more": len(data[name]) - len(kept)}


def one_line(text: str) -> str:
    """A word, a name or an id, fit for an event or a log: on one line and not long."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return "".join(character if character.isprintable() else " " for character in cut)
