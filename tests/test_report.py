"""The JSON of contract.md, literally; what a run made of each account; what is never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.markdown import markdown
from reconciler.model import (
    Change,
    Create,
    Delete,
    Difference,
    Held,
    Outcome,
    Plan,
    Reason,
    Status,
    Unknown,
    Update,
)
from reconciler.report import Failure, Report, accounts, documents, verdict
from reconciler.world import ModelDeployment, State
from tests.builders import (
    EAST,
    EAST_API,
    EAST_BACKEND,
    GATEWAY,
    S1,
    WEST,
    WEST_API,
    account,
    config,
    mark,
    observed,
    wish,
    world,
)

BASE = f"/subscriptions/{S1}/resourceGroups/rg-gateway/providers/Microsoft.ApiManagement/service/contoso-gw"
CREATE = Create(
    wish(EAST_API, "api", {"properties": {"path": "contoso-east/openai", "protocols": ["https"]}}, EAST),
    (wish(EAST_API.child("operations", "chat"), "operation", {}, EAST, EAST_API),),
)
UPDATE = Update(
    wish(EAST_BACKEND, "backend", {"properties": {"url": "https://a"}}, EAST),
    observed(EAST_BACKEND, "backend"),
    (Difference("properties.url", None, "https://a"),),
)
LEFT = Delete(observed(GATEWAY.child("backends", "old"), "backend", mark=mark(WEST)), "the account is gone")
HELD = Held(LEFT, Reason.PRUNE_REPORT, "not deleted")
WORLD = world(account(), account(WEST, State.WAITING, reason="no-ready-deployment", detail="none", deployments=()))


def report(*changes: Change, held: tuple[Held, ...] = (), outcomes: Any = None, of: Any = WORLD) -> Report:
    return Report(GATEWAY, of, Plan(changes, held, 3), outcomes)


def applied(change: Change) -> Outcome:
    return Outcome(change, Status.APPLIED)


def test_the_json_of_a_plan_with_a_create_an_update_and_a_held_delete() -> None:
    document = documents([report(CREATE, UPDATE, held=(HELD,))])
    digest = document["gateways"][0].pop("digest")
    assert len(digest) == 64
    assert document == {
        "gateways": [
            {
                "gateway": BASE,
                "error": None,
                "converged": False,
                "unchanged": 3,
                "accounts": [
                    {
                        "id": EAST.text,
                        "state": "onboarded",
                        "reason": "ready",
                        "detail": "model deployments: gpt-4o",
                        "modelDeployments": [
                            {
                                "name": "gpt-4o",
                                "model": "gpt-4o",
                                "version": "2024-08-06",
                                "sku": "Standard",
                                "ready": True,
                                "why": "",
                            }
                        ],
                    },
                    {"id": WEST.text, "state": "waiting", "reason": "no-ready-deployment", "detail": "none"},
                ],
                "changes": [
                    {
                        "change": "create",
                        "kind": "api",
                        "id": f"{BASE}/apis/contoso-east-831a41",
                        "differences": [
                            {"path": "properties.path", "actual": None, "desired": "contoso-east/openai"},
                            {"path": "properties.protocols", "actual": None, "desired": ["https"]},
                        ],
                        "brings": [f"{BASE}/apis/contoso-east-831a41/operations/chat"],
                    },
                    {
                        "change": "update",
                        "kind": "backend",
                        "id": f"{BASE}/backends/contoso-east-831a41-openai-endpoint",
                        "differences": [{"path": "properties.url", "actual": None, "desired": "https://a"}],
                    },
                ],
                "held": [
                    {
                        "change": "delete",
                        "kind": "backend",
                        "id": f"{BASE}/backends/old",
                        "differences": [],
                        "reason": "prune-report",
                        "detail": "not deleted",
                    }
                ],
                "warnings": [],
            }
        ]
    }
    assert json.loads(json.dumps(document)) == document


def test_the_json_of_a_gateway_that_could_not_be_read() -> None:
    failed = Report(GATEWAY, failure=Failure("not-found", "there is no service"))
    assert documents([failed])["gateways"] == [
        {
            "gateway": BASE,
            "error": {"reason": "not-found", "detail": "there is no service"},
            "digest": "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",
            "converged": False,
            "unchanged": 0,
            "accounts": [],
            "changes": [],
            "held": [],
            "warnings": [],
        }
    ]
    assert failed.failed


def test_the_json_of_an_apply_has_outcomes_too() -> None:
    role = Create(
        wish(EAST.extension("Microsoft.Authorization", "roleAssignments", "1"), "role-assignment", {}, EAST)
    )
    outcomes = (
        Outcome(role, Status.APPLIED, "", 0.12345),
        Outcome(CREATE, Status.FAILED, "Azure said no", 2.0),
        Outcome(UPDATE, Status.SKIPPED, "it needs x, which failed"),
    )
    (gateway,) = documents([report(role, CREATE, UPDATE, outcomes=outcomes)])["gateways"]
    assert gateway["outcomes"] == [
        {
            "id": f"{EAST}/providers/Microsoft.Authorization/roleAssignments/1",
            "change": "create",
            "kind": "role-assignment",
            "status": "applied",
            "detail": "",
            "seconds": 0.123,
        },
        {
            "id": EAST_API.text,
            "change": "create",
            "kind": "api",
            "status": "failed",
            "detail": "Azure said no",
            "seconds": 2.0,
        },
        {
            "id": EAST_BACKEND.text,
            "change": "update",
            "kind": "backend",
            "status": "skipped",
            "detail": "it needs x, which failed",
            "seconds": 0.0,
        },
    ]
    assert gateway["warnings"] == [
        {
            "reason": "role-assignment-pending",
            "id": EAST.text,
            "detail": "Azure may take up to ten minutes until the new role works; calls may answer 401 until then",
        }
    ]


def test_an_apply_with_nothing_to_do_has_empty_outcomes_and_a_plan_has_none() -> None:
    assert documents([report(outcomes=())])["gateways"][0]["outcomes"] == []
    assert "outcomes" not in documents([report()])["gateways"][0]


CONVERGED: dict[str, tuple[Report, bool, bool]] = {
    "nothing to do": (report(), True, False),
    "something to do": (report(UPDATE), False, False),
    "something held": (report(held=(HELD,)), False, False),
    "all applied": (report(UPDATE, CREATE, outcomes=(applied(UPDATE), applied(CREATE))), True, False),
    "all applied, something held": (report(UPDATE, held=(HELD,), outcomes=(applied(UPDATE),)), False, False),
    "one failed": (
        report(UPDATE, CREATE, outcomes=(applied(UPDATE), Outcome(CREATE, Status.FAILED))),
        False,
        True,
    ),
    "one skipped": (report(UPDATE, outcomes=(Outcome(UPDATE, Status.SKIPPED),)), False, True),
    "interrupted before the last": (report(UPDATE, CREATE, outcomes=(applied(UPDATE),)), False, False),
    "not read": (Report(GATEWAY, failure=Failure("x", "y")), False, True),
    "not read to the end": (Report(GATEWAY), False, False),
}


@pytest.mark.parametrize(("of", "converged", "failed"), CONVERGED.values(), ids=CONVERGED)
def test_converged_and_failed(of: Report, converged: bool, failed: bool) -> None:  # noqa: FBT001 - a table's cells
    assert (of.converged, of.failed) == (converged, failed)
    assert documents([of])["gateways"][0]["converged"] is converged


def test_verdicts_in_numbers() -> None:
    digest = report(CREATE, UPDATE, held=(HELD,)).plan
    assert digest is not None
    assert verdict(report()) == ("in sync", "0 changes; 3 unchanged")
    assert verdict(report(CREATE, UPDATE, held=(HELD,))) == (
        "plan",
        f"1 to create, 1 to update, 0 to delete; 1 held; 3 unchanged; digest {digest.digest[:12]}",
    )
    outcomes = (applied(UPDATE), Outcome(CREATE, Status.FAILED))
    assert verdict(report(UPDATE, CREATE, outcomes=outcomes)) == (
        "not converged",
        "1 applied, 1 failed; 0 held; 3 unchanged",
    )
    assert verdict(report(outcomes=())) == ("converged", "0 changes; 0 held; 3 unchanged")
    assert verdict(Report(GATEWAY, failure=Failure("x", "why"))) == ("not read", "why")


# ------------------------------------------------------------------------------------ accounts

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


# ------------------------------------------------------------------------------------ what is shown

SECRETS = [
    "properties.credentials.header.x-key",
    "properties.credentials.certificate",
    "properties.password",
    "properties.clientSecret",
    "properties.primaryKey",
    "properties.secondaryKey",
    "properties.connectionString",
    "properties.value/inbound/authentication-basic/@password",
]


@pytest.mark.parametrize("path", SECRETS)
def test_a_secret_is_shown_nowhere(path: str) -> None:
    leaky = Update(UPDATE.desired, UPDATE.actual, (Difference(path, "hunter1", "hunter2"),))
    of = report(leaky, held=(Held(leaky, Reason.FOREIGN, "x"),))
    (gateway,) = documents([of])["gateways"]
    shown = {"path": path, "actual": "(secret)", "desired": "(secret)"}
    assert gateway["changes"][0]["differences"] == [shown]
    assert gateway["held"][0]["differences"] == [shown]
    assert "hunter" not in markdown([of])


def test_a_secret_of_a_creation_is_not_shown_either() -> None:
    body = {"properties": {"credentials": {"header": {"x": ["hunter2"]}}, "url": "https://a"}}
    (gateway,) = documents([report(Create(wish(EAST_BACKEND, "backend", body, EAST)))])["gateways"]
    assert gateway["changes"][0]["differences"] == [
        {"path": "properties.credentials.header.x", "actual": None, "desired": ["(secret)"]},
        {"path": "properties.url", "actual": None, "desired": "https://a"},
    ]


def test_a_value_that_only_apply_can_learn_is_shown_as_that() -> None:
    later = Create(wish(EAST_BACKEND, "backend", {"principalId": Unknown("gateway principalId")}, EAST))
    (gateway,) = documents([report(later)])["gateways"]
    assert gateway["changes"][0]["differences"] == [
        {"path": "principalId", "actual": None, "desired": "(gateway principalId: known after apply)"}
    ]


def test_a_long_text_is_cut_in_the_json_and_says_so() -> None:
    (gateway,) = documents([report(Create(wish(EAST_BACKEND, "backend", {"value": "x" * 12_345}, EAST)))])[
        "gateways"
    ]
    assert gateway["changes"][0]["differences"][0]["desired"] == "x" * 2000 + "… (12,345 characters)"
    (gateway,) = documents([report(Create(wish(EAST_BACKEND, "backend", {"value": "x" * 2000}, EAST)))])["gateways"]
    assert gateway["changes"][0]["differences"][0]["desired"] == "x" * 2000


def test_what_a_secret_named_value_holds_is_not_shown() -> None:
    body = {"properties": {"displayName": "key", "secret": True, "value": "hunter2"}}
    named = Create(wish(GATEWAY.child("namedValues", "key"), "named-value", body, EAST))
    (gateway,) = documents([report(named)])["gateways"]
    assert gateway["changes"][0]["differences"] == [
        {"path": "properties.displayName", "actual": None, "desired": "key"},
        {"path": "properties.secret", "actual": None, "desired": True},
        {"path": "properties.value", "actual": None, "desired": "(secret)"},
    ]
