"""Reads and writes of Azure resources, with every retry and every wait of the product."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Protocol, TypeVar

from azure.core.exceptions import AzureError, ClientAuthenticationError

from reconciler.arm.clients import Clients
from reconciler.arm.refusals import answer_of, refusal
from reconciler.arm.retry import Answer, Step, after_read, after_write, wait
from reconciler.arm.sdk import Sdk
from reconciler.errors import GaveUp, LeaseLost, ReconcilerError, Refused
from reconciler.model import Document, Write
from reconciler.resource_id import ResourceId

Remaining = Callable[[Document | None], Write | None]
"""What is still to be sent, given what is there now; None: nothing."""
PATIENCE = 120.0
"""Seconds that one read or write may spend on being told to wait: a change that fails fails alone."""
_TRIES_WITHOUT_ANSWER = 3
"""An endpoint that does not answer at all is reported soon."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Arm(Protocol):
    """What the phases of a run may ask of Azure."""

    def get(self, id: ResourceId) -> Document | None:
        """The resource, or None where it is not there."""

    def members(self, parent: ResourceId, resource_type: str, filter: str = "") -> list[Document]:
        """All pages of a collection; raises NotFound where the parent is not there."""

    def write(self, id: ResourceId, remaining: Remaining) -> Document | None:
        """Look, send what remains, and look again after an unclear answer; what is there afterwards."""

    def each(self, read: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        """The reads side by side, results in order; of all reads there are at most eight at a time."""

    def both(self, one: Callable[[], _Item], other: Callable[[], _Result]) -> tuple[_Item, _Result]:
        """Two things that read, side by side; where both fail, the first one's error."""

    def now(self) -> float:
        """Seconds on the clock that waits go by."""

    def stop(self) -> Stop | None:
        """Why nothing more may be written; None while it may."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run may not write any more, as a word for machines and for a person."""

    reason: str
    detail: str


TIME_UP = Stop("time-up", "the time of this run was up")
LEASE_LOST = Stop("lease-lost", "the lease on this gateway was lost: another run may have begun")


class SdkArm:
    """Arm through the management SDKs; `deadline` is in seconds on `clock` from now on.

    `ours` says whether the turn at this gateway is still ours: where it is not, nothing more is written. A run that
    is not `patient` does not wait for what takes Azure many minutes.
    """

    def __init__(
        self,
        clients: Clients,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        deadline: float,
        readers: int = 8,
        ours: Callable[[], bool] = lambda: True,
        patient: bool = True,
    ) -> None:
        self._sleep = sleep
        self._clock = clock
        self._deadline = clock() + deadline
        self._readers = readers
        self._slots = BoundedSemaphore(readers)
        self._random = random.Random()  # noqa: S311 - spreads waits, guards nothing
        self._ours = ours
        self._sdk = Sdk(clients, sleep=sleep, time_left=self._time_left, patient=patient)

    def now(self) -> float:
        """See Arm."""
        return self._clock()

    def stop(self) -> Stop | None:
        """See Arm."""
        if not self._ours():
            return LEASE_LOST
        return TIME_UP if self._time_left() <= 0 else None

    def _time_left(self) -> float:
        return self._deadline - self._clock()

    def each(self, read: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        """See Arm."""
        todo = tuple(items)
        if len(todo) < 2:  # noqa: PLR2004 - one read needs no pool
            return [read(item) for item in todo]
        with ThreadPoolExecutor(self._readers) as pool:
            return list(pool.map(read, todo))

    def both(self, one: Callable[[], _Item], other: Callable[[], _Result]) -> tuple[_Item, _Result]:
        """See Arm."""
        with ThreadPoolExecutor(1) as pool:
            there = pool.submit(other)
            return one(), there.result()

    def get(self, id: ResourceId) -> Document | None:
        """See Arm."""
        return self._reading(f"GET {id}", lambda: self._sdk.get(id))

    def members(self, parent: ResourceId, resource_type: str, filter: str = "") -> list[Document]:
        """See Arm."""
        return self._reading(
            f"LIST {resource_type} in {parent}", lambda: self._sdk.members(parent, resource_type, filter)
        )

    def write(self, id: ResourceId, remaining: Remaining) -> Document | None:
        """See Arm; `retry.after_write` is the table it goes by."""
        began, attempt = self._clock(), 0
        while True:
            found = self.get(id)
            wanted = remaining(found)
            if wanted is None:
                return found
            what = f"{wanted.verb} {id}"
            while True:
                if not self._ours():
                    raise LeaseLost(f"{what} was not sent: {LEASE_LOST.detail}")
                try:
                    return self._sdk.send(id, wanted)
                except AzureError as error:
                    answer = answer_of(error)
                    step = after_write(answer)
                    if step is Step.ACCEPT:
                        return found
                    if step is Step.GIVE_UP or isinstance(error, ClientAuthenticationError):
                        raise refusal(error, answer, what) from error
                    self._wait(what, answer, attempt, began)
                    attempt += 1
                    if step is Step.LOOK:
                        break
                except ValueError as error:
                    raise _unsendable(what, error) from error

    def _reading(self, what: str, read: Callable[[], _Result]) -> _Result:
        began, attempt = self._clock(), 0
        while True:
            try:
                with self._slots:
                    return read()
            except AzureError as error:
                answer = answer_of(error)
                if after_read(answer) is Step.GIVE_UP or isinstance(error, ClientAuthenticationError):
                    raise refusal(error, answer, what) from error
                if answer.status == 0 and attempt >= _TRIES_WITHOUT_ANSWER:
                    raise refusal(error, answer, what) from error
                self._wait(what, answer, attempt, began)
                attempt += 1
            except ValueError as error:
                raise _unsendable(what, error) from error

    def _wait(self, what: str, answer: Answer, attempt: int, began: float) -> None:
        seconds = wait(answer, attempt, self._random.random())
        if self._clock() + seconds >= min(self._deadline, began + PATIENCE):
            raise GaveUp(
                f"{what} kept answering {answer.status or 'nothing'} {answer.code} ({answer.message[:200]}); "
                "the next run tries again",
                status=answer.status,
                code=answer.code,
            )
        self._sleep(seconds)


class ReadOnlyArm:
    """An Arm that cannot write: what a dry run is given."""

    def __init__(self, arm: Arm) -> None:
        self.get, self.members, self.each, self.now = arm.get, arm.members, arm.each, arm.now
        self.stop, self.both = arm.stop, arm.both

    def write(self, id: ResourceId, remaining: Remaining) -> Document | None:  # noqa: ARG002 - see Arm
        """Refuse."""
        raise ReconcilerError(f"a dry run tried to write {id}; nothing was sent")


def _unsendable(what: str, error: ValueError) -> Refused:
    """The SDK's own types do not take it: repeating will not help, and what it says may quote the data."""
    return Refused(f"{what}: the SDK cannot take the request or its answer ({type(error).__name__})")
