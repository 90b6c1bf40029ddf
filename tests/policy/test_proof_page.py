"""docs/policies.md says how much was tried: the numbers are those that the proof computes, all mutants counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policy import proof, proof_fuzz
from tests.policy.proof_documents import names
from tests.policy.proof_pairs import FOLDER, VERDICTS
from tests.policy.proof_rewrites import REWRITES
from tests.policy.test_proof_constructs import NAMES
from tests.simulator.asking import shared
from tools.policies import page

PAGE = (Path(__file__).parents[2] / "docs/policies.md").read_text("utf-8")
WORDS = " ".join(PAGE.split())


def test_the_tables_are_what_is_computed() -> None:
    shared("azure/policies")
    assert page(proof.made(names())) in PAGE
    assert f"all {len(names())} are read" in WORDS


@pytest.mark.parametrize(
    "said",
    [
        f"{len(VERDICTS)} pairs of files",
        f"{len(NAMES)} small policies",
        f"tries {proof.SAMPLE} mutants of each document and {proof_fuzz.FEW:,} texts of noise",
        f"{len(proof_fuzz.SEEDS) * proof_fuzz.EACH:,} documents cut",
        f"both of its spellings, and {len(REWRITES) - 2} of our own",
    ],
)
def test_the_page_counts_right(said: str) -> None:
    assert said in WORDS


def test_the_pairs_that_the_page_names_are_there() -> None:
    for name in ("single-and-double-quotes", "typed-and-answered-as-xml", "a-blank-in-a-header"):
        assert f"`{name}`" in PAGE
        assert (FOLDER / name / "a.xml").is_file()
