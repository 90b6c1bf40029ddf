"""Where a C# expression ends, and which are refused because they cannot be taken apart."""

import pytest

from simulator.policy.csharp import BadExpression, check_expression, expression_end
from tests.simulator.asking import GATEWAY, Got, azure

POLICY = f"{GATEWAY}/apis/orders-api/policies/policy"
GOOD = [
    '@("a)b")',
    '@(@"a"")b\\")',
    "@(')' + x)",
    '@($"{a(")")}{{")',
    '@($@"{a[")"]}""")',
    '@(@$"{a}")',
    '@($"{a ?? $"{b}"}")',
    "@($\"{d:yyyy-MM-dd'T'HH:mm 'UTC'}\")",
    '@($"{a:x"y}")',
    "@{ // ) }\n }",
    "@{ /* } */ }",
    "@{ /* \n * / */ }",
    "@(a[(b)])",
    "@(a / b)",
    '@("\\")")',
    "@('\\'' + '\\u0041' + '\\x41' + '\"')",
    '@("a\\u0041\\t\\\\")',
    '@(@"two\nlines")',
    "@(@class)",
    "@(x ? y : z)",
    "@{ label: return 1; }",
]
UNTERMINATED = (
    'Unterminated string literal. Strings that start with a quotation mark (") must be terminated before the end '
    'of the line. However, strings that start with @ and a quotation mark (@") can span multiple lines.'
)
BAD = [
    ("@(f(a)", ") expected"),
    ("@{ if (a) { }", "} expected"),
    ("@(a[0)", "] expected"),
    ("@(a])", ") expected"),
    ("@(f(a)) b", "; expected"),
    ("@(a) @(b)", "; expected"),
    ('@("a)', UNTERMINATED),
    ('@("a\n")', UNTERMINATED),
    ('@(@"a)', UNTERMINATED),
    ('@($"{a)', "} expected"),
    ("@('ab')", "Too many characters in character literal"),
    ("@('\\u0041b')", "Too many characters in character literal"),
    ("@('')", "Empty character literal"),
    ("@('\n')", "Newline in constant"),
    ("@('a", "Newline in constant"),
    ('@("\\d")', "Unrecognized escape sequence"),
    ("@('\\d')", "Unrecognized escape sequence"),
    ("@( /* a )", "End-of-file found, '*/' expected"),
    ("@( // a )", ") expected"),
]


@pytest.mark.parametrize("code", GOOD)
def test_the_end_of_an_expression_is_found_whatever_is_in_it(code: str) -> None:
    assert expression_end(f"{code}) trailing", 0) == len(code)
    escaped = code.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#39;").replace("<", "&lt;")
    assert expression_end(f"{escaped}) trailing", 0) == len(escaped)
    check_expression(f" \n{code}\t")


@pytest.mark.parametrize(("code", "reason"), BAD)
def test_what_is_no_expression_is_refused_as_the_compiler_would(code: str, reason: str) -> None:
    with pytest.raises(BadExpression) as mistake:
        check_expression(code)
    assert str(mistake.value) == reason


def put(text: str, format: str = "xml") -> Got:
    value = f"<policies>\n    <inbound>\n{text}\n    </inbound>\n</policies>"
    return azure().put(POLICY, {"properties": {"format": format, "value": value}})


def test_it_is_refused_at_the_policy_it_is_in() -> None:
    """As reported: Error in element 'choose' on line 21, column 10."""
    text = "        <choose>\n            <when condition=\"@(a == 'ab')\">\n            </when>\n        </choose>"
    for format in ("xml", "rawxml"):
        got = put(text, format)
        assert (got.status, got.body["error"]["details"][0]["target"]) == (400, "choose")
        where = "Error in element 'choose' on line 3, column 10"
        assert got.reasons == [f"{where}: Too many characters in character literal"]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ('<set-header name="a"><value>@("b)</value></set-header>', "set-header"),
        ('<set-header name="@(1"><value>b</value></set-header>', "set-header"),
        ('<choose><when condition="@(true)"><set-body>@{</set-body></when></choose>', "set-body"),
        ("<return-response><set-body><![CDATA[@(1]]></set-body></return-response>", "set-body"),
        ("<set-body><a>@(</a></set-body>", "set-body"),
        ("<set-body><a><b c='@(1) d' /></a></set-body>", "set-body"),
        ("<set-body><a>@(1) &amp; b</a></set-body>", "set-body"),
        ("<retry condition='@(' count='1' interval='1'><set-method>GET</set-method></retry>", "retry"),
    ],
)
@pytest.mark.parametrize("format", ["xml", "rawxml"])
def test_the_innermost_policy_answers_for_it(text: str, target: str, format: str) -> None:
    got = put(text, format)
    assert got.status == 400
    assert [each["target"] for each in got.body["error"]["details"]] == [target]


@pytest.mark.parametrize(
    "text",
    [
        '<set-body template="liquid">@( is no expression here</set-body>',
        "<set-body>mail me @(home</set-body>",
        '<set-variable name="a" value="b @(" />',
        '<set-body template="liquid"><a b="@(" >@(</a></set-body>',
    ],
)
def test_what_only_looks_like_an_expression_is_text(text: str) -> None:
    assert put(text).status == 200


def test_text_between_elements_is_looked_at_by_itself() -> None:
    """Else the text would be accepted as `xml` and could not be read in the spelling that `rawxml` gives it."""
    broken = "<policies><inbound><set-body>)<base />@(</set-body></inbound></policies>"
    got = azure().put(POLICY, {"properties": {"format": "xml", "value": broken}})
    assert (got.status, got.reasons) == (400, ["Error in element 'set-body' on line 1, column 21: ) expected"])
