"""The whole documents that API Management gets, letter by letter."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.config import Profile
from reconciler.policy.builder import build
from reconciler.policy.document import Node, read
from tests.builders import CLIENT_ID

HEAD = (
    '<policies><inbound><base /><set-header name="api-key" exists-action="delete" />'
    '<set-query-parameter name="subscription-key" exists-action="delete" />'
    '<set-backend-service backend-id="east-openai-endpoint" />'
)
IDENTITY = '<authentication-managed-identity resource="https://cognitiveservices.azure.com/" />'
TAIL = "</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"

DOCUMENTS: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "the portal's three statements, and no key for the model": ({}, None, HEAD + IDENTITY + TAIL),
    "with a user-assigned identity": (
        {},
        CLIENT_ID,
        HEAD + '<authentication-managed-identity resource="https://cognitiveservices.azure.com/" '
        'client-id="aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee" />' + TAIL,
    ),
    "with a token limit for each subscription": (
        {"tokenLimit": {"tokensPerMinute": 10000}},
        None,
        HEAD
        + IDENTITY
        + '<azure-openai-token-limit counter-key="@(context.Subscription.Id)" tokens-per-minute="10000" '
        'estimate-prompt-tokens="false" tokens-consumed-header-name="consumed-tokens" '
        'remaining-tokens-header-name="remaining-tokens" />' + TAIL,
    ),
    "with a token limit for each address, estimated": (
        {"tokenLimit": {"tokensPerMinute": 1, "counterKey": "ip-address", "estimatePromptTokens": True}},
        None,
        HEAD
        + IDENTITY
        + '<azure-openai-token-limit counter-key="@(context.Request.IpAddress)" tokens-per-minute="1" '
        'estimate-prompt-tokens="true" tokens-consumed-header-name="consumed-tokens" '
        'remaining-tokens-header-name="remaining-tokens" />' + TAIL,
    ),
    "with token metrics": (
        {"tokenMetrics": {"dimensions": ["API ID", "User ID"]}},
        None,
        HEAD + IDENTITY + '<azure-openai-emit-token-metric><dimension name="API ID" /><dimension name="User ID" />'
        "</azure-openai-emit-token-metric>" + TAIL,
    ),
    "with a limit, then metrics": (
        {"tokenLimit": {"tokensPerMinute": 5}, "tokenMetrics": {}},
        None,
        HEAD
        + IDENTITY
        + '<azure-openai-token-limit counter-key="@(context.Subscription.Id)" tokens-per-minute="5" '
        'estimate-prompt-tokens="false" tokens-consumed-header-name="consumed-tokens" '
        'remaining-tokens-header-name="remaining-tokens" />'
        '<azure-openai-emit-token-metric><dimension name="API ID" /><dimension name="Subscription ID" />'
        "</azure-openai-emit-token-metric>" + TAIL,
    ),
}


@pytest.mark.parametrize(("profile", "client", "expected"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_document(profile: dict[str, Any], client: str | None, expected: str) -> None:
    built = build(
        Profile.model_validate(profile),
        backend="east-openai-endpoint",
        key_header="api-key",
        key_query="subscription-key",
        client_id=client,
    )
    assert built == expected


def test_values_that_try_to_be_markup_stay_values() -> None:
    evil = '"/><set-backend-service base-url="https://evil.example"/><x a="&\n'
    built = build(Profile(), backend=evil, key_header="h'>", key_query="<q>", client_id="]]>")
    inbound = read(built).children[0]
    assert isinstance(inbound, Node)
    assert inbound.children == (
        Node("base", (), ()),
        Node("set-header", (("exists-action", "delete"), ("name", "h'>")), ()),
        Node("set-query-parameter", (("exists-action", "delete"), ("name", "<q>")), ()),
        Node("set-backend-service", (("backend-id", evil),), ()),
        Node(
            "authentication-managed-identity",
            (("client-id", "]]>"), ("resource", "https://cognitiveservices.azure.com")),
            (),
        ),
    )
    assert "\n" not in built
