"""What each command of the command line does: reads, asks the parts, prints the answer, says how it went."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console

from reconciler import asked, bodies, explained, policy_diff, shown, text
from reconciler.app import App
from reconciler.at_terminal import AtTheTerminal
from reconciler.config import Gateway
from reconciler.errors import ConfigError, ReconcilerError
from reconciler.explain import Explanation, explain
from reconciler.markdown import markdown
from reconciler.policy.document import PolicyUnreadable, read
from reconciler.report import Failure, Report, documents
from reconciler.terminal import TerminalProgress, consent

OK, FAILED, PENDING = 0, 1, 2


def plan(app: App, options: argparse.Namespace) -> int:
    """What would change; writes nothing."""
    reports = _looked(app, _gateways(app, options), options)
    _report(reports, options.format)
    if any(report.failed for report in reports):
        return FAILED
    return OK if all(report.converged for report in reports) else PENDING


def apply(app: App, options: argparse.Namespace) -> int:
    """Plan, ask where somebody is to be asked, make the changes."""
    gateways = _gateways(app, options)
    if options.plan is not None:
        if not re.fullmatch(r"[0-9a-f]{12,64}", options.plan):
            raise ConfigError(f"'{options.plan}' is no digest: give the 12 to 64 hex digits that plan prints")
        if len(gateways) != 1:
            raise ConfigError("--plan approves the plan of exactly one gateway; name it with --gateway")
    elif not options.yes and not sys.stdin.isatty():
        raise ConfigError("nobody is here to ask; give --yes, or --plan with the digest that plan prints")
    errors = text.console(sys.stderr)
    reports: list[Report] = []
    for gateway in gateways:
        report, interrupted = _applied(app, gateway, options, errors)
        reports.append(report)
        if interrupted:
            reports += [_untouched(other) for other in gateways[len(reports) :]]
            _report(reports, options.format)
            raise KeyboardInterrupt
    _report(reports, options.format)
    if any(report.failed for report in reports):
        return FAILED
    if any(report.outcomes is None for report in reports):
        _say("nothing was applied")
        return FAILED
    return OK if all(report.converged for report in reports) else PENDING


def _applied(app: App, gateway: Gateway, options: argparse.Namespace, errors: Console) -> tuple[Report, bool]:
    """One gateway, and whether somebody interrupted it; what was done to the others before must not be lost."""
    with AtTheTerminal(app.coordinator(), gateway.resource_id) as terminal:
        progress = TerminalProgress(
            errors,
            terminal.agreeing(consent(yes=options.yes, digest=options.plan, to=errors)),
            asks=not options.yes and options.plan is None,
        )
        try:
            with progress.reading(gateway.resource_id.name):
                report = app.run(gateway, dry_run=False, deep=options.deep, progress=progress, turn=terminal.turn)
        except KeyboardInterrupt:
            return terminal.ended(_so_far(gateway, progress)), True
        except ConfigError:
            raise
        except ReconcilerError as error:
            report = Report(gateway.resource_id, failure=Failure(error.reason, str(error)))
        return terminal.ended(report), False


def show(app: App, options: argparse.Namespace) -> int:
    """The bodies that are desired, or those that are there."""
    side = "actual" if options.actual else "desired"
    reports = _looked(app, _gateways(app, options), options)
    of = shown.actual if options.actual else shown.desired
    found = [of(report) for report in reports]
    if options.id is not None:
        among = [shown.everything(report) for report in reports] if options.actual else found
        picked = [shown.named(items, options.id) for items in among]
        if not any(picked):
            near = shown.near([item for items in among for item in items], options.id)
            raise ConfigError(_nothing(f"nothing that is {side} is called '{options.id}'", near, reports))
        chosen = [(r, p) for r, p in zip(reports, picked, strict=True) if p or r.failed]
    else:
        chosen = list(zip(reports, found, strict=True))
    match options.format:
        case "json":
            _json({"gateways": [shown.document(report, items, side=side) for report, items in chosen]})
        case "markdown":
            _print("\n\n".join(bodies.markdown(report, items, side) for report, items in chosen))
        case _:
            to = text.console(sys.stdout)
            for report, items in chosen:
                bodies.show(report, items, side, to)
    return FAILED if any(report.failed for report in reports) else OK


def explain_(app: App, options: argparse.Namespace) -> int:
    """Why an account or a model deployment is, or is not, on the gateways."""
    reports = _looked(app, _gateways(app, options), options)
    try:
        subjects = asked.subjects(reports, options.name)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if not subjects:
        near = asked.near(reports, options.name)
        raise ConfigError(_nothing(f"no account or model deployment is called '{options.name}'", near, reports))
    told: list[tuple[Report, list[Explanation]]] = []
    for report in reports:
        status, run = ({}, {}) if report.failed else _recorded(app, report)
        told.append((report, [] if report.failed else [explain(report, s, status, run) for s in subjects]))
    match options.format:
        case "json":
            gateways = [explained.document(report, each) for report, each in told]
            _json({"name": options.name, "gateways": gateways})
        case "markdown":
            _print("\n\n".join(explained.markdown(report, each) for report, each in told))
        case _:
            to = text.console(sys.stdout)
            for report, each in told:
                explained.show(report, each, to)
    return FAILED if any(report.failed for report in reports) else OK


def policy_diff_(options: argparse.Namespace) -> int:
    """Where two policy documents say different things; needs no configuration."""
    for option in ("config", "gateway", "deep"):
        if getattr(options, option):
            raise ConfigError(f"--{option} means nothing to policy-diff, which reads two files only; leave it out")
    names = (options.before, options.after)
    if names == ("-", "-"):
        raise ConfigError("'-' is given twice: only one of the two documents can be standard input")
    sides, unreadable = [], []
    for name in names:
        try:
            sides.append(policy_diff.Side("standard input" if name == "-" else name, read(_document(name))))
        except PolicyUnreadable as error:
            unreadable.append(f"{name}, {error}")
    if unreadable:
        raise ConfigError("\n".join(dict.fromkeys(unreadable)))
    before, after = sides
    found = policy_diff.places(before, after)
    match options.format:
        case "json":
            _json(policy_diff.document(before, after, found))
        case "markdown":
            _print(policy_diff.markdown(before, after, found))
        case _:
            policy_diff.show(before, after, found, text.console(sys.stdout))
    return PENDING if found else OK


COMMANDS: Mapping[str, Callable[[App, argparse.Namespace], int]] = {
    "plan": plan,
    "apply": apply,
    "show": show,
    "explain": explain_,
}


def _gateways(app: App, options: argparse.Namespace) -> tuple[Gateway, ...]:
    return (app.gateway(options.gateway),) if options.gateway else app.config.gateways


def _looked(app: App, gateways: Sequence[Gateway], options: argparse.Namespace) -> list[Report]:
    """Each gateway read and planned for, with a sign of life on a terminal."""
    errors = text.console(sys.stderr)
    reports = []
    for gateway in gateways:
        alive = errors.status(f"reading {gateway.resource_id.name}") if errors.is_terminal else nullcontext()
        with alive:
            reports.append(app.run(gateway, dry_run=True, deep=options.deep))
    return reports


def _so_far(gateway: Gateway, progress: TerminalProgress) -> Report:
    """What an interrupted run did: the outcomes that are known, and nothing of the change that was under way."""
    if progress.plan is None:
        failure = Failure("interrupted", "interrupted before there was a plan; nothing was written")
        return Report(gateway.resource_id, failure=failure)
    return Report(gateway.resource_id, progress.world, progress.plan, progress.outcomes)


def _untouched(gateway: Gateway) -> Report:
    return Report(
        gateway.resource_id, failure=Failure("interrupted", "interrupted before its turn; nothing was done")
    )


def _recorded(app: App, report: Report) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The kept status of the gateway and the record of its last run; empty where there is none that can be read."""
    try:
        kept = app.store.each("status")
        status = next((s for s in kept if str(s.get("gateway")).lower() == report.gateway.key), {})
        return status, app.store.get(f"runs/{status.get('lastRun')}") or {}
    except (ReconcilerError, ValueError) as error:
        _say(f"the record of the last run cannot be read: {error}")
        return {}, {}


def _nothing(sentence: str, near: Sequence[str], reports: Sequence[Report]) -> str:
    """The sentence with what may have been meant, and with what could not be read."""
    if near:
        sentence += f"; did you mean {' or '.join(repr(name) for name in near)}?"
    for report in reports:
        if report.failure is not None:
            sentence += f"; {report.gateway.name} could not be read: {report.failure.detail}"
    return sentence


def _document(name: str) -> str:
    """The text of a file, or of standard input for `-`."""
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"'{name}' is not UTF-8 (byte {error.start + 1}): save it as UTF-8") from None
    except FileNotFoundError:
        raise ConfigError(f"there is no file '{name}'") from None
    except IsADirectoryError:
        raise ConfigError(f"'{name}' is a folder: name a policy document in it") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"'{name}' cannot be read: {error}") from None


def _report(reports: Sequence[Report], form: str) -> None:
    match form:
        case "json":
            _json(documents(reports))
        case "markdown":
            _print(markdown(reports))
        case _:
            text.show(reports, text.console(sys.stdout))


def _json(document: Any) -> None:
    _print(json.dumps(document, indent=2, ensure_ascii=False))


def _print(answer: str) -> None:
    print(answer)  # noqa: T201 - this is the command line


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)  # noqa: T201 - this is the command line
