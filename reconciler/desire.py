"""What should be there: every kind's wishes for a world, each name claimed once."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.errors import GatewayError
from reconciler.kinds.kind import Kind
from reconciler.model import Desired, Resource
from reconciler.resource_id import ResourceId
from reconciler.world import World


def desire(world: World, kinds: Sequence[Kind]) -> Desired:
    """The resources that all kinds desire, by id, in the order of `kinds`."""
    desired: dict[ResourceId, Resource] = {}
    for kind in kinds:
        for resource in kind.desire(world):
            if resource.id in desired:
                raise GatewayError(
                    "name-clash",
                    f"two accounts claim {resource.id}: {desired[resource.id].source} and {resource.source}; "
                    "give them different names in the profile's api.name",
                )
            desired[resource.id] = resource
    return desired
