"""An answer is a copy: whoever changes it, or the resource while the answer is being written, changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.app import KINDS
from simulator.kinds import View
from tests.simulator.asking import GATEWAY, JSON, OPENAI_USER, Azure, S, azure

LOCK: JSON = {"properties": {"level": "CanNotDelete", "owners": [{"applicationId": "a"}]}}
ROLE: JSON = {
    "properties": {
        "roleName": "Reader of things",
        "assignableScopes": [S],
        "permissions": [{"actions": ["*/read"]}],
    }
}
GRANT: JSON = {"authorizationCode": {"clientId": "c"}}
PROVIDER: JSON = {"properties": {"identityProvider": "aad", "oauth2": {"grantTypes": GRANT}}}
VAULT = {"secretIdentifier": "https://contoso.vault.azure.net/secrets/openai-key"}


def everything() -> Azure:
    """The built-in world and what it does not have."""
    client = azure(service_update_time=0, named_value_time=0)
    client.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}})
    authorization = f"{S}/providers/Microsoft.Authorization"
    client.simulator.put(f"{authorization}/locks/l", LOCK)
    client.simulator.put(f"{authorization}/roleDefinitions/{OPENAI_USER[-36:-1]}e", ROLE)
    client.simulator.put(f"{GATEWAY}/authorizationProviders/p", PROVIDER)
    client.simulator.put(f"{GATEWAY}/namedValues/k", {"properties": {"displayName": "k", "keyVault": VAULT}})
    return client


def parts(value: Any) -> Iterator[int]:
    """The identities of all objects and lists in a value."""
    if isinstance(value, dict | list):
        yield id(value)
        for each in value.values() if isinstance(value, dict) else value:
            yield from parts(each)


@pytest.mark.parametrize("mode", ["get", "list", "put"])
def test_what_is_shown_of_any_resource_is_not_what_is_kept(mode: Any) -> None:
    client = everything()
    shared = []
    for entity in client.simulator.cloud.store:
        kind = KINDS[entity.type.lower()]
        shown = kind.show(entity, View(client.simulator.cloud, mode, max(kind.versions)))
        if set(parts(shown)) & set(parts(entity.body)):
            shared.append(entity.type)
    assert shared == []
    types = {entity.type.rsplit("/", 1)[-1] for entity in client.simulator.cloud.store}
    assert {"locks", "roleDefinitions", "authorizationProviders", "namedValues", "accounts", "apis"} <= types


def test_reading_a_vault_again_leaves_what_was_kept_before_alone() -> None:
    client = everything()
    entity = client.simulator.cloud.need(f"{GATEWAY}/namedValues/k")
    before = entity.properties["keyVault"]
    told = dict(before)
    client.simulator.clock.advance(60)
    client.ask("POST", f"{GATEWAY}/namedValues/k/refreshSecret")
    assert entity.properties["keyVault"] != told
    assert before == told
