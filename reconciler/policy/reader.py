"""How a policy document is read, in whichever of its two spellings it comes.

`xml` is XML, its expressions escaped; `rawxml` has C# in it as people write it, with `"`, `<`, `>` and `&`, which
no parser of XML takes. Nothing says which of the two a text is, and people mix them. So:

* Where an attribute's value starts with `@(` or `@{`, C#'s own rules say where it ends (`csharp.py`), if the next
  thing is the closing quote; otherwise the value goes to the next quote, as in XML. An expression later in a value
  may have quotes in it if it is the last thing in there. In text an expression is taken where it stands.
* A reference such as `&quot;` is its character, once, everywhere outside of CDATA, so inside of a C# literal too:
  that is certain in `xml`, and what people mean by it in `rawxml` (desired-state.md §5.3, Q9). Who wants the six
  characters writes `&amp;quot;`.
* `&` that starts no reference is itself: `rawxml` is answered so, in an attribute (Q10) as in text.
* A line end in an attribute is a line end; see `canonical.py`.
* In `<set-body template="liquid">` the tags `{% %}` and `{{ }}` may have `<` and `&` in them.
* Comments and processing instructions mean nothing, CDATA is text, a document type is refused.

The time is linear in the size of the text (`attempts.py`), and nothing recurses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from reconciler.policy import canonical, csharp
from reconciler.policy.attempts import Attempts
from reconciler.policy.node import Node
from reconciler.policy.source import BLANKS, Source

DEEPEST = 100
"""So many elements may be inside each other; people need about twenty."""
_ROOTS = frozenset({"policies", "fragment"})
_NAME = re.compile(r"(?:[^\W\d]|:)[\w:.\N{MIDDLE DOT}-]*+")
_BLANK = re.compile(rf"[{BLANKS}]*+")
_EQUALS = re.compile(rf"[{BLANKS}]*+=[{BLANKS}]*+")
_STOP = re.compile(r"<|@[({]")
_STOP_LIQUID = re.compile(r"<|@[({]|\{[{%]")
_TAG_OF_LIQUID = re.compile(r"\{%(?:[^%{}<]++|<(?!/)|%(?!\}))*+%\}|\{\{(?:[^{}<]++|<(?!/))*+\}\}")


@dataclass(slots=True)
class _Open:
    """An element whose end has not come yet, what it stands in and what stands in it."""

    name: str
    at: int
    line: int
    attributes: dict[str, str]
    around: canonical.Content
    content: canonical.Content
    children: list[Node | str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class Reader:
    """Reads one text, once."""

    def __init__(self, text: str) -> None:
        self._source = Source(text)
        self._raw = self._source.raw
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._attempts = Attempts(self._source)
        self._mistake = self._attempts.mistake
        self._counted, self._line = 0, 1  # the line of an index that was passed

    def document(self) -> Node:
        """The root element in canonical form."""
        at = 0
        while True:
            liquid = bool(self._open) and self._open[-1].content.liquid
            found = (_STOP_LIQUID if liquid else _STOP).search(self._raw, at)
            self._text(at, found.start() if found else len(self._raw))
            if found is None:
                break
            if found[0] == "<":
                at = self._markup(found.start())
            elif found[0][0] == "@":
                at = self._expression_in_text(found.start())
            else:
                at = self._template(found.start())
        if self._open:
            raise self._mistake(self._open[-1].at, f"<{self._open[-1].name}> is not closed; write its closing tag")
        if self._root is None:
            raise self._mistake(
                len(self._raw), "there is no policy in this text; one starts with <policies> or <fragment>"
            )
        return self._root

    # ------------------------------------------------------------------------------------ between the tags

    def _text(self, start: int, end: int) -> None:
        if not self._open:
            at = _end(_BLANK, self._raw, start)
            if at < end:
                raise self._mistake(at, _outside(self._raw[at], self._root))
            return
        stray = self._source.stray(start, end)
        if stray:
            raise self._mistake(stray[0], _not_a_reference(stray[1]))
        self._open[-1].text.append(self._source.decoded(start, end))

    def _expression_in_text(self, at: int) -> int:
        if not self._open:
            self._text(at, at + 1)
        end = self._attempts.end(at) or at + 1
        self._open[-1].text.append(self._source.decoded(at, end))
        return end

    def _template(self, at: int) -> int:
        end = max(_end(_TAG_OF_LIQUID, self._raw, at), at + 1)
        self._open[-1].text.append(self._source.decoded(at, end))
        return end

    # --------------------------------------------------------------------------------------------- the tags

    def _markup(self, at: int) -> int:
        if self._raw.startswith("<!--", at):
            return self._behind("-->", at, at + 4, "the comment")
        if self._raw.startswith("<?", at):
            return self._behind("?>", at, at + 2, "the processing instruction")
        if self._raw.startswith("<![CDATA[", at) and self._open:
            end = self._behind("]]>", at, at + 9, "the CDATA section")
            self._open[-1].text.append(self._raw[at + 9 : end - 3])
            return end
        if self._raw.startswith("<!", at):
            what = "a document type" if self._raw[at + 2 : at + 9].upper() == "DOCTYPE" else "this declaration"
            raise self._mistake(at, f"no policy needs {what}; take it out")
        if self._raw.startswith("</", at):
            return self._close(at)
        if not _NAME.match(self._raw, at + 1):
            raise self._mistake(at, "'<' starts no tag here; in text write &lt;")
        return self._start(at)

    def _behind(self, end: str, at: int, after: int, what: str) -> int:
        found = self._raw.find(end, after)
        if found < 0:
            raise self._mistake(at, f"{what} that starts here does not end; write {end}")
        return found + len(end)

    def _start(self, at: int) -> int:
        after_name = _end(_NAME, self._raw, at + 1)
        name = self._raw[at + 1 : after_name]
        if not self._open and (self._root is not None or name not in _ROOTS):
            raise self._mistake(at, _wrong_root(name, self._root))
        if len(self._open) == DEEPEST:
            raise self._mistake(at, f"more than {DEEPEST} elements are inside each other; no policy needs that")
        attributes, end = self._attributes(after_name, name)
        around = self._open[-1].content if self._open else canonical.Content()
        self._flush()
        self._line += self._raw.count("\n", self._counted, at)
        self._counted = at
        self._open.append(_Open(name, at, self._line, attributes, around, around.inside(name, attributes)))
        self._attempts.forget(at)
        if self._raw.startswith("/", end):
            self._pop()
            return end + 2
        return end + 1

    def _attributes(self, at: int, element: str) -> tuple[dict[str, str], int]:
        """The attributes behind a tag's name, and where its `>` or `/>` stands."""
        found: dict[str, str] = {}
        while True:
            start = _end(_BLANK, self._raw, at)
            if self._raw.startswith((">", "/>"), start):
                return found, start
            end = _end(_NAME, self._raw, start)
            name = self._raw[start:end]
            if not name:
                rest = f"{self._raw[start]!r} stands" if start < len(self._raw) else "the text ends"
                raise self._mistake(start, f"{rest} where <{element}> goes on with an attribute or ends with '>'")
            if start == at:
                raise self._mistake(start, f"a blank is missing in front of the attribute {name}")
            if name in found:
                raise self._mistake(start, f"<{element}> has the attribute {name} twice; take one out")
            quote = _end(_EQUALS, self._raw, end)
            if quote == end or not self._raw.startswith(('"', "'"), quote):
                raise self._mistake(end, f'the attribute {name} has no value in quotes; write {name}="..."')
            found[name], at = self._value(quote, name)

    def _value(self, quote: int, name: str) -> tuple[str, int]:
        """What stands between the quotes, decoded, and where it goes on behind them."""
        start, mark = quote + 1, self._raw[quote]
        end = self._raw.find(mark, start)
        if end < 0:
            raise self._mistake(quote, f"the value of {name} does not end; write the closing {mark}")
        plain_until, close = self._expression_in_value(start, end, mark) or (end, end)
        tag = self._raw.find("<", start, plain_until)
        if tag >= 0:
            raise self._mistake(
                tag, f"'<' stands in the value of {name}: write &lt;, or its closing {mark} is missing"
            )
        stray = self._source.stray(start, plain_until)
        if stray:
            raise self._mistake(stray[0], _not_a_reference(stray[1]))
        return self._source.decoded(start, close), close + 1

    def _expression_in_value(self, start: int, end: int, mark: str) -> tuple[int, int] | None:
        """Where the expression starts and the quote behind it stands; `end` is where the next quote is."""
        first = _end(_BLANK, self._raw, start)
        at = self._raw.find("@", start, end)
        while at >= 0:
            after = self._attempts.end(at) or 0
            if after > end or (after and at == first):
                close = _end(_BLANK, self._raw, after)
                if self._raw.startswith(mark, close):
                    return at, close
                why = f"it ends here, and the closing {mark} does not follow"
                self._attempts.fail(at, after - 1, why, cost=after - at)
                return None
            if at == first and csharp.starts(self._raw, at):
                return None
            at = self._raw.find("@", max(at + 1, after), end)
        return None

    def _close(self, at: int) -> int:
        after_name = _end(_NAME, self._raw, at + 2)
        name, end = self._raw[at + 2 : after_name], _end(_BLANK, self._raw, after_name)
        if not self._open or name != self._open[-1].name:
            raise self._mistake(at + 2, self._wrong_end(name))
        if not self._raw.startswith(">", end):
            raise self._mistake(end, f"the closing tag of {name} does not end with '>'")
        self._attempts.forget(self._open[-1].at)
        self._flush()
        self._pop()
        return end + 1

    def _wrong_end(self, name: str) -> str:
        if not self._open:
            return f"</{name}> closes nothing; take it out"
        opened = self._open[-1]
        return f"</{name}> closes <{opened.name}> of line {opened.line}; the two names must be the same"

    def _flush(self) -> None:
        """The text up to here becomes a child."""
        if self._open and self._open[-1].text:
            around = self._open[-1]
            around.children.append("".join(around.text))
            around.text.clear()

    def _pop(self) -> None:
        """The innermost element is complete."""
        done = self._open.pop()
        node = canonical.element(done.name, done.attributes, done.children, done.line, done.around)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _outside(character: str, root: Node | None) -> str:
    if root is None:
        return f"a policy starts with <policies> or <fragment>, and here stands {character!r}"
    return f"behind </{root.name}> stands {character!r}; take out what is not part of the policy"


def _wrong_root(name: str, root: Node | None) -> str:
    if root is None:
        return f"the root element is <{name}>; a policy starts with <policies> or <fragment>"
    return f"behind </{root.name}> comes <{name}>; a policy has one root element"


def _not_a_reference(what: str) -> str:
    if what.startswith("&#"):
        return f"{what} is no character of XML; take it out"
    return f"XML does not have {what}; write the character itself, or &amp;{what[1:]} for these letters"
