"""Events as Azure documents them, in both schemas, for a configuration with two gateways."""

from __future__ import annotations

from typing import Any

from reconciler.config import Config
from reconciler.events import Heard, Sources, heard
from tests.builders import CLIENT_ID, EAST, GATEWAY, S1, S2, rid

JSON = dict[str, Any]
SECOND = rid(f"/subscriptions/{S2}/resourceGroups/rg-two/providers/Microsoft.ApiManagement/service/second-gw")
CONFIG = Config.model_validate(
    {
        "owner": "contoso",
        "gateways": [
            {"id": GATEWAY.text, "accounts": [{"subscription": S1, "resourceGroups": ["rg-ai-*"]}]},
            {"id": SECOND.text, "accounts": [{"subscription": S1, "resourceGroups": ["rg-ai-west"]}]},
        ],
    }
)
BLOB = "https://contosoconfig.blob.core.windows.net/reconciler/Desired.yaml"
STORE = "https://contoso.azconfig.io"
SOURCES = Sources(configuration=BLOB, app_configuration=STORE)

WRITE = "Microsoft.Resources.ResourceWriteSuccess"
DELETE = "Microsoft.Resources.ResourceDeleteSuccess"
ACTION = "Microsoft.Resources.ResourceActionSuccess"
WEST_GROUP = f"/subscriptions/{S1}/resourceGroups/rg-ai-west"
MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/contoso"
ROLE = "providers/Microsoft.Authorization/roleAssignments/0001"
SOMEBODY = "bbbbbbbb-0000-4000-8000-000000000001"
PERSON = {
    "appid": SOMEBODY,
    "name": "NOT-TO-BE-SEEN name",
    "ipaddr": "203.0.113.7",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "not-to-be-seen@contoso.example",
    "aio": "NOT-TO-BE-SEEN token",
}


def arm(about: str, type: str = WRITE, operation: str = "x/write", appid: str | None = SOMEBODY) -> JSON:
    """An event of a subscription's system topic."""
    claims = {key: value for key, value in {**PERSON, "appid": appid}.items() if value is not None}
    return {
        "subject": about,
        "eventType": type,
        "eventTime": "2018-07-19T18:38:04.6117357Z",
        "id": "4db48cba-50a2-455a-93b4-de41a3b5b7f6",
        "data": {
            "authorization": {"scope": about, "action": operation, "evidence": {"role": "Subscription Admin"}},
            "claims": claims,
            "correlationId": "c",
            "httpRequest": {
                "clientRequestId": "c",
                "clientIpAddress": "203.0.113.7",
                "method": "PUT",
                "url": f"https://management.azure.com{about}?api-version=x",
            },
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


def inside(type: str, subject: str = "/apis/myapi;Rev=1", gateway: str = GATEWAY.text) -> JSON:
    """An event of API Management's own topic."""
    return {
        "id": "95015754-aa51-4eb6-98d9-9ee322b82ad7",
        "topic": gateway,
        "subject": subject,
        "data": {"resourceUri": f"{gateway}{subject}"},
        "eventType": f"Microsoft.ApiManagement.{type}",
        "dataVersion": "1",
        "metadataVersion": "1",
        "eventTime": "2021-07-12T23:13:44.9048323Z",
    }


def circuit_breaker(what: str) -> JSON:
    """A backend's circuit breaker; its data names no resource."""
    return {
        **inside(f"CircuitBreaker.{what}", "/backends/b/circuit-breaker/rules/r"),
        "data": {"backendName": "b", "circuitBreaker": {"rules": {"r": {"tripDuration": "00:00:01"}}}},
    }


def blob(url: str = BLOB, type: str = "BlobCreated") -> JSON:
    """An event of a storage account."""
    return {
        "id": "93902694-901e-008f-6f95-7153a806873c",
        "eventTime": "2020-08-13T17:18:13.1647262Z",
        "eventType": f"Microsoft.Storage.{type}",
        "dataVersion": "",
        "metadataVersion": "1",
        "topic": f"/subscriptions/{S1}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/contosoconfig",
        "subject": "/blobServices/default/containers/reconciler/blobs/Desired.yaml",
        "data": {
            "api": "PutBlob",
            "requestId": "r",
            "eTag": "0x8D83FACDC0C3402",
            "contentType": "text/plain",
            "contentLength": 0,
            "blobType": "BlockBlob",
            "url": url,
            "sequencer": "0",
            "storageDiagnostics": {"batchId": "b"},
        },
    }


def setting(type: str = "KeyValueModified", store: str = STORE) -> JSON:
    """An event of an App Configuration store."""
    return {
        "id": "84e17ea4-66db-4b54-8050-df8f7763f87b",
        "topic": f"/subscriptions/{S1}/resourceGroups/rg/providers/microsoft.appconfiguration/stores/c",
        "subject": f"{store}/kv/Foo?label=FizzBuzz",
        "data": {"key": "Foo", "label": "FizzBuzz", "etag": "FnUExLaj2moIi4tJX9AXn9sakm0"},
        "eventType": f"Microsoft.AppConfiguration.{type}",
        "eventTime": "2019-05-31T20:05:03Z",
        "dataVersion": "1",
        "metadataVersion": "1",
    }


def notification(about: str, type: str = "CreatedOrUpdated") -> JSON:
    """An event of the Resource Notifications topic, with the resource in it."""
    return {
        "id": "4eef929a-a65c-47dd-93e2-46b8c17c6c17",
        "topic": f"/subscriptions/{S1}",
        "subject": about,
        "data": {
            "resourceInfo": {"id": about, "name": "n", "type": "t", "location": "eastus", "tags": {"a": "b"}},
            "apiVersion": "2024-10-01",
            "operationalInfo": {"resourceEventTime": "2023-07-28T20:13:10.8418063Z"},
        },
        "eventType": f"Microsoft.ResourceNotifications.Resources.{type}",
        "dataVersion": "1",
        "metadataVersion": "1",
        "eventTime": "2023-07-28T20:13:10.8418063Z",
    }


def cloud(event: JSON) -> JSON:
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


def hear(payload: Any) -> Heard:
    """What the app with that configuration and those sources hears; it is CLIENT_ID."""
    return heard(payload, CONFIG, caller=CLIENT_ID, sources=SOURCES)


def woken(payload: Any) -> list[str]:
    """The names of the gateways that are woken."""
    return [wake.gateway.name for wake in hear(payload).wakes]


def verdict(payload: Any) -> str:
    """Under which count the one event of a payload falls; for an unknown type that type."""
    found = hear(payload)
    counts = {
        "followed": found.followed,
        "own": found.own,
        "elsewhere": found.elsewhere,
        "unfollowed": found.unfollowed,
        "malformed": found.malformed,
        **{f"unknown {type}": count for type, count in found.unknown.items()},
    }
    (name,) = [name for name, count in counts.items() if count]
    assert counts[name] == 1
    assert bool(found.wakes) is (name == "followed")
    return name


ACCOUNT_ELSEWHERE = f"/subscriptions/{S1}/resourceGroups/rg-x/providers/Microsoft.CognitiveServices/accounts/a"
EAST_ID, FIRST_ID, SECOND_ID = EAST.text, GATEWAY.text, SECOND.text
