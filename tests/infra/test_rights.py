"""What the reconciler is allowed to do: exactly what these tables say, and nothing more."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from .bicep import evaluate, properties, read_file
from .test_grant_condition import condition

INFRA = Path(__file__).parents[2] / "infra"

# What this version asks of the gateway, request by request.
NEEDED = {
    "Microsoft.ApiManagement/service/read": "GET the gateway: tier, identity, state, tags",
    "Microsoft.ApiManagement/service/operationresults/read": "follow a long-running change of the gateway",
    "Microsoft.ApiManagement/service/tenant/operationResults/read": "follow an import",
    "Microsoft.ApiManagement/service/backends/read": "observe",
    "Microsoft.ApiManagement/service/backends/write": "create, update",
    "Microsoft.ApiManagement/service/backends/delete": "account gone",
    "Microsoft.ApiManagement/service/apis/read": "observe",
    "Microsoft.ApiManagement/service/apis/write": "import, update",
    "Microsoft.ApiManagement/service/apis/delete": "account gone",
    "Microsoft.ApiManagement/service/apis/operations/read": "observe",
    "Microsoft.ApiManagement/service/apis/operations/write": "repair one operation",
    "Microsoft.ApiManagement/service/apis/operations/delete": "an operation the document no longer has",
    "Microsoft.ApiManagement/service/apis/operations/policies/read": "a re-import must lose no policy",
    "Microsoft.ApiManagement/service/apis/policies/read": "observe",
    "Microsoft.ApiManagement/service/apis/policies/write": "create, update",
    "Microsoft.ApiManagement/service/apis/policies/delete": "account gone",
    "Microsoft.ApiManagement/service/apis/products/read": "observe links from the API's side",
    "Microsoft.ApiManagement/service/products/read": "the product of the configuration exists",
    "Microsoft.ApiManagement/service/products/apis/read": "observe links from the product's side",
    "Microsoft.ApiManagement/service/products/apis/write": "link",
    "Microsoft.ApiManagement/service/products/apis/delete": "unlink",
}
SWITCH_IDENTITY_ON = "Microsoft.ApiManagement/service/write"
NEVER = [
    "Microsoft.ApiManagement/service/delete",
    "Microsoft.ApiManagement/service/backup/action",
    "Microsoft.ApiManagement/service/policies/write",
    "Microsoft.ApiManagement/service/products/write",
    "Microsoft.ApiManagement/service/namedValues/read",
    "Microsoft.ApiManagement/service/namedValues/listValue/action",
    "Microsoft.ApiManagement/service/subscriptions/read",
    "Microsoft.ApiManagement/service/subscriptions/listSecrets/action",
    "Microsoft.ApiManagement/service/gateways/listKeys/action",
    "Microsoft.ApiManagement/service/users/keys/read",
    "Microsoft.ApiManagement/service/tenant/read",
    "Microsoft.CognitiveServices/accounts/listKeys/action",
    "Microsoft.CognitiveServices/accounts/write",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleDefinitions/write",
]


def role_in(file: str, names: dict[str, Any]) -> dict[str, Any]:
    role = read_file(INFRA / file).of("resource")["role"]
    permissions = evaluate(properties(properties(role.body)["properties"])["permissions"], names)
    assert len(permissions) == 1
    only: dict[str, Any] = permissions[0]
    return only


def gateway_role(*, enable_identity: bool) -> dict[str, Any]:
    bicep = read_file(INFRA / "app/gateway-rights.bicep")
    # The identifier of the resource group is known to Azure only; it plays no part in the actions.
    return role_in("app/gateway-rights.bicep", bicep.names(scopeId="", enableIdentity=enable_identity))


def accounts_role() -> dict[str, Any]:
    return role_in("app/account-rights.bicep", {})


def role_file() -> list[dict[str, Any]]:
    """The roles of the file: the gateway's, the accounts', and what is used of the one that grants."""
    document: list[dict[str, Any]] = json.loads((INFRA / "reconciler-role.json").read_text("utf-8"))
    assert len(document) == 3
    return document


def allows(role: dict[str, Any], action: str) -> bool:
    def listed(key: str) -> bool:
        return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in role[key])

    return listed("actions") and not listed("notActions")


def test_the_gateway_role_lists_what_the_reconciler_needs_and_nothing_else() -> None:
    actions = gateway_role(enable_identity=False)["actions"]
    assert sorted(actions) == sorted(NEEDED)


def test_the_right_to_write_the_service_comes_only_with_enable_identity() -> None:
    without, with_it = (gateway_role(enable_identity=each)["actions"] for each in (False, True))
    assert set(with_it) - set(without) == {SWITCH_IDENTITY_ON}
    assert set(without) - set(with_it) == set()


def test_the_role_file_and_the_bicep_list_the_same_actions() -> None:
    gateway, accounts, grant = role_file()
    for key in ("actions", "notActions", "dataActions", "notDataActions"):
        assert gateway[key] == gateway_role(enable_identity=True)[key], key
        assert accounts[key] == accounts_role()[key], key
    governed = sorted(set(re.findall(r"ActionMatches\{'([^']+)'\}", condition())))
    assert sorted(grant["actions"]) == governed


def test_the_role_file_has_the_shape_the_azure_cli_lists_and_takes() -> None:
    for document in role_file():
        assert set(document) == {
            "name",
            "description",
            "isCustom",
            "actions",
            "notActions",
            "dataActions",
            "notDataActions",
            "assignableScopes",
        }
        assert len(set(document["actions"])) == len(document["actions"])
    assert [document["isCustom"] for document in role_file()] == [True, True, False]


@pytest.mark.parametrize("action", NEVER)
def test_no_role_reaches_secrets_other_peoples_things_or_more_rights(action: str) -> None:
    roles = [*role_file()[:2], gateway_role(enable_identity=True), accounts_role()]
    assert [role for role in roles if allows(role, action)] == []


def test_a_wildcard_in_a_role_would_be_caught() -> None:
    wide = {"actions": ["Microsoft.ApiManagement/service/*/read"], "notActions": []}
    assert allows(wide, "Microsoft.ApiManagement/service/subscriptions/read")
    narrowed = {**wide, "notActions": ["Microsoft.ApiManagement/service/subscriptions/read"]}
    assert not allows(narrowed, "Microsoft.ApiManagement/service/subscriptions/read")


def test_accounts_are_only_read() -> None:
    assert accounts_role() == {
        "actions": [
            "Microsoft.CognitiveServices/accounts/read",
            "Microsoft.CognitiveServices/accounts/deployments/read",
            "Microsoft.Authorization/roleAssignments/read",
        ],
        "notActions": [],
        "dataActions": [],
        "notDataActions": [],
    }


BUILT_IN = "subscriptionResourceId('Microsoft.Authorization/roleDefinitions', {})"
# Where each role is assigned: None stands for all of what the file is deployed to.
ASSIGNED = {
    ("gateway-rights", "maintainGateway"): ("gateway", "role.id"),
    ("storage", "ownBlobs"): ("account", BUILT_IN.format("storageBlobDataOwner")),
    ("storage", "ownQueues"): ("account", BUILT_IN.format("storageQueueDataContributor")),
    ("delivery-rights", "sendEvents"): ("account", BUILT_IN.format("storageQueueDataMessageSender")),
    ("delivery-rights", "keepDeadLetters"): ("account", BUILT_IN.format("storageBlobDataContributor")),
    ("announce-rights", "announce"): ("topic", BUILT_IN.format("eventGridDataSender")),
    ("monitoring", "publishMetrics"): ("insights", BUILT_IN.format("monitoringMetricsPublisher")),
    ("account-rights", "readAccounts"): (None, "role.id"),
    ("account-rights", "grantModelRole"): (None, BUILT_IN.format("rbacAdministrator")),
    ("grant-rights", "grantModelRole"): (None, BUILT_IN.format("rbacAdministrator")),
}


def test_every_role_is_assigned_at_the_narrowest_scope_that_serves() -> None:
    actual = {}
    for path in INFRA.rglob("*.bicep"):
        for name, each in read_file(path).of("resource").items():
            if each.label.startswith("Microsoft.Authorization/roleAssignments@"):
                body = {key: (value.text or b"").decode() for key, value in properties(each.body).items()}
                role = properties(properties(each.body)["properties"])["roleDefinitionId"].text or b""
                actual[path.stem, name] = (body.get("scope"), role.decode())
    assert actual == ASSIGNED


def test_an_assignment_is_named_for_where_to_whom_and_what() -> None:
    """One name for two assignments, or a new name for an old one, would fail the deployment."""
    for path in INFRA.rglob("*.bicep"):
        for each in read_file(path).of("resource").values():
            if each.label.startswith("Microsoft.Authorization/roleAssignments@"):
                body = {key: (value.text or b"").decode() for key, value in properties(each.body).items()}
                found = re.fullmatch(r"guid\((\w+)(?:\(\))?(?:\.id)?, principalId, ([\w.]+)\)", body["name"])
                assert found is not None, each.name
                assert found[1] == body.get("scope", found[1]), each.name
                assert f"{found[2]})" in f"{ASSIGNED[path.stem, each.name][1]})", each.name


def test_role_assignments_name_the_kind_of_their_principal() -> None:
    """Without it a new identity is looked up before it has spread, and the deployment fails."""
    checked = 0
    for path in INFRA.rglob("*.bicep"):
        for each in read_file(path).of("resource").values():
            if each.label.startswith("Microsoft.Authorization/roleAssignments@"):
                values = properties(properties(each.body)["properties"])
                assert evaluate(values["principalType"], {}) == "ServicePrincipal", each.name
                assert values["principalId"].text == b"principalId", each.name
                checked += 1
    assert checked == 10


@pytest.mark.parametrize(
    ("given", "subscriptions", "groups", "whole_subscription"),
    [
        ({}, ["own"], [], True),
        ({"accountSubscriptionIds": "a,b"}, ["a", "b"], [], True),
        ({"grantResourceGroupIds": "/g1,/g2"}, ["own"], ["/g1", "/g2"], False),
        ({"manageRoleAssignments": False, "grantResourceGroupIds": "/g1"}, ["own"], [], False),
        ({"manageRoleAssignments": False}, ["own"], [], False),
    ],
)
def test_rights_on_accounts_are_given_where_the_parameters_say(
    given: dict[str, Any], subscriptions: list[str], groups: list[str], *, whole_subscription: bool
) -> None:
    bicep = read_file(INFRA / "main.bicep")
    names = bicep.names(environmentName="test", location="westeurope", gatewayId="", **given)
    passed = properties(properties(bicep.of("module")["accountRights"].body)["params"])
    assert names["accountSubscriptions"] == subscriptions
    assert names["grantGroups"] == groups
    assert bool(evaluate(passed["mayGrant"], names)) is whole_subscription
