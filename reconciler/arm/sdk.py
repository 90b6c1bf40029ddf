"""One request through Microsoft's SDK, as JSON: sent once, waited for, never retried."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from azure.core.exceptions import DecodeError, DeserializationError, ResourceNotFoundError
from azure.mgmt.core.polling.arm_polling import ARMPolling

from reconciler.arm import operations
from reconciler.arm.clients import Clients
from reconciler.arm.refusals import answer_of
from reconciler.errors import Refused, UnderWay
from reconciler.model import Document, Write
from reconciler.resource_id import ResourceId

_SETTLED = frozenset({"succeeded", ""})
_BROKEN = frozenset({"failed", "canceled"})
_WATCH_INTERVAL = 5.0
_REPLICATION_LOOKS = 12
_ABSENT = frozenset({"", "resourcenotfound", "notfound", "resourcegroupnotfound", "roleassignmentnotfound"})
"""Codes of a 404 that says: this resource is not there. `SubscriptionNotFound` says that we cannot look."""


class Sdk:
    """The operations of `operations.TABLE`; `time_left` says how many seconds one may still run."""

    def __init__(
        self,
        clients: Clients,
        *,
        sleep: Callable[[float], None],
        time_left: Callable[[], float],
        polling_interval: float = 1.0,
        patient: bool = True,
    ) -> None:
        self._clients = clients
        self._sleep = sleep
        self._time_left = time_left
        self._polling_interval = polling_interval
        self._patient = patient

    def get(self, id: ResourceId) -> Document | None:
        """The resource, or None where it is not there."""
        row = operations.row(id.type)
        answers: list[Any] = []
        try:
            _call(
                getattr(self._group(id, row), row.get), *operations.arguments(id), raw_response_hook=answers.append
            )
        except ResourceNotFoundError as error:
            if answer_of(error).code.lower() not in _ABSENT:
                raise
            return None
        return _document(id, answers[-1])

    def members(self, parent: ResourceId, resource_type: str, filter: str) -> list[Document]:
        """All pages of a collection."""
        row = operations.row(resource_type)
        pages: list[Any] = []
        pager = getattr(self._group(parent, row), row.list)(
            *operations.list_arguments(parent, resource_type),
            raw_response_hook=pages.append,
            retry_total=0,
            **({"filter": filter} if filter else {}),
        )
        for _ in pager:
            pass
        return [_member(parent, resource_type, item, page) for page in pages for item in _items(page)]

    def send(self, id: ResourceId, wanted: Write) -> Document | None:
        """What is there afterwards, where the answer says it."""
        row = operations.row(id.type)
        name = {"PUT": row.put, "PATCH": row.patch, "DELETE": row.delete}[wanted.verb]
        if wanted.verb == "PATCH" and not wanted.etag:
            raise Refused(f"{id} was answered without an ETag: changing it could overwrite somebody else's change")
        options: dict[str, Any] = {"retry_total": 0}
        if wanted.verb != "DELETE" and not row.bodiless:
            options["parameters"] = io.BytesIO(json.dumps(wanted.body, ensure_ascii=False).encode())
            options["content_type"] = "application/json"
        if wanted.etag is not None and wanted.verb in row.conditional:
            options["if_match"] = wanted.etag
        elif wanted.etag is not None:
            options["headers"] = {"If-Match": wanted.etag}
        method = getattr(self._group(id, row), name)
        if name in row.long_running and row.watched:
            method(*operations.arguments(id), **options, polling=False)
            return self._watch(id, wanted.verb)
        if name in row.long_running:
            options["polling"] = ARMPolling(self._polling_interval, lro_options={"final-state-via": "location"})
            poller = method(*operations.arguments(id), **options, cls=lambda response, *_: response)
            answer = self._finish(poller, f"{wanted.verb} {id}")
        else:
            answers: list[Any] = []
            _call(method, *operations.arguments(id), **options, raw_response_hook=answers.append)
            answer = answers[-1]
        if row.replicated and wanted.verb == "PUT":
            self._await(id)
        return None if wanted.verb == "DELETE" or answer is None else _document(id, answer)

    def _await(self, id: ResourceId) -> None:
        """Wait until a new resource can be read, so that the next run does not make it again; a minute at most."""
        for _ in range(_REPLICATION_LOOKS):
            if self.get(id) is not None or self._time_left() <= _WATCH_INTERVAL:
                return
            self._sleep(_WATCH_INTERVAL)

    def _finish(self, poller: Any, what: str) -> Any:
        """The final answer of a long-running operation."""
        poller.wait(max(0.0, self._time_left()))
        if not poller.done():
            raise UnderWay(f"{what} was still running when the time of this run was up; the next run looks again")
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
            if not self._patient:
                raise UnderWay(
                    f"{verb} {id} was accepted and is {state}, which may take many minutes; looked at again soon"
                )
            if self._time_left() <= _WATCH_INTERVAL:
                raise UnderWay(
                    f"{verb} {id} was still {state} when this run's time was up; the next run looks again"
                )
            self._sleep(_WATCH_INTERVAL)

    def _group(self, id: ResourceId, row: operations.Row) -> Any:
        return getattr(self._clients.get(row.client, id.subscription), row.group)


def _call(method: Callable[..., Any], *arguments: str, **options: Any) -> None:
    """Call a method for what its hook sees: what the typed models cannot take in is no failure of ours."""
    with suppress(DeserializationError):
        method(*arguments, **{"retry_total": 0, **options})


def _document(id: ResourceId, answer: Any) -> Document:
    response = answer.http_response
    silent = response.request.method != "GET" and not response.text().strip()
    return Document(id, {} if silent else _json(answer), response.headers.get("ETag"))


def _items(page: Any) -> list[Any]:
    items = _json(page).get("value")
    if not isinstance(items, list):
        raise DecodeError("a list came without its 'value'", response=page.http_response)
    return items


def _member(parent: ResourceId, resource_type: str, item: Any, page: Any) -> Document:
    """A listed child has its id in our spelling; what lies elsewhere says its own id."""
    child = parent.type and resource_type.lower().startswith(parent.type.lower() + "/")
    name = item.get("name" if child else "id") if isinstance(item, dict) else None
    if not isinstance(name, str) or not name:
        raise DecodeError("a list has an item without a name", response=page.http_response)
    id = parent.child(resource_type.rsplit("/", 1)[-1], name) if child else ResourceId(name)
    return Document(id, item)


def _json(answer: Any) -> dict[str, Any]:
    try:
        body = json.loads(answer.http_response.text())
    except ValueError as error:
        raise DecodeError(f"the answer is no JSON: {error}", response=answer.http_response) from error
    if not isinstance(body, dict):
        raise DecodeError("the answer is no JSON object", response=answer.http_response)
    return body
