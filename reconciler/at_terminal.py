"""How somebody at a terminal has a turn at a gateway: taken once there is something to do and it is agreed to.

While a person reads a plan nobody is kept waiting; whoever agrees has the world read again under the lease.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Self

from reconciler.coordinate import Coordinator
from reconciler.errors import ReconcilerError
from reconciler.model import Notice, Plan
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from reconciler.turn import Turn
from reconciler.verdict import Next
from reconciler.world import World

_CAUSE = "command line"


class AtTheTerminal:
    """One `apply` for one gateway; leaving the block gives the turn back."""

    def __init__(self, coordinator: Coordinator, gateway: ResourceId) -> None:
        self._coordinator = coordinator
        self._gateway = gateway
        self._taken = ExitStack()
        self._turn: Turn | None = None

    def __enter__(self) -> Self:
        """Nothing is taken yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the turn back."""
        self._taken.close()

    def turn(self) -> Turn | None:
        """The turn, once it is taken."""
        return self._turn

    def agreeing(self, agree: Callable[[World, Plan], bool]) -> Callable[[World, Plan], bool]:
        """The same consent, with the turn taken after it; raises ReconcilerError where somebody else has it."""

        def then_take(world: World, plan: Plan) -> bool:
            if not agree(world, plan):
                return False
            if plan.changes:
                turn = self._taken.enter_context(self._coordinator.turn(self._gateway))
                turn.begin(_CAUSE)
                self._turn = turn
            return True

        return then_take

    def ended(self, report: Report) -> Report:
        """The report, kept as a run of this gateway where there was a turn."""
        if self._turn is None:
            return report
        try:
            self._turn.end(report, lambda how: how.next is Next.DONE)
        except ReconcilerError as error:
            return replace(report, remarks=(*report.remarks, Notice("state-not-kept", self._gateway, str(error))))
        return report
