"""azure.yaml and the hooks that connect the events once the code is there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from .bicep import read_file

ROOT = Path(__file__).parents[2]
HOOKS = {"posix": ROOT / "infra/hooks/connect-events.sh", "windows": ROOT / "infra/hooks/connect-events.ps1"}
GIVEN_BY_AZD = {"AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_SUBSCRIPTION_ID"}


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


def variables(script: str) -> set[str]:
    """The environment variables a hook reads."""
    return {name.upper() for name in re.findall(r"\$(?:env:|\{)?([A-Z][A-Z_]+)\b", script)} - {"LASTEXITCODE"}


@pytest.mark.parametrize("platform", HOOKS)
def test_the_hooks_read_only_what_azd_gives_them_and_pass_exactly_what_the_file_takes(platform: str) -> None:
    script = HOOKS[platform].read_text("utf-8")
    outputs = set(read_file(ROOT / "infra/main.bicep").of("output"))
    assert variables(script) - {"RETRY_SECONDS"} - GIVEN_BY_AZD <= outputs
    passed = set(re.findall(r'"(\w+)=\$', script))
    wanted = read_file(ROOT / "infra/app/events.bicep").of("param")
    assert passed == {name for name, each in wanted.items() if each.value is None} | {"eventDelivery"}
    assert "--template-file infra/app/events.bicep" in script


@pytest.mark.parametrize(
    ("platform", "tries", "pause"), [("posix", "-ge 10 ]", ":-60}"), ("windows", "1..10", "{ 60 }")]
)
def test_the_hooks_wait_for_as_long_as_a_new_role_takes(platform: str, tries: str, pause: str) -> None:
    """Up to ten minutes, as reported for Event Grid's check of a topic's identity."""
    script = HOOKS[platform].read_text("utf-8")
    assert tries in script
    assert pause in script


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
        "TOPIC_DELIVERY": "queue",
        "STORAGE_ACCOUNT_ID": "/st",
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
            *("topicName=evgt x", "eventDelivery=queue", "storageAccountId=/st"),
            *("functionAppId=/app", "reconcilerClientId=client", "--output", "none"),
        ]
    ]


def test_the_hook_waits_for_a_role_or_a_function_that_azure_does_not_know_yet(tmp_path: Path) -> None:
    done, calls = connect(tmp_path, failures=9)
    assert (done.returncode, len(calls)) == (0, 10)


def test_the_hook_gives_up_in_the_end_and_says_what_that_means(tmp_path: Path) -> None:
    done, calls = connect(tmp_path, failures=99)
    assert (done.returncode, len(calls)) == (1, 10)
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
