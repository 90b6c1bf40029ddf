"""Whether a caller may do something, by the role definition that --enforce-role names."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from simulator.entra import Caller
from simulator.errors import gateway

JSON = dict[str, Any]


class Role:
    """The actions of one or more Azure role definitions."""

    def __init__(self, allowed: Iterable[str], refused: Iterable[str]) -> None:
        self._allowed = [_pattern(action) for action in allowed]
        self._refused = [_pattern(action) for action in refused]

    def permits(self, action: str) -> bool:
        """Whether the role contains this action."""
        return any(each.fullmatch(action) for each in self._allowed) and not any(
            each.fullmatch(action) for each in self._refused
        )


def _pattern(action: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in action.split("*")), re.IGNORECASE)


def read_role(file: str | Path | JSON) -> Role:
    """A role definition as `az role definition` or a template writes it (or a list of them, taken together)."""
    read = json.loads(Path(file).read_text("utf-8")) if isinstance(file, str | Path) else file
    allowed: list[str] = []
    refused: list[str] = []
    for definition in read if isinstance(read, list) else [read]:
        inner = definition.get("properties", definition)
        for permission in inner.get("permissions", [inner]):
            lowered = {name.lower(): value for name, value in permission.items()}
            allowed += lowered.get("actions", [])
            refused += lowered.get("notactions", [])
    if not allowed:
        raise ValueError("the role definition allows no actions")
    return Role(allowed, refused)


class Access:
    """Refuses with 403 what the role does not contain; without a role everything is allowed."""

    def __init__(self, role: Role | None = None) -> None:
        self.role = role

    def require(self, caller: Caller, action: str, scope: str) -> None:
        """Refuse unless the caller may do this (arm-wire 1.3)."""
        if self.role is None or self.role.permits(action):
            return
        message = (
            f"The client '{caller.app_id}' with object id '{caller.object_id}' does not have authorization to "
            f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently "
            "granted, please refresh your credentials."
        )
        raise gateway(403, "AuthorizationFailed", message)

    def require_linked(self, caller: Caller, action: str, scope: str, linked_action: str, linked: str) -> None:
        """Refuse unless the caller may also do this to a resource that the body names."""
        if self.role is None or self.role.permits(linked_action):
            return
        message = (
            f"The client '{caller.app_id}' with object id '{caller.object_id}' has permission to perform action "
            f"'{action}' on scope '{scope}'; however, it does not have permission to perform action "
            f"'{linked_action}' on the linked scope(s) '{linked}' or the linked scope(s) are invalid."
        )
        raise gateway(403, "LinkedAuthorizationFailed", message)
