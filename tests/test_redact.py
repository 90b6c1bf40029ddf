"""What of a body may be seen: no secret, and everything else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.model import Unknown
from reconciler.redact import redacted, without_secrets

SPECIFICATION = "managed-by=x; spec=https://a.blob.example/d.json?sv=1&sig=hunter2@0123456789ab"
LEAKS: dict[str, tuple[Any, str]] = {
    "a password in a policy": ('<a><authentication-basic username="bob" password="hunter2" /></a>', "bob"),
    "a key in a header": ('<set-header name="api-key"><value>hunter2</value></set-header>', "api-key"),
    "an authorization header": (
        "<set-header exists-action='skip' name='Authorization'>\n<value>Basic hunter2</value></set-header>",
        "Authorization",
    ),
    "a key in the query": ('<set-query-parameter name="code"><value>hunter2</value></set-query-parameter>', "code"),
    "the key of a token check": ("<issuer-signing-keys><key>hunter2</key></issuer-signing-keys>", "issuer"),
    "a key with attributes": ('<decryption-keys><key certificate-id="a">hunter2</key></decryption-keys>', "key"),
    "after a comparison": ('<set-header a="1 > 0" name="x-key"><value>hunter2</value></set-header>', "x-key"),
    "a shared access signature": ('<set-header name="sas"><value>hunter2</value></set-header>', "sas"),
    "an escaped name": ('<set-header name="api-k&#101;y"><value>hunter2</value></set-header>', "api-k&#101;y"),
    "the second value": ('<set-header name="key"><value>a</value><value>hunter2</value></set-header>', "key"),
    "a value with an end in it": (
        '<set-header name="Cookie"><value><![CDATA[hunter2</value>hunter2]]></value></set-header>',
        "Cookie",
    ),
    "an expression": ('<set-header name="Cookie"><value>@("a" + "hunter2")</value></set-header>', "Cookie"),
    "what is checked": ('<check-header name="x-api-key"><value>hunter2</value></check-header>', "x-api-key"),
    "a variable": ('<set-variable name="apiKey" value="hunter2" />', "apiKey"),
    "a variable, value first": ("<set-variable value='hunter2' name='client-secret' />", "client-secret"),
    "an expression for a variable": (
        '<set-variable name="apiKey" value="@(a["x"] + "hunter2")" /><base />',
        "<base />",
    ),
    "a value in the cache": ('<cache-store-value key="apiKey" value="hunter2" duration="60" />', "60"),
    "a default": ('<cache-lookup-value key="a" variable-name="token" default-value="hunter2" />', "token"),
    "the body of a request": ("<set-body>client_secret=hunter2</set-body><base />", "<base />"),
    "a body with markup in it": ("<set-body><![CDATA[<a>hunter2</a>]]></set-body><base />", "<base />"),
    "a body that does not end": ("<a><set-body>hunter2", "<a>"),
    "a certificate": ('<authentication-certificate body="hunter2" thumbprint="1A" />', "1A"),
    "a URL in a policy": ("<set-url>https://x.example/f?a=hunter2&amp;code=hunter2</set-url>", "x.example/f"),
    "a URL in an attribute": ('<set-backend-service base-url="https://x.example/?code=hunter2" />', "x.example"),
    "a query without a host": ('<rewrite-uri template="/x?code=hunter2" />', "/x?code="),
    "who goes through a proxy": ('<proxy url="http://u:hunter2@p.example:80" />', "p.example:80"),
    "a comment": ('<!-- <set-header name="x-key"><value>hunter2</value></set-header> -->', "x-key"),
    "a tag that is none": ('<basic a="<" b=1 password="hunter2" />', "basic"),
    "credentials": ({"credentials": {"header": {"x": ["hunter2"]}, "query": {}}}, "header"),
    "a password": ({"adminPassword": "hunter2"}, "adminPassword"),
    "a secret": ({"clientSecret": "hunter2"}, "clientSecret"),
    "a secret named value": ({"secret": True, "value": "hunter2"}, "True"),
    "a connection string": ({"connectionString": "hunter2"}, "connectionString"),
    "in a list": ([{"credentials": {"instrumentationKey": "hunter2"}}], "instrumentationKey"),
    "a list of certificates": ({"certificates": [{"encodedCertificate": "hunter2"}]}, "encodedCertificate"),
    "a password of a certificate": ({"certificates": [{"certificatePassword": "hunter2"}]}, "certificates"),
    "user information": ({"url": "https://u:hunter2@h.example/x"}, "h.example/x"),
    "user information with an @": ({"url": "https://u:hunter1@hunter2@h.example/x"}, "h.example/x"),
    "a signed URL": ({"url": "https://h.example/x?sv=1&sig=hunter2%3D"}, "h.example/x?sv="),
    "a service URL": ({"serviceUrl": "https://h.example/x?code=hunter2"}, "h.example/x?code="),
    "a URL in a sentence": ({"description": SPECIFICATION}, "a.blob.example/d.json"),
    "the default of a header": ({"headers": [{"name": "api-key", "defaultValue": "hunter2"}]}, "api-key"),
    "the values of a header": ({"headers": [{"name": "api-key", "values": ["hunter2"]}]}, "api-key"),
    "an example": ({"headers": [{"name": "code", "examples": {"a": {"value": "hunter2"}}}]}, "code"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAKS)
def test_a_secret_is_replaced_and_the_rest_stays(name: str) -> None:
    value, stays = LEAKS[name]
    seen = str(redacted(value))
    assert "hunter" not in seen
    assert "(secret)" in seen
    assert stays in seen


HARMLESS: list[Any] = [
    {"credentials": {"header": {"api-key": ["{{contoso-key}}"]}}},
    {"secret": True, "value": "{{other}}"},
    {"secret": False, "value": "x"},
    {"keyVault": {"secretIdentifier": "https://v.vault.azure.net/secrets/a"}},
    {"password": None},
    '<authentication-basic username="u" password="{{bob}}" />',
    '<set-header name="api-key" exists-action="delete" /><set-header name="x"><value>1</value></set-header>',
    '<set-header name="x"><value>1</value></set-header><set-header name="api-key"></set-header>',
    '<set-header name="api-key"><value> {{key}} </value></set-header><a><value>1</value></a>',
    '<set-variable name="region" value="@(context.Deployment.Region)" />',
    '<set-variable name="apiKey" value="{{key}}" /><set-body>{{body}}</set-body>',
    '<set-url>https://x.example/f?code={{code}}</set-url><proxy url="http://{{u}}:{{p}}@p.example" />',
    '<cors allow-credentials="true"><allowed-origins><origin>*</origin></allowed-origins></cors>',
    '<rate-limit-by-key calls="10" counter-key="@(context.Subscription.Id)" />',
    "<!-- a note --><set-status code='401' reason=\"a &gt; b\" /><![CDATA[ x ]]>",
    '<choose><when condition="@(a?b==1:c&amp;&amp;d==2)"><base /></when></choose>',
    "the password is shown in a sentence; so is bob@contoso.example",
    {"urlTemplate": "/deployments/{deployment-id}?version={version}", "path": "x/openai"},
    {"subscriptionKeyParameterNames": {"header": "api-key", "query": "subscription-key"}},
    {"templateParameters": [{"name": "deployment-id", "defaultValue": "gpt", "values": []}]},
    {"headers": [{"name": "api-key", "defaultValue": "{{key}}", "required": True, "values": []}]},
    {"url": "https://contoso-east.openai.azure.com/openai"},
    {"sku": {"name": "Developer", "capacity": 1}},
]  # fmt: skip


@pytest.mark.parametrize("value", HARMLESS, ids=str)
def test_what_is_no_secret_is_shown(value: Any) -> None:
    assert redacted(value) == value


DIFFERS = [
    "properties.value/inbound/send-request/set-body/text()",
    "properties.value/inbound/set-variable[2]/@value",
    "properties.value/inbound/check-header/value[1]/text()",
    "properties.value/inbound/authentication-certificate/@body",
]


@pytest.mark.parametrize("path", DIFFERS)
def test_a_difference_in_a_policy_shows_no_secret(path: str) -> None:
    assert redacted("hunter2", path) == "(secret)"
    assert redacted("{{key}}", path) == "{{key}}"


def test_an_unknown_value_is_said_in_words_wherever_it_stands() -> None:
    assert redacted({"a": [Unknown("x")]}) == {"a": ["(x: known after apply)"]}


def test_a_document_stays_readable_json_without_the_queries_of_its_addresses() -> None:
    document = {"servers": [{"url": "https://h.example/a?code=hunter2"}], "paths": {"/a?b={b}": {}}}
    seen = json.loads(redacted({"value": json.dumps(document)})["value"])
    assert seen == {"servers": [{"url": "https://h.example/a?code=(secret)"}], "paths": {"/a?b={b}": {}}}


ENDLESS = ('<a b="@(', "<a ", "<a x='1' ", "<a b='@(\"' c=\"@('\" ", "<set-body><![CDATA[", "<!-- <value>")


@pytest.mark.timeout(10)  # the patterns that read it try no way twice
@pytest.mark.parametrize("part", ENDLESS)
def test_a_policy_in_which_nothing_ends_is_read_in_a_moment(part: str) -> None:
    assert redacted(f"{part * 1000}<basic password='hunter2' />").count("hunter2") == 0


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "AccountName=x;AccountKey=hunter2/==;EndpointSuffix=y",
            "AccountName=x;AccountKey=(secret);EndpointSuffix=y",
        ),
        ("answered 400: password=hunter2", "answered 400: password=(secret)"),
        ("refused: sig=hunter2 code=hunter2", "refused: sig=(secret) code=(secret)"),
        ("Authorization: Bearer hunter2.x", "Authorization: Bearer (secret)"),
        ("Authorization: Basic aHVudGVyMg==", "Authorization: Basic (secret)"),
        ("the token eyJhbGciOiJIUzI1NiJ9.hunter2.hunter2 is old", "the token (secret) is old"),
        ("api-key: hunter2 was sent", "api-key: (secret) was sent"),
        ('{"primaryKey": "hunter2", "code": "Bad"}', '{"primaryKey": "(secret)", "code": "Bad"}'),
        ("https://u:hunter2@h.example/x", "https://(secret)@h.example/x"),
        ("client_secret='hunter 2'", "client_secret='(secret)'"),
    ],
)
def test_a_secret_in_a_sentence_is_replaced(said: str, shown: str) -> None:
    assert without_secrets(said) == shown
    assert without_secrets(shown) == shown


@pytest.mark.parametrize(
    "said",
    [
        "Bearer token is missing; Basic authentication is off",
        "the token: it expired; sign in again",
        "a == b, key == 3, api-key={{ours}}",
        "managed-by=x; account=/subscriptions/1/accounts/a",
        "line 3: 'gatways' is not a setting; did you mean 'gateways'?",
        "answered 403 AuthorizationFailed: Microsoft.Authorization/roleAssignments/write is missing",
        "",
    ],
)
def test_a_sentence_without_a_secret_stays_as_it_is(said: str) -> None:
    assert without_secrets(said) == said
