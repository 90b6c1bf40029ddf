"""The command line: `python -m reconciler plan | apply | show | explain | policy-diff | schema` (contract.md)."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from reconciler.app import App, from_environment
from reconciler.commands import COMMANDS, FAILED, OK, policy_diff_
from reconciler.config import schema
from reconciler.errors import ReconcilerError

INTERRUPTED = 130

_EXIT_CODES = """exit codes:
  0    plan: nothing is pending and nothing held · apply: converged · policy-diff: the same · others: done
  1    an error, or a gateway that could not be read, or a change that failed
  2    plan: something is pending or held · apply: something is held · policy-diff: different
  130  interrupted, after the outcomes so far

The answer goes to standard output, everything else to standard error."""
_EXAMPLES = {
    "plan": "python -m reconciler plan --gateway contoso --format markdown > plan.md",
    "apply": "python -m reconciler apply --gateway contoso --plan 4f1c0a9be2d7",
    "show": "python -m reconciler show contoso-east-831a41/policy --actual",
    "explain": "python -m reconciler explain contoso-east/gpt-4o",
    "policy-diff": "python -m reconciler policy-diff before.xml after.xml",
    "schema": "python -m reconciler schema > reconciler.schema.json",
}


class _Parser(argparse.ArgumentParser):
    """Usage errors exit 1: 2 means that something is pending or held."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"error: {message}", file=sys.stderr)  # noqa: T201 - this is the command line
        raise SystemExit(FAILED)


def _build(config: str | None) -> App:
    return from_environment(os.environ, config)


def main(arguments: Sequence[str] | None = None, build: Callable[[str | None], App] = _build) -> int:
    """Run one command; its exit code. `build` makes the app for a configuration file."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal cannot show ends no command
    options = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("azure").setLevel(logging.ERROR)  # what azure-identity tried is not the person's business
    try:
        code = _run(options, build)
        sys.stdout.flush()
    except ReconcilerError as error:
        for line in str(error).splitlines():
            print(f"error: {line}", file=sys.stderr)  # noqa: T201 - this is the command line
        return FAILED
    except BrokenPipeError:  # who reads us has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)  # noqa: T201 - this is the command line
        return INTERRUPTED
    return code


def _run(options: argparse.Namespace, build: Callable[[str | None], App]) -> int:
    if options.command == "schema":
        print(json.dumps(schema(), indent=2))  # noqa: T201 - this is the command line
        return OK
    if options.command == "policy-diff":
        return policy_diff_(options)
    return COMMANDS[options.command](build(options.config), options)


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    common.add_argument(
        "--config", metavar="FILE", help="the configuration file (default: $RECONCILER_CONFIG, reconciler.yaml)"
    )
    common.add_argument(
        "--gateway",
        metavar="ID|NAME",
        help="one gateway of the configuration, by resource id or name (default: all)",
    )
    common.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help="text for people, json for programs, markdown for pull requests (default: text)",
    )
    common.add_argument("--deep", action="store_true", help="read every operation by itself, not only their list")
    parser = _Parser(
        prog="python -m reconciler",
        description="Keep Azure API Management in step with Azure OpenAI accounts and their model deployments.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)

    def command(name: str, does: str, more: str = "") -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            parents=[common],
            help=does,
            description=f"{does[0].upper()}{does[1:]}.{more}",
            epilog=f"example:\n  {_EXAMPLES[name]}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    command("plan", "read, compare, print what would change; writes nothing")
    apply = command(
        "apply",
        "plan, and make the changes",
        "\nAsks on a terminal; elsewhere it needs --yes or --plan. An interrupt (Ctrl-C) prints what was done\n"
        "so far, and the next apply goes on from what is there.",
    )
    apply.add_argument("--plan", metavar="DIGEST", help="apply exactly the plan with this digest (one gateway)")
    apply.add_argument("--yes", action="store_true", help="do not ask")
    show = command(
        "show",
        "print the resources that are desired on a gateway, whole",
        "\nSecrets are replaced; what only apply can learn is shown as 'known after apply'.",
    )
    show.add_argument(
        "id", metavar="ID", nargs="?", help="one resource: its id, or its name as plan shows it (default: all)"
    )
    show.add_argument(
        "--actual", action="store_true", help="what is there, as Azure answers it (ours; with ID also others')"
    )
    explain = command(
        "explain",
        "say why an account or a model deployment is, or is not, on a gateway",
        "\nDiscovered? Selected by which rule? With which profile, names, models? What is pending or held,\n"
        "and what did the last recorded run do?",
    )
    explain.add_argument(
        "name", metavar="NAME", help="an account's name or id, account/deployment, or a model deployment's name"
    )
    diff = command(
        "policy-diff",
        "compare two policy documents by meaning; needs no configuration",
        "\nWhite space, quotes, escapes, the order of attributes, comments and documented defaults mean nothing;\n"
        "either document may be as API Management answers it (xml) or as people write it (rawxml).",
    )
    diff.add_argument("before", metavar="A.xml", help="a policy document, or - for standard input")
    diff.add_argument("after", metavar="B.xml", help="the other one")
    command("schema", "print the JSON Schema of the configuration file")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
