"""What an Event Grid event says, whichever schema and spelling it came in; pure.

Both schemas occur, one by one and in batches, with keys in any case and with fields of the one under the other's
names (platform.md §1.1, §1.3). Names, addresses and tokens that events carry are left where they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from azure.core.messaging import CloudEvent
from azure.eventgrid import EventGridEvent

_REVISION = re.compile(r";rev=\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Event:
    """What we take from an event; a text that it does not say is empty."""

    type: str
    about: str
    """The resource's id as the event spells it, without `;Rev=N`; not checked to be one."""
    operation: str = ""
    """Resource Manager's name of what was done, such as Microsoft.ApiManagement/service/apis/write."""
    caller: str = field(default="", repr=False)
    """The client id of who did it."""
    place: str = field(default="", repr=False)
    """Of a blob or a setting: its URL. It is compared, never opened."""


def read(payload: Any) -> Event | None:
    """One event in the Event Grid or the CloudEvents schema; None where it is neither."""
    fields = _lowered(payload)
    try:
        if "specversion" in fields:
            cloud: CloudEvent[Any] = CloudEvent.from_dict(_cloud(fields))
            kind, source, subject = cloud.type, cloud.source, cloud.subject or ""
        else:
            event = EventGridEvent.from_dict(_event_grid(fields))
            kind, source, subject = event.event_type, event.topic or "", event.subject
    except (KeyError, TypeError, ValueError):
        return None
    said = _lowered(fields.get("data"))
    return Event(
        type=kind,
        about=_REVISION.sub("", _about(said, source, subject)),
        operation=_text(said.get("operationname")) or _text(_lowered(said.get("authorization")).get("action")),
        caller=_text(_lowered(said.get("claims")).get("appid")),
        place=_text(said.get("url")) or subject,
    )


def _about(data: Mapping[str, Any], source: str, subject: str) -> str:
    """The id of the resource: of Resource Manager it is the subject, of API Management it begins with the topic."""
    named = _text(data.get("resourceuri")) or _text(_lowered(data.get("resourceinfo")).get("id"))
    if named:
        return named.rstrip("/")
    whole = subject.lower().startswith(("/subscriptions/", "/providers/"))
    return (subject if whole else source.rstrip("/") + subject).rstrip("/")


def _cloud(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope as the SDK reads it; documented samples have numeric versions, a topic for the source."""
    return {
        "specversion": "1.0",
        "id": "-",
        "type": _required(fields, "type"),
        "source": _text(fields.get("source")) or _text(fields.get("topic")),
        "subject": _text(fields.get("subject")),
    }


def _event_grid(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope as the SDK reads it; what we do not use need not be there, nor make sense."""
    return {
        "id": "-",
        "topic": _text(fields.get("topic")),
        "subject": _text(fields.get("subject")),
        "eventType": _required(fields, "eventtype"),
        "eventTime": "1970-01-01T00:00:00Z",
        "data": {},  # the SDK would walk through it, however deep it is
        "dataVersion": "",
    }


def _required(fields: Mapping[str, Any], name: str) -> str:
    if not isinstance(fields[name], str) or not fields[name]:
        raise TypeError(name)
    return str(fields[name])


def _text(value: Any) -> str:
    """A text, or nothing: an event may hold anything anywhere."""
    return value if isinstance(value, str) else ""


def _lowered(value: Any) -> Mapping[str, Any]:
    """An object with its keys in lower case; nothing in anything else."""
    return {str(key).lower(): inner for key, inner in value.items()} if isinstance(value, Mapping) else {}
