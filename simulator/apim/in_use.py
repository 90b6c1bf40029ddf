"""Who names a resource, and the refusal to delete what somebody names.

    backend       policies, pools
    fragment      policies, fragments
    named value   policies, fragments; credentials of backends and loggers
    logger        policies, diagnostics

Azure's sentence is known for fragments (apiops-cli #261) and in its beginning for backends; that the others are
refused in the same words is inferred.
"""

import json
from collections.abc import Iterable

from simulator.apim.common import service_of
from simulator.cloud import Cloud
from simulator.errors import Refusal, apim
from simulator.ids import key
from simulator.store import Entity


def need_unused(what: str, name: str, users: Iterable[Entity]) -> None:
    """Refuse the deletion of what these others use."""
    found = list(users)
    if found:
        raise in_use(what, name, found)


def in_use(what: str, name: str, users: Iterable[Entity]) -> Refusal:
    """400 with the paths of the users below the service."""
    lines = "".join(f"{user.id[len(service_of(user.id)) :]}\r\n" for user in users)
    return apim(400, "ValidationError", f"The {what} '{name}' is used by the following entities:\r\n{lines}")


def naming_value(cloud: Cloud, service: str, display_name: str) -> list[Entity]:
    """The backends and loggers whose credentials name a named value."""
    wanted = "{{" + display_name.lower() + "}}"
    holders = [*cloud.store.collection(f"{service}/backends"), *cloud.store.collection(f"{service}/loggers")]
    return [
        each
        for each in holders
        if wanted in json.dumps([each.properties.get("credentials"), each.properties.get("proxy")]).lower()
    ]


def pools_with(cloud: Cloud, backend: Entity) -> list[Entity]:
    """The pools that a backend is a member of."""
    return [
        pool
        for pool in cloud.store.collection(f"{service_of(backend.id)}/backends")
        if any(
            key(member["id"]) == key(backend.id)
            for member in (pool.properties.get("pool") or {}).get("services") or []
        )
    ]


def diagnostics_with(cloud: Cloud, logger: Entity) -> list[Entity]:
    """The diagnostics, of the service and of its APIs, that write to a logger."""
    kinds = ("Microsoft.ApiManagement/service/diagnostics", "Microsoft.ApiManagement/service/apis/diagnostics")
    return [
        each
        for kind in kinds
        for each in cloud.store.of_type(kind)
        if key(each.properties.get("loggerId") or "") == key(logger.id)
    ]
