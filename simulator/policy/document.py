"""What a policy document consists of once it is read."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Text:
    """Characters between tags, entities decoded, lines ended by LF."""

    value: str


@dataclass
class Verbatim:
    """A comment or a processing instruction, kept as it is."""

    value: str


@dataclass
class CData:
    """A CDATA section; the characters inside it."""

    value: str


@dataclass
class Element:
    """One element and what is in it."""

    name: str
    line: int
    column: int  # of the name, as .NET counts
    attributes: list[tuple[str, str]] = field(default_factory=list)
    children: list["Element | Text | Verbatim | CData"] = field(default_factory=list)
    empty: bool = False  # written as <x />

    def get(self, name: str) -> str | None:
        """The value of an attribute, if it is there."""
        return next((value for known, value in self.attributes if known == name), None)

    def elements(self) -> Iterator["Element"]:
        """The elements directly inside."""
        return (child for child in self.children if isinstance(child, Element))

    @property
    def text(self) -> str:
        """The characters directly inside."""
        return "".join(child.value for child in self.children if isinstance(child, Text | CData))

    def runs_of_text(self) -> list[str]:
        """The characters directly inside, from one element to the next: each run may be an expression."""
        runs = [""]
        for child in self.children:
            if isinstance(child, Element):
                runs.append("")
            elif isinstance(child, Text | CData):
                runs[-1] += child.value
        return runs

    def walk(self) -> Iterator["Element"]:
        """This element and all below it."""
        yield self
        for child in self.elements():
            yield from child.walk()


@dataclass
class PolicyDocument:
    """A document: its root, and the comments around it."""

    root: Element
    before: list[Verbatim]
    after: list[Verbatim]
