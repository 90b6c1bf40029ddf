"""How a report looks to a person: tables for a terminal, plain and whole where the output is not one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reconciler.model import Change, Create, Delete, Update, kind_of, source_of, verb
from reconciler.report import AccountLine, Report, accounts, label, notices, sides, verdict
from reconciler.world import State

_STYLES = {"create": "green", "update": "yellow", "delete": "red", "applied": "green", "failed": "red"}
_VERDICTS = {"in sync": "bold green", "converged": "bold green", "plan": "bold"}
_UNLIMITED = 100_000
_SHORT = 60


def console(stream: TextIO) -> Console:
    """A console that neither colours nor cuts where the stream is not a terminal."""
    plain: dict[str, Any] = {"file": stream, "highlight": False, "markup": False, "emoji": False}
    if stream.isatty():
        return Console(**plain)
    return Console(**plain, no_color=True, force_terminal=False, width=_UNLIMITED)


def show(reports: Sequence[Report], to: Console, *, hints: bool = True) -> None:
    """Every gateway in turn: accounts, what changes or changed and why, what is held, the verdict."""
    for position, report in enumerate(reports):
        with to.capture() as captured:
            if position:
                to.print()
            _show(report, to, hints=hints)
        lines = captured.get().splitlines()
        to.print(Text.from_ansi("\n".join(line.rstrip() for line in lines)), soft_wrap=True)


def _show(report: Report, to: Console, *, hints: bool) -> None:
    where = f"  resource group {report.gateway.resource_group}, subscription {report.gateway.subscription}"
    to.print(Text.assemble(("Gateway ", "bold"), (report.gateway.name, "bold cyan"), where))
    if report.failure is not None:
        to.print(Text.assemble(("  error: ", "bold red"), f"{report.failure.detail} ({report.failure.reason})"))
        return
    lines = list(accounts(report))
    _section(to, "Accounts", _account_table(lines))
    if report.plan is not None and report.plan.changes:
        table = _change_table if report.outcomes is None else _outcome_table
        _section(to, "Changes", table(report, _SHORT if to.is_terminal else _UNLIMITED))
    if report.plan is not None and report.plan.held:
        _section(to, "Held back", _held_table(report))
    for notice in notices(report):
        to.print(Text.assemble(("  note: ", "yellow"), f"{notice.id.name}: {notice.detail}"))
    state, rest = verdict(report)
    to.print(Text.assemble("  ", (state, _VERDICTS.get(state, "bold red")), f": {rest}"))
    if report.outcomes is not None and hints:
        _try_it(lines, to)


def _section(to: Console, title: str, table: Table) -> None:
    to.print(Text(f"  {title}", style="bold"))
    to.print(Padding(table, (0, 0, 0, 2), expand=False))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _account_table(lines: Iterable[AccountLine]) -> Table:
    table = _table("account", "state", "reason", "detail")
    colours = {State.ONBOARDED: "green", State.WAITING: "yellow", State.EXCLUDED: "dim"}
    for line in lines:
        state = Text(line.state, style=colours[line.state])
        table.add_row(line.account.id.name, state, str(line.reason), line.detail)
    return table


def _change_table(report: Report, longest: int) -> Table:
    assert report.plan is not None  # noqa: S101 - the only caller has checked
    table = _table("change", "kind", "name", "account", "why")
    for change in report.plan.changes:
        table.add_row(*_change_cells(change), _why(change, longest))
    return table


def _outcome_table(report: Report, longest: int) -> Table:
    table = _table("outcome", "change", "kind", "name", "account", "seconds", "detail")
    for outcome in report.outcomes or ():
        status = Text(outcome.status, style=_STYLES.get(outcome.status, "yellow"))
        detail = outcome.detail or ("" if isinstance(outcome.change, Create) else _why(outcome.change, longest))
        table.add_row(status, *_change_cells(outcome.change), f"{outcome.seconds:.1f}", detail)
    return table


def _held_table(report: Report) -> Table:
    assert report.plan is not None  # noqa: S101 - the only caller has checked
    table = _table("change", "kind", "name", "account", "held because")
    for held in report.plan.held:
        table.add_row(*_change_cells(held.change), f"{held.reason}: {held.detail}")
    return table


def _change_cells(change: Change) -> tuple[Any, ...]:
    source = source_of(change)
    style = _STYLES[verb(change)]
    return Text(verb(change), style=style), kind_of(change), label(change.id), source.name if source else "-"


def _why(change: Change, longest: int) -> str:
    """The reason and the difference, in words; each value cut to `longest`."""
    match change:
        case Create(brings=brings) if brings:
            return f"missing; imported with {len(brings)} operations"
        case Update(anew=True, differences=(document, *_)):
            return f"imported anew in place, {document.actual} -> {document.desired}"
        case Create():
            return "missing"
        case Delete(why=why):
            return why
        case Update():
            return "\n".join(
                f"{path}: {_brief(actual, longest)} -> {_brief(desired, longest)}"
                for path, actual, desired in sides(change)
            )


def _brief(value: Any, longest: int) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]}…"


def _try_it(lines: Iterable[AccountLine], to: Console) -> None:
    """How to call each account's models through the gateway: the article's test step."""
    for line in lines:
        if not line.base_url or line.state is not State.ONBOARDED:
            continue
        ready = [d.name for d in line.account.deployments if d.ready]
        to.print(Text.assemble("\n  ", (line.account.id.name, "bold cyan"), f"  {line.base_url}"))
        to.print(f"    model deployments: {', '.join(ready) or 'none'}; api-version: {line.api_version}")
        if ready:
            to.print(curl(line, ready[0]), soft_wrap=True)


_CALLS: tuple[tuple[str, str, str], ...] = (
    ("embedding", "embeddings", """-H 'Content-Type: application/json' -d '{"input": "Hello"}'"""),
    ("dall-e", "images/generations", """-H 'Content-Type: application/json' -d '{"prompt": "A lighthouse"}'"""),
    ("whisper", "audio/transcriptions", "-F file=@speech.wav"),
    (
        "",
        "chat/completions",
        """-H 'Content-Type: application/json' -d '{"messages": [{"role": "user", "content": "Hello"}]}'""",
    ),
)
"""A word in a model's name -> the operation that it serves, and what to send to try it."""


def curl(line: AccountLine, deployment: str) -> str:
    """A command to paste; the key comes from the caller's environment."""
    model = next(d for d in line.account.deployments if d.name == deployment)
    call, request = next((call, request) for word, call, request in _CALLS if word in model.model.lower())
    url = f"{line.base_url}/deployments/{deployment}/{call}?api-version={line.api_version}"
    key = ['-H "api-key: $APIM_SUBSCRIPTION_KEY"'] if line.subscription_required else []
    return "    " + " \\\n      ".join([f"curl -sS '{url}'", *key, request])
