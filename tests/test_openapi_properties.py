"""What holds for every document: preparing, naming and fingerprints, whatever is in it."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.openapi import described, fingerprint, operations, prepare, text
from tests.openapi_documents import SERVICE_URL, Json, document_of, one, only, required, string

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
