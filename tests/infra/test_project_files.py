"""host.json, the parameters that azd passes, .funcignore and the example of local settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pathspec import GitIgnoreSpec

from .bicep import Bicep, read, read_file
from .checks import schedule_problems

ROOT = Path(__file__).parents[2]


def load(name: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        assert len(found) == len(pairs), f"{name}: a key is there twice"
        return found

    document: dict[str, Any] = json.loads((ROOT / name).read_text("utf-8"), object_pairs_hook=once)
    return document


# host.json


def bundle_problems(version: str) -> list[str]:
    """Anything but "version 4, whichever is newest"."""
    found = re.fullmatch(r"\[(\d+)(?:\.\d+\.\d+|\.\*), (\d+)\.0\.0\)", version)
    return [] if found and found.groups() == ("4", "5") else [f"{version} is not version 4"]


def test_the_host_is_version_2_with_the_extension_bundle_4() -> None:
    host = load("host.json")
    assert host["version"] == "2.0"
    assert host["extensionBundle"]["id"] == "Microsoft.Azure.Functions.ExtensionBundle"
    assert bundle_problems(host["extensionBundle"]["version"]) == []


@pytest.mark.parametrize("version", ["[3.*, 4.0.0)", "[4.0.0, 6.0.0)", "4.0.0", "[4.0.0, 5.0.0]", ""])
def test_another_bundle_is_caught(version: str) -> None:
    assert bundle_problems(version)


def test_a_run_has_ten_minutes_and_http_routes_start_with_api() -> None:
    host = load("host.json")
    assert host["functionTimeout"] == "00:10:00"
    assert host["extensions"]["http"] == {"routePrefix": "api"}


def test_an_instance_works_on_one_message_at_a_time_and_gives_one_up_after_five_tries() -> None:
    assert load("host.json")["extensions"]["queues"] == {
        "batchSize": 1,
        "newBatchThreshold": 0,
        "maxDequeueCount": 5,
        "visibilityTimeout": "00:01:00",
        "maxPollingInterval": "00:00:10",
        "messageEncoding": "base64",
    }


def test_failures_are_never_sampled_away_and_the_sdk_does_not_log_every_request() -> None:
    logging = load("host.json")["logging"]
    assert set(logging["applicationInsights"]["samplingSettings"]["excludedTypes"].split(";")) == {
        "Request",
        "Exception",
    }
    assert logging["logLevel"]["Azure.Core"] == "Warning"


# local.settings.json.example


def local_problems(values: dict[str, str]) -> list[str]:
    """What would let the example reach a real Azure, or carry a secret."""
    problems = [f"{key} is not text" for key, value in values.items() if not isinstance(value, str)]
    problems += schedule_problems(values.get("RESYNC_SCHEDULE", ""))
    if not re.match(r"http://127\.0\.0\.1:\d+$", values.get("RECONCILER_ARM_ENDPOINT", "")):
        problems.append("RECONCILER_ARM_ENDPOINT is not on this machine")
    if values.get("RECONCILER_ARM_TOKEN") != "simulator":
        problems.append("RECONCILER_ARM_TOKEN is not the simulator's")
    if values.get("AzureWebJobsStorage") != "UseDevelopmentStorage=true":
        problems.append("AzureWebJobsStorage is not the emulator")
    return problems


def test_the_example_of_local_settings_is_for_the_simulator_on_this_machine() -> None:
    example = load("local.settings.json.example")
    assert example == {
        "IsEncrypted": False,
        "Values": {
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "AzureWebJobsStorage": "UseDevelopmentStorage=true",
            "RECONCILER_CONFIG": "reconciler.example.yaml",
            "RECONCILER_ARM_ENDPOINT": "http://127.0.0.1:8080",
            "RECONCILER_ARM_TOKEN": "simulator",
            "RECONCILER_STATE": ".reconciler",
            "RESYNC_SCHEDULE": "0 */15 * * * *",
        },
    }
    assert local_problems(example["Values"]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"RECONCILER_ARM_ENDPOINT": "https://management.azure.com"},
        {"RECONCILER_ARM_TOKEN": "eyJ"},
        {"AzureWebJobsStorage": "AccountKey=x"},
        {"RESYNC_SCHEDULE": "*/15 * * * *"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_example_that_reaches_azure_or_holds_a_secret_is_caught(change: dict[str, str]) -> None:
    assert local_problems({**load("local.settings.json.example")["Values"], **change})


# .funcignore

DEPLOYED = [
    "function_app.py",
    "host.json",
    "requirements.txt",
    "reconciler.yaml",
    "reconciler/reconcile.py",
    "reconciler/kinds/api.py",
    "reconciler/policy/reader.py",
    "reconciler/specs/azure-openai-2024-02-01.json",
    "reconciler/specs/azure-openai-2024-06-01.json",
    "reconciler/specs/azure-openai-2024-10-21.json",
    "policies/standard.xml",
]
LEFT_OUT = [
    "tests/test_plan.py",
    "tests/infra/test_events.py",
    "simulator/app.py",
    "simulator/worlds/demo.json",
    "infra/main.bicep",
    "docs/deploying.md",
    "tools/bench.py",
    "README.md",
    "Makefile",
    "azure.yaml",
    "pyproject.toml",
    "requirements.in",
    "requirements-dev.in",
    "requirements-dev.txt",
    "local.settings.json",
    "local.settings.json.example",
    ".venv/bin/python",
    ".git/config",
    ".mypy_cache/x.json",
    ".reconciler/state.json",
    "reconciler/__pycache__/reconcile.cpython-312.pyc",
    "ca.pem",
]


def packaging_problems(patterns: Iterable[str]) -> list[str]:
    """Files that would be deployed and should not be, or should be and would not."""
    spec = GitIgnoreSpec.from_lines(patterns)
    return [f"{path} is left out" for path in DEPLOYED if spec.match_file(path)] + [
        f"{path} is deployed" for path in LEFT_OUT if not spec.match_file(path)
    ]


def test_only_what_runs_is_deployed() -> None:
    assert packaging_problems((ROOT / ".funcignore").read_text("utf-8").splitlines()) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [("simulator", "simulator/app.py is deployed"), ("tests", "tests/test_plan.py is deployed")],
)
def test_a_pattern_that_is_missing_is_caught(line: str, problem: str) -> None:
    patterns = (ROOT / ".funcignore").read_text("utf-8").splitlines()
    assert problem in packaging_problems(each for each in patterns if each != line)


def test_a_pattern_that_takes_too_much_is_caught() -> None:
    assert "host.json is left out" in packaging_problems(["*.json"])


# main.parameters.json


def parameter_problems(document: dict[str, Any], main: Bicep) -> list[str]:
    """Parameters azd would pass that main.bicep does not have, and needed ones it would not pass."""
    passed, wanted = document["parameters"], main.of("param")
    problems = [f"{name} is not a parameter" for name in passed if name not in wanted]
    problems += [
        f"{name} is not passed" for name, each in wanted.items() if each.value is None and name not in passed
    ]
    for name, each in passed.items():
        found = re.fullmatch(r"\$\{([A-Z][A-Z_]*)(=[^}]*)?\}", each["value"])
        if not found:
            problems.append(f"{name} does not come from the environment")
        elif name in wanted and (found[2] is None) is not (wanted[name].value is None):
            problems.append(f"{name} has a default in one file only")
    return problems


def test_azd_passes_every_parameter_that_is_needed_and_none_that_is_not_there() -> None:
    assert parameter_problems(load("infra/main.parameters.json"), read_file(ROOT / "infra/main.bicep")) == []


@pytest.mark.parametrize(
    ("passed", "problem"),
    [
        ({"needed": "${NEEDED}", "other": "${OTHER}"}, "other is not a parameter"),
        ({}, "needed is not passed"),
        ({"needed": "fixed"}, "needed does not come from the environment"),
        ({"needed": "${NEEDED=x}"}, "needed has a default in one file only"),
        ({"needed": "${NEEDED}", "free": "${FREE}"}, "free has a default in one file only"),
    ],
)
def test_parameters_that_do_not_fit_are_caught(passed: dict[str, str], problem: str) -> None:
    document = {"parameters": {name: {"value": value} for name, value in passed.items()}}
    main = read("param needed string\nparam free string = ''\n")
    assert problem in parameter_problems(document, main)


def test_defaults_are_the_same_for_azd_and_for_bicep() -> None:
    defaults = read_file(ROOT / "infra/main.bicep").names(environmentName="", location="", gatewayId="")
    for name, each in load("infra/main.parameters.json")["parameters"].items():
        default = each["value"].strip("${}").partition("=")
        if default[1]:
            assert default[2] == str(defaults[name]).replace("True", "true").replace("False", "false"), name


def test_inputs_and_outputs_of_the_azd_environment_do_not_overwrite_each_other() -> None:
    inputs = {
        each["value"].strip("${}").partition("=")[0]
        for each in load("infra/main.parameters.json")["parameters"].values()
    }
    assert inputs & set(read_file(ROOT / "infra/main.bicep").of("output")) == set()


def test_the_page_for_operators_has_every_parameter_with_its_default() -> None:
    rows = (ROOT / "docs/deploying.md").read_text("utf-8").splitlines()
    asked = {"AZURE_ENV_NAME", "AZURE_LOCATION"}  # by azd itself
    for each in load("infra/main.parameters.json")["parameters"].values():
        name, has, default = each["value"].strip("${}").partition("=")
        if name in asked:
            continue
        row = next((row for row in rows if row.startswith("|") and f"`{name}`" in row.split("|")[1]), "")
        assert row, f"{name} is not there"
        assert not (has and default) or row.split("|")[2].strip() == f"`{default}`", name
