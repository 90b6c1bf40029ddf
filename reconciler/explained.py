"""How an explanation is told: as text for a terminal, as JSON, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reconciler.config import AccountRule
from reconciler.explain import Explanation, Verdict
from reconciler.markup import table, text
from reconciler.model import kind_of, verb
from reconciler.report import Report, label
from reconciler.world import ModelDeployment

_STYLES = {"ready": "green", "waiting": "yellow", "excluded": "dim", "gone": "red", "unseen": "dim"}


def show(report: Report, explanations: Sequence[Explanation], to: Console) -> None:
    """Every account at one gateway: the answer in a sentence, then what it rests on."""
    where = f"  resource group {report.gateway.resource_group}, subscription {report.gateway.subscription}"
    to.print(Text.assemble(("Gateway ", "bold"), (report.gateway.name, "bold cyan"), where), soft_wrap=True)
    if report.failure is not None:
        error = f"{report.failure.detail} ({report.failure.reason})"
        to.print(Text.assemble(("  error: ", "bold red"), error), soft_wrap=True)
        return
    for each in explanations:
        to.print(Text(f"\n  {each.summary}", style=f"bold {_STYLES[each.state]}"), soft_wrap=True)
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="dim")
        grid.add_column(overflow="fold")
        for name, facts in _facts(each):
            grid.add_row(name, "\n".join(facts))
        with to.capture() as captured:
            to.print(Padding(grid, (0, 0, 0, 4), expand=False))
        lines = [line.rstrip() for line in captured.get().splitlines()]
        to.print(Text.from_ansi("\n".join(lines)), soft_wrap=True)


def markdown(report: Report, explanations: Sequence[Explanation]) -> str:
    """The same for a pull request."""
    return "\n".join(_markdown(report, explanations)).rstrip("\n")


def _markdown(report: Report, explanations: Sequence[Explanation]) -> Iterator[str]:
    yield f"## {text(report.gateway.name)}"
    yield ""
    if report.failure is not None:
        yield f"**error** ({report.failure.reason}): {text(report.failure.detail)}"
        return
    for each in explanations:
        yield f"**{text(each.summary)}**"
        yield ""
        yield from table(
            ("", ""), [(name, "<br>".join(text(line) for line in lines)) for name, lines in _facts(each)]
        )


def _facts(each: Explanation) -> Iterator[tuple[str, list[str]]]:
    """What an explanation rests on, line by line, each under its title."""
    yield "account", [each.subject.account.text]
    yield "state", [_state(each)]
    yield "discovered", [each.discovered]
    yield "allow-list", [_verdict(verdict) for verdict in each.verdicts]
    if each.profile:
        yield "profile", [f"{each.profile} ({each.profile_why})"]
    if each.served is not None:
        served = each.served
        yield "API", [f"{served.api.name} ({'it is there' if each.there else 'not there yet'})"]
        yield "path", [served.path + (f", called as {each.base_url}" if each.base_url else "")]
        yield "backend", [f"{served.backend.name}" + (f", to {served.url}" if served.account.endpoint else "")]
    if each.deployments:
        yield "models", [_deployment(deployment) for deployment in each.deployments]
    elif each.reason == "no-ready-deployment":
        yield "models", ["it has no model deployment"]
    if each.changes:
        yield "pending", [f"{verb(c)} {kind_of(c)} {label(c.id)}" for c in each.changes]
    if each.held:
        yield (
            "held",
            [
                f"{verb(h.change)} {kind_of(h.change)} {label(h.change.id)}: {h.reason}: {h.detail}"
                for h in each.held
            ],
        )
    if each.last is None:
        yield "last run", ["no run is recorded"]
    else:
        yield (
            "last run",
            [f"{each.last.at} ({each.last.run}): {each.last.state}: {each.last.detail}", *each.last.outcomes],
        )


def _state(each: Explanation) -> str:
    reason = each.reason if each.reason != each.state else ""
    return ": ".join(part for part in (each.state, reason, each.detail) if part)


def _verdict(verdict: Verdict) -> str:
    said = f"does not select it: {verdict.why}" if verdict.why else "selects it"
    return f"rule {verdict.number} ({_rule(verdict.rule)}) {said}"


def _rule(rule: AccountRule) -> str:
    tags = "; tags " + ", ".join(f"{k}={v}" for k, v in sorted(rule.tags.items())) if rule.tags else ""
    return f"subscription {rule.subscription}; resource groups {', '.join(rule.resourceGroups)}{tags}"


def _deployment(deployment: ModelDeployment) -> str:
    what = " ".join(part for part in (deployment.model, deployment.version) if part)
    said = "ready" if deployment.ready else f"not ready: {deployment.why}"
    return f"{deployment.name} ({', '.join(part for part in (what, deployment.sku) if part)}): {said}"


def document(report: Report, explanations: Sequence[Explanation]) -> dict[str, Any]:
    """The JSON of one gateway."""
    failure = report.failure
    return {
        "gateway": report.gateway.text,
        "error": {"reason": failure.reason, "detail": failure.detail} if failure else None,
        "accounts": [_document(each) for each in explanations],
    }


def _document(each: Explanation) -> dict[str, Any]:
    served, last = each.served, each.last
    return {
        "id": each.subject.account.text,
        "modelDeployment": each.subject.deployment or None,
        "summary": each.summary,
        "state": each.state,
        "reason": each.reason,
        "detail": each.detail,
        "onGateway": each.there,
        "discovered": {"seen": each.state not in {"gone", "unseen"}, "detail": each.discovered},
        "rules": [
            {
                "subscription": v.rule.subscription,
                "resourceGroups": list(v.rule.resourceGroups),
                "tags": dict(v.rule.tags),
                "selects": not v.why,
                "why": v.why,
            }
            for v in each.verdicts
        ],
        "profile": {"name": each.profile, "why": each.profile_why} if each.profile else None,
        "names": {
            "api": served.api.text,
            "path": served.path,
            "backend": served.backend.text,
            "baseUrl": each.base_url or None,
        }
        if served
        else None,
        "modelDeployments": [
            {"name": d.name, "model": d.model, "version": d.version, "sku": d.sku, "ready": d.ready, "why": d.why}
            for d in each.deployments
        ],
        "changes": [{"change": verb(c), "kind": kind_of(c), "id": c.id.text} for c in each.changes],
        "held": [
            {
                "change": verb(h.change),
                "kind": kind_of(h.change),
                "id": h.change.id.text,
                "reason": str(h.reason),
                "detail": h.detail,
            }
            for h in each.held
        ],
        "lastRun": {
            "run": last.run,
            "at": last.at,
            "state": last.state,
            "detail": last.detail,
            "outcomes": list(last.outcomes),
        }
        if last
        else None,
    }
