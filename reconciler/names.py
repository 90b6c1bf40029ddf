"""What the things we create are called: deterministic names, limits included (contract.md)."""

from __future__ import annotations

import hashlib
import re
import uuid

from reconciler.resource_id import ResourceId

_LONGEST_API = 80
_LONGEST_BACKEND_STEM = 64
_HASH = len("-123456")
_BACKEND = "-openai-endpoint"
_ROLE_ASSIGNMENTS = uuid.UUID("5f0e6f5c-2f0a-5c8b-9d53-0b7f4c1f5a11")
"""The namespace of our role assignment names; never change it: names would no longer be recognised."""


def fill(template: str, account: ResourceId, location: str) -> str:
    """A template of the configuration with its placeholders replaced."""
    return template.format(
        account=account.name,
        resourceGroup=account.resource_group,
        subscription=account.subscription,
        location=location,
    )


def api_name(template: str, account: ResourceId, location: str) -> str:
    """`{slug}-{6 hex of the account id}`: the hash is kept whatever the length (arm-wire.md §13: at most 80)."""
    suffix = _suffix(account)
    slug = re.sub(r"[^a-z0-9-]+", "-", fill(template, account, location).lower()).strip("-")
    return slug[: _LONGEST_API - _HASH].rstrip("-") + suffix


def made_for(id: ResourceId, account: ResourceId) -> bool:
    """Whether a resource has a name that we would give it for that account: a copy of it has another."""
    name = id.name.lower().partition(";rev=")[0]
    match id.type.lower():
        case "microsoft.apimanagement/service/apis":
            return name.endswith(_suffix(account))
        case "microsoft.apimanagement/service/backends":
            return name.endswith(f"{_suffix(account)}{_BACKEND}")
        case "microsoft.authorization/roleassignments":
            return id.scope == account
        case _:
            return True


def backend_name(api: str) -> str:
    """The API's name cut to 64 characters, its hash kept, with the portal's suffix: 80 in all."""
    stem, suffix = api[:-_HASH], api[-_HASH:]
    return f"{stem[: _LONGEST_BACKEND_STEM - _HASH].rstrip('-')}{suffix}{_BACKEND}"


def api_path(template: str, account: ResourceId, location: str) -> str:
    """The path of the API, lower case, without a slash at either end."""
    return fill(template, account, location).lower().strip("/")


def role_assignment_name(scope: ResourceId, principal: str, role: str) -> str:
    """A GUID from scope, principal and role, so that another principal gets another name (arm-wire.md §9)."""
    return str(uuid.uuid5(_ROLE_ASSIGNMENTS, f"{scope.key}|{principal.lower()}|{role.lower()}"))


def _suffix(account: ResourceId) -> str:
    return "-" + hashlib.sha256(account.key.encode()).hexdigest()[: _HASH - 1]
