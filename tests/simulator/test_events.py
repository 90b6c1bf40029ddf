import base64
import json
from typing import Any

import pytest

from tests.simulator.asking import EAST, GATEWAY, JSON, OPENAI_USER, Azure, api, azure
from tests.simulator.documents import imported, operation

MODEL = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o"}},
}


def raised(client: Azure) -> list[tuple[str, str]]:
    return [
        (
            each["eventType"].rsplit(".", 1)[-1],
            each["subject"].rsplit("/", 2)[-2] + "/" + each["subject"].rsplit("/", 1)[-1],
        )
        for each in client.simulator.events
    ]


def test_a_world_is_loaded_without_a_word() -> None:
    assert azure().simulator.events == []


def test_a_write_raises_the_event_of_resource_manager_with_azures_casing() -> None:
    client = azure()
    client.put(f"{EAST}/deployments/new", MODEL)
    event = client.simulator.events[-1]
    assert set(event) == {
        "subject",
        "eventType",
        "eventTime",
        "id",
        "data",
        "dataVersion",
        "metadataVersion",
        "topic",
    }
    assert event["eventType"] == "Microsoft.Resources.ResourceWriteSuccess"
    assert event["subject"] == f"{EAST}/deployments/new".replace("resourceGroups", "resourcegroups")
    assert (event["dataVersion"], event["metadataVersion"]) == ("2", "1")
    data = event["data"]
    assert data["operationName"] == "Microsoft.CognitiveServices/accounts/deployments/write"
    assert data["resourceProvider"] == "Microsoft.CognitiveServices"
    assert data["resourceUri"] == event["subject"]
    assert data["status"] == "Succeeded"
    assert data["authorization"]["action"] == data["operationName"]
    assert "httpRequest" not in data


def test_an_update_and_a_deletion_tell_of_the_request() -> None:
    client = azure()
    client.put(f"{EAST}/deployments/new", MODEL)
    client.put(f"{EAST}/deployments/new", MODEL)
    client.delete(f"{EAST}/deployments/new")
    update, deletion = client.simulator.events[-2:]
    assert update["data"]["httpRequest"]["method"] == "PUT"
    assert deletion["eventType"] == "Microsoft.Resources.ResourceDeleteSuccess"
    assert deletion["subject"] == f"{EAST}/deployments/new"
    assert deletion["data"]["httpRequest"]["url"] == (
        f"https://management.azure.com{EAST}/deployments/new?api-version=2025-09-01"
    )


def test_an_action_raises_the_event_of_an_action() -> None:
    client = azure()
    assert client.ask("POST", f"{EAST}/listKeys").status == 200
    assert client.ask("POST", f"{EAST}/listNothing").status == 405
    assert len(client.simulator.events) == 1
    event = client.simulator.events[0]
    assert (event["eventType"], event["subject"]) == ("Microsoft.Resources.ResourceActionSuccess", EAST)
    assert event["data"]["operationName"] == "Microsoft.CognitiveServices/accounts/listKeys/action"
    assert event["data"]["httpRequest"]["method"] == "POST"


def test_reads_and_refused_writes_raise_nothing() -> None:
    client = azure()
    client.get(EAST)
    client.put(f"{EAST}/deployments/new", {})
    client.put(f"{GATEWAY}/apis/x", {})
    assert client.simulator.events == []


def bearer(claims: JSON) -> JSON:
    """The headers of a client whose token says this."""
    said = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return {"Authorization": f"Bearer e30.{said}.x"}


def test_claims_tell_callers_apart() -> None:
    client = azure()
    client.headers = bearer({"appid": "app-1", "oid": "oid-1"})
    client.put(f"{EAST}/deployments/new", MODEL)
    client.simulator.put(f"{EAST}/deployments/other", MODEL)
    mine, others = (each["data"]["claims"] for each in client.simulator.events)
    oid = "http://schemas.microsoft.com/identity/claims/objectidentifier"
    assert (mine["appid"], mine[oid]) == ("app-1", "oid-1")
    assert others["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"] == "somebody@contoso.example"


def test_apis_and_products_also_raise_api_managements_own_events() -> None:
    client = azure(api_delete_time=0)
    client.put(f"{GATEWAY}/apis/x", api("x"))
    client.patch(f"{GATEWAY}/apis/x", {"properties": {"displayName": "y"}})
    client.delete(f"{GATEWAY}/apis/x")
    client.put(f"{GATEWAY}/products/p", {"properties": {"displayName": "P"}})
    own = [each for each in client.simulator.events if each["eventType"].startswith("Microsoft.ApiManagement")]
    assert [(each["eventType"], each["subject"]) for each in own] == [
        ("Microsoft.ApiManagement.APICreated", "/apis/x;Rev=1"),
        ("Microsoft.ApiManagement.APIUpdated", "/apis/x;Rev=1"),
        ("Microsoft.ApiManagement.APIDeleted", "/apis/x;Rev=1"),
        ("Microsoft.ApiManagement.ProductCreated", "/products/p"),
    ]
    assert own[0]["topic"] == GATEWAY
    assert own[0]["data"] == {"resourceUri": f"{GATEWAY}/apis/x;Rev=1"}


@pytest.mark.parametrize(("knob", "at_once"), [("accepted", 1), ("completed", 0)])
def test_the_event_of_a_long_running_write_comes_at_its_start_or_at_its_end(knob: str, at_once: int) -> None:
    client = azure(events_when=knob, import_time=5)
    client.put(f"{GATEWAY}/apis/x", imported({"/a": {"get": operation("a")}}, path="x"))
    assert len(client.simulator.events) == at_once
    client.simulator.clock.advance(5)
    assert sorted(each["eventType"].rsplit(".", 1)[-1] for each in client.simulator.events) == [
        "APICreated",
        "ResourceWriteSuccess",
    ]


SKU: JSON = {"name": "S0"}
ACCOUNT: JSON = {
    "kind": "OpenAI",
    "location": "eastus",
    "sku": SKU,
    "properties": {"customSubDomainName": "contoso-new"},
}
NEW = EAST.replace("contoso-east", "contoso-new")
BACKEND: JSON = {"properties": {"url": "https://contoso-east.openai.azure.com/openai", "protocol": "http"}}
POLICY: JSON = {"properties": {"format": "xml", "value": "<policies><inbound><base /></inbound></policies>"}}
OPERATION: JSON = {"properties": {"displayName": "O", "method": "GET", "urlTemplate": "/o"}}
ROLE = f"{EAST}/providers/Microsoft.Authorization/roleAssignments/22222222-0000-4000-8000-000000000001"
ROLE_BODY: JSON = {
    "properties": {"principalId": "0b0b0b0b-0000-4000-8000-000000000003", "roleDefinitionId": OPENAI_USER}
}
RESOURCES: dict[str, tuple[str, JSON, JSON | None]] = {  # id, body of a PUT, body of a PATCH where there is one
    "Microsoft.CognitiveServices/accounts": (NEW, ACCOUNT, {"tags": {"a": "b"}}),
    "Microsoft.CognitiveServices/accounts/deployments": (f"{EAST}/deployments/new", MODEL, None),
    "Microsoft.ApiManagement/service/apis": (f"{GATEWAY}/apis/x", api("x"), {"properties": {"displayName": "y"}}),
    "Microsoft.ApiManagement/service/apis/operations": (
        f"{GATEWAY}/apis/orders-api/operations/o",
        OPERATION,
        {"properties": {"displayName": "P"}},
    ),
    "Microsoft.ApiManagement/service/apis/policies": (f"{GATEWAY}/apis/orders-api/policies/policy", POLICY, None),
    "Microsoft.ApiManagement/service/backends": (
        f"{GATEWAY}/backends/b",
        BACKEND,
        {"properties": {"description": "d"}},
    ),
    "Microsoft.ApiManagement/service/products/apis": (f"{GATEWAY}/products/starter/apis/orders-api", {}, None),
    "Microsoft.Authorization/roleAssignments": (ROLE, ROLE_BODY, None),
}


def operations(client: Azure) -> list[tuple[str, str, str]]:
    """Of Resource Manager's events: the type, what was done to what, and by which application."""
    return [
        (each["eventType"].rpartition(".")[2], each["data"]["operationName"], each["data"]["claims"]["appid"])
        for each in client.simulator.events
        if each["eventType"].startswith("Microsoft.Resources.")
    ]


@pytest.mark.parametrize("type", RESOURCES)
def test_every_write_of_a_client_raises_its_event_with_the_clients_id(type: str) -> None:
    id, body, more = RESOURCES[type]
    client = azure(account_create_time=0, api_delete_time=0, principal_replication=0)
    client.headers = bearer({"appid": "app-1", "oid": "oid-1"})
    assert client.put(id, body).status in {200, 201}
    if more is not None:
        assert client.patch(id, more).status == 200
    assert client.delete(id).status in {200, 202}
    assert operations(client) == [
        ("ResourceWriteSuccess", f"{type}/write", "app-1"),
        *([("ResourceWriteSuccess", f"{type}/write", "app-1")] if more is not None else []),
        ("ResourceDeleteSuccess", f"{type}/delete", "app-1"),
    ]
    assert {
        each["data"]["resourceUri"].lower() for each in client.simulator.events if "claims" in each["data"]
    } == {id.lower()}


@pytest.mark.parametrize("type", RESOURCES)
def test_every_change_behind_everybodys_back_raises_its_event_in_somebodys_name(type: str) -> None:
    id, body, _ = RESOURCES[type]
    client = azure()
    client.simulator.put(id, body)
    client.simulator.delete(id)
    portal = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
    assert operations(client) == [
        ("ResourceWriteSuccess", f"{type}/write", portal),
        ("ResourceDeleteSuccess", f"{type}/delete", portal),
    ]


def test_an_event_of_another_topic_is_raised_on_demand() -> None:
    client = azure()
    heard: list[JSON] = []
    client.simulator.listen(heard.append)
    event: JSON = {
        "eventType": "Microsoft.Storage.BlobCreated",
        "topic": f"{EAST}/x",
        "subject": "/blobServices/default/containers/c/blobs/b",
        "data": {"url": "https://a.blob.core.windows.net/c/b"},
    }
    assert client.ask("POST", "/_simulator/events", event).status == 204
    (raised,) = client.get("/_simulator/events").body
    assert {name: raised[name] for name in event} == event
    assert set(raised) - set(event) == {"id", "eventTime", "dataVersion", "metadataVersion"}
    assert heard == [raised]
    short = client.ask("POST", "/_simulator/events", {"eventType": "x", "subject": "y"})
    assert (short.status, client.simulator.events[-1]["topic"]) == (204, "")


@pytest.mark.parametrize(
    "body",
    [{}, [], {"eventType": "x"}, {"eventType": 1, "subject": "y"}, {"subject": "y", "eventType": "x", "id": "z"}],
)
def test_an_event_that_is_none_is_not_raised(body: Any) -> None:
    client = azure()
    answer = client.ask("POST", "/_simulator/events", body)
    assert (answer.status, answer.code) == (400, "SimulatorAdmin")
    assert client.simulator.events == []


def test_listeners_hear_of_each_event() -> None:
    client = azure()
    heard: list[JSON] = []
    client.simulator.listen(heard.append)
    client.simulator.delete(f"{EAST}/deployments/gpt-4o")
    assert heard == client.simulator.events
    assert raised(client) == [("ResourceDeleteSuccess", "deployments/gpt-4o")]
