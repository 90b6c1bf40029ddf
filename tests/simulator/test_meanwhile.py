"""What becomes of work that Azure does later when what it is about has gone meanwhile, or when it has a defect."""

import pytest

from simulator.longrunning import Operation
from tests.simulator.asking import EAST, GATEWAY, JSON, Azure, Got, azure

VALUE = f"{GATEWAY}/namedValues/n"
SCHEMA = f"{GATEWAY}/apis/orders-api/schemas/s"
CREATED: JSON = {"properties": {"displayName": "n", "value": "v"}}


def ended(client: Azure, answer: Got) -> JSON:
    """What the status URL says in the end; the simulator goes on answering."""
    client.simulator.clock.advance(60)
    status: JSON = client.follow(answer.headers["Azure-AsyncOperation"]).body
    assert client.get(f"{GATEWAY}/apis").status == 200
    return status


def with_value() -> Azure:
    client = azure()
    client.put(VALUE, CREATED)
    client.simulator.clock.advance(60)
    return client


@pytest.mark.parametrize("behind", [False, True])
def test_a_patch_of_what_is_deleted_meanwhile_fails(behind: bool) -> None:  # noqa: FBT001
    client = with_value()
    accepted = client.patch(VALUE, {"properties": {"value": "w"}})
    if behind:
        client.simulator.delete(VALUE)
    else:
        assert client.delete(VALUE).status == 200
    status = ended(client, accepted)
    assert (status["status"], status["error"]["message"]) == ("Failed", "NamedValue not found.")
    assert client.get(VALUE).status == 404


def test_a_put_of_what_is_deleted_meanwhile_makes_it_again() -> None:
    client = with_value()
    accepted = client.put(VALUE, {"properties": {"displayName": "n", "value": "w"}})
    client.simulator.delete(VALUE)
    assert ended(client, accepted) == {"status": "Succeeded"}
    assert client.get(VALUE).body["properties"]["value"] == "w"
    document: JSON = {"properties": {"contentType": "application/json", "document": {"value": "{}"}}}
    ended(client, client.put(SCHEMA, document))
    accepted = client.put(SCHEMA, document)
    client.simulator.delete(SCHEMA)
    assert ended(client, accepted) == {"status": "Succeeded"}
    assert client.get(SCHEMA).status == 200


def test_refreshing_is_about_the_named_value_that_is_there_in_the_end() -> None:
    client = azure(service_update_time=0)
    client.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}})
    vault = {"secretIdentifier": "https://contoso.vault.azure.net/secrets/openai-key"}
    ended(client, client.put(VALUE, {"properties": {"displayName": "n", "keyVault": vault}}))
    accepted = client.ask("POST", f"{VALUE}/refreshSecret")
    client.simulator.delete(VALUE)
    client.simulator.put(VALUE, CREATED)
    status = ended(client, accepted)
    assert (status["status"], status["error"]["message"]) == ("Failed", "NamedValue not found.")


@pytest.mark.parametrize("id", [GATEWAY, EAST, f"{GATEWAY}/apis/orders-api"])
def test_a_slow_deletion_spares_what_was_made_in_the_same_place_meanwhile(id: str) -> None:
    client = azure(service_update_time=5, account_delete_time=5, api_delete_time=5)
    accepted = client.delete(id)
    assert accepted.status == 202
    body = client.simulator.resources()[id]
    client.simulator.delete(id)
    body["properties"].pop("provisioningState", None)
    body.pop("identity", None)
    client.simulator.put(id, body)
    assert ended(client, accepted)["status"] == "Succeeded"
    assert client.get(id).status == 200


def test_a_slow_deletion_of_what_is_gone_leaves_what_can_be_restored_alone() -> None:
    client = azure()
    client.delete(GATEWAY)
    client.simulator.delete(GATEWAY)
    kept = client.simulator.cloud.soft_deleted[GATEWAY.lower()]
    client.simulator.clock.advance(60)
    assert client.simulator.cloud.soft_deleted[GATEWAY.lower()] is kept
    assert [each for each in kept.below if each.name == "orders-api"]


def test_a_defect_in_late_work_strikes_one_request_and_is_over() -> None:
    client = with_value()
    cloud, undone = client.simulator.cloud, []

    def defect() -> None:
        raise KeyError("displayName")

    broken = Operation(
        "b", "x", 100.0, defect, 200, cloud.clock.now(), on_failure=lambda: undone.append(cloud.clock.seconds())
    )
    cloud.operations.start(broken)
    behind = client.patch(VALUE, {"properties": {"value": "w"}})
    with pytest.raises(KeyError):
        client.simulator.clock.advance(600)
    assert (broken.status, (broken.error or {})["code"], undone) == ("Failed", "InternalServerError", [100.0])
    assert client.get(VALUE).body["properties"]["value"] == "w"
    assert ended(client, behind) == {"status": "Succeeded"}
    assert undone == [100.0]
