"""What a service is like by its tier and by the api-version it is asked with."""

from typing import Any

import pytest

from simulator import Simulator
from tests.simulator.asking import GATEWAY, JSON, Azure, S, api, azure

FRESH = GATEWAY.replace("contoso-gateway", "fresh")
PUBLISHER = {"publisherEmail": "a@contoso.example", "publisherName": "Contoso"}


def service(sku: str, capacity: int = 1, **more: Any) -> JSON:
    return {
        "location": "eastus",
        "sku": {"name": sku, "capacity": capacity},
        "properties": {**PUBLISHER, **more.pop("properties", {})},
        **more,
    }


def created(sku: str, version: str, capacity: int = 1, **knobs: Any) -> tuple[Azure, JSON]:
    client = azure(**knobs)
    got = client.put(FRESH, service(sku, capacity), version=version)
    assert got.status == 201
    body: JSON = got.body
    return client, body


def test_a_classic_service_has_its_own_urls_and_addresses() -> None:
    _, body = created("Developer", "2024-05-01")
    properties = body["properties"]
    assert properties["gatewayRegionalUrl"] == "https://fresh-eastus-01.regional.azure-api.net"
    assert properties["managementApiUrl"] == "https://fresh.management.azure-api.net"
    assert properties["scmUrl"] == "https://fresh.scm.azure-api.net"
    assert (properties["platformVersion"], properties["disableGateway"]) == ("stv2", False)
    assert len(properties["customProperties"]) == 8
    assert properties["publicIPAddresses"] == properties["outboundPublicIPAddresses"] != None  # noqa: E711
    assert (properties["provisioningState"], properties["targetProvisioningState"]) == ("Created", "Activating")


def test_a_v2_service_has_neither_urls_nor_system_data() -> None:
    _, body = created("StandardV2", "2024-05-01")
    properties = body["properties"]
    assert [properties[name] for name in ("gatewayRegionalUrl", "portalUrl", "scmUrl", "publicIPAddresses")] == (
        [None] * 4
    )
    assert "disableGateway" not in properties
    assert (properties["platformVersion"], properties["natGatewayState"]) == ("undetermined", "Enabled")
    assert (properties["provisioningState"], properties["targetProvisioningState"]) == ("Created", "")
    assert body["systemData"] is None


def test_a_consumption_service_has_its_switches_only_when_it_is_active() -> None:
    client, body = created("Consumption", "2021-08-01", 0, service_update_time=5)
    assert (body["properties"]["customProperties"], body["properties"]["platformVersion"]) == (None, "mtv1")
    client.simulator.clock.advance(5)
    switches = client.get(FRESH, version="2021-08-01").body["properties"]["customProperties"]
    assert (len(switches), set(switches.values())) == (6, {"False"})


def test_older_api_versions_show_fewer_fields_in_another_order() -> None:
    client = azure()
    newest = client.get(GATEWAY, version="2024-05-01").body
    middle = client.get(GATEWAY, version="2022-08-01").body
    oldest = client.get(GATEWAY, version="2021-08-01").body
    assert list(newest)[:3] == ["etag", "properties", "sku"]
    assert list(middle)[:6] == ["id", "name", "type", "tags", "location", "etag"]
    gone = set(newest["properties"]) - set(middle["properties"])
    assert gone == {"dataApiUrl", "configurationApi", "legacyPortalStatus", "developerPortalStatus"}
    gone = set(middle["properties"]) - set(oldest["properties"])
    assert gone == {"natGatewayState", "outboundPublicIPAddresses"}


def test_at_the_oldest_api_version_a_new_service_is_told_of_by_location_alone() -> None:
    client = azure(service_update_time=30)
    got = client.put(FRESH, service("Developer"), version="2021-08-01")
    assert not {"Azure-AsyncOperation", "Retry-After"} & set(got.headers)
    assert f"{FRESH}/operationresults/" in got.headers["Location"]
    running = client.follow(got.headers["Location"])
    assert (running.status, running.body, running.headers["Retry-After"]) == (202, None, "60")
    client.simulator.clock.advance(30)
    done = client.follow(got.headers["Location"])
    assert (done.status, done.body["properties"]["provisioningState"]) == (200, "Succeeded")
    assert "ETag" not in done.headers


def test_at_2022_08_01_both_headers_name_the_status_below_the_service_even_after_its_deletion() -> None:
    client = azure(service_update_time=30)
    got = client.delete(GATEWAY, version="2022-08-01")
    assert got.status == 202
    assert got.headers["Location"] == got.headers["Azure-AsyncOperation"]
    assert "/operationResults/" in got.headers["Location"]
    assert "&asyncResponse" in got.headers["Location"]
    url = got.headers["Location"].replace("&asyncResponse", "&asyncResponse=")
    assert client.follow(url).body == {"status": "InProgress"}
    client.simulator.clock.advance(30)
    assert client.follow(url).body == {"status": "Succeeded"}


def test_a_put_that_changes_nothing_is_an_update_on_v2_and_nothing_on_the_other_tiers() -> None:
    client = azure(service_update_time=0)
    client.put(FRESH, service("Developer"))
    unchanged = client.put(FRESH, service("Developer"))
    assert (unchanged.status, unchanged.body["properties"]["provisioningState"]) == (200, "Succeeded")
    assert "Location" not in unchanged.headers
    v2 = GATEWAY.replace("contoso-gateway", "second")
    client.put(v2, service("BasicV2"))
    again = client.put(v2, service("BasicV2"))
    assert (again.status, again.body["properties"]["provisioningState"]) == (200, "Succeeded")
    assert "Location" in again.headers


def test_who_changed_a_service_last_is_told_and_on_classic_tiers_who_made_it() -> None:
    client = azure(service_update_time=0)
    client.put(FRESH, service("Developer"))
    made = client.get(FRESH).body["systemData"]
    assert (made["createdByType"], made["lastModifiedByType"]) == ("Application", "Application")
    client.patch(GATEWAY, {"tags": {"a": "b"}})
    changed = client.get(GATEWAY).body["systemData"]
    assert (changed["createdBy"], changed["createdAt"]) == (None, None)
    assert changed["lastModifiedBy"] == "5a5a5a5a-0000-4000-8000-000000000003"


def test_switches_that_a_patch_leaves_out_go_back_to_their_defaults_and_a_patch_without_any_keeps_them() -> None:
    client = azure(service_update_time=0)
    tls10 = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10"
    tls11 = tls10.replace("Tls10", "Tls11")

    def switches() -> list[str]:
        found = client.get(GATEWAY).body["properties"]["customProperties"]
        return [found[tls10], found[tls11]]

    client.patch(GATEWAY, {"properties": {"customProperties": {tls10: "true"}}})
    assert switches() == ["True", "False"]
    client.patch(GATEWAY, {"tags": {}})
    assert switches() == ["True", "False"]
    client.patch(GATEWAY, {"properties": {"customProperties": {tls11: "true"}}})
    assert switches() == ["False", "True"]


@pytest.mark.parametrize(
    ("knob", "status", "code"), [("422", 422, "ManagementApiRequestFailed"), ("409", 409, "ServiceLocked")]
)
def test_nothing_can_be_written_into_a_service_that_is_not_active_yet(knob: str, status: int, code: str) -> None:
    client, _ = created("Developer", "2024-05-01", activating_refusal=knob, service_update_time=60)
    got = client.put(f"{FRESH}/apis/x", api("x"))
    assert (got.status, got.code) == (status, code)
    assert client.delete(f"{FRESH}/tags/t").status == 204
    client.simulator.clock.advance(60)
    assert client.put(f"{FRESH}/apis/x", api("x")).status == 201


def test_a_world_can_hold_a_service_in_any_state() -> None:
    client = Azure(Simulator())
    client.simulator.put(FRESH, service("Developer", properties={"provisioningState": "Activating"}))
    assert client.get(FRESH).body["properties"]["provisioningState"] == "Activating"
    assert client.patch(FRESH, {"tags": {}}).code == "ServiceLocked"
    assert client.put(f"{FRESH}/apis/x", api("x")).status == 422


@pytest.mark.parametrize(
    "wrong", [service("Consumption"), service("Standard", 0), service("Developer", 2), service("Huge")]
)
def test_a_tier_has_its_own_number_of_units(wrong: JSON) -> None:
    client = azure()
    assert client.put(FRESH, wrong).status == 400
    assert FRESH not in client.simulator.resources()


def test_a_service_stays_in_its_family_of_tiers_and_in_its_region() -> None:
    client = azure(service_update_time=0)
    assert client.patch(GATEWAY, {"sku": {"name": "Premium", "capacity": 1}}).status == 400
    assert client.patch(GATEWAY, {"sku": {"name": "PremiumV2", "capacity": 1}}).status == 202
    moved = service("PremiumV2", location="westus")
    assert client.put(GATEWAY, moved).status == 400
    assert client.get(GATEWAY).body["location"] == "East US"


def test_two_services_cannot_have_one_name_even_in_different_groups() -> None:
    client = azure()
    elsewhere = f"{S}/resourceGroups/rg-ai-east/providers/Microsoft.ApiManagement/service/Contoso-Gateway"
    got = client.put(elsewhere, service("Developer"))
    assert (got.status, got.code) == (409, "ServiceAlreadyExists")
