"""What a request looks like to the simulator, and how an answer is written on the wire."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request as HttpRequest
from werkzeug.wrappers import Response as HttpResponse

from simulator.entra import CLIENT, Caller
from simulator.fast_json import indented
from simulator.strict_json import read_json

JSON = dict[str, Any]
_JWT_PARTS = 3


@dataclass
class Ask:
    """A request, read once."""

    method: str
    path: str
    query: dict[str, str]
    full_path: str  # with the query, as asked
    base: str  # scheme and host under which the caller reached us
    body: Any = None
    unreadable: str = ""  # why the body is no JSON
    text: str = ""  # the body as it came
    form: dict[str, str] = field(default_factory=dict)  # the body of a sign-in, which is no JSON
    if_match: str | None = None
    if_none_match: str | None = None
    caller: Caller = CLIENT
    token: str | None = None
    scheme: str = ""  # of the Authorization header: only Bearer brings a token
    audience: str = ""  # for what the token was issued, if it says so

    @property
    def version(self) -> str:
        """The api-version asked for, or nothing."""
        return self.query.get("api-version", "")


@dataclass
class Answer:
    """An answer before it is written."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    pretty: bool = False  # API Management's children: two spaces and CRLF (arm-wire 1.2)
    bare: bool = False  # no Content-Length (a DELETE that answers 204, recording 11)
    content_type: str = "application/json; charset=utf-8"


def read(environ: dict[str, Any]) -> Ask:
    """Read a WSGI request."""
    request = HttpRequest(environ)
    text = request.get_data(as_text=True)
    body: Any = None
    unreadable = ""
    if text.strip():
        try:
            body = read_json(text)
        except ValueError as mistake:
            unreadable = str(mistake)
    query = {_canonical(name): value for name, value in request.args.items()}
    raw = environ.get("QUERY_STRING", "")
    scheme, _, token = (request.headers.get("Authorization") or "").strip().partition(" ")
    bearer = scheme.lower() == "bearer"
    claims = _claims(token.strip() if bearer else "")
    return Ask(
        method=request.method,
        path=request.path,
        query=query,
        full_path=request.path + (f"?{raw}" if raw else ""),
        base=request.host_url.rstrip("/"),
        body=body,
        unreadable=unreadable,
        text=text,
        form=_form(request.mimetype, text),
        if_match=request.headers.get("If-Match"),
        if_none_match=request.headers.get("If-None-Match"),
        token=(token.strip() or None) if bearer else None,
        scheme=scheme,
        audience=_said(claims, "aud"),
        caller=_caller(claims),
    )


def _form(type: str, text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True)) if type == "application/x-www-form-urlencoded" else {}


def _canonical(name: str) -> str:
    """Query parameters are read whatever their case."""
    known = {"api-version", "asyncid", "asynccode", "format", "$top", "$skip", "$filter", "$skiptoken"}
    lowered = name.lower()
    return lowered if lowered in known else name


def _said(claims: JSON, name: str) -> str:
    """A claim, if it is a text; anything else says nothing."""
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _claims(token: str) -> JSON:
    """What a JWT says, unverified; nothing if it is none."""
    parts = token.split(".")
    if len(parts) != _JWT_PARTS:
        return {}
    try:
        claims = read_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _caller(claims: JSON) -> Caller:
    """Who a token says it is, or the one fixed client."""
    if not claims:
        return CLIENT
    app = _said(claims, "appid") or _said(claims, "azp") or CLIENT.app_id
    return Caller(_said(claims, "oid") or CLIENT.object_id, app, _said(claims, "upn"))


def written(body: Any, *, pretty: bool) -> bytes:
    """A JSON body in Azure's spelling (arm-wire 1.2)."""
    text = indented(body) if pretty else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: .NET writes the replacement character
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


class _Response(HttpResponse):
    """Keeps the Content-Length of a 204, which Werkzeug takes away (recording 17)."""

    def get_wsgi_headers(self, environ: Any) -> Any:
        headers = super().get_wsgi_headers(environ)
        if "Content-Length" in self.headers:
            headers["Content-Length"] = self.headers["Content-Length"]
        return headers


def respond(answer: Answer, common: dict[str, str]) -> HttpResponse:
    """The HTTP answer."""
    response = _Response(status=answer.status)
    response.headers.clear()
    headers = {**common, **answer.headers}
    if answer.body is not None:
        response.set_data(written(answer.body, pretty=answer.pretty))
        headers.setdefault("Content-Type", answer.content_type)
    elif not answer.bare:
        headers["Content-Length"] = "0"
    for name, value in headers.items():
        response.headers[name] = value
    response.automatically_set_content_length = not answer.bare
    return response


def common_headers(guids: Iterator[str], answer: Answer) -> dict[str, str]:
    """The headers every answer of Resource Manager carries (arm-wire 1.1)."""
    child = answer.pretty and answer.body is not None
    caching = {"Cache-Control": "private"} if child else {"Cache-Control": "no-cache", "Pragma": "no-cache"}
    if not child:
        caching["Expires"] = "-1"
    request = next(guids)
    return {
        **caching,
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Cache": "CONFIG_NOCACHE",
        "x-ms-request-id": request,
        "x-ms-correlation-request-id": next(guids),
        "x-ms-routing-request-id": f"EASTUS:SIMULATOR:{request}",
    }
