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
    "Microsoft.ApiManagement/service/restore/action",
    "Microsoft.ApiManagement/service/applynetworkconfigurationupdates/action",
]
NOT_HEARD = [
    "Microsoft.Storage/storageAccounts/write",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.CognitiveServices/locations/commitmentTiers/write",
    "Microsoft.ApiManagement/gateways/write",
]
CASES = {
    "write": "Microsoft.Resources.ResourceWriteSuccess",
    "delete": "Microsoft.Resources.ResourceDeleteSuccess",
    "action": "Microsoft.Resources.ResourceActionSuccess",
}


def filters(**given: Any) -> dict[str, Any]:
    """The filter of the event subscription: of the subscription's topic, unless something else is given."""
    bicep = read_file(INFRA / "app/events.bicep")
    known = bicep.names(
        topicName="evgt-x", storageAccountId="/st", functionAppId="/func-x", reconcilerClientId=SELF, **given
    )
    body = evaluate(properties(bicep.of("resource")["wakes"].body)["properties"], known)
    found: dict[str, Any] = body["filter"]
    return found


def event(operation: str, caller: str | None = SOMEBODY, outcome: str | None = None) -> dict[str, Any]:
    claims = {} if caller is None else {"claims": {"appid": caller}}
    kind = outcome or CASES[operation.rpartition("/")[2]]
    return {"eventType": kind, "data": {"operationName": operation, **claims}}


def passes(rules: dict[str, Any], sent: dict[str, Any]) -> bool:
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

    return sent["eventType"] in rules["includedEventTypes"] and all(map(holds, rules["advancedFilters"]))


def test_what_is_heard_of_a_subscription_is_exactly_this() -> None:
    assert filters() == {
        "includedEventTypes": [
            "Microsoft.Resources.ResourceWriteSuccess",
            "Microsoft.Resources.ResourceDeleteSuccess",
            "Microsoft.Resources.ResourceActionSuccess",
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
    }


def test_what_is_heard_of_a_gateway_s_own_topic_is_exactly_this() -> None:
    """Of what it sends, what changes an API, its current revision or its products; it never says who did it."""
    assert filters(reportsOn="gateway") == {
        "includedEventTypes": [
            "Microsoft.ApiManagement.APICreated",
            "Microsoft.ApiManagement.APIUpdated",
            "Microsoft.ApiManagement.APIDeleted",
            "Microsoft.ApiManagement.APIReleaseCreated",
            "Microsoft.ApiManagement.APIReleaseUpdated",
            "Microsoft.ApiManagement.APIReleaseDeleted",
            "Microsoft.ApiManagement.ProductCreated",
            "Microsoft.ApiManagement.ProductUpdated",
            "Microsoft.ApiManagement.ProductDeleted",
        ]
    }


def test_of_the_storage_account_only_the_configuration_is_heard() -> None:
    """Subjects are compared at both ends: all of it, since the app's own state lies in the same account."""
    blob = "/blobServices/default/containers/configuration/blobs/reconciler.yaml"
    assert filters(reportsOn="configuration") == {
        "includedEventTypes": ["Microsoft.Storage.BlobCreated"],
        "subjectBeginsWith": blob,
        "subjectEndsWith": blob,
    }
    other = "/blobServices/default/containers/c/blobs/ours.yaml"
    given = filters(reportsOn="configuration", configurationSubject=other)
    assert (given["subjectBeginsWith"], given["subjectEndsWith"]) == (other, other)


@pytest.mark.parametrize("operation", HEARD)
def test_what_may_concern_the_gateway_is_heard(operation: str) -> None:
    assert passes(filters(), event(operation))
    assert passes(filters(), event(operation.upper(), outcome=CASES[operation.rpartition("/")[2]]))


@pytest.mark.parametrize("operation", HEARD)
def test_what_the_reconciler_did_itself_is_not_heard(operation: str) -> None:
    assert not passes(filters(), event(operation, caller=SELF))


@pytest.mark.parametrize("operation", HEARD[:3])
def test_an_event_without_a_caller_is_heard(operation: str) -> None:
    assert passes(filters(), event(operation, caller=None))


@pytest.mark.parametrize("operation", NOT_HEARD)
def test_what_concerns_others_is_not_heard(operation: str) -> None:
    assert not passes(filters(), event(operation))


@pytest.mark.parametrize("verb", ["Write", "Delete", "Action"])
@pytest.mark.parametrize("end", ["Failure", "Cancel"])
def test_attempts_that_failed_are_not_heard(verb: str, end: str) -> None:
    outcome = f"Microsoft.Resources.Resource{verb}{end}"
    assert not passes(filters(), event("Microsoft.CognitiveServices/accounts/write", outcome=outcome))


@pytest.mark.parametrize(
    ("prefix", "lost"),
    [
        ("Microsoft.CognitiveServices/account/", "Microsoft.CognitiveServices/accounts/write"),
        ("Microsoft.CognitiveServices/accounts/write", "Microsoft.CognitiveServices/accounts/deployments/write"),
    ],
    ids=["a misspelt prefix", "an exact name"],
)
def test_a_prefix_that_misses_an_operation_is_caught(prefix: str, lost: str) -> None:
    rules = filters()
    rules["advancedFilters"][0]["values"][0] = prefix
    assert not passes(rules, event(lost))


def test_the_filters_stay_within_the_limits_of_event_grid() -> None:
    rules = filters()["advancedFilters"]
    values = [value for rule in rules for value in rule["values"]]
    assert len(rules) <= 25
    assert len(values) <= 25
    assert max(map(len, values)) <= 512
    assert all(rule["key"].count(".") <= 2 for rule in rules)
