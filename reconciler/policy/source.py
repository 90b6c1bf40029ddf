"""The characters of a policy document: as they are written, and with references such as `&lt;` decoded."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from reconciler.policy.node import PolicyUnreadable

BLANKS = " \t\n"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(
    r"&(?:(?P<name>quot|lt|gt|amp|apos)|#0*+(?P<decimal>[0-9]{1,7}+)|#x0*+(?P<hex>[0-9a-fA-F]{1,6}+));"
)
_NAMED = {"quot": '"', "lt": "<", "gt": ">", "amp": "&", "apos": "'"}
_OTHER = re.compile(r"&#?[\w.-]*+;")


class Source:
    """A text with line ends as LF and without a byte order mark.

    `raw` is what was written, `plain` has the five references of XML and those by number decoded, once and
    everywhere. Others are left as they are: `stray` finds them where they mean nothing.
    """

    def __init__(self, text: str) -> None:
        self.raw = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        wrong = _NO_XML.search(self.raw)
        if wrong:
            half = "\ud800" <= wrong[0] <= "\udfff"
            what = "half a character" if half else f"the character U+{ord(wrong[0]):04X}, which XML does not have"
            raise self.unreadable(wrong.start(), f"{what}; take it out")
        self._starts: list[int] = []  # of each reference, in raw
        self._decoded: list[int] = []  # the same in plain
        self._saved: list[int] = [0]  # how many characters the first n references save
        pieces: list[str] = []
        last = 0
        for found in _REFERENCE.finditer(self.raw):
            character = _character(found)
            if character is not None:
                pieces += [self.raw[last : found.start()], character]
                self._starts.append(found.start())
                self._decoded.append(found.start() - self._saved[-1])
                self._saved.append(self._saved[-1] + len(found[0]) - 1)
                last = found.end()
        self.plain = "".join([*pieces, self.raw[last:]])

    def to_plain(self, raw: int) -> int:
        """The index in `plain` of a character of `raw` that is not inside a reference."""
        return raw - self._saved[bisect_left(self._starts, raw)]

    def to_raw(self, plain: int) -> int:
        """The index in `raw` behind the character before this one of `plain`."""
        return plain + self._saved[bisect_left(self._decoded, plain)]

    def decoded(self, start: int, end: int) -> str:
        """What is written between two indices of `raw`, references decoded."""
        return self.plain[self.to_plain(start) : self.to_plain(end)]

    def stray(self, start: int, end: int) -> tuple[int, str] | None:
        """The first of `raw` between two indices that looks like a reference and is none we know, and where."""
        at = self.raw.find("&", start, end)
        while at >= 0:
            index = bisect_right(self._starts, at) - 1
            if index < 0 or self._starts[index] != at:
                other = _OTHER.match(self.raw, at, end)
                if other:
                    return at, other[0]
            at = self.raw.find("&", at + 1, end)
        return None

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of an index of `raw`, from 1."""
        return self.raw.count("\n", 0, at) + 1, at - self.raw.rfind("\n", 0, at)

    def unreadable(self, at: int, reason: str) -> PolicyUnreadable:
        """The error for a mistake at an index of `raw`."""
        return PolicyUnreadable(*self.place(at), reason)


def _character(found: re.Match[str]) -> str | None:
    """What a reference stands for; None for a number that is no character of XML."""
    if found["name"]:
        return _NAMED[found["name"]]
    code = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16)
    if code > 0x10FFFF:  # noqa: PLR2004 - the last character of Unicode
        return None
    return None if _NO_XML.match(chr(code)) else chr(code)
