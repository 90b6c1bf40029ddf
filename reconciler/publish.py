"""How events get to an Event Grid topic: with the app's identity, within seconds, never to the harm of a run."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from reconciler.announce import CloudEvent
from reconciler.arm.clients import is_loopback
from reconciler.errors import ConfigError

_BATCH = 512 * 1024
"""Bytes of one request; Event Grid takes 1 MB (platform.md §1.6)."""
_WAITS = (0.5, 1.5)
"""Seconds before the second and the third attempt."""
_ANSWER = 3.0
"""Seconds that the topic has to take a connection, and again to answer."""
_PATIENCE = 6.0
"""Seconds after which no further attempt begins."""


class Publisher(Protocol):
    """Somebody who tells others."""

    def publish(self, events: Sequence[CloudEvent]) -> str:
        """Send the events; '' or a sentence on what was not sent and why. Never raises."""


class Silent:
    """No topic is configured: nobody is told."""

    def publish(self, events: Sequence[CloudEvent]) -> str:  # noqa: ARG002 - see Publisher
        """See Publisher."""
        return ""


def publisher(endpoint: str | None, identity: Callable[[], TokenCredential]) -> Publisher:
    """The publisher for the topic endpoint of RECONCILER_EVENT_TOPIC; raises ConfigError where that is none."""
    if not endpoint:
        return Silent()
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise ConfigError(
            "RECONCILER_EVENT_TOPIC is no endpoint of a topic; give it as the portal shows it, with no key: "
            "https://<topic>.<region>-1.eventgrid.azure.net/api/events"
        )
    if parts.scheme == "http" and not is_loopback(endpoint):
        raise ConfigError(
            f"RECONCILER_EVENT_TOPIC is http://{parts.hostname}: tokens would cross the network in the clear; "
            "use https:// (http:// is for this machine only)"
        )
    return Topic(endpoint, identity)


@dataclass(frozen=True, slots=True)
class Topic:
    """A custom topic with the CloudEvents 1.0 input schema; the identity needs *EventGrid Data Sender* on it."""

    endpoint: str
    identity: Callable[[], TokenCredential]
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    answer: float = _ANSWER

    def publish(self, events: Sequence[CloudEvent]) -> str:
        """See Publisher. What was sent twice, after an answer that was lost, has the same ids."""
        sent, until = 0, self.clock() + _PATIENCE
        try:
            for batch in _batches(events):
                why = self._send(batch, until)
                if why:
                    return f"{len(events) - sent} of {len(events)} events did not get to {self._host}: {why}"
                sent += len(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run is over and was what it was
            return (
                f"{len(events) - sent} of {len(events)} events did not get to {self._host}: {type(error).__name__}"
            )
        return ""

    @property
    def _host(self) -> str:
        return urlsplit(self.endpoint).hostname or ""

    def _send(self, batch: Sequence[CloudEvent], until: float) -> str:
        """Send a batch, up to three times; why it did not get there, or ''."""
        for wait in (*_WAITS, None):
            try:
                self._once(batch)
            except AzureError as error:
                status = _status(error)
                if wait is None or not _passing(error, status) or self.clock() + wait >= until:
                    return _why(error, status)
                self.sleep(wait)
            else:
                return ""
        return ""

    def _once(self, batch: Sequence[CloudEvent]) -> None:
        # The import is dear, and most have no topic (runtime.md §5).
        from azure.core.messaging import CloudEvent as Sent  # noqa: PLC0415
        from azure.eventgrid import EventGridPublisherClient  # noqa: PLC0415

        # The SDK takes the options of a request for fields of each event and warns of every one.
        logging.getLogger("azure.eventgrid").setLevel(logging.ERROR)
        sent = [Sent(e.source, e.type, id=e.id, time=e.time, subject=e.subject, data=dict(e.data)) for e in batch]
        with EventGridPublisherClient(self.endpoint, self.identity()) as client:
            client.send(
                sent,
                retry_total=0,
                connection_timeout=self.answer,
                read_timeout=self.answer,
                permit_redirects=False,
                enforce_https=not is_loopback(self.endpoint),
            )


def _batches(events: Sequence[CloudEvent]) -> Iterator[list[CloudEvent]]:
    """The events in their order, in requests that Event Grid takes."""
    batch: list[CloudEvent] = []
    size = 0
    for event in events:
        more = len(json.dumps(event.document()))
        if batch and size + more > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += more
    if batch:
        yield batch


def _status(error: AzureError) -> int | None:
    """What the topic answered; the SDK words a 404 anew and drops the answer."""
    if isinstance(error, ResourceNotFoundError):
        return HTTPStatus.NOT_FOUND.value
    return error.status_code if isinstance(error, HttpResponseError) else None


def _passing(error: AzureError, status: int | None) -> bool:
    """Whether it may be gone in a second."""
    if isinstance(error, ClientAuthenticationError):
        return False
    return status is None or status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS} or status >= 500  # noqa: PLR2004


def _why(error: AzureError, status: int | None) -> str:
    """Never the text of an answer: what the topic says may repeat what it was sent."""
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return f"it answered {status}; the app's identity needs the role 'EventGrid Data Sender' on the topic"
    if status == HTTPStatus.NOT_FOUND:
        return f"it answered {status}; the endpoint must end /api/events"
    return f"it answered {status}" if status else f"no answer ({type(error).__name__})"
