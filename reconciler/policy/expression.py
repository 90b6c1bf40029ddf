r"""The one spelling of a policy expression: the same for two texts only if C# reads the same tokens in both.

Blanks and comments between tokens mean nothing, with these exceptions:

* Tokens are as long as C# makes them, so `a + +b` is not `a++b`, `int x` is not `intx`, `= >` is not `=>`.
* `> >` is `>>` where type arguments end (`List<List<int> >`), and only there.
* A literal is kept letter by letter, an interpolated one with its holes; a directive is kept as a line.
* `{{name}}` is replaced by API Management before C# is read, so it may become a part of the word beside it: whether
  a blank stands between the two is kept, except beside a bracket, a comma or a semicolon.

The spelling has a blank wherever two tokens would read as something else without one, and a few more for the eye,
so that reading it again gives the same tokens. Where literals end: `csharp.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from reconciler.policy.csharp import WORD, Atom, Broken, Expression, expression, starts

_TOKENS = re.compile(
    r"(?P<number>\.?\d[\d_]*+(?:\.\d[\d_]*+)?(?:[eE][+-]?\d[\d_]*+)?\w*+)"
    rf"|(?P<word>@?{WORD}++)"
    r"|>>>=|>>=|>>>|<<=|\?\?=|[-+*/%&|^=!<>]=|=>|->|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|<<|>>|::|\.\."
    r"|\S"
)
_CLASSES = {
    **dict.fromkeys("([", "open"),
    **dict.fromkeys(")]", "close"),
    **dict.fromkeys(",;", "comma"),
    **dict.fromkeys("{}", "brace"),
    **dict.fromkeys((".", "?.", "::"), "member"),
    "!": "not",
}
_CLASSES |= dict.fromkeys(
    ("return", "if", "while", "for", "foreach", "switch", "catch", "in", "is", "as"), "keyword"
)
_TYPE_ARGUMENT = frozenset({".", ",", "?", "[", "]", "::"})


class _Token(NamedTuple):
    """A token of C#; `apart`: something stands between it and the one before, as far as that matters."""

    text: str
    kind: str
    apart: bool = False


def spelt(code: str) -> str | None:
    """The one spelling of the expression that the whole text is; None where it is something else."""
    if not starts(code):
        return None
    try:
        found = expression(code)
    except Broken:
        return None
    if found.end != len(code):
        return None
    tokens = _with_type_arguments(_tokens(code, found))
    written = ["@", tokens[0].text]
    for before, token in pairwise(tokens):
        if before.kind == "directive" and token.text == "#":
            return None  # behind a comment, where C# has no directive; spelt, it would be one
        written += [_between(before.kind, token.kind, token.apart), token.text]
    return "".join(written)


def _tokens(code: str, found: Expression) -> Iterator[_Token]:
    """The code between the atoms taken apart, and the atoms that are no comments."""
    at, apart = 1, False
    for atom in [*found.atoms, Atom("comment", found.end, found.end)]:
        segment = code[at : atom.start]
        apart |= segment[:1].isspace()
        for token in _TOKENS.finditer(segment):
            text = token[0]
            yield _Token(text, _CLASSES.get(text) or token.lastgroup or "operator", apart)
            apart = False
        apart |= segment[-1:].isspace()
        if atom.kind == "comment":
            apart = True
        else:
            yield _Token(code[atom.start : atom.end], atom.kind, apart)
            apart = False
        at = atom.end


def _with_type_arguments(found: Iterator[_Token]) -> list[_Token]:
    """The tokens, with each `<` and `>` of type arguments known, by what may stand between the two."""
    tokens: list[_Token] = []
    opened: list[int] = []
    for token in found:
        if token.text == "<" and tokens and tokens[-1].kind == "word":
            opened.append(len(tokens))
        elif opened and token.text in {">", ">>", ">>>"}:
            closed = token.text[: len(opened)]
            for _ in closed:
                start = opened.pop()
                tokens[start] = _Token("<", "angle")
                tokens.append(_Token(">", "end of angle"))
            token = _Token(token.text[len(closed) :], "operator")  # noqa: PLW2901 - what is left of it
        elif opened and token.kind != "word" and token.text not in _TYPE_ARGUMENT:
            opened.clear()
        if token.text:
            tokens.append(token)
    return tokens


@cache
def _between(before: str, token: str, apart: bool) -> str:  # noqa: FBT001 - a row of a table
    """What is written between two tokens of these classes: brackets never read as a part of what is beside them."""
    if "directive" in {before, token}:
        return "\n"
    if token in {"close", "comma", "angle", "end of angle"} or before in {"open", "angle"}:
        return ""
    if before == "comma":
        return " "
    if "reference" in {before, token} and not {before, token} & {"open", "close"}:
        return " " if apart else ""
    joined = {
        "open": {"operator", "brace", "keyword"}.isdisjoint,
        "member": {"word", "literal", "close", "end of angle"}.issuperset,
        "word": {"member", "not"}.issuperset,
    }.get(token)
    return "" if joined and joined({before}) else " "
