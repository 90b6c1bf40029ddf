"""The published schemas judge the simulator: what it accepts, and what it answers."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from simulator.apim.providers import CONNECTIONS, PROVIDER
from simulator.apim.subscriptions import PRODUCT_SUBSCRIPTION
from simulator.apim.tag_lists import TAG_LISTS
from simulator.apim.unmodelled import unmodelled
from simulator.app import KINDS
from simulator.bodies import Anything, Fields, Flag, Items, Number, Shape, Text, Whole
from tests.simulator.asking import EAST, GATEWAY, OPENAI_USER, SHARED, Azure, Got, S, api, azure, policy, shared

JSON = dict[str, Any]
FILES = (
    "Microsoft.ApiManagement-2024-05-01",
    "Microsoft.Authorization-2022-04-01",
    "Microsoft.CognitiveServices-2025-09-01",
)
WITHOUT_SCHEMA = {
    *(kind.type for kind in unmodelled([])),
    *(kind.type for kind in (*TAG_LISTS, PROVIDER, *CONNECTIONS, PRODUCT_SUBSCRIPTION)),
    "Microsoft.ApiManagement/service/apis/products",
    "Microsoft.ApiManagement/service/apis/revisions",
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    "Microsoft.Authorization/locks",
    "Microsoft.Authorization/roleDefinitions",
}
MORE_THAN_PUBLISHED = {  # the simulator takes it because Azure does
    "service/apis.properties.path": "a copy needs none: Azure/apiops sends a source and nothing else",
    **{
        f"service/apis/operations.properties.{part}.representations[].{name}": "in a world: what an import made"
        for part in ("request", "responses[]")
        for name in ("sample", "generatedSample")
    },
    "service/subscriptions.properties.displayName": "in a world: one that Azure made by itself has none",
    "service/backends.properties.tls.serverCertificateThumbprints": "since 2025-03-01-preview (recording 21)",
    "service/backends.properties.tls.serverX509Names": "since 2025-03-01-preview",
    "service/diagnostics.properties.loggerId": "azure-rest-api-specs#33340: not always required",
    "service/apis/diagnostics.properties.loggerId": "azure-rest-api-specs#33340: not always required",
    "service/backends.properties.credentials.managedIdentity": "desired-state 4.2: works, but is in no schema",
}
NOT_MODELLED = {  # Azure takes it, the simulator refuses it
    "service.properties.additionalLocations",
    "service.properties.certificates",
    "service.properties.configurationApi",
    "service.properties.hostnameConfigurations",
    "service.properties.privateEndpointConnections",
    "service.properties.virtualNetworkConfiguration",
    "accounts.properties.amlWorkspace",
    "accounts.properties.encryption",
    "accounts.properties.locations",
    "accounts.properties.migrationToken",
    "accounts.properties.networkInjections",
    "accounts.properties.raiMonitorConfig",
    "accounts.properties.userOwnedStorage",
}


@cache
def published() -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for name in FILES:
        found |= json.loads((SHARED / f"azure/schemas/{name}.json").read_text("utf-8"))["resources"]
    return found


def modelled() -> list[str]:
    return sorted(kind.type for kind in KINDS.values() if kind.type not in WITHOUT_SCHEMA)


@pytest.mark.parametrize("type", modelled())
def test_the_simulator_accepts_the_fields_of_the_published_schema_and_no_others(type: str) -> None:
    shared("azure/schemas")
    schema = published()[type]["request"]
    short = type.split("/", 1)[1]
    wrong = dict(compared(KINDS[type.lower()].shape, schema, schema.get("$defs", {}), short))
    assert {
        where: what for where, what in wrong.items() if where not in {*MORE_THAN_PUBLISHED, *NOT_MODELLED}
    } == {}


def test_every_listed_exception_to_the_schemas_is_still_one() -> None:
    shared("azure/schemas")
    found: set[str] = set()
    for type in modelled():
        schema = published()[type]["request"]
        found |= {
            where
            for where, _ in compared(
                KINDS[type.lower()].shape, schema, schema.get("$defs", {}), type.split("/", 1)[1]
            )
        }
    assert found == {*MORE_THAN_PUBLISHED, *NOT_MODELLED}


def compared(shape: Shape, schema: JSON, defs: JSON, where: str) -> Iterator[tuple[str, str]]:  # noqa: C901  # flat
    schema = resolved(schema, defs)
    match shape:
        case Fields():
            yield from compared_fields(shape, schema, defs, where)
        case Items():
            yield from compared(shape.of, schema.get("items", {}), defs, f"{where}[]")
            if shape.most is not None and shape.most > schema.get("maxItems", shape.most):
                yield where, "allows too many items"
        case Text():
            if schema.get("type", "string") != "string":
                yield where, f"is text here, {schema.get('type')} there"
            if shape.least < schema.get("minLength", 0):
                yield where, "allows too short a text"
            if (shape.most or 10**9) > schema.get("maxLength", 10**9):
                yield where, "allows too long a text"
        case Whole() | Number():
            if schema.get("type") != "integer":
                yield where, f"is a number here, {schema.get('type')} there"
        case Flag():
            if schema.get("type") != "boolean":
                yield where, f"is true or false here, {schema.get('type')} there"
        case Anything():
            return


def compared_fields(shape: Fields, schema: JSON, defs: JSON, where: str) -> Iterator[tuple[str, str]]:
    named = schema.get("properties", {})
    closed = schema.get("additionalProperties") is False
    for name, part in shape.named.items():
        if name in named:
            yield from compared(part, named[name], defs, f"{where}.{name}")
        elif closed:
            yield f"{where}.{name}", "accepted here, unknown there"
    for name in named:
        if name not in shape.named and shape.others is None:
            yield f"{where}.{name}", "known there, refused here"
    if shape.others is not None and closed and not named:
        yield where, "open here, closed there"
    for name in schema.get("required", []):
        if name not in shape.required and not where.endswith(("service", "accounts", "deployments")):
            yield f"{where}.{name}", "required there, not here"


def resolved(schema: JSON, defs: JSON) -> JSON:
    while "$ref" in schema:
        schema = defs[schema["$ref"].rsplit("/", 1)[-1]]
    options = schema.get("anyOf", [])
    open_enumeration = options and all(each.get("type") == "string" or "const" in each for each in options)
    return {"type": "string"} if open_enumeration else schema


# --- every route, every body, every answer


class Judge(Azure):
    """Validates what is sent and accepted, and every entity that comes back."""

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Got:
        got = super().ask(method, path, body, **more)
        type = type_of(path)
        if got.status < 300 and type in published():
            if method in {"PUT", "PATCH"}:
                check(
                    published()[type]["patch" if method == "PATCH" else "request"], body or {}, f"{method} {path}"
                )
            for entity in entities(got.body):
                check(published()[type]["response"], entity, f"answer to {method} {path}")
        assert got.status < 400, (method, path, got.text)
        return got


def type_of(path: str) -> str:
    tail = path.split("?", maxsplit=1)[0].rsplit("/providers/", 1)[-1].split("/")
    return "/".join([tail[0], *tail[1::2]])


def entities(body: Any) -> list[JSON]:
    if not isinstance(body, dict) or "ProvisioningState" in body.get("properties", {}):
        return []
    if body.get("value") and body["value"][0]["type"].endswith("/schemas"):
        return []  # the list leaves the required document out (arm-wire 3.2)
    alone = [body] if "id" in body else []
    listed: list[JSON] = body.get("value", alone)
    return listed


def check(schema: JSON, value: JSON, where: str) -> None:
    wrong = [
        f"{'.'.join(map(str, each.path))}: {each.message}"
        for each in Draft202012Validator(schema).iter_errors(value)
    ]
    assert not wrong, (where, wrong)


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
