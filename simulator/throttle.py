"""Whether a caller has asked too much.

Resource Manager keeps a token bucket per caller, subscription and kind of request (platform 3.1); Authorization
counts 120 requests a minute for itself.
"""

import math
from collections import deque
from dataclasses import dataclass

from simulator.clock import Clock
from simulator.errors import Refusal, gateway

BUCKETS = {"reads": (250, 25.0), "writes": (200, 10.0), "deletes": (200, 10.0)}  # size, refill per second
GLOBAL = {"reads": 16500, "writes": 12000, "deletes": 12000}  # recordings 01 to 22
AUTHORIZATION_LIMIT = 120
MINUTE = 60.0
_TINY = 1e-9


def bucket_of(method: str) -> str:
    """Which bucket a request is taken from."""
    return {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(method, "writes")


@dataclass
class _Bucket:
    tokens: float
    at: float


class Throttle:
    """Counts requests; refuses only when switched on."""

    def __init__(self, clock: Clock, *, on: bool) -> None:
        self._clock = clock
        self._on = on
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}
        self._authorization: dict[tuple[str, str], deque[float]] = {}

    def count(self, method: str, caller: str, subscription: str, namespace: str) -> str:
        """Take a token; returns what is left, as the header says it, or refuses with 429."""
        kind = bucket_of(method)
        size, refill = BUCKETS[kind]
        now = self._clock.seconds()
        bucket = self._buckets.setdefault((caller, subscription, kind), _Bucket(size, now))
        bucket.tokens = min(size, bucket.tokens + (now - bucket.at) * refill)
        bucket.at = now
        if self._on and bucket.tokens < 1 - _TINY:
            wait = max(1, math.ceil((1 - bucket.tokens) / refill))
            raise self._exhausted(kind, caller, subscription, wait)
        bucket.tokens = max(0.0, bucket.tokens - 1)
        if self._on and namespace.lower() == "microsoft.authorization":
            self._count_authorization(caller, subscription, now)
        return str(GLOBAL[kind] - max(1, size - int(bucket.tokens)))

    def _count_authorization(self, caller: str, subscription: str, now: float) -> None:
        """A window of a minute; whether Azure counts per caller nobody reported (platform 3.1)."""
        moments = self._authorization.setdefault((caller, subscription), deque())
        while moments and now - moments[0] >= MINUTE:
            moments.popleft()
        if len(moments) >= AUTHORIZATION_LIMIT:
            wait = math.ceil(MINUTE - (now - moments[0]))
            message = (
                "Number of requests for Microsoft.Authorization exceeded the limit of "
                f"'{AUTHORIZATION_LIMIT}' for time interval '00:01:00'. Please try again after '{wait}' seconds."
            )
            raise gateway(429, "ResourceRequestsThrottled", message, {"Retry-After": str(wait)})
        moments.append(now)

    @staticmethod
    def _exhausted(kind: str, caller: str, subscription: str, wait: int) -> Refusal:
        message = (
            f"Number of '{kind[:-1]}' requests for subscription '{subscription}' actor '{caller}' exceeded. "
            f"Please try again after '{wait}' seconds after additional tokens are available. "
            "Refer to https://aka.ms/arm-throttling for additional information."
        )
        return gateway(429, "SubscriptionRequestsThrottled", message, {"Retry-After": str(wait)})
