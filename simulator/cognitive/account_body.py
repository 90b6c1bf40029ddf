"""What a Cognitive Services account is made of: the bodies it accepts and the whole body that is kept."""

from typing import Any

from simulator.bodies import FLAG, TAGS, TEXT, WHOLE, Anything, Fields, Items, Text, envelope
from simulator.clock import stamp
from simulator.cognitive.limits import call_rate_limit, capabilities
from simulator.identity import assigned
from simulator.kinds import Change
from simulator.regions import short

JSON = dict[str, Any]
SHAPE = envelope(
    Fields(
        {
            "allowProjectManagement": FLAG,
            "allowedFqdnList": Items(TEXT),
            "apiProperties": Fields(others=Anything()),
            "associatedProjects": Items(TEXT),
            "customSubDomainName": TEXT,
            "defaultProject": TEXT,
            "disableLocalAuth": FLAG,
            "dynamicThrottlingEnabled": FLAG,
            "networkAcls": Fields(
                {
                    "bypass": TEXT,
                    "defaultAction": Text(choices=("Allow", "Deny")),
                    "ipRules": Items(Fields({"value": TEXT}, ("value",))),
                    "virtualNetworkRules": Items(
                        Fields({"id": TEXT, "ignoreMissingVnetServiceEndpoint": FLAG, "state": TEXT}, ("id",))
                    ),
                }
            ),
            "publicNetworkAccess": Text(choices=("Enabled", "Disabled")),
            "restore": FLAG,
            "restrictOutboundNetworkAccess": FLAG,
            "storedCompletionsDisabled": FLAG,
        }
    ),
    identity=Fields({"type": TEXT, "userAssignedIdentities": Fields(others=Fields())}),
    kind=TEXT,
    location=TEXT,
    sku=Fields({"name": TEXT, "capacity": WHOLE, "family": TEXT, "size": TEXT, "tier": TEXT}, ("name",)),
    tags=TAGS,
)
READONLY = frozenset({  # what only Azure sets; a world may
    "provisioningState", "endpoint", "endpoints", "capabilities", "internalId", "dateCreated", "callRateLimit",
    "isMigrated", "privateEndpointConnections",
})  # fmt: skip
_OPENAI = ("Language Model Instance", "Dall-E", "Sora", "Moderations", "Whisper", "Model Scaleset", "Realtime")
_OPENAI_NAMES = (*(f"OpenAI {name} API" for name in _OPENAI), "Token Service API")  # recording 23
_LATER_NAME = "Azure OpenAI Legacy API - Latest moniker"  # the Azure CLI's recordings of October 2025
_COGNITIVE_NAMES = ("Computer Vision", "Content Safety", "Language", "Speech Services", "Text Translation")
_OPTIONAL = (
    "networkAcls", "disableLocalAuth", "dynamicThrottlingEnabled", "allowedFqdnList", "associatedProjects",
    "defaultProject", "restrictOutboundNetworkAccess", "storedCompletionsDisabled",
)  # fmt: skip


def endpoints(kind: str, location: str, subdomain: str | None, *, later: bool = False) -> tuple[str, JSON]:
    """The endpoint and the map of endpoints (arm-wire 10.1, desired-state 6.2)."""
    region = f"https://{short(location)}.api.cognitive.microsoft.com/"
    names = (*_OPENAI_NAMES, _LATER_NAME) if later else _OPENAI_NAMES
    if kind.lower() == "openai":
        own = f"https://{subdomain}.openai.azure.com/" if subdomain else region
        return own, dict.fromkeys(names, own)
    own = f"https://{subdomain}.cognitiveservices.azure.com/" if subdomain else region
    if kind.lower() != "aiservices":
        return own, {kind: own, "Token": own}
    map_: JSON = {f"{name} API": own for name in _COGNITIVE_NAMES}
    if subdomain:
        map_ |= dict.fromkeys(
            (name for name in names if name != "Token Service API"), f"https://{subdomain}.openai.azure.com/"
        )
        map_["Azure AI Model Inference API"] = f"https://{subdomain}.services.ai.azure.com/"
        map_["AI Foundry API"] = f"https://{subdomain}.services.ai.azure.com/"
    return own, map_


def fill(change: Change) -> JSON:
    """Key order of recording 23."""
    merged = change.merged()
    given: JSON = merged.get("properties") or {}
    before: JSON = change.before.properties if change.before else {}
    now = stamp(change.cloud.clock.now())
    later = change.cloud.knobs.account_shape == "2025-10"
    subdomain = given.get("customSubDomainName") or before.get("customSubDomainName")
    endpoint, every = endpoints(merged["kind"], merged["location"], subdomain, later=later)
    properties: JSON = {
        "endpoint": endpoint,
        "internalId": before.get("internalId") or change.cloud.ids.hex(32),
        "dateCreated": before.get("dateCreated") or now,
        "apiProperties": given.get("apiProperties") or {},
        "callRateLimit": call_rate_limit(merged["kind"]),
        "isMigrated": False,
    }
    if subdomain:
        properties["customSubDomainName"] = subdomain
    if given.get("allowProjectManagement") is not None or later:
        properties["allowProjectManagement"] = given.get("allowProjectManagement", False)
    properties |= {name: given[name] for name in _OPTIONAL if given.get(name) is not None}
    if "networkAcls" in properties:
        properties["networkAcls"] = {"virtualNetworkRules": [], "ipRules": [], **properties["networkAcls"]}
    properties |= {
        "privateEndpointConnections": [],
        "publicNetworkAccess": given.get("publicNetworkAccess", "Enabled"),
        "capabilities": capabilities(merged["kind"]),
        "endpoints": every,
        "provisioningState": "Succeeded",
    }
    properties |= change.found.get("readonly", {})
    body: JSON = {"location": merged["location"], "sku": merged["sku"], "kind": merged["kind"]}
    if merged.get("tags"):
        body["tags"] = merged["tags"]
    body["properties"] = properties
    identity = assigned(change, merged)
    if identity is not None:
        names = ("principalId", "tenantId", "type", "userAssignedIdentities")
        body["identity"] = {name: identity[name] for name in names if name in identity}
    body["systemData"] = system_data(change, now)
    return body


def system_data(change: Change, now: str) -> JSON:
    """Who made it and who changed it last."""
    caller = change.caller
    who, type = (caller.name, "User") if caller.is_person else (caller.app_id, "Application")
    before = change.before.body["systemData"] if change.before else {}
    return {
        "createdBy": before.get("createdBy", who),
        "createdByType": before.get("createdByType", type),
        "createdAt": before.get("createdAt", now),
        "lastModifiedBy": who,
        "lastModifiedByType": type,
        "lastModifiedAt": now,
    }
