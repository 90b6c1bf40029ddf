"""How the parts make one simulator, and how a request passes through it."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from simulator import admin, apim, behind, cognitive
from simulator.access import read_role
from simulator.arm import Arm
from simulator.authorization import ROLE_ASSIGNMENT
from simulator.clock import Clock
from simulator.cloud import Cloud
from simulator.errors import Refusal
from simulator.faults import Fault, Faults
from simulator.generated import Ids
from simulator.identity import USER_ASSIGNED_IDENTITY
from simulator.kinds import View, registry
from simulator.knobs import read_knobs
from simulator.wire import Answer, Ask, common_headers, read, respond
from simulator.world import load, read_world, tenant_of

JSON = dict[str, Any]
KINDS = registry([*apim.KINDS, *cognitive.KINDS, ROLE_ASSIGNMENT, USER_ASSIGNED_IDENTITY])


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
        self.cloud = Cloud(read_knobs(knobs), tenant_of(given), KINDS)
        load(self.cloud, given)
        if enforce_role is not None:
            self.cloud.access.role = read_role(enforce_role)
        self.requests: list[JSON] = []
        self.faults = Faults()
        self._arm = Arm(self.cloud, [*apim.ROUTES, *cognitive.ROUTES])
        self._lock = threading.RLock()
        self._headers_ids = Ids(-1 - self.cloud.knobs.seed)

    @property
    def clock(self) -> Clock:
        """The simulator's own clock."""
        return self.cloud.clock

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
            return deepcopy(found)

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
        """Script a failure; `async_` stands for the field `async`."""
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
        answer = self._serve(ask)
        return respond(answer, common_headers(self._guids(), answer))(environ, start_response)

    def _guids(self) -> Iterator[str]:
        while True:
            with self._lock:
                yield self._headers_ids.guid()

    def _serve(self, ask: Ask) -> Answer:
        started = self.clock.seconds()
        with self._lock:
            fault = self.faults.take(f"{ask.method} {ask.full_path}")
        if fault is not None:
            self.clock.wait(fault.delay)
        knobs = self.cloud.knobs
        self.clock.wait(knobs.read_latency if ask.method in {"GET", "HEAD"} else knobs.write_latency)
        with self._lock:
            answer = self._answered(ask, fault)
            self._record(ask, answer, started)
        if answer is None:
            raise ConnectionCut(sent=fault is not None and (fault.after or fault.drop == "response"))
        return answer

    def _answered(self, ask: Ask, fault: Fault | None) -> Answer | None:
        """The answer; nothing when the connection is cut."""
        if fault is None:
            return self._honest(ask)
        if fault.fail_async:
            ask.fail_async = fault.async_error()
        if fault.after:
            self._honest(ask)
        if fault.drop:
            return None
        if fault.answer is not None:
            return Answer(fault.answer, fault.error_body(), dict(fault.headers))
        return self._honest(ask)

    def _honest(self, ask: Ask) -> Answer:
        try:
            return self._arm.serve(ask)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body, refusal.headers)

    def _record(self, ask: Ask, answer: Answer | None, started: float) -> None:
        self.requests.append(
            {
                "method": ask.method,
                "path": ask.path,
                "api_version": ask.version,
                "status": answer.status if answer else None,
                "if_match": ask.if_match,
                "body": ask.body,
                "seconds": round(self.clock.seconds() - started, 6),
            }
        )
