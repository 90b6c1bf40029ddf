import json
from typing import Any

import pytest

from tests.simulator.asking import JSON
from tests.simulator.documents import PATH_ID, VERSION, document, imported, made_of, operation, text


def names_of(ids: list[str], **knobs: Any) -> list[str]:
    return sorted(made_of(imported({f"/{n}": {"get": operation(id)} for n, id in enumerate(ids)}), **knobs))


@pytest.mark.parametrize(
    ("id", "documented", "preserved"),
    [
        ("ChatCompletions_Create", "chatcompletions-create", "ChatCompletions_Create"),
        ("a..b  c!", "a-b-c", "a-b-c"),
        ("__Edge__", "edge", "__Edge__"),
        ("x" * 90, "x" * 76, "x" * 76),
    ],
)
def test_operation_names_follow_the_documented_rule_or_keep_underscore_and_case(
    id: str, documented: str, preserved: str
) -> None:
    assert names_of([id]) == [documented]
    assert names_of([id], operation_names="preserved") == [preserved]


def test_equal_names_get_a_number() -> None:
    assert names_of(["Get it", "get-it", "GET_IT"]) == ["get-it", "get-it-1", "get-it-2"]


def test_an_operation_without_an_id_is_named_by_method_and_path() -> None:
    paths = {"/Foo/{id}/two_words": {"get": operation(parameters=[PATH_ID])}}
    assert list(made_of(imported(paths))) == ["get-foo-id-two-words"]
    found = made_of(imported(paths), operation_names="preserved")
    assert list(found) == ["get-foo-id-two_words"]
    assert found["get-foo-id-two_words"]["displayName"] == "/Foo/{id}/two_words - GET"


@pytest.mark.parametrize(
    ("given", "name", "description"),
    [
        ({"summary": "S" * 400, "description": "D"}, "S" * 300, "D"),
        ({"summary": "S"}, "S", "S"),
        ({"description": "D" * 1200}, "Op_A", "D" * 1000),
        ({}, "Op_A", None),
    ],
)
def test_the_summary_is_the_display_name_and_stands_in_for_a_missing_description(
    given: JSON, name: str, description: str | None
) -> None:
    found = made_of(imported({"/a": {"get": operation("Op_A", **given)}}))["op-a"]
    assert (found["displayName"], found["description"]) == (name, description)


def test_required_query_parameters_become_part_of_the_template() -> None:
    optional = {"name": "top", "in": "query", "schema": {"type": "integer", "format": "int32", "default": 5}}
    paths = {"/d/{id}/chat": {"post": operation("C", parameters=[PATH_ID, VERSION, optional])}}
    found = made_of(imported(paths))["c"]
    assert (found["method"], found["urlTemplate"]) == ("POST", "/d/{id}/chat?api-version={api-version}")
    assert [
        (each["name"], each["type"], each["required"], each["values"]) for each in found["templateParameters"]
    ] == [
        ("id", "string", True, []),
        ("api-version", "string", True, []),
    ]
    [top] = found["request"]["queryParameters"]
    assert {name: each for name, each in top.items() if name not in {"schemaId", "typeName"}} == {
        "name": "top",
        "description": "Format - int32.",
        "type": "integer",
        "defaultValue": "5",
        "values": [],
    }


def test_required_query_parameters_stay_in_the_query_when_asked() -> None:
    body = imported(
        {"/a": {"get": operation("a", parameters=[VERSION])}},
        properties={"translateRequiredQueryParameters": "query"},
    )
    found = made_of(body)["a"]
    assert (found["urlTemplate"], found["templateParameters"]) == ("/a", [])
    [version] = found["request"]["queryParameters"]
    assert (version["name"], version["required"]) == ("api-version", True)


def test_a_parameter_says_what_it_is_in_its_own_words() -> None:
    shared: JSON = {"Kind": {"type": "string", "enum": ["x", "y"], "description": "the schema's words"}}
    parameters = [
        {"name": "session", "in": "cookie", "schema": {"type": "string"}},
        {"name": "kind", "in": "header", "description": "its own", "schema": {"$ref": "#/components/schemas/Kind"}},
        {"name": "id", "in": "header", "schema": {"type": "string", "format": "uuid", "description": "no"}},
        {"name": "any", "in": "header", "schema": {"minimum": 1}},
        {"name": "bare", "in": "header"},
    ]
    paths = {"/a": {"get": operation("a", parameters=parameters)}}
    headers = made_of(imported(paths, components={"schemas": shared}))["a"]["request"]["headers"]
    assert [{key: each[key] for key in each if key not in {"schemaId", "typeName"}} for each in headers] == [
        {"name": "kind", "description": "its own", "type": "string", "values": ["x", "y"]},
        {"name": "id", "type": "string", "values": []},
        {"name": "any", "type": "", "values": []},
        {"name": "bare", "type": "string", "values": []},
    ]
    assert [each.get("typeName") for each in headers] == ["Kind", "AGetRequest", "AGetRequest-1", None]


def test_parameters_of_a_path_are_those_of_its_operations_which_may_say_otherwise() -> None:
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    paths = {
        "/a/{id}": {
            "parameters": [PATH_ID, limit],
            "get": operation("g"),
            "put": operation("p", parameters=[{**limit, "required": True}]),
        }
    }
    found = made_of(imported(paths))
    assert (found["g"]["urlTemplate"], found["p"]["urlTemplate"]) == ("/a/{id}", "/a/{id}?limit={limit}")
    assert [each["name"] for each in found["g"]["request"]["queryParameters"]] == ["limit"]
    assert found["g"]["templateParameters"][0]["typeName"] == "A-id-OperationsRequest"


def test_references_to_parts_of_the_document_are_followed() -> None:
    components: JSON = {
        "parameters": {"P": PATH_ID},
        "requestBodies": {"B": {"description": "x", "content": {"text/plain": {}}}},
        "responses": {"R": {"description": "y", "headers": {"h": {"$ref": "#/components/headers/H"}}}},
        "headers": {"H": {"description": "z", "schema": {"type": "integer"}}},
    }
    paths: JSON = {
        "/a/{id}": {
            "parameters": [{"$ref": "#/components/parameters/P"}],
            "post": operation(
                "a",
                requestBody={"$ref": "#/components/requestBodies/B"},
                responses={"200": {"$ref": "#/components/responses/R"}},
            ),
        },
        "/b/{id}": {"$ref": "#/x-shared/item"},
    }
    more = {"x-shared": {"item": {"get": operation("b", parameters=[{"$ref": "#/components/parameters/P"}])}}}
    found = made_of(text(document(paths, components=components, **more)))
    assert [each["name"] for each in found["a"]["templateParameters"]] == ["id"]
    assert (found["a"]["request"]["description"], found["a"]["responses"][0]["description"]) == ("x", "y")
    [header] = found["a"]["responses"][0]["headers"]
    assert (header["name"], header["description"], header["type"]) == ("h", "z", "integer")
    assert found["b"]["urlTemplate"] == "/b/{id}"


def test_a_query_in_a_path_is_dropped_but_in_x_ms_paths_its_fixed_part_tells_operations_apart() -> None:
    kind = {"name": "kind", "in": "query", "required": True, "schema": {"type": "string"}}
    source = document(
        {"/a?kind={kind}": {"get": operation("a", parameters=[kind])}, "/c?do=this": {"get": operation("c")}}
    )
    source["x-ms-paths"] = {
        "/b?do=this": {"post": operation("this")},
        "/b?do=that": {"post": operation("that", parameters=[kind])},
    }
    found = made_of(text(source))
    assert {name: each["urlTemplate"] for name, each in found.items()} == {
        "a": "/a?kind={kind}",
        "this": "/b?do=this",
        "that": "/b?do=that&kind={kind}",
        "c": "/c",
    }


def test_what_api_management_does_not_support_is_left_out() -> None:
    source = document(
        {
            "/a": {
                "trace": operation("t"),
                "get": operation("g", callbacks={}, servers=[{"url": "https://x.example"}]),
            }
        },
        security=[{"key": []}],
        **{"x-own": {"$ref": "#/nowhere"}},
    )
    found = made_of(text(json.dumps(source)))
    assert list(found) == ["g"]
