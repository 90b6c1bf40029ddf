"""How a Cognitive Services account behaves, whatever its kind."""

import re
from copy import deepcopy
from typing import Any

from simulator.arm import Route
from simulator.bodies import FLAG, TAGS, TEXT, WHOLE, Anything, Fields, Items, Text, envelope
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.errors import provider
from simulator.identity import as_sent, assign, assigned, check_identity
from simulator.ids import key
from simulator.kinds import NO_HEAD, Change, Kind, Later, View
from simulator.longrunning import Operation
from simulator.reading import tracked
from simulator.store import Entity
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
TYPE = "Microsoft.CognitiveServices/accounts"
VERSIONS = ("2024-10-01", "2025-06-01", "2025-09-01")
_TWO_DAYS = 48 * 3600.0
_SHAPE = envelope(
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
_OPENAI = ("Language Model Instance", "Dall-E", "Sora", "Moderations", "Whisper", "Model Scaleset", "Realtime")
_OPENAI_NAMES = (*(f"OpenAI {name} API" for name in _OPENAI), "Token Service API")  # recording 23
_COGNITIVE_NAMES = ("Computer Vision", "Content Safety", "Language", "Speech Services", "Text Translation")


def _endpoints(kind: str, location: str, subdomain: str | None) -> tuple[str, JSON]:
    """The endpoint and the map of endpoints (arm-wire 10.1, desired-state 6.2)."""
    region = f"https://{location}.api.cognitive.microsoft.com/"
    if kind.lower() == "openai":
        own = f"https://{subdomain}.openai.azure.com/" if subdomain else region
        return own, dict.fromkeys(_OPENAI_NAMES, own)
    own = f"https://{subdomain}.cognitiveservices.azure.com/" if subdomain else region
    if kind.lower() != "aiservices":
        return own, {kind: own, "Token": own}
    map_: JSON = {f"{name} API": own for name in _COGNITIVE_NAMES}
    if subdomain:
        map_ |= dict.fromkeys(_OPENAI_NAMES[:-1], f"https://{subdomain}.openai.azure.com/")
        map_["Azure AI Model Inference API"] = f"https://{subdomain}.services.ai.azure.com/"
        map_["AI Foundry API"] = f"https://{subdomain}.services.ai.azure.com/"
    return own, map_


def _fill(change: Change) -> JSON:
    """Key order of recording 23."""
    merged = change.merged()
    given: JSON = merged.get("properties") or {}
    before: JSON = change.before.properties if change.before else {}
    now = stamp(change.cloud.clock.now())
    endpoint, endpoints = _endpoints(merged["kind"], merged["location"], given.get("customSubDomainName"))
    properties: JSON = {
        "endpoint": endpoint,
        "internalId": before.get("internalId") or change.cloud.ids.hex(32),
        "dateCreated": before.get("dateCreated") or now,
        "apiProperties": given.get("apiProperties") or {},
        "callRateLimit": {"rules": [_rule("openai", "openai/*"), _rule("default", "*")]},
        "isMigrated": False,
    }
    for name in ("customSubDomainName", "networkAcls", "disableLocalAuth", "dynamicThrottlingEnabled",
                 "allowProjectManagement", "allowedFqdnList", "associatedProjects", "defaultProject",
                 "restrictOutboundNetworkAccess", "storedCompletionsDisabled"):  # fmt: skip
        if given.get(name) is not None:
            properties[name] = given[name]
    properties |= {
        "privateEndpointConnections": [],
        "publicNetworkAccess": given.get("publicNetworkAccess", "Enabled"),
        "capabilities": [{"name": "VirtualNetworks"}, {"name": "CustomerManagedKey"}],
        "endpoints": endpoints,
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


def _rule(key: str, path: str) -> JSON:
    return {"key": key, "renewalPeriod": 1, "count": 30, "matchPatterns": [{"path": path, "method": "*"}]}


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


def _check(change: Change) -> None:
    cloud = change.cloud
    for name in ("kind", "location", "sku") if change.verb == "PUT" else ():
        if name not in change.sent:
            raise provider(400, "InvalidRequestContent", f"The request has no '{name}'.")
    deleted = cloud.soft_deleted.get(key(change.path.text), 0.0)
    kept_aside = change.before is None and not change.quiet and deleted > cloud.clock.seconds()
    if kept_aside and not change.properties.get("restore"):
        message = (
            f"An existing resource with ID '{change.path.text}' has been soft-deleted. To restore the resource, "
            "you must specify 'restore' to be 'true' in the property. If you don't want to restore existing "
            "resource, please purge it first."
        )
        raise provider(409, "FlagMustBeSetForRestore", message)
    if change.before is not None and change.before.properties["provisioningState"] not in {"Succeeded", "Failed"}:
        message = (
            f"Cannot modify resource with id '{change.before.id}' because the resource entity provisioning state "
            "is not terminal. Please wait for the provisioning state to become terminal and then retry the request."
        )
        if not change.quiet:
            raise provider(409, "AccountProvisioningStateInvalid", message)
    _need_free_subdomain(change)
    check_identity(change)


def _need_free_subdomain(change: Change) -> None:
    wanted = change.properties.get("customSubDomainName")
    before = change.before.properties.get("customSubDomainName") if change.before else None
    if before and wanted and wanted.lower() != before.lower():
        raise provider(400, "BadRequest", "The custom subdomain name of an account cannot be changed.")
    for other in change.cloud.store.of_type(TYPE):
        taken = other.properties.get("customSubDomainName") or ""
        if wanted and taken.lower() == wanted.lower() and key(other.id) != key(change.path.text):
            message = f"The subdomain name '{wanted}' is not available as it's already used by a resource."
            raise provider(409, "CustomDomainInUse", message)


def guid_etag(cloud: Cloud) -> str:
    """An ETag as Cosmos DB makes them (recording 23)."""
    return f'"{cloud.ids.hex(8)}-0000-0100-0000-{cloud.ids.hex(12)}"'


def _write(change: Change) -> Entity:
    body = _fill(change)
    assign(change, body)
    entity = change.before or Entity(change.path.text, TYPE, body)
    entity.body, entity.etag = body, guid_etag(change.cloud)
    change.cloud.store.put(entity)
    return entity


def _later(change: Change) -> Later | None:
    """Creation takes time and is told of by Azure-AsyncOperation alone (recording 23)."""
    if change.before is not None:
        return None
    cloud = change.cloud
    entity = _write(change)
    entity.properties["provisioningState"] = "Creating"

    def finish() -> None:
        entity.properties["provisioningState"] = "Succeeded"
        entity.etag = guid_etag(cloud)

    def fail() -> None:
        entity.properties["provisioningState"] = "Failed"

    def answer(operation: Operation, _created: bool) -> Answer:  # noqa: FBT001
        root = f"{change.base}/subscriptions/{change.path.subscription}/providers/Microsoft.CognitiveServices"
        where = str(entity.body["location"]).lower().replace(" ", "")
        url = f"{root}/locations/{where}/operationResults/{operation.id}?api-version=2017-04-18&t=0"
        body = show(entity, View(cloud, "put", change.version))
        return Answer(201, body, {"ETag": entity.etag, "Azure-AsyncOperation": url})

    return Later(cloud.knobs.account_create_time, cloud.ids.guid(), finish, answer, fail, style="account")


def _status(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """Its own kind of status document (recording 23)."""
    operation = cloud.operations.get(found["id"])
    if operation is None:
        raise provider(404, "NotFound", "The operation does not exist.")
    body: JSON = {
        "id": ask.path,
        "name": operation.id,
        "status": "Creating" if operation.running else operation.status,
        "startTime": stamp(operation.started),
    }
    if operation.ended is not None:
        body["endTime"] = stamp(operation.ended)
    if operation.error is not None:
        body["error"] = operation.error
    return Answer(200, body)


def show(entity: Entity, view: View) -> JSON:
    """Id, name, type, then the etag with its quotes inside the string (recording 23)."""
    del view
    return {
        "id": entity.id,
        "name": entity.name,
        "type": entity.type,
        "etag": entity.etag,
        **deepcopy(entity.body),
    }


def _remember(cloud: Cloud, entity: Entity) -> None:
    """A deleted account is kept aside for two days (arm-wire 10.1)."""
    cloud.soft_deleted[key(entity.id)] = cloud.clock.seconds() + _TWO_DAYS


ACCOUNT = Kind(
    type=TYPE,
    versions=VERSIONS,
    shape=_SHAPE,
    verbs=NO_HEAD,
    family="service",
    pretty=False,
    names=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$",
    name_limit=64,
    check=_check,
    write=_write,
    later=_later,
    show=show,
    new_etag=guid_etag,
    after_delete=_remember,
    find_all=tracked,
    prepare=as_sent,
    paging="token",
    readonly=frozenset({"provisioningState", "endpoint", "endpoints", "capabilities", "internalId", "dateCreated",
                        "callRateLimit", "isMigrated", "privateEndpointConnections"}),
)  # fmt: skip

ROUTES = [
    Route(
        re.compile(
            r"(?i)/subscriptions/[^/]+/providers/Microsoft\.CognitiveServices/locations/[^/]+/operationResults/(?P<id>[^/]+)"
        ),
        _status,
    )
]
