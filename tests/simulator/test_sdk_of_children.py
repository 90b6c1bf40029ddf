"""Microsoft's own client drives what lives beside the APIs."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from simulator import Simulator
from tests.simulator.asking import GATEWAY, JSON, policy
from tests.simulator.test_sdk import gateway

AT = ("rg-gateway", "contoso-gateway")
VAULT = "https://contoso.vault.azure.net/secrets/key"


def of(**properties: object) -> JSON:
    return {"properties": properties}


def test_named_values_are_polled_told_changed_and_refreshed() -> None:
    simulator = Simulator(named_value_time=3, service_update_time=0)
    client = gateway(simulator)
    made = client.named_value.begin_create_or_update(
        *AT, "nv", of(displayName="NV", value="v", secret=True)
    ).result()
    assert (made.display_name, made.value, simulator.clock.seconds()) == ("NV", None, 3)
    client.named_value.begin_update(*AT, "nv", "*", of(value="w")).result()
    assert client.named_value.list_value(*AT, "nv").value == "w"
    with pytest.raises(HttpResponseError, match="same name already exist"):
        client.named_value.begin_create_or_update(*AT, "nv2", of(displayName="NV", value="v")).result()
    client.api_management_service.begin_update(*AT, {"identity": {"type": "SystemAssigned"}}).result()
    vault = of(displayName="KV", keyVault={"secretIdentifier": VAULT})
    client.named_value.begin_create_or_update(*AT, "kv", vault).result()
    refreshed = client.named_value.begin_refresh_secret(*AT, "kv").result()
    assert refreshed.key_vault.last_status.code == "Success"
    assert [each.name for each in client.named_value.list_by_service(*AT, filter="displayName eq 'kv'")] == ["kv"]
    client.named_value.delete(*AT, "nv", "*")
    with pytest.raises(ResourceNotFoundError):
        client.named_value.get(*AT, "nv")


def test_fragments_are_polled_and_say_who_includes_them() -> None:
    client = gateway(Simulator())
    value = "<fragment><set-variable name='a' value='b' /></fragment>"
    made = client.policy_fragment.begin_create_or_update(*AT, "f", of(value=value, description="D")).result()
    assert (made.provisioning_state, made.id) == ("Succeeded", f"{GATEWAY}/policyfragments/f")
    client.api_policy.create_or_update(*AT, "orders-api", "policy", policy("<include-fragment fragment-id='f' />"))
    listed = client.policy_fragment.list_references(*AT, "f")
    assert [each.id for each in listed.value] == [f"{GATEWAY}/apis/orders-api/policies/policy"]
    with pytest.raises(HttpResponseError, match="is used by the following entities"):
        client.policy_fragment.delete(*AT, "f", "*")


def test_loggers_and_diagnostics_go_through() -> None:
    client = gateway(Simulator())
    insights = of(loggerType="applicationInsights", credentials={"instrumentationKey": "k"})
    assert client.logger.create_or_update(*AT, "l", insights).is_buffered
    made = client.api_diagnostic.create_or_update(
        *AT, "orders-api", "applicationinsights", of(loggerId="/loggers/l", sampling={"percentage": 12.5})
    )
    assert (made.sampling.percentage, made.http_correlation_protocol) == (12.5, "Legacy")
    assert client.api_diagnostic.get_entity_tag(*AT, "orders-api", "applicationinsights")
    client.api_diagnostic.delete(*AT, "orders-api", "applicationinsights", "*")
    with pytest.raises(ResourceNotFoundError):
        client.api_diagnostic.get_entity_tag(*AT, "orders-api", "applicationinsights")
    assert [each.name for each in client.diagnostic.list_by_service(*AT)] == ["azuremonitor"]
    client.logger.delete(*AT, "l", "*")


def test_products_have_groups_and_subscriptions() -> None:
    client = gateway(Simulator())
    client.product_group.create_or_update(*AT, "starter", "guests")
    assert client.product_group.check_entity_exists(*AT, "starter", "guests")
    with pytest.raises(ResourceNotFoundError):
        client.product_group.check_entity_exists(*AT, "starter", "developers")
    made = client.subscription.create_or_update(*AT, "s", of(displayName="S", scope="/products/starter"))
    assert (len(made.primary_key), made.state) == (32, "active")
    assert client.subscription.get(*AT, "s").primary_key is None
    client.subscription.regenerate_primary_key(*AT, "s")
    secrets = client.subscription.list_secrets(*AT, "s")
    assert (secrets.primary_key != made.primary_key, secrets.secondary_key) == (True, made.secondary_key)
    assert [each.name for each in client.product_subscriptions.list(*AT, "starter")] == ["s"]
    with pytest.raises(HttpResponseError, match="deleteSubscriptions=true"):
        client.product.delete(*AT, "starter", "*")
    client.product.delete(*AT, "starter", "*", delete_subscriptions=True)
    assert [each.name for each in client.subscription.list(*AT)] == ["master"]


def test_tags_backends_and_lists_by_tag_go_through() -> None:
    client = gateway(Simulator())
    client.tag.create_or_update(*AT, "t", of(displayName="T"))
    client.tag.assign_to_api(*AT, "orders-api", "t")
    client.tag.assign_to_operation(*AT, "orders-api", "list-orders", "t")
    assert client.tag.get_entity_state_by_api(*AT, "orders-api", "t")
    assert [each.api.name for each in client.api.list_by_tags(*AT)] == ["Orders"]
    assert [each.operation.name for each in client.operation.list_by_tags(*AT, "orders-api")] == ["List orders"]
    assert len(list(client.tag_resource.list_by_service(*AT))) == 2
    client.backend.reconnect(*AT, "legacy-openai")
    client.tag.detach_from_api(*AT, "orders-api", "t")
    assert list(client.api.list_by_tags(*AT)) == []
