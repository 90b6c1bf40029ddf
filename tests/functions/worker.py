"""Runs a function app in Microsoft's own worker library, in a process of its own, called by tests as by the host.

with Worker(directory, environment={"RESYNC_SCHEDULE": "0 0 * * * *"}) as worker:
    assert [each.name for each in worker.index()] == ["event_grid", "status"]
    assert worker.invoke_event_grid("event_grid", event).status == "success"
    assert worker.invoke_http("status", "GET", "/api/status").json() == {}
"""

import importlib.util
import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from . import payloads
from .pipe import Pipe


class IndexingError(Exception):
    """The library refused the app; the message is the library's own."""


@dataclass(frozen=True)
class Function:
    """An indexed function, as the host is told of it; intervals of `retry` are in seconds."""

    name: str
    id: str
    bindings: list[dict[str, Any]]
    retry: dict[str, Any] | None

    @property
    def trigger(self) -> dict[str, Any]:
        """The binding that starts it."""
        return next(each for each in self.bindings if each["type"].endswith("Trigger"))


@dataclass(frozen=True)
class Log:
    """A line that a function logged."""

    level: str
    logger: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended: `outputs` are the output bindings that were set, `exception` is `Type: message`."""

    status: Literal["success", "failure"]
    value: Any
    outputs: Mapping[str, Any]
    exception: str | None
    stack_trace: str
    logs: tuple[Log, ...]


@dataclass(frozen=True)
class Response:
    """What the caller of an HTTP trigger receives (header names in lower case), and the invocation behind it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Mapping[str, str]
    outcome: Outcome

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def missing() -> str | None:
    """Why no worker can run here, or None."""
    if importlib.util.find_spec("azure_functions_runtime") is None:
        return "Microsoft's worker library (azure-functions-runtime) is not installed"
    return None


class Worker:
    """One function app in one process; `timeout` is the deadline of each call, in seconds.

    The app sees only the environment given here (and PATH and the like), is imported by the first call, and may be
    called from several threads at once.
    """

    def __init__(
        self, directory: Path | str, *, environment: Mapping[str, str] | None = None, timeout: float = 60.0
    ) -> None:
        self.directory = Path(directory).resolve()
        self.environment = {"FUNCTIONS_WORKER_RUNTIME": "python", **(environment or {})}
        self.timeout = timeout
        self._indexing = threading.Lock()
        self._indexed: dict[str, Function] | None = None

    def __enter__(self) -> Self:
        """Start the process."""
        self._pipe = Pipe(self.directory, self.environment)
        return self

    def __exit__(self, *_error: object) -> None:
        """End the process, whatever it is doing."""
        self._pipe.close()

    @property
    def pid(self) -> int:
        """The process."""
        return self._pipe.pid

    @property
    def printed(self) -> str:
        """What the app has printed so far, on standard output or standard error."""
        return self._pipe.printed

    def index(self) -> list[Function]:
        """Every function of the app; raises IndexingError where the library refuses the app."""
        return list(self._functions().values())

    def invoke_event_grid(self, name: str, event: Mapping[str, Any]) -> Outcome:
        """Deliver one event, in the Event Grid or the CloudEvents schema."""
        return self._invoke(name, "eventGridTrigger", payloads.event_grid(event))

    def invoke_timer(self, name: str, *, past_due: bool = False) -> Outcome:
        """Let a timer tick."""
        return self._invoke(name, "timerTrigger", payloads.timer(past_due=past_due))

    def invoke_queue(self, name: str, body: Any, *, dequeue_count: int = 1) -> Outcome:
        """Hand over a queue message: text as it is, anything else as JSON."""
        return self._invoke(name, "queueTrigger", payloads.queue(body, dequeue_count=dequeue_count))

    def invoke_http(
        self,
        name: str,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a request to an HTTP trigger; without `params`, the route's parameters are read from the path."""
        trigger = self._function(name, "httpTrigger").trigger
        methods = [each.upper() for each in trigger.get("methods") or [method]]
        route = "/".join(filter(None, [self._route_prefix(), trigger.get("route") or name]))
        found = payloads.route_parameters(route, path) if params is None else params
        if found is None or method.upper() not in methods:
            raise ValueError(f"{method} {path} would not reach {name}, which is {'|'.join(methods)} /{route}")
        request = payloads.http(method, path, body=body, query=query, headers=headers, params=found)
        outcome = self._invoke(name, "httpTrigger", request)
        answer = payloads.answer(outcome.value, failed=outcome.status == "failure")
        return Response(answer.status, answer.headers, answer.body, answer.cookies, outcome)

    def _functions(self) -> dict[str, Function]:
        with self._indexing:
            if self._indexed is None:
                script = self.directory / self.environment.get("PYTHON_SCRIPT_FILE_NAME", "function_app.py")
                if not script.is_file():
                    raise IndexingError(f"there is no {script}")
                answer = self._pipe.ask("index", self.timeout)
                if "exception" in answer:
                    raise IndexingError(answer["exception"]["message"])
                self._indexed = {each["name"]: Function(**each) for each in answer["functions"]}
            return self._indexed

    def _function(self, name: str, trigger: str) -> Function:
        functions = self._functions()
        if name not in functions:
            raise ValueError(f"the app has no function {name}; it has {', '.join(sorted(functions)) or 'none'}")
        if functions[name].trigger["type"] != trigger:
            raise ValueError(f"{name} is started by a {functions[name].trigger['type']}, not a {trigger}")
        return functions[name]

    def _route_prefix(self) -> str:
        file = self.directory / "host.json"
        host: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        prefix: str = host.get("extensions", {}).get("http", {}).get("routePrefix", "api")
        return prefix.strip("/")

    def _invoke(self, name: str, trigger: str, payload: payloads.Payload) -> Outcome:
        function = self._function(name, trigger)
        answer = self._pipe.ask(
            "invoke",
            self.timeout,
            invocation=str(uuid.uuid4()),
            function=function.id,
            name=function.trigger["name"],
            value=payload.value,
            metadata=payload.metadata,
        )
        exception = answer["exception"] or {}
        return Outcome(
            status="success" if answer["succeeded"] else "failure",
            value=payloads.read(answer["value"]),
            outputs={output: payloads.read(value) for output, value in answer["outputs"].items()},
            exception=exception.get("message"),
            stack_trace=exception.get("stack_trace", ""),
            logs=tuple(Log(**each) for each in answer["logs"]),
        )
