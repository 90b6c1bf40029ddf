"""How a policy document is written back: as .NET's XmlWriter indents and escapes, in `xml` and in `rawxml`."""

import pytest

from simulator.policy.reader import read_policy
from simulator.policy.writer import as_rawxml, as_xml

ONE, TWO, THREE = "\r\n\t", "\r\n\t\t", "\r\n\t\t\t"  # line breaks with their indentation


def inbound(text: str) -> str:
    return f"<policies>{ONE}<inbound>{TWO}{text}{ONE}</inbound>\r\n</policies>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<policies></policies>", "<policies></policies>"),
        ("<policies/>", "<policies />"),
        ("\n  <policies>\n\n</policies>\n", "<policies></policies>"),
        ("<policies><inbound></inbound></policies>", f"<policies>{ONE}<inbound></inbound>\r\n</policies>"),
        ("<a><b/>\n<!-- n\n m --></a>", f"<a>{ONE}<b />{ONE}<!-- n\r\n m -->\r\n</a>"),
        ("<!-- x -->\n\n<a/><!-- y -->", "<!-- x -->\r\n<a />\r\n<!-- y -->"),
        ("<a><?b c?></a>", f"<a>{ONE}<?b c?>\r\n</a>"),
        ('<?xml version="1.0" encoding="utf-8"?>\n<a/>', "<a />"),
        ("\ufeff<a/>", "<a />"),
        # text is not touched, and nothing is moved after it (mixed content)
        ("<a> v </a>", "<a> v </a>"),
        ("<a>v<b/> <c><d/></c></a>", "<a>v<b /><c><d /></c></a>"),
        ("<a>\n <b/>v<c/></a>", f"<a>{ONE}<b />v<c /></a>"),
        ("<a>1\r\n2\r3\n4</a>", "<a>1\r\n2\r\n3\r\n4</a>"),
        ("<a>\t1</a>", "<a>\t1</a>"),
        ("<a>\u00a0</a>", "<a>\u00a0</a>"),
        ("<a><![CDATA[<x> & \n]]></a>", "<a><![CDATA[<x> & \r\n]]></a>"),
        ("<a><![CDATA[1]]> </a>", "<a><![CDATA[1]]></a>"),
        # attributes: their order, double quotes, escapes
        ("<x b='1' a='say \"x\"'/>", '<x b="1" a="say &quot;x&quot;" />'),
        ("<x a='it&apos;s'/>", '<x a="it\'s" />'),
        ('<x a = "1"\n  b="2"></x >', '<x a="1" b="2"></x>'),
        ('<x a="&lt;&gt;&amp;&#34;&#x27;&#65;"/>', '<x a="&lt;&gt;&amp;&quot;\'A" />'),
        ('<x a="1\n2\t3"/>', '<x a="1 2 3" />'),  # an XML reader makes blanks of them
        ('<x a="1&#10;2&#9;3&#13;"/>', '<x a="1&#xA;2&#x9;3&#xD;" />'),
        ("<x>\"&lt;&gt;&amp;&quot;'</x>", '<x>"&lt;&gt;&amp;"\'</x>'),
    ],
)
def test_xml_is_written_as_net_writes_it(text: str, expected: str) -> None:
    assert as_xml(read_policy(text, raw=False)) == expected
    assert as_xml(read_policy(expected, raw=False)) == expected


@pytest.mark.parametrize(
    ("raw", "xml"),
    [
        ('<v a="@(x < y && z("q"))" />', '<v a="@(x &lt; y &amp;&amp; z(&quot;q&quot;))" />'),
        ('<v a="@(1 +\r\n 2)" />', '<v a="@(1 +&#xA; 2)" />'),
        ('<v a="@{\treturn 1; }" />', '<v a="@{&#x9;return 1; }" />'),
        ('<v>@{ return "<e>" + a["b"]; }</v>', '<v>@{ return "&lt;e&gt;" + a["b"]; }</v>'),
        ('<v> @("a\\"<") </v>', '<v> @("a\\"&lt;") </v>'),
        ('<v>@("<?xml ?>" + @"</v>")</v>', '<v>@("&lt;?xml ?&gt;" + @"&lt;/v&gt;")</v>'),
        ('<v a="x&lt;y &amp; z" />', '<v a="x&lt;y &amp; z" />'),  # no expression
        ("<v>Bearer @(x)</v>", "<v>Bearer @(x)</v>"),
        ('<v template="liquid">@( {{ a &lt; b }}</v>', '<v template="liquid">@( {{ a &lt; b }}</v>'),
        ('<v a="@("&amp;lt;")" />', '<v a="@(&quot;&amp;lt;&quot;)" />'),  # would be read as < otherwise
    ],
)
def test_raw_and_escaped_spelling_belong_together(raw: str, xml: str) -> None:
    assert as_xml(read_policy(raw, raw=True)) == xml
    assert as_rawxml(read_policy(xml, raw=False)) == raw
    assert as_rawxml(read_policy(raw, raw=True)) == raw


def test_raw_text_may_have_its_expressions_escaped_already() -> None:
    escaped = '<v a="@(x &lt; y(&quot;)&quot;))">@(a &lt; b)</v>'
    assert as_xml(read_policy(escaped, raw=True)) == escaped
    single = """<v a='@(a["b"])' />"""
    assert as_xml(read_policy(single, raw=True)) == '<v a="@(a[&quot;b&quot;])" />'


def test_what_is_below_a_liquid_template_is_no_expression() -> None:
    text = f'<v template="liquid">{ONE}<a b="@(&lt;">@{{&amp;</a>\r\n</v>'
    for raw in (False, True):
        document = read_policy(text, raw=raw)
        assert (as_xml(document), as_rawxml(document)) == (text, text)


def test_everything_is_indented_by_tabs_level_by_level() -> None:
    text = "<policies><inbound><choose><when condition='@(true)'><base/></when></choose></inbound></policies>"
    inner = f'<choose>{THREE}<when condition="@(true)">{THREE}\t<base />{THREE}</when>{TWO}</choose>'
    assert as_xml(read_policy(text, raw=False)) == inbound(inner)


def test_lines_and_columns_are_those_of_the_name() -> None:
    root = read_policy("<!-- \r\n -->\r\n<a>\r\n\t<b\r\n/>\r\n  <c/></a>", raw=False).root
    places = {each.name: (each.line, each.column) for each in root.walk()}
    assert places == {"a": (3, 2), "b": (4, 3), "c": (6, 4)}
