"""A simulator whose accounts are on the gateway, ways to change it, and what a report says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.config import Config
from reconciler.report import Report, document
from simulator import Simulator
from tests.local import GATEWAY, S1, WEST, apply, config

JSON = dict[str, Any]
EAST_BACKEND = f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint"
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
