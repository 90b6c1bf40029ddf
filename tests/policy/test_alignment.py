"""What belongs together is found as well as patience allows, and patience is one for two whole documents."""

from __future__ import annotations

from reconciler.policy.alignment import Patience, align
from reconciler.policy.document import compare, read

OURS, THEIRS = [(1, "a"), (2, "a")], [(3, "a")]
BEST, GOOD = [(0, None), (1, 0)], [(0, 0), (1, None)]


def second_is_like_it(i: int, _: int) -> float:
    return float(i)


def test_as_long_as_there_is_patience_the_best_answer_is_looked_for() -> None:
    patience = Patience(5)
    answers = [align(OURS, THEIRS, second_is_like_it, patience) for _ in range(3)]
    assert answers == [BEST, BEST, GOOD]


def test_what_is_equal_at_both_ends_takes_no_patience() -> None:
    patience = Patience(0)
    assert align([*OURS, (4, "b")], [*OURS, (4, "b")], second_is_like_it, patience) == [(0, 0), (1, 1), (2, 2)]


def test_one_large_element_uses_up_the_patience_for_the_next() -> None:
    def document(count: int, *, first_is_gone: bool) -> str:
        much = "".join(f'<h {"n" if first_is_gone else "m"}="{n}" />' for n in range(count))
        few = [f'<i n="{n}"><j/><k x="{"y" if first_is_gone else "z"}"/></i>' for n in range(20)]
        return f"<policies><a>{much}</a><b>{''.join(few[first_is_gone:])}</b></policies>"

    def differences_in_b(count: int) -> int:
        one, other = (read(document(count, first_is_gone=gone)) for gone in (False, True))
        return sum(found.path.startswith("b/") for found in compare(one, other))

    assert differences_in_b(100) == 1 + 19  # the first is missing, and what changed in each of the others
    assert differences_in_b(141) == 19 + 19 + 1  # each put beside the next one; the last is missing
