"""Where API Management says how its long-running operations are getting on.

an API, named value or fragment   Azure-AsyncOperation …/tenant/operationResults/{24 hex}
                                  Location             the resource with asyncId and asyncCode
the service                       Azure-AsyncOperation …/locations/{region}/operationsStatuses/{base64}
                                  Location             …/locations/{region}/operationResults/{base64}
"""

import re
from collections.abc import Callable

from simulator.arm import Route
from simulator.cloud import Cloud
from simulator.errors import JSON, apim, failed
from simulator.ids import key, parse
from simulator.kinds import Change, Later, View
from simulator.longrunning import Operation
from simulator.reading import entity_answer, not_found
from simulator.wire import Answer, Ask

FIRST_WITH_STATUS_URL = "2024-05-01"  # 2022-08-01 still answers 202 with Location only (recording 45)


def has_status_url(version: str) -> bool:
    """Whether this api-version answers long-running writes with both headers instead of 202 and Location."""
    return version >= FIRST_WITH_STATUS_URL


def _retry_after(cloud: Cloud) -> dict[str, str]:
    seconds = cloud.knobs.child_retry_after
    return {"Retry-After": str(seconds)} if seconds else {}


def child_headers(change: Change, operation: Operation) -> dict[str, str]:
    """The headers of a child's long-running write: no Retry-After unless a knob says so (recordings 07, 14, 15)."""
    root = f"{change.base}{change.path.text}"
    service = f"{change.base}{change.path.top}"
    version = f"api-version={change.version}"
    location = {
        "Location": f"{root}?{version}&asyncId={operation.id}&asyncCode={operation.code}",
        **_retry_after(change.cloud),
    }
    if not has_status_url(change.version):
        return location
    return {
        "Azure-AsyncOperation": f"{service}/tenant/operationResults/{operation.id}?{version}",
        **location,
    }


def child_answer(change: Change, operation: Operation, status: int) -> Answer:
    """The first answer to a child's long-running PUT: a skeleton, no ETag (recordings 14, 15; arm-wire 3.2)."""
    headers = child_headers(change, operation)
    if not has_status_url(change.version):
        return Answer(202, None, headers)
    skeleton = {
        "id": change.path.text,
        "type": change.kind.type,
        "name": change.path.name,
        "properties": {"ProvisioningState": "InProgress"},
    }
    return Answer(status, skeleton, headers, pretty=True)


def child_put(change: Change, seconds: float, write: Callable[[Change], object]) -> Later:
    """A child's write that is done after some seconds; a PATCH is accepted with 202 (SPEC UpdateNamedValue)."""

    def finish() -> None:
        if change.cloud.store.get(change.path.top) is None:
            raise apim(404, "ResourceNotFound", "The service was deleted meanwhile.")
        change.before = change.cloud.store.get(change.path.text)
        if change.verb == "PATCH" and change.before is None:
            raise not_found(change.kind, change.path, change.version)
        write(change)

    def answer(operation: Operation, created: bool) -> Answer:  # noqa: FBT001  # Later's signature
        if change.verb == "PATCH":
            return Answer(202, None, child_headers(change, operation))
        return child_answer(change, operation, 201 if created else 200)

    return Later(seconds, change.cloud.ids.hex(24), finish, answer)


def child_work(change: Change, seconds: float, finish: Callable[[], None]) -> Answer:
    """Begin what a POST below a child asks for: 202, and 200 at its Location in the end (recording 46)."""
    cloud = change.cloud
    operation = Operation(
        cloud.ids.hex(24),
        key(change.path.text),
        cloud.clock.seconds() + seconds,
        finish,
        200,
        cloud.clock.now(),
    )
    cloud.operations.start(operation)
    return Answer(202, None, child_headers(change, operation))


def _operation(cloud: Cloud, id: str) -> Operation:
    operation = cloud.operations.get(id)
    if operation is None:
        raise apim(404, "ResourceNotFound", "Operation result not found.")
    return operation


def _status(operation: Operation) -> JSON:
    body: JSON = {"status": operation.status}
    if operation.error is not None:
        body["error"] = operation.error
    return body


def _child_status(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    del ask
    return Answer(200, _status(_operation(cloud, found["id"])), pretty=True)


def _child_location(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """202 while it runs, then the resource with the code that the URL names (recordings 32 to 34, 45)."""
    operation = _operation(cloud, ask.query["asyncid"])
    if operation.running:
        return Answer(202, None, {"Location": ask.base + ask.full_path, **_retry_after(cloud)})
    if operation.error is not None:
        raise failed(operation.error)
    path = parse(found[0])
    entity = cloud.store.get(path.parent if path.is_collection else path.text)
    if operation.code == 204 or entity is None:  # noqa: PLR2004  # the final code of a deletion
        return Answer(204, bare=True)
    kind = cloud.kinds[entity.type.lower()]
    view = View(cloud, "get", ask.version)
    answer = entity_answer(cloud, kind, entity, view, path, operation.code)
    if path.is_collection:  # …/namedValues/x/refreshSecret: what was done is part of the type (recording 46)
        answer.body["type"] = path.type
    return answer


ROUTES = [
    Route(
        re.compile(r"(?i).*/Microsoft\.ApiManagement/service/[^/]+/tenant/operationResults/(?P<id>[^/]+)"),
        _child_status,
        "Microsoft.ApiManagement/service/tenant/operationResults/read",
    ),
    Route(
        re.compile(r"(?i).*/Microsoft\.ApiManagement/service/[^/]+/.*"),
        _child_location,
        "Microsoft.ApiManagement/service/operationresults/read",
        query="asyncid",
    ),
]
