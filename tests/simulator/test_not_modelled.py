"""What Azure knows and the simulator does not is said by 501, what nobody knows is refused; neither is ignored."""

from typing import Any

import pytest

from simulator import Simulator
from simulator.world import WorldError
from tests.simulator.asking import EAST, GATEWAY, WEST, S, api, azure
from tests.simulator.test_broken_worlds import ACCOUNT, SERVICE, having, world

APIS = f"{GATEWAY}/apis"
COGNITIVE = f"{S}/providers/Microsoft.CognitiveServices"
APIM = f"{S}/providers/Microsoft.ApiManagement"
GROUP = f"{S}/resourceGroups/rg-ai-east/providers"


@pytest.mark.parametrize("name", ["$orderby", "$select", "$expand", "$search", "$OrderBy", "$count"])
@pytest.mark.parametrize(
    "path",
    [
        APIS, GATEWAY, f"{APIS}/orders-api", f"{GATEWAY}/policyFragments", f"{COGNITIVE}/accounts", EAST,
        f"{EAST}/deployments", f"{COGNITIVE}/locations/eastus/models", f"{APIM}/deletedservices",
        f"{EAST}/providers/Microsoft.Authorization/roleAssignments",
    ],
)  # fmt: skip
def test_a_query_parameter_that_would_be_ignored_is_not_modelled(path: str, name: str) -> None:
    got = azure().get(path, query={name: "x"})
    assert (got.status, got.code, name in got.message) == (501, "SimulatorNotModelled", True)


@pytest.mark.parametrize("path", [f"{COGNITIVE}/accounts", f"{APIM}/service", f"{EAST}/deployments", GATEWAY])
def test_a_filter_of_a_list_without_filters_is_not_modelled(path: str) -> None:
    assert azure().get(path, query={"$filter": "name eq 'x'"}).status == 501


@pytest.mark.parametrize("name", ["$filter", "$top", "$expand"])
@pytest.mark.parametrize(
    "path", ["/subscriptions", f"{S}/resourceGroups", f"{S}/resourceGroups/rg-gateway", f"{S}/providers"]
)
def test_lists_of_resource_manager_itself_take_no_parameters(path: str, name: str) -> None:
    assert azure().get(path, version="2021-04-01", query={name: "1"}).status == 501


def test_paging_and_the_filters_there_are_go_on_working() -> None:
    client = azure()
    assert client.get(APIS, query={"$top": "1", "$skip": "1", "$filter": "name ne 'x'"}).status == 200
    assert client.get(APIS, query={"$skiptoken": "1"}).status == 501
    assert client.get(f"{COGNITIVE}/accounts", query={"$top": "1", "$skiptoken": "1"}).status == 200
    assert client.get(f"{COGNITIVE}/accounts", query={"$skip": "1"}).status == 501
    roles = f"{EAST}/providers/Microsoft.Authorization"
    assert client.get(f"{roles}/roleAssignments", query={"$filter": "atScope()"}).status == 200
    assert client.get(f"{roles}/roleDefinitions", query={"$filter": "roleName eq 'Reader'"}).status == 200
    assert client.get(f"{roles}/denyAssignments", query={"$filter": "atScope()"}).status == 200


@pytest.mark.parametrize("name", ["orders-api", "new"])
@pytest.mark.parametrize("value", ["*", '"x"'])
def test_if_none_match_on_a_write_is_not_modelled(name: str, value: str) -> None:
    client = azure()
    before = client.simulator.resources()
    got = client.put(f"{APIS}/{name}", api("new"), headers={"If-None-Match": value})
    assert (got.status, client.simulator.resources() == before) == (501, True)
    assert client.get(f"{APIS}/orders-api", headers={"If-None-Match": value}).status == 200


@pytest.mark.parametrize(
    "path",
    [
        *(f"{EAST}/{each}" for each in (
            "raiPolicies", "raiPolicies/x", "projects", "projects/x/connections/y", "privateEndpointConnections",
            "skus", "commitmentPlans/x", "raiBlocklists/x/raiBlocklistItems", "defenderForAISettings",
        )),
        *(f"{GATEWAY}/{each}" for each in (
            "policyDescriptions", "regions", "networkstatus", "locations/eastus/networkstatus", "skus", "settings",
            "workspaces/x/apis/y", "users/x/groups", "quotas/x", "reports/byApi",
            "apis/orders-api/issues/x/comments",
        )),
        f"{APIM}/skus", f"{APIM}/operations", f"{APIM}/gateways", f"{COGNITIVE}/skus", f"{COGNITIVE}/quotaTiers",
        f"{COGNITIVE}/locations/eastus/raiContentFilters", f"{GROUP}/Microsoft.CognitiveServices/commitmentPlans/x",
    ],
)  # fmt: skip
def test_a_type_that_azure_has_is_not_modelled(path: str) -> None:
    got = azure().get(path)
    assert (got.status, got.code) == (501, "SimulatorNotModelled"), got.text


@pytest.mark.parametrize(
    "path", [f"{EAST}/wonders", f"{GATEWAY}/wonders/x", f"{GATEWAY}/apis/orders-api/wonders", f"{APIM}/wonders"]
)
def test_a_type_that_nobody_has_is_the_front_doors_404(path: str) -> None:
    assert azure().get(path).code == "InvalidResourceType"


def test_a_type_of_a_missing_account_or_a_wrong_version_is_refused_first() -> None:
    client = azure()
    assert client.get(f"{EAST}none/raiPolicies").code == "ResourceNotFound"
    assert client.get(f"{EAST}/raiPolicies", version="2001-01-01").code == "NoRegisteredProviderFound"


@pytest.mark.parametrize(
    "path",
    [
        f"{GATEWAY}/getssotoken", f"{GATEWAY}/backup", f"{GATEWAY}/validatePolicies", f"{GATEWAY}/users/x/token",
        f"{GATEWAY}/tenant/access/git/regeneratePrimaryKey", f"{GATEWAY}/portalsettings/delegation/listSecrets",
        f"{COGNITIVE}/locations/eastus/checkSkuAvailability", f"{APIM}/getDomainOwnershipIdentifier",
        f"{COGNITIVE}/calculateModelCapacity", f"{EAST}/raiBlocklists/x/addRaiBlocklistItems",
    ],
)  # fmt: skip
def test_an_action_that_azure_has_is_not_modelled(path: str) -> None:
    got = azure().ask("POST", path, {})
    assert (got.status, got.code) == (501, "SimulatorNotModelled"), got.text


def test_an_action_that_nobody_has_is_405_and_one_of_a_missing_service_404() -> None:
    client = azure()
    assert client.ask("POST", f"{GATEWAY}/wonder").status == 405
    assert client.ask("POST", f"{GATEWAY.replace('contoso', 'none')}/getssotoken").code == "ResourceNotFound"


NEW = GATEWAY.replace("contoso-gateway", "new")
ODD: list[tuple[str, Any, int, str]] = [
    (WEST + "new", having(ACCOUNT, "Bogus", "kind"), 400, "InvalidApiSetId"),
    (WEST + "new", having(ACCOUNT, "ZZ", "sku", "name"), 400, "SpecialFeatureOrQuotaIdRequired"),
    (WEST + "new", having(ACCOUNT, "mars", "location"), 400, "LocationNotAvailableForResourceType"),
    (NEW, having(SERVICE, "mars", "location"), 400, "LocationNotAvailableForResourceType"),
    (NEW, having(SERVICE, "Bogus", "properties", "virtualNetworkType"), 400, "InvalidRequestContent"),
    (NEW, having(SERVICE, "Bogus", "properties", "publicNetworkAccess"), 400, "InvalidRequestContent"),
    (NEW, having(SERVICE, "Internal", "properties", "virtualNetworkType"), 501, "SimulatorNotModelled"),
]


@pytest.mark.parametrize(("id", "body", "status", "code"), ODD)
def test_values_that_nobody_knows_are_refused(id: str, body: Any, status: int, code: str) -> None:
    client = azure()
    got = client.put(id, {name: value for name, value in body.items() if name != "id"})
    assert (got.status, got.code) == (status, code)
    assert id not in client.simulator.resources()
    with pytest.raises(WorldError):
        Simulator(world() | {"resources": [{**body, "id": id}]})


def test_a_change_to_what_nobody_knows_is_refused_too() -> None:
    client = azure()
    assert client.patch(EAST, {"sku": {"name": "ZZ"}}).code == "SpecialFeatureOrQuotaIdRequired"
    assert client.patch(EAST, {"kind": "Bogus"}).status == 400
    group = client.put(f"{S}/resourceGroups/rg-new", {"location": "mars"}, version="2021-04-01")
    assert (group.status, group.code) == (400, "LocationNotAvailableForResourceGroup")


@pytest.mark.parametrize("location", ["uksouth", "UK South", "Israel Central", "eastasia"])
def test_regions_go_by_either_name(location: str) -> None:
    body = {name: value for name, value in having(ACCOUNT, location, "location").items() if name != "id"}
    assert azure().put(WEST + "new", body).status == 201
