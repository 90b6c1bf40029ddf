"""Which policies and fragments of a service name a backend, a fragment, a named value or a logger.

What is named cannot be deleted (arm-wire 5.4, 6), and what is missing cannot be named.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from simulator.cloud import Cloud
from simulator.ids import key
from simulator.policy.catalogue import policies
from simulator.policy.csharp import is_expression
from simulator.policy.document import Element
from simulator.policy.reader import read_policy
from simulator.store import Entity

What = Literal["backend", "fragment", "named-value", "logger", "certificate"]
TYPES = tuple(
    f"Microsoft.ApiManagement/service/{each}"
    for each in ("policies", "apis/policies", "apis/operations/policies", "products/policies", "policyFragments")
)
_NAMED_VALUE = re.compile(r"{{\s*([A-Za-z0-9._-]+)\s*}}")
_CERTIFICATES = {"certificate-id", "issuer-certificate-id"}
_DAPR = "dapr"  # set-backend-service's word for no backend of ours (its Dapr reference)


def used_by(cloud: Cloud, service: str, what: What, name: str) -> list[Entity]:
    """The policies and fragments below `service` (an id) that name it.

    A named value is named by its displayName, everything else by its resource name; case does not matter.
    A policy or fragment keeps its document at body["properties"]["xml"].
    """
    below = key(service) + "/"
    wanted = (what, name.rsplit("/", 1)[-1].lower())
    entities = (entity for type in TYPES for entity in cloud.store.of_type(type))
    return [
        entity
        for entity in entities
        if key(entity.id).startswith(below) and wanted in names_in(str(entity.properties.get("xml", "")))
    ]


@lru_cache(maxsize=4096)
def names_in(xml: str) -> frozenset[tuple[What, str]]:
    """What a kept document names literally, in lower case."""
    if not xml:
        return frozenset()
    document = read_policy(xml, raw=False)
    return frozenset((what, name.lower()) for _, what, name in named(document.root))


def named(root: Element) -> Iterator[tuple[Element, What, str]]:
    """What a document names literally, and which element does."""
    yield from _named(root, is_policy=True)


def _named(element: Element, *, is_policy: bool) -> Iterator[tuple[Element, What, str]]:
    attributes = dict(element.attributes)
    if is_policy:
        yield from ((element, what, name) for what, name in _in_attributes(element.name, attributes))
    liquid = attributes.get("template") == "liquid"  # which has the same braces for itself
    for value in (*attributes.values(), *(() if liquid else (element.text,))):
        for name in _NAMED_VALUE.findall(value):
            yield element, "named-value", name
    if liquid:
        return
    policy = policies().get(element.name)
    inside = is_policy and (policy is None or policy.shape.content.kind != "any" or not policy.sections)
    for child in element.elements():
        yield from _named(child, is_policy=inside)


def _in_attributes(name: str, attributes: dict[str, str]) -> Iterator[tuple[What, str]]:
    for attribute, value in attributes.items():
        if not value or is_expression(value) or "{{" in value:
            continue
        if attribute in {"backend-id", "embeddings-backend-id"} and value != _DAPR:
            yield "backend", value
        elif attribute == "fragment-id":
            yield "fragment", value
        elif attribute == "logger-id":
            yield "logger", value
        elif attribute in _CERTIFICATES or (attribute == "thumbprint" and name == "authentication-certificate"):
            yield "certificate", value
