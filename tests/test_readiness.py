"""When an account is ready, and what each of the others waits for."""

from __future__ import annotations

import pytest

from reconciler.model import Document
from reconciler.select import judged
from reconciler.world import ModelDeployment, State
from tests.azure_accounts import PUBLIC, account, deployment
from tests.builders import config

GATEWAY = config().gateways[0]


def test_a_ready_account_is_onboarded() -> None:
    judgement = judged(account(), [deployment("b"), deployment("A")], GATEWAY, PUBLIC)
    assert (judgement.state, judgement.reason) == (State.ONBOARDED, "ready")
    assert judgement.detail == "model deployments: A, b"
    assert judgement.endpoint == "https://contoso-east.openai.azure.com"
    assert judgement.location == "eastus"
    assert judgement.deployments == (
        ModelDeployment("A", "gpt-4o", "2024-08-06", "Standard", 10, ready=True),
        ModelDeployment("b", "gpt-4o", "2024-08-06", "Standard", 10, ready=True),
    )


WAITING: dict[str, tuple[Document, list[Document], str, str]] = {
    "a custom subdomain": (
        account(customSubDomainName=None, endpoint="https://eastus.api.cognitive.microsoft.com/"),
        [deployment()],
        "no-custom-subdomain",
        "managed identity needs a custom subdomain: az cognitiveservices account update "
        "-n contoso-east -g rg-ai-east --custom-domain NAME",
    ),
    "an endpoint of Azure": (
        account(endpoint="https://evil.example/"),
        [deployment()],
        "endpoint-not-trusted",
        "its endpoint 'https://evil.example/' is no https address of Azure OpenAI in the cloud 'public'",
    ),
    "any endpoint": (
        account(endpoint=None),
        [deployment()],
        "endpoint-not-trusted",
        "its endpoint '' is no https address of Azure OpenAI in the cloud 'public'",
    ),
    "the account's creation": (
        account(provisioningState="Creating"),
        [deployment()],
        "account-not-ready",
        "its provisioning state is Creating",
    ),
    "a first model deployment": (account(), [], "no-ready-deployment", "it has no model deployment"),
    "a model deployment that is ready": (
        account(),
        [
            deployment("new", provisioningState="Creating"),
            deployment("lost", provisioningState=None),
            deployment("llama", model={"format": "Meta", "name": "Llama", "version": "1"}),
            deployment("off", deploymentState="Paused"),
            deployment("night", sku={"name": "GlobalBatch", "capacity": 1}),
            deployment("zone", sku={"name": "DataZoneBatch", "capacity": 1}),
        ],
        "no-ready-deployment",
        "llama: model format Meta, not OpenAI; lost: provisioning state unknown; new: provisioning state Creating; "
        "night: SKU GlobalBatch serves batch jobs only; off: paused; zone: SKU DataZoneBatch serves batch jobs "
        "only",
    ),
}


@pytest.mark.parametrize(("document", "deployments", "reason", "detail"), WAITING.values(), ids=WAITING)
def test_an_account_waits_for(document: Document, deployments: list[Document], reason: str, detail: str) -> None:
    judgement = judged(document, deployments, GATEWAY, PUBLIC)
    assert (judgement.state, judgement.reason, judgement.detail) == (State.WAITING, reason, detail)


def test_one_ready_deployment_is_enough_and_the_others_say_why_not() -> None:
    judgement = judged(account(), [deployment("x", provisioningState="Failed"), deployment("y")], GATEWAY, PUBLIC)
    assert (judgement.state, judgement.detail) == (State.ONBOARDED, "model deployments: y")
    assert [(d.name, d.ready, d.why) for d in judgement.deployments] == [
        ("x", False, "provisioning state Failed"),
        ("y", True, ""),
    ]


def test_an_account_that_waits_with_a_good_endpoint_keeps_it() -> None:
    """What exists for it is maintained, and that takes its address."""
    assert judged(account(), [], GATEWAY, PUBLIC).endpoint == "https://contoso-east.openai.azure.com"
    assert judged(account(endpoint="http://x"), [], GATEWAY, PUBLIC).endpoint == ""


def test_letter_case_of_states_and_formats_means_nothing() -> None:
    model = {"format": "openai", "name": "gpt-4o", "version": "1"}
    judgement = judged(
        account(provisioningState="succeeded"),
        [deployment(provisioningState="SUCCEEDED", model=model, deploymentState="running")],
        GATEWAY,
        PUBLIC,
    )
    assert judgement.state is State.ONBOARDED


def test_the_openai_endpoint_is_preferred_to_the_accounts_own() -> None:
    document = account(
        kind="AIServices",
        endpoint="https://contoso-east.cognitiveservices.azure.com/",
        endpoints={
            "AI Foundry API": "https://contoso-east.services.ai.azure.com/",
            "OpenAI Language Model Instance API": "https://contoso-east.openai.azure.com/",
        },
    )
    assert judged(document, [deployment()], GATEWAY, PUBLIC).endpoint == "https://contoso-east.openai.azure.com"
    del document.body["properties"]["endpoints"]["OpenAI Language Model Instance API"]
    assert judged(document, [deployment()], GATEWAY, PUBLIC).endpoint == (
        "https://contoso-east.cognitiveservices.azure.com"
    )
