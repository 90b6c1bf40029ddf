"""Which roles there are and what they allow."""

import json
from typing import Any

from simulator.authorization import BUILT_IN_ROLES
from tests.simulator.asking import EAST, JSON, OPENAI_USER, Azure, S, azure

ROLES = f"{S}/providers/Microsoft.Authorization/roleDefinitions"
READER = f"{ROLES}/acdd72a7-3385-48ef-bd42-f606fba81ae7"
OWN = f"{ROLES}/22222222-0000-4000-8000-00000000000a"
BOB = "0b0b0b0b-0000-4000-8000-000000000001"


def names(client: Azure, filter: str = "", scope: str = S) -> list[str]:
    query = {"$filter": filter} if filter else {}
    got = client.get(f"{scope}/providers/Microsoft.Authorization/roleDefinitions", query=query)
    assert got.status == 200, got.text
    return [each["properties"]["roleName"] for each in got.body["value"]]


def role(name: str = "Gateway reader", **more: Any) -> JSON:
    return {
        "properties": {
            "roleName": name,
            "type": "CustomRole",
            "assignableScopes": [S],
            "permissions": [{"actions": ["Microsoft.ApiManagement/service/read"]}],
            **more,
        }
    }


def test_a_built_in_role_is_found_by_its_name_below_every_scope() -> None:
    client = azure()
    assert names(client, "roleName eq 'Cognitive Services OpenAI User'", EAST) == ["Cognitive Services OpenAI User"]
    got = client.get(OPENAI_USER)
    assert (got.body["id"], got.body["type"]) == (OPENAI_USER, "Microsoft.Authorization/roleDefinitions")
    allowed = got.body["properties"]["permissions"][0]
    assert allowed["actions"] == [
        "Microsoft.CognitiveServices/*/read",
        "Microsoft.Authorization/roleAssignments/read",
        "Microsoft.Authorization/roleDefinitions/read",
    ]
    assert (
        "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action" in allowed["dataActions"]
    )
    assert "listkeys" not in json.dumps(allowed).lower()
    assert client.get(OPENAI_USER.removeprefix(S)).body["id"] == OPENAI_USER.removeprefix(S)


def test_every_role_that_can_be_assigned_can_be_read() -> None:
    listed = azure().get(ROLES).body["value"]
    assert {each["name"] for each in listed} == BUILT_IN_ROLES
    assert all(each["properties"]["type"] == "BuiltInRole" for each in listed)


def test_a_missing_role_and_an_unknown_filter_are_refused() -> None:
    client = azure()
    missing = client.get(f"{ROLES}/00000000-0000-4000-8000-00000000dead")
    assert (missing.status, missing.code) == (404, "RoleDefinitionDoesNotExist")
    assert client.get(ROLES, query={"$filter": "name eq 'x'"}).status == 400


def test_a_custom_role_is_made_assigned_and_then_cannot_be_deleted() -> None:
    client = azure()
    made = client.put(OWN, role(description="For tests."))
    assert made.status == 201
    assert made.body["properties"]["permissions"] == [
        {
            "actions": ["Microsoft.ApiManagement/service/read"],
            "notActions": [],
            "dataActions": [],
            "notDataActions": [],
        }
    ]
    assert made.body["properties"]["type"] == "CustomRole"
    assert names(client, "type eq 'CustomRole'", EAST) == ["Gateway reader"]
    assignment = f"{EAST}/providers/Microsoft.Authorization/roleAssignments/22222222-0000-4000-8000-00000000000b"
    body = {"properties": {"principalId": BOB, "principalType": "User", "roleDefinitionId": OWN}}
    assert client.put(assignment, body).status == 201
    held = client.delete(OWN)
    assert (held.status, held.code) == (400, "RoleDefinitionHasAssignments")
    assert client.delete(assignment).status == 200
    gone = client.delete(OWN)
    assert (gone.status, gone.body["name"]) == (200, OWN.rsplit("/", 1)[1])
    assert client.get(OWN).status == 404
    assert client.put(assignment, body).code == "RoleDefinitionDoesNotExist"
    assert client.delete(OWN).status == 204


def test_a_custom_role_can_be_changed_and_keeps_its_maker() -> None:
    client = azure()
    client.put(OWN, role())
    client.simulator.clock.advance(60)
    changed = client.put(
        OWN, role(permissions=[{"actions": ["*/read"], "notActions": ["Microsoft.Support/*/read"]}])
    )
    assert changed.status == 201
    read = client.get(OWN).body["properties"]
    assert (read["permissions"][0]["actions"], read["permissions"][0]["notActions"]) == (
        ["*/read"],
        ["Microsoft.Support/*/read"],
    )
    assert read["createdOn"] < read["updatedOn"]


def test_a_custom_role_elsewhere_is_not_listed_here() -> None:
    client = azure()
    client.put(OWN, role(assignableScopes=[f"{S}/resourceGroups/rg-ai-west"]))
    assert names(client, "type eq 'CustomRole'", EAST) == []
    assert names(client, "type eq 'CustomRole'", S) == []
    assert names(client, "atScopeAndBelow() and type eq 'CustomRole'", S) == ["Gateway reader"]


def test_a_custom_role_that_cannot_be_is_refused() -> None:
    client = azure()
    client.put(OWN, role())
    other = f"{ROLES}/22222222-0000-4000-8000-00000000000c"
    for taken in ("gateway READER", "Reader"):
        again = client.put(other, role(taken))
        assert (again.status, again.code) == (409, "RoleDefinitionWithSameNameExists")
    assert client.put(f"{ROLES}/mine", role("Mine")).code == "InvalidRoleDefinitionId"
    assert client.put(other, role("Mine", assignableScopes=["/"])).status == 400
    assert client.put(other, role("Mine", assignableScopes=[f"{S}/resourceGroups/none"])).status == 404
    assert client.put(other, role("Mine", colour="red")).status == 400
    assert client.put(READER, role("Mine")).status == 501
    assert client.delete(READER).status == 501
