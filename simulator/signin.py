"""How a service principal signs in: where the endpoints of this cloud are, and who gets which token.

In Azure these answers come from Microsoft Entra ID, another host; here they share the port of Resource Manager.
What the Azure CLI asks for is in runtime 4; the claims are those that events repeat (platform 1.1). Any secret is
right: nobody here has one to keep.
"""

import base64
import json
import re
from typing import Any
from urllib.parse import urlsplit

from simulator.cloud import Cloud
from simulator.entra import Principal
from simulator.errors import gateway, not_modelled
from simulator.ids import GUID
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_METADATA = "/metadata/endpoints"
_LISTS = {"2019-05-01", "2019-10-01", "2020-06-01"}  # the Azure CLI reads these as a list of clouds
_SINGLE = {"2022-09-01", "2023-11-01"}  # and these as one (runtime 4)
_DOOR = re.compile(
    r"/(?P<tenant>[^/]+)/(?:(?P<openid>(?:v2\.0/)?\.well-known/openid-configuration)"
    r"|oauth2/(?P<v2>v2\.0/)?(?P<token>token)|discovery/(?:v2\.0/)?(?P<keys>keys))"
)
_ANY_TENANT = {"common", "organizations"}
_ARM = ("https://management.core.windows.net", "https://management.azure.com")
_GRAPH = ("https://graph.microsoft.com",)
_OTHERS = ("https://cognitiveservices.azure.com", "https://storage.azure.com", "https://vault.azure.net")
_LIFETIME = 3599
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def need_audience(ask: Ask) -> None:
    """Resource Manager refuses a token that says it is for somebody else (a common mistake, widely reported)."""
    if not ask.audience or ask.audience.rstrip("/") in {*_ARM, ask.base}:
        return
    allowed = ",".join(f"'{each}/','{each}'" for each in _ARM)
    message = (
        f"The access token has been obtained for wrong audience or resource '{ask.audience}'. It should exactly "
        f"match with one of the allowed audiences {allowed}."
    )
    raise gateway(401, "InvalidAuthenticationTokenAudience", message)


def is_for_graph(ask: Ask) -> bool:
    """Whether Microsoft Graph takes this token."""
    return not ask.audience or ask.audience.rstrip("/") in {*_GRAPH, ask.base}


class _Declined(Exception):  # an answer, not a defect
    def __init__(self, status: int, error: str, code: int, message: str) -> None:
        self.status = status
        self.body: JSON = {"error": error, "error_description": f"AADSTS{code}: {message}", "error_codes": [code]}
        super().__init__(message)


def serve(cloud: Cloud, ask: Ask) -> Answer | None:
    """Answer what is asked of the directory's sign-in; nothing if this is not about signing in."""
    if ask.path == _METADATA and ask.method == "GET":
        return _endpoints(cloud, ask)
    found = _DOOR.fullmatch(ask.path)
    if found is None or ask.method != ("POST" if found["token"] else "GET"):
        return None
    try:
        _need_tenant(cloud, found["tenant"])
        if found["openid"]:
            return Answer(200, _openid(cloud, ask, found["tenant"]))
        if found["keys"]:
            return Answer(200, {"keys": []})  # tokens are not signed
        return _token(cloud, ask, found["tenant"], v2=bool(found["v2"]))
    except _Declined as declined:
        ids = {name: cloud.ids.guid() for name in ("trace_id", "correlation_id")}
        moment = {"timestamp": cloud.clock.now().strftime("%Y-%m-%d %H:%M:%SZ")}
        return Answer(declined.status, {**declined.body, **moment, **ids})


def _endpoints(cloud: Cloud, ask: Ask) -> Answer:
    """What `az cloud register` reads; only what is served here is named."""
    del cloud
    body: JSON = {
        "name": "Simulator",
        "authentication": {
            "loginEndpoint": ask.base,
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": f"{ask.base}/",
        "microsoftGraphResourceId": f"{ask.base}/",
        "suffixes": {},
    }
    if ask.version in _LISTS:
        return Answer(200, [body])
    if ask.version in _SINGLE:
        return Answer(200, body)
    raise not_modelled(f"the endpoints of a cloud at api-version '{ask.version}'")


def _need_tenant(cloud: Cloud, tenant: str) -> None:
    if tenant.lower() in {cloud.tenant.lower(), *_ANY_TENANT}:
        return
    message = (
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        "correct cloud."
    )
    raise _Declined(400, "invalid_tenant", 90002, message)


def _openid(cloud: Cloud, ask: Ask, tenant: str) -> JSON:
    root = f"{ask.base}/{tenant}"
    issuer = "{tenantid}" if tenant.lower() in _ANY_TENANT else cloud.tenant
    return {
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{ask.base}/{issuer}/v2.0",
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        "tenant_region_scope": None,
        "cloud_instance_name": urlsplit(ask.base).netloc,
        "msgraph_host": urlsplit(ask.base).netloc,
    }


def _token(cloud: Cloud, ask: Ask, tenant: str, *, v2: bool) -> Answer:
    """A token for an application that shows a secret or a signed assertion (client credentials)."""
    form = ask.form
    if not form.get("grant_type"):
        raise _missing("grant_type")
    if form["grant_type"] != "client_credentials":
        raise _Declined(
            501,
            "unsupported_grant_type",
            70003,
            f"The simulator does not model sign-in by '{form['grant_type']}', only service principals.",
        )
    if tenant.lower() in _ANY_TENANT:
        message = (
            "No tenant-identifying information found in either the request or implied by any provided credentials."
        )
        raise _Declined(400, "invalid_request", 50059, message)
    if not form.get("client_id"):
        raise _missing("client_id")
    if not GUID.match(form["client_id"]):
        message = (
            f"Application with identifier '{form['client_id']}' was not found in the directory '{cloud.tenant}'."
        )
        raise _Declined(400, "unauthorized_client", 700016, message)
    by_assertion = form.get("client_assertion_type") == _ASSERTION and bool(form.get("client_assertion"))
    if not by_assertion and not form.get("client_secret"):
        message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise _Declined(401, "invalid_client", 7000218, message)
    audience = _audience(ask, v2=v2)
    who = cloud.directory.application(form["client_id"], cloud.tenant)
    body: JSON = {"token_type": "Bearer", "expires_in": _LIFETIME, "ext_expires_in": _LIFETIME}
    if not v2:
        now = int(cloud.clock.now().timestamp())
        body = {name: str(value) for name, value in body.items()}
        body |= {"expires_on": str(now + _LIFETIME), "not_before": str(now), "resource": audience}
    body["access_token"] = _jwt(cloud, who, audience, "2" if by_assertion else "1")
    return Answer(200, body, {"Cache-Control": "no-store, no-cache"})


def _missing(name: str) -> _Declined:
    message = f"The request body must contain the following parameter: '{name}'."
    return _Declined(400, "invalid_request", 900144, message)


def _audience(ask: Ask, *, v2: bool) -> str:
    """For what the token is: the scope without its /.default, or the older protocol's resource."""
    name = "scope" if v2 else "resource"
    asked = ask.form.get(name, "").strip()
    if not asked:
        raise _missing(name)
    if v2 and (not asked.endswith("/.default") or " " in asked):
        message = (
            f"The provided value for scope {asked} is not valid. Client credential flows must have a scope value "
            "with /.default suffixed to the resource identifier (application ID URI)."
        )
        raise _Declined(400, "invalid_scope", 1002012, message)
    audience = asked.removesuffix("/.default")
    if audience.rstrip("/") not in {*_ARM, *_GRAPH, *_OTHERS, ask.base}:
        message = f"The resource principal named {audience} was not found in the tenant."
        raise _Declined(400, "invalid_resource", 500011, message)
    return audience


def _jwt(cloud: Cloud, who: Principal, audience: str, strength: str) -> str:
    """A token as Entra writes it for an application, but unsigned."""
    now = int(cloud.clock.now().timestamp())
    issuer = f"https://sts.windows.net/{cloud.tenant}/"
    claims = {
        "aud": audience,
        "iss": issuer,
        "iat": now,
        "nbf": now,
        "exp": now + _LIFETIME,
        "appid": who.app_id,
        "appidacr": strength,
        "idp": issuer,
        "idtyp": "app",
        "oid": who.id,
        "sub": who.id,
        "tid": cloud.tenant,
        "ver": "1.0",
    }
    return ".".join([*(_encoded(part) for part in ({"typ": "JWT", "alg": "none"}, claims)), ""])


def _encoded(part: JSON) -> str:
    text = json.dumps(part, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
