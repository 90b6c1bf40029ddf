"""What API Management makes of a document: names, templates, parameters, what is shown."""

from datetime import date
from time import process_time

import pytest

from reconciler.openapi import Operation, TemplateParameter, operations
from tests.openapi_documents import Json, bundled, document_of, one, only, required, string

# ------------------------------------------------------------------------------------ the bundled document

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


# ------------------------------------------------------------------------------------ names


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


@pytest.mark.timeout(30)
def test_numbering_thousands_of_names_that_clash_takes_no_longer_for_each() -> None:
    paths: Json = {"/" + f"{number:b}".replace("0", "-").replace("1", "_"): {"get": {}} for number in range(6000)}
    begun = process_time()
    found = operations(document_of(paths))
    assert process_time() - begun < 2
    assert {each.name for each in found} == {"get", *(f"get-{number}" for number in range(1, 6000))}


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


# ------------------------------------------------------------------------------------ what is shown


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
