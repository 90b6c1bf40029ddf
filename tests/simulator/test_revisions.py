from typing import Any

import pytest

from tests.simulator.asking import GATEWAY, JSON, Azure, Got, api, azure, policy
from tests.simulator.documents import imported, operation

ORDERS = f"{GATEWAY}/apis/orders-api"
SECOND = f"{ORDERS};rev=2"
PATHS = {"/a": {"get": operation("a")}}


def second(client: Azure, **more: Any) -> Got:
    """Makes a second revision of the API."""
    return client.put(SECOND, {"properties": {"sourceApiId": "/apis/orders-api", "path": "orders", **more}})


def properties(client: Azure, path: str) -> JSON:
    found: JSON = client.get(path).body["properties"]
    return found


def test_a_revision_is_a_copy_under_its_own_name_and_not_current() -> None:
    client = azure()
    got = second(client, apiRevisionDescription="the second", serviceUrl="https://two.example")
    assert (got.status, got.body["name"]) == (201, "orders-api;rev=2")
    made = got.body["properties"]
    assert "isCurrent" not in made
    assert list(made)[-1] == "apiRevisionDescription"
    assert (made["apiRevision"], made["displayName"], made["serviceUrl"]) == ("2", "Orders", "https://two.example")
    assert client.get(f"{ORDERS}%3Brev%3D2").body["id"].endswith("/apis/orders-api;rev=2")
    assert properties(client, ORDERS)["serviceUrl"] == "https://orders.contoso.example/v1"


def test_a_revision_brings_operations_policies_schemas_and_tags_of_its_source_and_goes_its_own_way() -> None:
    client = azure(import_time=0, lock_lingers=0)
    things = f"{GATEWAY}/apis/things"
    thing = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/T"}}}}}
    paths = {"/a": {"get": operation("a", responses=thing, tags=["Blue"])}}
    client.put(things, imported(paths, components={"schemas": {"T": {"type": "object"}}}))
    client.put(f"{things}/operations/a/policies/policy", policy("<base />"))
    client.put(f"{things};rev=2", {"properties": {"sourceApiId": things, "path": "things"}})
    mine = f"{things};rev=2/operations/a"
    assert client.get(mine).body["id"] == mine
    assert client.get(f"{mine}/policies/policy").status == 200
    assert client.get(f"{mine}/tags").body["count"] == 1
    schemas = [client.get(f"{each}/schemas").body["value"][0]["name"] for each in (things, f"{things};rev=2")]
    assert schemas[0] == schemas[1]

    client.delete(mine)
    assert client.get(f"{things}/operations/a").status == 200
    assert client.get(mine).message == "Operation not found."


def test_the_current_revision_answers_to_its_number_too() -> None:
    client = azure()
    for path in (f"{ORDERS};rev=1", f"{ORDERS};REV=1"):
        assert client.get(path).body["name"] == "orders-api"
    assert client.get(f"{ORDERS};rev=1/operations/get-order").body["id"] == f"{ORDERS}/operations/get-order"
    assert client.patch(f"{ORDERS};rev=1", {"properties": {"description": "new"}}).body["name"] == "orders-api"
    assert properties(client, ORDERS)["description"] == "new"
    assert client.get(f"{ORDERS};rev=9").message == "Api not found."


def test_what_all_revisions_share_follows_the_current_one_and_nothing_else_does() -> None:
    client = azure()
    etag = second(client).headers["ETag"]
    client.patch(ORDERS, {"properties": {"serviceUrl": "https://one.example"}})
    assert client.get(SECOND).headers["ETag"] == etag
    client.patch(
        ORDERS, {"properties": {"path": "bestellungen", "displayName": "B", "protocols": ["https", "http"]}}
    )
    followed = client.get(SECOND)
    assert followed.headers["ETag"] != etag
    shown = followed.body["properties"]
    assert (shown["path"], shown["displayName"], shown["protocols"]) == ("bestellungen", "B", ["http", "https"])
    assert shown["serviceUrl"] == "https://orders.contoso.example/v1"


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("displayName", "Other", "Name"),
        ("description", "Other", "Description"),
        ("path", "other", "Path"),
        ("protocols", ["http"], "Protocols"),
        ("apiVersion", "v9", "ApiVersion"),
    ],
)
def test_only_the_current_revision_changes_what_all_share(field: str, value: object, name: str) -> None:
    client = azure()
    assert second(client, **{field: value}).status == 400
    assert client.get(SECOND).status == 404
    second(client)
    refused = client.patch(SECOND, {"properties": {field: value}})
    assert refused.status == 400
    assert refused.body == {
        "error": {
            "code": "ValidationError",
            "message": f"Can't change property {name} for non-current revision ",
            "details": None,
        }
    }


def test_what_a_revision_repeats_of_the_others_it_may_say() -> None:
    client = azure()
    second(client)
    same = {"displayName": "Orders", "path": "/orders", "protocols": ["https"], "serviceUrl": "https://two.example"}
    got = client.put(SECOND, {"properties": same})
    assert (got.status, got.body["properties"]["serviceUrl"]) == (200, "https://two.example")


def test_an_import_into_a_revision_leaves_what_all_share_as_it_is() -> None:
    client = azure(import_time=1, lock_lingers=0)
    second(client)
    shared = ("displayName", "description", "path", "protocols")
    before = {name: properties(client, ORDERS)[name] for name in shared}
    body = imported(PATHS, path="orders", info={"description": "Another."}, servers=[{"url": "https://s.example"}])
    body["properties"].pop("displayName")
    got = client.put(SECOND, body)
    assert client.put(ORDERS, api("orders", displayName="Orders")).status == 409
    client.simulator.clock.advance(1)
    assert client.follow(got.headers["Azure-AsyncOperation"]).body == {"status": "Succeeded"}
    after = properties(client, SECOND)
    assert ({name: after[name] for name in shared}, after["serviceUrl"]) == (before, "https://s.example")
    assert [each["name"] for each in client.get(f"{SECOND}/operations").body["value"]] == ["get-a"]
    assert client.get(f"{ORDERS}/operations").body["count"] == 3


def test_an_import_into_a_revision_fails_over_another_name() -> None:
    client = azure(import_time=1, lock_lingers=0)
    second(client)
    got = client.put(SECOND, imported(PATHS, path="orders"))
    client.simulator.clock.advance(1)
    failed = client.follow(got.headers["Azure-AsyncOperation"]).body
    assert failed["error"]["message"] == "Can't change property Name for non-current revision "
    assert client.follow(got.headers["Location"]).status == 400


def test_an_import_into_a_revision_fails_when_its_api_goes_meanwhile() -> None:
    client = azure(import_time=1, lock_lingers=0)
    second(client)
    got = client.put(
        SECOND, {"properties": {**imported(PATHS, path="orders")["properties"], "displayName": "Orders"}}
    )
    client.simulator.delete(ORDERS)
    client.simulator.clock.advance(1)
    failed = client.follow(got.headers["Azure-AsyncOperation"]).body
    assert failed["error"]["message"] == "Api not found."


@pytest.mark.parametrize(("knob", "status"), [("refused", 400), ("ignored", 201)])
def test_a_revision_cannot_call_itself_current(knob: str, status: int) -> None:
    client = azure(revision_made_current=knob)
    got = second(client, isCurrent=True)
    assert got.status == status
    assert knob == "ignored" or got.reasons == ["Can't set new revision as current."]
    assert properties(client, ORDERS)["isCurrent"] is True
    assert knob == "refused" or "isCurrent" not in properties(client, SECOND)


def test_a_new_api_can_be_named_by_its_first_revision() -> None:
    client = azure()
    got = client.put(f"{GATEWAY}/apis/fresh;rev=18", api("fresh", apiRevision="7"))
    assert (got.status, got.body["name"]) == (201, "fresh")
    assert (got.body["properties"]["apiRevision"], got.body["properties"]["isCurrent"]) == ("18", True)
    assert client.put(f"{GATEWAY}/apis/fresh;rev=18", api("fresh")).status == 200
    assert client.put(f"{GATEWAY}/apis/fresh", api("fresh", apiRevision="7")).status == 200
    assert properties(client, f"{GATEWAY}/apis/fresh")["apiRevision"] == "18"


def test_a_copy_under_another_name_is_an_api_of_its_own() -> None:
    client = azure()
    body = {"sourceApiId": ORDERS, "displayName": "Copy", "path": "copy", "protocols": ["http"]}
    got = client.put(f"{GATEWAY}/apis/copy", {"properties": body})
    assert got.status == 201
    made = got.body["properties"]
    assert (made["serviceUrl"], made["apiRevision"], made["isCurrent"]) == (
        "https://orders.contoso.example/v1",
        "1",
        True,
    )
    assert client.get(f"{GATEWAY}/apis/copy/operations").body["count"] == 3
    assert client.get(f"{GATEWAY}/apis/copy/products").body["value"] == []
    assert client.put(f"{GATEWAY}/apis/two", {"properties": {**body, "path": "orders"}}).status == 400
    missing = client.put(f"{GATEWAY}/apis/two", {"properties": {**body, "sourceApiId": "/apis/none", "path": "x"}})
    assert (missing.status, missing.message) == (404, "Api not found.")


def test_copies_that_nobody_described_are_not_modelled() -> None:
    client = azure()
    for path, body in (
        (ORDERS, {"sourceApiId": "/apis/legacy-openai-api", "path": "orders"}),
        (f"{ORDERS};rev=3", {"sourceApiId": "/apis/legacy-openai-api", "path": "orders"}),
        (f"{GATEWAY}/apis/x", {"sourceApiId": ORDERS, "path": "x", "format": "openapi", "value": "{}"}),
    ):
        assert client.put(path, {"properties": body}).status == 501
    assert second(client).status == 201
    assert client.delete(SECOND, query={"deleteRevisions": "true"}).status == 501


@pytest.mark.parametrize("path", [ORDERS, f"{ORDERS};rev=1"])
def test_the_current_revision_is_not_deleted_alone(path: str) -> None:
    client = azure(api_delete_time=1)
    second(client)
    at_once = client.delete(path, version="2022-08-01")
    assert (at_once.status, at_once.message) == (400, "Cannot delete the current revision of an API.")
    later = client.delete(path)
    assert later.status == 202
    client.simulator.clock.advance(1)
    poll = client.follow(later.headers["Azure-AsyncOperation"]).body
    assert (poll["status"], poll["error"]["message"]) == ("Failed", "Cannot delete the current revision of an API.")
    assert client.get(ORDERS).status == 200


def test_another_revision_is_deleted_alone_and_leaves_the_products_as_they_were() -> None:
    client = azure(api_delete_time=0)
    second(client)
    assert client.delete(SECOND).status == 202
    assert [id for id in client.simulator.resources() if "orders-api;rev=2" in id] == []
    assert client.ask("HEAD", f"{GATEWAY}/products/starter/apis/orders-api").status == 204
    assert client.delete(ORDERS).status == 202
    assert client.get(ORDERS).status == 404


@pytest.mark.parametrize("version", ["2022-08-01", "2024-05-01"])
def test_all_revisions_go_together_when_asked(version: str) -> None:
    client = azure(api_delete_time=0)
    second(client)
    client.delete(ORDERS, version=version, query={"deleteRevisions": "true"})
    assert [id for id in client.simulator.resources() if "orders-api" in id] == []
    told = [event["subject"] for event in client.simulator.events if event["eventType"].endswith("APIDeleted")]
    assert sorted(told) == ["/apis/orders-api;Rev=1", "/apis/orders-api;Rev=2"]


def test_an_operation_on_one_revision_locks_the_others() -> None:
    client = azure(import_time=2, lock_lingers=0)
    second(client)
    client.put(ORDERS, imported(PATHS, path="orders"))
    assert client.put(f"{SECOND}/policies/policy", policy("<base />")).code == "PessimisticConcurrencyConflict"
    client.simulator.clock.advance(2)
    assert client.put(f"{SECOND}/policies/policy", policy("<base />")).status == 200


def test_lists_show_the_current_revision_before_the_others() -> None:
    client = azure()
    second(client)
    names = [each["name"] for each in client.get(f"{GATEWAY}/apis").body["value"]]
    assert names == ["legacy-openai-api", "orders-api", "orders-api;rev=2"]


def test_a_world_that_was_looked_at_has_the_same_revisions_again() -> None:
    client = azure()
    second(client)
    client.put(f"{ORDERS}/releases/r", {"properties": {"apiId": "/apis/orders-api;rev=2"}})
    seen = {id: each for id, each in client.simulator.resources().items() if "orders-api" in id}
    again = azure(api_delete_time=0)
    again.delete(ORDERS, query={"deleteRevisions": "true"})
    for id in sorted(seen, key=lambda each: (each.count("/"), each)):
        again.simulator.put(id, seen[id])
    back = again.simulator.resources()
    assert {id: each["properties"].get("apiRevision") for id, each in seen.items()} == {
        id: back[id]["properties"].get("apiRevision") for id in seen
    }
    with pytest.raises(ValueError, match="no API 'none'"):
        again.simulator.put(f"{GATEWAY}/apis/none;rev=2", api("none"))
