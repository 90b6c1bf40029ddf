"""What is sent to have a gateway looked at: a text in a queue that says where, and nothing of what to do; pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.resource_id import ResourceId

RUN = re.compile(r"[0-9a-f]{32}")
"""The id of a run or of a wake by hand."""
_NOT_OURS = "a message in the work queue is not one of ours"


@dataclass(frozen=True, slots=True)
class Message:
    """Look at that gateway. It carries no authority: whoever can send one can only have the world read again."""

    gateway: ResourceId
    cause: str
    since: datetime
    attempt: int = 0
    preview: str = ""
    """The id of a dry run that was asked for."""

    @property
    def text(self) -> str:
        """As it is sent."""
        fields = {
            "gateway": self.gateway.text,
            "cause": self.cause,
            "since": self.since.isoformat(),
            "attempt": self.attempt,
            "preview": self.preview,
        }
        return json.dumps(fields)

    @staticmethod
    def read(text: str) -> Message:
        """What was sent; raises ValueError for anything else."""
        try:
            fields = json.loads(text)
            since = datetime.fromisoformat(fields["since"])
            message = Message(
                ResourceId.parse(fields["gateway"]),
                str(fields["cause"]),
                since if since.tzinfo else since.replace(tzinfo=UTC),
                int(fields["attempt"]),
                str(fields.get("preview") or ""),
            )
        except (AttributeError, LookupError, TypeError, ValueError):
            raise ValueError(_NOT_OURS) from None
        if message.preview and not RUN.fullmatch(message.preview):
            raise ValueError(_NOT_OURS)
        return message
