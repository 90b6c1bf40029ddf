"""The gateway's permission on an account: made once, and not where it is there already."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.errors import GatewayError
from reconciler.kinds.role_assignment import ROLE_ASSIGNMENT
from reconciler.model import Observed, Resource, Unknown
from reconciler.resource_id import ResourceId
from tests.builders import (
    CLIENT_ID,
    EAST,
    GATEWAY,
    IDENTITY,
    PRINCIPAL_ID,
    S1,
    S2,
    WEST,
    account,
    config,
    rid,
    world,
)

OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
COGNITIVE_USER = "a97b65f3-24c7-4388-baec-2e87135dc908"
OPENAI_CONTRIBUTOR = "a001fd3d-188f-4b5d-821b-7da978bf7442"
FOUNDRY_USER = "53ca6127-db72-4b80-b1b0-d745d6d5456d"
AZURE_OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
SOMEBODY = "77777777-2222-3333-4444-555555555555"
SUBSCRIPTION = f"/subscriptions/{S1}"
NAME = "e4e80b5a-e884-5bfb-9a96-3a3cc0f8259f"
ID = EAST.extension("Microsoft.Authorization", "roleAssignments", NAME)


def properties(principal: object = PRINCIPAL_ID) -> dict[str, object]:
    return {
        "roleDefinitionId": f"/subscriptions/{S1}/providers/Microsoft.Authorization/roleDefinitions/{OPENAI_USER}",
        "principalId": principal,
        "principalType": "ServicePrincipal",
        "description": f"managed-by=apim-openai-reconciler; owner=contoso; source={EAST}; gateway={GATEWAY}",
    }


def only(**arguments: Any) -> Resource:
    (resource,) = ROLE_ASSIGNMENT.desire(world(account(), **arguments))
    return resource


def test_the_role_on_an_account() -> None:
    wanted = only()
    assert wanted.id.text == f"{EAST}/providers/Microsoft.Authorization/roleAssignments/{NAME}"
    assert (wanted.kind, wanted.source, wanted.needs) == ("role-assignment", EAST, frozenset())
    assert wanted.body == {"properties": properties()}


def test_each_account_has_its_own() -> None:
    ids = [r.id.text for r in ROLE_ASSIGNMENT.desire(world(account(), account(WEST)))]
    assert ids == [
        ID.text,
        f"{WEST}/providers/Microsoft.Authorization/roleAssignments/1917b5c1-9b2a-5467-abb7-b3d88f9b1b83",
    ]


def test_while_the_identity_is_off_its_principal_is_known_after_apply() -> None:
    wanted = only(service={})
    assert wanted.id.name == "known-after-apply"
    assert wanted.body == {"properties": properties(Unknown("gateway principalId"))}
    assert wanted.needs == {GATEWAY}
    assert wanted.identify is not None
    assert wanted.identify({"properties": properties()}).text == ID.text


def test_an_identity_that_is_off_and_may_not_be_switched_on_is_an_error_that_says_so() -> None:
    with pytest.raises(GatewayError) as refused:
        only(configured=config(gateway={"enableIdentity": False}), service={})
    assert refused.value.reason == "identity-off"
    assert str(refused.value) == (
        "the gateway contoso-gw has no system-assigned identity and enableIdentity is false; "
        "set enableIdentity: true, or name the client id of a user-assigned identity as identity"
    )


ATTACHED = {
    "identity": {
        "type": "SystemAssigned, UserAssigned",
        "principalId": PRINCIPAL_ID,
        "userAssignedIdentities": {
            IDENTITY + "2": {"principalId": PRINCIPAL_ID, "clientId": "other"},
            IDENTITY: {"principalId": SOMEBODY, "clientId": CLIENT_ID.upper()},
        },
    }
}


def test_a_user_assigned_identity_is_found_by_its_client_id() -> None:
    wanted = only(configured=config(gateway={"identity": CLIENT_ID}), service=ATTACHED)
    assert wanted.body["properties"]["principalId"] == SOMEBODY


def test_a_user_assigned_identity_that_is_not_attached_is_an_error_that_says_so() -> None:
    with pytest.raises(GatewayError) as refused:
        only(configured=config(gateway={"identity": CLIENT_ID}))
    assert refused.value.reason == "identity-missing"
    assert str(refused.value) == (
        f"the gateway contoso-gw has no user-assigned identity with client id {CLIENT_ID}; "
        "attach it to the gateway, or mend identity in the configuration"
    )


def there(
    scope: str = EAST.text, role: str = OPENAI_USER, principal: str = PRINCIPAL_ID, **more: object
) -> Observed:
    """An assignment as Azure lists it."""
    definition = f"/subscriptions/{S1}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    shown = {"scope": scope, "roleDefinitionId": definition, "principalId": principal, "condition": None, **more}
    id = ResourceId(f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/0001")
    return Observed(id=id, kind="role-assignment", body={"properties": shown})


CONDITION = {"condition": "@Resource[Microsoft.CognitiveServices/accounts:name] StringEquals 'x'"}
COUNTS = {
    "the same role under another name": there(),
    "the same role with a condition, for Azure takes no second": there(**CONDITION),
    "in other letters": there(EAST.text.upper(), OPENAI_USER.upper(), PRINCIPAL_ID.upper()),
    "Cognitive Services User": there(role=COGNITIVE_USER),
    "OpenAI Contributor": there(role=OPENAI_CONTRIBUTOR),
    "Foundry User": there(role=FOUNDRY_USER),
    "the same role on the resource group": there(f"{SUBSCRIPTION}/resourceGroups/rg-ai-east"),
    "the same role on the subscription": there(SUBSCRIPTION),
    "a broader role on the subscription": there(SUBSCRIPTION, COGNITIVE_USER),
    "the same role on everything": there("/"),
}


@pytest.mark.parametrize("assignment", COUNTS.values(), ids=COUNTS)
def test_this_lets_the_gateway_in(assignment: Observed) -> None:
    assert ROLE_ASSIGNMENT.counterpart(only(), [assignment]) is assignment


COUNTS_NOT = {
    "Owner, which calls no model": there(role=AZURE_OWNER),
    "Contributor, which calls no model": there(role=CONTRIBUTOR),
    "another principal": there(principal=SOMEBODY),
    "another account": there(WEST.text),
    "another resource group": there(f"{SUBSCRIPTION}/resourceGroups/rg-ai"),
    "another subscription": there(f"/subscriptions/{S2}"),
    "a model deployment of the account": there(f"{EAST}/deployments/gpt-4o"),
    "a broader role with a condition": there(role=COGNITIVE_USER, **CONDITION),
    "the same role on the subscription with a condition": there(SUBSCRIPTION, **CONDITION),
}


@pytest.mark.parametrize("assignment", COUNTS_NOT.values(), ids=COUNTS_NOT)
def test_this_does_not(assignment: Observed) -> None:
    assert ROLE_ASSIGNMENT.counterpart(only(), [assignment]) is None


def test_the_one_with_our_name_counts_whatever_it_says() -> None:
    ours = Observed(id=rid(ID.text.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/")), kind="x", body={})
    assert ROLE_ASSIGNMENT.counterpart(only(), [there(principal=SOMEBODY), ours]) is ours


def test_nobodys_assignment_is_that_of_a_principal_not_known_yet() -> None:
    assert ROLE_ASSIGNMENT.counterpart(only(service={}), [there(), there(principal="None")]) is None


def test_azure_is_asked_for_the_gateways_assignments_only() -> None:
    gateway = config().gateways[0]
    on = {"identity": {"type": "SystemAssigned", "principalId": PRINCIPAL_ID}}
    assert ROLE_ASSIGNMENT.filter(gateway, on) == f"principalId eq '{PRINCIPAL_ID}'"
    assert ROLE_ASSIGNMENT.filter(gateway, {}) is None
