"""Each pair of documents gets the verdict that was written down for it by hand."""

from __future__ import annotations

import pytest

from tests.policy.proof_pairs import FOLDER, UNREADABLE, VERDICTS, pair, verdict


@pytest.mark.parametrize(("name", "expected"), VERDICTS.items(), ids=VERDICTS)
def test_a_pair_gets_the_verdict_that_is_right_either_way_round(name: str, expected: str) -> None:
    one, other = pair(name)
    assert verdict(one, other) == expected
    assert verdict(other, one) == expected


def test_the_table_has_all_pairs_and_no_other() -> None:
    assert {path.parent.name for path in FOLDER.glob("*/*.xml")} == set(VERDICTS)


def test_the_texts_of_a_pair_are_not_the_same_unless_they_are_unreadable() -> None:
    twins = {name for name in VERDICTS if pair(name)[0] == pair(name)[1]}
    assert twins == {name for name, expected in VERDICTS.items() if expected == UNREADABLE}


def test_the_files_still_have_the_line_ends_and_marks_that_they_are_about() -> None:
    assert pair("typed-and-answered-as-xml")[1].count("\r\n") == 8
    assert pair("a-byte-order-mark")[0].startswith("\ufeff<?xml")
    assert "\u00a0<" in pair("a-no-break-space-at-the-end")[0]
