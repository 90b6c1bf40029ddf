"""What to do after an answer that is not a success: send again, look again, accept, or give up.

The one table for all requests (arm-wire.md §9, §11; the retries of azure-core are switched off, since they
resend a PUT after a 5xx or a cut connection without looking).

| answer                                              | read    | write                        |
|-----------------------------------------------------|---------|------------------------------|
| none, 408, 500, 502, 504, empty body                | again   | look: it may have been done  |
| 429, 503                                            | again   | again: it was not done       |
| 409 PessimisticConcurrencyConflict, ServiceLocked,  | give up | look: perhaps somebody is at |
| RequestConflict, Conflict "… in progress"           |         | the very same thing          |
| 409, 422 ManagementApiRequestFailed                 | again   | look                         |
| 412                                                 | give up | look: it was changed         |
| 400 PrincipalNotFound                               | give up | again: the directory lags    |
| 409 RoleAssignmentExists                            | give up | accept: somebody made it     |
| anything else                                       | give up | give up                      |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

_NO_ANSWER = 0
_BUSY = frozenset({"pessimisticconcurrencyconflict", "servicelocked", "requestconflict"})


class Step(Enum):
    """What to do next."""

    AGAIN = auto()
    """Wait and send the same request again."""
    LOOK = auto()
    """Wait, read what is there, and send what is then still needed."""
    ACCEPT = auto()
    """What was wanted is so already."""
    GIVE_UP = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was no success; status 0 is none at all."""

    status: int
    code: str = ""
    message: str = ""
    retry_after: float | None = None


def after_read(answer: Answer) -> Step:
    """The step after a failed GET, HEAD or list."""
    if answer.status in {_NO_ANSWER, 408, 429, 500, 502, 503, 504} or _timed_out(answer):
        return Step.AGAIN
    return Step.GIVE_UP


def after_write(answer: Answer) -> Step:
    """The step after a failed PUT, PATCH or DELETE."""
    code = answer.code.lower()
    match answer.status:
        case 429 | 503:
            return Step.AGAIN
        case 0 | 408 | 412 | 500 | 502 | 504:
            return Step.LOOK
        case 409 | 422 if _timed_out(answer):
            return Step.LOOK
        case 409 if code in _BUSY or (code == "conflict" and "in progress" in answer.message.lower()):
            return Step.LOOK
        case 409 if code == "roleassignmentexists":
            return Step.ACCEPT
        case 400 if code == "principalnotfound":
            return Step.AGAIN
        case _:
            return Step.GIVE_UP


def wait(answer: Answer, attempt: int, spread: float) -> float:
    """Seconds before the next try: what the service asks for, else 1, 2, 4 … 30; `spread` is in [0, 1)."""
    if answer.retry_after is not None:
        return max(1.0, answer.retry_after)  # `Retry-After: 0` means soon, not at once for ever
    return float(min(30.0, 2.0**attempt) * (0.75 + spread / 2))


def _timed_out(answer: Answer) -> bool:
    return answer.status in {409, 422} and answer.code.lower() == "managementapirequestfailed"
