"""`make mutate`: break the code in each way of tests/mutations and see the tests notice."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
FOLDERS = ("kinds", "events", "policy", "coordination", "functions")
"""Of the tests, those that are about the reconciler, beside the single files."""
SLOW = (
    "accounts",
    "apply",
    "arm",
    "bad_input",
    "convergence",
    "departures",
    "drift",
    "renewals",
    "bad_worlds",
    "refusals_of_tokens",
    "others",
    "who_may_call",
    "functions",
    "knobs",
    "insights",
    "loop",
    "proof",
    "settled",
    "telemetry",
)
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
            table.add_row(patch.stem, _says(patch), caught or "NOTHING, or it does not apply: make it anew")
    console.print(table)
    console.print(f"{len(patches) - survivors} of {len(patches)} mutations caught")
    return 1 if survivors or not patches else 0


def _says(patch: Path) -> str:
    return patch.read_text("utf-8").splitlines()[0].lstrip("# ")


def _caught_by(patch: Path) -> str | None:
    """The first test that fails in a broken copy of the tree; None: nobody noticed, or it cannot be broken so."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        if SHARED.is_dir():
            (Path(folder) / "shared").symlink_to(SHARED)
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        if (ROOT / ".cache").is_dir():  # what tests have installed, once for all copies
            (copy / ".cache").symlink_to(ROOT / ".cache")
        applied = subprocess.run(
            ["patch", "-p1", "-s", "-i", str(patch)], cwd=copy, check=False, capture_output=True
        )
        if applied.returncode:
            return None
        tests = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", "-m", "not exhaustive", "--tb=no"]
        run = subprocess.run(
            [*tests, *_nearest_first(copy, patch.read_text("utf-8"))],
            cwd=copy,
            check=False,
            capture_output=True,
            text=True,
        )
        failed = [line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return failed[0].split(" ", 1)[1].split(" - ")[0] if failed else None


def _nearest_first(tree: Path, patch: str) -> list[str]:
    """The tests of the reconciler: those of what the patch touches, then the quick ones, then the others."""
    files = [*(tree / "tests").glob("test_*.py")]
    files += [file for folder in FOLDERS for file in (tree / "tests" / folder).glob("test_*.py")]
    touched = re.findall(r"^\+\+\+ b/(reconciler/\S+)\.py", patch, re.MULTILINE)
    modules = [each.replace("/", ".") for each in touched]

    def far(file: Path) -> tuple[int, bool, str]:
        text = file.read_text("utf-8")
        near = any(module.rsplit(".", 1)[-1] in file.stem for module in modules)
        uses = any(re.search(rf"\b{re.escape(module)}\b", text) for module in modules)
        slow = any(word in str(file.relative_to(tree)) for word in SLOW)
        return (0 if near else 1 if uses else 2), slow, str(file)

    return [str(file.relative_to(tree)) for file in sorted(files, key=far)]


if __name__ == "__main__":
    raise SystemExit(main())
