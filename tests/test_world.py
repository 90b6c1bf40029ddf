"""The whole world after onboarding, resource by resource, against an expectation written by hand.

It is the simulator's state that is compared, never what the reconciler says of it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator import Simulator
from tests.local import EAST, EAST_API, GATEWAY, S1, apply, plan, reads, writes

MARK = f"managed-by=apim-openai-reconciler; owner=contoso-ai-platform; source={EAST}"
BACKEND = f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint"
OPENAI_USER = f"{S1}/providers/Microsoft.Authorization/roleDefinitions/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
KEYS = {"deployment-id": True, "api-version": True}
OPERATIONS = {
    "chatcompletions-create": "/deployments/{deployment-id}/chat/completions?api-version={api-version}",
    "completions-create": "/deployments/{deployment-id}/completions?api-version={api-version}",
    "embeddings-create": "/deployments/{deployment-id}/embeddings?api-version={api-version}",
    "imagegenerations-create": "/deployments/{deployment-id}/images/generations?api-version={api-version}",
    "transcriptions-create": "/deployments/{deployment-id}/audio/transcriptions?api-version={api-version}",
    "translations-create": "/deployments/{deployment-id}/audio/translations?api-version={api-version}",
}
POLICY = """\
<policies>
\t<inbound>
\t\t<base />
\t\t<set-header name="api-key" exists-action="delete" />
\t\t<set-query-parameter name="subscription-key" exists-action="delete" />
\t\t<set-backend-service backend-id="contoso-east-831a41-openai-endpoint" />
\t\t<authentication-managed-identity resource="https://cognitiveservices.azure.com/" />
\t</inbound>
\t<backend>
\t\t<base />
\t</backend>
\t<outbound>
\t\t<base />
\t</outbound>
\t<on-error>
\t\t<base />
\t</on-error>
</policies>""".replace("\n", "\r\n")


@pytest.fixture
def worlds() -> tuple[Simulator, dict[str, Any], dict[str, Any]]:
    """The simulator, and its world before and after onboarding."""
    sim = Simulator(lock_lingers=0)
    before = sim.resources()
    report = apply(sim)
    assert report.converged, report
    return sim, before, sim.resources()


def test_onboarding_makes_these_resources_and_no_others(worlds: tuple[Simulator, Any, Any]) -> None:
    _, before, after = worlds
    new = sorted(set(after) - set(before))
    schemas = [id for id in new if "/schemas/" in id]
    roles = [id for id in new if "/roleAssignments/" in id]
    assert sorted(set(new) - set(schemas) - set(roles)) == sorted(
        [
            BACKEND,
            EAST_API,
            *(f"{EAST_API}/operations/{name}" for name in OPERATIONS),
            f"{EAST_API}/policies/policy",
            f"{GATEWAY}/products/ai-platform/apis/contoso-east-831a41",
        ]
    )
    assert [id.split("/schemas/")[0] for id in schemas] == [EAST_API]
    assert [id.split("/providers/Microsoft.Authorization")[0] for id in roles] == [EAST]


def test_onboarding_changes_nothing_that_was_there_but_the_gateways_identity(
    worlds: tuple[Simulator, Any, Any],
) -> None:
    _, before, after = worlds
    changed = {id for id in before if before[id] != after.get(id)}
    assert changed == {GATEWAY}
    was, now = before[GATEWAY], after[GATEWAY]
    assert was["identity"]["type"] == "UserAssigned"
    assert now["identity"]["type"] == "SystemAssigned, UserAssigned"
    assert now["identity"]["userAssignedIdentities"].keys() == was["identity"]["userAssignedIdentities"].keys()
    loose = {"identity": None, "etag": None, "systemData": None}  # who changed it last is told (recording 02)
    assert {**now, **loose} == {**was, **loose}


def test_the_gateways_identity_may_call_the_models(worlds: tuple[Simulator, Any, Any]) -> None:
    _, before, after = worlds
    role = next(body for id, body in after.items() if "/roleAssignments/" in id and id not in before)["properties"]
    assert role["principalId"] == after[GATEWAY]["identity"]["principalId"]
    assert role["roleDefinitionId"] == OPENAI_USER
    assert role["principalType"] == "ServicePrincipal"
    assert role["scope"] == EAST
    assert role["condition"] is None
    assert role["description"] == f"{MARK}; gateway={GATEWAY}"


def test_the_backend_points_at_the_account(worlds: tuple[Simulator, Any, Any]) -> None:
    _, _, after = worlds
    assert after[BACKEND]["properties"] == {
        "title": "contoso-east",
        "description": f"Azure OpenAI account contoso-east.\n{MARK}",
        "url": "https://contoso-east.openai.azure.com/openai",
        "protocol": "http",
        "tls": {"validateCertificateChain": True, "validateCertificateName": True},
    }


def test_the_api_is_the_portals_with_our_mark(worlds: tuple[Simulator, Any, Any]) -> None:
    _, _, after = worlds
    api = after[EAST_API]["properties"]
    description = api["description"].splitlines()
    assert description[0] == "Models of the Azure OpenAI account contoso-east."
    assert description[1].startswith(f"{MARK}; spec=azure-openai/2024-10-21@")
    assert len(description) == 2
    assert {
        key: api[key] for key in ("displayName", "path", "protocols", "subscriptionRequired", "serviceUrl")
    } == {
        "displayName": "Azure OpenAI contoso-east",
        "path": "contoso-east/openai",
        "protocols": ["https"],
        "subscriptionRequired": True,
        "serviceUrl": "https://contoso-east.openai.azure.com/openai",
    }
    assert api["subscriptionKeyParameterNames"] == {"header": "api-key", "query": "subscription-key"}
    assert api["isCurrent"] is True


def test_the_api_has_the_six_operations_of_its_version(worlds: tuple[Simulator, Any, Any]) -> None:
    _, _, after = worlds
    for name, template in OPERATIONS.items():
        operation = after[f"{EAST_API}/operations/{name}"]["properties"]
        assert (operation["method"], operation["urlTemplate"]) == ("POST", template), name
        assert {p["name"]: p["required"] for p in operation["templateParameters"]} == KEYS, name


def test_the_policy_authenticates_with_the_identity_and_drops_the_callers_key(
    worlds: tuple[Simulator, Any, Any],
) -> None:
    _, _, after = worlds
    assert after[f"{EAST_API}/policies/policy"]["properties"] == {"format": "xml", "value": POLICY}


def test_onboarding_takes_one_write_per_resource_and_one_for_the_identity(
    worlds: tuple[Simulator, Any, Any],
) -> None:
    sim, _, after = worlds
    role = next(
        id for id in after if "/roleAssignments/" in id and id.startswith(EAST) and MARK in json.dumps(after[id])
    )
    assert writes(sim) == [
        "PATCH ",
        f"PUT {role}",
        "PUT /backends/contoso-east-831a41-openai-endpoint",
        "PUT /apis/contoso-east-831a41",
        "PUT /apis/contoso-east-831a41/policies/policy",
        "PUT /products/ai-platform/apis/contoso-east-831a41",
    ]


def test_onboarding_reads_before_each_write_and_looks_at_what_the_import_made(
    worlds: tuple[Simulator, Any, Any],
) -> None:
    sim, _, _ = worlds
    looks = reads(sim)
    below_the_api = [look for look in looks if "/apis/contoso-east-831a41" in look]
    assert below_the_api == [
        "GET /apis/contoso-east-831a41",  # 404: it may be created
        "GET /apis/contoso-east-831a41",  # what the import's own Location answers
        "GET /apis/contoso-east-831a41",  # what is there now
        "GET /apis/contoso-east-831a41/operations",
        "GET /apis/contoso-east-831a41/policies/policy",
        "HEAD /products/ai-platform/apis/contoso-east-831a41",
    ]
    # observe and discover 8, the identity 1 and its 5 looks while it is switched on, the role 2, the backend 1
    assert len(looks) == 8 + 6 + 2 + 1 + 6


def test_a_second_run_writes_nothing_and_reads_little(worlds: tuple[Simulator, Any, Any]) -> None:
    sim, _, after = worlds
    sim.requests.clear()
    report = apply(sim)
    assert report.converged
    assert writes(sim) == []
    served = 1
    assert len(reads(sim)) <= 4 * served + 12
    assert sim.resources() == after


def test_a_plan_of_a_world_in_sync_says_so(worlds: tuple[Simulator, Any, Any]) -> None:
    sim, _, after = worlds
    report = plan(sim)
    assert report.plan is not None
    assert (report.plan.changes, report.plan.held) == ((), ())
    assert report.converged
    assert sim.resources() == after


def test_a_plan_writes_nothing() -> None:
    sim = Simulator()
    before = sim.resources()
    assert not plan(sim).converged
    assert writes(sim) == []
    assert sim.resources() == before
