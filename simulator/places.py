"""Where a resource may stand: a service, an account and an identity in a resource group, and nowhere else."""

import re
from collections.abc import Mapping

from simulator.errors import Refusal, gateway
from simulator.ids import ResourcePath
from simulator.kinds import Kind

_GROUP = re.compile(r"(?i)/subscriptions/[^/]+/resourceGroups/[^/]+")
MISPLACED = "it must stand in a resource group: /subscriptions/{guid}/resourceGroups/{name}/providers/…"
_LISTED_IN = re.compile(r"(?i)/subscriptions/[^/]+(?:/resourceGroups/[^/]+)?")


def stands_right(kinds: Mapping[str, Kind], path: ResourcePath) -> bool:
    """Whether Resource Manager has such a path at all: lists are of a group or of a whole subscription."""
    top = kinds.get(f"{path.namespace}/{path.types[0]}".lower()) if path.types else None
    if top is None or top.family != "service":
        return True
    is_list = path.is_collection and len(path.types) == 1
    return (_LISTED_IN if is_list else _GROUP).fullmatch(path.scope) is not None


def misplaced(path: ResourcePath, version: str) -> Refusal:
    """The front door's refusal: reported without a subscription (azure-cli#28372), otherwise INFERRED."""
    if not path.subscription:
        message = "The request did not have a subscription or a valid tenant level resource provider."
        return gateway(404, "MissingSubscription", message)
    return no_such_type(path, version)


def no_such_type(path: ResourcePath, version: str) -> Refusal:
    """404 for a type that a namespace does not have."""
    message = (
        f"The resource type '{'/'.join(path.types)}' could not be found in the namespace "
        f"'{path.namespace}' for api version '{version}'."
    )
    return gateway(404, "InvalidResourceType", message)
