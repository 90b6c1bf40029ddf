"""What is there: the resources of the kinds we keep, on and around one gateway; reads only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from reconciler.arm import Arm
from reconciler.config import Config, Gateway
from reconciler.errors import GatewayError, NotFound
from reconciler.kinds.anew import OPERATION_POLICY
from reconciler.kinds.kind import Kind, Parent, Read
from reconciler.kinds.product_api import PRODUCT_API
from reconciler.model import Actual, Document, Observed
from reconciler.ownership import mark_of
from reconciler.resource_id import ResourceId
from reconciler.world import is_ours

_NOT_THERE_YET = frozenset({"created", "activating", "deleting", "terminating"})
"""States of a service in which its children take no writes (arm-wire.md §2.3)."""


def observe(arm: Arm, config: Config, gateway: Gateway, kinds: Sequence[Kind], *, deep: bool = False) -> Actual:
    """Every resource of the kinds, foreign ones included, by id: first what is beside APIs, then what is in ours.

    `deep` reads each of our operations one by one instead of believing their list. Any read that fails raises:
    there is no plan without a complete observation.
    """
    service = arm.get(gateway.resource_id)
    if service is None:
        raise GatewayError(
            "gateway-not-found",
            f"there is no API Management service {gateway.id}; mend the id in the configuration, or create it",
        )
    state = str((service.body.get("properties") or {}).get("provisioningState", ""))
    if state.lower() in _NOT_THERE_YET:
        raise GatewayError(
            "gateway-not-ready",
            f"the gateway {gateway.resource_id.name} is {state}, and nothing in it can be changed; try again later",
        )
    actual = {o.id: o for kind in kinds if kind.parent is Parent.ITSELF for o in [_observed(kind, service)]}
    inside = [kind for kind in kinds if kind.parent is Parent.API]
    around = [kind for kind in kinds if kind.parent not in {Parent.ITSELF, Parent.API}]
    for side_by_side in (around, inside):

        def read(kind: Kind, seen: Actual) -> list[Observed]:
            parents = _parents(config, gateway, kind, seen)
            only_these = "" if deep else kind.filter(gateway, service.body)
            return _below(arm, config, kind, parents, only_these, deep=deep)

        for found in arm.each(partial(read, seen=dict(actual)), side_by_side):
            actual |= {observed.id: observed for observed in found}
    return actual


def operation_policies(arm: Arm, actual: Actual, apis: Collection[ResourceId]) -> Actual:
    """The policies of the operations of these APIs, by id: what an import in place could cost (`Kind.lost`)."""
    operations = sorted(o.id for o in actual.values() if o.kind == "operation" and o.id.parent in apis)
    found = arm.each(arm.get, [operation.child("policies", "policy") for operation in operations])
    return {d.id: Observed(id=d.id, kind=OPERATION_POLICY, body=d.body) for d in found if d is not None}


def remembered(arm: Arm, actual: Actual, links: Collection[ResourceId]) -> Actual:
    """The links that we made and that no list shows any more, as far as they are still there, by id."""
    found = arm.each(arm.get, sorted(id for id in links if id not in actual))
    return {d.id: Observed(id=d.id, kind=PRODUCT_API.name, body={}) for d in found if d is not None}


def _below(
    arm: Arm, config: Config, kind: Kind, parents: Sequence[ResourceId], only_these: str | None, *, deep: bool
) -> list[Observed]:
    """The resources of one kind in their parents; ours whole where the list leaves something out."""
    if kind.read is Read.GET:
        ids = [parent.child(kind.type.rsplit("/", 1)[-1], "policy") for parent in parents]
        return [_observed(kind, document) for document in arm.each(arm.get, ids) if document is not None]
    if only_these is None:
        return []
    lists = arm.each(lambda parent: _members(arm, parent, kind, only_these), parents)
    listed = [_observed(kind, document) for each in lists for document in each]
    if kind.read is Read.LIST and not (deep and kind.compare_deep):
        return listed
    ours = [o.id for o in listed if kind.parent is Parent.API or is_ours(o, config.owner)]
    whole = dict(zip(ours, arm.each(arm.get, ours), strict=True))
    # One of ours that went away between the list and its GET is not there.
    seen = [whole.get(o.id, o) for o in listed]
    return [_observed(kind, d) if isinstance(d, Document) else d for d in seen if d is not None]


def _observed(kind: Kind, document: Document) -> Observed:
    mark = mark_of(document.body)
    return Observed(id=document.id, kind=kind.name, body=document.body, etag=document.etag, mark=mark)


def _parents(config: Config, gateway: Gateway, kind: Kind, seen: Actual) -> list[ResourceId]:
    match kind.parent:
        case Parent.SUBSCRIPTION:
            return [
                ResourceId(f"/subscriptions/{s}")
                for s in sorted({rule.subscription.lower() for rule in gateway.accounts})
            ]
        case Parent.API:
            ours = [o.id for o in seen.values() if o.kind == "api" and is_ours(o, config.owner)]
            return sorted(id for id in ours if ";rev=" not in id.key)
        case Parent.PRODUCT:
            profiles = [config.profile(gateway.profile), *config.profiles.values()]
            products = [product for profile in profiles if profile for product in profile.api.products]
            names = {product.lower(): product for product in products}
            return [gateway.resource_id.child("products", name) for _, name in sorted(names.items())]
        case _:
            return [gateway.resource_id]


def _members(arm: Arm, parent: ResourceId, kind: Kind, filter: str) -> list[Document]:
    try:
        return arm.members(parent, kind.type, filter)
    except NotFound:
        if kind.parent is not Parent.PRODUCT:
            raise
    service = parent.parent
    products = arm.members(service, "Microsoft.ApiManagement/service/products")
    there = ", ".join(sorted(d.id.name for d in products)) or "none"
    shown = {str((d.body.get("properties") or {}).get("displayName")).lower(): d.id.name for d in products}
    name = shown.get(parent.name.lower())
    advice = (
        f"that is what people see of the product '{name}': write its name in api.products"
        if name
        else f"it has: {there}; mend api.products in the profile, or create the product"
    )
    raise GatewayError("product-not-found", f"the gateway {service.name} has no product '{parent.name}'; {advice}")
