"""Whatever is sent as a policy is taken or refused, and what is taken reads back as what means the same."""

import xml.etree.ElementTree as ET

from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.policy.characters import Malformed
from simulator.policy.reader import read_policy
from tests.simulator.asking import GATEWAY, Azure, azure

POLICY = f"{GATEWAY}/apis/orders-api/policies/policy"
PIECES = (
    "<policies>", "</policies>", "<inbound>", "</inbound>", "<base />", "<!-- a -- b -->", "<!-- c -->",
    "<![CDATA[", "]]>", '<set-variable name="a" value="', "<set-body>", "</set-body>", "</", "<",
    '<set-body template="liquid">', ">", "/>", '"', "'", "@(", "@{", ")", "}", "(", "{", "[", "]", "//", "/*", "*/",
    "\\", '$"', '@"', "{{", "}}",
    "{{x}}", "&", "&amp;", "&lt;", "&#x41;", "&#0;", "&nope;", "&quot;", "\n", "\r\n", "\t", " ", "\ufeff",
    "<?xml version='1.0'?>", "<?a b?>", "<!DOCTYPE a>", "\x01", "\ud800", "é", "😀", "x:y", "=", "::", "?", ";",
    "'a'", "'ab'", "1",
)  # fmt: skip
scraps = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)
letters = st.text(st.sampled_from("ab<>&\"'\t\n {}()@\u00a0é😀\\/") | st.characters(codec="utf-8"), max_size=12)
inside = st.recursive(
    st.just("1")
    | st.sampled_from(['"a"', "'b'", '"\\""', '@"""c"', '$"{d}{{"', "/* ) */", "e < f && g", '"&lt;"', "// )\n"]),
    lambda code: st.lists(code, max_size=3).map(" + ".join) | code.map("({0})".format),
    max_leaves=6,
)
expressions = inside.map("@({0})".format) | inside.map("@{{ return {0}; }}".format)


def escaped(text: str) -> str:
    """Text as XML has it."""
    named = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#xA;", "\t": "&#x9;", "\r": "&#xD;"}
    return "".join(named.get(letter, letter) for letter in text)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A policy that should be taken."""
    values = letters | expressions
    parts = []
    for _ in range(draw(st.integers(0, 4))):
        value = draw(values.map(escaped))
        parts.append(
            draw(
                st.sampled_from(
                    (
                        f'<set-variable name="a" value="{value}" />',
                        f"<set-header name='a'><value>{value}</value></set-header>",
                        f"<set-body>{value}<a b='{value}'>{value}</a></set-body>",
                        f'<set-body template="liquid">{value}</set-body>',
                        f"<!-- {value.replace('-', '')} -->",
                        f"<choose><when condition='@(1)'><set-body><![CDATA[{value}]]></set-body></when></choose>",
                    )
                )
            )
        )
    return f"<policies><inbound>{draw(st.sampled_from(('', ' ', chr(10)))).join(parts)}</inbound></policies>"


def put(client: Azure, text: str, format: str) -> int:
    return client.put(POLICY, {"properties": {"format": format, "value": text}}).status


def shown(client: Azure, format: str) -> tuple[str, str]:
    """How it reads back: text and ETag."""
    got = client.get(POLICY, query={"format": format})
    return got.body["properties"]["value"], got.headers["ETag"]


def assert_it_reads_back(client: Azure) -> None:
    ET.fromstring(shown(client, "xml")[0])  # noqa: S314  # our own output
    for format in ("xml", "rawxml"):
        before = shown(client, format)
        assert put(client, before[0], format) == 200, before[0]
        assert shown(client, format) == before


@settings(max_examples=60, deadline=None)
@given(
    scraps | scraps.map("<policies><inbound><set-body>{0}</set-body></inbound></policies>".format),
    st.sampled_from(("xml", "rawxml")),
)
def test_any_text_is_taken_or_refused(text: str, format: str) -> None:
    client = azure()
    status = put(client, text, format)
    assert status in {200, 400}
    if status == 200:
        assert_it_reads_back(client)


@settings(max_examples=60, deadline=None)
@given(documents(), st.sampled_from(("xml", "rawxml")))
def test_what_was_taken_can_be_put_again_in_both_spellings_and_is_the_same(text: str, format: str) -> None:
    client = azure()
    if put(client, text, format) == 200:
        assert_it_reads_back(client)


markup = st.sampled_from([each for each in PIECES if not each.startswith(("@", "<!DOCTYPE"))])
branches = st.recursive(
    st.lists(markup, max_size=2).map("".join) | letters.map(escaped),
    lambda inner: (
        st.builds("<b {0}>{1}</b>".format, st.sampled_from(("", "c='1'", 'c="1" d="&lt;"')), inner)
        | st.lists(inner, max_size=3).map("".join)
    ),
    max_leaves=4,
)


def is_well_formed(text: str) -> bool:
    """Expat is the judge; half of a surrogate pair cannot even be shown to it."""
    try:
        ET.fromstring(text)  # noqa: S314  # generated
    except (ET.ParseError, UnicodeEncodeError):
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(branches.map("<a>{0}</a>".format))
@example("<a><b c='1' d=\"&lt;\">&#x41;<!-- a --><![CDATA[<]]></b></a>")
@example("<a>&nope;</a>")
@example("<a><b></a>")
@example("<a b='1' b='2' />")
def test_what_is_well_formed_is_read_as_xml_and_nothing_else_is(text: str) -> None:
    try:
        root = read_policy(text, raw=False).root
    except Malformed:
        assert not is_well_formed(text)
    else:
        assert (is_well_formed(text), root.name) == (True, "a")
