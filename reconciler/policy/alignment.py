"""Which items of two lists belong together, so that one inserted item is one difference and not ten.

Plain data in and out: an item is its number (equal items have the same) and its name. The best alignment is the one
with the most in common: an equal item counts three, one of the same name up to two.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Item = tuple[int, str]
Pair = tuple[int | None, int | None]
Alike = Callable[[int, int], float]
_EQUAL = 3.0


@dataclass
class Patience:
    """How many steps are left for best answers: one for two lists of 100 items takes 10,000; beyond, good ones do.

    One for two whole documents: however many elements there are in them, their comparison takes a moment.
    """

    steps: int = 20_000


def align(ours: Sequence[Item], theirs: Sequence[Item], alike: Alike, patience: Patience) -> list[Pair]:
    """Pairs of indices in order: both sides, or one side and None; each index once.

    `alike` says of two items of one name how much they have in common, from 0 to 1.
    """
    start, end_i, end_j = 0, len(ours), len(theirs)
    while start < min(end_i, end_j) and ours[start] == theirs[start]:
        start += 1
    while min(end_i, end_j) > start and ours[end_i - 1] == theirs[end_j - 1]:
        end_i, end_j = end_i - 1, end_j - 1
    rows, columns = range(start, end_i), range(start, end_j)
    matched: list[tuple[int, int]] = [(k, k) for k in range(start)]
    if len(rows) * len(columns) <= patience.steps:
        patience.steps -= len(rows) * len(columns)
        matched += _best(ours, theirs, rows, columns, alike)
    else:
        matched += _good(ours, theirs, rows, columns)
    matched += zip(range(end_i, len(ours)), range(end_j, len(theirs)), strict=True)
    return _with_the_rest(matched, len(ours), len(theirs))


def _with_the_rest(matched: Sequence[tuple[int, int]], ours: int, theirs: int) -> list[Pair]:
    pairs: list[Pair] = []
    i = j = 0
    for same_i, same_j in [*matched, (ours, theirs)]:
        pairs += [(k, None) for k in range(i, same_i)]
        pairs += [(None, k) for k in range(j, same_j)]
        if same_i < ours:
            pairs.append((same_i, same_j))
        i, j = same_i + 1, same_j + 1
    return pairs


def _best(
    ours: Sequence[Item], theirs: Sequence[Item], rows: range, columns: range, alike: Alike
) -> Iterator[tuple[int, int]]:
    """What has the most in common, of all that is in order."""
    height, width = len(rows), len(columns)
    common = [[0.0] * (width + 1) for _ in range(height + 1)]  # of the rest, from a row and a column on
    counts = [[0.0] * width for _ in range(height)]
    for i in range(height - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            one, other = ours[rows[i]], theirs[columns[j]]
            if one == other:
                counts[i][j] = _EQUAL
            elif one[1] == other[1]:
                counts[i][j] = 1 + alike(rows[i], columns[j])
            common[i][j] = max(common[i + 1][j + 1] + counts[i][j], common[i + 1][j], common[i][j + 1])
    i = j = 0
    while i < height and j < width:
        if counts[i][j] and common[i][j] == common[i + 1][j + 1] + counts[i][j]:
            yield rows[i], columns[j]
            i, j = i + 1, j + 1
        elif common[i][j] == common[i + 1][j]:
            i += 1
        else:
            j += 1


def _good(ours: Sequence[Item], theirs: Sequence[Item], rows: range, columns: range) -> Iterator[tuple[int, int]]:
    """The n-th of equal items with the n-th on the other side, as many as are in order; between them by name."""
    i, j = rows.start, columns.start
    for same in [*_in_order(_twins(ours, theirs, rows, columns, 0)), (rows.stop, columns.stop)]:
        yield from _in_order(_twins(ours, theirs, range(i, same[0]), range(j, same[1]), 1))
        if same[0] < rows.stop:
            yield same
        i, j = same[0] + 1, same[1] + 1


def _twins(
    ours: Sequence[Item], theirs: Sequence[Item], rows: range, columns: range, by: int
) -> list[tuple[int, int]]:
    """The n-th of those with one number (`by` 0) or one name (1) with the n-th on the other side."""
    places: dict[int | str, list[int]] = {}
    for j in reversed(columns):
        places.setdefault(theirs[j][by], []).append(j)
    return [(i, places[ours[i][by]].pop()) for i in rows if places.get(ours[i][by])]


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Most of the pairs, such that the second indices rise as the first do."""
    lowest: list[int] = []  # the lowest second index at the end of a run of each length
    ends: list[int] = []  # and which pair that is
    before: list[int] = []
    for at, (_, j) in enumerate(pairs):
        length = bisect_left(lowest, j)
        lowest[length : length + 1] = [j]
        ends[length : length + 1] = [at]
        before.append(ends[length - 1] if length else -1)
    kept: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.append(pairs[at])
        at = before[at]
    return kept[::-1]
