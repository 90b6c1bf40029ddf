"""A world for the coordinator in which time stands still, every step can be watched, and a process can end at any.

The store, the queue and the leases are those of `Place`; a `Process` reaches them step by step. What one step does
is done whole, as by Azure Storage; between two steps anything may happen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from reconciler import marker
from reconciler.coordinate import Coordinator, Pace
from reconciler.events import Wake
from reconciler.lease import Lease
from reconciler.marker import Marker
from reconciler.model import Create, Outcome, Plan, Status
from reconciler.report import Failure, Report
from reconciler.resource_id import ResourceId
from reconciler.turn import Turn
from tests.builders import EAST, EAST_API, GATEWAY, wish, world

KEY = "00000000-0000-0000-0000-000000000001.contoso-gw"
LEASE, TRUSTED, HIDDEN = 60.0, 45.0, 60.0
"""Seconds: how long a lease lasts, how long its holder believes in it, how long a failed message is hidden."""
SECONDS = 540.0
MADE = Create(wish(EAST_API, "api", {"properties": {"path": "x"}}, EAST))


class ProcessEnded(BaseException):
    """The process ended here, as by SIGKILL: nothing that it still does has an effect."""


class Clock:
    """A time of day that only the test moves."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class AnyClock(Protocol):
    def now(self) -> datetime: ...
    def advance(self, seconds: float) -> None: ...


@dataclass(eq=False)
class Sent:
    """A message in the queue; `tries` counts the deliveries."""

    text: str
    due: datetime
    tries: int = 0


@dataclass(eq=False)
class Given:
    """A lease that somebody has; `since` is when it was renewed for the last time."""

    holder: Process
    since: datetime


@dataclass
class Place:
    """What all processes share: the documents, the queue, the leases, the time."""

    clock: AnyClock = field(default_factory=Clock)
    documents: dict[str, tuple[str, int]] = field(default_factory=dict)
    written: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Every version of every document, oldest first."""
    queue: list[Sent] = field(default_factory=list)
    poison: list[str] = field(default_factory=list)
    leases: dict[str, Given] = field(default_factory=dict)
    most: int = 0
    """How many messages there were at most."""

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def advance(self, seconds: float) -> None:
        """Let time pass; processes that live and are not stalled renew their leases meanwhile."""
        self.clock.advance(seconds)
        for lease in self.leases.values():
            if not (lease.holder.dead or lease.holder.stalled):
                lease.since = self.now

    def keep(self, name: str, document: dict[str, Any]) -> None:
        text = json.dumps(document)
        self.documents[name] = text, self.documents.get(name, ("", 0))[1] + 1
        self.written.append((name, json.loads(text)))

    def document(self, name: str) -> dict[str, Any] | None:
        found = self.documents.get(name)
        return None if found is None else dict(json.loads(found[0]))

    def versions(self, name: str) -> list[dict[str, Any]]:
        return [document for written, document in self.written if written == name]

    @property
    def marker(self) -> Marker:
        return marker.read(self.document(f"targets/{KEY}"))

    def waits(self) -> list[float]:
        """In how many seconds each message can be seen, the next one first."""
        return sorted((each.due - self.now).total_seconds() for each in self.queue)

    def visible(self) -> list[Sent]:
        return sorted((each for each in self.queue if each.due <= self.now), key=lambda each: each.due)

    def deliver(self, sent: Sent, to: Process) -> None:
        """As a queue trigger: what is not done is tried again a minute later, five times."""
        sent.tries += 1
        sent.due = self.now + timedelta(seconds=HIDDEN)
        try:
            to.coordinator.work(sent.text, SECONDS)
        except ProcessEnded:
            return
        except AssertionError:
            raise  # a test's own
        except Exception:  # noqa: BLE001 - the trigger does not care why
            sent.due = self.now + timedelta(seconds=HIDDEN)
            if sent.tries == 5:
                self.queue.remove(sent)
                self.poison.append(sent.text)
            return
        if sent in self.queue:  # it was hidden for too long, and somebody else has been given it as well
            self.queue.remove(sent)

    def drain(self, process: Process, seconds: float = 36_000.0) -> None:
        """Deliver every message as it becomes visible, until there is none, or the time is up."""
        until = self.now + timedelta(seconds=seconds)
        while self.queue:
            following = min(self.queue, key=lambda each: each.due)
            if following.due > until:
                break
            self.advance(max(0.0, (following.due - self.now).total_seconds()))
            self.deliver(following, process)
        self.advance(max(0.0, (until - self.now).total_seconds()) if self.queue else 0.0)


class StepLease(Lease):
    """A lease of the place; it is renewed by `Place.advance`, not by a thread."""

    def __init__(self, process: Process, key: str, given: Given) -> None:  # no thread
        self._process, self._key, self._given = process, key, given

    def held(self) -> bool:
        mine = self._process.place.leases.get(self._key) is self._given
        return mine and self._process.place.now < self._given.since + timedelta(seconds=TRUSTED)

    def release(self) -> None:
        self._process.did(f"release {self._key}")
        if self._process.place.leases.get(self._key) is self._given:
            del self._process.place.leases[self._key]


@dataclass
class Look:
    """A run that began: what it was given, and whether it came to its end."""

    gateway: ResourceId
    turn: Turn | None
    seconds: float
    began: datetime
    over: bool = False

    @property
    def dry(self) -> bool:
        return self.turn is None


class Process:
    """One process with its coordinator; `did` is called before each step and may raise ProcessEnded."""

    def __init__(
        self,
        place: Place,
        *,
        skew: float = 0.0,
        pace: Pace = Pace(),  # noqa: B008 - frozen
        becomes: Callable[[Look], Report] | None = None,
    ) -> None:
        self.place = place
        self.skew = timedelta(seconds=skew)
        self.dead = self.stalled = False
        self.becomes = becomes or in_sync
        self.looks: list[Look] = []
        self.steps: list[str] = []
        self.before: Callable[[str], None] = lambda _: None
        self.coordinator = Coordinator(self._run, self, self, lambda: self.place.now + self.skew, pace=pace)

    def wake(self, gateway: ResourceId = GATEWAY, cause: str = "an event") -> int:
        return self.coordinator.wake(Wake(gateway, cause))

    def did(self, what: str) -> None:
        if not self.dead:
            self.steps.append(what)
            self.before(what)
        if self.dead:
            raise ProcessEnded(what)

    def end(self) -> None:
        """Nothing has an effect from now on."""
        self.dead = True

    def ends_at(self, number: int) -> None:
        """Let it end just before its step of that number (from 1)."""

        def before(_: str) -> None:
            if len(self.steps) == number:
                self.end()

        self.before = before

    # The store

    def put(self, name: str, document: dict[str, Any]) -> None:
        self.did(f"put {name}")
        self.place.keep(name, document)

    def get(self, name: str) -> dict[str, Any] | None:
        return self.read(name)[0]

    def each(self, prefix: str) -> Iterator[dict[str, Any]]:
        names = sorted(name for name in self.place.documents if name.startswith(f"{prefix}/"))
        return (document for name in names if (document := self.get(name)) is not None)

    def read(self, name: str) -> tuple[dict[str, Any] | None, str]:
        self.did(f"read {name}")
        found = self.place.documents.get(name)
        return (None, "") if found is None else (json.loads(found[0]), str(found[1]))

    def replace(self, name: str, document: dict[str, Any], version: str) -> bool:
        self.did(f"replace {name}")
        found = self.place.documents.get(name)
        if (str(found[1]) if found else "") != version:
            return False
        self.place.keep(name, document)
        return True

    # The back end

    def send(self, message: str, delay: float) -> float:
        self.did("send")
        self.place.queue.append(Sent(message, self.place.now + timedelta(seconds=delay)))
        self.place.most = max(self.place.most, len(self.place.queue))
        self.did("sent")  # the answer may be late
        return delay

    def take(self, key: str) -> Lease | None:
        self.did(f"take {key}")
        has = self.place.leases.get(key)
        if has is not None and self.place.now < has.since + timedelta(seconds=LEASE):
            return None
        self.place.leases[key] = Given(self, self.place.now)
        return StepLease(self, key, self.place.leases[key])

    # The run

    def _run(self, gateway: ResourceId, turn: Turn | None, seconds: float) -> Report:
        self.did("look")
        look = Look(gateway, turn, seconds, self.place.now)
        self.looks.append(look)
        report = self.becomes(look)
        self.did("looked")
        look.over = True
        return report


def in_sync(look: Look) -> Report:
    """Nothing to do."""
    return Report(look.gateway, world(), Plan(), ())


def failed(reason: str) -> Callable[[Look], Report]:
    """A gateway that cannot be read."""
    return lambda look: Report(look.gateway, failure=Failure(reason, "a test wants it so"))


def not_made(reason: str, *, applied: bool = False) -> Callable[[Look], Report]:
    """A run with one change that was not made; where asked, with another one that was."""
    done = (Outcome(MADE, Status.APPLIED, sent=True),) if applied else ()
    skipped = Outcome(MADE, Status.SKIPPED, "a test wants it so", reason=reason)
    return lambda look: Report(look.gateway, world(), Plan((MADE,)), (*done, skipped))
