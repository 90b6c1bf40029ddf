"""What a request looks like to the simulator, and how an answer is written on the wire."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request as HttpRequest
from werkzeug.wrappers import Response as HttpResponse

from simulator.entra import CLIENT, Caller

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
    if_match: str | None = None
    caller: Caller = CLIENT
    token: str | None = None
    fail_async: JSON | None = None  # a scripted failure of the long-running operation this starts

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
            body = json.loads(text)
        except ValueError as mistake:
            unreadable = str(mistake)
    query = {_canonical(name): value for name, value in request.args.items()}
    raw = environ.get("QUERY_STRING", "")
    token = (request.headers.get("Authorization") or "").removeprefix("Bearer ").strip() or None
    return Ask(
        method=request.method,
        path=request.path,
        query=query,
        full_path=request.path + (f"?{raw}" if raw else ""),
        base=request.host_url.rstrip("/"),
        body=body,
        unreadable=unreadable,
        if_match=request.headers.get("If-Match"),
        token=token,
        caller=_caller(token),
    )


def _canonical(name: str) -> str:
    """Query parameters are read whatever their case."""
    known = {"api-version", "asyncid", "asynccode", "format", "$top", "$skip", "$filter", "$skiptoken"}
    lowered = name.lower()
    return lowered if lowered in known else name


def _caller(token: str | None) -> Caller:
    """Who a token says it is: claims of a JWT, unverified, or the one fixed client."""
    parts = (token or "").split(".")
    if len(parts) != _JWT_PARTS:
        return CLIENT
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return CLIENT
    app = claims.get("appid") or claims.get("azp") or CLIENT.app_id
    return Caller(claims.get("oid") or CLIENT.object_id, app, claims.get("upn", ""))


def written(body: Any, *, pretty: bool) -> bytes:
    """A JSON body in Azure's spelling (arm-wire 1.2)."""
    if pretty:
        return json.dumps(body, ensure_ascii=False, indent=2).replace("\n", "\r\n").encode()
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def respond(answer: Answer, common: dict[str, str]) -> HttpResponse:
    """The HTTP answer."""
    response = HttpResponse(status=answer.status)
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
