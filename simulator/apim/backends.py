"""How a backend behaves, alone or as a pool."""

from copy import deepcopy
from typing import Any

from simulator.apim.common import VERSIONS, duration, find_child, given, is_duration, service_of
from simulator.apim.policies import POLICY_TYPES, uses_backend
from simulator.bodies import FLAG, TEXT, WHOLE, Fields, Items, Text, Whole, envelope
from simulator.cloud import Cloud
from simulator.errors import invalid
from simulator.ids import key
from simulator.kinds import Change, Kind, View
from simulator.store import Entity

JSON = dict[str, Any]
MANAGED_IDENTITY = Fields({"resource": Text(1, 300), "clientId": Text(1, 300)}, ("resource",))
_RULE = Fields(
    {
        "name": TEXT,
        "acceptRetryAfter": FLAG,
        "tripDuration": TEXT,
        "failureCondition": Fields(
            {
                "count": WHOLE,
                "percentage": WHOLE,
                "interval": TEXT,
                "errorReasons": Items(Text(most=200), most=10),
                "statusCodeRanges": Items(Fields({"min": Whole(200, 599), "max": Whole(200, 599)}), most=10),
            }
        ),
    }
)
_CLUSTER = Fields(
    {
        "clientCertificateId": TEXT,
        "clientCertificatethumbprint": TEXT,
        "managementEndpoints": Items(TEXT),
        "maxPartitionResolutionRetries": WHOLE,
        "serverCertificateThumbprints": Items(TEXT),
        "serverX509Names": Items(Fields({"name": TEXT, "issuerCertificateThumbprint": TEXT})),
    },
    ("managementEndpoints",),
)
_SHAPE = envelope(
    Fields(
        {
            "circuitBreaker": Fields({"rules": Items(_RULE, most=15)}),
            "credentials": Fields(
                {
                    "authorization": Fields(
                        {"scheme": Text(1, 100), "parameter": Text(1, 300)}, ("scheme", "parameter")
                    ),
                    "certificate": Items(TEXT, most=32),
                    "certificateIds": Items(TEXT, most=32),
                    "header": Fields(others=Items(TEXT)),
                    "query": Fields(others=Items(TEXT)),
                    "managedIdentity": MANAGED_IDENTITY,  # not in the published schema (desired-state 4.2)
                }
            ),
            "description": Text(1, 2000),
            "pool": Fields(
                {
                    "services": Items(
                        Fields({"id": TEXT, "priority": Whole(0, 100), "weight": Whole(0, 100)}, ("id",)), least=1
                    )
                }
            ),
            "properties": Fields({"serviceFabricCluster": _CLUSTER}),
            "protocol": Text(choices=("http", "soap")),
            "proxy": Fields({"url": Text(1, 2000), "username": TEXT, "password": TEXT}, ("url",)),
            "resourceId": Text(1, 2000),
            "title": Text(1, 300),
            "tls": Fields({"validateCertificateChain": FLAG, "validateCertificateName": FLAG}),
            "type": Text(choices=("Single", "Pool")),
            "url": Text(1, 2000),
        }
    )
)
_POOL_LIMIT = 30


def _check(change: Change) -> None:
    properties = change.merged().get("properties") or {}
    if properties.get("type", "Single") == "Pool":
        _check_pool(change, properties)
    else:
        for name in ("url", "protocol"):
            if not properties.get(name):
                raise invalid((name, f"{name.capitalize()} is required for a backend of type Single."))
        if "pool" in properties:
            raise invalid(("pool", "Pool is not supported for a backend of type Single."))
    _check_breaker(change, properties.get("circuitBreaker") or {})
    managed = (properties.get("credentials") or {}).get("managedIdentity")
    if managed and change.cloud.knobs.backend_managed_identity == "refused":
        message = "Could not find member 'managedIdentity' on object of this type."
        raise invalid(("properties.credentials.managedIdentity", message))


def _check_pool(change: Change, properties: JSON) -> None:
    unsupported = [name for name in ("url", "protocol") if name in properties]  # arm-wire 7
    if unsupported:
        raise invalid(*((name, f"{name.capitalize()} is not supported for backend pool.") for name in unsupported))
    services = (properties.get("pool") or {}).get("services") or []
    if not services:
        raise invalid(("pool", "A backend pool needs at least one service."))
    if len(services) > _POOL_LIMIT:
        raise invalid(("pool", f"A backend pool can have at most {_POOL_LIMIT} services."))
    service = service_of(change.path.text)
    for member in services:
        found = find_child(change.cloud, service, "backends", member["id"])
        if found is None:
            raise invalid(("pool", f"Backend with id '{member['id']}' could not be found."))
        if found.properties.get("type") == "Pool":
            raise invalid(("pool", f"Backend '{found.name}' is a pool itself."))


def _check_breaker(change: Change, breaker: JSON) -> None:
    rules = breaker.get("rules") or []
    if len(rules) > 1:  # the model allows 15, the service one (arm-wire 7)
        raise invalid(("circuitBreaker", "Only one circuit breaker rule is supported."))
    sku = change.cloud.need(change.path.top).body["sku"]["name"]
    if rules and sku == "Consumption":
        raise invalid(("circuitBreaker", "Circuit breaker is not supported in the Consumption tier."))
    for rule in rules:
        for text in (rule.get("tripDuration"), (rule.get("failureCondition") or {}).get("interval")):
            if text is not None and not is_duration(text):
                raise invalid(("circuitBreaker", f"'{text}' is not a valid duration."))


def _fill(change: Change) -> JSON:
    """A Single shows no type; unset blocks are absent (recordings 16, 21)."""
    source = change.merged().get("properties") or {}
    is_pool = source.get("type") == "Pool"
    properties: JSON = {"title": source.get("title"), "description": source.get("description")}
    if not is_pool:
        properties |= {"url": source["url"], "protocol": source["protocol"]}
    properties |= deepcopy(given(source, "resourceId", "properties", "credentials", "proxy", "tls"))
    if source.get("circuitBreaker"):
        properties["circuitBreaker"] = _breaker(change, source["circuitBreaker"])
    if is_pool:
        properties["pool"] = {"services": [_member(change, each) for each in source["pool"]["services"]]}
        properties["type"] = "Pool"
    return {"properties": properties}


def _member(change: Change, member: JSON) -> JSON:
    """Members read back with their full id (arm-wire 7)."""
    found = find_child(change.cloud, service_of(change.path.text), "backends", member["id"])
    return {**member, "id": found.id if found else member["id"]}


def _breaker(change: Change, breaker: JSON) -> JSON:
    rules = deepcopy(breaker.get("rules") or [])
    if change.cloud.knobs.durations == "normalised":
        for rule in rules:
            for holder, name in ((rule, "tripDuration"), (rule.get("failureCondition") or {}, "interval")):
                if name in holder:
                    holder[name] = duration(holder[name])
    return {"rules": rules}


def _show(entity: Entity, view: View) -> JSON:
    properties = deepcopy(entity.properties)
    if view.cloud.knobs.backend_managed_identity == "hidden":
        (properties.get("credentials") or {}).pop("managedIdentity", None)
    return {"id": entity.id, "type": entity.type, "name": entity.name, "properties": properties}


def _need_unused(cloud: Cloud, entity: Entity) -> None:
    """A backend that a policy or a pool names cannot be deleted (arm-wire 5.4)."""
    service = service_of(entity.id)
    for type in POLICY_TYPES:
        for policy in cloud.store.of_type(type):
            if service_of(policy.id).lower() == service.lower() and uses_backend(policy, entity.name):
                raise invalid(("backend", f"Backend '{entity.name}' is used by policy '{policy.id}'."))
    for pool in cloud.store.collection(f"{service}/backends"):
        members = (pool.properties.get("pool") or {}).get("services") or []
        if any(key(member["id"]) == key(entity.id) for member in members):
            raise invalid(("backend", f"Backend '{entity.name}' is used by backend pool '{pool.name}'."))


BACKEND = Kind(
    type="Microsoft.ApiManagement/service/backends",
    versions=VERSIONS,
    shape=_SHAPE,
    noun="Backend",
    fill=_fill,
    check=_check,
    show=_show,
    keeps_etag=None,
    before_delete=_need_unused,
)
