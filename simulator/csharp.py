"""Where a C# expression in a policy ends.

Brackets, strings (plain, verbatim, interpolated), characters and comments are told apart; an XML entity counts as
the character it stands for, since expressions arrive both escaped and not (desired-state 5.3 Q9).
"""

import re

_ENTITY = re.compile(r"&(?:quot|lt|gt|amp|apos|#\d+|#x[0-9a-fA-F]+);")
_NAMED = {"&quot;": '"', "&lt;": "<", "&gt;": ">", "&amp;": "&", "&apos;": "'"}
_OPENING = "([{"
_CLOSING = ")]}"


class Unclosed(Exception):  # a verdict
    """The text ends before the expression does."""


def decode(text: str) -> str:
    """Text with its entities replaced, once."""
    return _ENTITY.sub(lambda found: _character(found[0]), text)


def _character(entity: str) -> str:
    if entity in _NAMED:
        return _NAMED[entity]
    digits = entity[2:-1]
    return chr(int(digits[1:], 16) if digits[0] == "x" else int(digits))


class _Source:
    """Text read character by character, entities counting as one."""

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.at = position

    def peek(self, further: int = 0) -> str:
        place = self.at
        for _ in range(further):
            place += self._width(place)
        if place >= len(self.text):
            return ""
        width = self._width(place)
        return self.text[place] if width == 1 else _character(self.text[place : place + width])

    def take(self, count: int = 1) -> str:
        taken = ""
        for _ in range(count):
            if self.at >= len(self.text):
                raise Unclosed
            taken += self.peek()
            self.at += self._width(self.at)
        return taken

    def _width(self, place: int) -> int:
        found = _ENTITY.match(self.text, place) if self.text[place : place + 1] == "&" else None
        return len(found[0]) if found else 1


def starts_expression(text: str, position: int) -> bool:
    """Whether an expression begins here."""
    return text.startswith(("@(", "@{"), position)


def expression_end(text: str, position: int) -> int:
    """The position just after the expression that starts here."""
    source = _Source(text, position)
    source.take()  # the @
    _brackets(source)
    return source.at


def _brackets(source: _Source) -> None:
    depth = 0
    while True:
        letter = source.peek()
        if letter in _OPENING and letter:
            depth += 1
            source.take()
        elif letter in _CLOSING and letter:
            depth -= 1
            source.take()
            if depth == 0:
                return
        else:
            _token(source)


def _token(source: _Source) -> None:
    """Move over one thing that is no bracket."""
    two, three = source.peek() + source.peek(1), source.peek() + source.peek(1) + source.peek(2)
    if three in {'$@"', '@$"'}:
        source.take(3)
        _string(source, verbatim=True, interpolated=True)
    elif two == '@"':
        source.take(2)
        _string(source, verbatim=True, interpolated=False)
    elif two == '$"':
        source.take(2)
        _string(source, verbatim=False, interpolated=True)
    elif two == "//":
        while source.peek() not in {"\n", "\r"}:
            source.take()
    elif two == "/*":
        source.take(2)
        while source.peek() + source.peek(1) != "*/":
            source.take()
        source.take(2)
    elif source.peek() == '"':
        source.take()
        _string(source, verbatim=False, interpolated=False)
    elif source.peek() == "'":
        _char(source)
    else:
        source.take()


def _char(source: _Source) -> None:
    source.take()
    while (letter := source.take()) != "'":
        if letter == "\\":
            source.take()


def _string(source: _Source, *, verbatim: bool, interpolated: bool) -> None:
    while True:
        letter = source.take()
        if (letter == "\\" and not verbatim) or (letter == '"' and verbatim and source.peek() == '"'):
            source.take()
        elif letter == '"':
            return
        elif letter == "{" and interpolated:
            if source.peek() == "{":
                source.take()
            else:
                source.at -= 1
                _brackets(source)
