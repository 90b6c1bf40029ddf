"""Bad input gets one clear sentence, exit code 1, and nothing written: through the real command line.

The simulator runs as a process on a port of this machine; each case is a person's mistake.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import Command, refused
from tests.local import CONFIG, GATEWAY
from tools.local_azure import ROOT, LocalAzure, local_azure

MISSING_GATEWAY = GATEWAY.replace("contoso-gateway", "contoso-gatway")
NAMESAKE = GATEWAY.replace("rg-gateway", "rg-other")


def beside(gateway: str) -> str:
    """A file with a second gateway."""
    second = f"  - id: {gateway}\n    accounts: [{{subscription: 00000000-0000-0000-0000-000000000001}}]\n"
    return CONFIG.replace("profiles:", f"{second}profiles:")


@pytest.fixture(scope="module")
def azure() -> Iterator[LocalAzure]:
    with local_azure() as running:
        yield running


@pytest.fixture
def run(azure: LocalAzure, tmp_path: Path) -> Command:
    return Command(azure, tmp_path)


FILES: dict[str, tuple[str | bytes | None, tuple[str, ...]]] = {
    "no file": (None, ("no configuration file reconciler.yaml", "--config")),
    "an empty file": ("", ("reconciler.yaml is empty",)),
    "no YAML": ("owner: [", ("line 1, column", "not YAML")),
    "a key twice": ("owner: a\nowner: b\n", ("line 2", "'owner' stands twice")),
    "an unknown key": (CONFIG + "\nsaftey: {}\n", ("'saftey' is not a setting", "did you mean 'safety'")),
    "an unknown profile": (
        CONFIG.replace("        tags:", "    profile: gold\n    #"),
        ("there is no profile 'gold'", "standard"),
    ),
    "an unknown placeholder": (
        CONFIG.replace("{products", "{name: '{acount}', products"),
        ("{acount}", "{account}"),
    ),
    "a malformed resource id": (CONFIG.replace(GATEWAY, "contoso-gateway"), ("is not a resource id",)),
    "a path without /openai": (CONFIG.replace("{products", "{path: ai, products"), ("must end with /openai",)),
    "one gateway twice": (
        beside(GATEWAY.replace("rg-gateway", "RG-Gateway")),
        ("line 9: gateways[1].id: the gateway stands twice", "put all its accounts under one entry"),
    ),
    "not UTF-8": ("owner: caf\u00e9".encode("latin-1"), ("not UTF-8", "byte")),
    "prune: all": (CONFIG + "safety: {prune: all}\n", ("safety.prune", "'report' or 'delete'")),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes")])
def test_a_wrong_configuration_file_is_one_sentence(run: Command, name: str, command: tuple[str, ...]) -> None:
    config, words = FILES[name]
    refused(run(*command, config=config), *words)
    assert run.azure.requests() == []


def test_a_folder_in_the_place_of_the_file_is_one_sentence(run: Command) -> None:
    refused(run("apply", "--yes", "--config", "."), "the configuration file . cannot be read: Is a directory")
    assert run.azure.requests() == []


ENVIRONMENTS = {
    "http:// to somewhere else": (
        {"RECONCILER_ARM_ENDPOINT": "http://management.example.org", "RECONCILER_ARM_TOKEN": ""},
        ("in the clear", "https://"),
    ),
    "an endpoint that is no address": ({"RECONCILER_ARM_ENDPOINT": "management"}, ("must be an address",)),
    "the simulator's token for a real endpoint": (
        {"RECONCILER_ARM_ENDPOINT": "https://management.azure.com"},
        ("RECONCILER_ARM_TOKEN", "unset"),
    ),
    "an unknown cloud": ({"RECONCILER_CLOUD": "mars"}, ("'mars'", "public, usgov, china")),
    "a state folder below a file": (
        {"RECONCILER_STATE": "reconciler.yaml/state"},
        ("the state folder reconciler.yaml/state cannot be", "set RECONCILER_STATE to another folder"),
    ),
    "a CA file that is not there": ({"RECONCILER_ARM_CA": "/nowhere/ca.pem"}, ("/nowhere/ca.pem", "no file")),
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_wrong_environment_is_one_sentence(run: Command, name: str) -> None:
    environment, words = ENVIRONMENTS[name]
    refused(run("apply", "--yes", **environment), *words)
    assert run.azure.requests() == []


def test_an_endpoint_that_does_not_answer_is_named(run: Command) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = run("plan", RECONCILER_ARM_ENDPOINT=f"http://127.0.0.1:{port}")
    assert answer.returncode == 1
    assert "no answer to GET" in answer.stdout
    assert "RECONCILER_ARM_ENDPOINT" in answer.stdout
    assert "Traceback" not in answer.stderr + answer.stdout


def test_nobody_signed_in_is_said_with_the_way_to_sign_in(run: Command) -> None:
    answer = run("plan", RECONCILER_ARM_TOKEN="", PATH="/nowhere", HOME=str(run.folder))
    assert answer.returncode == 1
    assert answer.stdout.splitlines()[1:] == [
        "  error: not signed in to Azure (no credential was found); sign in with 'az login', "
        "or give the function app a managed identity (not-signed-in)"
    ]
    assert answer.stderr == ""
    assert "Traceback" not in answer.stderr + answer.stdout


def test_a_missing_permission_to_read_is_named_with_a_role_that_has_it(tmp_path: Path) -> None:
    role = tmp_path / "role.json"
    role.write_text(json.dumps({"permissions": [{"actions": ["Microsoft.CognitiveServices/*"], "notActions": []}]}))
    with local_azure("--enforce-role", str(role)) as azure:
        run = Command(azure, tmp_path)
        answer = run("apply", "--yes")
        assert run.wrote() == []
    assert answer.returncode == 1
    assert f"no permission for Microsoft.ApiManagement/service/read on {GATEWAY}" in answer.stdout
    assert "grant the role API Management Service Reader Role" in answer.stdout
    assert "Traceback" not in answer.stderr + answer.stdout


def test_a_missing_permission_to_write_fails_that_change_with_a_role_that_has_it(tmp_path: Path) -> None:
    role = tmp_path / "role.json"
    actions = ["*/read", "Microsoft.ApiManagement/*", "Microsoft.ManagedIdentity/*"]
    role.write_text(json.dumps({"permissions": [{"actions": actions, "notActions": []}]}))
    with local_azure("--enforce-role", str(role), "--knob", "service_update_time=0.1") as azure:
        answer = Command(azure, tmp_path)("apply", "--yes", "--format", "json")
    assert answer.returncode == 1
    (gateway,) = json.loads(answer.stdout)["gateways"]
    status = {outcome["kind"]: outcome for outcome in gateway["outcomes"]}
    assert {kind: outcome["status"] for kind, outcome in status.items()} == {
        "service": "applied",
        "role-assignment": "failed",
        "backend": "applied",
        "api": "applied",
        "api-policy": "applied",
        "product-api": "applied",
    }
    assert "no permission for Microsoft.Authorization/roleAssignments/write" in status["role-assignment"]["detail"]
    assert "Role Based Access Control Administrator" in status["role-assignment"]["detail"]


def test_a_gateway_that_is_not_there_is_named(run: Command) -> None:
    answer = run("apply", "--yes", config=CONFIG.replace(GATEWAY, MISSING_GATEWAY))
    assert answer.returncode == 1
    assert f"there is no API Management service {MISSING_GATEWAY}" in answer.stdout
    assert run.wrote() == []


def test_a_product_that_is_not_there_is_named_with_those_that_are(run: Command) -> None:
    answer = run("apply", "--yes", config=CONFIG.replace("[ai-platform]", "[ai-platfrom]"))
    assert answer.returncode == 1
    assert "no product 'ai-platfrom'" in answer.stdout
    assert "ai-platform, starter" in answer.stdout
    assert run.wrote() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pla",), ("invalid choice: 'pla'",)),
        ((), ("command",)),
        (("plan", "--format", "html"), ("invalid choice: 'html'",)),
    ],
    ids=["an unknown command", "no command", "an unknown format"],
)
def test_usage_errors_exit_1(run: Command, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    answer = run(*arguments)
    assert answer.returncode == 1
    assert all(word in answer.stderr for word in words)
    assert run.wrote() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan", "--gateway", "contoso"), ("no gateway 'contoso'", "contoso-gateway")),
        (("apply",), ("--yes", "--plan")),
        (("apply", "--plan", "nonsense"), ("'nonsense' is no digest",)),
        (("apply", "--plan", "0123456789ab"), ("the plan for contoso-gateway is now", "run plan again")),
    ],
    ids=["an unknown gateway", "nobody to ask", "no digest", "another plan's digest"],
)
def test_wrong_arguments_are_one_sentence(run: Command, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    refused(run(*arguments), *words)
    assert run.wrote() == []


def test_a_name_that_two_gateways_have_is_answered_with_their_ids(run: Command) -> None:
    answer = run("apply", "--yes", "--gateway", "contoso-gateway", config=beside(NAMESAKE))
    refused(answer, "several gateways are called 'contoso-gateway'", f"{GATEWAY}, {NAMESAKE}")
    assert run.wrote() == []


def test_the_simulators_port_in_use_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = subprocess.run(
            [sys.executable, "-m", "simulator", "--port", port],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert answer.returncode == 1
    assert port in answer.stderr
    assert "Traceback" not in answer.stderr
