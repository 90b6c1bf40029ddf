"""What a policy document says, whatever its white space, quotes and escapes.

What cannot be read is *unreadable*, never *equal* (desired-state.md §5.6).
"""

from __future__ import annotations

from reconciler.model import Difference
from reconciler.policy.differences import differences
from reconciler.policy.node import Node, PolicyUnreadable
from reconciler.policy.reader import Reader

__all__ = ["Node", "PolicyUnreadable", "compare", "read"]


def read(text: str) -> Node:
    """The canonical form of a document in either spelling, `xml` or `rawxml`; raises PolicyUnreadable."""
    return Reader(text).document()


def compare(desired: Node, actual: Node) -> tuple[Difference, ...]:
    """Where two documents differ, with paths such as `inbound/set-header[2]/@name`; empty: they say the same."""
    return tuple(found.difference for found in differences(desired, actual))
