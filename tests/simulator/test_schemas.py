"""The published schemas judge which fields the simulator accepts."""

from collections.abc import Iterator

import pytest

from simulator.apim.providers import CONNECTIONS, PROVIDER
from simulator.apim.subscriptions import PRODUCT_SUBSCRIPTION
from simulator.apim.tag_lists import TAG_LISTS
from simulator.apim.unmodelled import unmodelled
from simulator.app import KINDS
from simulator.bodies import Anything, Fields, Flag, Items, Number, Shape, Text, Whole
from tests.simulator.asking import JSON, shared
from tests.simulator.judge import published

WITHOUT_SCHEMA = {
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


def modelled() -> list[str]:
    return sorted(kind.type for kind in KINDS.values() if kind.modelled and kind.type not in WITHOUT_SCHEMA)


@pytest.mark.parametrize("type", modelled())
def test_the_simulator_accepts_the_fields_of_the_published_schema_and_no_others(type: str) -> None:
    shared("azure/schemas")
    schema = published()[type]["request"]
    short = type.split("/", 1)[1]
    wrong = dict(compared(KINDS[type.lower()].shape, schema, schema.get("$defs", {}), short))
    assert {
        where: what for where, what in wrong.items() if where not in {*MORE_THAN_PUBLISHED, *NOT_MODELLED}
    } == {}


def test_what_is_listed_as_not_modelled_is_not() -> None:
    assert {kind.type for kind in unmodelled([])} & {kind.type for kind in KINDS.values() if kind.modelled} == set()


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
