"""What Azure makes of resources where one would not guess it: numbers 4, 5, 7, 8, 9 and 10 of the eleven quirks."""

import base64
import re

import pytest

from tests.simulator.asking import EAST, GATEWAY, OPENAI_USER, Azure, S, api, azure, policy
from tests.simulator.documents import PATH_ID, imported, operation

A = f"{GATEWAY}/apis/things"
RA = "providers/Microsoft.Authorization/roleAssignments"
ONE, TWO = "2f9290b0-1a82-44fe-a959-b441c49c84cb", "3f9290b0-1a82-44fe-a959-b441c49c84cb"
FRESH = "0f14a80d-42e5-4d57-afe0-46acf9dfae05"
QUERY = {"name": "api-version", "in": "query", "required": True, "schema": {"type": "string"}}


def finish(client: Azure, seconds: float = 60) -> Azure:
    client.simulator.clock.advance(seconds)
    return client


@pytest.mark.quirk(4)
def test_a_policy_reads_back_indented_and_escaped() -> None:
    client = azure()
    client.put(A, api("things"))
    sent = '<set-variable name="v" value="@(context.Variables["x"] == "<&>")" />'
    client.put(f"{A}/policies/policy", policy(sent, "rawxml"))
    properties = client.get(f"{A}/policies/policy").body["properties"]
    assert properties == {
        "format": "xml",
        "value": "<policies>\r\n\t<inbound>\r\n\t\t"
        '<set-variable name="v" value="@(context.Variables[&quot;x&quot;] == &quot;&lt;&amp;&gt;&quot;)" />'
        "\r\n\t</inbound>\r\n</policies>",
    }


@pytest.mark.quirk(4)
def test_what_is_sent_reads_back_otherwise() -> None:
    client = azure()
    client.put(A, api("/things", type="http"))
    read = client.get(A).body["properties"]
    assert read["path"] == "things"
    assert "type" not in read
    assert (read["mcpProperties"], read["isAgent"], read["isCurrent"]) == (None, False, True)
    parameters = [{"name": "id", "type": "string", "required": True}]
    body = {"displayName": "O", "method": "GET", "urlTemplate": "/{id}", "templateParameters": parameters}
    client.put(f"{A}/operations/o", {"properties": body})
    operation_read = client.get(f"{A}/operations/o").body["properties"]
    assert operation_read["templateParameters"] == [{**parameters[0], "values": []}]
    assert operation_read["request"] == {"queryParameters": [], "headers": [], "representations": []}
    assert (operation_read["responses"], operation_read["policies"]) == ([], None)
    client.put(f"{GATEWAY}/backends/b", {"properties": {"url": "https://b", "protocol": "http", "type": "Single"}})
    assert client.get(f"{GATEWAY}/backends/b").body["properties"] == {
        "title": None,
        "description": None,
        "url": "https://b",
        "protocol": "http",
    }


@pytest.mark.quirk(5)
def test_a_list_shows_less_than_a_get() -> None:
    client = azure(import_time=0, lock_lingers=0)
    settings = {"subscriptionKeyParameterNames": {"header": "h", "query": "q"}, "contact": {"name": "Bob"}}
    client.put(A, imported({"/x": {"get": operation("X")}}, properties=settings))
    listed = next(each for each in client.get(f"{GATEWAY}/apis").body["value"] if each["name"] == "things")
    assert listed["properties"]["authenticationSettings"] is None
    assert listed["properties"]["subscriptionKeyParameterNames"] is None
    assert "contact" not in listed["properties"]
    read = client.get(A).body["properties"]
    assert read["contact"]["name"] == "Bob"
    assert read["subscriptionKeyParameterNames"] == {"header": "h", "query": "q"}
    (summary,) = client.get(f"{A}/operations").body["value"]
    assert "request" not in summary["properties"]
    assert "request" in client.get(summary["id"]).body["properties"]


@pytest.mark.quirk(5)
def test_a_list_of_schemas_has_no_documents() -> None:
    client = azure(import_time=0, lock_lingers=0)
    components = {"schemas": {"T": {"type": "object"}}}
    client.put(A, imported({"/x": {"get": operation("X")}}, components=components))
    (schema,) = client.get(f"{A}/schemas").body["value"]
    assert "document" not in schema["properties"]
    assert client.get(schema["id"]).body["properties"]["document"] == {"components": components}


@pytest.mark.quirk(5)
def test_lists_are_in_the_order_of_display_names_and_count_everything() -> None:
    client = azure()
    for name, display in (("a1", "zebra"), ("b1", "Apple"), ("c1", "apricot")):
        client.put(f"{GATEWAY}/apis/{name}", api(name, displayName=display))
    client.put(f"{GATEWAY}/apis/b1;rev=2", {"properties": {"path": "b1", "sourceApiId": "/apis/b1"}})
    body = client.get(f"{GATEWAY}/apis").body
    mine = [each["name"] for each in body["value"] if each["name"][:2] in {"a1", "b1", "c1"}]
    assert mine in (["b1", "b1;rev=2", "c1", "a1"], ["b1;rev=2", "b1", "c1", "a1"])
    page = client.get(f"{GATEWAY}/apis", query={"$top": "1"}).body
    assert (len(page["value"]), page["count"]) == (1, body["count"])
    assert page["nextLink"].startswith("https://management.azure.com:443/")
    assert "%24skip=1" in page["nextLink"]


@pytest.mark.quirk(5)
def test_the_answer_to_a_put_of_a_product_shows_groups_that_a_get_does_not() -> None:
    client = azure()
    got = client.put(f"{GATEWAY}/products/p", {"properties": {"displayName": "P"}})
    assert [group["name"] for group in got.body["properties"]["groups"]] == ["Administrators"]
    assert client.get(f"{GATEWAY}/products/p").body["properties"]["groups"] == []


@pytest.mark.quirk(7)
def test_a_new_import_deletes_what_it_does_not_find_and_keeps_policies_of_what_it_does() -> None:
    client = azure(import_time=0, lock_lingers=0)
    client.put(A, imported({f"/{name}": {"get": operation(name)} for name in ("kept", "gone", "renamed")}))
    client.put(f"{A}/operations/own", {"properties": {"displayName": "O", "method": "PUT", "urlTemplate": "/own"}})
    for name in ("kept", "gone", "renamed"):
        client.put(f"{A}/operations/{name}/policies/policy", policy(f'<set-method id="{name}">GET</set-method>'))
    again = {"/kept": {"get": operation("kept")}, "/renamed": {"get": operation("other")}}
    client.put(A, imported(again))
    names = sorted(each["name"] for each in client.get(f"{A}/operations").body["value"])
    assert names == ["get-renamed", "kept"]
    for name, source in (("kept", "kept"), ("get-renamed", "renamed")):
        found = client.get(f"{A}/operations/{name}/policies/policy")
        assert f'id="{source}"' in found.body["properties"]["value"]


@pytest.mark.quirk(7)
def test_required_query_parameters_join_the_template_and_schemas_get_new_ids() -> None:
    client = azure(import_time=0, lock_lingers=0)
    paths = {"/d/{id}": {"post": operation("D", parameters=[PATH_ID, QUERY])}}
    ids = []
    for _ in range(2):
        client.put(A, imported(paths, components={"schemas": {"T": {"type": "object"}}}))
        ids += [each["name"] for each in client.get(f"{A}/schemas").body["value"]]
    assert client.get(f"{A}/operations/d").body["properties"]["urlTemplate"] == "/d/{id}?api-version={api-version}"
    assert len(set(ids)) == 2


def assignment(principal: str, **more: str) -> dict[str, object]:
    return {"properties": {"principalId": principal, "roleDefinitionId": OPENAI_USER, **more}}


@pytest.mark.quirk(8)
def test_a_new_principal_is_unknown_for_a_while_unless_its_type_is_given() -> None:
    client = azure(service_update_time=0, principal_replication=15, principal_type_failures=1)
    client.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}})
    finish(client, 1)
    principal = client.get(GATEWAY).body["identity"]["principalId"]
    refused = client.put(f"{EAST}/{RA}/{ONE}", assignment(principal))
    assert (refused.status, refused.code) == (400, "PrincipalNotFound")
    assert principal.replace("-", "") in refused.message
    typed = assignment(principal, principalType="ServicePrincipal")
    assert client.put(f"{EAST}/{RA}/{ONE}", typed).code == "PrincipalNotFound"  # even then, once
    assert client.put(f"{EAST}/{RA}/{ONE}", typed).status == 201
    finish(client, 15)
    assert client.put(f"{S}/{RA}/{TWO}", assignment(principal)).status == 201


@pytest.mark.quirk(8)
def test_an_assignment_is_its_triple_and_its_name_is_bound_to_it() -> None:
    client = azure(role_read_delay=5)
    typed = assignment(FRESH, principalType="ServicePrincipal")
    assert client.put(f"{EAST}/{RA}/{ONE}", typed).status == 201
    assert client.get(f"{EAST}/{RA}/{ONE}").status == 404
    finish(client, 5)
    assert client.get(f"{EAST}/{RA}/{ONE}").status == 200
    exists = client.put(f"{EAST}/{RA}/{TWO}", typed)
    assert (exists.status, exists.code) == (409, "RoleAssignmentExists")
    assert exists.message.endswith(f"The ID of the existing role assignment is {ONE.replace('-', '')}.")
    other = client.put(f"{EAST}/{RA}/{ONE}", assignment(TWO, principalType="ServicePrincipal"))
    assert (other.status, other.code) == (400, "RoleAssignmentUpdateNotPermitted")
    deleted = client.delete(f"{EAST}/{RA}/{ONE}")
    assert (deleted.status, deleted.body["properties"]["principalId"]) == (200, FRESH)


MODEL = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}
DEPLOYMENT = {"sku": {"name": "Standard", "capacity": 1}, "properties": {"model": MODEL}}


@pytest.mark.quirk(9)
def test_a_deployment_is_there_at_once_or_takes_its_time() -> None:
    got = azure().put(f"{EAST}/deployments/d", DEPLOYMENT)
    assert (got.status, got.body["properties"]["provisioningState"]) == (201, "Succeeded")
    assert re.fullmatch(r'"[0-9a-f-]{36}"', got.body["etag"])
    client = azure(deployment_time=30)
    slow = client.put(f"{EAST}/deployments/d", DEPLOYMENT)
    assert (slow.status, slow.body["properties"]["provisioningState"]) == (201, "Creating")
    busy = client.put(f"{EAST}/deployments/e", DEPLOYMENT)
    assert (busy.status, busy.code) == (409, "RequestConflict")
    assert busy.message == (
        f"Another operation is being performed on the parent resource '{EAST}'. Please try again later."
    )
    finish(client, 31)
    assert client.get(f"{EAST}/deployments/d").body["properties"]["provisioningState"] == "Succeeded"
    missing = client.get(f"{EAST}/deployments/nothing")
    assert (missing.status, missing.code) == (404, "NotFound")
    assert missing.message == f"Specified resource '{EAST}/deployments/nothing' cannot be found."


@pytest.mark.quirk(9)
def test_a_new_account_has_a_status_url_and_no_location() -> None:
    client = azure()
    got = client.put(f"{EAST}2", {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}})
    assert (got.status, got.body["properties"]["provisioningState"]) == (201, "Creating")
    assert "Azure-AsyncOperation" in got.headers
    assert "Location" not in got.headers
    assert "Retry-After" not in got.headers


@pytest.mark.quirk(10)
def test_a_secret_is_not_shown_and_named_values_take_time() -> None:
    client = azure()
    id = f"{GATEWAY}/namedValues/key"
    got = client.put(id, {"properties": {"displayName": "key", "value": "hush", "secret": True}})
    assert (got.status, got.body["properties"]) == (201, {"ProvisioningState": "InProgress"})
    assert "ETag" not in got.headers
    assert finish(client).follow(got.headers["Azure-AsyncOperation"]).body == {"status": "Succeeded"}
    assert "value" not in client.get(id).body["properties"]
    assert client.ask("POST", f"{id}/listValue").body == {"value": "hush"}


@pytest.mark.quirk(10)
def test_a_fragment_is_spelled_otherwise_when_it_is_read() -> None:
    client = azure()
    id = f"{GATEWAY}/policyFragments/part"
    got = client.put(id, {"properties": {"value": "<fragment></fragment>", "description": "d"}})
    assert (got.status, got.body["id"]) == (201, id)
    read = finish(client).get(id)
    assert read.body["id"] == id.replace("/policyFragments/", "/policyfragments/")
    assert read.body["type"] == "Microsoft.ApiManagement/service/policyFragments"
    assert read.body["properties"] == {
        "description": "d",
        "value": "<fragment></fragment>",
        "provisioningState": "Succeeded",
    }
    assert base64.b64decode(read.headers["ETag"].strip('"'))[-3:] == bytes(3)  # the row's bytes, the lowest first


@pytest.mark.quirk(10)
def test_the_key_of_a_logger_becomes_a_named_value_that_outlives_it() -> None:
    client = azure()
    body = {"loggerType": "applicationInsights", "credentials": {"instrumentationKey": FRESH}}
    client.put(f"{GATEWAY}/loggers/l", {"properties": body})
    key = client.get(f"{GATEWAY}/loggers/l").body["properties"]["credentials"]["instrumentationKey"]
    assert re.fullmatch(r"\{\{Logger-Credentials--[0-9a-f]{24}\}\}", key)
    assert client.delete(f"{GATEWAY}/loggers/l").status == 200
    left = client.get(f"{GATEWAY}/namedValues").body["value"]
    assert [each["properties"]["displayName"] for each in left] == [key.strip("{}")]
    assert left[0]["properties"]["secret"] is True
