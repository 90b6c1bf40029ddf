"""Where a C# expression in a policy ends, and whether it can be taken apart into tokens at all.

Brackets, strings (plain, verbatim, interpolated), characters and comments are told apart; nothing is compiled. In
`rawxml` an XML entity counts as the character it stands for, since expressions arrive both escaped and not
(desired-state 5.3 Q9).
"""

import re

_ENTITY = re.compile(r"&(?:quot|lt|gt|amp|apos|#0*[0-9]{1,7}|#x0*[0-9a-fA-F]{1,6});")
_NAMED = {"&quot;": '"', "&lt;": "<", "&gt;": ">", "&amp;": "&", "&apos;": "'"}
_DULL_CODE = re.compile(r"[^\"'@$/&(){}\[\]:]+")
_DULL_STRING = re.compile(r"[^\"\\&{}\r\n]+")
_DULL_VERBATIM = re.compile(r"[^\"&{}]+")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_ESCAPES = "'\"\\0abfnrtvuxU"
_DIGITS = {"u": 4, "x": 4, "U": 8}
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
_HIGHEST = 0x10FFFF
_BLANKS = " \t\r\n"
# Razor's own words, which API Management passes on (reported: apim snippets with quotes inside a named value)
_UNTERMINATED = (
    'Unterminated string literal. Strings that start with a quotation mark (") must be terminated before the end '
    'of the line. However, strings that start with @ and a quotation mark (@") can span multiple lines.'
)


class BadExpression(Exception):  # a verdict about a text
    """This is no expression: why, in the words of the compiler."""


def is_expression(value: str) -> bool:
    """Whether a value is meant as an expression: it starts with @( or @{."""
    return value.lstrip(_BLANKS).startswith(("@(", "@{"))


def check_expression(value: str) -> None:
    """Refuse a value (entities decoded) that starts as an expression and is none."""
    start = len(value) - len(value.lstrip(_BLANKS))
    end = expression_end(value, start, escaped=False)
    if value[end:].strip(_BLANKS):
        raise BadExpression("; expected")


def expression_end(text: str, start: int, *, escaped: bool = True) -> int:
    """The position just after the expression whose @ is here."""
    return _Lexer(text, start + 1, escaped=escaped).run()


def decode(text: str) -> str:
    """Text with its entities replaced, once."""
    return _ENTITY.sub(lambda found: character(found[0]), text) if "&" in text else text


def character(entity: str) -> str:
    """The character an entity stands for; the reader has seen to it that there is one."""
    if entity in _NAMED:
        return _NAMED[entity]
    digits = entity[2:-1]
    code = int(digits[1:], 16) if digits[0] == "x" else int(digits)
    return chr(code) if code <= _HIGHEST else "\ufffd"


class _Lexer:
    """Moves over code with a stack of what is open: brackets, strings, and holes in strings."""

    def __init__(self, text: str, at: int, *, escaped: bool) -> None:
        self._text = text
        self._at = at
        self._escaped = escaped
        self._open: list[str] = []  # "(", "[", "{", "hole", and strings: 's', 'v', '$s', '$v'

    def run(self) -> int:
        while True:
            if not self._open or self._open[-1] in {"(", "[", "{", "hole"}:
                self._code()
            else:
                self._string(self._open[-1])
            if not self._open:
                return self._at

    def _peek(self, further: int = 0) -> str:
        """The character that comes next, or the one `further` on; nothing at the end."""
        at = self._at
        while further:
            at += self._width(at)
            further -= 1
        if at >= len(self._text):
            return ""
        width = self._width(at)
        return self._text[at] if width == 1 else character(self._text[at : at + width])

    def _width(self, at: int) -> int:
        if not self._escaped or self._text[at : at + 1] != "&":
            return 1
        found = _ENTITY.match(self._text, at)
        return len(found[0]) if found else 1

    def _take(self) -> str:
        letter = self._text[self._at : self._at + 1]
        if letter != "&" or not self._escaped:
            self._at += len(letter)
            return letter
        letter = self._peek()
        self._at += self._width(self._at)
        return letter

    def _skip(self, dull: re.Pattern[str]) -> None:
        found = dull.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _code(self) -> None:
        self._skip(_DULL_CODE)
        letter = self._take()
        if not letter:
            raise BadExpression(f"{self._missing()} expected")
        if letter in _PAIRS:
            self._open.append(letter)
        elif letter in ")]}":
            self._close(letter)
        elif letter == '"':
            self._open.append("s")
        elif letter == "'":
            self._char()
        elif letter in "@$":
            self._prefix(letter)
        elif letter == "/" and self._peek() in {"/", "*"}:
            self._comment()
        elif letter == ":" and self._open[-1:] == ["hole"]:
            self._format()

    def _missing(self) -> str:
        innermost = self._open[-1] if self._open else "("
        return "}" if innermost == "hole" else _PAIRS[innermost]

    def _close(self, letter: str) -> None:
        expected = self._missing()
        if letter != expected:
            raise BadExpression(f"{expected} expected")
        self._open.pop()

    def _prefix(self, letter: str) -> None:
        """@" or $" or both open a string of another kind; @name is a name."""
        other = "$" if letter == "@" else "@"
        if self._peek() == '"':
            self._take()
            self._open.append("v" if letter == "@" else "$s")
        elif self._peek() == other and self._peek(1) == '"':
            self._take()
            self._take()
            self._open.append("$v")

    def _comment(self) -> None:
        if self._take() == "/":
            while self._peek() not in {"\n", "\r", ""}:
                self._at += self._width(self._at)
            return
        while (letter := self._take()) != "*" or self._peek() != "/":
            if not letter:
                raise BadExpression("End-of-file found, '*/' expected")
        self._take()

    def _char(self) -> None:
        letter = self._take()
        if letter == "'":
            raise BadExpression("Empty character literal")
        if letter == "\\":
            kind = self._take()
            self._need_escape(kind)
            for _ in range(_DIGITS.get(kind, 0)):
                if self._peek() in _HEXADECIMAL:
                    self._take()
        if letter in {"", "\n", "\r"} or self._peek() in {"", "\n", "\r"}:
            raise BadExpression("Newline in constant")
        if self._take() != "'":
            raise BadExpression("Too many characters in character literal")  # reported: arm-wire 14

    def _need_escape(self, letter: str) -> None:
        if not letter or letter not in _ESCAPES:
            raise BadExpression("Unrecognized escape sequence")

    def _format(self) -> None:
        """What stands after the colon of a hole is text up to the closing brace."""
        while self._peek() not in {"}", ""}:
            self._take()

    def _string(self, kind: str) -> None:
        verbatim, holes = kind.endswith("v"), kind.startswith("$")
        self._skip(_DULL_VERBATIM if verbatim else _DULL_STRING)
        letter = self._take()
        if not letter or (letter in "\r\n" and not verbatim):
            raise BadExpression(_UNTERMINATED)
        if letter == "\\" and not verbatim:
            self._need_escape(self._take())
        elif letter == '"' and not (verbatim and self._peek() == '"'):
            self._open.pop()
        elif letter == '"' or (letter in "{}" and holes and self._peek() == letter):
            self._take()
        elif letter == "{" and holes:
            self._open.append("hole")
