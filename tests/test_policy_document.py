"""Policy documents mean what they mean, however Azure or a person writes them."""

from __future__ import annotations

import pytest

from reconciler.model import Difference
from reconciler.policy.document import Node, PolicyUnreadable, compare, read


def policy(inbound: str, rest: str = "<backend><base /></backend>") -> str:
    return f"<policies><inbound>{inbound}</inbound>{rest}</policies>"


OURS = policy('<base /><set-header name="api-key" exists-action="delete" /><set-backend-service backend-id="b" />')

SAME = {
    "the same text": (OURS, OURS),
    "tabs and line ends of Windows, as Azure formats it": (
        OURS,
        '<policies>\r\n\t<inbound>\r\n\t\t<base />\r\n\t\t<set-header name="api-key" exists-action="delete" />\r\n'
        '\t\t<set-backend-service backend-id="b" />\r\n\t</inbound>\r\n\t<backend>\r\n\t\t<base />\r\n'
        "\t</backend>\r\n</policies>",
    ),
    "attributes in another order": (
        OURS,
        OURS.replace('name="api-key" exists-action="delete"', 'exists-action="delete" name="api-key"'),
    ),
    "single quotes": (OURS, OURS.replace('"', "'")),
    "attributes over several lines": (OURS, OURS.replace(" exists-action", "\r\n\t\texists-action")),
    "blanks around the equals sign": (OURS, OURS.replace('name="api-key"', 'name = "api-key"')),
    "an empty element in two tags": (OURS, OURS.replace("<base />", "<base></base>")),
    "an empty element without a blank": (OURS, OURS.replace("<base />", "<base/>")),
    "an empty element with a line end in it": (OURS, OURS.replace("<base />", "<base>\r\n</base>")),
    "comments": (OURS, "<!-- who -->" + OURS.replace("<base />", "<base /><!-- why -->") + "<!-- end -->"),
    "a byte order mark and a declaration": (OURS, '\ufeff<?xml version="1.0" encoding="utf-16"?>' + OURS),
    "blank lines before the root": (OURS, "\r\n  " + OURS),
    "what the portal marks as generated": (
        OURS,
        OURS.replace("<set-backend-service", '<set-backend-service id="apim-generated-policy"'),
    ),
    "the audience with a slash at its end": (
        policy('<authentication-managed-identity resource="https://cognitiveservices.azure.com/" />'),
        policy('<authentication-managed-identity resource="https://cognitiveservices.azure.com" />'),
    ),
    "entities by name and by number": (policy('<a b="&lt;&quot;&amp;" />'), policy("<a b='&#60;\"&#x26;' />")),
    "entities in text": (policy("<value>a &lt; b &amp; c</value>"), policy("<value>a &#60; b &#38; c</value>")),
    "text as CDATA": (policy("<value>a &lt; b</value>"), policy("<value><![CDATA[a < b]]></value>")),
    "line ends in text": (policy("<value>a\nb</value>"), policy("<value>a\r\nb</value>")),
    "written line ends in an attribute": (policy('<a b="x&#xA;y" />'), policy('<a b="x&#10;y" />')),
    "blanks at the ends of text": (policy("<value>a b</value>"), policy("<value>\r\n\t a b\r\n</value>")),
    "a raw ampersand": (policy("<value>a && b</value>"), policy("<value>a &amp;&amp; b</value>")),
    "a fragment": ("<fragment><base /></fragment>", "<fragment>\n<base/>\n</fragment>"),
}


@pytest.mark.parametrize(("desired", "actual"), SAME.values(), ids=SAME)
def test_it_means_the_same(desired: str, actual: str) -> None:
    assert compare(read(desired), read(actual)) == ()
    assert compare(read(actual), read(desired)) == ()


NAMED = policy('<set-header name="a" /><set-header name="b" />')
DIFFERENT = {
    "blanks at the ends of an attribute": (
        policy('<a b="x" />'),
        policy('<a b=" x " />'),
        (Difference("inbound/a/@b", " x ", "x"),),
    ),
    "an attribute's value": (
        OURS,
        OURS.replace('"delete"', '"override"'),
        (Difference("inbound/set-header/@exists-action", "override", "delete"),),
    ),
    "an attribute's letter case": (
        OURS,
        OURS.replace('"delete"', '"Delete"'),
        (Difference("inbound/set-header/@exists-action", "Delete", "delete"),),
    ),
    "blanks inside an attribute": (
        policy('<a b="x y" />'),
        policy('<a b="xy" />'),
        (Difference("inbound/a/@b", "xy", "x y"),),
    ),
    "an attribute too many": (
        OURS,
        OURS.replace('backend-id="b"', 'backend-id="b" base-url="https://x"'),
        (Difference("inbound/set-backend-service/@base-url", "https://x", None),),
    ),
    "an attribute too few": (
        OURS,
        OURS.replace(' exists-action="delete"', ""),
        (Difference("inbound/set-header/@exists-action", None, "delete"),),
    ),
    "an id that the portal did not give": (
        OURS,
        OURS.replace("<set-backend-service", '<set-backend-service id="mine"'),
        (Difference("inbound/set-backend-service/@id", "mine", None),),
    ),
    "what the portal marks, on another attribute": (
        OURS,
        OURS.replace('backend-id="b"', 'backend-id="apim-generated-policy"'),
        (Difference("inbound/set-backend-service/@backend-id", "apim-generated-policy", "b"),),
    ),
    "an element added": (
        OURS,
        OURS.replace("<base /><set-header", "<base /><cors /><set-header"),
        (Difference("inbound/cors", "<cors /> at position 2 of 4", None),),
    ),
    "an element removed": (
        OURS,
        OURS.replace('<set-header name="api-key" exists-action="delete" />', ""),
        (
            Difference(
                "inbound/set-header",
                None,
                '<set-header exists-action="delete" name="api-key" /> at position 2 of 3',
            ),
        ),
    ),
    "the base moved": (
        policy("<base /><a />"),
        policy("<a /><base />"),
        (Difference("inbound/base", "position 2 of 2", "position 1 of 2"),),
    ),
    "a section missing": (
        OURS,
        policy(OURS.split("<inbound>")[1].split("</inbound>")[0], ""),
        (Difference("backend", None, "<backend>…</backend> at position 2 of 2"),),
    ),
    "an empty section": (
        OURS,
        OURS.replace("<backend><base /></backend>", "<backend />"),
        (Difference("backend/base", None, "<base /> at position 1 of 1"),),
    ),
    "twins swapped": (
        NAMED,
        policy('<set-header name="b" /><set-header name="a" />'),
        (Difference("inbound/set-header[1]", "position 2 of 2", "position 1 of 2"),),
    ),
    "the second of twins": (
        NAMED,
        NAMED.replace('"b"', '"c"'),
        (Difference("inbound/set-header[2]/@name", "c", "b"),),
    ),
    "text": (
        policy("<set-header><value>a b</value></set-header>"),
        policy("<set-header><value>ab</value></set-header>"),
        (Difference("inbound/set-header/value/text()", "ab", "a b"),),
    ),
    "text where there was none": (
        policy("<value />"),
        policy("<value>x</value>"),
        (Difference("inbound/value/text()", "x", None),),
    ),
    "another root": (
        OURS,
        "<fragment><base /></fragment>",
        (Difference("", "<fragment>", "<policies>"),),
    ),
    "another audience": (
        policy('<authentication-managed-identity resource="https://cognitiveservices.azure.com/" />'),
        policy('<authentication-managed-identity resource="https://ai.azure.com/" />'),
        (
            Difference(
                "inbound/authentication-managed-identity/@resource",
                "https://ai.azure.com/",
                "https://cognitiveservices.azure.com",
            ),
        ),
    ),
    "a slash at the end of another policy's address": (
        policy('<x resource="https://cognitiveservices.azure.com/" />'),
        policy('<x resource="https://cognitiveservices.azure.com" />'),
        (
            Difference(
                "inbound/x/@resource", "https://cognitiveservices.azure.com", "https://cognitiveservices.azure.com/"
            ),
        ),
    ),
    "two things at once": (
        OURS,
        OURS.replace('"delete"', '"skip"').replace('"b"', '"c"'),
        (
            Difference("inbound/set-header/@exists-action", "skip", "delete"),
            Difference("inbound/set-backend-service/@backend-id", "c", "b"),
        ),
    ),
}


@pytest.mark.parametrize(("desired", "actual", "expected"), DIFFERENT.values(), ids=DIFFERENT)
def test_it_means_something_else(desired: str, actual: str, expected: tuple[Difference, ...]) -> None:
    assert compare(read(desired), read(actual)) == expected


UNREADABLE = {
    "nothing": ("", "line 1, column 1: there is no policy in this text"),
    "no XML": ("None", "line 1, column 1: a policy starts with <policies> or <fragment>, and here stands 'N'"),
    "an element that is not closed": (
        "<policies><inbound></policies>",
        "line 1, column 22: </policies> closes <inbound> of line 1",
    ),
    "an entity that XML does not have": (policy("<value>&nbsp;</value>"), "column 27: XML does not have &nbsp;"),
    "another root": ("<html />", "the root element is <html>; a policy starts with <policies> or <fragment>"),
    "two roots": (OURS + OURS, "behind </policies> comes <policies>; a policy has one root element"),
    "half a character": (policy("<value>\ud800</value>"), "line 1, column 27: half a character"),
    "a document type": (
        f'<!DOCTYPE policies SYSTEM "http://169.254.169.254/">{OURS}',
        "line 1, column 1: no policy needs a document type",
    ),
    "entities that grow": (
        f'<!DOCTYPE p [<!ENTITY a "{"x" * 99}"><!ENTITY b "&a;&a;&a;">]>{OURS}',
        "line 1, column 1: no policy needs a document type",
    ),
}


@pytest.mark.parametrize(("text", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_unreadable_and_says_why(text: str, why: str) -> None:
    with pytest.raises(PolicyUnreadable) as refused:
        read(text)
    assert why in str(refused.value)


def test_a_document_is_read_into_names_attributes_and_children() -> None:
    assert read('<policies a="2" A="1"> <b>\r\n x &amp; y </b><c /> </policies>') == Node(
        "policies",
        (("A", "1"), ("a", "2")),
        (Node("b", (), ("x & y",)), Node("c", (), ())),
    )
