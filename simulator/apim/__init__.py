"""Which kinds of resource API Management has here."""

from simulator.apim.apis import API
from simulator.apim.backends import BACKEND
from simulator.apim.operations import OPERATION, SCHEMA
from simulator.apim.policies import POLICIES
from simulator.apim.polls import ROUTES
from simulator.apim.products import API_PRODUCT, PRODUCT, PRODUCT_API
from simulator.apim.service import SERVICE
from simulator.apim.tags import TAG, TAG_LINKS, VERSION_SET

KINDS = [
    SERVICE, API, OPERATION, SCHEMA, *POLICIES, BACKEND, PRODUCT, PRODUCT_API, API_PRODUCT, TAG, *TAG_LINKS,
    VERSION_SET,
]  # fmt: skip

__all__ = ["KINDS", "ROUTES"]
