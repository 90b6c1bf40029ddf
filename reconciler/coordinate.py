"""How wakes become runs: at most one run per gateway at a time, and no wake lost.

This version runs in the process that was woken, which a single instance may do. The seam for several instances
(a queue, a marker blob and a lease) is `Coordinator.wake`: nothing outside this file knows who runs when.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconciler.events import Wake
from reconciler.report import Failure, Report, document
from reconciler.resource_id import ResourceId
from reconciler.store import Store

_RUN = re.compile(r"[0-9a-f]{32}")
Run = Callable[[ResourceId, bool], Report]
"""(gateway, dry run) -> report."""


@dataclass
class _Turn:
    """Whose turn it is at one gateway: how many wakes were asked for, and how many a run has covered."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    requested: int = 0
    completed: int = 0
    covered_by: str = ""


class Coordinator:
    """Runs the reconciler for wakes; `clock` gives the time of day for records."""

    def __init__(self, run: Run, store: Store, clock: Callable[[], datetime]) -> None:
        self._run = run
        self._store = store
        self.clock = clock
        self._turns: dict[ResourceId, _Turn] = {}
        self._lock = threading.Lock()

    def wake(self, wake: Wake) -> str:
        """Look at the gateway; the id of the run that covers this wake.

        A wake that arrives during a run waits for its end and is then covered by one more run, together with
        all others that arrived meanwhile: that run starts after them and reads the world anew.
        """
        with self._lock:
            turn = self._turns.setdefault(wake.gateway, _Turn())
            turn.requested += 1
            mine = turn.requested
        with turn.lock:
            if turn.completed < mine:
                covers = turn.requested
                turn.covered_by = self._record(wake, dry_run=False)
                turn.completed = covers
            return turn.covered_by

    def preview(self, wake: Wake) -> str:
        """Plan only: takes no turn and cannot write; the id of its record."""
        return self._record(wake, dry_run=True)

    def record(self, run: str) -> dict[str, Any] | None:
        """What came of a run, or that it is under way; None for an id that no run has."""
        return self._store.get(f"runs/{run}") if _RUN.fullmatch(run) else None

    def _record(self, wake: Wake, *, dry_run: bool) -> str:
        """Run once and keep what came of it; a failed run is kept as such and raises at the trigger."""
        run = uuid.uuid4().hex
        record: dict[str, Any] = {
            "id": run,
            "gateway": wake.gateway.text,
            "cause": wake.cause,
            "dryRun": dry_run,
            "status": "running",
            "startedAt": self.clock().isoformat(),
        }
        self._store.put(f"runs/{run}", record)
        mistake: Exception | None = None
        try:
            report = self._run(wake.gateway, dry_run)
        except Exception as error:  # noqa: BLE001 - kept as a failed run first, raised afterwards
            mistake = error
            report = Report(wake.gateway, failure=Failure("internal-error", type(error).__name__))
        ended = self.clock().isoformat()
        status = "failed" if report.failed else "succeeded"
        self._store.put(f"runs/{run}", {**record, "status": status, "endedAt": ended, "report": document(report)})
        if not dry_run:
            self._keep_status(wake.gateway, run, ended, report)
        if mistake is not None:
            raise mistake
        return run

    def _keep_status(self, gateway: ResourceId, run: str, ended: str, report: Report) -> None:
        name = f"status/{gateway.subscription}.{gateway.name}".lower()
        before = self._store.get(name) or {}
        answer = document(report)
        drifted = [c for c in answer["changes"] if c["change"] == "update"]
        status = {
            "gateway": gateway.text,
            "lastRun": run,
            "lastRunAt": ended,
            "lastSuccessAt": before.get("lastSuccessAt") if report.failed else ended,
            "converged": report.converged,
            "error": answer["error"],
            "held": answer["held"],
            "drifted": [c["id"] for c in drifted],
            "accounts": answer["accounts"],
        }
        self._store.put(name, status)
