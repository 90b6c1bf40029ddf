"""What the Functions host sends for each kind of trigger, and what it makes of the answer."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlencode

Wire = dict[str, Any]
"""One typed value on the pipe: `{"json": "…"}`, `{"string": "…"}`, `{"bytes": base64}` or `{"http": {…}}`."""


@dataclass(frozen=True)
class Payload:
    """The value of a trigger's parameter and the trigger metadata beside it."""

    value: Wire
    metadata: Mapping[str, Wire] = field(default_factory=dict)


def event_grid(event: Mapping[str, Any]) -> Payload:
    """One event: the host takes a delivered batch apart and invokes the function once for each."""
    return Payload({"json": json.dumps(event)})


def timer(*, past_due: bool = False) -> Payload:
    """A tick of a timer."""
    now = datetime.now(UTC)
    status = {
        "Last": now - timedelta(hours=1),
        "Next": now + timedelta(hours=1),
        "LastUpdated": now - timedelta(hours=1),
    }
    document = {
        "Schedule": {"AdjustForDST": True},
        "ScheduleStatus": {name: moment.isoformat() for name, moment in status.items()},
        "IsPastDue": past_due,
    }
    return Payload({"json": json.dumps(document)})


def queue(body: Any, *, dequeue_count: int = 1) -> Payload:
    """A storage queue message, already decoded by the host; anything but text is sent as JSON."""
    now = datetime.now(UTC)
    values = {
        "DequeueCount": dequeue_count,
        "InsertionTime": now.isoformat(),
        "ExpirationTime": (now + timedelta(days=7)).isoformat(),
        "NextVisibleTime": (now + timedelta(minutes=10)).isoformat(),
    }
    texts = {"Id": "00000000-0000-0000-0000-000000000001", "PopReceipt": "receipt"}
    metadata = {name: {"string": text} for name, text in texts.items()}
    metadata |= {name: {"json": json.dumps(value)} for name, value in values.items()}
    return Payload({"string": body if isinstance(body, str) else json.dumps(body)}, metadata)


def http(
    method: str,
    path: str,
    *,
    body: Any = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str],
) -> Payload:
    """An HTTP request; text and bytes are sent as they are, any other body as JSON."""
    sent = dict(headers or {})
    if body is None:
        content = b""
    elif isinstance(body, bytes):
        content = body
    elif isinstance(body, str):
        content = body.encode()
    else:
        content = json.dumps(body).encode()
        if not any(name.lower() == "content-type" for name in sent):
            sent["content-type"] = "application/json"
    request = {
        "method": method,
        "url": f"http://localhost:7071{path}" + (f"?{urlencode(query)}" if query else ""),
        "headers": sent,
        "query": dict(query or {}),
        "params": dict(params),
        "body": {"bytes": base64.b64encode(content).decode()} if content else None,
    }
    return Payload({"http": request})


def route_parameters(template: str, path: str) -> dict[str, str] | None:
    """The values a path gives to a route template's parameters, or None where the route does not match.

    Constraints (`{id:guid}`) are not judged.
    """
    pattern = ""
    for segment in template.strip("/").split("/"):
        parameter = re.fullmatch(r"\{(\*{0,2})(\w+)(?::[^?}]+)?(\?)?\}", segment)
        if parameter is None:
            pattern += "/" + re.escape(segment)
        else:
            rest, name, optional = parameter.groups()
            one = f"/(?P<{name}>{'.*' if rest else '[^/]+'})"
            pattern += f"(?:{one})?" if rest or optional else one
    found = re.fullmatch(pattern, "/" + path.strip("/"), re.IGNORECASE)
    if found is None:
        return None
    return {name: unquote(value) for name, value in found.groupdict().items() if value is not None}


@dataclass(frozen=True)
class HttpAnswer:
    """What a caller of an HTTP trigger receives; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cookies: Mapping[str, str] = field(default_factory=dict)


def read(wire: Wire | None) -> Any:
    """A typed value that a function gave, as Python sees it."""
    if wire is None:
        return None
    ((kind, value),) = wire.items()
    if kind == "bytes":
        return base64.b64decode(value)
    if kind == "json":
        return json.loads(value)
    if kind == "http":
        return HttpAnswer(
            status=int(value["status"]),
            headers={name.lower(): text for name, text in value["headers"].items()},
            body=_bytes(read(value["body"])),
            cookies=value["cookies"],
        )
    return value


def answer(value: Any, *, failed: bool) -> HttpAnswer:
    """What the host answers to the caller: 500 after a failure, 204 where the function gave nothing."""
    if failed:
        return HttpAnswer(500)
    if isinstance(value, HttpAnswer):
        return value
    if value is None:
        return HttpAnswer(204)
    return HttpAnswer(200, {"content-type": "text/plain; charset=utf-8"}, _bytes(value))


def _bytes(value: Any) -> bytes:
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()
