"""What is read, in either spelling, construct by construct."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.policy.document import Node, compare, read
from reconciler.policy.markup import markup


def value(text: str) -> str:
    """A document whose only attribute is as given, with its quotes."""
    return f"<policies><inbound><a b={text} /></inbound></policies>"


def content(text: str) -> str:
    return f"<policies><inbound><a>{text}</a></inbound></policies>"


def inside(document: str) -> Node:
    """The element `a` of such a document."""
    (inbound,) = read(document).children
    assert isinstance(inbound, Node)
    (a,) = inbound.children
    assert isinstance(a, Node)
    return a


VALUES = {
    "plain": ('"x y"', "x y"),
    "empty": ("''", ""),
    "blanks at its ends": ('" x\n\ty\r\n"', " x\n\ty\n"),
    "a blank alone": ("' '", " "),
    "what looks like a reference to nothing": ('"a & b &= c&amp;; &"', "a & b &= c&; &"),
    "a line end, and the one that Azure answers": ('"x&#xD;&#xA;y"', "x\ny"),
    "references": ('"&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#000067;"', "<>&\"'ABC"),
    "a reference that was escaped": ('"&amp;lt;"', "&lt;"),
    "an address whose & was unescaped": ('"/p?a=1&b={{c}}&sig=x"', "/p?a=1&b={{c}}&sig=x"),
    "a named value": ('"{{a}}"', "{{a}}"),
    "a named value behind an @": ('"@{{a}}"', "@{{a}}"),
    "raw quotes": ('"@(a["b"][\'c\'])"', "@(a[\"b\"]['c'])"),
    "raw quotes of the other kind": ("'@(a[\"b\"])'", '@(a["b"])'),
    "raw quotes of the same single kind": ("'@(a.Split(',')[0])'", "@(a.Split(',')[0])"),
    "escaped quotes": ('"@(a[&quot;b&quot;] &lt; 1 &amp;&amp; c)"', '@(a["b"] < 1 && c)'),
    "quotes of both spellings": ('"@(a[&quot;b&#34;] + c["d"])"', '@(a["b"] + c["d"])'),
    "raw markup": ('"@(a.As<JObject>(true) && b < 1)"', "@(a.As<JObject>(true) && b < 1)"),
    "brackets in literals": ('"@("(" + \')\' + @"]")"', '@("(" + \')\' + @"]")'),
    "quotes in a comment of the code": ('"@{ // don\'t "\n return 1; }"', "@{ return 1; }"),
    "blanks around the expression": ('" @( a ) "', "@(a)"),
    "an interpolated literal": ('"@($"a{b["c"]}d")"', '@($"a{b["c"]}d")'),
    "a verbatim literal": (r'"@(c, @"max=(?<age>\d+)""")"', r'@(c, @"max=(?<age>\d+)""")'),
    "a raw literal": ('"@("""a "b" c""")"', '@("""a "b" c""")'),
    "a bracket written as a reference": ('"@(a&#41;"', "@(a)"),
    "a bracket that a named value opens": ('"@(f{{x}}))"', "@(f{{x}}))"),
    "an expression at the end": ('"user-@(a["b"])"', 'user-@(a["b"])'),
    "an expression in the middle": ('"x@(a)y"', "x@(a)y"),
    "something behind the expression": ('"@(a) b"', "@(a) b"),
    "what looks like one and is none": ('"mail@(home"', "mail@(home"),
}
TEXTS = {
    "plain": ("x  y", "x  y"),
    "blanks at its ends": ("\r\n\t x\r\ny \r\n", "x\ny"),
    "an address whose & was unescaped": ("https://x?a=1&b=2", "https://x?a=1&b=2"),
    "ampersands": ("& a & b && &= &&amp;&lt;&", "& a & b && &= &&<&"),
    "references": ("&lt;b&gt; &amp;amp; &#x1F600;", "<b> &amp; \U0001f600"),
    "character data": ("a<![CDATA[<b> & &lt; ]]>c", "a<b> & &lt; c"),
    "character data that is an expression": ('<![CDATA[@( a["b"] )]]>', '@(a["b"])'),
    "a comment in it": ("a<!-- b -->c", "ac"),
    "a processing instruction in it": ("a<?b c?>d", "ad"),
    "an expression": ('@( a["b"] )', '@(a["b"])'),
    "an expression with raw operators": ("@{ return ((666 & 0xFF) << 8); }", "@{ return ((666 & 0xFF) << 8); }"),
    "the same, escaped": ("@{ return ((666 &amp; 0xFF) &lt;&lt; 8); }", "@{ return ((666 & 0xFF) << 8); }"),
    "an expression over several lines": ("\n  @{\n    return a;\n  }\n", "@{ return a; }"),
    "markup in a literal": ('@("<?xml ?><soap:a>" + "</a>")', '@("<?xml ?><soap:a>" + "</a>")'),
    "an expression in the middle": ('Bearer @(a["b"] < c && d)', 'Bearer @(a["b"] < c && d)'),
    "blanks of an expression in the middle": ("Bearer @( a )", "Bearer @( a )"),
    "two expressions": ("@(a<b) @(c)", "@(a<b) @(c)"),
    "a comment in front of an expression": ("<!-- don't -->@(a)", "@(a)"),
    "a named value": ("{{a-b.c}}", "{{a-b.c}}"),
    "JSON with an @": ('{"a": "@{b}", "c": "@"}', '{"a": "@{b}", "c": "@"}'),
    "a comment in an expression": ("@(a + <!-- don't --> b)", "@(a + b)"),
    "character data in an expression": ('@(a + <![CDATA["b < c"]]>)', '@(a + "b < c")'),
    "an instruction in an expression": ("@(a <?b c?>)", "@(a)"),
    "what looks like an expression and is none": ("mail me @(home", "mail me @(home"),
    "a blank that XML does not know": ("&#xA0;", "\u00a0"),
    "a greater-than sign": ("a > b", "a > b"),
}


@pytest.mark.parametrize(("written", "said"), VALUES.values(), ids=VALUES)
def test_a_value_says(written: str, said: str) -> None:
    assert inside(value(written)) == Node("a", (("b", said),), ())


@pytest.mark.parametrize(("written", "said"), TEXTS.values(), ids=TEXTS)
def test_a_text_says(written: str, said: str) -> None:
    assert inside(content(written)) == Node("a", (), (said,))


DOCUMENTS = {
    "what stands in front of the root and behind it": (
        '\ufeff<!-- a --><?xml version="1.0"?>\n<!-- b -->\n<fragment />\n<!-- c --><?d?>\n',
        Node("fragment", (), ()),
    ),
    "line ends of an old Macintosh": (
        '<policies>\r<inbound\ra="b\rc" />\r</policies>',
        Node("policies", (), (Node("inbound", (("a", "b\nc"),), ()),)),
    ),
    "prefixes": (
        "<policies><xsl:transform a:b='1'><xsl:text> x </xsl:text></xsl:transform></policies>",
        Node("policies", (), (Node("xsl:transform", (("a:b", "1"),), (Node("xsl:text", (), (" x ",)),)),)),
    ),
    "text beside elements": (
        "<policies> a <b> </b>\n\n<c/> d </policies>",
        Node("policies", (), (" a ", Node("b", (), ()), Node("c", (), ()), " d ")),
    ),
    "blanks and line ends beside elements": (
        "<policies>\n a <b/> \n c\n <d/> <e/>\n  </policies>",
        Node("policies", (), ("a ", Node("b", (), ()), "c", Node("d", (), ()), " ", Node("e", (), ()))),
    ),
    "blanks beside elements and no text": (
        "<policies> <b /> <!-- c --> <d/>\n</policies>",
        Node("policies", (), (Node("b", (), ()), Node("d", (), ()))),
    ),
    "an expression beside elements": (
        "<policies>\n@( a )\n<b/> @( c ) </policies>",
        Node("policies", (), ("@(a)", Node("b", (), ()), " @( c ) ")),
    ),
    "space that is preserved": (
        "<policies><a xml:space='preserve'> b\r\n<c> </c><d xml:space='default'> e <f/></d></a> "
        "<g> </g></policies>",
        Node(
            "policies",
            (),
            (
                Node(
                    "a",
                    (("xml:space", "preserve"),),
                    (
                        " b\n",
                        Node("c", (), (" ",)),
                        Node("d", (("xml:space", "default"),), (" e ", Node("f", (), ()))),
                    ),
                ),
                Node("g", (), ()),
            ),
        ),
    ),
    "elements between brackets that look like an expression": (
        "<policies><a>@( <b/> )</a><c>x @{ <d>e</d> }</c></policies>",
        Node(
            "policies",
            (),
            (
                Node("a", (), ("@( ", Node("b", (), ()), " )")),
                Node("c", (), ("x @{ ", Node("d", (), ("e",)), " }")),
            ),
        ),
    ),
    "a template of Liquid": (
        '<policies><set-body template="Liquid">{% if a < b and c & d %}{{ x | y: "<" }}<e f=" @( g ) " '
        'exists-action="override" />@( h ){% endif %}</set-body></policies>',
        Node(
            "policies",
            (),
            (
                Node(
                    "set-body",
                    (("template", "Liquid"),),
                    (
                        '{% if a < b and c & d %}{{ x | y: "<" }}',
                        Node("e", (("exists-action", "override"), ("f", " @( g ) ")), ()),
                        "@( h ){% endif %}",
                    ),
                ),
            ),
        ),
    ),
    "what looks like an expression in a template of Liquid": (
        '<policies><set-body template="liquid"> @( {{a}} ) </set-body></policies>',
        Node("policies", (), (Node("set-body", (("template", "liquid"),), ("@( {{a}} )",)),)),
    ),
    "what only looks like a template of Liquid": (
        "<policies><set-body>{% <a/> %} {{ b </set-body></policies>",
        Node("policies", (), (Node("set-body", (), ("{% ", Node("a", (), ()), " %} {{ b ")),)),
    ),
    "what is not closed in a template of Liquid": (
        '<policies><set-body template="liquid">{% a <b/> {{ c</set-body></policies>',
        Node("policies", (), (Node("set-body", (("template", "liquid"),), ("{% a ", Node("b", (), ()), " {{ c")),)),
    ),
}


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_says(text: str, expected: Node) -> None:
    assert read(text) == expected


def test_an_element_knows_its_line() -> None:
    root = read("<!--\n--><policies>\r\n<inbound\n a='1'><b/>\r<c/></inbound></policies>")
    (inbound,) = root.children
    assert isinstance(inbound, Node)
    lines = [node.line for node in (root, inbound, *inbound.children) if isinstance(node, Node)]
    assert lines == [2, 3, 4, 5]


def test_lines_are_no_difference() -> None:
    assert compare(read("<policies><a/></policies>"), read("\n<policies>\n<a/></policies>")) == ()


def test_a_hundred_elements_inside_each_other_are_read_compared_and_written_deep_in_a_call() -> None:
    one, other = (f"<policies>{'<a>' * 99}{text}{'</a>' * 99}</policies>" for text in "xy")
    (found,) = compare(read(one), read(other))
    assert (found.actual, found.desired) == ("y", "x")
    assert found.path == f"{'a/' * 99}text()"
    assert _in_a_call_of_depth(500, lambda: (compare(read(one), read(other)), markup(read(one)))) == ((found,), one)


def _in_a_call_of_depth(frames: int, work: Callable[[], object]) -> object:
    return _in_a_call_of_depth(frames - 1, work) if frames else work()
