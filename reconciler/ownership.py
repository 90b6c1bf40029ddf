"""Who manages a resource: the one place that knows what the mark looks like and where it lives.

The mark is one line, the last of `properties.description` (contract.md, "Names and the mark"):

    managed-by=apim-openai-reconciler; owner=<owner>; source=<account id>; spec=<name>@<12 hex>

and between source and spec `named-for=<account id>` where the account moved to another group or subscription: names
stay, and are still recognised by the id that they were made from. A role also has `gateway=<gateway id>`: on an
account there may be roles for several gateways of one owner.

It is written in the same request that creates a resource. APIs, backends and products have no ARM tags
(desired-state.md §0.9). Operations, policies and product links carry none: they are ours if their API is.
"""

from __future__ import annotations

from reconciler.model import Body, Mark
from reconciler.resource_id import ResourceId

_MANAGER = "managed-by=apim-openai-reconciler"


def stamp(description: str, mark: Mark) -> str:
    """The description with the mark as its last line."""
    return f"{description.rstrip()}\n{line(mark)}" if description.strip() else line(mark)


def line(mark: Mark) -> str:
    """The mark as it stands in a description."""
    parts = [_MANAGER, f"owner={mark.owner}", f"source={mark.source}"]
    if mark.named is not None:
        parts.append(f"named-for={mark.named}")
    if mark.gateway is not None:
        parts.append(f"gateway={mark.gateway}")
    if mark.spec is not None:
        parts.append(f"spec={mark.spec}")
    return "; ".join(parts)


def mark_of(body: Body) -> Mark | None:
    """The mark a resource carries; None where there is none or it is not whole (then it is foreign)."""
    properties = body.get("properties")
    description = properties.get("description") if isinstance(properties, dict) else None
    if not isinstance(description, str) or not description.strip():
        return None
    parts = [part.strip() for part in description.strip().splitlines()[-1].split(";")]
    if parts[0] != _MANAGER or not all("=" in part for part in parts):
        return None
    fields = dict(part.split("=", 1) for part in parts)
    if not fields.get("owner") or not fields.get("source"):
        return None
    try:
        source = ResourceId.parse(fields["source"])
        named = ResourceId.parse(fields["named-for"]) if "named-for" in fields else None
        gateway = ResourceId.parse(fields["gateway"]) if "gateway" in fields else None
    except ValueError:
        return None
    return Mark(owner=fields["owner"], source=source, spec=fields.get("spec"), named=named, gateway=gateway)
