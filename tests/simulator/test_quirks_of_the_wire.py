"""How Azure answers where one would not guess it: numbers 1, 2, 3, 6 and 11 of the eleven quirks.

The numbers are those of the checklist that the simulator was built from; the run says which of them are held.
"""

import re

import pytest

from tests.simulator.asking import GATEWAY, Azure, api, azure, policy
from tests.simulator.documents import imported, operation

A = f"{GATEWAY}/apis/things"


def finish(client: Azure, seconds: float = 60) -> Azure:
    client.simulator.clock.advance(seconds)
    return client


@pytest.mark.quirk(1)
def test_an_import_answers_a_skeleton_and_two_headers_and_its_body_is_at_the_location() -> None:
    client = azure(import_time=5, lock_lingers=0)
    got = client.put(A, imported({"/x": {"get": operation("X")}}))
    assert got.status == 201
    assert got.body == {
        "id": A,
        "type": "Microsoft.ApiManagement/service/apis",
        "name": "things",
        "properties": {"ProvisioningState": "InProgress"},
    }
    assert "ETag" not in got.headers
    assert "Retry-After" not in got.headers
    status, location = got.headers["Azure-AsyncOperation"], got.headers["Location"]
    assert re.search(r"/tenant/operationResults/[0-9a-f]{24}\?api-version=2024-05-01$", status)
    assert re.search(r"/apis/things\?api-version=2024-05-01&asyncId=[0-9a-f]{24}&asyncCode=201$", location)
    assert client.follow(status).body == {"status": "InProgress"}
    finish(client)
    assert client.follow(status).body == {"status": "Succeeded"}
    assert client.follow(location).body["properties"]["displayName"] == "THINGS"
    again = client.put(A, imported({"/x": {"get": operation("X")}}))
    assert (again.status, again.headers["Location"][-3:]) == (200, "200")


@pytest.mark.quirk(1)
@pytest.mark.parametrize("when", ["at-once", "later"])
def test_a_document_that_is_rejected_is_a_400_or_an_operation_that_fails(when: str) -> None:
    client = azure(import_refusal=when)
    got = client.put(A, imported({"/x/{id}": {"get": operation("X")}}))
    if when == "later":
        assert got.status == 201
        failed = finish(client).follow(got.headers["Azure-AsyncOperation"]).body
        assert (failed["status"], failed["error"]["code"]) == ("Failed", "ValidationError")
    else:
        assert (got.status, got.code) == (400, "ValidationError")
    assert client.get(A).status == 404


@pytest.mark.quirk(2)
@pytest.mark.parametrize("code", ["PessimisticConcurrencyConflict", "Conflict"])
def test_an_api_is_locked_while_its_import_runs_and_shortly_after(code: str) -> None:
    client = azure(import_time=5, lock_lingers=3, lock_code=code)
    client.put(A, api("things"))
    client.put(A, imported({"/x": {"get": operation("X")}}))
    for seconds in (1, 5):  # during the import, and after it said Succeeded
        finish(client, seconds)
        refused = client.put(f"{A}/policies/policy", policy(""))
        assert (refused.status, refused.code) == (409, code)
        assert refused.message == "Operation on the API is in progress"
    finish(client, 3)
    assert client.put(f"{A}/policies/policy", policy("")).status == 201


@pytest.mark.quirk(3)
def test_a_racing_sibling_write_gets_412_without_any_if_match() -> None:
    client = azure(racing_conflicts=1)
    lost = client.put(f"{GATEWAY}/tags/a", {"properties": {"displayName": "a"}})
    assert (lost.status, lost.code) == (412, "PreconditionFailed")
    assert lost.message == "Resource was modified since last retrieval."
    assert client.put(f"{GATEWAY}/tags/a", {"properties": {"displayName": "a"}}).status == 201


@pytest.mark.quirk(3)
def test_a_burst_of_422_passes() -> None:
    client = azure()
    client.simulator.fail(match="PUT .*/tags/", answer=422, code="ManagementApiRequestFailed", times=3)
    answers = [client.put(f"{GATEWAY}/tags/a", {"properties": {"displayName": "a"}}) for _ in range(4)]
    assert [got.status for got in answers] == [422, 422, 422, 201]
    assert answers[0].code == "ManagementApiRequestFailed"


@pytest.mark.quirk(3)
def test_a_service_in_transition_refuses_writes_of_itself() -> None:
    client = azure(service_update_time=20)
    started = client.patch(GATEWAY, {"tags": {"a": "b"}})
    assert started.status in {200, 202}
    locked = client.patch(GATEWAY, {"tags": {"c": "d"}})
    assert (locked.status, locked.code) == (409, "ServiceLocked")
    assert locked.message == (
        "The API Service contoso-gateway is transitioning at this time. Please try the request again later."
    )
    assert locked.body["error"]["innerError"] is None
    assert "Retry-After" not in locked.headers
    finish(client, 21)
    assert client.patch(GATEWAY, {"tags": {"c": "d"}}).status in {200, 202}


@pytest.mark.quirk(6)
def test_if_match_and_equal_writes_do_not_behave_as_one_would_guess() -> None:
    client = azure()
    assert client.put(A, api("things"), if_match="*").status == 201
    first = client.put(f"{A}/policies/policy", policy("<base />"))
    again = client.put(f"{A}/policies/policy", policy("<base />"))
    assert (first.status, again.status) == (201, 200)
    assert first.headers["ETag"] == again.headers["ETag"]
    assert client.put(f"{A}/policies/policy", policy(""), if_match='"AAAAAAAAAAA="').status == 412
    assert client.delete(f"{A}/policies/policy").status == 200
    assert client.delete(f"{A}/policies/policy").status == 204
    link = f"{GATEWAY}/products/ai-platform/apis/things"
    assert client.put(link).status == 201
    refused = client.get(link)
    assert (refused.status, refused.headers["Allow"]) == (405, "HEAD,PUT,DELETE")
    assert refused.body == {"Message": "The requested resource does not support http method 'GET'."}
    assert client.ask("HEAD", link).status == 204


@pytest.mark.quirk(11)
def test_the_buckets_of_resource_manager_empty_and_fill() -> None:
    client = azure(throttle=True)
    answers = [client.get(GATEWAY) for _ in range(251)]
    assert [got.status for got in answers] == [200] * 250 + [429]
    refused = answers[-1]
    assert int(refused.headers["Retry-After"]) >= 1
    left = [int(got.headers["x-ms-ratelimit-remaining-subscription-global-reads"]) for got in answers[:250]]
    assert left == sorted(left, reverse=True)
    assert left[0] > left[-1]
    finish(client, 1)
    assert [client.get(GATEWAY).status for _ in range(26)] == [200] * 25 + [429]
    other = Azure(client.simulator, headers={"Authorization": "Bearer e30.eyJvaWQiOiAiMSJ9."})
    assert other.get(GATEWAY).status == 200  # another principal has a bucket of its own
    writes = [client.put(f"{GATEWAY}/tags/t{n}", {"properties": {"displayName": f"t{n}"}}) for n in range(201)]
    assert [got.status for got in writes] == [201] * 200 + [429]
