"""What policies outside the published documents contain equals its rewrites and none of its mutants.

The constructs are written for this project: what C# and the policy reference allow, what accelerators contain.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.policy.document import PolicyUnreadable, compare, read
from simulator.policy.reader import read_policy
from simulator.policy.writer import as_rawxml, as_xml
from tests.policy.proof_mutants import mutants
from tests.policy.proof_rewrites import REWRITES

FOLDER = Path(__file__).with_name("constructs")
NAMES = sorted(path.stem for path in FOLDER.glob("*.xml"))


def construct(name: str) -> str:
    return (FOLDER / f"{name}.xml").read_bytes().decode("utf-8")


def test_there_are_constructs() -> None:
    assert len(NAMES) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_a_construct_equals_its_rewrites(name: str) -> None:
    text = construct(name)
    tree, published = read_policy(text, raw=True), read(text)
    different = [what for what, rewrite in REWRITES.items() if compare(published, read(rewrite(text, tree)))]
    assert different == []


@pytest.mark.parametrize("name", NAMES)
def test_a_construct_equals_none_of_its_mutants(name: str) -> None:
    text = construct(name)
    tree, published = read_policy(text, raw=True), read(text)
    equal = []
    for mutant in mutants(tree):
        for writer in (as_xml, as_rawxml):
            try:
                same = not compare(published, read(mutant.written(tree, writer)))
            except PolicyUnreadable:
                same = False
            if same and mutant.excluded is None:
                equal.append((mutant.kind, mutant.where, mutant.new))
    assert equal == []
