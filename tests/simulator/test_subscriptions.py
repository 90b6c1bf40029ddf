import re
from typing import Any

import pytest

from tests.simulator.asking import GATEWAY, JSON, Azure, azure

ONE = f"{GATEWAY}/subscriptions/one"
STARTER = f"{GATEWAY}/products/starter"  # takes one subscription of each user


def body(**properties: Any) -> JSON:
    return {"properties": {"displayName": "One", "scope": "/apis"} | properties}


def names(client: Azure, at: str = f"{GATEWAY}/subscriptions") -> set[str]:
    return {each["name"] for each in client.get(at).body["value"]}


def test_the_keys_are_shown_by_the_put_and_by_list_secrets_only() -> None:
    client = azure()
    got = client.put(ONE, body())
    assert got.status == 201
    keys = {name: got.body["properties"].pop(name) for name in ("primaryKey", "secondaryKey")}
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys.values())
    shown = client.get(ONE)
    assert shown.body == got.body
    assert shown.body["properties"] == {
        "scope": f"{GATEWAY}/apis",
        "displayName": "One",
        "state": "active",
        "createdDate": "2026-01-01T00:00:00.0000000Z",
        "startDate": None,
        "expirationDate": None,
        "endDate": None,
        "notificationDate": None,
        "stateComment": None,
        "allowTracing": False,
    }
    secrets = client.ask("POST", f"{ONE}/listSecrets")
    assert (secrets.status, secrets.body, secrets.headers["ETag"]) == (200, keys, shown.headers["ETag"])
    listed = client.get(f"{GATEWAY}/subscriptions").text
    assert not any(key in listed for key in keys.values())


def test_the_same_put_keeps_keys_and_etag() -> None:
    client = azure()
    first = client.put(ONE, body())
    again = client.put(ONE, body())
    assert (again.status, again.body, again.headers["ETag"]) == (200, first.body, first.headers["ETag"])


def test_a_key_can_be_given_and_made_anew_but_not_twice() -> None:
    client = azure()
    client.put(ONE, body(primaryKey="a" * 32))
    assert client.put(f"{GATEWAY}/subscriptions/two", body(secondaryKey="a" * 32)).status == 400
    before = client.ask("POST", f"{ONE}/listSecrets")
    done = client.ask("POST", f"{ONE}/regeneratePrimaryKey")
    assert (done.status, done.text) == (204, "")
    after = client.ask("POST", f"{ONE}/listSecrets")
    assert after.body["primaryKey"] not in {"a" * 32, before.body["primaryKey"]}
    assert after.body["secondaryKey"] == before.body["secondaryKey"]
    assert after.headers["ETag"] != before.headers["ETag"]
    client.ask("POST", f"{ONE}/regenerateSecondaryKey")
    assert client.ask("POST", f"{ONE}/listSecrets").body["secondaryKey"] != before.body["secondaryKey"]


@pytest.mark.parametrize(
    ("scope", "read_back"),
    [
        ("/apis", "/apis"),
        ("/apis/Orders-API", "/apis/orders-api"),
        ("/products/starter", "/products/starter"),
        (f"{GATEWAY}/products/STARTER", "/products/starter"),
    ],
)
def test_a_scope_reads_back_as_a_full_id(scope: str, read_back: str) -> None:
    assert azure().put(ONE, body(scope=scope)).body["properties"]["scope"] == GATEWAY + read_back


def test_a_scope_is_all_apis_one_api_or_a_product_that_is_there() -> None:
    client = azure()
    for wrong in ("/", "/apis/orders-api/operations/x", "/groups/guests", f"{GATEWAY}x/apis"):
        assert client.put(ONE, body(scope=wrong)).reasons == [
            "Subscription scope should be one of '/apis', '/apis/{apiId}', '/products/{productId}'"
        ]
    assert client.put(ONE, body(scope="/products/none")).message == "Product not found."
    assert client.put(ONE, body(scope="/apis/none")).message == "Api not found."
    assert client.put(ONE, {"properties": {"displayName": "x"}}).status == 400


def test_a_patch_takes_dates_and_comments_that_a_put_does_not() -> None:
    client = azure()
    client.put(ONE, body())
    change = {
        "properties": {"state": "suspended", "stateComment": "late", "expirationDate": "2030-01-01T00:00:00Z"}
    }
    patched = client.patch(ONE, change).body["properties"]
    assert [patched[name] for name in ("state", "stateComment", "expirationDate", "displayName")] == [
        "suspended", "late", "2030-01-01T00:00:00Z", "One",
    ]  # fmt: skip
    assert client.put(ONE, body(stateComment="late")).status == 400


def test_a_product_that_wants_approval_gets_requests() -> None:
    client = azure(product_subscription="none")
    client.put(f"{GATEWAY}/products/p", {"properties": {"displayName": "P", "approvalRequired": True}})
    assert client.put(ONE, body(scope="/products/p")).body["properties"]["state"] == "submitted"
    assert client.put(ONE, body(scope="/products/p", state="active")).body["properties"]["state"] == "active"


def test_a_limit_counts_what_one_user_has() -> None:
    client = azure()
    mine = body(scope="/products/starter", ownerId="/users/1")
    assert client.put(ONE, mine).body["properties"]["ownerId"] == f"{GATEWAY}/users/1"
    refused = client.put(f"{GATEWAY}/subscriptions/two", mine)
    assert (refused.status, refused.message) == (400, "Subscriptions limit reached for same user")
    assert client.put(f"{GATEWAY}/subscriptions/two", body(scope="/products/starter")).status == 201
    client.patch(ONE, {"properties": {"state": "cancelled"}})
    assert client.put(f"{GATEWAY}/subscriptions/three", mine).status == 201


def test_a_product_lists_its_subscriptions_under_its_own_id() -> None:
    client = azure()
    client.put(ONE, body(scope="/products/starter"))
    client.put(f"{GATEWAY}/subscriptions/all", body())
    (listed,) = client.get(f"{STARTER}/subscriptions").body["value"]
    assert (listed["id"], listed["type"]) == (
        f"{STARTER}/subscriptions/one",
        "Microsoft.ApiManagement/service/products/subscriptions",
    )
    assert client.get(f"{STARTER}/subscriptions/one").status == 405


def test_a_product_with_subscriptions_is_deleted_with_them_or_not_at_all() -> None:
    client = azure()
    client.put(ONE, body(scope="/products/starter"))
    refused = client.delete(STARTER, if_match="*")
    assert (refused.status, refused.message) == (
        400,
        "Product cannot be deleted since it has existing subscriptions. Delete subscriptions before deleting the "
        "product or pass in deleteSubscriptions=true as query param",
    )
    assert client.delete(STARTER, query={"deleteSubscriptions": "false"}).status == 400
    assert client.delete(STARTER, query={"deleteSubscriptions": "true"}).status == 200
    assert names(client) == {"master"}


def test_a_new_protected_product_comes_with_a_subscription_of_the_administrator_or_without() -> None:
    client = azure()
    product = {"properties": {"displayName": "P"}}
    client.put(f"{GATEWAY}/products/p", product)
    client.put(f"{GATEWAY}/products/p", product)
    (one,) = client.get(f"{GATEWAY}/products/p/subscriptions").body["value"]
    assert (one["properties"]["ownerId"], one["properties"]["displayName"]) == (f"{GATEWAY}/users/1", None)
    client.put(f"{GATEWAY}/products/open", {"properties": {"displayName": "O", "subscriptionRequired": False}})
    assert client.get(f"{GATEWAY}/products/open/subscriptions").body["value"] == []
    without = azure(product_subscription="none")
    without.put(f"{GATEWAY}/products/p", product)
    assert names(without) == {"master"}


def test_the_built_in_subscription_opens_everything_and_stays() -> None:
    client = azure()
    master = client.get(f"{GATEWAY}/subscriptions/master").body["properties"]
    assert (master["displayName"], master["scope"]) == ("Built-in all-access subscription", f"{GATEWAY}/")
    assert client.delete(f"{GATEWAY}/subscriptions/master").status == 400
    assert client.ask("POST", f"{GATEWAY}/subscriptions/master/regeneratePrimaryKey").status == 204
    assert client.patch(f"{GATEWAY}/subscriptions/master", {"properties": {"allowTracing": True}}).status == 200
