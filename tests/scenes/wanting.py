"""What should come of a scene, worked out from what was drawn, by the contract alone, in the words of `seeing`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.local import GATEWAY
from tests.scenes.building import OPENAI_USER, USER
from tests.scenes.naming import api_name, api_path, backend_name, filled, mark
from tests.scenes.scene import ANYBODY, OPERATIONS, Account, Scene, Settings
from tests.scenes.seeing import Facts

Had = Mapping[Account, frozenset[str]]
"""The accounts whose things are on the gateway, each with the operations that its API offers."""


def wanted(scene: Scene, foreign: Mapping[str, Any], principal: str | None) -> Facts:
    """What should be there after a first run beside what is other people's."""
    return described(scene, onboarded(scene, foreign), foreign, principal)


def onboarded(scene: Scene, foreign: Mapping[str, Any], had: Had | None = None) -> dict[Account, frozenset[str]]:
    """Who should be on the gateway after a run that found `had` there and took nobody off."""
    if not scene.readable:
        return {}
    now = {account.id: account for account in scene.accounts}
    found: dict[Account, frozenset[str]] = {}
    for account, operations in (had or {}).items():
        maintained = account.id in now and now[account.id].selected
        found[account] = offered(scene, now[account.id], operations) if maintained else operations
    taken = {api_path(scene, account) for account in found} | {
        b["properties"]["path"].lower() for id, b in foreign.items() if re.search(r"/service/[^/]+/apis/[^/]+$", id)
    }
    there = {account.id for account in found}
    for account in sorted((a for a in scene.served if a.id not in there), key=lambda a: api_name(scene, a)):
        path, api, backend = api_path(scene, account), api_name(scene, account), backend_name(scene, account)
        free = path not in taken and f"{GATEWAY}/apis/{api}" not in foreign
        taken.add(path)
        if free and f"{GATEWAY}/backends/{backend}" not in foreign:  # without it all of the account must wait
            found[account] = offered(scene, account)
    return found


def offered(scene: Scene, account: Account, there: frozenset[str] = frozenset()) -> frozenset[str]:
    """The operations that an account's API should have, given those that it has."""
    document = OPERATIONS[scene.settings.specification]
    if scene.settings.operations == "all":
        return document
    return (account.can | ANYBODY | there) & document or document  # an API without operations is of no use


def leaving(scene: Scene, had: Had) -> list[Account]:
    """Who is on the gateway and should not be: gone, or no longer selected."""
    now = {account.id: account for account in scene.accounts}
    return [account for account in had if account.id not in now or not now[account.id].selected]


def too_many(settings: Settings, managed: int, going: int) -> bool:
    """Whether so many accounts at once look like a mistake."""
    if going > settings.max_deletes:
        return True
    if managed >= 10:
        return going > managed * settings.max_delete_percent / 100
    return settings.max_delete_percent < 100 and managed == going > 1


def described(scene: Scene, had: Had, foreign: Mapping[str, Any], principal: str | None) -> Facts:
    """All that belongs to these accounts; a role assignment goes with the account it is on."""
    made: Facts = {}
    there = {account.id for account in scene.accounts}
    for account, operations in had.items():
        api, backend = api_name(scene, account), backend_name(scene, account)
        if account.id in there and not _let_in(foreign, account, principal):
            made[f"role {account.id}"] = {
                "who": principal,
                "what": OPENAI_USER,
                "description": f"{mark(account)}; gateway={GATEWAY}",
            }
        made[f"api {api}"] = _wanted_api(scene, account)
        made[f"operations {api}"] = operations
        made[f"backend {backend}"] = {
            "title": account.name,
            "description": f"Azure OpenAI account {account.name}.\n{mark(account)}",
            "url": account.url,
            "protocol": "http",
            "tls": {"validateCertificateChain": True, "validateCertificateName": True},
        }
        made[f"policy {api}"] = _wanted_policy(scene.settings, backend)
        made |= {f"link {product} {api}": True for product in scene.settings.products}
    return made


def _wanted_api(scene: Scene, account: Account) -> Facts:
    return {
        "displayName": filled(scene.settings.display_name, account),
        "description": [
            f"Models of the Azure OpenAI account {account.name}.",
            f"{mark(account)}; spec={scene.settings.specification}",
        ],
        "path": api_path(scene, account),
        "protocols": ["https"],
        "serviceUrl": account.url,
        "subscriptionRequired": scene.settings.subscription_required,
        "subscriptionKeyParameterNames": {"header": "api-key", "query": "subscription-key"},
    }


def _wanted_policy(settings: Settings, backend: str) -> list[Any]:
    inbound: list[Any] = [
        ("base", {}, []),
        ("set-header", {"name": "api-key", "exists-action": "delete"}, []),
        ("set-query-parameter", {"name": "subscription-key", "exists-action": "delete"}, []),
        ("set-backend-service", {"backend-id": backend}, []),
        ("authentication-managed-identity", {"resource": "https://cognitiveservices.azure.com/"}, []),
    ]
    if settings.token_limit:
        limit = {
            "counter-key": "@(context.Request.IpAddress)",
            "tokens-per-minute": str(settings.token_limit),
            "estimate-prompt-tokens": "false",
            "tokens-consumed-header-name": "consumed-tokens",
            "remaining-tokens-header-name": "remaining-tokens",
        }
        inbound.append(("azure-openai-token-limit", limit, []))
    if settings.dimensions:
        named: list[Any] = [("dimension", {"name": name}, []) for name in settings.dimensions]
        inbound.append(("azure-openai-emit-token-metric", {}, named))
    based: list[Any] = [("base", {}, [])]
    return [("inbound", {}, inbound), *((section, {}, based) for section in ("backend", "outbound", "on-error"))]


def _let_in(before: Mapping[str, Any], account: Account, principal: str | None) -> bool:
    """Whether an assignment of somebody else already lets the gateway in."""
    for id, body in before.items():
        scope, _, name = id.partition("/providers/Microsoft.Authorization/roleAssignments/")
        above = bool(name) and account.id.lower().startswith(scope.lower())
        if (
            above
            and body["properties"]["principalId"] == principal
            and USER in body["properties"]["roleDefinitionId"]
        ):
            return True
    return False
