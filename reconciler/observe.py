"""What is there: the resources of the kinds we keep, on and around one gateway; reads only."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.arm import Arm
from reconciler.config import Config, Gateway
from reconciler.errors import GatewayError, NotFound
from reconciler.kinds.kind import Kind, Parent, Read
from reconciler.model import Actual, Document, Observed
from reconciler.ownership import mark_of
from reconciler.resource_id import ResourceId


def observe(arm: Arm, config: Config, gateway: Gateway, kinds: Sequence[Kind], *, deep: bool = False) -> Actual:
    """Every resource of the kinds, foreign ones included, by id.

    `deep` reads each of our operations one by one instead of believing their list. Any read that fails raises:
    there is no plan without a complete observation.
    """
    service = arm.get(gateway.resource_id)
    if service is None:
        raise GatewayError(
            "gateway-not-found",
            f"there is no API Management service {gateway.id}; mend the id in the configuration, or create it",
        )
    actual: dict[ResourceId, Observed] = {}
    for kind in kinds:
        for document in _documents(arm, config, gateway, kind, service, actual, deep=deep):
            actual[document.id] = Observed(
                id=document.id, kind=kind.name, body=document.body, etag=document.etag, mark=mark_of(document.body)
            )
    return actual


def _documents(
    arm: Arm, config: Config, gateway: Gateway, kind: Kind, service: Document, seen: Actual, *, deep: bool
) -> list[Document]:
    if kind.parent is Parent.ITSELF:
        return [service]
    parents = _parents(config, gateway, kind, seen)
    if kind.read is Read.GET:
        only = [parent.child(kind.type.rsplit("/", 1)[-1], "policy") for parent in parents]
        return [document for document in arm.each(arm.get, only) if document is not None]
    only_these = kind.filter(gateway, service.body)
    if only_these is None:
        return []
    lists = arm.each(lambda parent: _members(arm, parent, kind, only_these), parents)
    documents = [document for each in lists for document in each]
    if kind.read is Read.LIST_THEN_GET or (deep and kind.parent is Parent.API):
        ours = [d.id for d in documents if kind.parent is Parent.API or _ours(config, d)]
        whole = {document.id: document for document in arm.each(arm.get, ours) if document is not None}
        gone = set(ours) - set(whole)
        documents = [whole.get(document.id, document) for document in documents if document.id not in gone]
    return documents


def _parents(config: Config, gateway: Gateway, kind: Kind, seen: Actual) -> list[ResourceId]:
    match kind.parent:
        case Parent.SUBSCRIPTION:
            return [
                ResourceId(f"/subscriptions/{s}")
                for s in sorted({rule.subscription.lower() for rule in gateway.accounts})
            ]
        case Parent.API:
            return sorted(
                o.id
                for o in seen.values()
                if o.kind == "api" and o.mark is not None and o.mark.owner == config.owner
            )
        case Parent.PRODUCT:
            profiles = [config.profile(gateway.profile), *config.profiles.values()]
            names = {
                product.lower(): product for profile in profiles if profile for product in profile.api.products
            }
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
    there = sorted(d.id.name for d in arm.members(service, "Microsoft.ApiManagement/service/products"))
    raise GatewayError(
        "product-not-found",
        f"the gateway {service.name} has no product '{parent.name}'; it has: {', '.join(there) or 'none'}; "
        "mend api.products in the profile, or create the product",
    )


def _ours(config: Config, document: Document) -> bool:
    mark = mark_of(document.body)
    return mark is not None and mark.owner == config.owner
