"""Whether a caller may do something, by the role definition that --enforce-role names."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.entra import Caller
from simulator.errors import gateway

JSON = dict[str, Any]
_FIELDS = ("actions", "notActions", "dataActions", "notDataActions")


@dataclass(frozen=True)
class Permission:
    """One block of a role definition: its notActions take away from its own actions only."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def permits(self, action: str) -> bool:
        """Whether this block contains an action."""
        return _matches(self.actions, action) and not _matches(self.not_actions, action)

    def shown(self) -> JSON:
        """As Authorization shows it."""
        values = (self.actions, self.not_actions, self.data_actions, self.not_data_actions)
        return {name: list(value) for name, value in zip(_FIELDS, values, strict=True)}


class Role:
    """The permissions of one or more Azure role definitions: what any of them allows is allowed."""

    def __init__(self, permissions: Sequence[Permission]) -> None:
        self.permissions = tuple(permissions)

    def permits(self, action: str) -> bool:
        """Whether the role contains this action."""
        return any(each.permits(action) for each in self.permissions)


EVERYTHING = Role([Permission(("*",))])


def _matches(patterns: Iterable[str], action: str) -> bool:
    return any(_pattern(each).fullmatch(action) for each in patterns)


def _pattern(action: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in action.split("*")), re.IGNORECASE)


def read_role(file: str | Path | JSON) -> Role:
    """A role definition as `az role definition` or a template writes it (or a list of them, taken together)."""
    read = json.loads(Path(file).read_text("utf-8")) if isinstance(file, str | Path) else file
    found: list[Permission] = []
    for definition in read if isinstance(read, list) else [read]:
        inner = definition.get("properties", definition)
        for block in inner.get("permissions", [inner]):
            lowered = {name.lower(): value for name, value in block.items()}
            found.append(Permission(*(tuple(lowered.get(name.lower(), ())) for name in _FIELDS)))
    if not any(each.actions for each in found):
        raise ValueError("the role definition allows no actions")
    return Role(found)


class Access:
    """Refuses with 403 what the role does not contain; without a role everything is allowed."""

    def __init__(self, role: Role | None = None) -> None:
        self.role = role

    def permissions(self) -> list[JSON]:
        """What the caller may do, as `Microsoft.Authorization/permissions` lists it."""
        return [each.shown() for each in (self.role or EVERYTHING).permissions]

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
