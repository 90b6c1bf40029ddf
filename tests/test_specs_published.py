"""The bundled documents beside what others published: our own words, and the same API in every version."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from reconciler import specs
from reconciler.openapi import DocumentRefused, Operation, operations, prepare
from tests.shapes import Json, Reader, differences

PUBLISHED = Path(__file__).parent.parent.parent / "shared/azure/openapi"
NAMES = [
    "azure-openai-2024-02-01.apim-export.yaml",
    "azure-openai-2024-06-01.apim-export.yaml",
    "azure-openai-2024-10-21.apim-export.yaml",
    "foundry-azure-openai-2025-03-01-preview.json",
    "foundry-model-inference-2025-05-15-preview.json",
    "foundry-openai-v1.json",
]
COUNTERPARTS = list(zip(specs.NAMES, NAMES[:3], strict=True))


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


# -------------------------------------------------------------------------------- our own words


def words(source: str) -> str:
    """The text in one line, free of what JSON and YAML write differently."""
    return re.sub(r"\s+", " ", source.replace("\\n", " ").replace('\\"', '"')).lower()


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (value[key] for key in ("description", "summary") if isinstance(value.get(key), str))
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(each)


def sentences(document: Json) -> set[str]:
    found = {words(each).strip() for text in texts(document) for each in re.split(r"(?<=[.:;])\s", text)}
    return {each for each in found if len(each) >= 60}


@pytest.mark.parametrize("name", specs.NAMES)
def test_no_long_sentence_is_one_of_the_published_documents(published: dict[str, str], name: str) -> None:
    written = sentences(specs.load(name))
    assert len(written) > 20
    everything = "\n".join(words(source) for source in published.values())
    assert {each for each in written if each.rstrip(".:;") in everything} == set()


# -------------------------------------------------------------------------------- the same API


@pytest.mark.parametrize(("ours", "theirs"), COUNTERPARTS)
def test_the_published_document_of_this_version_has_the_same_operations(
    published: dict[str, str], ours: str, theirs: str
) -> None:
    def comparable(operation: Operation) -> tuple[object, ...]:
        parameters = tuple(parameter.name for parameter in operation.parameters)
        return (operation.name, operation.method, operation.url_template, operation.content_types, parameters)

    expected = [comparable(each) for each in operations(parsed(theirs, published[theirs]))]
    assert [comparable(each) for each in operations(specs.load(ours))] == expected


ALL, OLDER, NEWER, NEWEST = specs.NAMES, specs.NAMES[:2], specs.NAMES[1:], specs.NAMES[2:]
# Why, in which versions, and `place: published -> ours`, where `*` stands for anything.
DELIBERATE: dict[str, dict[tuple[str, ...], str]] = {
    "one schema of errors serves all operations, also those whose errors are not published": {
        ALL: """
            *_Create error.error.param: string -> string, nullable
            *_Create error.error.type: string -> string, nullable
            *ompletions_Create error.error.inner_error.revised_prompt: - -> string
            ImageGenerations_Create error.error.inner_error.content_filter_results.error: - -> object
            ImageGenerations_Create answer.data[].prompt_filter_results.error: - -> object
            Trans*s_Create error: - -> object
            embeddings_create error: - -> object""",
    },
    "the published description has the limit or the default, or the meaning implies it": {
        ALL: """
            ChatCompletions_Create request.functions[].name: * -> required string, ..64 characters
            ChatCompletions_Create request.tools[](function).function.name: * -> required string, ..64 characters
            *ompletions_Create request.logit_bias{}: * -> integer, -100..100
            Trans*s_Create request.temperature: number, default '0' -> number, 0..1, default '0'
            Trans*s_Create request.response_format: string, json|* -> string, json|*, default 'json'""",
        OLDER: """
            Completions_Create request.best_of: integer -> integer, ..128
            Completions_Create request.logprobs: integer, nullable -> integer, nullable, 0..5
            Completions_Create request.max_tokens: integer, nullable, * -> integer, nullable, 0.., default '16'
            Completions_Create request.n: integer, nullable, * -> integer, nullable, 1..128, default '1'
            Completions_Create request.*_penalty: number, default '0' -> number, -2..2, default '0'
            Completions_Create request.prompt: * or array, nullable, default '' -> *, 1..2048 items
            Completions_Create request.logit_bias: object -> object, nullable""",
        NEWER: """
            embeddings_create request.dimensions: integer, nullable -> integer, nullable, 1..
            embeddings_create request.encoding_format: string, nullable -> string, base64|float, default 'float'""",
        NEWEST: """
            ChatCompletions_Create request.tools: array -> array, ..128 items
            ChatCompletions_Create request.*.json_schema.name: required string -> *, ..64 characters""",
    },
    "the range is that of chat in this version, and of this operation in 2024-10-21": {
        OLDER: """
            Completions_Create request.temperature: number, nullable, * -> number, nullable, 0..2, default '1'
            Completions_Create request.top_p: number, nullable, * -> number, nullable, 0..1, default '1'""",
    },
    "what is published as a default is no text to send, and what stops chat has none": {
        ALL: """
            Completions_Create request.prompt[]: string, default '' -> string
            embeddings_create request.input: *, nullable, default '', 1..2048 items -> *, 1..2048 items""",
        OLDER: """
            Completions_Create request.stop: *, nullable, default '<|endoftext|>' -> *, nullable, 1..4 items""",
    },
    "`format: int64` says it": {
        ALL: """
            ChatCompletions_Create request.seed: integer, nullable, -9.2*..9.2* -> integer, nullable*""",
        NEWEST: """
            Completions_Create request.seed: integer, nullable, -9.2*..9.2* -> integer, nullable""",
    },
    "tokens are counted in whole numbers, as in chat": {
        OLDER: """
            Completions_Create answer.usage.*_tokens: required number -> required integer""",
    },
    "the export lost that the file is required": {
        OLDER: """
            Trans*s_Create request.file: string -> required string""",
    },
    "the service takes an object with the two in it, as published for 2024-10-21": {
        OLDER: """
            ChatCompletions_Create request.messages[](user).content[](image_url).url: required string -> -
            ChatCompletions_Create request.messages[](user).content[](image_url).detail: * -> -
            ChatCompletions_Create request.messages[](user).content[](image_url).image_url: - -> required object""",
    },
    "slips: what is required is not there, the name is; a list has no least value; null is no message": {
        OLDER: """
            ChatCompletions_Create request.messages[](function).function_call_id: required undeclared -> -
            ChatCompletions_Create request.messages[](function).name: string -> required string
            ChatCompletions_Create request.messages[](user).content: *, nullable, 1.. -> *, nullable, 1.. items
            ChatCompletions_Create request.messages[]: object, nullable -> object""",
        NEWEST: """
            ChatCompletions_Create request.response_format(json_schema).json_schema.type: required undeclared -> -
            ChatCompletions_Create answer(chat.completion.chunk).object.*_tokens: required undeclared -> -""",
    },
    "the service streams in every version, and chunks carry these as well": {
        OLDER: """
            ChatCompletions_Create answer(chat.completion.chunk): - -> object""",
        NEWEST: """
            ChatCompletions_Create answer(chat.completion.chunk).choices[].content_filter_results: - -> object
            ChatCompletions_Create answer(chat.completion.chunk).prompt_filter_results: - -> array
            ChatCompletions_Create answer(chat.completion.chunk).usage: - -> object""",
    },
    "one schema serves an answer and a chunk, a request and an answer, a tool and a function": {
        NEWEST: """
            ChatCompletions_Create answer(chat.completion).choices[].finish_reason: required * -> *, nullable, *
            ChatCompletions_Create request.messages[](assistant).function_call: object, nullable -> object
            ChatCompletions_Create request.functions[].strict: - -> boolean, nullable, default 'False'""",
    },
}


@pytest.mark.parametrize(("ours", "theirs"), COUNTERPARTS)
def test_every_field_is_as_published_but_for_what_differs_deliberately(
    published: dict[str, str], ours: str, theirs: str
) -> None:
    expected = Reader(parsed(theirs, published[theirs])).shape
    found = list(differences(expected, Reader(specs.load(ours)).shape))
    told = [told for each in DELIBERATE.values() for versions, told in each.items() if ours in versions]
    lines = [line.strip() for each in told for line in each.strip().split("\n")]
    patterns = [re.compile(re.escape(line).replace(r"\*", ".*")) for line in lines]
    assert [each for each in found if not any(pattern.fullmatch(each) for pattern in patterns)] == []
    assert [each.pattern for each in patterns if not any(each.fullmatch(one) for one in found)] == []
