"""Reads and writes of Azure resources as JSON, with every retry and every wait of the product."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    DeserializationError,
    ResourceNotFoundError,
)
from azure.mgmt.core.polling.arm_polling import ARMPolling

from reconciler.arm import operations
from reconciler.arm.clients import Clients
from reconciler.arm.refusals import answer_of, refusal
from reconciler.arm.retry import Answer, Step, after_read, after_write, wait
from reconciler.errors import GaveUp, ReconcilerError, Refused
from reconciler.model import Document, Write
from reconciler.resource_id import ResourceId

Remaining = Callable[[Document | None], Write | None]
"""What is still to be sent, given what is there now; None: nothing."""

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
        """The reads side by side, eight at a time, results in order."""

    def now(self) -> float:
        """Seconds on the clock that waits go by."""


class SdkArm:
    """Arm through the management SDKs; `deadline` is in seconds on `clock` from now on."""

    def __init__(
        self,
        clients: Clients,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        deadline: float,
        readers: int = 8,
        polling_interval: float = 1.0,
    ) -> None:
        self._clients = clients
        self._sleep = sleep
        self._clock = clock
        self._deadline = clock() + deadline
        self._readers = readers
        self._polling_interval = polling_interval
        self._random = random.Random()  # noqa: S311 - spreads waits, guards nothing

    def now(self) -> float:
        """See Arm."""
        return self._clock()

    def each(self, read: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        """See Arm."""
        todo = tuple(items)
        if len(todo) < 2:  # noqa: PLR2004 - one read needs no pool
            return [read(item) for item in todo]
        with ThreadPoolExecutor(self._readers) as pool:
            return list(pool.map(read, todo))

    def get(self, id: ResourceId) -> Document | None:
        """See Arm."""
        row = operations.row(id.type)
        method = getattr(self._group(id, row), row.get)

        def read() -> Document | None:
            answers: list[Any] = []
            try:
                _call(method, *operations.arguments(id), raw_response_hook=answers.append, **row.get_options)
            except ResourceNotFoundError:
                return None
            return _document(id, answers[-1])

        return self._reading(f"GET {id}", read)

    def members(self, parent: ResourceId, resource_type: str, filter: str = "") -> list[Document]:
        """See Arm."""
        row = operations.row(resource_type)
        method = getattr(self._group(parent, row), row.list)
        options = {"filter": filter} if filter else {}

        def read() -> list[Document]:
            pages: list[Any] = []
            pager = method(
                *operations.list_arguments(parent, resource_type),
                raw_response_hook=pages.append,
                retry_total=0,
                **options,
            )
            for _ in pager:
                pass
            items = [item for page in pages for item in _json(page)["value"]]
            return [Document(_listed_id(parent, resource_type, item), item) for item in items]

        return self._reading(f"LIST {resource_type} in {parent}", read)

    def write(self, id: ResourceId, remaining: Remaining) -> Document | None:
        """See Arm; `retry.after_write` is the table it goes by."""
        attempt = 0
        while True:
            found = self.get(id)
            wanted = remaining(found)
            if wanted is None:
                return found
            what = f"{wanted.verb} {id}"
            while True:
                try:
                    return self._send(id, wanted)
                except (AzureError, ValueError) as error:
                    answer = answer_of(error)
                    step = after_write(answer)
                    if step is Step.ACCEPT:
                        return found
                    if step is Step.GIVE_UP or isinstance(error, ClientAuthenticationError):
                        raise refusal(error, answer, what) from error
                    self._wait(what, answer, attempt)
                    attempt += 1
                    if step is Step.LOOK:
                        break

    def _send(self, id: ResourceId, wanted: Write) -> Document | None:
        """One request, once; the long-running operation behind it is waited for."""
        row = operations.row(id.type)
        name = {"PUT": row.put, "PATCH": row.patch, "DELETE": row.delete}[wanted.verb]
        options: dict[str, Any] = {"retry_total": 0}
        if wanted.verb != "DELETE" and not row.bodiless:
            options["parameters"] = io.BytesIO(json.dumps(wanted.body, ensure_ascii=False).encode())
            options["content_type"] = "application/json"
        if wanted.etag is not None:
            options |= (
                {"if_match": wanted.etag}
                if wanted.verb in row.conditional
                else {"headers": {"If-Match": wanted.etag}}
            )
        method = getattr(self._group(id, row), name)
        if name in row.long_running:
            if row.watched:
                method(*operations.arguments(id), **options, polling=False)
                return self._watch(id, wanted.verb)
            options["polling"] = ARMPolling(self._polling_interval, lro_options={"final-state-via": "location"})
            final = method(*operations.arguments(id), **options, cls=lambda response, *_: response)
            answer = self._finish(final, f"{wanted.verb} {id}")
        else:
            answers: list[Any] = []
            _call(method, *operations.arguments(id), **options, raw_response_hook=answers.append)
            answer = answers[-1]
        return None if wanted.verb == "DELETE" or answer is None else _document(id, answer)

    def _finish(self, poller: Any, what: str) -> Any:
        """The final answer of a long-running operation, waited for until the run's deadline."""
        poller.wait(max(0.0, self._deadline - self._clock()))
        if not poller.done():
            raise GaveUp(f"{what} was still running when the time of this run was up; the next run looks again")
        return poller.result()

    def _watch(self, id: ResourceId, verb: str) -> Document | None:
        """The resource once its provisioning state has settled."""
        while True:
            found = self.get(id)
            state = str(((found.body.get("properties") or {}) if found else {}).get("provisioningState", ""))
            if state.lower() in _BROKEN:
                raise Refused(f"{verb} {id} ended as {state}; look at the resource's activity log for the cause")
            if state.lower() in _SETTLED:
                return found
            if self._clock() + _WATCH_INTERVAL >= self._deadline:
                raise GaveUp(
                    f"{verb} {id} was still {state} when the time of this run was up; the next run looks again"
                )
            self._sleep(_WATCH_INTERVAL)

    def _reading(self, what: str, read: Callable[[], _Result]) -> _Result:
        attempt = 0
        while True:
            try:
                return read()
            except (AzureError, ValueError) as error:
                answer = answer_of(error)
                if after_read(answer) is Step.GIVE_UP or isinstance(error, ClientAuthenticationError):
                    raise refusal(error, answer, what) from error
                if answer.status == 0 and attempt >= _TRIES_WITHOUT_ANSWER:
                    raise refusal(error, answer, what) from error
                self._wait(what, answer, attempt)
                attempt += 1

    def _wait(self, what: str, answer: Answer, attempt: int) -> None:
        seconds = wait(answer, attempt, self._random.random())
        if self._clock() + seconds >= self._deadline:
            raise GaveUp(
                f"{what} kept answering {answer.status or 'nothing'} {answer.code} ({answer.message[:200]}); "
                "the next run tries again",
                status=answer.status,
                code=answer.code,
            )
        self._sleep(seconds)

    def _group(self, id: ResourceId, row: operations.Row) -> Any:
        return getattr(self._clients.get(row.client, id.subscription), row.group)


_SETTLED = frozenset({"succeeded", ""})
_BROKEN = frozenset({"failed", "canceled"})
_WATCH_INTERVAL = 5.0
_TRIES_WITHOUT_ANSWER = 3
"""An endpoint that does not answer at all is reported soon, not at the deadline."""


class ReadOnlyArm:
    """An Arm that cannot write: what a dry run is given."""

    def __init__(self, arm: Arm) -> None:
        self.get, self.members, self.each, self.now = arm.get, arm.members, arm.each, arm.now

    def write(self, id: ResourceId, remaining: Remaining) -> Document | None:  # noqa: ARG002 - see Arm
        """Refuse."""
        raise ReconcilerError(f"a dry run tried to write {id}; nothing was sent")


def _call(method: Callable[..., Any], *arguments: str, **options: Any) -> None:
    """Call a method for what its hook sees: what the typed models cannot take in is no failure of ours."""
    with suppress(DeserializationError):
        method(*arguments, **{"retry_total": 0, **options})


def _document(id: ResourceId, answer: Any) -> Document:
    response = answer.http_response
    silent = response.request.method != "GET" and not response.text().strip()
    return Document(id, {} if silent else _json(answer), response.headers.get("ETag"))


def _json(answer: Any) -> Any:
    try:
        body = json.loads(answer.http_response.text())
    except ValueError as error:
        raise DecodeError(f"the answer is no JSON: {error}", response=answer.http_response) from error
    if not isinstance(body, dict):
        raise DecodeError("the answer is no JSON object", response=answer.http_response)
    return body


def _listed_id(parent: ResourceId, resource_type: str, item: Any) -> ResourceId:
    """The id of a listed child in our spelling; what lies elsewhere says its own id."""
    if resource_type.lower().startswith(parent.type.lower() + "/") and parent.type:
        return parent.child(resource_type.rsplit("/", 1)[-1], str(item["name"]))
    return ResourceId(str(item["id"]))
