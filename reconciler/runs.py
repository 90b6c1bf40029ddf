"""What the function app's triggers are asked and answer, apart from Azure Functions itself."""

from __future__ import annotations

import difflib
import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from random import random
from typing import Any

from reconciler import announce, event_schema, events, records, telemetry
from reconciler.app import App, Process, process
from reconciler.coordinate import Coordinator, unanswered
from reconciler.errors import ConfigError, ReconcilerError
from reconciler.events import Wake
from reconciler.local_back_end import LocalBackEnd
from reconciler.redact import without_secrets
from reconciler.resource_id import ResourceId
from reconciler.status import never, shown
from reconciler.store import change
from reconciler.turn import Ended, marker_of

_LOG = logging.getLogger("reconciler")
_LOCK = threading.Lock()
_SERVICE: list[Service] = []
SECONDS = 540.0
"""What a message may take: a minute less than functionTimeout in host.json."""
EVENTS = "reconciler-events"
_GIVEN_UP, _TOLD = "poison/last", 20
"""Where the last messages that were given up are kept, and how many."""
_SPREAD = 2.0
"""Seconds between gateways that the timer wakes, on average, so that they share Resource Manager's limits."""
_LONGEST_SPREAD = 300.0


class Service:
    """One process of the function app: the configuration is read anew for each trigger, the rest is kept."""

    def __init__(self, built: Process) -> None:
        self._process = built
        if isinstance(built.back_end, LocalBackEnd):
            for message in unanswered(built.store, datetime.now(UTC)):
                built.back_end.send(message, 0.0)
            built.back_end.serve(self.work, lambda message: self.given_up("work", message))

    def hear(self, payload: Any) -> None:
        """Events came in, one or a batch: whom they may concern is woken."""
        app, coordinator = self._now()
        sources = events.Sources(self._process.source.name, self._process.app_configuration)
        wakes: dict[ResourceId, Wake] = {}
        for event in payload if isinstance(payload, list) else [payload]:
            heard = events.heard(event, app.config, caller=self._process.client_id, sources=sources)
            wakes |= {wake.gateway: wake for wake in heard.wakes}
            known = event_schema.read(event)
            telemetry.event_received(known.about if known else "", known.type if known else "", bool(heard.wakes))
        for wake in wakes.values():
            _LOG.info("%s is woken by %s", wake.gateway.name, wake.cause)
        _each(wakes.values(), coordinator.wake)

    def work(self, message: bytes | str) -> None:
        """A message of the work queue."""
        text = message.decode("utf-8", "replace") if isinstance(message, bytes) else message
        self._now()[1].work(text, SECONDS)

    def tick(self, *, late: bool) -> None:
        """The timer: every gateway is woken, one after the other, and nothing else is done here."""
        app, coordinator = self._now()
        wakes = events.everything(app.config, "timer, late" if late else "timer")
        spread = min(_LONGEST_SPREAD, _SPREAD * len(wakes))
        _each(wakes, lambda wake: coordinator.wake(wake, after=spread * random()))  # noqa: S311 - spreads waits

    def reconcile(self, body: bytes, key: str) -> Answer:
        """A POST to /api/reconcile: where the run will be found, or one sentence on what is wrong."""
        try:
            app, coordinator = self._now()
        except ReconcilerError as error:
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": without_secrets(str(error))})
        try:
            found = asked(body, app)
            id = coordinator.preview(found.wake) if found.dry_run else coordinator.wake_by_hand(found.wake, key)
        except ConfigError as error:
            return Answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        where = {"Location": f"/api/runs/{id}", "Retry-After": "5"}
        return Answer(HTTPStatus.ACCEPTED, {"run": id, "gateway": found.wake.gateway.text}, where)

    def record(self, id: str) -> Answer:
        """What came of a run or a wake."""
        found = records.found(self._process.store, id)
        return (
            Answer(HTTPStatus.OK, found)
            if found
            else Answer(HTTPStatus.NOT_FOUND, {"error": "there is no such run"})
        )

    def status(self) -> Answer:
        """Every gateway of the configuration, and what was given up; without a configuration, what is kept."""
        store, now, error = self._process.store, datetime.now(UTC), None
        kept = {str(each.get("gateway")).lower(): each for each in store.each("status")}
        try:
            app = self._process.current()
            gateways, error = [gateway.resource_id for gateway in app.config.gateways], app.facts.config_error
        except ConfigError as wrong:
            gateways, error = [ResourceId(str(each.get("gateway"))) for each in kept.values()], str(wrong)
        rows = [
            shown(kept.get(g.key) or never(g), now, self._process.stale_after, marker_of(store, g).requested)
            for g in gateways
        ]
        given_up = (store.get(_GIVEN_UP) or {}).get("last", [])
        told = None if error is None else without_secrets(error)
        return Answer(HTTPStatus.OK, {"error": told, "gateways": rows, "givenUp": given_up})

    def given_up(self, queue: str, message: bytes | str) -> None:
        """A message that failed again and again is told; what an event may have meant is looked for everywhere.

        A wake that was given up still stands in its marker: the timer's next one answers it.
        """
        data = message.encode("utf-8", "backslashreplace") if isinstance(message, str) else message
        digest = hashlib.sha256(data).hexdigest()[:12]
        _LOG.error("a message of the queue %s failed too often and is given up (sha256 %s)", queue, digest)
        row = {"at": datetime.now(UTC).isoformat(), "queue": queue, "sha256": digest}
        change(self._process.store, _GIVEN_UP, lambda kept: {"last": [row, *(kept or {}).get("last", [])][:_TOLD]})
        if queue == EVENTS:
            self.tick(late=True)

    def _now(self) -> tuple[App, Coordinator]:
        app = self._process.current()
        if app.facts.config_error is not None:
            _LOG.error(
                "the last good configuration is in force, without deleting: %s",
                without_secrets(app.facts.config_error),
            )
        return app, app.coordinator(ended=self._ended, current=self._process.current)

    def _ended(self, run: Ended) -> None:
        """Tell others of a run; whatever goes wrong there is no matter of the run's."""
        telemetry.run_ended(
            run.report, reason=run.verdict.reason, seconds=run.seconds, cause=run.cause, run=run.run
        )
        try:
            told = announce.events(run.report, run=run.run, cause=run.cause, ended=run.ended)
            unsent = self._process.publisher.publish(told)
        except Exception as error:  # noqa: BLE001 - see above
            unsent = f"nobody was told of run {run.run}: {type(error).__name__}"
        if unsent:
            _LOG.warning("%s", unsent)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP trigger answers: JSON."""

    code: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    type: str = "application/json"

    @property
    def text(self) -> str:
        """The body as it is sent."""
        return json.dumps(self.body, ensure_ascii=False)


ALIVE = Answer(HTTPStatus.OK, {"status": "ok"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a POST to /api/reconcile asks for."""

    wake: Wake
    dry_run: bool


def _each(wakes: Iterable[Wake], wake: Callable[[Wake], object]) -> None:
    """Wake all, whoever of them cannot be woken; then raise what went wrong first."""
    wrong: list[ReconcilerError] = []
    for each in wakes:
        try:
            wake(each)
        except ReconcilerError as error:
            wrong.append(error)
    if wrong:
        raise wrong[0]


def service(environment: Mapping[str, str]) -> Service:
    """The process's service, made once."""
    with _LOCK:
        if not _SERVICE:
            telemetry.configure(environment)
            _SERVICE.append(Service(process(environment)))
        return _SERVICE[0]


def payload(event: Any) -> Any:
    """What a trigger was given as the JSON it came from; None where it is none.

    Azure Functions decodes an Event Grid event of either schema by itself, and leaves a queue's message as bytes.
    """
    if hasattr(event, "get_body"):
        try:
            return json.loads(event.get_body())
        except ValueError:
            return None
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
