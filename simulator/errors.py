"""How Azure says no.

Refusal            any answer that is not a success; carries status and body
  gateway()        Resource Manager's front door: {"error": {code, message}}, x-ms-failure-cause: gateway
  apim()           API Management's children: {"error": {code, message, details}}
  provider()       any other resource provider: {"error": {code, message}}
  failed()         what a long-running operation that failed answers at its Location
  not_modelled()   501: Azure can do this, the simulator cannot (never an answer of Azure's)
"""

from collections.abc import Mapping, Sequence
from typing import Any

JSON = dict[str, Any]


class Refusal(Exception):  # a refusal is an answer, not a defect
    """An answer other than success."""

    def __init__(self, status: int, body: JSON | None, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """The refusal in one line, for people."""
        error = (self.body or {}).get("error", self.body or {})
        details = error.get("details") or []
        reasons = "; ".join(str(detail.get("message")) for detail in details)
        return f"{error.get('code', self.status)}: {reasons or error.get('message', '')}"


def gateway(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Refusal:
    """Refuse as Resource Manager itself does, before a resource provider is asked (recordings 03, 25)."""
    return Refusal(
        status,
        {"error": {"code": code, "message": message}},
        {"x-ms-failure-cause": "gateway", **(headers or {})},
    )


def provider(status: int, code: str, message: str) -> Refusal:
    """Refuse as Authorization and Cognitive Services do (recordings 24, 26)."""
    return Refusal(status, {"error": {"code": code, "message": message}})


def apim(status: int, code: str, message: str, details: Sequence[JSON] | None = None) -> Refusal:
    """Refuse as API Management does for children of a service (recording 10)."""
    listed = list(details) if details else None
    return Refusal(status, {"error": {"code": code, "message": message, "details": listed}})


def apim_service(status: int, code: str, message: str) -> Refusal:
    """Refuse as API Management does for the service itself (arm-wire 1.3)."""
    return Refusal(status, {"error": {"code": code, "message": message, "details": None, "innerError": None}})


def invalid(*problems: tuple[str, str]) -> Refusal:
    """API Management's 400 for fields that do not hold: pairs of target and message (arm-wire 5.4)."""
    details = [{"code": "ValidationError", "target": target, "message": message} for target, message in problems]
    return apim(400, "ValidationError", "One or more fields contain incorrect values:", details)


def failed(error: JSON) -> Refusal:
    """A long-running operation that failed, at its Location: 4xx (arm-wire 3.2), for a defect 500 (INFERRED)."""
    return Refusal(500 if error.get("code") == "InternalServerError" else 400, {"error": error})


def not_modelled(what: str) -> Refusal:
    """Say that Azure knows this but the simulator does not."""
    message = f"The simulator does not model {what}."
    return Refusal(501, {"error": {"code": "SimulatorNotModelled", "message": message}})
