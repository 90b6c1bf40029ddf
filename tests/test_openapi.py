"""What API Management makes of a document, and what we make of it first."""

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.openapi import (
    DocumentRefused,
    Operation,
    TemplateParameter,
    described,
    fingerprint,
    operations,
    prepare,
    text,
)

BUNDLED = Path(__file__).parent.parent / "reconciler/specs/azure-openai-2024-10-21.json"
SERVICE_URL = "https://contoso.openai.azure.com/openai"
Json = dict[str, Any]


def bundled() -> Json:
    document: Json = json.loads(BUNDLED.read_text(encoding="utf-8"))
    return document


def document_of(paths: Json, **rest: Any) -> Json:
    return {"openapi": "3.0.3", "info": {"title": "Test", "version": "1"}, "paths": paths, **rest}


def one(operation: Json | None = None, *, path: str = "/a", method: str = "post", **rest: Any) -> Json:
    return document_of({path: {method: {"operationId": "a", **(operation or {})}}}, **rest)


def only(document: Json) -> Operation:
    (operation,) = operations(document)
    return operation


def string(name: str, location: str, **rest: Any) -> Json:
    return {"name": name, "in": location, "schema": {"type": "string"}, **rest}


def required(name: str, location: str) -> Json:
    return string(name, location, required=True)


# -------------------------------------------------------------------------------- the bundled document

EXPECTED = [
    ("chatcompletions-create", "chat/completions", ("application/json",)),
    ("completions-create", "completions", ("application/json",)),
    ("embeddings-create", "embeddings", ("application/json",)),
    ("imagegenerations-create", "images/generations", ("application/json",)),
    ("transcriptions-create", "audio/transcriptions", ("multipart/form-data",)),
    ("translations-create", "audio/translations", ("multipart/form-data",)),
]


def test_the_bundled_document_has_the_six_operations_of_its_api_version() -> None:
    found = [(each.name, each.method, each.url_template, each.content_types) for each in operations(bundled())]
    assert found == [
        (name, "POST", "/deployments/{deployment-id}/" + path + "?api-version={api-version}", content_types)
        for name, path, content_types in EXPECTED
    ]


def test_an_operation_of_the_bundled_document_is_this_in_full() -> None:
    (embeddings,) = [each for each in operations(bundled()) if each.name == "embeddings-create"]
    assert embeddings == Operation(
        name="embeddings-create",
        method="POST",
        url_template="/deployments/{deployment-id}/embeddings?api-version={api-version}",
        display_name="Create embeddings",
        description="Turns text into vectors, to search, group or compare by meaning.",
        parameters=(
            TemplateParameter("deployment-id", "string", True, "Name of the model deployment.", (), None),  # noqa: FBT003
            TemplateParameter("api-version", "string", True, "Version of the API.", (), "2024-10-21"),  # noqa: FBT003
        ),
        query=(),
        headers=(),
        content_types=("application/json",),
        responses=((200, "The vectors."),),
    )


# -------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("ChatCompletions_Create", "chatcompletions-create"),
        ("embeddings_create", "embeddings-create"),
        ("createChatCompletion", "createchatcompletion"),
        ("GET-/foo/{bar}?buzz={quix}", "get-foo-bar-buzz-quix"),
        ("  __a..b__  ", "a-b"),
        ("Zürich", "z-rich"),
        ("v1", "v1"),
        ("x" * 80, "x" * 76),
        ("x" * 75 + "_yz", "x" * 75),
        ("42", "42"),
    ],
)
def test_an_operation_is_named_as_the_service_documents_it(identifier: str, name: str) -> None:
    assert only(one({"operationId": identifier})).name == name


@pytest.mark.parametrize("identifier", [None, "", "___", "名前"])
def test_without_a_usable_operation_id_method_and_path_make_the_name(identifier: str | None) -> None:
    document = one(
        {"operationId": identifier, "parameters": [required("b", "path")]}, path="/Foo/{b}/bar", method="get"
    )
    assert only(document).name == "get-foo-b-bar"


def test_names_made_of_method_and_path_are_numbered_when_they_clash() -> None:
    paths: Json = {path: {"get": {}} for path in ("/a/b", "/a-b", "/a_b")}
    by_name = {each.name: each.url_template for each in operations(document_of(paths))}
    assert by_name == {"get-a-b": "/a-b", "get-a-b-1": "/a/b", "get-a-b-2": "/a_b"}


def test_a_name_made_of_method_and_path_gives_way_to_operation_ids() -> None:
    paths = {"/a": {"get": {}}, "/b": {"get": {"operationId": "get_a"}}, "/c": {"get": {"operationId": "get-a-1"}}}
    by_name = {each.name: each.url_template for each in operations(document_of(paths))}
    assert by_name == {"get-a": "/b", "get-a-1": "/c", "get-a-2": "/a"}


def test_a_number_fits_into_the_length_of_a_name() -> None:
    paths: Json = {f"/{'x' * 80}/{number}": {"get": {}} for number in range(2)}
    first, second = operations(document_of(paths))
    assert [second.name, first.name] == ["get-" + "x" * 72, "get-" + "x" * 70 + "-1"]


def test_a_number_follows_one_dash_only() -> None:
    paths: Json = {f"/{'x' * 69}{sign}yzz": {"get": {}} for sign in "-/"}
    assert {each.name for each in operations(document_of(paths))} == {
        "get-" + "x" * 69 + "-yz",
        "get-" + "x" * 69 + "-1",
    }


# -------------------------------------------------------------------------------- what is shown


@pytest.mark.parametrize(
    ("operation", "shown"),
    [
        ({"summary": "Do it"}, "Do it"),
        ({}, "A_b"),
        ({"summary": ""}, "A_b"),
        ({"summary": None, "operationId": ""}, "post-a"),
        ({"summary": "s" * 301}, "s" * 300),
    ],
)
def test_the_display_name_is_the_summary_or_the_operation_id(operation: Json, shown: str) -> None:
    assert only(one({"operationId": "A_b", **operation})).display_name == shown


def test_a_description_is_cut_to_what_the_service_takes() -> None:
    assert only(one({"description": "d" * 1001})).description == "d" * 1000
    assert only(one()).description == "a", "without one, the name that people see: as the import does"


def test_required_query_parameters_are_part_of_the_template_and_the_others_are_not() -> None:
    parameters = [
        string("limit", "query"),
        required("z", "query"),
        required("id", "path"),
        required("b", "query"),
        string("If-Match", "header"),
        required("session", "cookie"),
    ]
    operation = only(one({"parameters": parameters}, path="/a/{id}"))
    assert operation.url_template == "/a/{id}?z={z}&b={b}"
    assert [each.name for each in operation.parameters] == ["id", "z", "b"]
    assert [each.name for each in operation.query] == ["limit"]
    assert [each.name for each in operation.headers] == ["If-Match"]


def test_a_path_parameter_is_required_even_where_the_document_forgets_to_say_so() -> None:
    (parameter,) = only(one({"parameters": [string("id", "path")]}, path="/{id}")).parameters
    assert parameter.required


def test_path_parameters_come_in_the_order_of_the_path() -> None:
    operation = only(one({"parameters": [required("b", "path"), required("a", "path")]}, path="/{a}/x/{b}"))
    assert [each.name for each in operation.parameters] == ["a", "b"]


def test_headers_that_openapi_describes_elsewhere_are_no_parameters() -> None:
    headers = [string(name, "header") for name in ("Accept", "content-type", "AUTHORIZATION", "X-Trace")]
    assert [each.name for each in only(one({"parameters": headers})).headers] == ["X-Trace"]


def test_a_query_parameter_may_be_called_like_such_a_header() -> None:
    assert [each.name for each in only(one({"parameters": [string("accept", "query")]})).query] == ["accept"]


def test_parameters_of_the_operation_win_over_those_of_the_path() -> None:
    item = {
        "parameters": [required("v", "query"), string("w", "query", description="path")],
        "post": {"operationId": "a", "parameters": [string("v", "query"), string("x", "query")]},
    }
    operation = only(document_of({"/a": item}))
    assert operation.url_template == "/a"
    assert [(each.name, each.description) for each in operation.query] == [("v", ""), ("w", "path"), ("x", "")]


@pytest.mark.parametrize(
    ("schema", "type_", "values", "default"),
    [
        ({"type": "integer", "default": 20}, "integer", (), "20"),
        ({"type": "boolean", "default": False}, "boolean", (), "false"),
        ({"type": ["null", "number"]}, "number", (), None),
        ({"type": ["null"]}, "string", (), None),
        ({"enum": ["a", "b", None], "default": "b"}, "string", ("a", "b"), "b"),
        (
            {"type": "string", "enum": [date(2024, 10, 21)], "default": date(2024, 10, 21)},
            "string",
            ("2024-10-21",),
            "2024-10-21",
        ),
        ({"$ref": "#/components/schemas/Order"}, "string", ("asc", "desc"), "asc"),
        ({"$ref": "#/components/schemas/Alias"}, "string", ("asc", "desc"), "asc"),
        ({"$ref": "#/components/parameters/Order/schema"}, "integer", (), None),
    ],
)
def test_the_type_values_and_default_of_a_parameter_are_those_of_its_schema(
    schema: Json, type_: str, values: tuple[str, ...], default: str | None
) -> None:
    components = {
        "schemas": {
            "Order": {"type": "string", "enum": ["asc", "desc"], "default": "asc", "description": "Which way."},
            "Alias": {"$ref": "#/components/schemas/Order"},
        },
        "parameters": {"Order": {"schema": {"type": "integer"}}},
    }
    parameter = {"name": "p", "in": "query", "schema": schema}
    (found,) = only(one({"parameters": [parameter]}, components=components)).query
    assert (found.type, found.values, found.default) == (type_, values, default)


def test_a_parameter_without_a_description_has_that_of_its_schema() -> None:
    described_by_schema = {"name": "p", "in": "query", "schema": {"type": "string", "description": "From within."}}
    (found,) = only(one({"parameters": [described_by_schema]})).query
    assert found.description == "From within."


def test_only_numbered_responses_are_expected_and_in_order() -> None:
    responses = {
        "default": {"description": "Failed"},
        404: {"description": "Gone"},
        "4XX": {"description": "Wrong"},
        "1000": {"description": "No status"},
        "200": {"description": "Fine"},
        "x-extra": 1,
    }
    assert only(one({"responses": responses})).responses == ((200, "Fine"), (404, "Gone"))


def test_the_body_of_a_get_is_not_seen() -> None:
    body: Json = {"content": {"application/json": {}}}
    assert only(one({"requestBody": body}, method="get")).content_types == ()
    assert only(one({"requestBody": body}, method="delete")).content_types == ("application/json",)


def test_content_types_do_not_depend_on_their_order() -> None:
    body: Json = {"content": {"text/plain": {}, "application/json": {}}}
    assert only(one({"requestBody": body})).content_types == ("application/json", "text/plain")


def test_trace_and_extensions_are_no_operations() -> None:
    item = {"trace": {"operationId": "t"}, "x-post": {}, "get": {"operationId": "g"}}
    assert [each.name for each in operations(document_of({"/a": item, "x-note": "text"}))] == ["g"]


def test_references_are_followed_wherever_they_are() -> None:
    components = {
        "parameters": {"V": required("v", "query"), "W": {"$ref": "#/components/parameters/V"}},
        "requestBodies": {"B": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}}},
        "responses": {"R": {"description": "Fine", "headers": {"x-id": {"$ref": "#/components/headers/H"}}}},
        "headers": {"H": {"description": "Id"}},
        "pathItems": {"a/b": {"post": {"operationId": "a", "parameters": [{"$ref": "#/components/parameters/W"}]}}},
        "schemas": {"S": {"type": "object"}},
    }
    operation = components["pathItems"]["a/b"]["post"]
    operation["requestBody"] = {"$ref": "#/components/requestBodies/B"}
    operation["responses"] = {"200": {"$ref": "#/components/responses/R"}}
    document = document_of({"/a": {"$ref": "#/components/pathItems/a~1b"}}, components=components)
    found = only(document)
    assert (found.url_template, found.content_types, found.responses) == (
        "/a?v={v}",
        ("application/json",),
        ((200, "Fine"),),
    )
    prepared = prepare(document, service_url=SERVICE_URL)
    assert prepared["paths"]["/a"]["post"]["responses"]["200"]["headers"] == {"x-id": {"description": "Id"}}
    assert prepared["components"] == {"schemas": {"S": {"type": "object"}}}


# -------------------------------------------------------------------------------- preparing


def test_only_the_operations_that_are_kept_are_imported() -> None:
    prepared = prepare(bundled(), service_url=SERVICE_URL, keep={"embeddings-create", "unknown"})
    assert list(prepared["paths"]) == ["/deployments/{deployment-id}/embeddings"]
    assert [each.name for each in operations(prepared)] == ["embeddings-create"]


def test_only_one_of_two_methods_of_a_path_may_be_kept() -> None:
    item = {"get": {"operationId": "g"}, "post": {"operationId": "p"}, "parameters": [string("q", "query")]}
    prepared = prepare(document_of({"/a": item}), service_url=SERVICE_URL, keep=["p"])
    assert set(prepared["paths"]["/a"]) == {"post", "parameters"}


def test_schemas_that_nothing_refers_to_any_more_are_removed() -> None:
    prepared = prepare(bundled(), service_url=SERVICE_URL, keep=["embeddings-create"])
    assert set(prepared["components"]["schemas"]) == {
        "ContentFilterDetectedResult",
        "ContentFilterError",
        "ContentFilterSeverity",
        "ContentFilterSeverityResult",
        "CreateEmbeddingRequest",
        "CreateEmbeddingResponse",
        "Embedding",
        "EmbeddingInput",
        "EmbeddingUsage",
        "Error",
        "ErrorResponse",
        "InnerError",
        "InnerErrorCode",
        "PromptContentFilterResults",
    }


def test_schemas_are_kept_that_a_discriminator_or_a_part_or_a_circle_refers_to() -> None:
    schemas = {
        "Pet": {"discriminator": {"propertyName": "k", "mapping": {"c": "Cat", "d": "#/components/schemas/Dog"}}},
        "Cat": {"properties": {"friend": {"$ref": "#/components/schemas/Pet"}}},
        "Dog": {"properties": {"tail": {"$ref": "#/components/schemas/Parts/properties/tail"}}},
        "Parts": {"properties": {"tail": {"type": "string"}}},
        "My Bed": {"type": "string"},
        "Stray": {"$ref": "#/components/schemas/Dog"},
    }
    content = {
        "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}},
        "text/plain": {"schema": {"$ref": "#/components/schemas/My%20Bed"}},
    }
    document = one({"requestBody": {"content": content}}, components={"schemas": schemas})
    prepared = prepare(document, service_url=SERVICE_URL)
    assert set(prepared["components"]["schemas"]) == {"Pet", "Cat", "Dog", "Parts", "My Bed"}


def test_what_looks_like_a_reference_in_an_example_is_left_alone() -> None:
    example = {"$ref": "elsewhere.json", "x-kept": 1}
    schema = {"type": "object", "example": example, "properties": {"example": {"$ref": "#/components/schemas/S"}}}
    content = {"application/json": {"schema": schema, "examples": {"one": {"value": example}}}}
    document = one({"requestBody": {"content": content}}, components={"schemas": {"S": {"type": "string"}}})
    prepared = prepare(document, service_url=SERVICE_URL)
    assert prepared["paths"]["/a"]["post"]["requestBody"]["content"] == content
    assert prepared["components"]["schemas"] == {"S": {"type": "string"}}


def test_the_servers_are_the_one_of_the_account_as_the_article_writes_it() -> None:
    prepared = prepare(bundled(), service_url=SERVICE_URL)
    assert prepared["servers"] == [
        {
            "url": "https://contoso.openai.azure.com/openai",
            "variables": {"endpoint": {"default": "contoso.openai.azure.com"}},
        }
    ]


def test_tags_security_servers_and_extensions_below_are_dropped() -> None:
    item = {
        "servers": [{"url": "https://other.example"}],
        "x-item": 1,
        "post": {
            "operationId": "A_b",
            "deprecated": True,
            "tags": ["t"],
            "security": [{"key": []}],
            "servers": [{"url": "https://other.example"}],
            "x-ms-examples": {"one": {"$ref": "./examples/one.json"}},
            "callbacks": {"c": {"$ref": "#/components/callbacks/none"}},
        },
    }
    document = document_of(
        {"/a": item},
        tags=[{"name": "t"}],
        security=[{"key": []}],
        components={"securitySchemes": {"key": {"type": "apiKey", "name": "k", "in": "header"}}},
    )
    assert prepare(document, service_url=SERVICE_URL) == {
        "openapi": "3.0.3",
        "info": {"title": "Test", "version": "1"},
        "servers": [
            {"url": SERVICE_URL, "variables": {"endpoint": {"default": "contoso.openai.azure.com"}}},
        ],
        "paths": {
            "/a": {"post": {"operationId": "a-b", "summary": "A_b", "description": "A_b", "deprecated": True}}
        },
        "components": {"schemas": {}},
    }


def test_the_argument_is_never_changed() -> None:
    document = bundled()
    before = copy.deepcopy(document)
    prepared = prepare(document, service_url=SERVICE_URL)
    prepared["info"]["title"] = "changed"
    prepared["paths"]["/deployments/{deployment-id}/embeddings"]["post"]["parameters"][0]["schema"]["type"] = (
        "changed"
    )
    prepared["components"]["schemas"]["Error"]["type"] = "changed"
    described(document, "changed")
    operations(document)
    fingerprint(document)
    assert document == before


def test_preparing_twice_is_preparing_once() -> None:
    once = prepare(bundled(), service_url=SERVICE_URL)
    assert prepare(once, service_url=SERVICE_URL) == once


def test_what_yaml_makes_of_a_document_is_written_as_json() -> None:
    document = one(
        {"responses": {200: {"description": "Fine"}}}, info={"title": "T", "version": date(2024, 10, 21)}
    )
    prepared = prepare(document, service_url=SERVICE_URL)
    assert prepared["info"]["version"] == "2024-10-21"
    assert prepared["paths"]["/a"]["post"]["responses"] == {"200": {"description": "Fine"}}


# -------------------------------------------------------------------------------- the text


def test_the_text_is_compact_sorted_and_in_plain_characters() -> None:
    assert text({"b": [1, None], "a": {"ü": "é"}}) == '{"a":{"ü":"é"},"b":[1,null]}'


def test_a_description_replaces_the_one_there_is() -> None:
    document = {"info": {"title": "T", "description": "old"}, "paths": {}}
    assert described(document, "new") == {"info": {"title": "T", "description": "new"}, "paths": {}}


def test_the_fingerprint_is_the_beginning_of_the_hash_of_the_text() -> None:
    # printf '%s' '{"info":{"title":"T"},"openapi":"3.0.3"}' | sha256sum
    document = {"openapi": "3.0.3", "info": {"description": "D", "title": "T"}}
    assert fingerprint(document) == "91bf0471252d"


# -------------------------------------------------------------------------------- what is refused

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


def said_about(refuse: Callable[[], object]) -> str:
    with pytest.raises(DocumentRefused) as refused:
        refuse()
    return str(refused.value)


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


@pytest.mark.parametrize("reference", ["#/components/schemas/None", "#/components/schemas/S/properties/none"])
def test_a_reference_to_a_schema_that_is_not_there_is_refused(reference: str) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": reference}}}}
    document = one({"requestBody": body}, components={"schemas": {"S": {}}})
    sentence = said_about(lambda: prepare(document, service_url=SERVICE_URL))
    assert sentence == f"A schema refers to {reference!r}, which is not in the document; add it."


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


# -------------------------------------------------------------------------------- properties

WORDS = st.text("abAB-_/ .é", max_size=6)
SEGMENTS = st.lists(st.sampled_from(["a", "b", "c-d", "{x}", "{y-z}"]), min_size=1, max_size=3, unique=True)


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """Documents that are not refused: one signature per path, one operationId per operation."""
    paths: Json = {}
    segments = draw(
        st.lists(SEGMENTS, min_size=1, max_size=4, unique_by=lambda each: "/".join(each).replace("x", "y-z"))
    )
    for number, each in enumerate(segments):
        in_path = [required(segment[1:-1], "path") for segment in each if segment.startswith("{")]
        methods = draw(st.lists(st.sampled_from(["get", "post", "put"]), min_size=1, max_size=2, unique=True))
        paths["/" + "/".join(each)] = {"parameters": in_path} | {
            method: {
                "operationId": draw(st.one_of(st.none(), st.just(f"{draw(WORDS)}_{method}{number}"))),
                "summary": draw(st.one_of(st.none(), WORDS)),
                "description": draw(WORDS),
                "tags": draw(st.lists(WORDS, max_size=1)),
                "parameters": [string("v", "query", required=draw(st.booleans()))],
                "requestBody": {"content": {draw(st.sampled_from(["a/b", "c/d"])): {}}},
                "responses": {draw(st.sampled_from(["200", "204", "default"])): {"description": draw(WORDS)}},
            }
            for method in methods
        }
    return document_of(paths)


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(each) for each in value] if isinstance(value, list) else value


@given(documents())
def test_preparing_changes_nothing_that_the_service_makes_of_a_document(document: Json) -> None:
    assert operations(prepare(document, service_url=SERVICE_URL)) == operations(document)


@given(documents())
def test_preparing_again_gives_the_same_text(document: Json) -> None:
    once = prepare(document, service_url=SERVICE_URL)
    assert text(prepare(once, service_url=SERVICE_URL)) == text(once)


@given(documents())
def test_names_are_unique_and_stay_as_they_are_when_the_service_normalises_them(document: Json) -> None:
    names = [each.name for each in operations(document)]
    assert names == sorted(set(names))
    assert [only(one({"operationId": name})).name for name in names] == names


@given(documents())
def test_the_order_of_the_document_does_not_matter(document: Json) -> None:
    other = reordered(document)
    assert operations(other) == operations(document)
    assert fingerprint(prepare(other, service_url=SERVICE_URL)) == fingerprint(
        prepare(document, service_url=SERVICE_URL)
    )


@given(documents(), st.data())
def test_keeping_some_operations_keeps_exactly_those_as_they_were(document: Json, data: st.DataObject) -> None:
    everything = operations(document)
    keep = data.draw(st.sets(st.sampled_from([each.name for each in everything]), min_size=1))
    kept = operations(prepare(document, service_url=SERVICE_URL, keep=keep))
    assert kept == tuple(each for each in everything if each.name in keep)


@given(documents(), st.text())
def test_the_fingerprint_ignores_the_description_of_the_document(document: Json, description: str) -> None:
    assert fingerprint(described(document, description)) == fingerprint(document)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every scalar of a document."""
    if isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        return [place for key, each in entries for place in places(each, (*path, key))]
    return [path]


@given(documents(), st.data())
def test_the_fingerprint_ignores_nothing_else(document: Json, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places(document)))
    changed = copy.deepcopy(document)
    node: Any = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = [node[path[-1]]]
    assert fingerprint(changed) != fingerprint(document)
