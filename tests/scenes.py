"""Worlds at random for `test_convergence.py`: what is there, what is configured, and what should come of it.

`wanted` works the expectation out from what was drawn, by the contract alone: nothing of the reconciler is used.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

from reconciler.config import Config
from reconciler.config_file import parse
from simulator import Simulator
from tests.local import GATEWAY, S1

S2 = "/subscriptions/00000000-0000-0000-0000-000000000002"
OWNER = "contoso-ai-platform"
OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
USER = "a97b65f3-24c7-4388-baec-2e87135dc908"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SOMEBODY = "0b0b0b0b-0000-4000-8000-000000000001"
KEYVAULT = f"{S1}/resourceGroups/rg-gateway/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-keyvault"
OPERATIONS = {
    "POST /deployments/{deployment-id}/chat/completions?api-version={api-version}",
    "POST /deployments/{deployment-id}/completions?api-version={api-version}",
    "POST /deployments/{deployment-id}/embeddings?api-version={api-version}",
    "POST /deployments/{deployment-id}/images/generations?api-version={api-version}",
    "POST /deployments/{deployment-id}/audio/transcriptions?api-version={api-version}",
    "POST /deployments/{deployment-id}/audio/translations?api-version={api-version}",
}
Facts = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """A model deployment."""

    format: str = "OpenAI"
    sku: str = "Standard"
    state: str = "Succeeded"

    @property
    def ready(self) -> bool:
        return (
            self.format == "OpenAI" and self.state == "Succeeded" and self.sku in {"Standard", "ProvisionedManaged"}
        )


@dataclass(frozen=True)
class Account:
    """A Cognitive Services account; its number makes its subdomain unique."""

    number: int
    name: str = "contoso-east"
    subscription: str = S1
    group: str = "rg-ai-east"
    location: str = "eastus"
    kind: str = "OpenAI"
    state: str = "Succeeded"
    tag: str | None = "enabled"
    subdomain: bool = True
    models: tuple[Model, ...] = (Model(),)

    @property
    def id(self) -> str:
        return (
            f"{self.subscription}/resourceGroups/{self.group}"
            f"/providers/Microsoft.CognitiveServices/accounts/{self.name}"
        )

    @property
    def ready(self) -> bool:
        selected = self.kind != "SpeechServices" and self.group.startswith("rg-ai") and self.tag == "enabled"
        usable = self.subdomain and self.state == "Succeeded"
        return selected and usable and any(model.ready for model in self.models)

    @property
    def url(self) -> str:
        return f"https://sub-{self.number}.openai.azure.com/openai"


@dataclass(frozen=True)
class Settings:
    """What is drawn of the configuration file."""

    name: str = "{account}"
    display_name: str = "Azure OpenAI {account}"
    path: str = "{account}/openai"
    products: tuple[str, ...] = ()
    token_limit: int | None = None
    dimensions: tuple[str, ...] = ()
    enable_identity: bool = True
    subscription_required: bool = True
    second_subscription: bool = True


@dataclass(frozen=True)
class Foreign:
    """Somebody else's resource, made for one of the accounts: with its name or path, or nearly."""

    what: str
    account: int
    description: int


@dataclass(frozen=True)
class Scene:
    """A whole case."""

    accounts: tuple[Account, ...] = (Account(0),)
    settings: Settings = Settings()
    foreign: tuple[Foreign, ...] = ()
    identity: str = "off"
    page_size: int = 100
    azure: int = 0

    @property
    def served(self) -> list[Account]:
        """The accounts that are ready and in a subscription that the configuration names."""
        return [a for a in self.accounts if a.ready and (self.settings.second_subscription or a.subscription == S1)]

    @property
    def readable(self) -> bool:
        """Without an identity, and without leave to switch one on, nothing can be planned."""
        return self.identity == "on" or self.settings.enable_identity


# --- drawing

MODELS = st.builds(
    Model,
    format=st.sampled_from(["OpenAI", "OpenAI", "OpenAI", "Cohere"]),
    sku=st.sampled_from(["Standard", "ProvisionedManaged", "GlobalBatch", "DataZoneBatch"]),
    state=st.sampled_from(["Succeeded", "Succeeded", "Creating", "Failed", "Disabled"]),
)
NAMES = ["contoso-east", "Contoso.West_2", "a", "fabrikam-" + "x" * 55]
PLACES = [("rg-ai-east", "eastus"), ("rg-ai-WEST", "westeurope")]
FLAWS: list[dict[str, Any]] = [
    {"kind": "SpeechServices"},
    {"group": "rg-other"},
    {"tag": "no"},
    {"tag": None},
    {"subdomain": False},
    {"state": "Creating"},
    {"models": ()},
    {"models": (Model(format="Cohere"), Model(sku="GlobalBatch"), Model(state="Failed"))},
]
AZURES: list[dict[str, Any]] = [
    {},
    {"operation_names": "preserved"},
    {"api_list_settings": "filled"},
    {"api_shape": "2025-09"},
    {"lock_code": "Conflict"},
    {"same_put_etag": "kept"},
    {"operation_description": "display-name"},
    {"patch_merge": "deep"},
    {"role_read_delay": 30},
    {"role_reput": "409"},
    {"role_reput": "201"},
    {"principal_type_failures": 2},
    {"racing_conflicts": 3},
    {"if_match_required": True},
    {"service_retry_after": 0},
    {"import_time": 0, "service_update_time": 0},
    {"import_time": 90, "lock_lingers": 30},
]
"""How Azure may behave where reports disagree, and how slow it may be."""
FOREIGN = ["api-name", "api-near", "api-path", "backend-name", "backend-near", "role", "reader", "broader"]


@st.composite
def accounts(draw: st.DrawFn) -> tuple[Account, ...]:
    """Up to four accounts, half of them fit; names may come again in another group or subscription."""
    drawn = []
    for number in range(draw(st.sampled_from([1, 2, 3, 4, 0]))):
        group, location = draw(st.sampled_from(PLACES))
        account = Account(
            number=number,
            name=draw(st.sampled_from(NAMES)),
            subscription=draw(st.sampled_from([S1, S1, S2])),
            group=group,
            location=location,
            kind=draw(st.sampled_from(["OpenAI", "AIServices"])),
            models=(*draw(st.lists(MODELS, max_size=2)), Model()),
        )
        flaw = draw(st.sampled_from([*[{}] * len(FLAWS), *FLAWS]))
        drawn.append(replace(account, **flaw))
    return tuple({account.id.lower(): account for account in drawn}.values())


SETTINGS = st.builds(
    Settings,
    name=st.sampled_from(["{account}", "aoai-{location}-{account}", "{resourceGroup}", "Fixed Name"]),
    display_name=st.sampled_from(["Azure OpenAI {account}", "{account} in {location} ({resourceGroup})"]),
    path=st.sampled_from(
        ["{account}/openai", "Ai/{subscription}/{account}/openai", "/{location}/openai", "openai"]
    ),
    products=st.sampled_from([(), ("ai-platform",), ("ai-platform", "starter")]),
    token_limit=st.sampled_from([None, 5000]),
    dimensions=st.sampled_from([(), ("API ID",), ("User ID", "Location")]),
    enable_identity=st.sampled_from([True, True, True, False]),
    subscription_required=st.booleans(),
    second_subscription=st.booleans(),
)
SCENES = st.builds(
    Scene,
    accounts=accounts(),
    settings=SETTINGS,
    foreign=st.lists(
        st.builds(Foreign, what=st.sampled_from(FOREIGN), account=st.integers(0, 3), description=st.integers(0, 7)),
        max_size=3,
    ).map(tuple),
    identity=st.sampled_from(["off", "on", "none"]),
    page_size=st.sampled_from([1, 2, 100, 100]),
    azure=st.sampled_from([*[0] * len(AZURES), *range(len(AZURES))]),
)


# --- names, by the contract


def filled(template: str, account: Account) -> str:
    values = {
        "account": account.name,
        "resourceGroup": account.group,
        "subscription": account.subscription.rsplit("/", 1)[-1],
        "location": account.location,
    }
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], template)


def api_name(scene: Scene, account: Account) -> str:
    words = re.sub(r"[^a-z0-9-]+", "-", filled(scene.settings.name, account).lower()).strip("-")
    return f"{words[:73].rstrip('-')}-{hashlib.sha256(account.id.lower().encode()).hexdigest()[:6]}"


def backend_name(scene: Scene, account: Account) -> str:
    name = api_name(scene, account)
    return f"{name[:-7][:57].rstrip('-')}{name[-7:]}-openai-endpoint"


def api_path(scene: Scene, account: Account) -> str:
    return filled(scene.settings.path, account).lower().strip("/")


def mark(account: Account) -> str:
    return f"managed-by=apim-openai-reconciler; owner={OWNER}; source={account.id}"


# --- making it


def config(scene: Scene) -> Config:
    """The configuration file; JSON is YAML."""
    settings = scene.settings
    numbers = [S1, S2] if settings.second_subscription else [S1]
    profile: dict[str, Any] = {
        "api": {
            "name": settings.name,
            "displayName": settings.display_name,
            "path": settings.path,
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
        yield {
            "id": f"{account.id}/deployments/model-{number}",
            "sku": {"name": model.sku, "capacity": 10},
            "properties": {
                "model": {"format": model.format, "name": "gpt-4o", "version": "2024-08-06"},
                "provisioningState": model.state,
            },
        }


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


# --- what should come of it


def wanted(scene: Scene, before: Mapping[str, Any], principal: str | None) -> Facts:
    """What should be there after a run beside what was there before, in the words of `facts`."""
    if not scene.readable:
        return {}
    made: Facts = {}
    taken = {
        b["properties"]["path"].lower() for id, b in before.items() if re.search(r"/service/[^/]+/apis/[^/]+$", id)
    }
    for account in sorted(scene.served, key=lambda a: api_name(scene, a)):
        path, api, backend = api_path(scene, account), api_name(scene, account), backend_name(scene, account)
        held = path in taken or f"{GATEWAY}/apis/{api}" in before
        taken.add(path)
        if held:
            continue
        if f"{GATEWAY}/backends/{backend}" not in before:  # without it the policy, and so all of it, must wait
            if not _let_in(before, account, principal):
                made[f"role {account.id}"] = {
                    "who": principal,
                    "what": OPENAI_USER,
                    "description": f"{mark(account)}; gateway={GATEWAY}",
                }
            made[f"api {api}"] = _wanted_api(scene, account)
            made[f"operations {api}"] = OPERATIONS
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
            f"{mark(account)}; spec=azure-openai/2024-10-21",
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


def facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Facts:
    """What is there now and was not before, in words that two worlds can be compared by."""
    found: Facts = {}
    for id in sorted(set(after) - set(before)):
        steps = id.removeprefix(GATEWAY).strip("/").split("/")
        properties = after[id].get("properties") or {}
        match steps:
            case ["apis", api]:
                found[f"api {api}"] = _seen_api(properties)
            case ["apis", api, "operations", _]:
                found.setdefault(f"operations {api}", set()).add(
                    f"{properties['method']} {properties['urlTemplate']}"
                )
            case ["apis", api, "policies", "policy"]:
                found[f"policy {api}"] = [_element(each) for each in ET.fromstring(properties["value"])]  # noqa: S314
            case ["apis", _, "schemas", _]:
                pass  # what an import keeps of its document
            case ["backends", backend]:
                found[f"backend {backend}"] = properties
            case ["products", product, "apis", api]:
                found[f"link {product} {api}"] = True
            case [*_, "Microsoft.Authorization", "roleAssignments", _]:
                role = properties["roleDefinitionId"].rsplit("/", 1)[-1]
                found[f"role {properties['scope']}"] = {
                    "who": properties["principalId"],
                    "what": role,
                    "description": properties["description"],
                }
            case _:
                found[id] = after[id]
    return found


def _seen_api(properties: Mapping[str, Any]) -> Facts:
    names = ("displayName", "path", "protocols", "serviceUrl", "subscriptionRequired")
    lines = str(properties["description"]).splitlines()
    lines[-1] = re.sub(r"(?<=2024-10-21)@[0-9a-f]{12}$", "", lines[-1])
    return {
        **{name: properties[name] for name in names},
        "description": lines,
        "subscriptionKeyParameterNames": properties["subscriptionKeyParameterNames"],
    }


def _element(element: ET.Element) -> Any:
    return element.tag, dict(element.attrib), [_element(each) for each in element]
