"""What a policy document says.

Two spellings come in: `xml`, which must be well-formed, and `rawxml`, in which expressions are not escaped. Both
are read into one tree (policy_tree.py).
"""

import re
from xml.parsers import expat

from simulator.csharp import Unclosed, decode, expression_end, starts_expression
from simulator.policy_tree import Element, PolicyDocument, Text, Verbatim

_NAME = re.compile(r"[A-Za-z_][\w.:-]*")
_BLANK = re.compile(r"\s*")


class Malformed(Exception):  # a verdict about a document
    """The text is not a policy document."""


def read_policy(text: str, *, raw: bool) -> PolicyDocument:
    """Read a document in one of the two spellings."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n")  # as every XML processor does
    if re.search(r"<!(DOCTYPE|ENTITY)", text):
        raise Malformed("For security reasons DTD is prohibited in this XML document.")
    if not raw:
        _need_well_formed(text)
    return _Scanner(text, raw=raw).document()


def _need_well_formed(text: str) -> None:
    parser = expat.ParserCreate()
    try:
        parser.Parse(text.strip().encode(), True)  # noqa: FBT003  # the parser takes it by position only
    except expat.ExpatError as mistake:
        reason = expat.ErrorString(mistake.code)
        raise Malformed(f"{reason}. Line {mistake.lineno}, position {mistake.offset + 1}.") from mistake


class _Scanner:
    def __init__(self, text: str, *, raw: bool) -> None:
        self._text = text
        self._raw = raw
        self._at = 0

    def document(self) -> PolicyDocument:
        before = self._verbatims()
        if not self._text.startswith("<", self._at):
            raise self._wrong("Data at the root level is invalid.")
        root = self._element()
        after = self._verbatims()
        if self._at < len(self._text):
            raise self._wrong("There is more than one root element, or text after it.")
        return PolicyDocument(root, before, after)

    def _verbatims(self) -> list[Verbatim]:
        found: list[Verbatim] = []
        while True:
            self._skip_blanks()
            if self._text.startswith("<?", self._at):
                self._until("?>")
            elif self._text.startswith("<!--", self._at):
                found.append(Verbatim(self._until("-->")))
            else:
                return found

    def _skip_blanks(self) -> None:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at

    def _until(self, end: str) -> str:
        stop = self._text.find(end, self._at)
        if stop < 0:
            raise self._wrong(f"Unexpected end of file: '{end}' is missing.")
        start, self._at = self._at, stop + len(end)
        return self._text[start : self._at]

    def _place(self, position: int | None = None) -> tuple[int, int]:
        position = self._at if position is None else position
        line_start = self._text.rfind("\n", 0, position) + 1
        return self._text.count("\n", 0, position) + 1, position - line_start + 1

    def _wrong(self, message: str) -> Malformed:
        line, column = self._place()
        return Malformed(f"{message} Line {line}, position {column}.")

    def _name(self) -> str:
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise self._wrong("Name cannot begin with this character.")
        self._at = found.end()
        return found[0]

    def _element(self) -> Element:
        line, column = self._place(self._at + 1)
        self._at += 1
        element = Element(self._name(), line, column)
        while True:
            self._skip_blanks()
            if self._text.startswith("/>", self._at):
                self._at += 2
                element.empty = True
                return element
            if self._text.startswith(">", self._at):
                self._at += 1
                self._content(element)
                return element
            self._attribute(element)

    def _attribute(self, element: Element) -> None:
        name = self._name()
        if name in (known for known, _ in element.attributes):
            raise self._wrong(f"'{name}' is a duplicate attribute name.")
        self._skip_blanks()
        if not self._text.startswith("=", self._at):
            raise self._wrong("The expected token is '='.")
        self._at += 1
        self._skip_blanks()
        quote = self._text[self._at : self._at + 1]
        if quote not in {'"', "'"} or not quote:
            raise self._wrong("An attribute value must be in quotes.")
        self._at += 1
        element.attributes.append((name, decode(self._value(quote))))

    def _value(self, quote: str) -> str:
        """Up to the closing quote; in raw spelling an expression may hold quotes of its own."""
        start = self._at
        stop = self._after_expression(quote) if self._raw else -1
        if stop < 0:
            stop = self._text.find(quote, start)
        if stop < 0:
            raise self._wrong("Unexpected end of file in an attribute value.")
        self._at = stop + 1
        value = self._text[start:stop]
        if "<" in value and not starts_expression(value.lstrip(), 0):
            self._at = start
            raise self._wrong("'<', hexadecimal value 0x3C, is an invalid attribute character.")
        return value

    def _after_expression(self, quote: str) -> int:
        blank = _BLANK.match(self._text, self._at)
        begin = blank.end() if blank else self._at
        if not starts_expression(self._text, begin):
            return -1
        try:
            end = expression_end(self._text, begin)
        except Unclosed:
            return -1
        blank = _BLANK.match(self._text, end)
        end = blank.end() if blank else end
        return end if self._text.startswith(quote, end) else -1

    def _content(self, element: Element) -> None:
        while True:
            if self._at >= len(self._text):
                raise self._wrong(f"Unexpected end of file: '{element.name}' is not closed.")
            if self._text.startswith("</", self._at):
                self._close(element)
                return
            if self._text.startswith("<!--", self._at):
                element.children.append(Verbatim(self._until("-->")))
            elif self._text.startswith("<![CDATA[", self._at):
                element.children.append(Verbatim(self._until("]]>")))
            elif self._text.startswith("<", self._at):
                element.children.append(self._element())
            else:
                element.children.append(Text(decode(self._characters())))

    def _close(self, element: Element) -> None:
        line, column = self._place(self._at + 2)
        self._at += 2
        name = self._name()
        self._skip_blanks()
        if name != element.name or not self._text.startswith(">", self._at):
            raise Malformed(
                f"The '{element.name}' start tag on line {element.line} position {element.column} does not match "
                f"the end tag of '{name}'. Line {line}, position {column}."
            )
        self._at += 1

    def _characters(self) -> str:
        start = self._at
        while self._at < len(self._text) and self._text[self._at] != "<":
            if self._raw and starts_expression(self._text, self._at):
                try:
                    self._at = expression_end(self._text, self._at)
                except Unclosed:
                    self._at += 1
            else:
                self._at += 1
        return self._text[start : self._at]
