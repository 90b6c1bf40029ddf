"""What apply makes of a plan when the world does not go along: looked at in the simulator's world.

Failures of single requests are `test_arm.py`'s; here the world itself moves while a plan is carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.arm import SdkArm
from reconciler.model import Document, Outcome, kind_of
from reconciler.reconcile import Given, reconcile
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from simulator import Simulator
from tests.local import EAST, EAST_API, GATEWAY, WEST, WEST_API, app, apply, edit, outcomes, properties, writes

CHAT = f"{EAST_API}/operations/chatcompletions-create"
EMBED = f"{EAST_API}/operations/embeddings-create"
GPT = {
    "sku": {"name": "Standard", "capacity": 10},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
}


class Interrupted(SdkArm):
    """An Arm to whom something happens before it lists the operations of an API."""

    meddle: Callable[[], None]

    def members(self, parent: ResourceId, resource_type: str, filter: str = "") -> list[Document]:
        if resource_type.endswith("/operations"):
            self.meddle()
        return super().members(parent, resource_type, filter)


def apply_while(sim: Simulator, meddle: Callable[[], None]) -> Report:
    built = app(sim)
    arm = Interrupted(built.clients, sleep=built.sleep, clock=built.clock, deadline=3600)
    arm.meddle = meddle
    return reconcile(
        arm, built.config, built.config.gateways[0], built.cloud, Given(documents=built.document), dry_run=False
    )


def failures(report: Report) -> dict[str, Outcome]:
    """What was not applied, by kind and name."""
    return {f"{kind_of(o.change)} {o.change.id.name}": o for o in report.outcomes or () if o.status != "applied"}


def test_an_import_that_left_operations_out_fails_by_name_and_is_completed_by_the_next_run() -> None:
    sim = Simulator(lock_lingers=0)

    def lose_two() -> None:
        sim.delete(CHAT)
        sim.delete(EMBED)

    report = apply_while(sim, lose_two)
    failed = failures(report)
    assert "chatcompletions-create, embeddings-create" in failed["api contoso-east-831a41"].detail
    assert f"{EAST_API}/policies/policy" not in sim.resources(), "what is not whole is not opened to callers"
    sim.requests.clear()
    assert apply(sim).converged
    assert sorted(w for w in writes(sim) if "/operations/" in w) == [
        "PUT /apis/contoso-east-831a41/operations/chatcompletions-create",
        "PUT /apis/contoso-east-831a41/operations/embeddings-create",
    ]
    assert {CHAT, EMBED, f"{EAST_API}/policies/policy"} <= sim.resources().keys()


def test_an_import_that_came_out_different_is_finished_in_the_same_run() -> None:
    """What Azure makes of a document is looked at: here somebody's setting got in between."""
    sim = Simulator(lock_lingers=0)
    spoilt: list[Any] = []

    class Spoiling(Interrupted):
        def get(self, id: ResourceId) -> Document | None:
            if id.text == EAST_API and EAST_API in sim.resources() and not spoilt:
                spoilt.append(id)
                edit(sim, EAST_API, subscriptionRequired=False)
            return super().get(id)

    built = app(sim)
    arm = Spoiling(built.clients, sleep=built.sleep, clock=built.clock, deadline=3600)
    arm.meddle = lambda: None
    report = reconcile(
        arm, built.config, built.config.gateways[0], built.cloud, Given(documents=built.document), dry_run=False
    )
    assert report.converged, outcomes(report)
    assert spoilt
    assert properties(sim, EAST_API)["subscriptionRequired"] is True
    assert "PATCH /apis/contoso-east-831a41" in writes(sim)


def test_one_accounts_failure_is_no_others() -> None:
    sim = Simulator(lock_lingers=0)
    sim.put(f"{WEST}/deployments/gpt-4o", GPT)
    sim.fail(match="PUT .*/backends/contoso-east", answer=400, code="ValidationError")
    report = apply(sim)
    assert {name: str(o.status) for name, o in failures(report).items()} == {
        "backend contoso-east-831a41-openai-endpoint": "failed",
        "api contoso-east-831a41": "skipped",
        "api-policy policy": "skipped",
        "product-api contoso-east-831a41": "skipped",
    }
    world = sim.resources()
    assert EAST_API not in world
    assert {WEST_API, f"{WEST_API}/policies/policy"} <= world.keys()
    assert f"{GATEWAY}/products/ai-platform/apis/contoso-west-f6335e" in world
    assert apply(sim).converged
    assert EAST_API in sim.resources()


def test_a_principal_that_never_came_to_be_lets_nobody_in() -> None:
    """The answer that should name the new principal does not: what needs it fails, and nothing is guessed."""
    sim = Simulator(lock_lingers=0)
    sim.fail(match="PATCH .*/service/contoso-gateway", answer=400, code="InvalidParameters")
    before = sim.resources()
    report = apply(sim)
    assert "update service contoso-gateway" in outcomes(report)
    roles = {id for id in sim.resources().keys() - before.keys() if "/roleAssignments/" in id}
    assert roles == set()
    assert apply(sim).converged
    (role,) = (id for id in sim.resources().keys() - before.keys() if "/roleAssignments/" in id)
    assert role.startswith(f"{EAST}/")
