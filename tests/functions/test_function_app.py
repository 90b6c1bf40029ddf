"""The project's function app as the host sees it: which triggers it has, and that the host would start them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from reconciler import local_back_end, runs
from reconciler.storage_back_end import WORK_QUEUE

from . import host_checks, host_json
from .conftest import skip_or_fail
from .worker import Function, Worker, missing

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def functions() -> Iterator[Mapping[str, Function]]:
    """The app's functions by name, indexed without a single setting: a wrong one must not stop the start."""
    skip_or_fail(missing())
    with Worker(ROOT) as worker:
        yield {each.name: each for each in worker.index()}


def test_the_app_has_the_triggers_of_the_contract_and_no_others(functions: Mapping[str, Function]) -> None:
    kinds = sorted(each.trigger["type"] for each in functions.values())

    assert kinds == ["eventGridTrigger", *["httpTrigger"] * 4, *["queueTrigger"] * 4, "timerTrigger"]


def test_events_arrive_at_the_function_that_subscriptions_name(functions: Mapping[str, Function]) -> None:
    assert functions["event_grid"].trigger["type"] == "eventGridTrigger"
    assert len(functions["event_grid"].bindings) == 1


def test_each_queue_has_its_function_and_what_it_gives_up_has_one_too(functions: Mapping[str, Function]) -> None:
    triggers = {name: each.trigger for name, each in functions.items() if each.trigger["type"] == "queueTrigger"}

    assert {name: (trigger["queueName"], trigger["connection"]) for name, trigger in triggers.items()} == {
        "event_queue": ("reconciler-events", "AzureWebJobsStorage"),
        "work": ("reconciler-work", "AzureWebJobsStorage"),
        "events_given_up": ("reconciler-events-poison", "AzureWebJobsStorage"),
        "work_given_up": ("reconciler-work-poison", "AzureWebJobsStorage"),
    }


def test_the_app_sends_to_the_queue_that_its_trigger_reads(functions: Mapping[str, Function]) -> None:
    assert functions["work"].trigger["queueName"] == WORK_QUEUE


def test_the_timer_follows_the_setting_and_never_fires_for_a_mere_start(functions: Mapping[str, Function]) -> None:
    (timer,) = (each.trigger for each in functions.values() if each.trigger["type"] == "timerTrigger")

    assert timer["schedule"] == "%RESYNC_SCHEDULE%"
    assert not timer.get("runOnStartup", False)


def test_each_route_takes_one_method_and_only_health_is_open(functions: Mapping[str, Function]) -> None:
    http = [each.trigger for each in functions.values() if each.trigger["type"] == "httpTrigger"]

    assert {each["route"]: (each["methods"], each["authLevel"]) for each in http} == {
        "reconcile": (["POST"], "FUNCTION"),
        "runs/{id}": (["GET"], "FUNCTION"),
        "status": (["GET"], "FUNCTION"),
        "health": (["GET"], "ANONYMOUS"),
    }


def test_every_request_is_answered_by_what_its_function_returns(functions: Mapping[str, Function]) -> None:
    for each in functions.values():
        outputs = [(binding["type"], binding["name"]) for binding in each.bindings if binding["direction"] == "OUT"]
        assert outputs == ([("http", "$return")] if each.trigger["type"] == "httpTrigger" else [])


def test_the_host_would_start_the_app_with_the_settings_of_the_example(functions: Mapping[str, Function]) -> None:
    settings = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))["Values"]

    assert host_checks.problems(list(functions.values()), settings) == []


def test_the_host_understands_host_json(functions: Mapping[str, Function]) -> None:
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))

    assert host_json.problems(host, list(functions.values())) == []
    assert host.get("extensions", {}).get("http", {}).get("routePrefix", "api") == "api"


def test_the_host_gives_an_instance_one_message_at_a_time_and_a_failed_one_a_minute() -> None:
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))

    assert host["extensions"]["queues"] == {
        "batchSize": 1,
        "newBatchThreshold": 0,
        "maxDequeueCount": 5,
        "visibilityTimeout": "00:01:00",
        "maxPollingInterval": "00:00:10",
        "messageEncoding": "base64",
    }


def test_a_message_ends_before_the_host_ends_it() -> None:
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))

    assert host["functionTimeout"] == "00:10:00"
    assert runs.SECONDS <= 600 - 60


def test_one_machine_tries_a_message_as_often_as_the_host() -> None:
    assert (local_back_end.TRIES, local_back_end.AGAIN) == (5, 60.0)
