"""What comes out when a published document is rewritten and mutated: the tally behind docs/policies.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cache
from random import Random
from typing import Self

from reconciler.policy.document import Node, PolicyUnreadable, compare, read
from simulator.policy.document import PolicyDocument
from simulator.policy.reader import read_policy
from simulator.policy.writer import as_rawxml, as_xml
from tests.policy.proof_documents import text
from tests.policy.proof_mutants import Mutant, mutants
from tests.policy.proof_rewrites import REWRITES

SAMPLE = 20  # mutants of each document in `make test`
_WRITERS = (as_xml, as_rawxml)


@dataclass
class Tally:
    """How much was tried, by kind, and what came out wrong, in words."""

    read: Counter[str] = field(default_factory=Counter)  # documents
    unread: Counter[str] = field(default_factory=Counter)
    rewrites: Counter[str] = field(default_factory=Counter)
    mutants: Counter[str] = field(default_factory=Counter)  # must be told apart, by kind
    excluded: Counter[str] = field(default_factory=Counter)  # by reason
    unreadable: Counter[str] = field(default_factory=Counter)  # mutants that are no policy any more, by kind
    called_different: Counter[str] = field(default_factory=Counter)  # wrong: rewrites, and what was excluded
    called_equal: Counter[str] = field(default_factory=Counter)  # wrong: mutants

    def __iadd__(self, other: Self) -> Self:
        for each in fields(self):
            getattr(self, each.name).update(getattr(other, each.name))
        return self


def made(names: Iterable[str]) -> Tally:
    """How many rewrites and mutants there are of these documents, none of them tried."""
    tally = Tally()
    for name in names:
        tree = document(name)
        tally.rewrites.update(what for what in REWRITES if REWRITES[what](text(name), tree) != text(name))
        for mutant in mutants(tree):
            _count(tally, mutant)
    return tally


@cache
def document(name: str) -> PolicyDocument:
    """A published document as the simulator's reader reads it."""
    return read_policy(text(name), raw=True)


def prove(name: str, sample: int | None = SAMPLE) -> Tally:
    """Read, rewrite and mutate one document; all of its mutants without a sample."""
    tally = Tally()
    try:
        read(text(name))
    except PolicyUnreadable as why:
        tally.unread[f"{name}: {why}"] += 1
        return tally
    tally.read[name] += 1
    for what in REWRITES:
        tally += rewritten(name, what)
    tally += mutated(name, sample)
    return tally


def rewritten(name: str, what: str) -> Tally:
    """One rewrite of a document that can be read, compared with it either way round."""
    tally = Tally()
    again = REWRITES[what](text(name), document(name))
    if again == text(name):
        return tally
    tally.rewrites[what] += 1
    try:
        one, other = read(text(name)), read(again)
    except PolicyUnreadable as why:
        tally.called_different[f"{name}: {what}: {why}"] += 1
    else:
        tally.called_different.update(
            f"{name}: {what}: {each}" for each in [*compare(one, other), *compare(other, one)]
        )
    return tally


def mutated(name: str, sample: int | None = SAMPLE) -> Tally:
    """Mutants of a document that can be read: so many of them, always the same ones, or all."""
    tally, tree, published = Tally(), document(name), read(text(name))
    every = list(enumerate(mutants(tree)))
    if sample is not None and sample < len(every):
        every = Random(name).sample(every, sample)  # noqa: S311 - a choice to repeat
    for number, mutant in every:
        _mutate(tally, name, tree, published, mutant, number)
    return tally


def _mutate(tally: Tally, name: str, tree: PolicyDocument, published: Node, mutant: Mutant, number: int) -> None:
    _count(tally, mutant)
    try:
        changed = read(mutant.written(tree, _WRITERS[number % len(_WRITERS)]))
    except PolicyUnreadable:
        tally.unreadable[mutant.kind] += 1
        return
    equal = not compare(published, changed)
    if equal and mutant.excluded is None:
        tally.called_equal[f"{name}: {mutant.kind}: {mutant.where}: {mutant.new}"] += 1
    if not equal and mutant.excluded is not None:
        tally.called_different[f"{name}: {mutant.excluded}: {mutant.where}: {mutant.new}"] += 1


def _count(tally: Tally, mutant: Mutant) -> None:
    if mutant.excluded is None:
        tally.mutants[mutant.kind] += 1
    else:
        tally.excluded[mutant.excluded] += 1
