"""Which identity of the gateway calls the models, and which roles let it in."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.report import document
from simulator import Simulator
from tests.local import EAST, EAST_API, GATEWAY, S1, WEST, apply, plan, writes
from tests.onboarded import (
    COGNITIVE_USER,
    JSON,
    KEYVAULT,
    OPENAI_USER,
    READER,
    changed,
    configured,
    onboarded,
    roles,
)


def test_a_user_assigned_identity_is_used_by_its_client_id_and_the_gateway_stays_as_it_is() -> None:
    sim = Simulator(lock_lingers=0)
    identity = sim.resources()[GATEWAY]["identity"]["userAssignedIdentities"][KEYVAULT]
    before = sim.resources()
    assert apply(sim, configured(identity=identity["clientId"].upper())).converged
    after = sim.resources()
    assert after[GATEWAY] == before[GATEWAY]
    assert roles(sim, identity["principalId"])[EAST]["roleDefinitionId"] == OPENAI_USER
    policy = after[f"{EAST_API}/policies/policy"]["properties"]["value"]
    assert f'client-id="{identity["clientId"]}"'.lower() in policy.lower()


def test_a_user_assigned_identity_that_the_gateway_does_not_have_is_said_and_nothing_done() -> None:
    sim = Simulator()
    before = sim.resources()
    report = apply(sim, configured(identity="99999999-0000-4000-8000-000000000009"))
    assert report.failure is not None
    assert report.failure.reason == "identity-missing"
    assert sim.resources() == before


def let_in(sim: Simulator, scope: str, role: str, **more: Any) -> None:
    """Somebody gives the gateway's identity a role."""
    principal = sim.resources()[GATEWAY]["identity"]["principalId"]
    name = "88888888-0000-4000-8000-000000000001"
    body = {"principalId": principal, "principalType": "ServicePrincipal", "roleDefinitionId": role, **more}
    sim.put(f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", {"properties": body})


@pytest.fixture
def switched_on() -> Simulator:
    """A gateway whose identity is on before we come."""
    sim = Simulator(lock_lingers=0)
    gateway = sim.resources()[GATEWAY]
    mine = gateway["identity"]["userAssignedIdentities"]
    both = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": mine}
    sim.put(GATEWAY, {**gateway, "identity": both})
    return sim


@pytest.mark.parametrize(
    "scope", [EAST, EAST.split("/providers/")[0], S1], ids=["account", "group", "subscription"]
)
@pytest.mark.parametrize("role", [OPENAI_USER, COGNITIVE_USER], ids=["same", "broader"])
def test_a_role_that_lets_the_gateway_in_already_counts(switched_on: Simulator, scope: str, role: str) -> None:
    let_in(switched_on, scope, role)
    before = switched_on.resources()
    assert apply(switched_on).converged
    assert not any("/roleAssignments/" in id for id in changed(before, switched_on.resources()))
    assert not any("roleAssignments" in write for write in writes(switched_on))


@pytest.mark.parametrize(
    ("scope", "role", "more"),
    [
        (EAST, READER, {}),
        (WEST, OPENAI_USER, {}),
        (S1, COGNITIVE_USER, {"condition": "@Resource[x] StringEquals 'y'", "conditionVersion": "2.0"}),
    ],
    ids=["another role", "another account", "under a condition"],
)
def test_a_role_that_does_not_let_the_gateway_in_does_not_count(
    switched_on: Simulator, scope: str, role: str, more: JSON
) -> None:
    let_in(switched_on, scope, role, **more)
    assert apply(switched_on).converged
    assert roles(switched_on)[EAST]["roleDefinitionId"] == OPENAI_USER


def test_an_identity_that_was_made_anew_is_let_in_under_its_new_principal() -> None:
    sim = onboarded()
    gateway = sim.resources()[GATEWAY]
    old = gateway["identity"]["principalId"]
    mine = gateway["identity"]["userAssignedIdentities"]
    sim.put(GATEWAY, {**gateway, "identity": {"type": "UserAssigned", "userAssignedIdentities": mine}})
    both = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": mine}
    sim.put(GATEWAY, {**sim.resources()[GATEWAY], "identity": both})
    new = sim.resources()[GATEWAY]["identity"]["principalId"]
    assert new != old
    stale = roles(sim, old)
    assert [c["kind"] for c in document(plan(sim))["changes"]] == ["role-assignment"]
    assert apply(sim).converged
    assert len(writes(sim)) == 1
    assert roles(sim)[EAST]["roleDefinitionId"] == OPENAI_USER
    assert roles(sim, old) == stale, "what Azure keeps of the old one is left to people"


def test_an_identity_that_is_off_and_may_not_be_switched_on_is_said_and_nothing_done() -> None:
    sim = Simulator()
    before = sim.resources()
    report = apply(sim, configured(enableIdentity=False))
    assert report.failure is not None
    assert report.failure.reason == "identity-off"
    assert "enableIdentity" in report.failure.detail
    assert sim.resources() == before
