"""Which accounts a gateway serves: the allow-list, and the profile that each of them gets."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.model import Document
from reconciler.select import judged, turned_away, unlisted
from reconciler.world import State
from tests.azure_accounts import PUBLIC, account, deployment
from tests.builders import EAST, S1, S2, config, rid

# ------------------------------------------------------------------------------------ the allow-list

KINDS = {"OpenAI": None, "openai": None, "AIServices": None, "aiservices": None}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_that_serve_openai_models_are_selected(kind: str) -> None:
    configured = config()
    assert turned_away(account(kind=kind), configured, configured.gateways[0]) is None


@pytest.mark.parametrize("kind", ["SpeechServices", "CognitiveServices", "OpenAI2", ""])
def test_other_kinds_are_excluded_whatever_the_allow_list_says(kind: str) -> None:
    configured = config()
    out = turned_away(account(kind=kind), configured, configured.gateways[0])
    assert out is not None
    assert (out.state, out.reason) == (State.EXCLUDED, "kind")
    assert out.detail == f"a {kind or 'nameless'} account serves no OpenAI models"
    assert (out.id, out.location) == (EAST, "eastus")


TAGGED = {"tags": {"ai-gateway": "enabled"}}
NO_TAG = "it does not carry the tag ai-gateway=enabled"
NO_RULE = "no rule of the allow-list covers the resource group rg-ai-east"

RULES: dict[str, tuple[dict[str, Any], Any, str | None]] = {
    "its subscription": ({}, None, None),
    "its subscription in capitals": ({"subscription": S1.upper()}, None, None),
    "another subscription": ({"subscription": S2}, None, NO_RULE),
    "its group": ({"resourceGroups": ["rg-ai-east"]}, None, None),
    "a pattern of its group": ({"resourceGroups": ["rg-ai-*"]}, None, None),
    "a pattern in capitals": ({"resourceGroups": ["RG-AI-E???"]}, None, None),
    "one pattern of two": ({"resourceGroups": ["rg-x", "*-east"]}, None, None),
    "a beginning is no pattern": ({"resourceGroups": ["rg-ai"]}, None, NO_RULE),
    "another group": ({"resourceGroups": ["rg-ai-west"]}, None, NO_RULE),
    "a tag it carries": (TAGGED, {"ai-gateway": "enabled"}, None),
    "a tag whose name it writes in capitals": (TAGGED, {"AI-Gateway": "enabled"}, None),
    "a tag whose name the file writes in capitals": (
        {"tags": {"AI-Gateway": "enabled"}},
        {"ai-gateway": "enabled"},
        None,
    ),
    "any value of a tag": ({"tags": {"ai-gateway": "*"}}, {"ai-gateway": "x"}, None),
    "an empty value is a value": ({"tags": {"ai-gateway": "*"}}, {"ai-gateway": ""}, None),
    "any value of a tag that it does not carry": (
        {"tags": {"ai-gateway": "*"}},
        {"env": "x"},
        "it does not carry the tag ai-gateway=*",
    ),
    "a tag's value in another case": (TAGGED, {"ai-gateway": "Enabled"}, NO_TAG),
    "an asterisk in the account's tag selects nothing": (TAGGED, {"ai-gateway": "*"}, NO_TAG),
    "no tags at all": (TAGGED, None, NO_TAG),
    "one tag of two": (
        {"tags": {"ai-gateway": "enabled", "env": "prod"}},
        {"env": "prod"},
        "it does not carry the tag ai-gateway=enabled, env=prod",
    ),
}


@pytest.mark.parametrize(("rule", "tags", "expected"), RULES.values(), ids=RULES)
def test_the_allow_list_by(rule: dict[str, Any], tags: Any, expected: str | None) -> None:
    configured = config(rule=rule)
    out = turned_away(account(tags=tags), configured, configured.gateways[0])
    if expected is None:
        assert out is None
    else:
        assert out is not None
        assert (out.state, out.reason, out.detail) == (State.EXCLUDED, "not-selected", expected)


def test_one_rule_of_several_is_enough_but_it_must_match_whole() -> None:
    rules = [
        {"subscription": S1, "resourceGroups": ["rg-other"]},
        {"subscription": S1, "resourceGroups": ["rg-ai-*"], "tags": {"ai-gateway": "enabled"}},
    ]
    configured = config(gateway={"accounts": rules})
    gateway = configured.gateways[0]
    assert turned_away(account(tags={"ai-gateway": "enabled"}), configured, gateway) is None
    assert turned_away(account(tags={}), configured, gateway) is not None


def test_a_profile_tag_that_names_no_profile_makes_it_wait_and_its_value_goes_nowhere() -> None:
    configured = config(profiles={"gold": {}})
    out = turned_away(account(tags={"AI-Gateway-Profile": "@(evil)"}), configured, configured.gateways[0])
    assert out is not None
    assert (out.state, out.reason) == (State.WAITING, "unknown-profile")
    assert (
        out.detail == "its tag ai-gateway-profile names no profile of the configuration; there are: gold, standard"
    )


def test_an_empty_profile_tag_names_no_profile() -> None:
    configured = config()
    out = turned_away(account(tags={"ai-gateway-profile": ""}), configured, configured.gateways[0])
    assert out is not None
    assert (out.state, out.reason) == (State.WAITING, "unknown-profile")


UNLISTED: dict[str, tuple[Document, State, str]] = {
    "waits: no list is a reason to take it off": (
        account(tags={"ai-gateway": "enabled"}),
        State.WAITING,
        "not-listed",
    ),
    "waits where its tag names no profile": (
        account(tags={"ai-gateway": "enabled", "ai-gateway-profile": "x"}),
        State.WAITING,
        "unknown-profile",
    ),
    "is excluded where it lost its tag": (account(tags={}), State.EXCLUDED, "not-selected"),
    "is excluded where it is of another kind by now": (
        account(kind="SpeechServices", tags={"ai-gateway": "enabled"}),
        State.EXCLUDED,
        "kind",
    ),
}


@pytest.mark.parametrize(("document", "state", "reason"), UNLISTED.values(), ids=UNLISTED)
def test_an_account_that_no_list_shows_and_that_answers(document: Document, state: State, reason: str) -> None:
    configured = config(rule={"tags": {"ai-gateway": "enabled"}})
    judgement = unlisted(document, configured, configured.gateways[0])
    assert (judgement.id, judgement.state, judgement.reason) == (EAST, state, reason)
    assert (judgement.endpoint, judgement.deployments, judgement.profile) == ("", (), "")


def test_an_account_that_no_list_shows_says_so() -> None:
    configured = config()
    judgement = unlisted(account(), configured, configured.gateways[0])
    assert judgement.detail == "it is there, but the list of accounts does not show it"


PROFILES = {
    "its tag": ({"ai-gateway-profile": "gold"}, "gold"),
    "its tag, written in capitals": ({"AI-GATEWAY-PROFILE": "gold"}, "gold"),
    "its gateway, where it has no tag": ({"env": "x"}, "silver"),
    "its gateway, where it has no tags": (None, "silver"),
}


@pytest.mark.parametrize(("tags", "expected"), PROFILES.values(), ids=PROFILES)
def test_an_accounts_profile_is_that_of(tags: Any, expected: str) -> None:
    configured = config(gateway={"profile": "silver"}, profiles={"gold": {}, "silver": {}})
    gateway = configured.gateways[0]
    assert turned_away(account(tags=tags), configured, gateway) is None
    assert judged(account(tags=tags), [deployment()], gateway, PUBLIC).profile == expected


def test_an_account_of_another_subscription_says_so_by_its_group() -> None:
    configured = config()
    other = rid(f"/subscriptions/{S2}/resourceGroups/rg-b/providers/Microsoft.CognitiveServices/accounts/b")
    out = turned_away(account(other), configured, configured.gateways[0])
    assert out is not None
    assert out.detail == "no rule of the allow-list covers the resource group rg-b"
