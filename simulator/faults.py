"""Which requests fail on purpose, and how."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Response as HttpResponse

from simulator.failures import READY, body_of, code_of, headers_of, message_of
from simulator.ids import parse
from simulator.throttle import bucket_of
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_ACTIONS = {"GET": "read", "HEAD": "read", "DELETE": "delete", "POST": "action"}


class FaultError(ValueError):
    """A script that cannot be followed: one sentence per mistake."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


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
    drop: bool | str = False  # True: before the work; "response": it was sent, no work; "body": inside the answer
    fail_async: bool | str = False  # a text is the error's message
    after: bool = False  # do the work first
    truncate: bool = False  # the answer's text stops in the middle
    seen: int = 0
    struck: int = 0

    def strikes(self, text: str) -> bool:
        """Whether this request is to fail, written as `METHOD path?query`, encoded or not; counts it.

        One that lets an operation fail waits until one is started.
        """
        if not (re.search(self.match, text) or re.search(self.match, unquote(text))):
            return False
        self.seen += 1
        if self.fail_async:
            return self.nth <= self.seen and self.struck < self.times
        return self.nth <= self.seen < self.nth + self.times

    def scripted(self, ask: Ask) -> Answer:
        """The answer in place of Azure's."""
        status = self.answer or 500
        code = self.code or code_of(status)
        known = _known(ask, self.headers)
        if self.body is not None or status < 300:  # noqa: PLR2004  # no success has an error's body
            return Answer(status, self.body if isinstance(self.body, dict | list) else None, dict(self.headers))
        return Answer(status, body_of(code, known), {**headers_of(status, code, known), **self.headers})

    def async_error(self, ask: Ask) -> JSON:
        """How the long-running operation fails (arm-wire 3.2, 11)."""
        if isinstance(self.body, dict):
            return self.body
        code = self.code or "InternalServerError"
        message = message_of(code, _known(ask, self.headers)) if self.code else "DeadOperationMonitor"
        return {
            "code": code,
            "message": self.fail_async if isinstance(self.fail_async, str) else message,
            "details": None,
        }

    def spoil(self, response: HttpResponse) -> None:
        """Do to the written answer what no part of Azure would: text that is no JSON, or half of it."""
        if isinstance(self.body, str) and self.answer is not None:
            response.set_data(self.body)
            response.headers["Content-Length"] = str(len(self.body.encode()))
            if self.body and "Content-Type" not in self.headers:
                response.headers["Content-Type"] = "text/html" if self.body.startswith("<") else "text/plain"
        whole = response.get_data()
        if self.truncate or self.drop == "body":
            response.set_data(whole[: len(whole) // 2])
        if self.drop == "body":  # the length promises more than will come
            response.automatically_set_content_length = False
            response.headers["Content-Length"] = str(len(whole))

    def shown(self) -> JSON:
        """The fault with how often a request matched and how often it struck."""
        default = Fault()
        here = {name: value for name, value in vars(self).items() if value != getattr(default, name)}
        if "fail_async" in here:
            here["async"] = here.pop("fail_async")
        return {**here, "seen": self.seen, "struck": self.struck}


def _known(ask: Ask, headers: Mapping[str, str]) -> dict[str, str]:
    path = parse(ask.path)
    seconds = next((value for name, value in headers.items() if name.lower() == "retry-after"), "5")
    return {
        "path": path.text,
        "top": path.top,
        "service": path.names[0] if path.names else "",
        "namespace": path.namespace,
        "subscription": path.subscription,
        "actor": ask.caller.object_id,
        "app": ask.caller.app_id,
        "bucket": bucket_of(ask.method)[:-1],
        "action": f"{path.type}/{_ACTIONS.get(ask.method, 'write')}",
        "seconds": seconds,
    }


def _whole(value: Any, least: int, most: float = float("inf")) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _strings(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for pair in value.items() for each in pair)


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {  # which values a field has, and how to say so
    "like": (lambda value: value in READY, f"one of the ready-made faults {', '.join(READY)}"),
    "match": (lambda value: isinstance(value, str), "a regular expression on 'METHOD path?query'"),
    "nth": (lambda value: _whole(value, 1), "a whole number from 1"),
    "times": (lambda value: _whole(value, 1), "a whole number from 1"),
    "answer": (lambda value: _whole(value, 200, 599), "a status from 200 to 599"),
    "code": (lambda value: isinstance(value, str), "a string"),
    "headers": (_strings, "an object of strings"),
    "body": (lambda _value: True, ""),
    "delay": (_seconds, "a number of seconds, 0 or more"),
    "drop": (lambda value: value in (True, False, "response", "body"), 'true, false, "response" or "body"'),
    "async": (lambda value: isinstance(value, bool | str), "true, false or the message of the error"),
    "after": (lambda value: isinstance(value, bool), "true or false"),
    "truncate": (lambda value: isinstance(value, bool), "true or false"),
}


def read_fault(given: Any, where: str = "the fault") -> Fault:
    """A fault from its JSON form; FaultError says everything that is wrong with it."""
    if not isinstance(given, Mapping):
        raise FaultError([f"{where} must be an object, not {given!r}"])
    fields = {name.rstrip("_"): value for name, value in given.items()}
    mistakes = [*_unknown(fields, where), *_wrong_values(fields, where)]
    if mistakes:
        raise FaultError(mistakes)
    like = fields.pop("like", None)
    if like is not None:
        fields = {**READY[like].fields, **fields}
    fault = Fault(**{"fail_async" if name == "async" else name: value for name, value in fields.items()})
    mistakes = list(_contradictions(fault, where))
    if mistakes:
        raise FaultError(mistakes)
    return replace(fault, headers=dict(fault.headers))


def _unknown(fields: JSON, where: str) -> Iterable[str]:
    for name in fields:
        if name not in _KINDS:
            near = get_close_matches(name, _KINDS, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(_KINDS)}"
            yield f"{where} has no field '{name}'; {hint}"


def _wrong_values(fields: JSON, where: str) -> Iterable[str]:
    for name, value in fields.items():
        holds, wanted = _KINDS.get(name, (lambda _value: True, ""))
        if not holds(value):
            yield f"{where}'s {name} must be {wanted}, not {value!r}"
        elif name == "match":
            try:
                re.compile(value)
            except re.error as mistake:
                yield f"{where}'s match '{value}' is no regular expression: {mistake}"


def _contradictions(fault: Fault, where: str) -> Iterable[str]:
    for name in ("code", "body", "headers"):
        if getattr(fault, name) and fault.answer is None and not fault.fail_async:
            yield f"{where} with a {name} also needs the status to answer"
    if fault.answer is not None and fault.drop in {True, "response"}:
        yield f"{where} cannot both answer {fault.answer} and cut the connection without an answer"
    if fault.truncate and fault.drop:
        yield f"{where} cannot both answer half of a text and cut the connection"
    if fault.after and fault.drop == "response":
        yield f"{where}'s drop 'response' means that no work is done, which 'after' contradicts"
    if fault.fail_async and (fault.drop == "response" or (fault.drop is True and not fault.after)):
        yield f"{where} cannot both cut the connection before the work and start the operation that fails"
    if fault.fail_async and fault.answer is not None:
        yield f"{where} cannot both answer {fault.answer} and start the long-running operation that fails"
    acts = fault.answer or fault.drop or fault.delay or fault.fail_async or fault.truncate
    if not acts and not (fault.code or fault.body or fault.headers):
        yield f"{where} does nothing: give it answer, drop, delay, async, truncate or like"


class Faults:
    """The script of failures; a request suffers the first fault that strikes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, faults: Iterable[Any]) -> None:
        """Append to the script, all of it or nothing."""
        read: list[Fault] = []
        mistakes: list[str] = []
        given = list(faults)
        for position, each in enumerate(given):
            where = "the fault" if len(given) == 1 else f"fault {position}"
            try:
                read.append(read_fault(each, where))
            except FaultError as wrong:
                mistakes += wrong.mistakes
        if mistakes:
            raise FaultError(mistakes)
        self._faults += read

    def clear(self) -> None:
        """Forget the script."""
        self._faults.clear()

    def shown(self) -> list[JSON]:
        """The script, and what came of it."""
        return [fault.shown() for fault in self._faults]

    def take(self, text: str) -> Fault | None:
        """The fault that strikes this request; every fault counts every request it matches.

        Those that wait for a long-running operation let the others go first, and have struck when one took them.
        """
        striking = [fault for fault in self._faults if fault.strikes(text)]
        fault = next((each for each in striking if not each.fail_async), striking[0] if striking else None)
        if fault is not None and not fault.fail_async:
            fault.struck += 1
        return fault
