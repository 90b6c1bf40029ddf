"""Which long-running operations are under way, and what happens when one ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.clock import Clock
from simulator.errors import Refusal

JSON = dict[str, Any]


@dataclass
class Operation:
    """Work that Azure accepted and finishes later."""

    id: str
    resource: str  # id of what is worked on
    due: float  # when it ends
    finish: Callable[[], None]
    code: int  # the final status at its Location
    started: datetime
    ended: datetime | None = None
    status: str = "InProgress"
    error: JSON | None = None
    unlock: float = 0.0  # until when the resource stays locked
    on_success: Callable[[], None] | None = None
    on_failure: Callable[[], None] | None = None
    kind: str = ""  # how its polls are answered

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.status == "InProgress"


class Operations:
    """All operations by id; they end when somebody looks after they were due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[str, Operation] = {}

    def start(self, operation: Operation) -> Operation:
        """Begin an operation; one that takes no time ends at once."""
        self._all[operation.id.lower()] = operation
        self.settle()
        return operation

    def get(self, id: str) -> Operation | None:
        """The operation with this id."""
        return self._all.get(id.lower())

    def settle(self) -> None:
        """End what is due, in the order in which it was due."""
        now = self._clock.seconds()
        due = [operation for operation in self._all.values() if operation.running and operation.due <= now]
        for operation in sorted(due, key=lambda each: each.due):
            if operation.error is None:
                try:
                    operation.finish()
                except Refusal as refusal:
                    operation.error = _error_of(refusal)
            operation.status = "Failed" if operation.error else "Succeeded"
            operation.ended = self._clock.now()
            then = operation.on_failure if operation.error else operation.on_success
            if then is not None:
                then()

    def locking(self, resource: str) -> Operation | None:
        """The operation that keeps this resource locked, if one does."""
        now = self._clock.seconds()
        for operation in self._all.values():
            if operation.resource.lower() == resource.lower() and (operation.running or now < operation.unlock):
                return operation
        return None


def _error_of(refusal: Refusal) -> JSON:
    error: JSON = (refusal.body or {}).get("error", {})
    return error
