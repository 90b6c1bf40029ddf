"""The published schemas judge what APIs, what is beside them, accounts and role assignments are sent and answer."""

import json

from tests.simulator.asking import EAST, GATEWAY, OPENAI_USER, S, api, azure, policy, shared
from tests.simulator.judge import Judge, check, published, type_of

DOCUMENT = {
    "openapi": "3.0.1",
    "info": {"title": "T", "version": "1", "contact": {"email": "a@b.example"}, "license": {"name": "MIT"}},
    "servers": [{"url": "https://x.example"}],
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "operationId": "Things_Get",
                "tags": ["Things"],
                "parameters": [
                    {"name": "api-version", "in": "query", "required": True, "schema": {"type": "string"}},
                    {"name": "top", "in": "query", "schema": {"type": "integer", "default": 5}},
                    {"name": "x-h", "in": "header", "schema": {"type": "string", "enum": ["a", "b"]}},
                ],
                "responses": {
                    "200": {
                        "description": "One.",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Thing"},
                                "example": {"a": 1},
                            }
                        },
                        "headers": {"x-r": {"schema": {"type": "string"}}},
                    }
                },
            },
            "post": {
                "operationId": "Things_Put",
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"type": "object"}},
                        "multipart/form-data": {
                            "schema": {"type": "object", "properties": {"f": {"type": "string"}}}
                        },
                    }
                },
            },
        }
    },
    "components": {"schemas": {"Thing": {"type": "object"}}},
}


def test_every_body_it_accepts_and_every_entity_it_answers_holds_against_the_published_schemas() -> None:
    shared("azure/schemas")
    judge = Judge(
        azure(
            import_time=0,
            lock_lingers=0,
            account_create_time=0,
            service_update_time=0,
            product_subscription="none",  # it has no name, which the schema does not know
        ).simulator
    )
    apis(judge)
    others(judge)
    accounts(judge)
    for id, body in judge.simulator.resources().items():
        if type_of(id) in published():
            check(published()[type_of(id)]["response"], body, id)


def apis(judge: Judge) -> None:
    root = f"{GATEWAY}/apis/things"
    imported = api(
        "things",
        format="openapi+json",
        value=json.dumps(DOCUMENT),
        type="http",
        apiType="http",
        subscriptionKeyParameterNames={"header": "api-key", "query": "k"},
    )
    judge.put(root, imported)
    judge.get(root)
    judge.patch(root, {"properties": {"displayName": "Things", "description": "x"}}, if_match="*")
    operation = judge.get(f"{root}/operations").body["value"][0]["name"]
    judge.get(f"{root}/operations/{operation}")
    judge.patch(f"{root}/operations/{operation}", {"properties": {"description": "y"}})
    judge.put(
        f"{root}/operations/mine",
        {
            "properties": {
                "displayName": "Mine",
                "method": "GET",
                "urlTemplate": "/mine/{a}",
                "templateParameters": [{"name": "a", "type": "string", "required": True}],
                "responses": [{"statusCode": 200}],
            }
        },
    )
    schema = judge.get(f"{root}/schemas").body["value"]
    assert len(schema) == 1
    for place in (root, f"{root}/operations/mine", GATEWAY, f"{GATEWAY}/products/starter"):
        judge.put(f"{place}/policies/policy", policy("<base />") if place != GATEWAY else policy(""))
        judge.get(f"{place}/policies/policy")
        judge.get(f"{place}/policies/policy", query={"format": "rawxml"})
        judge.get(f"{place}/policies")
    judge.get(f"{GATEWAY}/apis")
    judge.delete(f"{root}/operations/mine")
    judge.put(f"{GATEWAY}/products/starter/apis/things", {})
    judge.get(f"{GATEWAY}/products/starter/apis")
    judge.get(f"{root}/tags")


def others(judge: Judge) -> None:
    judge.get(GATEWAY)
    judge.patch(GATEWAY, {"identity": {"type": "SystemAssigned"}})
    judge.get(f"{S}/providers/Microsoft.ApiManagement/service")
    judge.put(f"{GATEWAY}/products/new", {"properties": {"displayName": "New", "state": "published"}})
    judge.patch(f"{GATEWAY}/products/new", {"properties": {"description": "d"}})
    judge.put(f"{GATEWAY}/tags/t", {"properties": {"displayName": "T"}})
    judge.put(f"{GATEWAY}/apis/things/tags/t")
    judge.put(f"{GATEWAY}/apiVersionSets/v", {"properties": {"displayName": "V", "versioningScheme": "Segment"}})
    rule = {
        "name": "r",
        "tripDuration": "PT60S",
        "acceptRetryAfter": True,
        "failureCondition": {
            "count": 1,
            "interval": "PT1M",
            "errorReasons": ["Server errors"],
            "statusCodeRanges": [{"min": 429, "max": 429}],
        },
    }
    judge.put(
        f"{GATEWAY}/backends/one",
        {
            "properties": {
                "title": "T",
                "description": "D",
                "type": "Single",
                "protocol": "http",
                "url": "https://x.example",
                "resourceId": "https://management.azure.com/x",
                "circuitBreaker": {"rules": [rule]},
                "tls": {"validateCertificateChain": True},
            }
        },
    )
    judge.put(
        f"{GATEWAY}/backends/pool",
        {
            "properties": {
                "type": "Pool",
                "pool": {"services": [{"id": "/backends/one", "priority": 1, "weight": 2}]},
            }
        },
    )
    judge.patch(f"{GATEWAY}/backends/one", {"properties": {"description": "E"}})
    judge.get(f"{GATEWAY}/backends")


def accounts(judge: Judge) -> None:
    fresh = EAST.replace("contoso-east", "fresh")
    judge.put(
        fresh,
        {
            "location": "eastus",
            "kind": "OpenAI",
            "sku": {"name": "S0"},
            "tags": {"a": "b"},
            "identity": {"type": "SystemAssigned"},
            "properties": {"customSubDomainName": "fresh"},
        },
    )
    judge.patch(fresh, {"tags": {"a": "c"}})
    judge.put(
        f"{fresh}/deployments/d",
        {
            "sku": {"name": "Standard", "capacity": 2},
            "properties": {"model": {"format": "OpenAI", "name": "o3-mini"}},
        },
    )
    judge.get(f"{fresh}/deployments")
    judge.get(f"{S}/providers/Microsoft.CognitiveServices/accounts")
    name = f"{fresh}/providers/Microsoft.Authorization/roleAssignments/22222222-0000-4000-8000-000000000001"
    judge.put(
        name,
        {
            "properties": {
                "principalId": "0b0b0b0b-0000-4000-8000-000000000003",
                "roleDefinitionId": OPENAI_USER,
                "principalType": "ServicePrincipal",
            }
        },
    )
    judge.get(name)
    judge.get(f"{fresh}/providers/Microsoft.Authorization/roleAssignments")
    judge.delete(name)
