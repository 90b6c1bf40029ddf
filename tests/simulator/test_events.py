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


def test_claims_tell_callers_apart() -> None:
    client = azure()
    claims = base64.urlsafe_b64encode(json.dumps({"appid": "app-1", "oid": "oid-1"}).encode()).decode().rstrip("=")
    client.headers = {"Authorization": f"Bearer e30.{claims}.x"}
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


def test_role_assignments_raise_events_below_their_scope() -> None:
    client = azure()
    name = f"{EAST}/providers/Microsoft.Authorization/roleAssignments/22222222-0000-4000-8000-000000000001"
    sent: JSON = {
        "properties": {"principalId": "0b0b0b0b-0000-4000-8000-000000000003", "roleDefinitionId": OPENAI_USER}
    }
    client.put(name, sent)
    data: Any = client.simulator.events[-1]["data"]
    assert data["operationName"] == "Microsoft.Authorization/roleAssignments/write"
    assert data["resourceUri"].lower() == name.lower()


def test_listeners_hear_of_each_event() -> None:
    client = azure()
    heard: list[JSON] = []
    client.simulator.listen(heard.append)
    client.simulator.delete(f"{EAST}/deployments/gpt-4o")
    assert heard == client.simulator.events
    assert raised(client) == [("ResourceDeleteSuccess", "deployments/gpt-4o")]
