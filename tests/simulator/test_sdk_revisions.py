"""Microsoft's own client drives revisions, releases, schemas and filters."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.apimanagement.models import (
    ApiCreateOrUpdateParameter,
    ApiReleaseContract,
    ApiUpdateContract,
    SchemaContract,
)

from simulator import Simulator
from tests.simulator.asking import GATEWAY
from tests.simulator.test_sdk import GROUP, SERVICE, gateway

ORDERS, SECOND = "orders-api", "orders-api;rev=2"


def test_a_revision_is_made_released_and_deleted_with_its_api() -> None:
    simulator = Simulator()
    client = gateway(simulator)
    body = ApiCreateOrUpdateParameter(
        source_api_id=f"{GATEWAY}/apis/{ORDERS}", path="orders", api_revision_description="two", is_current=False
    )
    made = client.api.begin_create_or_update(GROUP, SERVICE, SECOND, body).result()
    assert (made.name, made.api_revision, made.is_current) == (SECOND, "2", None)
    assert client.api.get(GROUP, SERVICE, SECOND).api_revision_description == "two"
    assert len(list(client.api_operation.list_by_api(GROUP, SERVICE, SECOND))) == 3
    with pytest.raises(HttpResponseError, match="Can't change property Name for non-current revision"):
        client.api.update(GROUP, SERVICE, SECOND, "*", ApiUpdateContract(display_name="Other"))

    release = ApiReleaseContract(api_id=f"/apis/{SECOND}", notes="out")
    client.api_release.create_or_update(GROUP, SERVICE, ORDERS, "r", release)
    assert client.api.get(GROUP, SERVICE, ORDERS).api_revision == "2"
    assert [
        (each.api_revision, each.is_current, each.private_url)
        for each in client.api_revision.list_by_service(GROUP, SERVICE, ORDERS, top=1)
    ] == [("2", True, "/orders"), ("1", False, "/orders;rev=1")]
    assert [each.notes for each in client.api_release.list_by_service(GROUP, SERVICE, ORDERS)] == ["out"]
    assert client.api.get_entity_tag(GROUP, SERVICE, f"{ORDERS};rev=1") is True

    with pytest.raises(HttpResponseError, match="Cannot delete the current revision of an API"):
        client.api.begin_delete(GROUP, SERVICE, ORDERS, "*").result()
    client.api.begin_delete(GROUP, SERVICE, ORDERS, "*", delete_revisions=True).result()
    with pytest.raises(ResourceNotFoundError, match="Api not found"):
        client.api.get(GROUP, SERVICE, f"{ORDERS};rev=1")


def test_schemas_are_made_listed_and_deleted() -> None:
    client = gateway(Simulator())
    body = SchemaContract(
        content_type="application/vnd.ms-azure-apim.graphql.schema", value="type Query { a: Int }"
    )
    made = client.api_schema.begin_create_or_update(GROUP, SERVICE, ORDERS, "graphql", body).result()
    assert (made.name, made.value) == ("graphql", "type Query { a: Int }")
    listed = list(client.api_schema.list_by_api(GROUP, SERVICE, ORDERS))
    assert [(each.name, each.value) for each in listed] == [("graphql", None)]
    client.api_schema.delete(GROUP, SERVICE, ORDERS, "graphql", "*")
    assert list(client.api_schema.list_by_api(GROUP, SERVICE, ORDERS)) == []


def test_lists_are_filtered_page_by_page() -> None:
    client = gateway(Simulator())
    found = client.api.list_by_service(GROUP, SERVICE, filter="contains(name,'-api') and isCurrent eq true", top=1)
    assert [each.name for each in found] == ["legacy-openai-api", ORDERS]
    found = client.api_operation.list_by_api(GROUP, SERVICE, ORDERS, filter="method eq 'GET'", top=1)
    assert [each.name for each in found] == ["get-order", "list-orders"]
    with pytest.raises(HttpResponseError, match="Invalid filter clause"):
        list(client.api.list_by_service(GROUP, SERVICE, filter="apiVersion eq 'v1'"))
