"""How Azure words the failures that people script, and which ready-made ones there are by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]

PROXY_PAGE = (
    "<!DOCTYPE html>\r\n<html><head><title>502 Bad Gateway</title></head>\r\n"
    "<body><center><h1>502 Bad Gateway</h1></center></body></html>\r\n"
)


@dataclass(frozen=True)
class Ready:
    """A failure that can be asked for by its name: the fields of the fault, and what it is."""

    fields: JSON
    says: str


READY: Mapping[str, Ready] = {
    "throttled": Ready(
        {"answer": 429, "code": "SubscriptionRequestsThrottled", "headers": {"Retry-After": "5"}},
        "429 of Resource Manager with Retry-After 5",  # arm-wire 11.2
    ),
    "conflict": Ready({"answer": 409, "code": "Conflict"}, "409: the API is being worked on, newer code"),
    "pessimistic-conflict": Ready(
        {"answer": 409, "code": "PessimisticConcurrencyConflict"}, "409: the API is being worked on, older code"
    ),
    "locked": Ready({"answer": 409, "code": "ServiceLocked"}, "409: the service is in transition"),
    "busy-account": Ready({"answer": 409, "code": "RequestConflict"}, "409 of Cognitive Services"),
    "precondition": Ready({"answer": 412, "code": "PreconditionFailed"}, "412, with or without If-Match"),
    "management-timeout": Ready({"answer": 422, "code": "ManagementApiRequestFailed"}, "422: maintenance"),
    "forbidden": Ready({"answer": 403, "code": "AuthorizationFailed"}, "403: a role is missing"),
    "request-timeout": Ready({"answer": 408, "code": "RequestTimeout"}, "408 without work"),
    "server-error": Ready({"answer": 500, "code": "InternalServerError"}, "500 without work"),
    "server-error-after": Ready(
        {"answer": 500, "code": "InternalServerError", "after": True}, "500 although the work was done"
    ),
    "unavailable": Ready(
        {"answer": 503, "code": "ServiceUnavailable", "headers": {"Retry-After": "10"}}, "503 with Retry-After 10"
    ),
    "gateway-timeout": Ready(
        {"answer": 504, "code": "GatewayTimeout", "after": True}, "504 while the provider goes on and succeeds"
    ),
    "proxy-page": Ready(
        {"answer": 502, "body": PROXY_PAGE, "headers": {"Content-Type": "text/html"}},
        "502 with a page of HTML, as a proxy on the way answers",
    ),
    "empty": Ready({"answer": 200, "body": ""}, "200 without a body and without work"),
    "truncated": Ready({"truncate": True}, "an answer whose JSON stops in the middle"),
    "cut": Ready({"drop": True}, "the connection is cut before the work"),
    "unanswered": Ready({"drop": "response"}, "the request arrives, nothing is done, nothing answered"),
    "lost": Ready({"drop": True, "after": True}, "the work is done, the answer is lost"),
    "broken-off": Ready({"drop": "body"}, "the work is done, the connection is cut inside the answer"),
    "slow": Ready({"delay": 30}, "the answer takes 30 s"),
    "deadlocked-import": Ready(  # arm-wire 11
        {
            "match": r"PUT [^?]*/service/[^/?]+/apis/[^/?]+\?",
            "async": True,
            "body": {"code": "InternalServerError", "message": "DeadOperationMonitor", "details": None},
        },
        "an import that is accepted, hangs and fails",
    ),
}

_ON_THE_API = "Operation on the API is in progress"
_THROTTLED, _SERVERS_FAULT = 429, 500
_TEXTS = {  # arm-wire 1.3, 5.4, 10.2, 11; those of 401, 404, GatewayTimeout and ServiceUnavailable INFERRED
    "ValidationError": "One or more fields contain incorrect values:",
    "InvalidAuthenticationToken": "The access token is invalid.",
    "ResourceNotFound": "Resource not found.",
    "PessimisticConcurrencyConflict": _ON_THE_API,
    "Conflict": _ON_THE_API,
    "PreconditionFailed": "Resource was modified since last retrieval.",
    "ManagementApiRequestFailed": "Management API request timed out.",
    "ServiceLocked": (
        "The API Service {service} is transitioning at this time. Please try the request again later."
    ),
    "RequestConflict": (
        "Another operation is being performed on the parent resource '{top}'. Please try again later."
    ),
    "TooManyRequests": "Rate limit is exceeded. Try again in {seconds} seconds.",
    "SubscriptionRequestsThrottled": (
        "Number of '{bucket}' requests for subscription '{subscription}' actor '{actor}' exceeded. Please try "
        "again after '{seconds}' seconds after additional tokens are available. Refer to "
        "https://aka.ms/arm-throttling for additional information."
    ),
    "AuthorizationFailed": (
        "The client '{app}' with object id '{actor}' does not have authorization to perform action '{action}' "
        "over scope '{path}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials."
    ),
    "GatewayTimeout": (
        "The gateway did not receive a response from '{namespace}' within the specified time period."
    ),
    "ServiceUnavailable": "The service is temporarily unavailable. Please try again later.",
}
_FRONT_DOOR = {
    "SubscriptionRequestsThrottled", "InvalidAuthenticationToken", "AuthorizationFailed", "GatewayTimeout",
    "ServiceUnavailable",
}  # fmt: skip
_DETAILS: Mapping[str, list[JSON]] = {
    "ManagementApiRequestFailed": [{"code": "Timeout", "message": "Request timed out"}]
}
_CODES = {  # what a status means when no code is given
    400: "ValidationError",
    401: "InvalidAuthenticationToken",
    403: "AuthorizationFailed",
    404: "ResourceNotFound",
    408: "RequestTimeout",
    409: "Conflict",
    412: "PreconditionFailed",
    422: "ManagementApiRequestFailed",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


class _Known(dict[str, str]):
    """What is known of a request; the rest of a text stays as it is."""

    def __missing__(self, name: str) -> str:
        return name


def code_of(status: int) -> str:
    """The code that goes with a status."""
    return _CODES.get(status, "InternalServerError" if status >= _SERVERS_FAULT else "BadRequest")


def message_of(code: str, request: Mapping[str, str]) -> str:
    """Azure's words for a code."""
    return _TEXTS.get(code, "This failure was scripted.").format_map(_Known(request))


def body_of(code: str, request: Mapping[str, str]) -> JSON:
    """The body of an error as the part of Azure that says it writes it (arm-wire 1.3)."""
    error: JSON = {"code": code, "message": message_of(code, request)}
    if code == "RequestConflict" or code in _FRONT_DOOR:
        return {"error": error}
    error["details"] = _DETAILS.get(code)
    if code == "ServiceLocked":
        error["innerError"] = None
    return {"error": error}


def headers_of(status: int, code: str, request: Mapping[str, str]) -> dict[str, str]:
    """What the front door adds when it refuses itself (recording 25); a 429 says how long to wait (arm-wire 11)."""
    cause = {"x-ms-failure-cause": "gateway"} if code in _FRONT_DOOR else {}
    return cause | ({"Retry-After": request["seconds"]} if status == _THROTTLED else {})
