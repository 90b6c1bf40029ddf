from typing import Any

import pytest

from simulator.app import ConnectionCut
from tests.simulator.asking import GATEWAY, JSON, Azure, api, azure

THINGS = f"{GATEWAY}/apis/things"
OTHER = f"{GATEWAY}/apis/other"


def admin(client: Azure, method: str, path: str, body: Any = None, **query: str) -> Any:
    return client.ask(method, f"/_simulator/{path}", body, version="", query=query)


def test_a_scripted_answer_replaces_the_work() -> None:
    client = azure()
    client.simulator.fail(match="PUT .*/apis/things", answer=429, headers={"Retry-After": "7"})
    got = client.put(THINGS, api("things"))
    assert (got.status, got.code, got.headers["Retry-After"]) == (429, "TooManyRequests", "7")
    assert client.get(THINGS).status == 404
    assert client.put(THINGS, api("things")).status == 201


def test_the_nth_request_fails_and_so_many_after_it() -> None:
    client = azure()
    client.simulator.fail(match="GET .*/apis\\?", nth=2, times=2, answer=500)
    assert [client.get(f"{GATEWAY}/apis").status for _ in range(4)] == [200, 500, 500, 200]


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (409, None, "Operation on the API is in progress"),
        (412, None, "Resource was modified since last retrieval."),
        (400, None, "One or more fields contain incorrect values:"),
        (401, None, "The access token is invalid."),
        (404, None, "Resource not found."),
        (418, None, "This failure was scripted."),
        (422, "ManagementApiRequestFailed", "Management API request timed out."),
        (503, "ServerBusy", "This failure was scripted."),
    ],
)
def test_a_code_brings_azures_words(status: int, code: str | None, message: str) -> None:
    client = azure()
    client.simulator.fail(answer=status, **({"code": code} if code else {}))
    got = client.get(GATEWAY)
    assert (got.status, got.message) == (status, message)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "ValidationError"),
        (401, "InvalidAuthenticationToken"),
        (404, "ResourceNotFound"),
        (418, "BadRequest"),
        (500, "InternalServerError"),
        (502, "InternalServerError"),
    ],
)
def test_a_status_brings_the_code_that_fits_it(status: int, code: str) -> None:
    client = azure()
    client.simulator.fail(answer=status)
    assert client.get(GATEWAY).code == code


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "7"}, {"retry-after": "7"}])
def test_who_is_throttled_is_told_how_long_to_wait_and_in_the_header_too(headers: JSON) -> None:
    client = azure()
    client.simulator.fail(answer=429, headers=headers)
    got = client.get(GATEWAY)
    seconds = "7" if headers else "5"
    assert got.message == f"Rate limit is exceeded. Try again in {seconds} seconds."
    assert [value for name, value in got.headers.items() if name.lower() == "retry-after"] == [seconds]


def test_the_work_can_be_done_before_the_failure() -> None:
    client = azure()
    client.simulator.fail(match="PUT", answer=500, after=True)
    assert client.put(THINGS, api("things")).status == 500
    assert client.get(THINGS).status == 200


@pytest.mark.parametrize(
    ("fault", "sent", "done"),
    [
        ({"drop": True}, False, False),
        ({"drop": "response"}, True, False),
        ({"drop": True, "after": True}, True, True),
    ],
)
def test_a_connection_can_be_cut_before_or_after_the_work(fault: JSON, *, sent: bool, done: bool) -> None:
    client = azure()
    client.simulator.fail(match="PUT", **fault)
    with pytest.raises(ConnectionCut) as cut:
        client.put(THINGS, api("things"))
    assert cut.value.sent is sent
    assert (THINGS in client.simulator.resources()) is done
    assert client.simulator.requests[-1]["status"] is None


def test_a_delay_passes_on_the_simulators_clock() -> None:
    client = azure()
    client.simulator.fail(delay=30)
    client.get(GATEWAY)
    assert client.simulator.clock.seconds() == 30
    assert client.simulator.requests[-1]["seconds"] == 30


def test_latencies_pass_too() -> None:
    client = azure(read_latency=0.5, write_latency=2)
    client.get(GATEWAY)
    client.put(THINGS, api("things"))
    assert [each["seconds"] for each in client.simulator.requests] == [0.5, 2]


def test_faults_can_be_scripted_and_cleared_over_http() -> None:
    client = azure()
    assert (
        admin(client, "POST", "faults", [{"match": "GET", "answer": 500}, {"match": "PUT", "answer": 409}]).status
        == 204
    )
    assert client.get(GATEWAY).status == 500
    assert admin(client, "DELETE", "faults").status == 204
    assert client.put(THINGS, api("things")).status == 201


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"mach": "GET", "answer": 500}, "the fault has no field 'mach'; did you mean 'match'?"),
        (
            {"match": "(", "answer": 500},
            "the fault's match '(' is no regular expression: missing ), unterminated subpattern at position 0",
        ),
        (
            {"match": 5, "answer": 500},
            "the fault's match must be a regular expression on 'METHOD path?query', not 5",
        ),
        ({"code": "X"}, "the fault with a code also needs the status to answer"),
        (
            {"body": {}, "drop": True, "headers": {"a": "b"}},
            "the fault with a headers also needs the status to answer",
        ),
        ({"answer": "500"}, "the fault's answer must be a status from 200 to 599, not '500'"),
        ({"answer": 99}, "the fault's answer must be a status from 200 to 599, not 99"),
        ({"answer": 500, "nth": 0}, "the fault's nth must be a whole number from 1, not 0"),
        ({"answer": 500, "times": True}, "the fault's times must be a whole number from 1, not True"),
        (
            {"answer": 500, "headers": {"Retry-After": 5}},
            "the fault's headers must be an object of strings, not {'Retry-After': 5}",
        ),
        ({"delay": -1}, "the fault's delay must be a number of seconds, 0 or more, not -1"),
        ({"drop": "later"}, 'the fault\'s drop must be true, false, "response" or "body", not \'later\''),
        (
            {"drop": True, "answer": 500},
            "the fault cannot both answer 500 and cut the connection without an answer",
        ),
        (
            {"async": True, "answer": 500},
            "the fault cannot both answer 500 and start the long-running operation that fails",
        ),
        (
            {"like": "deadlocked-import", "drop": True},
            "the fault cannot both cut the connection before the work and start the operation that fails",
        ),
        ({"like": "truncated", "drop": True}, "the fault cannot both answer half of a text and cut the connection"),
        (
            {"drop": "response", "after": True},
            "the fault's drop 'response' means that no work is done, which 'after' contradicts",
        ),
        ({"match": "GET"}, "the fault does nothing: give it answer, drop, delay, async, truncate or like"),
        ("slow", "the fault must be an object, not 'slow'"),
    ],
)
def test_a_script_with_a_mistake_is_refused_in_one_sentence(fault: Any, sentence: str) -> None:
    client = azure()
    got = admin(client, "POST", "faults", [fault])
    assert (got.status, got.code, got.message) == (400, "SimulatorAdmin", sentence)
    assert client.get(GATEWAY).status == 200


def test_all_mistakes_of_a_script_are_told_and_none_of_it_is_followed() -> None:
    client = azure()
    script = [{"answer": 500}, {"answer": 1, "nth": 0}, {"like": "throtled"}]
    got = admin(client, "POST", "faults", script)
    assert got.status == 400
    assert got.reasons[:2] == [
        "fault 1's answer must be a status from 200 to 599, not 1",
        "fault 1's nth must be a whole number from 1, not 0",
    ]
    assert got.reasons[2].startswith("fault 2's like must be one of the ready-made faults throttled, conflict,")
    assert client.get(GATEWAY).status == 200


def test_the_script_can_be_looked_at_with_what_came_of_it() -> None:
    client = azure()
    client.simulator.fail(match="GET", nth=2, answer=500)
    client.simulator.fail(like="deadlocked-import")
    for _ in range(3):
        client.get(GATEWAY)
    first, second = admin(client, "GET", "faults").body
    assert first == {"match": "GET", "nth": 2, "answer": 500, "seen": 3, "struck": 1}
    assert (second["async"], second["struck"]) == (True, 0)


def test_a_match_may_be_written_as_the_query_reads_or_as_it_is_sent() -> None:
    client = azure(page_size=1)
    first = client.get(f"{GATEWAY}/apis")
    for match in (r"[$]skip=1", "%24skip=1"):
        client.simulator.fail(match=f"GET .*/apis.*{match}", answer=500)
        assert client.get(f"{GATEWAY}/apis").status == 200
        assert client.get(first.body["nextLink"].replace(":443", "")).status == 500
        assert client.get(first.body["nextLink"].replace(":443", "")).status == 200


def test_requests_are_recorded_oldest_first_and_can_be_forgotten() -> None:
    client = azure()
    client.get(GATEWAY)
    client.put(THINGS, api("things"), if_match="*")
    assert admin(client, "GET", "requests").body == [
        {
            "method": "GET",
            "path": GATEWAY,
            "api_version": "2024-05-01",
            "status": 200,
            "if_match": None,
            "body": None,
            "seconds": 0.0,
        },
        {
            "method": "PUT",
            "path": THINGS,
            "api_version": "2024-05-01",
            "status": 201,
            "if_match": "*",
            "body": api("things"),
            "seconds": 0.0,
        },
    ]
    admin(client, "DELETE", "requests")
    assert client.simulator.requests == []


def test_the_world_can_be_looked_at_and_changed_behind_everybodys_back() -> None:
    client = azure()
    assert GATEWAY in admin(client, "GET", "resources").body
    assert admin(client, "PUT", "resources", api("other"), id=OTHER).status == 204
    assert client.get(OTHER).status == 200
    assert admin(client, "DELETE", "resources", id=OTHER).status == 204
    assert admin(client, "DELETE", "resources", id=OTHER).status == 404
    assert admin(client, "PUT", "resources", api("orders"), id=OTHER).status == 400
    assert admin(client, "PUT", "resources", {}, id="/x").status == 400
    assert admin(client, "GET", "wonders").status == 404
    assert [each["eventType"] for each in admin(client, "GET", "events").body] == [
        "Microsoft.ApiManagement.APICreated",
        "Microsoft.Resources.ResourceWriteSuccess",
        "Microsoft.ApiManagement.APIDeleted",
        "Microsoft.Resources.ResourceDeleteSuccess",
    ]
    assert [each["method"] for each in client.simulator.requests] == ["GET"]


def test_time_passes_when_told_to() -> None:
    client = azure()
    before = client.simulator.clock.now()
    assert admin(client, "POST", "clock", {"advance": 90}).status == 200
    assert (client.simulator.clock.now() - before).total_seconds() == 90
    for wrong in ({"advance": -1}, {"advance": "1"}, {}, {"seconds": 1}, {"advance": 1, "more": 1}):
        assert admin(client, "POST", "clock", wrong).status == 400
