"""Signing in at the simulated directory, as the Azure CLI and azure-identity do it."""

import base64
import json

import pytest
from werkzeug.test import Client, EnvironBuilder

from tests.simulator.asking import EAST, JSON, Azure, Got, S, azure

TENANT = "72f988bf-0000-4000-8000-0000c0ffee00"
PIPELINE = "0b0b0b0b-0000-4000-8000-00000000c0de"
PIPELINE_OBJECT = "0b0b0b0b-0000-4000-8000-000000000003"
STRANGER = "11111111-0000-4000-8000-000000000001"
LOCAL = "https://localhost:8443"
ARM = "https://management.core.windows.net/"
MODEL: JSON = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
}


def directory() -> Azure:
    """A client without a token, on a port of this machine."""
    client = azure()
    client.base, client.headers = LOCAL, {}
    return client


def sign_in(client: Azure, tenant: str = TENANT, path: str = "oauth2/v2.0/token", **form: str) -> Got:
    asked = {
        "grant_type": "client_credentials",
        "client_id": PIPELINE,
        "client_secret": "anything",
        "scope": f"{ARM}/.default",
        **form,
    }
    builder = EnvironBuilder(
        path=f"/{tenant}/{path}",
        method="POST",
        base_url=LOCAL,
        data={name: value for name, value in asked.items() if value},
    )
    response = Client(client.simulator).open(builder)
    return Got(response.status_code, response.get_json(), dict(response.headers))


def claims(got: Got) -> JSON:
    header, body, signature = got.body["access_token"].split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"typ": "JWT", "alg": "none"}
    assert signature == ""
    found: JSON = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def test_a_token_says_who_signed_in_for_what() -> None:
    got = sign_in(directory())
    assert got.status == 200
    assert {name: got.body[name] for name in ("token_type", "expires_in", "ext_expires_in")} == {
        "token_type": "Bearer",
        "expires_in": 3599,
        "ext_expires_in": 3599,
    }
    said = claims(got)
    assert said.pop("exp") - said.pop("iat") == 3599
    said.pop("nbf")
    assert said == {
        "aud": ARM,
        "iss": f"https://sts.windows.net/{TENANT}/",
        "appid": PIPELINE,
        "appidacr": "1",
        "idp": f"https://sts.windows.net/{TENANT}/",
        "idtyp": "app",
        "oid": PIPELINE_OBJECT,
        "sub": PIPELINE_OBJECT,
        "tid": TENANT,
        "ver": "1.0",
    }


def test_what_a_service_principal_writes_is_told_in_its_name() -> None:
    client = directory()
    client.headers = {"Authorization": f"Bearer {sign_in(client).body['access_token']}"}
    assert client.put(f"{EAST}/deployments/from-the-pipeline", MODEL).status == 201
    told = client.simulator.events[-1]["data"]["claims"]
    assert told["appid"] == PIPELINE
    assert told["http://schemas.microsoft.com/identity/claims/objectidentifier"] == PIPELINE_OBJECT


def test_an_application_that_nobody_declared_gets_one_object_id_and_keeps_it() -> None:
    client = directory()
    first, again = (claims(sign_in(client, client_id=STRANGER)) for _ in range(2))
    assert first["appid"] == STRANGER
    assert first["oid"] == again["oid"] != PIPELINE_OBJECT
    assert claims(sign_in(directory(), client_id=STRANGER))["oid"] == first["oid"]


def test_a_certificate_signs_in_as_well_as_a_secret() -> None:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    got = sign_in(directory(), client_secret="", client_assertion="a.b.c", client_assertion_type=kind)
    assert (got.status, claims(got)["appidacr"]) == (200, "2")


def test_the_older_protocol_takes_a_resource_and_writes_numbers_as_text() -> None:
    got = sign_in(directory(), path="oauth2/token", scope="", resource="https://management.azure.com/")
    assert (got.status, got.body["expires_in"], got.body["resource"]) == (
        200,
        "3599",
        "https://management.azure.com/",
    )
    assert claims(got)["aud"] == "https://management.azure.com/"


@pytest.mark.parametrize(
    ("wrong", "tenant", "answer"),
    [
        ({"grant_type": ""}, TENANT, (400, "invalid_request", 900144)),
        ({"client_id": ""}, TENANT, (400, "invalid_request", 900144)),
        ({"scope": ""}, TENANT, (400, "invalid_request", 900144)),
        ({"client_id": "me"}, TENANT, (400, "unauthorized_client", 700016)),
        ({"client_secret": ""}, TENANT, (401, "invalid_client", 7000218)),
        ({"scope": "https://management.azure.com/user_impersonation"}, TENANT, (400, "invalid_scope", 1002012)),
        ({"scope": "https://example.com/.default"}, TENANT, (400, "invalid_resource", 500011)),
        ({}, STRANGER, (400, "invalid_tenant", 90002)),
        ({}, "common", (400, "invalid_request", 50059)),
        ({"grant_type": "password"}, TENANT, (501, "unsupported_grant_type", 70003)),
    ],
)
def test_a_wrong_request_for_a_token_is_refused_with_its_number(
    wrong: dict[str, str], tenant: str, answer: tuple[int, str, int]
) -> None:
    got = sign_in(directory(), tenant, **wrong)
    assert (got.status, got.body["error"], *got.body["error_codes"]) == answer
    assert got.body["error_description"].startswith(f"AADSTS{answer[2]}: ")
    assert {"timestamp", "trace_id", "correlation_id"} < set(got.body)


def test_the_endpoints_of_the_cloud_are_where_it_was_asked() -> None:
    got = directory().get("/metadata/endpoints", version="2022-09-01")
    assert got.status == 200
    assert got.body == {
        "name": "Simulator",
        "authentication": {
            "loginEndpoint": LOCAL,
            "audiences": [ARM, "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": f"{LOCAL}/",
        "microsoftGraphResourceId": f"{LOCAL}/",
        "suffixes": {},
    }
    assert directory().get("/metadata/endpoints", version="2019-05-01").body == [got.body]
    assert directory().get("/metadata/endpoints", version="2015-01-01").status == 501


@pytest.mark.parametrize("version", ["v2.0/", ""])
def test_the_openid_configuration_names_the_token_endpoint_of_the_tenant(version: str) -> None:
    client = directory()
    got = client.get(f"/{TENANT}/{version}.well-known/openid-configuration", version="")
    assert (got.status, got.body["issuer"]) == (200, f"{LOCAL}/{TENANT}/v2.0")
    assert got.body["token_endpoint"] == f"{LOCAL}/{TENANT}/oauth2/v2.0/token"
    assert client.get(got.body["jwks_uri"].removeprefix(LOCAL), version="").body == {"keys": []}
    assert client.get("/common/v2.0/.well-known/openid-configuration", version="").status == 200
    assert client.get(f"/{STRANGER}/v2.0/.well-known/openid-configuration", version="").status == 400


def test_a_token_for_one_service_is_no_token_for_another() -> None:
    client = directory()
    for scope, at_arm, at_graph in (
        (ARM, 200, 401),
        (LOCAL, 200, 200),
        ("https://graph.microsoft.com", 401, 200),
        ("https://cognitiveservices.azure.com", 401, 401),
    ):
        token = sign_in(client, scope=f"{scope}/.default").body["access_token"]
        client.headers = {"Authorization": f"Bearer {token}"}
        groups = client.get(f"{S}/resourcegroups", version="2024-11-01")
        users = client.get("/v1.0/users", version="")
        assert (groups.status, users.status) == (at_arm, at_graph)
        assert groups.status == 200 or groups.code == "InvalidAuthenticationTokenAudience"
        assert users.status == 200 or users.code == "InvalidAuthenticationToken"


def test_a_secret_is_not_kept_among_the_requests() -> None:
    client = directory()
    sign_in(client, client_secret="not-for-anybody")
    assert client.simulator.requests[-1]["path"] == f"/{TENANT}/oauth2/v2.0/token"
    assert "not-for-anybody" not in json.dumps(client.simulator.requests)


def test_who_may_only_read_accounts_may_still_list_its_subscriptions_and_tenants() -> None:
    client = azure(enforce_role={"actions": ["Microsoft.CognitiveServices/accounts/read"]})
    subscriptions = client.get("/subscriptions", version="2022-12-01").body
    assert [each["subscriptionId"] for each in subscriptions["value"]] == [S.rsplit("/", 1)[1]]
    assert subscriptions["count"] == {"type": "Total", "value": 1}
    assert client.get("/tenants", version="2022-12-01").body["value"][0]["tenantId"] == TENANT
    assert client.get(S, version="2022-12-01").status == 403
