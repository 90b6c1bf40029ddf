"""Which products offer an API: links only, products themselves are the operator's."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kinds.kind import Kind, Parent, Update
from reconciler.model import Resource
from reconciler.world import World


def desire(world: World) -> Iterator[Resource]:
    """A link from every product that the account's profile names."""
    for served in world.served():
        for product in served.profile.api.products:
            yield Resource(
                id=world.gateway.resource_id.child("products", product).child("apis", served.api.name),
                kind=PRODUCT_API.name,
                source=served.account.id,
                # Whoever may call the API must not be able to before its policy stands.
                needs=frozenset({served.api, served.api.child("policies", "policy")}),
                body={},
            )


PRODUCT_API = Kind(
    name="product-api",
    type="Microsoft.ApiManagement/service/products/apis",
    parent=Parent.PRODUCT,
    desire=desire,
    after=frozenset({"api", "api-policy"}),
    update=Update.NEVER,
)
