import json

import pytest

from tests.simulator.asking import GATEWAY, JSON, Azure, azure

ORDERS = f"{GATEWAY}/apis/orders-api"
MINE = f"{ORDERS}/schemas/mine"
OPERATION = f"{ORDERS}/operations/get-order"
COMPONENTS = "application/vnd.oai.openapi.components+json"
SWAGGER = "application/vnd.ms-azure-apim.swagger.definitions+json"


def schema(type: str = COMPONENTS, **document: object) -> JSON:
    return {"properties": {"contentType": type, "document": document}}


def with_schema(**knobs: object) -> Azure:
    client = azure(schema_time=0, **knobs)
    client.put(MINE, schema(components={"schemas": {"Order": {"type": "object"}}}))
    return client


def with_reference(client: Azure) -> None:
    body = {"contentType": "application/json", "schemaId": "mine", "typeName": "Order"}
    got = client.patch(OPERATION, {"properties": {"responses": [{"statusCode": 200, "representations": [body]}]}})
    assert got.status == 200, got.text


def test_a_schema_is_made_by_an_operation_that_takes_time_and_locks_the_api() -> None:
    client = azure(schema_time=2)
    got = client.put(MINE, schema(value="type Query { a: Int }"))
    assert (got.status, got.body["properties"]) == (201, {"ProvisioningState": "InProgress"})
    assert "asyncCode=201" in got.headers["Location"]
    assert client.get(MINE).status == 404
    assert client.delete(OPERATION).code == "PessimisticConcurrencyConflict"
    client.simulator.clock.advance(2)
    assert client.follow(got.headers["Azure-AsyncOperation"]).body == {"status": "Succeeded"}
    assert client.follow(got.headers["Location"]).body["properties"]["document"] == {
        "value": "type Query { a: Int }"
    }
    assert client.put(MINE, schema(value="x")).status == 200


def test_older_api_versions_answer_202_and_location_only() -> None:
    client = azure(schema_time=2)
    got = client.put(MINE, schema(value="x"), version="2022-08-01")
    assert (got.status, got.text, "Azure-AsyncOperation" in got.headers) == (202, "", False)
    client.simulator.clock.advance(2)
    assert client.follow(got.headers["Location"]).status == 201


def test_swagger_definitions_are_read_and_other_text_is_kept() -> None:
    client = with_schema()
    text = json.dumps({"definitions": {"pet": {"type": "object"}}})
    client.put(f"{ORDERS}/schemas/swagger", schema(SWAGGER, value=text))
    document = client.get(f"{ORDERS}/schemas/swagger").body["properties"]["document"]
    assert document == {"definitions": {"definitions": {"pet": {"type": "object"}}}}
    client.put(f"{ORDERS}/schemas/text", schema(value=text))
    assert client.get(f"{ORDERS}/schemas/text").body["properties"]["document"] == {"value": text}


def test_the_list_leaves_the_document_out_and_head_shows_the_etag() -> None:
    client = with_schema()
    listed = client.get(f"{ORDERS}/schemas").body
    assert [(each["name"], each["properties"]) for each in listed["value"]] == [
        ("mine", {"contentType": COMPONENTS})
    ]
    assert client.ask("HEAD", MINE).headers["ETag"] == client.get(MINE).headers["ETag"]


@pytest.mark.parametrize(
    "body",
    [
        schema(),
        schema(value="x", components={}),
        schema(SWAGGER, value="{"),
        {"properties": {"contentType": COMPONENTS}},
        {"properties": {"document": {"value": "x"}}},
        schema(other="x"),
    ],
    ids=["empty", "two contents", "no JSON", "no document", "no type", "unknown"],
)
def test_a_wrong_schema_is_refused(body: JSON) -> None:
    client = azure()
    assert client.put(MINE, body).status == 400
    assert client.put(f"{GATEWAY}/apis/none/schemas/mine", schema(value="x")).message == "Api not found."


def test_a_schema_that_an_operation_names_is_deleted_by_force_only() -> None:
    client = with_schema()
    with_reference(client)
    etag = client.get(OPERATION).headers["ETag"]
    assert client.delete(MINE).status == 400
    assert client.delete(MINE, query={"force": "true"}).status == 200
    got = client.get(OPERATION)
    assert got.body["properties"]["responses"][0]["representations"] == [{"contentType": "application/json"}]
    assert got.headers["ETag"] != etag
    assert client.delete(MINE).status == 204
    assert client.get(MINE).message == "Schema not found."
