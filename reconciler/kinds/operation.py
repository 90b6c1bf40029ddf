"""What can be called through an API: the operations that its document gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from reconciler import openapi
from reconciler.capabilities import answerable
from reconciler.compare import as_lines, differences
from reconciler.kinds.kind import Kind, Parent, same_id
from reconciler.model import Actual, Body, Desired, Difference, Observed, Resource
from reconciler.resource_id import ResourceId
from reconciler.world import Served, Signature, World


def desire(world: World) -> Iterator[Resource]:
    """Every operation of the document that a served account's API is imported from, and that it offers."""
    read = read_once(world)
    for served in world.served():
        operations = read[served.profile.api.specification]
        keep = wanted(world, served, operations)
        for operation in operations:
            if operation.name not in keep:
                continue
            yield Resource(
                id=served.api.child("operations", operation.name),
                kind=OPERATION.name,
                source=served.account.id,
                needs=frozenset({served.api}),
                body={"properties": _properties(operation)},
            )


def read_once(world: World) -> dict[str, tuple[openapi.Operation, ...]]:
    """The operations of each document that an account's API is made from, by its name."""
    names = {served.profile.api.specification for served in world.served()}
    return {name: openapi.operations(world.documents[name]) for name in sorted(names)}


def wanted(world: World, served: Served, operations: Sequence[openapi.Operation]) -> frozenset[str]:
    """The names of the operations that the account's API offers.

    With `operations: deployed` those that its models can answer; what the API has already stays, so that a model
    deployment that goes away takes nothing from callers but the model (desired-state.md §6.3).
    """
    names = frozenset(operation.name for operation in operations)
    if served.profile.api.operations == "all":
        return names
    there = world.offered.get(served.api, frozenset())
    has = frozenset(o.name for o in operations if signature({"properties": _properties(o)}) in there)
    return answerable(names, served.account.deployments) | has or names


def offered(actual: Actual) -> dict[ResourceId, frozenset[Signature]]:
    """What each API offers now."""
    found: dict[ResourceId, set[Signature]] = {}
    for observed in actual.values():
        if observed.kind == OPERATION.name:
            found.setdefault(observed.id.parent, set()).add(signature(observed.body))
    return {api: frozenset(signatures) for api, signatures in found.items()}


def _properties(operation: openapi.Operation) -> dict[str, Any]:
    """What a PUT of a single operation sends; the schemas that an import attaches are not among it."""
    return {
        "displayName": operation.display_name,
        "method": operation.method,
        "urlTemplate": operation.url_template,
        "templateParameters": [_parameter(p) for p in operation.parameters],
        "description": operation.description,
        "request": {
            "queryParameters": [_parameter(p) for p in operation.query],
            "headers": [_parameter(p) for p in operation.headers],
            "representations": [{"contentType": content_type} for content_type in operation.content_types],
        },
        "responses": [{"statusCode": status, "description": text} for status, text in operation.responses],
    }


def _parameter(parameter: openapi.TemplateParameter) -> dict[str, Any]:
    body: dict[str, Any] = {
        "name": parameter.name,
        "type": parameter.type,
        "required": parameter.required,
        "description": parameter.description,
        "values": list(parameter.values),
    }
    return body if parameter.default is None else {**body, "defaultValue": parameter.default}


_ROUTING = ("displayName", "method", "urlTemplate")


def routes_alike(desired: Body, actual: Body) -> tuple[Difference, ...]:
    """What routes a call, and the name that people see; parameter names in a template are free.

    The list of operations shows these whole; the rest of an operation it shows only in part (arm-wire.md §17.3).
    """
    alike = shape(desired["properties"]["urlTemplate"]) == shape(
        (actual.get("properties") or {}).get("urlTemplate")
    )
    # Azure refuses a template without exactly its parameters: where it is mended, they are sent with it.
    declared = _ROUTING if alike else (*_ROUTING, "templateParameters")
    wanted = {key: desired["properties"][key] for key in declared}
    return differences({"properties": wanted}, actual, canonical=_SPELLING)


def whole_alike(desired: Body, actual: Body) -> tuple[Difference, ...]:
    """What routes a call, and what callers are told of it: description, parameters, content types.

    Schemas and examples that the import attached are the service's own and not compared.
    """
    properties, has = desired["properties"], actual.get("properties") or {}
    told = {
        "description": properties["description"],
        "request": {"representations": properties["request"]["representations"]},
    }
    if properties["urlTemplate"] == has.get("urlTemplate"):  # else its parameters go by other names, which are free
        told["templateParameters"] = properties["templateParameters"]
    return routes_alike(desired, actual) or differences({"properties": told}, actual, canonical=_SPELLING)


def shape(template: object) -> object:
    """A template without the names of its parameters: `/a/{x}?v={v}` and `/a/{y}?v={w}` route the same calls."""
    return re.sub(r"\{[^}]*\}", "{}", template).lower().rstrip("/") if isinstance(template, str) else template


def _method(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _parameters(value: Any) -> object:
    """Name, type and whether it is required, whatever the order; the service adds to the rest."""
    return sorted((str(p["name"]).lower(), str(p.get("type")), bool(p.get("required"))) for p in value or ())


def _content_types(value: Any) -> object:
    return sorted(str(r.get("contentType")).lower() for r in value or ())


_SPELLING = {
    "properties.urlTemplate": shape,
    "properties.method": _method,
    "properties.description": as_lines,
    "properties.templateParameters": _parameters,
    "properties.request.representations": _content_types,
}


def same_signature(wanted: Resource, observed: Sequence[Observed]) -> Observed | None:
    """The operation of that API with our method and template, else the one with our name.

    An adopted operation keeps its name: the service has two contradictory rules for names (arm-wire.md §3.2).
    """
    siblings = [o for o in observed if o.id.parent == wanted.id.parent]
    wish = signature(wanted.body)
    return next((o for o in siblings if signature(o.body) == wish), None) or same_id(wanted, siblings)


def signature(body: Body) -> Signature:
    """Method and template, as they route a call."""
    properties = body.get("properties") or {}
    return _method(properties.get("method")), shape(properties.get("urlTemplate"))


def as_text(body: Body) -> str:
    """Method and template as one line, for what is remembered of an operation."""
    return " ".join(map(str, signature(body)))


def given_by_us(desired: Desired) -> dict[ResourceId, frozenset[str]]:
    """API -> the operations that its document gives it, as text."""
    found: dict[ResourceId, set[str]] = {}
    for resource in desired.values():
        if resource.kind == OPERATION.name:
            found.setdefault(resource.id.parent, set()).add(as_text(resource.body))
    return {api: frozenset(texts) for api, texts in found.items()}


OPERATION = Kind(
    name="operation",
    type="Microsoft.ApiManagement/service/apis/operations",
    parent=Parent.API,
    desire=desire,
    after=frozenset({"api"}),
    compare=routes_alike,
    compare_deep=whole_alike,
    counterpart=same_signature,
    comes_with="api",
)
