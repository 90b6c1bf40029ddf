"""Which documents are refused, each in one sentence that says what is wrong and how to mend it."""

import pytest

from reconciler.openapi import operations, prepare
from tests.openapi_documents import SERVICE_URL, Json, document_of, one, required, said_about, string

REFUSALS: list[tuple[str, Json, str]] = [
    ("Swagger 2", {"swagger": "2.0", "paths": {}}, "Swagger 2.0, not OpenAPI 3.0 or 3.1"),
    ("another version", one() | {"openapi": "3.2.0"}, "is 3.2.0"),
    ("no version", {"info": {}}, "Swagger None"),
    ("a version that is a number", one() | {"openapi": 3.0}, "is 3.0"),
    ("no info", {"openapi": "3.0.3", "paths": {}}, "lacks a title"),
    ("info without a version", one() | {"info": {"title": "T"}}, "or a version"),
    ("info that is text", one() | {"info": "T"}, "info is not what OpenAPI has there"),
    ("no paths", {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}, "no paths"),
    ("empty paths", document_of({}), "no paths"),
    ("paths without operations", document_of({"/a": {"parameters": []}}), "no paths"),
    ("x-ms-paths", one() | {"x-ms-paths": {}}, "`x-ms-paths`"),
    (
        "only http",
        one(servers=[{"url": "http://a.example"}, {"url": "ws://a"}]),
        "https (http://a.example, ws://a)",
    ),
    ("a server that is text", one(servers=["https://a.example"]), "servers is not what"),
    ("paths that are a list", document_of({}) | {"paths": []}, "paths is not what"),
    ("a path item that is text", document_of({"/a": "b"}), "/a is not what"),
    ("an operation that is a list", document_of({"/a": {"get": []}}), "/a get is not what"),
    ("parameters that are an object", one({"parameters": {}}), "parameters is not what"),
    ("a parameter that is text", one({"parameters": ["p"]}), "parameters is not what"),
    ("a schema that is text", one({"parameters": [string("p", "query") | {"schema": "s"}]}), "schema is not what"),
    (
        "an enum that is text",
        one({"parameters": [string("p", "query") | {"schema": {"enum": "s"}}]}),
        "enum is not",
    ),
    ("responses that are a list", one({"responses": []}), "responses is not what"),
    ("a response that is text", one({"responses": {"200": "OK"}}), "200 is not what"),
    ("a body that is text", one({"requestBody": "b"}), "requestBody is not what"),
    ("something JSON lacks", one({"responses": {"200": {"description": {1}}}}), "200 description is a set"),
    (
        "two names",
        document_of({"/a": {"get": {"operationId": "x_y"}, "put": {"operationId": "X-Y"}}}),
        "GET /a and PUT /a have one operationId, 'x-y'",
    ),
    (
        "two names that are one when cut",
        document_of({"/a": {"get": {"operationId": "x" * 77}, "put": {"operationId": "x" * 78}}}),
        "one operationId",
    ),
    (
        "two signatures",
        document_of(
            {
                "/a/{x}": {"get": {"operationId": "p", "parameters": [required("x", "path")]}},
                "/A/{y}": {"get": {"operationId": "q", "parameters": [required("y", "path")]}},
            }
        ),
        "GET /a/{x} and GET /A/{y} have one signature",
    ),
    (
        "an undeclared path parameter",
        one(path="/a/{id}"),
        "POST /a/{id} has 'id' not both in its path and declared",
    ),
    ("a path parameter without a place", one({"parameters": [required("id", "path")]}), "'id' not both"),
    ("a placeholder without a name", one(path="/a/{}"), "''"),
    (
        "a name twice",
        one({"parameters": [required("id", "path"), required("ID", "query")]}, path="/{id}"),
        "a name twice in path and required query (['id', 'id'])",
    ),
    ("a placeholder twice", one({"parameters": [required("id", "path")]}, path="/{id}/{id}"), "a name twice"),
    ("a path without a slash", one(path="a"), "no good path"),
    ("a path with a query", one(path="/a?b=c"), "no good path"),
    ("a path with half a placeholder", one(path="/a/{b"), "no good path"),
    ("a path that is too long", one(path="/" + "a" * 1000), "no good path"),
    ("a required body of a get", one({"requestBody": {"required": True}}, method="get"), "GET /a requires a body"),
    ("a body as a parameter", one({"parameters": [string("b", "body")]}), "'b' in 'body'"),
    ("a parameter without a name", one({"parameters": [{"in": "query"}]}), "'' in 'query'"),
    (
        "a default that is no value",
        one({"parameters": [{"name": "p", "in": "query", "schema": {"enum": ["a"], "default": "b"}}]}),
        "'p' default to 'b', not in its enum",
    ),
    ("another file", one({"requestBody": {"$ref": "bodies.json#/B"}}), "'bodies.json#/B', itself or another file"),
    (
        "a reference to nothing",
        one({"requestBody": {"$ref": "#/components/requestBodies/B"}}),
        "not in the document",
    ),
    (
        "a reference to itself",
        one(
            {"requestBody": {"$ref": "#/components/requestBodies/B"}},
            components={"requestBodies": {"B": {"$ref": "#/components/requestBodies/B"}}},
        ),
        "itself or another file",
    ),
    (
        "a schema of a parameter that is itself",
        one(
            {"parameters": [{"name": "p", "in": "query", "schema": {"$ref": "#/components/schemas/S"}}]},
            components={"schemas": {"S": {"$ref": "#/components/schemas/S"}}},
        ),
        "POST /a p #/components/schemas/S refers to '#/components/schemas/S', itself",
    ),
]


@pytest.mark.parametrize(("document", "said"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS])
def test_a_document_is_refused_in_one_sentence_that_says_what_where_and_how_to_mend_it(
    document: Json, said: str
) -> None:
    sentence = said_about(lambda: operations(document))
    assert said in sentence
    assert sentence.endswith(".")
    assert "; " in sentence
    assert "\n" not in sentence
    assert said_about(lambda: prepare(document, service_url=SERVICE_URL)) == sentence


@pytest.mark.parametrize("keep", [[], ["b"], ["A"]])
def test_a_document_without_a_wanted_operation_is_refused(keep: list[str]) -> None:
    sentence = said_about(lambda: prepare(one(), service_url=SERVICE_URL, keep=keep))
    assert sentence == "No operation is wanted; choose from a."


@pytest.mark.parametrize(
    "service_url",
    [
        "http://contoso.openai.azure.com/openai",
        "https:///openai",
        "contoso.openai.azure.com",
        "https://{endpoint}/openai",
        "https://contoso.example/openai?x=1",
        "https://user@contoso.example/openai",
    ],
)
def test_a_server_that_is_no_plain_https_url_is_refused(service_url: str) -> None:
    sentence = said_about(lambda: prepare(one(), service_url=service_url))
    assert sentence == f"The server {service_url!r} is not a plain https URL; use the account's endpoint."


def test_a_document_too_big_to_import_is_refused_unless_less_is_kept() -> None:
    bodies = {
        name: {"content": {"text/plain": {"example": "x" * size}}} for name, size in [("a", 9), ("b", 4_000_000)]
    }
    paths = {f"/{name}": {"post": {"operationId": name, "requestBody": body}} for name, body in bodies.items()}
    sentence = said_about(lambda: prepare(document_of(paths), service_url=SERVICE_URL))
    assert sentence.endswith(" bytes, where an import takes 4000000; keep less of it.")
    assert list(prepare(document_of(paths), service_url=SERVICE_URL, keep=["a"])["paths"]) == ["/a"]


@pytest.mark.parametrize(
    "servers", [[], [{"url": "/openai"}], [{"url": "http://a.example"}, {"url": "HTTPS://a.example"}]]
)
def test_a_document_needs_no_server_of_its_own_since_it_is_replaced(servers: list[Json]) -> None:
    assert prepare(one(servers=servers), service_url=SERVICE_URL)["servers"][0]["url"] == SERVICE_URL
