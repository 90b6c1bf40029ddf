"""Names and ids of the directory, as Microsoft Graph tells them."""

from typing import Any

import pytest

from simulator import Simulator
from tests.simulator.asking import GATEWAY, JSON, Azure, Got, S

BOB, GROUP, PIPELINE = (f"0b0b0b0b-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
APP = "0b0b0b0b-0000-4000-8000-00000000c0de"
WORLD: JSON = {
    "tenant": "72f988bf-0000-4000-8000-0000c0ffee00",
    "subscriptions": {S.rsplit("/", 1)[1]: {"displayName": "Contoso AI"}},
    "principals": [
        {"id": BOB, "type": "User", "displayName": "Bob", "userPrincipalName": "bob@contoso.example"},
        {"id": GROUP, "type": "Group", "displayName": "AI developers", "members": [BOB]},
        {"id": PIPELINE, "displayName": "contoso-pipeline", "appId": APP},
    ],
}


def graph() -> Azure:
    return Azure(Simulator(WORLD))


def ask(path: str, filter: str = "", **more: Any) -> Got:
    return graph().get(f"/v1.0/{path}", version="", query={"$filter": filter} if filter else {}, **more)


@pytest.mark.parametrize(
    ("collection", "filter", "id"),
    [
        ("servicePrincipals", f"servicePrincipalNames/any(c:c eq '{APP}')", PIPELINE),
        ("servicePrincipals", f"appId eq '{APP.upper()}'", PIPELINE),
        ("servicePrincipals", "displayName eq 'Contoso-Pipeline'", PIPELINE),
        ("servicePrincipals", "startswith(displayName,'contoso')", PIPELINE),
        ("users", "userPrincipalName eq 'bob@contoso.example'", BOB),
        ("groups", "displayName eq 'AI developers'", GROUP),
        ("groups", "", GROUP),
    ],
)
def test_a_principal_is_found_by_each_of_its_names(collection: str, filter: str, id: str) -> None:
    got = ask(collection, filter)
    assert (got.status, [each["id"] for each in got.body["value"]]) == (200, [id])


@pytest.mark.parametrize("filter", ["displayName eq 'contoso'", f"appId eq '{BOB}'", "startswith(displayName,'x')"])
def test_another_name_finds_nobody(filter: str) -> None:
    assert ask("servicePrincipals", filter).body["value"] == []


def test_a_filter_that_is_none_is_refused() -> None:
    got = ask("users", "displayName like 'Bob'")
    assert (got.status, got.code) == (400, "BadRequest")


def test_ids_are_turned_into_names_whatever_they_are() -> None:
    body = {"ids": [BOB, GROUP, PIPELINE, "00000000-0000-4000-8000-00000000dead"]}
    got = graph().ask("POST", "/v1.0/directoryObjects/getByIds", body, version="")
    assert got.body["value"] == [
        {
            "@odata.type": "#microsoft.graph.user",
            "id": BOB,
            "displayName": "Bob",
            "userPrincipalName": "bob@contoso.example",
        },
        {
            "@odata.type": "#microsoft.graph.group",
            "id": GROUP,
            "displayName": "AI developers",
            "securityEnabled": True,
        },
        {
            "@odata.type": "#microsoft.graph.servicePrincipal",
            "id": PIPELINE,
            "displayName": "contoso-pipeline",
            "appId": APP,
            "accountEnabled": True,
            "servicePrincipalNames": [APP],
        },
    ]
    only_groups = graph().ask("POST", "/v1.0/directoryObjects/getByIds", {**body, "types": ["group"]}, version="")
    assert [each["id"] for each in only_groups.body["value"]] == [GROUP]
    assert graph().ask("POST", "/v1.0/directoryObjects/getByIds", {"ids": []}, version="").status == 400


def test_one_principal_is_read_by_its_id_or_its_other_name() -> None:
    assert ask(f"servicePrincipals/{PIPELINE}").body["appId"] == APP
    assert ask(f"servicePrincipals(appId='{APP}')").body["id"] == PIPELINE
    assert ask("users/bob@contoso.example").body["id"] == BOB
    missing = ask(f"users/{PIPELINE}")
    assert (missing.status, missing.code) == (404, "Request_ResourceNotFound")


def test_without_a_token_nothing_is_told_and_what_is_not_modelled_says_so() -> None:
    client = graph()
    client.headers = {}
    assert client.get("/v1.0/users", version="").code == "InvalidAuthenticationToken"
    assert ask("applications").code == "SimulatorNotModelled"
    assert graph().get("/v1.0/users", version="", query={"$select": "id"}).status == 501
    assert ask("me").status == 400


def test_a_managed_identity_is_a_service_principal_with_the_name_of_its_resource() -> None:
    client = Azure(Simulator())
    client.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}})
    client.simulator.clock.advance(60)
    id = client.get(GATEWAY).body["identity"]["principalId"]
    assert client.get(f"/v1.0/servicePrincipals/{id}", version="").body["displayName"] == "contoso-gateway"
