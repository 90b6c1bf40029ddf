"""From a model deployment to the gateway's world, through real parts: Azurite, the worker library, the simulator.

What stands between them is `queue_host.py` and a web server, where the Functions host and Event Grid would be.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from waitress.server import create_server
from werkzeug.wrappers import Request, Response

from reconciler.blob_store import BlobStore, account_key
from tests.azurite import ACCOUNT, KEY, Azurite
from tests.functions.conftest import skip_or_fail
from tests.functions.queue_host import QueueHost, Ran
from tests.functions.quick_app import host, quick_app, settings
from tests.functions.worker import Worker, missing
from tests.local import S1, WEST, WEST_API
from tools.local_azure import LocalAzure, local_azure

KEY_OF_GATEWAY = "00000000-0000-0000-0000-000000000001.contoso-gateway"
QUICK = ("--import-time", "0.1", "--lock-lingers", "0", "--knob", "service_update_time=0.1")
MODEL = {
    "sku": {"name": "GlobalStandard", "capacity": 10},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o-mini", "version": "2024-07-18"}},
}
NORTH = f"{S1}/resourceGroups/rg-ai-north/providers/Microsoft.CognitiveServices/accounts/contoso-north"


@dataclass
class Everything:
    """Azure, the app and what stands between them."""

    azure: LocalAzure
    worker: Worker
    queues: QueueHost
    store: BlobStore
    grid: Grid

    def until(self, holds: Callable[[], bool], seconds: float = 45.0) -> None:
        """Wait until something is so."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, (self.worker.printed[-3000:], self.queues.ran[-3:])
            time.sleep(0.1)

    def marker(self) -> dict[str, Any]:
        return self.store.get(f"targets/{KEY_OF_GATEWAY}") or {"requested": 0, "completed": 0}

    def quiet(self) -> bool:
        """Whether no wake waits and no message is left."""
        if self.marker()["requested"] != self.marker()["completed"]:
            return False
        count = self.queues.queue("reconciler-work").get_queue_properties().approximate_message_count
        return count == 0


class Grid:
    """Where Event Grid delivers to: each event goes to the function that is subscribed, while there is one."""

    def __init__(self) -> None:
        self.worker: Worker | None = None
        self.events: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """A WSGI application."""
        batch = json.loads(Request(environ).get_data())
        for event in batch if isinstance(batch, list) else [batch]:
            self.events.append(event)
            if self.worker is not None:
                assert self.worker.invoke_event_grid("event_grid", event).status == "success"
        return Response(status=200)(environ, start)


@pytest.fixture(scope="module")
def everything(azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    skip_or_fail(missing())
    folder, grid = tmp_path_factory.mktemp("end-to-end"), Grid()
    server = create_server(grid, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.effective_port}/events"
    with local_azure("--events-to", address, *QUICK) as azure:
        environment = settings(azure, folder, azurite)
        with (
            Worker(quick_app(folder / "app"), environment=environment, timeout=90) as worker,
            QueueHost(worker, azurite.connection_string, host(visibilityTimeout="00:00:01")) as queues,
        ):
            for name in ("reconciler-work", "reconciler-events"):
                queues.queue(name).clear_messages()  # what other tests left there
            store = BlobStore(environment["RECONCILER_STATE"], account_key(ACCOUNT, KEY))
            yield Everything(azure, worker, queues, store, grid)
    server.close()


def test_the_event_of_a_model_deployment_reaches_the_gateway_through_the_trigger(everything: Everything) -> None:
    everything.grid.worker = everything.worker
    everything.azure.put(f"{WEST}/deployments/gpt-4o-mini", MODEL)
    everything.until(lambda: f"{WEST_API}/policies/policy" in everything.azure.resources())
    everything.until(everything.quiet)
    everything.grid.worker = None
    assert everything.marker()["completed"] >= 1
    assert failures(everything.queues) == []
    status = everything.worker.invoke_http("status", "GET", "/api/status").json()
    assert [row["gateway"].rsplit("/", 1)[-1] for row in status["gateways"]] == ["contoso-gateway"]


def test_the_event_of_a_model_deployment_reaches_the_gateway_through_the_queue(everything: Everything) -> None:
    account = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "tags": {"ai-gateway": "enabled"}}
    everything.azure.put(NORTH, {**account, "properties": {"customSubDomainName": "contoso-north"}})
    everything.azure.put(f"{NORTH}/deployments/gpt-4o-mini", MODEL)
    (event,) = [
        each
        for each in everything.azure.events()
        if each["subject"].endswith("contoso-north/deployments/gpt-4o-mini")
    ]
    assert not [id for id in everything.azure.resources() if "/apis/contoso-north" in id]
    everything.queues.put("reconciler-events", event)
    everything.until(
        lambda: any(
            "/apis/contoso-north" in id and id.endswith("/policies/policy") for id in everything.azure.resources()
        )
    )
    everything.until(everything.quiet)
    assert {each.outcome.status for each in everything.queues.of("event_queue")} == {"success"}


def test_what_is_no_message_of_ours_is_tried_five_times_and_then_given_up_and_told(everything: Everything) -> None:
    everything.queues.put("reconciler-work", {"hello": "with a secret"})
    everything.queues.queue("reconciler-work").send_message("not base64 !")
    everything.until(lambda: len(everything.queues.of("work_given_up")) == 1)
    tries = [each for each in everything.queues.of("work") if "hello" in each.body]
    assert [each.dequeue_count for each in tries] == [1, 2, 3, 4, 5]
    assert {each.outcome.exception for each in tries} == {
        "ValueError: a message in the work queue is not one of ours"
    }
    (given_up,) = everything.queues.of("work_given_up")
    assert given_up.outcome.status == "success"
    logged = " ".join(log.message for log in given_up.outcome.logs)
    assert "a message of the queue reconciler-work failed too often and is given up (sha256 " in logged
    assert "secret" not in logged
    everything.until(everything.quiet)
    poison = everything.queues.queue("reconciler-work-poison").get_queue_properties().approximate_message_count
    assert poison == 0


def test_two_instances_answer_thirty_events_with_one_run_at_a_time(
    everything: Everything, azurite: Azurite
) -> None:
    everything.until(everything.quiet)
    before = everything.marker()
    runs_before = len(list(everything.store.each("runs")))
    everything.azure.put(f"{WEST}/deployments/another", MODEL)
    event = next(each for each in everything.azure.events() if each["subject"].endswith("/deployments/another"))
    heard_before = len(everything.queues.of("event_queue"))
    with (
        Worker(everything.worker.directory, environment=everything.worker.environment, timeout=90) as second,
        QueueHost(second, azurite.connection_string, everything.queues.host) as other,
    ):
        for number in range(30):
            everything.queues.put("reconciler-events", {**event, "id": f"{number}"})
        everything.until(lambda: everything.marker()["requested"] == before["requested"] + 30)
        everything.until(everything.quiet)
        heard = [len(each.of("event_queue")) for each in (everything.queues, other)]
        worked = everything.queues.of("work") + other.of("work")
    assert sum(heard) == heard_before + 30
    assert min(heard[0] - heard_before, heard[1]) > 0, "both instances take their part"
    assert failures(everything.queues) + failures(other) == []
    assert worked
    records = list(everything.store.each("runs"))
    spans = sorted((r["startedAt"], r["endedAt"]) for r in records if r["status"] != "running")
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans)), "one at a time"
    assert 1 <= len(spans) - runs_before <= 30, "with waits so short hardly any message covers another event"


def failures(queues: QueueHost) -> list[Ran]:
    """Invocations that failed, but for those that a test wants to fail."""
    return [each for each in queues.ran if each.outcome.status != "success" and "hello" not in each.body]
