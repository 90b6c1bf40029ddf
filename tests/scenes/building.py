"""How the configuration and the simulated Azure of a scene are made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from reconciler.app import App
from reconciler.config import Config
from reconciler.config_file import parse
from simulator import Simulator
from tests.local import GATEWAY, S1, app
from tests.scenes.drawing import AZURES
from tests.scenes.naming import api_name, api_path, backend_name, mark
from tests.scenes.scene import OWNER, S2, SAID, Account, Model, Scene

OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
USER = "a97b65f3-24c7-4388-baec-2e87135dc908"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SOMEBODY = "0b0b0b0b-0000-4000-8000-000000000001"
KEYVAULT = f"{S1}/resourceGroups/rg-gateway/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-keyvault"


class Kept:
    """A store in memory: what a run leaves for the next one."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}

    def put(self, name: str, document: dict[str, Any]) -> None:
        """Keep it."""
        self.documents[name] = deepcopy(document)

    def get(self, name: str) -> dict[str, Any] | None:
        """What was kept."""
        return self.read(name)[0]

    def each(self, prefix: str) -> Iterator[dict[str, Any]]:
        """All that was kept below a prefix."""
        return (deepcopy(self.documents[name]) for name in sorted(self.documents) if name.startswith(f"{prefix}/"))

    def read(self, name: str) -> tuple[dict[str, Any] | None, str]:
        """What was kept, and its version."""
        found = deepcopy(self.documents.get(name))
        return found, "" if found is None else json.dumps(found, sort_keys=True)

    def replace(self, name: str, document: dict[str, Any], version: str) -> bool:
        """Keep it unless somebody was faster."""
        if self.read(name)[1] != version:
            return False
        self.put(name, document)
        return True


def product(sim: Simulator, scene: Scene, store: Kept | None = None) -> App:
    """The product for a scene; the operator's own documents lie beside this file."""
    return replace(app(sim, config(scene)), folder=Path(__file__).parent, store=store or Kept())


def config(scene: Scene) -> Config:
    """The configuration file; JSON is YAML."""
    settings = scene.settings
    numbers = [S1, S2] if settings.second_subscription else [S1]
    profile: dict[str, Any] = {
        "api": {
            "name": settings.name,
            "displayName": settings.display_name,
            "path": settings.path,
            "specification": settings.specification,
            "operations": settings.operations,
            "products": list(settings.products),
            "subscriptionRequired": settings.subscription_required,
        }
    }
    if settings.token_limit:
        profile["tokenLimit"] = {"tokensPerMinute": settings.token_limit, "counterKey": "ip-address"}
    if settings.dimensions:
        profile["tokenMetrics"] = {"dimensions": list(settings.dimensions)}
    allowed = [
        {
            "subscription": number.rsplit("/", 1)[-1],
            "resourceGroups": ["rg-ai-*"],
            "tags": {"ai-gateway": "enabled"},
        }
        for number in numbers
    ]
    file = {
        "owner": OWNER,
        "gateways": [{"id": GATEWAY, "enableIdentity": settings.enable_identity, "accounts": allowed}],
        "profiles": {"standard": profile},
        "safety": {
            "prune": settings.prune,
            "maxDeletes": settings.max_deletes,
            "maxDeletePercent": settings.max_delete_percent,
            "confirmations": settings.confirmations,
        },
    }
    return parse(json.dumps(file), "scene.yaml")


def simulate(scene: Scene, **knobs: Any) -> Simulator:
    """The world of the scene, before anything of ours is there."""
    sim = Simulator(
        {
            "subscriptions": {s.rsplit("/", 1)[-1]: {} for s in (S1, S2)},
            "principals": [{"id": SOMEBODY, "type": "User"}],
            "resources": [*_gateway(scene), *(r for account in scene.accounts for r in _account(account))],
        },
        page_size=scene.page_size,
        **{**AZURES[scene.azure], **knobs},
    )
    for id, body in _foreign(scene, sim):
        if id not in sim.resources():
            sim.put(id, body)
    return sim


def _gateway(scene: Scene) -> Iterator[dict[str, Any]]:
    identity = {
        "off": {"type": "UserAssigned", "userAssignedIdentities": {KEYVAULT: {}}},
        "on": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {KEYVAULT: {}}},
        "none": None,
    }[scene.identity]
    yield {"id": KEYVAULT, "location": "eastus"}
    yield {
        "id": GATEWAY,
        "location": "eastus",
        "sku": {"name": "StandardV2", "capacity": 1},
        "identity": identity,
        "properties": {"publisherEmail": "platform@contoso.example", "publisherName": "Contoso"},
    }
    for product in ("ai-platform", "starter"):
        yield {"id": f"{GATEWAY}/products/{product}", "properties": {"displayName": product}}
    orders = f"{GATEWAY}/apis/orders-api"
    yield {"id": orders, "properties": {"displayName": "Orders", "path": "orders", "protocols": ["https"]}}
    yield {
        "id": f"{orders}/operations/place",
        "properties": {"displayName": "Place", "method": "POST", "urlTemplate": "/"},
    }
    yield {
        "id": f"{orders}/policies/policy",
        "properties": {
            "format": "xml",
            "value": "<policies><inbound><base /><rate-limit calls='1' renewal-period='9' /></inbound></policies>",
        },
    }
    yield {"id": f"{GATEWAY}/products/ai-platform/apis/orders-api"}


def _account(account: Account) -> Iterator[dict[str, Any]]:
    yield {
        "id": account.id,
        "location": account.location,
        "kind": account.kind,
        "sku": {"name": "S0"},
        "tags": {"AI-Gateway": account.tag} if account.tag else {},
        "properties": {
            **({"customSubDomainName": f"sub-{account.number}"} if account.subdomain else {}),
            "provisioningState": account.state,
        },
    }
    for number, model in enumerate(account.models if account.kind != "SpeechServices" else ()):
        yield {"id": f"{account.id}/deployments/model-{number}", **deployment(model)}


def deployment(model: Model) -> dict[str, Any]:
    """The body of a model deployment."""
    version = {"version": "2024-08-06"} if model.name == "gpt-4o" else {}
    properties: dict[str, Any] = {
        "model": {"format": model.format, "name": model.name, **version},
        "provisioningState": model.state,
    }
    if model.name in SAID:
        properties["capabilities"] = dict(SAID[model.name])
    return {"sku": {"name": model.sku, "capacity": 10}, "properties": properties}


def _described(account: Account, number: int) -> str | None:
    """Descriptions that are not our mark, however much they look like it."""
    whole = mark(account)
    manager, owner, source = whole.split("; ")
    return [
        None,
        "Made by hand.",
        manager,
        f"{manager}; {owner}",
        f"{manager}; owner=somebody-else; {source}",
        f"{whole}; spec=azure-openai/2024-10-21@0123456789ab\nand a line after it",
        f"{manager}; {owner}; source=not-an-id",
        f"{manager}; owner={OWNER.upper()}; {source}",
    ][number]


def _foreign(scene: Scene, sim: Simulator) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, foreign in enumerate(scene.foreign):
        if not scene.accounts:
            return
        account = scene.accounts[foreign.account % len(scene.accounts)]
        described = {"description": d} if (d := _described(account, foreign.description)) else {}
        match foreign.what:
            case "api-name" | "api-near":
                name = api_name(scene, account) + ("" if foreign.what == "api-name" else "x")
                yield f"{GATEWAY}/apis/{name}", _api(f"Taken {number}", f"taken/{number}/openai", described)
            case "api-path":
                path = api_path(scene, account).upper()
                if path.lower() not in paths(sim):
                    yield f"{GATEWAY}/apis/theirs-{number}", _api(f"Theirs {number}", path, described)
            case "backend-name" | "backend-near":
                name = backend_name(scene, account)[: None if foreign.what == "backend-name" else -1]
                body = {"url": "https://theirs.example", "protocol": "http", "title": "Theirs", **described}
                yield f"{GATEWAY}/backends/{name}", {"properties": body}
            case _:
                who = SOMEBODY if foreign.what == "role" else principal_of(sim)
                scope = account.id.split("/providers/")[0] if foreign.what == "broader" else account.id
                role = {"role": OPENAI_USER, "reader": READER, "broader": USER}[foreign.what]
                if who and not _assigned(sim, scope, who, role):
                    yield assignment(scope, number, who, role)


def _assigned(sim: Simulator, scope: str, who: str, role: str) -> bool:
    roles = [b["properties"] for id, b in sim.resources().items() if "/roleAssignments/" in id]
    return any(
        (r["scope"], r["principalId"]) == (scope, who) and r["roleDefinitionId"].endswith(role) for r in roles
    )


def _api(name: str, path: str, described: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "properties": {
            "displayName": name,
            "path": path,
            "protocols": ["https"],
            "serviceUrl": "https://theirs.example",
            **described,
        }
    }


def assignment(scope: str, number: int, principal: str, role: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """Somebody else's role assignment, as id and body."""
    id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/99999999-0000-4000-8000-{number:012}"
    definition = f"{S1}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    return id, {"properties": {"principalId": principal, "roleDefinitionId": definition, **more}}


def principal_of(sim: Simulator) -> str | None:
    """The object id of the gateway's own identity."""
    found: str | None = (sim.resources()[GATEWAY]["identity"] or {}).get("principalId")
    return found


def paths(sim: Simulator) -> set[str]:
    """The paths that are taken on the gateway."""
    return {b["properties"]["path"].lower() for id, b in sim.resources().items() if re.search("/apis/[^/]+$", id)}
