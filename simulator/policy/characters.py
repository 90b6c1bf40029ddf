"""Which characters, references and prefixes a policy document may contain."""

import re
from collections.abc import Callable

from simulator.policy.document import Element

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+);|#([0-9]+);|([A-Za-z_][\w.-]*);|(#x?)|(.?))", re.DOTALL)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITIES = {"quot", "lt", "gt", "amp", "apos"}
_HIGHEST_DIGITS = 8


def printable(text: str) -> str:
    """Text that can be sent: without lone surrogates and control characters."""
    return _UNPRINTABLE.sub("?", text)


class Malformed(Exception):  # a verdict about a document
    """The text is not a policy document; `path` leads to the element with a wrong expression, if that is why."""

    def __init__(self, message: str, path: tuple[Element, ...] = ()) -> None:
        self.path = path
        super().__init__(message)


class Characters:
    """Looks at runs of characters; `wrong` makes a mistake of a message and a position."""

    def __init__(self, wrong: Callable[..., Malformed]) -> None:
        self._wrong = wrong

    def check(self, value: str, start: int, *, strict: bool | None = None) -> None:
        """Characters that XML knows; with `strict` references too: True all, False only those that are meant so.

        In an unescaped expression an ampersand is an operator, but `&quot;` is a reference.
        """
        found = _FORBIDDEN.search(value)
        if found:
            letter, code = printable(found[0]), ord(found[0])
            message = f"'{letter}', hexadecimal value 0x{code:02X}, is an invalid character."
            raise self._wrong(message, at=start + found.start())
        if strict is not None and "&" in value:
            self._references(value, start, strict=strict)

    def check_text(self, value: str, start: int) -> None:
        """Characters between tags."""
        self.check(value, start, strict=True)
        if "]]>" in value:
            raise self._wrong("']]>' is not allowed in character data.", at=start + value.index("]]>"))

    def check_attribute(self, value: str, start: int) -> None:
        """An attribute's value."""
        if "<" in value:
            message = "'<', hexadecimal value 0x3C, is an invalid attribute character."
            raise self._wrong(message, at=start + value.index("<"))
        self.check(value, start, strict=True)

    def _references(self, value: str, start: int, *, strict: bool) -> None:
        for found in _REFERENCE.finditer(value):
            at = start + found.start() + 1
            hexadecimal, decimal, name, broken, _ = found.groups()
            if hexadecimal or decimal:
                self._need_character(hexadecimal, decimal, at)
            elif strict and name and name not in _ENTITIES:
                raise self._wrong(f"Reference to undeclared entity '{name}'.", at=at)
            elif strict and broken:
                kind = "hexadecimal" if broken == "#x" else "decimal"
                raise self._wrong(f"Invalid syntax for a {kind} numeric entity reference.", at=at)
            elif strict and not name:
                raise self._wrong("An error occurred while parsing EntityName.", at=at)

    def _need_character(self, hexadecimal: str | None, decimal: str | None, at: int) -> None:
        digits = (hexadecimal or decimal or "").lstrip("0") or "0"
        code = int(digits, 16 if hexadecimal else 10) if len(digits) <= _HIGHEST_DIGITS else -1
        if not 0 <= code <= 0x10FFFF or _FORBIDDEN.match(chr(code)):  # noqa: PLR2004  # the last code point
            raise self._wrong("Invalid character in its reference." if code < 0 else self._bad(code), at=at)

    def _bad(self, code: int) -> str:
        letter = printable(chr(code)) if code <= 0x10FFFF else "?"  # noqa: PLR2004  # the last code point
        return f"'{letter}', hexadecimal value 0x{code:02X}, is an invalid character."


def need_prefixes(element: Element, known: frozenset[str]) -> None:
    """Refuse prefixes that nothing declares."""
    declared = {name.removeprefix("xmlns:") for name, _ in element.attributes if name.startswith("xmlns:")}
    known = known | declared if declared else known
    for name in (element.name, *(name for name, _ in element.attributes)):
        prefix, colon, _ = name.partition(":")
        if colon and prefix not in known and prefix != "xmlns":
            place = f"Line {element.line}, position {element.column}."
            raise Malformed(f"'{prefix}' is an undeclared prefix. {place}")
    for child in element.elements():
        need_prefixes(child, known)
