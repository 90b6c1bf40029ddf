"""A world of fifty accounts in three subscriptions behind two gateways: what a company has after two years.

`python -m simulator.worlds.fifty` prints it as a world file, to change and to start from.

One account a line, its model deployments below it:

    subscription group name region kind flags
      deployment=model@version sku:capacity [provisioning state, or Paused]

    gate, gate=TEXT  the tag ai-gateway (`enabled`, or TEXT)      profile=NAME  the tag ai-gateway-profile
    own=NAME         the custom subdomain, when it is not the account's name        regional  it has none
    nokeys           disableLocalAuth                             closed        publicNetworkAccess Disabled
    state=NAME       the provisioningState                        mi            a system-assigned identity
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

JSON = dict[str, Any]
TENANT = "72f988bf-0000-4000-8000-00000000f1f7"
SUBSCRIPTIONS = {
    "prod": ("00000000-0000-0000-0000-00000000f001", "Contoso Production"),
    "test": ("00000000-0000-0000-0000-00000000f002", "Contoso Test"),
    "lab": ("00000000-0000-0000-0000-00000000f003", "Contoso Research"),
}
GATEWAYS = (  # subscription, group, name, region, tier, whose
    ("prod", "rg-gateway", "contoso-prod", "westeurope", "Premium", "platform-team"),
    ("test", "rg-gateway-test", "contoso-test", "northeurope", "Developer", "platform-team"),
)
ACCOUNTS = """
prod rg-ai-core      contoso-we              westeurope         OpenAI     gate nokeys
  gpt-4o=gpt-4o@2024-08-06 Standard:200
  gpt-4o-mini=gpt-4o-mini@2024-07-18 GlobalStandard:500
  text-embedding-3-large=text-embedding-3-large@1 Standard:350
prod rg-ai-core      contoso-sc              swedencentral      OpenAI     gate nokeys
  gpt-4o=gpt-4o@2024-08-06 DataZoneStandard:300
  o3-mini=o3-mini@2025-01-31 GlobalStandard:100
  whisper=whisper@001 Standard:3
prod rg-ai-core      contoso-ne              northeurope        OpenAI     gate
  gpt-4o=gpt-4o@2024-11-20 Standard:100 Failed
prod rg-ai-core      contoso-fr              francecentral      AIServices gate nokeys mi
  gpt-4o=gpt-4o@2024-08-06 Standard:80
  gpt-4o-ptu=gpt-4o@2024-08-06 ProvisionedManaged:50
prod rg-ai-core      contoso-uk              uksouth            AIServices gate
  gpt-4o=gpt-4o@2024-08-06 Standard:60 Disabled
  gpt-4=gpt-4@0613 Standard:20 Paused
prod rg-ai-core      contoso-ch              switzerlandnorth   OpenAI     gate closed
  gpt-35-turbo=gpt-35-turbo@0125 Standard:120
prod rg-ai-us        contoso-eus             eastus             OpenAI     gate=team-sales profile=batch
  gpt-4o=gpt-4o@2024-08-06 Standard:80
  nightly=gpt-4o@2024-08-06 GlobalBatch:1000
prod rg-ai-us        contoso-eus2            eastus2            AIServices gate=team-sales
  gpt-4o-realtime=gpt-4o-realtime-preview@2024-12-17 GlobalStandard:10
prod rg-ai-us        contoso-wus             westus             OpenAI     gate=team-legal
prod rg-ai-us        contoso-wus3            westus3            AIServices gate=team-legal state=Failed
prod rg-ai-us        contoso-ncus            northcentralus     OpenAI     gate regional
  gpt-4=gpt-4@turbo-2024-04-09 Standard:40
prod rg-ai-us        contoso-scus            southcentralus     OpenAI     gate nokeys
  dall-e-3=dall-e-3@3.0 Standard:2
prod rg-ai-asia      contoso-jp              japaneast          OpenAI     gate
  gpt-4o=gpt-4o@2024-08-06 Standard:50 Creating
prod rg-ai-asia      contoso-au              australiaeast      OpenAI     gate
  gpt-4o-mini=gpt-4o-mini@2024-07-18 Standard:90
prod rg-ai-asia      contoso-in              southindia         AIServices gate
prod rg-ai-asia      contoso-kr              koreacentral       OpenAI     gate=disabled
  gpt-4o-mini=gpt-4o-mini@2024-07-18 Standard:30
prod rg-team-sales   assistants              westeurope         OpenAI     gate own=contoso-sales-assistants
  gpt-4o=gpt-4o@2024-08-06 Standard:30
prod rg-team-legal   assistants              swedencentral      OpenAI     gate own=contoso-legal-assistants
  gpt-4o=gpt-4o@2024-08-06 Standard:30
prod rg-team-hr      assistants              francecentral      OpenAI     own=contoso-hr-assistants
  gpt-4o-mini=gpt-4o-mini@2024-07-18 Standard:10
prod rg-team-finance contoso-finance-forecasting-and-reporting-account-of-production1 westeurope OpenAI gate
  gpt-4o-for-the-forecasts-of-the-finance-department-in-production=gpt-4o@2024-08-06 Standard:20
prod rg-team-finance contoso-finance-forecasting-and-reporting-account-of-production2 westeurope AIServices gate
  gpt-4o=gpt-4o@2024-08-06 Standard:20
prod rg-documents    contoso-forms           westeurope         FormRecognizer
prod rg-documents    contoso-speech          westeurope         SpeechServices gate
prod rg-documents    contoso-vision          northeurope        ComputerVision
prod rg-documents    contoso-text            westeurope         TextAnalytics nokeys
prod rg-documents    contoso-translate       northeurope        TextTranslation
prod rg-retiring     contoso-old             eastus             OpenAI     regional
  gpt-35-turbo=gpt-35-turbo@0613 Standard:10
prod rg-retiring     contoso-moving          eastus2            OpenAI     gate state=Moving
  gpt-4=gpt-4@0613 Standard:10 Moving
prod rg-retiring     contoso-leaving         westus             OpenAI     gate state=Deleting
test rg-ai-test      contoso-test-we         westeurope         OpenAI     gate nokeys
  gpt-4o=gpt-4o@2024-08-06 Standard:20
  gpt-4o-mini=gpt-4o-mini@2024-07-18 Standard:20
test rg-ai-test      contoso-test-sc         swedencentral      AIServices gate
  gpt-4o=gpt-4o@2024-08-06 GlobalStandard:20
  phi-4=Phi-4@7 GlobalStandard:1
test rg-ai-test      contoso-test-ne         northeurope        OpenAI     gate
test rg-ai-test      contoso-test-fr         francecentral      OpenAI     gate regional
  gpt-4o=gpt-4o@2024-08-06 Standard:5
test rg-ai-test      contoso-test-uk         uksouth            OpenAI     gate
  gpt-4o=gpt-4o@2024-08-06 Standard:5 Canceled
test rg-ai-test      contoso-test-us         eastus             AIServices gate closed
  gpt-4o-mini=gpt-4o-mini@2024-07-18 GlobalStandard:10
test rg-ai-load      contoso-load-1          eastus2            OpenAI     gate=load-test
  gpt-4o-mini=gpt-4o-mini@2024-07-18 GlobalStandard:1000
test rg-ai-load      contoso-load-2          swedencentral      OpenAI     gate=load-test
  gpt-4o-mini=gpt-4o-mini@2024-07-18 GlobalStandard:1000
test rg-ai-load      contoso-load-3          westus3            OpenAI     gate=load-test
  gpt-4o-mini=gpt-4o-mini@2024-07-18 GlobalStandard:1000
test rg-ai-load      contoso-load-4          westus             OpenAI     gate=load-test
  gpt-4o-mini=gpt-4o-mini@2024-07-18 GlobalStandard:1000 Accepted
test rg-team-sales   assistants              westeurope         OpenAI     gate own=contoso-sales-assistants-test
  gpt-4o=gpt-4o@2024-08-06 Standard:5
test rg-documents    contoso-test-speech     westeurope         SpeechServices
test rg-documents    contoso-test-language   westeurope         TextAnalytics
lab  rg-lab          contoso-lab-models      swedencentral      AIServices mi nokeys
  deepseek=DeepSeek-R1@1 GlobalStandard:1
  llama=Llama-3.3-70B-Instruct@4 GlobalStandard:1
lab  rg-lab          contoso-lab-openai      eastus2            OpenAI
  o1=o1@2024-12-17 GlobalStandard:10
  gpt-image=gpt-image-1@2025-04-15 GlobalStandard:2
lab  rg-lab          contoso-lab-audio       eastus2            AIServices gate
  transcribe=gpt-4o-transcribe@2025-03-20 GlobalStandard:10
  speak=gpt-4o-mini-tts@2025-03-20 GlobalStandard:10
lab  rg-lab          contoso-lab-embeddings  eastus             OpenAI     gate
  ada=text-embedding-ada-002@2 Standard:120
lab  rg-lab-students contoso-students-1      northeurope        OpenAI     gate
  gpt-4o-mini=gpt-4o-mini@2024-07-18 Standard:1
lab  rg-lab-students contoso-students-2      northeurope        OpenAI     gate closed nokeys
lab  rg-lab-students contoso-students-3      northeurope        OpenAI
lab  rg-lab-partners fabrikam                eastus2            OpenAI     gate
  gpt-4o=gpt-4o@2024-08-06 Standard:10
"""
PARTNERS = {"Phi": "Microsoft", "DeepSeek": "DeepSeek", "Llama": "Meta"}  # model name -> format


def group_of(subscription: str, group: str) -> str:
    """The id of a resource group."""
    return f"/subscriptions/{SUBSCRIPTIONS[subscription][0]}/resourceGroups/{group}"


def build() -> JSON:
    """The world as a document."""
    return {
        "tenant": TENANT,
        "subscriptions": {id: {"displayName": name} for id, name in SUBSCRIPTIONS.values()},
        "principals": [
            {"id": "0b0b0b0b-0000-4000-8000-00000000f001", "type": "User", "displayName": "Bob"},
            {"id": "0b0b0b0b-0000-4000-8000-00000000f002", "type": "Group", "displayName": "AI users"},
        ],
        "resources": [
            *(each for gateway in GATEWAYS for each in _gateway(*gateway)),
            *_accounts(),
            *_roles(),
        ],
    }


def _accounts() -> Iterator[JSON]:
    account = ""
    for line in filter(None, ACCOUNTS.split("\n")):
        if line.startswith(" "):
            yield _deployment(account, *line.split())
        else:
            subscription, group, name, region, kind, *flags = line.split()
            account = f"{group_of(subscription, group)}/providers/Microsoft.CognitiveServices/accounts/{name}"
            yield _account(account, name, region, kind, dict(_flag(each) for each in flags))


def _flag(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _account(id: str, name: str, region: str, kind: str, flags: dict[str, str]) -> JSON:
    properties: JSON = {"publicNetworkAccess": "Disabled" if "closed" in flags else "Enabled"}
    if "regional" not in flags:
        properties["customSubDomainName"] = flags.get("own", name)
    if "nokeys" in flags:
        properties["disableLocalAuth"] = True
    if "state" in flags:
        properties["provisioningState"] = flags["state"]
    tags = {"ai-gateway": flags["gate"] or "enabled"} if "gate" in flags else {}
    if "profile" in flags:
        tags["ai-gateway-profile"] = flags["profile"]
    body: JSON = {"id": id, "location": region, "kind": kind, "sku": {"name": "S0"}, "properties": properties}
    if tags:
        body["tags"] = tags
    if "mi" in flags:
        body["identity"] = {"type": "SystemAssigned"}
    return body


def _deployment(account: str, what: str, size: str, state: str = "") -> JSON:
    name, _, model = what.partition("=")
    model, _, version = model.partition("@")
    sku, _, capacity = size.partition(":")
    maker = next((format for prefix, format in PARTNERS.items() if model.startswith(prefix)), "OpenAI")
    properties: JSON = {"model": {"format": maker, "name": model, "version": version}}
    if state:
        properties["deploymentState" if state == "Paused" else "provisioningState"] = state
    return {
        "id": f"{account}/deployments/{name}",
        "sku": {"name": sku, "capacity": int(capacity)},
        "properties": properties,
    }


def _gateway(subscription: str, group: str, name: str, region: str, tier: str, owner: str) -> Iterator[JSON]:
    """A gateway with an identity, an API of its own that has nothing to do with models, and one made by hand."""
    here = group_of(subscription, group)
    identity = f"{here}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-{name}"
    service = f"{here}/providers/Microsoft.ApiManagement/service/{name}"
    yield {"id": identity, "location": region}
    yield {
        "id": service,
        "location": region,
        "sku": {"name": tier, "capacity": 1},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity: {}}},
        "tags": {"owner": owner, "environment": subscription},
        "properties": {"publisherEmail": "platform@contoso.example", "publisherName": "Contoso"},
    }
    for path, properties in _CHILDREN.items():
        yield {"id": f"{service}/{path}", "properties": properties} if properties else {"id": f"{service}/{path}"}


def _policy(inbound: str) -> JSON:
    rest = "<backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error>"
    return {"format": "rawxml", "value": f"<policies><inbound><base />{inbound}</inbound>{rest}</policies>"}


def _operation(method: str, template: str, text: str) -> JSON:
    names = [part.strip("{}") for part in template.split("/") if part.startswith("{")]
    parameters = [{"name": name, "type": "string", "required": True} for name in names]
    return {"displayName": text, "method": method, "urlTemplate": template, "templateParameters": parameters}


_CHILDREN: dict[str, JSON] = {
    "namedValues/orders-host": {
        "displayName": "orders-host",
        "value": "orders.contoso.example",
        "tags": ["orders"],
    },
    "namedValues/orders-key": {"displayName": "orders-key", "value": "not-a-real-key", "secret": True},
    "tags/orders": {"displayName": "Orders"},
    "backends/orders": {"title": "Orders", "protocol": "http", "url": "https://orders.contoso.example/v1"},
    "backends/legacy-openai": {"protocol": "http", "url": "https://eastus.api.cognitive.microsoft.com/openai"},
    "policyFragments/served-by": {
        "description": "Says who answered.",
        "format": "xml",
        "value": '<fragment><set-header name="x-served-by" exists-action="override"><value>contoso</value>'
        "</set-header></fragment>",
    },
    "products/ai-platform": {"displayName": "AI Platform", "subscriptionRequired": True, "state": "published"},
    "products/orders": {"displayName": "Orders", "subscriptionRequired": True, "state": "published"},
    "apis/orders-api": {"displayName": "Orders", "path": "orders", "protocols": ["https"]},
    "apis/orders-api/operations/list-orders": _operation("GET", "/", "List orders"),
    "apis/orders-api/operations/get-order": _operation("GET", "/{orderId}", "Get an order"),
    "apis/orders-api/operations/place-order": _operation("POST", "/", "Place an order"),
    "apis/orders-api/policies/policy": _policy(
        '<set-backend-service backend-id="orders" /><include-fragment fragment-id="served-by" />'
        '<set-header name="x-orders-host" exists-action="override"><value>{{orders-host}}</value></set-header>'
    ),
    "apis/orders-api/operations/place-order/policies/policy": _policy(
        '<rate-limit calls="10" renewal-period="60" />'
    ),
    "apis/legacy-openai-api": {"displayName": "Legacy OpenAI", "path": "legacy/openai", "protocols": ["https"]},
    "apis/legacy-openai-api/operations/chat": _operation("POST", "/deployments/{deployment-id}/chat", "Chat"),
    "apis/legacy-openai-api/policies/policy": _policy('<set-backend-service backend-id="legacy-openai" />'),
    "products/orders/apis/orders-api": {},
    "products/orders/policies/policy": _policy('<quota calls="10000" renewal-period="86400" />'),
    "apis/orders-api/tags/orders": {},
}


def _roles() -> Iterator[JSON]:
    """Somebody may use all accounts of production directly."""
    scope = f"/subscriptions/{SUBSCRIPTIONS['prod'][0]}"
    name = "/providers/Microsoft.Authorization/roleAssignments/11111111-0000-4000-8000-00000000f001"
    role = f"{scope}/providers/Microsoft.Authorization/roleDefinitions/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
    properties = {"principalId": "0b0b0b0b-0000-4000-8000-00000000f002", "principalType": "Group"}
    yield {"id": scope + name, "properties": {**properties, "roleDefinitionId": role}}


if __name__ == "__main__":
    json.dump(build(), sys.stdout, indent=2)
