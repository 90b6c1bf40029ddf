"""What an id says, and which texts are none."""

from __future__ import annotations

import pytest

from reconciler.resource_id import ResourceId
from tests.builders import S1

GROUP = f"/subscriptions/{S1}/resourceGroups/rg-ai"
ACCOUNT = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/east"
GATEWAY = f"{GROUP}/providers/Microsoft.ApiManagement/service/gw"
ROLE = f"{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/0001"
EXAMPLE = "/subscriptions/<guid>/resourceGroups/<group>/providers/<namespace>/<type>/<name>"

PARTS = {
    "an account": (
        ACCOUNT,
        ("east", "rg-ai", "Microsoft.CognitiveServices/accounts", ("east",), GROUP),
    ),
    "a model deployment": (
        f"{ACCOUNT}/deployments/gpt-4o",
        ("gpt-4o", "rg-ai", "Microsoft.CognitiveServices/accounts/deployments", ("east", "gpt-4o"), GROUP),
    ),
    "an operation of an API": (
        f"{GATEWAY}/apis/a/operations/o",
        ("o", "rg-ai", "Microsoft.ApiManagement/service/apis/operations", ("gw", "a", "o"), GROUP),
    ),
    "a role assignment on an account is of its own type, in the account": (
        ROLE,
        ("0001", "rg-ai", "Microsoft.Authorization/roleAssignments", ("0001",), ACCOUNT),
    ),
    "a role assignment on a subscription is in no group": (
        f"/subscriptions/{S1}/providers/Microsoft.Authorization/roleAssignments/0001",
        ("0001", "", "Microsoft.Authorization/roleAssignments", ("0001",), f"/subscriptions/{S1}"),
    ),
    "a resource group has no type": (GROUP, ("rg-ai", "rg-ai", "", (), GROUP)),
    "a subscription has no group": (f"/subscriptions/{S1}", (S1, "", "", (), f"/subscriptions/{S1}")),
    "lower-case keywords, as events write them": (
        f"/subscriptions/{S1}/resourcegroups/RG/providers/microsoft.cognitiveservices/accounts/X",
        ("X", "RG", "microsoft.cognitiveservices/accounts", ("X",), f"/subscriptions/{S1}/resourcegroups/RG"),
    ),
}


@pytest.mark.parametrize(("text", "parts"), PARTS.values(), ids=PARTS)
def test_an_id_says_name_group_type_names_and_scope(text: str, parts: tuple[object, ...]) -> None:
    id = ResourceId.parse(text)
    assert (id.name, id.resource_group, id.type, id.names, id.scope.text) == parts
    assert id.subscription == S1
    assert str(id) == text


REFUSED = {
    "the leading slash is missing": (ACCOUNT[1:], "it must start with '/'"),
    "it is empty": ("", "it must start with '/'"),
    "it ends with a slash": (f"{ACCOUNT}/", "it has the segment ''"),
    "two slashes": (f"{GROUP}//providers/a/b/c", "it has the segment ''"),
    "it climbs": (f"{GROUP}/providers/a/b/..", "it has the segment '..'"),
    "it stays": (f"{GROUP}/providers/a/b/.", "it has the segment '.'"),
    "a query": (f"{ACCOUNT}?x=1", "it has the segment 'east?x=1'"),
    "a fragment": (f"{ACCOUNT}#x", "it has the segment 'east#x'"),
    "an escape": (f"{ACCOUNT}%2fx", "it has the segment 'east%2fx'"),
    "a line end": (f"{ACCOUNT}\n", "it has the segment 'east\n'"),
    "a placeholder for the subscription": (
        "/subscriptions/<guid>/resourceGroups/x",
        "it must start with /subscriptions/<guid>",
    ),
    "no subscription's GUID": ("/subscriptions", "it must start with /subscriptions/<guid>"),
    "a management group": (
        "/providers/Microsoft.Management/managementGroups/x",
        "it must start with /subscriptions/<guid>",
    ),
    "a misspelt resourceGroups": (
        f"/subscriptions/{S1}/resourceGroup/x",
        "'resourceGroup' stands where resourceGroups should",
    ),
    "the name is missing": (f"{GROUP}/providers/Microsoft.ApiManagement/service", "a type or a name is missing"),
    "a child's name is missing": (f"{GATEWAY}/apis", "a type or a name is missing"),
    "only the namespace": (f"{GROUP}/providers/Microsoft.ApiManagement", "a type or a name is missing"),
}


@pytest.mark.parametrize(("text", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_id_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match="is not a resource id") as refused:
        ResourceId.parse(text)
    sentence = str(refused.value)
    assert sentence.startswith(f"'{text}' is not a resource id: ")
    assert problem in sentence
    assert sentence.endswith(EXAMPLE) or problem.startswith("'resourceGroup'")


def test_ids_are_equal_without_regard_to_case_and_print_as_written() -> None:
    shouted = ResourceId.parse(ACCOUNT.upper())
    assert shouted == ResourceId.parse(ACCOUNT)
    assert {shouted: 1}[ResourceId.parse(ACCOUNT)] == 1
    assert str(shouted) == ACCOUNT.upper()
    assert shouted != ResourceId.parse(ACCOUNT + "2")
    assert shouted != ACCOUNT.upper()


def test_ids_are_ordered_without_regard_to_case() -> None:
    upper, lower = ResourceId.parse(f"{GROUP}/providers/a/b/B"), ResourceId.parse(f"{GROUP}/providers/a/b/a")
    assert sorted([upper, lower]) == [lower, upper]


def test_children_and_extensions_are_below() -> None:
    account, gateway = ResourceId.parse(ACCOUNT), ResourceId.parse(GATEWAY)
    assert account.extension("Microsoft.Authorization", "roleAssignments", "0001").text == ROLE
    api = gateway.child("apis", "a")
    assert api.text == f"{GATEWAY}/apis/a"
    assert api.parent == gateway
    assert api.child("policies", "policy").parent == api


WITHIN = {
    "itself": (ACCOUNT, True),
    "itself in other letters": (ACCOUNT.upper(), True),
    "its group": (GROUP, True),
    "its subscription": (f"/subscriptions/{S1}", True),
    "a sibling whose name it begins with": (ACCOUNT[:-1], False),
    "its own child": (f"{ACCOUNT}/deployments/x", False),
    "another group": (GROUP + "2", False),
}


@pytest.mark.parametrize(("other", "expected"), WITHIN.values(), ids=WITHIN)
def test_an_account_is_within(other: str, expected: bool) -> None:  # noqa: FBT001 - a table's cell
    assert ResourceId.parse(ACCOUNT).within(ResourceId.parse(other)) is expected
