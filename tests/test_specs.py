"""The bundled document: complete, sound, our own words, and the same operations as the published ones."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from reconciler.openapi import DocumentRefused, Operation, operations, prepare

ROOT = Path(__file__).parent.parent
BUNDLED = ROOT / "reconciler/specs/azure-openai-2024-10-21.json"
PUBLISHED = ROOT.parent / "shared/azure/openapi"
NAMES = [
    "azure-openai-2024-02-01.apim-export.yaml",
    "azure-openai-2024-06-01.apim-export.yaml",
    "azure-openai-2024-10-21.apim-export.yaml",
    "foundry-azure-openai-2025-03-01-preview.json",
    "foundry-model-inference-2025-05-15-preview.json",
    "foundry-openai-v1.json",
]


@pytest.fixture(scope="module")
def bundled() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(BUNDLED.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def published() -> dict[str, str]:
    """The texts of documents that others published, by name."""
    if not PUBLISHED.is_dir():
        reason = "../shared/azure/openapi, where published documents are, is not beside the repository"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(PUBLISHED.iterdir())}


def parsed(name: str, source: str) -> Any:
    return json.loads(source) if name.endswith(".json") else YAML(typ="safe").load(source)


def nodes(value: Any, where: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object with its place; examples are data, not nodes."""
    if isinstance(value, dict):
        yield where, value
        for key, each in value.items():
            if key not in ("example", "default", "enum") or where.endswith("/responses"):
                yield from nodes(each, f"{where}/{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from nodes(each, f"{where}/{number}")


def references(document: dict[str, Any]) -> list[str]:
    found = [node["$ref"] for _, node in nodes(document) if "$ref" in node]
    return found + [each for where, node in nodes(document) if where.endswith("/mapping") for each in node.values()]


def test_the_document_has_the_version_and_server_of_the_published_api(bundled: dict[str, Any]) -> None:
    assert bundled["openapi"] == "3.0.3"
    assert bundled["info"]["version"] == "2024-10-21"
    (server,) = bundled["servers"]
    assert server["url"] == "https://{endpoint}/openai"
    assert list(server["variables"]) == ["endpoint"]


def test_the_document_has_six_operations_under_their_official_ids(bundled: dict[str, Any]) -> None:
    found = {path: (list(item), item["post"]["operationId"]) for path, item in bundled["paths"].items()}
    assert found == {
        "/deployments/{deployment-id}/completions": (["post"], "Completions_Create"),
        "/deployments/{deployment-id}/embeddings": (["post"], "embeddings_create"),
        "/deployments/{deployment-id}/chat/completions": (["post"], "ChatCompletions_Create"),
        "/deployments/{deployment-id}/audio/transcriptions": (["post"], "Transcriptions_Create"),
        "/deployments/{deployment-id}/audio/translations": (["post"], "Translations_Create"),
        "/deployments/{deployment-id}/images/generations": (["post"], "ImageGenerations_Create"),
    }


def test_every_operation_is_described_and_answers_with_success_or_an_error(bundled: dict[str, Any]) -> None:
    for item in bundled["paths"].values():
        operation = item["post"]
        assert operation["summary"]
        assert operation["description"]
        assert list(operation["responses"]) == ["200", "default"]
        assert operation["requestBody"]["required"] is True
        assert "tags" not in operation


def test_every_reference_resolves(bundled: dict[str, Any]) -> None:
    places = {where for where, _ in nodes(bundled)}
    assert {reference for reference in references(bundled) if reference not in places} == set()


def test_every_component_is_used(bundled: dict[str, Any]) -> None:
    components = bundled["components"]
    kinds = ("schemas", "parameters", "headers", "responses")
    there = {f"#/components/{kind}/{name}" for kind in kinds for name in components[kind]}
    assert there - set(references(bundled)) == set()
    assert set(components) == {*kinds, "securitySchemes"}
    assert {name for each in bundled["security"] for name in each} == set(components["securitySchemes"])


def test_every_property_has_a_type_and_what_is_written_there_a_description(bundled: dict[str, Any]) -> None:
    properties = {
        f"{where} {name}": schema
        for where, node in nodes(bundled)
        if where.endswith("/properties")
        for name, schema in node.items()
    }
    assert len(properties) > 250
    assert [each for each, schema in properties.items() if not {"type", "$ref"} & set(schema)] == []
    assert [each for each, schema in properties.items() if not {"description", "$ref"} & set(schema)] == []


def test_nothing_stands_beside_a_reference_where_it_would_be_ignored(bundled: dict[str, Any]) -> None:
    assert [where for where, node in nodes(bundled) if "$ref" in node and len(node) > 1] == []


def test_every_required_property_is_one_and_every_discriminator_tells_all_apart(bundled: dict[str, Any]) -> None:
    schemas = bundled["components"]["schemas"]
    for name, schema in schemas.items():
        assert set(schema.get("required", ())) <= set(schema.get("properties", ())), name
        if discriminator := schema.get("discriminator"):
            assert {each["$ref"] for each in schema["oneOf"]} == set(discriminator["mapping"].values()), name
            for value, reference in discriminator["mapping"].items():
                kind = schemas[reference.rpartition("/")[2]]["properties"][discriminator["propertyName"]]
                assert kind["enum"] == [value], name


def test_no_schema_contains_itself_since_the_import_cannot_read_that(bundled: dict[str, Any]) -> None:
    uses = {name: set(references({"x": schema})) for name, schema in bundled["components"]["schemas"].items()}
    while leaves := {name for name, used in uses.items() if not used}:
        uses = {
            name: used - {f"#/components/schemas/{leaf}" for leaf in leaves}
            for name, used in uses.items()
            if name not in leaves
        }
    assert uses == {}


def test_the_document_is_written_with_two_spaces_and_of_moderate_size() -> None:
    source = BUNDLED.read_text(encoding="utf-8")
    assert source == json.dumps(json.loads(source), indent=2, ensure_ascii=False) + "\n"
    assert 40_000 < len(source.encode()) < 120_000


# -------------------------------------------------------------------------------- beside what others published


def words(source: str) -> str:
    """The text in one line, free of what JSON and YAML write differently."""
    return re.sub(r"\s+", " ", source.replace("\\n", " ").replace('\\"', '"')).lower()


def sentences(document: dict[str, Any]) -> set[str]:
    texts = [node[key] for _, node in nodes(document) for key in ("description", "summary") if key in node]
    found = {
        words(each).strip() for text in texts if isinstance(text, str) for each in re.split(r"(?<=[.:;])\s", text)
    }
    return {each for each in found if len(each) >= 60}


def test_no_long_sentence_is_one_of_the_published_documents(
    bundled: dict[str, Any], published: dict[str, str]
) -> None:
    written = sentences(bundled)
    assert len(written) > 20
    everything = "\n".join(words(source) for source in published.values())
    assert {each for each in written if each.rstrip(".:;") in everything} == set()


def test_the_published_documents_are_the_expected_ones(published: dict[str, str]) -> None:
    assert [name for name in published if name.endswith((".json", ".yaml"))] == NAMES


@pytest.mark.parametrize(("name", "count"), list(zip(NAMES, [6, 6, 6, 49, 5, 60], strict=True)), ids=str)
def test_a_published_document_is_read_and_stays_the_same_when_prepared(
    published: dict[str, str], name: str, count: int
) -> None:
    document = parsed(name, published[name])
    found = operations(document)
    assert len(found) == count
    assert operations(prepare(document, service_url="https://contoso.openai.azure.com/openai")) == found


@pytest.mark.parametrize("name", NAMES)
def test_a_published_document_with_a_hole_in_it_is_refused_in_one_sentence(
    published: dict[str, str], name: str
) -> None:
    document = parsed(name, published[name])
    document["paths"]["/hole/{id}"] = {"get": {"operationId": "hole"}}
    with pytest.raises(
        DocumentRefused, match=r"^GET /hole/\{id\} has 'id' not both in its path and declared; .*\.$"
    ):
        operations(document)


def test_the_published_document_of_this_version_has_the_same_operations(
    bundled: dict[str, Any], published: dict[str, str]
) -> None:
    def comparable(operation: Operation) -> tuple[object, ...]:
        parameters = tuple(parameter.name for parameter in operation.parameters)
        return (operation.name, operation.method, operation.url_template, operation.content_types, parameters)

    name = "azure-openai-2024-10-21.apim-export.yaml"
    theirs = [comparable(each) for each in operations(parsed(name, published[name]))]
    assert [comparable(each) for each in operations(bundled)] == theirs


COUNTERPARTS = [
    ("CreateCompletionRequest", "createCompletionRequest"),
    ("CreateCompletionResponse", "createCompletionResponse"),
    ("CreateChatCompletionRequest", "createChatCompletionRequest"),
    ("CreateChatCompletionResponse", "createChatCompletionResponse"),
    ("CreateTranscriptionRequest", "createTranscriptionRequest"),
    ("CreateTranslationRequest", "createTranslationRequest"),
    ("CreateImageRequest", "imageGenerationsRequest"),
    ("CreateImageResponse", "generateImagesResponse"),
    ("Image", "imageResult"),
    ("AudioVerboseResponse", "audioVerboseResponse"),
    ("ChatResponseMessage", "chatCompletionResponseMessage"),
    ("SearchParameters", "azureSearchChatExtensionParameters"),
    ("CosmosParameters", "azureCosmosDBChatExtensionParameters"),
]


def test_the_schemas_have_the_properties_of_the_published_ones(
    bundled: dict[str, Any], published: dict[str, str]
) -> None:
    name = "azure-openai-2024-10-21.apim-export.yaml"
    theirs = parsed(name, published[name])["components"]["schemas"]

    def properties(schema: dict[str, Any]) -> set[str]:
        parts = [
            theirs[part["$ref"].rpartition("/")[2]] if "$ref" in part else part for part in schema.get("allOf", ())
        ]
        return set(schema.get("properties", ())).union(*(properties(part) for part in parts))

    for ours, their in COUNTERPARTS:
        assert set(bundled["components"]["schemas"][ours]["properties"]) == properties(theirs[their]), ours
