"""What a PATCH may leave out: required fields of what it lays over something, and of nothing else."""

from typing import Any

import pytest

from tests.simulator.asking import EAST, GATEWAY, JSON, azure

OPERATION = f"{GATEWAY}/apis/orders-api/operations/get-order"
ONE = f"{GATEWAY}/backends/one"
POOL = f"{GATEWAY}/backends/pool"
BASIC: JSON = {"credentials": {"authorization": {"scheme": "Basic"}}}


@pytest.mark.parametrize(
    ("path", "properties", "missing"),
    [
        (OPERATION, {"responses": [{"description": "x"}]}, "statusCode"),
        (OPERATION, {"request": {"representations": [{"typeName": "x"}]}}, "contentType"),
        (OPERATION, {"request": {"headers": [{"type": "string"}]}}, "name"),
        (OPERATION, {"templateParameters": [{}]}, "name"),
        (POOL, {"pool": {"services": [{"weight": 1}]}}, "id"),
        (ONE, BASIC, "parameter"),
    ],
)
@pytest.mark.parametrize("knob", ["shallow", "deep"])
def test_what_a_patch_replaces_is_whole(path: str, properties: JSON, missing: str, knob: str) -> None:
    client = azure(patch_merge=knob)
    client.put(ONE, {"properties": {"url": "https://x.example", "protocol": "http"}})
    client.put(POOL, {"properties": {"type": "Pool", "pool": {"services": [{"id": ONE}]}}})
    before = client.get(path).text
    got = client.patch(path, {"properties": properties})
    assert got.status == 400
    assert f"Required property '{missing}' not found in JSON." in got.reasons
    assert client.get(path).text == before


@pytest.mark.parametrize(("knob", "status"), [("shallow", 400), ("deep", 200)])
def test_what_a_deep_patch_merges_need_not_be_whole(knob: str, status: int) -> None:
    client = azure(patch_merge=knob)
    whole: JSON = {"credentials": {"authorization": {"scheme": "Bearer", "parameter": "p"}}}
    client.put(ONE, {"properties": {"url": "https://x.example", "protocol": "http", **whole}})
    assert client.patch(ONE, {"properties": BASIC}).status == status
    kept = client.get(ONE).body["properties"]["credentials"]["authorization"]
    assert kept == {"scheme": "Basic" if knob == "deep" else "Bearer", "parameter": "p"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (GATEWAY, {"sku": {"capacity": 2}}, 202),
        (GATEWAY, {"identity": {}}, 400),
        (f"{EAST}/deployments/gpt-4o", {"sku": {"capacity": 2}}, 200),
        (EAST, {"properties": {"networkAcls": {"ipRules": [{}]}}}, 400),
    ],
)
def test_a_patch_is_laid_over_a_sku_and_replaces_everything_else(path: str, body: Any, status: int) -> None:
    assert azure().patch(path, body).status == status
