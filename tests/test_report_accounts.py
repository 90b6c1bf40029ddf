"""What a run made of each account, as its report says it."""

from __future__ import annotations

import pytest

from reconciler.model import Create, Held, Outcome, Reason, Status
from reconciler.report import Report, accounts, documents
from reconciler.world import ModelDeployment, State
from tests.builders import EAST, EAST_API, GATEWAY, WEST, WEST_API, account, config, wish, world
from tests.reported import CREATE, UPDATE, report

TAKEN = Held(CREATE, Reason.PATH_TAKEN, "the path is taken")
RENAMED = Held(Create(wish(GATEWAY.child("apis", "new"), "api", {}, EAST)), Reason.RENAME, "put the template back")
STALE = Held(UPDATE, Reason.DOCUMENT_CHANGED, "made from another document")
BOUND = world(account(), bindings={EAST: EAST_API})

ACCOUNTS: dict[str, tuple[Report, tuple[str, str, str, bool]]] = {
    "ready": (report(of=world(account())), ("onboarded", "ready", "model deployments: gpt-4o", True)),
    "waiting": (
        report(of=world(account(state=State.WAITING, reason="r", detail="d"))),
        ("waiting", "r", "d", False),
    ),
    "waiting with an API": (
        report(of=world(account(state=State.WAITING, reason="r", detail="d"), bindings={EAST: EAST_API})),
        ("waiting", "r", "d", True),
    ),
    "not selected": (
        report(of=world(account(state=State.EXCLUDED, reason="not-selected", detail="d"))),
        ("excluded", "not-selected", "d", False),
    ),
    "held at birth": (
        report(held=(TAKEN,), of=world(account())),
        ("waiting", "path-taken", "the path is taken", False),
    ),
    "held later": (
        report(held=(STALE,), of=BOUND),
        ("onboarded", "document-changed", "made from another document", False),
    ),
    "renamed: it works as before": (
        report(held=(RENAMED,), of=BOUND),
        ("onboarded", "ready", "model deployments: gpt-4o", True),
    ),
    "another account's trouble": (
        report(held=(Held(Create(wish(WEST_API, "api", {}, WEST)), Reason.PATH_TAKEN, "x"),), of=world(account())),
        ("onboarded", "ready", "model deployments: gpt-4o", True),
    ),
    "failed": (
        report(CREATE, outcomes=(Outcome(CREATE, Status.FAILED, "Azure said no"),), of=world(account())),
        ("waiting", "failed", "api: Azure said no", False),
    ),
}


@pytest.mark.parametrize(("of", "expected"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_an_account_is(of: Report, expected: tuple[str, str, str, bool]) -> None:
    (line,) = accounts(of)
    assert (line.state, line.reason, line.detail, bool(line.base_url)) == expected


def test_a_deployment_that_is_not_ready_says_why() -> None:
    off = ModelDeployment("off", "gpt-4o", "1", "Standard", None, ready=False, why="paused")
    (gateway,) = documents([report(of=world(account(deployments=(off,))))])["gateways"]
    assert gateway["accounts"][0]["modelDeployments"] == [
        {"name": "off", "model": "gpt-4o", "version": "1", "sku": "Standard", "ready": False, "why": "paused"}
    ]


def test_the_base_url_is_the_gateways_own() -> None:
    service = {"properties": {"gatewayUrl": "https://api.contoso.example/"}}
    configured = config(gateway={"identity": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"})
    (line,) = accounts(report(of=world(account(), configured=configured, service=service)))
    assert line.base_url == "https://api.contoso.example/contoso-east/openai"
