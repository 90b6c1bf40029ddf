"""The settings: defaults, what a file may say, and the schema and the example that ship."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from reconciler.config import Config, schema
from reconciler.config_file import parse
from reconciler.resource_id import ResourceId
from tests import builders
from tests.builders import EAST, GATEWAY, S1, S2, rid

ROOT = Path(__file__).parent.parent
MINIMAL = f"""\
owner: contoso
gateways:
  - id: {GATEWAY}
    accounts:
      - subscription: {S1}
"""


def test_a_minimal_file_gives_what_the_portals_import_gives() -> None:
    config = parse(MINIMAL, "reconciler.yaml")
    assert json.loads(config.model_dump_json()) == {
        "owner": "contoso",
        "gateways": [
            {
                "id": GATEWAY.text,
                "identity": "system",
                "enableIdentity": True,
                "accounts": [{"subscription": S1, "resourceGroups": ["*"], "tags": {}}],
                "profile": "standard",
            }
        ],
        "profiles": {
            "standard": {
                "api": {
                    "name": "{account}",
                    "displayName": "Azure OpenAI {account}",
                    "description": "Models of the Azure OpenAI account {account}.",
                    "path": "{account}/openai",
                    "specification": "azure-openai/2024-10-21",
                    "operations": "all",
                    "products": [],
                    "subscriptionRequired": True,
                },
                "authentication": "managed-identity",
                "tokenLimit": None,
                "tokenMetrics": None,
            }
        },
        "safety": {"prune": "report", "maxDeletes": 5, "maxDeletePercent": 30, "confirmations": 2},
    }


def test_defaults_of_the_optional_policies() -> None:
    text = MINIMAL + "profiles:\n  gold:\n    tokenLimit: {tokensPerMinute: 100}\n    tokenMetrics: {}\n"
    gold = parse(text, "reconciler.yaml").profile("gold")
    assert gold is not None
    assert gold.tokenLimit is not None
    assert gold.tokenLimit.model_dump() == {
        "tokensPerMinute": 100,
        "counterKey": "subscription",
        "estimatePromptTokens": False,
    }
    assert gold.tokenMetrics is not None
    assert gold.tokenMetrics.dimensions == ("API ID", "Subscription ID")


def test_the_standard_profile_exists_even_where_the_file_names_only_others() -> None:
    config = parse(MINIMAL + "profiles:\n  gold:\n    api: {path: gold/openai}\n", "reconciler.yaml")
    standard, gold = config.profile("standard"), config.profile("gold")
    assert standard is not None
    assert gold is not None
    assert (standard.api.path, gold.api.path) == ("{account}/openai", "gold/openai")
    assert config.profile("silver") is None


def test_the_files_own_standard_profile_wins() -> None:
    config = parse(MINIMAL + "profiles:\n  standard:\n    api: {path: x/openai}\n", "reconciler.yaml")
    standard = config.profile("standard")
    assert standard is not None
    assert standard.api.path == "x/openai"


def test_a_path_loses_the_slashes_at_its_ends() -> None:
    config = parse(MINIMAL + "profiles:\n  standard:\n    api: {path: /a/openai/}\n", "reconciler.yaml")
    assert config.profiles["standard"].api.path == "a/openai"


def test_a_gateway_compares_as_azure_compares_ids() -> None:
    config = parse(
        MINIMAL.replace(GATEWAY.text, GATEWAY.text.replace("contoso-gw", "Contoso-GW")), "reconciler.yaml"
    )
    assert config.gateways[0].resource_id == rid(GATEWAY.text)
    assert config.gateways[0].id.endswith("/Contoso-GW")


def test_the_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        parse(MINIMAL, "reconciler.yaml").owner = "fabrikam"


def test_the_committed_schema_is_the_codes() -> None:
    committed = json.loads((ROOT / "reconciler.schema.json").read_text("utf-8"))
    assert committed == schema()
    assert (ROOT / "reconciler.schema.json").read_text("utf-8") == json.dumps(schema(), indent=2) + "\n"


def test_the_schema_is_a_json_schema_that_takes_the_minimal_file() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(YAML(typ="safe").load(MINIMAL), schema())


EDITORS_REFUSE = {
    "an unknown setting": "safty: {}\n",
    "another word for prune": "safety: {prune: all}\n",
    "a subscription that is no GUID": f"gateways: [{{id: {GATEWAY}, accounts: [{{subscription: abc}}]}}]\n",
    "a product with a slash": "profiles: {standard: {api: {products: [a/b]}}}\n",
    "no gateways": "gateways: []\n",
    "an empty path": "profiles: {standard: {api: {path: ''}}}\n",
    "a wrong type": "profiles: {standard: {tokenLimit: {tokensPerMinute: '100'}}}\n",
}


@pytest.mark.parametrize("addition", EDITORS_REFUSE.values(), ids=EDITORS_REFUSE)
def test_the_schema_lets_an_editor_refuse(addition: str) -> None:
    document = {**YAML(typ="safe").load(MINIMAL), **YAML(typ="safe").load(addition)}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


def test_the_example_is_a_configuration_and_fits_the_schema() -> None:
    text = (ROOT / "reconciler.example.yaml").read_text("utf-8")
    config = parse(text, "reconciler.example.yaml")
    assert isinstance(config, Config)
    assert config.owner == "contoso-ai-platform"
    assert config.profiles["standard"].api.products == ("ai-platform",)
    jsonschema.validate(
        YAML(typ="safe").load(text), json.loads((ROOT / "reconciler.schema.json").read_text("utf-8"))
    )


SUBSCRIPTION = rid(f"/subscriptions/{S1}")
GROUP = rid(f"/subscriptions/{S1}/resourceGroups/rg-ai-east")
DEPLOYMENT = EAST.child("deployments", "gpt-4o")
COVERED: dict[str, tuple[dict[str, Any], ResourceId, bool]] = {
    "an account of its subscription": ({}, EAST, True),
    "an account of another subscription": ({"subscription": S2}, EAST, False),
    "an account, its subscription in capitals": ({"subscription": S1.upper()}, EAST, True),
    "a model deployment in an account": ({}, DEPLOYMENT, True),
    "its whole subscription": ({}, SUBSCRIPTION, True),
    "its whole subscription, since any of its groups may be in it": (
        {"resourceGroups": ["rg-x"]},
        SUBSCRIPTION,
        True,
    ),
    "another subscription": ({"subscription": S2}, SUBSCRIPTION, False),
    "a resource group": ({"resourceGroups": ["rg-ai-*"]}, GROUP, True),
    "another resource group": ({"resourceGroups": ["rg-x"]}, GROUP, False),
    "an account of its group": ({"resourceGroups": ["rg-ai-east"]}, EAST, True),
    "an account of a group in other letters": ({"resourceGroups": ["RG-AI-E???"]}, EAST, True),
    "an account of another group": ({"resourceGroups": ["rg-ai"]}, EAST, False),
    "an account, whatever the tags ask for": ({"tags": {"ai-gateway": "enabled"}}, EAST, True),
}


@pytest.mark.parametrize(("rule", "place", "covered"), COVERED.values(), ids=COVERED)
def test_the_allow_list_covers(rule: dict[str, Any], place: ResourceId, *, covered: bool) -> None:
    gateway = builders.config(rule=rule).gateways[0]
    assert gateway.accounts[0].covers(place) is covered
    assert gateway.covers(place) is covered
    other = {"subscription": "99999999-0000-0000-0000-000000000009"}
    two = builders.config(gateway={"accounts": [other, {"subscription": S1, **rule}]}).gateways[0]
    assert two.covers(place) is covered, "one rule of two is enough"
