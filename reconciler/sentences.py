"""What happened in a run, in one sentence fit for somebody woken at night: what, where, what to do; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from reconciler.model import Change, Held, Status, kind_of, source_of, verb
from reconciler.redact import without_secrets
from reconciler.report import Report, label
from reconciler.resource_id import ResourceId
from reconciler.verdict import Ending, not_made, reasons_of, setbacks, untried

_LONGEST = 300
"""Characters of what an error said."""
_SOME = 3
"""How many names a sentence bears."""


def story(report: Report, run: str, ending: str) -> str:
    """What made the run end so; of several things of that kind the first, and how many there are."""
    name = report.gateway.name
    match ending:
        case Ending.INTERNAL_ERROR if report.failure is None:
            return f"{_undone(report, ending)}; look for the run {run} in the log of the function app and report it"
        case Ending.INTERNAL_ERROR:
            return (
                f"the run {run} on {name} stopped at a mistake in the reconciler; look for it in the log of the "
                "function app and report it"
            )
        case Ending.IN_SYNC | Ending.APPLIED:
            return _good(report)
        case _ if report.failure is not None:
            return f"nothing could be done on {name}: {fit(report.failure.detail)}"
        case Ending.DRY_RUN:
            changes = len(report.plan.changes) if report.plan else 0
            return f"{count(changes, 'change')} on {name} {_were(changes)} planned and not asked for; run apply"
        case Ending.CONFLICT | Ending.DRIFT_LOOP | Ending.TOO_MANY_DELETES:
            reasons = reasons_of(Ending(ending))
            return held(name, [h for h in report.plan.held if h.reason in reasons] if report.plan else [], "change")
        case _:
            return _undone(report, ending)


def held(gateway: str, these: Sequence[Held], noun: str) -> str:
    """Changes that are held for one reason."""
    first = these[0]
    said = f"{count(len(these), noun)} on {gateway} {are(len(these))} held"
    return f"{said}: {_named(first.change)}: {fit(first.detail)}"


def drift(report: Report, drifted: Collection[str]) -> str:
    """Resources that were not as a run had left them."""
    mended = {o.change.id.text for o in report.outcomes or () if o.status is Status.APPLIED}
    done = "put back" if mended.issuperset(drifted) else "not all put back yet, see Ready"
    many, names = len(drifted), some([label(ResourceId(each)) for each in drifted])
    return (
        f"{count(many, 'resource')} on {report.gateway.name} {_were(many)} not as the last good run left "
        f"{'it' if many == 1 else 'them'} ({names}): {done}; the gateway's activity log says who changed that"
    )


def unusable(config_error: str) -> str:
    """The configuration cannot be read or is wrong, and an earlier one is used."""
    return (
        f"the configuration cannot be used: {fit(config_error)}; until it is mended the last good one is in force, "
        "with which nothing is deleted"
    )


def fit(detail: str) -> str:
    """What an error said, as a part of a sentence: without secrets, on one line, not too long."""
    first, *more = [line.strip() for line in without_secrets(detail).splitlines() if line.strip()] or ["no detail"]
    text = first if len(first) <= _LONGEST else first[:_LONGEST] + "…"
    return text.rstrip(".") + (f" (and {count(len(more), 'more line')})" if more else "")


def some(names: Sequence[str]) -> str:
    """The names, or the first of them."""
    return ", ".join(names[:_SOME]) + (", …" if len(names) > _SOME else "")


def moment(time: datetime) -> str:
    """A time of day as people write it; `time` is in UTC."""
    return time.strftime("%Y-%m-%d %H:%M UTC")


def count(number: int, noun: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def are(number: int) -> str:
    """`is` or `are`."""
    return "is" if number == 1 else "are"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _good(report: Report) -> str:
    sent = sum(o.status is Status.APPLIED and o.sent for o in report.outcomes or ())
    kept = len(report.plan.held) if report.plan else 0
    did = f"{count(sent, 'change')} {_were(sent)} made" if sent else "nothing had to change"
    rest = f"; {count(kept, 'deletion')} {are(kept)} held, see DeletesBlocked" if kept else ""
    return f"{report.gateway.name} is as configured: {did}{rest}"


def _undone(report: Report, ending: str) -> str:
    """The changes that were not made and that made it end so."""
    these = [o for o in setbacks(report) if not_made(o).reason == ending]
    number = len(these) or untried(report)
    of = f"{number} of {count(len(report.plan.changes) if report.plan else 0, 'change')}"
    said = f"{of} on {report.gateway.name} {_were(number)} not made"
    return f"{said}: {_named(these[0].change)}: {fit(these[0].detail)}" if these else f"{said}: it was interrupted"


def _named(change: Change) -> str:
    source = source_of(change)
    return f"{verb(change)} {kind_of(change)} {label(change.id)}" + (f" for {source.name}" if source else "")
