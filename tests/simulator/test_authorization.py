from typing import Any
from urllib.parse import unquote

import pytest

from tests.simulator.asking import EAST, GATEWAY, JSON, OPENAI_USER, Azure, S, azure

KNOWN = "0b0b0b0b-0000-4000-8000-000000000003"
UNKNOWN = "0f14a80d-42e5-4d57-afe0-46acf9dfae05"
RA = "providers/Microsoft.Authorization/roleAssignments"
ONE = "2f9290b0-1a82-44fe-a959-b441c49c84cb"


def body(principal: str = KNOWN, **more: Any) -> JSON:
    return {"properties": {"principalId": principal, "roleDefinitionId": OPENAI_USER, **more}}


def names(client: Azure, scope: str, filter: str = "") -> list[str]:
    got = client.get(f"{scope}/{RA}", query={"$filter": filter} if filter else {})
    assert got.status == 200, got.text
    return [each["name"][-4:] for each in got.body["value"]]


def test_an_assignment_is_created_read_and_deleted_with_its_body() -> None:
    client = azure()
    got = client.put(f"{EAST}/{RA}/{ONE}", body(description="mine"))
    assert got.status == 201
    assert list(got.body) == ["properties", "id", "type", "name"]
    assert "ETag" not in got.headers
    assert (got.body["properties"]["createdBy"], got.body["properties"]["principalType"]) == (
        None,
        "ServicePrincipal",
    )
    read = client.get(f"{EAST}/{RA}/{ONE}").body
    assert read["properties"]["createdBy"] is not None
    assert read["properties"]["scope"] == EAST
    assert read["properties"]["createdOn"] != got.body["properties"]["createdOn"]
    deleted = client.delete(f"{EAST}/{RA}/{ONE}")
    assert (deleted.status, deleted.body) == (200, read)
    assert client.delete(f"{EAST}/{RA}/{ONE}").status == 204
    missing = client.get(f"{EAST}/{RA}/{ONE}")
    assert missing.body == {
        "error": {"code": "RoleAssignmentNotFound", "message": f"The role assignment '{ONE}' is not found."}
    }


def test_a_role_reads_back_below_the_subscription() -> None:
    role = "/providers/Microsoft.Authorization/roleDefinitions/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
    got = azure().put(f"{EAST}/{RA}/{ONE}", {"properties": {"principalId": KNOWN, "roleDefinitionId": role}})
    assert got.body["properties"]["roleDefinitionId"] == OPENAI_USER


def test_an_unknown_principal_is_refused_unless_its_type_is_given() -> None:
    client = azure()
    refused = client.put(f"{EAST}/{RA}/{ONE}", body(UNKNOWN))
    assert (refused.status, refused.code) == (400, "PrincipalNotFound")
    assert refused.message.startswith("Principal 0f14a80d42e54d57afe046acf9dfae05 does not exist in the directory ")
    assert "Group.  See https://aka.ms/docs-principaltype" in refused.message
    assert client.put(f"{EAST}/{RA}/{ONE}", body(UNKNOWN, principalType="ServicePrincipal")).status == 201


def test_even_with_its_type_a_principal_can_be_refused_for_a_while() -> None:
    client = azure(principal_type_failures=1)
    sent = body(UNKNOWN, principalType="ServicePrincipal")
    assert client.put(f"{EAST}/{RA}/{ONE}", sent).code == "PrincipalNotFound"
    assert client.put(f"{EAST}/{RA}/{ONE}", sent).status == 201


def test_a_wrong_principal_type_is_refused() -> None:
    got = azure().put(f"{EAST}/{RA}/{ONE}", body(principalType="User"))
    assert (got.status, got.code) == (400, "UnmatchedPrincipalType")


def test_one_triple_has_one_name() -> None:
    client = azure()
    client.put(f"{EAST}/{RA}/{ONE}", body())
    got = client.put(f"{EAST}/{RA}/{ONE.replace('2f', '3f')}", body())
    assert (got.status, got.code) == (409, "RoleAssignmentExists")
    assert got.message == (
        "The role assignment already exists. The ID of the existing role assignment is "
        "2f9290b01a8244fea959b441c49c84cb."
    )


@pytest.mark.parametrize("where", [EAST, f"{S}/resourceGroups/rg-ai-east"])
def test_one_name_stays_with_its_triple(where: str) -> None:
    client = azure()
    client.put(f"{EAST}/{RA}/{ONE}", body())
    other = body("0b0b0b0b-0000-4000-8000-000000000001") if where == EAST else body()
    got = client.put(f"{where}/{RA}/{ONE}", other)
    assert (got.status, got.code) == (400, "RoleAssignmentUpdateNotPermitted")


@pytest.mark.parametrize("status", ["200", "201", "409"])
def test_the_same_assignment_again_is_answered_by_a_knob(status: str) -> None:
    client = azure(role_reput=status)
    client.put(f"{EAST}/{RA}/{ONE}", body())
    got = client.put(f"{EAST}/{RA}/{ONE}", body(description="new"))
    assert got.status == int(status)
    expected = None if status == "409" else "new"
    assert client.get(f"{EAST}/{RA}/{ONE}").body["properties"]["description"] == expected


@pytest.mark.parametrize(
    ("path", "sent", "code"),
    [
        (f"{EAST}/{RA}/mine", body(), "InvalidRoleAssignmentId"),
        (f"{EAST}/{RA}/{ONE}", body("me"), "InvalidPrincipalId"),
        (
            f"{EAST}/{RA}/{ONE}",
            body() | {"properties": {"principalId": KNOWN, "roleDefinitionId": OPENAI_USER[:-1] + "0"}},
            "RoleDefinitionDoesNotExist",
        ),
        (f"{EAST}/{RA}/{ONE}", {"properties": {"principalId": KNOWN}}, "InvalidRequestContent"),
        (f"{EAST}/{RA}/{ONE}", {}, "InvalidRequestContent"),
        (f"{EAST}-none/{RA}/{ONE}", body(), "ResourceNotFound"),
        (f"{S}/resourceGroups/none/{RA}/{ONE}", body(), "ResourceGroupNotFound"),
        (f"{S.replace('0001', '0002')}/{RA}/{ONE}", body(), "SubscriptionNotFound"),
    ],
)
def test_a_wrong_assignment_is_refused(path: str, sent: JSON, code: str) -> None:
    got = azure().put(path, sent)
    assert (got.status >= 400, got.code) == (True, code)


def test_a_new_assignment_may_be_unreadable_for_a_while() -> None:
    client = azure(role_read_delay=5)
    assert client.put(f"{EAST}/{RA}/{ONE}", body()).status == 201
    assert client.get(f"{EAST}/{RA}/{ONE}").status == 404
    assert "84cb" not in names(client, EAST)
    client.simulator.clock.advance(5)
    assert client.get(f"{EAST}/{RA}/{ONE}").status == 200


def test_a_list_shows_above_and_below_and_filters_narrow_it() -> None:
    client = azure()
    group = f"{S}/resourceGroups/rg-ai-east"
    assert names(client, EAST, "atScope()") == ["0001", "0002", "0003"]
    assert names(client, group, "atScope()") == ["0002", "0003"]
    assert names(client, S, "atScope()") == ["0003"]
    assert names(client, group) == ["0001", "0002", "0003"]
    assert names(client, S) == ["0001", "0002", "0003"]
    assert names(client, GATEWAY) == ["0003"]
    person = "0b0b0b0b-0000-4000-8000-000000000001"
    assert names(client, S, f"principalId eq '{person}'") == ["0001"]
    assert names(client, S, f"assignedTo('{person}')") == ["0001", "0002"]
    assert names(client, group, f"atScope() and assignedTo('{person}')") == ["0002"]
    assert client.get(f"{S}/{RA}", query={"$filter": "description eq 'x'"}).code == "UnsupportedQuery"


def test_a_list_at_something_that_is_gone_is_not_found() -> None:
    got = azure().get(f"{EAST}-none/{RA}")
    assert (got.status, got.headers["x-ms-failure-cause"]) == (404, "gateway")


def test_assignments_on_an_account_go_with_it() -> None:
    client = azure()
    client.delete(EAST)
    assert names(client, S) == ["0002", "0003"]


def test_assignments_on_a_deleted_account_may_be_left_behind() -> None:
    client = azure(orphaned_roles="kept")
    client.delete(EAST)
    assert names(client, S) == ["0001", "0002", "0003"]
    assert names(client, S, "atScope()") == ["0003"]


def test_pages_of_a_filtered_list_stay_filtered() -> None:
    client = azure(page_size=1)
    got = client.get(f"{EAST}/{RA}", query={"$filter": "atScope()"})
    assert "%24filter=atScope%28%29" in got.body["nextLink"]
    found = [each["name"][-4:] for each in got.body["value"]]
    while "nextLink" in got.body:
        path, _, query = got.body["nextLink"].partition("?")
        parts = dict(part.split("=", 1) for part in unquote(query).split("&"))
        got = client.ask("GET", path.replace("https://management.azure.com:443", ""), version="", query=parts)
        found += [each["name"][-4:] for each in got.body["value"]]
    assert found == ["0001", "0002", "0003"]


def test_a_condition_has_version_2_and_is_kept() -> None:
    client = azure()
    condition = "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})))"
    assert client.put(f"{EAST}/{RA}/{ONE}", body(condition=condition)).status == 400
    assert client.put(f"{EAST}/{RA}/{ONE}", body(conditionVersion="2.0")).status == 400
    assert client.put(f"{EAST}/{RA}/{ONE}", body(condition=condition, conditionVersion="2.0")).status == 201
    assert client.get(f"{EAST}/{RA}/{ONE}").body["properties"]["condition"] == condition


def test_an_assignment_cannot_be_patched() -> None:
    client = azure()
    client.put(f"{EAST}/{RA}/{ONE}", body())
    got = client.patch(f"{EAST}/{RA}/{ONE}", {"properties": {"description": "x"}})
    assert (got.status, "PATCH" in got.headers["Allow"]) == (405, False)


@pytest.mark.parametrize("version", ["2018-09-01-preview", "2020-04-01-preview", "2022-04-01"])
def test_older_clients_are_answered_too(version: str) -> None:
    assert azure().get(f"{EAST}/{RA}", version=version).status == 200
