"""The JSON of contract.md, literally, and when a run converged or failed."""

from __future__ import annotations

import json

import pytest

from reconciler.model import Change, Create, Outcome, Status
from reconciler.report import Failure, Report, documents, verdict
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, S1, WEST, wish
from tests.reported import CREATE, HELD, UPDATE, report

BASE = f"/subscriptions/{S1}/resourceGroups/rg-gateway/providers/Microsoft.ApiManagement/service/contoso-gw"


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
