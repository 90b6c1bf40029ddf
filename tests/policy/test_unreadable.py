"""Which texts are unreadable, where in them, and why."""

from __future__ import annotations

import pytest

from reconciler.policy.document import PolicyUnreadable, read
from tests.policy.test_reader import content, value

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
    "an entity in text behind an ampersand": (content("a & b&nbsp;"), 1, 28, "XML does not have &nbsp;"),
    "an entity in a value behind an ampersand": (value("'a & b&nbsp;'"), 1, 31, "XML does not have &nbsp;"),
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
    "too many elements": ("<policies>" + "<a>" * 100, 1, 308, "more than 100 elements are inside each other"),
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
        read("<policies><a b='@(c'>x</a><d>@(e</d><f>< </f></policies>")
    assert refused.value.reason == "'<' starts no tag here; in text write &lt;"
