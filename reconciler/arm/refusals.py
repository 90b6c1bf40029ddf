"""How an SDK error becomes an `Answer` to decide on, and a sentence that says how to mend it."""

from __future__ import annotations

import json
import re
from typing import Any

from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from reconciler.arm.retry import Answer
from reconciler.errors import ArmError, Forbidden, NotFound, NotSignedIn, Refused, Unreachable

_ROLES = (
    ("microsoft.authorization/roleassignments/write", "Role Based Access Control Administrator"),
    ("microsoft.authorization/roleassignments/delete", "Role Based Access Control Administrator"),
    ("microsoft.apimanagement/service/read", "API Management Service Reader Role"),
    ("microsoft.apimanagement/", "API Management Service Contributor, or the custom role of infra/"),
    ("microsoft.managedidentity/", "Managed Identity Operator"),
    ("", "Reader"),
)
_TENANT = re.compile(r"https://sts\.[a-z.]+/([0-9a-fA-F-]{36})/")
"""The tenants in the message about a wrong one: first the token's, then the subscription's."""
_LONGEST = 400


def answer_of(error: Exception) -> Answer:
    """What the service said; status 0 where it said nothing."""
    if isinstance(error, DecodeError):
        return Answer(status=0, message=f"an answer that is no JSON object: {error.message}")
    if isinstance(error, HttpResponseError) and error.response is not None:
        body = _error_body(error)
        return Answer(
            status=int(error.status_code or 0),
            code=str(body.get("code") or ""),
            message=_message(body),
            retry_after=_seconds(_header(error.response, "Retry-After")),
        )
    if isinstance(error, HttpResponseError):
        return Answer(status=0, message=str(error.message))
    return Answer(status=0, message=str(error))


def refusal(error: Exception, answer: Answer, what: str) -> ArmError:
    """The exception to raise; `what` is the request in words, as `GET /subscriptions/…`."""
    code = f" {answer.code}" if answer.code else ""
    said = f"{answer.status}{code}: {_short(answer.message)}"
    if isinstance(error, ClientAuthenticationError) and answer.status in {0, 401}:
        return NotSignedIn(_not_signed_in(answer, what), status=answer.status, code=answer.code)
    if isinstance(error, ServiceRequestError | ServiceResponseError):
        return Unreachable(
            f"no answer to {what} ({_short(answer.message)}); check RECONCILER_ARM_ENDPOINT and the network"
        )
    match answer.status:
        case 404:
            return NotFound(f"{what} answered {said}", status=404, code=answer.code)
        case 403:
            return Forbidden(_forbidden(answer, what), status=403, code=answer.code)
        case _:
            return Refused(f"{what} answered {said}", status=answer.status, code=answer.code)


def _not_signed_in(answer: Answer, what: str) -> str:
    """What is wrong with the sign-in, and the command that mends it."""
    why = _short(answer.message).rstrip(".")
    match answer.code:
        case "InvalidAuthenticationTokenTenant":
            tenants = _TENANT.findall(answer.message)
            theirs, needed = tenants[:2] if len(tenants) > 1 else ("another one", "TENANT")
            return (
                f"{what} needs a token of the tenant {needed}, and yours is of {theirs}; "
                f"sign in with 'az login --tenant {needed}', or run as an identity of that tenant"
            )
        case "ExpiredAuthenticationToken":
            return (
                f"the token for Azure has expired ({why}); sign in again with 'az login', "
                "and see that this machine's clock is right"
            )
        case "InvalidAuthenticationTokenAudience":
            return (
                f"the token is not for this Azure ({why}); "
                "RECONCILER_CLOUD and RECONCILER_ARM_ENDPOINT must name one and the same cloud"
            )
        case _:
            if "from the included credentials" in answer.message:  # azure-identity lists each one it tried
                said = re.search(r"AADSTS\d+: [^\r\n]+", answer.message)  # the directory's, to one that got so far
                why = _short(said[0]).rstrip(".") if said else "no credential was found"
            or_else = "or give the function app a managed identity"
            return f"not signed in to Azure ({why}); sign in with 'az login', {or_else}"


def _forbidden(answer: Answer, what: str) -> str:
    found = re.findall(r"action(?:\(s\))? '([^']+)'[^']*scope(?:\(s\))? '([^']+)'", answer.message)
    if not found:
        return f"{what} is not allowed ({_short(answer.message)})"
    action, scope = found[-1]  # a linked permission is named after the one that is there
    role = next(role for prefix, role in _ROLES if action.lower().startswith(prefix))
    return (
        f"no permission for {action} on {scope}; grant the role {role} there (new roles take some minutes to work)"
    )


def _error_body(error: HttpResponseError) -> dict[str, Any]:
    try:
        body = json.loads(error.response.text()) if error.response is not None else {}
    except (ValueError, TypeError):
        body = {}
    inner = body.get("error") if isinstance(body, dict) else None
    if isinstance(inner, dict):
        return inner
    # A failed long-running operation carries its error in the exception only.
    return {"code": getattr(error.error, "code", None) or "", "message": error.message or ""}


def _message(body: dict[str, Any]) -> str:
    """The message with the details, which is where API Management says what is wrong (arm-wire.md §5.4)."""
    details = body.get("details")
    texts = [str(d.get("message")) for d in details if isinstance(d, dict)] if isinstance(details, list) else []
    return " ".join([str(body.get("message") or ""), *texts]).strip()


def _short(text: str) -> str:
    """One line, cut: an error body may echo a whole request."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def _header(response: Any, name: str) -> str | None:
    value = response.headers.get(name)
    return None if value is None else str(value)


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
