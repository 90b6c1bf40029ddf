"""One turn at a gateway: runs that nobody else makes meanwhile, and what is kept of them.

What is kept carries the turn's epoch, so that somebody who lost the lease without noticing overwrites nothing that
a later holder has written (docs/coordination.md).
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler import marker
from reconciler.errors import LeaseLost
from reconciler.lease import Lease
from reconciler.marker import Marker
from reconciler.report import Failure, Report, document
from reconciler.resource_id import ResourceId
from reconciler.status import Seen, status
from reconciler.store import Store, change, put_fenced
from reconciler.verdict import Verdict, untried, verdict

_LOG = logging.getLogger("reconciler")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the configuration that a run goes by."""

    config_hash: str = ""
    config_error: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over."""

    run: str
    cause: str
    report: Report
    verdict: Verdict
    ended: datetime
    seconds: float


class RunBroken(Exception):
    """A run stopped at a mistake of ours; kept as a failed one."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(f"run {ended.run} stopped at a mistake")
        self.ended = ended


def key_of(gateway: ResourceId) -> str:
    """The name of a gateway in the store, in queues and in leases."""
    return f"{gateway.subscription}.{gateway.name}".lower()


def marker_of(store: Store, gateway: ResourceId) -> Marker:
    """What is remembered of the gateway's wakes."""
    return marker.read(store.get(f"targets/{key_of(gateway)}"))


def change_marker(store: Store, gateway: ResourceId, by: Callable[[Marker], Marker | None]) -> Marker:
    """Change it in one step; None from `by` leaves it as it is."""

    def changed(before: object) -> dict[str, object] | None:
        after = by(marker.read(before if isinstance(before, dict) else None))
        return None if after is None else marker.document(after, gateway.text)

    return marker.read(change(store, f"targets/{key_of(gateway)}", changed))


class Turn:
    """Taken with a lease; `clock` gives the time of day."""

    def __init__(self, gateway: ResourceId, lease: Lease, store: Store, clock: Callable[[], datetime]) -> None:
        self.gateway = gateway
        self._lease = lease
        self._store = store
        self._clock = clock
        self._facts = Facts()
        self._run, self._cause, self._began, self._upto = "", "", clock(), 0
        self.epoch = change_marker(store, gateway, lambda m: m.taken(clock()) if lease.held() else None).epoch

    def goes_by(self, facts: Facts) -> None:
        """Which configuration the run went by."""
        self._facts = facts

    def ours(self) -> bool:
        """Whether nobody else can be at the gateway."""
        return self._lease.held()

    def run(self, look: Callable[[], Report], cause: str, covers: Callable[[Verdict], bool]) -> Ended:
        """One run for all wakes so far, which it answers if `covers` says so of how it ended.

        What `look` raises is kept as a failed run, and raised as RunBroken. Raises LeaseLost where the
        turn is somebody else's.
        """
        self.begin(cause)
        try:
            report = look()
        except Exception as error:
            _LOG.exception("run %s at %s stopped at a mistake", self._run, self.gateway.name)
            raise RunBroken(self._broken(error)) from error
        except BaseException as error:
            self._broken(error)
            raise
        return self.end(report, covers)

    def _broken(self, error: BaseException) -> Ended:
        failure = Failure("internal-error", type(error).__name__)
        return self.end(Report(self.gateway, failure=failure), lambda _: False)

    def begin(self, cause: str) -> None:
        """A run begins, for all wakes so far; raises LeaseLost where the turn is not ours any more."""
        if not self.ours():
            raise LeaseLost(f"the lease on {self.gateway.name} was not renewed in time")
        self._run, self._cause, self._began = uuid.uuid4().hex, cause, self._clock()
        now = change_marker(self._store, self.gateway, lambda m: m.began(self._run, self.epoch))
        if now.running is None or now.running[1] != self._run:
            raise LeaseLost(f"somebody else has taken over {self.gateway.name}")
        self._upto = now.running[0]
        self._store.put(f"runs/{self._run}", {**self._record(), "status": "running"})

    def end(self, report: Report, covers: Callable[[Verdict], bool]) -> Ended:
        """The run is over: its record, the gateway's status and the marker say so, in this order."""
        ended, how = self._clock(), verdict(report)
        done = {
            **self._record(),
            "status": "failed" if report.failed else "succeeded",
            "reason": how.reason,
            "endedAt": ended.isoformat(),
            "report": document(report),
        }
        self._store.put(f"runs/{self._run}", done)
        answered = covers(how)
        self._keep_status(report, ended, answered=answered)
        whole = report.world is not None and report.world.deep and not report.failed and not untried(report)
        deep = ended if whole else None
        change_marker(self._store, self.gateway, lambda m: m.ended(self.epoch, covers=answered, deep=deep))
        return Ended(self._run, self._cause, report, how, ended, (ended - self._began).total_seconds())

    def _record(self) -> dict[str, Any]:
        began = self._began.isoformat()
        asked = {"id": self._run, "gateway": self.gateway.text, "cause": self._cause, "dryRun": False}
        return {**asked, "startedAt": began}

    def _keep_status(self, report: Report, ended: datetime, *, answered: bool) -> None:
        name = f"status/{key_of(self.gateway)}"
        now = marker_of(self._store, self.gateway)
        seen = Seen(
            run=self._run,
            ended=ended,
            generation=self._upto if answered else now.completed,
            requested=now.requested,
            epoch=self.epoch,
            config_hash=self._facts.config_hash,
            config_error=self._facts.config_error,
        )
        put_fenced(self._store, name, status(self._store.get(name), report, seen), self.epoch)
