"""What is not well-formed is refused in the words of .NET's XmlReader, with line and position, never otherwise."""

import pytest

from simulator.policy.characters import Malformed
from simulator.policy.reader import read_policy
from tests.simulator.asking import GATEWAY, azure

POLICY = f"{GATEWAY}/apis/orders-api/policies/policy"
CASES = [
    ("", "Root element is missing."),
    (" \n <!-- a --> ", "Root element is missing."),
    ("text", "Data at the root level is invalid. Line 1, position 1."),
    ("<a/> text", "Data at the root level is invalid. Line 1, position 6."),
    ("<![CDATA[a]]><a/>", "Data at the root level is invalid. Line 1, position 1."),
    ("</a>", "Data at the root level is invalid. Line 1, position 1."),
    ("<a/>\n<b/>", "There are multiple root elements. Line 2, position 2."),
    (
        "<a>\n<b></a>",
        "The 'b' start tag on line 2 position 2 does not match the end tag of 'a'. Line 2, position 6.",
    ),
    (
        "<a><b>",
        "Unexpected end of file has occurred. The following elements are not closed: b, a. Line 1, position 7.",
    ),
    ("<a", "Unexpected end of file has occurred. Line 1, position 3."),
    ("<", "Unexpected end of file while parsing Name has occurred. Line 1, position 2."),
    ("<a b='", "There is an unclosed literal string. Line 1, position 7."),
    ("<!-- a", "Unexpected end of file while parsing Comment has occurred. Line 1, position 7."),
    ("<a><![CDATA[", "Unexpected end of file while parsing CDATA has occurred. Line 1, position 13."),
    ("<1/>", "Name cannot begin with the '1' character, hexadecimal value 0x31. Line 1, position 2."),
    ("<a ='1'/>", "Name cannot begin with the '=' character, hexadecimal value 0x3D. Line 1, position 4."),
    ("<a b/>", "'/' is an unexpected token. The expected token is '='. Line 1, position 5."),
    ("<a b=1/>", "'1' is an unexpected token. The expected token is '\"' or '''. Line 1, position 6."),
    ("<a b='1'c='2'/>", "'c' is an unexpected token. Expecting white space. Line 1, position 9."),
    ("<a b='1' b='2'/>", "'b' is a duplicate attribute name. Line 1, position 10."),
    ("<a></a b>", "'b' is an unexpected token. The expected token is '>'. Line 1, position 8."),
    ("<a b='<'/>", "'<', hexadecimal value 0x3C, is an invalid attribute character. Line 1, position 7."),
    ("<a>&nope;</a>", "Reference to undeclared entity 'nope'. Line 1, position 5."),
    ("<a>1 & 2</a>", "An error occurred while parsing EntityName. Line 1, position 7."),
    ("<a>&#;</a>", "Invalid syntax for a decimal numeric entity reference. Line 1, position 5."),
    ("<a>&#xg;</a>", "Invalid syntax for a hexadecimal numeric entity reference. Line 1, position 5."),
    ("<a>&#1;</a>", "'?', hexadecimal value 0x01, is an invalid character. Line 1, position 5."),
    ("<a>\x01</a>", "'?', hexadecimal value 0x01, is an invalid character. Line 1, position 4."),
    ("<a>\ud800</a>", "'?', hexadecimal value 0xD800, is an invalid character. Line 1, position 4."),
    ("<a>]]></a>", "']]>' is not allowed in character data. Line 1, position 4."),
    (
        "<a><!-- -- --></a>",
        "An XML comment cannot contain '--', and '-' cannot be the last character. Line 1, position 8.",
    ),
    ("<x:a/>", "'x' is an undeclared prefix. Line 1, position 2."),
    ("<a x:b='1'/>", "'x' is an undeclared prefix. Line 1, position 2."),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
@pytest.mark.parametrize("raw", [False, True])
def test_it_is_said_what_is_wrong_and_where(text: str, expected: str, *, raw: bool) -> None:
    with pytest.raises(Malformed) as mistake:
        read_policy(text, raw=raw)
    assert str(mistake.value) == expected


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("<!DOCTYPE a><a/>", "For security reasons DTD is prohibited in this XML document."),
        ("<a><!ENTITY b></a>", "For security reasons DTD is prohibited in this XML document."),
        ("<a><?xml version='1.0'?></a>", "Unexpected XML declaration. The XML declaration must be the first node"),
        (" <?xml version='1.0'?><a/>", "Unexpected XML declaration. The XML declaration must be the first node"),
        ("<a>" * 101, "Elements are nested deeper than 100 levels."),
    ],
)
def test_declarations_and_depth_have_their_limits(text: str, beginning: str) -> None:
    with pytest.raises(Malformed) as mistake:
        read_policy(text, raw=True)
    assert str(mistake.value).startswith(beginning)


def test_prefixes_that_are_declared_can_be_used() -> None:
    sheet = '<xsl:sheet xmlns:xsl="urn:x"><xsl:a xsl:b="1" xml:lang="en" /></xsl:sheet>'
    assert read_policy(sheet, raw=False).root.name == "xsl:sheet"


@pytest.mark.parametrize(
    "text", ["text", "<policies><inbound></policies>", "\ud800", "<policies>\ud800</policies>"]
)
@pytest.mark.parametrize("format", ["xml", "rawxml"])
def test_a_put_of_it_is_refused_at_the_representation(text: str, format: str) -> None:
    got = azure().put(POLICY, {"properties": {"format": format, "value": text}})
    assert (got.status, got.code) == (400, "ValidationError")
    assert got.message == "One or more fields contain incorrect values:"
    assert [each["target"] for each in got.body["error"]["details"]] == ["representation"]


def test_unescaped_expressions_are_no_xml() -> None:
    got = azure().put(POLICY, {"properties": {"format": "xml", "value": '<policies><a b="@("c")" /></policies>'}})
    assert got.reasons == ["'c' is an unexpected token. Expecting white space. Line 1, position 20."]
