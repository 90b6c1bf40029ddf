"""How a report looks in a pull request: Markdown tables, nothing cut."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from reconciler.model import Change, Create, Delete, Update, kind_of, source_of, verb
from reconciler.report import Report, accounts, label, shown, verdict


def markdown(reports: Sequence[Report]) -> str:
    """One section per gateway."""
    return "\n\n".join("\n".join(_section(report)) for report in reports)


def _section(report: Report) -> Iterable[str]:
    yield f"## {report.gateway.name}\n"
    if report.failure is not None:
        yield f"**error** ({report.failure.reason}): {report.failure.detail}"
        return
    state, rest = verdict(report)
    yield f"**{state}**: {rest}\n"
    rows = [(line.account.id.name, line.state, line.reason, line.detail) for line in accounts(report)]
    yield from _table(("account", "state", "reason", "detail"), rows)
    plan = report.plan
    if report.outcomes:
        yield from _table(
            ("outcome", "change", "kind", "name", "account", "detail"),
            [(o.status, *_cells(o.change), o.detail or _why(o.change)) for o in report.outcomes],
        )
    elif plan is not None and plan.changes:
        yield from _table(
            ("change", "kind", "name", "account", "why"), [(*_cells(c), _why(c)) for c in plan.changes]
        )
    if plan is not None and plan.held:
        yield from _table(
            ("held", "kind", "name", "account", "reason", "detail"),
            [(*_cells(h.change), h.reason, h.detail) for h in plan.held],
        )


def _cells(change: Change) -> tuple[str, ...]:
    source = source_of(change)
    return verb(change), kind_of(change), label(change.id), source.name if source else "-"


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'|'.join(' --- ' for _ in columns)}|"
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"
    yield ""


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", "<br>")


def _why(change: Change) -> str:
    match change:
        case Create():
            return "missing"
        case Delete(why=why):
            return why
        case Update(differences=differences):
            sides = ((d.path, *shown(d)) for d in differences)
            return "\n".join(f"`{path}`: {_code(actual)} -> {_code(desired)}" for path, actual, desired in sides)


def _code(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False, default=str)}`"
