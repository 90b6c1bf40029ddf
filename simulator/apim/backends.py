"""How a backend behaves, alone or as a pool: what is refused, what reads back, who keeps it from being deleted."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from simulator.apim.backend_shape import NEWER_TLS, SHAPE
from simulator.apim.common import duration, find_child, given, is_duration, service_of
from simulator.apim.in_use import need_unused, pools_with
from simulator.apim.loggers import missing_values
from simulator.apim.references import used_by
from simulator.apim.tiers import has_circuit_breakers
from simulator.apim.versions import PREVIEW, versions_of
from simulator.bodies import TEXT, Fields, envelope, problems
from simulator.cloud import Cloud
from simulator.errors import invalid
from simulator.fast_json import copied
from simulator.kinds import Change, Kind, View
from simulator.odata_filter import texts
from simulator.store import Entity
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_POOL_LIMIT = 30
_RECONNECT = envelope(Fields({"after": TEXT}))


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
    wrong = [*_in_credentials(change, properties), *_in_tls(change)]
    if wrong:
        raise invalid(*wrong)


def _in_credentials(change: Change, properties: JSON) -> Iterator[tuple[str, str]]:
    credentials = properties.get("credentials") or {}
    if credentials.get("managedIdentity") and change.cloud.knobs.backend_managed_identity == "refused":
        message = "Could not find member 'managedIdentity' on object of this type."
        yield "properties.credentials.managedIdentity", message
    for name in (*credentials.get("certificateIds", ()), *credentials.get("certificate", ())):
        yield "credentials", f"Certificate with id '{name}' not found."  # apiops #749; none is modelled
    cluster = (properties.get("properties") or {}).get("serviceFabricCluster") or {}
    for field in ("clientCertificateId", "clientCertificatethumbprint"):
        if cluster.get(field):
            yield "properties", f"Certificate with id '{cluster[field]}' not found."
    named = [
        {name: part for name, part in credentials.items() if name != "certificateIds"},
        properties.get("proxy"),
    ]
    yield from missing_values(change.cloud, service_of(change.path.text), named)


def _in_tls(change: Change) -> Iterator[tuple[str, str]]:
    """What came with a later api-version is unknown to the earlier ones."""
    for name in (change.properties.get("tls") or {}) if change.version < PREVIEW else ():
        if name in NEWER_TLS:
            yield f"properties.tls.{name}", f"Could not find member '{name}' on object of this type."


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
    if change.before is not None and pools_with(change.cloud, change.before):
        raise invalid(("type", f"Backend '{change.path.name}' is a member of a pool and cannot become one."))


def _check_breaker(change: Change, breaker: JSON) -> None:
    rules = breaker.get("rules") or []
    if len(rules) > 1:  # the model allows 15, the service one (arm-wire 7)
        raise invalid(("circuitBreaker", "Only one circuit breaker rule is supported."))
    if rules and not has_circuit_breakers(change.cloud, change.path.top):
        raise invalid(("circuitBreaker", "Circuit breaker is not supported in the Consumption tier."))
    for rule in rules:
        for name in ("failureCondition", "tripDuration"):  # INFERRED: without them it breaks nothing
            if not rule.get(name):
                raise invalid(("circuitBreaker", f"A circuit breaker rule needs a {name}."))
        condition = rule["failureCondition"]
        for text in (rule["tripDuration"], condition.get("interval")):
            if text is not None and not is_duration(text):
                raise invalid(("circuitBreaker", f"'{text}' is not a valid duration."))
        for codes in condition.get("statusCodeRanges") or []:
            if codes.get("min", 200) > codes.get("max", 599):
                raise invalid(
                    ("circuitBreaker", f"The status codes {codes['min']} to {codes['max']} are no range.")
                )


def _fill(change: Change) -> JSON:
    """A Single shows no type; unset blocks are absent (recordings 16, 21)."""
    source = change.merged().get("properties") or {}
    is_pool = source.get("type") == "Pool"
    properties: JSON = {"title": source.get("title"), "description": source.get("description")}
    if not is_pool:
        properties |= {"url": source["url"], "protocol": source["protocol"]}
    properties |= deepcopy(given(source, "resourceId", "properties", "credentials", "proxy"))
    if source.get("tls"):
        names = ("validateCertificateChain", "validateCertificateName", *NEWER_TLS)  # the order of recording 21
        properties["tls"] = given(source["tls"], *names)
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
    properties = copied(entity.properties)
    knobs, credentials = view.cloud.knobs, properties.get("credentials")
    if credentials is not None and knobs.backend_managed_identity == "hidden":
        credentials.pop("managedIdentity", None)
    if credentials is not None and knobs.backend_empty_credentials == "shown":
        properties["credentials"] = {"query": {}, "header": {}, **credentials}
    if view.version < PREVIEW:
        for name in NEWER_TLS:
            (properties.get("tls") or {}).pop(name, None)
    return {"id": entity.id, "type": entity.type, "name": entity.name, "properties": properties}


def _need_unused(cloud: Cloud, entity: Entity) -> None:
    """A backend that a policy or a pool names cannot be deleted (arm-wire 5.4)."""
    users = used_by(cloud, service_of(entity.id), "backend", entity.name)
    need_unused("Backend", entity.name, [*users, *pools_with(cloud, entity)])


def _reconnect(cloud: Cloud, ask: Ask, entity: Entity) -> Answer:
    """202 without a body or headers (the specification's BackendReconnect); there is nothing to connect."""
    del cloud, entity
    body = ask.body if ask.body is not None else {}
    wrong = [(each.path, each.message) for each in problems(_RECONNECT, body)]
    after = "PT2M" if wrong else (body.get("properties") or {}).get("after", "PT2M")
    if not is_duration(after):
        wrong.append(("after", f"'{after}' is not a valid duration."))
    if wrong:
        raise invalid(*wrong)
    return Answer(202)


BACKEND = Kind(
    type="Microsoft.ApiManagement/service/backends",
    versions=versions_of("backends"),
    shape=SHAPE,
    noun="Backend",
    fill=_fill,
    check=_check,
    show=_show,
    keeps_etag=None,
    before_delete=_need_unused,
    filters=texts("name", "title", "url"),
    actions={"reconnect": _reconnect},
)
