"""What operators can count and search: metrics and log lines of runs, events and leases (docs/telemetry.md)."""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache, wraps
from threading import Lock
from typing import Literal, ParamSpec

from opentelemetry import metrics

from reconciler.announce import one_line
from reconciler.kinds import KINDS
from reconciler.memory import took
from reconciler.model import Outcome, Status, kind_of, verb
from reconciler.report import Report, label
from reconciler.world import State

_LOG = logging.getLogger("reconciler")
_P = ParamSpec("_P")

_METER = metrics.get_meter("apim_reconciler")


class _Told:
    """A gauge that is exported once for each run: an instance that ran long ago does not repeat what it saw."""

    def __init__(self, name: str, unit: str, description: str) -> None:
        self._lock = Lock()
        self._values: dict[tuple[tuple[str, str], ...], float] = {}
        _METER.create_observable_gauge(name, [self._tell], unit, description)

    def set(self, value: float, labels: Mapping[str, str]) -> None:
        """What is exported next."""
        with self._lock:
            self._values[tuple(sorted(labels.items()))] = value

    def _tell(self, _options: metrics.CallbackOptions) -> list[metrics.Observation]:
        with self._lock:
            told, self._values = self._values, {}
        return [metrics.Observation(value, dict(labels)) for labels, value in told.items()]


_RUNS = _METER.create_counter("reconcile_total", "{run}", "real runs, by how they ended")
_ERRORS = _METER.create_counter("reconcile_errors_total", "{error}", "gateways not read and changes that failed")
_DURATION = _METER.create_histogram(
    "reconcile_duration_seconds",
    "s",
    "how long a run took",
    explicit_bucket_boundaries_advisory=[1, 2, 5, 10, 20, 30, 60, 120, 300, 600],
)
_CONVERGENCE = _METER.create_histogram(
    "convergence_seconds",
    "s",
    "from the first event, or wake by hand, that asked for it to the end of the run that answered it",
    explicit_bucket_boundaries_advisory=[5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 1800],
)
_DRIFT = _Told("drift_items", "{change}", "what differed when the last run looked, held changes included")
_APPLIED = _METER.create_counter("changes_applied_total", "{change}", "changes for which Azure took a request")
_BLOCKED = _METER.create_counter("changes_blocked_total", "{change}", "changes that were held, in every run anew")
_SUCCESS = _Told("last_success_timestamp_seconds", "s", "when a run last ended without a failure")
_DISCOVERED = _Told("discovered_resources", "{resource}", "accounts and model deployments seen")
_RECEIVED = _METER.create_counter("events_received_total", "{event}", "events that reached us")
_COALESCED = _METER.create_counter("events_coalesced_total", "{event}", "wakes that another wake's run answered")
_CONFLICTS = _METER.create_counter("lease_conflicts_total", "{lease}", "turns that somebody else had")
_LOST = _METER.create_counter("lease_lost_total", "{lease}", "turns that were lost while they lasted")

_NOT_TRACED = (
    "azure_sdk",
    "django",
    "fastapi",
    "flask",
    "httpx",
    "httpx2",
    "psycopg2",
    "requests",
    "urllib",
    "urllib3",
)
"""Libraries that the distro would otherwise wrap: each request to Azure would be a row that somebody pays for."""
_PROVIDERS = frozenset({"apimanagement", "appconfiguration", "authorization", "cognitiveservices", "storage"})
_MANY = 100
_broken: set[str] = set()
_types: set[str] = set()


def configure(environment: Mapping[str, str]) -> None:
    """Send metrics and the log of `reconciler` to APPLICATIONINSIGHTS_CONNECTION_STRING, where it is set; once.

    The distro itself reads APPLICATIONINSIGHTS_AUTHENTICATION_STRING from the process's environment and then signs
    in with the identity. Whatever goes wrong is logged and costs the telemetry, nothing else.
    """
    logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)
    connection = environment.get("APPLICATIONINSIGHTS_CONNECTION_STRING")
    if connection:
        _send_to(connection)


@cache
def _send_to(connection: str) -> None:
    """The providers of telemetry are the process's, and are set once."""
    _LOG.setLevel(logging.INFO)
    logging.getLogger("azure.monitor").setLevel(logging.WARNING)
    try:
        from azure.monitor.opentelemetry import configure_azure_monitor  # noqa: PLC0415 - half a second

        configure_azure_monitor(
            connection_string=connection,
            logger_name=_LOG.name,
            enable_live_metrics=False,
            enable_performance_counters=False,
            instrumentation_options={library: {"enabled": False} for library in _NOT_TRACED},
        )
    except Exception as error:  # noqa: BLE001 - the connection string is wrong, or the distro is
        _LOG.warning("no telemetry: Application Insights could not be set up (%s)", type(error).__name__)


def _harmless(tell: Callable[_P, None]) -> Callable[_P, None]:
    """A function whose mistakes are logged, once, and harm nobody."""

    @wraps(tell)
    def told(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            tell(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - a run must not fail of what is told about it
            if tell.__name__ not in _broken:
                _broken.add(tell.__name__)
                _LOG.warning("telemetry.%s failed (%s); this is said once", tell.__name__, type(error).__name__)

    return told


@_harmless
def run_ended(report: Report, *, reason: str, seconds: float, cause: str, run: str = "") -> None:
    """A real run is over: `reason` is how it ended, as in `InSync`; `seconds` is how long it took."""
    target = {"target": _target(report)}
    _RUNS.add(1, {**target, "result": reason})
    _DURATION.record(seconds, target)
    for word, count in _errors(report).items():
        _ERRORS.add(count, {**target, "reason": word})
    if not report.failed:
        _SUCCESS.set(time.time(), target)
    if report.plan is not None:
        found = Counter(
            (kind_of(c), verb(c)) for c in (*report.plan.changes, *(h.change for h in report.plan.held))
        )
        every = {(kind.name, action) for kind in KINDS for action in ("create", "update", "delete")}
        for kind, action in sorted(every | set(found)):
            _DRIFT.set(found[kind, action], {**target, "kind": kind, "action": action})
        for word, count in Counter(str(h.reason) for h in report.plan.held).items():
            _BLOCKED.add(count, {**target, "reason": word})
    for outcome in report.outcomes or ():
        if took(outcome):
            what = {"kind": kind_of(outcome.change), "action": verb(outcome.change)}
            _APPLIED.add(1, {**target, **what})
    for (what_is, state), count in _seen(report).items():
        _DISCOVERED.set(count, {**target, "type": what_is, "state": state})
    _log(
        report,
        {"run": one_line(run), "gateway": one_line(report.gateway.text), "cause": one_line(cause)},
        reason,
        seconds,
    )


@_harmless
def event_received(source: str, type: str, mapped: bool) -> None:  # noqa: FBT001 - as its label
    """An event reached us; `mapped`: it woke a gateway. `source` is the id of what it is about, or of its topic."""
    _RECEIVED.add(1, {"source": _provider(source), "type": _type(type), "mapped": "true" if mapped else "false"})


@_harmless
def coalesced(wakes: int) -> None:
    """So many wakes were answered by a run that another wake had asked for."""
    _COALESCED.add(wakes)


@_harmless
def lease(what: Literal["conflict", "lost"]) -> None:
    """A turn was somebody else's, or was lost while it lasted."""
    (_CONFLICTS if what == "conflict" else _LOST).add(1)


@_harmless
def converged_after(seconds: float) -> None:
    """So long after the first event, or wake by hand, that asked for it, a gateway was as desired."""
    _CONVERGENCE.record(seconds)


def _target(report: Report) -> str:
    """The gateway's name, which is unique in Azure: it is part of its host name."""
    return one_line(report.gateway.name).lower()


def _errors(report: Report) -> Counter[str]:
    failed = (o for o in report.outcomes or () if o.status is Status.FAILED)
    words = [outcome.reason or "unknown" for outcome in failed]
    return Counter([*words, *([report.failure.reason] if report.failure else [])])


def _seen(report: Report) -> dict[tuple[str, str], int]:
    if report.world is None:
        return {}
    accounts = report.world.inventory.accounts
    seen = {("account", str(state)): sum(1 for a in accounts if a.state is state) for state in State}
    ready = [model.ready for a in accounts for model in a.deployments]
    return {
        **seen,
        ("model-deployment", "ready"): ready.count(True),
        ("model-deployment", "not-ready"): ready.count(False),
    }


def _log(report: Report, fields: Mapping[str, str], reason: str, seconds: float) -> None:
    """One line for each change and one for the run, with what they say as fields."""
    target = _target(report)
    for outcome in report.outcomes or ():
        made = outcome.status is Status.APPLIED
        said = _change(outcome)
        _LOG.log(
            logging.INFO if made else logging.WARNING,
            "%s: %s %s %s %s%s",
            *(target, said["change"], said["kind"], one_line(label(outcome.change.id)), said["outcome"]),
            f" ({said['reason']})" if said["reason"] else "",
            extra={**fields, **said, "event_name": "reconcile.change"},
        )
    held = Counter(str(h.reason) for h in report.plan.held) if report.plan else Counter[str]()
    statuses = [o.status for o in report.outcomes or ()]
    counts = {str(status): statuses.count(status) for status in Status} | {"held": held.total()}
    _LOG.log(
        logging.WARNING if report.failed else logging.INFO,
        "%s: run %s ended %s after %.1f s: %s",
        *(target, fields["run"], reason, seconds),
        ", ".join(f"{count} {word}" for word, count in counts.items()),
        extra={
            **fields,
            **counts,
            "event_name": "reconcile.completed",
            "outcome": reason,
            "seconds": round(seconds, 3),
            "held_because": ", ".join(f"{word}={count}" for word, count in sorted(held.items())),
            "error": one_line(report.failure.reason) if report.failure else "",
        },
    )


def _change(outcome: Outcome) -> dict[str, str | float]:
    change = outcome.change
    return {
        "kind": kind_of(change),
        "id": one_line(change.id.text),
        "change": verb(change),
        "outcome": str(outcome.status),
        "reason": one_line(outcome.reason),
        "seconds": round(outcome.seconds, 3),
    }


def _provider(source: str) -> str:
    """Whose resource an event is about, as one of a few words."""
    path = source.lower()
    provider = path.rpartition("/providers/microsoft.")[2].partition("/")[0]
    return provider if provider in _PROVIDERS else "subscription" if path.startswith("/subscriptions/") else "other"


def _type(type: str) -> str:
    """The type of an event, if it looks like one of Azure's and there are not too many of them."""
    if not re.fullmatch(r"Microsoft\.[A-Za-z.]{1,80}", type) or (type not in _types and len(_types) >= _MANY):
        return "other"
    _types.add(type)
    return type
