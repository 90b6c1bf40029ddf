import json
from typing import Any

import pytest

from tests.simulator.asking import JSON
from tests.simulator.documents import (
    NOT_3_0,
    PATH_ID,
    THINGS,
    VERSION,
    document,
    imported,
    importing,
    made_of,
    operation,
    swagger,
    text,
)

ANY: JSON = {"type": "object"}


def get(**more: Any) -> JSON:
    return {"/a": {"get": operation("a", **more)}}


def newer(paths: JSON, **more: Any) -> JSON:
    return {**document(paths, **more), "openapi": "3.1.0"}


BODY_TWICE = [{"name": name, "in": "body", "schema": ANY} for name in ("one", "two")]
BOM_PLACE = "(Lin: 1, Col: 11, Chr: 16)"
REPORTED: list[tuple[str, JSON, list[str]]] = [  # texts that people quoted
    (
        "no YAML (azure-cli#29405)",
        text('ï»¿{\n  "openapi": "3.0.1",'),
        [f"{BOM_PLACE} - {BOM_PLACE}: Mapping values are not allowed in this context."],
    ),
    (
        "a page where JSON should be (stephaneey/azure-apim-extension#61)",
        text("<html>", "swagger-json"),
        ["Unexpected character encountered while parsing value: <. Path '', line 0, position 0."],
    ),
    (
        "version 3 as swagger (pulumi-azure#501)",
        text(document({}), "swagger-json"),
        ["The Swagger version specified is unknown."],
    ),
    (
        "an unknown field (stephaneey/azure-apim-extension#62)",
        text(document(get(parameters=[{**VERSION, "uniqueItems": True}]))),
        ["uniqueItems is not a valid property at #/paths/~1a/get/parameters/0"],
    ),
    (
        "a list of types (azure-docs#123982)",
        text(newer({}, components={"schemas": {"T": {"properties": {"id": {"type": ["string", "null"]}}}}})),
        ["Cannot create a scalar value from this type of node. [#/components/schemas/T/properties/id/type]"],
    ),
    (
        "a numeric bound (azure-docs#119506)",
        text(newer(get(parameters=[{**VERSION, "schema": {"exclusiveMinimum": 3}}]))),
        ["String was not recognized as a valid Boolean. [#/paths/~1a/get/parameters/0/schema/exclusiveMinimum]"],
    ),
    (
        "a summary of the document (azure-docs#105288)",
        text(newer({}, info={"summary": "s"})),
        ["summary is not a valid property at #/info"],
    ),
    (
        "several bodies (arm-wire 3.2)",
        text(swagger({"/a": {"post": {"parameters": BODY_TWICE, "responses": {}}}}), "swagger-json"),
        ["Operation can have only one body parameter. Path: paths['/a'].post.parameters[1]"],
    ),
    (
        "one signature twice (arm-wire 3.2)",
        imported(
            {
                "/a/{id}": {"get": operation("a", parameters=[PATH_ID])},
                "/a/{x}": {"get": operation("b", parameters=[{**PATH_ID, "name": "x"}])},
            }
        ),
        ["Importing API has duplicate signature operations: 2 operations with signature 'GET /a/{}'"],
    ),
]
FOLLOWED = {0, 3, 4, 5, 6}  # by the sentence that the document is not valid for 3.0.1


@pytest.mark.parametrize(("position", "case"), list(enumerate(REPORTED)), ids=[case[0] for case in REPORTED])
def test_a_bad_document_is_refused_in_azures_words(position: int, case: tuple[str, JSON, list[str]]) -> None:
    _, sent, reasons = case
    client = importing()
    got = client.put(THINGS, sent)
    assert (got.status, got.code) == (400, "ValidationError"), got.text
    assert {each["target"] for each in got.body["error"]["details"]} == {"representation"}
    assert got.reasons == [f"Parsing error(s): {each}" for each in reasons] + (
        [NOT_3_0] if position in FOLLOWED else []
    )
    assert client.get(THINGS).status == 404


OTHERS: list[tuple[str, JSON, str]] = [  # refused by documentation or good sense; the words are our own
    ("no JSON", text("nonsense"), "not valid JSON"),
    ("YAML as JSON", text("openapi: 3.0.1"), "not valid JSON"),
    ("a list in YAML", text("- 1", "openapi"), "not an OpenAPI document"),
    ("a tag of Python's in YAML", text("a: !!python/object:os.system {}", "openapi"), "tag"),
    ("YAML without an end", text("a: &a\n  b: *a", "openapi"), "not valid YAML"),
    ("version 2 in YAML", text('swagger: "2.0"\ninfo: {}\npaths: {}', "openapi"), "Unexpected character"),
    ("no version", text({"info": {}, "paths": {}}), "is not an OpenAPI version"),
    ("version 3.2", text({**document({}), "openapi": "3.2.0"}), "'3.2.0' is not an OpenAPI version"),
    ("no paths", text({"openapi": "3.0.0", "info": {}}), "Required property 'paths' not found"),
    ("no info", text({"openapi": "3.0.0", "paths": {}}), "Required property 'info' not found"),
    ("parameters that are no list", imported(get(parameters={})), "Expected a list"),
    ("a parameter without a name", imported(get(parameters=[{"in": "query"}])), "no name or no place"),
    ("one name in path and query", imported({"/a/{api-Version}": {"get": operation("a", parameters=[
        {**PATH_ID, "name": "api-Version"}, VERSION])}}), "must be unique"),
    ("an operation that is no object", imported({"/a": {"get": 1}}), "Path: paths./a.get"),
    ("undeclared path parameter", imported({"/a/{id}": {"get": operation("a")}}), "'id'"),
    ("a path parameter that is not in the path", imported(get(parameters=[PATH_ID])), "not part of the URL"),
    ("reference to nowhere", imported(get(parameters=[{"$ref": "#/components/parameters/P"}])), "does not exist"),
    (
        "reference to nowhere deep in a schema",
        imported({}, components={"schemas": {"T": {"properties": {"example": {"$ref": "#/components/x/U"}}}}}),
        "does not exist",
    ),
    ("reference to elsewhere", imported(get(parameters=[{"$ref": "https://x/y"}])), "External"),
    (
        "references in a circle",
        imported(
            get(parameters=[{"$ref": "#/components/parameters/P"}]),
            components={"parameters": {"P": {"$ref": "#/components/parameters/P"}}},
        ),
        "leads nowhere",
    ),
    ("more than 4 MB", imported({}, info={"description": "x" * (4 * 1024 * 1024)}), "exceeds the limit of 4 MB"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "sent", "why"), OTHERS, ids=[case for case, _, _ in OTHERS])
def test_a_bad_document_is_refused_at_once(case: str, sent: JSON, why: str) -> None:
    del case
    client = importing()
    got = client.put(THINGS, sent)
    assert (got.status, got.code) == (400, "ValidationError"), got.text
    assert why in got.reasons[0]
    assert client.get(THINGS).status == 404


LATER = [(name, sent) for name, sent, _ in [*REPORTED, *OTHERS]]


@pytest.mark.parametrize(("case", "sent"), LATER, ids=[case for case, _ in LATER])
def test_or_later_by_a_failed_operation(case: str, sent: JSON) -> None:
    del case
    client = importing(import_refusal="later")
    got = client.put(THINGS, sent)
    assert got.status == 201
    poll = client.follow(got.headers["Azure-AsyncOperation"]).body
    assert (poll["status"], poll["error"]["code"]) == ("Failed", "ValidationError")
    assert poll["error"]["details"] == importing().put(THINGS, sent).body["error"]["details"]
    assert client.follow(got.headers["Location"]).status == 400
    assert client.get(THINGS).status == 404


def test_a_schema_that_refers_to_itself_is_accepted_or_refused() -> None:
    circle = {"A": {"items": {"$ref": "#/components/schemas/B"}}, "B": {"not": {"$ref": "#/components/schemas/A"}}}
    body = imported(get(), components={"schemas": circle})
    assert list(made_of(body)) == ["a"]
    refused = importing(import_recursion="refused").put(THINGS, body)
    assert "'A' refers to itself" in refused.reasons[0]


def test_version_3_1_can_be_put_in_the_words_of_3_0() -> None:
    schema = {
        "T": {
            "type": ["object", "null"],
            "properties": {
                "both": {"type": ["integer", "string"], "format": "int32"},
                "least": {"type": "number", "exclusiveMinimum": 3},
                "fixed": {"const": "x"},
                "shown": {"type": "string", "examples": ["e", "f"]},
            },
        }
    }
    source = newer(
        {"/a": {"$ref": "#/components/pathItems/I"}},
        components={"schemas": schema, "pathItems": {"I": {"get": operation("a")}}},
        info={"summary": "s", "license": {"name": "n", "identifier": "MIT"}},
        jsonSchemaDialect="https://spec.openapis.org/oas/3.1/dialect/base",
    )
    client = importing(openapi_3_1="converted")
    assert client.put(THINGS, text(source)).status == 201
    [listed] = client.get(f"{THINGS}/schemas").body["value"]
    kept = client.get(listed["id"]).body["properties"]["document"]["components"]["schemas"]
    assert kept == {
        "T": {
            "type": "object",
            "nullable": True,
            "properties": {
                "both": {"format": "int32"},
                "least": {"type": "number", "minimum": 3, "exclusiveMinimum": True},
                "fixed": {"enum": ["x"]},
                "shown": {"type": "string", "example": "e"},
            },
        }
    }
    assert client.get(f"{THINGS}/operations/a").status == 200


@pytest.mark.parametrize("strange", [{"webhooks": {}}, {"components": {"schemas": {"T": {"prefixItems": []}}}}])
def test_what_becomes_of_the_rest_of_3_1_is_not_known(strange: JSON) -> None:
    body = text(newer({}, **strange))
    assert importing(openapi_3_1="converted").put(THINGS, body).status == 501
    assert "not a valid property" in importing().put(THINGS, body).reasons[0]


def test_a_3_1_document_that_says_nothing_new_is_imported() -> None:
    assert list(made_of(text(newer(get())))) == ["a"]


@pytest.mark.parametrize("write", [document, swagger])
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("a", "must begin with '/'"),
        ("/a/{b", "brace"),
        ("/a/b}", "brace"),
        ("/a/{}", "brace"),
        ("/{a{b}}", "brace"),
    ],
)
def test_a_path_begins_with_a_slash_and_its_braces_are_pairs(write: Any, path: str, reason: str) -> None:
    answer = {"responses": {"200": {"description": "OK"}}}
    got = importing().put(THINGS, text(write({path: {"get": answer}})))
    assert (got.status, reason in got.reasons[0], path in got.reasons[0]) == (400, True, True)
    assert importing().put(THINGS, text(write({"/a": {"get": answer}, "x-a": {}}))).status == 201


def test_a_world_refuses_what_azure_refuses() -> None:
    client = importing(import_refusal="later")
    with pytest.raises(ValueError, match="not valid JSON"):
        client.simulator.put(THINGS, text("nonsense"))
    client.simulator.put(THINGS, json.loads(json.dumps(imported(get()))))
    assert client.get(f"{THINGS}/operations/a").status == 200
