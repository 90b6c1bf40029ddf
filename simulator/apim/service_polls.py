"""Where a service's long-running operations say how they are getting on; each api-version has its own way.

2021-08-01   Location             …/service/{name}/operationresults/{base64}: 202, then the service (recording 38)
2022-08-01   both headers         …/service/{name}/operationResults/{base64}?asyncResponse: a status (Azure CLI)
2024-05-01   Azure-AsyncOperation …/locations/{region}/operationsStatuses/{base64}: a status
             Location             …/locations/{region}/operationResults/{base64} (recordings 01, 20, 22)
"""

import base64
import re

from simulator.arm import Route
from simulator.cloud import Cloud
from simulator.errors import JSON, apim, failed
from simulator.ids import key
from simulator.kinds import Change, View
from simulator.longrunning import Operation
from simulator.reading import shown
from simulator.regions import short
from simulator.wire import Answer, Ask

FIRST_WITH_LOCATIONS = "2024-05-01"
FIRST_WITH_STATUS = "2022-08-01"
OLD_RETRY_AFTER = "60"  # of a running poll at the oldest api-version (arm-wire 2.2)
_LOCATIONS = r"/subscriptions/[^/]+/providers/Microsoft\.ApiManagement/locations/[^/]+"
_SERVICE = r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.ApiManagement/service/[^/]+"
_SIGNED = "&t=0&c=simulator&s=simulator&h=simulator"


def operation_id(change: Change, location: str, what: str) -> str:
    """The id of a service's operation: base64 of region, service and unit (arm-wire 2.2)."""
    hidden = (
        f"{short(location)}:{change.path.name}_{what}_{change.cloud.ids.hex(8)}:apirp{change.cloud.ids.hex(10)}"
    )
    return base64.urlsafe_b64encode(hidden.encode()).decode().rstrip("=")


def headers(change: Change, id: str, location: str) -> dict[str, str]:
    """The headers of a service's long-running write."""
    version = f"?api-version={change.version}"
    service = f"{change.base}{change.path.text}"
    if change.version < FIRST_WITH_STATUS:
        return {"Location": f"{service}/operationresults/{id}{version}"}
    if change.version < FIRST_WITH_LOCATIONS:
        url = f"{service}/operationResults/{id}{version}&asyncResponse{_SIGNED}"
        return {"Azure-AsyncOperation": url, "Location": url}
    where = f"{change.base}/subscriptions/{change.path.subscription}/providers/Microsoft.ApiManagement/locations/"
    root = where + short(location)
    return {
        "Azure-AsyncOperation": f"{root}/operationsStatuses/{id}{version}{_SIGNED}",
        "Location": f"{root}/operationResults/{id}{version}{_SIGNED}",
        **retry_after(change.cloud),
    }


def retry_after(cloud: Cloud) -> dict[str, str]:
    """The Retry-After of a running operation (recordings 01, 20, 22)."""
    return {"Retry-After": str(cloud.knobs.service_retry_after)} if cloud.knobs.service_retry_after else {}


def operation_of(cloud: Cloud, id: str) -> Operation:
    """The operation a URL names."""
    operation = cloud.operations.get(id)
    if operation is None:
        raise apim(404, "ResourceNotFound", "Operation result not found.")
    return operation


def _status(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """In progress both URLs point to the status again (recording 20)."""
    operation = operation_of(cloud, found["id"])
    more: dict[str, str] = {}
    if operation.running:
        url = ask.base + ask.full_path
        more = {"Azure-AsyncOperation": url, "Location": url}
        if ask.version >= FIRST_WITH_LOCATIONS:
            more |= retry_after(cloud)
    body: JSON = {"status": operation.status}
    if operation.error is not None:
        body["error"] = operation.error
    return Answer(200, body, more, content_type="application/json")


def _result(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """202 without a body until done, then 200 with the service and without an ETag (arm-wire 2.2, recording 38)."""
    operation = operation_of(cloud, found["id"])
    if operation.running:
        old = {"Retry-After": OLD_RETRY_AFTER} if cloud.knobs.service_retry_after else {}
        waits = retry_after(cloud) if ask.version >= FIRST_WITH_LOCATIONS else old
        return Answer(202, None, {"Location": ask.base + ask.full_path, **waits})
    if operation.error is not None:
        raise failed(operation.error)
    entity = cloud.store.get(operation.resource)
    if entity is None:
        return Answer(204, bare=True)
    kind = cloud.kinds[key(entity.type)]
    return Answer(200, shown(kind, entity, View(cloud, "get", ask.version)))


ROUTES = [
    Route(re.compile(rf"(?i){_LOCATIONS}/operationsStatuses/(?P<id>[^/]+)"), _status),
    Route(re.compile(rf"(?i){_LOCATIONS}/operationResults/(?P<id>[^/]+)"), _result),
    Route(
        re.compile(rf"(?i){_SERVICE}/operationResults/(?P<id>[^/]+)"), _status, query="asyncResponse", outlives=True
    ),
    Route(re.compile(rf"(?i){_SERVICE}/operationResults/(?P<id>[^/]+)"), _result, outlives=True),
]
