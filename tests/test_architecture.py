"""Rules about the code itself that no type checker sees; the layers are import-linter's business."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APP = ROOT / "function_app.py"
MODULES = sorted((ROOT / "reconciler").rglob("*.py"))
EVERY = {str(path.relative_to(ROOT)): path for path in [*MODULES, APP]}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at the top or inside; `from a import b` is both a and a.b."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} line {node.lineno}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(package: str) -> set[str]:
    return {
        name
        for name, path in EVERY.items()
        if any(module == package or module.startswith(package + ".") for module in imports(path))
    }


def test_there_is_something_to_look_at() -> None:
    assert {"reconciler/app.py", "reconciler/arm/arm.py", "reconciler/kinds/api.py", "function_app.py"} <= set(
        EVERY
    )


def test_only_arm_imports_the_management_sdks() -> None:
    users = importers("azure.mgmt")
    assert users
    assert {name for name in users if not name.startswith("reconciler/arm/")} == set()


def test_only_the_composition_root_imports_azure_identity() -> None:
    assert importers("azure.identity") == {"reconciler/app.py"}


def test_only_the_triggers_import_azure_functions() -> None:
    assert importers("azure.functions") == {"function_app.py"}


def reads_of_the_environment(path: Path) -> Iterator[ast.AST]:
    """`os.environ`, `os.getenv` and their kin, except where the whole environment is handed on."""
    parsed = tree(path)
    handed = {
        id(argument)
        for node in ast.walk(parsed)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"from_environment", "runs.service"}
        for argument in node.args
    }
    for node in ast.walk(parsed):
        named = isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "getenvb"}
        taken = isinstance(node, ast.ImportFrom) and node.module == "os"
        if (named or taken) and id(node) not in handed:
            yield node


@pytest.mark.parametrize("name", [name for name in EVERY if name != "reconciler/app.py"])
def test_only_the_composition_root_reads_the_environment(name: str) -> None:
    assert [ast.unparse(node) for node in reads_of_the_environment(EVERY[name])] == []


@pytest.mark.parametrize("name", EVERY)
def test_a_file_is_at_most_300_lines_long(name: str) -> None:
    assert len(EVERY[name].read_text("utf-8").splitlines()) <= 300


@pytest.mark.parametrize("name", EVERY)
def test_a_module_begins_with_one_sentence_on_what_it_is_for(name: str) -> None:
    docstring = ast.get_docstring(tree(EVERY[name])) or ""
    first, _, rest = docstring.partition("\n")
    assert first[:1].isupper()
    assert first.endswith((".", ":"))
    assert ". " not in first
    assert rest == "" or rest.startswith("\n")


def test_the_triggers_are_under_80_lines() -> None:
    assert len(APP.read_text("utf-8").splitlines()) < 80


def test_the_triggers_know_only_the_edge_of_the_reconciler() -> None:
    allowed = {"runs", "app", "events", "coordinate", "errors"}
    used = {module.split(".")[1] for module in imports(APP) if module.startswith("reconciler.")}
    assert used <= allowed
