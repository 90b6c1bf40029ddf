"""The events Azure would send: those the app must hear arrive, its own and everybody else's do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .bicep import evaluate, properties, read_file

INFRA = Path(__file__).parents[2] / "infra"
SELF = "33333333-3333-3333-3333-333333333333"
SOMEBODY = "44444444-4444-4444-4444-444444444444"

# Every operation after which the gateway, or what it should be, may have changed. Written by hand.
HEARD = [
    "Microsoft.CognitiveServices/accounts/write",
    "Microsoft.CognitiveServices/accounts/delete",
    "Microsoft.CognitiveServices/accounts/deployments/write",
    "Microsoft.CognitiveServices/accounts/deployments/delete",
    "Microsoft.ApiManagement/service/write",
    "Microsoft.ApiManagement/service/delete",
    "Microsoft.ApiManagement/service/backends/write",
    "Microsoft.ApiManagement/service/backends/delete",
    "Microsoft.ApiManagement/service/apis/write",
    "Microsoft.ApiManagement/service/apis/delete",
    "Microsoft.ApiManagement/service/apis/operations/write",
    "Microsoft.ApiManagement/service/apis/operations/delete",
    "Microsoft.ApiManagement/service/apis/operations/policies/write",
    "Microsoft.ApiManagement/service/apis/operations/policies/delete",
    "Microsoft.ApiManagement/service/apis/policies/write",
    "Microsoft.ApiManagement/service/apis/policies/delete",
    "Microsoft.ApiManagement/service/products/write",
    "Microsoft.ApiManagement/service/products/delete",
    "Microsoft.ApiManagement/service/products/apis/write",
    "Microsoft.ApiManagement/service/products/apis/delete",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
]
NOT_HEARD = [
    "Microsoft.Storage/storageAccounts/write",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.CognitiveServices/locations/commitmentTiers/write",
    "Microsoft.ApiManagement/gateways/write",
]
CASES = {"write": "Microsoft.Resources.ResourceWriteSuccess", "delete": "Microsoft.Resources.ResourceDeleteSuccess"}


def subscription() -> dict[str, Any]:
    wakes = read_file(INFRA / "app/events.bicep").of("resource")["wakes"]
    given = {"functionAppId": "/subscriptions/s/sites/func-x", "reconcilerClientId": SELF}
    body: dict[str, Any] = evaluate(properties(wakes.body)["properties"], given)
    return body


def event(operation: str, caller: str | None = SOMEBODY, outcome: str | None = None) -> dict[str, Any]:
    claims = {} if caller is None else {"claims": {"appid": caller}}
    kind = outcome or CASES[operation.rpartition("/")[2]]
    return {"eventType": kind, "data": {"operationName": operation, **claims}}


def passes(filters: dict[str, Any], sent: dict[str, Any]) -> bool:
    """Event Grid's rules: filters ANDed, values ORed, case ignored; a missing key fails all but the Nots."""

    def holds(rule: dict[str, Any]) -> bool:
        value: Any = sent
        for key in rule["key"].split("."):
            value = value.get(key) if isinstance(value, dict) else None
        wanted = [each.lower() for each in rule["values"]]
        if rule["operatorType"] == "StringBeginsWith":
            return value is not None and any(value.lower().startswith(each) for each in wanted)
        assert rule["operatorType"] == "StringNotIn"
        return value is None or value.lower() not in wanted

    kinds = filters["includedEventTypes"]
    return sent["eventType"] in kinds and all(holds(rule) for rule in filters["advancedFilters"])


def test_the_subscription_is_exactly_this_one() -> None:
    assert subscription() == {
        "destination": {
            "endpointType": "AzureFunction",
            "properties": {
                "resourceId": "/subscriptions/s/sites/func-x/functions/event_grid",
                "maxEventsPerBatch": 1,
                "preferredBatchSizeInKilobytes": 64,
            },
        },
        "eventDeliverySchema": "EventGridSchema",
        "filter": {
            "includedEventTypes": [
                "Microsoft.Resources.ResourceWriteSuccess",
                "Microsoft.Resources.ResourceDeleteSuccess",
            ],
            "advancedFilters": [
                {
                    "operatorType": "StringBeginsWith",
                    "key": "data.operationName",
                    "values": [
                        "Microsoft.CognitiveServices/accounts/",
                        "Microsoft.ApiManagement/service/",
                        "Microsoft.Authorization/roleAssignments/",
                    ],
                },
                {"operatorType": "StringNotIn", "key": "data.claims.appid", "values": [SELF]},
            ],
        },
        "retryPolicy": {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440},
    }


@pytest.mark.parametrize("operation", HEARD)
def test_what_may_concern_the_gateway_is_heard(operation: str) -> None:
    filters = subscription()["filter"]
    assert passes(filters, event(operation))
    assert passes(filters, event(operation.upper(), outcome=CASES[operation.rpartition("/")[2]]))


@pytest.mark.parametrize("operation", HEARD)
def test_what_the_reconciler_did_itself_is_not_heard(operation: str) -> None:
    assert not passes(subscription()["filter"], event(operation, caller=SELF))


@pytest.mark.parametrize("operation", HEARD[:3])
def test_an_event_without_a_caller_is_heard(operation: str) -> None:
    assert passes(subscription()["filter"], event(operation, caller=None))


@pytest.mark.parametrize("operation", NOT_HEARD)
def test_what_concerns_others_is_not_heard(operation: str) -> None:
    assert not passes(subscription()["filter"], event(operation))


def test_attempts_that_failed_and_actions_such_as_listing_keys_are_not_heard() -> None:
    filters = subscription()["filter"]
    failed = "Microsoft.Resources.ResourceWriteFailure"
    assert not passes(filters, event("Microsoft.CognitiveServices/accounts/write", outcome=failed))
    action = "Microsoft.Resources.ResourceActionSuccess"
    assert not passes(filters, event("Microsoft.CognitiveServices/accounts/listKeys/action", outcome=action))


@pytest.mark.parametrize(
    ("prefix", "lost"),
    [
        ("Microsoft.CognitiveServices/account/", "Microsoft.CognitiveServices/accounts/write"),
        ("Microsoft.CognitiveServices/accounts/write", "Microsoft.CognitiveServices/accounts/deployments/write"),
    ],
    ids=["a misspelt prefix", "an exact name"],
)
def test_a_prefix_that_misses_an_operation_is_caught(prefix: str, lost: str) -> None:
    filters = subscription()["filter"]
    filters["advancedFilters"][0]["values"][0] = prefix
    assert not passes(filters, event(lost))


def test_the_filters_stay_within_the_limits_of_event_grid() -> None:
    rules = subscription()["filter"]["advancedFilters"]
    values = [value for rule in rules for value in rule["values"]]
    assert len(rules) <= 25
    assert len(values) <= 25
    assert max(map(len, values)) <= 512
    assert all(rule["key"].count(".") <= 2 for rule in rules)


def test_the_topic_is_the_subscription_s_own_and_global() -> None:
    topic = read_file(INFRA / "app/topic.bicep").of("resource")["topic"]
    assert evaluate(topic.body, {"name": "evgt-x", "tags": {}}) == {
        "name": "evgt-x",
        "location": "global",
        "tags": {},
        "properties": {"source": "/subscriptions/own", "topicType": "Microsoft.Resources.Subscriptions"},
    }


@pytest.mark.parametrize(
    ("existing", "made", "name"), [("", True, "evgt-abcdefghijklm"), ("evgt-theirs", False, "evgt-theirs")]
)
def test_a_topic_that_is_there_already_is_used(existing: str, *, made: bool, name: str) -> None:
    bicep = read_file(INFRA / "main.bicep")
    names = bicep.names(environmentName="test", location="westeurope", gatewayId="", existingTopicName=existing)
    topic = bicep.of("module")["topic"].value
    assert topic is not None
    condition = next(child for child in topic.children if child.type == "parenthesized_expression")
    assert evaluate(condition, names) is made
    assert names["topicName"] == name
