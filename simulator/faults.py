"""Which requests fail on purpose, and how."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]
_TEXTS = {  # what people most often script, as Azure words it (arm-wire 11)
    "PessimisticConcurrencyConflict": "Operation on the API is in progress",
    "Conflict": "Operation on the API is in progress",
    "PreconditionFailed": "Resource was modified since last retrieval.",
    "ManagementApiRequestFailed": "Management API request timed out.",
    "TooManyRequests": "Rate limit is exceeded. Try again later.",
    "ServiceLocked": "The API Service is transitioning at this time. Please try the request again later.",
}
_CODES = {409: "Conflict", 412: "PreconditionFailed", 422: "ManagementApiRequestFailed", 429: "TooManyRequests"}


@dataclass
class Fault:
    """One line of the script: from the nth matching request on, so many times."""

    match: str = ""
    nth: int = 1
    times: int = 1
    answer: int | None = None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    delay: float = 0.0
    drop: bool | str = False  # True: the connection is cut; "response": after the request was sent, without work
    fail_async: bool = False
    after: bool = False  # do the work first
    seen: int = 0

    def strikes(self, text: str) -> bool:
        """Whether this request is to fail; counts it."""
        if not re.search(self.match, text):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times

    def error_body(self) -> Any:
        """The body of the scripted answer."""
        if self.body is not None:
            return self.body
        code = self.code or _CODES.get(self.answer or 500, "InternalServerError")
        message = _TEXTS.get(code, "This failure was scripted.")
        return {"error": {"code": code, "message": message, "details": None}}

    def async_error(self) -> JSON:
        """How the long-running operation fails."""
        if isinstance(self.body, dict):
            return self.body
        code = self.code or "InternalServerError"
        return {"code": code, "message": _TEXTS.get(code, "DeadOperationMonitor"), "details": None}


_FIELDS = {"match", "nth", "times", "answer", "code", "headers", "body", "delay", "drop", "async", "after"}


def read_fault(given: Mapping[str, Any]) -> Fault:
    """A fault from its JSON form; says what is wrong with it."""
    fields = {name.rstrip("_"): value for name, value in given.items()}
    unknown = sorted(set(fields) - _FIELDS)
    if unknown:
        raise ValueError(f"a fault has no field {', '.join(unknown)}; there are: {', '.join(sorted(_FIELDS))}")
    try:
        re.compile(fields.get("match", ""))
    except re.error as mistake:
        raise ValueError(f"the fault's match is no regular expression: {mistake}") from mistake
    fail_async = bool(fields.pop("async", False))
    fault = Fault(**fields, fail_async=fail_async)
    if fault.answer is None and (fault.code or fault.body) and not fail_async:
        raise ValueError("a fault with a code or a body also needs the status to answer")
    return fault


class Faults:
    """The script of failures; a request suffers the first fault that strikes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, faults: Iterable[Mapping[str, Any]]) -> None:
        """Append to the script."""
        self._faults += [read_fault(fault) for fault in faults]

    def clear(self) -> None:
        """Forget the script."""
        self._faults.clear()

    def take(self, text: str) -> Fault | None:
        """The fault that strikes this request; every fault counts every request it matches."""
        striking = [fault for fault in self._faults if fault.strikes(text)]
        return striking[0] if striking else None
