import pytest

from tests.simulator.asking import GATEWAY, JSON, Azure, azure, policy

ORDERS = f"{GATEWAY}/apis/orders-api"
SECOND = f"{ORDERS};rev=2"
RELEASE = f"{ORDERS}/releases/first"


def with_second(**knobs: object) -> Azure:
    """A world in which an API has a second revision, half a minute younger."""
    client = azure(**knobs)
    client.simulator.clock.advance(30)
    body = {"sourceApiId": ORDERS, "path": "orders", "apiRevisionDescription": "two", "serviceUrl": "https://two"}
    client.put(SECOND, {"properties": body})
    return client


def release(client: Azure, revision: str = "2", **more: object) -> JSON:
    got = client.put(RELEASE, {"properties": {"apiId": f"/apis/orders-api;rev={revision}", **more}})
    assert got.status < 300, got.text
    found: JSON = got.body
    return found


def revisions(client: Azure) -> list[JSON]:
    found: list[JSON] = client.get(f"{ORDERS}/revisions").body["value"]
    return found


def test_the_list_of_revisions_shows_the_newest_first_and_where_each_is_served() -> None:
    client = with_second()
    body = client.get(f"{ORDERS}/revisions").body
    assert (body["count"], body["nextLink"]) == (2, None)
    assert body["value"][0] == {
        "id": "/apis/orders-api;rev=2/revisions/orders-api;rev=2",
        "apiId": "/apis/orders-api;rev=2",
        "apiRevision": "2",
        "createdDateTime": "2026-01-01T00:00:30.000Z",
        "updatedDateTime": "2026-01-01T00:00:30.000Z",
        "description": "two",
        "privateUrl": "/orders;rev=2",
        "isOnline": True,
        "isCurrent": False,
    }
    first = body["value"][1]
    assert (first["apiRevision"], first["privateUrl"], first["description"]) == ("1", "/orders", None)
    assert first["isCurrent"] is True
    page = client.get(f"{SECOND}/revisions", query={"$top": "1"}).body
    assert ([each["apiRevision"] for each in page["value"]], page["count"]) == (["2"], 2)
    assert "%24top=1&api-version=2024-05-01&%24skip=1" in page["nextLink"]


def test_a_release_makes_a_revision_current_with_all_that_is_its_own() -> None:
    client = with_second()
    client.delete(f"{SECOND}/operations/get-order")
    client.put(f"{SECOND}/policies/policy", policy("<base /><trace source='two' />"))
    etags = [client.get(each).headers["ETag"] for each in (ORDERS, SECOND)]
    client.simulator.clock.advance(30)
    release(client, notes="Now the second.")

    current, first = client.get(ORDERS), client.get(f"{ORDERS};rev=1")
    assert (current.body["name"], first.body["name"]) == ("orders-api", "orders-api;rev=1")
    shown = current.body["properties"]
    assert (shown["apiRevision"], shown["isCurrent"], shown["serviceUrl"]) == ("2", True, "https://two")
    assert "isCurrent" not in first.body["properties"]
    assert first.body["properties"]["serviceUrl"] == "https://orders.contoso.example/v1"
    assert client.get(SECOND).body["name"] == "orders-api"
    assert {current.headers["ETag"], first.headers["ETag"]}.isdisjoint(etags)

    assert client.get(f"{ORDERS}/operations").body["count"] == 2
    assert client.get(f"{ORDERS};rev=1/operations").body["count"] == 3
    assert "two" in client.get(f"{ORDERS}/policies/policy").body["properties"]["value"]
    assert "two" not in client.get(f"{ORDERS};rev=1/policies/policy").body["properties"]["value"]
    assert client.ask("HEAD", f"{GATEWAY}/products/starter/apis/orders-api").status == 204

    second, old = revisions(client)
    assert (second["isCurrent"], second["privateUrl"]) == (True, "/orders")
    assert second["updatedDateTime"] == "2026-01-01T00:01:00.000Z"
    assert (old["isCurrent"], old["privateUrl"]) == (False, "/orders;rev=1")


def test_a_release_can_be_taken_back_by_another_release() -> None:
    client = with_second()
    before = {id: each for id, each in client.simulator.resources().items() if "orders-api" in id}
    release(client)
    release(client, revision="1")
    client.delete(RELEASE)
    after = {id: each for id, each in client.simulator.resources().items() if "orders-api" in id}
    assert after == before


def test_a_release_belongs_to_the_api_and_keeps_its_notes() -> None:
    client = with_second()
    assert client.get(f"{ORDERS}/releases").body == {"value": [], "count": 0}
    made = release(client, notes="One.")
    assert made["type"] == "Microsoft.ApiManagement/service/apis/releases"
    assert list(made["properties"]) == ["apiId", "createdDateTime", "updatedDateTime", "notes"]
    assert made["properties"]["apiId"] == ORDERS
    assert made["properties"]["createdDateTime"] == "2026-01-01T00:00:30.0000000Z"

    client.simulator.clock.advance(5)
    etag = client.get(RELEASE).headers["ETag"]
    changed = client.patch(
        RELEASE, {"properties": {"apiId": "/apis/orders-api;rev=2", "notes": "Two."}}, if_match=etag
    )
    assert (changed.status, changed.body["properties"]["notes"]) == (200, "Two.")
    assert changed.headers["ETag"] != etag
    got = client.get(RELEASE).body["properties"]
    assert (got["createdDateTime"], got["updatedDateTime"]) == (
        "2026-01-01T00:00:30.000Z",
        "2026-01-01T00:00:35.000Z",
    )
    listed = client.get(f"{ORDERS}/releases").body["value"]
    assert [list(each["properties"]) for each in listed] == [["createdDateTime", "updatedDateTime", "notes"]]
    assert client.get(f"{SECOND}/releases/first").status == 200
    assert client.ask("HEAD", RELEASE).status == 200
    assert (client.delete(RELEASE, if_match="*").status, client.delete(RELEASE).status) == (200, 204)
    assert client.get(ORDERS).body["properties"]["apiRevision"] == "2"


def test_releases_and_products_are_those_of_the_api_whatever_revision_is_asked_and_are_not_copied() -> None:
    client = with_second()
    release(client, revision="1")
    assert client.get(f"{SECOND}/releases").body["count"] == 1
    assert [each["name"] for each in client.get(f"{SECOND}/products").body["value"]] == ["starter"]
    release(client)
    back = client.put(f"{SECOND}/releases/back", {"properties": {"apiId": "/apis/orders-api;rev=1"}})
    assert back.body["id"] == f"{ORDERS}/releases/back"
    assert [each["name"] for each in client.get(f"{ORDERS}/releases").body["value"]] == ["back", "first"]
    client.put(f"{ORDERS};rev=3", {"properties": {"sourceApiId": ORDERS, "path": "orders"}})
    kept = [id.removeprefix(ORDERS) for id in client.simulator.resources() if "/releases/" in id]
    assert kept == ["/releases/back", "/releases/first"]


def test_notes_alone_are_an_update_but_no_release() -> None:
    client = with_second()
    assert client.put(RELEASE, {"properties": {"notes": "x"}}).status == 400
    release(client, revision="1")
    assert client.put(RELEASE, {"properties": {"notes": "x"}}).status == 200
    assert client.get(ORDERS).body["properties"]["apiRevision"] == "1"
    assert client.patch(RELEASE, {"properties": {"apiId": SECOND}}).status == 501


@pytest.mark.parametrize("reference", ["/apis/orders-api;rev=7", "/apis/none", "/apis/legacy-openai-api"])
def test_a_release_names_a_revision_of_its_api(reference: str) -> None:
    got = with_second().put(RELEASE, {"properties": {"apiId": reference}})
    assert (got.status, got.message) == (404, "Api not found.")


def test_events_tell_of_releases() -> None:
    client = with_second()
    release(client)
    told = [(each["eventType"].rsplit(".", 1)[-1], each["subject"]) for each in client.simulator.events]
    assert ("APIReleaseCreated", "/apis/orders-api/releases/first") in told
