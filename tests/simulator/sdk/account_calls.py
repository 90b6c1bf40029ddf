"""Which calls make, change and delete services and accounts themselves, and tell who may do what."""

from typing import Any

from tests.simulator.asking import EAST, OPENAI_USER, S
from tests.simulator.sdk.calling import body, calls, whole

RG = "rg-ai-east"
IDENTITY = (
    f"{S}/resourceGroups/rg-gateway/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-gateway-keyvault"
)
service = calls("apim")
account = calls("cognitive")
role = calls("roles")
NAME = "22222222-0000-4000-8000-000000000001"
DEFINITION = "33333333-0000-4000-8000-000000000001"
BOB = "0b0b0b0b-0000-4000-8000-000000000001"
SERVICE = {
    "location": "eastus",
    "sku": {"name": "StandardV2", "capacity": 1},
    "properties": {"publisherEmail": "a@contoso.example", "publisherName": "Contoso"},
}
MODEL = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}


def names(result: Any) -> list[str]:
    """The names of a list that a client gives, sorted."""
    return sorted(each.name for each in result)


def actions(found: Any) -> list[list[str]]:
    """What each permission allows."""
    return [each.actions for each in found]


SERVICES = [
    service(
        "api_management_service.check_name_availability", whole({"name": "sdk-gateway"}),
        of=lambda found: found.name_available, sees=True,
    ),
    service(
        "api_management_service.begin_create_or_update", "rg-gateway", "sdk-gateway", whole(SERVICE),
        sees="sdk-gateway",
    ),
    service("api_management_service.get", "rg-gateway", "sdk-gateway", sees="sdk-gateway"),
    service(
        "api_management_service.begin_update", "rg-gateway", "sdk-gateway", whole({"tags": {"a": "b"}}),
        of=lambda found: found.tags, sees={"a": "b"},
    ),
    service("api_management_service.list", of=names, sees=["contoso-gateway", "sdk-gateway"]),
    service(
        "api_management_service.begin_update", "rg-gateway", "contoso-gateway",
        whole({"identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}}),
        of=lambda found: found.identity.type, sees="SystemAssigned, UserAssigned",
    ),
    service("api_management_service.list_by_resource_group", "rg-gateway", sees=["contoso-gateway", "sdk-gateway"]),
    service("api_management_service.begin_delete", "rg-gateway", "sdk-gateway", of=lambda _found: None, sees=None),
    service("deleted_services.list_by_subscription", sees=["sdk-gateway"]),
    service("deleted_services.get_by_name", "sdk-gateway", "eastus", sees="sdk-gateway"),
    service("deleted_services.begin_purge", "sdk-gateway", "eastus", sees=None),
]  # fmt: skip
ACCOUNTS = [
    account(
        "check_domain_availability", "contoso-sdk", "Microsoft.CognitiveServices/accounts",
        of=lambda found: found.is_subdomain_available, sees=True,
    ),
    account(
        "accounts.begin_create", RG, "sdk",
        whole({
            "location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"},
            "properties": {"customSubDomainName": "contoso-sdk"},
        }),
        sees="sdk",
    ),
    account("accounts.get", RG, "sdk", sees="sdk"),
    account(
        "accounts.begin_update", RG, "sdk", whole({"tags": {"a": "b"}}),
        of=lambda found: dict(found.tags), sees={"a": "b"},
    ),
    account(
        "accounts.list", of=names,
        sees=["contoso-east", "contoso-legacy", "contoso-speech", "contoso-west", "fabrikam-openai", "sdk"],
    ),
    account("accounts.list_by_resource_group", RG, of=names, sees=["contoso-east", "sdk"]),
    account("accounts.list_keys", RG, "sdk", of=lambda found: len(found.key1), sees=32),
    account("accounts.regenerate_key", RG, "sdk", "Key1", of=lambda found: len(found.key1), sees=32),
    account("accounts.list_models", RG, "sdk", of=lambda found: "gpt-4o" in names(found), sees=True),
    account("accounts.list_usages", RG, "sdk", of=lambda found: bool(found.value), sees=True),
    account("models.list", "eastus", of=lambda found: "gpt-4o" in {each.model.name for each in found}, sees=True),
    account("usages.list", "eastus", of=bool, sees=True),
    account(
        "deployments.begin_create_or_update", RG, "sdk", "gpt",
        whole({"sku": {"name": "Standard", "capacity": 1}, "properties": {"model": MODEL}}), sees="gpt",
    ),
    account("deployments.get", RG, "sdk", "gpt", sees="gpt"),
    account(
        "deployments.begin_update", RG, "sdk", "gpt", whole({"sku": {"name": "Standard", "capacity": 2}}),
        of=lambda found: found.sku.capacity, sees=2,
    ),
    account("deployments.list", RG, "sdk", sees=["gpt"]),
    account("deployments.begin_delete", RG, "sdk", "gpt", sees=None),
    account("accounts.begin_delete", RG, "sdk", sees=None),
    account("deleted_accounts.list", sees=["sdk"]),
    account("deleted_accounts.get", "eastus", RG, "sdk", sees="sdk"),
    account("deleted_accounts.begin_purge", "eastus", RG, "sdk", sees=None),
]  # fmt: skip
ROLES = [
    role(
        "role_assignments.create", EAST, NAME,
        body(principalId=BOB, principalType="User", roleDefinitionId=OPENAI_USER), sees=NAME,
    ),
    role("role_assignments.get", EAST, NAME, sees=NAME),
    role(
        "role_assignments.list_for_scope", EAST, filter="atScope()",
        of=lambda found: NAME in names(found), sees=True,
    ),
    role(
        "role_definitions.create_or_update", S, DEFINITION,
        body(
            roleName="SDK", type="CustomRole", assignableScopes=[S],
            permissions=[{"actions": ["*/read"], "notActions": []}],
        ),
        sees=DEFINITION,
    ),
    role("role_definitions.get", S, DEFINITION, sees=DEFINITION),
    role("role_definitions.list", S, filter="type eq 'CustomRole'", sees=[DEFINITION]),
    role("role_definitions.delete", S, DEFINITION, sees=DEFINITION),
    role("permissions.list_for_resource_group", RG, of=actions, sees=[["*"]]),
    role(
        "permissions.list_for_resource", RG, "Microsoft.CognitiveServices", "", "accounts", "contoso-east",
        of=actions, sees=[["*"]],
    ),
    role("deny_assignments.list_for_scope", EAST, sees=[]),
]  # fmt: skip
UNDO = [role("role_assignments.delete", EAST, NAME, sees=NAME)]
