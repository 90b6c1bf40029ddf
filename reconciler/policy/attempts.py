"""Which expressions of a document end, and where; and why the ones that do not end don't.

Trying takes linear time in all: a bracket that is known not to close is not tried again, and a document with more
than a few times its own length of expressions that do not end is not read on.
"""

from __future__ import annotations

from reconciler.policy import csharp
from reconciler.policy.node import PolicyUnreadable
from reconciler.policy.source import Source

_PATIENCE, _AT_LEAST = 4, 65_536  # times the length of the text, and characters


class Attempts:
    """The attempts to read expressions in one text; indices are those of its `raw`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._hopeless: set[int] = set()  # brackets that do not close, as indices of the plain text
        self._spent = 0
        self._failed: tuple[int, int, str] | None = None  # the first that matters: its start, the mistake, why

    def end(self, at: int) -> int | None:
        """Where the expression ends that starts at `at`; None where none does, or it does not end."""
        start = self._source.to_plain(at)
        if start + 1 in self._hopeless or not csharp.starts(self._source.plain, start):
            return None
        try:
            return self._source.to_raw(csharp.expression(self._source.plain, start).end)
        except csharp.Broken as broken:
            self._hopeless.update(broken.open)
            self.fail(at, self._source.to_raw(broken.at), broken.why, cost=broken.seen - start)
            return None

    def fail(self, start: int, at: int, why: str, *, cost: int) -> None:
        """Take down that an expression cannot be one, and how many characters it took to find out."""
        self._failed = self._failed or (start, at, why)
        self._spent += cost
        if self._spent > _AT_LEAST + _PATIENCE * len(self._source.raw):
            raise self._source.unreadable(start, "too many expressions in this text do not end")

    def forget(self, at: int) -> None:
        """What starts at `at` could be read, whatever was tried in it."""
        if self._failed and self._failed[0] > at:
            self._failed = None

    def mistake(self, at: int, reason: str) -> PolicyUnreadable:
        """The error at an index; where an expression does not end that is the reason, and the rest comes of it."""
        if self._failed is None:
            return self._source.unreadable(at, reason)
        start, at, why = self._failed
        line, column = self._source.place(start)
        return self._source.unreadable(
            at,
            f"the expression of line {line}, column {column} cannot be read: {why}; mend it, or write it escaped",
        )
