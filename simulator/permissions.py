"""What the caller may do at a scope, and what is denied there: lists of Microsoft.Authorization nobody writes.

`permissions` tells the truth of --enforce-role: what it lists is what the simulator lets the caller do.
"""

import re

from simulator.arm import Route
from simulator.cloud import Cloud
from simulator.errors import provider
from simulator.scopes import need_scope
from simulator.wire import Answer, Ask

_SCOPE = r"(?i)(?P<scope>/subscriptions/[^/]+(?:/.+)?)/providers/Microsoft\.Authorization"
_VERSIONS = ("2015-07-01", "2018-01-01-preview", "2018-07-01", "2022-04-01")  # of the clients for .NET and Python


def _permissions(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """Needs the action permissions/read itself (reported); at a group or a resource (the SDKs' two operations)."""
    scope = found["scope"]
    cloud.access.require(
        ask.caller, "Microsoft.Authorization/permissions/read", f"{scope}/providers/Microsoft.Authorization"
    )
    need_scope(cloud, scope)
    return Answer(200, {"value": cloud.access.permissions()})


def _denied(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """Only Azure itself makes deny assignments, and here it makes none."""
    cloud.access.require(ask.caller, "Microsoft.Authorization/denyAssignments/read", found["scope"])
    need_scope(cloud, found["scope"])
    name = found["name"]
    if name is not None:
        raise provider(404, "DenyAssignmentNotFound", f"The deny assignment '{name}' is not found.")
    return Answer(200, {"value": []})


ROUTES = [
    Route(re.compile(rf"{_SCOPE}/permissions"), _permissions, versions=_VERSIONS),
    Route(
        re.compile(rf"{_SCOPE}/denyAssignments(?:/(?P<name>[^/]+))?"),
        _denied,
        versions=_VERSIONS,
        queries=frozenset({"$filter"}),  # of nothing nothing is left
    ),
]
