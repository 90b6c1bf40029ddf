"""What an Azure resource id says: its parts, its type, and when two ids mean the same resource."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_SEGMENT = re.compile(r"[^/?#%\x00-\x1f]+")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class ResourceId:
    """An ARM resource id: equal without regard to case, printed as written.

    Azure answers ids in the casing of the request, of the creator or of its own (arm-wire.md §1.2).
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> ResourceId:
        """The id, or ValueError with one sentence that says what is wrong with it."""
        example = "/subscriptions/<guid>/resourceGroups/<group>/providers/<namespace>/<type>/<name>"
        if not text.startswith("/"):
            raise ValueError(f"'{text}' is not a resource id: it must start with '/', as in {example}")
        segments = text[1:].split("/")
        bad = next((s for s in segments if not _SEGMENT.fullmatch(s) or s in {".", ".."}), None)
        if bad is not None:
            raise ValueError(
                f"'{text}' is not a resource id: it has the segment '{bad}'; it must look like {example}"
            )
        lower = [s.lower() for s in segments]
        if lower[0] != "subscriptions" or len(segments) < 2 or not _GUID.fullmatch(segments[1]):  # noqa: PLR2004
            raise ValueError(
                f"'{text}' is not a resource id: it must start with /subscriptions/<guid>, as in {example}"
            )
        if len(lower) > 2 and lower[2] not in {"resourcegroups", "providers"}:  # noqa: PLR2004
            raise ValueError(f"'{text}' is not a resource id: '{segments[2]}' stands where resourceGroups should")
        after = len(lower) - lower.index("providers") if "providers" in lower else 4
        if after % 2 or after < 4:  # noqa: PLR2004 - itself, a namespace, a type and a name
            raise ValueError(
                f"'{text}' is not a resource id: a type or a name is missing; it must look like {example}"
            )
        return cls(text)

    @cached_property
    def key(self) -> str:
        """What equality and order go by."""
        return self.text.lower()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResourceId) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: ResourceId) -> bool:
        return self.key < other.key

    def __str__(self) -> str:
        return self.text

    def child(self, collection: str, name: str) -> ResourceId:
        """The id of a resource below this one."""
        return ResourceId(f"{self.text}/{collection}/{name}")

    def extension(self, namespace: str, collection: str, name: str) -> ResourceId:
        """The id of a resource of another provider on this one, as a role assignment is."""
        return ResourceId(f"{self.text}/providers/{namespace}/{collection}/{name}")

    @property
    def name(self) -> str:
        """The last segment."""
        return self.text.rsplit("/", 1)[-1]

    @property
    def subscription(self) -> str:
        """The subscription's GUID."""
        return self.text.split("/")[2]

    @property
    def resource_group(self) -> str:
        """The resource group's name, or '' for what lives in none."""
        parts = self.text.split("/")
        return parts[4] if len(parts) > 4 and parts[3].lower() == "resourcegroups" else ""  # noqa: PLR2004

    @cached_property
    def _split(self) -> tuple[str, tuple[str, ...]]:
        """The scope before the last provider, and the segments after it."""
        at = self.key.rfind("/providers/")
        if at < 0:
            return self.text, ()
        return self.text[:at], tuple(self.text[at + len("/providers/") :].split("/"))

    @property
    def scope(self) -> ResourceId:
        """What the resource is in or on: a resource group, or for a role assignment the thing it grants."""
        return ResourceId(self._split[0])

    @property
    def type(self) -> str:
        """The resource type, as in `Microsoft.ApiManagement/service/apis`; '' for a subscription or group."""
        segments = self._split[1]
        return "/".join((segments[0], *segments[1::2])) if segments else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names along the type, outermost first: service, API, operation."""
        return self._split[1][2::2]

    @property
    def parent(self) -> ResourceId:
        """The resource this one is a child of."""
        return ResourceId(self.text.rsplit("/", 2)[0])

    def within(self, other: ResourceId) -> bool:
        """Whether this is `other` or lies below it."""
        return self.key == other.key or self.key.startswith(other.key + "/")
