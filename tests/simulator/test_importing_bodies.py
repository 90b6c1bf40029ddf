import re
from typing import Any

import pytest

from simulator.openapi_text import read_any
from tests.simulator.asking import JSON, shared
from tests.simulator.documents import (
    PATH_ID,
    THINGS,
    VERSION,
    document,
    imported,
    importing,
    made_of,
    operation,
    operations,
    schemas,
    text,
)

JSON_TYPE = "application/json"


def body(schema: JSON, type: str = JSON_TYPE, **more: Any) -> JSON:
    return {"content": {type: {"schema": schema, **more}}}


def test_schemas_are_in_an_entity_that_representations_name() -> None:
    client = importing(import_examples="given")
    thing = body({"$ref": "#/components/schemas/Thing"}, example={"a": 1})
    made = {"description": "Made", **body({"type": "array"})}
    paths = {"/a": {"post": operation("a", requestBody=thing, responses={"201": made})}}
    client.put(THINGS, imported(paths, components={"schemas": {"Thing": {"type": "object"}}}))
    [listed] = client.get(f"{THINGS}/schemas").body["value"]
    schema = listed["name"]
    assert re.fullmatch("[0-9a-f]{24}", schema)
    assert "document" not in listed["properties"]
    assert schemas(client) == {
        "contentType": "application/vnd.oai.openapi.components+json",
        "document": {
            "components": {
                "schemas": {
                    "Thing": {"type": "object"},
                    "APost201ApplicationJsonResponse": {"type": "array", "x-apim-inline": True},
                }
            }
        },
    }
    found = operations(client)["a"]
    examples = {"default": {"value": {"a": 1}}}
    assert found["request"]["representations"] == [
        {"contentType": JSON_TYPE, "examples": examples, "schemaId": schema, "typeName": "Thing"}
    ]
    inline = {"contentType": JSON_TYPE, "schemaId": schema, "typeName": "APost201ApplicationJsonResponse"}
    assert found["responses"] == [
        {"statusCode": 201, "description": "Made", "representations": [inline], "headers": []}
    ]


def test_a_new_import_has_a_new_schema_and_the_old_one_may_not_be_named_any_more() -> None:
    client = importing()
    with_schema = imported({"/a": {"post": operation("a")}}, components={"schemas": {"T": {}}})
    client.put(THINGS, with_schema)
    old = client.get(f"{THINGS}/schemas").body["value"][0]["name"]
    client.put(THINGS, with_schema)
    assert client.get(f"{THINGS}/schemas/{old}").status == 404
    stale = {"properties": {"request": {"representations": [{"contentType": JSON_TYPE, "schemaId": old}]}}}
    refused = client.patch(f"{THINGS}/operations/a", stale)
    assert refused.reasons == ["Operation references schema that does not exist."]


def test_inline_schemas_are_named_after_path_method_and_place() -> None:
    """As in published exports of Azure OpenAI APIs."""
    error = {"headers": {"x-id": {"schema": {"type": "string"}}}, **body({"type": "object"})}
    answer = {"content": {JSON_TYPE: {"schema": {"type": "array"}}, "text/plain": {"schema": {"type": "string"}}}}
    client = importing()
    chat = operation(
        "c",
        parameters=[PATH_ID, VERSION],
        requestBody=body({"type": "object"}),
        responses={"200": answer, "default": error},
    )
    client.put(THINGS, imported({"/deployments/{id}/chat/completions": {"post": chat}}))
    found = operations(client)["c"]
    name = "Deployments-id-ChatCompletionsPost"
    assert [each["typeName"] for each in found["templateParameters"]] == [f"{name}Request", f"{name}Request-1"]
    assert [each["typeName"] for each in found["request"]["representations"]] == [f"{name}Request-2"]
    assert [each["typeName"] for each in found["responses"][0]["representations"]] == [
        f"{name}200ApplicationJsonResponse",
        f"{name}200TextPlainResponse",
    ]
    assert found["responses"][1]["headers"][0]["typeName"] == f"{name}defaultx-idResponseHeader"
    assert set(schemas(client)["document"]["components"]["schemas"]) == {
        f"{name}Request",
        f"{name}Request-1",
        f"{name}Request-2",
        f"{name}200ApplicationJsonResponse",
        f"{name}200TextPlainResponse",
        f"{name}defaultApplicationJsonResponse",
        f"{name}defaultx-idResponseHeader",
    }


def test_the_default_response_is_for_400_and_500_unless_they_have_their_own() -> None:
    """As in real exports of Azure OpenAI APIs, whose documents have only a default."""
    responses = {"200": {"description": "ok"}, "default": {"description": "bad"}}
    paths = {
        "/a": {"get": operation("a", responses=responses)},
        "/b": {"get": operation("b", responses={**responses, "500": {"description": "worse"}})},
    }
    found = made_of(imported(paths))
    assert [(each["statusCode"], each["description"]) for each in found["a"]["responses"]] == [
        (200, "ok"),
        (400, "bad"),
        (500, "bad"),
    ]
    assert [(each["statusCode"], each["description"]) for each in found["b"]["responses"]] == [
        (200, "ok"),
        (400, "bad"),
        (500, "worse"),
    ]


def test_ranges_of_responses_are_not_modelled() -> None:
    got = importing().put(THINGS, imported({"/a": {"get": operation("a", responses={"4XX": {}})}}))
    assert got.status == 501


def test_forms_have_parameters_and_no_schema_and_gets_have_no_body() -> None:
    fields = {
        "f": {"type": "string"},
        "n": {"type": "number", "default": 0},
        "e": {"enum": ["x"], "type": "string"},
    }
    form = body({"type": "object", "required": ["f"], "properties": fields}, "multipart/form-data")
    found = made_of(
        imported({"/a": {"post": operation("p", requestBody=form), "get": operation("g", requestBody=form)}})
    )
    [fields_made] = [each["formParameters"] for each in found["p"]["request"]["representations"]]
    named = [(each.pop("schemaId"), each.pop("typeName"))[1] for each in fields_made]
    assert found["p"]["request"]["representations"] == [
        {
            "contentType": "multipart/form-data",
            "formParameters": [
                {"name": "f", "type": "string", "required": True, "values": []},
                {"name": "n", "type": "number", "defaultValue": "0", "values": []},
                {"name": "e", "type": "string", "values": ["x"]},
            ],
        }
    ]
    assert named == ["APostRequest", "APostRequest-1", "APostRequest-2"]
    assert found["g"]["request"]["representations"] == []


def shown(client_body: JSON, **knobs: Any) -> Any:
    [representation] = made_of(client_body, **knobs)["a"]["request"]["representations"]
    return representation.get("examples")


def test_examples_of_the_document_are_kept_with_their_nulls() -> None:
    given = imported({"/a": {"post": operation("a", requestBody=body({"type": "object"}, example={"a": None}))}})
    assert shown(given) == {"default": {"value": {"a": None}}}
    named = {"one": {"summary": "s", "value": None}, "two": {"$ref": "#/components/examples/E"}}
    several = document(
        {"/a": {"post": operation("a", requestBody=body({"type": "object"}, examples=named))}},
        components={"examples": {"E": {"value": 1}}},
    )
    assert shown(text(several)) == {"one": {"summary": "s", "value": None}}


def test_examples_survive_when_somebody_puts_back_what_a_get_showed() -> None:
    client = importing()
    example = {"default": {"value": {"a": None, "b": [None]}}}
    client.put(
        THINGS, imported({"/a": {"post": operation("a", requestBody=body({}, example={"a": None, "b": [None]}))}})
    )
    before = client.get(f"{THINGS}/operations/a").body
    client.simulator.put(before["id"], before)
    after = client.get(f"{THINGS}/operations/a").body["properties"]["request"]["representations"][0]
    assert after["examples"] == example


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "string"),
        ({"type": "integer"}, 0),
        ({"type": "boolean"}, True),
        ({"type": "string", "enum": ["b", "a"]}, "b"),
        ({"type": "string", "example": "shown"}, "shown"),
        ({"type": "array", "items": {"type": "number"}}, [0]),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, 0),
        ({"$ref": "#/components/schemas/Circle"}, {"own": {}, "base": "string"}),
        ({"properties": {"a": {"type": "integer"}}, "allOf": [{"properties": {"a": {}}}]}, {"a": 0}),
        ({"allOf": [{"enum": ["x"]}]}, "x"),
        ({}, None),
    ],
)
def test_an_example_is_made_up_where_the_document_has_none(schema: JSON, value: Any) -> None:
    circle = {
        "properties": {"own": {"$ref": "#/components/schemas/Circle"}},
        "allOf": [{"properties": {"base": {"type": "string"}}}],
    }
    paths = {"/a": {"post": operation("a", requestBody=body(schema))}}
    source = imported(paths, components={"schemas": {"Circle": circle}})
    assert shown(source) == ({"default": {"value": value}} if schema else None)
    assert shown(source, import_examples="given") is None


def test_text_gets_an_example_without_a_value_and_bytes_get_none() -> None:
    for type, examples in (("text/plain", {"default": {}}), ("application/octet-stream", None)):
        source = imported({"/a": {"post": operation("a", requestBody=body({"type": "string"}, type))}})
        assert shown(source) == examples


def test_made_up_examples_are_those_of_a_real_export() -> None:
    """Its documents gave no examples for errors: what stands there the service made up."""
    source = read_any(importing_text("azure-openai-2024-06-01.apim-export.yaml"), yaml=True)
    expected = made_of(text(source))
    errors = {name: each for name, each in expected.items() if len(each["responses"]) > 1}
    assert len(errors) == 3
    for path in source["paths"].values():
        for method in path.values():
            for response in method["responses"].values():
                response["content"][JSON_TYPE].pop("example", None)
    assert "ResponsibleAIPolicyViolation" not in str(source["paths"])
    again = made_of(text(source))
    for name in errors:
        for code in (1, 2):
            [was], [is_] = (found[name]["responses"][code]["representations"] for found in (expected, again))
            assert was["examples"] == is_["examples"], name


def importing_text(name: str) -> str:
    return (shared("azure/openapi") / name).read_text("utf-8")
