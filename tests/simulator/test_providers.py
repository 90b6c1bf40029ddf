from tests.simulator.asking import GATEWAY, JSON, azure

ONE = f"{GATEWAY}/authorizationProviders/one"


def provider(**code: str) -> JSON:
    return {
        "properties": {
            "displayName": "One", "identityProvider": "aad", "oauth2": {"grantTypes": {"authorizationCode": code}},
        }
    }  # fmt: skip


def test_a_provider_is_created_with_200_without_an_etag_and_tells_no_secret() -> None:
    client = azure()
    got = client.put(ONE, provider(ResourceUri="https://contoso.example", clientId="c", clientSecret="s3cret"))
    assert (got.status, "ETag" in got.headers, "\r\n" in got.text, "s3cret" in got.text) == (
        200,
        False,
        False,
        False,
    )
    assert list(got.body) == ["id", "name", "type", "location", "properties"]
    assert got.body["location"] == "East US"
    assert got.body["properties"]["oauth2"] == {
        "redirectUrl": "https://authorization-manager.consent.azure-apim.net/redirect/apim/contoso-gateway",
        "grantTypes": {
            "authorizationCode": {"clientId": "c", "scopes": None, "resourceUri": "https://contoso.example"}
        },
    }
    assert client.get(ONE).body == got.body
    assert client.delete(ONE).status == 200


def test_what_is_missing_is_told_in_the_subsystems_own_shape() -> None:
    client = azure()
    client.put(ONE, provider())
    got = client.get(f"{ONE}/authorizations/none/accessPolicies/x")
    assert (got.status, got.body["error"]) == (
        404,
        {
            "code": "AuthorizationGatewayNotFoundException",
            "subCode": None,
            "message": "Cannot find connection with name none .",
            "details": None,
            "innerError": None,
        },
    )
    assert client.get(f"{GATEWAY}/authorizationProviders/none").body["error"]["subCode"] is None
    assert client.delete(f"{ONE}/authorizations/none").status == 204


def test_what_was_never_seen_is_not_modelled() -> None:
    client = azure()
    body = provider()
    body["properties"]["identityProvider"] = "github"
    assert client.put(ONE, body).status == 501
    client.put(ONE, provider())
    assert client.put(f"{ONE}/authorizations/a", {"properties": {}}).status == 501
