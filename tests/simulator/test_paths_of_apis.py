"""Which paths and versions two APIs cannot share, also when their writes overlap."""

import pytest

from tests.simulator.asking import GATEWAY, JSON, Azure, Got, api, azure
from tests.simulator.documents import imported, operation

PATHS = {"/a": {"get": operation("a")}}
SET = f"{GATEWAY}/apiVersionSets/v"
ONE, TWO, THREE = (f"{GATEWAY}/apis/{name}" for name in ("one", "two", "three"))
FIRST = (
    "Cannot create API 'COPY' with the same Path 'orders' as API 'Orders'  unless it's a part of the same "
    "version set"
)


def with_set(client: Azure, id: str = SET) -> None:
    body = {"displayName": "V", "versioningScheme": "Segment"}
    assert client.put(id, {"properties": body}).status == 201


def importing(**properties: object) -> JSON:
    return imported(PATHS, path="same", properties=properties)


def ended(client: Azure, got: Got) -> JSON:
    """What the poll of a long-running write says in the end."""
    assert got.status == 201, got.text
    client.simulator.clock.advance(5)
    found: JSON = client.follow(got.headers["Azure-AsyncOperation"]).body
    return found


def test_of_imports_under_way_at_once_only_the_first_gets_the_path() -> None:
    client = azure(import_time=2)
    first, second = client.put(ONE, importing()), client.put(TWO, importing())
    assert ended(client, first) == {"status": "Succeeded"}
    failed = ended(client, second)
    assert (failed["status"], failed["error"]["details"][0]["target"]) == ("Failed", "path")
    assert client.follow(second.headers["Location"]).status == 400
    assert client.get(TWO).status == 404
    assert client.put(THREE, api("same")).status == 400


def test_an_import_fails_over_an_api_that_took_its_path_meanwhile() -> None:
    client = azure(import_time=2)
    got = client.put(ONE, importing())
    assert client.put(TWO, api("same")).status == 201
    assert ended(client, got)["status"] == "Failed"
    assert client.get(ONE).status == 404
    assert client.get(TWO).status == 200


def test_an_import_fails_when_its_version_set_goes_meanwhile() -> None:
    client = azure(import_time=2)
    with_set(client)
    got = client.put(ONE, importing(apiVersionSetId=SET, apiVersion="1"))
    assert client.delete(SET).status == 200
    assert ended(client, got)["error"]["message"] == "ApiVersionSet not found."
    assert client.get(ONE).status == 404


def test_a_copy_needs_a_path_of_its_own_too() -> None:
    client = azure()
    copy = {"sourceApiId": "/apis/orders-api", "displayName": "COPY"}
    got = client.put(ONE, {"properties": copy})
    assert (got.status, got.reasons) == (400, [FIRST])
    assert client.put(ONE, {"properties": {**copy, "path": "copy"}}).status == 201
    assert client.patch(ONE, {"properties": {"path": "orders"}}).status == 400
    assert client.put(f"{GATEWAY}/apis/orders-api;rev=2", {"properties": {"sourceApiId": ONE}}).status == 501
    revision = {"sourceApiId": "/apis/orders-api"}
    assert client.put(f"{GATEWAY}/apis/orders-api;rev=2", {"properties": revision}).status == 201


@pytest.mark.parametrize("version", [{"apiVersion": "1"}, {}])
def test_apis_of_one_version_set_and_one_path_are_different_versions(version: JSON) -> None:
    client = azure()
    with_set(client)
    body = api("same", apiVersionSetId=SET, **version)
    assert client.put(ONE, body).status == 201
    assert client.put(ONE, body).status == 200
    refused = client.put(TWO, body)
    assert (refused.status, refused.body["error"]["details"][0]["target"]) == (400, "apiVersion")
    assert client.put(TWO, api("same", apiVersionSetId=SET, apiVersion="2")).status == 201
    assert client.patch(TWO, {"properties": {"apiVersion": version.get("apiVersion", "")}}).status == 400
    assert client.put(THREE, api("other", apiVersionSetId=SET, **version)).status == 201


def test_an_api_that_shares_its_path_stays_in_the_version_set() -> None:
    client = azure()
    with_set(client)
    with_set(client, f"{GATEWAY}/apiVersionSets/w")
    for path, version in ((ONE, "1"), (TWO, "2")):
        client.put(path, api("same", apiVersionSetId=SET, apiVersion=version))
    assert client.patch(TWO, {"properties": {"apiVersionSetId": "/apiVersionSets/w"}}).status == 400
    assert client.put(TWO, api("same")).status == 400


def test_an_api_that_is_being_imported_cannot_be_deleted() -> None:
    client = azure(import_time=2, lock_lingers=1)
    client.put(ONE, importing())
    assert client.delete(ONE).message == "Operation on the API is in progress"
    client.simulator.clock.advance(2)
    assert client.delete(ONE).status == 409
    client.simulator.clock.advance(1)
    assert client.delete(ONE).status == 202
    assert client.delete(TWO).status == 204
