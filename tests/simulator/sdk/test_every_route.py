"""Every route that Microsoft's clients know is driven by them, and does to the world what it says."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from simulator import Simulator
from simulator.routes import inventory
from tests.simulator.asking import EAST, GATEWAY, JSON, S
from tests.simulator.sdk import account_calls, gateway_calls
from tests.simulator.sdk.calling import Call, do, do_async

CONNECTION = f"{GATEWAY}/authorizationProviders/sdk/authorizations/c"
BEFORE = [*account_calls.SERVICES, *account_calls.ACCOUNTS, *account_calls.ROLES]
UNDO = [*gateway_calls.UNDO, *account_calls.UNDO]
Doing = Callable[[Simulator, list[Call]], tuple[list[tuple[str, Any]], set[str]]]


def doing_async(simulator: Simulator, script: list[Call]) -> tuple[list[tuple[str, Any]], set[str]]:
    return asyncio.run(do_async(simulator, script))


WAYS = pytest.mark.parametrize("do_all", [do, doing_async], ids=["sync", "async"])

IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
CONNECTIONS = "Microsoft.ApiManagement/service/authorizationProviders/authorizations"
APIM = "…/providers/Microsoft.ApiManagement"
WITHOUT_A_CALL = {  # routes that no call of these clients takes, by the reason
    "azure-mgmt-msi has it, none of the three clients": {
        *(f"{verb} {IDENTITIES}" for verb in ("GET", "PUT", "PATCH", "DELETE")),
        f"LIST {IDENTITIES} of a group",
        f"LIST {IDENTITIES} of a subscription",
    },
    "azure-mgmt-resource-locks has it, none of the three clients": {
        f"{verb} Microsoft.Authorization/locks" for verb in ("GET", "LIST", "PUT", "DELETE")
    },
    "azure-mgmt-resource has it, none of the three clients": {
        "GET /tenants",
        "GET /subscriptions",
        "GET /subscriptions/*",
        "GET /subscriptions/*/operationresults/*",
        "GET /subscriptions/*/providers",
        "GET /subscriptions/*/resourcegroups",
        *(f"{verb} /subscriptions/*/resourceGroups/*" for verb in ("GET", "PUT", "PATCH", "DELETE")),
        "GET …/providers/*",
        "POST …/providers/*/register",
    },
    "azure-mgmt-cognitiveservices 14.1.0 is older than it": {
        "POST Microsoft.CognitiveServices/accounts/deployments/pause",
        "POST Microsoft.CognitiveServices/accounts/deployments/resume",
    },
    "these clients follow Azure-AsyncOperation instead": {f"GET {APIM}/locations/*/operationResults/*"},
    "polls of api-versions that these clients do not use": {
        f"GET {APIM}/service/*/operationResults/*",
        f"GET {APIM}/service/*/operationResults/*?asyncResponse",
    },
    "signing in is not modelled (501)": {f"PUT {CONNECTIONS}", f"PUT {CONNECTIONS}/accessPolicies"},
}


@WAYS
def test_what_the_clients_make_is_there(do_all: Doing) -> None:
    simulator = Simulator(lock_lingers=0)
    before = set(simulator.resources())
    script = [*BEFORE, *gateway_calls.MAKE]
    assert do_all(simulator, script)[0] == [(str(call), call.sees) for call in script]
    found = simulator.resources()
    made = {short(id) for id in set(found) - before}
    assert {each for each in made if not re.search(r"/[0-9a-f]{24}$", each)} == {
        "apis/sdk", "apis/sdk;rev=2", "apis/sdk/releases/one", "apis/sdk/operations/first",
        "apis/sdk/operations/second", "apis/sdk;rev=2/operations/first", "apis/sdk/schemas/shape",
        "apis/sdk/policies/policy", "apis/sdk/operations/second/policies/policy", "apis/sdk/tags/sdk",
        "apis/sdk/operations/second/tags/sdk", "apis/sdk/diagnostics/applicationinsights", "backends/sdk",
        "namedValues/sdk", "namedValues/vault", "policyFragments/sdk", "policies/policy", "loggers/sdk",
        "diagnostics/applicationinsights", "apiVersionSets/sdk", "authorizationProviders/sdk", "tags/sdk",
        "products/sdk", "products/sdk/policies/policy", "products/sdk/apis/sdk",
        "products/sdk/groups/administrators", "products/sdk/groups/sdk", "products/sdk/tags/sdk", "groups/sdk",
        "subscriptions/sdk",
        f"roleAssignments/{account_calls.NAME}",
    }  # fmt: skip
    assert changed(found) == {
        "apis/sdk": ("D", "SDK"), "apis/sdk/operations/second": ("D", "Second"), "backends/sdk": ("D", None),
        "namedValues/sdk": (None, "sdk"), "loggers/sdk": ("D", None), "apiVersionSets/sdk": ("D", "SDK"),
        "products/sdk": ("D", "SDK"), "groups/sdk": ("D", "SDK"), "subscriptions/sdk": (None, "SDK 2"),
        "tags/sdk": (None, "SDK 2"),
    }  # fmt: skip
    assert found[f"{GATEWAY}/namedValues/sdk"]["properties"]["tags"] == ["a"]
    assert found[f"{GATEWAY}/diagnostics/applicationinsights"]["properties"]["alwaysLog"] == "allErrors"
    assert found[f"{GATEWAY}/apis/sdk/releases/one"]["properties"]["notes"] == "M"


def short(id: str) -> str:
    """An id without what stands before it; what has a name of 24 hex digits is Azure's own."""
    return id.removeprefix(f"{GATEWAY}/").removeprefix(f"{EAST}/providers/Microsoft.Authorization/")


def changed(found: dict[str, JSON]) -> dict[str, tuple[Any, Any]]:
    """Description and display name of what the clients changed."""
    ids = (
        "apis/sdk apis/sdk/operations/second backends/sdk namedValues/sdk loggers/sdk apiVersionSets/sdk "
        "products/sdk groups/sdk subscriptions/sdk tags/sdk"
    )
    bodies = {id: found[f"{GATEWAY}/{id}"]["properties"] for id in ids.split()}
    return {id: (body.get("description"), body.get("displayName")) for id, body in bodies.items()}


@WAYS
def test_what_the_clients_delete_is_gone_and_every_route_was_taken(do_all: Doing) -> None:
    simulator = Simulator(lock_lingers=0)
    before = set(simulator.resources())
    _, taken = do_all(simulator, [*BEFORE, *gateway_calls.MAKE])
    for id in (CONNECTION, f"{CONNECTION}/accessPolicies/p"):
        simulator.put(id, {"properties": {}})
    script = [*gateway_calls.CONNECTIONS, *UNDO]
    found, more = do_all(simulator, script)
    assert found == [(str(call), call.sees) for call in script]
    left = {short(id) for id in set(simulator.resources()) - before}
    assert {id for id in left if not id.startswith("namedValues/")} == set()  # a logger's secret outlives it
    assert set(inventory()) - (taken | more) == set().union(*WITHOUT_A_CALL.values())


def test_routes_have_names_and_are_counted() -> None:
    names = inventory()
    assert len(names) == len(set(names)) > 200
    assert "PUT Microsoft.ApiManagement/service/apis" in names
    assert f"{S}/" not in "".join(names)
