"""What can go wrong, named by what to do about it.

    ReconcilerError
    |-- ConfigError          the configuration file or the environment: mend it
    |-- GatewayError         one gateway cannot be planned; the others go on
    |-- PlanOutdated         the world moved between plan and apply: plan again
    |-- LeaseLost            the turn at a gateway is no longer ours: another run does it
    `-- ArmError             Azure Resource Manager said no, or nothing
        |-- NotFound         the thing (or what it is in) is not there
        |-- NotSignedIn      no token, or one that Azure does not take
        |-- Forbidden        a role is missing; the message names the action and a role
        |-- Unreachable      no answer: address, network, TLS
        |-- Refused          the request is wrong; sending it again will not help
        |-- UnderWay         it was accepted and takes minutes: look again later
        `-- GaveUp           it stayed busy or failing until the run's deadline

Every message is one sentence that says what is wrong, where, and how to mend it.
"""

from __future__ import annotations

from http import HTTPStatus


class ReconcilerError(Exception):
    """Anything the reconciler raises on purpose; its text is fit for a person, `reason` a word for machines."""

    reason = "error"


class ConfigError(ReconcilerError):
    """The configuration file or an environment variable is wrong."""

    reason = "config-invalid"


class GatewayError(ReconcilerError):
    """One gateway cannot be planned; `reason` is a short kebab-case word for machines."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class PlanOutdated(ReconcilerError):
    """What is there now is not what the plan saw; the next run decides anew."""

    reason = "plan-outdated"


class LeaseLost(ReconcilerError):
    """The lease on a gateway was not renewed in time, so that somebody else may work on it now."""

    reason = "lease-lost"


class ArmError(ReconcilerError):
    """Azure Resource Manager refused or did not answer; `code` is the service's own error code."""

    reason = "arm-error"

    def __init__(self, message: str, *, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class NotFound(ArmError):
    """The resource, or something it lives in, is not there (404)."""

    reason = "not-found"


class NotSignedIn(ArmError):
    """There is no credential, or Azure does not accept its token (401)."""

    reason = "not-signed-in"


class Forbidden(ArmError):
    """The identity lacks a permission (403)."""

    reason = "forbidden"


class Unreachable(ArmError):
    """The endpoint gave no answer."""

    reason = "unreachable"


class Refused(ArmError):
    """The request is wrong as it stands (400, 405, a failed long-running operation)."""

    reason = "refused"


class UnderWay(ArmError):
    """Azure took the request and is still at it, as with an identity that is being switched on."""

    reason = "under-way"


class GaveUp(ArmError):
    """The service stayed busy, throttled or failing until the deadline of the run."""

    reason = "gave-up"

    def __init__(self, message: str, *, status: int = 0, code: str = "") -> None:
        super().__init__(message, status=status, code=code)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.reason = "throttled"
