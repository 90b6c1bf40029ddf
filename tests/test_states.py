"""What becomes of an account's API when the account, its models or the gateway's identity change."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from reconciler.report import document
from simulator import Simulator
from simulator.softdelete import purge
from tests.local import EAST, EAST_API, GATEWAY, LEGACY, S1, apply, config, outcomes, plan, properties, writes

JSON = dict[str, Any]
MOVED = EAST.replace("rg-ai-east", "rg-ai-new")
BACKEND = f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint"
ROLE = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
SYSTEM = {"identity": {"type": "SystemAssigned"}}


def onboarded(**knobs: Any) -> Simulator:
    sim = Simulator(**knobs)
    assert apply(sim).converged
    sim.requests.clear()
    return sim


def move(sim: Simulator, there: str, here: str = EAST) -> None:
    """The account goes to another resource group: another id, the same endpoint, no role goes along."""
    world = sim.resources()
    bodies = {id: deepcopy(world[id]) for id in world if id == here or f"{here}/deployments" in id}
    sim.delete(here)
    purge(sim.cloud, here)
    for id, body in bodies.items():
        sim.put(id.replace(here, there), body)


def lines(report: Any) -> dict[str, tuple[str, str]]:
    return {a["id"].rsplit("/", 1)[-1]: (a["state"], a["reason"]) for a in document(report)["accounts"]}


def roles_at(sim: Simulator, scope: str) -> list[str]:
    """Who has the role on an account: the principals."""
    prefix = f"{scope}/providers/Microsoft.Authorization/roleAssignments/"
    return [
        body["properties"]["principalId"]
        for id, body in sim.resources().items()
        if id.startswith(prefix) and body["properties"]["roleDefinitionId"].endswith(ROLE)
    ]


def principal(sim: Simulator) -> str:
    return str(sim.resources()[GATEWAY]["identity"]["principalId"])


def test_an_account_that_moved_keeps_its_api_its_backend_and_their_names() -> None:
    sim = onboarded()
    apis = {id for id in sim.resources() if "/apis/" in id or "/backends/" in id}
    move(sim, MOVED)
    report = apply(sim)
    assert report.converged, document(report)
    assert {id for id in sim.resources() if "/apis/" in id or "/backends/" in id} == apis
    assert sorted(writes(sim)) == sorted(
        [
            "PATCH /apis/contoso-east-831a41",
            "PATCH /backends/contoso-east-831a41-openai-endpoint",
            *(w for w in writes(sim) if "roleAssignments" in w),
        ]
    )
    for id in (EAST_API, BACKEND):
        mark = properties(sim, id)["description"].splitlines()[-1]
        assert f"source={MOVED}; named-for={EAST}" in mark
    assert roles_at(sim, MOVED) == [principal(sim)]
    assert plan(sim, deep=True).converged
    assert lines(plan(sim))["contoso-east"] == ("onboarded", "ready")


def test_an_account_that_moved_twice_still_has_its_api() -> None:
    sim = onboarded()
    move(sim, MOVED)
    assert apply(sim).converged
    third = EAST.replace("rg-ai-east", "rg-ai-third")
    move(sim, third, MOVED)
    assert apply(sim).converged
    assert f"source={third}; named-for={EAST}" in properties(sim, EAST_API)["description"]


def test_an_account_made_again_under_its_name_gets_its_role_back_and_nothing_else() -> None:
    sim = onboarded()
    before = {id for id in sim.resources() if GATEWAY in id}
    move(sim, EAST)
    assert roles_at(sim, EAST) == []
    assert apply(sim).converged
    assert [w.split("/")[0].strip() for w in writes(sim)] == ["PUT"]
    assert roles_at(sim, EAST) == [principal(sim)]
    assert {id for id in sim.resources() if GATEWAY in id} == before


def test_a_gateway_whose_identity_was_made_again_gets_its_roles_anew() -> None:
    sim = onboarded(principal_replication=0)
    old = principal(sim)
    identity = deepcopy(sim.resources()[GATEWAY]["identity"])
    user = {k: v for k, v in identity.items() if k == "userAssignedIdentities"}
    gateway = {k: v for k, v in sim.resources()[GATEWAY].items() if k in {"location", "sku", "properties", "tags"}}
    for kind in ("UserAssigned", "SystemAssigned, UserAssigned"):
        names: JSON = {id: {} for id in user.get("userAssignedIdentities", {})}
        sim.put(GATEWAY, {**gateway, "identity": {"type": kind, "userAssignedIdentities": names}})
    new = principal(sim)
    assert new != old
    assert apply(sim).converged
    assert new in roles_at(sim, EAST)


def test_a_user_assigned_identity_gets_the_role_in_place_of_the_system_assigned_one() -> None:
    sim = Simulator()
    attached = sim.resources()[GATEWAY]["identity"]["userAssignedIdentities"]
    ((_, identity),) = attached.items()
    settings = config(_CONFIG.replace("accounts:", f"identity: {identity['clientId']}\n    accounts:", 1))
    assert apply(sim, settings).converged
    assert roles_at(sim, EAST) == [identity["principalId"]]
    assert "SystemAssigned" not in sim.resources()[GATEWAY]["identity"]["type"]
    assert f'client-id="{identity["clientId"]}"' in properties(sim, f"{EAST_API}/policies/policy")["value"]


def test_a_custom_subdomain_that_comes_later_is_all_that_an_account_waited_for() -> None:
    sim = Simulator()
    assert lines(apply(sim))["contoso-legacy"] == ("waiting", "no-custom-subdomain")
    body = deepcopy(sim.resources()[LEGACY])
    body["properties"]["customSubDomainName"] = "contoso-legacy"
    for name in ("endpoint", "endpoints"):
        body["properties"].pop(name, None)
    sim.put(LEGACY, body)
    assert lines(apply(sim))["contoso-legacy"] == ("onboarded", "ready")
    assert any(id.startswith(f"{GATEWAY}/apis/contoso-legacy-") for id in sim.resources())


def test_an_account_that_takes_no_keys_is_called_all_the_same() -> None:
    sim = Simulator()
    body = deepcopy(sim.resources()[EAST])
    body["properties"]["disableLocalAuth"] = True
    sim.put(EAST, body)
    assert lines(apply(sim))["contoso-east"] == ("onboarded", "ready")


NOT_READY = ["Accepted", "Creating", "Deleting", "Moving", "Failed", "Disabled", "Canceled"]


@pytest.mark.parametrize("state", NOT_READY)
def test_models_that_are_not_ready_create_nothing_and_take_nothing_away(state: str) -> None:
    fresh, there = Simulator(), onboarded()
    for sim in (fresh, there):
        for id, body in sim.resources().items():
            if f"{EAST}/deployments/" in id:
                sim.put(id, {**body, "properties": {**body["properties"], "provisioningState": state}})
        sim.requests.clear()
        report = apply(sim)
        assert lines(report)["contoso-east"][0] == "waiting"
        assert writes(sim) == []
    assert EAST_API not in fresh.resources()
    sim.delete(f"{EAST_API}/operations/chatcompletions-create")
    assert outcomes(apply(there)) == {"create operation chatcompletions-create": "applied"}, "it is maintained"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            {"properties": {"model": {"format": "Meta", "name": "Llama-3", "version": "1"}}},
            "model format Meta, not OpenAI",
        ),
        ({"sku": {"name": "GlobalBatch", "capacity": 1}}, "SKU GlobalBatch serves batch jobs only"),
        ({"sku": {"name": "DataZoneBatch", "capacity": 1}}, "SKU DataZoneBatch serves batch jobs only"),
    ],
)
def test_models_that_the_api_cannot_serve_do_not_onboard_an_account(change: JSON, why: str) -> None:
    sim = Simulator()
    for id, body in sim.resources().items():
        if f"{EAST}/deployments/" in id:
            sim.put(id, {"sku": body["sku"], "properties": {"model": body["properties"]["model"]}, **change})
    report = apply(sim)
    assert lines(report)["contoso-east"] == ("waiting", "no-ready-deployment")
    (line,) = (a for a in document(report)["accounts"] if a["id"] == EAST)
    assert {d["why"] for d in line["modelDeployments"]} == {why}
    assert EAST_API not in sim.resources()


_CONFIG = f"""
owner: contoso-ai-platform
gateways:
  - id: {GATEWAY}
    accounts:
      - subscription: {S1.rsplit("/", 1)[-1]}
        resourceGroups: ["rg-ai-*"]
        tags: {{ai-gateway: enabled}}
"""
