"""Policies that people published are taken where they belong; the others are listed, with why."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.simulator.asking import GATEWAY, SHARED, Azure, Got, azure, shared

FOLDER = SHARED / "azure/policies"
REFUSED: dict[str, str] = json.loads(Path(__file__).with_name("published_policies.json").read_text("utf-8"))
# what they name has to be there: pattern, collection, body
NEEDED = (
    (r'backend-id\s*=\s*"([^@"]+)"', "backends", {"url": "https://a.contoso.example", "protocol": "http"}),
    (r'fragment-id="([^"]+)"', "policyFragments", {"value": "<fragment></fragment>"}),
    (r'logger-id="([^"]+)"', "loggers", {"loggerType": "azureEventHub", "credentials": {"name": "hub"}}),
    (r"\{\{([\w-]+)\}\}", "namedValues", {"value": "1"}),
)


def names() -> list[str]:
    return sorted(path.name for path in FOLDER.glob("*.xml")) or ["none"]


def level(name: str) -> str:
    """Where in the service a document belongs, by its file name."""
    if name == "apiops--SampleArtifacts--policy.xml" or "default-policy" in name:
        return "/policies/policy"
    if "fragments--" in name:
        return "/policyFragments/f"
    if "products" in name:
        return "/products/starter/policies/policy"
    if "--operations--" in name or "operation-policy" in name:
        return "/apis/orders-api/operations/get-order/policies/policy"
    return "/apis/orders-api/policies/policy"


def world(text: str) -> Azure:
    """A service with everything that a document names."""
    client = azure()
    for pattern, collection, properties in NEEDED:
        for each in set(re.findall(pattern, text)):
            known = {"displayName": each} if collection == "namedValues" else {}
            client.simulator.put(f"{GATEWAY}/{collection}/{each}", {"properties": {**properties, **known}})
    return client


def put(name: str, text: str, format: str) -> Got:
    return world(text).put(f"{GATEWAY}{level(name)}", {"properties": {"format": format, "value": text}})


@pytest.mark.parametrize("name", names())
def test_a_published_policy_is_taken_unless_it_is_listed_with_a_reason(name: str) -> None:
    shared("azure/policies")
    text = (FOLDER / name).read_text("utf-8")
    got = put(name, text, "rawxml")
    assert (got.status == 400) == (name in REFUSED), got.text
    if name not in REFUSED and is_well_formed(text):
        got = put(name, text, "xml")
        assert got.status in {200, 201}, got.text


def is_well_formed(text: str) -> bool:
    try:
        ET.fromstring(text.strip().removeprefix("\ufeff"))  # noqa: S314  # shared material
    except ET.ParseError:
        return False
    return True


def test_the_list_of_refused_ones_names_only_documents_that_are_there() -> None:
    shared("azure/policies")
    assert set(REFUSED) <= set(names())
    assert len(names()) - len(REFUSED) >= 124
