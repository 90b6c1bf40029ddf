"""Where two documents differ, as a person would say it: an element that was added is one difference, not ten.

The children of two elements are put side by side (`alignment.py`). What finds no partner was added or is missing;
where both sides have it, or something much like it, it was moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from reconciler.model import Difference
from reconciler.policy.alignment import Pair, Patience, align
from reconciler.policy.markup import outline
from reconciler.policy.node import Node

_MUCH = 0.5  # so much in common, from 0 to 1, that an element elsewhere is the same one, changed


@dataclass(frozen=True, slots=True)
class Found:
    """A difference, and the element around it (or the one that is added or missing) on each side that has it.

    `where` is the place of an element that is added or missing.
    """

    difference: Difference
    desired: Node | None
    actual: Node | None
    where: str | None = None


def differences(desired: Node, actual: Node) -> Iterator[Found]:
    """Each place where the two are not the same, in the order of the desired document."""
    if desired.name != actual.name:
        yield Found(Difference("", f"<{actual.name}>", f"<{desired.name}>"), desired, actual)
        return
    numbers: dict[object, int] = {}
    yield from _within(_Numbered(desired, numbers), _Numbered(actual, numbers), "", Patience())


class _Numbered:
    """An element or a text with a number that only equal ones have."""

    number: int

    def __init__(self, node: Node | str, numbers: dict[object, int]) -> None:
        self.node = node
        self.children = [_Numbered(child, numbers) for child in node.children] if isinstance(node, Node) else []
        parts = (node.name, node.attributes) if isinstance(node, Node) else (node,)
        self.number = numbers.setdefault((parts, *(child.number for child in self.children)), len(numbers))

    @property
    def label(self) -> str:
        return self.node.name if isinstance(self.node, Node) else "text()"

    def alike(self, other: _Numbered) -> float:
        """How much two of one name have in common, from 0 to 1: attributes and children."""
        ours, theirs = self._parts, other._parts
        both, most = (ours & theirs).total(), max(ours.total(), theirs.total())
        return both / most if most else 0.0

    @cached_property
    def _parts(self) -> Counter[object]:
        attributes = self.node.attributes if isinstance(self.node, Node) else ()
        return Counter[object](attributes) + Counter[object](child.number for child in self.children)


def _within(desired: _Numbered, actual: _Numbered, path: str, patience: Patience) -> Iterator[Found]:
    wanted, seen = desired.node, actual.node
    if desired.number == actual.number:
        return
    if not isinstance(wanted, Node) or not isinstance(seen, Node):
        yield Found(Difference(path, seen, wanted), None, None)
        return
    here, there = dict(wanted.attributes), dict(seen.attributes)
    for key in sorted(here.keys() | there.keys()):
        if here.get(key) != there.get(key):
            both = (dict(node.unsaid).get(key, of.get(key)) for node, of in ((seen, there), (wanted, here)))
            yield Found(Difference(_join(path, f"@{key}"), *both), wanted, seen)
    for found in _children(desired.children, actual.children, path, patience):
        yield (
            replace(found, desired=found.desired or wanted, actual=found.actual or seen)
            if _in_text(found)
            else found
        )


def _in_text(found: Found) -> bool:
    return found.difference.path.rpartition("/")[2].startswith("text()")


def _children(
    ours: Sequence[_Numbered], theirs: Sequence[_Numbered], path: str, patience: Patience
) -> Iterator[Found]:
    items, others = ([(child.number, child.label) for child in side] for side in (ours, theirs))
    pairs = align(items, others, lambda i, j: ours[i].alike(theirs[j]), patience)
    names, other_names = _names(ours), _names(theirs)
    moved = _moved(ours, theirs, pairs)
    arrived = set(moved.values())
    for i, j in pairs:
        if i is not None and j is not None:
            yield from _within(ours[i], theirs[j], _join(path, names[i]), patience)
        elif i is not None and i in moved:
            child, other, where = ours[i], theirs[moved[i]], _join(path, names[i])
            yield Found(Difference(where, _at(theirs, moved[i]), _at(ours, i)), _node(child), _node(other))
            yield from _within(child, other, where, patience)
        elif i is not None:
            said = Difference(_join(path, names[i]), None, _said(ours, i))
            yield Found(said, _node(ours[i]), None, _place(ours, i))
        elif j is not None and j not in arrived:
            said = Difference(_join(path, other_names[j]), _said(theirs, j), None)
            yield Found(said, None, _node(theirs[j]), _place(theirs, j))


def _moved(ours: Sequence[_Numbered], theirs: Sequence[_Numbered], pairs: Sequence[Pair]) -> dict[int, int]:
    """What found no partner in order and has one elsewhere: where it is desired -> where it is."""
    ours_left = [i for i, j in pairs if i is not None and j is None]
    theirs_left = [j for i, j in pairs if j is not None and i is None]
    equal: dict[int, list[int]] = {}
    for j in reversed(theirs_left):
        equal.setdefault(theirs[j].number, []).append(j)
    moved = {i: equal[ours[i].number].pop() for i in ours_left if equal.get(ours[i].number)}
    by_name: dict[str, list[int]] = {}
    taken = set(moved.values())
    for j in reversed(theirs_left):
        if j not in taken:
            by_name.setdefault(theirs[j].label, []).append(j)
    for i in ours_left:
        likely = by_name.get(ours[i].label)
        if i not in moved and likely and ours[i].alike(theirs[likely[-1]]) >= _MUCH:
            moved[i] = likely.pop()
    return moved


def _node(child: _Numbered) -> Node | None:
    return child.node if isinstance(child.node, Node) else None


def _said(among: Sequence[_Numbered], index: int) -> str:
    """A text; or an element without its content: whether that is a secret, only the elements around it say."""
    child = among[index].node
    return child if isinstance(child, str) else f"{outline(child)} at {_at(among, index)}"


def _place(among: Sequence[_Numbered], index: int) -> str | None:
    return _at(among, index) if _node(among[index]) else None


def _at(among: Sequence[_Numbered], index: int) -> str:
    return f"position {index + 1} of {len(among)}"


def _names(children: Sequence[_Numbered]) -> list[str]:
    """What each is called in a path: numbered only where there are others of its name."""
    total = Counter(child.label for child in children)
    so_far: Counter[str] = Counter()
    names = []
    for child in children:
        so_far[child.label] += 1
        names.append(f"{child.label}[{so_far[child.label]}]" if total[child.label] > 1 else child.label)
    return names


def _join(path: str, step: str) -> str:
    return f"{path}/{step}" if path else step
