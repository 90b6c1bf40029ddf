"""What an API Management service is made of: the bodies it accepts and the whole body it shows."""

from typing import Any

from simulator.bodies import FLAG, TAGS, TEXT, WHOLE, Anything, Fields, Items, Text, envelope
from simulator.clock import stamp
from simulator.identity import assigned
from simulator.kinds import Change

JSON = dict[str, Any]
_V2 = {"BasicV2", "StandardV2", "PremiumV2"}
_SKUS = ("Developer", "Standard", "Premium", "Basic", "Consumption", "Isolated", *sorted(_V2))
_SECURITY = "Microsoft.WindowsAzure.ApiManagement.Gateway."
_REGIONS = {
    "eastus": "East US", "eastus2": "East US 2", "westus": "West US", "westus2": "West US 2",
    "westus3": "West US 3",
    "centralus": "Central US", "northcentralus": "North Central US", "southcentralus": "South Central US",
    "northeurope": "North Europe", "westeurope": "West Europe", "uksouth": "UK South",
    "swedencentral": "Sweden Central", "francecentral": "France Central", "japaneast": "Japan East",
    "germanywestcentral": "Germany West Central", "switzerlandnorth": "Switzerland North",
    "australiaeast": "Australia East", "canadaeast": "Canada East", "koreacentral": "Korea Central",
}  # fmt: skip

_IDENTITY = Fields({"type": TEXT, "userAssignedIdentities": Fields(others=Anything())}, ("type",))
_SKU = Fields({"name": Text(choices=_SKUS), "capacity": WHOLE}, ("name", "capacity"))
_PROPERTIES = Fields(
    {
        "publisherEmail": Text(most=100),
        "publisherName": Text(most=100),
        "notificationSenderEmail": Text(most=100),
        "customProperties": Fields(others=TEXT),
        "developerPortalStatus": TEXT,
        "legacyPortalStatus": TEXT,
        "natGatewayState": TEXT,
        "publicIpAddressId": TEXT,
        "publicNetworkAccess": TEXT,
        "virtualNetworkType": TEXT,
        "disableGateway": FLAG,
        "enableClientCertificate": FLAG,
        "restore": FLAG,
        "apiVersionConstraint": Fields({"minApiVersion": TEXT}),
    },
    ("publisherEmail", "publisherName"),
)
SHAPE = envelope(
    _PROPERTIES,
    "location",
    "sku",
    "properties",
    location=TEXT,
    sku=_SKU,
    identity=_IDENTITY,
    tags=TAGS,
    zones=Items(TEXT),
)


def fill(change: Change) -> JSON:
    """The whole body in the order of recordings 01 and 20."""
    merged, name = change.merged(), change.path.name
    given: JSON = merged.get("properties", {})
    v2 = merged["sku"]["name"] in _V2
    kept: JSON = change.before.properties if change.before else {}
    properties: JSON = {
        "publisherEmail": given["publisherEmail"],
        "publisherName": given["publisherName"],
        "notificationSenderEmail": given.get("notificationSenderEmail", "apimgmt-noreply@mail.windowsazure.com"),
        "provisioningState": "Succeeded",
        "targetProvisioningState": "",
        "createdAtUtc": kept.get("createdAtUtc") or stamp(change.cloud.clock.now()),
        "gatewayUrl": f"https://{name}.azure-api.net",
        "gatewayRegionalUrl": None,
        "portalUrl": None,
        "developerPortalUrl": None,
        "dataApiUrl": None,
        "managementApiUrl": f"https://{name}.management.azure-api.net" if not v2 else "https://smapi.invalid/",
        "scmUrl": None,
        "hostnameConfigurations": [_default_host(name)],
        "publicIPAddresses": None,
        "privateIPAddresses": None,
        "additionalLocations": None,
        "virtualNetworkConfiguration": None,
        "customProperties": _custom(given),
        "virtualNetworkType": given.get("virtualNetworkType", "None"),
        "certificates": None,
        "natGatewayState": given.get("natGatewayState", "Enabled" if v2 else "Disabled"),
        "outboundPublicIPAddresses": None,
        "apiVersionConstraint": {"minApiVersion": None, **(given.get("apiVersionConstraint") or {})},
        "publicIpAddressId": given.get("publicIpAddressId"),
        "publicNetworkAccess": given.get("publicNetworkAccess", "Enabled"),
        "privateEndpointConnections": None,
        "platformVersion": "undetermined" if v2 else ("mtv1" if merged["sku"]["capacity"] == 0 else "stv2"),
        "configurationApi": None,
        "legacyPortalStatus": given.get("legacyPortalStatus", "Disabled"),
        "developerPortalStatus": given.get("developerPortalStatus", "Disabled"),
    }
    if "provisioningState" in change.found.get("readonly", {}):
        properties["provisioningState"] = change.found["readonly"]["provisioningState"]
    return {
        "properties": properties,
        "sku": {"name": merged["sku"]["name"], "capacity": merged["sku"]["capacity"]},
        "identity": assigned(change, merged),
        "zones": merged.get("zones"),
        "systemData": merged.get("systemData") if change.before else None,
        "location": _REGIONS.get(short(merged["location"]), merged["location"]),
        "tags": merged.get("tags") or {},
    }


def short(location: str) -> str:
    """A region as its short name."""
    return location.lower().replace(" ", "")


def _default_host(name: str) -> JSON:
    return {
        "type": "Proxy",
        "hostName": f"{name}.azure-api.net",
        "encodedCertificate": None,
        "keyVaultId": None,
        "certificatePassword": None,
        "negotiateClientCertificate": False,
        "certificate": None,
        "defaultSslBinding": True,
        "identityClientId": None,
        "certificateSource": "BuiltIn",
        "certificateStatus": None,
    }


def _custom(given: JSON) -> JSON:
    """Switches come back as "True" and "False" whatever their case when sent (arm-wire 2.1)."""
    defaults = {
        f"{_SECURITY}{name}": "False"
        for name in (
            "Security.Protocols.Tls10",
            "Security.Protocols.Tls11",
            "Security.Backend.Protocols.Tls10",
            "Security.Backend.Protocols.Tls11",
            "Security.Backend.Protocols.Ssl30",
            "Protocols.Server.Http2",
        )
    }
    return defaults | {
        name: str(value).capitalize() for name, value in (given.get("customProperties") or {}).items()
    }
