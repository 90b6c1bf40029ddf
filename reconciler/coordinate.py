"""How wakes become runs: at most one run per gateway at a time, and no wake lost.

    wake      raise the marker's `requested`, send one message that becomes visible in a while, say so in the marker
    work      take the lease; while a wake has no answer: run; give the lease back

Why that loses nothing, whatever ends where: docs/coordination.md. Which queue and which lease: `BackEnd`.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import random
from typing import Any, Protocol

from reconciler import telemetry
from reconciler.errors import LeaseLost, ReconcilerError
from reconciler.events import Wake
from reconciler.lease import Lease
from reconciler.marker import Marker
from reconciler.message import Message
from reconciler.report import Failure, Report, document
from reconciler.resource_id import ResourceId
from reconciler.store import Store
from reconciler.turn import Ended, RunBroken, Turn, change_marker, key_of, marker_of
from reconciler.verdict import Ending, Next, Verdict

_LOG = logging.getLogger("reconciler")
_KEYS = uuid.UUID("6e5f1d0e-8b53-4f0c-9d6e-5a0b7f2c9a11")
"""The namespace in which a caller's key and a gateway give the id of a wake."""
_KEY_LASTS = timedelta(days=1)
"""How long the same key means the same wake: a job with a constant key must wake somebody again."""


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
    """Times that a failure is tried again; then only the next wake does, the timer's at the latest."""
    margin: float = 60.0
    """What must be left of the time of an invocation for a run to begin."""

    def after(self, attempt: int) -> float:
        """The wait before that attempt, the first being 1."""
        return min(self.longest, self.back_off * 2.0 ** (attempt - 1))


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
        pace: Pace = Pace(),
        ended: Callable[[Ended], None] = lambda _: None,
    ) -> None:
        self._run = run
        self._store = store
        self._back_end = back_end
        self._clock = clock
        self._pace = pace
        self._ended = ended

    def wake(self, wake: Wake, *, after: float | None = None) -> int:
        """Have the gateway looked at, `after` so many seconds at the latest; the number of this wake."""
        number = change_marker(self._store, wake.gateway, Marker.bumped).requested
        wait = self._pace.debounce if after is None else after
        self._announce(Message(wake.gateway, wake.cause, self._clock()), wait)
        return number

    def wake_by_hand(self, wake: Wake, key: str = "") -> str:
        """A wake whose answer can be looked at under the id it gets: the same one for the same key, for a day."""
        id = uuid.uuid5(_KEYS, f"{wake.gateway.key}|{key}").hex if key else uuid.uuid4().hex
        if key and self._is_fresh(self._store.get(f"runs/{id}")):
            return id
        number = self.wake(wake, after=0.0)
        self._store.put(f"runs/{id}", {**self._asked(id, wake, dry_run=False), "wake": number})
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
            turn = Turn(message.gateway, lease, self._store, self._clock)
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
            yield Turn(gateway, lease, self._store, self._clock)
        finally:
            lease.release()

    def _answer(self, message: Message, turn: Turn, seconds: float) -> tuple[Message, float] | None:
        """Run until no wake is waiting; what goes on with the work, and when, where that is better done later."""
        began = self._clock()
        while marker_of(self._store, message.gateway).waiting:
            left = seconds - (self._clock() - began).total_seconds()
            if left < self._pace.margin:
                return message, 0.0
            again = partial(self._again, message, self._clock())
            look = partial(self._run, message.gateway, turn, left)
            try:
                ended = turn.run(look, message.cause, partial(_is_answer, again))
            except RunBroken as broken:
                self._ended(broken.ended)
                raise
            self._ended(ended)
            if ended.verdict.reason == Ending.LEASE_LOST:
                telemetry.lease("lost")
            if ended.report.converged and not message.cause.startswith("timer"):
                telemetry.converged_after((ended.ended - message.since).total_seconds())
            later = again(ended.verdict)
            if later is not None:
                return later
            if marker_of(self._store, message.gateway).will_be_read(self._clock(), self._window(0.0)):
                return None  # who woke us during the run has sent a message, and others may still come
            message = replace(message, attempt=0, since=self._clock())  # what came meanwhile has not failed yet
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

    def _is_fresh(self, record: Mapping[str, Any] | None) -> bool:
        asked = str((record or {}).get("requestedAt", ""))
        return bool(asked) and self._clock() - datetime.fromisoformat(asked) < _KEY_LASTS

    def _asked(self, id: str, wake: Wake, *, dry_run: bool) -> dict[str, Any]:
        asked = {"id": id, "gateway": wake.gateway.text, "cause": wake.cause, "dryRun": dry_run}
        return {**asked, "status": "queued", "requestedAt": self._clock().isoformat()}


def _is_answer(again: Callable[[Verdict], object], how: Verdict) -> bool:
    """Whether a run that ended so has answered its wakes: nothing more is to be done for them."""
    return again(how) is None
