from typing import Any

import pytest

from tests.simulator.asking import GATEWAY, JSON, azure, policy

ONE = f"{GATEWAY}/backends/one"
SINGLE = {"url": "https://x.example", "protocol": "http"}


def body(**properties: Any) -> JSON:
    return {"properties": properties}


def test_a_single_backend_shows_no_type_and_leaves_unset_blocks_out() -> None:
    client = azure()
    got = client.put(ONE, body(**SINGLE, type="Single", description="D"))
    assert got.status == 201
    assert got.body["properties"] == {"title": None, "description": "D", **SINGLE}
    assert client.get(ONE).body == got.body


@pytest.mark.parametrize("missing", ["url", "protocol"])
def test_a_single_backend_needs_a_url_and_a_protocol(missing: str) -> None:
    properties = {name: value for name, value in SINGLE.items() if name != missing}
    assert azure().put(ONE, body(**properties)).status == 400


def test_a_pool_has_members_that_exist_are_no_pools_and_read_back_by_full_id() -> None:
    client = azure()
    client.put(ONE, body(**SINGLE))
    pool = f"{GATEWAY}/backends/pool"
    got = client.put(pool, body(type="Pool", pool={"services": [{"id": "/backends/ONE", "priority": 1}]}))
    assert got.body["properties"]["pool"] == {"services": [{"id": ONE, "priority": 1}]}
    assert got.body["properties"]["type"] == "Pool"
    assert not {"url", "protocol"} & set(got.body["properties"])
    for services in ([], [{"id": "/backends/none"}], [{"id": pool}], [{"id": ONE}] * 31):
        assert client.put(f"{GATEWAY}/backends/p2", body(type="Pool", pool={"services": services})).status == 400
    refused = client.put(f"{GATEWAY}/backends/p2", body(type="Pool", **SINGLE, pool={"services": [{"id": ONE}]}))
    assert refused.reasons == [
        "Url is not supported for backend pool.",
        "Protocol is not supported for backend pool.",
    ]


def test_a_backend_that_a_policy_or_a_pool_names_cannot_be_deleted() -> None:
    client = azure()
    client.put(ONE, body(**SINGLE))
    client.put(f"{GATEWAY}/backends/pool", body(type="Pool", pool={"services": [{"id": ONE}]}))
    assert "backend pool 'pool'" in client.delete(ONE).reasons[0]
    client.delete(f"{GATEWAY}/backends/pool")
    at = f"{GATEWAY}/apis/orders-api/policies/policy"
    client.put(at, policy("<set-backend-service backend-id='One' />"))
    assert at in client.delete(ONE, if_match="*").reasons[0]
    client.put(at, policy("<base />"))
    assert client.delete(ONE).status == 200
    assert client.delete(ONE).status == 204


def test_a_breaker_has_one_rule_and_its_durations_are_written_anew() -> None:
    rule = {"name": "r", "tripDuration": "PT60S", "failureCondition": {"count": 1, "interval": "PT90M"}}
    breaker = {"rules": [rule]}
    got = azure().put(ONE, body(**SINGLE, circuitBreaker=breaker)).body["properties"]["circuitBreaker"]["rules"][0]
    assert (got["tripDuration"], got["failureCondition"]["interval"]) == ("PT1M", "PT1H30M")
    as_sent = azure(durations="as-sent").put(ONE, body(**SINGLE, circuitBreaker=breaker)).body["properties"]
    assert as_sent["circuitBreaker"] == breaker
    assert azure().put(ONE, body(**SINGLE, circuitBreaker={"rules": [rule, rule]})).status == 400
    wrong = {"rules": [{**rule, "tripDuration": "1 minute"}]}
    assert azure().put(ONE, body(**SINGLE, circuitBreaker=wrong)).status == 400


def test_the_managed_identity_of_a_backend_is_kept_hidden_or_refused() -> None:
    credentials = {"managedIdentity": {"resource": "https://cognitiveservices.azure.com/"}}
    kept = azure().put(ONE, body(**SINGLE, credentials=credentials))
    assert kept.body["properties"]["credentials"] == credentials
    hidden = azure(backend_managed_identity="hidden").put(ONE, body(**SINGLE, credentials=credentials))
    assert hidden.body["properties"]["credentials"] == {}
    assert azure(backend_managed_identity="refused").put(ONE, body(**SINGLE, credentials=credentials)).status == 400


def test_a_patch_replaces_the_objects_it_names_or_merges_them() -> None:
    tls = {"validateCertificateChain": True, "validateCertificateName": False}
    for knob, expected in (
        ("shallow", {"validateCertificateName": True}),
        ("deep", {"validateCertificateChain": True, "validateCertificateName": True}),
    ):
        client = azure(patch_merge=knob)
        client.put(ONE, body(**SINGLE, tls=tls, description="D"))
        got = client.patch(ONE, body(tls={"validateCertificateName": True}), if_match="*").body["properties"]
        assert (got["tls"], got["description"]) == (expected, "D")
