"""How somebody at a terminal has a turn at a gateway: taken once the plan is agreed to.

While a person reads a plan nobody is kept waiting; who was asked has the world read again under the lease.
Wakes are never answered here: the look may have been before them, and a person may be allowed less.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Self

from reconciler.coordinate import Coordinator
from reconciler.errors import ReconcilerError
from reconciler.model import Notice, Plan
from reconciler.report import Failure, Report
from reconciler.resource_id import ResourceId
from reconciler.turn import Turn
from reconciler.verdict import Verdict
from reconciler.world import World

_CAUSE = "command line"


class AtTheTerminal:
    """One `apply` for one gateway; leaving the block gives the turn back."""

    def __init__(self, coordinator: Coordinator, gateway: ResourceId) -> None:
        self._coordinator = coordinator
        self._gateway = gateway
        self._taken = ExitStack()
        self._turn: Turn | None = None
        self._over = False

    def __enter__(self) -> Self:
        """Nothing is taken yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the turn back; a run that nobody ended has failed."""
        if self._turn is not None and not self._over:
            with suppress(ReconcilerError):
                self._turn.end(Report(self._gateway, failure=Failure("interrupted", "it ended early")), _nothing)
        self._taken.close()

    def turn(self) -> Turn | None:
        """The turn, once it is taken."""
        return self._turn

    def agreeing(self, agree: Callable[[World, Plan], bool]) -> Callable[[World, Plan], bool]:
        """The same consent, with the turn taken after it; raises ReconcilerError where somebody else has it.

        Where there is nothing to write, somebody else's turn is no hindrance, and what is remembered is theirs.
        """

        def then_take(world: World, plan: Plan) -> bool:
            if not agree(world, plan):
                return False
            try:
                turn = self._taken.enter_context(self._coordinator.turn(self._gateway))
                turn.begin(_CAUSE)
            except ReconcilerError:
                if plan.changes:
                    raise
            else:
                self._turn = turn
            return True

        return then_take

    def ended(self, report: Report) -> Report:
        """The report, kept as a run of this gateway where there was a turn."""
        if self._turn is None:
            return report
        self._over = True
        try:
            self._turn.end(report, _nothing)
        except ReconcilerError as error:
            return replace(report, remarks=(*report.remarks, Notice("state-not-kept", self._gateway, str(error))))
        return report


def _nothing(_: Verdict) -> bool:
    """Which wakes a run at a terminal answers."""
    return False
