"""`python -m tools.policies`: how much the comparison of policies was tried on, and what it took for what.

Without an option it tries a sample of the mutants, as `make test` does; `--all` tries every one (some minutes).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.policy import proof, proof_fuzz
from tests.policy.proof_documents import names
from tests.policy.proof_pairs import VERDICTS, pair, verdict


def main(arguments: list[str]) -> int:
    """Exit code 0 only if nothing was taken for something else."""
    console = Console(highlight=False, markup=False)
    if not names():
        print("the published documents are not on this machine: there is nothing to try", file=sys.stderr)
        return 1
    every = "--all" in arguments
    tally = proof.Tally()
    with ProcessPoolExecutor() as pool:
        each = pool.map(partial(proof.prove, sample=None if every else proof.SAMPLE), names())
        for done in track(each, "documents", len(names()), console=Console(stderr=True), transient=True):
            tally += done
        seeds, count = (proof_fuzz.SEEDS, proof_fuzz.EACH) if every else (range(1), proof_fuzz.FEW)
        readable = sum(pool.map(proof_fuzz.survives, seeds, [count] * len(seeds)))
    for table in _tables(tally, len(seeds) * count, readable):
        console.print(table)
        console.print()
    wrong = [*_misjudged(), *tally.called_equal, *tally.called_different, *tally.unread]
    for line in wrong:
        console.print(line)
    return 1 if wrong else 0


def _tables(tally: proof.Tally, fuzzed: int, readable: int) -> Iterable[Table]:
    overview = Table("what", "tried", "wrong", box=None)
    wrong = tally.called_different.total(), tally.called_equal.total()
    overview.add_row("documents read", str(tally.read.total() + tally.unread.total()), str(tally.unread.total()))
    overview.add_row("pairs with a verdict by hand", str(len(VERDICTS)), str(len(_misjudged())))
    overview.add_row("rewrites that say the same", str(tally.rewrites.total()), str(wrong[0]))
    overview.add_row("mutants that say something else", str(tally.mutants.total()), str(wrong[1]))
    overview.add_row(f"texts at random, {readable} of them policies", str(fuzzed), "0")
    yield overview
    yield _counted("rewrite", tally.rewrites)
    yield _counted("mutant", tally.mutants)
    yield _counted("not a mutant, since it says the same", tally.excluded)
    if tally.unreadable:
        yield _counted("mutant that is no policy any more", tally.unreadable)


def _counted(what: str, counts: Counter[str]) -> Table:
    table = Table(what, "number", box=None)
    table.columns[1].justify = "right"
    for kind, number in sorted(counts.items()):
        table.add_row(kind, str(number))
    return table


def _misjudged() -> list[str]:
    return [f"pair {name}: not {right}" for name, right in VERDICTS.items() if verdict(*pair(name)) != right]


def page(tally: proof.Tally) -> str:
    """The numbers as docs/policies.md has them, every mutant counted."""
    lines = [
        *_rows("rewrite, compared with the document it was made from", tally.rewrites),
        *_rows("mutant, which must be told apart", tally.mutants),
        *_rows("not counted as a mutant, since it says the same", tally.excluded),
    ]
    return "\n".join(lines).rstrip()


def _rows(what: str, counts: Counter[str]) -> list[str]:
    rows = [f"| {kind} | {number:,} |" for kind, number in sorted(counts.items())]
    return [f"| {what} | number |", "|---|---:|", *rows, f"| **all** | **{counts.total():,}** |", ""]


if __name__ == "__main__":
    if "--page" in sys.argv:
        print(page(proof.made(names())))
        raise SystemExit(0)
    raise SystemExit(main(sys.argv[1:]))
