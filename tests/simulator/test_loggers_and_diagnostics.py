import re
from typing import Any

import pytest

from tests.simulator.asking import GATEWAY, JSON, Azure, azure, policy

LOGGER = f"{GATEWAY}/loggers/insights"
API = f"{GATEWAY}/apis/orders-api"
KEY = "0b0b0b0b-0000-4000-8000-00000000cafe"


def logger(**properties: Any) -> JSON:
    insights = {"loggerType": "applicationInsights", "credentials": {"instrumentationKey": KEY}}
    return {"properties": insights | properties}


def diagnostic(**properties: Any) -> JSON:
    return {"properties": {"loggerId": "/loggers/insights", **properties}}


def with_logger() -> Azure:
    client = azure()
    assert client.put(LOGGER, logger()).status == 201
    return client


def values(client: Azure) -> list[JSON]:
    listed: list[JSON] = client.get(f"{GATEWAY}/namedValues").body["value"]
    return listed


def test_a_credential_in_clear_becomes_a_secret_named_value_that_outlives_the_logger() -> None:
    client = azure()
    got = client.put(LOGGER, logger())
    reference = got.body["properties"]["credentials"]["instrumentationKey"]
    assert re.fullmatch(r"{{Logger-Credentials--[0-9a-f]{24}}}", reference)
    assert got.body["properties"] == {
        "loggerType": "applicationInsights", "description": None, "credentials": {"instrumentationKey": reference},
        "isBuffered": True, "resourceId": None,
    }  # fmt: skip
    (value,) = values(client)
    assert value["properties"] == {"displayName": reference.strip("{}"), "tags": None, "secret": True}
    assert re.fullmatch(r"[0-9a-f]{24}", value["name"])
    assert client.ask("POST", f"{GATEWAY}/namedValues/{value['name']}/listValue").body == {"value": KEY}
    assert client.delete(f"{GATEWAY}/namedValues/{value['name']}").status == 400
    assert client.delete(LOGGER, if_match=got.headers["ETag"]).status == 200
    assert len(values(client)) == 1
    assert client.delete(f"{GATEWAY}/namedValues/{value['name']}").status == 200


def test_each_write_of_a_credential_in_clear_makes_another_named_value_a_reference_none() -> None:
    client = with_logger()
    shown = client.get(LOGGER).body["properties"]["credentials"]
    again = client.put(LOGGER, logger(credentials=shown))
    assert (again.status, again.body["properties"]["credentials"], len(values(client))) == (200, shown, 1)
    client.put(LOGGER, logger())
    assert len(values(client)) == 2


def test_a_credential_that_names_nothing_is_refused_in_azures_odd_words() -> None:
    refused = azure().put(LOGGER, logger(credentials={"instrumentationKey": "{{Logger-Credentials--77}}"}))
    assert refused.body["error"]["details"] == [
        {
            "code": "ValidationError",
            "target": "One or more Properties ['{0}'] specified are missing.",
            "message": "Logger-Credentials--77",
        }
    ]


def test_an_event_hub_keeps_its_name_in_clear() -> None:
    credentials = {"name": "calls", "connectionString": "Endpoint=sb://x"}
    got = azure().put(LOGGER, logger(loggerType="azureEventHub", credentials=credentials)).body["properties"]
    assert got["credentials"]["name"] == "calls"
    assert got["credentials"]["connectionString"].startswith("{{Logger-Credentials--")


@pytest.mark.parametrize(
    "properties",
    [
        {"credentials": {}},
        {"credentials": {"instrumentationKey": KEY, "password": "x"}},
        {"loggerType": "kafka"},
        {"unknown": 1},
    ],
)
def test_what_no_logger_can_be_is_refused(properties: JSON) -> None:
    assert azure().put(LOGGER, logger(**properties)).status == 400


def test_a_patch_of_a_logger_has_no_resource_id() -> None:
    client = with_logger()
    assert client.patch(LOGGER, {"properties": {"description": "d"}}).body["properties"]["description"] == "d"
    assert client.patch(LOGGER, {"properties": {"resourceId": "/x"}}).status == 400
    assert len(values(client)) == 1


def test_a_diagnostic_with_only_a_logger_hides_query_parameters() -> None:
    client = with_logger()
    got = client.put(f"{API}/diagnostics/applicationinsights", diagnostic())
    hidden = {"headers": None, "body": None, "dataMasking": {"queryParams": [{"value": "*", "mode": "Hide"}]}}
    assert got.status == 201
    assert got.body["properties"] == {
        "alwaysLog": None,
        "httpCorrelationProtocol": "Legacy",
        "logClientIp": True,
        "loggerId": LOGGER,
        "sampling": None,
        "frontend": {"request": hidden, "response": None},
        "backend": {"request": hidden, "response": None},
    }


def test_a_diagnostic_shows_what_was_sent_and_its_percentage_with_a_point() -> None:
    client = with_logger()
    side = {"request": {"headers": ["a"], "body": {"bytes": 8192}}, "response": {"headers": []}}
    shown = {**side, "response": {"headers": [], "body": None}}
    sent = {"sampling": {"samplingType": "fixed", "percentage": 50}, "frontend": side, "metrics": True}
    got = client.put(f"{GATEWAY}/diagnostics/applicationinsights", diagnostic(**sent))
    assert '"percentage": 50.0' in got.text
    assert got.body["properties"]["frontend"] == shown
    assert got.body["properties"]["metrics"] is True
    body = {"properties": {"verbosity": "error"}}
    patched = client.patch(f"{GATEWAY}/diagnostics/applicationinsights", body).body["properties"]
    assert (patched["verbosity"], patched["frontend"]) == ("error", shown)


@pytest.mark.parametrize(
    ("name", "properties", "message"),
    [
        ("applicationinsights", {"loggerId": "/loggers/none"}, "Logger Id 'none' does not exist"),
        ("applicationinsights", {}, "LoggerId must be specified."),
        ("applicationinsights", {"loggerId": "/loggers/insights/x"}, "Invalid field 'loggerId' specified"),
        ("local", {"loggerId": "/loggers/insights"}, "LoggerId must not be specified."),
    ],
)
def test_a_diagnostic_needs_its_logger(name: str, properties: JSON, message: str) -> None:
    assert with_logger().put(f"{API}/diagnostics/{name}", {"properties": properties}).reasons == [message]


def test_a_diagnostic_takes_the_logger_of_its_own_type_and_no_more_than_8192_bytes() -> None:
    client = with_logger()
    azuremonitor = f"{API}/diagnostics/azuremonitor"
    assert client.put(azuremonitor, diagnostic()).status == 400
    got = client.put(azuremonitor, diagnostic(loggerId="/loggers/azuremonitor"))
    assert (got.status, got.body["properties"]["httpCorrelationProtocol"]) == (201, None)
    assert client.put(f"{API}/diagnostics/splunk", diagnostic()).status == 400
    long = {"request": {"body": {"bytes": 8193}}}
    assert client.put(f"{API}/diagnostics/applicationinsights", diagnostic(frontend=long)).status == 400
    assert client.put(f"{API}/diagnostics/local", {"properties": {"verbosity": "error"}}).status == 201
    assert client.put(f"{GATEWAY}/apis/none/diagnostics/local", {"properties": {}}).message == "Api not found."


def test_a_logger_that_is_written_to_cannot_be_deleted() -> None:
    client = with_logger()
    client.put(f"{API}/diagnostics/applicationinsights", diagnostic())
    client.put(f"{API}/policies/policy", policy("<log-to-eventhub logger-id='insights'>x</log-to-eventhub>"))
    refused = client.delete(LOGGER, if_match="*")
    assert refused.message == (
        "The Logger 'insights' is used by the following entities:\r\n/apis/orders-api/policies/policy\r\n"
        "/apis/orders-api/diagnostics/applicationinsights\r\n"
    )


def test_if_match_is_compared_exactly() -> None:
    client = with_logger()
    at = f"{API}/diagnostics/applicationinsights"
    etag = client.put(at, diagnostic()).headers["ETag"]
    changed = client.put(at, diagnostic(alwaysLog="allErrors"), if_match=etag)
    assert (changed.status, changed.headers["ETag"] != etag) == (200, True)
    assert client.delete(at, if_match=etag).status == 412
    assert client.ask("HEAD", at).headers["ETag"] == changed.headers["ETag"]
    assert client.delete(at, if_match=changed.headers["ETag"]).status == 200
    assert (client.ask("HEAD", at).status, client.delete(at).status) == (404, 204)


def test_a_new_service_logs_to_azure_monitor() -> None:
    client = azure()
    assert client.get(f"{GATEWAY}/loggers/azuremonitor").body["properties"]["loggerType"] == "azureMonitor"
    got = client.get(f"{GATEWAY}/diagnostics/azuremonitor").body["properties"]
    assert (got["loggerId"], got["sampling"]["percentage"]) == (f"{GATEWAY}/loggers/azuremonitor", 100)
