"""Requests that nobody sends by mistake are refused as any other, and a defect of the simulator is on record."""

import base64
import json
from typing import Any

import pytest

from simulator.odata_filter import FilterError, read_filter, texts
from tests.simulator.asking import EAST, GATEWAY, Azure, api, azure

APIS = f"{GATEWAY}/apis"
OPERATION = f"{APIS}/orders-api/operations/odd"
ROLES = f"{EAST}/providers/Microsoft.Authorization/roleAssignments"


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5000, "1e3", "-1", ""])
@pytest.mark.parametrize("name", ["$top", "$skip"])
def test_a_number_of_a_page_is_written_in_few_plain_digits(name: str, number: str) -> None:
    got = azure().get(APIS, query={name: number})
    assert (got.status, got.code) == (400, "ValidationError")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 129 + "]" * 129])
def test_a_body_that_is_nested_too_deeply_is_no_json_that_azure_reads(text: str) -> None:
    client = azure()
    got = client.put(f"{APIS}/x", text)
    assert (got.status, got.code) == (400, "InvalidRequestContent")
    assert "MaxDepth" in got.message
    assert client.simulator.requests[-1]["status"] == 400


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_a_number_that_json_does_not_have_is_refused(number: str) -> None:
    client = azure()
    text = json.dumps(operation({"a": "?"})).replace('"?"', number)
    got = client.put(OPERATION, text)
    assert (got.status, got.code) == (400, "InvalidRequestContent")
    assert client.get(OPERATION).status == 404


def operation(example: Any) -> Any:
    shown = {"contentType": "application/json", "examples": {"default": {"value": example}}}
    properties = {"displayName": "Odd", "method": "POST", "urlTemplate": "/odd"}
    return {"properties": {**properties, "request": {"representations": [shown]}}}


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


def test_an_example_may_be_deep_but_not_too_deep() -> None:
    client = azure()
    assert client.put(OPERATION, operation(nested(110))).status == 201
    assert client.get(OPERATION).status == 200
    assert client.get(f"{APIS}/orders-api/operations").status == 200
    assert client.put(OPERATION, operation(nested(200))).status == 400


@pytest.mark.parametrize(
    "text", ["(" * 2000, "not " * 2000 + "name eq 'x'", "(" * 2000 + "name eq 'x'" + ")" * 2000]
)
def test_a_filter_has_only_so_many_brackets(text: str) -> None:
    with pytest.raises(FilterError, match="Recursion depth"):
        read_filter(text, texts("name"))
    assert azure().get(APIS, query={"$filter": text}).status == 400


def test_brackets_side_by_side_are_no_depth() -> None:
    text = " or ".join(["(name eq 'x')"] * 150)
    assert read_filter(text, texts("name"))({"name": "x"}) is True


def with_claims(client: Azure, **claims: Any) -> Azure:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Azure(client.simulator, headers={"Authorization": f"Bearer e30.{part}.x"})


@pytest.mark.parametrize("odd", [["x"], 3, {"a": 1}, True, None, ""])
@pytest.mark.parametrize("name", ["oid", "appid", "azp", "upn", "aud"])
def test_a_claim_that_is_no_text_says_nothing(name: str, odd: Any) -> None:
    client = with_claims(azure(), **{name: odd})
    assert client.get(GATEWAY).status == 200
    assert client.patch(EAST, {"tags": {"a": "b"}}).status == 200
    data = client.simulator.events[-1]["data"]
    assert data["claims"]["http://schemas.microsoft.com/identity/claims/objectidentifier"].startswith("5a5a5a5a")


def test_claims_that_are_nested_too_deeply_say_nothing() -> None:
    part = base64.urlsafe_b64encode(("[" * 100_000).encode()).decode()
    assert Azure(azure().simulator, headers={"Authorization": f"Bearer e30.{part}.x"}).get(GATEWAY).status == 200


def test_large_values_are_cut_in_messages() -> None:
    client = azure()
    got = client.put(f"{APIS}/x", api("x", isCurrent=["y" * 1000] * 1000))
    assert (got.status, len(got.text) < 2000) == (400, True)
    got = client.put(f"{APIS}/x", api("x", type="y" * 10_000))
    assert (got.status, len(got.text) < 2000) == (400, True)


def test_the_clock_does_not_leave_the_calendar() -> None:
    client = azure()
    got = client.ask("POST", "/_simulator/clock", {"advance": 1e12}, version="")
    assert (got.status, "1000 years" in got.message) == (400, True)
    assert client.get(GATEWAY).status == 200
    assert client.simulator.clock.seconds() == 0.0


@pytest.mark.parametrize(("id", "status"), [("/x", 404), (f"{APIS}/none", 404), (GATEWAY, 400)])
def test_only_apis_are_exported(id: str, status: int) -> None:
    got = azure().ask("GET", "/_simulator/exports", version="", query={"id": id})
    assert (got.status, got.code) == (status, "SimulatorAdmin")


@pytest.mark.parametrize("stage", ["reading", "respond"])
def test_a_defect_is_on_record_once_as_500(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = azure()

    def broken(*_args: Any) -> Any:
        raise ZeroDivisionError(stage)

    monkeypatch.setattr("simulator.arm.get" if stage == "reading" else "simulator.app.respond", broken)
    with pytest.raises(ZeroDivisionError):
        client.get(GATEWAY)
    assert [(each["path"], each["status"]) for each in client.simulator.requests] == [(GATEWAY, 500)]
