import base64

import pytest

from tests.simulator.asking import GATEWAY, JSON, Azure, azure, policy

ONE = f"{GATEWAY}/policyFragments/one"


def body(inside: str = "<set-variable name='a' value='b' />", **properties: str) -> JSON:
    return {"properties": {"description": "D", "value": f"<fragment>{inside}</fragment>", **properties}}


def made(client: Azure) -> Azure:
    assert client.put(ONE, body()).status == 201
    client.simulator.clock.advance(60)
    return client


def row(etag: str) -> int:
    """The row version in a fragment's ETag, whose bytes are the other way round."""
    return int.from_bytes(base64.b64decode(etag.strip('"')), "little")


def test_a_fragment_comes_to_be_slowly_and_its_id_reads_back_in_lower_case() -> None:
    client = azure()
    got = client.put(ONE, body())
    assert (got.status, got.body["id"]) == (201, ONE)
    assert got.body["properties"] == {"ProvisioningState": "InProgress"}
    assert client.get(ONE).message == "PolicyFragment not found."
    client.simulator.clock.advance(60)
    shown = client.get(ONE)
    assert shown.body["id"] == f"{GATEWAY}/policyfragments/one"
    assert shown.body["type"] == "Microsoft.ApiManagement/service/policyFragments"
    assert shown.body["properties"] == {
        "description": "D",
        "value": '<fragment>\r\n\t<set-variable name="a" value="b" />\r\n</fragment>',
        "provisioningState": "Succeeded",
    }
    assert client.get(f"{GATEWAY}/policyfragments/ONE").status == 200


def test_the_format_is_only_shown_when_rawxml_is_asked_for() -> None:
    client = made(azure())
    assert client.get(ONE, query={"format": "rawxml"}).body["properties"]["format"] == "rawxml"
    assert "format" not in client.get(ONE, query={"format": "xml"}).body["properties"]


def test_the_etag_has_its_bytes_the_other_way_round() -> None:
    client = made(azure())
    first = client.get(ONE).headers["ETag"]
    client.put(ONE, body("<set-variable name='a' value='c' />"))
    client.simulator.clock.advance(60)
    second = client.get(ONE).headers["ETag"]
    assert 0 < row(first) < row(second) < 2**40
    assert client.delete(ONE, if_match=first).status == 412
    assert client.delete(ONE, if_match=second).status == 200


def test_a_fragment_that_is_no_fragment_is_refused_at_once() -> None:
    client = azure()
    assert client.put(ONE, {"properties": {"value": "<policies />"}}).status == 400
    assert client.put(ONE, {"properties": {"value": "<fragment>"}}).status == 400
    assert client.put(ONE, body(format="xml-link")).status == 400
    assert client.put(f"{GATEWAY}/policyFragments/-bad", body()).status == 400
    assert client.patch(ONE, body()).status == 405


def test_an_included_fragment_says_by_whom_and_cannot_be_deleted() -> None:
    client = made(azure())
    assert client.ask("POST", f"{ONE}/listReferences").body == {"value": [], "count": 0}
    at = f"{GATEWAY}/products/starter/policies/policy"
    assert client.put(at, policy("<include-fragment fragment-id='ONE' />")).status == 201
    listed = client.ask("POST", f"{ONE}/listReferences").body
    assert listed["value"] == [
        {"id": at, "type": "Microsoft.ApiManagement/service/products/policies", "name": "policy"}
    ]
    refused = client.delete(ONE, if_match="*")
    assert (refused.code, refused.message) == (
        "ValidationError",
        "The Policy Fragment 'one' is used by the following entities:\r\n/products/starter/policies/policy\r\n",
    )
    assert client.delete(at).status == 200
    assert client.delete(ONE).status == 200


DANGLING = "<set-backend-service backend-id='none' />"
MISSING = "Error in element 'set-backend-service' on line 1, column 12: Backend with id 'none' could not be found."


@pytest.mark.parametrize("import_refusal", ["at-once", "later"])
def test_a_fragment_that_names_a_missing_backend_is_refused_at_once(import_refusal: str) -> None:
    client = azure(import_refusal=import_refusal)
    got = client.put(ONE, body(DANGLING))
    assert (got.status, got.code, got.reasons) == (400, "ValidationError", [MISSING])


def test_or_it_is_taken_and_its_operation_fails() -> None:
    client = azure(fragment_refusal="later")
    got = client.put(ONE, body(DANGLING))
    assert got.status == 201
    client.simulator.clock.advance(60)
    status = client.follow(got.headers["Azure-AsyncOperation"]).body
    assert (status["status"], status["error"]["code"]) == ("Failed", "ValidationError")
    poll = client.follow(got.headers["Location"])
    assert (poll.status, poll.reasons) == (400, [MISSING])
    assert client.get(ONE).status == 404
    assert client.put(ONE, {"properties": {"value": "<policies />"}}).status == 400
    with pytest.raises(ValueError, match="Backend with id 'none' could not be found"):
        client.simulator.put(ONE, body(DANGLING))


def test_what_a_fragment_names_must_still_be_there_when_it_comes_to_be() -> None:
    client = azure()
    named = f"{GATEWAY}/backends/short-lived"
    client.put(named, {"properties": {"url": "https://x.example", "protocol": "http"}})
    got = client.put(ONE, body("<set-backend-service backend-id='short-lived' />"))
    assert got.status == 201
    client.delete(named)
    client.simulator.clock.advance(60)
    assert client.follow(got.headers["Azure-AsyncOperation"]).body["status"] == "Failed"
    assert client.get(ONE).status == 404
