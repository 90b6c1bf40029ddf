"""What somebody may want to hear while a run goes on, and a word in whether its plan is applied."""

from __future__ import annotations

from reconciler.model import Change, Outcome, Plan
from reconciler.world import World


class Progress:
    """Listens and remembers; says nothing. Subclasses show it to people."""

    def __init__(self) -> None:
        self.world: World | None = None
        self.plan: Plan | None = None
        self.asked = False
        """Whether a person was asked, and so time went by."""
        self._outcomes: list[Outcome] = []

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes so far: all of them at the end, those before an interrupt otherwise."""
        return tuple(self._outcomes)

    def planned(self, world: World, plan: Plan) -> bool:
        """The plan is made; True: apply it."""
        self.world, self.plan = world, plan
        return True

    def began(self, change: Change) -> None:
        """A change is being made."""

    def ended(self, outcome: Outcome) -> None:
        """A change has its outcome."""
        self._outcomes.append(outcome)
