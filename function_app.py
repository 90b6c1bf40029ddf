"""The triggers: each one parses, calls and answers; what to do is `reconciler`'s business."""

from __future__ import annotations

import json
import logging
import os

import azure.functions as func

from reconciler import events, runs
from reconciler.app import App
from reconciler.coordinate import Coordinator
from reconciler.errors import ReconcilerError

DEADLINE = 540.0  # seconds: a minute less than functionTimeout in host.json
app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
log = logging.getLogger("reconciler")


def service() -> tuple[App, Coordinator]:
    """Built at the first trigger: a wrong setting fails runs, not the start."""
    return runs.service(os.environ, DEADLINE)


@app.event_grid_trigger(arg_name="event")
def event_grid(event: func.EventGridEvent) -> None:
    """Something changed in a subscription or on a gateway."""
    built, coordinator = service()
    wakes = events.wakes(runs.envelope(event), built.config)
    log.info("event %s wakes %d gateways", event.id, len(wakes))
    runs.run_all(coordinator, wakes)


@app.timer_trigger(arg_name="timer", schedule="%RESYNC_SCHEDULE%", run_on_startup=False)
def resync(timer: func.TimerRequest) -> None:
    """What nobody told us is found by looking."""
    built, coordinator = service()
    runs.run_all(coordinator, events.everything(built.config, "timer, late" if timer.past_due else "timer"))


@app.route(route="reconcile", methods=["POST"])
def reconcile(req: func.HttpRequest) -> func.HttpResponse:
    """Wake by hand: `{"gateway": "…", "dryRun": false}`."""
    try:
        built, coordinator = service()
        asked = runs.asked(req.get_body(), built)
    except ReconcilerError as error:
        return _json({"error": str(error)}, 400)
    run = coordinator.preview(asked.wake) if asked.dry_run else coordinator.wake(asked.wake)
    where = {"Location": f"/api/runs/{run}", "Retry-After": "1"}
    return _json({"run": run, "gateway": asked.wake.gateway.text}, 202, where)


@app.route(route="runs/{id}", methods=["GET"])
def run_record(req: func.HttpRequest) -> func.HttpResponse:
    """The report of a run, or that it is under way."""
    record = service()[1].record(req.route_params["id"])
    return _json(record, 200) if record else _json({"error": "there is no such run"}, 404)


@app.route(route="status", methods=["GET"])
def status(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the trigger's argument
    """Every gateway: when it was last looked at, what is held, what drifted."""
    return _json({"gateways": list(service()[0].store.each("status"))}, 200)


@app.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the trigger's argument
    """That the app answers, and nothing else."""
    return _json({"status": "ok"}, 200)


def _json(body: dict[str, object], code: int, headers: dict[str, str] | None = None) -> func.HttpResponse:
    text = json.dumps(body, ensure_ascii=False)
    return func.HttpResponse(text, status_code=code, headers=headers, mimetype="application/json")
