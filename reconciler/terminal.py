"""What a person sees and is asked while a run goes on; all of it on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.status import Status as Spinner

from reconciler.errors import ConfigError
from reconciler.model import Change, Outcome, Plan, kind_of, source_of, verb
from reconciler.progress import Progress
from reconciler.report import Report, label
from reconciler.resource_id import ResourceId
from reconciler.text import show
from reconciler.world import World

_DOING = {"create": "creating", "update": "updating", "delete": "deleting"}


class TerminalProgress(Progress):
    """Shows each change as it happens: a spinner on a terminal, a line where it is none.

    Changes are told from the threads that make them, which an interrupt does not wait for: they are shown one at a
    time, and none is once the run is over.
    """

    def __init__(self, to: Console, agree: Callable[[World, Plan], bool], *, asks: bool = False) -> None:
        super().__init__()
        self._asks = asks
        self._to = to
        self._agree = agree
        self._total = 0
        self._spinner: Spinner | None = None
        self._doing: dict[ResourceId | None, str] = {}  # one change at a time for an account
        self._lock = Lock()
        self._over = False

    @contextmanager
    def reading(self, gateway: str) -> Iterator[None]:
        """Show that the gateway is being read, until there is a plan; nothing turns when the block is left."""
        self._spin(f"reading {gateway}")
        try:
            yield
        except KeyboardInterrupt:
            with self._lock:
                self._over = True
                self._stop()
                if self._doing:
                    doing = ", ".join(self._doing.values())
                    self._to.print(f"interrupted while {doing}: the next run looks at what came of it")
            raise
        finally:
            with self._lock:
                self._over = True
                self._stop()

    def planned(self, world: World, plan: Plan) -> bool:
        """Ask whether to go on, where that is somebody's to say."""
        self._stop()
        super().planned(world, plan)
        self._total = len(plan.changes)
        self.asked = self._asks and self._total > 0
        return self._agree(world, plan)

    def began(self, change: Change) -> None:
        """Show what is being done."""
        with self._lock:
            if self._over:
                return
            self._stop()
            self._doing[source_of(change)] = f"{_DOING[verb(change)]} {kind_of(change)} {label(change.id)}"
            self._show_what_is_done()

    def ended(self, outcome: Outcome) -> None:
        """Show what became of it."""
        with self._lock:
            if self._over:
                return
            super().ended(outcome)
            self._stop()
            change = outcome.change
            self._doing.pop(source_of(change), None)
            what = f"{verb(change)} {kind_of(change)} {label(change.id)}"
            detail = f": {outcome.detail}" if outcome.detail else ""
            self._to.print(
                f"[{len(self.outcomes)}/{self._total}] {outcome.status} {what} ({outcome.seconds:.1f} s){detail}"
            )
            if self._doing:
                self._show_what_is_done()

    def _show_what_is_done(self) -> None:
        self._spin(f"[{len(self.outcomes) + 1}/{self._total}] {', '.join(self._doing.values())}")

    def _spin(self, text: str) -> None:
        if self._to.is_terminal:
            self._spinner = self._to.status(text)
            self._spinner.start()

    def _stop(self) -> None:
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None


def consent(*, yes: bool, digest: str | None, to: Console) -> Callable[[World, Plan], bool]:
    """Who says whether a plan is applied: `--yes`, the digest somebody approved, or the person at the terminal."""

    def agree(world: World, plan: Plan) -> bool:
        if digest is not None:
            if not plan.digest.startswith(digest):
                raise ConfigError(
                    f"the plan for {world.gateway.resource_id.name} is now {plan.digest[:12]}, not {digest[:12]}: "
                    "the world has changed since; run plan again and approve what it shows"
                )
            return True
        if yes or not plan.changes:
            return True
        show([Report(world.gateway.resource_id, world, plan)], to)
        to.print(f"Apply these {len(plan.changes)} changes to {world.gateway.resource_id.name}? [y/N] ", end="")
        return sys.stdin.readline().strip().lower() in {"y", "yes"}

    return agree
