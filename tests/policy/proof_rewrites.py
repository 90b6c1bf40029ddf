"""The rewrites that change nothing: each gives another text of a document, which must be read as the same one.

The first two are the simulator's, which writes as Azure is recorded to; the others are the proof's own, by what is
reported of Azure and by what XML and C# leave open (desired-state.md §5.3, Q1 to Q12).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.policy.document import PolicyDocument
from simulator.policy.writer import as_rawxml, as_xml
from tests.policy.proof_tokens import NoExpression, Token, stay_apart, tokens
from tests.policy.proof_writer import Spelling, decimal, hexadecimal, write

Rewrite = Callable[[str, PolicyDocument], str]
_COMMENT = '<!-- what follows was agreed: see "the paper" & don\'t change it, <base /> comes first -->'


def blanks_added(code: str) -> str:
    """Blanks and line ends between all pieces of an expression."""
    pieces = _pieces(code)
    ends = ["\n" if each.text.startswith("//") else " \n\t" for each in pieces]
    ends = ["" if each.kind == "start" else end for each, end in zip(pieces, ends, strict=True)]
    return "".join(each.text + end for each, end in zip(pieces, ends, strict=True))


def blanks_removed(code: str) -> str:
    """No comments, and no blanks but where two pieces would run together."""
    found, last = "", Token("operator", "")
    for each in _pieces(code):
        if each.kind in {"blank", "comment"}:
            continue
        gap = " " if not stay_apart(last, each) else ""
        found, last = found + gap + each.text, each
    return found


def comments_removed(code: str) -> str:
    """C# comments taken out; a blank stays where one was."""
    return "".join(" " if each.kind == "comment" else each.text for each in _pieces(code))


def comments_added(code: str) -> str:
    """C# comments wherever a blank is."""
    comment = ' /* "(not) here\' */ // nor "here{ \n'
    return "".join(comment if each.kind == "blank" else each.text for each in _pieces(code))


def _pieces(code: str) -> list[Token]:
    try:
        return tokens(code)
    except NoExpression:
        return [Token("start", code)]


def _spelled(**chosen: object) -> Rewrite:
    spelling = Spelling(**chosen)  # type: ignore[arg-type]  # the names are checked by the dataclass
    return lambda _text, document: write(document, spelling)


REWRITES: dict[str, Rewrite] = {
    "as Azure writes `xml`": lambda _text, document: as_xml(document),
    "as Azure writes `rawxml`": lambda _text, document: as_rawxml(document),
    "line ends of Windows": lambda text, _document: re.sub("\r\n?|\n", "\r\n", text),
    "line ends of an old Macintosh": lambda text, _document: re.sub("\r\n?|\n", "\r", text),
    "a byte order mark": lambda text, _document: "\ufeff" + text.removeprefix("\ufeff"),
    "an XML declaration": lambda text, _document: (
        '<?xml version="1.0" encoding="utf-8"?>\n' + text.lstrip("\ufeff \t\r\n")
    ),
    "a comment before and after": lambda text, _document: (
        f"{_COMMENT}\n{text.removeprefix(chr(0xFEFF))}\n{_COMMENT}"
    ),
    "single quotes": _spelled(quote="'"),
    "single quotes, all of them escaped": _spelled(quote="'", escaped="\"'>"),
    "entities as decimal numbers": _spelled(entity=decimal, escaped="\"'>"),
    "entities as hexadecimal numbers": _spelled(entity=hexadecimal, escaped="\"'>@(){}"),
    "expressions as typed": _spelled(raw=True),
    "expressions as typed, in single quotes": _spelled(raw=True, quote="'"),
    "attributes in the opposite order": _spelled(reverse=True),
    "attributes on lines of their own": _spelled(between="\r\n\t\t", equals=" =\n"),
    "empty elements in two tags": _spelled(long=True),
    "empty elements in one tag": _spelled(long=False),
    "without comments": _spelled(comments="drop"),
    "with comments everywhere": _spelled(comments=_COMMENT),
    "on one line": _spelled(indent=None),
    "text as CDATA": _spelled(cdata=True),
    "line ends in attributes as &#xD;&#xA;": _spelled(line_end="&#xD;&#xA;"),
    "line ends in attributes as &#10;": _spelled(line_end="&#10;"),
    "blanks between all pieces of expressions": _spelled(code=blanks_added),
    "blanks between all pieces of expressions, as typed": _spelled(code=blanks_added, raw=True),
    "no blanks in expressions": _spelled(code=blanks_removed),
    "no blanks in expressions, as typed": _spelled(code=blanks_removed, raw=True),
    "no comments in expressions": _spelled(code=comments_removed, raw=True),
    "comments in expressions": _spelled(code=comments_added),
    "comments in expressions, as typed": _spelled(code=comments_added, raw=True),
}
