"""Small worlds for the tests of the pure parts: each argument is what a test is about, the rest is dull."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.config import Config
from reconciler.model import Body, Document, Mark, Observed, Resource
from reconciler.resource_id import ResourceId
from reconciler.world import Account, Inventory, ModelDeployment, State, World

S1 = "00000000-0000-0000-0000-000000000001"
S2 = "00000000-0000-0000-0000-000000000002"
PRINCIPAL_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_ID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
OWNER = "contoso"


def rid(text: str) -> ResourceId:
    return ResourceId.parse(text)


GATEWAY = rid(f"/subscriptions/{S1}/resourceGroups/rg-gateway/providers/Microsoft.ApiManagement/service/contoso-gw")
EAST = rid(
    f"/subscriptions/{S1}/resourceGroups/rg-ai-east/providers/Microsoft.CognitiveServices/accounts/contoso-east"
)
WEST = rid(
    f"/subscriptions/{S1}/resourceGroups/rg-ai-west/providers/Microsoft.CognitiveServices/accounts/contoso-west"
)
EAST_API = GATEWAY.child("apis", "contoso-east-831a41")
WEST_API = GATEWAY.child("apis", "contoso-west-f6335e")
EAST_BACKEND = GATEWAY.child("backends", "contoso-east-831a41-openai-endpoint")
WEST_BACKEND = GATEWAY.child("backends", "contoso-west-f6335e-openai-endpoint")
IDENTITY = (
    f"/subscriptions/{S1}/resourceGroups/rg-gateway/providers/Microsoft.ManagedIdentity/userAssignedIdentities/gw"
)

TINY = {
    "openapi": "3.0.3",
    "info": {"title": "Tiny", "version": "2024-10-21", "description": "Two operations."},
    "servers": [{"url": "https://{endpoint}/openai", "variables": {"endpoint": {"default": "example.com"}}}],
    "paths": {
        "/deployments/{deployment-id}/chat/completions": {
            "post": {
                "operationId": "ChatCompletions_Create",
                "summary": "Chat",
                "parameters": [
                    {"name": "deployment-id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "api-version", "in": "query", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {"200": {"description": "OK"}},
            }
        },
        "/models": {
            "get": {
                "operationId": "Models_List",
                "summary": "List models",
                "responses": {"200": {"description": "OK"}},
            }
        },
    },
}
"""A document with two operations, in place of the bundled one."""


def config(
    *,
    gateway: Mapping[str, Any] | None = None,
    rule: Mapping[str, Any] | None = None,
    api: Mapping[str, Any] | None = None,
    profiles: Mapping[str, Any] | None = None,
    **profile: Any,
) -> Config:
    """A file with one gateway; each argument is a part of it as it would stand in YAML."""
    return Config.model_validate(
        {
            "owner": OWNER,
            "gateways": [
                {"id": GATEWAY.text, "accounts": [{"subscription": S1, **(rule or {})}], **(gateway or {})}
            ],
            "profiles": {"standard": {"api": dict(api or {}), **profile}, **(profiles or {})},
        }
    )


def account(id: ResourceId = EAST, state: State = State.ONBOARDED, **more: Any) -> Account:
    return Account(
        **{
            "id": id,
            "location": "eastus",
            "state": state,
            "reason": "ready",
            "detail": "model deployments: gpt-4o",
            "endpoint": f"https://{id.name}.openai.azure.com",
            "deployments": (ModelDeployment("gpt-4o", "gpt-4o", "2024-08-06", "Standard", 10, ready=True),),
            "profile": "standard",
            **more,
        }
    )


SYSTEM = {"identity": {"type": "SystemAssigned", "principalId": PRINCIPAL_ID}}
"""What of the gateway's GET shows a system-assigned identity that is on."""


def world(
    *accounts: Account,
    configured: Config | None = None,
    service: Body | None = None,
    bindings: Mapping[ResourceId, ResourceId] | None = None,
    gone: frozenset[ResourceId] = frozenset(),
) -> World:
    configured = configured or config()
    return World(
        config=configured,
        gateway=configured.gateways[0],
        service={
            "properties": {"gatewayUrl": "https://contoso-gw.azure-api.net"},
            **(SYSTEM if service is None else service),
        },
        inventory=Inventory(accounts, gone),
        bindings=bindings or {},
        documents={"azure-openai/2024-10-21": TINY},
    )


def mark(source: ResourceId = EAST, owner: str = OWNER, spec: str | None = None) -> Mark:
    return Mark(owner, source, spec)


def observed(id: ResourceId, kind: str, body: Body | None = None, *, mark: Mark | None = None) -> Observed:
    return Observed(id=id, kind=kind, body=body or {}, etag='"1"', mark=mark)


def by_id(*things: Any) -> dict[ResourceId, Any]:
    """Desired or actual as the phases hand them to each other."""
    return {thing.id: thing for thing in things}


def wish(
    id: ResourceId, kind: str, body: Body | None = None, source: ResourceId | None = None, *needs: ResourceId
) -> Resource:
    return Resource(id=id, kind=kind, body=body or {}, source=source, needs=frozenset(needs))


def document(id: ResourceId, body: Body | None = None, etag: str = '"2"') -> Document:
    return Document(id, body or {}, etag)
