import re

import pytest
from ruamel.yaml import YAML

from tests.simulator.asking import GATEWAY, JSON, shared
from tests.simulator.documents import (
    PATH_ID,
    THINGS,
    VERSION,
    imported,
    importing,
    made_of,
    operation,
    operations,
    text,
)


@pytest.mark.parametrize(
    ("format", "named", "ending"),
    [
        ("openapi-link", "openapi-link", "yaml"),
        ("openapi+json-link", "openapi+json-link", "json"),
        ("swagger-link", "swagger-link-json", "json"),
        ("wadl-link", "wadl-link-json", "xml"),
        ("wsdl-link", "wsdl-link+xml", "xml"),
    ],
)
def test_an_export_answers_a_link_to_a_storage_account(format: str, named: str, ending: str) -> None:
    client = importing()
    client.put(THINGS, imported({}))
    plain = client.get(THINGS)
    got = client.get(THINGS, query={"export": "true", "format": format})
    assert (got.status, got.headers["ETag"]) == (200, plain.headers["ETag"])
    assert list(got.body) == ["id", "format", "value"]
    assert (got.body["id"], got.body["format"]) == (THINGS, named)
    pattern = rf"https://\w+\.blob\.core\.windows\.net/api-export/THINGS\.{ending}\?sv=2017-04-17&sr=b&sig=\w+&se=[-\d]+T[\d:]+Z&sp=r"
    assert re.fullmatch(pattern, got.body["value"]["link"])


def test_an_export_needs_a_known_format_and_an_api() -> None:
    client = importing()
    client.put(THINGS, imported({}))
    for query in ({"export": "true"}, {"export": "true", "format": "pdf"}):
        got = client.get(THINGS, query=query)
        assert (got.status, got.body["error"]["details"][0]["target"]) == (400, "format")
    assert client.get(f"{GATEWAY}/apis/none", query={"export": "true", "format": "openapi-link"}).status == 404
    assert client.get(THINGS, query={"export": "false"}).body["properties"]["displayName"] == "THINGS"


def exported(body: JSON) -> JSON:
    client = importing()
    assert client.put(THINGS, body).status == 201
    got = client.ask("GET", "/_simulator/exports", version="", query={"id": THINGS})
    assert got.status == 200
    found: JSON = got.body
    return found


def test_the_document_behind_an_export_can_be_had_from_the_simulator() -> None:
    thing = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}, "example": {"a": 1}}}
    inline = {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}}
    answer = {"description": "ok", "headers": {"h": {"schema": {"type": "integer"}}}, "content": inline}
    put = operation(
        "Put_It",
        summary="Put",
        parameters=[PATH_ID, VERSION, {"name": "x", "in": "header", "schema": {"type": "string"}}],
        requestBody={"content": thing},
        responses={"200": answer},
    )
    body = imported({"/a/{id}": {"put": put}}, components={"schemas": {"Thing": {"type": "object"}}})
    assert exported(body) == {
        "openapi": "3.0.1",
        "info": {"title": "THINGS", "version": "1.0"},
        "servers": [{"url": "https://contoso-gateway.azure-api.net/things"}],
        "paths": {
            "/a/{id}": {
                "put": {
                    "summary": "Put",
                    "description": "Put",
                    "operationId": "put-it",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                        {"name": "api-version", "in": "query", "required": True, "schema": {"type": "string"}},
                        {"name": "x", "in": "header", "schema": {"type": "string"}},
                    ],
                    "requestBody": {"content": thing},
                    "responses": {
                        "200": {
                            "description": "ok",
                            "headers": {"h": {"schema": {"type": "integer"}}},
                            "content": {
                                "application/json": {
                                    "schema": {"type": "array", "items": {"type": "string"}},
                                    "example": ["string"],
                                }
                            },
                        }
                    },
                }
            }
        },
        "components": {
            "schemas": {"Thing": {"type": "object"}},
            "securitySchemes": {
                "apiKeyHeader": {"type": "apiKey", "name": "Ocp-Apim-Subscription-Key", "in": "header"},
                "apiKeyQuery": {"type": "apiKey", "name": "subscription-key", "in": "query"},
            },
        },
        "security": [{"apiKeyHeader": []}, {"apiKeyQuery": []}],
    }


def test_what_was_exported_can_be_imported_to_the_same_operations() -> None:
    source = (shared("azure/openapi") / "azure-openai-2024-10-21.apim-export.yaml").read_text("utf-8")
    once = made_of(text(source, "openapi"))
    client = importing()
    assert client.put(THINGS, text(exported(text(source, "openapi")))).status == 201
    twice = operations(client)
    for name in ("displayName", "method", "urlTemplate", "description"):
        assert {key: each[name] for key, each in once.items()} == {key: each[name] for key, each in twice.items()}
    assert {key: [each["statusCode"] for each in found["responses"]] for key, found in once.items()} == {
        key: [each["statusCode"] for each in found["responses"]] for key, found in twice.items()
    }


@pytest.mark.parametrize("date", ["2024-02-01", "2024-06-01"])
def test_a_real_export_comes_back_as_it_was(date: str) -> None:
    """These files are what services made of documents: imported with names kept, they are fixed points."""
    source = (shared("azure/openapi") / f"azure-openai-{date}.apim-export.yaml").read_text("utf-8")
    was = YAML(typ="safe", pure=True).load(source)
    client = importing(operation_names="preserved")
    body = text(source, "openapi")
    assert client.put(THINGS, body).status == 201
    is_ = client.ask("GET", "/_simulator/exports", version="", query={"id": THINGS}).body
    assert is_["paths"] == was["paths"]
    assert is_["components"]["schemas"] == was["components"]["schemas"]
