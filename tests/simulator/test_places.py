"""Services, accounts and identities stand in a resource group, and nowhere else."""

from typing import Any

import pytest

from simulator import Simulator
from simulator.world import WorldError
from tests.simulator.asking import GATEWAY, Azure, S, azure
from tests.simulator.test_broken_worlds import ACCOUNT, SERVICE, having, world

APIM = "providers/Microsoft.ApiManagement/service"
ACCOUNTS = "providers/Microsoft.CognitiveServices/accounts"
IDENTITIES = "providers/Microsoft.ManagedIdentity/userAssignedIdentities"
MISPLACED = [
    (f"{S}/{APIM}/xyz", "InvalidResourceType"),
    (f"/{APIM}/xyz", "MissingSubscription"),
    (f"{S}/{ACCOUNTS}/xyz", "InvalidResourceType"),
    (f"{GATEWAY}/{ACCOUNTS}/xyz", "InvalidResourceType"),
    (f"{GATEWAY}/{ACCOUNTS}", "InvalidResourceType"),
    (f"{S}/{IDENTITIES}/xyz", "InvalidResourceType"),
    (f"{S}/resourceGroups/rg-gateway/more/{APIM}/xyz", "InvalidResourceType"),
    (f"{S}/{APIM}/xyz/apis/x", "InvalidResourceType"),
    (f"/{APIM}", "MissingSubscription"),
]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize(("path", "code"), MISPLACED)
def test_the_front_door_refuses_what_stands_elsewhere(method: str, path: str, code: str) -> None:
    client = azure()
    before = client.simulator.resources()
    path += "/listKeys" if method == "POST" else ""
    body: Any = {key: value for key, value in (ACCOUNT if "accounts" in path else SERVICE).items() if key != "id"}
    got = client.ask(method, path, body if method in {"PUT", "PATCH"} else None)
    assert (got.status, got.code) == (404, code)
    assert got.headers["x-ms-failure-cause"] == "gateway"
    assert client.simulator.resources() == before


def test_lists_are_of_a_group_or_a_subscription() -> None:
    client = azure()
    for scope in (S, f"{S}/resourceGroups/rg-gateway"):
        assert [each["name"] for each in client.get(f"{scope}/{APIM}").body["value"]] == ["contoso-gateway"]


@pytest.mark.parametrize("id", [path for path, _ in MISPLACED if path.endswith("/xyz")])
def test_neither_a_world_nor_somebody_else_can_put_it_elsewhere(id: str) -> None:
    body = having(SERVICE if "service/" in id else ACCOUNT, id, "id")
    sentence = "it must stand in a resource group: /subscriptions/{guid}/resourceGroups/{name}/providers/…"
    with pytest.raises(WorldError) as caught:
        Simulator(world(body))
    assert [each.rpartition("): ")[2] for each in caught.value.mistakes] == [sentence]
    with pytest.raises(ValueError, match="it must stand in a resource group"):
        azure().simulator.put(id, {name: value for name, value in body.items() if name != "id"})


def test_a_resource_that_is_refused_brings_no_group() -> None:
    client = Azure(Simulator())
    id = f"{S}/resourceGroups/rg-new/{ACCOUNTS}/xyz"
    with pytest.raises(ValueError, match="mars"):
        client.simulator.put(id, {"location": "mars", "kind": "OpenAI", "sku": {"name": "S0"}})
    assert client.get(f"{S}/resourceGroups/rg-new", version="2021-04-01").status == 404
