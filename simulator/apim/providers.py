"""How an authorization provider behaves: another subsystem of API Management, with habits of its own.

Only what recording 18 shows: providers for Microsoft Entra ID, and the absence of their connections.
"""

from typing import Any

from simulator.apim.unmodelled import CONNECTION_ACTIONS
from simulator.apim.versions import versions_of
from simulator.bodies import TEXT, Anything, Fields, envelope
from simulator.errors import Refusal, not_modelled
from simulator.fast_json import copied
from simulator.ids import ResourcePath
from simulator.kinds import Change, Kind, View
from simulator.store import Entity

JSON = dict[str, Any]
_ROOT = "Microsoft.ApiManagement/service/authorizationProviders"
_GRANT = Fields(others=TEXT)
_SHOWN = ("clientId", "scopes", "resourceUri")  # not the secret (recording 18)


def _check(change: Change) -> None:
    provider = (change.properties.get("identityProvider") or "").lower()
    if provider != "aad":
        raise not_modelled(f"authorization providers for '{provider}'")


def _fill(change: Change) -> JSON:
    """Secrets go, names get their usual case, `scopes` comes (recording 18)."""
    properties = change.sent["properties"]
    grants = (properties.get("oauth2") or {}).get("grantTypes") or {}
    return {
        "properties": {
            "displayName": properties.get("displayName"),
            "identityProvider": properties["identityProvider"],
            "oauth2": {
                "redirectUrl": (
                    f"https://authorization-manager.consent.azure-apim.net/redirect/apim/{change.path.names[0]}"
                ),
                "grantTypes": {name: _grant(grant) for name, grant in grants.items()},
            },
        }
    }


def _grant(sent: JSON) -> JSON:
    lowered = {name.lower(): value for name, value in sent.items()}
    return {name: lowered.get(name.lower()) for name in _SHOWN}


def _show(entity: Entity, view: View) -> JSON:
    """With the location of the service, and the type last but two (recording 18)."""
    service = view.cloud.need(entity.id.rsplit("/", 2)[0])
    shown = {"id": entity.id, "name": entity.name, "type": entity.type}
    return {**shown, "location": service.body["location"], "properties": copied(entity.properties)}


def _no_provider(path: ResourcePath) -> Refusal:
    return _missing(f"Cannot find authorization provider with name {path.names[1]} .")


def _no_connection(path: ResourcePath) -> Refusal:
    return _missing(f"Cannot find connection with name {path.names[2]} .")


def _missing(message: str) -> Refusal:
    """404 in the subsystem's own shape (recording 18)."""
    error = {
        "code": "AuthorizationGatewayNotFoundException",
        "subCode": None,
        "message": message,
        "details": None,
        "innerError": None,
    }
    return Refusal(404, {"error": error})


def _only_behind(change: Change) -> None:
    if not change.quiet:
        raise not_modelled("the creation of connections and access policies of authorization providers")


PROVIDER = Kind(
    type=_ROOT,
    versions=versions_of("authorizationProviders"),
    shape=envelope(
        Fields(
            {
                "displayName": TEXT,
                "identityProvider": TEXT,
                "oauth2": Fields(
                    {
                        "grantTypes": Fields({"authorizationCode": _GRANT, "clientCredentials": _GRANT}),
                        "redirectUrl": TEXT,
                    }
                ),
            }
        )
    ),
    pretty=False,
    has_etag=False,
    name_limit=256,
    verbs=frozenset({"GET", "PUT", "DELETE", "LIST"}),
    created_status=200,
    fill=_fill,
    check=_check,
    show=_show,
    missing=_no_provider,
    readonly=frozenset({"location"}),
)
CONNECTIONS = [
    Kind(
        type=f"{_ROOT}/{collection}",
        versions=versions_of(f"authorizationProviders/{collection}"),
        shape=envelope(Fields(others=Anything())),
        pretty=False,
        has_etag=False,
        name_limit=256,
        verbs=frozenset({"GET", "PUT", "DELETE", "LIST"}),
        created_status=200,
        check=_only_behind,
        missing=_no_connection,
        unmodelled_actions=CONNECTION_ACTIONS,
    )
    for collection in ("authorizations", "authorizations/accessPolicies")
]
