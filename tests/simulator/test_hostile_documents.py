"""Documents to import that are small and mean much, or that no reader can hold, are refused quickly."""

import json
import time
from typing import Any

import pytest

from tests.simulator.asking import GATEWAY
from tests.simulator.documents import THINGS, document, importing, operation, text

SLOW = 5.0  # processor seconds; without bounds these take minutes


def bomb(levels: int, where: str) -> str:
    """YAML whose aliases stand for ten times as much on each level."""
    lines = ["openapi: 3.0.1", "info: {title: t, version: '1'}", "paths: {}", f"{where}:", "  l0: &l0 {a: x}"]
    for level in range(1, levels):
        aliases = ", ".join([f"*l{level - 1}"] * 10)
        lines.append(f"  l{level}: &l{level} [{aliases}]")
    return "\n".join(lines)


def merges(levels: int) -> str:
    lines = ["openapi: 3.0.1", "info: {title: t, version: '1'}", "paths: {}", "x-a:", "  l0: &l0 {a: x}"]
    lines += [f"  l{n}: &l{n} {{<<: [{', '.join([f'*l{n - 1}'] * 10)}]}}" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize("source", [bomb(9, "x-a"), bomb(9, "components"), bomb(9, "servers"), merges(9)])
def test_aliases_that_stand_for_too_much_are_not_spelt_out(source: str) -> None:
    client, started = importing(), time.process_time()
    got = client.put(THINGS, text(source, "openapi"))
    assert (got.status, got.code) == (501, "SimulatorNotModelled")
    assert time.process_time() - started < SLOW
    assert client.get(THINGS).status == 404


@pytest.mark.parametrize(
    "value", ["&a [*a]", "&a {b: *a}", ".nan", "-.inf", "!!binary aGVsbG8=", "!!set {x}", "[" * 200 + "]" * 200]
)
def test_yaml_that_is_no_json_is_refused(value: str) -> None:
    source = f"openapi: 3.0.1\ninfo: {{title: t, version: '1', x-a: {value}}}\npaths: {{}}"
    assert importing().put(THINGS, text(source, "openapi")).status == 400


@pytest.mark.parametrize("format", ["openapi", "openapi+json", "swagger-json"])
@pytest.mark.parametrize(
    "source", ["[" * 50_000, '{"a":' * 50_000, "[" * 200 + "]" * 200, '{"openapi": "3.0.1", "x-a": NaN}']
)
def test_a_document_that_is_nested_too_deeply_or_no_json_is_refused(format: str, source: str) -> None:
    client, started = importing(), time.process_time()
    assert client.put(THINGS, text(source, format)).status == 400
    assert time.process_time() - started < SLOW
    assert client.get(THINGS).status == 404


@pytest.mark.parametrize("format", ["openapi", "openapi+json", "swagger-json", "wsdl", "openapi-link"])
@pytest.mark.parametrize("source", ["\ud800", "http://[", "<\ud800/>"])
def test_text_that_cannot_be_encoded_and_links_that_cannot_be_read_are_refused(format: str, source: str) -> None:
    assert importing().put(THINGS, text(source, format)).status == 400


def with_schemas(schemas: Any) -> str:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    return json.dumps(document({"/a": {"post": operation(requestBody=body)}}, components={"schemas": schemas}))


def named(number: int) -> Any:
    return {"$ref": f"#/components/schemas/S{number}"}


def chain(length: int, width: int, *, circle: bool) -> Any:
    """Schemas each of which contains the next one several times, and the last perhaps the first."""
    made = {
        f"S{n}": {"type": "object", "properties": {f"p{w}": named(n + 1) for w in range(width)}}
        for n in range(length)
    }
    return {**made, f"S{length}": named(0) if circle else {"type": "string"}}


@pytest.mark.parametrize(
    ("length", "width", "circle"), [(40, 2, False), (40, 2, True), (200, 1, False), (900, 1, False)]
)
def test_schemas_that_make_a_huge_example_are_not_modelled(length: int, width: int, circle: bool) -> None:  # noqa: FBT001
    client, started = importing(), time.process_time()
    got = client.put(THINGS, text(with_schemas(chain(length, width, circle=circle))))
    assert (got.status, got.code) == (501, "SimulatorNotModelled")
    assert time.process_time() - started < SLOW
    assert client.get(THINGS).status == 404


def test_ordinary_schemas_inside_each_other_are_imported() -> None:
    client = importing()
    assert client.put(THINGS, text(with_schemas(chain(8, 2, circle=True)))).status == 201
    assert client.get(f"{THINGS}/operations").status == 200


@pytest.mark.parametrize("code", ["²", "9" * 5000, "2000"])
def test_a_response_has_a_code_of_three_digits(code: str) -> None:
    source = document({"/a": {"get": {"responses": {code: {"description": "x"}}}}})
    assert importing().put(THINGS, text(source)).status in {400, 501}


def test_ordinary_aliases_are_spelt_out() -> None:
    source = "openapi: 3.0.1\ninfo: &i {title: t, version: '1'}\nx-again: *i\npaths: {}"
    client = importing()
    assert client.put(THINGS, text(source, "openapi")).status == 201
    assert client.get(f"{GATEWAY}/apis/things").status == 200
