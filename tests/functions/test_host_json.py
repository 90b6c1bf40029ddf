"""The checks of `host.json`, a row for each rule."""

from typing import Any

import pytest

from .host_json import problems
from .worker import Function

HTTP = Function("status", "id", [{"type": "httpTrigger"}, {"type": "http"}], None)
GRID = Function("grid", "id", [{"type": "eventGridTrigger"}], None)
BUNDLE = {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.0.0, 5.0.0)"}


@pytest.mark.parametrize(
    "host",
    [
        {},
        {"functionTimeout": "00:10:00", "extensions": {"http": {"routePrefix": "api"}}},
        {"functionTimeout": "-1", "extensions": {"http": {"routePrefix": ""}}},
        {"extensionBundle": BUNDLE | {"version": "[4.*, 5.0.0)"}},
        {"extensions": {"queues": {"batchSize": 1, "newBatchThreshold": 0, "visibilityTimeout": "00:01:00"}}},
        {"extensions": {"queues": {"maxDequeueCount": 5, "messageEncoding": "none"}}},
    ],
)
def test_a_sound_document_has_no_problems(host: dict[str, Any]) -> None:
    assert problems({"version": "2.0", "extensionBundle": BUNDLE} | host, [HTTP, GRID]) == []


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ({"version": "1.0"}, 'version must be "2.0"'),
        ({"functionTimout": "00:10:00"}, "functionTimout means nothing to the host"),
        ({"functionTimeout": "10 minutes"}, "functionTimeout '10 minutes' is not hh:mm:ss"),
        ({"functionTimeout": "24:00:00"}, "functionTimeout '24:00:00' is not hh:mm:ss"),
        ({"extensions": {"http": {"routePrefix": "/api"}}}, "routePrefix '/api' begins or ends with a slash"),
        ({"extensions": {"queues": {"batchSize": 33}}}, "queues.batchSize 33 is not from 1 to 32"),
        ({"extensions": {"queues": {"batchSize": True}}}, "queues.batchSize True is not from 1 to 32"),
        ({"extensions": {"queues": {"visibilityTimeout": 60}}}, "queues.visibilityTimeout 60 is not hh:mm:ss"),
        (
            {"extensions": {"queues": {"messageEncoding": "utf8"}}},
            "queues.messageEncoding 'utf8' is not base64|none",
        ),
        ({"extensions": {"queues": {"batchsize": 1}}}, "queues.batchsize means nothing to the host"),
        (
            {"extensionBundle": {}},
            "eventGridTrigger come only with the extensionBundle Microsoft.Azure.Functions.ExtensionBundle",
        ),
        (
            {"extensionBundle": BUNDLE | {"version": "[3.0.0, 4.0.0)"}},
            "the extensionBundle version '[3.0.0, 4.0.0)' is no range that begins with 4",
        ),
    ],
)
def test_each_problem_is_named(host: dict[str, Any], problem: str) -> None:
    assert problems({"version": "2.0", "extensionBundle": BUNDLE} | host, [HTTP, GRID]) == [problem]


def test_requests_and_timers_need_no_extension_bundle() -> None:
    assert problems({"version": "2.0"}, [HTTP]) == []
