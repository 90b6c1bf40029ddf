"""The kinds of resource we keep, in one list; see `docs/adding-a-kind.md`."""

from __future__ import annotations

from reconciler.kinds.api import API
from reconciler.kinds.api_policy import API_POLICY
from reconciler.kinds.backend import BACKEND
from reconciler.kinds.kind import Kind, in_order
from reconciler.kinds.operation import OPERATION
from reconciler.kinds.product_api import PRODUCT_API
from reconciler.kinds.role_assignment import ROLE_ASSIGNMENT
from reconciler.kinds.service import SERVICE

KINDS: tuple[Kind, ...] = in_order((SERVICE, ROLE_ASSIGNMENT, BACKEND, API, OPERATION, API_POLICY, PRODUCT_API))
