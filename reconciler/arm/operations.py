"""Which SDK operations read and write each resource type: one row per type.

The names in a resource id are the operations' positional arguments. JSON goes in (`io.BytesIO`) and comes out
(`raw_response_hook`, or `cls` of a long-running operation): the typed models drop what they do not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.arm.clients import ClientName
from reconciler.resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class Row:
    """The operation group of a type and the names of its methods; '' where there is none."""

    client: ClientName
    group: str
    get: str = "get"
    list: str = "list_by_service"
    put: str = ""
    patch: str = ""
    delete: str = ""
    long_running: frozenset[str] = frozenset()
    """Methods that return a poller."""
    watched: bool = False
    """The end of a long-running operation is seen by reading the resource itself: the address that a service's
    operation is polled at lies at subscription level, where a role on the gateway alone says nothing."""
    conditional: frozenset[str] = frozenset({"PUT", "PATCH", "DELETE"})
    """Verbs whose method takes `if_match`."""
    replicated: bool = False
    """A new one may answer 404 for a while after its creation (arm-wire.md §9): it is waited for."""
    on_scope: bool = False
    """Addressed by the scope it is on (role assignments), not by resource group and names."""
    bodiless: bool = False
    """PUT carries no body (links)."""


_APIM: ClientName = "api-management"

TABLE: Mapping[str, Row] = {
    "microsoft.apimanagement/service": Row(
        _APIM,
        "api_management_service",
        patch="begin_update",
        long_running=frozenset({"begin_update"}),
        watched=True,
        conditional=frozenset(),
    ),
    "microsoft.apimanagement/service/apis": Row(
        _APIM,
        "api",
        put="begin_create_or_update",
        patch="update",
        delete="begin_delete",
        long_running=frozenset({"begin_create_or_update", "begin_delete"}),
    ),
    "microsoft.apimanagement/service/apis/operations": Row(
        _APIM, "api_operation", list="list_by_api", put="create_or_update", patch="update", delete="delete"
    ),
    "microsoft.apimanagement/service/apis/operations/policies": Row(
        _APIM, "api_operation_policy", list="list_by_operation"
    ),
    "microsoft.apimanagement/service/apis/policies": Row(
        _APIM, "api_policy", list="list_by_api", put="create_or_update", delete="delete"
    ),
    "microsoft.apimanagement/service/backends": Row(
        _APIM, "backend", put="create_or_update", patch="update", delete="delete"
    ),
    "microsoft.apimanagement/service/apis/products": Row(_APIM, "api_product", list="list_by_apis"),
    "microsoft.apimanagement/service/subscriptions": Row(_APIM, "subscription", list="list"),
    "microsoft.apimanagement/service/products": Row(_APIM, "product"),
    "microsoft.apimanagement/service/products/apis": Row(
        _APIM,
        "product_api",
        get="check_entity_exists",
        list="list_by_product",
        put="create_or_update",
        delete="delete",
        conditional=frozenset(),
        bodiless=True,
    ),
    "microsoft.cognitiveservices/accounts": Row("cognitive-services", "accounts", list="list"),
    "microsoft.cognitiveservices/accounts/deployments": Row("cognitive-services", "deployments", list="list"),
    "microsoft.authorization/roleassignments": Row(
        "authorization",
        "role_assignments",
        list="list_for_scope",
        put="create",
        delete="delete",
        conditional=frozenset(),
        replicated=True,
        on_scope=True,
    ),
}


def row(resource_type: str) -> Row:
    """The row of a type; a type without one is a mistake in a kind, not in a configuration."""
    return TABLE[resource_type.lower()]


def arguments(id: ResourceId) -> tuple[str, ...]:
    """The positional arguments that name one resource."""
    if row(id.type).on_scope:
        return (id.scope.text.lstrip("/"), id.name)
    return (id.resource_group, *id.names)


def list_arguments(parent: ResourceId, resource_type: str) -> tuple[str, ...]:
    """The positional arguments that name a collection."""
    if row(resource_type).on_scope:
        return (parent.text.lstrip("/"),)
    return (parent.resource_group, *parent.names) if parent.names else ()
