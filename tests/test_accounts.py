"""What becomes of a gateway when its accounts, or those who may use them, change.

Each test changes the world, runs, and looks at the world again: nothing is ever deleted, what is held says why, and
one account's trouble is no other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from reconciler.config import Config
from reconciler.report import Report, document
from simulator import Simulator
from tests.local import (
    CONFIG,
    EAST,
    EAST_API,
    GATEWAY,
    S1,
    WEST,
    WEST_API,
    apply,
    config,
    edit,
    plan,
    properties,
    reads,
    writes,
)

JSON = dict[str, Any]
EAST_BACKEND = f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint"
WEST_BACKEND = f"{GATEWAY}/backends/contoso-west-f6335e-openai-endpoint"
GPT = {
    "sku": {"name": "Standard", "capacity": 10},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
}
ROLES = f"{S1}/providers/Microsoft.Authorization/roleDefinitions"
OPENAI_USER = f"{ROLES}/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
COGNITIVE_USER = f"{ROLES}/a97b65f3-24c7-4388-baec-2e87135dc908"
READER = f"{ROLES}/acdd72a7-3385-48ef-bd42-f606fba81ae7"
PLANNED_DELETIONS = {
    "delete api contoso-east-831a41": "prune-report",
    "delete product-api contoso-east-831a41": "prune-report",
    "delete backend contoso-east-831a41-openai-endpoint": "prune-report",
}
KEYVAULT = (
    f"{S1}/resourceGroups/rg-gateway/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-gateway-keyvault"
)


def onboarded(*, west: bool = False) -> Simulator:
    """The simulator with one account on the gateway, or two."""
    sim = Simulator(lock_lingers=0)
    if west:
        sim.put(f"{WEST}/deployments/gpt-4o", GPT)
    assert apply(sim).converged
    sim.requests.clear()
    return sim


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The ids of what was made, changed or deleted."""
    return {id for id in before.keys() | after.keys() if before.get(id) != after.get(id)}


def held(report: Report) -> dict[str, str]:
    """What is held, as `delete api contoso-east-…` -> reason."""
    return {
        f"{h['change']} {h['kind']} {h['id'].rsplit('/', 1)[-1]}": h["reason"] for h in document(report)["held"]
    }


def details(report: Report) -> str:
    return " | ".join(h["detail"] for h in document(report)["held"])


def state(report: Report, account: str) -> tuple[str, str]:
    """How the report sees an account: its state and the reason."""
    found = next(a for a in document(report)["accounts"] if a["id"] == account)
    return found["state"], found["reason"]


def roles(sim: Simulator, principal: str | None = None) -> dict[str, JSON]:
    """The role assignments of the gateway, by scope."""
    principal = principal or sim.resources()[GATEWAY]["identity"]["principalId"]
    found = [b["properties"] for id, b in sim.resources().items() if "/roleAssignments/" in id]
    return {r["scope"]: r for r in found if r["principalId"] == principal}


def tag(sim: Simulator, account: str, **tags: str) -> None:
    body = sim.resources()[account]
    sim.put(account, {**body, "tags": {k.replace("_", "-"): v for k, v in tags.items()}})


def configured(**settings: Any) -> Config:
    """The tests' configuration with other settings of the gateway, or `api`, `owner`."""
    base = config()
    gateway = base.gateways[0]
    api = settings.pop("api", {})
    owner = settings.pop("owner", base.owner)
    profile = base.profiles["standard"]
    return base.model_copy(
        update={
            "owner": owner,
            "gateways": (gateway.model_copy(update=settings),),
            "profiles": {"standard": profile.model_copy(update={"api": profile.api.model_copy(update=api)})},
        }
    )


# --- an account goes away, or is no longer wanted


def test_what_belonged_to_a_deleted_account_is_held_for_deletion_and_stays() -> None:
    sim = onboarded(west=True)
    sim.delete(EAST)
    before = sim.resources()
    report = apply(sim)
    assert writes(sim) == []
    assert sim.resources() == before
    assert held(report) == PLANNED_DELETIONS
    assert f"the account {EAST} is gone" in details(report)
    assert not report.converged
    assert f"GET {EAST}" in reads(sim), "gone is what a GET says, not what a list leaves out"


def test_a_deleted_account_that_comes_back_is_served_again_without_a_write_to_its_api() -> None:
    sim = onboarded()
    account, model = sim.resources()[EAST], sim.resources()[f"{EAST}/deployments/gpt-4o"]
    sim.delete(EAST)
    assert not apply(sim).converged
    sim.put(EAST, account)
    sim.put(f"{EAST}/deployments/gpt-4o", model)
    assert apply(sim).converged
    assert all("/roleAssignments/" in write for write in writes(sim)), "its roles went with it"
    assert roles(sim).keys() == {EAST}


def test_an_account_that_loses_its_tag_keeps_everything_and_the_deletions_are_held() -> None:
    sim = onboarded()
    tag(sim, EAST, ai_gateway="off")
    edit(sim, EAST_API, displayName="Mine")
    sim.requests.clear()
    before = sim.resources()
    report = apply(sim)
    assert writes(sim) == []
    assert sim.resources() == before
    assert held(report) == {**PLANNED_DELETIONS, f"delete role-assignment {role_name(sim)}": "prune-report"}
    assert state(report, EAST) == ("excluded", "not-selected")
    assert "does not carry the tag ai-gateway=enabled" in details(report)


def role_name(sim: Simulator) -> str:
    (name,) = (
        id.rsplit("/", 1)[-1]
        for id, body in sim.resources().items()
        if "/roleAssignments/" in id and "managed-by=" in str(body["properties"]["description"])
    )
    return name


def test_an_account_outside_the_allow_list_is_not_touched_and_its_models_are_not_asked_for() -> None:
    sim = onboarded(west=True)
    narrow = configured(
        accounts=(config().gateways[0].accounts[0].model_copy(update={"resourceGroups": ("rg-ai-west",)}),)
    )
    before = sim.resources()
    report = apply(sim, narrow)
    assert writes(sim) == []
    assert sim.resources() == before
    assert state(report, EAST) == ("excluded", "not-selected")
    assert set(held(report).values()) == {"prune-report"}
    assert not any(EAST in read for read in reads(sim))


def test_an_account_without_a_model_keeps_what_it_has_and_its_drift_is_still_repaired() -> None:
    sim = onboarded()
    before = sim.resources()
    for name in ("gpt-4o", "text-embedding-3-small"):
        sim.delete(f"{EAST}/deployments/{name}")
    edit(sim, EAST_API, displayName="Mine")
    edit(sim, EAST_BACKEND, url="https://elsewhere.openai.azure.com/openai")
    report = apply(sim)
    assert report.converged
    assert state(report, EAST) == ("waiting", "no-ready-deployment")
    assert writes(sim) == [
        "PATCH /backends/contoso-east-831a41-openai-endpoint",
        "PATCH /apis/contoso-east-831a41",
    ]
    assert properties(sim, EAST_API)["displayName"] == "Azure OpenAI contoso-east"
    assert properties(sim, EAST_BACKEND)["url"] == "https://contoso-east.openai.azure.com/openai"
    gone = {f"{EAST}/deployments/gpt-4o", f"{EAST}/deployments/text-embedding-3-small"}
    assert before.keys() - sim.resources().keys() == gone


def test_an_account_without_a_model_gets_nothing_new() -> None:
    sim = onboarded()
    sim.delete(f"{EAST}/deployments/gpt-4o")
    sim.delete(f"{EAST}/deployments/text-embedding-3-small")
    tag(sim, WEST, ai_gateway="enabled")
    before = sim.resources()
    report = apply(sim)
    assert state(report, WEST) == ("waiting", "no-ready-deployment")
    assert sim.resources() == before


# --- what was not seen is unknown, not gone


def test_accounts_whose_list_cannot_be_read_are_not_judged_gone() -> None:
    sim = onboarded()
    before = sim.resources()
    sim.fail(match="GET .*CognitiveServices/accounts\\?", answer=403, code="AuthorizationFailed", times=50)
    report = apply(sim)
    assert report.failure is not None
    assert report.plan is None
    assert writes(sim) == []
    assert sim.resources() == before


def test_accounts_on_a_page_that_cannot_be_read_are_not_judged_gone() -> None:
    sim = Simulator(lock_lingers=0, page_size=1)
    assert apply(sim).converged
    sim.requests.clear()
    before = sim.resources()
    sim.fail(match=r"GET .*CognitiveServices/accounts\?.*skiptoken", answer=400, code="BadRequest", times=50)
    report = apply(sim)
    assert report.failure is not None
    assert writes(sim) == []
    assert sim.resources() == before
    sim.faults.clear()
    assert apply(sim).converged


@pytest.mark.parametrize("status", [403, 500])
def test_a_list_without_our_accounts_is_believed_only_when_each_of_them_answers_404(status: int) -> None:
    sim = onboarded(west=True)
    before = sim.resources()
    sim.fail(match=r"GET .*CognitiveServices/accounts\?", answer=200, body={"value": []}, times=50)
    report = apply(sim)
    assert writes(sim) == []
    assert sim.resources() == before
    assert held(report) == {}, "both accounts are there, whatever the list says"
    assert {f"GET {EAST}", f"GET {WEST}"} <= set(reads(sim))

    sim.fail(match=f"GET {EAST}\\?", answer=status, times=10_000)
    report = apply(sim)
    assert report.failure is not None
    assert writes(sim) == []


def test_an_empty_list_and_404_for_each_is_gone() -> None:
    sim = onboarded(west=True)
    sim.delete(EAST)
    sim.delete(WEST)
    sim.fail(match=r"GET .*CognitiveServices/accounts\?", answer=200, body={"value": []}, times=50)
    before = sim.resources()
    report = apply(sim)
    assert writes(sim) == []
    assert sim.resources() == before
    assert {name for name in held(report) if " api " in name} == {
        "delete api contoso-east-831a41",
        "delete api contoso-west-f6335e",
    }
    looks = reads(sim)
    assert looks.count(f"GET {EAST}") == looks.count(f"GET {WEST}") == 1


# --- somebody else was there first


def test_an_account_whose_path_is_taken_is_held_and_the_others_go_on() -> None:
    sim = Simulator(lock_lingers=0)
    sim.put(f"{WEST}/deployments/gpt-4o", GPT)
    theirs = f"{GATEWAY}/apis/theirs"
    body = {"displayName": "Theirs", "path": "Contoso-West/OpenAI", "protocols": ["https"]}
    sim.put(theirs, {"properties": body})
    before = sim.resources()
    report = apply(sim)
    assert EAST_API in sim.resources()
    assert sim.resources()[theirs] == before[theirs]
    assert not any("contoso-west" in id.lower() for id in changed(before, sim.resources()))
    assert set(held(report).values()) == {"path-taken", "blocked"}
    assert "belongs to the API theirs" in details(report)
    assert state(report, WEST) == ("waiting", "path-taken")
    assert state(report, EAST) == ("onboarded", "ready")

    sim.delete(theirs)
    assert apply(sim).converged
    assert properties(sim, WEST_API)["path"] == "contoso-west/openai"


def test_a_foreign_backend_with_our_name_keeps_the_api_from_being_made() -> None:
    """An API without its policy would hand the caller's key on to the model."""
    sim = Simulator(lock_lingers=0)
    sim.put(EAST_BACKEND, {"properties": {"url": "https://theirs.example", "protocol": "http", "title": "Theirs"}})
    before = sim.resources()
    report = apply(sim)
    assert sim.resources()[EAST_BACKEND] == before[EAST_BACKEND]
    assert EAST_API not in sim.resources()
    assert held(report)["update backend contoso-east-831a41-openai-endpoint"] == "foreign"
    assert held(report)["create api contoso-east-831a41"] == "blocked"


def test_another_owners_reconciler_on_the_same_gateway_is_left_in_peace() -> None:
    sim = onboarded()
    ours = sim.resources()
    others = configured(owner="fabrikam-ai", api={"products": ()})
    report = apply(sim, others)
    assert sim.resources() == ours
    assert writes(sim) == []
    assert held(report)["update api contoso-east-831a41"] == "foreign"
    assert set(held(report).values()) == {"foreign", "blocked"}

    west_only = (config().gateways[0].accounts[0].model_copy(update={"resourceGroups": ("rg-ai-west",)}),)
    sim.put(f"{WEST}/deployments/gpt-4o", GPT)
    assert apply(sim, configured(owner="fabrikam-ai", accounts=west_only)).converged
    both = sim.resources()
    assert "owner=fabrikam-ai" in both[WEST_API]["properties"]["description"]
    east_only = (config().gateways[0].accounts[0].model_copy(update={"resourceGroups": ("rg-ai-east",)}),)
    sim.requests.clear()
    assert apply(sim, configured(accounts=east_only)).converged
    assert apply(sim, configured(owner="fabrikam-ai", accounts=west_only)).converged
    assert writes(sim) == []
    assert sim.resources() == both


def test_a_copy_of_our_api_made_in_the_portal_is_not_taken_for_ours() -> None:
    """A copy carries our mark in its description; ours goes on being maintained under its own name."""
    sim = onboarded()
    copy = f"{GATEWAY}/apis/a-copy-of-contoso-east"
    body = deepcopy(sim.resources()[EAST_API]["properties"])
    sim.put(copy, {"properties": {**body, "path": "copy", "displayName": "Copy", "provisioningState": None}})
    edit(sim, EAST_API, displayName="Mine")
    before = sim.resources()
    apply(sim)
    assert changed(before, sim.resources()) == {
        EAST_API,
        f"{GATEWAY}/products/ai-platform/apis/contoso-east-831a41",
    }
    assert properties(sim, EAST_API)["displayName"] == "Azure OpenAI contoso-east"


# --- names do not change


def test_a_new_name_template_is_held_and_the_old_api_still_maintained() -> None:
    sim = onboarded()
    renamed = configured(api={"name": "aoai-{location}-{account}"})
    before = sim.resources()
    report = apply(sim, renamed)
    assert writes(sim) == []
    assert sim.resources() == before
    assert held(report) == {"create api aoai-eastus-contoso-east-831a41": "rename"}
    assert "contoso-east-831a41" in details(report)
    assert not report.converged

    edit(sim, EAST_API, displayName="Mine")
    apply(sim, renamed)
    assert writes(sim) == ["PATCH /apis/contoso-east-831a41"]
    assert properties(sim, EAST_API)["displayName"] == "Azure OpenAI contoso-east"
    sim.put(f"{WEST}/deployments/gpt-4o", GPT)
    apply(sim, renamed)
    assert f"{GATEWAY}/apis/aoai-westus-contoso-west-f6335e" in sim.resources(), "a new account gets the new name"
    assert apply(sim).plan is not None


def test_the_other_settings_of_an_api_may_change() -> None:
    sim = onboarded()
    settings = configured(
        api={"displayName": "Models of {account}", "path": "ai/{account}/openai", "subscriptionRequired": False}
    )
    assert apply(sim, settings).converged
    assert writes(sim) == ["PATCH /apis/contoso-east-831a41"]
    api = properties(sim, EAST_API)
    assert (api["displayName"], api["path"], api["subscriptionRequired"]) == (
        "Models of contoso-east",
        "ai/contoso-east/openai",
        False,
    )


# --- who may call the models


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


def test_the_configuration_of_these_tests_is_the_one_that_people_write() -> None:
    assert configured() == config(CONFIG)
