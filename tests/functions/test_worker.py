"""The harness itself: toy apps are indexed and called as the Functions host would."""

from pathlib import Path

import pytest

from .conftest import Start
from .toys import EVENT, GRID, RUNS, TICK, WORK
from .worker import IndexingError, Log, Worker


def test_each_kind_of_trigger_is_indexed_with_the_bindings_the_host_gets(start: Start) -> None:
    worker = start(GRID + TICK + WORK + RUNS)

    found = {each.name: each for each in worker.index()}

    assert found["grid"].trigger == {"type": "eventGridTrigger", "direction": "IN", "name": "event"}
    assert found["tick"].trigger == {
        "type": "timerTrigger",
        "direction": "IN",
        "name": "timer",
        "schedule": "%WHEN%",
    }
    assert found["work"].bindings == [
        {
            "type": "queueTrigger",
            "direction": "IN",
            "name": "message",
            "queueName": "work",
            "connection": "AzureWebJobsStorage",
        }
    ]
    assert found["runs"].bindings == [
        {
            "type": "httpTrigger",
            "direction": "IN",
            "name": "req",
            "methods": ["POST"],
            "authLevel": "FUNCTION",
            "route": "runs/{id}",
        },
        {"type": "http", "direction": "OUT", "name": "$return"},
    ]
    assert set(found) == {"grid", "tick", "work", "runs"}


def test_a_retry_policy_is_indexed_in_seconds(start: Start) -> None:
    tick, grid = start(TICK + GRID).index()

    assert tick.retry == {"strategy": "fixed_delay", "max_retry_count": 3, "delay_interval": 5.0}
    assert grid.retry is None


def test_an_event_reaches_its_function_and_its_output_comes_back(start: Start) -> None:
    outcome = start(GRID).invoke_event_grid("grid", EVENT)

    assert outcome.status == "success"
    assert outcome.outputs == {"work": "e-1 /subscriptions/1/resourceGroups/rg write"}
    message = "Microsoft.Resources.ResourceWriteSuccess at 2026-01-02 03:04:05+00:00"
    assert outcome.logs == (Log("WARNING", "toy", message),)


def test_a_cloud_event_arrives_as_one(start: Start) -> None:
    worker = start("""
        @app.event_grid_trigger(arg_name="event")
        def cloud(event: func.CloudEvent) -> None:
            logging.info("%s from %s", event.type, event.source)
    """)
    event = {"specversion": "1.0", "id": "1", "type": "changed", "source": "/subscriptions/1", "data": {}}

    outcome = worker.invoke_event_grid("cloud", event)

    assert [each.message for each in outcome.logs] == ["changed from /subscriptions/1"]


@pytest.mark.parametrize("late", [True, False])
def test_a_timer_ticks_and_knows_whether_it_is_late(start: Start, *, late: bool) -> None:
    outcome = start(TICK).invoke_timer("tick", past_due=late)

    assert (outcome.status, outcome.logs) == ("success", (Log("INFO", "root", f"late: {late}"),))


def test_a_queue_message_arrives_with_its_count(start: Start) -> None:
    worker = start(WORK)

    assert worker.invoke_queue("work", "text", dequeue_count=4).logs[0].message == "text, time 4"
    assert worker.invoke_queue("work", {"gateway": "g"}).logs[0].message == '{"gateway": "g"}, time 1'


def test_a_request_reaches_its_function_and_its_answer_comes_back(start: Start) -> None:
    worker = start(RUNS)

    response = worker.invoke_http(
        "runs", "POST", "/api/runs/a%20b", body={"dryRun": True}, query={"q": "1 2"}, headers={"X-Why": "test"}
    )

    assert (response.status, response.headers["location"]) == (202, "/api/runs/7")
    assert response.json() == {
        "id": "a b",
        "body": {"dryRun": True},
        "url": "http://localhost:7071/api/runs/a%20b?q=1+2",
        "query": {"q": "1 2"},
        "header": "test",
    }


def test_a_function_that_raises_fails_with_its_message(start: Start) -> None:
    worker = start("""
        @app.route(route="broken")
        def broken(req: func.HttpRequest) -> func.HttpResponse:
            logging.error("before")
            raise LookupError("no such gateway")
    """)

    response = worker.invoke_http("broken", "GET", "/api/broken")

    assert (response.status, response.body) == (500, b"")
    assert (response.outcome.status, response.outcome.exception) == ("failure", "LookupError: no such gateway")
    assert "in broken" in response.outcome.stack_trace
    assert [each.message for each in response.outcome.logs] == ["before"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("raise RuntimeError('RECONCILER_CONFIG is not set')", "RuntimeError: RECONCILER_CONFIG is not set"),
        (TICK + TICK, "Function tick does not have a unique function name"),
        ("@app.function_name('lonely')\ndef lonely() -> None: ...", "Function lonely does not have a trigger"),
        ("other = func.FunctionApp()", "More than one FunctionApp"),
        ("del app", "Could not find top level function app"),
        (
            GRID.replace("EventGridEvent", "TimerRequest"),
            "do not match the corresponding function parameter's Python type annotation TimerRequest",
        ),
        (
            GRID.replace('"event"', '"other"'),
            "parameters are declared in Python but not in the function definition",
        ),
    ],
)
def test_an_app_the_library_refuses_is_reported_in_its_words(start: Start, source: str, message: str) -> None:
    worker = start(source)

    with pytest.raises(IndexingError, match=message):
        worker.index()


def test_a_folder_without_an_app_is_said_to_be_one(library: None, tmp_path: Path) -> None:  # noqa: ARG001
    with Worker(tmp_path) as worker, pytest.raises(IndexingError, match=r"there is no .*function_app\.py"):
        worker.index()


def test_a_call_for_another_kind_of_trigger_or_another_path_is_a_mistake_of_the_test(start: Start) -> None:
    worker = start(TICK + RUNS)

    with pytest.raises(ValueError, match="tick is started by a timerTrigger, not a queueTrigger"):
        worker.invoke_queue("tick", "text")
    with pytest.raises(ValueError, match="the app has no function tock; it has runs, tick"):
        worker.invoke_timer("tock")
    with pytest.raises(ValueError, match=r"GET /api/runs/1 would not reach runs, which is POST /api/runs/\{id\}"):
        worker.invoke_http("runs", "GET", "/api/runs/1")
    with pytest.raises(ValueError, match="POST /api/run would not reach runs"):
        worker.invoke_http("runs", "POST", "/api/run")
