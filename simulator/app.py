"""How the parts make one simulator, and how a request passes through it."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from simulator import admin, apim, behind, cognitive, graph, groups, permissions, providers, signin
from simulator.access import read_role
from simulator.arm import Arm
from simulator.authorization import ROLE_ASSIGNMENT
from simulator.clock import Clock
from simulator.cloud import Cloud
from simulator.errors import Refusal
from simulator.fast_json import copied
from simulator.faults import Fault, Faults
from simulator.generated import Ids
from simulator.identity import USER_ASSIGNED_IDENTITY
from simulator.kinds import View, registry
from simulator.knobs import read_knobs
from simulator.locks import LOCK
from simulator.racing import Races, Turn
from simulator.role_definitions import ROLE_DEFINITION
from simulator.wire import Answer, Ask, common_headers, read, respond
from simulator.world import load, read_world, tenant_of

JSON = dict[str, Any]
KINDS = registry([*apim.KINDS, *cognitive.KINDS, ROLE_ASSIGNMENT, ROLE_DEFINITION, LOCK, USER_ASSIGNED_IDENTITY])
ROUTES = [*apim.ROUTES, *cognitive.ROUTES, *groups.ROUTES, *permissions.ROUTES, *providers.ROUTES]


class ConnectionCut(Exception):  # what happened, not a defect
    """A scripted fault cuts the connection; `sent` when the request had gone out."""

    def __init__(self, *, sent: bool) -> None:
        self.sent = sent
        super().__init__("the connection was cut on purpose")


class Simulator:
    """A local stand-in for Azure Resource Manager: a WSGI application and a world that tests can look into."""

    def __init__(
        self,
        world: Mapping[str, Any] | str | Path | None = None,
        *,
        enforce_role: str | Path | JSON | None = None,
        **knobs: Any,
    ) -> None:
        given = read_world(world)
        self.cloud: Cloud = Cloud(read_knobs(knobs), tenant_of(given), KINDS)
        load(self.cloud, given)
        if enforce_role is not None:
            self.cloud.access.role = read_role(enforce_role)
        self.requests: list[JSON] = []
        self.deliveries: list[JSON] = []  # of events to whoever subscribed, oldest first
        self.faults: Faults = Faults()
        self._races = Races(self.cloud.knobs.racing)
        self._arm = Arm(self.cloud, ROUTES)
        self._lock = threading.RLock()
        self._headers_ids = Ids(-1 - self.cloud.knobs.seed)
        self.cloud.clock.watchers.append(self.settle)

    @property
    def clock(self) -> Clock:
        """The simulator's own clock."""
        return self.cloud.clock

    @property
    def documents(self) -> dict[str, str]:
        """The simulator's web: what the link of an import finds, by URL."""
        return self.cloud.documents

    def settle(self) -> None:
        """End the long-running operations that are due."""
        with self._lock:
            self.cloud.operations.settle()

    @property
    def events(self) -> list[JSON]:
        """The Event Grid events raised so far, oldest first."""
        with self._lock:
            self.cloud.operations.settle()
            return self.cloud.events.raised

    def resources(self) -> dict[str, JSON]:
        """Every resource by id, as GET would show it."""
        with self._lock:
            self.cloud.operations.settle()
            found: dict[str, JSON] = {}
            for entity in sorted(self.cloud.store, key=lambda each: each.id.lower()):
                kind = KINDS[entity.type.lower()]
                found[entity.id] = kind.show(entity, View(self.cloud, "get", max(kind.versions)))
            own: dict[str, JSON] = copied(found)
            return own

    def put(self, id: str, body: Mapping[str, Any]) -> None:
        """Create or replace a resource behind everybody's back; ValueError says why Azure would not have it."""
        with self._lock:
            self.cloud.operations.settle()
            behind.put(self.cloud, id, dict(body))

    def delete(self, id: str) -> None:
        """Delete a resource behind everybody's back; KeyError if it is not there."""
        with self._lock:
            self.cloud.operations.settle()
            behind.delete(self.cloud, id)

    def fail(self, **fault: Any) -> None:
        """Script a failure; `async_` stands for the field `async`, `like` names a ready-made one."""
        with self._lock:
            self.faults.add([fault])

    def listen(self, listener: Callable[[JSON], None]) -> None:
        """Have each new event handed to a function, which must not block."""
        self.cloud.events.listeners.append(listener)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        ask = read(environ)
        if ask.path.startswith("/_simulator"):
            with self._lock:
                answer = admin.serve(self, ask)
            return respond(answer, {})(environ, start_response)
        entry: JSON = {}
        try:
            answer, fault = self._serve(ask, entry)
            environ["simulator.seconds"] = self._latency(ask) + (fault.delay if fault else 0.0)
            response = respond(answer, common_headers(self._guids(), answer))
        except ConnectionCut:
            raise
        except Exception:  # a defect of the simulator; whoever serves it answers 500
            with self._lock:
                self._record(ask, Answer(500), self.clock.seconds(), entry)
            raise
        if fault is not None:
            fault.spoil(response)
        return response(environ, start_response)

    def _guids(self) -> Iterator[str]:
        while True:
            with self._lock:
                yield self._headers_ids.guid()

    def _serve(self, ask: Ask, entry: JSON) -> tuple[Answer, Fault | None]:
        """Wait as long as this takes, without keeping others waiting; then do it."""
        started, clock = self.clock.seconds(), self.clock
        with self._lock:
            fault = self.faults.take(f"{ask.method} {ask.full_path}")
            turn = self._races.arrive(ask)
        pause = fault.delay if fault else 0.0
        early = not fault or not (fault.after or fault.fail_async)
        clock.wait(self._latency(ask) + (pause if early else 0.0))
        with self._lock:
            if fault is not None and fault.fail_async:
                answer, fault = self._failing_later(ask, fault, turn)
            else:
                answer = self._answered(ask, fault, turn)
            self._record(ask, answer, started, entry)
        if fault and not early:
            clock.wait(pause)
            entry["seconds"] = round(clock.seconds() - started, 6)
        if answer is None:
            raise ConnectionCut(sent=fault is not None and (fault.after or fault.drop == "response"))
        return answer, fault

    def _latency(self, ask: Ask) -> float:
        knobs = self.cloud.knobs
        return knobs.read_latency if ask.method in {"GET", "HEAD"} else knobs.write_latency

    def _answered(self, ask: Ask, fault: Fault | None, turn: Turn | None) -> Answer | None:
        """The answer; nothing when the connection is cut."""
        if fault is None:
            return self._honest(ask, turn)
        honest = self._honest(ask, turn) if fault.after else None
        if fault.drop in {True, "response"}:
            return None
        if fault.answer is not None:
            return fault.scripted(ask)
        return honest or self._honest(ask, turn)

    def _failing_later(self, ask: Ask, fault: Fault, turn: Turn | None) -> tuple[Answer | None, Fault | None]:
        """The answer, and the fault if an operation was started that will fail; if not, it waits for another."""
        if fault.struck >= fault.times:  # another request was quicker
            return self._honest(ask, turn), None
        with self.cloud.operations.failing(fault.async_error(ask)) as struck:
            answer = self._honest(ask, turn)
            if not struck():
                return answer, None
        fault.struck += 1
        return (None if fault.drop is True else answer), fault

    def _honest(self, ask: Ask, turn: Turn | None) -> Answer:
        try:
            if refusal := self._races.lost(turn):
                raise refusal
            answer = signin.serve(self.cloud, ask) or graph.serve(self.cloud, ask) or self._arm.serve(ask)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body, refusal.headers)
        self._races.done(turn)
        return answer

    def _record(self, ask: Ask, answer: Answer | None, started: float, entry: JSON) -> None:
        """Fill the entry of a request in the list of requests; one that is there already is corrected."""
        if not entry:
            self.requests.append(entry)
        entry |= {
            "method": ask.method,
            "path": ask.path,
            "api_version": ask.version,
            "status": answer.status if answer else None,
            "if_match": ask.if_match,
            "body": ask.body,
            "seconds": round(self.clock.seconds() - started, 6),
        }
