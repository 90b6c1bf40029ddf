"""What becomes of a document's references, and that they cost no more than the document is long."""

import json
from collections.abc import Callable
from time import process_time

import pytest

from reconciler.openapi import operations, prepare, text
from reconciler.openapi_references import Copies, size
from tests.openapi_documents import SERVICE_URL, Json, bundled, document_of, one, only, required, said_about

# ------------------------------------------------------------------------------------ what they say


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


@pytest.mark.parametrize("reference", ["#/components/schemas/None", "#/components/schemas/S/properties/none"])
def test_a_reference_to_a_schema_that_is_not_there_is_refused(reference: str) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": reference}}}}
    document = one({"requestBody": body}, components={"schemas": {"S": {}}})
    sentence = said_about(lambda: prepare(document, service_url=SERVICE_URL))
    assert sentence == f"A schema refers to {reference!r}, which is not in the document; add it."


def test_what_is_an_example_here_and_a_property_there_is_read_as_each() -> None:
    end = {"$ref": "#/components/headers/End"}
    headers = {"End": {"description": "end"}, "H": {"properties": {"example": end}}}
    response = {
        "description": "Fine",
        "headers": {
            "whole": {"$ref": "#/components/headers/H"},
            "part": {"$ref": "#/components/headers/H/properties"},
        },
    }
    prepared = prepare(
        one({"responses": {"200": response}}, components={"headers": headers}), service_url=SERVICE_URL
    )
    assert prepared["paths"]["/a"]["post"]["responses"]["200"]["headers"] == {
        "whole": {"properties": {"example": {"description": "end"}}},
        "part": {"example": end},
    }


def test_what_was_copied_once_is_never_taken_for_something_else() -> None:
    copies = Copies({})
    numbers = range(100)
    assert [copies.of({"n": each}, "here") for each in numbers] == [{"n": each} for each in numbers]
    assert [copies.of([each], "here") for each in numbers] == [[each] for each in numbers]


def test_schemas_are_found_however_often_they_were_copied_before() -> None:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}
    document = one({"requestBody": {"content": content}}, components={"schemas": {"S": {"type": "string"}}})
    copies = Copies(document)
    for _ in range(2):
        assert copies.schemas(document["paths"]) == {"S": {"type": "string"}}


# ------------------------------------------------------------------------------------ what they cost


def header_chain(length: int, links: int) -> Json:
    """A document whose only header is, through so many steps, so many times the last one at each of them."""
    headers: Json = {
        f"H{step}": {f"x{link}": {"$ref": f"#/components/headers/H{step + 1}"} for link in range(links)}
        for step in range(length)
    }
    headers[f"H{length}"] = {"description": "end"}
    response = {"description": "Fine", "headers": {"h": {"$ref": "#/components/headers/H0"}}}
    return one({"responses": {"200": response}}, components={"headers": headers})


def seconds(work: Callable[[], object]) -> float:
    """The processor's time that it takes, whatever else the machine does."""
    begun = process_time()
    work()
    return process_time() - begun


def test_what_is_referred_to_twice_is_written_out_twice() -> None:
    prepared = prepare(header_chain(2, 2), service_url=SERVICE_URL)
    end = {"description": "end"}
    both = {"x0": end, "x1": end}
    assert prepared["paths"]["/a"]["post"]["responses"]["200"]["headers"] == {"h": {"x0": both, "x1": both}}
    assert json.loads(text(prepared)) == prepared


@pytest.mark.timeout(20)
def test_a_chain_of_references_that_doubles_with_each_link_costs_nothing() -> None:
    document = header_chain(30, 2)
    assert seconds(lambda: only(document)) < 0.5
    assert only(document).responses == ((200, "Fine"),)

    def refused() -> None:
        sentence = said_about(lambda: prepare(document, service_url=SERVICE_URL))
        # 2^30 ends of 21 characters, 2^30 - 1 objects of 13 around them, and the 347 of the rest
        assert sentence == "The document has 36507222350 bytes, where an import takes 4000000; keep less of it."

    assert seconds(refused) < 0.5


@pytest.mark.timeout(20)
def test_many_parameters_of_one_schema_that_is_far_away_cost_nothing() -> None:
    far: Json = {f"S{step}": {"$ref": f"#/components/schemas/S{step + 1}"} for step in range(600)}
    schemas = {**far, "S600": {"type": "integer", "default": 7}}
    schema = {"$ref": "#/components/schemas/S0"}
    parameters = [{"name": f"p{number}", "in": "query", "schema": schema} for number in range(600)]
    document = one({"parameters": parameters}, components={"schemas": schemas})
    assert seconds(lambda: only(document)) < 0.5
    assert {(each.type, each.default) for each in only(document).query} == {("integer", "7")}


def test_references_in_a_circle_are_refused_however_often_they_meet() -> None:
    headers = {
        "Round": {"x": {"$ref": "#/components/headers/Fine"}, "y": {"$ref": "#/components/headers/Back"}},
        "Back": {"x": {"$ref": "#/components/headers/Fine"}, "y": {"$ref": "#/components/headers/Round"}},
        "Fine": {"description": "Fine"},
    }
    response = {"description": "Fine", "headers": {"h": {"$ref": "#/components/headers/Round"}}}
    document = one({"responses": {"200": response}}, components={"headers": headers})
    assert said_about(lambda: operations(document)) == (
        "The document's paths /a post responses 200 headers h #/components/headers/Round y "
        "#/components/headers/Back y refers to '#/components/headers/Round', itself or another file; write it out."
    )


@pytest.mark.parametrize(
    ("node", "written"),
    [
        ({}, b"{}"),
        ([], b"[]"),
        ({"b": [1, 2.5, None, True], "a": {}}, b'{"a":{},"b":[1,2.5,null,true]}'),
        ({"\u00fc": '\u00e9\u4e2d\n"'}, b'{"\xc3\xbc":"\xc3\xa9\xe4\xb8\xad\\n\\""}'),
        ([["x"]] * 3, b'[["x"],["x"],["x"]]'),
    ],
    ids=["nothing", "no items", "of each kind", "characters of several bytes", "one thing three times"],
)
def test_the_size_is_that_of_the_text(node: object, written: bytes) -> None:
    assert size(node) == len(written)
