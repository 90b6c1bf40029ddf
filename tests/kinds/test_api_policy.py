"""The policy of an account's API, in full, and how it is compared."""

from __future__ import annotations

import pytest

from reconciler.kinds.api_policy import API_POLICY
from reconciler.model import Difference, Resource
from tests.builders import CLIENT_ID, EAST, EAST_API, EAST_BACKEND, PRINCIPAL_ID, account, config, world

TEXT = (
    '<policies><inbound><base /><set-header name="api-key" exists-action="delete" />'
    '<set-query-parameter name="subscription-key" exists-action="delete" />'
    '<set-backend-service backend-id="contoso-east-831a41-openai-endpoint" />'
    '<authentication-managed-identity resource="https://cognitiveservices.azure.com/" /></inbound>'
    "<backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"
)
BODY = {"properties": {"format": "xml", "value": TEXT}}


def test_the_policy_of_an_accounts_api() -> None:
    assert list(API_POLICY.desire(world(account()))) == [
        Resource(
            id=EAST_API.child("policies", "policy"),
            kind="api-policy",
            body=BODY,
            source=EAST,
            needs=frozenset({EAST_API, EAST_BACKEND}),
        )
    ]


def test_it_names_the_identity_where_that_is_a_user_assigned_one() -> None:
    service = {"identity": {"userAssignedIdentities": {"x": {"clientId": CLIENT_ID, "principalId": PRINCIPAL_ID}}}}
    configured = config(gateway={"identity": CLIENT_ID})
    (policy,) = API_POLICY.desire(world(account(), configured=configured, service=service))
    assert policy.body["properties"]["value"] == TEXT.replace(
        'azure.com/" />', 'azure.com/" client-id="aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee" />'
    )


def test_it_has_the_limits_of_the_accounts_profile() -> None:
    configured = config(profiles={"gold": {"tokenLimit": {"tokensPerMinute": 7}}})
    (policy,) = API_POLICY.desire(world(account(profile="gold"), configured=configured))
    assert ' tokens-per-minute="7" ' in policy.body["properties"]["value"]


def test_how_azure_writes_it_is_no_drift() -> None:
    seen = "<!-- ours -->\r\n" + TEXT.replace("><", ">\r\n\t<").replace("azure.com/", "azure.com")
    assert API_POLICY.compare(BODY, {"properties": {"format": "xml", "value": seen}}) == ()
    assert API_POLICY.compare(BODY, {"properties": {"value": seen}}) == ()


def test_drift_has_a_path_into_the_document() -> None:
    seen = TEXT.replace("831a41-openai", "831a42-openai")
    assert API_POLICY.compare(BODY, {"properties": {"value": seen}}) == (
        Difference(
            "properties.value/inbound/set-backend-service/@backend-id",
            "contoso-east-831a42-openai-endpoint",
            "contoso-east-831a41-openai-endpoint",
        ),
    )


UNREADABLE = {
    "quotes that do not match": (
        '<policies a="@(x["y)" />',
        "unreadable: line 1, column 17: the expression of line 1, column 14 cannot be read: "
        "'[' is not closed where /> stands; mend it, or write it escaped",
    ),
    "no policy": (
        "<html />",
        "unreadable: line 1, column 1: the root element is <html>; a policy starts with <policies> or <fragment>",
    ),
    "nothing": (
        None,
        "unreadable: line 1, column 1: there is no policy in this text; one starts with <policies> or <fragment>",
    ),
}


@pytest.mark.parametrize(("seen", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_never_equal(seen: str | None, why: str) -> None:
    assert API_POLICY.compare(BODY, {"properties": {"value": seen}}) == (Difference("properties.value", why, TEXT),)


def test_what_a_person_typed_is_read_as_what_azure_makes_of_it() -> None:
    typed = '<policies><inbound><a b="@(c["d"] > 1 && e)" /></inbound></policies>'
    answered = (
        '<policies>\r\n\t<inbound>\r\n\t\t<a b="@(c[&quot;d&quot;] &gt; 1 &amp;&amp; e)" />\r\n'
        "\t</inbound>\r\n</policies>"
    )
    assert API_POLICY.compare({"properties": {"value": typed}}, {"properties": {"value": answered}}) == ()


BROKEN = {"properties": {"value": "<policies>"}}


def test_a_text_of_ours_that_cannot_be_read_is_not_equal_either() -> None:
    assert API_POLICY.compare(BROKEN, BODY) == (
        Difference(
            "properties.value",
            TEXT,
            "unreadable: line 1, column 1: <policies> is not closed; write its closing tag",
        ),
    )


def test_even_a_text_that_is_the_same_is_not_equal_where_it_cannot_be_read() -> None:
    assert API_POLICY.compare(BROKEN, BROKEN) == (
        Difference(
            "properties.value",
            "unreadable: line 1, column 1: <policies> is not closed; write its closing tag",
            "<policies>",
        ),
    )


def test_a_document_of_another_root_is_one_difference() -> None:
    assert API_POLICY.compare(BODY, {"properties": {"value": "<fragment />"}}) == (
        Difference("properties.value", "<fragment>", "<policies>"),
    )
