"""What an API is made of: the bodies it accepts and the properties it keeps."""

from typing import Any

from simulator.apim.common import given
from simulator.bodies import FLAG, TEXT, Fields, Items, Shape, Text, envelope
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
_FIELDS: dict[str, Shape] = {
    "apiRevision": Text(1, 100),
    "apiRevisionDescription": Text(most=256),
    "apiType": _TYPES,
    "apiVersion": Text(most=100),
    "apiVersionDescription": Text(most=256),
    "apiVersionSet": Fields(dict.fromkeys(_VERSION_SET, TEXT)),
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
}
SHAPE = envelope(Fields(_FIELDS))  # a PUT also needs a path, but for copies
_NOT_IN_PATCH = {  # the SDK's ApiUpdateContract has no fields of an import or a copy
    "apiType", "apiVersionSet", "format", "sourceApiId", "translateRequiredQueryParameters", "value",
    "wsdlSelector",
}  # fmt: skip
PATCH_SHAPE = envelope(Fields({name: part for name, part in _FIELDS.items() if name not in _NOT_IN_PATCH}))
_SETTLED_BY_AZURE: JSON = {  # nothing in a request sets these
    "backendId": None,
    "mcpProperties": None,
    "a2aProperties": None,
    "isAgent": False,
    "agent": None,
    "jsonRpcProperties": None,
}
SHARED = {  # what is the same in all revisions, and how messages call it (.NET SDK's ApiRevisionTests, apiops#285)
    "displayName": "Name",
    "description": "Description",
    "path": "Path",
    "protocols": "Protocols",
    "apiVersion": "ApiVersion",
    "apiVersionDescription": "ApiVersionDescription",
    "apiVersionSetId": "ApiVersionSetId",
}
_ORDER = (  # recordings 07, 08, 31
    "displayName", "apiRevision", "description", "subscriptionRequired", "serviceUrl", "backendId", "path",
    "protocols", "mcpProperties", "a2aProperties", "isAgent", "agent", "jsonRpcProperties",
    "authenticationSettings", "subscriptionKeyParameterNames", "termsOfServiceUrl", "contact", "license", "type",
    "isCurrent", "apiRevisionDescription", "apiVersion", "apiVersionDescription", "apiVersionSetId",
)  # fmt: skip
_PROTOCOLS = ("http", "https", "ws", "wss")
_NOT_COPIED = {"isCurrent", "apiRevision", "apiRevisionDescription", *_SETTLED_BY_AZURE}


def arranged(properties: JSON, *, current: bool = False) -> JSON:
    """The properties in Azure's order; only the current revision has `isCurrent` (recording 31)."""
    properties = {name: value for name, value in properties.items() if name != "isCurrent"}
    if current:
        properties["isCurrent"] = True
    return {name: properties[name] for name in _ORDER if name in properties}


def copied(source: JSON) -> JSON:
    """What a copy takes over from its source unless the request says otherwise (recording 31)."""
    return {name: value for name, value in source.items() if name not in _NOT_COPIED | set(SHARED)} | {
        name: source[name] for name in ("displayName", "description", "path", "protocols") if name in source
    }


def fill(change: Change) -> JSON:
    """The properties; optional ones are absent when unset, `apiRevision` as sent says nothing (recording 07)."""
    source: JSON = change.found.get("copied", {}) | change.merged().get("properties", {})
    properties = _SETTLED_BY_AZURE | normalised(source)
    properties |= {
        "apiRevision": change.found.get("revision", "1"),
        "subscriptionRequired": source.get("subscriptionRequired", True),
        "serviceUrl": source.get("serviceUrl"),
        "authenticationSettings": _authentication(source.get("authenticationSettings") or {}),
        "subscriptionKeyParameterNames": _keys(source.get("subscriptionKeyParameterNames") or {}),
        **given(source, "termsOfServiceUrl", "apiRevisionDescription"),
        **_three(source, "contact", "name", "url", "email"),
        **_three(source, "license", "name", "url"),
    }
    kind = source.get("type") or source.get("apiType") or "http"
    if kind != "http":  # recording 35
        properties["type"] = kind
    return {"properties": arranged(properties, current=change.found.get("current", True))}


def normalised(source: JSON) -> JSON:
    """What all revisions share, as Azure keeps it."""
    protocols = source.get("protocols") or ["https"]
    return {
        "displayName": source.get("displayName"),
        "description": source.get("description"),
        "path": (source.get("path") or "").strip("/"),  # recordings 07, 29
        "protocols": [each for each in _PROTOCOLS if each in protocols],  # sorted: .NET SDK's recordings of schemas
        **given(source, "apiVersion", "apiVersionDescription", "apiVersionSetId"),
    }


def _keys(source: JSON) -> JSON:
    return {
        "header": source.get("header", "Ocp-Apim-Subscription-Key"),
        "query": source.get("query", "subscription-key"),
    }


def _three(source: JSON, name: str, *parts: str) -> JSON:
    """Contact and license: absent, or whole (recordings 07, 33)."""
    value = source.get(name)
    return {name: {part: value.get(part) for part in parts}} if value else {}


def _authentication(source: JSON) -> JSON:
    return {
        "oAuth2": source.get("oAuth2"),
        "openid": source.get("openid"),
        "oAuth2AuthenticationSettings": source.get("oAuth2AuthenticationSettings") or [],
        "openidAuthenticationSettings": source.get("openidAuthenticationSettings") or [],
        "returnProtectedResourceMetadata": False,
    }
