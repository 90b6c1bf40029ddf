from typing import Any

import pytest

from tests.simulator.asking import GATEWAY, JSON, api, azure

NEW = f"{GATEWAY}/products/new"
LINK = f"{GATEWAY}/products/ai-platform/apis/orders-api"
MINE = f"{GATEWAY}/apis/orders-api/operations/mine"


def operation(**more: Any) -> JSON:
    return {"properties": {"displayName": "Mine", "method": "GET", "urlTemplate": "/mine", **more}}


def test_a_product_is_not_published_unless_said_and_groups_show_only_in_the_answer_to_a_put() -> None:
    client = azure()
    got = client.put(NEW, {"properties": {"displayName": "New", "subscriptionRequired": False}})
    assert got.status == 201
    properties = got.body["properties"]
    assert (properties["state"], properties["approvalRequired"]) == ("notPublished", None)
    assert [each["name"] for each in properties["groups"]] == ["Administrators"]
    assert client.get(NEW).body["properties"]["groups"] == []


def test_an_open_product_cannot_limit_subscriptions() -> None:
    body = {"properties": {"displayName": "N", "subscriptionRequired": False, "subscriptionsLimit": 1}}
    assert azure().put(NEW, body).status == 400


def test_deleting_a_product_twice_is_200_then_204() -> None:
    client = azure()
    path = f"{GATEWAY}/products/starter"
    first, second = client.delete(path, query={"deleteSubscriptions": "true"}), client.delete(path)
    assert (first.status, first.headers["Content-Length"], second.status) == (200, "0", 204)
    assert client.ask("HEAD", f"{path}/apis/orders-api").status == 404
    assert client.get(f"{GATEWAY}/apis/orders-api").status == 200


def test_a_link_is_made_once_and_repeated_and_shows_the_api_shallowly() -> None:
    client = azure()
    assert client.ask("HEAD", LINK).status == 404
    first, again = client.put(LINK), client.put(LINK, {"name": "orders-api"})
    assert (first.status, again.status) == (201, 200)
    assert first.body["type"] == "Microsoft.ApiManagement/service/products/apis"
    assert first.headers["ETag"] == client.get(f"{GATEWAY}/apis/orders-api").headers["ETag"]
    properties = first.body["properties"]
    assert (properties["protocols"], properties["authenticationSettings"]) == (None, None)
    assert client.ask("HEAD", LINK).status == 204
    listed = client.get(f"{GATEWAY}/products/ai-platform/apis").body
    assert [each["name"] for each in listed["value"]] == ["orders-api"]
    assert [each["name"] for each in client.get(f"{GATEWAY}/apis/orders-api/products").body["value"]] == [
        "ai-platform",
        "starter",
    ]
    assert (client.delete(LINK).status, client.delete(LINK).status) == (200, 204)
    assert client.get(f"{GATEWAY}/apis/orders-api").status == 200


def test_a_link_to_an_api_that_is_not_there_is_refused() -> None:
    got = azure().put(LINK.replace("orders-api", "none"))
    assert (got.status, got.message) == (404, "Api not found.")


def test_an_operation_gets_every_part_that_a_put_left_out() -> None:
    client = azure()
    got = client.put(MINE, operation(urlTemplate="/mine/{a}", templateParameters=[{"name": "a", "type": "string"}]))
    assert got.body["properties"] == {
        "displayName": "Mine",
        "method": "GET",
        "urlTemplate": "/mine/{a}",
        "templateParameters": [{"name": "a", "type": "string", "values": []}],
        "description": None,
        "request": {"queryParameters": [], "headers": [], "representations": []},
        "responses": [],
        "policies": None,
    }


def test_a_missing_description_may_be_taken_from_the_display_name() -> None:
    got = azure(operation_description="display-name").put(MINE, operation())
    assert got.body["properties"]["description"] == "Mine"


def test_the_list_of_operations_shows_a_request_only_when_it_has_content() -> None:
    client = azure()
    listed = client.get(f"{GATEWAY}/apis/orders-api/operations").body["value"]
    assert {each["name"]: "request" in each["properties"] for each in listed} == {
        "get-order": False,
        "list-orders": False,
        "place-order": True,
    }
    assert [each["properties"]["displayName"] for each in listed] == [
        "Get an order",
        "List orders",
        "Place an order",
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"urlTemplate": "/mine/{a}"},
        {"urlTemplate": "/mine/{a}/{a}", "templateParameters": [{"name": "a", "type": "string"}] * 2},
        {"request": {"headers": [{"name": "h", "type": "string", "defaultValue": "x", "values": ["y"]}]}},
        {"request": {"queryParameters": [{"name": "q", "type": "string", "schemaId": "0" * 24, "typeName": "T"}]}},
        {"request": {"representations": [{"contentType": "multipart/form-data", "typeName": "T"}]}},
        {"request": {"representations": [{"contentType": "a/b", "sample": "x"}]}},
        {"templateParameters": [{"name": "a", "type": "string"}]},
        {
            "urlTemplate": "/m/{a}",
            "templateParameters": [{"name": "a", "type": "string", "defaultValue": "x", "values": ["y"]}],
        },
        {"request": {"representations": [{"contentType": "a/b", "schemaId": "0" * 24, "typeName": "T"}]}},
        {"urlTemplate": "/", "method": "get"},
        {"urlTemplate": "/{orderId2}", "templateParameters": [{"name": "orderId2", "type": "string"}]},
        {"urlTemplate": "/mine/{a"},
        {"urlTemplate": "/mine/{}"},
        {"method": "FOO BAR"},
        {"method": ""},
        {"responses": [{"statusCode": -5}]},
        {"responses": [{"statusCode": 200}, {"statusCode": 200, "description": "again"}]},
        {"request": {"queryParameters": [{"name": "q", "type": "string"}] * 2}},
    ],
    ids=[
        "undeclared",
        "twice",
        "default of a header",
        "schema of a parameter",
        "schema of a form",
        "sample",
        "unused",
        "default",
        "schema",
        "taken",
        "taken with another parameter name",
        "open brace",
        "nothing in braces",
        "method of two words",
        "no method",
        "status below zero",
        "status twice",
        "query parameter twice",
    ],
)
def test_a_wrong_operation_is_refused(more: JSON) -> None:
    assert azure().put(MINE, operation(**more)).status == 400


def test_what_is_wrong_with_a_template_is_told_in_azures_words() -> None:
    assert azure().put(MINE, operation(urlTemplate="/mine/{a}")).reasons == [
        "All template parameters used in the UriTemplate must be defined in the Operation 'Mine', and vice-versa."
    ]


def test_parts_of_an_operation_read_back_in_azures_order() -> None:
    client = azure()
    example = {"value": {"a": None}, "description": "d", "summary": "s"}
    body = {
        "examples": {"default": example},
        "formParameters": [{"type": "string", "name": "f"}],
        "contentType": "multipart/form-data",
    }
    got = client.put(MINE, operation(request={"description": "what", "representations": [body]})).body["properties"]
    shown = got["request"]["representations"][0]
    assert list(shown) == ["contentType", "formParameters", "examples"]
    assert shown["formParameters"] == [{"name": "f", "type": "string", "values": []}]
    assert list(shown["examples"]["default"].items()) == [
        ("summary", "s"),
        ("description", "d"),
        ("value", {"a": None}),
    ]
    assert got["request"]["description"] == "what"


def test_policies_given_with_an_operation_are_not_modelled() -> None:
    assert azure().put(MINE, operation(policies="<policies />")).status == 501


@pytest.mark.parametrize("suffix", [";rev=1", ";rev=7"])
def test_a_product_has_the_api_whatever_revision_is_named(suffix: str) -> None:
    client = azure()
    assert client.put(LINK + suffix).body["name"] == "orders-api"
    assert client.ask("HEAD", LINK).status == 204
    assert client.delete(LINK + suffix).status == 200
    assert client.ask("HEAD", LINK).status == 404


def test_an_operation_goes_with_its_policies_and_keeps_the_case_of_its_name() -> None:
    client = azure()
    path = MINE.replace("mine", "MyOperation")
    assert client.put(path, operation()).body["name"] == "MyOperation"
    assert client.patch(path.lower(), {"properties": {"displayName": "X"}}).body["name"] == "MyOperation"
    assert client.delete(path, if_match="*").status == 200
    assert client.get(path).message == "Operation not found."


def test_tags_link_to_apis_and_leave_them_when_they_are_deleted() -> None:
    client = azure()
    link = f"{GATEWAY}/apis/orders-api/tags/t"
    assert client.put(link).message == "Tag not found."
    client.put(f"{GATEWAY}/tags/t", {"properties": {"displayName": "T"}})
    assert client.put(link).body["properties"] == {"displayName": "T"}
    client.delete(f"{GATEWAY}/tags/t")
    assert client.get(link).status == 404


def test_an_api_that_goes_leaves_its_products() -> None:
    client = azure(api_delete_time=0)
    client.put(f"{GATEWAY}/apis/x", api("x"))
    client.put(f"{GATEWAY}/products/starter/apis/x")
    client.delete(f"{GATEWAY}/apis/x")
    assert [each["name"] for each in client.get(f"{GATEWAY}/products/starter/apis").body["value"]] == ["orders-api"]
