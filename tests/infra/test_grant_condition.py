"""The condition under which the reconciler may grant: one role, to service principals, or to the gateway alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .bicep import evaluate, properties, read_file

INFRA = Path(__file__).parents[2] / "infra"
OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
GATEWAY = "11111111-1111-1111-1111-111111111111"
STRANGER = "22222222-2222-2222-2222-222222222222"


def condition(principal: str = "") -> str:
    names = read_file(INFRA / "main.bicep").names(
        environmentName="test", location="westeurope", gatewayId="", gatewayPrincipalId=principal
    )
    text = names["grantCondition"]
    assert isinstance(text, str)
    return text


def block(source: str, verb: str, principal: str) -> str:
    extra = (
        f" AND @{source}[Microsoft.Authorization/roleAssignments:PrincipalId] "
        f"ForAnyOfAnyValues:GuidEquals {{{principal}}}"
        if principal
        else ""
    )
    return (
        f"((!(ActionMatches{{'Microsoft.Authorization/roleAssignments/{verb}'}})) OR "
        f"(@{source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] "
        f"ForAnyOfAnyValues:GuidEquals {{{OPENAI_USER}}} AND "
        f"@{source}[Microsoft.Authorization/roleAssignments:PrincipalType] "
        f"ForAnyOfAnyValues:StringEqualsIgnoreCase {{'ServicePrincipal'}}{extra}))"
    )


@pytest.mark.parametrize("principal", ["", GATEWAY])
def test_the_condition_has_a_block_for_writing_and_one_for_deleting(principal: str) -> None:
    expected = f"{block('Request', 'write', principal)} AND {block('Resource', 'delete', principal)}"
    assert condition(principal) == expected


def admits(text: str, verb: str, role: str, kind: str, principal: str) -> bool:
    """Works a condition out as Azure does: the request's attributes on write, the resource's on delete."""
    given = {"RoleDefinitionId": role, "PrincipalType": kind, "PrincipalId": principal}
    source = {"write": "Request", "delete": "Resource"}[verb]

    def attribute(found: re.Match[str]) -> str:
        wanted = found[3].strip("'").lower()
        return str(found[1] == source and given[found[2]].lower() == wanted)

    text = re.sub(r"ActionMatches\{'[^']*/(\w+)'\}", lambda found: str(found[1] == verb), text)
    text = re.sub(
        r"@(Request|Resource)\[Microsoft\.Authorization/roleAssignments:(\w+)\] ForAnyOfAnyValues:\w+ \{([^}]*)\}",
        attribute,
        text,
    )
    text = text.replace("!", " not ").replace("AND", "and").replace("OR", "or")
    assert re.fullmatch(r"(?:[\s()]|not|and|or|True|False)+", text), text
    return bool(eval(text))  # noqa: S307 - nothing is left in it but the words of the line above


@pytest.mark.parametrize("verb", ["write", "delete"])
@pytest.mark.parametrize(
    ("role", "kind", "principal", "without_principal", "with_principal"),
    [
        (OPENAI_USER, "ServicePrincipal", GATEWAY, True, True),
        (OPENAI_USER, "ServicePrincipal", STRANGER, True, False),
        (OPENAI_USER, "User", GATEWAY, False, False),
        (OWNER, "ServicePrincipal", GATEWAY, False, False),
        (OWNER, "User", STRANGER, False, False),
    ],
)
def test_only_the_model_role_for_service_principals_can_be_granted_or_withdrawn(
    verb: str, role: str, kind: str, principal: str, *, without_principal: bool, with_principal: bool
) -> None:
    assert admits(condition(), verb, role, kind, principal) is without_principal
    assert admits(condition(GATEWAY), verb, role, kind, principal) is with_principal


@pytest.mark.parametrize(
    ("broken", "verb"),
    [
        (condition().partition(") AND ((")[0] + ")", "delete"),
        (condition().replace("@Resource", "@Request"), "delete"),
        (condition().replace(OPENAI_USER, OWNER), "write"),
    ],
    ids=["no block for delete", "the request's attributes on delete", "another role"],
)
def test_a_condition_that_is_wrong_shows(broken: str, verb: str) -> None:
    right = [admits(condition(), verb, role, "ServicePrincipal", GATEWAY) for role in (OPENAI_USER, OWNER)]
    wrong = [admits(broken, verb, role, "ServicePrincipal", GATEWAY) for role in (OPENAI_USER, OWNER)]
    assert right == [True, False]
    assert wrong != right


@pytest.mark.parametrize("file", ["app/account-rights.bicep", "app/grant-rights.bicep"])
def test_the_right_to_grant_is_never_given_without_the_condition(file: str) -> None:
    grant = read_file(INFRA / file).of("resource")["grantModelRole"]
    values = properties(properties(grant.body)["properties"])
    assert values["condition"].text == b"grantCondition"
    assert evaluate(values["conditionVersion"], {}) == "2.0"
