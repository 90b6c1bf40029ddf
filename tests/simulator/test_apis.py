import pytest

from tests.simulator.asking import GATEWAY, Azure, api, azure, policy
from tests.simulator.documents import imported, operation

THINGS = f"{GATEWAY}/apis/things"
PATHS = {"/a": {"get": operation("a")}}


def test_a_plain_put_is_synchronous_and_strips_the_leading_slash() -> None:
    client = azure()
    got = client.put(
        THINGS, {"properties": {"displayName": "T", "path": "/things/", "apiRevision": "v1", "type": "http"}}
    )
    assert got.status == 201
    assert not {"Location", "Azure-AsyncOperation"} & set(got.headers)
    properties = got.body["properties"]
    assert (properties["path"], properties["apiRevision"], properties["protocols"]) == ("things", "1", ["https"])
    assert "type" not in properties
    assert "provisioningState" not in properties
    assert properties["subscriptionKeyParameterNames"] == {
        "header": "Ocp-Apim-Subscription-Key",
        "query": "subscription-key",
    }
    assert client.put(THINGS, api("things")).status == 200


def test_a_get_after_a_creating_put_says_succeeded_and_after_an_update_nothing() -> None:
    client = azure()
    client.put(THINGS, api("things"))
    assert list(client.get(THINGS).body["properties"])[-1] == "provisioningState"
    client.put(THINGS, api("things"))
    assert "provisioningState" not in client.get(THINGS).body["properties"]


@pytest.mark.parametrize(("knob", "kept"), [("new", False), ("kept", True)])
def test_whether_an_equal_put_keeps_the_etag_is_a_knob(knob: str, *, kept: bool) -> None:
    client = azure(same_put_etag=knob)
    first = client.put(THINGS, api("things")).headers["ETag"]
    assert (client.put(THINGS, api("things")).headers["ETag"] == first) is kept


def test_the_list_is_ordered_by_display_name_and_shows_less_than_a_get() -> None:
    client = azure()
    client.put(THINGS, api("things", displayName="kettles", contact={"email": "a@b.example"}))
    listed = client.get(f"{GATEWAY}/apis").body["value"]
    assert [each["properties"]["displayName"] for each in listed] == ["kettles", "Legacy OpenAI", "Orders"]
    assert listed[0]["properties"]["authenticationSettings"] is None
    assert listed[0]["properties"]["subscriptionKeyParameterNames"] is None
    assert "contact" not in listed[0]["properties"]


def test_what_the_list_shows_depends_on_the_api_version_and_on_a_knob() -> None:
    def names(client: Azure, version: str) -> object:
        listed = client.get(f"{GATEWAY}/apis", version=version).body["value"][0]["properties"]
        return listed["subscriptionKeyParameterNames"]

    filled = {"header": "api-key", "query": "subscription-key"}
    assert names(azure(), "2021-08-01") is None
    assert names(azure(), "2022-08-01") == filled
    assert names(azure(), "2024-05-01") is None
    assert names(azure(api_list_settings="filled"), "2024-05-01") == filled


def test_a_patch_changes_what_it_names_and_needs_the_current_etag() -> None:
    client = azure()
    orders = f"{GATEWAY}/apis/orders-api"
    etag = client.get(orders).headers["ETag"]
    got = client.patch(orders, {"properties": {"displayName": "New"}}, if_match=etag)
    assert (got.status, got.body["properties"]["displayName"], got.body["properties"]["path"]) == (
        200,
        "New",
        "orders",
    )
    stale = client.patch(orders, {"properties": {"displayName": "Newer"}}, if_match=etag)
    assert stale.status == 412
    assert stale.body == {
        "error": {"code": "PreconditionFailed", "message": "Resource was modified since last retrieval."}
    }
    assert client.patch(f"{GATEWAY}/apis/none", {"properties": {}}).status == 404


def test_a_patch_cannot_import() -> None:
    got = azure().patch(f"{GATEWAY}/apis/orders-api", {"properties": {"format": "openapi+json", "value": "{}"}})
    assert got.status == 400


def test_if_match_star_on_a_put_creates_and_an_exact_one_does_not() -> None:
    client = azure()
    assert client.put(THINGS, api("things"), if_match='"AAAAAAAAAAE="').status == 412
    assert client.put(THINGS, api("things"), if_match="*").status == 201


def test_head_shows_the_etag_and_a_missing_one_has_no_body() -> None:
    client = azure()
    got = client.ask("HEAD", f"{GATEWAY}/apis/orders-api")
    assert (got.status, got.headers["Content-Length"]) == (200, "0")
    assert got.headers["ETag"] == client.get(f"{GATEWAY}/apis/orders-api").headers["ETag"]
    missing = client.ask("HEAD", THINGS)
    assert (missing.status, missing.text) == (404, "")


def test_two_apis_cannot_have_one_path() -> None:
    got = azure().put(THINGS, api("Orders"))
    assert (got.status, got.reasons) == (
        400,
        [
            "Cannot create API 'ORDERS' with the same Path 'Orders' as API 'Orders'  unless it's a part of the "
            "same version set"
        ],
    )


def test_two_apis_of_one_version_set_can_have_one_path() -> None:
    client = azure()
    client.put(f"{GATEWAY}/apiVersionSets/v", {"properties": {"displayName": "V", "versioningScheme": "Segment"}})
    for name in ("one", "two"):
        body = api("same", apiVersionSetId="/apiVersionSets/v", apiVersion=name)
        assert client.put(f"{GATEWAY}/apis/{name}", body).status == 201
    missing = client.put(THINGS, api("x", apiVersionSetId="/apiVersionSets/none"))
    assert (missing.status, missing.message) == (404, "ApiVersionSet not found.")


def test_a_version_set_goes_with_its_last_api_and_not_before() -> None:
    client = azure(api_delete_time=0)
    sets = f"{GATEWAY}/apiVersionSets/v"
    client.put(sets, {"properties": {"displayName": "V", "versioningScheme": "Segment"}})
    for name in ("one", "two"):
        client.put(f"{GATEWAY}/apis/{name}", api("same", apiVersionSetId=sets, apiVersion=name))
    refused = client.delete(sets)
    assert (refused.status, "/apis/one" in refused.message) == (400, True)
    client.delete(f"{GATEWAY}/apis/one")
    assert client.get(sets).status == 200
    client.delete(f"{GATEWAY}/apis/two")
    assert client.get(sets).message == "ApiVersionSet not found."


@pytest.mark.parametrize(("scheme", "name"), [("Query", "versionQueryName"), ("Header", "versionHeaderName")])
def test_a_version_in_a_query_or_header_needs_its_name(scheme: str, name: str) -> None:
    client, sets = azure(), f"{GATEWAY}/apiVersionSets/v"
    body = {"displayName": "V", "versioningScheme": scheme}
    assert client.put(sets, {"properties": body}).status == 400
    assert client.put(sets, {"properties": {**body, name: "v"}}).body["properties"][name] == "v"


def test_the_version_set_of_an_api_may_be_named_by_its_details_and_reads_back_as_a_full_id() -> None:
    client, sets = azure(), f"{GATEWAY}/apiVersionSets/v"
    client.put(sets, {"properties": {"displayName": "V", "versioningScheme": "Segment"}})
    got = client.put(THINGS, api("x", apiVersion="1", apiVersionSet={"id": "/apiVersionSets/v"}))
    assert got.body["properties"]["apiVersionSetId"] == sets
    assert client.put(THINGS, api("x", apiVersionSet={"name": "New", "versioningScheme": "Segment"})).status == 501


def test_protocols_are_sorted_and_the_revision_is_not_for_the_body_to_say() -> None:
    got = azure().put(THINGS, api("things", protocols=["wss", "https", "http"], apiRevision="4")).body["properties"]
    assert (got["protocols"], got["apiRevision"]) == (["http", "https", "wss"], "1")


def test_a_put_without_a_path_is_refused() -> None:
    client = azure()
    assert client.put(THINGS, {"properties": {"displayName": "x"}}).status == 400
    assert client.put(f"{GATEWAY}/apis/orders-api", {"properties": {"displayName": "x"}}).status == 400


def test_an_api_without_a_display_name_and_a_document_is_refused() -> None:
    assert azure().put(THINGS, {"properties": {"path": "x"}}).status == 400


def test_authentication_settings_given_twice_are_refused() -> None:
    settings = {
        "oAuth2": {"authorizationServerId": "a"},
        "oAuth2AuthenticationSettings": [{"authorizationServerId": "a"}],
    }
    assert azure().put(THINGS, api("x", authenticationSettings=settings)).status == 400


def test_an_import_answers_a_skeleton_and_two_urls_and_is_finished_later() -> None:
    client = azure(import_time=3)
    got = client.put(THINGS, imported(PATHS))
    assert got.status == 201
    assert got.body == {
        "id": THINGS,
        "type": "Microsoft.ApiManagement/service/apis",
        "name": "things",
        "properties": {"ProvisioningState": "InProgress"},
    }
    assert not {"ETag", "Retry-After"} & set(got.headers)
    status, location = got.headers["Azure-AsyncOperation"], got.headers["Location"]
    assert f"{GATEWAY}/tenant/operationResults/" in status
    assert "asyncCode=201" in location
    assert client.follow(status).body == {"status": "InProgress"}
    assert client.follow(location).status == 202
    assert client.get(THINGS).status == 404

    client.simulator.clock.advance(3)
    assert client.follow(status).text == '{\r\n  "status": "Succeeded"\r\n}'
    done = client.follow(location)
    assert (done.status, done.body["properties"]["path"]) == (201, "things")
    assert done.headers["ETag"] == client.get(THINGS).headers["ETag"]


def test_an_import_into_an_api_that_is_there_answers_200() -> None:
    client = azure(lock_lingers=0)
    client.put(THINGS, api("things"))
    got = client.put(THINGS, imported(PATHS))
    assert (got.status, got.body["properties"]) == (200, {"ProvisioningState": "InProgress"})
    client.simulator.clock.advance(5)
    assert client.follow(got.headers["Location"]).status == 200


@pytest.mark.parametrize("version", ["2021-08-01", "2022-08-01"])
def test_older_api_versions_answer_an_import_with_202_and_location_only(version: str) -> None:
    client = azure()
    got = client.put(THINGS, imported(PATHS), version=version)
    assert (got.status, got.text) == (202, "")
    assert "Azure-AsyncOperation" not in got.headers
    client.simulator.clock.advance(5)
    assert client.follow(got.headers["Location"]).status == 201
    assert client.delete(THINGS, version=version).status == 200


@pytest.mark.parametrize("code", ["PessimisticConcurrencyConflict", "Conflict"])
def test_while_an_import_runs_and_a_little_longer_the_api_is_locked(code: str) -> None:
    client = azure(import_time=3, lock_lingers=2, lock_code=code)
    client.put(THINGS, imported(PATHS))
    refused = client.put(f"{THINGS}", api("things"))
    assert (refused.status, refused.code) == (409, code)
    assert refused.message == "Operation on the API is in progress"
    client.simulator.clock.advance(4)  # it says Succeeded, but the lock lingers
    for method, path, body in (
        ("PUT", "/policies/policy", policy("<base />")),
        ("PATCH", "/operations/a", {"properties": {"description": "x"}}),
        ("DELETE", "/operations/a", None),
        ("DELETE", "", None),
    ):
        assert client.ask(method, THINGS + path, body).status == 409
    assert client.put(f"{GATEWAY}/products/starter/apis/things").status == 201
    assert client.put(f"{GATEWAY}/apis/other", api("other")).status == 201
    client.simulator.clock.advance(1)
    assert client.put(f"{THINGS}/policies/policy", policy("<base />")).status == 201


def test_an_import_can_fail_late() -> None:
    client = azure()
    client.simulator.fail(match="PUT .*/apis/things", async_=True, code="InternalServerError")
    got = client.put(THINGS, imported(PATHS))
    assert got.status == 201
    client.simulator.clock.advance(5)
    poll = client.follow(got.headers["Azure-AsyncOperation"])
    assert (poll.status, poll.body["status"], poll.body["error"]["code"]) == (200, "Failed", "InternalServerError")
    assert client.follow(got.headers["Location"]).status == 500
    assert client.get(THINGS).status == 404


def test_a_deletion_is_a_long_running_operation_and_a_second_one_is_204() -> None:
    client = azure()
    orders = f"{GATEWAY}/apis/orders-api"
    got = client.delete(orders, if_match="*")
    assert (got.status, got.text) == (202, "")
    assert "asyncCode=204" in got.headers["Location"]
    assert client.get(orders).status == 200
    assert client.put(f"{orders}/policies/policy", policy("<base />")).status == 409
    client.simulator.clock.advance(1)
    assert client.follow(got.headers["Azure-AsyncOperation"]).body == {"status": "Succeeded"}
    assert client.follow(got.headers["Location"]).status == 204
    again = client.delete(orders)
    assert (again.status, again.text) == (204, "")
    assert "Content-Length" not in again.headers
    assert not [id for id in client.simulator.resources() if "orders-api" in id]


def test_parallel_writes_can_be_told_to_lose_a_race() -> None:
    client = azure(racing_conflicts=1)
    assert client.put(THINGS, api("things")).status == 412
    assert client.put(THINGS, api("things")).status == 201


def test_what_is_not_modelled_says_so() -> None:
    client = azure()
    for body in (imported(properties={"format": "odata"}), imported(properties={"format": "wadl-xml"})):
        got = client.put(THINGS, body)
        assert (got.status, got.code) == (501, "SimulatorNotModelled")
