"""Small function apps for the tests of the harness, and an event for them."""

EVENT = {
    "id": "e-1",
    "topic": "/subscriptions/1",
    "subject": "/subscriptions/1/resourceGroups/rg",
    "eventType": "Microsoft.Resources.ResourceWriteSuccess",
    "eventTime": "2026-01-02T03:04:05Z",
    "data": {"operationName": "write"},
    "dataVersion": "2",
}

GRID = """
    @app.event_grid_trigger(arg_name="event")
    @app.queue_output(arg_name="work", queue_name="work", connection="AzureWebJobsStorage")
    def grid(event: func.EventGridEvent, work: func.Out[str]) -> None:
        logging.getLogger("toy").warning("%s at %s", event.event_type, event.event_time)
        work.set(f"{event.id} {event.subject} {event.get_json()['operationName']}")
"""

TICK = """
    @app.timer_trigger(arg_name="timer", schedule="%WHEN%")
    @app.retry(strategy="fixed_delay", max_retry_count="3", delay_interval="00:00:05")
    async def tick(timer: func.TimerRequest) -> None:
        logging.info("late: %s", timer.past_due)
"""

WORK = """
    @app.queue_trigger(arg_name="message", queue_name="work", connection="AzureWebJobsStorage")
    def work(message: func.QueueMessage) -> None:
        logging.info("%s, time %s", message.get_body().decode(), message.dequeue_count)
"""

RUNS = """
    import json
    @app.route(route="runs/{id}", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
    def runs(req: func.HttpRequest) -> func.HttpResponse:
        seen = {"id": req.route_params["id"], "body": req.get_json(), "url": req.url}
        seen |= {"query": dict(req.params), "header": req.headers.get("x-why")}
        return func.HttpResponse(json.dumps(seen), status_code=202, headers={"Location": "/api/runs/7"})
"""
