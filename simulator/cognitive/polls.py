"""Where the long-running operations of Cognitive Services say how they are getting on (recording 23)."""

import re
from typing import Any

from simulator.arm import Route
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.errors import provider
from simulator.kinds import Change
from simulator.longrunning import Operation
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_DOING = {"delete": "Deleting", "update": "Accepted"}  # INFERRED for both; recorded is Creating


def status_url(change: Change, location: str, operation: Operation) -> str:
    """The URL of the status document: an api-version of 2017, the region as it was written (recording 23)."""
    root = f"{change.base}/subscriptions/{change.path.subscription}/providers/Microsoft.CognitiveServices"
    where = location.replace(" ", "")
    signed = "&t=0&c=simulator&s=simulator&h=simulator"
    return f"{root}/locations/{where}/operationResults/{operation.id}?api-version=2017-04-18{signed}"


def _status(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """Its own kind of status document (recording 23)."""
    operation = cloud.operations.get(found["id"])
    if operation is None:
        raise provider(404, "NotFound", "The operation does not exist.")
    body: JSON = {
        "id": ask.path,
        "name": operation.id,
        "status": _DOING.get(operation.kind, "Creating") if operation.running else operation.status,
        "startTime": stamp(operation.started),
    }
    if operation.ended is not None:
        body["endTime"] = stamp(operation.ended)
    if operation.error is not None:
        body["error"] = operation.error
    return Answer(200, body)


ROUTES = [
    Route(
        re.compile(
            r"(?i)/subscriptions/[^/]+/providers/Microsoft\.CognitiveServices/locations/[^/]+/operationResults/(?P<id>[^/]+)"
        ),
        _status,
    )
]
