"""How a policy document is read from text, in either of its two spellings.

`xml` must be well-formed; in `rawxml` expressions are not escaped (desired-state 5.3 Q1). What is malformed is said
in the words of .NET's XmlReader, which API Management passes on ("Data at the root level is invalid. Line 1,
position 1.", vscode-apimanagement #290); that it uses its other sentences too is inferred.
"""

import re
from bisect import bisect_right

from simulator.policy.characters import Characters, Malformed, need_prefixes, printable
from simulator.policy.csharp import BadExpression, decode, expression_end
from simulator.policy.document import CData, Element, PolicyDocument, Text, Verbatim

_LETTER = r"A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131"
_NAME = re.compile(rf"[{_LETTER}][{_LETTER}0-9.-]*(?::[{_LETTER}][{_LETTER}0-9.-]*)?")
_BLANK = re.compile(r"[ \t\r\n]*")
_DEEPEST = 100  # no limit of Azure's is known; nobody nests so deep
_DTD = (
    "For security reasons DTD is prohibited in this XML document. To enable DTD processing set the DtdProcessing "
    "property on XmlReaderSettings to Parse and pass the settings into XmlReader.Create method."
)
_DECLARATION = (
    "Unexpected XML declaration. The XML declaration must be the first node in the document, and no white space "
    "characters are allowed to appear before it."
)


def read_policy(text: str, *, raw: bool) -> PolicyDocument:
    """Read a document in one of the two spellings."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")  # as every XML processor does
    return _Scanner(text, raw=raw).document()


class _Scanner:
    def __init__(self, text: str, *, raw: bool) -> None:
        self._text = text
        self._raw = raw
        self._at = 0
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._open: list[Element] = []
        self._liquid = 0  # how many open elements are Liquid templates, in which @( starts nothing
        self._characters = Characters(self._wrong)

    def document(self) -> PolicyDocument:
        before = self._outside(first=True)
        if self._at >= len(self._text):
            raise Malformed("Root element is missing.")
        root = self._start()
        while self._open:
            self._inside(self._open[-1])
        after = self._outside(first=False)
        if self._at < len(self._text):
            raise self._wrong("There are multiple root elements.", 1)
        need_prefixes(root, frozenset({"xml"}))
        return PolicyDocument(root, before, after)

    def _outside(self, *, first: bool) -> list[Verbatim]:
        """Comments, instructions and blanks before or after the root."""
        found: list[Verbatim] = []
        if first and re.match(r"<\?xml[ \t\n]", self._text):
            self._until("?>", "PI")
        while True:
            self._skip_blanks()
            if self._text.startswith(("<?", "<!--"), self._at):
                found.append(self._verbatim())
            elif self._text.startswith("<!DOCTYPE", self._at):
                raise self._wrong(_DTD, 2)
            elif self._at < len(self._text) and not self._starts_tag():
                raise self._wrong("Data at the root level is invalid.")
            else:
                return found

    def _starts_tag(self) -> bool:
        return self._text[self._at] == "<" and self._text[self._at + 1 : self._at + 2] not in {"!", "/"}

    def _skip_blanks(self) -> int:
        before = self._at
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._at - before

    def _until(self, end: str, what: str) -> str:
        stop = self._text.find(end, self._at)
        if stop < 0:
            raise self._unclosed(f"Unexpected end of file while parsing {what} has occurred.")
        start, self._at = self._at, stop + len(end)
        return self._text[start : self._at]

    def _place(self, at: int) -> tuple[int, int]:
        """Line and column of a position, both from 1."""
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1

    def _wrong(self, message: str, further: int = 0, at: int | None = None) -> Malformed:
        line, column = self._place((self._at if at is None else at) + further)
        return Malformed(f"{printable(message)} Line {line}, position {column}.")

    def _unclosed(self, message: str) -> Malformed:
        return self._wrong(message, at=len(self._text))

    def _verbatim(self) -> Verbatim:
        """A comment or a processing instruction."""
        start = self._at
        if self._text.startswith("<!--", start):
            self._at += len("<!--")
            body = self._until("-->", "Comment").removesuffix("-->")
            if "--" in body or body.endswith("-"):
                rule = "An XML comment cannot contain '--', and '-' cannot be the last character."
                raise self._wrong(rule, at=start + len("<!--"))
        else:
            if re.match(r"<\?xml[ \t\n?]", self._text[start : start + 6], re.IGNORECASE):
                raise self._wrong(_DECLARATION, 2)
            self._at += 2
            self._name()
            self._until("?>", "PI")
        whole = self._text[start : self._at]
        self._characters.check(whole, start)
        return Verbatim(whole)

    def _name(self) -> str:
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise self._no_name()
        self._at = found.end()
        return found[0]

    def _no_name(self) -> Malformed:
        if self._at >= len(self._text):
            return self._unclosed("Unexpected end of file while parsing Name has occurred.")
        letter = self._text[self._at]
        reason = f"Name cannot begin with the '{letter}' character, hexadecimal value 0x{ord(letter):02X}."
        return self._wrong(reason)

    def _start(self) -> Element:
        """A start tag; unless it is empty its element is then open."""
        self._at += 1
        line, column = self._place(self._at)
        element = Element(self._name(), line, column)
        if self._open:
            self._open[-1].children.append(element)
        seen: set[str] = set()
        while True:
            blanks = self._skip_blanks()
            if self._text.startswith("/>", self._at):
                self._at += 2
                element.empty = True
                return element
            if self._text.startswith(">", self._at):
                self._at += 1
                break
            self._attribute(element, seen, blanks)
        if len(self._open) >= _DEEPEST:
            raise self._wrong(f"Elements are nested deeper than {_DEEPEST} levels.")
        self._open.append(element)
        self._liquid += element.get("template") == "liquid"
        return element

    def _attribute(self, element: Element, seen: set[str], blanks: int) -> None:
        if self._at >= len(self._text):
            raise self._unclosed("Unexpected end of file has occurred.")
        if not blanks:
            raise self._wrong(f"'{self._text[self._at]}' is an unexpected token. Expecting white space.")
        start = self._at
        name = self._name()
        if name in seen:
            raise self._wrong(f"'{name}' is a duplicate attribute name.", at=start)
        seen.add(name)
        self._skip_blanks()
        self._expect("=")
        self._skip_blanks()
        quote = self._text[self._at : self._at + 1]
        if quote not in {'"', "'"}:
            raise self._unexpected("'\"' or '''")
        self._at += 1
        element.attributes.append((name, self._value(element, quote)))

    def _expect(self, token: str) -> None:
        if not self._text.startswith(token, self._at):
            raise self._unexpected(f"'{token}'")
        self._at += len(token)

    def _unexpected(self, expected: str) -> Malformed:
        if self._at >= len(self._text):
            return self._unclosed("Unexpected end of file has occurred.")
        letter = self._text[self._at]
        return self._wrong(f"'{letter}' is an unexpected token. The expected token is {expected}.")

    def _value(self, element: Element, quote: str) -> str:
        """Up to the closing quote; in raw spelling an expression may hold quotes of its own."""
        start = self._at
        begin = self._expression_start()
        if begin is not None:
            stop = self._expression(element, begin)
            if not self._text.startswith(quote, stop):
                raise self._no_expression(element, "; expected")
        else:
            stop = self._text.find(quote, start)
            if stop < 0:
                raise self._unclosed("There is an unclosed literal string.")
        self._at = stop + 1
        value = self._text[start:stop]
        if begin is None:
            self._characters.check_attribute(value, start)
            value = re.sub("[\n\t]", " ", value)  # attribute values are normalised; Q5 is about expressions
        else:
            self._characters.check(value, start, strict=False)
        return decode(value)

    def _expression_start(self) -> int | None:
        """Where an unescaped expression begins, if one does here."""
        if not self._raw or self._liquid:
            return None
        blank = _BLANK.match(self._text, self._at)
        begin = blank.end() if blank else self._at
        return begin if self._text.startswith(("@(", "@{"), begin) else None

    def _expression(self, element: Element, begin: int) -> int:
        """The position after the expression and the blanks that follow it."""
        try:
            end = expression_end(self._text, begin)
        except BadExpression as mistake:
            raise self._no_expression(element, str(mistake)) from mistake
        blank = _BLANK.match(self._text, end)
        return blank.end() if blank else end

    def _no_expression(self, element: Element, reason: str) -> Malformed:
        """An expression that does not end cannot be read past; `xml` has it looked at later (rules.py)."""
        return Malformed(reason, (*(each for each in self._open if each is not element), element))

    def _inside(self, element: Element) -> None:
        """The next piece of an open element's content."""
        text, at = self._text, self._at
        if at >= len(text):
            names = ", ".join(each.name for each in reversed(self._open))
            message = f"Unexpected end of file has occurred. The following elements are not closed: {names}."
            raise self._unclosed(message)
        if text.startswith("</", at):
            self._close(element)
        elif text.startswith(("<!--", "<?"), at):
            element.children.append(self._verbatim())
        elif text.startswith("<![CDATA[", at):
            self._at += len("<![CDATA[")
            body = self._until("]]>", "CDATA").removesuffix("]]>")
            self._characters.check(body, at)
            element.children.append(CData(body))
        elif text.startswith("<!", at):
            raise self._wrong(_DTD, 2)
        elif text[at] == "<":
            self._start()
        else:
            element.children.append(Text(self._run_of_text(element)))

    def _close(self, element: Element) -> None:
        self._at += 2
        line, column = self._place(self._at)
        name = self._name()
        if name != element.name:
            raise Malformed(
                f"The '{element.name}' start tag on line {element.line} position {element.column} does not match "
                f"the end tag of '{name}'. Line {line}, position {column}."
            )
        self._skip_blanks()
        self._expect(">")
        self._open.pop()
        self._liquid -= element.get("template") == "liquid"

    def _run_of_text(self, element: Element) -> str:
        start = self._at
        begin = self._expression_start()
        stop = start if begin is None else self._expression(element, begin)
        found = self._text.find("<", stop)
        self._at = len(self._text) if found < 0 else found
        value = self._text[start : self._at]
        if begin is None:
            self._characters.check_text(value, start)
        else:
            self._characters.check(value, start, strict=False)
        return decode(value)
