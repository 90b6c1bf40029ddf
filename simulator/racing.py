"""Which write loses when two of them below one parent are under way at the same time."""

from dataclasses import dataclass
from typing import Literal

from simulator.errors import Refusal
from simulator.ids import key, parse
from simulator.wire import Ask
from simulator.writing import stale

Racing = Literal["off", "nested", "all"]
_WRITES = {"PUT", "PATCH", "DELETE"}
_BELOW_A_CHILD = 3  # service, child, grandchild


@dataclass
class Turn:
    """A write that has arrived; `seen` counts its siblings' writes that were done by then."""

    parent: str
    seen: int


class Races:
    """API Management's optimistic concurrency: who reads before a sibling is written and writes after it, gets 412.

    REPORTED without any If-Match for parallel writes below one API, product or user (arm-wire 11, `nested`);
    `all` extends it to what stands directly below the service. Only time makes writes overlap: on a real clock
    give them a latency.
    """

    def __init__(self, racing: Racing) -> None:
        self._racing = racing
        self._done: dict[str, int] = {}

    def arrive(self, ask: Ask) -> Turn | None:
        """Note what a write sees when it arrives; nothing for what cannot race."""
        if self._racing == "off" or ask.method not in _WRITES:
            return None
        path = parse(ask.path)
        least = _BELOW_A_CHILD if self._racing == "nested" else _BELOW_A_CHILD - 1
        if path.type.lower().split("/")[:2] != ["microsoft.apimanagement", "service"] or len(path.names) < least:
            return None
        parent = key(path.parent)
        return Turn(parent, self._done.get(parent, 0))

    def lost(self, turn: Turn | None) -> Refusal | None:
        """The refusal of a write whose sibling was faster."""
        return stale() if turn is not None and self._done.get(turn.parent, 0) != turn.seen else None

    def done(self, turn: Turn | None) -> None:
        """A write succeeded."""
        if turn is not None:
            self._done[turn.parent] = self._done.get(turn.parent, 0) + 1
