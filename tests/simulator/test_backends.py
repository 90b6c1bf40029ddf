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
    elsewhere = [{"id": ONE.replace("contoso-gateway", "contoso-other")}]
    for services in ([], [{"id": "/backends/none"}], [{"id": pool}], [{"id": ONE}] * 31, elsewhere):
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
    at = f"{GATEWAY}/apis/orders-api/policies/policy"
    client.put(at, policy("<set-backend-service backend-id='One' />"))
    refused = client.delete(ONE, if_match="*")
    assert (refused.code, refused.message) == (
        "ValidationError",
        "The Backend 'one' is used by the following entities:\r\n"
        "/apis/orders-api/policies/policy\r\n/backends/pool\r\n",
    )
    client.put(at, policy("<base />"))
    assert client.delete(ONE).status == 400
    assert client.put(ONE, body(type="Pool", pool={"services": [{"id": "/backends/legacy-openai"}]})).status == 400
    assert client.delete(f"{GATEWAY}/backends/pool").status == 200
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
    for duration in ("1 minute", "PT٣S", "P1DT", "PT1M\n"):
        wrong = {"rules": [{**rule, "tripDuration": duration}]}
        assert azure().put(ONE, body(**SINGLE, circuitBreaker=wrong)).status == 400
    for name in ("tripDuration", "failureCondition"):
        less = {each: value for each, value in rule.items() if each != name}
        assert azure().put(ONE, body(**SINGLE, circuitBreaker={"rules": [less]})).reasons == [
            f"A circuit breaker rule needs a {name}."
        ]


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


def test_credentials_read_back_as_sent_or_with_what_was_not_sent() -> None:
    credentials = {"header": {"api-key": ["x"]}, "authorization": {"scheme": "Basic", "parameter": "x"}}
    got = azure().put(ONE, body(**SINGLE, credentials=credentials)).body["properties"]["credentials"]
    assert got == credentials
    shown = azure(backend_empty_credentials="shown").put(ONE, body(**SINGLE, credentials=credentials))
    assert shown.body["properties"]["credentials"] == {"query": {}, **credentials}


def test_further_blocks_read_back_as_sent() -> None:
    blocks: JSON = {
        "resourceId": "https://management.azure.com/subscriptions/x",
        "proxy": {"url": "https://proxy.example", "username": "bob", "password": "p"},
        "properties": {"serviceFabricCluster": {"managementEndpoints": ["https://fabric.example"]}},
    }
    got = azure().put(ONE, body(**SINGLE, **blocks)).body["properties"]
    assert {name: got[name] for name in blocks} == blocks
    assert azure().put(ONE, body(**SINGLE, proxy={"username": "bob"})).status == 400
    assert azure().put(ONE, body(**SINGLE, properties={"serviceFabricCluster": {}})).status == 400


def test_credentials_name_only_what_is_there() -> None:
    client = azure()
    refused = client.put(ONE, body(**SINGLE, credentials={"certificateIds": ["mine"]}))
    assert refused.body["error"]["details"] == [
        {"code": "ValidationError", "target": "credentials", "message": "Certificate with id 'mine' not found."}
    ]
    for where in (
        {"credentials": {"query": {"k": ["{{none}}"]}}},
        {"proxy": {"url": "https://p", "password": "{{none}}"}},
    ):
        assert client.put(ONE, body(**SINGLE, **where)).reasons == ["none"]


def test_a_breaker_counts_status_codes_in_order() -> None:
    codes = [{"min": 500, "max": 429}]
    rule = {"name": "r", "tripDuration": "PT1M", "failureCondition": {"count": 1, "statusCodeRanges": codes}}
    client = azure()
    assert client.put(ONE, body(**SINGLE, circuitBreaker={"rules": [rule]})).status == 400
    codes[0]["max"] = 599
    assert client.put(ONE, body(**SINGLE, circuitBreaker={"rules": [rule]})).status == 201
    codes[0]["min"] = 199
    assert client.put(ONE, body(**SINGLE, circuitBreaker={"rules": [rule]})).status == 400


def test_a_backend_can_be_reconnected() -> None:
    client = azure()
    client.put(ONE, body(**SINGLE))
    for sent in (None, {"properties": {"after": "PT3S"}}):
        got = client.ask("POST", f"{ONE}/reconnect", sent)
        assert (got.status, got.text) == (202, "")
    assert client.ask("POST", f"{ONE}/reconnect", {"properties": {"after": "soon"}}).status == 400
    assert client.ask("POST", f"{ONE}/reconnect", {"properties": {"when": "PT3S"}}).status == 400
    assert client.ask("POST", f"{GATEWAY}/backends/none/reconnect").message == "Backend not found."
    assert client.ask("POST", f"{ONE}/disconnect").status == 405


def test_a_list_of_backends_can_be_filtered_by_name_title_and_url() -> None:
    client = azure()
    client.put(ONE, body(**SINGLE, title="First"))
    listed = client.get(f"{GATEWAY}/backends", query={"$filter": "title eq 'First'"}).body
    assert [each["name"] for each in listed["value"]] == ["one"]
    assert client.get(f"{GATEWAY}/backends", query={"$filter": "protocol eq 'http'"}).status == 400
