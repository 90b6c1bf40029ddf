"""What can be the name of an API, and what a reference to another resource names."""

import pytest

from simulator import Simulator
from simulator.apim.common import find_child
from simulator.apim.revisions import find
from simulator.store import Entity
from simulator.world import WorldError
from tests.simulator.asking import GATEWAY, Azure, api, azure

APIS = f"{GATEWAY}/apis"
NO_NAMES = (";rev=2", "x;rev=", "x;rev=0", "x;rev=02", "x;rev=2;rev=3", "x;rev=two", "x;REV=٢", "orders-api;rev=-1")


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_of_an_api_is_refused(name: str) -> None:
    client = azure()
    before = client.simulator.resources()
    assert client.put(f"{APIS}/{name}", api("x")).status == 400
    assert client.get(f"{APIS}/{name}").status == 404
    assert client.delete(f"{APIS}/{name}").status == 204
    with pytest.raises(ValueError, match="Resource name"):
        client.simulator.put(f"{APIS}/{name}", api("x"))
    assert client.simulator.resources() == before


def test_a_world_has_no_such_names_either() -> None:
    world = {
        "subscriptions": {GATEWAY.split("/")[2]: {}},
        "resources": [
            {
                "id": GATEWAY,
                "location": "eastus",
                "sku": {"name": "StandardV2", "capacity": 1},
                "properties": {"publisherEmail": "a@contoso.example", "publisherName": "Contoso"},
            },
            {"id": f"{APIS}/;rev=2", **api("x")},
            {"id": f"{APIS}/y", **api("y", apiRevision="v1")},
        ],
    }
    with pytest.raises(WorldError) as refused:
        Simulator(world)
    assert "'v1' is no number of a revision" in str(refused.value)
    assert "Resource name ';rev=2' must match" in str(refused.value)


@pytest.mark.parametrize("reference", ["", "/", "/apis/", "/products/orders-api", f"{GATEWAY}x/apis/orders-api"])
def test_a_copy_needs_the_name_of_an_api_of_this_service(reference: str) -> None:
    client = azure()
    before = client.simulator.resources()
    got = client.put(f"{APIS}/copy", {"properties": {"sourceApiId": reference, "path": "copy"}})
    assert (got.status, got.message) == (404, "Api not found.")
    assert client.simulator.resources() == before


@pytest.mark.parametrize(
    "reference",
    ["orders-api", "/apis/orders-api", "apis/ORDERS-API", f"{APIS}/orders-api", f"{APIS[1:]}/orders-api"],
)
def test_a_reference_is_a_name_a_short_path_or_a_full_id(reference: str) -> None:
    body = {"properties": {"sourceApiId": reference, "path": "copy"}}
    assert azure().put(f"{APIS}/copy", body).status == 201


def test_an_empty_reference_names_nothing_not_even_what_stands_at_the_collection() -> None:
    cloud = Simulator().cloud
    for collection in ("apis", "backends"):
        cloud.store.put(Entity(f"{GATEWAY}/{collection}", "odd", {"properties": {}}))
    assert find(cloud, GATEWAY, "") is None
    assert find_child(cloud, GATEWAY, "backends", "/") is None


@pytest.mark.parametrize("reference", ["/backends/", "/apis/legacy-openai", f"{GATEWAY}x/backends/legacy-openai"])
def test_a_pool_has_members_of_this_service_only(reference: str) -> None:
    def put(member: str) -> int:
        body = {"properties": {"type": "Pool", "pool": {"services": [{"id": member}]}}}
        return Azure(Simulator()).put(f"{GATEWAY}/backends/pool", body).status

    assert put(reference) == 400
    assert put("/backends/legacy-openai") == 201
