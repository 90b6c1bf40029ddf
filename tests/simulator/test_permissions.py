"""What the caller is told it may do is what it may do."""

import pytest

from simulator import Simulator
from tests.simulator.asking import EAST, GATEWAY, JSON, Azure, S, azure

GROUP = f"{S}/resourceGroups/rg-ai-east"
LIST = "providers/Microsoft.Authorization/permissions"
ROLE: JSON = {
    "permissions": [
        {
            "actions": ["Microsoft.CognitiveServices/*", "Microsoft.Authorization/permissions/read"],
            "notActions": ["Microsoft.CognitiveServices/accounts/listKeys/action"],
        },
        {"actions": ["Microsoft.ApiManagement/service/read"], "dataActions": ["Contoso/x"]},
    ]
}


@pytest.mark.parametrize("scope", [GROUP, EAST, GATEWAY, f"{GATEWAY}/apis/orders-api", S])
def test_without_a_role_everything_is_permitted_everywhere(scope: str) -> None:
    got = azure().get(f"{scope}/{LIST}")
    assert (got.status, got.body) == (
        200,
        {"value": [{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}]},
    )


def test_with_a_role_its_blocks_are_listed_and_hold() -> None:
    client = Azure(Simulator(enforce_role=ROLE))
    assert client.get(f"{EAST}/{LIST}").body["value"] == [
        {
            "actions": ["Microsoft.CognitiveServices/*", "Microsoft.Authorization/permissions/read"],
            "notActions": ["Microsoft.CognitiveServices/accounts/listKeys/action"],
            "dataActions": [],
            "notDataActions": [],
        },
        {
            "actions": ["Microsoft.ApiManagement/service/read"],
            "notActions": [],
            "dataActions": ["Contoso/x"],
            "notDataActions": [],
        },
    ]
    assert client.get(EAST).status == 200
    assert client.ask("POST", f"{EAST}/listKeys").status == 403
    assert client.get(GATEWAY).status == 200
    assert client.delete(GATEWAY).status == 403


def test_what_one_role_takes_away_another_one_may_still_give() -> None:
    one = {"Actions": ["Microsoft.CognitiveServices/*"], "NotActions": ["*/listKeys/action"]}
    two = {"Actions": ["Microsoft.CognitiveServices/accounts/listKeys/action"]}
    path = f"{EAST}/listKeys"
    assert Azure(Simulator(enforce_role=[one])).ask("POST", path).status == 403  # type: ignore[arg-type]
    assert Azure(Simulator(enforce_role=[one, two])).ask("POST", path).status == 200  # type: ignore[arg-type]


def test_reading_permissions_is_an_action_of_its_own() -> None:
    client = Azure(Simulator(enforce_role={"Actions": ["Microsoft.CognitiveServices/*"]}))
    got = client.get(f"{EAST}/{LIST}")
    assert got.code == "AuthorizationFailed"
    assert "'Microsoft.Authorization/permissions/read'" in got.message
    assert f"over scope '{EAST}/providers/Microsoft.Authorization'" in got.message


def test_permissions_on_something_that_is_gone_are_not_found() -> None:
    client = azure()
    assert client.get(f"{EAST}-none/{LIST}").code == "ResourceNotFound"
    assert client.get(f"{S}/resourceGroups/none/{LIST}").code == "ResourceGroupNotFound"
    assert client.get(f"{EAST}/{LIST}", version="2001-01-01").code == "NoRegisteredProviderFound"


def test_nothing_is_denied() -> None:
    client = azure()
    path = f"{GROUP}/providers/Microsoft.Authorization/denyAssignments"
    assert client.get(path).body == {"value": []}
    assert client.get(f"{path}/x").code == "DenyAssignmentNotFound"
