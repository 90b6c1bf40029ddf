"""What the Azure CLI needs of the simulator beside its sign-in; `make test-az` runs the CLI itself."""

from typing import Any

import pytest

from tests.simulator.asking import EAST, GATEWAY, JSON, S, azure

PREVIEW = "2026-05-15-preview"
NAMED_VALUE: JSON = {"properties": {"displayName": "greeting", "value": "hello"}}


def deployment(capacity: Any) -> JSON:
    return {
        "sku": {"name": "Standard", "capacity": capacity},
        "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
    }


def test_a_capacity_that_is_sent_as_text_is_a_number() -> None:
    client = azure()
    made = client.put(f"{EAST}/deployments/from-the-cli", deployment("5"), version=PREVIEW)
    assert (made.status, made.body["sku"]) == (201, {"name": "Standard", "capacity": 5})
    assert client.simulator.requests[-1]["body"]["sku"]["capacity"] == "5"


@pytest.mark.parametrize("capacity", ["five", "5.0", "", " 5", "99999999999", True])
def test_another_text_is_no_capacity(capacity: Any) -> None:
    refused = azure().put(f"{EAST}/deployments/from-the-cli", deployment(capacity), version=PREVIEW)
    assert (refused.status, refused.code) == (400, "InvalidRequestContent")


def test_children_of_api_management_name_no_interval_unless_told_to() -> None:
    for knobs, expected in (({}, None), ({"child_retry_after": 1}, "1")):
        client = azure(**knobs)
        started = client.put(f"{GATEWAY}/namedValues/greeting", NAMED_VALUE, version="2022-08-01")
        running = client.follow(started.headers["Location"])
        assert (started.status, running.status) == (202, 202)
        assert [each.headers.get("Retry-After") for each in (started, running)] == [expected, expected]


def test_the_gateway_answers_in_the_version_of_the_cli() -> None:
    assert azure().get(f"{S}/providers/Microsoft.ApiManagement/service", version="2022-08-01").status == 200
    assert azure().get(f"{EAST}/deployments", version=PREVIEW).status == 200
