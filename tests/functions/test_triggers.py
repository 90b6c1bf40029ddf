"""Each trigger, through Microsoft's worker library, changes the world as it should.

The function app runs in the worker's process, with shorter waits and with a folder for its state, so that it works
on its own messages; the simulator listens on a port of this machine, and its world is what is looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.functions.conftest import skip_or_fail
from tests.functions.quick_app import quick_app, settings
from tests.functions.worker import Worker, missing
from tests.local import EAST_API, GATEWAY, S1, WEST, WEST_API
from tools.local_azure import LocalAzure, local_azure

WRITES = {"PUT", "PATCH", "POST", "DELETE"}
PATIENCE = 40.0


@contextmanager
def azure_and_worker(folder: Path) -> Iterator[tuple[LocalAzure, Worker]]:
    why = missing()
    if why:
        skip_or_fail(why)
    # Waiting is real here: short operations keep the suite short.
    with (
        local_azure("--import-time", "0.1", "--lock-lingers", "0", "--knob", "service_update_time=0.1") as azure,
        Worker(quick_app(folder / "app"), environment=settings(azure, folder), timeout=90) as worker,
    ):
        worker.index()
        yield azure, worker


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[LocalAzure, Worker]]:
    with azure_and_worker(tmp_path) as running:
        yield running


@pytest.fixture
def azure(both: tuple[LocalAzure, Worker]) -> LocalAzure:
    return both[0]


@pytest.fixture
def worker(both: tuple[LocalAzure, Worker]) -> Worker:
    return both[1]


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalAzure, Worker]]:
    """For tests that change nothing."""
    with azure_and_worker(tmp_path_factory.mktemp("idle")) as running:
        yield running


def writes(azure: LocalAzure) -> list[str]:
    return [f"{r['method']} {r['path']}" for r in azure.requests() if r["method"] in WRITES]


def until(worker: Worker, holds: Callable[[], Any]) -> Any:
    """What it says once it says something."""
    end = time.monotonic() + PATIENCE
    while not (said := holds()):
        assert time.monotonic() < end, worker.printed[-3000:]
        time.sleep(0.1)
    return said


def status(worker: Worker) -> dict[str, Any]:
    (found,) = worker.invoke_http("status", "GET", "/api/status").json()["gateways"]
    return dict(found)


def last_run(worker: Worker, other_than: Any = None) -> Any:
    """The id of the last run that is over, once there is one."""
    return until(worker, lambda: (run := status(worker).get("lastRun")) != other_than and run)


def converged(worker: Worker) -> Any:
    """The id of the first run after which nothing is left to do: switching the identity on is not awaited."""
    return until(worker, lambda: (found := status(worker))["converged"] and found["lastRun"])


def over(worker: Worker, location: str) -> dict[str, Any]:
    """The record of a run or a wake, once it is over."""

    def found() -> dict[str, Any] | None:
        record = worker.invoke_http("run_record", "GET", location).json()
        return record if record["status"] in {"succeeded", "failed"} else None

    return dict(until(worker, found))


def test_the_timer_onboards_what_nobody_told_us_of(azure: LocalAzure, worker: Worker) -> None:
    outcome = worker.invoke_timer("resync")
    assert outcome.status == "success", outcome
    first = converged(worker)
    world = azure.resources()
    assert EAST_API in world
    assert f"{EAST_API}/policies/policy" in world
    assert WEST_API not in world
    azure.forget_requests()
    assert worker.invoke_timer("resync", past_due=True).status == "success"
    last_run(worker, first)
    assert azure.requests()
    assert writes(azure) == []


def test_the_event_of_a_first_model_deployment_onboards_its_account(azure: LocalAzure, worker: Worker) -> None:
    heard = len(azure.events())
    azure.put(
        f"{WEST}/deployments/gpt-4o-mini",
        {
            "sku": {"name": "GlobalStandard", "capacity": 10},
            "properties": {"model": {"format": "OpenAI", "name": "gpt-4o-mini", "version": "2024-07-18"}},
        },
    )
    (event,) = azure.events()[heard:]
    assert worker.invoke_event_grid("event_grid", event).status == "success"
    first = converged(worker)
    world = azure.resources()
    assert world[WEST_API]["properties"]["path"] == "contoso-west/openai"
    assert f"{WEST_API}/operations/chatcompletions-create" in world
    # What our own writes raised is delivered as well, and writes nothing.
    azure.forget_requests()
    for own in azure.events()[heard + 1 :]:
        assert worker.invoke_event_grid("event_grid", own).status == "success"
    last_run(worker, first)
    assert writes(azure) == []


def test_an_event_about_something_else_reads_nothing(idle: tuple[LocalAzure, Worker]) -> None:
    azure, worker = idle
    azure.forget_requests()
    event = {
        "id": "1",
        "topic": S1,
        "subject": f"{S1}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/s",
        "eventType": "Microsoft.Resources.ResourceWriteSuccess",
        "eventTime": "2026-01-01T00:00:00Z",
        "data": {"operationName": "Microsoft.Storage/storageAccounts/write"},
        "dataVersion": "2",
        "metadataVersion": "1",
    }
    assert worker.invoke_event_grid("event_grid", event).status == "success"
    time.sleep(3)
    assert azure.requests() == []
    assert status(worker).get("lastRun") is None


def test_a_post_reconciles_and_its_run_can_be_read(azure: LocalAzure, worker: Worker) -> None:
    body, once = {"gateway": "contoso-gateway"}, {"Idempotency-Key": "order 7"}
    answer = worker.invoke_http("reconcile", "POST", "/api/reconcile", body=body, headers=once)
    assert answer.status == 202
    assert answer.headers["retry-after"]
    location = answer.headers["location"]
    assert location.startswith("/api/runs/")
    record = over(worker, location)
    assert (record["status"], record["gateway"], record["dryRun"]) == ("succeeded", GATEWAY, False)
    assert {o["status"] for o in record["report"]["outcomes"]} == {"applied"}
    assert record["report"]["converged"]
    assert EAST_API in azure.resources()
    found = status(worker)
    assert (found["gateway"], found["converged"], found["error"]) == (GATEWAY, True, None)
    assert found["lastRun"] == record["coveredBy"]
    again = worker.invoke_http("reconcile", "POST", "/api/reconcile", body=body, headers=once)
    assert again.headers["location"] == location


def test_a_dry_run_by_post_writes_nothing_and_says_what_it_would(idle: tuple[LocalAzure, Worker]) -> None:
    azure, worker = idle
    answer = worker.invoke_http("reconcile", "POST", "/api/reconcile", body={"gateway": GATEWAY, "dryRun": True})
    assert answer.status == 202
    record = over(worker, answer.headers["location"])
    assert [c["kind"] for c in record["report"]["changes"]] == [
        "service",
        "role-assignment",
        "backend",
        "api",
        "api-policy",
        "product-api",
    ]
    assert "outcomes" not in record["report"]
    assert writes(azure) == []
    assert status(worker).get("lastRun") is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"gateway": "nope"}, "there is no gateway 'nope'"),
        ({"gatway": "contoso-gateway"}, "did you mean 'gateway'"),
        ({"dryRun": "yes"}, "must be true or false"),
    ],
)
def test_a_wrong_post_is_one_sentence(idle: tuple[LocalAzure, Worker], body: dict[str, object], words: str) -> None:
    answer = idle[1].invoke_http("reconcile", "POST", "/api/reconcile", body=body)
    assert answer.status == 400
    assert words in answer.json()["error"]


def test_a_run_that_nobody_started_is_404(idle: tuple[LocalAzure, Worker]) -> None:
    assert idle[1].invoke_http("run_record", "GET", "/api/runs/0123").status == 404
    assert idle[1].invoke_http("run_record", "GET", f"/api/runs/{'0' * 32}").status == 404


def test_a_run_that_fails_is_told_in_its_record_and_in_the_status(azure: LocalAzure, worker: Worker) -> None:
    azure.delete(f"{GATEWAY}/products/ai-platform")
    answer = worker.invoke_http("reconcile", "POST", "/api/reconcile", body={})
    record = over(worker, answer.headers["location"])
    assert (record["status"], record["report"]["error"]["reason"]) == ("failed", "product-not-found")
    found = status(worker)
    assert found["error"]["reason"] == "product-not-found"
    ready = next(each for each in found["conditions"] if each["type"] == "Ready")
    assert ready["status"] == "False"
    assert writes(azure) == []


def test_a_configuration_that_cannot_be_read_fails_the_trigger_so_that_the_platform_tries_again(
    worker: Worker, tmp_path: Path
) -> None:
    (tmp_path / "reconciler.yaml").write_text("owner: [", "utf-8")
    for outcome in (worker.invoke_timer("resync"), worker.invoke_queue("event_queue", {})):
        assert outcome.status == "failure"
        assert (outcome.exception or "").startswith("ConfigError: ")
    answer = worker.invoke_http("reconcile", "POST", "/api/reconcile", body={})
    assert answer.status == 503


def test_a_configuration_that_breaks_later_leaves_the_last_good_one_and_says_so(
    azure: LocalAzure, worker: Worker, tmp_path: Path
) -> None:
    worker.invoke_timer("resync")
    first = converged(worker)
    (tmp_path / "reconciler.yaml").write_text("owner: [", "utf-8")
    azure.forget_requests()
    assert worker.invoke_timer("resync").status == "success"
    last_run(worker, first)
    assert writes(azure) == []
    invalid = next(each for each in status(worker)["conditions"] if each["type"] == "ConfigInvalid")
    assert invalid["status"] == "True"


def test_health_says_nothing_but_that_it_lives(idle: tuple[LocalAzure, Worker]) -> None:
    answer = idle[1].invoke_http("health", "GET", "/api/health")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
