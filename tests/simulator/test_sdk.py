"""Microsoft's own clients drive the routes; nobody here wrote them."""

import io
import json
import threading
from typing import Any

import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.apimanagement import ApiManagementClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.cognitiveservices import CognitiveServicesManagementClient

from simulator import Simulator
from simulator.transport import SimulatorTransport
from tests.simulator.asking import EAST, GATEWAY, JSON, OPENAI_USER, S, policy
from tests.simulator.documents import imported, operation

GROUP, SERVICE = "rg-gateway", "contoso-gateway"
Client = Any


class Token(SansIOHTTPPolicy[Any, Any]):
    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.http_request.headers["Authorization"] = "Bearer token"


def settings(simulator: Simulator) -> JSON:
    return {
        "credential": object(),
        "subscription_id": S.split("/")[2],
        "authentication_policy": Token(),
        "transport": SimulatorTransport(simulator),
        "retry_total": 0,
        "polling_interval": 1,
    }


def gateway(simulator: Simulator) -> Client:
    return ApiManagementClient(**settings(simulator))


def test_an_import_is_polled_to_its_end_on_the_simulators_clock() -> None:
    simulator = Simulator(import_time=3)
    client = gateway(simulator)
    body = io.BytesIO(json.dumps(imported({"/a": {"get": operation("Op_A")}})).encode())
    done = client.api.begin_create_or_update(GROUP, SERVICE, "things", body).result()
    assert (done.path, done.provisioning_state) == ("things", "Succeeded")
    assert simulator.clock.seconds() == 3
    assert [each.name for each in client.api_operation.list_by_api(GROUP, SERVICE, "things")] == ["op-a"]
    asked = [(each["method"], each["path"].rsplit("/", 2)[-2], each["status"]) for each in simulator.requests[:-1]]
    polls = [("GET", "operationResults", 200)] * 4
    assert asked == [("PUT", "apis", 201), *polls, ("GET", "apis", 201)]


def test_an_import_that_fails_late_raises_its_error() -> None:
    simulator = Simulator()
    simulator.fail(match="PUT", async_=True, code="ValidationError")
    body = io.BytesIO(json.dumps(imported({})).encode())
    poller = gateway(simulator).api.begin_create_or_update(GROUP, SERVICE, "things", body)
    with pytest.raises(HttpResponseError, match="ValidationError"):
        poller.result()


def test_an_import_at_an_older_api_version_is_refused_by_the_sdk_itself() -> None:
    body = io.BytesIO(json.dumps(imported({})).encode())
    with pytest.raises(HttpResponseError, match="Operation returned an invalid status"):
        gateway(Simulator()).api.begin_create_or_update(GROUP, SERVICE, "things", body, api_version="2022-08-01")


def test_the_identity_is_switched_on_and_given_a_role() -> None:
    simulator = Simulator()
    client = gateway(simulator)
    before = client.api_management_service.get(GROUP, SERVICE)
    kept: JSON = {id: {} for id in before.identity.user_assigned_identities}
    body: JSON = {"identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": kept}}
    after = client.api_management_service.begin_update(
        GROUP, SERVICE, io.BytesIO(json.dumps(body).encode())
    ).result()
    assert (after.provisioning_state, after.identity.type) == ("Succeeded", "SystemAssigned, UserAssigned")
    assert simulator.clock.seconds() == 20
    roles: Client = AuthorizationManagementClient(**settings(simulator))
    name = "22222222-0000-4000-8000-000000000001"
    sent = {
        "properties": {
            "principalId": after.identity.principal_id,
            "roleDefinitionId": OPENAI_USER,
            "principalType": "ServicePrincipal",
        }
    }
    made = roles.role_assignments.create(EAST, name, sent)
    assert made.scope == EAST
    here = roles.role_assignments.list_for_scope(EAST, filter=f"principalId eq '{after.identity.principal_id}'")
    assert [each.name for each in here] == [name]
    assert roles.role_assignments.get(EAST, name).principal_type == "ServicePrincipal"
    assert roles.role_assignments.delete(EAST, name).name == name
    with pytest.raises(ResourceNotFoundError):
        roles.role_assignments.get(EAST, name)


def test_backends_policies_products_and_links_go_through() -> None:
    client = gateway(Simulator(api_delete_time=3))
    backend = client.backend.create_or_update(
        GROUP, SERVICE, "one", {"properties": {"url": "https://x.example", "protocol": "http"}}
    )
    assert backend.url == "https://x.example"
    client.backend.update(GROUP, SERVICE, "one", "*", {"properties": {"description": "D"}})
    client.api_policy.create_or_update(
        GROUP, SERVICE, "orders-api", "policy", policy("<set-backend-service backend-id='one' />")
    )
    assert client.api_policy.get(GROUP, SERVICE, "orders-api", "policy", format="rawxml").format == "rawxml"
    with pytest.raises(HttpResponseError, match="is used by the following entities"):
        client.backend.delete(GROUP, SERVICE, "one", "*")
    assert client.product_api.create_or_update(GROUP, SERVICE, "ai-platform", "orders-api").name == "orders-api"
    assert client.product_api.check_entity_exists(GROUP, SERVICE, "ai-platform", "orders-api")
    assert [each.name for each in client.product_api.list_by_product(GROUP, SERVICE, "ai-platform")] == [
        "orders-api"
    ]
    assert client.product.get(GROUP, SERVICE, "starter").state == "published"
    client.api.begin_delete(GROUP, SERVICE, "orders-api", "*").result()
    assert [each.name for each in client.api.list_by_service(GROUP, SERVICE)] == ["legacy-openai-api"]


def test_pages_are_followed() -> None:
    simulator = Simulator(page_size=1)
    assert len(list(gateway(simulator).api.list_by_service(GROUP, SERVICE))) == 2
    accounts: Client = CognitiveServicesManagementClient(**settings(simulator))
    assert len(list(accounts.accounts.list())) == 5
    assert [each.name for each in accounts.deployments.list("rg-ai-east", "contoso-east")] == [
        "gpt-4o",
        "text-embedding-3-small",
    ]
    assert len([each for each in simulator.requests if each["path"].endswith("/accounts")]) == 5


def test_accounts_and_deployments_are_made() -> None:
    simulator = Simulator(account_create_time=5)
    client: Client = CognitiveServicesManagementClient(**settings(simulator))
    made = client.accounts.begin_create(
        "rg-ai-east", "fresh", {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}}
    ).result()
    assert made.properties.provisioning_state == "Succeeded"
    deployment = client.deployments.begin_create_or_update(
        "rg-ai-east",
        "fresh",
        "gpt",
        {
            "sku": {"name": "Standard", "capacity": 1},
            "properties": {"model": {"format": "OpenAI", "name": "gpt-4o"}},
        },
    ).result()
    assert deployment.properties.capabilities["chatCompletion"] == "true"
    client.deployments.begin_delete("rg-ai-east", "fresh", "gpt").result()
    client.accounts.begin_delete("rg-ai-east", "fresh").result()
    with pytest.raises(ResourceNotFoundError):
        client.accounts.get("rg-ai-east", "fresh")


def test_refusals_become_the_sdks_exceptions() -> None:
    simulator = Simulator()
    client = gateway(simulator)
    with pytest.raises(ResourceNotFoundError, match="Api not found"):
        client.api.get(GROUP, SERVICE, "none")
    simulator.fail(match="PATCH", answer=409)
    with pytest.raises(ResourceExistsError, match="in progress"):
        client.api.update(GROUP, SERVICE, "orders-api", "*", {"properties": {"description": "x"}})


def test_a_cut_connection_reaches_the_client_as_from_a_socket() -> None:
    simulator = Simulator()
    client = gateway(simulator)
    body = {"properties": {"url": "https://x.example", "protocol": "http"}}
    simulator.fail(drop=True)
    with pytest.raises(ServiceRequestError):
        client.backend.create_or_update(GROUP, SERVICE, "one", body)
    assert f"{GATEWAY}/backends/one" not in simulator.resources()
    simulator.fail(drop=True, after=True)
    with pytest.raises(ServiceResponseError):
        client.backend.create_or_update(GROUP, SERVICE, "one", body)
    assert f"{GATEWAY}/backends/one" in simulator.resources()


def test_retries_of_the_sdk_wait_on_the_simulators_clock() -> None:
    simulator = Simulator()
    client: Client = ApiManagementClient(**{**settings(simulator), "retry_total": 3})
    simulator.fail(times=2, answer=429, headers={"Retry-After": "30"})
    assert client.api.get(GROUP, SERVICE, "orders-api").name == "orders-api"
    assert simulator.clock.seconds() == 60


def test_many_threads_share_one_simulator_and_one_client() -> None:
    simulator = Simulator()
    client = gateway(simulator)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                body = {"properties": {"url": f"https://x{turn}.example", "protocol": "http"}}
                client.backend.create_or_update(GROUP, SERVICE, f"b{number}", body)
                assert client.backend.get(GROUP, SERVICE, f"b{number}").url == f"https://x{turn}.example"
        except BaseException as failure:  # noqa: BLE001  # told to the test's own thread
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len([id for id in simulator.resources() if "/backends/b" in id]) == 8
