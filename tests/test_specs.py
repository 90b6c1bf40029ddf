"""The bundled documents: the versions that ship, and each of them complete and sound in itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler import specs
from reconciler.config import BUNDLED, NEWEST_GA
from reconciler.openapi import operations, prepare

FOLDER = Path(specs.__file__).parent


@pytest.fixture(scope="module", params=specs.NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def source(name: str) -> str:
    return (FOLDER / f"{name.replace('/', '-')}.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def bundled(source: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(source)
    return document


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


def test_what_ships_is_what_the_configuration_offers_oldest_first() -> None:
    assert BUNDLED == specs.NAMES == tuple(sorted(specs.NAMES))
    assert specs.NAMES[-1] == NEWEST_GA
    assert {f"{name.replace('/', '-')}.json" for name in specs.NAMES} == {
        path.name for path in FOLDER.glob("*.json")
    }


def test_a_document_is_loaded_by_its_name_and_no_other_is(name: str, bundled: dict[str, Any]) -> None:
    assert specs.load(name) == bundled
    with pytest.raises(KeyError):
        specs.load(f"{name}-preview")


def test_the_document_has_the_version_and_server_of_the_published_api(name: str, bundled: dict[str, Any]) -> None:
    assert bundled["openapi"] == "3.0.3"
    assert name == f"azure-openai/{specs.version(bundled)}"
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


def test_every_operation_wants_the_deployment_and_the_version_of_the_api(bundled: dict[str, Any]) -> None:
    for operation in operations(bundled):
        deployment, version = operation.parameters
        assert (deployment.name, deployment.required) == ("deployment-id", True)
        assert (version.name, version.required) == ("api-version", True)
        assert version.default == bundled["info"]["version"]
        assert operation.query == ()


def test_the_document_stays_the_same_when_prepared(bundled: dict[str, Any]) -> None:
    prepared = prepare(bundled, service_url="https://contoso.openai.azure.com/openai")
    assert operations(prepared) == operations(bundled)
    assert prepared["components"]["schemas"] == bundled["components"]["schemas"]


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
    assert len(properties) > 200
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


def test_the_document_is_written_with_two_spaces_and_of_moderate_size(source: str) -> None:
    assert source == json.dumps(json.loads(source), indent=2, ensure_ascii=False) + "\n"
    assert 40_000 < len(source.encode()) < 120_000
