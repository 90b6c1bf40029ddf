"""Resource Manager's token buckets and Authorization's own limit (arm-wire 11.2, platform 3.1)."""

import base64
import json

from tests.simulator.asking import EAST, GATEWAY, Azure, S, api, azure

OTHER = "/subscriptions/00000000-0000-0000-0000-000000000002"
ROLES = f"{EAST}/providers/Microsoft.Authorization/roleAssignments"
READS = "x-ms-ratelimit-remaining-subscription-global-reads"
WRITES = "x-ms-ratelimit-remaining-subscription-global-writes"
DELETES = "x-ms-ratelimit-remaining-subscription-global-deletes"


def read(client: Azure, times: int, path: str = GATEWAY) -> list[int]:
    return [client.get(path).status for _ in range(times)]


def as_somebody_else(client: Azure, oid: str) -> Azure:
    claims = base64.urlsafe_b64encode(json.dumps({"appid": "a", "oid": oid}).encode()).decode().rstrip("=")
    return Azure(client.simulator, headers={"Authorization": f"Bearer e30.{claims}.x"})


def test_a_caller_has_250_reads_and_25_more_each_second() -> None:
    client = azure(throttle=True)
    assert read(client, 251) == [200] * 250 + [429]
    refused = client.get(GATEWAY)
    assert (refused.code, refused.headers["Retry-After"]) == ("SubscriptionRequestsThrottled", "1")
    assert refused.message.startswith(f"Number of 'read' requests for subscription '{S.split('/')[2]}' actor '")
    client.simulator.clock.advance(1)
    assert read(client, 26) == [200] * 25 + [429]
    client.simulator.clock.advance(3600)
    assert read(client, 251) == [200] * 250 + [429]


def test_a_caller_has_200_writes_and_10_more_each_second() -> None:
    client = azure(throttle=True)
    backend = {"properties": {"url": "https://x.example", "protocol": "http"}}
    found = [client.put(f"{GATEWAY}/backends/x", backend).status for _ in range(201)]
    assert found == [201] + [200] * 199 + [429]
    client.simulator.clock.advance(0.5)
    assert [client.put(f"{GATEWAY}/backends/x", backend).status for _ in range(6)] == [200] * 5 + [429]


def test_deletions_have_a_bucket_of_their_own() -> None:
    client = azure(throttle=True)
    found = [client.delete(f"{GATEWAY}/backends/none").status for _ in range(201)]
    assert found == [204] * 200 + [429]
    assert client.get(GATEWAY).status == 200
    assert client.put(f"{GATEWAY}/apis/x", api("x")).status == 201


def test_callers_and_subscriptions_do_not_share_a_bucket() -> None:
    client = azure(throttle=True)
    client.simulator.cloud.subscriptions[OTHER.split("/")[2]] = "Other"
    assert read(client, 251)[-1] == 429
    assert as_somebody_else(client, "oid-2").get(GATEWAY).status == 200
    assert read(client, 1, f"{OTHER}/providers/Microsoft.CognitiveServices/accounts") == [200]
    assert read(client, 1) == [429]


def test_authorization_counts_120_requests_a_minute_for_itself() -> None:
    client = azure(throttle=True)
    assert read(client, 60, ROLES) == [200] * 60
    client.simulator.clock.advance(20)
    assert read(client, 61, ROLES) == [200] * 60 + [429]
    refused = client.get(ROLES)
    assert (refused.code, refused.headers["Retry-After"]) == ("ResourceRequestsThrottled", "40")
    assert refused.message == (
        "Number of requests for Microsoft.Authorization exceeded the limit of '120' for time interval '00:01:00'. "
        "Please try again after '40' seconds."
    )
    assert client.get(GATEWAY).status == 200
    client.simulator.clock.advance(40)
    assert read(client, 61, ROLES) == [200] * 60 + [429]


def test_the_headers_count_down_and_recover_even_when_nobody_is_refused() -> None:
    client = azure()
    assert [client.get(GATEWAY).headers[READS] for _ in range(3)] == ["16499", "16498", "16497"]
    assert client.put(f"{GATEWAY}/apis/x", api("x")).headers[WRITES] == "11999"
    assert client.put(f"{GATEWAY}/apis/x", api("x")).headers[WRITES] == "11998"
    assert client.delete(f"{GATEWAY}/backends/none").headers[DELETES] == "11999"
    client.simulator.clock.advance(60)
    assert client.get(GATEWAY).headers[READS] == "16499"
    assert set(read(client, 400)) == {200}
