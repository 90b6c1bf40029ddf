"""The Bicep files parse with two independent parsers and hold together; there is no compiler here to say more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pycep import BicepParser

from .bicep import Bicep, read, read_file
from .checks import (
    API_VERSIONS,
    ROLES,
    module_problems,
    role_problems,
    storage_problems,
    symbol_problems,
    version_problems,
)

INFRA = Path(__file__).parents[2] / "infra"
FILES = sorted(INFRA.rglob("*.bicep"))
NAMES = [str(path.relative_to(INFRA)) for path in FILES]


@pytest.fixture(scope="module")
def pycep() -> BicepParser:
    return BicepParser()


def test_there_are_files_to_check() -> None:
    assert "main.bicep" in NAMES
    assert "app/events.bicep" in NAMES
    assert len(NAMES) == 13


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_pycep_reads_every_declaration_of_the_file(path: Path, pycep: BicepParser) -> None:
    seen = pycep.parse(text=path.read_text("utf-8"))
    bicep = read_file(path)
    assert {kind: set(bicep.of(kind)) for kind in ("param", "var", "resource", "module", "output")} == {
        "param": set(seen.get("parameters", {})),
        "var": set(seen.get("variables", {})),
        "resource": set(seen.get("resources", {})),
        "module": set(seen.get("modules", {})),
        "output": set(seen.get("outputs", {})),
    }


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_symbol_is_declared_once_and_every_parameter_and_variable_is_used(path: Path) -> None:
    assert symbol_problems(read_file(path)) == []


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_modules_exist_and_get_exactly_the_parameters_and_give_the_outputs_they_declare(path: Path) -> None:
    files = {str(each.relative_to(path.parent)): read_file(each) for each in path.parent.rglob("*.bicep")}
    assert module_problems(read_file(path), files) == []


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_resource_types_and_versions_are_those_of_the_table(path: Path) -> None:
    assert version_problems(read_file(path)) == []


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_guid_is_the_role_its_variable_names(path: Path) -> None:
    assert role_problems(read_file(path)) == []


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_storage_takes_no_keys_and_no_anonymous_readers(path: Path) -> None:
    assert storage_problems(read_file(path)) == []


def test_the_tables_hold_nothing_that_is_not_used() -> None:
    files = [read_file(path) for path in FILES]
    types = {each.label.partition("@")[0] for bicep in files for each in bicep.of("resource").values()}
    roles = {name for bicep in files for name in bicep.of("var") if name in ROLES}
    assert (types, roles) == (set(API_VERSIONS), set(ROLES))


@pytest.mark.parametrize("path", [*FILES, INFRA / "hooks/connect-events.sh", INFRA / "hooks/connect-events.ps1"])
def test_no_file_carries_a_key_or_asks_for_one(path: Path) -> None:
    source = path.read_text("utf-8").lower()
    assert [
        word
        for word in ("listkeys", "accountkey", "sharedaccesskey", "connectionstrings", "@secure")
        if word in source
    ] == []


def test_a_colon_that_is_missing_is_caught_by_both_parsers(pycep: BicepParser) -> None:
    broken = "resource a 'Microsoft.Web/sites@2024-04-01' = {\n  name 'a'\n}\n"
    with pytest.raises(ValueError, match="line"):
        read(broken)
    with pytest.raises(Exception, match="Expected"):
        pycep.parse(text=broken)


HELPER = {
    "app/child.bicep": read(
        "param needed string\nparam optional string = ''\noutput shown string = '${needed}${optional}'\n"
    ),
    "app/wide.bicep": read("targetScope = 'subscription'\n"),
}


def modules(bicep: Bicep) -> list[str]:
    return module_problems(bicep, HELPER)


@pytest.mark.parametrize(
    ("check", "source", "problem"),
    [
        (symbol_problems, "output a string = b\n", "line 1: b is not declared"),
        (symbol_problems, "output a string = 'x${c.id}'\n", "line 1: c is not declared"),
        (symbol_problems, "param a string\n", "a is never used"),
        (symbol_problems, "var a = 1\n", "a is never used"),
        (symbol_problems, "var a = 1\nparam a int\noutput o int = a\n", "a is declared 2 times"),
        (symbol_problems, "output a string = toUper('x')\n", "toUper() is not a function of Bicep"),
        (
            symbol_problems,
            "resource a 'T/t@1' existing = {\n  name: 'a'\n}\n",
            "a is never used",
        ),
        (
            symbol_problems,
            "module m 'a' = [for x in ['1']: {\n  name: y\n}]\n",
            "line 2: y is not declared",
        ),
        (modules, "module m 'app/none.bicep' = {\n  name: 'm'\n}\n", "m: there is no app/none.bicep"),
        (modules, "module m 'app/child.bicep' = {\n  name: 'm'\n}\n", "m: app/child.bicep needs needed"),
        (
            modules,
            "module m 'app/child.bicep' = {\n  params: {\n    needed: ''\n    other: ''\n  }\n}\n",
            "m: app/child.bicep has no parameter other",
        ),
        (
            modules,
            "module m 'app/child.bicep' = {\n  params: {\n    needed: ''\n  }\n}\n"
            "output o string = m.outputs.hidden\n",
            "m has no output hidden",
        ),
        (
            modules,
            "module m 'app/wide.bicep' = {\n  scope: resourceGroup('g')\n}\n",
            "m: app/wide.bicep is deployed to a subscription, not to resourceGroup('g')",
        ),
        (
            version_problems,
            "resource a 'Microsoft.Web/sites@2099-01-01' = {\n  name: 'a'\n}\n",
            "Microsoft.Web/sites@2099-01-01 is not in the table",
        ),
        (
            role_problems,
            "var rbacAdministrator = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'\n",
            "rbacAdministrator is 8e3af657-a8ff-443c-a75c-2fe8c4bcb635, not f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        ),
        (
            role_problems,
            "var owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'\n",
            "8e3af657-a8ff-443c-a75c-2fe8c4bcb635 is no role of the table",
        ),
        (
            storage_problems,
            "resource a 'Microsoft.Storage/storageAccounts@2023-05-01' = {\n  properties: {\n"
            "    allowSharedKeyAccess: true\n  }\n}\n",
            "a: allowSharedKeyAccess is not False",
        ),
        (
            storage_problems,
            "resource a 'Microsoft.Storage/storageAccounts@2023-05-01' = {\n  properties: {}\n}\n",
            "a: minimumTlsVersion is not TLS1_2",
        ),
    ],
)
def test_a_broken_file_is_caught(check: Callable[[Bicep], list[str]], source: str, problem: str) -> None:
    assert problem in check(read(source))


def test_what_is_right_is_not_reported() -> None:
    source = (
        "param names array\n"
        "var suffix = 'x'\n"
        "module m 'app/child.bicep' = [for name in names: {\n"
        "  scope: resourceGroup(name)\n  params: {\n    needed: '${name}-${suffix}'\n  }\n}]\n"
        "output o string = m[0].outputs.shown\n"
    )
    assert symbol_problems(read(source)) + modules(read(source)) == []
