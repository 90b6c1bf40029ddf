"""Which kinds of resource, and which features of them, a pricing tier of API Management does not have.

A request for one is refused whatever it wants, also a GET: 400 MethodNotAllowedInPricingTier (arm-wire 11).
"""

from collections.abc import Callable

from simulator.cloud import Cloud
from simulator.errors import Refusal, apim
from simulator.ids import ResourcePath

CONSUMPTION = "Consumption"
_ALL = (
    "Developer", "Basic", "Standard", "Premium", "Isolated", CONSUMPTION, "BasicV2", "StandardV2", "PremiumV2",
)  # fmt: skip
_WITH_GATEWAYS = {"Developer", "Premium", "Isolated"}  # Microsoft's table of features: self-hosted gateway
_WITH_WORKSPACES = {"Premium", "StandardV2", "PremiumV2"}  # the table of features; BasicV2 refuses, apiops-cli #129

NOT_IN: dict[str, frozenset[str]] = {
    "groups": frozenset({CONSUMPTION}),  # apiops #686, with the message below; also for a list
    "products/groups": frozenset({CONSUMPTION}),  # as groups
    "users": frozenset({CONSUMPTION}),  # the table of features: no developer portal, no users (azure-docs #31751)
    "tenant": frozenset({CONSUMPTION}),  # terraform-provider-azurerm #10750
    "gateways": frozenset(_ALL) - _WITH_GATEWAYS,
    "workspaces": frozenset(_ALL) - _WITH_WORKSPACES,
}
NOT_NAMED: dict[str, dict[str, frozenset[str]]] = {
    # the table of features: request logs of Azure Monitor and Log Analytics
    "diagnostics": {"azuremonitor": frozenset({CONSUMPTION})},
    "apis/diagnostics": {"azuremonitor": frozenset({CONSUMPTION})},
}


def tier_of(cloud: Cloud, service: str) -> str:
    """The pricing tier of the service with this id."""
    tier: str = cloud.need(service).body["sku"]["name"]
    return tier


def has_circuit_breakers(cloud: Cloud, service: str) -> bool:
    """Backends of Consumption have none (desired-state 4.1)."""
    return tier_of(cloud, service) != CONSUMPTION


def has_groups(tier: str) -> bool:
    """Whether groups, and with them the built-in ones, exist."""
    return tier not in NOT_IN["groups"]


def has_users(cloud: Cloud, service: str) -> bool:
    """Whether developers, and the administrator as the first of them, exist."""
    return tier_of(cloud, service) not in NOT_IN["users"]


def offered(collection: str) -> Callable[[Cloud, ResourcePath], None]:
    """What refuses a request about a kind, named by what follows `…/service/`, in a tier that does not have it."""

    def refuse(cloud: Cloud, path: ResourcePath) -> None:
        lacking = NOT_IN.get(collection, frozenset())
        named = NOT_NAMED.get(collection)
        if named and not path.is_collection:
            lacking = named.get(path.name.lower(), frozenset())
        if lacking and (tier := tier_of(cloud, path.top)) in lacking:
            raise not_in_tier(tier)

    return refuse


def not_in_tier(tier: str) -> Refusal:
    """The refusal, in Azure's words (apiops #686)."""
    return apim(400, "MethodNotAllowedInPricingTier", f"Method not allowed in {tier} pricing tier")
