"""How user-assigned identities behave, and what becomes of principals."""

import pytest

from tests.simulator.asking import EAST, GATEWAY, JSON, OPENAI_USER, Azure, S, azure

GROUP = f"{S}/resourceGroups/rg-gateway"
KEYVAULT = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-gateway-keyvault"
OFF, ON = {"identity": {"type": "None"}}, {"identity": {"type": "SystemAssigned"}}
FRESH = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-fresh"
RA = f"{EAST}/providers/Microsoft.Authorization/roleAssignments/22222222-0000-4000-8000-000000000001"


def test_a_new_identity_names_itself_with_a_relative_location_and_an_old_one_does_not() -> None:
    client = azure()
    made = client.put(FRESH, {"location": "eastus"})
    lowered = FRESH.replace("/resourceGroups/", "/resourcegroups/")
    assert (made.status, made.headers["Location"], made.body["id"]) == (201, lowered, lowered)
    again = client.put(FRESH, {"location": "eastus"})
    assert (again.status, "Location" in again.headers) == (200, False)
    assert again.body["properties"] == made.body["properties"]


def test_identities_are_listed_by_group_and_by_subscription() -> None:
    client = azure()
    client.put(FRESH, {"location": "eastus"})
    for scope in (GROUP, S):
        got = client.get(f"{scope}/providers/Microsoft.ManagedIdentity/userAssignedIdentities").body
        assert [each["name"] for each in got["value"]] == ["id-fresh", "id-gateway-keyvault"]
    empty = client.get(f"{S}/resourceGroups/rg-ai-east/providers/Microsoft.ManagedIdentity/userAssignedIdentities")
    assert empty.body == {"value": []}


def test_an_identity_needs_a_region_and_keeps_it() -> None:
    client = azure()
    assert client.put(FRESH, {}).code == "LocationRequired"
    client.put(FRESH, {"location": "eastus"})
    moved = client.put(FRESH, {"location": "westus"})
    assert (moved.status, moved.code) == (409, "InvalidResourceLocation")


def test_a_principal_goes_with_its_identity_and_its_role_assignment_stays() -> None:
    client = azure(principal_replication=0)
    principal = client.put(FRESH, {"location": "eastus"}).body["properties"]["principalId"]
    body = {"properties": {"principalId": principal, "roleDefinitionId": OPENAI_USER}}
    assert client.put(RA, body).status == 201
    assert client.delete(FRESH).status == 200
    assert client.get(RA).body["properties"]["principalId"] == principal
    client.delete(RA)
    assert client.put(RA, body).code == "PrincipalNotFound"


def test_switching_a_system_identity_off_deletes_its_principal_and_a_new_one_is_another() -> None:
    client = azure(principal_replication=0, service_update_time=0)
    both = [{"identity": {"type": "SystemAssigned"}}, {"identity": {"type": "None"}}]
    first = client.patch(GATEWAY, both[0]).body["identity"]["principalId"]
    kept = client.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}, "tags": {"a": "b"}})
    assert kept.body["identity"]["principalId"] == first
    client.patch(GATEWAY, both[1])
    assert client.simulator.cloud.directory.find(first) is None
    second = client.patch(GATEWAY, both[0]).body["identity"]["principalId"]
    assert second != first
    assert client.simulator.cloud.directory.find(second) is not None


@pytest.mark.parametrize("id", [GATEWAY, EAST])
def test_an_identity_that_is_deleted_while_it_is_in_use_stays_named_until_another_is_sent(id: str) -> None:
    client = azure(service_update_time=0)
    both = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {KEYVAULT: {}}}
    client.patch(id, {"identity": both})
    before = client.get(id).body["identity"]
    assert before["userAssignedIdentities"][KEYVAULT]["clientId"]
    assert client.delete(KEYVAULT).status == 200
    for body in ({"tags": {"a": "b"}}, {}):
        assert client.patch(id, body).status in {200, 202}
        assert client.get(id).body["identity"] == before
    again = client.patch(id, {"identity": both})
    assert (again.status, again.code) == (400, "FailedIdentityOperation")
    client.patch(id, ON)
    assert client.get(id).body["identity"] == {
        name: part for name, part in before.items() if name not in {"type", "userAssignedIdentities"}
    } | {"type": "SystemAssigned"}


def assignment(client: Azure, principal: str) -> int:
    """The status of an assignment of a role to a principal."""
    return client.put(RA, {"properties": {"principalId": principal, "roleDefinitionId": OPENAI_USER}}).status


def failing(client: Azure, body: JSON) -> JSON | None:
    """The identity that a service shows during a PATCH that fails in the end."""
    client.simulator.fail(match="PATCH", async_=True)
    accepted = client.patch(GATEWAY, body)
    assert accepted.status == 202
    shown: JSON | None = accepted.body["identity"]
    return shown


def test_an_update_that_fails_gives_the_old_principal_back() -> None:
    client = azure(principal_replication=15)
    principal = client.patch(GATEWAY, ON).body["identity"]["principalId"]
    client.simulator.clock.advance(60)
    assert failing(client, OFF) is None
    client.simulator.clock.advance(60)
    assert client.get(GATEWAY).body["identity"]["principalId"] == principal
    assert assignment(client, principal) == 201


def test_an_update_that_fails_takes_the_new_principal_away() -> None:
    client = azure(principal_replication=0)
    shown = failing(client, ON)
    assert shown is not None
    assert assignment(client, shown["principalId"]) == 201
    client.delete(RA)
    client.simulator.clock.advance(60)
    assert client.get(GATEWAY).body["identity"]["type"] == "UserAssigned"
    assert assignment(client, shown["principalId"]) == 400
    assert not client.simulator.cloud.directory.has(shown["principalId"])


def test_a_service_that_is_deleted_while_an_update_fails_leaves_no_principal() -> None:
    client = azure(principal_replication=0)
    principal = client.patch(GATEWAY, ON).body["identity"]["principalId"]
    client.simulator.clock.advance(60)
    failing(client, OFF)
    client.simulator.delete(GATEWAY)
    client.simulator.clock.advance(60)
    assert not client.simulator.cloud.directory.has(principal)


def test_a_new_service_that_fails_keeps_the_principal_that_it_shows() -> None:
    client = azure(principal_replication=0)
    at = GATEWAY.replace("contoso-gateway", "fresh")
    body = {
        "location": "eastus",
        "sku": {"name": "Developer", "capacity": 1},
        "properties": {"publisherEmail": "a@contoso.example", "publisherName": "Contoso"},
        **ON,
    }
    client.simulator.fail(match="PUT", async_=True)
    principal = client.put(at, body).body["identity"]["principalId"]
    client.simulator.clock.advance(60)
    after = client.get(at).body
    assert (after["properties"]["provisioningState"], after["identity"]["principalId"]) == ("Failed", principal)
    assert assignment(client, principal) == 201
