"""What happens when Azure is busy, slow, silent or wrong, on every write of an onboarding.

After each fault the simulator's world is compared with that of an undisturbed onboarding, and the requests are
counted: nothing is sent twice without a look in between.
"""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.model import Change, Plan
from reconciler.progress import Progress
from reconciler.world import World
from simulator import Simulator
from tests.local import EAST_API, GATEWAY, app, apply, edit, outcomes, plan, properties, writes

WRITES = {
    "service": "PATCH .*/service/contoso-gateway\\?",
    "role-assignment": "PUT .*/roleAssignments/",
    "backend": "PUT .*/backends/",
    "api": "PUT .*/apis/contoso-east-831a41\\?",
    "api-policy": "PUT .*/policies/policy",
    "product-api": "PUT .*/products/ai-platform/apis/",
}
AGAIN: dict[str, dict[str, Any]] = {
    "throttled": {"answer": 429, "code": "TooManyRequests", "headers": {"Retry-After": "7"}},
    "unavailable": {"answer": 503, "code": "ServiceUnavailable"},
    "failed before the work": {"answer": 500, "code": "InternalServerError"},
    "failed after the work": {"answer": 500, "code": "InternalServerError", "after": True},
    "answer lost before the work": {"drop": True},
    "answer lost after the work": {"drop": True, "after": True},
    "management api timed out": {"answer": 422, "code": "ManagementApiRequestFailed"},
    "precondition failed for no reason": {"answer": 412, "code": "PreconditionFailed"},
}


_MADE_UP = {"schemaId", "principalId", "createdOn", "updatedOn", "specificationLastUpdated", "etag"}
_MADE_UP |= {"provisioningState", "targetProvisioningState"}


def stable(value: Any) -> Any:
    """A body without the ids, times and states that Azure makes up anew."""
    if isinstance(value, dict):
        return {key: stable(inner) for key, inner in value.items() if key not in _MADE_UP}
    return [stable(inner) for inner in value] if isinstance(value, list) else value


def world(sim: Simulator) -> dict[str, Any]:
    """Every resource whole, but for what Azure makes up; role assignments by what they are on and say."""
    found: dict[str, Any] = {}
    for id, body in sim.resources().items():
        if "/schemas/" in id:
            continue
        scope, _, role = id.partition("/providers/Microsoft.Authorization/roleAssignments/")
        description = body.get("properties", {}).get("description")
        name = f"{scope} {description or role}" if role else id
        found[name] = stable({"properties": body.get("properties"), "identity": body.get("identity")})
    return found


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    sim = Simulator()
    assert apply(sim).converged
    return world(sim)


@pytest.mark.parametrize("fault", AGAIN)
@pytest.mark.parametrize("kind", WRITES)
def test_one_fault_on_a_write_is_got_over_within_the_run(
    kind: str, fault: str, undisturbed: dict[str, Any]
) -> None:
    sim = Simulator()
    sim.fail(match=WRITES[kind], **AGAIN[fault])
    report = apply(sim)
    assert report.converged, outcomes(report)
    assert world(sim) == undisturbed
    assert plan(sim).converged


@pytest.mark.parametrize("kind", ["role-assignment", "backend", "api", "api-policy", "product-api"])
def test_a_write_whose_answer_was_lost_is_not_sent_again_when_it_was_done(kind: str) -> None:
    sim = Simulator(lock_lingers=0)
    sim.fail(match=WRITES[kind], drop=True, after=True)
    assert apply(sim).converged
    done = [w for w in writes(sim) if w.startswith("PUT")]
    assert len(done) == len(set(done)) == 5


def test_the_wait_that_azure_asks_for_is_kept() -> None:
    sim = Simulator()
    sim.fail(match=WRITES["backend"], answer=429, code="TooManyRequests", headers={"Retry-After": "90"})
    before = sim.clock.now()
    assert apply(sim).converged
    assert (sim.clock.now() - before).total_seconds() >= 90


@pytest.mark.parametrize("code", ["PessimisticConcurrencyConflict", "Conflict"])
def test_an_api_that_is_being_imported_is_waited_for(code: str) -> None:
    sim = Simulator()
    sim.fail(
        match=WRITES["api-policy"],
        answer=409,
        code=code,
        times=3,
        body={"error": {"code": code, "message": "Operation on the API is in progress", "details": None}},
    )
    assert apply(sim).converged


def test_a_refused_import_fails_alone_and_skips_what_needs_it() -> None:
    sim = Simulator()
    sim.fail(match=WRITES["api"], answer=400, code="ValidationError")
    report = apply(sim)
    role = next(name for name in outcomes(report) if "role-assignment" in name)
    assert outcomes(report) == {
        "update service contoso-gateway": "applied",
        role: "applied",
        "create backend contoso-east-831a41-openai-endpoint": "applied",
        "create api contoso-east-831a41": "failed",
        "create api-policy policy": "skipped",
        "create product-api contoso-east-831a41": "skipped",
    }
    assert EAST_API not in sim.resources()
    assert apply(sim).converged


def test_an_import_that_fails_while_it_runs_is_reported_with_azures_words() -> None:
    sim = Simulator()
    sim.fail(match=WRITES["api"], async_="DeadOperationMonitor gave up")
    report = apply(sim)
    failed = next(o for o in report.outcomes or () if o.status == "failed")
    assert failed.change.id.text == EAST_API
    assert failed.detail
    assert apply(sim).converged


def test_a_service_that_stays_busy_is_given_up_at_the_deadline_with_what_it_said() -> None:
    sim = Simulator()
    sim.fail(match=WRITES["backend"], answer=503, code="ServiceUnavailable", times=10_000)
    report = apply(sim)
    failed = next(o for o in report.outcomes or () if o.status == "failed")
    assert "503" in failed.detail
    assert "next run" in failed.detail


def test_an_update_that_meets_another_etag_looks_again_and_then_writes() -> None:
    sim = Simulator()
    assert apply(sim).converged
    edit(sim, EAST_API, displayName="First")
    sim.requests.clear()
    sim.fail(match="PATCH .*/apis/contoso-east-831a41", answer=412, code="PreconditionFailed")
    assert apply(sim).converged
    assert properties(sim, EAST_API)["displayName"] == "Azure OpenAI contoso-east"
    seen = [r["method"] for r in sim.requests if r["path"].partition("?")[0] == EAST_API]
    assert seen == ["GET", "GET", "PATCH", "GET", "PATCH"]


def test_what_was_changed_since_the_plan_is_left_for_the_next_run() -> None:
    sim = Simulator()
    assert apply(sim).converged
    edit(sim, EAST_API, displayName="First")
    # The moment our update is tried, somebody changes another field of ours: what was shown is not what is there.
    sim.fail(match="PATCH .*/apis/contoso-east-831a41", answer=412, code="PreconditionFailed")
    built = app(sim)

    class Meddler(Progress):
        def began(self, _change: Change) -> None:
            edit(sim, EAST_API, displayName="Second", path="elsewhere/openai")

    report = built.run(built.config.gateways[0], dry_run=False, progress=Meddler())
    assert [(str(o.status), "since the plan" in o.detail) for o in report.outcomes or ()] == [("failed", True)]
    assert properties(sim, EAST_API)["displayName"] == "Second"


def test_an_identity_that_is_attached_while_a_person_reads_the_plan_stays_attached() -> None:
    sim = Simulator(lock_lingers=0)
    was = sim.resources()[GATEWAY]["identity"]["userAssignedIdentities"]
    added = next(iter(was)).replace("id-gateway-keyvault", "id-added")
    sim.put(added, {"location": "eastus"})
    built = app(sim)

    class Meddler(Progress):
        def planned(self, world: World, plan: Plan) -> bool:
            both = {"type": "UserAssigned", "userAssignedIdentities": {id: {} for id in (*was, added)}}
            sim.put(GATEWAY, {**sim.resources()[GATEWAY], "identity": both})
            return super().planned(world, plan)

    report = built.run(built.config.gateways[0], dry_run=False, progress=Meddler())
    assert report.converged, outcomes(report)
    identity = sim.resources()[GATEWAY]["identity"]
    assert identity["type"] == "SystemAssigned, UserAssigned"
    assert identity["principalId"]
    assert identity["userAssignedIdentities"].keys() == {*was, added}
    patches = [r["body"] for r in sim.requests if r["method"] == "PATCH"]
    assert [sorted(p["identity"]["userAssignedIdentities"]) for p in patches] == [sorted([*was, added])]


def test_updates_carry_the_etag_just_read_and_only_what_differs() -> None:
    sim = Simulator()
    assert apply(sim).converged
    backend = f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint"
    edit(sim, backend, url="https://elsewhere.openai.azure.com/openai")
    sim.requests.clear()
    assert apply(sim).converged
    patches = [r for r in sim.requests if r["method"] == "PATCH"]
    assert [p["body"] for p in patches] == [{"properties": {"url": "https://contoso-east.openai.azure.com/openai"}}]
    assert patches[0]["if_match"] not in {None, "", "*"}


@pytest.mark.parametrize(
    "fault", ["throttled", "unavailable", "failed before the work", "answer lost before the work"]
)
@pytest.mark.parametrize(
    "read",
    [
        "GET .*/service/contoso-gateway\\?",
        "GET .*/service/contoso-gateway/apis\\?",
        "GET .*CognitiveServices/accounts\\?",
        "GET .*/deployments\\?",
        "GET .*/roleAssignments\\?",
        "GET .*/policies/policy\\?",
    ],
)
def test_one_fault_on_a_read_is_got_over_within_the_run(read: str, fault: str, undisturbed: dict[str, Any]) -> None:
    sim = Simulator()
    assert apply(sim).converged
    sim.fail(match=read, **AGAIN[fault])
    sim.requests.clear()
    assert apply(sim).converged
    assert writes(sim) == []
    assert world(sim) == undisturbed
    assert len([r for r in sim.requests if r["status"] != 200 and r["status"] != 204]) == 1
