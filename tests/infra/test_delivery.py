"""How events travel: from a topic with an identity into the queue, or to the function, and who may do that."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from . import bicep
from .bicep import evaluate, properties, read_file

INFRA = Path(__file__).parents[2] / "infra"
EVENTS = read_file(INFRA / "app/events.bicep")
STORAGE = "/subscriptions/s1/resourceGroups/rg-app/providers/Microsoft.Storage/storageAccounts/stx"
APP = "/subscriptions/s1/resourceGroups/rg-app/providers/Microsoft.Web/sites/func-x"


def names(**given: Any) -> dict[str, Any]:
    required = {
        "topicName": "evgt-x",
        "storageAccountId": STORAGE,
        "functionAppId": APP,
        "reconcilerClientId": "us",
    }
    return {**EVENTS.names(**required, **given), "topic": {"identity": {"principalId": "topic principal"}}}


def delivery(**given: Any) -> dict[str, Any]:
    """The event subscription, apart from what it lets pass."""
    wakes = EVENTS.of("resource")["wakes"]
    body: dict[str, Any] = evaluate(properties(wakes.body)["properties"], names(**given))
    del body["filter"]
    return body


RETRY = {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440}
TO_QUEUE = {
    "deliveryWithResourceIdentity": {
        "identity": {"type": "SystemAssigned"},
        "destination": {
            "endpointType": "StorageQueue",
            "properties": {
                "resourceId": STORAGE,
                "queueName": "reconciler-events",
                "queueMessageTimeToLiveInSeconds": 86400,
            },
        },
    },
    "deadLetterWithResourceIdentity": {
        "identity": {"type": "SystemAssigned"},
        "deadLetterDestination": {
            "endpointType": "StorageBlob",
            "properties": {"resourceId": STORAGE, "blobContainerName": "event-dead-letters"},
        },
    },
    "eventDeliverySchema": "CloudEventSchemaV1_0",
    "retryPolicy": RETRY,
}
TO_FUNCTION = {
    "destination": {
        "endpointType": "AzureFunction",
        "properties": {
            "resourceId": f"{APP}/functions/event_grid",
            "maxEventsPerBatch": 1,
            "preferredBatchSizeInKilobytes": 64,
        },
    },
    "eventDeliverySchema": "EventGridSchema",
    "retryPolicy": RETRY,
}


@pytest.mark.parametrize("reports_on", ["subscription", "gateway", "configuration"])
def test_events_go_into_the_queue_for_a_day_as_cloud_events(reports_on: str) -> None:
    assert delivery(reportsOn=reports_on) == TO_QUEUE
    assert delivery(reportsOn=reports_on, eventDelivery="queue") == TO_QUEUE


def test_events_go_to_the_function_where_that_is_asked_for() -> None:
    assert delivery(eventDelivery="function") == TO_FUNCTION


def test_the_subscription_is_the_topic_s_and_named_for_the_app() -> None:
    body = properties(EVENTS.of("resource")["wakes"].body)
    assert evaluate(body["name"], names()) == "wake-func-x"
    assert body["parent"].text == b"topic"
    topic = EVENTS.of("resource")["topic"]
    assert topic.existing
    assert evaluate(topic.body, names()) == {"name": "evgt-x"}


def test_the_topic_gets_its_rights_before_it_is_to_use_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bicep.FUNCTIONS, "resourceGroup", lambda *where: " ".join(("resourceGroup", *where)))
    rights = EVENTS.of("module")["deliveryRights"]
    body = properties(rights.body)
    assert rights.label == "delivery-rights.bicep"
    assert evaluate(body["scope"], names()) == "resourceGroup s1 rg-app"
    assert evaluate(body["params"], names()) == {"storageAccountName": "stx", "principalId": "topic principal"}
    after = properties(EVENTS.of("resource")["wakes"].body)["dependsOn"]
    assert [child.text for child in after.named_children] == [b"deliveryRights"]


@pytest.mark.parametrize(("given", "granted"), [({}, True), ({"eventDelivery": "function"}, False)])
def test_no_rights_are_given_where_they_are_not_used(given: dict[str, str], *, granted: bool) -> None:
    value = EVENTS.of("module")["deliveryRights"].value
    assert value is not None
    condition = next(child for child in value.children if child.type == "parenthesized_expression")
    assert evaluate(condition, names(**given)) is granted


def topic(**given: Any) -> dict[str, Any]:
    file = read_file(INFRA / "app/topic.bicep")
    body: dict[str, Any] = evaluate(file.of("resource")["topic"].body, file.names(name="evgt-x", **given))
    return body


def test_the_topic_is_the_subscription_s_own_and_global_and_has_an_identity() -> None:
    assert topic() == {
        "name": "evgt-x",
        "location": "global",
        "tags": {},
        "identity": {"type": "SystemAssigned"},
        "properties": {"source": "/subscriptions/own", "topicType": "Microsoft.Resources.Subscriptions"},
    }


def test_a_topic_of_a_gateway_is_where_the_gateway_is() -> None:
    made = topic(source="/gw", topicType="Microsoft.ApiManagement.Service", location="westeurope")
    assert (made["location"], made["properties"]) == (
        "westeurope",
        {"source": "/gw", "topicType": "Microsoft.ApiManagement.Service"},
    )


@pytest.mark.parametrize(
    ("file", "parameter", "values"),
    [
        ("main", "eventDelivery", ["queue", "function"]),
        ("app/events", "eventDelivery", ["queue", "function"]),
        ("app/events", "reportsOn", ["subscription", "gateway", "configuration"]),
    ],
)
def test_what_may_be_asked_for_is_what_there_is_and_the_first_is_the_default(
    file: str, parameter: str, values: list[str]
) -> None:
    source = (INFRA / f"{file}.bicep").read_text("utf-8")
    found = re.search(
        rf"@allowed\(\[([^\]]*)\]\)\n@description[^\n]*\nparam {parameter} string = '(\w+)'\n", source
    )
    assert found is not None
    assert (re.findall(r"'(\w+)'", found[1]), found[2]) == (values, values[0])


def test_every_kind_of_topic_has_its_filter() -> None:
    assert list(names()["filters"]) == ["subscription", "gateway", "configuration"]
