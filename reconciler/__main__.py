"""The command line: `python -m reconciler plan | apply | schema` (contract.md, "Command line")."""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from reconciler.app import App, from_environment
from reconciler.config import Gateway, schema
from reconciler.errors import ConfigError, ReconcilerError
from reconciler.markdown import markdown
from reconciler.report import Report, documents
from reconciler.terminal import TerminalProgress, consent
from reconciler.text import console, show

OK, FAILED, PENDING, INTERRUPTED = 0, 1, 2, 130


class _Parser(argparse.ArgumentParser):
    """Usage errors exit 1: 2 means that something is pending or held."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"error: {message}", file=sys.stderr)  # noqa: T201 - this is the command line
        raise SystemExit(FAILED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("azure").setLevel(logging.ERROR)  # what azure-identity tried is not the person's business
    try:
        if options.command == "schema":
            print(json.dumps(schema(), indent=2))  # noqa: T201 - this is the command line
            return OK
        app = from_environment(os.environ, options.config)
        return _plan(app, options) if options.command == "plan" else _apply(app, options)
    except ReconcilerError as error:
        for line in str(error).splitlines():
            print(f"error: {line}", file=sys.stderr)  # noqa: T201 - this is the command line
        return FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)  # noqa: T201 - this is the command line
        return INTERRUPTED


def _plan(app: App, options: argparse.Namespace) -> int:
    reports = []
    errors = console(sys.stderr)
    for gateway in _gateways(app, options):
        if errors.is_terminal:
            with errors.status(f"reading {gateway.resource_id.name}"):
                reports.append(app.run(gateway, dry_run=True, deep=options.deep))
        else:
            reports.append(app.run(gateway, dry_run=True, deep=options.deep))
    _print(reports, options.format)
    if any(report.failed for report in reports):
        return FAILED
    return OK if all(report.converged for report in reports) else PENDING


def _apply(app: App, options: argparse.Namespace) -> int:
    gateways = _gateways(app, options)
    if options.plan is not None:
        if not re.fullmatch(r"[0-9a-f]{12,64}", options.plan):
            raise ConfigError(f"'{options.plan}' is no digest: give the 12 to 64 hex digits that plan prints")
        if len(gateways) != 1:
            raise ConfigError("--plan approves the plan of exactly one gateway; name it with --gateway")
    elif not options.yes and not sys.stdin.isatty():
        raise ConfigError("nobody is here to ask; give --yes, or --plan with the digest that plan prints")
    errors = console(sys.stderr)
    reports: list[Report] = []
    for gateway in gateways:
        progress = TerminalProgress(errors, consent(yes=options.yes, digest=options.plan, to=errors))
        try:
            reports.append(app.run(gateway, dry_run=False, deep=options.deep, progress=progress))
        except KeyboardInterrupt:
            reports.append(Report(gateway.resource_id, progress.world, progress.plan, progress.outcomes))
            _print(reports, options.format)
            raise
    _print(reports, options.format)
    if any(report.failed for report in reports):
        return FAILED
    if any(report.outcomes is None for report in reports):
        print("nothing was applied", file=sys.stderr)  # noqa: T201 - this is the command line
        return FAILED
    return OK if all(report.converged for report in reports) else PENDING


def _gateways(app: App, options: argparse.Namespace) -> tuple[Gateway, ...]:
    return (app.gateway(options.gateway),) if options.gateway else app.config.gateways


def _print(reports: Sequence[Report], form: str) -> None:
    match form:
        case "json":
            print(json.dumps(documents(reports), indent=2, ensure_ascii=False))  # noqa: T201 - the command line
        case "markdown":
            print(markdown(reports))  # noqa: T201 - the command line
        case _:
            show(reports, console(sys.stdout))


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    common.add_argument(
        "--config", metavar="FILE", help="the configuration file (default: $RECONCILER_CONFIG, reconciler.yaml)"
    )
    common.add_argument("--gateway", metavar="ID|NAME", help="one gateway of the file (default: all)")
    common.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    common.add_argument("--deep", action="store_true", help="read every operation, not only their list")
    parser = _Parser(
        prog="python -m reconciler",
        description="Keep Azure API Management in step with Azure OpenAI accounts and their model deployments.",
    )
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    commands.add_parser("plan", parents=[common], help="read, compare, print; writes nothing")
    apply = commands.add_parser("apply", parents=[common], help="plan, and make the changes")
    apply.add_argument("--plan", metavar="DIGEST", help="apply exactly the plan with this digest")
    apply.add_argument("--yes", action="store_true", help="do not ask")
    commands.add_parser("schema", parents=[common], help="print the JSON Schema of the configuration file")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
