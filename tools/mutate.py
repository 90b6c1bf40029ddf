"""`make mutate`: break the code in each way of tests/mutations and see the tests notice."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
SLOW = {"test_accounts", "test_apply", "test_arm", "test_bad_input", "test_convergence", "test_drift", "test_knobs"}
SLOW |= {"test_state", "test_store", "test_world"}
LEFT_OUT = (".git", ".venv", ".cache", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")


def main() -> int:
    """Exit code 0 only if every mutation is caught; prints which test caught it."""
    patches = sorted((ROOT / "tests" / "mutations").glob("*.patch"))
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 180)
    table = Table("mutation", "what is broken", "caught by", box=None)
    survivors = 0
    with ThreadPoolExecutor(2) as pool, console.status("testing broken copies"):
        for patch, caught in zip(patches, pool.map(_caught_by, patches), strict=True):
            survivors += caught is None
            table.add_row(patch.stem, _says(patch), caught or "NOTHING")
    console.print(table)
    console.print(f"{len(patches) - survivors} of {len(patches)} mutations caught")
    return 1 if survivors or not patches else 0


def _says(patch: Path) -> str:
    return patch.read_text("utf-8").splitlines()[0].lstrip("# ")


def _caught_by(patch: Path) -> str | None:
    """The first test that fails in a broken copy of the tree; None: nobody noticed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        applied = subprocess.run(
            ["patch", "-p1", "-s", "-i", str(patch)], cwd=copy, check=False, capture_output=True
        )
        if applied.returncode:
            raise SystemExit(f"{patch.name} does not apply any more; make it anew: {applied.stdout.decode()}")
        tests = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", "-m", "not exhaustive", "--tb=no"]
        run = subprocess.run(
            [*tests, *_quickest_first(copy)], cwd=copy, check=False, capture_output=True, text=True
        )
        failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return failed[0].split(" ", 1)[1].split(" - ")[0] if failed else None


def _quickest_first(tree: Path) -> list[str]:
    """The tests of the reconciler: single modules first, then those that run it against the simulator."""
    files = sorted(str(path.relative_to(tree)) for path in (tree / "tests").glob("test_*.py"))
    slow = [file for file in files if Path(file).stem in SLOW]
    return ["tests/kinds", *(file for file in files if file not in slow), *slow]


if __name__ == "__main__":
    raise SystemExit(main())
