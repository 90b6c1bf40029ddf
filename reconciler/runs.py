"""What the function app's triggers are asked and answer, apart from Azure Functions itself."""

from __future__ import annotations

import difflib
import json
import logging
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.app import App, from_environment
from reconciler.coordinate import Coordinator
from reconciler.errors import ConfigError, ReconcilerError
from reconciler.events import Wake

_LOG = logging.getLogger("reconciler")
_LOCK = threading.Lock()
_SERVICE: list[tuple[App, Coordinator]] = []


@dataclass(frozen=True, slots=True)
class Asked:
    """What a POST to /api/reconcile asks for."""

    wake: Wake
    dry_run: bool


class RunFailed(ReconcilerError):
    """A run of a trigger failed: raised so that the platform retries and alerts."""


def service(environment: Mapping[str, str], deadline: float) -> tuple[App, Coordinator]:
    """The process's app and coordinator, made once: two coordinators would run side by side."""
    with _LOCK:
        if not _SERVICE:
            built = from_environment(environment)
            _SERVICE.append((built, built.coordinator(deadline=deadline)))
        return _SERVICE[0]


def envelope(event: Any) -> Mapping[str, Any]:
    """The trigger's event as the JSON it came from: Azure Functions decodes either schema by itself."""
    if hasattr(event, "source"):
        return {
            "specversion": "1.0",
            "id": event.id,
            "source": event.source,
            "subject": event.subject,
            "type": event.type,
            "data": event.get_json(),
        }
    return {
        "id": event.id,
        "topic": event.topic,
        "subject": event.subject,
        "eventType": event.event_type,
        "eventTime": event.event_time.isoformat() if event.event_time else None,
        "data": event.get_json(),
        "dataVersion": event.data_version,
    }


def asked(body: bytes, app: App) -> Asked:
    """The request's JSON; raises ConfigError with one sentence where it is wrong."""
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        raise ConfigError('the body is no JSON; send {"gateway": "<id or name>", "dryRun": false}') from None
    if not isinstance(document, dict):
        raise ConfigError('the body must be an object; send {"gateway": "<id or name>", "dryRun": false}')
    unknown = next((key for key in document if key not in {"gateway", "dryRun"}), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, ["gateway", "dryRun"], n=1, cutoff=0)
        raise ConfigError(f"'{unknown}' is not asked for here; did you mean '{near[0]}'?")
    gateway, dry_run = document.get("gateway"), document.get("dryRun", False)
    if not isinstance(dry_run, bool):
        raise ConfigError("'dryRun' must be true or false")
    if gateway is None and len(app.config.gateways) == 1:
        gateway = app.config.gateways[0].id
    if not isinstance(gateway, str):
        raise ConfigError("'gateway' is missing; give the id or the name of one in the configuration")
    return Asked(Wake(app.gateway(gateway).resource_id, "by hand"), dry_run)


def run_all(coordinator: Coordinator, wakes: Iterable[Wake]) -> None:
    """Run for every wake; a failed one does not keep the others from running, and is raised at the end."""
    failures = []
    for wake in wakes:
        try:
            run = coordinator.wake(wake)
        except ReconcilerError as error:
            failures.append(f"{wake.gateway.name}: {error}")
            continue
        record = coordinator.record(run) or {}
        _LOG.info("run %s gateway %s cause %s: %s", run, wake.gateway.name, wake.cause, record.get("status"))
        if record.get("status") == "failed":
            failures.append(f"{wake.gateway.name}: run {run} failed, see /api/runs/{run}")
    if failures:
        raise RunFailed("; ".join(failures))
