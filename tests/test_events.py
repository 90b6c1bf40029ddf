"""Which gateways an event wakes: every shape that is documented, and any rubbish."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import Config
from reconciler.events import Event, Wake, everything, parse, wakes
from tests.builders import EAST, GATEWAY, S1, S2, config, rid

OTHER = rid(f"/subscriptions/{S2}/resourceGroups/rg-two/providers/Microsoft.ApiManagement/service/second-gw")
BOTH = Config.model_validate(
    {
        "owner": "contoso",
        "gateways": [
            {"id": GATEWAY.text, "accounts": [{"subscription": S1, "resourceGroups": ["rg-ai-*"]}]},
            {"id": OTHER.text, "accounts": [{"subscription": S1, "resourceGroups": ["rg-ai-west"]}]},
        ],
    }
)
WRITE = "Microsoft.Resources.ResourceWriteSuccess"
DELETE = "Microsoft.Resources.ResourceDeleteSuccess"
WEST_GROUP = f"/subscriptions/{S1}/resourceGroups/rg-ai-west"
PERSON = {
    "name": "Kim Example",
    "ipaddr": "203.0.113.7",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "kim@contoso.example",
    "aio": "token",
}


def arm(about: str, type: str = WRITE, operation: str = "x/write") -> dict[str, Any]:
    """An event of a subscription's system topic, as documented."""
    return {
        "subject": about,
        "eventType": type,
        "eventTime": "2018-07-19T18:38:04.6117357Z",
        "id": "4db48cba-50a2-455a-93b4-de41a3b5b7f6",
        "data": {
            "authorization": {"scope": about, "action": operation, "evidence": {"role": "Subscription Admin"}},
            "claims": PERSON,
            "correlationId": "c",
            "httpRequest": {"method": "PUT", "url": f"https://management.azure.com{about}?api-version=x"},
            "resourceProvider": "Microsoft.X",
            "resourceUri": about,
            "operationName": operation,
            "status": "Succeeded",
            "subscriptionId": S1,
            "tenantId": "t",
        },
        "dataVersion": "2",
        "metadataVersion": "1",
        "topic": f"/subscriptions/{S1}",
    }


def cloud(event: dict[str, Any]) -> dict[str, Any]:
    """The same event in the CloudEvents schema."""
    return {
        "specversion": "1.0",
        "id": event["id"],
        "source": event["topic"],
        "subject": event["subject"],
        "type": event["eventType"],
        "time": event["eventTime"],
        "data": event["data"],
    }


def gateway_event(type: str, subject: str = "/apis/myapi;Rev=1") -> dict[str, Any]:
    """An event of API Management's own topic, as documented."""
    return {
        "id": "95015754-aa51-4eb6-98d9-9ee322b82ad7",
        "topic": GATEWAY.text,
        "subject": subject,
        "data": {"resourceUri": f"{GATEWAY}{subject}"},
        "eventType": f"Microsoft.ApiManagement.{type}",
        "dataVersion": "1",
        "metadataVersion": "1",
        "eventTime": "2021-07-12T23:13:44.9048323Z",
    }


ROLE = "providers/Microsoft.Authorization/roleAssignments/0001"
FIRST, SECOND = (GATEWAY,), (OTHER,)
AZURES: dict[str, tuple[dict[str, Any], tuple[object, ...]]] = {
    "an account written": (arm(EAST.text), FIRST),
    "an account deleted": (arm(EAST.text, DELETE), FIRST),
    "a model deployment written": (arm(f"{EAST}/deployments/gpt-4o"), FIRST),
    "a model deployment deleted": (arm(f"{EAST}/deployments/gpt-4o", DELETE), FIRST),
    "an account that two gateways may serve": (
        arm(f"{WEST_GROUP}/providers/Microsoft.CognitiveServices/accounts/w"),
        (GATEWAY, OTHER),
    ),
    "an account in lower case, as documented samples write groups": (arm(EAST.text.lower()), FIRST),
    "an account in capitals": (arm("/subscriptions" + EAST.text.upper()[14:], WRITE.upper()), FIRST),
    "an account of a group that nobody allows": (
        arm(f"/subscriptions/{S1}/resourceGroups/rg-x/providers/Microsoft.CognitiveServices/accounts/a"),
        (),
    ),
    "an account of a subscription that nobody allows": (arm(EAST.text.replace(S1, S2)), ()),
    "a gateway written": (arm(GATEWAY.text), FIRST),
    "the other gateway written": (arm(OTHER.text), SECOND),
    "an API deleted": (arm(f"{GATEWAY}/apis/a", DELETE), FIRST),
    "a policy written": (arm(f"{GATEWAY}/apis/a/policies/policy"), FIRST),
    "a backend deleted": (arm(f"{GATEWAY}/backends/b", DELETE), FIRST),
    "a policy fragment written": (arm(f"{GATEWAY}/policyFragments/f"), FIRST),
    "a revision written": (arm(f"{GATEWAY}/apis/a;rev=2"), FIRST),
    "a gateway that is not ours": (arm(f"{GATEWAY}2"), ()),
    "a role on an account": (arm(f"{EAST}/{ROLE}"), FIRST),
    "a role on an account deleted": (arm(f"{EAST}/{ROLE}", DELETE), FIRST),
    "a role on a group": (arm(f"{WEST_GROUP}/{ROLE}"), (GATEWAY, OTHER)),
    "a role on a whole subscription": (arm(f"/subscriptions/{S1}/{ROLE}"), (GATEWAY, OTHER)),
    "a role on a group that nobody allows": (arm(f"/subscriptions/{S1}/resourceGroups/rg-x/{ROLE}"), ()),
    "a role on another subscription": (arm(f"/subscriptions/{S2}/{ROLE}"), ()),
    "a write that failed": (arm(EAST.text, "Microsoft.Resources.ResourceWriteFailure"), ()),
    "a write that was cancelled": (arm(EAST.text, "Microsoft.Resources.ResourceWriteCancel"), ()),
    "keys regenerated": (arm(EAST.text, "Microsoft.Resources.ResourceActionSuccess"), ()),
    "another provider": (
        arm(f"/subscriptions/{S1}/resourceGroups/rg-ai-east/providers/Microsoft.Storage/storageAccounts/x"),
        (),
    ),
    "a type whose name goes on": (
        arm(f"/subscriptions/{S1}/resourceGroups/rg-ai-east/providers/Microsoft.CognitiveServices/accountsX/x"),
        (),
    ),
    "a resource group": (arm(f"/subscriptions/{S1}/resourceGroups/rg-ai-east"), ()),
    "another topic's type": (arm(EAST.text, "Microsoft.Storage.BlobCreated"), ()),
}


@pytest.mark.parametrize(("event", "expected"), AZURES.values(), ids=AZURES)
def test_an_event_of_azure_resource_manager(event: dict[str, Any], expected: tuple[object, ...]) -> None:
    assert tuple(w.gateway for w in wakes(event, BOTH)) == expected
    assert wakes(cloud(event), BOTH) == wakes(event, BOTH)


OWN = ["APICreated", "APIUpdated", "APIDeleted", "ProductUpdated", "APIReleaseCreated"]


@pytest.mark.parametrize("type", OWN)
def test_an_event_of_the_gateway_itself(type: str) -> None:
    assert [w.gateway for w in wakes(gateway_event(type), BOTH)] == [GATEWAY]


def test_the_revision_is_taken_off_the_id_of_a_gateways_event() -> None:
    event = parse(gateway_event("APIUpdated"))
    assert event == Event("Microsoft.ApiManagement.APIUpdated", GATEWAY.child("apis", "myapi"))


def test_a_gateways_event_without_a_resource_is_about_its_topic() -> None:
    event = gateway_event("CircuitBreaker.Opened", "/backends/b/circuit-breaker/rules/r")
    event["data"] = {"backendName": "b"}
    assert parse(event) == Event("Microsoft.ApiManagement.CircuitBreaker.Opened", GATEWAY)
    assert parse(cloud(event)) == Event("Microsoft.ApiManagement.CircuitBreaker.Opened", GATEWAY)


SPELLINGS: dict[str, dict[str, Any]] = {
    "a numeric specversion": {**cloud(arm(EAST.text)), "specversion": 1.0},
    "capitals, as samples of API Management have": {
        {"type": "Type", "time": "Time", "specversion": "specVersion"}.get(key, key): value
        for key, value in cloud(arm(EAST.text)).items()
    },
    "only capitals": {key.upper(): value for key, value in cloud(arm(EAST.text)).items()},
    "an Event Grid envelope in capitals": {key.upper(): value for key, value in arm(EAST.text).items()},
    "a topic in place of the source": {
        {"source": "topic"}.get(key, key): value for key, value in cloud(arm(EAST.text)).items()
    },
    "no time": {key: value for key, value in arm(EAST.text).items() if key != "eventTime"},
    "no versions": {key: value for key, value in arm(EAST.text).items() if "Version" not in key},
    "no id": {key: value for key, value in cloud(arm(EAST.text)).items() if key != "id"},
    "no data, so that the subject says it": {**arm(EAST.text), "data": None},
    "a cloud event without a subject": {
        key: value for key, value in cloud(arm(EAST.text)).items() if key != "subject"
    },
    "fields of a later version": {**cloud(arm(EAST.text)), "traceparent": "00-1", "data_x": 1},
}


@pytest.mark.parametrize("event", SPELLINGS.values(), ids=SPELLINGS)
def test_an_envelope_is_understood_with(event: dict[str, Any]) -> None:
    assert [w.gateway for w in wakes(event, BOTH)] == [GATEWAY]


def test_a_cause_says_what_happened_and_nobodys_name() -> None:
    assert wakes(arm(f"{EAST}/deployments/gpt-4o"), BOTH) == (
        Wake(
            GATEWAY,
            "event ResourceWriteSuccess of Microsoft.CognitiveServices/accounts/deployments gpt-4o",
        ),
    )


def test_a_batch_wakes_each_gateway_once_with_its_first_cause() -> None:
    batch = [
        arm(f"{GATEWAY}/apis/a"),
        cloud(arm(EAST.text)),
        {"rubbish": True},
        arm(OTHER.text),
        arm(GATEWAY.text),
    ]
    assert wakes(batch, BOTH) == (
        Wake(GATEWAY, "event ResourceWriteSuccess of Microsoft.ApiManagement/service/apis a"),
        Wake(OTHER, "event ResourceWriteSuccess of Microsoft.ApiManagement/service second-gw"),
    )


def test_a_gateway_is_woken_by_its_id_in_the_configurations_spelling() -> None:
    (wake,) = wakes(arm(GATEWAY.text.lower()), BOTH)
    assert wake.gateway.text == GATEWAY.text


def test_the_timer_wakes_every_gateway() -> None:
    assert everything(BOTH, "timer") == (Wake(GATEWAY, "timer"), Wake(OTHER, "timer"))


MALFORMED: dict[str, Any] = {
    "nothing": None,
    "an empty object": {},
    "an empty batch": [],
    "a number": 3,
    "a text": "/subscriptions",
    "a list in a list": [[arm(EAST.text)]],
    "a batch of texts": ["x", None, 1],
    "no subject": {key: value for key, value in arm(EAST.text).items() if key not in {"subject", "data", "topic"}},
    "no type": {key: value for key, value in arm(EAST.text).items() if key != "eventType"},
    "a cloud event without a type": {key: value for key, value in cloud(arm(EAST.text)).items() if key != "type"},
    "a subject that is a number": {**arm(EAST.text), "subject": 3, "data": None, "topic": None},
    "an id that climbs": {**arm(f"{EAST}/../x")},
    "an id with a query": {**arm(f"{EAST}?x=1")},
    "a type that is a list": {**arm(EAST.text), "eventType": ["x"]},
    "a type that is null": {**arm(EAST.text), "eventType": None},
}


@pytest.mark.parametrize("payload", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_wakes_nobody_and_raises_nothing(payload: Any) -> None:
    assert wakes(payload, BOTH) == ()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.just(EAST.text),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
EVENT_GRID = ["id", "topic", "subject", "eventType", "eventTime", "data", "dataVersion", "metadataVersion"]
CLOUD = ["specversion", "source", "type", "time", "datacontenttype", "data_base64"]
ENVELOPES = st.dictionaries(
    st.sampled_from(EVENT_GRID + CLOUD), JSON | st.just({"resourceUri": EAST.text}), max_size=9
)


@given(JSON | ENVELOPES | st.lists(ENVELOPES, max_size=2))
def test_any_json_gives_wakes_of_configured_gateways_or_none(payload: Any) -> None:
    assert {wake.gateway for wake in wakes(payload, BOTH)} <= {GATEWAY, OTHER}


def test_only_configured_gateways_are_woken() -> None:
    assert wakes(arm(OTHER.text), config()) == ()
