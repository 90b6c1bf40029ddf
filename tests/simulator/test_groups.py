"""How resource groups are made, changed and deleted."""

from simulator import Simulator
from tests.simulator.asking import EAST, GATEWAY, Azure, S, azure

V = "2020-06-01"
NEW = f"{S}/resourceGroups/rg-new"
AI = f"{S}/resourceGroups/rg-ai-east"


def test_a_group_is_made_changed_and_read() -> None:
    client = azure()
    assert client.ask("HEAD", NEW, version=V).status == 404
    made = client.put(NEW, {"location": "West US 2", "tags": {"a": "b"}}, version=V)
    assert (made.status, made.body) == (
        201,
        {
            "id": NEW,
            "name": "rg-new",
            "type": "Microsoft.Resources/resourceGroups",
            "location": "westus2",
            "tags": {"a": "b"},
            "properties": {"provisioningState": "Succeeded"},
        },
    )
    assert client.put(NEW, {"location": "westus2"}, version=V).status == 200
    assert client.get(NEW, version=V).body["tags"] == {}
    assert client.patch(NEW, {"tags": {"c": "d"}}, version=V).body["tags"] == {"c": "d"}
    assert client.ask("HEAD", NEW, version=V).status == 204
    assert "rg-new" in {each["name"] for each in client.get(f"{S}/resourceGroups", version=V).body["value"]}


def test_a_group_stays_in_its_region_and_needs_one() -> None:
    client = azure()
    assert client.put(NEW, {}, version=V).code == "LocationRequired"
    moved = client.put(AI, {"location": "westus"}, version=V)
    assert (moved.status, moved.code) == (409, "InvalidResourceGroupLocation")
    assert client.put(f"{S}/resourceGroups/rg.", {"location": "eastus"}, version=V).status == 400
    assert client.put(NEW, {"location": "eastus", "colour": "red"}, version=V).code == "InvalidRequestContent"


def test_a_deletion_is_told_of_by_location_alone_and_takes_everything_in_the_group_with_it() -> None:
    client = azure(group_delete_time=30)
    got = client.delete(AI, version=V)
    assert (got.status, got.body, got.headers["Retry-After"]) == (202, None, "15")
    assert "Azure-AsyncOperation" not in got.headers
    assert client.get(AI, version=V).body["properties"] == {"provisioningState": "Deleting"}
    poll = client.follow(got.headers["Location"])
    assert (poll.status, poll.body, poll.headers["Retry-After"]) == (202, None, "15")
    assert client.get(EAST).status == 200
    client.simulator.clock.advance(30)
    done = client.follow(got.headers["Location"])
    assert (done.status, done.body, "Location" in done.headers) == (200, None, False)
    assert client.get(AI, version=V).code == "ResourceGroupNotFound"
    assert not [id for id in client.simulator.resources() if id.startswith(f"{AI}/")]
    assert GATEWAY in client.simulator.resources()
    gone = [each["subject"] for each in client.simulator.events if each["eventType"].endswith("DeleteSuccess")]
    assert EAST in gone
    assert gone[-1] == AI


def test_nothing_is_written_into_a_group_that_is_being_deleted() -> None:
    client = azure(group_delete_time=30)
    client.delete(AI, version=V)
    assert client.patch(EAST, {"tags": {}}).code == "ResourceGroupBeingDeleted"
    assert client.put(AI, {"location": "eastus"}, version=V).status == 409
    assert client.delete(AI, version=V).status == 409


def test_an_account_that_goes_with_its_group_can_still_be_restored() -> None:
    client = azure(group_delete_time=0)
    client.delete(AI, version=V)
    client.put(AI, {"location": "eastus"}, version=V)
    refused = client.put(EAST, {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}})
    assert refused.code == "FlagMustBeSetForRestore"


def test_a_deletion_that_fails_leaves_the_group_as_it_was() -> None:
    client = azure(group_delete_time=5)
    client.simulator.fail(match="DELETE", async_=True, code="ResourceGroupDeletionBlocked")
    got = client.delete(AI, version=V)
    client.simulator.clock.advance(5)
    poll = client.follow(got.headers["Location"])
    assert (poll.status, poll.code) == (409, "ResourceGroupDeletionBlocked")
    assert client.get(AI, version=V).body["properties"] == {"provisioningState": "Succeeded"}
    assert client.get(EAST).status == 200


def test_a_role_must_allow_to_write_and_delete_groups() -> None:
    client = Azure(Simulator(enforce_role={"Actions": ["Microsoft.Resources/subscriptions/resourceGroups/read"]}))
    assert client.get(AI, version=V).status == 200
    refused = client.put(NEW, {"location": "eastus"}, version=V)
    assert "action 'Microsoft.Resources/subscriptions/resourceGroups/write'" in refused.message
    assert "resourceGroups/delete'" in client.delete(AI, version=V).message


def test_resource_manager_lists_its_own_api_versions() -> None:
    got = azure().get(AI, version="2020-06-02")
    assert (got.status, got.code) == (400, "InvalidApiVersionParameter")
    assert got.message.startswith("The api-version '2020-06-02' is invalid. The supported versions are '20")
    assert "2021-04-01," in got.message
