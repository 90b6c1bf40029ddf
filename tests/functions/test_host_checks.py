"""The checks of what indexing lets through, a row for each rule."""

from typing import Any

import pytest

from .host_checks import UnsetSettingError, problems, resolve
from .worker import Function

STORAGE = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}


def function(name: str = "one", *, retry: dict[str, Any] | None = None, **binding: Any) -> Function:
    return Function(name, "id", [{"direction": "IN", "name": "it", **binding}], retry)


def timer(schedule: str) -> Function:
    return function(type="timerTrigger", schedule=schedule)


def queue(name: str, connection: str = "AzureWebJobsStorage") -> Function:
    return function(type="queueTrigger", queueName=name, connection=connection)


def http(name: str, route: str | None = None, *methods: str) -> Function:
    return function(name, type="httpTrigger", authLevel="FUNCTION", route=route, methods=list(methods))


def test_every_setting_in_a_binding_is_resolved_and_the_rest_is_left() -> None:
    binding = {"schedule": "%WHEN%", "queueName": "%A%-%B%", "methods": ["%A%"], "runOnStartup": False}

    resolved = resolve(binding, {"WHEN": "0 * * * * *", "A": "a", "B": "b"})

    assert resolved == {"schedule": "0 * * * * *", "queueName": "a-b", "methods": ["a"], "runOnStartup": False}
    assert binding["schedule"] == "%WHEN%"


@pytest.mark.parametrize("environment", [{}, {"WHEN": ""}])
def test_a_setting_that_is_absent_or_empty_is_unset(environment: dict[str, str]) -> None:
    with pytest.raises(UnsetSettingError, match="%WHEN% is not set"):
        resolve({"schedule": "%WHEN%"}, environment)
    assert problems([timer("%WHEN%")], STORAGE | environment) == ["one: %WHEN% is not set"]


@pytest.mark.parametrize(
    "schedule",
    [
        "0 */15 * * * *",
        "* * * * * *",
        "0 0 9-17 * * 1-5",
        "0 5,35 * * * *",
        "0 0 0 1,15 Jan-jun MON",
        "30 10-50/10 23 31 12 0",
        "0 5/20 * * * Sunday",
    ],
)
def test_a_schedule_of_six_fields_within_their_limits_is_accepted(schedule: str) -> None:
    assert problems([timer(schedule)], STORAGE) == []
    assert problems([timer("%WHEN%")], STORAGE | {"WHEN": schedule}) == []


@pytest.mark.parametrize(
    ("schedule", "wrong"),
    [
        ("60 * * * * *", "'60' for the second"),
        ("0 60 * * * *", "'60' for the minute"),
        ("0 0 24 * * *", "'24' for the hour"),
        ("0 0 0 0 * *", "'0' for the day"),
        ("0 0 0 1 13 *", "'13' for the month"),
        ("0 0 0 * * 7", "'7' for the day of week"),
        ("0 0 0 * * monkey", "'monkey' for the day of week"),
        ("0 0 0 ? * *", "'?' for the day"),
        ("0 0 0 L * *", "'L' for the day"),
        ("0 */0 * * * *", "'*/0' for the minute"),
        ("0 */ * * * *", "'*/' for the minute"),
        ("0 20-10 * * * *", "'20-10' for the minute"),
        ("0 1-2-3 * * * *", "'1-2-3' for the minute"),
        ("0 1,,2 * * * *", "'' for the minute"),
        ("0 -1 * * * *", "'-1' for the minute"),
        ("0 mon * * * *", "'mon' for the minute"),
        ("*/15 * * * *", "has 5 fields"),
        ("00:15:00", "has 1 fields"),
        ("", "has 0 fields"),
    ],
)
def test_a_schedule_the_host_cannot_read_is_named_with_the_part_that_is_wrong(schedule: str, wrong: str) -> None:
    (problem,) = problems([timer(schedule)], STORAGE)

    assert problem.startswith(f"one: the schedule {schedule!r} ")
    assert wrong in problem


@pytest.mark.parametrize("name", ["abc", "gateway-work", "0-0", "a" * 56])
def test_a_queue_name_that_storage_accepts_is_accepted(name: str) -> None:
    assert problems([queue(name)], STORAGE) == []


@pytest.mark.parametrize("name", ["ab", "a" * 64, "Bad_Name", "Work", "a--b", "-ab", "ab-", "a.b", "äbc", ""])
def test_a_queue_name_that_storage_refuses_is_named(name: str) -> None:
    (problem,) = problems([queue(name)], STORAGE)

    assert problem.startswith(f"one: the queue name {name!r} is not 3 to 63 ")


def test_only_a_triggering_queue_needs_room_for_its_poison_queue() -> None:
    long = "a" * 57
    output = {"type": "queue", "direction": "OUT", "name": "out", "queueName": long}
    event = Function("one", "id", [{"type": "eventGridTrigger", "direction": "IN", "name": "it"}, output], None)

    assert problems([queue(long)], STORAGE) == [
        f"one: the queue name '{long}' leaves no room for its -poison queue (63 characters)"
    ]
    assert problems([event], STORAGE) == []


@pytest.mark.parametrize(
    "environment",
    [
        {"Events": "UseDevelopmentStorage=true"},
        {"AzureWebJobsEvents": "UseDevelopmentStorage=true"},
        {"Events__accountName": "events"},
        {"Events__queueServiceUri": "https://events.queue.core.windows.net"},
    ],
)
def test_a_connection_may_be_one_setting_or_a_group_of_them(environment: dict[str, str]) -> None:
    assert problems([queue("work", "Events")], environment) == []


@pytest.mark.parametrize("environment", [{}, {"Events": ""}, {"Events__blobServiceUri": "https://…"}, STORAGE])
def test_a_connection_without_its_setting_is_named(environment: dict[str, str]) -> None:
    assert problems([queue("work", "Events")], environment) == [
        "one: the connection Events is not an app setting, nor Events__accountName or Events__queueServiceUri"
    ]


def test_a_connection_string_is_no_connection() -> None:
    (problem,) = problems([queue("work", "UseDevelopmentStorage=true")], STORAGE)

    assert problem == "one: the connection must be the name of an app setting, not a connection string"


def test_a_timer_needs_the_storage_of_the_app_and_a_request_does_not() -> None:
    (problem,) = problems([timer("0 * * * * *")], {})

    assert problem.startswith("one: the connection AzureWebJobsStorage is not an app setting")
    assert problems([http("status")], {}) == []


@pytest.mark.parametrize("kind", ["eventGridTrigger", "queueTrigger", "httpTrigger"])
def test_a_retry_policy_where_it_does_nothing_is_named(kind: str) -> None:
    retry = {"strategy": "fixed_delay", "max_retry_count": 3}

    assert problems([function(type=kind, retry=retry)], STORAGE)[-1].endswith(f"does nothing on a {kind}")
    assert problems([function(type="timerTrigger", schedule="0 * * * * *", retry=retry)], STORAGE) == []


def test_two_functions_for_one_request_are_named() -> None:
    functions = [
        http("one", "runs/{id}", "GET", "POST"),
        http("two", "Runs/{run}", "POST"),
        http("three", "runs", "POST"),
    ]

    assert problems(functions, {}) == ["one and two both answer POST runs/{}"]


def test_a_function_without_methods_answers_all_of_them_at_its_own_name() -> None:
    assert problems([http("status"), http("other", "status", "GET")], {}) == [
        "status and other both answer GET status"
    ]


def test_names_that_differ_in_case_only_are_named() -> None:
    assert problems([http("Runs", "a"), http("runs", "b")], {}) == ["Runs and runs differ in case only"]


@pytest.mark.parametrize("route", ["/runs", "~/runs"])
def test_a_route_does_not_begin_with_a_slash(route: str) -> None:
    assert problems([http("runs", route)], {}) == ["runs: a route does not begin with / or ~"]


def test_two_functions_that_read_one_queue_are_named() -> None:
    functions = [
        queue("work"),
        function("two", type="queueTrigger", queueName="work", connection="AzureWebJobsStorage"),
    ]

    assert problems(functions, STORAGE) == ["one and two take each other's messages from work"]


def test_a_poison_queue_needs_the_queue_it_belongs_to() -> None:
    poison = function("two", type="queueTrigger", queueName="work-poison", connection="AzureWebJobsStorage")

    assert problems([queue("work"), poison], STORAGE) == []
    assert problems([queue("werk"), poison], STORAGE) == [
        "two: nothing is ever given up into work-poison, since nobody reads its queue"
    ]
