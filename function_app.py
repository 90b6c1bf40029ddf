"""The triggers: each one parses, calls and answers; what to do is `reconciler`'s business."""

from __future__ import annotations

import os

import azure.functions as func

from reconciler import runs

STORAGE = "AzureWebJobsStorage"
app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.event_grid_trigger(arg_name="event")
def event_grid(event: func.EventGridEvent) -> None:
    """Something changed in a subscription or on a gateway, and Event Grid calls us."""
    runs.service(os.environ).hear(runs.payload(event))


@app.queue_trigger(arg_name="message", queue_name="reconciler-events", connection=STORAGE)
def event_queue(message: func.QueueMessage) -> None:
    """The same, by way of a queue."""
    runs.service(os.environ).hear(runs.payload(message))


@app.queue_trigger(arg_name="message", queue_name="reconciler-work", connection=STORAGE)
def work(message: func.QueueMessage) -> None:
    """A gateway is to be looked at."""
    runs.service(os.environ).work(message.get_body())


@app.queue_trigger(arg_name="message", queue_name="reconciler-events-poison", connection=STORAGE)
def events_given_up(message: func.QueueMessage) -> None:
    """An event that could not be taken in again and again."""
    runs.service(os.environ).given_up(runs.EVENTS, message.get_body())


@app.queue_trigger(arg_name="message", queue_name="reconciler-work-poison", connection=STORAGE)
def work_given_up(message: func.QueueMessage) -> None:
    """A look at a gateway that failed again and again in a way that nobody foresaw."""
    runs.service(os.environ).given_up("reconciler-work", message.get_body())


@app.timer_trigger(arg_name="timer", schedule="%RESYNC_SCHEDULE%", run_on_startup=False)
def resync(timer: func.TimerRequest) -> None:
    """What nobody told us is found by looking."""
    runs.service(os.environ).tick(late=timer.past_due)


@app.route(route="reconcile", methods=["POST"])
def reconcile(req: func.HttpRequest) -> func.HttpResponse:
    """Wake by hand: `{"gateway": "…", "dryRun": false}`."""
    return _http(runs.service(os.environ).reconcile(req.get_body(), req.headers.get("Idempotency-Key", "")))


@app.route(route="runs/{id}", methods=["GET"])
def run_record(req: func.HttpRequest) -> func.HttpResponse:
    """The report of a run, or that it is under way, or the run that covered a wake."""
    return _http(runs.service(os.environ).record(req.route_params["id"]))


@app.route(route="status", methods=["GET"])
def status(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the trigger's argument
    """Every gateway: conditions, last success, what is held, what drifted."""
    return _http(runs.service(os.environ).status())


@app.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the trigger's argument
    """That the app answers, and nothing else."""
    return _http(runs.ALIVE)


def _http(answer: runs.Answer) -> func.HttpResponse:
    return func.HttpResponse(answer.text, status_code=answer.code, headers=answer.headers, mimetype=answer.type)
