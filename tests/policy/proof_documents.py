"""Where the published documents are that the proof is made on, and which of them cannot be read."""

from __future__ import annotations

from functools import cache

from tests.simulator.asking import SHARED

FOLDER = SHARED / "azure/policies"
# by hand: the published documents that the reader does not read, and why
UNREADABLE: dict[str, str] = {}


def names() -> list[str]:
    """The documents by name; none where the shared material is not on this machine."""
    return sorted(path.name for path in FOLDER.glob("*.xml"))


@cache
def text(name: str) -> str:
    """A document as it was published, line ends, byte order mark and all."""
    return (FOLDER / name).read_bytes().decode("utf-8")
