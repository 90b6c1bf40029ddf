"""What we make of a document before it is imported, and its text and fingerprint."""

import copy
from datetime import date

from reconciler.openapi import described, fingerprint, operations, prepare, text
from tests.openapi_documents import SERVICE_URL, bundled, document_of, one, string

# ------------------------------------------------------------------------------------ preparing


def test_only_the_operations_that_are_kept_are_imported() -> None:
    prepared = prepare(bundled(), service_url=SERVICE_URL, keep={"embeddings-create", "unknown"})
    assert list(prepared["paths"]) == ["/deployments/{deployment-id}/embeddings"]
    assert [each.name for each in operations(prepared)] == ["embeddings-create"]


def test_only_one_of_two_methods_of_a_path_may_be_kept() -> None:
    item = {"get": {"operationId": "g"}, "post": {"operationId": "p"}, "parameters": [string("q", "query")]}
    prepared = prepare(document_of({"/a": item}), service_url=SERVICE_URL, keep=["p"])
    assert set(prepared["paths"]["/a"]) == {"post", "parameters"}


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


# ------------------------------------------------------------------------------------ the text


def test_the_text_is_compact_sorted_and_in_plain_characters() -> None:
    assert text({"b": [1, None], "a": {"ü": "é"}}) == '{"a":{"ü":"é"},"b":[1,null]}'


def test_a_description_replaces_the_one_there_is() -> None:
    document = {"info": {"title": "T", "description": "old"}, "paths": {}}
    assert described(document, "new") == {"info": {"title": "T", "description": "new"}, "paths": {}}


def test_the_fingerprint_is_the_beginning_of_the_hash_of_the_text() -> None:
    # printf '%s' '{"info":{"title":"T"},"openapi":"3.0.3"}' | sha256sum
    document = {"openapi": "3.0.3", "info": {"description": "D", "title": "T"}}
    assert fingerprint(document) == "91bf0471252d"
