"""How `policy-diff` shows where two policy documents differ: what was first, what is now, and which part changed.

The first document plays the part of what is there, the second of what is desired: a difference reads as it does in
a plan. Values are in canonical form; nothing in them is hidden, since both documents are the reader's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconciler.markup import code, details, fence, table
from reconciler.policy.differences import Found, differences
from reconciler.policy.document import Node
from reconciler.policy.markup import markup, start_tag

_AROUND = 40  # characters shown on either side of what changed
_CHANGED = 160  # and of what changed
_ROOT = "(the root element)"
_ABSENT = "(not there)"


@dataclass(frozen=True, slots=True)
class Side:
    """A document that was read, and what to call it."""

    name: str
    root: Node


def places(before: Side, after: Side) -> list[Found]:
    """Each difference, the first document as the actual one."""
    return list(differences(after.root, before.root))


def document(before: Side, after: Side, found: Sequence[Found]) -> dict[str, Any]:
    """The answer for programs; `lines` are those of the element around a difference, null where there is none."""
    return {
        "a": before.name,
        "b": after.name,
        "same": not found,
        "differences": [
            {
                "path": each.difference.path,
                "a": _whole(each, each.difference.actual, each.actual),
                "b": _whole(each, each.difference.desired, each.desired),
                "lines": {"a": _line(each.actual), "b": _line(each.desired)},
            }
            for each in found
        ],
    }


def show(before: Side, after: Side, found: Sequence[Found], to: Console) -> None:
    """The answer for a person."""
    to.print(Text(verdict(before, after, found), style="bold yellow" if found else "bold green"), soft_wrap=True)
    for each in found:
        to.print()
        to.print(Text(each.difference.path or _ROOT, style="bold cyan"), soft_wrap=True)
        for side, node in ((before, each.actual), (after, each.desired)):
            if node is not None:
                tag = _cut(f"<{start_tag(node)}>", _CHANGED)
                to.print(Text(f"  {side.name}:{node.line}  {tag}", style="dim"), soft_wrap=True)
        for sign, style, (left, changed, right) in _sides(each):
            line = Text.assemble(f"    {sign} {left}", (changed, f"bold {style} reverse"), right, style=style)
            to.print(line, soft_wrap=True)
            if _is_value(each):
                to.print(Text(" " * (6 + cell_len(left)) + "^" * max(1, cell_len(changed))), soft_wrap=True)


def markdown(before: Side, after: Side, found: Sequence[Found]) -> str:
    """The answer for a pull request: a table, and below it in full what was too long for one."""
    return "\n".join(_markdown(before, after, found)).rstrip("\n")


def _markdown(before: Side, after: Side, found: Sequence[Found]) -> Iterator[str]:
    yield f"## {f'{len(found)} differences' if len(found) > 1 else '1 difference' if found else 'The same policy'}"
    yield ""
    yield f"{code(before.name)} and {code(after.name)}"
    yield ""
    rows, whole = [], []
    for each in found:
        shown = ["".join(parts) for _, _, parts in _sides(each)]
        lines = [str(_line(node) or "") for node in (each.actual, each.desired)]
        rows.append([code(each.difference.path or _ROOT), lines[0], code(shown[0]), lines[1], code(shown[1])])
        if any("\N{HORIZONTAL ELLIPSIS}" in value for value in shown):
            whole.append(each)
    yield from table(["where", "line", code(before.name), "line", code(after.name)], rows)
    for each in whole:
        said = (
            _whole(each, each.difference.actual, each.actual),
            _whole(each, each.difference.desired, each.desired),
        )
        both = [line for value in said for line in fence("xml", value or _ABSENT)]
        yield from details(f"{each.difference.path}, whole", both)


def verdict(before: Side, after: Side, found: Sequence[Found]) -> str:
    """The answer in a sentence."""
    if not found:
        return f"{before.name} and {after.name} say the same"
    return f"{before.name} and {after.name} differ in {f'{len(found)} places' if len(found) > 1 else '1 place'}"


def _whole(found: Found, value: str | None, node: Node | None) -> str | None:
    """A side of the difference; an element that only this side has with its content, and where it stands."""
    return f"{markup(node)} at {found.where}" if found.where and node is not None else value


def _line(node: Node | None) -> int | None:
    return node.line if node is not None else None


def _is_value(found: Found) -> bool:
    """Whether two values are compared, letter by letter, and not two places."""
    path = found.difference.path.rpartition("/")[2]
    sides = (found.difference.actual, found.difference.desired)
    return path.startswith(("@", "text()")) and None not in sides


def _sides(found: Found) -> Iterator[tuple[str, str, tuple[str, str, str]]]:
    """Each side's sign and colour, and its value in three parts: the one in the middle is what changed."""
    actual = _whole(found, found.difference.actual, found.actual)
    desired = _whole(found, found.difference.desired, found.desired)
    signed = ((actual, desired, "-", "red"), (desired, actual, "+", "green"))
    for value, other, sign, style in signed:
        if value is None or other is None or not _is_value(found):
            yield sign, style, (_cut(_visible(_ABSENT if value is None else value), 4 * _CHANGED), "", "")
        else:
            yield sign, style, _parts(value, other)


def _parts(value: str, other: str) -> tuple[str, str, str]:
    """What both values start with, what only this one says, and what both end with; cut where it is long."""
    most = min(len(value), len(other))
    start = next((i for i in range(most) if value[i] != other[i]), most)
    tail = next((i for i in range(most - start) if value[-1 - i] != other[-1 - i]), most - start)
    left, changed, right = value[:start], value[start : len(value) - tail], value[len(value) - tail :]
    if len(left) > _AROUND:
        left = "\N{HORIZONTAL ELLIPSIS}" + left[-_AROUND:]
    return _visible(left), _cut(_visible(changed), _CHANGED), _cut(_visible(right), _AROUND)


def _visible(value: str) -> str:
    """The value on one line, each character to be seen or spelt out."""
    return "".join(_SEEN.get(c, c if c.isprintable() else f"\\u{ord(c):04x}") for c in value)


_SEEN = {"\n": "\N{RETURN SYMBOL}", "\t": "\N{RIGHTWARDS ARROW TO BAR}"}


def _cut(value: str, longest: int) -> str:
    return value if len(value) <= longest else f"{value[:longest]}\N{HORIZONTAL ELLIPSIS}"
