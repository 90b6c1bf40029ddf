"""How a plan is carried out: each change becomes an outcome; the only module that writes."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Event, Lock, Thread
from typing import Any, Protocol

from reconciler.arm import Arm
from reconciler.errors import ReconcilerError
from reconciler.model import (
    Change,
    Create,
    Delete,
    Document,
    Outcome,
    Plan,
    Resource,
    Status,
    Unknown,
    Update,
    Write,
    kind_of,
    source_of,
    verb,
)
from reconciler.resource_id import ResourceId

_LOG = logging.getLogger("reconciler")


class Rules(Protocol):
    """The decisions that apply asks for, since it makes none itself."""

    def remaining(self, change: Change, found: Document | None) -> Write | None:
        """What is still to be sent, given what is there now."""

    def settle(self, change: Create | Update, found: Document | None) -> Write | None:
        """The request that makes what is there what it should be; None where it is."""

    def still(self, change: Update, listed: Sequence[Document]) -> None:
        """Raise where what would go with a resource that is made anew is no longer what was seen."""

    def missing(self, change: Create | Update, listed: Sequence[Document]) -> tuple[Resource, ...]:
        """What should have come with a creation and did not."""


class Listener(Protocol):
    """Who hears of each change; never of two at the same moment."""

    def began(self, change: Change) -> None:
        """A change is being made."""

    def ended(self, outcome: Outcome) -> None:
        """A change has its outcome."""


def apply(plan: Plan, arm: Arm, rules: Rules, listener: Listener, writers: int = 4) -> None:
    """Do the changes, one outcome each, as they happen.

    What is of no account comes first, in order; then the accounts side by side, at most `writers` of them, the
    changes of each in their order; last what of no account is to be deleted. A change that fails fails alone: what
    needs it is skipped, the rest goes on, and the next run resumes by looking again. Declared unknowns are filled
    from the answers of the changes that supply them. After an interrupt nothing begins, and nobody is told of what
    was under way: the next run looks at what came of it.
    """
    work = _Work(arm, rules, listener)
    first, accounts, last = _shared_out(plan.changes)
    try:
        work.do(first)
        _side_by_side(work, accounts, writers)
        work.do(last)
    except BaseException:
        work.stopped.set()
        raise


def _side_by_side(work: _Work, accounts: Sequence[Sequence[Change]], writers: int) -> None:
    """The accounts, on threads that an interrupt does not wait for."""
    if min(writers, len(accounts)) < 2:  # noqa: PLR2004 - one account at a time needs no thread
        for changes in accounts:
            work.do(changes)
        return
    left = deque(accounts)
    mistakes: list[BaseException] = []

    def write() -> None:
        try:
            while left and not work.stopped.is_set():
                with suppress(IndexError):
                    work.do(left.popleft())
        except BaseException as mistake:  # noqa: BLE001 - raised again where the run is
            mistakes.append(mistake)
            work.stopped.set()

    threads = [Thread(target=write, daemon=True) for _ in range(min(writers, len(accounts)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if mistakes:
        raise mistakes[0]


def _shared_out(changes: Sequence[Change]) -> tuple[list[Change], list[list[Change]], list[Change]]:
    """What comes before the accounts, the accounts, what comes after them."""
    first: list[Change] = []
    last: list[Change] = []
    accounts: dict[ResourceId, list[Change]] = {}
    for change in changes:
        source = source_of(change)
        if source is not None:
            accounts.setdefault(source, []).append(change)
        else:
            (last if isinstance(change, Delete) else first).append(change)
    return first, list(accounts.values()), last


class _Work:
    """What the threads of one apply share."""

    def __init__(self, arm: Arm, rules: Rules, listener: Listener) -> None:
        self._arm = arm
        self._rules = rules
        self._listener = listener
        self._lock = Lock()
        self._known: dict[str, str] = {}
        self._failed: set[ResourceId] = set()
        self.stopped = Event()

    def do(self, changes: Sequence[Change]) -> None:
        """Carry changes out one after the other."""
        for planned in changes:
            if self.stopped.is_set():
                return
            outcome = self._outcome(planned)
            if outcome.status is not Status.APPLIED:
                self._failed.add(planned.id)
            with self._lock:
                if not self.stopped.is_set():
                    self._listener.ended(outcome)

    def _outcome(self, planned: Change) -> Outcome:
        cause = next((need for need in _needs(planned) if need in self._failed), None)
        if cause is not None:
            return Outcome(planned, Status.SKIPPED, f"it needs {cause.name}, which was not made", reason="needs")
        stop = self._arm.stop()
        if stop is not None:
            return Outcome(planned, Status.SKIPPED, f"{stop.detail}; the next run goes on", reason=stop.reason)
        with self._lock:
            self._listener.began(planned)
        started = self._arm.now()
        change = planned
        try:
            change = filled(planned, self._known)
            detail, sent = _do(change, self._arm, self._rules, self._known)
        except ReconcilerError as error:
            return Outcome(change, Status.FAILED, str(error), self._arm.now() - started, reason=error.reason)
        except Exception as error:  # noqa: BLE001 - a mistake of ours in one change must not lose the others' outcomes
            _LOG.exception("%s %s stopped at a mistake", verb(planned), planned.id.text)
            detail, reason = (
                f"internal error: {type(error).__name__}",
                "internal-error",
            )  # its text may bear a secret
            return Outcome(change, Status.FAILED, detail, self._arm.now() - started, reason=reason)
        return Outcome(change, Status.APPLIED, detail, self._arm.now() - started, sent)


def filled(change: Change, known: Mapping[str, str]) -> Change:
    """The change with every unknown that is known by now in its place, its id included."""
    if isinstance(change, Delete) or not _unknowns(change.desired.body):
        return change
    body = _fill(change.desired.body, known)
    left = _unknowns(body)
    if left:
        raise ReconcilerError(f"{left[0].name} was not learnt: the change that supplies it did not answer it")
    identify = change.desired.identify
    known_id = identify(body) if identify else change.desired.id
    return replace(change, desired=replace(change.desired, id=known_id, body=body))


def _do(change: Change, arm: Arm, rules: Rules, known: dict[str, str]) -> tuple[str, bool]:
    """Carry one change out; a detail worth reporting, and whether anything was sent."""
    target = change.desired.id if isinstance(change, Create) else change.id
    sent: list[Write] = []

    def remaining(found: Document | None) -> Write | None:
        wanted = rules.remaining(change, found)
        sent.extend([wanted] if wanted else [])
        return wanted

    if isinstance(change, Update) and change.anew:
        rules.still(change, arm.members(target, change.brings[0].id.type))
    after = arm.write(target, remaining)
    if isinstance(change, Create | Update):
        _learn(change.desired, after, known)
    if isinstance(change, Delete) or not change.brings:
        return "", bool(sent)
    # An import makes of the request what the document says: look at what came of it, and finish it.
    arm.write(target, lambda found: rules.settle(change, found))
    first = change.brings[0]
    absent = rules.missing(change, arm.members(target, first.id.type))
    if absent:
        names = ", ".join(resource.id.name for resource in absent)
        raise ReconcilerError(f"it was imported without what the document says: {names}; the next run repairs that")
    return f"with {len(change.brings)} {kind_of(Create(first))}s", bool(sent)


def _learn(resource: Resource, after: Document | None, known: dict[str, str]) -> None:
    for name, path in resource.supplies.items():
        value: Any = after.body if after is not None else None
        for step in path.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None:
            known[name] = str(value)


def _needs(change: Change) -> tuple[ResourceId, ...]:
    return () if isinstance(change, Delete) else tuple(sorted(change.desired.needs))


def _unknowns(value: Any) -> list[Unknown]:
    if isinstance(value, Unknown):
        return [value]
    if isinstance(value, Mapping):
        return [u for inner in value.values() for u in _unknowns(inner)]
    if isinstance(value, list | tuple):
        return [u for inner in value for u in _unknowns(inner)]
    return []


def _fill(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, Unknown):
        return known.get(value.name, value)
    if isinstance(value, Mapping):
        return {key: _fill(inner, known) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_fill(inner, known) for inner in value]
    return value
