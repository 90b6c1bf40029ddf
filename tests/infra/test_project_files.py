"""host.json, azure.yaml, its hooks and parameters, .funcignore and the example of local settings."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pathspec import GitIgnoreSpec
from ruamel.yaml import YAML

from .bicep import Bicep, read, read_file
from .checks import schedule_problems

ROOT = Path(__file__).parents[2]
HOOKS = {"posix": ROOT / "infra/hooks/connect-events.sh", "windows": ROOT / "infra/hooks/connect-events.ps1"}
GIVEN_BY_AZD = {"AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_SUBSCRIPTION_ID"}


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
    assert host["extensions"] == {"http": {"routePrefix": "api"}}


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


# azure.yaml, its parameters and its hooks


def azure_yaml() -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe").load((ROOT / "azure.yaml").read_text("utf-8"))
    return document


def test_azd_deploys_this_folder_as_a_python_function_app_named_api() -> None:
    document = azure_yaml()
    assert document["name"] == "apim-openai-reconciler"
    assert re.fullmatch(r"apim-openai-reconciler@\d+\.\d+\.\d+", document["metadata"]["template"])
    assert document["services"] == {"api": {"project": ".", "language": "python", "host": "function"}}


def test_the_events_are_connected_after_the_code_is_deployed_on_every_platform() -> None:
    hook = azure_yaml()["hooks"]["postdeploy"]
    assert {platform: each["shell"] for platform, each in hook.items()} == {"posix": "sh", "windows": "pwsh"}
    for platform, script in HOOKS.items():
        assert hook[platform]["run"].split()[-1] == f"./{script.relative_to(ROOT)}"


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


def variables(script: str) -> set[str]:
    """The environment variables a hook reads."""
    return {name.upper() for name in re.findall(r"\$(?:env:|\{)?([A-Z][A-Z_]+)\b", script)} - {"LASTEXITCODE"}


@pytest.mark.parametrize("platform", HOOKS)
def test_the_hooks_read_only_what_azd_gives_them_and_pass_exactly_what_the_file_takes(platform: str) -> None:
    script = HOOKS[platform].read_text("utf-8")
    outputs = set(read_file(ROOT / "infra/main.bicep").of("output"))
    assert variables(script) - {"RETRY_SECONDS"} - GIVEN_BY_AZD <= outputs
    passed = set(re.findall(r'"(\w+)=\$', script))
    assert passed == set(read_file(ROOT / "infra/app/events.bicep").of("param"))
    assert "--template-file infra/app/events.bicep" in script


def test_inputs_and_outputs_of_the_azd_environment_do_not_overwrite_each_other() -> None:
    inputs = {
        each["value"].strip("${}").partition("=")[0]
        for each in load("infra/main.parameters.json")["parameters"].values()
    }
    assert inputs & set(read_file(ROOT / "infra/main.bicep").of("output")) == set()


def connect(folder: Path, failures: int) -> tuple[subprocess.CompletedProcess[str], list[list[str]]]:
    """Runs the posix hook with an `az` that fails so many times, and returns what `az` was asked."""
    calls = folder / "calls"
    az = folder / "az"
    az.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" END >> "{calls}"\n[ "$(grep -c "^END$" "{calls}")" -gt {failures} ]\n',
        "utf-8",
    )
    az.chmod(0o755)
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "RETRY_SECONDS": "0",
        "AZURE_SUBSCRIPTION_ID": "sub",
        "TOPIC_NAME": "evgt x",
        "TOPIC_RESOURCE_GROUP": "rg",
        "FUNCTION_APP_ID": "/app",
        "RECONCILER_CLIENT_ID": "client",
    }
    done = subprocess.run(
        ["sh", str(HOOKS["posix"])],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    asked = calls.read_text("utf-8").split("END\n") if calls.exists() else []
    return done, [each.splitlines() for each in asked if each]


def test_the_hook_deploys_the_event_subscription_into_the_group_of_the_topic(tmp_path: Path) -> None:
    done, calls = connect(tmp_path, failures=0)
    assert done.returncode == 0, done.stderr
    place = ["--subscription", "sub", "--resource-group", "rg"]
    assert calls == [
        [
            *("deployment", "group", "create", "--name", "connect-events", *place),
            *("--template-file", "infra/app/events.bicep", "--parameters"),
            *("topicName=evgt x", "functionAppId=/app", "reconcilerClientId=client", "--output", "none"),
        ]
    ]


def test_the_hook_waits_for_a_function_that_azure_does_not_know_yet(tmp_path: Path) -> None:
    done, calls = connect(tmp_path, failures=4)
    assert (done.returncode, len(calls)) == (0, 5)


def test_the_hook_gives_up_in_the_end_and_says_what_that_means(tmp_path: Path) -> None:
    done, calls = connect(tmp_path, failures=99)
    assert (done.returncode, len(calls)) == (1, 5)
    assert "azd hooks run postdeploy" in done.stderr


def test_the_hook_stops_when_a_variable_is_missing(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", str(HOOKS["posix"])],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode != 0
    assert "AZURE_SUBSCRIPTION_ID" in done.stderr
