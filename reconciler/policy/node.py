"""What is left of a policy document when it is read, and what is raised when it cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field


class PolicyUnreadable(ValueError):
    """The text is no policy document: where (`line` and `column`, from 1) and why, with how to mend it."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"line {line}, column {column}: {reason}")
        self.line = line
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Node:
    """An element in canonical form: its attributes (order means nothing) and its children (order means everything).

    `line` says where its tag starts in the text it was read from, or 0; `unsaid` are attributes that stand there
    and say nothing, such as a default. Neither makes two elements different.
    """

    name: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Node | str, ...]
    line: int = field(default=0, compare=False, repr=False)
    unsaid: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
