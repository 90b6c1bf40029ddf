"""How `show` looks to a person: every body as YAML, policies with their line breaks, documents in a sentence."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from rich.console import Console
from rich.text import Text
from ruamel.yaml import YAML
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import LiteralScalarString

from reconciler.markup import code, fence, text
from reconciler.openapi import METHODS
from reconciler.redact import redacted
from reconciler.report import Report
from reconciler.shown import Item

_LONGEST = 2000
_WIDE = 1_000_000
_STYLES = {"in sync": "green", "create": "green", "update": "yellow", "delete": "red", "held": "yellow"}


def show(report: Report, items: Sequence[Item], side: str, to: Console) -> None:
    """One gateway's resources, each with its id and its body."""
    where = f"  resource group {report.gateway.resource_group}, subscription {report.gateway.subscription}"
    to.print(Text.assemble(("Gateway ", "bold"), (report.gateway.name, "bold cyan"), where), soft_wrap=True)
    if report.failure is not None:
        to.print(Text.assemble(("  error: ", "bold red"), _error(report)), soft_wrap=True)
        return
    to.print(Text(f"  {side}: {_counted(items)}"), soft_wrap=True)
    for item in items:
        account = f"  for {item.account.name}" if item.account else ""
        plan = f"{item.plan}: {item.detail}" if item.detail else item.plan
        head = ("\n  ", (f"{item.kind} ", "bold"), (item.name, "bold cyan"), f"{account}  ")
        to.print(Text.assemble(*head, (f"({plan})", _STYLES.get(item.plan, ""))), soft_wrap=True)
        to.print(Text(f"    # {item.id}", style="dim"), soft_wrap=True)
        lines = (f"    {line}".rstrip() for line in yaml(item.body).splitlines())
        to.print(Text("\n".join(lines)), soft_wrap=True)


def markdown(report: Report, items: Sequence[Item], side: str) -> str:
    """The same for a pull request."""
    return "\n".join(_markdown(report, items, side)).rstrip("\n")


def _markdown(report: Report, items: Sequence[Item], side: str) -> Iterator[str]:
    yield f"## {text(report.gateway.name)}: {side}"
    yield ""
    if report.failure is not None:
        yield f"**error**: {text(_error(report))}"
        return
    yield _counted(items)
    yield ""
    for item in items:
        account = f" for {code(item.account.name)}" if item.account else ""
        yield f"### {item.kind} {code(item.name)}{account}: {item.plan}"
        yield ""
        if item.detail:
            yield text(item.detail)
            yield ""
        yield from fence("yaml", f"# {item.id}\n{yaml(item.body)}".rstrip("\n"))


def yaml(body: Mapping[str, Any]) -> str:
    """The body as YAML, fit to be seen."""
    if not body:
        return "{}  # a link: there is nothing in it\n"
    writer = YAML()
    writer.Representer, writer.Emitter = _Representer, _Emitter
    writer.width = _WIDE
    stream = io.StringIO()
    writer.dump(_readable(redacted(body)), stream)
    return stream.getvalue()


class _Representer(RoundTripRepresenter):
    """Writes nothing as `null`, which a person sees."""


class _Emitter(Emitter):
    """Takes resource ids as keys, which are longer than YAML's writer likes them."""

    MAX_SIMPLE_KEY_LENGTH = 1000


_Representer.add_representer(type(None), lambda to, _: to.represent_scalar("tag:yaml.org,2002:null", "null"))


def _error(report: Report) -> str:
    return f"{report.failure.detail} ({report.failure.reason})" if report.failure else ""


def _counted(items: Sequence[Item]) -> str:
    return "1 resource" if len(items) == 1 else f"{len(items)} resources"


def _readable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _readable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_readable(inner) for inner in value]
    if not isinstance(value, str):
        return value
    if value.lstrip("\ufeff \t\r\n").startswith("<"):
        value = _indented(value)
    elif len(value) > _LONGEST:
        value = _document(value) or f"{value[:_LONGEST]}… ({len(value):,} characters; whole with --format json)"
    plain = all(character.isprintable() or character in "\n\t" for character in value)
    return LiteralScalarString(value) if plain and "\n" in value else value


def _indented(policy: str) -> str:
    """The policy with the line breaks it has; one that has none gets some. Blanks between elements mean nothing."""
    lines = [line.rstrip() for line in policy.strip("\ufeff \t\r\n").expandtabs(4).splitlines()]
    if len(lines) > 1 or "<!" in policy:
        return "\n".join(lines)
    try:
        root = ET.fromstring(policy)  # noqa: S314 - without a document type there is nothing to expand
    except (ET.ParseError, ValueError):
        return "\n".join(lines)
    ET.indent(root, "  ")
    return ET.tostring(root, encoding="unicode")


def _document(value: str) -> str | None:
    """An OpenAPI document in a sentence; None for another text."""
    try:
        document = json.loads(value)
    except ValueError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        return None
    items = [item for item in document["paths"].values() if isinstance(item, dict)]
    operations = sum(1 for item in items for method in item if method in METHODS)
    info = document.get("info")
    title = f"{info.get('title')} {info.get('version')}" if isinstance(info, dict) else "without a title"
    return (
        f"(the OpenAPI document {title}: {operations} operations, "
        f"{len(value):,} characters; whole with --format json)"
    )
