from typing import Any
from urllib.parse import unquote

import pytest

from simulator.odata_filter import A_LIST, EQUAL, FilterError, read_filter, texts
from tests.simulator.asking import GATEWAY, Azure, api, azure

APIS = f"{GATEWAY}/apis"
FIELDS = {**texts("name", "path"), "state": EQUAL, "tags": A_LIST, "count": EQUAL}
THING = {
    "name": "Orders-API",
    "path": "it's/here",
    "state": "published",
    "tags": ["a", "B"],
    "count": 2,
    "empty": None,
}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("name eq 'orders-api'", True),
        ("name ne 'orders-api'", False),
        ("'orders-api' eq name", True),
        ("path eq 'it''s/here'", True),
        ("name gt 'orders' and name lt 'p'", True),
        ("name ge 'orders-api' and name le 'orders-api'", True),
        ("name lt 'orders-api' or name gt 'orders-api'", False),
        ("contains(name,'ders')", True),
        ("substringof('DERS', name)", True),
        ("startswith(name,'orders') and not endswith(name,'x')", True),
        ("startswith(name,'orders') eq false", False),
        ("not (name eq 'x' or name eq 'y')", True),
        ("name eq 'x' or name eq 'orders-api' and state eq 'published'", True),
        ("(name eq 'orders-api' or name eq 'x') and state eq 'none'", False),
        ("state eq null", False),
        ("count eq 2", True),
        ("tags/any(t: t eq 'b')", True),
        ("tags/any(t: t eq 'b') and name eq 'orders-api'", True),
        ("tags/all(t: startswith(t,'a'))", False),
    ],
)
def test_a_filter_keeps_what_it_describes(text: str, kept: bool) -> None:  # noqa: FBT001  # a column of the table
    assert read_filter(text, FIELDS)(THING) is kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name eq",
        "name = 'x'",
        "name eq 'x' and",
        "name eq 'x')",
        "(name eq 'x'",
        "contains(name 'x')",
        "contains('x','y')",
        "substringof(name,'x')",
        "contains(name,'x') eq 'y'",
        "unknown eq 'x'",
        "state ne 'published'",
        "contains(state,'p')",
        "name/any(t: t eq 'b')",
        "'a' eq 'a'",
        'name eq "x"',
    ],
)
def test_a_filter_that_cannot_be_read_or_is_not_permitted_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        read_filter(text, FIELDS)


def names(client: Azure, path: str, text: str, **query: str) -> list[str]:
    got = client.get(path, query={"$filter": text, **query})
    assert got.status == 200, got.text
    return [each["name"] for each in got.body["value"]]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (APIS, "path eq 'ORDERS'", ["orders-api"]),
        (
            APIS,
            "startswith(displayName,'leg') or contains(serviceUrl,'orders')",
            ["legacy-openai-api", "orders-api"],
        ),
        (APIS, "isCurrent eq true and name ne 'orders-api'", ["legacy-openai-api"]),
        (f"{APIS}/orders-api/operations", "method eq 'POST'", ["place-order"]),
        (f"{APIS}/orders-api/operations", "contains(urlTemplate,'{')", ["get-order"]),
        (f"{GATEWAY}/products", "state eq 'published' and startswith(name,'sta')", ["starter"]),
        (f"{GATEWAY}/products/starter/apis", "displayName eq 'Orders'", ["orders-api"]),
        (f"{APIS}/orders-api/products", "displayName eq 'Nothing'", []),
    ],
)
def test_lists_are_filtered_by_the_fields_that_the_sdk_documents(path: str, text: str, expected: list[str]) -> None:
    assert names(azure(), path, text) == expected


def test_a_page_counts_what_the_filter_keeps_and_the_next_one_filters_too() -> None:
    client = azure()
    client.put(f"{APIS}/other", api("other"))
    query: Any = {"$filter": "name ne 'other'", "$top": "1"}
    first = client.get(APIS, query=query).body
    assert (first["count"], [each["name"] for each in first["value"]]) == (2, ["legacy-openai-api"])
    second = client.follow(unquote(first["nextLink"].replace(":443", ""))).body
    assert ([each["name"] for each in second["value"]], "nextLink" in second) == (["orders-api"], False)


def test_a_filter_on_another_field_is_refused_and_on_a_list_without_filters_not_modelled() -> None:
    client = azure()
    got = client.get(APIS, query={"$filter": "apiRevision eq '1'"})
    assert (got.status, got.body["error"]["details"][0]["target"]) == (400, "$filter")
    assert client.get(f"{GATEWAY}/apiVersionSets", query={"$filter": "name eq 'x'"}).status == 400
    assert client.get(f"{GATEWAY}/policies", query={"$filter": "name eq 'x'"}).status == 501
    assert client.get(APIS, query={"tags": "true"}).status == 501


def test_revisions_and_schemas_are_filtered_too() -> None:
    client = azure()
    client.put(f"{APIS}/orders-api;rev=2", {"properties": {"sourceApiId": "/apis/orders-api", "path": "orders"}})
    got = client.get(f"{APIS}/orders-api/revisions", query={"$filter": "apiRevision eq '2'"}).body
    assert [each["apiRevision"] for each in got["value"]] == ["2"]
    assert names(client, APIS, "isCurrent ne true") == ["orders-api;rev=2"]
    assert names(client, f"{APIS}/orders-api/schemas", "contentType eq 'x'") == []


def test_the_list_of_apis_spells_version_sets_out_when_asked() -> None:
    client = azure()
    body = {"properties": {"displayName": "V", "versioningScheme": "Segment"}}
    client.put(f"{GATEWAY}/apiVersionSets/v", body)
    client.put(f"{APIS}/one", api("one", apiVersionSetId="/apiVersionSets/v", apiVersion="v1"))
    query = {"$filter": "name eq 'one'"}
    assert "apiVersionSet" not in client.get(APIS, query=query).body["value"][0]["properties"]
    expanded = client.get(APIS, query={**query, "expandApiVersionSet": "true"}).body["value"][0]["properties"]
    assert (expanded["apiVersionSet"]["name"], expanded["apiVersionSetId"]) == ("V", f"{GATEWAY}/apiVersionSets/v")
