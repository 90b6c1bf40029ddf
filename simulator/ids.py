"""Which resource a path names."""

import re
from dataclasses import dataclass
from functools import lru_cache

GUID = re.compile(r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$", re.IGNORECASE)


def key(id: str) -> str:
    """The form in which two ids are the same resource: Resource Manager ignores case."""
    return id.rstrip("/").lower()


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """A path below Resource Manager, taken apart at its last `/providers/`."""

    text: str
    scope: str  # what stands before the last /providers/, or all of it
    namespace: str  # "" for subscriptions and resource groups
    types: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def type(self) -> str:
        """The resource type as written, such as Microsoft.ApiManagement/service/apis."""
        return "/".join((self.namespace, *self.types))

    @property
    def is_collection(self) -> bool:
        """Whether it names all resources of a type instead of one."""
        return len(self.types) > len(self.names)

    @property
    def name(self) -> str:
        """The last name."""
        return self.names[-1]

    @property
    def parent(self) -> str:
        """The id of what holds this resource: another resource, or the scope."""
        return self.text.rsplit("/", 1 if self.is_collection else 2)[0] if len(self.types) > 1 else self.scope

    @property
    def subscription(self) -> str:
        """The subscription's id, or nothing."""
        return _after(self.text, "subscriptions")

    @property
    def group(self) -> str:
        """The resource group's name, or nothing."""
        return _after(self.text, "resourcegroups") if self.subscription else ""

    @property
    def top(self) -> str:
        """The id of the tracked resource at the top: the service or account that everything else belongs to."""
        parts = self.text.split("/")
        lowered = [part.lower() for part in parts]
        if "providers" not in lowered:
            return ""
        first = lowered.index("providers")
        return "/".join(parts[: first + 4]) if len(parts) >= first + 4 else ""


def _after(text: str, word: str) -> str:
    parts = text.split("/")
    position = {"subscriptions": 1, "resourcegroups": 3}[word]
    found = len(parts) > position + 1 and parts[position].lower() == word
    return parts[position + 1] if found else ""


@lru_cache(maxsize=4096)
def parse(path: str) -> ResourcePath:
    """Take a path apart; empty segments are ignored (Azure's own clients send some)."""
    parts = [part for part in path.split("/") if part]
    text = "/" + "/".join(parts)
    lowered = [part.lower() for part in parts]
    if "providers" not in lowered:
        return ResourcePath(text, text, "", (), ())
    last = len(lowered) - 1 - lowered[::-1].index("providers")
    scope = "/" + "/".join(parts[:last]) if last else ""
    rest = parts[last + 1 :]
    return ResourcePath(text, scope, rest[0] if rest else "", tuple(rest[1::2]), tuple(rest[2::2]))
