"""What an API Management service is made of: the bodies it accepts and the whole body that is kept."""

from typing import Any

from simulator.bodies import FLAG, TAGS, TEXT, WHOLE, Anything, Fields, Items, Text, envelope
from simulator.clock import stamp
from simulator.identity import assigned
from simulator.kinds import Change
from simulator.regions import display, short

JSON = dict[str, Any]
V2 = {"BasicV2", "StandardV2", "PremiumV2"}
_SKUS = ("Developer", "Standard", "Premium", "Basic", "Consumption", "Isolated", *sorted(V2))
_GATEWAY = "Microsoft.WindowsAzure.ApiManagement.Gateway."
_SWITCHES = (  # every new service has these (recordings 20, 22, 38)
    "Security.Protocols.Tls10", "Security.Protocols.Tls11", "Security.Backend.Protocols.Tls10",
    "Security.Backend.Protocols.Tls11", "Security.Backend.Protocols.Ssl30", "Protocols.Server.Http2",
)  # fmt: skip
_CLASSIC_SWITCHES = ("Security.Ciphers.TripleDes168", "Security.Protocols.Ssl30")  # recording 39 has these two more
_SENDER = "apimgmt-noreply@mail.windowsazure.com"

_SWITCH = Text(choices=("Enabled", "Disabled"))
_IDENTITY = Fields({"type": TEXT, "userAssignedIdentities": Fields(others=Anything())}, ("type",))
_SKU = Fields({"name": Text(choices=_SKUS), "capacity": WHOLE}, ("name", "capacity"))
_PROPERTIES = Fields(
    {
        "publisherEmail": Text(most=100),
        "publisherName": Text(most=100),
        "notificationSenderEmail": Text(most=100),
        "customProperties": Fields(others=TEXT),
        "developerPortalStatus": _SWITCH,
        "legacyPortalStatus": _SWITCH,
        "natGatewayState": _SWITCH,
        "publicIpAddressId": TEXT,
        "publicNetworkAccess": _SWITCH,
        "virtualNetworkType": Text(choices=("None", "External", "Internal")),
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
READONLY = frozenset({  # what only Azure sets; a world may
    "provisioningState", "targetProvisioningState", "createdAtUtc", "gatewayUrl", "managementApiUrl",
    "platformVersion", "hostnameConfigurations", "publicIPAddresses", "outboundPublicIPAddresses",
    "gatewayRegionalUrl", "portalUrl", "developerPortalUrl", "scmUrl",
})  # fmt: skip


def tier(body: JSON) -> str:
    """How a service behaves by its SKU: `v2`, `consumption` or `classic`."""
    name = body["sku"]["name"]
    return "v2" if name in V2 else "consumption" if name == "Consumption" else "classic"


def fill(change: Change) -> JSON:
    """The whole body in the order of recordings 01 and 20."""
    merged, name = change.merged(), change.path.name
    given: JSON = merged.get("properties", {})
    kept: JSON = change.before.properties if change.before else {}
    sku = {"name": merged["sku"]["name"], "capacity": merged["sku"]["capacity"]}
    kind = tier({"sku": sku})
    where = short(merged["location"])
    classic = kind == "classic"
    addresses = kept.get("publicIPAddresses") or (["20.0.0.1"] if classic else None)
    properties: JSON = {
        "publisherEmail": given["publisherEmail"],
        "publisherName": given["publisherName"],
        "notificationSenderEmail": given.get("notificationSenderEmail")
        or kept.get("notificationSenderEmail", _SENDER),
        "provisioningState": "Succeeded",
        "targetProvisioningState": "",
        "createdAtUtc": kept.get("createdAtUtc") or stamp(change.cloud.clock.now()),
        "gatewayUrl": f"https://{name}.azure-api.net",
        "gatewayRegionalUrl": f"https://{name}-{where}-01.regional.azure-api.net" if classic else None,
        "portalUrl": f"https://{name}.portal.azure-api.net" if classic else None,
        "developerPortalUrl": f"https://{name}.developer.azure-api.net" if classic else None,
        "dataApiUrl": None,
        "managementApiUrl": {
            "v2": f"https://smapi-{name}.invalid/",
            "classic": f"https://{name}.management.azure-api.net",
        }.get(kind),
        "scmUrl": f"https://{name}.scm.azure-api.net" if classic else None,
        "hostnameConfigurations": [_default_host(name)],
        "publicIPAddresses": addresses,
        "privateIPAddresses": None,
        "additionalLocations": None,
        "virtualNetworkConfiguration": None,
        "customProperties": _custom(change, kind),
        "virtualNetworkType": given.get("virtualNetworkType", "None"),
        "certificates": None,
        "disableGateway": given.get("disableGateway", False),
        "natGatewayState": given.get("natGatewayState", "Enabled" if kind == "v2" else "Disabled"),
        "outboundPublicIPAddresses": addresses,
        "apiVersionConstraint": {"minApiVersion": None, **(given.get("apiVersionConstraint") or {})},
        "publicIpAddressId": given.get("publicIpAddressId"),
        "publicNetworkAccess": given.get("publicNetworkAccess", "Enabled"),
        "privateEndpointConnections": None,
        "platformVersion": kept.get("platformVersion")
        or {"v2": "undetermined", "consumption": "mtv1", "classic": "stv2"}[kind],
        "configurationApi": None,
        "legacyPortalStatus": given.get("legacyPortalStatus", "Disabled"),
        "developerPortalStatus": given.get("developerPortalStatus", "Disabled"),
    }
    if "enableClientCertificate" in given:
        properties["enableClientCertificate"] = given["enableClientCertificate"]
    properties |= change.found.get("readonly", {})
    return {
        "properties": properties,
        "sku": sku,
        "identity": assigned(change, merged),
        "zones": merged.get("zones"),
        "systemData": change.before.body["systemData"] if change.before else None,
        "location": display(merged["location"]),
        "tags": merged.get("tags") or {},
    }


def system_data(change: Change, before: JSON | None, kind: str) -> JSON | None:
    """A new V2 service has none (recordings 20, 22), after a write it names who changed it last (01, 02).

    The other tiers also know who made it (recordings 38, 39).
    """
    if change.before is None and kind == "v2":
        return None
    caller, now = change.caller, stamp(change.cloud.clock.now())
    who, type = (caller.name, "User") if caller.is_person else (caller.app_id, "Application")
    if change.before is None and kind != "v2":
        made: JSON = {"createdBy": who, "createdByType": type, "createdAt": now}
    else:
        names = ("createdBy", "createdByType", "createdAt")
        made = {name: (before or {}).get(name) for name in names}
    return {**made, "lastModifiedBy": who, "lastModifiedByType": type, "lastModifiedAt": now}


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


def _custom(change: Change, kind: str) -> JSON:
    """Switches come back as "True" and "False" whatever their case when sent (arm-wire 2.1).

    One that a write leaves out goes back to its default (documented); a write without any keeps all of them. A
    world says all of them as they are shown: older services have other ones, spelt otherwise (arm-wire 17.10).
    """
    sent: JSON | None = change.properties.get("customProperties")
    if change.quiet and sent:
        return dict(sent)
    kept = change.before.properties.get("customProperties") if change.before else None
    if sent is None and kept is not None:
        return dict(kept)
    names = _SWITCHES + (_CLASSIC_SWITCHES if kind == "classic" else ())
    defaults = {f"{_GATEWAY}{name}": "False" for name in names}
    return defaults | {name: str(value).capitalize() for name, value in (sent or {}).items()}
