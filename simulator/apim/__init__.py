"""Which kinds of resource API Management has here."""

from simulator.apim import deleted_services, polls, service_polls
from simulator.apim.apis import API
from simulator.apim.backends import BACKEND
from simulator.apim.diagnostics import DIAGNOSTICS
from simulator.apim.fragments import FRAGMENT
from simulator.apim.groups import GROUP, PRODUCT_GROUP
from simulator.apim.loggers import LOGGER
from simulator.apim.named_values import NAMED_VALUE
from simulator.apim.operations import OPERATION
from simulator.apim.policies import POLICIES
from simulator.apim.products import API_PRODUCT, PRODUCT, PRODUCT_API
from simulator.apim.providers import CONNECTIONS, PROVIDER
from simulator.apim.releases import RELEASE, REVISION
from simulator.apim.schemas import SCHEMA
from simulator.apim.service import SERVICE
from simulator.apim.subscriptions import PRODUCT_SUBSCRIPTION, SUBSCRIPTION
from simulator.apim.tag_lists import TAG_LISTS
from simulator.apim.tags import TAG, TAG_LINKS
from simulator.apim.unmodelled import unmodelled
from simulator.apim.version_sets import VERSION_SET

_MODELLED = [
    SERVICE, API, RELEASE, REVISION, OPERATION, SCHEMA, *POLICIES, BACKEND, PRODUCT, PRODUCT_API, API_PRODUCT, TAG,
    *TAG_LINKS, VERSION_SET,
    NAMED_VALUE, FRAGMENT, LOGGER, *DIAGNOSTICS, GROUP, PRODUCT_GROUP, SUBSCRIPTION, PRODUCT_SUBSCRIPTION,
    *TAG_LISTS, PROVIDER, *CONNECTIONS,
]  # fmt: skip
KINDS = [*_MODELLED, *unmodelled(_MODELLED)]

ROUTES = [*polls.ROUTES, *service_polls.ROUTES, *deleted_services.ROUTES]

__all__ = ["KINDS", "ROUTES"]
