"""Which pieces a C# expression consists of: the proof's own reading, shared with neither side that it judges.

Nothing here is strict: what is no C# becomes operators of one letter. A literal's pieces are kept, so that one can
be changed without breaking an escape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["start", "blank", "comment", "named value", "word", "number", "char", "string", "operator"]

_OPERATORS = (
"<<=", ">>=", "??=", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "=>", "++",
    "--", "<<", ">>", "??", "?.", "::", "->",
)  # longest first  # fmt: skip
_PIECE = re.compile(
    r"(?P<blank>[ \t\r\n]+)"
    r"|(?P<comment>//[^\r\n]*|/\*.*?\*/)"
    r"|(?P<named>\{\{[\w.-]+\}\})"
    r"|(?P<word>@?[^\W\d]\w*)"
    r"|(?P<number>0[xX][0-9a-fA-F_]+[uUlL]*|(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[a-zA-Z]*)"
    r"|(?P<char>'(?:\\.[^'\r\n]*|[^'\\\r\n])')"
    rf"|(?P<operator>{'|'.join(re.escape(each) for each in _OPERATORS)}|.)",
    re.DOTALL,
)
_OPENING = re.compile(r'(\$@|@\$|\$|@)?"')
_ATOM = {  # of the characters of a literal, by how it opens
    "": re.compile(r'\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\x[0-9a-fA-F]{1,4}|\\.|[^"\\]', re.DOTALL),
    "@": re.compile(r'""|[^"]', re.DOTALL),
    "$": re.compile(r'\{\{|\}\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{1,4}|\\.|[^"\\{]', re.DOTALL),
    "$@": re.compile(r'\{\{|\}\}|""|[^"{]', re.DOTALL),
}
_PAIRS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Token:
    """A piece of an expression; of a string also how it opens and closes, and what stands between, in atoms."""

    kind: Kind
    text: str
    opening: str = ""
    atoms: tuple[str, ...] = ()
    closing: str = ""


class NoExpression(ValueError):
    """The text is not one expression from end to end."""


def is_expression(value: str) -> bool:
    """Whether a value is meant as an expression."""
    return value.strip(" \t\r\n").startswith(("@(", "@{"))


def tokens(value: str) -> list[Token]:
    """The pieces of a value that is an expression, blanks and comments among them; raises NoExpression."""
    text = value.strip(" \t\r\n")
    if not is_expression(text):
        raise NoExpression(text)
    found = [Token("start", "@")]
    at = _run(text, 1, found)
    if at != len(text):
        raise NoExpression(text[at:])
    return found


def stay_apart(left: Token, right: Token) -> bool:
    """Whether two pieces without a blank between them are still the same two pieces.

    Braces are kept apart where they could become those of a named value.
    """
    if not left.text or left.kind == "start":
        return True
    if left.text + right.text in {"{{", "}}"} or {left.kind, right.kind} == {"named value", "operator"}:
        return False
    opening = _OPENING.match(left.text + right.text)
    return left.kind == "string" or (not opening and _piece(left.text + right.text, 0).text == left.text)


def _run(text: str, at: int, into: list[Token]) -> int:
    """Pieces up to the bracket that closes the first one; the place after it."""
    awaited: list[str] = []
    while at < len(text):
        opening = _OPENING.match(text, at)
        piece = _string(text, at, opening) if opening else _piece(text, at)
        into.append(piece)
        at += len(piece.text)
        if piece.kind == "operator" and piece.text in _PAIRS:
            awaited.append(_PAIRS[piece.text])
        elif piece.kind == "operator" and piece.text in _PAIRS.values():
            if not awaited or awaited.pop() != piece.text:
                raise NoExpression(text[at:])
            if not awaited:
                return at
    raise NoExpression("no end")


def _piece(text: str, at: int) -> Token:
    found = _PIECE.match(text, at)
    assert found is not None  # the last alternative takes any letter
    kinds: dict[str, Kind] = {
        "blank": "blank", "comment": "comment", "named": "named value", "word": "word", "number": "number",
        "char": "char",
    }  # fmt: skip
    return Token(kinds.get(found.lastgroup or "", "operator"), found[0])


def _string(text: str, at: int, opening: re.Match[str]) -> Token:
    kind = (opening[1] or "").replace("@$", "$@")
    here, atoms_found = opening.end(), list[str]()
    while here < len(text) and (text[here] != '"' or (kind.endswith("@") and text.startswith('""', here))):
        found = _ATOM[kind].match(text, here)
        atom = found[0] if found else _hole(text, here)
        atoms_found.append(atom)
        here += len(atom)
    if here >= len(text):
        raise NoExpression("a string without an end")
    return Token("string", text[at : here + 1], opening[0], tuple(atoms_found), '"')


def _hole(text: str, at: int) -> str:
    """`{...}` of an interpolated string, whatever strings and brackets are in it."""
    return text[at : _run(text, at, [])]
