"""Where API Management says how its long-running operations are getting on.

an API, named value or fragment   Azure-AsyncOperation …/tenant/operationResults/{24 hex}
                                  Location             the resource with asyncId and asyncCode
the service                       Azure-AsyncOperation …/locations/{region}/operationsStatuses/{base64}
                                  Location             …/locations/{region}/operationResults/{base64}
"""

import base64
import re

from simulator.arm import Route
from simulator.cloud import Cloud
from simulator.errors import JSON, Refusal, apim
from simulator.ids import key, parse
from simulator.kinds import Change, View
from simulator.longrunning import Operation
from simulator.reading import entity_answer, shown
from simulator.wire import Answer, Ask

FIRST_WITH_STATUS_URL = "2024-05-01"  # 2022-08-01 still answers 202 with Location only (recording 45)
_LOCATIONS = r"/subscriptions/[^/]+/providers/Microsoft\.ApiManagement/locations/[^/]+"


def has_status_url(version: str) -> bool:
    """Whether this api-version answers long-running writes with both headers instead of 202 and Location."""
    return version >= FIRST_WITH_STATUS_URL


def child_headers(change: Change, operation: Operation) -> dict[str, str]:
    """The headers of a child's long-running write: no Retry-After (recordings 07, 14, 15)."""
    root = f"{change.base}{change.path.text}"
    service = f"{change.base}{change.path.top}"
    version = f"api-version={change.version}"
    location = {"Location": f"{root}?{version}&asyncId={operation.id}&asyncCode={operation.code}"}
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


def service_operation_id(change: Change, location: str, what: str) -> str:
    """The id of a service's operation: base64 of region, service and unit (arm-wire 2.2)."""
    hidden = f"{location}:{change.path.name}_{what}_{change.cloud.ids.hex(8)}:apirp{change.cloud.ids.hex(10)}"
    return base64.urlsafe_b64encode(hidden.encode()).decode().rstrip("=")


def service_headers(
    cloud: Cloud, base: str, subscription: str, version: str, id: str, where: str
) -> dict[str, str]:
    """The headers of a service's long-running write (recordings 01, 20, 22)."""
    root = f"{base}/subscriptions/{subscription}/providers/Microsoft.ApiManagement/locations/{where}"
    signed = f"?api-version={version}&t=0&c=simulator&s=simulator&h=simulator"
    retry = cloud.knobs.service_retry_after
    return {
        "Azure-AsyncOperation": f"{root}/operationsStatuses/{id}{signed}",
        "Location": f"{root}/operationResults/{id}{signed}",
        **({"Retry-After": str(retry)} if retry else {}),
    }


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
        return Answer(202, None, {"Location": ask.base + ask.full_path})
    if operation.error is not None:
        raise Refusal(400, {"error": operation.error})
    entity = cloud.store.get(found[0])
    if operation.code == 204 or entity is None:  # noqa: PLR2004  # the final code of a deletion
        return Answer(204, bare=True)
    kind = cloud.kinds[entity.type.lower()]
    view = View(cloud, "get", ask.version)
    return entity_answer(cloud, kind, entity, view, parse(found[0]), operation.code)


def _service_status(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """In progress both URLs point to the status again (recording 20)."""
    operation = _operation(cloud, found["id"])
    headers: dict[str, str] = {}
    if operation.running:
        url = ask.base + ask.full_path
        headers = {"Azure-AsyncOperation": url, "Location": url}
        if cloud.knobs.service_retry_after:
            headers["Retry-After"] = str(cloud.knobs.service_retry_after)
    return Answer(200, _status(operation), headers, content_type="application/json")


def _service_result(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """202 without a body until done, then 200 with the service (arm-wire 2.2)."""
    operation = _operation(cloud, found["id"])
    if operation.running:
        retry = cloud.knobs.service_retry_after
        headers = {"Location": ask.base + ask.full_path, **({"Retry-After": str(retry)} if retry else {})}
        return Answer(202, None, headers)
    if operation.error is not None:
        raise Refusal(400, {"error": operation.error})
    entity = cloud.store.get(operation.resource)
    if entity is None:
        return Answer(204, bare=True)
    kind = cloud.kinds[key(entity.type)]
    return Answer(200, shown(kind, entity, View(cloud, "get", ask.version)))


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
    Route(re.compile(rf"(?i){_LOCATIONS}/operationsStatuses/(?P<id>[^/]+)"), _service_status),
    Route(re.compile(rf"(?i){_LOCATIONS}/operationResults/(?P<id>[^/]+)"), _service_result),
]
