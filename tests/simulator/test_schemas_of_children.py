"""The published schemas judge what lives beside the APIs: named values, fragments, loggers, groups and the rest."""

from tests.simulator.asking import GATEWAY, JSON, azure, shared
from tests.simulator.judge import Judge, check, published, type_of

VAULT = "https://contoso.vault.azure.net/secrets/key"
BODIES: list[tuple[str, JSON]] = [
    ("namedValues/plain", {"displayName": "Plain", "value": "v", "tags": ["a"]}),
    ("namedValues/hidden", {"displayName": "Hidden", "value": "v", "secret": True}),
    ("namedValues/vault", {"displayName": "Vault", "keyVault": {"secretIdentifier": VAULT}}),
    (
        "policyFragments/f",
        {
            "description": "d",
            "format": "rawxml",
            "value": "<fragment><set-variable name='a' value='b' /></fragment>",
        },
    ),
    (
        "loggers/insights",
        {"loggerType": "applicationInsights", "description": "d", "credentials": {"instrumentationKey": "k"}},
    ),
    (
        "diagnostics/applicationinsights",
        {
            "loggerId": "/loggers/insights",
            "alwaysLog": "allErrors",
            "sampling": {"samplingType": "fixed", "percentage": 50},
            "frontend": {"request": {"headers": ["a"], "body": {"bytes": 1}}},
            "verbosity": "error",
            "operationNameFormat": "Url",
            "metrics": True,
        },
    ),
    ("apis/orders-api/diagnostics/applicationinsights", {"loggerId": "/loggers/insights"}),
    ("groups/g", {"displayName": "G", "description": "d", "type": "external", "externalId": "aad://c/groups/1"}),
    (
        "subscriptions/s",
        {"displayName": "S", "scope": "/products/starter", "ownerId": "/users/1", "state": "active"},
    ),
    ("tags/t", {"displayName": "T"}),
]


def test_what_is_accepted_and_what_is_answered_holds_against_the_published_schemas() -> None:
    shared("azure/schemas")
    judge = Judge(azure(service_update_time=0).simulator)
    judge.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}})
    for place, properties in BODIES:
        judge.put(f"{GATEWAY}/{place}", {"properties": properties})
        judge.simulator.clock.advance(60)
        judge.get(f"{GATEWAY}/{place}")
        judge.get(f"{GATEWAY}/{place.rpartition('/')[0]}")
        judge.put(f"{GATEWAY}/{place}", {"properties": properties})
        judge.simulator.clock.advance(60)
    judge.put(f"{GATEWAY}/products/starter/groups/g")
    judge.get(f"{GATEWAY}/products/starter/groups")
    judge.patch(f"{GATEWAY}/subscriptions/s", {"properties": {"state": "suspended"}})
    judge.patch(f"{GATEWAY}/namedValues/plain", {"properties": {"value": "w"}})
    judge.patch(f"{GATEWAY}/loggers/insights", {"properties": {"isBuffered": False}})
    for place in ("apis/orders-api", "apis/orders-api/operations/list-orders", "products/starter"):
        judge.put(f"{GATEWAY}/{place}/tags/t")
        judge.get(f"{GATEWAY}/{place}/tags")
    resources = judge.simulator.resources()
    assert len([id for id in resources if type_of(id) in published()]) > 30
    for id, body in resources.items():
        if type_of(id) in published():
            check(published()[type_of(id)]["response"], body, id)


def test_what_was_looked_at_can_be_put_back() -> None:
    client = azure(service_update_time=0)
    client.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}})
    for place, properties in BODIES:
        assert client.put(f"{GATEWAY}/{place}", {"properties": properties}).status in {200, 201}
        client.simulator.clock.advance(60)
    client.put(f"{GATEWAY}/products/new", {"properties": {"displayName": "New"}})
    before = client.simulator.resources()
    below = {id: body for id, body in before.items() if id.startswith(f"{GATEWAY}/")}
    for id, body in below.items():
        client.simulator.put(id, body)
    after = client.simulator.resources()
    after[f"{GATEWAY}/namedValues/vault"] = before[f"{GATEWAY}/namedValues/vault"]  # the vault was read again
    assert {id: after[id] for id in below} == below
