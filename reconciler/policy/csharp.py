r"""Where a policy expression ends, and what in it is a literal or a comment: C#'s lexical rules, as far as needed.

An expression is `@(...)` or `@{...}`. What is read here are plain characters: references such as `&quot;` have been
decoded. Known are brackets, string literals of every kind (`"` `@"` `$"` `$@"` `@$"` and raw ones of three quotes
and more, with interpolated ones in the holes of interpolated ones), character literals, comments, directives (`#`
first in a line), and the named values `{{name}}` of API Management, which are replaced before C# is read.

Two string literals side by side are never C#: there a quote is not escaped, and no end could be believed. The same
is true of what no literal has behind it (a name, a number, `(`, `{`, a character), of a backslash outside of
literals, of directives that may hide code (`#if`), and of the end of an element (`</a`, `/>`), a comment, CDATA or
an instruction of XML: so an expression never has elements in it.

Nothing recurses, and each character is looked at a bounded number of times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

_LINE_END = r"\r\n\x85\u2028\u2029"
_LINE_ENDS = frozenset("\r\n\x85\u2028\u2029")
_START = re.compile(r"@\(|@\{(?!\{[\w.-]++\}\})")
_SKIP = re.compile(
    r"""(?:[^"'()\[\]{}/$@#<:\\]++|[$@](?![$@"])|/(?![/*>])|<(?!/[^\W\d]|\?[^\W\d]|!--|!\[CDATA\[))*+"""
)
_REFERENCE = re.compile(r"\{\{[\w.-]++\}\}")
_PREFIX = re.compile(r'(?:\$++@?|@\$*+)?"')
_MARKUP = re.compile(r"</[\w:.-]{1,50}+|<!--|<!\[CDATA\[|<\?[\w:.-]{1,50}+|/>")
_LINE = re.compile(rf"[^{_LINE_END}]*+")
_DIRECTIVE = re.compile(r"#[^\S\n]*+(?:region|endregion|pragma|nullable|line|warning|error)\b")
WORD = r"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f\s]"
_MAY_FOLLOW = (  # a string literal: https://learn.microsoft.com/dotnet/csharp/language-reference/keywords/
    "is|as|in|switch|with|when|and|or|select|where|orderby|ascending|descending|join|let|into|group|by|on|equals"
    "|from|u8|U8"
)
_NEVER_BEHIND = re.compile(rf"\s*+(?!(?:{_MAY_FOLLOW})(?!{WORD}))(@?{WORD}++|[(']|\{{(?!\{{[\w.-]++\}}\}}))")
_CHARACTER = re.compile(
    rf"'(?:\\(?:u[0-9A-Fa-f]{{4}}|U[0-9A-Fa-f]{{8}}|x[0-9A-Fa-f]{{1,4}}|[^{_LINE_END}])"
    rf"|\{{\{{[\w.-]++\}}\}}|[^\\'{_LINE_END}])'"
)
_REGULAR = re.compile(rf'(?:[^"\\{_LINE_END}]++|\\[^{_LINE_END}])*+')
_VERBATIM = re.compile(r'(?:[^"]++|"")*+')
_REGULAR_TEXT = re.compile(rf'(?:[^"\\{{}}{_LINE_END}]++|\\[^{_LINE_END}]|\{{\{{|\}}\}})*+')
_VERBATIM_TEXT = re.compile(r'(?:[^"{}]++|""|\{\{|\}\})*+')
_RAW_TEXT = re.compile(r'[^"{]*+')
_FORMAT = re.compile(r'[^{}"]*+')
_QUOTES, _BRACES = re.compile(r'"*+'), re.compile(r"\{*+")
_CLOSES = {")": "(", "]": "[", "}": "{"}
_RAW = 3  # so many quotes, or more, open a raw literal
_NOT_CLOSED = "the string literal is not closed"
_UNESCAPED = 'inside a literal a quote is \\"'


class Broken(ValueError):
    """What starts as an expression does not end as one.

    `at`: where the mistake is; `seen`: how far it had to be read; `open`: the brackets that are open there.
    """

    def __init__(self, at: int, why: str, seen: int) -> None:
        super().__init__(why)
        self.at = at
        self.why = why
        self.seen = seen
        self.open: tuple[int, ...] = ()


class Atom(NamedTuple):
    """A part of an expression that is not taken apart, from `start` to `end`."""

    kind: str  # "literal", "reference", "directive" or "comment"
    start: int
    end: int


@dataclass(slots=True)
class Expression:
    """An expression's end, and its atoms in order; all else in it is code without literals and comments."""

    end: int = 0
    atoms: list[Atom] = field(default_factory=list)


def starts(code: str, at: int = 0) -> bool:
    """Whether an expression may start there: `@(` or `@{`, but not `@` before a named value."""
    return _START.match(code, at) is not None


def expression(code: str, at: int = 0) -> Expression:
    """The expression that starts at `at`; raises Broken."""
    return _Scan(code, at).run()


class _Text(NamedTuple):
    """How the text of an interpolated literal is written; `quotes` are those of a raw one, else 0."""

    start: int
    verbatim: bool
    quotes: int
    dollars: int


_Open = tuple[str, int, _Text | None]
"""A bracket that is open, and where; with a text, the hole of an interpolated literal."""


class _Scan:
    """One reading of one expression."""

    def __init__(self, code: str, at: int) -> None:
        self._code = code
        self._at = at + 1
        self._open: list[_Open] = []
        self._holes = 0
        self._after_literal = False
        self._found = Expression()

    def run(self) -> Expression:
        try:
            self._step("")
            while self._open:
                end = _to(_SKIP, self._code, self._at)
                skipped, self._at = self._code[self._at : end], end
                if self._after_literal:
                    self._behind_literal(skipped)
                self._step(skipped)
        except Broken as broken:
            broken.open = tuple(at for _, at, _ in self._open)
            raise
        self._found.end = self._at
        return self._found

    def _step(self, skipped: str) -> None:
        """One thing that is not plain code; `skipped` is the code in front of it."""
        start = self._at
        match self._code[start : start + 1]:
            case "(" | "[" as bracket:
                self._open.append((bracket, start, None))
                self._at = start + 1
                self._after_literal = False
            case ")" | "]" | "}" as bracket:
                self._close(start, bracket)
            case "{":
                self._brace(start)
            case '"' | "$" | "@":
                self._literal(start)
            case "'":
                self._character(start)
            case "/":
                self._comment(start)
            case "<":
                raise self._unclosed(f"{self._code[start : _to(_MARKUP, self._code, start)]} stands")
            case "\\":
                raise Broken(start, "a backslash stands outside of a literal", start)
            case "":
                raise self._unclosed("the text ends")
            case character:
                self._rest(start, character, skipped)

    def _unclosed(self, where: str) -> Broken:
        bracket, at, _ = self._open[-1]
        return Broken(at, f"'{bracket}' is not closed where {where}", self._at)

    def _behind_literal(self, skipped: str) -> None:
        """What no literal has behind it was meant to be inside of it; the code up to here is `skipped`."""
        never = _NEVER_BEHIND.match(self._code, self._at - len(skipped))
        if never:
            raise self._never(never.start(1), never[1])
        self._after_literal = not skipped or skipped.isspace()

    def _never(self, at: int, what: str) -> Broken:
        return Broken(at, f"{what} stands behind a string literal; {_UNESCAPED}", at)

    def _atom(self, kind: str, start: int) -> None:
        """What ends here; a part of a literal is none of its own."""
        if kind not in {"comment", "directive"}:
            self._after_literal = kind == "literal"
        if not self._holes:
            self._found.atoms.append(Atom(kind, start, self._at))

    def _rest(self, start: int, character: str, skipped: str) -> None:
        """`:` before the format of a hole, `#` before a directive; anywhere else they are code."""
        if character == "#" and not _LINE_ENDS.isdisjoint(skipped[len(skipped.rstrip()) :]):
            if not _DIRECTIVE.match(self._code, start):
                raise Broken(start, "a directive may hide code from the compiler; take it out", start)
            self._at = _to(_LINE, self._code, start)
            self._atom("directive", start)
        else:
            hole = character == ":" and self._open[-1][2] is not None
            self._at = _to(_FORMAT, self._code, start) if hole else start + 1
            self._after_literal = False

    def _comment(self, start: int) -> None:
        if self._code.startswith("/>", start):
            raise self._unclosed("/> stands")
        if self._code.startswith("//", start):
            self._at = _to(_LINE, self._code, start)
            if self._after_literal and self._code[start - 1] == '"' and '"' in self._code[start : self._at]:
                raise self._never(start, "//")
        else:
            close = self._code.find("*/", start + 2)
            if close < 0:
                raise Broken(start, "the comment is not closed", len(self._code))
            self._at = close + 2
        self._atom("comment", start)

    def _character(self, start: int) -> None:
        self._at = _to(_CHARACTER, self._code, start)
        if self._at == start:
            raise Broken(start, "between single quotes stands one character, and here there is none or more", start)
        self._atom("literal", start)
        self._after_literal = False

    def _brace(self, start: int) -> None:
        self._after_literal = False
        self._at = _to(_REFERENCE, self._code, start)
        if self._at > start:
            self._atom("reference", start)
        else:
            self._open.append(("{", start, None))
            self._at = start + 1

    def _close(self, start: int, bracket: str) -> None:
        opened, at, text = self._open[-1]
        if opened != _CLOSES[bracket]:
            raise Broken(start, f"'{bracket}' closes '{opened}'", start)
        self._after_literal = False
        self._at = start + 1
        if text:
            self._at = start + text.dollars
            if not self._code.startswith(bracket * text.dollars, start):
                raise Broken(at, "the hole of an interpolated literal is not closed", start)
            self._holes -= 1
        self._open.pop()
        if text:
            self._text(text)

    def _literal(self, start: int) -> None:
        """A string literal, or an interpolated one up to its first hole; or code, where there is no quote."""
        first = _to(_PREFIX, self._code, start)
        if first == start:
            self._at += 1
            return
        if self._after_literal:
            raise Broken(start, f"two string literals stand side by side; {_UNESCAPED}", start)
        prefix = self._code[start : first - 1]
        quotes = _to(_QUOTES, self._code, first - 1) - first + 1
        if quotes < _RAW or "@" in prefix:
            quotes = 0
        self._at = first - 1 + (quotes or 1)
        if "$" in prefix:
            self._text(_Text(start, "@" in prefix, quotes, prefix.count("$") if quotes else 1))
            return
        if quotes:
            close = self._code.find('"' * quotes, self._at)
            self._at = close + quotes if close >= 0 else len(self._code)
            closed = close >= 0
        else:
            self._at = _to(_VERBATIM if prefix else _REGULAR, self._code, self._at) + 1
            closed = self._code.startswith('"', self._at - 1)
        if not closed:
            raise Broken(start, _NOT_CLOSED, self._at)
        self._atom("literal", start)

    def _text(self, text: _Text) -> None:
        """What an interpolated literal says, up to its next hole or its end."""
        if text.quotes:
            closed = self._raw_text(text)
        else:
            self._at = _to(_VERBATIM_TEXT if text.verbatim else _REGULAR_TEXT, self._code, self._at) + 1
            if not self._code.startswith(('"', "{"), self._at - 1):
                raise Broken(text.start, _NOT_CLOSED, self._at)
            closed = self._code[self._at - 1] == '"'
        if closed:
            self._atom("literal", text.start)
        else:
            self._open.append(("{", self._at - 1, text))
            self._holes += 1
            self._after_literal = False

    def _raw_text(self, text: _Text) -> bool:
        """Whether the raw literal is closed, or else has a hole."""
        while self._at < len(self._code):
            for pattern, needed in ((_QUOTES, text.quotes), (_BRACES, text.dollars)):
                self._at = _to(_RAW_TEXT, self._code, self._at)
                run = _to(pattern, self._code, self._at) - self._at
                self._at += run
                if run >= needed:
                    return pattern is _QUOTES
        raise Broken(text.start, _NOT_CLOSED, self._at)


def _to(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a match of the pattern at `at` ends; there, where there is none."""
    found = pattern.match(text, at)
    return found.end() if found else at
