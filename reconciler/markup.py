"""How text and values are written in Markdown, so that nothing in them is taken for markup; pure.

A table's cells are split at `|` before anything else is read, and a backslash before one counts differently from
reader to reader: characters that could mean something are written as entities, which never do.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_MEANS_SOMETHING = re.compile(r"[&<>|`*\[\]\\~$#@]|(?<![^\W_])_|_(?![^\W_])")
_PLAIN = re.compile(r"[^|`\\\x00-\x1f\x7f]*[^|`\\\s\x00-\x1f\x7f][^|`\\\x00-\x1f\x7f]*")


def text(value: object) -> str:
    """Words of people and services, on one line; line ends are kept as breaks."""
    written = _MEANS_SOMETHING.sub(lambda found: f"&#{ord(found[0])};", str(value))
    return "<br>".join(" ".join(line.split()) for line in written.splitlines())


def code(value: object) -> str:
    """A name or a value, letter by letter: between backticks, or as entities where those would not do."""
    letters = str(value)
    if _PLAIN.fullmatch(letters) and letters == letters.strip():
        return f"`{letters}`"
    if not letters:
        return ""
    written = re.sub(
        r"[^\w\s/.,:=(){}-]|_|[\x00-\x1f\x7f]| (?= )|^ | $",
        lambda found: "<br>" if found[0] == "\n" else f"&#{_shown(found[0])};",
        letters,
    )
    return f"<code>{written}</code>"


def _shown(character: str) -> int:
    """Its number; a blank that would be lost is one that is not, and what cannot be shown is its picture."""
    number = ord(character)
    if character == " ":
        return 0xA0
    return 0x2400 + number if number < 0x20 else 0x2421 if number == 0x7F else number  # noqa: PLR2004 - control characters


def json_code(value: Any) -> str:
    """A JSON value, letter by letter; a text of several lines as it is."""
    if isinstance(value, str) and "\n" in value:
        return code(value)
    return code(json.dumps(value, ensure_ascii=False, default=str))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are Markdown already, and the empty line after it; nothing where there are no rows."""
    cells = [f"| {' | '.join(row)} |" for row in rows]
    if cells:
        yield f"| {' | '.join(columns)} |"
        yield f"|{'|'.join(' --- ' for _ in columns)}|"
        yield from cells
        yield ""


def details(summary: str, lines: Iterable[str]) -> Iterator[str]:
    """What is unfolded by a click: a plain text, and after an empty line Markdown again."""
    yield f"<details><summary>{html.escape(' '.join(summary.split()))}</summary>"
    yield ""
    yield from lines
    yield "</details>"
    yield ""


def fence(language: str, content: str) -> Iterator[str]:
    """A block of text as it is, between fences that are longer than any in it, and the empty line after it."""
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    bar = "`" * max(3, longest + 1)
    yield f"{bar}{language}"
    yield content
    yield bar
    yield ""
