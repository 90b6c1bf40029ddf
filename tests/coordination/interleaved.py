"""Lets wakes and deliveries of several processes go on step by step, in any order, with crashes, stalls and skew.

Each wake and each delivery is an `Actor`, a thread that stands still before every step until it is told to go on:
one thread at a time runs, and an order of steps is repeated exactly.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from reconciler.report import Report
from tests.coordination.steps import Look, Place, Process, ProcessEnded, Sent, failed, in_sync, not_made

PATIENCE = 20.0
MOST_DELIVERIES = 400


class Actor:
    """Something that a process does, one step at a time."""

    def __init__(self, process: Process, what: Callable[[], object]) -> None:
        self.process = process
        self.about: Sent | None = None
        self.over = self.ended_well = False
        self.error: BaseException | None = None
        self._what = what
        self._go, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._act, daemon=True)
        self._thread.start()
        self._until_it_stands()

    def step(self) -> None:
        """Let it do one step."""
        self._go.release()
        self._until_it_stands()

    def stand(self) -> None:
        """Called on its own thread, before a step: wait to be told."""
        self._stands.release()
        self._go.acquire()

    def is_this_thread(self) -> bool:
        return threading.current_thread() is self._thread

    def _act(self) -> None:
        self.stand()
        try:
            self._what()
            self.ended_well = not self.process.dead
        except ProcessEnded:
            pass
        except Exception as error:  # noqa: BLE001 - raised on the thread of the test
            self.error = error
        finally:
            self.over = True
            self._stands.release()

    def _until_it_stands(self) -> None:
        assert self._stands.acquire(timeout=PATIENCE), "an actor hangs"
        if self.error is not None:
            raise self.error


@dataclass
class Wanted:
    """An event that came at a moment of the order; `done` once its wake has returned."""

    came: int
    worker: int
    actor: Actor
    again: bool = False


@dataclass
class Ran:
    """A run: the moment at which it looked, and whether it found everything as it should be."""

    looked: int
    look: Look
    process: Process
    good: bool = False


@dataclass
class Model:
    """Two workers on one place; the methods are what may happen."""

    skews: tuple[float, float] = (0.0, 0.0)
    fails: int = 0
    place: Place = field(default_factory=Place)
    workers: list[Process] = field(default_factory=list)
    actors: list[Actor] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    runs: list[Ran] = field(default_factory=list)
    moment: int = 0
    extra: int = 0
    """How many messages there may be more because something was done twice: crashes, duplicates."""

    def __post_init__(self) -> None:
        self.workers = [self._worker(skew) for skew in self.skews]

    # What may happen

    def wake(self, worker: int, steps: int = 0) -> None:
        """An event comes; so many steps of its wake are done at once."""
        process = self.workers[worker]
        actor = self._acts(process, process.wake)
        self.wanted.append(Wanted(self._next(), worker, actor))
        self._steps(actor, steps)

    def deliver(self, worker: int, number: int, steps: int = 0, *, twice: bool = False) -> None:
        """One of the messages that can be seen, to a worker; twice: it can be seen by others as well."""
        visible = self.place.visible()
        if not visible:
            return
        sent = visible[number % len(visible)]
        actor = self._deliver(self.workers[worker], sent)
        if twice:
            self._deliver(self.workers[1 - worker], sent)
        self._steps(actor, steps)

    def step(self, number: int, steps: int) -> None:
        """Let one of those that have begun do so many steps."""
        going = [actor for actor in self.actors if not actor.over]
        if going:
            self._steps(going[number % len(going)], steps)

    def crash(self, worker: int) -> None:
        """End a process; another one takes its place."""
        process = self.workers[worker]
        process.end()
        mine = [actor for actor in self.actors if actor.process is process and not actor.over]
        self.extra += len(mine)
        for actor in mine:
            actor.step()
            assert actor.over
        self.workers[worker] = self._worker(self.skews[worker])

    def stall(self, worker: int) -> None:
        """It stands still for a while: its lease is not renewed. Or it goes on."""
        self.workers[worker].stalled = not self.workers[worker].stalled

    def overtaken(self, worker: int, number: int, steps: int) -> None:
        """It stands still for so long that the other one gets its message and its turn; then it goes on."""
        self.workers[worker].stalled = True
        self.wait(61.0)
        self.deliver(1 - worker, number, steps)
        self.workers[worker].stalled = False

    def wait(self, seconds: float) -> None:
        self.place.advance(seconds)
        self._check()

    # How it ends

    def finish(self) -> None:
        """Everything that has begun goes on, events that were not taken come again, all messages are delivered."""
        for process in self.workers:
            process.stalled = False
        self._all()
        for each in [each for each in self.wanted if not each.actor.ended_well]:
            self.wake(each.worker)
            each.again = True
        self._all()
        for delivered in range(MOST_DELIVERIES):
            if not self.place.queue:
                return
            following = min(self.place.queue, key=lambda each: each.due)
            self.place.advance(max(0.0, (following.due - self.place.now).total_seconds()))
            self._deliver(self.workers[delivered % 2], following)
            self._all()
        raise AssertionError("messages go round and round")

    def judge(self) -> None:
        """No wake is unanswered by a run that began after it; nothing is left over."""
        for each in self.wanted:
            if not each.again:
                assert any(run.good and run.looked > each.came for run in self.runs), "a wake was lost"
        marker = self.place.marker
        assert marker.requested == marker.completed
        epochs = [document["epoch"] for name, document in self.place.written if name.startswith("status/")]
        assert epochs == sorted(epochs), "an earlier holder overwrote what a later one had written"
        assert self.place.poison == []

    # Inside

    def _next(self) -> int:
        self.moment += 1
        return self.moment

    def _worker(self, skew: float) -> Process:
        process = Process(self.place, skew=skew)
        process.before = self._before
        process.becomes = lambda look: self._becomes(process, look)
        return process

    def _before(self, _: str) -> None:
        for actor in self.actors:
            if actor.is_this_thread():
                actor.stand()

    def _becomes(self, process: Process, look: Look) -> Report:
        assert look.turn is not None
        run = Ran(self._next(), look, process)
        self.runs.append(run)
        process.did("write")  # a run takes long: anything may happen meanwhile
        if not look.turn.ours():
            return not_made("lease-lost")(look)
        if self.fails:
            self.fails -= 1
            return failed("unreachable")(look)
        run.good = True
        return in_sync(look)

    def _acts(self, process: Process, what: Callable[[], object]) -> Actor:
        actor = Actor(process, what)
        self.actors.append(actor)
        return actor

    def _steps(self, actor: Actor, steps: int) -> None:
        for _ in range(steps):
            if actor.over:
                return
            actor.step()
            self._check()

    def _deliver(self, process: Process, sent: Sent) -> Actor:
        if any(not actor.over and actor.about is sent for actor in self.actors):
            self.extra += 1  # it was hidden for too short a time
        actor = self._acts(process, lambda: self.place.deliver(sent, process))
        actor.about = sent
        return actor

    def _all(self) -> None:
        while going := [actor for actor in self.actors if not actor.over]:
            for actor in going:
                actor.step()
                self._check()
        self.actors = []

    def _check(self) -> None:
        """Never two runs with the lease at once; never more messages than something asked for."""
        with_lease = [
            run.look
            for run in self.runs
            if run.look.turn is not None and run.look.turn.ours() and not run.look.over and not run.process.dead
        ]
        assert len(with_lease) <= 1, "two runs at once"
        at_it = sum(not actor.over and actor.about is not None for actor in self.actors)
        assert len(self.place.queue) <= len(self.wanted) + at_it + self.extra, "messages breed"
