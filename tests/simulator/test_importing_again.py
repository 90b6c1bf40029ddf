import re

import pytest

from tests.simulator.asking import GATEWAY, JSON, Azure, policy
from tests.simulator.documents import PATH_ID, THINGS, imported, importing, operation, operations


def comment(client: Azure, name: str) -> str:
    """The comment in an operation's policy, or the status of the answer."""
    got = client.get(f"{THINGS}/operations/{name}/policies/policy")
    return re.findall("<!-- (.*?) -->", got.text)[0] if got.status == 200 else str(got.status)


def with_policies(client: Azure, *names: str) -> None:
    for name in names:
        got = client.put(f"{THINGS}/operations/{name}/policies/policy", policy(f"<!-- {name} --><base />"))
        assert got.status == 201, got.text


@pytest.mark.parametrize("names", ["documented", "preserved"])
def test_importing_again_keeps_what_matches_deletes_the_rest_and_names_new_ones_by_path(names: str) -> None:
    client = importing(operation_names=names)
    first = {
        "/keep": {"get": operation("Keep")},
        "/gone": {"get": operation("Gone")},
        "/twin": {"get": operation("Old_Name")},
    }
    client.put(THINGS, imported(first))
    twin = "old-name" if names == "documented" else "Old_Name"
    with_policies(client, "keep", "gone", twin)
    client.put(f"{THINGS}/policies/policy", policy("<base />"))
    client.put(f"{GATEWAY}/products/starter/apis/things")
    client.put(f"{GATEWAY}/tags/mine", {"properties": {"displayName": "Mine"}})
    client.put(f"{THINGS}/tags/mine")
    kept = client.get(f"{THINGS}/operations/keep").headers["ETag"]

    second = {
        "/kept/now/here": {"get": operation("KEEP", summary="Kept")},
        "/twin": {"get": operation("New_Name")},
        "/new": {"get": operation("New")},
    }
    assert client.put(THINGS, imported(second)).status == 200
    found = operations(client)
    assert sorted(name.lower() for name in found) == ["get-new", "get-twin", "keep"]
    assert client.get(f"{THINGS}/operations/keep").body["properties"]["urlTemplate"] == "/kept/now/here"
    assert client.get(f"{THINGS}/operations/keep").headers["ETag"] != kept
    assert [comment(client, name) for name in ("keep", "get-twin", "get-new", "gone")] == [
        "keep",
        twin,
        "404",
        "404",
    ]
    assert client.get(f"{THINGS}/policies/policy").status == 200
    assert client.ask("HEAD", f"{GATEWAY}/products/starter/apis/things").status == 204
    assert [each["name"] for each in client.get(f"{THINGS}/tags").body["value"]] == ["mine"]


def test_operations_without_ids_match_by_method_and_path() -> None:
    client = importing()
    paths: JSON = {"/a/{id}": {"parameters": [PATH_ID], "get": operation(), "put": operation()}}
    client.put(THINGS, imported(paths))
    with_policies(client, "get-a-id", "put-a-id")
    del paths["/a/{id}"]["put"]
    paths["/a/{id}"]["get"]["summary"] = "Changed"
    client.put(THINGS, imported(paths))
    assert {name: each["displayName"] for name, each in operations(client).items()} == {"get-a-id": "Changed"}
    assert [comment(client, name) for name in ("get-a-id", "put-a-id")] == ["get-a-id", "404"]


def test_an_operation_made_by_hand_goes_too_unless_the_document_names_it() -> None:
    client = importing()
    client.put(THINGS, imported({"/a": {"get": operation("a")}}))
    for name in ("mine", "yours"):
        by_hand = {"properties": {"displayName": name, "method": "GET", "urlTemplate": f"/{name}"}}
        client.put(f"{THINGS}/operations/{name}", by_hand)
    client.put(THINGS, imported({"/a": {"get": operation("a")}, "/mine/now": {"post": operation("Mine")}}))
    assert {name: each["urlTemplate"] for name, each in operations(client).items()} == {
        "a": "/a",
        "mine": "/mine/now",
    }


def test_a_new_name_that_is_taken_gets_a_number() -> None:
    client = importing()
    client.put(THINGS, imported({"/x": {"get": operation("get-y")}}))
    client.put(THINGS, imported({"/x": {"get": operation("get-y")}, "/y": {"get": operation("other")}}))
    assert {name: each["urlTemplate"] for name, each in operations(client).items()} == {
        "get-y": "/x",
        "get-y-1": "/y",
    }


def test_an_import_without_operations_leaves_none() -> None:
    client = importing()
    client.put(THINGS, imported({"/a": {"get": operation("a")}}, components={"schemas": {"T": {}}}))
    client.put(THINGS, imported({}))
    assert operations(client) == {}
    assert client.get(f"{THINGS}/schemas").body["value"] == []
