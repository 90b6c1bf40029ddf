"""A token that Azure does not take, or none at all: one sentence with the way to get one, exit 1, nothing written.

How Resource Manager words these is reported by many people; the tenants and times here are made up.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from simulator import Simulator
from tests.command_line import Command as Process
from tests.commanded import Command, command
from tests.local import GATEWAY, writes
from tests.scenes.building import Kept
from tools.local_azure import local_azure

MINE = "11111111-1111-4111-8111-111111111111"
THEIRS = "22222222-2222-4222-8222-222222222222"
WHAT = f"GET {GATEWAY}"
EXPIRED = (
    "The access token expiry UTC time '1/2/2026 3:04:05 AM' is earlier than current UTC time '1/2/2026 4:05:06 AM'"
)
ELSEWHERE = "The access token has been obtained for wrong audience or resource 'https://elsewhere.example'"
REFUSALS: dict[str, tuple[str, str, str]] = {
    "expired": (
        "ExpiredAuthenticationToken",
        f"{EXPIRED}.",
        f"the token for Azure has expired ({EXPIRED}); sign in again with 'az login', "
        "and see that this machine's clock is right (not-signed-in)",
    ),
    "of the wrong tenant": (
        "InvalidAuthenticationTokenTenant",
        f"The access token is from the wrong issuer 'https://sts.windows.net/{MINE}/'. It must match the tenant "
        f"'https://sts.windows.net/{THEIRS}/' associated with this subscription.",
        f"{WHAT} needs a token of the tenant {THEIRS}, and yours is of {MINE}; sign in with "
        f"'az login --tenant {THEIRS}', or run as an identity of that tenant (not-signed-in)",
    ),
    "of the wrong tenant, which it does not name": (
        "InvalidAuthenticationTokenTenant",
        "Wrong issuer.",
        f"{WHAT} needs a token of the tenant TENANT, and yours is of another one; sign in with "
        "'az login --tenant TENANT', or run as an identity of that tenant (not-signed-in)",
    ),
    "for another cloud": (
        "InvalidAuthenticationTokenAudience",
        f"{ELSEWHERE}.",
        f"the token is not for this Azure ({ELSEWHERE}); RECONCILER_CLOUD and RECONCILER_ARM_ENDPOINT "
        "must name one and the same cloud (not-signed-in)",
    ),
    "that it cannot read": (
        "InvalidAuthenticationToken",
        "The access token is invalid.",
        "not signed in to Azure (The access token is invalid); sign in with 'az login', or give the function app "
        "a managed identity (not-signed-in)",
    ),
}
CHALLENGE = {
    "WWW-Authenticate": f'Bearer authorization_uri="https://login.windows.net/{THEIRS}", error="invalid_token"'
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    return command(capsys)


def refusing(code: str, message: str, match: str = "") -> Simulator:
    """An Azure that answers 401, to everything or to what matches."""
    sim = Simulator(lock_lingers=0)
    error: dict[str, Any] = {"error": {"code": code, "message": message}}
    sim.fail(match=match, times=999, answer=401, code=code, body=error, headers=CHALLENGE)
    return sim


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("arguments", [("plan",), ("apply", "--yes")], ids=["plan", "apply"])
def test_a_token_that_azure_refuses_is_said_with_the_way_to_a_good_one(
    run: Command, name: str, arguments: tuple[str, ...]
) -> None:
    code, message, sentence = REFUSALS[name]
    sim = refusing(code, message)
    answer = run(sim, *arguments, store=Kept())
    assert answer.code == 1
    assert answer.lines[1:] == [f"  error: {sentence}"]
    assert "Traceback" not in answer.err
    assert writes(sim) == []
    assert len(sim.requests) <= 3, "a refused token is not tried again and again"


def test_a_token_that_expires_during_an_apply_fails_what_was_left_and_is_said(run: Command) -> None:
    code, message, sentence = REFUSALS["expired"]
    sim = refusing(code, message, "PUT .*/apis/")
    answer = run(sim, "apply", "--yes", "--format", "json", store=Kept())
    assert answer.code == 1
    outcomes = {o["kind"]: (o["status"], o["detail"]) for o in answer.json["gateways"][0]["outcomes"]}
    assert outcomes["backend"][0] == "applied"
    assert outcomes["api"] == ("failed", sentence.removesuffix(" (not-signed-in)"))
    assert {outcomes[kind][0] for kind in ("api-policy", "product-api")} == {"skipped"}


def test_a_sign_in_that_ran_out_is_said_in_the_words_of_the_directory(tmp_path: Path) -> None:
    """The Azure CLI is there and was signed in once: what it answers then, a stand-in for it answers here."""
    az = tmp_path / "az"
    az.write_text("#!/bin/sh\necho 'ERROR: AADSTS70043: The refresh token has expired.' >&2\nexit 1\n", "utf-8")
    az.chmod(0o755)
    with local_azure() as azure:
        run = Process(azure, tmp_path)
        path = f"{tmp_path}{os.pathsep}{os.defpath}"
        answer = run("apply", "--yes", RECONCILER_ARM_TOKEN="", PATH=path, HOME=str(tmp_path))
        assert azure.requests() == []
    assert answer.returncode == 1
    assert answer.stdout.splitlines()[1:] == [
        "  error: not signed in to Azure (AADSTS70043: The refresh token has expired); sign in with 'az login', "
        "or give the function app a managed identity (not-signed-in)"
    ]
    assert answer.stderr == ""
