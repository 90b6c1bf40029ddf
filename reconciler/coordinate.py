"""How wakes become runs: at most one run per gateway at a time, and no wake lost.

    wake      raise the marker's `requested`, send one message that becomes visible in a while, say so in the marker
    work      take the lease; while a wake has no answer: run; give the lease back

Why that loses nothing, whatever ends where: docs/coordination.md. Which queue and which lease: `BackEnd`.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import random
from typing import Any, Protocol

from reconciler import telemetry
from reconciler.errors import LeaseLost, ReconcilerError
from reconciler.events import Wake
from reconciler.lease import Lease
from reconciler.marker import Marker
from reconciler.records import RUN
from reconciler.report import Failure, Report, document
from reconciler.resource_id import ResourceId
from reconciler.store import Store
from reconciler.turn import Ended, Facts, Turn, change_marker, key_of, marker_of
from reconciler.verdict import Ending, Next, Verdict

_LOG = logging.getLogger("reconciler")
_NOT_OURS = "a message in the work queue is not one of ours"
_KEYS = uuid.UUID("6e5f1d0e-8b53-4f0c-9d6e-5a0b7f2c9a11")
"""The namespace in which a caller's key and a gateway give the id of a wake."""


class BackEnd(Protocol):
    """Where messages wait and leases are taken."""

    def send(self, message: str, delay: float) -> float:
        """Have it worked on once `delay` seconds have passed; the seconds that it really is."""

    def take(self, key: str) -> Lease | None:
        """The lease of that name, or None where somebody has it."""


class Run(Protocol):
    """How a gateway is looked at: with a turn what differs is written, without one nothing can be."""

    def __call__(self, gateway: ResourceId, turn: Turn | None, seconds: float) -> Report:
        """The report of at most that many seconds."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The waits, in seconds; each is spread by up to half of it more, so that nobody marches in step."""

    debounce: float = 8.0
    """After the first event of a burst: the others come meanwhile and need no run of their own."""
    busy: float = 30.0
    """Where somebody else has the turn."""
    soon: float = 60.0
    """Where Azure takes its time, as with an identity that is being switched on."""
    back_off: float = 15.0
    """After a first failure; twice as long after each further one."""
    longest: float = 1800.0
    tries: int = 8
    """Failures in a row after which only the next wake tries again: the timer's, at the latest."""
    margin: float = 60.0
    """What must be left of the time of an invocation for a run to begin."""

    def after(self, attempt: int) -> float:
        """The wait before that attempt, the first being 1."""
        return min(self.longest, self.back_off * 2.0 ** (attempt - 1))


@dataclass(frozen=True, slots=True)
class Message:
    """Look at that gateway. It carries no authority: whoever can send one can only have the world read again."""

    gateway: ResourceId
    cause: str
    since: datetime
    attempt: int = 0
    preview: str = ""
    """The id of a dry run that was asked for."""

    @property
    def text(self) -> str:
        """As it is sent."""
        fields = {
            "gateway": self.gateway.text,
            "cause": self.cause,
            "since": self.since.isoformat(),
            "attempt": self.attempt,
            "preview": self.preview,
        }
        return json.dumps(fields)

    @staticmethod
    def read(text: str) -> Message:
        """What was sent; raises ValueError for anything else."""
        try:
            fields = json.loads(text)
            since = datetime.fromisoformat(fields["since"])
            message = Message(
                ResourceId.parse(fields["gateway"]),
                str(fields["cause"]),
                since if since.tzinfo else since.replace(tzinfo=UTC),
                int(fields["attempt"]),
                str(fields.get("preview") or ""),
            )
        except (AttributeError, LookupError, TypeError, ValueError):
            raise ValueError(_NOT_OURS) from None
        if message.preview and not RUN.fullmatch(message.preview):
            raise ValueError(_NOT_OURS)
        return message


def unanswered(store: Store, now: datetime) -> Iterator[str]:
    """The messages to begin with where those of a process that ended are gone with it (local_back_end.py)."""
    for kept in store.each("targets"):
        try:
            gateway = ResourceId.parse(str(kept.get("gateway")))
        except ValueError:
            continue  # nobody here wrote that
        if change_marker(store, gateway, Marker.forgotten).waiting:
            yield Message(gateway, "an earlier process ended", now).text


class Coordinator:
    """Gives wakes their runs; `clock` gives the time of day, `ended` hears of every real run."""

    def __init__(
        self,
        run: Run,
        store: Store,
        back_end: BackEnd,
        clock: Callable[[], datetime],
        *,
        facts: Facts = Facts(),  # noqa: B008 - frozen
        pace: Pace = Pace(),
        ended: Callable[[Ended], None] = lambda _: None,
    ) -> None:
        self._run = run
        self._store = store
        self._back_end = back_end
        self._clock = clock
        self._facts = facts
        self._pace = pace
        self._ended = ended

    def wake(self, wake: Wake, *, after: float | None = None) -> int:
        """Have the gateway looked at, `after` so many seconds at the latest; the number of this wake."""
        number = change_marker(self._store, wake.gateway, Marker.bumped).requested
        wait = self._pace.debounce if after is None else after
        self._announce(Message(wake.gateway, wake.cause, self._clock()), wait)
        return number

    def wake_by_hand(self, wake: Wake, key: str = "") -> str:
        """A wake whose answer can be looked at under the id it gets: the same one for the same key."""
        id = uuid.uuid5(_KEYS, f"{wake.gateway.key}|{key}").hex if key else uuid.uuid4().hex
        if key and self._store.get(f"runs/{id}") is not None:
            return id
        number = self.wake(wake, after=0.0)
        self._store.replace(f"runs/{id}", {**self._asked(id, wake, dry_run=False), "wake": number}, "")
        return id

    def preview(self, wake: Wake) -> str:
        """Have a plan made: takes no turn and cannot write; the id of its record."""
        id = uuid.uuid4().hex
        self._store.put(f"runs/{id}", self._asked(id, wake, dry_run=True))
        self._back_end.send(Message(wake.gateway, wake.cause, self._clock(), preview=id).text, 0.0)
        return id

    def work(self, text: str, seconds: float) -> None:
        """Answer a message within that many seconds; raises ValueError for what is none of ours."""
        message = Message.read(text)
        if message.preview:
            self._preview(message, seconds)
            return
        if not marker_of(self._store, message.gateway).waiting:
            return  # a run that began after the wake has answered it
        lease = self._back_end.take(key_of(message.gateway))
        if lease is None:
            telemetry.lease("conflict")
            self._announce(message, self._pace.busy)
            return
        again: tuple[Message, float] | None = message, self._pace.busy
        try:
            turn = Turn(message.gateway, lease, self._store, self._clock, self._facts)
            again = self._answer(message, turn, seconds)
        except LeaseLost as error:
            telemetry.lease("lost")
            _LOG.warning("%s: %s", message.gateway.name, error)
        finally:
            lease.release()
        if again is not None:
            self._announce(*again)  # after the release: who reads it at once finds the turn free

    @contextmanager
    def turn(self, gateway: ResourceId) -> Iterator[Turn]:
        """The turn at a gateway, for somebody at a terminal; raises ReconcilerError where it is taken."""
        lease = self._back_end.take(key_of(gateway))
        if lease is None:
            raise ReconcilerError(
                f"a run is under way at {gateway.name}, by the function app or somebody else; try again when it is "
                "over (a run that crashed is over after a minute)"
            )
        try:
            yield Turn(gateway, lease, self._store, self._clock, self._facts)
        finally:
            lease.release()

    def _answer(self, message: Message, turn: Turn, seconds: float) -> tuple[Message, float] | None:
        """Run until no wake is waiting; what goes on with the work, and when, where that is better done later."""
        began = self._clock()
        again = partial(self._again, message, began)
        while marker_of(self._store, message.gateway).waiting:
            left = seconds - (self._clock() - began).total_seconds()
            if left < self._pace.margin:
                return message, 0.0
            look = partial(self._run, message.gateway, turn, left)
            ended = turn.run(look, message.cause, lambda how: again(how) is None)
            self._ended(ended)
            if ended.report.converged:
                telemetry.converged_after((ended.ended - message.since).total_seconds())
            later = again(ended.verdict)
            if later is not None:
                return later
            if marker_of(self._store, message.gateway).will_be_read(self._clock(), self._window(0.0)):
                return None  # who woke us during the run has sent a message, and others may still come
        return None

    def _again(self, message: Message, now: datetime, how: Verdict) -> tuple[Message, float] | None:
        """The message that goes on with the work, and when; None where the wakes are answered: done or given up."""
        if how.reason == Ending.LEASE_LOST:
            return message, self._pace.busy  # which is nobody's failure
        match how.next:
            case Next.CONTINUE:
                return message, 0.0
            case Next.SOON if now - message.since < timedelta(seconds=self._pace.longest * 2):
                return message, self._pace.soon
            case Next.RETRY if message.attempt < self._pace.tries:
                failed = replace(message, attempt=message.attempt + 1)
                return failed, self._pace.after(failed.attempt)
            case _:
                return None

    def _announce(self, message: Message, wait: float) -> None:
        """Send it, unless another one is on its way that will do; say when it can be seen."""
        now = self._clock()
        if marker_of(self._store, message.gateway).will_be_read(now, self._window(wait)):
            telemetry.coalesced(1)
            return
        sent = self._clock()  # before sending: a late note must not cover a message that is visible already
        delay = self._back_end.send(message.text, wait * (1 + random() / 2))  # noqa: S311 - spreads waits
        visible = sent + timedelta(seconds=delay)
        change_marker(self._store, message.gateway, lambda m: m.sent(visible, self._clock()))

    def _window(self, wait: float) -> timedelta:
        """How late a message may be for another one not to be needed."""
        return timedelta(seconds=max(wait, self._pace.debounce) * 1.5)

    def _preview(self, message: Message, seconds: float) -> None:
        name = f"runs/{message.preview}"
        started = {"status": "running", "startedAt": self._clock().isoformat()}
        record = {**(self._store.get(name) or {}), **started}
        self._store.put(name, record)
        try:
            report = self._run(message.gateway, None, seconds)
        except ReconcilerError as error:
            report = Report(message.gateway, failure=Failure(error.reason, str(error)))
        except Exception as error:  # noqa: BLE001 - trying again would only make the same mistake
            _LOG.exception("a dry run at %s failed", message.gateway.name)
            report = Report(message.gateway, failure=Failure("internal-error", type(error).__name__))
        done = {"status": "failed" if report.failed else "succeeded", "endedAt": self._clock().isoformat()}
        self._store.put(name, {**record, **done, "report": document(report)})

    def _asked(self, id: str, wake: Wake, *, dry_run: bool) -> dict[str, Any]:
        asked = {"id": id, "gateway": wake.gateway.text, "cause": wake.cause, "dryRun": dry_run}
        return {**asked, "status": "queued", "requestedAt": self._clock().isoformat()}
