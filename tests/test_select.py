"""Which accounts a gateway serves, and what each of the others waits for."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.clouds import CLOUDS
from reconciler.model import Document
from reconciler.resource_id import ResourceId
from reconciler.select import judged, trusted, turned_away, unlisted
from reconciler.world import ModelDeployment, State
from tests.builders import EAST, S1, S2, config, rid

PUBLIC = CLOUDS["public"]


def account(id: ResourceId = EAST, kind: str = "OpenAI", tags: Any = None, **properties: Any) -> Document:
    return Document(
        id,
        {
            "kind": kind,
            "location": "eastus",
            **({"tags": tags} if tags is not None else {}),
            "properties": {
                "customSubDomainName": "contoso-east",
                "endpoint": "https://contoso-east.openai.azure.com/",
                "provisioningState": "Succeeded",
                **properties,
            },
        },
    )


def deployment(name: str = "gpt-4o", **changes: Any) -> Document:
    body: dict[str, Any] = {
        "name": name,
        "sku": changes.pop("sku", {"name": "Standard", "capacity": 10}),
        "properties": {
            "model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"},
            "provisioningState": "Succeeded",
            **changes,
        },
    }
    return Document(EAST.child("deployments", name), body)


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


# ------------------------------------------------------------------------------------ readiness

GATEWAY = config().gateways[0]


def test_a_ready_account_is_onboarded() -> None:
    judgement = judged(account(), [deployment("b"), deployment("A")], GATEWAY, PUBLIC)
    assert (judgement.state, judgement.reason) == (State.ONBOARDED, "ready")
    assert judgement.detail == "model deployments: A, b"
    assert judgement.endpoint == "https://contoso-east.openai.azure.com"
    assert judgement.location == "eastus"
    assert judgement.deployments == (
        ModelDeployment("A", "gpt-4o", "2024-08-06", "Standard", 10, ready=True),
        ModelDeployment("b", "gpt-4o", "2024-08-06", "Standard", 10, ready=True),
    )


WAITING: dict[str, tuple[Document, list[Document], str, str]] = {
    "a custom subdomain": (
        account(customSubDomainName=None, endpoint="https://eastus.api.cognitive.microsoft.com/"),
        [deployment()],
        "no-custom-subdomain",
        "managed identity needs a custom subdomain: az cognitiveservices account update "
        "-n contoso-east -g rg-ai-east --custom-domain NAME",
    ),
    "an endpoint of Azure": (
        account(endpoint="https://evil.example/"),
        [deployment()],
        "endpoint-not-trusted",
        "its endpoint 'https://evil.example/' is no https address of Azure OpenAI in the cloud 'public'",
    ),
    "any endpoint": (
        account(endpoint=None),
        [deployment()],
        "endpoint-not-trusted",
        "its endpoint '' is no https address of Azure OpenAI in the cloud 'public'",
    ),
    "the account's creation": (
        account(provisioningState="Creating"),
        [deployment()],
        "account-not-ready",
        "its provisioning state is Creating",
    ),
    "a first model deployment": (account(), [], "no-ready-deployment", "it has no model deployment"),
    "a model deployment that is ready": (
        account(),
        [
            deployment("new", provisioningState="Creating"),
            deployment("lost", provisioningState=None),
            deployment("llama", model={"format": "Meta", "name": "Llama", "version": "1"}),
            deployment("off", deploymentState="Paused"),
            deployment("night", sku={"name": "GlobalBatch", "capacity": 1}),
            deployment("zone", sku={"name": "DataZoneBatch", "capacity": 1}),
        ],
        "no-ready-deployment",
        "llama: model format Meta, not OpenAI; lost: provisioning state unknown; new: provisioning state Creating; "
        "night: SKU GlobalBatch serves batch jobs only; off: paused; zone: SKU DataZoneBatch serves batch jobs "
        "only",
    ),
}


@pytest.mark.parametrize(("document", "deployments", "reason", "detail"), WAITING.values(), ids=WAITING)
def test_an_account_waits_for(document: Document, deployments: list[Document], reason: str, detail: str) -> None:
    judgement = judged(document, deployments, GATEWAY, PUBLIC)
    assert (judgement.state, judgement.reason, judgement.detail) == (State.WAITING, reason, detail)


def test_one_ready_deployment_is_enough_and_the_others_say_why_not() -> None:
    judgement = judged(account(), [deployment("x", provisioningState="Failed"), deployment("y")], GATEWAY, PUBLIC)
    assert (judgement.state, judgement.detail) == (State.ONBOARDED, "model deployments: y")
    assert [(d.name, d.ready, d.why) for d in judgement.deployments] == [
        ("x", False, "provisioning state Failed"),
        ("y", True, ""),
    ]


def test_an_account_that_waits_with_a_good_endpoint_keeps_it() -> None:
    """What exists for it is maintained, and that takes its address."""
    assert judged(account(), [], GATEWAY, PUBLIC).endpoint == "https://contoso-east.openai.azure.com"
    assert judged(account(endpoint="http://x"), [], GATEWAY, PUBLIC).endpoint == ""


def test_letter_case_of_states_and_formats_means_nothing() -> None:
    model = {"format": "openai", "name": "gpt-4o", "version": "1"}
    judgement = judged(
        account(provisioningState="succeeded"),
        [deployment(provisioningState="SUCCEEDED", model=model, deploymentState="running")],
        GATEWAY,
        PUBLIC,
    )
    assert judgement.state is State.ONBOARDED


def test_the_openai_endpoint_is_preferred_to_the_accounts_own() -> None:
    document = account(
        kind="AIServices",
        endpoint="https://contoso-east.cognitiveservices.azure.com/",
        endpoints={
            "AI Foundry API": "https://contoso-east.services.ai.azure.com/",
            "OpenAI Language Model Instance API": "https://contoso-east.openai.azure.com/",
        },
    )
    assert judged(document, [deployment()], GATEWAY, PUBLIC).endpoint == "https://contoso-east.openai.azure.com"
    del document.body["properties"]["endpoints"]["OpenAI Language Model Instance API"]
    assert judged(document, [deployment()], GATEWAY, PUBLIC).endpoint == (
        "https://contoso-east.cognitiveservices.azure.com"
    )


# ------------------------------------------------------------------------------------ addresses

TRUSTED = {
    "an OpenAI account": ("https://x.openai.azure.com/", "https://x.openai.azure.com"),
    "without a slash": ("https://x.openai.azure.com", "https://x.openai.azure.com"),
    "an AI Services account": (
        "https://x-1.cognitiveservices.azure.com/",
        "https://x-1.cognitiveservices.azure.com",
    ),
    "a Foundry account": ("https://x.services.ai.azure.com/", "https://x.services.ai.azure.com"),
    "in capitals": ("HTTPS://X.OpenAI.Azure.COM/", "https://x.openai.azure.com"),
}


@pytest.mark.parametrize(("address", "expected"), TRUSTED.values(), ids=TRUSTED)
def test_an_address_of_azure_is_trusted(address: str, expected: str) -> None:
    assert trusted(address, PUBLIC) == expected


REFUSED = {
    "nothing": "",
    "http": "http://x.openai.azure.com/",
    "another scheme": "ftp://x.openai.azure.com/",
    "no scheme": "x.openai.azure.com",
    "a port": "https://x.openai.azure.com:443/",
    "a port that is none": "https://x.openai.azure.com:port/",
    "a user": "https://me@x.openai.azure.com/",
    "an empty user": "https://@x.openai.azure.com/",
    "a user and a password": "https://me:secret@x.openai.azure.com/",
    "Azure as the user": "https://x.openai.azure.com@evil.example/",
    "an IPv4 address": "https://10.0.0.4/",
    "the metadata service": "https://169.254.169.254/",
    "an IPv6 address": "https://[::1]/",
    "a broken IPv6 address": "https://[::1/",
    "localhost": "https://localhost/",
    "a path": "https://x.openai.azure.com/openai",
    "Azure in the path": "https://evil.example/x.openai.azure.com",
    "a query": "https://x.openai.azure.com/?a=b",
    "Azure in the query": "https://evil.example?.openai.azure.com",
    "a fragment": "https://x.openai.azure.com/#a",
    "Azure in the fragment": "https://evil.example#.openai.azure.com",
    "a backslash, which some readers take for a slash": "https://evil.example\\.openai.azure.com",
    "an escaped slash": "https://evil.example%2f.openai.azure.com",
    "a blank": "https://evil.example .openai.azure.com",
    "a semicolon": "https://evil.example;.openai.azure.com",
    "a slash of another script": "https://evil.example\uff0f.openai.azure.com",
    "a letter of another script": "https://\u0445.openai.azure.com",
    "no account": "https://openai.azure.com/",
    "an empty account": "https://.openai.azure.com/",
    "an empty part": "https://x..openai.azure.com/",
    "a name that only ends alike": "https://evilopenai.azure.com/",
    "a name that goes on": "https://x.openai.azure.com.evil.example/",
    "the root's dot": "https://x.openai.azure.com./",
    "a hyphen for a dot": "https://x.openai-azure.com/",
    "another service of Azure": "https://x.azurewebsites.net/",
    "the region's shared address": "https://eastus.api.cognitive.microsoft.com/",
    "the government's cloud": "https://x.openai.azure.us/",
    "China's cloud": "https://x.openai.azure.cn/",
}


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED)
def test_any_other_address_is_refused(address: str) -> None:
    assert trusted(address, PUBLIC) is None


def test_each_cloud_trusts_its_own_hosts_only() -> None:
    hosts = {"public": "x.openai.azure.com", "usgov": "x.openai.azure.us", "china": "x.openai.azure.cn"}
    found = {(c, h): trusted(f"https://{host}/", CLOUDS[c]) for c in hosts for h, host in hosts.items()}
    assert {pair for pair, address in found.items() if address} == {
        ("public", "public"),
        ("usgov", "usgov"),
        ("china", "china"),
    }


def test_an_account_of_another_subscription_says_so_by_its_group() -> None:
    configured = config()
    other = rid(f"/subscriptions/{S2}/resourceGroups/rg-b/providers/Microsoft.CognitiveServices/accounts/b")
    out = turned_away(account(other), configured, configured.gateways[0])
    assert out is not None
    assert out.detail == "no rule of the allow-list covers the resource group rg-b"
