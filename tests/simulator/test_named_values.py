from typing import Any

import pytest

from tests.simulator.asking import GATEWAY, JSON, Azure, azure, policy

ONE = f"{GATEWAY}/namedValues/one"
VAULT = "https://contoso.vault.azure.net/secrets/openai-key"


def body(**properties: Any) -> JSON:
    return {"properties": {"displayName": "One", **properties}}


def made(client: Azure, at: str = ONE, **properties: Any) -> Azure:
    """The client, after a named value has come to be."""
    assert client.put(at, body(**properties)).status == 201
    client.simulator.clock.advance(60)
    return client


def ended(client: Azure, answer: Any) -> JSON:
    """What the status URL says in the end."""
    client.simulator.clock.advance(60)
    status: JSON = client.follow(answer.headers["Azure-AsyncOperation"]).body
    return status


def with_identity(**knobs: Any) -> Azure:
    client = azure(service_update_time=0, **knobs)
    client.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}})
    return client


def test_a_named_value_comes_to_be_slowly_and_cannot_be_read_before() -> None:
    client = azure(named_value_time=5)
    got = client.put(ONE, body(value="v"))
    assert (got.status, got.body["properties"]) == (201, {"ProvisioningState": "InProgress"})
    assert {"ETag", "Retry-After"}.isdisjoint(got.headers)
    assert client.get(ONE).message == "NamedValue not found."
    assert client.follow(got.headers["Azure-AsyncOperation"]).body == {"status": "InProgress"}
    assert client.follow(got.headers["Location"]).status == 202
    client.simulator.clock.advance(5)
    assert client.follow(got.headers["Azure-AsyncOperation"]).body == {"status": "Succeeded"}
    final = client.follow(got.headers["Location"])
    assert final.status == 201
    assert final.body["properties"] == {
        "displayName": "One", "value": "v", "tags": None, "secret": False, "provisioningState": "Succeeded",
    }  # fmt: skip
    assert client.put(ONE, body(value="w")).status == 200


def test_before_2024_05_01_a_write_answers_202_with_a_location_only() -> None:
    client = azure()
    got = client.put(ONE, body(value="v"), version="2022-08-01")
    assert (got.status, got.body, "Azure-AsyncOperation" in got.headers) == (202, None, False)
    client.simulator.clock.advance(60)
    assert client.follow(got.headers["Location"]).status == 201
    assert "provisioningState" not in client.get(ONE, version="2022-08-01").body["properties"]


def test_a_patch_is_accepted_and_changes_what_it_names() -> None:
    client = made(azure(), value="v", tags=["a"])
    got = client.patch(ONE, {"properties": {"value": "w"}}, if_match="*")
    assert (got.status, got.body) == (202, None)
    assert ended(client, got) == {"status": "Succeeded"}
    assert client.follow(got.headers["Location"]).status == 200
    properties = client.get(ONE).body["properties"]
    assert (properties["value"], properties["tags"]) == ("w", ["a"])


def test_a_secret_is_only_told_by_list_value() -> None:
    client = made(azure(), secret=True, value="s3cret")
    shown = client.get(ONE)
    assert "value" not in shown.body["properties"]
    assert all("s3cret" not in text for text in (shown.text, client.get(f"{GATEWAY}/namedValues").text))
    told = client.ask("POST", f"{ONE}/listValue")
    assert (told.status, told.body) == (200, {"value": "s3cret"})
    assert told.headers["ETag"] == shown.headers["ETag"]
    assert client.ask("POST", f"{GATEWAY}/namedValues/none/listValue").message == "NamedValue not found."
    assert client.ask("POST", f"{ONE}/tellMe").status == 405


@pytest.mark.parametrize(
    ("properties", "target"),
    [
        ({}, "value"),
        ({"value": "  "}, "value"),
        ({"value": "v", "keyVault": {"secretIdentifier": VAULT}}, "value"),
        ({"keyVault": {"secretIdentifier": "contoso"}}, "secretIdentifier"),
        ({"keyVault": {"secretIdentifier": VAULT}, "secret": False}, "secret"),
        ({"value": "v", "displayName": "with space"}, "properties.displayName"),
        ({"value": "v", "tags": ["t"] * 33}, "properties.tags"),
    ],
)
def test_what_no_named_value_can_be_is_refused_at_once(properties: JSON, target: str) -> None:
    got = azure().put(ONE, {"properties": {"displayName": "One"} | properties})
    assert got.status == 400
    assert [each["target"] for each in got.body["error"]["details"]] == [target]


def test_a_second_one_with_the_same_display_name_fails_after_it_was_accepted() -> None:
    client = made(azure(), value="v")
    got = client.put(f"{GATEWAY}/namedValues/two", body(value="v", displayName="ONE"))
    assert got.status == 201
    failed = ended(client, got)
    assert failed["status"] == "Failed"
    assert failed["error"]["details"][0]["message"] == "Property with the same name already exist."
    assert client.follow(got.headers["Location"]).status == 400
    assert client.get(f"{GATEWAY}/namedValues/two").status == 404


def test_a_value_takes_the_place_of_a_vault_and_the_other_way_about() -> None:
    client = made(with_identity(), keyVault={"secretIdentifier": VAULT})
    for change, has, has_not in (
        ({"value": "v", "secret": False}, "value", "keyVault"),
        ({"keyVault": {"secretIdentifier": VAULT}, "secret": True}, "keyVault", "value"),
    ):
        assert ended(client, client.patch(ONE, {"properties": change})) == {"status": "Succeeded"}
        shown = client.get(ONE).body["properties"]
        assert (has in shown, has_not in shown) == (True, False)


def test_a_value_from_a_vault_is_a_secret_with_the_state_of_its_last_reading() -> None:
    client = made(with_identity(), keyVault={"secretIdentifier": VAULT})
    properties = client.get(ONE).body["properties"]
    read = properties["keyVault"].pop("lastStatus")
    assert (read["code"], read["timeStampUtc"][:10]) == ("Success", "2026-01-01")
    assert properties["keyVault"] == {"secretIdentifier": VAULT, "identityClientId": None}
    assert (properties["secret"], "value" in properties) == (True, False)
    assert client.ask("POST", f"{ONE}/listValue").body == {"value": "value-of-openai-key"}


def test_refreshing_reads_the_vault_again() -> None:
    client = made(with_identity(), keyVault={"secretIdentifier": VAULT})
    before = client.get(ONE)
    got = client.ask("POST", f"{ONE}/refreshSecret")
    assert (got.status, got.body) == (202, None)
    assert ended(client, got) == {"status": "Succeeded"}
    done = client.follow(got.headers["Location"])
    assert (done.status, done.body["type"]) == (200, "Microsoft.ApiManagement/service/namedValues/refreshSecret")
    after = client.get(ONE)
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.body["properties"]["keyVault"]["lastStatus"] != before.body["properties"]["keyVault"]["lastStatus"]
    made(client, f"{GATEWAY}/namedValues/plain", value="v", displayName="Plain")
    assert client.ask("POST", f"{GATEWAY}/namedValues/plain/refreshSecret").status == 400


def test_a_vault_that_the_service_cannot_read_fails_the_write() -> None:
    wanted: JSON = {"secretIdentifier": VAULT}
    none = azure()
    assert "is not enabled" in str(ended(none, none.put(ONE, body(keyVault=wanted)))["error"])
    denied = with_identity(key_vault_denies="https://contoso.vault*")
    assert "Failed to access KeyVault Secret" in str(ended(denied, denied.put(ONE, body(keyVault=wanted)))["error"])
    client = with_identity(key_vault_denies="https://other.vault*")
    assert ended(client, client.put(ONE, body(keyVault=wanted))) == {"status": "Succeeded"}
    unknown = {**wanted, "identityClientId": "0b0b0b0b-0000-4000-8000-00000000dead"}
    failed = ended(client, client.put(ONE, body(keyVault=unknown)))
    assert failed["error"]["details"][0]["message"] == (
        "Can not find Managed Identity with provided IdentityClientId : 0b0b0b0b-0000-4000-8000-00000000dead. "
        "For more information please see aka.ms/apimmsi."
    )


def test_a_user_assigned_identity_may_read_the_vault() -> None:
    client = azure()
    (identity,) = client.get(GATEWAY).body["identity"]["userAssignedIdentities"].values()
    wanted = {"secretIdentifier": VAULT, "identityClientId": identity["clientId"]}
    assert ended(client, client.put(ONE, body(keyVault=wanted))) == {"status": "Succeeded"}


def test_a_named_value_that_a_policy_or_a_credential_names_cannot_be_deleted() -> None:
    client = made(azure(), value="v")
    at = f"{GATEWAY}/apis/orders-api/policies/policy"
    client.put(at, policy("<set-header name='x' exists-action='override'><value>{{One}}</value></set-header>"))
    credentials = {"header": {"api-key": ["{{one}}"]}}
    backend = {"properties": {"url": "https://x.example", "protocol": "http", "credentials": credentials}}
    assert client.put(f"{GATEWAY}/backends/keyed", backend).status == 201
    refused = client.delete(ONE, if_match="*")
    assert (refused.status, refused.message) == (
        400,
        "The Named Value 'One' is used by the following entities:\r\n"
        "/apis/orders-api/policies/policy\r\n/backends/keyed\r\n",
    )
    client.put(at, policy("<base />"))
    assert client.delete(ONE).status == 400
    client.delete(f"{GATEWAY}/backends/keyed")
    assert client.delete(ONE).status == 200
    assert client.delete(ONE).status == 204


def test_what_is_missing_is_named_as_its_api_version_names_it() -> None:
    client = azure()
    assert client.get(ONE, version="2019-12-01").message == "Property not found."
    assert client.get(ONE, version="2022-08-01").message == "NamedValue not found."
    assert client.get(ONE, version="2019-01-01").code == "NoRegisteredProviderFound"
    assert client.ask("HEAD", ONE).text == ""


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_new_name_for_what_a_policy_names_is_not_modelled(method: str) -> None:
    client = made(azure(), value="v")
    at = f"{GATEWAY}/apis/orders-api/policies/policy"
    naming = policy("<set-header name='x' exists-action='override'><value>{{One}}</value></set-header>")
    late = client.ask(method, ONE, body(value="v", displayName="Two"))
    client.put(at, naming)
    failed = ended(client, late)
    assert (failed["status"], failed["error"]["code"]) == ("Failed", "SimulatorNotModelled")
    refused = client.ask(method, ONE, body(value="v", displayName="Two"))
    assert (refused.status, client.get(ONE).body["properties"]["displayName"]) == (501, "One")
    for name in ("ONE", "Two"):  # case does not matter to who names it
        done = client.ask(method, ONE, body(value="v", displayName=name))
        assert ended(client, done) == {"status": "Succeeded"}
        client.put(at, policy("<base />"))
    assert client.get(ONE).body["properties"]["displayName"] == "Two"
