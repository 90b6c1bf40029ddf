"""The function app in Azure: its settings are those the reconciler reads, and no secret is among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .bicep import evaluate, properties, read_file
from .checks import schedule_problems

INFRA = Path(__file__).parents[2] / "infra"
BLOB = "https://stx.blob.core.windows.net/"
QUEUE = "https://stx.queue.core.windows.net/"
GIVEN = {
    "name": "func-x",
    "location": "westeurope",
    "tags": {"azd-env-name": "test"},
    "identityId": "/id-x",
    "identityClientId": "client",
    "deploymentContainer": "deployment-packages",
    "stateContainer": "reconciler-state",
    "pythonVersion": "3.12",
    "maximumInstanceCount": 40,
    "cloud": "public",
    "reconcilerConfig": "reconciler.yaml",
    "resyncSchedule": "0 */15 * * * *",
    "staleAfterMinutes": 45,
    "eventTopicEndpoint": "https://evgt-x.westeurope-1.eventgrid.azure.net/api/events",
    "storage": {"properties": {"primaryEndpoints": {"blob": BLOB, "queue": QUEUE}}},
    "stateUrl": f"{BLOB}reconciler-state",
    "insights": {"properties": {"ConnectionString": "InstrumentationKey=x"}},
    "plan": {"id": "/plan-x"},
}
# Flex Consumption takes these from functionAppConfig, or not at all.
FORBIDDEN = {
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_PROCESS_COUNT",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_VNET_ROUTE_ALL",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "AzureWebJobsStorage",
}


def site() -> dict[str, Any]:
    body: dict[str, Any] = evaluate(read_file(INFRA / "app/function.bicep").of("resource")["app"].body, GIVEN)
    return body


def settings(body: dict[str, Any]) -> dict[str, str]:
    pairs = body["properties"]["siteConfig"]["appSettings"]
    found = {each["name"]: each["value"] for each in pairs}
    assert len(found) == len(pairs), "a setting is there twice"
    return found


def main(**given: Any) -> dict[str, Any]:
    return read_file(INFRA / "main.bicep").names(
        environmentName="test", location="westeurope", gatewayId="", **given
    )


def test_the_settings_are_exactly_these() -> None:
    assert settings(site()) == {
        "AzureWebJobsStorage__blobServiceUri": BLOB,
        "AzureWebJobsStorage__queueServiceUri": QUEUE,
        "AzureWebJobsStorage__credential": "managedidentity",
        "AzureWebJobsStorage__clientId": "client",
        "APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=x",
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "ClientId=client;Authorization=AAD",
        "AZURE_CLIENT_ID": "client",
        "RECONCILER_CONFIG": "reconciler.yaml",
        "RECONCILER_CLOUD": "public",
        "RECONCILER_STATE": f"{BLOB}reconciler-state",
        "RECONCILER_STALE_AFTER": "45",
        "RECONCILER_EVENT_TOPIC": "https://evgt-x.westeurope-1.eventgrid.azure.net/api/events",
        "RESYNC_SCHEDULE": "0 */15 * * * *",
    }


def test_no_setting_is_one_that_flex_consumption_refuses_or_that_holds_a_key() -> None:
    assert FORBIDDEN & set(settings(site())) == set()


def test_a_setting_that_is_there_twice_is_caught() -> None:
    body = site()
    body["properties"]["siteConfig"]["appSettings"].append({"name": "AZURE_CLIENT_ID", "value": "other"})
    with pytest.raises(AssertionError, match="twice"):
        settings(body)


def test_the_app_is_a_python_app_on_flex_consumption_with_one_identity_for_everything() -> None:
    body = site()
    assert body["kind"] == "functionapp,linux"
    assert body["identity"] == {"type": "UserAssigned", "userAssignedIdentities": {"/id-x": {}}}
    assert body["properties"]["httpsOnly"] is True
    assert body["properties"]["functionAppConfig"] == {
        "deployment": {
            "storage": {
                "type": "blobContainer",
                "value": f"{BLOB}deployment-packages",
                "authentication": {"type": "UserAssignedIdentity", "userAssignedIdentityResourceId": "/id-x"},
            }
        },
        "runtime": {"name": "python", "version": "3.12"},
        "scaleAndConcurrency": {"instanceMemoryMB": 2048, "maximumInstanceCount": 40},
    }
    plan = properties(read_file(INFRA / "app/function.bicep").of("resource")["plan"].body)
    assert evaluate(plan["sku"], {}) == {"name": "FC1", "tier": "FlexConsumption"}
    assert evaluate(plan["properties"], {}) == {"reserved": True}


def test_the_state_is_kept_in_the_container_that_storage_makes() -> None:
    state = read_file(INFRA / "app/function.bicep").of("var")["stateUrl"].value
    assert state is not None
    assert evaluate(state, GIVEN) == f"{BLOB}reconciler-state"


def test_azd_finds_the_environment_and_the_service_by_their_tags() -> None:
    assert site()["tags"] == {"azd-env-name": "test", "azd-service-name": "api"}
    assert main()["tags"] == {"azd-env-name": "test"}


def test_telemetry_is_taken_from_identities_only() -> None:
    insights = properties(read_file(INFRA / "app/monitoring.bicep").of("resource")["insights"].body)
    assert evaluate(properties(insights["properties"])["DisableLocalAuth"], {}) is True


def test_the_defaults_are_the_careful_ones() -> None:
    names = main()
    assert names["enableIdentity"] is False
    assert names["pythonVersion"] == "3.12"
    assert names["reconcilerConfig"] == "reconciler.yaml"
    assert names["cloud"] == "public"
    assert names["maximumInstanceCount"] == 40


def test_a_status_is_stale_after_three_ticks_of_the_timer() -> None:
    assert (main()["resyncSchedule"], main()["staleAfterMinutes"]) == ("0 */15 * * * *", 45)


def test_the_schedule_of_the_resync_is_valid() -> None:
    assert schedule_problems(main()["resyncSchedule"]) == []


@pytest.mark.parametrize(
    "schedule",
    [
        "*/15 * * * *",
        "0 */15 * * * * *",
        "0  */15 * * * *",
        "60 * * * * *",
        "0 0 24 * * *",
        "0 */0 * * * *",
        "0 x * * * *",
        "",
    ],
)
def test_a_schedule_that_is_not_six_valid_fields_is_caught(schedule: str) -> None:
    assert schedule_problems(schedule)
