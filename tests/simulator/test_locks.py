"""What a management lock keeps from being changed or deleted."""

import pytest

from tests.simulator.asking import EAST, GATEWAY, JSON, OPENAI_USER, S, api, azure

GROUP = f"{S}/resourceGroups/rg-gateway"
V = "2020-05-01"
RA = "providers/Microsoft.Authorization/roleAssignments/22222222-0000-4000-8000-000000000001"


def lock(scope: str, name: str = "keep") -> str:
    return f"{scope}/providers/Microsoft.Authorization/locks/{name}"


def level(name: str) -> JSON:
    return {"properties": {"level": name}}


def test_a_lock_is_made_read_listed_and_taken_away() -> None:
    client = azure()
    made = client.put(lock(GROUP), {"properties": {"level": "CanNotDelete", "notes": "ours"}}, version=V)
    assert (made.status, made.body) == (
        201,
        {
            "properties": {"level": "CanNotDelete", "notes": "ours"},
            "id": lock(GROUP),
            "type": "Microsoft.Authorization/locks",
            "name": "keep",
        },
    )
    client.put(lock(GATEWAY, "inner"), level("ReadOnly"), version=V)
    assert client.get(lock(GROUP), version=V).body == made.body

    def names(scope: str, filter: str = "") -> list[str]:
        path = f"{scope}/providers/Microsoft.Authorization/locks"
        got = client.get(path, version=V, query={"$filter": filter} if filter else {})
        return [each["name"] for each in got.body["value"]]

    assert names(GROUP) == ["inner", "keep"]
    assert names(GROUP, "atScope()") == ["keep"]
    assert names(GATEWAY, "atScope()") == ["inner", "keep"]
    assert names(f"{S}/resourceGroups/rg-ai-east") == []
    assert client.delete(lock(GROUP), version=V).status == 200
    assert client.get(lock(GROUP), version=V).status == 404


def test_can_not_delete_refuses_deletions_at_and_below_its_scope_and_nothing_else() -> None:
    client = azure()
    client.put(lock(GROUP), level("CanNotDelete"), version=V)
    refused = client.delete(f"{GATEWAY}/apis/orders-api")
    assert (refused.status, refused.code) == (409, "ScopeLocked")
    assert refused.message == (
        f"The scope '{GATEWAY}/apis/orders-api' cannot perform delete operation because following scope(s) are "
        f"locked: '{GROUP}'. Please remove the lock and try again."
    )
    assert client.get(f"{GATEWAY}/apis/orders-api").status == 200
    assert client.put(f"{GATEWAY}/apis/x", api("x")).status == 201
    client.delete(lock(GROUP), version=V)
    assert client.delete(f"{GATEWAY}/apis/orders-api").status == 202


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_read_only_refuses_every_change(method: str) -> None:
    client = azure()
    client.put(lock(EAST), level("ReadOnly"), version=V)
    path = f"{EAST}/listKeys" if method == "POST" else EAST
    body = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}} if method == "PUT" else {"tags": {}}
    got = client.ask(method, path, body)
    assert (got.status, got.code) == (409, "ScopeLocked")
    operation = "delete" if method == "DELETE" else "write"
    assert f"The scope '{EAST}' cannot perform {operation} operation" in got.message
    assert client.get(EAST).status == 200


def test_a_lock_inside_a_group_keeps_the_group() -> None:
    client = azure()
    client.put(lock(GATEWAY), level("CanNotDelete"), version=V)
    got = client.delete(GROUP, version="2021-04-01")
    assert (got.status, got.code) == (409, "ScopeLocked")
    assert f"'{GATEWAY}'" in got.message


def test_a_lock_keeps_role_assignments_from_being_deleted_but_not_from_being_made() -> None:
    client = azure()
    client.put(lock(EAST), level("CanNotDelete"), version=V)
    body = {"properties": {"principalId": "0b0b0b0b-0000-4000-8000-000000000003", "roleDefinitionId": OPENAI_USER}}
    assert client.put(f"{EAST}/{RA}", body).status == 201
    assert client.delete(f"{EAST}/{RA}").code == "ScopeLocked"


def test_a_lock_is_at_something_that_exists_and_has_a_known_level() -> None:
    client = azure()
    assert client.put(lock(f"{EAST}-none"), level("ReadOnly"), version=V).status == 404
    assert client.put(lock(EAST), level("Sometimes"), version=V).status == 400
    assert client.put(lock(EAST), {}, version=V).status == 400


def test_nobody_else_is_kept_by_a_lock() -> None:
    client = azure()
    client.put(lock(GROUP), level("ReadOnly"), version=V)
    assert client.patch(EAST, {"tags": {}}).status == 200
