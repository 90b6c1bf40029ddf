"""Each failure that can be asked for by its name, as the client meets it."""

import json
from typing import Any

import pytest
import requests
from urllib3.exceptions import ProtocolError

from simulator.failures import READY
from simulator.transport import SimulatorTransport
from tests.simulator.asking import EAST, GATEWAY, JSON, Azure, Got, S, api, azure
from tests.simulator.documents import imported, operation

ID = f"{GATEWAY}/apis/things"
ACTOR = "5a5a5a5a-0000-4000-8000-000000000002"
ON_THE_API = "Operation on the API is in progress"


def struck(like: str, **more: Any) -> tuple[Azure, Got]:
    client = azure()
    client.simulator.fail(match="PUT", like=like, **more)
    return client, client.put(ID, api("things"))


@pytest.mark.parametrize(
    ("like", "status", "error"),
    [
        ("conflict", 409, {"code": "Conflict", "message": ON_THE_API, "details": None}),
        (
            "pessimistic-conflict",
            409,
            {"code": "PessimisticConcurrencyConflict", "message": ON_THE_API, "details": None},
        ),
        (
            "locked",
            409,
            {
                "code": "ServiceLocked",
                "message": "The API Service contoso-gateway is transitioning at this time. "
                "Please try the request again later.",
                "details": None,
                "innerError": None,
            },
        ),
        (
            "precondition",
            412,
            {
                "code": "PreconditionFailed",
                "message": "Resource was modified since last retrieval.",
                "details": None,
            },
        ),
        (
            "management-timeout",
            422,
            {
                "code": "ManagementApiRequestFailed",
                "message": "Management API request timed out.",
                "details": [{"code": "Timeout", "message": "Request timed out"}],
            },
        ),
        (
            "server-error",
            500,
            {"code": "InternalServerError", "message": "This failure was scripted.", "details": None},
        ),
        (
            "request-timeout",
            408,
            {"code": "RequestTimeout", "message": "This failure was scripted.", "details": None},
        ),
    ],
)
def test_a_refusal_has_azures_body_and_nothing_is_done(like: str, status: int, error: JSON) -> None:
    client, got = struck(like)
    assert (got.status, got.body) == (status, {"error": error})
    assert "Retry-After" not in got.headers
    assert client.get(ID).status == 404


def test_throttling_names_caller_and_subscription_and_how_long_to_wait() -> None:
    client, got = struck("throttled", headers={"Retry-After": "17"})
    assert (got.status, got.headers["Retry-After"], got.code) == (429, "17", "SubscriptionRequestsThrottled")
    assert got.message == (
        f"Number of 'write' requests for subscription '{S.split('/')[2]}' actor '{ACTOR}' exceeded. Please try "
        "again after '17' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling "
        "for additional information."
    )
    assert client.put(ID, api("things")).status == 201


def test_the_front_door_says_when_it_answers_itself() -> None:
    _, unavailable = struck("unavailable")
    assert (unavailable.status, unavailable.headers["Retry-After"]) == (503, "10")
    assert unavailable.headers["x-ms-failure-cause"] == "gateway"
    _, forbidden = struck("forbidden")
    assert "to perform action 'Microsoft.ApiManagement/service/apis/write' over scope" in forbidden.message
    busy = azure()
    busy.simulator.fail(like="busy-account")
    got = busy.put(f"{EAST}/deployments/x", {})
    assert got.body == {
        "error": {
            "code": "RequestConflict",
            "message": f"Another operation is being performed on the parent resource '{EAST}'. "
            "Please try again later.",
        }
    }


@pytest.mark.parametrize(("like", "status"), [("server-error-after", 500), ("gateway-timeout", 504)])
def test_an_error_may_come_although_the_work_was_done(like: str, status: int) -> None:
    client, got = struck(like)
    assert got.status == status
    assert client.get(ID).status == 200


@pytest.mark.parametrize("match", [None, '"AAAAAAiZZac="', "*"])
def test_a_precondition_fails_with_and_without_if_match(match: str | None) -> None:
    client = azure()
    client.simulator.fail(match="PATCH", like="precondition")
    got = client.patch(f"{GATEWAY}/apis/orders-api", {"properties": {"description": "x"}}, if_match=match)
    assert got.status == 412
    stale = client.patch(f"{GATEWAY}/apis/orders-api", {"properties": {"description": "x"}}, if_match='"old"')
    assert (stale.status, stale.code, stale.message) == (412, got.code, got.message)


def test_an_empty_answer_has_neither_body_nor_work() -> None:
    client, got = struck("empty")
    assert (got.status, got.text, got.headers["Content-Length"]) == (200, "", "0")
    assert client.get(ID).status == 404


def sent(client: Azure, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
    session: requests.Session = SimulatorTransport(client.simulator).session
    return session.request(
        method,
        f"https://management.azure.com{path}?api-version=2024-05-01",
        headers=client.headers,
        json=body,
        **more,
    )


def test_a_proxys_page_is_html() -> None:
    client = azure()
    client.simulator.fail(like="proxy-page")
    got = sent(client, "GET", GATEWAY)
    assert (got.status_code, got.headers["Content-Type"]) == (502, "text/html")
    assert got.text.startswith("<!DOCTYPE html>")
    assert int(got.headers["Content-Length"]) == len(got.content)


def test_a_truncated_answer_is_half_of_a_document() -> None:
    client = azure()
    whole = sent(client, "GET", GATEWAY)
    client.simulator.fail(like="truncated")
    half = sent(client, "GET", GATEWAY)
    assert half.status_code == 200
    assert half.content == whole.content[: len(whole.content) // 2]
    assert int(half.headers["Content-Length"]) == len(half.content)
    with pytest.raises(json.JSONDecodeError):
        half.json()


def test_a_connection_can_break_inside_the_answer() -> None:
    client = azure()
    client.simulator.fail(match="PUT", like="broken-off")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        sent(client, "PUT", ID, api("things"))
    assert client.get(ID).status == 200


@pytest.mark.parametrize(
    ("like", "error", "done"),
    [("cut", "Failed to establish", False), ("unanswered", ProtocolError, False), ("lost", ProtocolError, True)],
)
def test_a_connection_can_be_cut(like: str, error: Any, *, done: bool) -> None:
    client = azure()
    client.simulator.fail(match="PUT", like=like)
    with pytest.raises(requests.ConnectionError) as cut:
        sent(client, "PUT", ID, api("things"))
    reason = cut.value.args[0]
    assert reason.startswith(error) if isinstance(error, str) else isinstance(reason, error)
    assert (client.get(ID).status == 200) is done


def test_a_slow_answer_is_waited_for_or_given_up() -> None:
    client = azure()
    client.simulator.fail(match="PUT", like="slow")
    assert sent(client, "PUT", ID, api("things"), timeout=(1, 60)).status_code == 201
    assert client.simulator.clock.seconds() == 30
    client.simulator.fail(match="PUT", like="slow")
    with pytest.raises(requests.ReadTimeout):
        sent(client, "PUT", f"{GATEWAY}/apis/others", api("others"), timeout=(1, 20))
    assert client.get(f"{GATEWAY}/apis/others").status == 200


def test_what_is_slow_after_the_work_can_be_seen_before_it_is_answered() -> None:
    client = azure()
    seen: list[bool] = []
    client.simulator.listen(lambda _event: seen.append(client.simulator.clock.seconds() == 0))
    client.simulator.fail(match="PUT", like="slow", after=True)
    assert client.put(ID, api("things")).status == 201
    assert seen == [True, True]
    assert client.simulator.requests[-1]["seconds"] == 30


def test_an_import_can_be_deadlocked() -> None:
    client = azure(import_time=2)
    client.simulator.fail(like="deadlocked-import")
    document = imported({"/a": {"get": operation("a")}}, path="x")
    accepted = client.put(f"{GATEWAY}/apis/x", document)
    assert accepted.status == 201
    client.simulator.clock.advance(2)
    assert client.follow(accepted.headers["Azure-AsyncOperation"]).body == {
        "status": "Failed",
        "error": {"code": "InternalServerError", "message": "DeadOperationMonitor", "details": None},
    }
    assert client.get(f"{GATEWAY}/apis/x").status == 404
    client.simulator.clock.advance(2)
    assert client.put(f"{GATEWAY}/apis/x", document).status == 201


def test_every_name_is_tried_here_and_can_be_asked_for_over_http() -> None:
    tried = (
        "throttled conflict pessimistic-conflict locked busy-account precondition management-timeout forbidden "
        "request-timeout server-error server-error-after unavailable gateway-timeout proxy-page empty truncated "
        "cut unanswered lost broken-off slow deadlocked-import"
    )
    assert list(READY) == tried.split()
    client = azure()
    got = client.ask("POST", "/_simulator/faults", [{"like": name} for name in READY], version="")
    assert got.status == 204
    assert len(client.ask("GET", "/_simulator/faults", version="").body) == len(READY)
