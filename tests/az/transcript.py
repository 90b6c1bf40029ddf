"""What the Azure CLI was asked and answered, as docs/azure-cli.md shows it."""

import json
import os
import re
from pathlib import Path
from typing import Any

from simulator.authorization import BUILT_IN_ROLES
from tools.az import AzureCli, Ran

DOCUMENT = Path(__file__).parents[2] / "docs/azure-cli.md"
BEGIN, END = "<!-- transcript: written by `make test-az REFRESH=1` -->\n", "<!-- end of transcript -->\n"
_LINES = 16
_SHORT = 100
_WIDTH = 150
_KNOWN = re.compile("-4000-8000-|-0000-000000000001$|" + "|".join(BUILT_IN_ROLES))  # ids that never change
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
_PLAIN = re.compile(r"[\w./:=@,?&-]+")
REFRESH = bool(os.environ.get("REFRESH"))


def of(az: AzureCli) -> str:
    """Every command with its answer, shortened; what differs from run to run is put in words."""
    return "".join(f"```console\n{_shown(ran, az)}```\n\n" for ran in az.ran)


def _shown(ran: Ran, az: AzureCli) -> str:
    command = " ".join(part if _PLAIN.fullmatch(part) else f'"{part}"' for part in (*ran.program, *ran.arguments))
    lines = (_short(ran.output) if ran.code == 0 else ran.errors or f"ended with {ran.code}").rstrip().splitlines()
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], "…"]
    text = "\n".join([f"$ {command}", *lines, ""])
    text = text.replace(az.url, "https://localhost:8443").replace(str(az.folder), ".")
    text = _GUID.sub(lambda found: found[0] if _KNOWN.search(found[0]) else "<guid>", _TIME.sub("<time>", text))
    return "".join(_cut(line) for line in text.splitlines(keepends=True))


def _short(output: str) -> str:
    """An answer without its nulls and empty lists, what is short on one line."""
    try:
        return _laid_out(_full(json.loads(output)))
    except ValueError:
        return output


def _laid_out(value: Any, indent: str = "") -> str:
    line = json.dumps(value, ensure_ascii=False)
    if len(indent + line) <= _SHORT or not isinstance(value, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(name)}: {_laid_out(part, deeper)}" for name, part in value.items()]
    else:
        parts = [_laid_out(part, deeper) for part in value]
    ends = "{}" if isinstance(value, dict) else "[]"
    return f"{ends[0]}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{ends[1]}"


def _full(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _full(part) for name, part in value.items() if part is not None and part not in ([], {})}
    return [_full(part) for part in value] if isinstance(value, list) else value


def _cut(line: str) -> str:
    line = line.rstrip()
    return (line if len(line) <= _WIDTH or line.startswith("$") else line[: _WIDTH - 1] + "…") + "\n"


def documented() -> str:
    """The transcript that the document shows."""
    return DOCUMENT.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]


def write(transcript: str) -> None:
    """Put the transcript into the document."""
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    DOCUMENT.write_text(before + BEGIN + transcript + END + rest.partition(END)[2], "utf-8")
