"""When and how often an event is delivered: again after a failure, twice, overtaken by others.

As Event Grid does it (platform 1.6): at least once, in no order, again on a schedule until a day is over (that is
before the limit of 30 attempts), never again after an answer that says that the event is no good. Unlike it, this
delays nothing since earlier deliveries failed, and keeps no dead letters: `log` tells what became of each attempt.
"""

import heapq
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from simulator.clock import Clock, stamp
from simulator.knobs import Knobs

JSON = dict[str, Any]
Post = Callable[[bytes, dict[str, str]], int | None]
"""Sends a body with headers; the status of the answer, or None where there was none within 30 seconds."""

_PAUSES = (
    10.0,
    30.0,
    60.0,
    300.0,
    600.0,
    1800.0,
    3600.0,
    10800.0,
    21600.0,
    43200.0,
)  # the last one again and again
_TIME_TO_LIVE = 86400.0
_RECEIVED = range(200, 205)
_REFUSED = {400, 401, 413}


@dataclass(order=True)
class _Copy:
    """One copy of an event on its way."""

    due: float
    number: int  # the order in which copies were made
    event: JSON
    since: float
    attempt: int = 0


class Delivery:
    """Hands events to whoever subscribed; times are those of the simulator's clock.

    On a real clock `start` has them sent by threads, `events_at_once` of them; else `send_due` sends what is due.
    """

    def __init__(self, clock: Clock, knobs: Knobs, post: Post, log: list[JSON] | None = None) -> None:
        self.log: list[JSON] = [] if log is None else log
        self._clock = clock
        self._knobs = knobs
        self._post = post
        self._random = Random(f"delivery {knobs.seed}")  # noqa: S311  # which event overtakes which is no secret
        self._waiting: list[_Copy] = []
        self._copies = 0
        self._changed = threading.Condition()
        clock.watchers.append(self._look_again)

    def hear(self, event: JSON) -> None:
        """Take an event on; never blocks."""
        now = self._clock.seconds()
        with self._changed:
            whole = int(self._knobs.events_duplicates)
            for _ in range(1 + whole + (self._random.random() < self._knobs.events_duplicates - whole)):
                self._copies += 1
                due = now + self._random.random() * self._knobs.events_shuffle
                heapq.heappush(self._waiting, _Copy(due, self._copies, event, now))
            self._changed.notify_all()

    def send_due(self) -> None:
        """Send what is due by now, one by one."""
        while (copy := self._due()) is not None:
            self._send(copy)

    def start(self) -> None:
        """Send what is due from now on, as long as the process lives."""
        for number in range(self._knobs.events_at_once):
            threading.Thread(target=self._keep_sending, daemon=True, name=f"event-grid-{number}").start()

    def _keep_sending(self) -> None:
        while True:
            with self._changed:
                while (copy := self._due()) is None:
                    first = self._waiting[0].due - self._clock.seconds() if self._waiting else None
                    self._changed.wait(first)
            self._send(copy)

    def _look_again(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _due(self) -> _Copy | None:
        with self._changed:
            now = self._clock.seconds()
            return heapq.heappop(self._waiting) if self._waiting and self._waiting[0].due <= now else None

    def _send(self, copy: _Copy) -> None:
        if self._clock.seconds() - copy.since > _TIME_TO_LIVE:
            self._note(copy, None, "expired")
            return
        status = self._post(*enveloped(copy.event, self._knobs.events_schema, copy.attempt))
        if status in _RECEIVED:
            self._note(copy, status, "delivered")
        elif status in _REFUSED:
            self._note(copy, status, "dropped")
        else:
            self._note(copy, status, "failed")
            pause = _PAUSES[min(copy.attempt, len(_PAUSES) - 1)]
            with self._changed:
                copy.due, copy.attempt = self._clock.seconds() + pause, copy.attempt + 1
                heapq.heappush(self._waiting, copy)
                self._changed.notify_all()

    def _note(self, copy: _Copy, status: int | None, outcome: str) -> None:
        self.log.append(
            {
                "id": copy.event["id"],
                "eventType": copy.event["eventType"],
                "subject": copy.event["subject"],
                "attempt": copy.attempt,
                "at": stamp(self._clock.now()),
                "status": status,
                "outcome": outcome,
            }
        )


def enveloped(event: JSON, schema: str, attempt: int) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a delivery: a batch of one, or one cloud event (platform 1.1, 1.6)."""
    headers = {
        "aeg-event-type": "Notification",
        "aeg-subscription-name": "SIMULATOR",
        "aeg-delivery-count": str(attempt),
        "aeg-output-event-id": event["id"],
    }
    if schema == "cloud-events":
        headers |= {"Content-Type": "application/cloudevents+json; charset=utf-8", "aeg-metadata-version": "1.0"}
        return json.dumps(cloud_event(event)).encode(), headers
    headers |= {
        "Content-Type": "application/json; charset=utf-8",
        "aeg-data-version": event["dataVersion"],
        "aeg-metadata-version": event["metadataVersion"],
    }
    return json.dumps([event]).encode(), headers


def cloud_event(event: JSON) -> JSON:
    """An event of the Event Grid schema as a cloud event."""
    return {
        "id": event["id"],
        "source": event["topic"],
        "subject": event["subject"],
        "type": event["eventType"],
        "time": event["eventTime"],
        "specversion": "1.0",
        "data": event["data"],
    }
