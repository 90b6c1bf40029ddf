"""What is read, in either spelling, construct by construct; and where and why a text is unreadable."""

from __future__ import annotations

import pytest

from reconciler.policy.document import Node, PolicyUnreadable, compare, read


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
    "blanks at its ends": ('" x\n\ty\r\n"', "x\n\ty"),
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
        Node("policies", (), ("a", Node("b", (), ()), Node("c", (), ()), "d")),
    ),
    "elements between brackets that look like an expression": (
        "<policies><a>@( <b/> )</a><c>x @{ <d>e</d> }</c></policies>",
        Node(
            "policies",
            (),
            (
                Node("a", (), ("@(", Node("b", (), ()), ")")),
                Node("c", (), ("x @{", Node("d", (), ("e",)), "}")),
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
        Node("policies", (), (Node("set-body", (), ("{%", Node("a", (), ()), "%} {{ b")),)),
    ),
    "what is not closed in a template of Liquid": (
        '<policies><set-body template="liquid">{% a <b/> {{ c</set-body></policies>',
        Node("policies", (), (Node("set-body", (("template", "liquid"),), ("{% a", Node("b", (), ()), "{{ c")),)),
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


UNREADABLE = {
    "a tag that does not end": ("<policies", 1, 10, "the text ends where <policies> goes on"),
    "a tag in a tag": ("<policies\n<a/>", 2, 1, "'<' stands where <policies> goes on"),
    "an element without an end": ("<policies>\n <a>\n", 2, 2, "<a> is not closed"),
    "an end of something else": ("<policies>\n<a></b>", 2, 6, "</b> closes <a> of line 2"),
    "an end of nothing": ("</policies>", 1, 3, "</policies> closes nothing"),
    "an end that does not end": ("<policies></policies", 1, 21, "does not end with '>'"),
    "no quotes": (value("1"), 1, 24, 'the attribute b has no value in quotes; write b="..."'),
    "no value": ("<policies a />", 1, 12, "the attribute a has no value in quotes"),
    "a quote that does not close": (value('"1').replace(" />", "/>"), 1, 25, "the value of b does not end"),
    "no blank": (value("\"1\"c='2'"), 1, 28, "a blank is missing in front of the attribute c"),
    "an attribute twice": (value("'1' b='2'"), 1, 29, "<a> has the attribute b twice"),
    "a tag in a value": (value("'x<y'"), 1, 27, "'<' stands in the value of b"),
    "an entity in a value": (value("'&eacute;'"), 1, 26, "XML does not have &eacute;"),
    "an entity in text": (content("x&nbsp;"), 1, 24, "XML does not have &nbsp;"),
    "a reference to no character": (content("&#0;"), 1, 23, "&#0; is no character of XML"),
    "a reference beyond the last character": (content("&#x110000;"), 1, 23, "&#x110000; is no character of XML"),
    "a reference with very many digits": (content(f"&#{'9' * 5000};"), 1, 23, "is no character of XML"),
    "a reference to half a character": (value('"&#xD800;"'), 1, 26, "&#xD800; is no character of XML"),
    "an ampersand in text": (content("a & b"), 1, 25, "'&' starts nothing here; write &amp;"),
    "a less-than sign in text": (content("a < b"), 1, 25, "'<' starts no tag here; in text write &lt;"),
    "a character that XML does not have": (content("\x00"), 1, 23, "the character U+0000, which XML does not have"),
    "half a character": (content("\udfff"), 1, 23, "half a character"),
    "a comment without an end": (
        "<policies>\n\n <!-- </policies>",
        3,
        2,
        "the comment that starts here does not end",
    ),
    "character data without an end": (content("<![CDATA[ ]]"), 1, 23, "the CDATA section that starts here"),
    "an instruction without an end": ("<?xml", 1, 1, "the processing instruction that starts here"),
    "a document type": ("<!doctype x><policies/>", 1, 1, "no policy needs a document type"),
    "another declaration": (content("<!ELEMENT x>"), 1, 23, "no policy needs this declaration"),
    "character data outside": ("<![CDATA[]]><policies/>", 1, 1, "no policy needs this declaration"),
    "text in front": ("x<policies/>", 1, 1, "a policy starts with <policies> or <fragment>, and here stands 'x'"),
    "an expression in front": ("\n @(x)<policies/>", 2, 2, "and here stands '@'"),
    "text behind": ("<policies/>\n\n x", 3, 2, "behind </policies> stands 'x'"),
    "the letter case of the root": ("<Policies/>", 1, 1, "the root element is <Policies>"),
    "too many elements": ("<policies>" + "<a>" * 200, 1, 608, "more than 200 elements are inside each other"),
    "a quote that is not escaped": (
        value('"@(!c.ContainsKey("latlong="""))"'),
        1,
        53,
        "the expression of line 1, column 26 cannot be read: two string literals stand side by side",
    ),
    "a literal that is not closed": (
        value('"@(f("x")"'),
        1,
        34,
        "the expression of line 1, column 26 cannot be read: the string literal is not closed",
    ),
    "a bracket that is not closed": (
        value('"@(a["b + 1)"'),
        1,
        29,
        "the expression of line 1, column 26 cannot be read: '[' is not closed where /> stands",
    ),
    "a bracket that is closed by another": (
        value('"@(a["b")"'),
        1,
        33,
        "the expression of line 1, column 26 cannot be read: ')' closes '['",
    ),
    "something behind an expression with quotes": (
        value('"@(a["b"])c"'),
        1,
        34,
        'the expression of line 1, column 26 cannot be read: it ends here, and the closing " does not follow',
    ),
    "generic types in an expression that does not end": (
        content("@{ var x = new List<string>();"),
        1,
        24,
        "the expression of line 1, column 23 cannot be read: '{' is not closed where </a stands",
    ),
}


@pytest.mark.parametrize(("text", "line", "column", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_unreadable_says_where_and_why(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(PolicyUnreadable) as refused:
        read(text)
    error = refused.value
    assert reason in error.reason
    assert (error.line, error.column) == (line, column)
    assert str(error) == f"line {line}, column {column}: {error.reason}"


def test_a_mistake_is_not_blamed_on_an_expression_of_another_element() -> None:
    with pytest.raises(PolicyUnreadable) as refused:
        read("<policies><a b='@(c'>x</a><d>@(e</d><f>&</f></policies>")
    assert refused.value.reason == "'&' starts nothing here; write &amp;"


def test_two_hundred_elements_inside_each_other_are_read_and_compared() -> None:
    one, other = (f"<policies>{'<a>' * 199}{text}{'</a>' * 199}</policies>" for text in "xy")
    (found,) = compare(read(one), read(other))
    assert (found.actual, found.desired) == ("y", "x")
    assert found.path == f"{'a/' * 199}text()"
