"""The published documents of Azure OpenAI and Foundry are imported, and give the operations they should."""

import re
import time
from pathlib import Path

import pytest

from tests.simulator.asking import JSON, shared
from tests.simulator.documents import THINGS, importing, operations, schemas, text

EXPECTED = Path(__file__).with_name("expected")
DOCUMENTS = {
    "azure-openai-2024-02-01.apim-export": ("yaml", "openapi", 6),
    "azure-openai-2024-06-01.apim-export": ("yaml", "openapi", 6),
    "azure-openai-2024-10-21.apim-export": ("yaml", "openapi", 6),
    "foundry-azure-openai-2025-03-01-preview": ("json", "openapi+json", 49),
    "foundry-model-inference-2025-05-15-preview": ("json", "openapi+json", 5),
    "foundry-openai-v1": ("json", "openapi+json", 60),
}


def lines(name: str) -> list[list[str]]:
    """The lines of a list of expectations, which says itself what its columns are."""
    found = (EXPECTED / f"{name}.txt").read_text("utf-8").splitlines()
    return [line.split(" ") for line in found if not line.startswith("#")]


def seen(name: str, properties: JSON) -> list[str]:
    """An operation in the words of those lists."""
    parameters = [
        f"{each['name']}:{each['type']}{'!' if each.get('required') else ''}"
        for each in properties["templateParameters"]
    ]
    bodies = [
        f"{each['contentType']}={'form' if 'formParameters' in each else each['typeName']}"
        for each in properties["request"]["representations"]
    ]
    codes = [str(each["statusCode"]) for each in properties["responses"]]
    columns = [",".join(each) or "-" for each in (parameters, bodies, codes)]
    return [name, properties["method"], properties["urlTemplate"], *columns]


@pytest.mark.parametrize("names", ["documented", "preserved"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_real_document_gives_the_operations_that_were_written_down(name: str, names: str) -> None:
    ending, format, count = DOCUMENTS[name]
    source = (shared("azure/openapi") / f"{name}.{ending}").read_text("utf-8")
    client = importing(operation_names=names)
    got = client.put(THINGS, text(source, format))
    assert got.status == 201, got.text
    column = 0 if names == "documented" else 1
    expected = [[line[column], *line[2:]] for line in lines(name)]
    assert len(expected) == count
    assert sorted(seen(*each) for each in operations(client).items()) == sorted(expected)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_type_that_is_named_is_in_the_schema_entity(name: str) -> None:
    ending, format, _ = DOCUMENTS[name]
    source = (shared("azure/openapi") / f"{name}.{ending}").read_text("utf-8")
    client = importing()
    client.put(THINGS, text(source, format))
    [entity] = client.get(f"{THINGS}/schemas").body["value"]
    kept = schemas(client)["document"]["components"]["schemas"]
    made = str(operations(client))
    assert set(re.findall(r"'schemaId': '(\w+)'", made)) == {entity["name"]}
    assert set(re.findall(r"'typeName': '([^']+)'", made)) <= set(kept)


def test_the_biggest_document_is_imported_in_well_under_a_second() -> None:
    source = (shared("azure/openapi") / "foundry-openai-v1.json").read_text("utf-8")
    client = importing()
    started = time.process_time()
    assert client.put(THINGS, text(source)).status == 201
    assert time.process_time() - started < 1
