"""Every wrong value in the file, an id, a path, a placeholder, is one sentence too."""

from __future__ import annotations

import pytest

from reconciler.config_file import parse
from reconciler.errors import ConfigError
from tests.builders import GATEWAY, S1
from tests.config_texts import MINIMAL, api, profile, with_id

STORAGE = f"/subscriptions/{S1}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x"
EXAMPLE = "/subscriptions/<guid>/resourceGroups/<group>/providers/<namespace>/<type>/<name>"
PLACEHOLDERS = "{account}, {resourceGroup}, {subscription}, {location}"
ENDS_OPENAI = "must end with /openai, where OpenAI clients look; write for example"

NAMES = {
    "an unknown profile": (
        MINIMAL + "    profile: gold\n",
        "f.yaml line 6: gateways[0].profile: there is no profile 'gold'; there are: standard",
    ),
    "an unknown profile beside others": (
        MINIMAL + "    profile: gold\nprofiles:\n  silver: {}\n",
        "f.yaml line 6: gateways[0].profile: there is no profile 'gold'; there are: silver, standard",
    ),
    "one gateway twice": (
        MINIMAL + MINIMAL.split("gateways:\n")[1].replace("contoso-gw", "CONTOSO-GW"),
        "f.yaml line 6: gateways[1].id: the gateway stands twice; put all its accounts under one entry",
    ),
    "an unknown placeholder": (
        api("name: '{acount}'"),
        "f.yaml line 9: profiles.standard.api.name: '{acount}' is not a placeholder; there are " + PLACEHOLDERS,
    ),
    "an unknown placeholder in a description": (
        api("description: '{Account}'"),
        "f.yaml line 9: profiles.standard.api.description: '{Account}' is not a placeholder; there are "
        + PLACEHOLDERS,
    ),
    "a placeholder without a name": (
        api("displayName: 'x {}'"),
        "f.yaml line 9: profiles.standard.api.displayName: '{}' is not a placeholder; there are " + PLACEHOLDERS,
    ),
    "a placeholder with a format of its own": (
        api("name: '{account:>9}'"),
        "f.yaml line 9: profiles.standard.api.name: '{account:>9}' is not a placeholder; there are " + PLACEHOLDERS,
    ),
    "a placeholder with a conversion": (
        api("name: '{account!r}'"),
        "f.yaml line 9: profiles.standard.api.name: '{account!r}' is not a placeholder; there are " + PLACEHOLDERS,
    ),
    "a look into a placeholder": (
        api("name: '{account.name}'"),
        "f.yaml line 9: profiles.standard.api.name: '{account.name}' is not a placeholder; there are "
        + PLACEHOLDERS,
    ),
    "an open brace": (
        api("name: '{account'"),
        "f.yaml line 9: profiles.standard.api.name: '{account' has an unmatched brace; "
        "write a placeholder as {account}",
    ),
    "a policy expression": (
        api("displayName: '@(1)'"),
        "f.yaml line 9: profiles.standard.api.displayName: '@(1)' may not hold '@(', '@{', double braces "
        "or control characters",
    ),
    "a named value": (
        api("displayName: '{{secret}}'"),
        "f.yaml line 9: profiles.standard.api.displayName: '{{secret}}' may not hold '@(', '@{', double braces "
        "or control characters",
    ),
    "an owner that would tear the mark": (
        MINIMAL.replace("owner: contoso", "owner: a;b"),
        "f.yaml line 1: owner: 'a;b' may hold only letters, digits, '.', '_' and '-', at most 63 of them",
    ),
    "an owner that is too long": (
        MINIMAL.replace("owner: contoso", "owner: " + "a" * 64),
        f"f.yaml line 1: owner: '{'a' * 64}' may hold only letters, digits, '.', '_' and '-', at most 63 of them",
    ),
    "an identity that is neither": (
        MINIMAL + "    identity: gw\n",
        "f.yaml line 6: gateways[0].identity: 'gw' must be 'system' or the client id (a GUID) of a "
        "user-assigned identity",
    ),
    "a product with bad characters": (
        api("products: [good, a/b]"),
        "f.yaml line 9: profiles.standard.api.products[1]: 'a/b' is not a product's name: 1 to 256 characters "
        "without * # & + : < > ? /; write the name in its resource id, not its display name",
    ),
    "an empty product": (
        api("products: ['']"),
        "f.yaml line 9: profiles.standard.api.products[0]: '' is not a product's name: 1 to 256 characters "
        "without * # & + : < > ? /; write the name in its resource id, not its display name",
    ),
    "a document that does not ship": (
        api("specification: azure-openai/2099-01-01"),
        "f.yaml line 9: profiles.standard.api.specification: 'azure-openai/2099-01-01' is none of "
        "azure-openai/2024-02-01, azure-openai/2024-06-01, azure-openai/2024-10-21, no file (.json, .yaml) and no "
        "https address of a document",
    ),
    "a document that is fetched in the clear": (
        api("specification: http://contoso.example/openapi.json"),
        "f.yaml line 9: profiles.standard.api.specification: 'http://contoso.example/openapi.json' must be a plain "
        "address in the form of https://host/openapi.json",
    ),
    "a document at an address in capitals": (
        api("specification: HTTPS://contoso.example/openapi.json"),
        "f.yaml line 9: profiles.standard.api.specification: 'HTTPS://contoso.example/openapi.json' must be a "
        "plain address in the form of https://host/openapi.json",
    ),
    "a document at an address with a signature": (
        api("specification: 'https://contoso.example/openapi.json?sv=1&sig=hush'"),
        "f.yaml line 9: profiles.standard.api.specification: 'https://contoso.example/openapi.json' has a query, "
        "which the API's description would show; name a file beside this one, or an address without a query",
    ),
    "a document whose name would tear the mark": (
        api("specification: 'a;b.json'"),
        "f.yaml line 9: profiles.standard.api.specification: 'a;b.json' may hold no blanks and no ';'",
    ),
    "prune: yes": (
        MINIMAL + "safety: {prune: 'yes'}\n",
        "f.yaml line 6: 'safety.prune' must be 'report' or 'delete', not \"yes\"",
    ),
    "an authentication there is not": (
        profile("authentication: api-key"),
        "f.yaml line 8: 'profiles.standard.authentication' must be 'managed-identity', not \"api-key\"",
    ),
    "a counter there is not": (
        profile("tokenLimit: {tokensPerMinute: 1, counterKey: user}"),
        "f.yaml line 8: 'profiles.standard.tokenLimit.counterKey' must be 'subscription' or 'ip-address', "
        'not "user"',
    ),
}

IDS = {
    "without its slash": (
        with_id("subscriptions/x"),
        "f.yaml line 3: gateways[0].id: 'subscriptions/x' is not a resource id: it must start with '/', as in "
        + EXAMPLE,
    ),
    "with a name for the subscription": (
        with_id("/subscriptions/prod/resourceGroups/a"),
        "f.yaml line 3: gateways[0].id: '/subscriptions/prod/resourceGroups/a' is not a resource id: "
        "it must start with /subscriptions/<guid>, as in " + EXAMPLE,
    ),
    "cut off": (
        with_id(GATEWAY.text.rsplit("/", 1)[0]),
        f"f.yaml line 3: gateways[0].id: '{GATEWAY.text.rsplit('/', 1)[0]}' is not a resource id: "
        "a type or a name is missing; it must look like " + EXAMPLE,
    ),
    "of another type": (
        with_id(STORAGE),
        f"f.yaml line 3: gateways[0].id: '{STORAGE}' is not an API Management service; it must end "
        "/resourceGroups/<group>/providers/Microsoft.ApiManagement/service/<name> (letters, digits, -)",
    ),
    "of an API on the gateway": (
        with_id(f"{GATEWAY}/apis/x"),
        f"f.yaml line 3: gateways[0].id: '{GATEWAY}/apis/x' is not an API Management service; it must end "
        "/resourceGroups/<group>/providers/Microsoft.ApiManagement/service/<name> (letters, digits, -)",
    ),
    "with a blank in its name": (
        with_id(f"{GATEWAY} x"),
        f"f.yaml line 3: gateways[0].id: '{GATEWAY} x' is not an API Management service; it must end "
        "/resourceGroups/<group>/providers/Microsoft.ApiManagement/service/<name> (letters, digits, -)",
    ),
    "of a subscription": (
        with_id(f"/subscriptions/{S1}"),
        f"f.yaml line 3: gateways[0].id: '/subscriptions/{S1}' is not an API Management service; it must end "
        "/resourceGroups/<group>/providers/Microsoft.ApiManagement/service/<name> (letters, digits, -)",
    ),
    "a subscription that is no GUID": (
        MINIMAL.replace(f"subscription: {S1}", "subscription: prod"),
        "f.yaml line 5: gateways[0].accounts[0].subscription: 'prod' is not the GUID of a subscription; "
        "'az account list' shows yours as id",
    ),
}

PATHS = {
    "not ending /openai": (
        api("path: '{account}/v1'"),
        f"f.yaml line 9: profiles.standard.api.path: '{{account}}/v1' {ENDS_OPENAI} '{{account}}/v1/openai'",
    ),
    "only looking like it": (
        api("path: myopenai"),
        f"f.yaml line 9: profiles.standard.api.path: 'myopenai' {ENDS_OPENAI} 'myopenai/openai'",
    ),
    "in capitals": (
        api("path: x/OpenAI"),
        f"f.yaml line 9: profiles.standard.api.path: 'x/OpenAI' {ENDS_OPENAI} 'x/OpenAI/openai'",
    ),
    "with a blank": (
        api("path: a b/openai"),
        "f.yaml line 9: profiles.standard.api.path: 'a b/openai' may hold only letters, digits, "
        "'.', '_', '~', '-' and single '/'",
    ),
    "with two slashes": (
        api("path: a//openai"),
        "f.yaml line 9: profiles.standard.api.path: 'a//openai' may hold only letters, digits, "
        "'.', '_', '~', '-' and single '/'",
    ),
    "empty": (
        api("path: ''"),
        "f.yaml line 9: 'profiles.standard.api.path' is empty; give it a value, or leave it out",
    ),
}

EVERY = {
    f"{group}: {name}": case
    for group, cases in {"a value": NAMES, "an id": IDS, "a path": PATHS}.items()
    for name, case in cases.items()
}


@pytest.mark.parametrize(("text", "sentence"), EVERY.values(), ids=EVERY)
def test_a_wrong_value_is_exactly_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(text, "f.yaml")
    assert str(refused.value) == sentence
