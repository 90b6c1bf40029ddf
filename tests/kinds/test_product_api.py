"""The links from products to an account's API."""

from __future__ import annotations

from reconciler.kinds.product_api import PRODUCT_API
from reconciler.model import Resource
from tests.builders import EAST, EAST_API, GATEWAY, account, config, world


def test_a_link_from_every_product_of_the_profile() -> None:
    configured = config(api={"products": ["ai-platform", "Research Team"]})
    assert list(PRODUCT_API.desire(world(account(), configured=configured))) == [
        Resource(
            id=GATEWAY.child("products", product).child("apis", "contoso-east-831a41"),
            kind="product-api",
            body={},
            source=EAST,
            needs=frozenset({EAST_API, EAST_API.child("policies", "policy")}),
        )
        for product in ("ai-platform", "Research Team")
    ]


def test_no_products_no_links() -> None:
    assert list(PRODUCT_API.desire(world(account()))) == []


def test_the_link_is_to_the_api_that_the_account_has() -> None:
    configured = config(api={"products": ["p"]})
    bound = {EAST: GATEWAY.child("apis", "old")}
    (link,) = PRODUCT_API.desire(world(account(), configured=configured, bindings=bound))
    assert link.id.text == f"{GATEWAY}/products/p/apis/old"


def test_they_are_made_last_so_that_nobody_can_call_an_api_without_its_policy() -> None:
    assert PRODUCT_API.after == {"api", "api-policy"}
