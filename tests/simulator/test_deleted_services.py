"""What remains of a service for two days after it has been deleted."""

from tests.simulator.asking import GATEWAY, JSON, Azure, S, azure

PROVIDER = f"{S}/providers/Microsoft.ApiManagement"
ONE = f"{PROVIDER}/locations/eastus/deletedservices/contoso-gateway"
BODY: JSON = {
    "location": "eastus",
    "sku": {"name": "StandardV2", "capacity": 1},
    "properties": {"publisherEmail": "a@contoso.example", "publisherName": "Contoso"},
}


def deleted() -> Azure:
    client = azure(service_update_time=0)
    client.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}})
    assert client.delete(GATEWAY).status == 202
    return client


def restoring() -> JSON:
    return {**BODY, "properties": {**BODY["properties"], "restore": True}}


def available(client: Azure, name: str) -> tuple[bool, str]:
    got = client.ask("POST", f"{PROVIDER}/checkNameAvailability", {"name": name})
    assert got.status == 200
    return got.body["nameAvailable"], got.body["reason"]


def test_the_name_of_a_deleted_service_is_kept_for_two_days() -> None:
    client = deleted()
    got = client.put(GATEWAY, BODY)
    assert (got.status, got.code) == (409, "ServiceAlreadyExistsInSoftDeletedState")
    assert got.message.startswith(
        "Api service contoso-gateway was soft-deleted. In order to create the new service"
    )
    client.simulator.clock.advance(48 * 3600 + 1)
    assert client.put(GATEWAY, BODY).status == 201


def test_a_deleted_service_is_listed_and_found_by_name() -> None:
    client = deleted()
    one = client.get(ONE).body
    assert client.get(f"{PROVIDER}/deletedservices").body == {"value": [one]}
    assert one["id"] == ONE
    assert (one["type"], one["location"]) == ("Microsoft.ApiManagement/deletedservices", "East US")
    assert one["properties"] == {
        "serviceId": GATEWAY,
        "scheduledPurgeDate": "2026-01-03T00:00:00.0000000Z",
        "deletionDate": "2026-01-01T00:00:00.0000000Z",
    }
    assert client.get(ONE.replace("eastus", "westus")).code == "ServiceNotFound"


def test_a_restored_service_has_its_children_and_its_principal_again() -> None:
    client = azure(service_update_time=0, principal_replication=0)
    principal = client.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}}).body["identity"]["principalId"]
    before = set(client.simulator.resources())
    client.delete(GATEWAY)
    assert client.simulator.cloud.directory.find(principal) is None
    got = client.put(GATEWAY, restoring())
    assert (got.status, got.body["identity"]["principalId"]) == (201, principal)
    assert client.get(f"{GATEWAY}/apis/orders-api").status == 200
    assert set(client.simulator.resources()) == before
    assert client.simulator.cloud.directory.find(principal) is not None
    assert client.get(f"{PROVIDER}/deletedservices").body == {"value": []}


def test_what_was_never_deleted_cannot_be_restored() -> None:
    got = azure().put(GATEWAY.replace("contoso-gateway", "fresh"), restoring())
    assert (got.status, got.code) == (400, "ServiceUndeleteNotPossible")


def test_a_purge_is_a_long_running_operation_without_bodies_and_frees_the_name() -> None:
    client = azure(service_update_time=20)
    client.delete(GATEWAY)
    client.simulator.clock.advance(20)
    got = client.delete(ONE)
    assert (got.status, got.body) == (202, None)
    assert available(client, "contoso-gateway") == (False, "AlreadyExists")
    running = client.follow(got.headers["Location"])
    assert (running.status, running.body, "Location" in running.headers) == (202, None, True)
    client.simulator.clock.advance(20)
    done = client.follow(got.headers["Location"])
    assert (done.status, done.body) == (200, None)
    assert client.get(ONE).status == 404
    assert available(client, "contoso-gateway") == (True, "Valid")


def test_whether_a_name_is_available_can_be_asked() -> None:
    client = azure()
    assert available(client, "Contoso-Gateway") == (False, "AlreadyExists")
    assert available(client, "free") == (True, "Valid")
    assert available(client, "no_good") == (False, "Invalid")
    assert client.ask("POST", f"{PROVIDER}/checkNameAvailability", {}).status == 400
