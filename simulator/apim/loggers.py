"""How a logger behaves: its credentials, which become named values, and who writes to it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from simulator.apim.common import find_child, service_of
from simulator.apim.in_use import diagnostics_with, need_unused
from simulator.apim.named_values import TYPE as NAMED_VALUE_TYPE
from simulator.apim.references import used_by
from simulator.apim.versions import versions_of
from simulator.bodies import FLAG, TEXT, Fields, Text, envelope
from simulator.cloud import Cloud
from simulator.errors import invalid
from simulator.kinds import Change, Kind
from simulator.odata_filter import EQUAL, texts
from simulator.store import Entity

JSON = dict[str, Any]
TYPE = "Microsoft.ApiManagement/service/loggers"
_LOGGER_TYPES = Text(choices=("azureEventHub", "applicationInsights", "azureMonitor"))
_PATCHED: dict[str, Any] = {
    "credentials": Fields(others=TEXT),
    "description": Text(most=256),
    "isBuffered": FLAG,
    "loggerType": _LOGGER_TYPES,
}
_CREDENTIALS = {  # what a type of logger may be given; the specification's comments, apiops #62, #638
    "applicationInsights": {"instrumentationKey", "connectionString", "identityClientId"},
    "azureEventHub": {"name", "connectionString", "endpointAddress", "identityClientId"},
    "azureMonitor": set[str](),
}
_NEEDED = {"applicationInsights": {"instrumentationKey", "connectionString"}, "azureEventHub": {"name"}}
_PLAIN = {"name", "endpointAddress"}  # read back as they are (apiops #62, #638)
_REFERENCE = re.compile(r"{{\s*([\w.-]+)\s*}}")


def _check(change: Change) -> None:
    properties = change.merged().get("properties") or {}
    type, credentials = properties["loggerType"], properties.get("credentials") or {}
    unknown = sorted(set(credentials) - _CREDENTIALS[type])
    if unknown:
        raise invalid(*((f"credentials.{name}", f"A logger of type {type} has no '{name}'.") for name in unknown))
    needed = _NEEDED.get(type, set())
    if needed and not needed & set(credentials):
        raise invalid(("credentials", f"A logger of type {type} needs {' or '.join(sorted(needed))}."))
    missing = list(missing_values(change.cloud, service_of(change.path.text), change.properties.get("credentials")))
    if missing:
        raise invalid(*missing)


def missing_values(cloud: Cloud, service: str, source: Any) -> Iterator[tuple[str, str]]:
    """The named values that a body names and that do not exist, in Azure's odd form (apiops #391)."""
    known = {each.properties["displayName"].lower() for each in cloud.store.collection(f"{service}/namedValues")}
    known |= {each.name.lower() for each in cloud.store.collection(f"{service}/namedValues")}
    for name in _REFERENCE.findall(json.dumps(source)):
        if name.lower() not in known:
            yield "One or more Properties ['{0}'] specified are missing.", name


def _fill(change: Change) -> JSON:
    """Key order and defaults of recording 41."""
    merged = change.merged()["properties"]
    credentials = merged.get("credentials")
    return {
        "properties": {
            "loggerType": merged["loggerType"],
            "description": merged.get("description"),
            "credentials": {name: _kept(change, name, value) for name, value in credentials.items()}
            if credentials
            else None,
            "isBuffered": merged.get("isBuffered", True),
            "resourceId": merged.get("resourceId"),
        }
    }


def _kept(change: Change, name: str, value: str) -> str:
    """A secret in clear becomes a named value, anew each time (recording 41; azure-powershell #12228)."""
    if name in _PLAIN or _REFERENCE.search(value):
        return value
    cloud, service = change.cloud, change.cloud.need(change.path.top).id
    place = cloud.ids.hex(24)
    display_name = f"Logger-Credentials--{cloud.ids.hex(24)}"
    properties = {"displayName": display_name, "value": value, "tags": None, "secret": True}
    cloud.store.put(
        Entity(
            f"{service}/namedValues/{place}", NAMED_VALUE_TYPE, {"properties": properties}, cloud.store.next_row()
        )
    )
    shown = place if name == "identityClientId" else display_name  # apiops #638
    return "{{" + shown + "}}"


def _need_unused(cloud: Cloud, entity: Entity) -> None:
    """What policies and diagnostics write to stays (inferred); its named values stay anyway (recording 41)."""
    users = used_by(cloud, service_of(entity.id), "logger", entity.name)
    need_unused("Logger", entity.name, [*users, *diagnostics_with(cloud, entity)])


def find_logger(cloud: Cloud, service: str, reference: str) -> Entity | None:
    """The logger that a `loggerId` names: `/loggers/x` or a full id of this service."""
    return find_child(cloud, service, "loggers", reference)


LOGGER = Kind(
    type=TYPE,
    versions=versions_of("loggers"),
    shape=envelope(Fields({**_PATCHED, "resourceId": TEXT}, ("loggerType",))),
    patch_shape=envelope(Fields(_PATCHED)),
    noun="Logger",
    name_limit=256,
    fill=_fill,
    check=_check,
    before_delete=_need_unused,
    filters={**texts("name", "description", "resourceId"), "loggerType": EQUAL},
)
