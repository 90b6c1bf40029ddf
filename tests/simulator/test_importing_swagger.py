import pytest

from tests.simulator.asking import JSON
from tests.simulator.documents import THINGS, importing, made_of, operations, schemas, swagger, text

PET = {"$ref": "#/definitions/pet"}
SHARED: JSON = {
    "definitions": {"pet": {"properties": {"tag": {"$ref": "#/definitions/tag"}}}, "tag": {"type": "string"}},
    "parameters": {
        "limit": {"name": "limit", "in": "query", "type": "integer", "format": "int32", "default": 5},
        "pet": {"name": "pet", "in": "body", "required": True, "schema": PET},
    },
    "responses": {"found": {"description": "found", "schema": PET, "headers": {"h": {"type": "integer"}}}},
}


def test_a_swagger_document_gives_address_protocols_and_what_is_said_about_it() -> None:
    """As in the .NET SDK's recording SwaggerTest.json."""
    client = importing()
    source = swagger({}, host="pets.example", basePath="/api", schemes=["http"])
    source["info"] |= {"description": "d", "contact": {"email": "a@b.example"}, "license": {"name": "MIT"}}
    body = text(source, "swagger-json")
    del body["properties"]["displayName"]
    client.put(THINGS, body)
    found = client.get(THINGS).body["properties"]
    assert (found["displayName"], found["description"]) == ("Title", "d")
    assert (found["serviceUrl"], found["protocols"]) == ("http://pets.example/api", ["http"])
    assert found["contact"] == {"name": None, "url": None, "email": "a@b.example"}
    assert found["license"] == {"name": "MIT", "url": None}


def test_the_request_wins_over_the_documents_protocols_and_without_either_it_is_https() -> None:
    for more, asked, protocols in (({"schemes": ["http"]}, ["https"], ["https"]), ({}, None, ["https"])):
        client = importing()
        body = text(swagger({}, **more), "swagger-json")
        body["properties"] |= {"protocols": asked} if asked else {}
        client.put(THINGS, body)
        found = client.get(THINGS).body["properties"]
        assert (found["protocols"], found["serviceUrl"]) == (protocols, None)


def test_operations_parameters_bodies_and_responses_of_a_swagger_document() -> None:
    paths: JSON = {
        "/pets/{id}?kind={kind}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "type": "integer", "format": "int64"}],
            "put": {
                "operationId": "Put_Pet",
                "consumes": ["application/json", "text/xml"],
                "parameters": [
                    {"$ref": "#/parameters/limit"},
                    {"$ref": "#/parameters/pet"},
                    {"name": "kind", "in": "query", "required": True, "type": "string", "enum": ["cat", "dog"]},
                    {"name": "x-h", "in": "header", "type": "string", "description": "a header"},
                ],
                "responses": {"200": {"$ref": "#/responses/found"}, "default": {"description": "bad"}},
            },
        }
    }
    client = importing(import_examples="given")
    client.put(THINGS, text(swagger(paths, **SHARED), "swagger-json"))
    found = operations(client)["put-pet"]
    assert found["urlTemplate"] == "/pets/{id}?kind={kind}"
    assert [
        (each["name"], each["type"], each.get("description"), each["values"])
        for each in found["templateParameters"]
    ] == [
        ("id", "integer", "Format - int64.", []),
        ("kind", "string", None, ["cat", "dog"]),
    ]
    [limit] = found["request"]["queryParameters"]
    assert (limit["name"], limit["defaultValue"], limit["description"]) == ("limit", "5", "Format - int32.")
    assert [each["name"] for each in found["request"]["headers"]] == ["x-h"]
    assert [(each["contentType"], each["typeName"]) for each in found["request"]["representations"]] == [
        ("application/json", "pet"),
        ("text/xml", "pet"),
    ]
    assert [each["statusCode"] for each in found["responses"]] == [200, 400, 500]
    [answer] = found["responses"][0]["representations"]
    assert (answer["contentType"], answer["typeName"]) == ("application/json", "pet")
    assert [each["name"] for each in found["responses"][0]["headers"]] == ["h"]


def test_the_schema_entity_of_a_swagger_document_has_definitions() -> None:
    client = importing()
    client.put(THINGS, text(swagger({}, **SHARED), "swagger-json"))
    kept = schemas(client)
    assert kept["contentType"] == "application/vnd.ms-azure-apim.swagger.definitions+json"
    assert kept["document"] == {"definitions": SHARED["definitions"]}


def test_forms_and_produces_are_not_supported() -> None:
    form = {"name": "f", "in": "formData", "type": "string"}
    post = {
        "operationId": "p",
        "consumes": ["multipart/form-data"],
        "produces": ["text/csv"],
        "parameters": [form],
        "responses": {"200": {"description": "ok", "schema": {"type": "string"}}},
    }
    found = made_of(text(swagger({"/a": {"post": post}}), "swagger-json"))["p"]
    assert found["request"]["representations"] == []
    assert [each["contentType"] for each in found["responses"][0]["representations"]] == ["application/json"]


def test_a_body_may_be_declared_for_the_whole_path() -> None:
    paths = {"/a": {"parameters": [{"$ref": "#/parameters/pet"}], "put": {"operationId": "p", "responses": {}}}}
    found = made_of(text(swagger(paths, **SHARED), "swagger-json"))["p"]
    assert [each["typeName"] for each in found["request"]["representations"]] == ["pet"]


def test_servers_may_be_given_as_in_version_3() -> None:
    client = importing()
    client.put(THINGS, text(swagger({}, host="no.example", **{"x-servers": [{"url": "https://yes.example"}]})))
    assert client.get(THINGS).body["properties"]["serviceUrl"] == "https://yes.example"


def test_examples_of_a_swagger_document() -> None:
    post = {
        "operationId": "p",
        "parameters": [{"name": "b", "in": "body", "schema": {"type": "object", "example": {"a": None}}}],
        "responses": {"200": {"description": "ok", "schema": PET, "examples": {"application/json": {"id": 3}}}},
    }
    found = made_of(text(swagger({"/a": {"post": post}}, **SHARED), "swagger-json"))["p"]
    assert found["request"]["representations"][0]["examples"] == {"default": {"value": {"a": None}}}
    assert found["responses"][0]["representations"][0]["examples"] == {"default": {"value": {"id": 3}}}


@pytest.mark.parametrize("format", ["openapi", "openapi+json", "swagger-json"])
def test_swagger_in_json_is_read_under_every_inline_format(format: str) -> None:
    """Recordings 44 and 45 send it as openapi+json."""
    paths = {"/a": {"get": {"operationId": "a", "responses": {}}}}
    assert list(made_of(text(swagger(paths), format))) == ["a"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ({**swagger({}), "swagger": "1.2"}, "The Swagger version specified is unknown."),
        ({**swagger({}), "servers": []}, "servers is not a valid property at #/"),
        ({"swagger": "2.0", "info": {}}, "Required property 'paths' not found"),
        (swagger({"/a": {"get": {"parameters": [PET], "responses": {}}}}), "does not exist"),
        (swagger({"/a/{id}": {"get": {"responses": {}}}}), "'id' needs to be defined"),
        (swagger({"/a": 1}), "Path: paths./a"),
    ],
)
def test_a_bad_swagger_document_is_refused(source: JSON, why: str) -> None:
    got = importing().put(THINGS, text(source, "swagger-json"))
    assert got.status == 400, got.text
    assert why in got.reasons[0]
