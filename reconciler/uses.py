"""What others built on an API that is to go: their subscriptions, products, operations, revisions; reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from reconciler.arm import Arm
from reconciler.errors import Forbidden, NotFound
from reconciler.kinds.anew import lost
from reconciler.model import Actual, Document
from reconciler.resource_id import ResourceId
from reconciler.world import World

_SERVICE = "Microsoft.ApiManagement/service"
_ENDED = frozenset({"cancelled", "expired", "rejected"})


def uses(arm: Arm, world: World, actual: Actual, apis: Collection[ResourceId]) -> dict[ResourceId, tuple[str, ...]]:
    """Per API that somebody uses, what it is, in words; what cannot be read counts as a use."""
    if not apis:
        return {}
    subscriptions = _members(arm, world.gateway.resource_id, f"{_SERVICE}/subscriptions")
    offered = dict(zip(apis, arm.each(lambda a: _members(arm, a, f"{_SERVICE}/apis/products"), apis), strict=True))
    found = {}
    for api in apis:
        there = [
            *_subscribers(api, subscriptions),
            *_products(world, api, offered[api]),
            *_revisions(api, actual),
            *lost(world, actual[api], (), tuple(actual.values())),
        ]
        if there:
            found[api] = tuple(there)
    return found


def _members(arm: Arm, parent: ResourceId, resource_type: str) -> list[Document] | str:
    try:
        return arm.members(parent, resource_type)
    except NotFound:
        return []
    except Forbidden as error:
        what = resource_type.rsplit("/", 1)[-1]
        return f"its {what} cannot be read ({error.code or 'forbidden'}: see docs/deploying.md)"


def _subscribers(api: ResourceId, subscriptions: list[Document] | str) -> Iterator[str]:
    if isinstance(subscriptions, str):
        yield subscriptions
        return
    for subscription in subscriptions:
        properties = subscription.body.get("properties") or {}
        scope = str(properties.get("scope", "")).rstrip("/").lower()
        live = str(properties.get("state", "")).lower() not in _ENDED
        if live and scope.endswith(f"/apis/{api.name.lower()}"):
            yield f"the subscription {properties.get('displayName') or subscription.id.name} is for it"


def _products(world: World, api: ResourceId, products: list[Document] | str) -> Iterator[str]:
    """Products that somebody else offers the API in: we did not make the link, nor does its profile name them."""
    if isinstance(products, str):
        yield products
        return
    account = next((a for a in world.inventory.accounts if world.bindings.get(a.id) == api), None)
    profile = world.config.profile((account.profile if account else "") or world.gateway.profile)
    ours = {name.lower() for name in profile.api.products} if profile else set()
    for product in products:
        there = world.gateway.resource_id.child("products", product.id.name)
        if product.id.name.lower() not in ours and there.child("apis", api.name) not in world.memory.links:
            yield f"the product {product.id.name} offers it"


def _revisions(api: ResourceId, actual: Actual) -> Iterator[str]:
    for observed in actual.values():
        if observed.kind == "api" and observed.id.key.startswith(f"{api.key};rev="):
            yield f"it has the revision {observed.id.name.partition(';rev=')[2]}"
