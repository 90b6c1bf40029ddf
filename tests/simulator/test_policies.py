import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from simulator.csharp import expression_end
from simulator.policy_text import Malformed, read_policy
from tests.simulator.asking import GATEWAY, Got, azure, policy, shared

POLICY = f"{GATEWAY}/apis/orders-api/policies/policy"


def put(text: str, format: str = "xml") -> Got:
    return azure().put(POLICY, {"properties": {"format": format, "value": text}})


def test_a_policy_is_kept_with_tabs_and_crlf_and_its_own_spelling_of_empty_elements() -> None:
    text = "<policies><inbound></inbound>\n<backend><!-- note --></backend><outbound/></policies>"
    value = put(text).body["properties"]["value"]
    assert value == (
        "<policies>\r\n\t<inbound></inbound>\r\n\t<backend>\r\n\t\t<!-- note -->\r\n\t</backend>\r\n"
        "\t<outbound />\r\n</policies>"
    )


def test_text_stays_in_its_line_and_attributes_get_double_quotes_in_their_order() -> None:
    text = "<policies><inbound><set-header b='1' a='say \"x\"'><value> v </value></set-header></inbound></policies>"
    value = put(text).body["properties"]["value"]
    assert '<set-header b="1" a="say &quot;x&quot;">\r\n\t\t\t<value> v </value>\r\n' in value


def test_the_same_document_keeps_its_etag_however_it_is_laid_out() -> None:
    client = azure()
    first = client.put(POLICY, policy("<base />"))
    again = client.put(POLICY, {"properties": {"value": "<policies>\n  <inbound>\n<base/></inbound></policies>"}})
    assert (first.status, again.status) == (200, 200)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.put(POLICY, policy("<base /><base />")).headers["ETag"] != first.headers["ETag"]


def test_raw_expressions_are_taken_as_typed_and_shown_escaped_unless_raw_is_asked_for() -> None:
    client = azure()
    raw = '<set-variable name="x" value="@(a < b && c("d"))" /><v>@{ return "<e>" + 1; }</v>'
    got = client.put(POLICY, policy(raw, "rawxml"))
    assert got.status == 200
    assert got.body["properties"]["format"] == "xml"
    value = client.get(POLICY).body["properties"]["value"]
    assert 'value="@(a &lt; b &amp;&amp; c(&quot;d&quot;))"' in value
    assert '<v>@{ return "&lt;e&gt;" + 1; }</v>' in value
    shown = client.get(POLICY, query={"format": "rawxml"}).body["properties"]
    assert shown["format"] == "rawxml"
    assert 'value="@(a < b && c("d"))"' in shown["value"]
    assert '<v>@{ return "<e>" + 1; }</v>' in shown["value"]


def test_escaped_expressions_are_the_same_in_both_spellings() -> None:
    escaped = '<set-variable name="x" value="@(a &lt; b(&quot;)&quot;))" />'
    xml, raw = put(f"<policies><inbound>{escaped}</inbound></policies>").body, None
    raw = put(f"<policies><inbound>{escaped}</inbound></policies>", "rawxml").body
    assert xml["properties"] == raw["properties"]


def test_line_breaks_in_attributes_become_character_references() -> None:
    value = put('<policies><inbound><x a="@(1 +\n 2)" /></inbound></policies>', "rawxml").body["properties"][
        "value"
    ]
    assert 'a="@(1 +&#xA; 2)"' in value


def test_what_raw_output_unescapes_is_a_knob() -> None:
    for knob, expected in (("expressions", 'url="a?b&amp;c"'), ("everything", 'url="a?b&c"')):
        client = azure(rawxml_unescapes=knob)
        client.put(POLICY, policy('<x url="a?b&amp;c" />'))
        assert expected in client.get(POLICY, query={"format": "rawxml"}).body["properties"]["value"]


@pytest.mark.parametrize(
    ("text", "format", "target", "why"),
    [
        ("<policies><inbound></policies>", "xml", "representation", "mismatched tag"),
        ("<policies><inbound></policies>", "rawxml", "representation", "does not match the end tag of 'policies'"),
        ('<policies><inbound><x a="@(f("b"))" /></inbound></policies>', "xml", "representation", "Line 1"),
        ("text", "rawxml", "representation", "Data at the root level is invalid."),
        ('<policies><x a="1" a="2"/></policies>', "rawxml", "representation", "duplicate attribute"),
        ("<!DOCTYPE x><policies/>", "xml", "representation", "DTD is prohibited"),
        (
            "<fragment/>",
            "xml",
            "fragment",
            "Error in element 'fragment' on line 1, column 2: The 'fragment' element",
        ),
        ("<policies><inbond/></policies>", "xml", "policies", "has invalid child element 'inbond'"),
        ("<policies><inbound/><inbound/></policies>", "xml", "policies", "more than one child element 'inbound'"),
        (
            "<policies>\n<inbound>\n\t<set-backend-service backend-id='none'/></inbound></policies>",
            "xml",
            "set-backend-service",
            "on line 3, column 3: Backend with id 'none' could not be found.",
        ),
        (
            "<policies><inbound><set-header name='{{key}}'/></inbound></policies>",
            "xml",
            "set-header",
            "Cannot find a property 'key'",
        ),
        (
            "<policies><inbound><include-fragment fragment-id='f'/></inbound></policies>",
            "xml",
            "include-fragment",
            "Policy fragment with id 'f' could not be found.",
        ),
        (
            "<policies><inbound><log-to-eventhub logger-id='l'/></inbound></policies>",
            "xml",
            "log-to-eventhub",
            "Logger not found",
        ),
    ],
)
def test_a_wrong_policy_is_refused_with_the_element_and_the_place(
    text: str, format: str, target: str, why: str
) -> None:
    got = put(text, format)
    assert (got.status, got.code) == (400, "ValidationError")
    detail = got.body["error"]["details"][0]
    assert detail["target"] == target
    assert why in detail["message"]


def test_a_backend_by_expression_is_not_looked_up_and_liquid_braces_are_no_named_values() -> None:
    text = (
        "<set-backend-service backend-id='@(context.RequestId)' /><set-body template='liquid'>{{body.x}}</set-body>"
    )
    assert put(policy(text)["properties"]["value"]).status == 200


def test_a_policy_is_named_policy_has_a_value_and_a_limit() -> None:
    client = azure()
    assert client.put(POLICY.removesuffix("policy") + "other", policy("<base />")).status == 400
    assert client.put(POLICY, {"properties": {}}).status == 400
    assert client.put(POLICY, {}).status == 400
    assert client.put(POLICY, policy("<!--" + "x" * 256 * 1024 + "-->")).status == 400
    assert client.put(POLICY, policy("", "xml-link")).status == 501


def test_a_missing_policy_is_called_by_its_internal_name_and_head_has_no_body() -> None:
    client = azure()
    client.delete(POLICY)
    assert client.get(POLICY).message == "PoliciesConfiguration not found."
    assert client.ask("HEAD", POLICY).text == ""
    assert client.delete(POLICY).status == 204


def test_policies_of_operations_products_and_the_service_behave_alike() -> None:
    client = azure()
    for place in (f"{GATEWAY}/apis/orders-api/operations/get-order", f"{GATEWAY}/products/starter", GATEWAY):
        path = f"{place}/policies/policy"
        assert client.put(path, policy("")).status == 201
        assert client.get(f"{place}/policies").body["count"] == 1
        assert client.delete(path, if_match="*").status == 200


@pytest.mark.parametrize(
    "code",
    [
        '@("a)b")',
        '@(@"a"")b\\")',
        "@(')' + x)",
        '@($"{a(")")}{{")',
        '@($@"{a[")"]}""")',
        "@{ // ) }\n }",
        "@{ /* } */ }",
        "@(a[(b)])",
        "@(&quot;)&quot;)",
        '@("\\")")',
    ],
)
def test_the_end_of_an_expression_is_found_whatever_is_in_it(code: str) -> None:
    assert expression_end(f"{code}) trailing", 0) == len(code)


def test_real_policy_documents_survive_being_read_and_written() -> None:
    folder = shared("azure/policies")
    unreadable = [path.name for path in sorted(folder.glob("*.xml")) if not survives(path)]
    assert len(unreadable) <= 3, unreadable


def survives(path: Path) -> bool:
    """Read raw; what is written as xml is well-formed and means the same when read again, in both spellings."""
    text = path.read_text("utf-8-sig")
    try:
        document = read_policy(text, raw=True)
    except Malformed:
        return False
    ET.fromstring(document.xml())  # noqa: S314  # our own output
    assert read_policy(document.xml(), raw=False).xml() == document.xml(), path.name
    assert read_policy(document.rawxml(), raw=True).xml() == document.xml(), path.name
    return True
