from typing import Any

import pytest

from simulator import Simulator
from tests.simulator.asking import JSON, Azure, S

SERVICE = f"{S}/resourceGroups/rg/providers/Microsoft.ApiManagement/service/gw"
TIERS = ("Developer", "Basic", "Standard", "Premium", "Consumption", "BasicV2", "StandardV2", "PremiumV2")


def of(tier: str, **knobs: Any) -> Azure:
    """A client of a world with one service of this tier."""
    service: JSON = {
        "id": SERVICE,
        "location": "eastus",
        "sku": {"name": tier, "capacity": 0 if tier == "Consumption" else 1},
        "properties": {"publisherEmail": "bob@contoso.example", "publisherName": "Contoso"},
    }
    return Azure(Simulator({"subscriptions": {S.rsplit("/", 1)[-1]: {}}, "resources": [service]}, **knobs))


def test_consumption_has_no_groups_whatever_is_asked_of_them() -> None:
    client = of("Consumption")
    client.put(f"{SERVICE}/products/p", {"properties": {"displayName": "P"}})
    body = {"properties": {"displayName": "G"}}
    for method, place in (
        ("GET", "groups"), ("GET", "groups/guests"), ("PUT", "groups/g"), ("DELETE", "groups/g"),
        ("GET", "products/p/groups"), ("PUT", "products/p/groups/guests"), ("GET", "users"), ("GET", "tenant"),
    ):  # fmt: skip
        got = client.ask(
            method, f"{SERVICE}/{place}", body if method == "PUT" and "products" not in place else None
        )
        assert (got.status, got.body) == (
            400,
            {
                "error": {
                    "code": "MethodNotAllowedInPricingTier",
                    "message": "Method not allowed in Consumption pricing tier",
                    "details": None,
                }
            },
        ), place


def test_consumption_has_products_without_groups_and_without_a_subscription_of_their_own() -> None:
    client = of("Consumption")
    got = client.put(f"{SERVICE}/products/p", {"properties": {"displayName": "P"}})
    assert (got.status, got.body["properties"]["groups"]) == (201, [])
    assert client.get(f"{SERVICE}/products/p/subscriptions").body["value"] == []
    body = {"properties": {"displayName": "S", "scope": "/products/p"}}
    assert client.put(f"{SERVICE}/subscriptions/s", body).status == 201


def test_consumption_logs_to_application_insights_but_not_to_azure_monitor() -> None:
    client = of("Consumption")
    assert client.get(f"{SERVICE}/loggers").body["value"] == []
    body = {"properties": {"loggerId": "/loggers/x"}}
    assert client.put(f"{SERVICE}/diagnostics/azuremonitor", body).code == "MethodNotAllowedInPricingTier"
    assert client.put(f"{SERVICE}/diagnostics/applicationinsights", body).reasons == [
        "Logger Id 'x' does not exist"
    ]


@pytest.mark.parametrize("tier", TIERS)
def test_only_consumption_refuses_circuit_breakers(tier: str) -> None:
    rule = {"name": "r", "tripDuration": "PT1M", "failureCondition": {"count": 1, "interval": "PT1M"}}
    breaker = {"url": "https://x.example", "protocol": "http", "circuitBreaker": {"rules": [rule]}}
    got = of(tier).put(f"{SERVICE}/backends/b", {"properties": breaker})
    assert got.status == (400 if tier == "Consumption" else 201)


@pytest.mark.parametrize("tier", TIERS)
def test_gateways_and_workspaces_are_for_some_tiers_and_modelled_for_none(tier: str) -> None:
    client = of(tier)
    for place, tiers in (
        ("gateways", {"Developer", "Premium"}),
        ("workspaces", {"Premium", "StandardV2", "PremiumV2"}),
    ):
        assert client.get(f"{SERVICE}/{place}").code == (
            "SimulatorNotModelled" if tier in tiers else "MethodNotAllowedInPricingTier"
        )


@pytest.mark.parametrize("tier", [tier for tier in TIERS if tier != "Consumption"])
def test_every_other_tier_comes_with_groups_a_logger_and_a_subscription(tier: str) -> None:
    below = {id[len(SERVICE) :] for id in of(tier).simulator.resources() if id.startswith(f"{SERVICE}/")}
    assert below == {
        "/groups/administrators", "/groups/developers", "/groups/guests", "/subscriptions/master",
        "/loggers/azuremonitor", "/diagnostics/azuremonitor",
    }  # fmt: skip


def test_what_the_simulator_does_not_model_it_says_so() -> None:
    client = of("Developer")
    for place in ("users", "certificates/x", "caches", "apis/none/wikis/default", "templates/x"):
        assert client.get(f"{SERVICE}/{place}").status == 501, place
    assert client.get(f"{SERVICE}/inventions").code == "InvalidResourceType"
