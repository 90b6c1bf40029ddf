from typing import Any

from tests.simulator.asking import GATEWAY, JSON, Azure, azure

GROUP = f"{GATEWAY}/groups/partners"
STARTER = f"{GATEWAY}/products/starter"
ORDERS = f"{GATEWAY}/apis/orders-api"


def named(name: str, **more: Any) -> JSON:
    return {"properties": {"displayName": name, **more}}


def listed(client: Azure, at: str, **more: Any) -> list[str]:
    return [each["name"] for each in client.get(at, **more).body["value"]]


def test_a_new_service_has_three_groups_that_stay_as_they_are() -> None:
    client = azure()
    assert listed(client, f"{GATEWAY}/groups") == ["administrators", "developers", "guests"]
    guests = client.get(f"{GATEWAY}/groups/guests").body["properties"]
    assert (guests["builtIn"], guests["type"], guests["externalId"]) == (True, "system", None)
    for got in (
        client.delete(f"{GATEWAY}/groups/guests", if_match="*"),
        client.put(f"{GATEWAY}/groups/guests", named("Everybody")),
        client.patch(f"{GATEWAY}/groups/guests", named("Everybody")),
    ):
        assert (got.status, got.code) == (400, "ValidationError")


def test_a_group_of_ones_own_can_be_made_changed_and_deleted() -> None:
    client = azure()
    got = client.put(GROUP, named("Partners"))
    assert (got.status, got.body["properties"]) == (
        201,
        {"displayName": "Partners", "description": None, "builtIn": False, "type": "custom", "externalId": None},
    )
    assert client.patch(GROUP, {"properties": {"description": "d"}}).body["properties"]["description"] == "d"
    assert client.put(f"{GATEWAY}/groups/x", named("X", type="system")).status == 400
    assert client.put(f"{GATEWAY}/groups/x", named("X", type="external")).status == 400
    assert (
        client.put(f"{GATEWAY}/groups/x", named("X", type="external", externalId="aad://c/groups/1")).status == 201
    )
    assert client.delete(GROUP).status == 200
    assert client.get(GROUP).message == "Group not found."


def test_a_product_is_seen_by_the_administrators_and_by_the_groups_it_is_linked_to() -> None:
    client = azure()
    client.put(GROUP, named("Partners"))
    link = f"{STARTER}/groups/partners"
    first, again = client.put(link), client.put(link)
    assert (first.status, again.status) == (201, 200)
    assert (first.body["id"], first.body["type"]) == (link, "Microsoft.ApiManagement/service/products/groups")
    assert first.body["properties"]["displayName"] == "Partners"
    assert listed(client, f"{STARTER}/groups") == ["administrators", "partners"]
    assert (client.ask("HEAD", link).status, client.get(link).status) == (204, 405)
    assert client.put(f"{STARTER}/groups/none").message == "Group not found."
    put = client.put(STARTER, named("Starter", subscriptionsLimit=1)).body["properties"]["groups"]
    assert [group["name"] for group in put] == ["Administrators", "Partners"]
    assert client.get(STARTER).body["properties"]["groups"] == []
    expanded = client.get(f"{GATEWAY}/products", query={"expandGroups": "true"}).body["value"]
    starter = next(each for each in expanded if each["name"] == "starter")
    assert [group["name"] for group in starter["properties"]["groups"]] == ["Administrators", "Partners"]
    assert client.delete(f"{STARTER}/groups/administrators").status == 200
    client.delete(GROUP)
    assert listed(client, f"{STARTER}/groups") == []


def test_neither_approval_nor_a_limit_can_be_given_to_an_open_product_not_even_as_none() -> None:
    client = azure()
    for name, value in (("approvalRequired", False), ("approvalRequired", True), ("subscriptionsLimit", 0)):
        body = named("P", subscriptionRequired=False, **{name: value})
        assert client.put(f"{GATEWAY}/products/p", body).body["error"]["details"][0]["target"] == name


def test_the_lists_by_tags_show_pairs_of_a_tag_and_what_carries_it() -> None:
    client = azure()
    client.put(f"{GATEWAY}/tags/t", named("Mine"))
    operation = f"{ORDERS}/operations/list-orders"
    for carrier in (ORDERS, operation, STARTER):
        assert client.put(f"{carrier}/tags/t").status == 201
    tag = {"id": "/tags/t", "name": "Mine"}
    apis = client.get(f"{GATEWAY}/apisByTags").body
    api = {
        "id": "/apis/orders-api",
        "name": "Orders",
        "apiRevision": "1",
        "description": "What customers bought.",
        "serviceUrl": "https://orders.contoso.example/v1",
        "path": "orders",
        "protocols": None,
        "authenticationSettings": None,
        "subscriptionKeyParameterNames": None,
        "isCurrent": True,
    }
    assert apis == {"value": [{"tag": tag, "api": api}], "count": 1, "nextLink": None}
    (pair,) = client.get(f"{ORDERS}/operationsByTags").body["value"]
    assert (pair["tag"], pair["operation"]) == (
        tag,
        {
            "id": "/apis/orders-api/operations/list-orders",
            "apiName": "Orders",
            "apiRevision": "1",
            "name": "List orders",
            "method": "GET",
            "urlTemplate": "/",
            "description": "All orders, newest first.",
        },
    )
    (pair,) = client.get(f"{GATEWAY}/productsByTags").body["value"]
    assert (pair["product"]["id"], pair["product"]["subscriptionsLimit"]) == ("/products/starter", 1)
    everything = client.get(f"{GATEWAY}/tagResources").body
    assert [sorted(each) for each in everything["value"]] == [
        ["operation", "tag"], ["api", "tag"], ["product", "tag"],
    ]  # fmt: skip
    assert client.get(f"{GATEWAY}/apis/legacy-openai-api/operationsByTags").body["count"] == 0
    assert client.get(f"{GATEWAY}/tagResources/x").status == 405
    assert client.get(f"{GATEWAY}/apisByTags", query={"includeNotTaggedApis": "true"}).status == 501


def test_pages_of_tagged_things_are_linked() -> None:
    client = azure()
    for name in ("a", "b"):
        client.put(f"{GATEWAY}/tags/{name}", named(name.upper()))
        client.put(f"{ORDERS}/tags/{name}")
    first = client.get(f"{GATEWAY}/apisByTags", query={"$top": "1"}).body
    assert (first["count"], first["value"][0]["tag"]["name"]) == (2, "A")
    assert "skip" in first["nextLink"]


def test_in_2019_lists_of_an_apis_tags_were_not_counted() -> None:
    client = azure()
    assert "count" not in client.get(f"{ORDERS}/tags", version="2019-01-01").body
    assert client.get(f"{ORDERS}/tags", version="2022-08-01").body["count"] == 0
