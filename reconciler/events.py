"""Which gateways an event may concern: Event Grid payload -> wakes; pure.

An event is a hint where to look, never a state to believe: what to do is read from the world. Names, addresses
and tokens that events carry (platform.md §1.1) are not passed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.messaging import CloudEvent
from azure.eventgrid import EventGridEvent

from reconciler.config import Config, Gateway
from reconciler.resource_id import ResourceId

_ACCOUNTS = "microsoft.cognitiveservices/accounts"
_GATEWAYS = "microsoft.apimanagement/service"
_ROLES = "microsoft.authorization/roleassignments"
_HEARD = ("microsoft.resources.resourcewritesuccess", "microsoft.resources.resourcedeletesuccess")
_GATEWAY_EVENTS = "microsoft.apimanagement."
_CIRCUIT_BREAKER = "microsoft.apimanagement.circuitbreaker."


@dataclass(frozen=True, slots=True)
class Wake:
    """Look at this gateway; `cause` is for people and carries no state."""

    gateway: ResourceId
    cause: str


@dataclass(frozen=True, slots=True)
class Event:
    """What we take from an event: its type and the resource it is about."""

    type: str
    about: ResourceId


def parse(payload: Any) -> Event | None:
    """One event in the Event Grid or the CloudEvents schema; None where it is neither or names no resource."""
    if not isinstance(payload, Mapping):
        return None
    fields = {str(key).lower(): value for key, value in payload.items()}
    try:
        if "specversion" in fields:
            cloud: CloudEvent[Any] = CloudEvent.from_dict(_cloud(fields))
            kind, data, fallback = cloud.type, cloud.data, cloud.source
        else:
            event = EventGridEvent.from_dict(_event_grid(fields))
            kind, data, fallback = event.event_type, event.data, event.topic or event.subject
    except (KeyError, TypeError, ValueError):
        return None
    about = str((data if isinstance(data, Mapping) else {}).get("resourceUri") or fields.get("subject") or "")
    if not about.lower().startswith("/subscriptions/"):
        about = str(fallback or "")
    try:
        return Event(str(kind), ResourceId.parse(about.split(";")[0]))
    except ValueError:
        return None


def wakes(payload: Any, config: Config) -> tuple[Wake, ...]:
    """The gateways to look at for one event or a batch, each once; none for what is not ours to follow."""
    batch = payload if isinstance(payload, list | tuple) else [payload]
    found: dict[ResourceId, Wake] = {}
    for each in batch:
        event = parse(each)
        if event is not None:
            for gateway in _concerned(event, config):
                cause = f"event {event.type.rsplit('.', 1)[-1]} of {event.about.type} {event.about.name}"
                found.setdefault(gateway.resource_id, Wake(gateway.resource_id, cause))
    return tuple(found.values())


def everything(config: Config, cause: str) -> tuple[Wake, ...]:
    """A wake for every gateway, as the timer gives."""
    return tuple(Wake(gateway.resource_id, cause) for gateway in config.gateways)


def _concerned(event: Event, config: Config) -> Iterator[Gateway]:
    kind, about = event.type.lower(), event.about.type.lower()
    if kind.startswith(_CIRCUIT_BREAKER):
        return  # what happens to calls, not to configuration (platform.md §1.3)
    if kind.startswith(_GATEWAY_EVENTS) or (kind in _HEARD and _is_or_below(about, _GATEWAYS)):
        yield from (g for g in config.gateways if event.about.within(g.resource_id))
    elif kind in _HEARD and _is_or_below(about, _ACCOUNTS):
        yield from (g for g in config.gateways if g.covers(event.about))
    elif kind in _HEARD and about == _ROLES:
        yield from (g for g in config.gateways if g.covers(event.about.scope))


def _is_or_below(resource_type: str, top: str) -> bool:
    return resource_type == top or resource_type.startswith(top + "/")


def _cloud(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope in the spelling that the SDK reads; documented samples vary (platform.md §1.1)."""
    return {
        "specversion": str(fields["specversion"]),
        "id": str(fields.get("id") or "-"),
        "type": fields["type"],
        "source": fields.get("source") or fields.get("topic"),
        "subject": fields.get("subject"),
        "data": fields.get("data"),
    }


def _event_grid(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(fields.get("id") or "-"),
        "topic": fields.get("topic"),
        "subject": fields["subject"],
        "eventType": fields["eventtype"],
        "eventTime": fields.get("eventtime") or "1970-01-01T00:00:00Z",
        "data": fields.get("data"),
        "dataVersion": str(fields.get("dataversion") or ""),
    }
