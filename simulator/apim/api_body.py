"""What an API is made of: the bodies it accepts and the properties it keeps."""

from typing import Any

from simulator.apim.common import given
from simulator.bodies import FLAG, TEXT, Fields, Items, Text, envelope
from simulator.kinds import Change

JSON = dict[str, Any]
_FORMATS = (
    "wadl-xml", "wadl-link-json", "swagger-json", "swagger-link-json", "wsdl", "wsdl-link", "openapi",
    "openapi+json",
    "openapi-link", "openapi+json-link", "graphql-link", "odata", "odata-link", "grpc", "grpc-link",
)  # fmt: skip
_VERSION_SET = ("id", "name", "description", "versioningScheme", "versionHeaderName", "versionQueryName")
_TYPES = Text(choices=("http", "soap", "websocket", "graphql", "odata", "grpc"))
_OAUTH = Fields({"authorizationServerId": TEXT, "scope": TEXT})
_OPENID = Fields({"openidProviderId": TEXT, "bearerTokenSendingMethods": Items(TEXT)})
SHAPE = envelope(
    Fields(
        {
            "apiRevision": Text(1, 100),
            "apiRevisionDescription": Text(most=256),
            "apiType": _TYPES,
            "apiVersion": Text(most=100),
            "apiVersionDescription": Text(most=256),
            "apiVersionSet": Fields(
                dict.fromkeys(_VERSION_SET, TEXT)
            ),
            "apiVersionSetId": TEXT,
            "authenticationSettings": Fields(
                {
                    "oAuth2": _OAUTH,
                    "oAuth2AuthenticationSettings": Items(_OAUTH),
                    "openid": _OPENID,
                    "openidAuthenticationSettings": Items(_OPENID),
                }
            ),
            "contact": Fields({"email": TEXT, "name": TEXT, "url": TEXT}),
            "description": TEXT,
            "displayName": Text(1, 300),
            "format": Text(choices=_FORMATS),
            "isCurrent": FLAG,
            "license": Fields({"name": TEXT, "url": TEXT}),
            "path": Text(most=400),
            "protocols": Items(Text(choices=("http", "https", "ws", "wss"))),
            "serviceUrl": Text(most=2000),
            "sourceApiId": TEXT,
            "subscriptionKeyParameterNames": Fields({"header": TEXT, "query": TEXT}),
            "subscriptionRequired": FLAG,
            "termsOfServiceUrl": TEXT,
            "translateRequiredQueryParameters": Text(choices=("template", "query")),
            "type": _TYPES,
            "value": TEXT,
            "wsdlSelector": Fields({"wsdlEndpointName": TEXT, "wsdlServiceName": TEXT}),
        },
        ("path",),
    )
)  # fmt: skip


def fill(change: Change) -> JSON:
    """The properties in the order of recordings 07 and 08; optional ones are absent when unset."""
    source: JSON = change.merged().get("properties", {})
    keys = source.get("subscriptionKeyParameterNames") or {}
    properties: JSON = {
        "displayName": source.get("displayName"),
        "apiRevision": _revision(source),
        "description": source.get("description"),
        "subscriptionRequired": source.get("subscriptionRequired", True),
        "serviceUrl": source.get("serviceUrl"),
        "backendId": None,
        "path": source.get("path", "").strip("/"),  # recordings 07, 29
        "protocols": source.get("protocols") or ["https"],
        "mcpProperties": None,
        "a2aProperties": None,
        "isAgent": False,
        "agent": None,
        "jsonRpcProperties": None,
        "authenticationSettings": _authentication(source.get("authenticationSettings") or {}),
        "subscriptionKeyParameterNames": {
            "header": keys.get("header", "Ocp-Apim-Subscription-Key"),
            "query": keys.get("query", "subscription-key"),
        },
        **given(source, "termsOfServiceUrl"),
        **_three(source, "contact", "name", "url", "email"),
        **_three(source, "license", "name", "url"),
    }
    kind = source.get("type") or source.get("apiType") or "http"
    if kind != "http":  # recording 35
        properties["type"] = kind
    properties["isCurrent"] = True
    properties |= given(source, "apiRevisionDescription", "apiVersion", "apiVersionDescription", "apiVersionSetId")
    return {"properties": properties}


def _three(source: JSON, name: str, *parts: str) -> JSON:
    """Contact and license: absent, or whole (recordings 07, 33)."""
    value = source.get(name)
    return {name: {part: value.get(part) for part in parts}} if value else {}


def _revision(source: JSON) -> str:
    """`v1` reads back as `1` (recording 07)."""
    digits = "".join(letter for letter in str(source.get("apiRevision", "1")) if letter.isdigit())
    return digits or "1"


def _authentication(source: JSON) -> JSON:
    return {
        "oAuth2": source.get("oAuth2"),
        "openid": source.get("openid"),
        "oAuth2AuthenticationSettings": source.get("oAuth2AuthenticationSettings") or [],
        "openidAuthenticationSettings": source.get("openidAuthenticationSettings") or [],
        "returnProtectedResourceMetadata": False,
    }
