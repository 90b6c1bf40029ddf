"""How user-assigned identities behave, and what becomes of principals."""

from tests.simulator.asking import EAST, GATEWAY, OPENAI_USER, S, azure

GROUP = f"{S}/resourceGroups/rg-gateway"
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
