"""Published documents are read, equal themselves however they are spelled, and no change of one is overlooked."""

from __future__ import annotations

import re

import pytest

from reconciler.policy.document import PolicyUnreadable, read
from simulator.policy.characters import Malformed
from simulator.policy.reader import read_policy
from simulator.policy.writer import as_xml
from tests.policy import proof
from tests.policy.proof_documents import UNREADABLE, names, text
from tests.policy.proof_mutants import mutants
from tests.policy.proof_rewrites import REWRITES
from tests.simulator.asking import shared

# without a comma two literals stand side by side: no policy at all, which is not equal either
MAY_BREAK = frozenset({"operator removed"})


def test_all_published_documents_but_those_listed_are_read() -> None:
    shared("azure/policies")
    unread = set()
    for name in names():
        try:
            read(text(name))
        except PolicyUnreadable:
            unread.add(name)
    assert unread == set(UNREADABLE)
    assert len(names()) - len(unread) >= 127


@pytest.mark.parametrize("what", REWRITES)
def test_a_document_equals_itself_however_it_is_spelled(what: str) -> None:
    shared("azure/policies")
    tally = proof.Tally()
    for name in set(names()) - set(UNREADABLE):
        tally += proof.rewritten(name, what)
    assert dict(tally.called_different) == {}
    assert tally.rewrites.total() > 0


@pytest.mark.parametrize("what", REWRITES)
def test_a_rewrite_is_a_policy_to_the_simulator_too(what: str) -> None:
    shared("azure/policies")
    for name in names():
        rewritten = REWRITES[what](text(name), proof.document(name))
        try:
            read_policy(rewritten, raw=True)
        except Malformed:
            read_policy(rewritten, raw=False)


def test_a_sample_of_the_mutants_of_each_document_is_told_apart() -> None:
    shared("azure/policies")
    _holds(names(), proof.SAMPLE)


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(16))
def test_every_mutant_of_every_document_is_told_apart(part: int) -> None:
    shared("azure/policies")
    by_size = sorted(names(), key=lambda name: len(text(name)))
    _holds(by_size[part::16], None)


def _holds(chosen: list[str], sample: int | None) -> None:
    tally = proof.Tally()
    for name in set(chosen) - set(UNREADABLE):
        tally += proof.mutated(name, sample)
    assert dict(tally.called_equal) == {}
    assert dict(tally.called_different) == {}
    assert set(tally.unreadable) <= MAY_BREAK
    assert tally.mutants.total() > 0


def test_no_mutant_is_the_document_itself() -> None:
    shared("azure/policies")
    for name in names()[::5]:
        tree = proof.document(name)
        spelled = as_xml(tree)
        found = [each for each in mutants(tree) if each.excluded != "identical siblings"]
        same = [each for each in found if each.written(tree, as_xml) == spelled]
        assert same == []
        assert as_xml(tree) == spelled  # the tree is as it was
        assert len(found) > len(re.findall(r"<\w", text(name)))
