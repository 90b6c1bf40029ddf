"""main.bicep hands every module what belongs there; a name that exists is not yet the right name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from . import bicep
from .bicep import evaluate, properties, read_file

MAIN = read_file(Path(__file__).parents[2] / "infra" / "main.bicep")
GATEWAY = "/subscriptions/s1/resourceGroups/rg-gw/providers/Microsoft.ApiManagement/service/contoso"
TOPIC = "/subscriptions/s3/resourceGroups/rg-runs/providers/Microsoft.EventGrid/topics/evgt-runs"
TAGS = {"azd-env-name": "test"}
TOKEN = "abcdefghijklm"
# What the modules and resources would answer: every output another text.
ANSWERS = {
    "group": {"name": "rg-test"},
    "identity": {"outputs": {"id": "identity id", "clientId": "client id", "principalId": "principal id"}},
    "storage": {
        "outputs": {
            "id": "storage id",
            "name": "st",
            "deploymentContainer": "packages",
            "stateContainer": "state",
        }
    },
    "monitoring": {"outputs": {"insightsName": "appi", "workspaceId": "workspace id"}},
    "functionApp": {"outputs": {"id": "app id", "url": "app url", "state": "state url"}},
}
PASSED = {
    "identity": {"name": f"id-{TOKEN}", "location": "westeurope", "tags": TAGS},
    "storage": {
        "name": f"st{TOKEN}",
        "location": "westeurope",
        "tags": TAGS,
        "principalId": "principal id",
    },
    "monitoring": {
        "workspaceName": f"log-{TOKEN}",
        "insightsName": f"appi-{TOKEN}",
        "location": "westeurope",
        "tags": TAGS,
        "principalId": "principal id",
    },
    "functionApp": {
        "name": f"func-{TOKEN}",
        "planName": f"plan-{TOKEN}",
        "location": "westeurope",
        "tags": TAGS,
        "identityId": "identity id",
        "identityClientId": "client id",
        "storageAccountName": "st",
        "deploymentContainer": "packages",
        "stateContainer": "state",
        "insightsName": "appi",
        "pythonVersion": "3.12",
        "maximumInstanceCount": 40,
        "cloud": "public",
        "reconcilerConfig": "reconciler.yaml",
        "resyncSchedule": "0 */15 * * * *",
        "staleAfterMinutes": 45,
        "eventTopicEndpoint": "",
    },
    "alerts": {
        "location": "westeurope",
        "tags": TAGS,
        "workspaceId": "workspace id",
        "actionGroupId": "",
        "staleAfterMinutes": 45,
    },
    "topic": {"name": f"evgt-{TOKEN}", "tags": TAGS},
    "announceRights": {"topicName": "evgt-runs", "principalId": "principal id"},
    "gatewayRights": {
        "gatewayName": "contoso",
        "roleSuffix": TOKEN,
        "principalId": "principal id",
        "enableIdentity": False,
    },
    "accountRights": {
        "roleSuffix": TOKEN,
        "principalId": "principal id",
        "mayGrant": True,
        "grantCondition": "the condition",
    },
    "grantRights": {"principalId": "principal id", "grantCondition": "the condition"},
}
SCOPES = {
    **dict.fromkeys(("identity", "storage", "monitoring", "functionApp", "alerts", "topic"), "group"),
    "announceRights": "resourceGroup s3 rg-runs",
    "gatewayRights": "resourceGroup s1 rg-gw",
    "accountRights": "subscription own",
    "grantRights": "resourceGroup s2 rg-ai",
}
OWN_OUTPUTS = {
    "storage": {
        "id": "account.id",
        "name": "account.name",
        "deploymentContainer": "packages.name",
        "stateContainer": "state.name",
    },
    "identity": {
        "id": "identity.id",
        "clientId": "identity.properties.clientId",
        "principalId": "identity.properties.principalId",
    },
    "monitoring": {"insightsName": "insights.name", "workspaceId": "workspace.id"},
    "function": {"id": "app.id", "url": "'https://${app.properties.defaultHostName}'", "state": "stateUrl"},
}


def names(**given: Any) -> dict[str, Any]:
    required = {"environmentName": "test", "location": "westeurope", "gatewayId": GATEWAY}
    return {**MAIN.names(**required, **given), **ANSWERS}


@pytest.mark.parametrize("module", PASSED)
def test_every_module_gets_what_belongs_there(module: str) -> None:
    body = properties(MAIN.of("module")[module].body)
    known = {**names(), "grantCondition": "the condition", "topicId": TOPIC}
    assert evaluate(body["params"], known) == PASSED[module]


def test_every_module_is_looked_at() -> None:
    assert set(PASSED) == set(SCOPES) == set(MAIN.of("module"))


@pytest.mark.parametrize("module", SCOPES)
def test_every_module_is_deployed_where_it_belongs(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bicep.FUNCTIONS, "resourceGroup", lambda *where: " ".join(("resourceGroup", *where)))
    monkeypatch.setitem(bicep.FUNCTIONS, "subscription", lambda *where: " ".join(("subscription", *where)))
    known = {
        "group": "group",
        "gatewayId": GATEWAY,
        "subscriptionId": "own",
        "groupId": "/subscriptions/s2/resourceGroups/rg-ai",
        "topicId": TOPIC,
    }
    assert evaluate(properties(MAIN.of("module")[module].body)["scope"], known) == SCOPES[module]


@pytest.mark.parametrize(("existing", "group"), [("", "rg-test"), ("evgt-theirs", "rg-events")])
def test_the_outputs_are_what_the_hook_and_people_need(existing: str, group: str) -> None:
    known = names(existingTopicName=existing, existingTopicResourceGroup="rg-events")
    values = {name: each.value for name, each in MAIN.of("output").items()}
    assert {name: evaluate(value, known) for name, value in values.items() if value is not None} == {
        "FUNCTION_APP_ID": "app id",
        "FUNCTION_APP_URL": "app url",
        "RECONCILER_CLIENT_ID": "client id",
        "RECONCILER_PRINCIPAL_ID": "principal id",
        "RECONCILER_STATE": "state url",
        "STORAGE_ACCOUNT_ID": "storage id",
        "TOPIC_DELIVERY": "queue",
        "TOPIC_NAME": existing or f"evgt-{TOKEN}",
        "TOPIC_RESOURCE_GROUP": group,
    }


@pytest.mark.parametrize("module", OWN_OUTPUTS)
def test_every_module_answers_with_what_the_output_says(module: str) -> None:
    outputs = read_file(Path(__file__).parents[2] / "infra" / "app" / f"{module}.bicep").of("output")
    texts = {name: (each.value.text or b"").decode() for name, each in outputs.items() if each.value is not None}
    assert texts == OWN_OUTPUTS[module]


@pytest.mark.parametrize(
    ("azure", "cloud"),
    [("AzureCloud", "public"), ("AzureUSGovernment", "usgov"), ("AzureChinaCloud", "china")],
)
def test_the_cloud_is_the_one_deployed_to(azure: str, cloud: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bicep.FUNCTIONS, "environment", lambda: {"name": azure})
    assert names()["cloud"] == cloud


def test_what_the_environment_says_reaches_the_app_and_the_alerts() -> None:
    known = names(
        reconcilerConfig="https://st.blob.core.windows.net/configuration/reconciler.yaml",
        staleAfterMinutes=90,
        eventTopicEndpoint="https://evgt-runs.westeurope-1.eventgrid.azure.net/api/events",
        alertActionGroupId="group",
    )
    app, alerts = (
        evaluate(properties(MAIN.of("module")[name].body)["params"], known) for name in ("functionApp", "alerts")
    )
    assert app["reconcilerConfig"] == "https://st.blob.core.windows.net/configuration/reconciler.yaml"
    assert app["eventTopicEndpoint"] == "https://evgt-runs.westeurope-1.eventgrid.azure.net/api/events"
    assert (app["staleAfterMinutes"], alerts["staleAfterMinutes"], alerts["actionGroupId"]) == (90, 90, "group")


@pytest.mark.parametrize(("group", "made"), [("", False), ("/subscriptions/s/actionGroups/night", True)])
def test_alerts_are_made_only_where_somebody_is_named_to_be_told(group: str, *, made: bool) -> None:
    assert when("alerts", alertActionGroupId=group) is made


@pytest.mark.parametrize(("existing", "made"), [("", True), ("evgt-theirs", False)])
def test_a_topic_that_is_there_already_is_used(existing: str, *, made: bool) -> None:
    assert when("topic", existingTopicName=existing) is made


@pytest.mark.parametrize(("given", "topics"), [("", []), (TOPIC, [TOPIC])])
def test_the_right_to_announce_is_given_where_the_topic_is_named(given: str, topics: list[str]) -> None:
    assert names(eventTopicId=given)["announceTo"] == topics
    assert "for topicId in announceTo" in MAIN.source


def when(module: str, **given: Any) -> bool:
    """What the condition of a module says."""
    value = MAIN.of("module")[module].value
    assert value is not None
    condition = next(child for child in value.children if child.type == "parenthesized_expression")
    return bool(evaluate(condition, names(**given)))
