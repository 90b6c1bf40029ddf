"""Which long-running operations are under way, and what happens when one ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.clock import Clock
from simulator.errors import Refusal

JSON = dict[str, Any]
_DEFECT = {"code": "InternalServerError", "message": "The simulator has a defect: see the request that met it."}


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

    def locks(self, now: float) -> bool:
        """Whether it still keeps its resource locked."""
        return self.running or now < self.unlock


class Operations:
    """All operations by id; they end when somebody looks after they were due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[str, Operation] = {}
        self._busy: list[Operation] = []  # those that run or still lock something
        self._to_fail: JSON | None = None  # the error of the next operation to be started

    @contextmanager
    def failing(self, error: JSON) -> Iterator[Callable[[], bool]]:
        """Let the first operation that is started meanwhile fail with this error; yields whether one took it."""
        self._to_fail = error
        try:
            yield lambda: self._to_fail is None
        finally:
            self._to_fail = None

    def start(self, operation: Operation) -> Operation:
        """Begin an operation; one that takes no time ends at once."""
        if self._to_fail is not None:
            operation.error, self._to_fail = self._to_fail, None
        self._all[operation.id.lower()] = operation
        self._busy.append(operation)
        self.settle()
        return operation

    def get(self, id: str) -> Operation | None:
        """The operation with this id."""
        return self._all.get(id.lower())

    def settle(self) -> None:
        """End what is due, each at the moment when it was due, in that order."""
        while True:
            now = self._clock.seconds()
            due = [each for each in self._busy if each.running and each.due <= now]
            if not due:
                self._busy = [each for each in self._busy if each.locks(now)]
                return
            first = min(due, key=lambda each: each.due)
            with self._clock.at(first.due):
                self._end(first)

    def _end(self, operation: Operation) -> None:
        """Whatever happens it has ended then: a defect strikes the one request that met it, not all that follow."""
        operation.status, operation.ended = "Failed", self._clock.now()
        try:
            if operation.error is None:
                operation.finish()
                operation.status = "Succeeded"
        except Refusal as refusal:
            operation.error = _error_of(refusal)
        except Exception:
            operation.error = dict(_DEFECT)
            raise
        finally:
            then = operation.on_success if operation.status == "Succeeded" else operation.on_failure
            if then is not None:
                then()

    def locking(self, resource: str) -> Operation | None:
        """The operation that keeps this resource locked, if one does."""
        now = self._clock.seconds()
        wanted = resource.lower()
        return next((each for each in self._busy if each.locks(now) and each.resource.lower() == wanted), None)


def _error_of(refusal: Refusal) -> JSON:
    error: JSON = (refusal.body or {}).get("error", {})
    return error
