"""An attribute that says what is documented as its default says nothing, on that policy and on no other."""

from __future__ import annotations

import pytest

from reconciler.model import Difference
from reconciler.policy.defaults import DEFAULTS
from reconciler.policy.document import Node, compare, read

DOCUMENTED = {
    ("set-header", "exists-action", "override"),
    ("set-query-parameter", "exists-action", "override"),
    ("authentication-managed-identity", "ignore-error", "false"),
    ("send-request", "ignore-error", "false"),
    ("get-authorization-context", "ignore-error", "false"),
    ("llm-token-limit", "retry-after-header-name", "Retry-After"),
    ("azure-openai-token-limit", "retry-after-header-name", "Retry-After"),
    ("rate-limit", "retry-after-header-name", "Retry-After"),
    ("rate-limit-by-key", "retry-after-header-name", "Retry-After"),
    ("retry", "first-fast-retry", "false"),
    ("llm-content-safety", "shield-prompt", "false"),
    ("categories", "output-type", "FourSeverityLevels"),
}


def said(element: str, more: str = "") -> str:
    return f"<policies><inbound><{element} {more} /></inbound></policies>"


def test_these_are_all() -> None:
    assert {(policy, attribute, value) for (policy, attribute), value in DEFAULTS.items()} == DOCUMENTED


@pytest.mark.parametrize(("policy", "attribute", "value"), sorted(DOCUMENTED))
def test_a_default_says_nothing(policy: str, attribute: str, value: str) -> None:
    absent = read(said(policy))
    assert compare(absent, read(said(policy, f"{attribute}='{value}'"))) == ()
    assert compare(absent, read(said(policy, f"{attribute}=' {value} '"))) != ()
    assert compare(absent, read(said(policy, f"{attribute}='{value.swapcase()}'"))) != ()
    assert compare(absent, read(said(policy, f"{attribute}='@(&quot;{value}&quot;)'"))) != ()
    assert compare(read(said("other")), read(said("other", f"{attribute}='{value}'"))) != ()


def test_a_difference_shows_the_default_that_was_written() -> None:
    written, other = said("set-header", "exists-action='override'"), said("set-header", "exists-action='skip'")
    path = "inbound/set-header/@exists-action"
    assert compare(read(written), read(other)) == (Difference(path, "skip", "override"),)
    assert compare(read(other), read(written)) == (Difference(path, "override", "skip"),)
    assert compare(read(said("set-header")), read(other)) == (Difference(path, "skip", None),)


KEPT = {
    "what vanishes when it is stored, and may mean something": ("cors", "terminate-unmatched-request='false'"),
    "an id of somebody's own": ("set-header", "id='mine'"),
    "what the portal writes, on another attribute": ("set-header", "name='apim-generated-policy'"),
    "the audience on another policy": ("x", "resource='https://cognitiveservices.azure.com/'"),
}


@pytest.mark.parametrize(("policy", "attribute"), KEPT.values(), ids=KEPT)
def test_any_other_attribute_says_something(policy: str, attribute: str) -> None:
    assert len(compare(read(said(policy)), read(said(policy, attribute)))) == 1


OWN_XML = {
    "a body": "<set-body>{}</set-body>",
    "a body of Liquid": "<set-body template='liquid'><a>{}</a></set-body>",
    "a stylesheet": "<xsl-transform><xsl:stylesheet>{}</xsl:stylesheet></xsl-transform>",
}
SAYS_NOTHING_IN_A_POLICY = {
    "a default": ("<set-header />", "<set-header exists-action='override' />"),
    "an id of the portal": ("<a />", "<a id='apim-generated-policy' />"),
    "an audience": (
        "<authentication-managed-identity resource='https://cognitiveservices.azure.com' />",
        "<authentication-managed-identity resource='https://cognitiveservices.azure.com/' />",
    ),
}


@pytest.mark.parametrize(("one", "other"), SAYS_NOTHING_IN_A_POLICY.values(), ids=SAYS_NOTHING_IN_A_POLICY)
@pytest.mark.parametrize("around", OWN_XML.values(), ids=OWN_XML)
def test_in_xml_of_somebodys_own_nothing_is_a_default(around: str, one: str, other: str) -> None:
    def within(frame: str, element: str) -> Node:
        return read(f"<policies>{frame.format(element)}</policies>")

    assert compare(within("{}", one), within("{}", other)) == ()
    assert len(compare(within(around, one), within(around, other))) == 1


def test_behind_a_body_a_default_is_one_again() -> None:
    one, other = (
        read(f"<policies><set-body><a /></set-body><set-header {written} /></policies>")
        for written in ("", "exists-action='override'")
    )
    assert compare(one, other) == ()


def test_two_slashes_are_another_audience() -> None:
    one, other = (
        said("authentication-managed-identity", f"resource='https://cognitiveservices.azure.com{slashes}'")
        for slashes in ("", "//")
    )
    assert len(compare(read(one), read(other))) == 1
