"""Each payload of the facts about Event Grid (platform.md §1), in both schemas: whom it wakes, or why nobody."""

from __future__ import annotations

import pytest

from tests.builders import S1, S2
from tests.events.payloads import (
    ACCOUNT_ELSEWHERE,
    ACTION,
    DELETE,
    EAST_ID,
    FIRST_ID,
    JSON,
    MANAGEMENT_GROUP,
    ROLE,
    SECOND_ID,
    WEST_GROUP,
    WRITE,
    arm,
    blob,
    circuit_breaker,
    cloud,
    inside,
    notification,
    setting,
    verdict,
    woken,
)

FIRST, SECOND, BOTH = ["contoso-gw"], ["second-gw"], ["contoso-gw", "second-gw"]
WEST_ID = f"{WEST_GROUP}/providers/Microsoft.CognitiveServices/accounts/w"
COGNITIVE, APIM = "Microsoft.CognitiveServices/accounts", "Microsoft.ApiManagement/service"
STORAGE = f"/subscriptions/{S1}/resourceGroups/rg-ai-east/providers/Microsoft.Storage/storageAccounts/s"


def action(about: str, operation: str) -> JSON:
    return arm(about, ACTION, f"{operation}/action")


WAKES: dict[str, tuple[JSON, list[str]]] = {
    # accounts and model deployments: §1.1
    "an account is written": (arm(EAST_ID, WRITE, f"{COGNITIVE}/write"), FIRST),
    "an account is deleted": (arm(EAST_ID, DELETE, f"{COGNITIVE}/delete"), FIRST),
    "a model deployment is written": (arm(f"{EAST_ID}/deployments/gpt-4o"), FIRST),
    "a model deployment is deleted": (arm(f"{EAST_ID}/deployments/gpt-4o", DELETE), FIRST),
    "an account that two gateways may serve": (arm(WEST_ID), BOTH),
    "an account as samples spell its group": (arm(EAST_ID.replace("resourceGroups", "resourcegroups")), FIRST),
    "an account in lower case": (arm(EAST_ID.lower()), FIRST),
    "an account in capitals": (
        arm(EAST_ID.upper().replace("/SUBSCRIPTIONS", "/subscriptions"), WRITE.upper()),
        FIRST,
    ),
    "a model deployment is paused": (action(f"{EAST_ID}/deployments/d", f"{COGNITIVE}/deployments/pause"), FIRST),
    "the tags of an account are written": (arm(f"{EAST_ID}/providers/Microsoft.Resources/tags/default"), FIRST),
    "an account's notification": (notification(EAST_ID), FIRST),
    "an account's notification of its end": (notification(EAST_ID, "Deleted"), FIRST),
    # gateways and all below them: §1.1
    "a gateway is written": (arm(FIRST_ID, WRITE, f"{APIM}/write"), FIRST),
    "the other gateway is written": (arm(SECOND_ID), SECOND),
    "a gateway is deleted": (arm(FIRST_ID, DELETE), FIRST),
    "an API is written": (arm(f"{FIRST_ID}/apis/a"), FIRST),
    "an API is deleted": (arm(f"{FIRST_ID}/apis/a", DELETE), FIRST),
    "a revision is written": (arm(f"{FIRST_ID}/apis/a;rev=2"), FIRST),
    "an operation of a revision is written": (arm(f"{FIRST_ID}/apis/a;rev=2/operations/o"), FIRST),
    "a policy is written": (arm(f"{FIRST_ID}/apis/a/policies/policy"), FIRST),
    "a backend is deleted": (arm(f"{FIRST_ID}/backends/b", DELETE), FIRST),
    "a policy fragment is written": (arm(f"{FIRST_ID}/policyFragments/f"), FIRST),
    "a product's link is deleted": (arm(f"{FIRST_ID}/products/p/apis/a", DELETE), FIRST),
    "a gateway is restored": (action(FIRST_ID, f"{APIM}/restore"), FIRST),
    "a gateway's configuration is deployed": (
        action(f"{FIRST_ID}/tenant/configuration", f"{APIM}/tenant/deploy"),
        FIRST,
    ),
    "an action that the event does not name": (arm(FIRST_ID, ACTION, ""), FIRST),
    "an action with such a word further on": (action(FIRST_ID, f"{APIM}/resetCheckList"), FIRST),
    "a gateway's notification": (notification(SECOND_ID), SECOND),
    # role assignments: §1.1
    "a role on an account": (arm(f"{EAST_ID}/{ROLE}"), FIRST),
    "a role on an account is deleted": (arm(f"{EAST_ID}/{ROLE}", DELETE), FIRST),
    "a role on a group": (arm(f"{WEST_GROUP}/{ROLE}"), BOTH),
    "a role on a whole subscription": (arm(f"/subscriptions/{S1}/{ROLE}"), BOTH),
    "a role on a management group": (arm(f"{MANAGEMENT_GROUP}/{ROLE}"), BOTH),
    "a role on the whole tenant": (arm(f"/{ROLE}"), BOTH),
    # API Management's own topic: §1.3
    **{
        f"{kind}{how} inside a gateway": (inside(f"{kind}{how}", subject), FIRST)
        for kind, subject in {
            "API": "/apis/myapi;Rev=1",
            "APIRelease": "/apis/myapi/releases/r",
            "Release": "/apis/myapi/releases/r",
            "Product": "/products/p",
        }.items()
        for how in ("Created", "Updated", "Deleted")
    },
    # the configuration: §1.4
    "the configuration's blob": (blob(), BOTH),
    "a setting is modified": (setting(), BOTH),
    "a setting is deleted": (setting("KeyValueDeleted"), BOTH),
}


@pytest.mark.parametrize(("event", "expected"), WAKES.values(), ids=WAKES)
def test_an_event_wakes_the_gateways_that_it_may_concern(event: JSON, expected: list[str]) -> None:
    assert (verdict(event), woken(event)) == ("followed", expected)
    assert (verdict(cloud(event)), woken(cloud(event))) == ("followed", expected)


UNFOLLOWED: dict[str, JSON] = {
    **{
        f"a {verb} that is {outcome}": arm(EAST_ID, f"Microsoft.Resources.Resource{verb}{outcome}")
        for verb in ("Write", "Delete", "Action")
        for outcome in ("Failure", "Cancel")
    },
    "keys of an account are listed": action(EAST_ID, f"{COGNITIVE}/listKeys"),
    "keys of an account are regenerated": action(EAST_ID, f"{COGNITIVE}/regenerateKey"),
    "a named value is listed": action(f"{FIRST_ID}/namedValues/n", f"{APIM}/namedValues/listValue"),
    "a subscription's key is regenerated": action(
        f"{FIRST_ID}/subscriptions/s", f"{APIM}/subscriptions/regeneratePrimaryKey"
    ),
    "a sign-on is made": action(FIRST_ID, f"{APIM}/getssotoken"),
    "policies are validated": action(FIRST_ID, f"{APIM}/validatePolicies"),
    "connectivity is checked": action(FIRST_ID, f"{APIM}/connectivityCheck"),
    "a gateway is backed up": action(FIRST_ID, f"{APIM}/backup"),
    "a project of an account": arm(f"{EAST_ID}/projects/p"),
    "a content filter of an account": arm(f"{EAST_ID}/raiPolicies/r"),
    "a private endpoint of an account": arm(f"{EAST_ID}/privateEndpointConnections/p"),
    "something below a model deployment": arm(f"{EAST_ID}/deployments/d/x/y"),
    **{
        f"{what} inside a gateway": inside(what, "/x/y")
        for what in (
            "UserCreated",
            "SubscriptionUpdated",
            "GatewayCreated",
            "GatewayAPIAdded",
            "GatewayAPIRemoved",
            "GatewayCertificateAuthorityUpdated",
            "GatewayHostnameConfigurationDeleted",
            "GatewayTokenNearExpiry",
            "GatewayTokenExpired",
        )
    },
    "a circuit breaker opened": circuit_breaker("Opened"),
    "a circuit breaker closed": circuit_breaker("Closed"),
    "the configuration's blob is deleted": blob(type="BlobDeleted"),
    "a snapshot of settings": setting("SnapshotCreated"),
    "the handshake of a webhook": {
        "id": "2d1781af-3a4c-4d7c-bd0c-e34b19da4e66",
        "topic": f"/subscriptions/{S1}",
        "subject": "",
        "data": {"validationCode": "512d38b6", "validationUrl": "https://rp-eastus2.eventgrid.azure.net:553/x"},
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "eventTime": "2018-01-25T22:12:19.4556811Z",
        "metadataVersion": "1",
        "dataVersion": "1",
    },
}


@pytest.mark.parametrize("event", UNFOLLOWED.values(), ids=UNFOLLOWED)
def test_an_event_that_changes_nothing_we_compare_wakes_nobody(event: JSON) -> None:
    assert verdict(event) == "unfollowed"
    assert verdict(cloud(event)) == "unfollowed"


ELSEWHERE: dict[str, JSON] = {
    "an account of a group that nobody allows": arm(ACCOUNT_ELSEWHERE),
    "an account of a subscription that nobody allows": arm(EAST_ID.replace(S1, S2)),
    "a model deployment of an account that nobody allows": arm(f"{ACCOUNT_ELSEWHERE}/deployments/d"),
    "the tags of an account that nobody allows": arm(
        f"{ACCOUNT_ELSEWHERE}/providers/Microsoft.Resources/tags/default"
    ),
    "the tags of a subscription": arm(f"/subscriptions/{S1}/providers/Microsoft.Resources/tags/default"),
    "a gateway that nobody configured": arm(f"{FIRST_ID}2"),
    "an API of a gateway that nobody configured": arm(f"{FIRST_ID}2/apis/a"),
    "an event inside a gateway that nobody configured": inside("APIUpdated", gateway=f"{FIRST_ID}2"),
    "a role on a group that nobody allows": arm(f"/subscriptions/{S1}/resourceGroups/rg-x/{ROLE}"),
    "a role on another subscription": arm(f"/subscriptions/{S2}/{ROLE}"),
    "a role on something else in a group that is allowed": arm(f"{STORAGE}/{ROLE}"),
    "a role on a model deployment, which lets nobody in": arm(f"{EAST_ID}/deployments/d/{ROLE}"),
    "a role on the gateway": arm(f"{FIRST_ID}/{ROLE}"),
    "a role's definition": arm(f"/subscriptions/{S1}/providers/Microsoft.Authorization/roleDefinitions/0001"),
    "a lock on a gateway": arm(f"{FIRST_ID}/providers/Microsoft.Authorization/locks/l"),
    "another provider": arm(STORAGE, WRITE, "Microsoft.Storage/storageAccounts/write"),
    "another provider's notification": notification(STORAGE),
    "a type whose name goes on": arm(EAST_ID.replace("/accounts/", "/accountsX/")),
    "another service of API Management": arm(FIRST_ID.replace("/service/", "/gateways/")),
    "a type whose name goes on, below a gateway": arm(f"{FIRST_ID}/providers/Microsoft.ApiManagement/serviceX/x"),
    "a resource group": arm(WEST_GROUP),
    "a subscription": arm(f"/subscriptions/{S1}"),
    "what no resource id can be, of others": arm(
        "/subscriptions/test/providers/Microsoft.Storage/storageAccounts/x"
    ),
    "another blob": blob("https://contosoconfig.blob.core.windows.net/reconciler/other.yaml"),
    "another store": setting(store="https://fabrikam.azconfig.io"),
}


@pytest.mark.parametrize("event", ELSEWHERE.values(), ids=ELSEWHERE)
def test_an_event_about_what_is_not_in_the_configuration_wakes_nobody(event: JSON) -> None:
    assert verdict(event) == "elsewhere"
    assert verdict(cloud(event)) == "elsewhere"


@pytest.mark.parametrize(
    "type",
    [
        "Microsoft.Resources.ResourceWriteSuccessful",
        "Microsoft.Resources.ResourceReadSuccess",
        "Microsoft.ApiManagement.APIRenamed",
        "Microsoft.ApiManagement.WorkspaceCreated",
        "Microsoft.KeyVault.SecretNewVersionCreated",
        "Microsoft.ResourceNotifications.HealthResources.AvailabilityStatusChanged",
        "Contoso.Orders.Placed",
    ],
)
def test_a_type_that_nobody_follows_is_counted_by_its_name(type: str) -> None:
    assert verdict(arm(EAST_ID, type)) == f"unknown {type}"
    assert verdict(cloud(arm(EAST_ID, type))) == f"unknown {type}"
