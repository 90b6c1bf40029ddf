"""How a report looks in a pull request: the verdict first, what changes in a table, before and after to unfold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.markup import code, details, json_code, table, text
from reconciler.model import Change, Create, Delete, Update, kind_of, source_of, verb
from reconciler.report import Report, accounts, label, notices, sides, verdict


def markdown(reports: Sequence[Report]) -> str:
    """One section per gateway; where there are several, each one's verdict before all."""
    lines: list[str] = []
    if len(reports) > 1:
        for report in reports:
            state, rest = verdict(report)
            lines.append(f"- {code(report.gateway.name)}: **{state}**, {text(rest)}")
        lines.append("")
    for report in reports:
        lines += _section(report)
    return "\n".join(lines).rstrip("\n")


def _section(report: Report) -> Iterator[str]:
    state, rest = verdict(report)
    yield f"## {text(report.gateway.name)}: {state}"
    yield ""
    if report.failure is not None:
        yield f"**error** ({report.failure.reason}): {text(report.failure.detail)}"
        yield ""
        return
    yield text(rest)
    yield ""
    plan = report.plan
    if report.outcomes is not None:
        rows = [
            (o.status, *_cells(o.change), f"{o.seconds:.1f}", text(o.detail or _why(o.change)))
            for o in report.outcomes
        ]
        yield from _titled("Outcomes", ("outcome", "change", "kind", "name", "account", "seconds", "detail"), rows)
    elif plan is not None:
        yield from _titled(
            "Changes",
            ("change", "kind", "name", "account", "why"),
            [(*_cells(c), text(_why(c))) for c in plan.changes],
        )
    for change in plan.changes if plan is not None else ():
        yield from _before_and_after(change)
    if plan is not None:
        yield from _titled(
            "Held back",
            ("change", "kind", "name", "account", "reason", "detail"),
            [(*_cells(h.change), h.reason, text(h.detail)) for h in plan.held],
        )
    yield from _titled(
        "Warnings",
        ("reason", "resource", "detail"),
        [(n.reason, code(n.id.name), text(n.detail)) for n in notices(report)],
    )
    yield from _titled(
        "Accounts",
        ("account", "state", "reason", "detail"),
        [(code(a.account.id.name), a.state, text(a.reason), text(a.detail)) for a in accounts(report)],
    )


def _titled(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    lines = list(table(columns, rows))
    if lines:
        yield f"### {title}"
        yield ""
        yield from lines


def _cells(change: Change) -> tuple[str, ...]:
    source = source_of(change)
    return verb(change), kind_of(change), code(label(change.id)), code(source.name) if source else ""


def _why(change: Change) -> str:
    match change:
        case Create(brings=brings) if brings:
            return f"missing; imported with {len(brings)} operations"
        case Create():
            return "missing"
        case Delete(why=why):
            return why
        case Update(anew=True, differences=(document, *_)):
            return f"imported anew in place, {document.actual} -> {document.desired}"
        case Update(differences=differences):
            return ", ".join(difference.path for difference in differences)


def _before_and_after(change: Change) -> Iterator[str]:
    """Every field that the change is about, folded; a deletion has none."""
    rows = [(code(path), json_code(actual), json_code(desired)) for path, actual, desired in sides(change)]
    if rows:
        fields = "1 field" if len(rows) == 1 else f"{len(rows)} fields"
        summary = f"{verb(change)} {kind_of(change)} {label(change.id)}: {fields}"
        yield from details(summary, table(("field", "before", "after"), rows))
