"""The API of an account, in full, and what of it is compared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.config import Config
from reconciler.kinds.api import API
from reconciler.model import Difference
from reconciler.world import State
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, WEST, WEST_API, account, config, world

MARK = f"managed-by=apim-openai-reconciler; owner=contoso; source={EAST}; spec=azure-openai/2024-10-21@31359e27f515"
DESCRIPTION = f"Models of the Azure OpenAI account contoso-east.\n{MARK}"
PROPERTIES = {
    "displayName": "Azure OpenAI contoso-east",
    "description": DESCRIPTION,
    "path": "contoso-east/openai",
    "protocols": ["https"],
    "subscriptionRequired": True,
    "subscriptionKeyParameterNames": {"header": "api-key", "query": "subscription-key"},
    "serviceUrl": "https://contoso-east.openai.azure.com/openai",
    "format": "openapi+json",
}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Tiny", "version": "2024-10-21", "description": DESCRIPTION},
    "servers": [
        {
            "url": "https://contoso-east.openai.azure.com/openai",
            "variables": {"endpoint": {"default": "contoso-east.openai.azure.com"}},
        }
    ],
    "paths": {
        "/deployments/{deployment-id}/chat/completions": {
            "post": {
                "operationId": "chatcompletions-create",
                "summary": "Chat",
                "description": "Chat",
                "parameters": [
                    {"name": "deployment-id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "api-version", "in": "query", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {"200": {"description": "OK"}},
            }
        },
        "/models": {
            "get": {
                "operationId": "models-list",
                "summary": "List models",
                "description": "List models",
                "responses": {"200": {"description": "OK"}},
            }
        },
    },
    "components": {"schemas": {}},
}


def test_the_api_of_an_account() -> None:
    (api,) = API.desire(world(account()))
    assert (api.id, api.kind, api.source, api.needs) == (EAST_API, "api", EAST, frozenset({EAST_BACKEND}))
    assert api.id.text == EAST_API.text
    properties = dict(api.body["properties"])
    assert json.loads(properties.pop("value")) == DOCUMENT
    assert properties == PROPERTIES
    assert set(api.body) == {"properties"}


def test_each_account_has_its_own() -> None:
    apis = list(API.desire(world(account(), account(WEST))))
    assert [api.id for api in apis] == [EAST_API, WEST_API]
    assert [api.body["properties"]["path"] for api in apis] == ["contoso-east/openai", "contoso-west/openai"]


def test_what_the_profile_says_of_it() -> None:
    settings = {
        "name": "ai-{location}",
        "displayName": "{resourceGroup}: {account}",
        "description": "For {subscription}.",
        "path": "ai/{account}/openai",
        "subscriptionRequired": False,
    }
    (api,) = API.desire(world(account(), configured=config(api=settings)))
    properties = api.body["properties"]
    assert api.id.name == "ai-eastus-831a41"
    assert properties["displayName"] == "rg-ai-east: contoso-east"
    assert properties["description"] == f"For 00000000-0000-0000-0000-000000000001.\n{MARK}"
    assert properties["path"] == "ai/contoso-east/openai"
    assert properties["subscriptionRequired"] is False


def test_an_account_has_the_settings_of_its_own_profile() -> None:
    configured = config(profiles={"gold": {"api": {"path": "gold/{account}/openai"}}})
    (api,) = API.desire(world(account(profile="gold"), configured=configured))
    assert api.body["properties"]["path"] == "gold/contoso-east/openai"


WAITS = account(state=State.WAITING)
WHO: dict[str, tuple[Any, dict[Any, Any], list[Any]]] = {
    "an account that is ready": (account(), {}, [EAST_API]),
    "an account that waits and has none": (WAITS, {}, []),
    "an account that waits and has one: it is maintained": (WAITS, {EAST: EAST_API}, [EAST_API]),
    "an account that waits, has one, and lost its address": (
        account(state=State.WAITING, endpoint=""),
        {EAST: EAST_API},
        [],
    ),
    "an account that is not selected any more": (account(state=State.EXCLUDED), {EAST: EAST_API}, []),
}


@pytest.mark.parametrize(("who", "bindings", "expected"), WHO.values(), ids=WHO)
def test_who_has_an_api(who: Any, bindings: dict[Any, Any], expected: list[Any]) -> None:
    assert [api.id for api in API.desire(world(who, bindings=bindings))] == expected


def test_an_account_keeps_its_api_and_the_renamed_one_is_wished_for_guard_to_hold() -> None:
    old = GATEWAY.child("apis", "old-831a41")
    first, second = API.desire(world(account(), bindings={EAST: old}))
    assert (first.id, second.id) == (old, EAST_API)
    assert first.body == second.body
    assert first.needs == {GATEWAY.child("backends", "old-831a41-openai-endpoint")}


def test_it_is_made_after_the_backends() -> None:
    assert API.after == {"backend"}


DRIFT: dict[str, tuple[dict[str, Any], tuple[Difference, ...]]] = {
    "nothing, as Azure answers it": ({}, ()),
    "what Azure never returns": ({"format": None, "value": None}, ()),
    "what Azure adds": ({"apiRevision": "1", "isCurrent": True, "authenticationSettings": None}, ()),
    "the path in other letters and with a slash": ({"path": "/Contoso-East/openai"}, ()),
    "protocols in other letters": ({"protocols": ["HTTPS"]}, ()),
    "another path": (
        {"path": "x"},
        (Difference("properties.path", "x", "contoso-east/openai"),),
    ),
    "http beside https": (
        {"protocols": ["http", "https"]},
        (Difference("properties.protocols", ["http", "https"], ["https"]),),
    ),
    "no subscription required": (
        {"subscriptionRequired": False},
        (Difference("properties.subscriptionRequired", actual=False, desired=True),),
    ),
    "another key header": (
        {"subscriptionKeyParameterNames": {"header": "Ocp-Apim-Subscription-Key", "query": "subscription-key"}},
        (Difference("properties.subscriptionKeyParameterNames.header", "Ocp-Apim-Subscription-Key", "api-key"),),
    ),
    "another address": (
        {"serviceUrl": "https://evil.example"},
        (
            Difference(
                "properties.serviceUrl", "https://evil.example", "https://contoso-east.openai.azure.com/openai"
            ),
        ),
    ),
    "a lost mark": (
        {"description": "Mine."},
        (Difference("properties.description", "Mine.", DESCRIPTION),),
    ),
}


@pytest.mark.parametrize(("change", "expected"), DRIFT.values(), ids=DRIFT)
def test_drift_is(change: dict[str, Any], expected: tuple[Difference, ...]) -> None:
    (api,) = API.desire(world(account()))
    shown = {key: value for key, value in PROPERTIES.items() if key != "format"}
    assert API.compare(api.body, {"properties": {**shown, **change}}) == expected


def test_the_owner_of_the_mark_is_the_files() -> None:
    configured = Config.model_validate({**config().model_dump(), "owner": "fabrikam"})
    (api,) = API.desire(world(account(), configured=configured))
    assert "; owner=fabrikam; " in api.body["properties"]["description"]
