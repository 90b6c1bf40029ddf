"""Every command of the Azure CLI that this project's documents name, against the simulator.

The tests are one story and run in order; what the CLI was asked and answered is what docs/azure-cli.md shows.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.az import transcript
from tests.az.conftest import SKY
from tests.simulator.asking import EAST, GATEWAY, JSON, WEST, S
from tools.az import PIPELINE, TENANT, AzureCli, Ran
from tools.local_azure import ROOT

GATEWAY_OF = ("--resource-group", "rg-gateway", "--service-name", "contoso-gateway")
WEST_OF = ("--resource-group", "rg-ai-west", "--name", "contoso-west")
PIPELINE_OBJECT = "0b0b0b0b-0000-4000-8000-000000000003"
BOB = "0b0b0b0b-0000-4000-8000-000000000001"
OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
WEATHER: JSON = {
    "openapi": "3.0.1",
    "info": {"title": "Weather", "version": "1.0", "description": "What the sky does."},
    "servers": [{"url": "https://weather.contoso.example/v1"}],
    "paths": {
        "/today": {
            "get": {"operationId": "today", "summary": "Today", "responses": {"200": {"description": "ok"}}}
        },
        "/days/{day}": {
            "get": {
                "operationId": "one-day",
                "summary": "One day",
                "parameters": [{"name": "day", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "ok"}},
            }
        },
    },
}


def ids(az: AzureCli, below: str) -> set[str]:
    """The names of what the simulator has directly below an id."""
    found = (id.removeprefix(f"{below}/") for id in az.azure.resources() if id.startswith(f"{below}/"))
    return {rest for rest in found if "/" not in rest}


def test_a_service_principal_signs_in(az: AzureCli) -> None:
    listed = az("account", "list")
    assert [(each["id"], each["name"], each["tenantId"], each["user"]) for each in listed] == [
        (S.rsplit("/", 1)[1], "Contoso AI", TENANT, {"name": PIPELINE, "type": "servicePrincipal"})
    ]
    shown = az("account", "show", "--query", "{cloud:environmentName, subscription:name, state:state}")
    assert shown == {"cloud": "simulator", "subscription": "Contoso AI", "state": "Enabled"}


def test_resource_groups_are_made_and_listed(az: AzureCli) -> None:
    made = az("group", "create", "-n", "rg-new", "-l", "westeurope", "--tags", "owner=bob")
    assert (made["name"], made["location"], made["tags"]) == ("rg-new", "westeurope", {"owner": "bob"})
    assert made["properties"]["provisioningState"] == "Succeeded"
    assert set(az("group", "list", "--query", "[].name")) == {
        "rg-gateway",
        "rg-ai-east",
        "rg-ai-west",
        "rg-fabrikam",
        "rg-new",
    }


def test_the_gateway_is_found(az: AzureCli) -> None:
    assert az("apim", "list", "--query", "[].{name:name, sku:sku.name}") == [
        {"name": "contoso-gateway", "sku": "StandardV2"}
    ]
    shown = az("apim", "show", "-g", "rg-gateway", "-n", "contoso-gateway", "--query", "{id:id, url:gatewayUrl}")
    assert shown == {"id": GATEWAY, "url": "https://contoso-gateway.azure-api.net"}


def test_an_api_is_imported_from_a_file(az: AzureCli) -> None:
    (az.folder / "weather.json").write_text(json.dumps(WEATHER), "utf-8")
    imported = az(
        *("apim", "api", "import", *GATEWAY_OF, "--api-id", "weather", "--path", "weather"),
        *("--specification-format", "OpenApiJson", "--specification-path", "weather.json"),
    )
    assert (imported["name"], imported["displayName"], imported["path"]) == ("weather", "Weather", "weather")
    assert imported["serviceUrl"] == "https://weather.contoso.example/v1"
    there = az.azure.resources()[f"{GATEWAY}/apis/weather"]["properties"]
    assert there["description"] == "What the sky does."
    asked = ("--api-id", "weather", "--query", "[].[name, method, urlTemplate]")
    listed = az("apim", "api", "operation", "list", *GATEWAY_OF, *asked)
    assert listed == [["one-day", "GET", "/days/{day}"], ["today", "GET", "/today"]]


def test_an_api_is_imported_from_a_link(az: AzureCli) -> None:
    az(
        *("apim", "api", "import", *GATEWAY_OF, "--api-id", "sky", "--path", "sky"),
        *("--specification-format", "OpenApiJson", "--specification-url", SKY, "--query", "displayName"),
    )
    assert az.azure.resources()[f"{GATEWAY}/apis/sky"]["properties"]["displayName"] == "Sky"
    assert ids(az, f"{GATEWAY}/apis/sky/operations") == {"stars"}


def test_apis_are_listed_and_shown(az: AzureCli) -> None:
    listed = az("apim", "api", "list", *GATEWAY_OF, "--query", "[].{name:name, path:path}")
    assert [(each["name"], each["path"]) for each in listed] == [
        ("legacy-openai-api", "legacy/openai"),
        ("orders-api", "orders"),
        ("sky", "sky"),
        ("weather", "weather"),
    ]
    shown = az(
        "apim", "api", "show", *GATEWAY_OF, "--api-id", "weather", "--query", "[name, apiRevision, isCurrent]"
    )
    assert shown == ["weather", "1", True]


def test_an_api_is_put_into_a_product(az: AzureCli) -> None:
    assert az("apim", "product", "list", *GATEWAY_OF, "--query", "[].name") == ["ai-platform", "starter"]
    az(*("apim", "product", "api", "add", *GATEWAY_OF, "--product-id", "starter", "--api-id", "weather"))
    assert "weather" in ids(az, f"{GATEWAY}/products/starter/apis")
    listed = az("apim", "product", "api", "list", *GATEWAY_OF, "--product-id", "starter", "--query", "[].name")
    assert listed == ["orders-api", "weather"]


def test_a_revision_is_made_beside_the_current_one(az: AzureCli) -> None:
    az(*("apim", "api", "revision", "create", *GATEWAY_OF, "--api-id", "weather", "--api-revision", "2"))
    listed = az("apim", "api", "revision", "list", *GATEWAY_OF, "--api-id", "weather")
    assert {(each["apiRevision"], each["isCurrent"]) for each in listed} == {("1", True), ("2", False)}


def test_an_api_goes_with_its_revisions(az: AzureCli) -> None:
    az("apim", "api", "delete", *GATEWAY_OF, "--api-id", "weather", "--delete-revisions", "true", "--yes")
    az("apim", "api", "delete", *GATEWAY_OF, "--api-id", "sky", "--yes")
    assert ids(az, f"{GATEWAY}/apis") == {"legacy-openai-api", "orders-api"}
    assert ids(az, f"{GATEWAY}/products/starter/apis") == {"orders-api"}
    missing = az.run("apim", "api", "show", *GATEWAY_OF, "--api-id", "weather")
    assert (missing.code, missing.output) == (3, "")
    assert "(ResourceNotFound) Api not found." in missing.errors


def test_a_secret_named_value_is_shown_only_when_asked_for(az: AzureCli) -> None:
    az(
        *("apim", "nv", "create", *GATEWAY_OF, "--named-value-id", "greeting", "--display-name", "greeting"),
        *("--value", "hello", "--secret", "true"),
    )
    shown = az("apim", "nv", "show", *GATEWAY_OF, "--named-value-id", "greeting")
    assert (shown["displayName"], shown["secret"], shown["value"]) == ("greeting", True, None)
    assert az("apim", "nv", "show-secret", *GATEWAY_OF, "--named-value-id", "greeting")["value"] == "hello"
    assert [each["name"] for each in az("apim", "nv", "list", *GATEWAY_OF)] == ["greeting"]
    az("apim", "nv", "delete", *GATEWAY_OF, "--named-value-id", "greeting", "--yes")
    assert ids(az, f"{GATEWAY}/namedValues") == set()


def test_accounts_and_deployments_are_listed_and_shown(az: AzureCli) -> None:
    names = az("cognitiveservices", "account", "list", "--query", "[].name")
    assert sorted(names) == ["contoso-east", "contoso-legacy", "contoso-speech", "contoso-west", "fabrikam-openai"]
    shown = az(
        "cognitiveservices", "account", "show", "-g", "rg-ai-east", "-n", "contoso-east", "--query", "[kind, id]"
    )
    assert shown == ["OpenAI", EAST]
    listed = az(
        *("cognitiveservices", "account", "deployment", "list", "-g", "rg-ai-east", "-n", "contoso-east"),
        *("--query", "[].name"),
    )
    assert listed == ["gpt-4o", "text-embedding-3-small"]


def test_a_deployment_is_made_and_deleted(az: AzureCli) -> None:
    deployment = ("cognitiveservices", "account", "deployment")
    az(
        *(*deployment, "create", *WEST_OF, "--deployment-name", "short-lived", "--model-name", "gpt-4o-mini"),
        *(
            "--model-version",
            "2024-07-18",
            "--model-format",
            "OpenAI",
            "--sku-name",
            "Standard",
            "--sku-capacity",
            "5",
        ),
    )
    there = az.azure.resources()[f"{WEST}/deployments/short-lived"]
    assert there["sku"] == {"name": "Standard", "capacity": 5}
    assert there["properties"]["model"] == {"format": "OpenAI", "name": "gpt-4o-mini", "version": "2024-07-18"}
    shown = az(*(*deployment, "show", *WEST_OF, "--deployment-name", "short-lived", "--query", "sku"))
    assert (shown["name"], shown["capacity"]) == ("Standard", 5)
    az(*deployment, "delete", *WEST_OF, "--deployment-name", "short-lived")
    assert "short-lived" not in ids(az, f"{WEST}/deployments")


def test_a_role_is_assigned_by_name_and_by_object_id(az: AzureCli) -> None:
    role = az("role", "definition", "list", "--name", "Cognitive Services OpenAI User", "--query", "[].name")
    assert role == [OPENAI_USER]
    made = az(
        *("role", "assignment", "create", "--assignee", PIPELINE, "--scope", EAST),
        *("--role", "Cognitive Services OpenAI User"),
    )
    assert (made["principalId"], made["principalType"]) == (PIPELINE_OBJECT, "ServicePrincipal")
    assert made["roleDefinitionId"].endswith(f"/{OPENAI_USER}")
    other = az(
        *("role", "assignment", "create", "--assignee-object-id", BOB, "--assignee-principal-type", "User"),
        *("--role", "Reader", "--scope", EAST),
    )
    told = az.azure.events()[-1]["data"]["claims"]
    assert told["appid"] == PIPELINE
    listed = az(
        *("role", "assignment", "list", "--scope", EAST),
        *("--query", "sort_by([].{who:principalName, may:roleDefinitionName}, &may)"),
    )
    assert listed == [
        {"who": PIPELINE, "may": "Cognitive Services OpenAI User"},
        {"who": "bob@contoso.example", "may": "Cognitive Services User"},
        {"who": "bob@contoso.example", "may": "Reader"},
    ]
    az("role", "assignment", "delete", "--ids", other["id"])
    az("role", "assignment", "delete", "--assignee", PIPELINE, "--scope", EAST, "--role", OPENAI_USER)
    assert {made["id"], other["id"]} & set(az.azure.resources()) == set()


def test_any_url_can_be_asked(az: AzureCli) -> None:
    path = f"{GATEWAY.removeprefix(S)}/products/starter?api-version=2024-05-01"
    found = az("rest", "--method", "get", "--url", f"/subscriptions/{{subscriptionId}}{path}", "--query", "name")
    assert found == "starter"
    refused = az.run("rest", "--method", "get", "--url", f"{GATEWAY}/products/starter")
    assert refused.code == 1
    assert "MissingApiVersionParameter" in refused.errors


def reconcile(az: AzureCli, *arguments: str) -> tuple[int, JSON]:
    """Run the reconciler against the same simulator; its exit code and what it says of the gateway."""
    environment = {**os.environ, **az.azure.environment(az.folder / "state")}
    environment["RECONCILER_ARM_ENDPOINT"] = az.url
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", *arguments, "--format", "json"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in {0, 2}, done.stderr + done.stdout
    found: JSON = json.loads(done.stdout)["gateways"][0]
    told = f"{len(found['changes'])} changes, exit code {done.returncode}"
    az.ran.append(Ran(arguments, 0, told, "", ("python", "-m", "reconciler")))
    return done.returncode, found


def test_a_deployment_made_with_the_cli_is_onboarded_by_the_reconciler(az: AzureCli) -> None:
    before = ids(az, f"{GATEWAY}/apis")
    az(
        *("cognitiveservices", "account", "deployment", "create", *WEST_OF, "--deployment-name", "gpt-4o"),
        *("--model-name", "gpt-4o", "--model-version", "2024-08-06", "--model-format", "OpenAI"),
        *("--sku-name", "Standard", "--sku-capacity", "10"),
    )
    code, report = reconcile(az, "apply", "--yes")
    assert (code, {each["status"] for each in report["outcomes"]}) == (0, {"applied"})
    apis = dict(az("apim", "api", "list", *GATEWAY_OF, "--query", "[].[name, path]"))
    new = sorted(set(apis) - before)
    assert [(name[:-7], apis[name]) for name in new] == [
        ("contoso-east", "contoso-east/openai"),
        ("contoso-west", "contoso-west/openai"),
    ]
    operations = az(
        "apim", "api", "operation", "list", *GATEWAY_OF, "--api-id", new[1], "--query", "[].urlTemplate"
    )
    assert any(template.startswith("/deployments/{deployment-id}/chat/completions") for template in operations)
    gateway = az("apim", "show", "-g", "rg-gateway", "-n", "contoso-gateway", "--query", "identity.principalId")
    granted = az(
        *("role", "assignment", "list", "--scope", WEST, "--query", "[].[principalId, roleDefinitionName]")
    )
    assert granted == [[gateway, "Cognitive Services OpenAI User"]]
    code, report = reconcile(az, "plan")
    assert (code, report["changes"], report["converged"]) == (0, [], True)


def test_the_document_shows_this_run(az: AzureCli, request: pytest.FixtureRequest) -> None:
    mine = [item for item in request.session.items if item.path == Path(__file__)]
    if len(mine) < len([name for name in globals() if name.startswith("test_")]):
        pytest.skip("only a part of the story ran")
    shown = transcript.of(az)
    if transcript.REFRESH:
        transcript.write(shown)
    assert shown == transcript.documented(), "docs/azure-cli.md shows another run: make test-az REFRESH=1"
