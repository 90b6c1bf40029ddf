"""Each trigger, through Microsoft's worker library, changes the world as it should.

The function app runs in the worker's process; the simulator listens on a port of this machine, and it is the
simulator's world that is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functions.conftest import skip_or_fail
from tests.functions.worker import Worker, missing
from tests.local import CONFIG, EAST_API, GATEWAY, S1, WEST, WEST_API
from tools.local_azure import ROOT, LocalAzure, local_azure

WRITES = {"PUT", "PATCH", "POST", "DELETE"}


@pytest.fixture
def azure() -> Iterator[LocalAzure]:
    # Waiting is real here: short operations keep the suite short.
    with local_azure("--import-time", "0.1", "--lock-lingers", "0", "--knob", "service_update_time=0.1") as running:
        yield running


@pytest.fixture
def worker(azure: LocalAzure, tmp_path: Path) -> Iterator[Worker]:
    why = missing()
    if why:
        skip_or_fail(why)
    config = tmp_path / "reconciler.yaml"
    config.write_text(CONFIG, "utf-8")
    settings = {**azure.environment(tmp_path / "state"), "RECONCILER_CONFIG": str(config)}
    with Worker(ROOT, environment={**settings, "RESYNC_SCHEDULE": "0 */15 * * * *"}, timeout=90) as running:
        running.index()
        yield running


def writes(azure: LocalAzure) -> list[str]:
    return [f"{r['method']} {r['path']}" for r in azure.requests() if r["method"] in WRITES]


def test_the_timer_onboards_what_nobody_told_us_of(azure: LocalAzure, worker: Worker) -> None:
    outcome = worker.invoke_timer("resync")
    assert outcome.status == "success", outcome
    world = azure.resources()
    assert EAST_API in world
    assert f"{EAST_API}/policies/policy" in world
    assert WEST_API not in world
    azure.forget_requests()
    assert worker.invoke_timer("resync", past_due=True).status == "success"
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
    world = azure.resources()
    assert world[WEST_API]["properties"]["path"] == "contoso-west/openai"
    assert f"{WEST_API}/operations/chatcompletions-create" in world
    # What our own writes raised is delivered as well, and writes nothing.
    azure.forget_requests()
    for own in azure.events()[heard + 1 :]:
        assert worker.invoke_event_grid("event_grid", own).status == "success"
    assert writes(azure) == []


def test_an_event_about_something_else_reads_nothing(azure: LocalAzure, worker: Worker) -> None:
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
    assert azure.requests() == []


def test_a_post_reconciles_and_its_run_can_be_read(azure: LocalAzure, worker: Worker) -> None:
    answer = worker.invoke_http("reconcile", "POST", "/api/reconcile", body={"gateway": "contoso-gateway"})
    assert answer.status == 202
    assert answer.headers["retry-after"]
    location = answer.headers["location"]
    assert location.startswith("/api/runs/")
    record = worker.invoke_http("run_record", "GET", location).json()
    assert (record["status"], record["gateway"], record["dryRun"]) == ("succeeded", GATEWAY, False)
    assert {o["status"] for o in record["report"]["outcomes"]} == {"applied"}
    assert EAST_API in azure.resources()
    (status,) = worker.invoke_http("status", "GET", "/api/status").json()["gateways"]
    assert (status["gateway"], status["converged"], status["error"]) == (GATEWAY, True, None)
    assert status["lastRun"] == record["id"]


def test_a_dry_run_by_post_writes_nothing_and_says_what_it_would(azure: LocalAzure, worker: Worker) -> None:
    answer = worker.invoke_http("reconcile", "POST", "/api/reconcile", body={"gateway": GATEWAY, "dryRun": True})
    assert answer.status == 202
    record = worker.invoke_http("run_record", "GET", answer.headers["location"]).json()
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


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"gateway": "nope"}, "there is no gateway 'nope'"),
        ({"gatway": "contoso-gateway"}, "did you mean 'gateway'"),
        ({"dryRun": "yes"}, "must be true or false"),
    ],
)
def test_a_wrong_post_is_one_sentence(worker: Worker, body: dict[str, object], words: str) -> None:
    answer = worker.invoke_http("reconcile", "POST", "/api/reconcile", body=body)
    assert answer.status == 400
    assert words in answer.json()["error"]


def test_a_run_that_nobody_started_is_404(worker: Worker) -> None:
    assert worker.invoke_http("run_record", "GET", "/api/runs/0123").status == 404
    assert worker.invoke_http("run_record", "GET", f"/api/runs/{'0' * 32}").status == 404


def test_a_failed_run_fails_its_trigger_so_that_the_platform_notices(azure: LocalAzure, worker: Worker) -> None:
    azure.delete(f"{GATEWAY}/products/ai-platform")
    outcome = worker.invoke_timer("resync")
    assert outcome.status == "failure"
    assert "see /api/runs/" in (outcome.exception or "")
    (status,) = worker.invoke_http("status", "GET", "/api/status").json()["gateways"]
    assert status["error"]["reason"] == "product-not-found"
    assert writes(azure) == []


def test_health_says_nothing_but_that_it_lives(worker: Worker) -> None:
    answer = worker.invoke_http("health", "GET", "/api/health")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
