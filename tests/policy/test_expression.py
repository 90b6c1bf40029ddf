"""Two expressions are spelt alike exactly if C# reads the same tokens in both."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.policy.expression import spelt

SAME = {
    "blanks between tokens": ("@(a+b)", "@( a\t+\n b )"),
    "blanks around brackets": ("@(f(a,b)[0])", "@( f ( a , b ) [ 0 ] )"),
    "a block on one line": ("@{if(a){return b;}return c;}", "@{\n  if (a) { return b; }\n  return c;\n}"),
    "a comment to the end of a line": ("@{\nreturn a;}", '@{ // "not (a literal\nreturn a; }'),
    "a line end that is not ASCII in front of a directive": (
        "@{a();\n#region x\nreturn;}",
        "@{a();\u2028#region x\x85return;}",
    ),
    "a literal and a word of C# behind it": ('@(f("a" is string, b))', '@(f("a"/**/is string,b))'),
    "a literal and a named value behind it": ('@("a" {{x}})', '@( "a"\n{{x}} )'),
    "a literal in bytes": ('@("a"u8)', '@( "a"u8 )'),
    "a comment behind a literal": ('@{ a("b"); }', '@{ a("b" // "not" (a literal\n); }'),
    "a comment in between": ("@(a + b)", "@(a /* ' ( */ + b)"),
    "a comment where a blank would be": ("@(int x)", "@(int/**/x)"),
    "type arguments that end together": ("@(a.As<List<List<int>>>())", "@(a.As<List<List<int> > >())"),
    "a null-conditional call": ('@(a?.b("c")?[0])', '@(a ?.b( "c" ) ? [ 0 ])'),
    "a conditional with a number": ("@(a?.5:b)", "@(a ? .5 : b)"),
    "a method of a number": ("@(1.ToString())", "@(1 .ToString())"),
    "a named value between brackets": ("@(f({{x}},1))", "@( f( {{x}} , 1 ) )"),
    "blanks that are not ASCII": ("@(a + b)", "@(a\u00a0+\u3000b)"),
}
DIFFERENT = {
    "words run together": ("@(int x)", "@(intx)"),
    "plus plus": ("@(a + +b)", "@(a++b)"),
    "minus minus": ("@(a - -b)", "@(a--b)"),
    "minus minus, after a comment": ("@(a -/**/-b)", "@(a--b)"),
    "an arrow": ("@(a = >b)", "@(a =>b)"),
    "a comparison": ("@(a > =b)", "@(a >=b)"),
    "and": ("@(a & & b)", "@(a && b)"),
    "and, bit by bit": ("@(a & b)", "@(a && b)"),
    "a shift and two comparisons": ("@(a >> b)", "@(a > > b)"),
    "a shift that looks like type arguments": ("@(a < b >> c)", "@(a < b > c)"),
    "a coalescence": ("@(a ?? b)", "@(a ? ? b)"),
    "a range": ("@(1..2)", "@(1. .2)"),
    "a number in two": ("@(1.5)", "@(1 .5)"),
    "an exponent": ("@(1e-5)", "@(1e - 5)"),
    "a suffix": ("@(1f)", "@(1 f)"),
    "an escaped keyword": ("@(@if)", "@(if)"),
    "a blank in a literal": ('@("a b")', '@("ab")'),
    "the case of a literal": ('@("A")', '@("a")'),
    "a blank at the end of a literal": ('@("a ")', '@("a")'),
    "a literal's kind": ('@(@"a")', '@("a")'),
    "an escape in a literal": (r'@("\t")', '@("\t")'),
    "what looks like a comment in a literal": ('@("a//b")', '@("a")'),
    "what looks like a comment in a verbatim literal": ('@(@"a/*b*/c")', '@(@"ac")'),
    "a blank in a hole's text": ('@($"a {b}")', '@($"a{b}")'),
    "a character": ("@(' ')", "@('  ')"),
    "a character's case": ("@('a')", "@('A')"),
    "brackets": ("@(a)", "@{a}"),
    "brackets inside": ("@(a[0])", "@(a(0))"),
    "a token more": ("@(a)", "@(a!)"),
    "the order": ("@(a - b)", "@(b - a)"),
    "a named value grown together with a word": ("@({{x}}y)", "@({{x}} y)"),
    "two named values grown together": ("@({{x}}{{y}})", "@({{x}} {{y}})"),
    "a named value beside an operator": ("@({{x}}+1)", "@({{x}} + 1)"),
    "a named value and a block in a block": ("@(new[,]{{1}})", "@(new[,]{ {1} })"),
    "a directive and the line below it": ("@{\n#region a\nreturn;}", "@{\n#region a return;}"),
    "a line that a comment takes": ("@{ a(); // b();\n}", "@{ a(); b();\n}"),
}
NO_EXPRESSION = {
    "plain text": "a",
    "no bracket": "@a",
    "something behind it": "@(a) b",
    "a bracket that is not closed": "@((a)",
    "another bracket": "@(a]",
    "brackets that cross": "@([a)]",
    "a literal that is not closed": '@("a)',
    "a line end in a literal": '@("a\n")',
    "a verbatim literal that is not closed": '@(@"a"")',
    "a raw literal that is not closed": '@("""a"")',
    "a hole that is not closed": '@($"{a")',
    "a brace alone in an interpolated literal": '@($"}")',
    "a comment that is not closed": "@(a /* )",
    "two characters": "@('ab')",
    "a quote alone": "@(')",
    "a backslash": r"@(a\b)",
    "two literals side by side": '@("a" "b")',
    "two literals with a comment between": '@("a" /**/ "b")',
    "two literals in a hole": '@($"{"a""b"}")',
    "a name behind a literal": '@("a" b)',
    "a name behind a literal and a comment": '@("a" /**/ b)',
    "a name that starts like a word of C# behind a literal": '@("a" isb c)',
    "a name with an at behind a literal": '@("a" @is b)',
    "a name behind a verbatim literal": '@(@"a" b)',
    "a name behind an interpolated literal": '@($"{a}" b)',
    "a name behind a literal in a hole": '@($"{"a"b}")',
    "a name behind a literal and a directive": '@{"a"\n#region c\nb;}',
    "an address between quotes that are not escaped": '@{ return "u: "http://x"";\n}',
    "an address without a scheme between quotes that are not escaped": '@{ return "u: "//x"";\n}',
    "a number behind a literal": '@("a"1)',
    "a bracket behind a literal": '@("a"(b))',
    "a brace behind a literal": '@{ "a" { } }',
    "a character behind a literal": "@(\"a\" 'b')",
    "code that a directive hides": "@{\n#if a\nb();\n#endif\n}",
    "an end of what a directive hides": "@{\n # endif\n}",
    "another branch": "@{\n#elif a\n}",
    "the last branch": "@{\n#else\n}",
    "a directive behind a line end that is not ASCII": "@{a();\u2029#if b\n}",
    "a directive behind another": "@{\n#region a\n#if b\n}",
    "a directive by a named value": "@{\n#{{a}}\n}",
    "a symbol": "@{\n#define a\n}",
    "a closing tag": "@(a</b>)",
    "an element": "@(a<b/>)",
    "a comment of XML": "@(a <!-- b --> c)",
    "character data": "@(a <![CDATA[b]]> c)",
    "an instruction of XML": "@(a <?b?> c)",
    "a named value": "@{{a}}",
}
SPELT = {
    '@( context.Request.Headers.GetValueOrDefault("a" ,"b") )': (
        '@(context.Request.Headers.GetValueOrDefault("a", "b"))'
    ),
    "@{var x=new List<Dictionary<string,int>>();return x.Count>0&&!y?x[0]:null;}": (
        "@{ var x = new List<Dictionary<string, int>>(); return x.Count > 0 && !y ? x[0] : null; }"
    ),
    r'@($"a{b["c"]:N0}d{{}}\"" + $@"e""{f}" + @$"{g}""" + @"h""i\" + "j\"k")': (
        r'@($"a{b["c"]:N0}d{{}}\"" + $@"e""{f}" + @$"{g}""" + @"h""i\" + "j\"k")'
    ),
    '@("""a "b" c""" + $$"""{d}{{e("f")}}""")': '@("""a "b" c""" + $$"""{d}{{e("f")}}""")',
    '@($"{$"{$"{"a"}"}"}"  +  b)': '@($"{$"{$"{"a"}"}"}" + b)',
    "@('\\'' + '\"'  + '\\u0041' + '{{x}}')": "@('\\'' + '\"' + '\\u0041' + '{{x}}')",
    "@(a=>b)": "@(a => b)",
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_blanks_and_comments_between_tokens_mean_nothing(one: str, other: str) -> None:
    assert spelt(one) is not None
    assert spelt(one) == spelt(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_two_programs_are_never_spelt_alike(one: str, other: str) -> None:
    assert spelt(one) is not None
    assert spelt(one) != spelt(other)


@pytest.mark.parametrize("code", NO_EXPRESSION.values(), ids=NO_EXPRESSION)
def test_what_is_not_one_expression_as_a_whole_is_none(code: str) -> None:
    assert spelt(code) is None


@pytest.mark.parametrize(("code", "expected"), SPELT.items())
def test_an_expression_is_spelt_as_people_write_it(code: str, expected: str) -> None:
    assert spelt(code) == expected


PIECES = (
    'a if @b A 1 1.5 .5 1e-5 0x1F {{x}} {{y}} "a" \'b\' @"" $"{c}" ( ) [ ] { } < > , ; . ? : ! = + - & | / % ~ ^ * '
    "=> == != <= >= && || ?? ?. ++ -- += << >> >>> :: .. /**/ # @ $"
)


@settings(max_examples=600, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PIECES.split()), st.sampled_from(["", " ", "\n"])), max_size=12))
def test_reading_the_spelling_gives_the_spelling(pieces: list[tuple[str, str]]) -> None:
    code = f"@({''.join(piece + blank for piece, blank in pieces)})"
    said = spelt(code)
    if said is not None:
        assert spelt(said) == said
