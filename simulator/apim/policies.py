"""How a policy document behaves at each level: what is refused, what is kept, how it reads back."""

import re
from collections.abc import Iterator
from typing import Any

from simulator.apim.common import VERSIONS, api_of, find_child, service_of
from simulator.bodies import TEXT, Fields, Text, envelope
from simulator.cloud import Cloud
from simulator.errors import invalid, not_modelled
from simulator.kinds import Change, Kind, View
from simulator.policy_text import Malformed, read_policy
from simulator.policy_tree import Element, PolicyDocument
from simulator.store import Entity

JSON = dict[str, Any]
SECTIONS = ("inbound", "backend", "outbound", "on-error")
_SHAPE = envelope(
    Fields({"format": Text(choices=("xml", "xml-link", "rawxml", "rawxml-link")), "value": TEXT}, ("value",))
)
_LIMIT = 256 * 1024  # platform 3.2
_LIMIT_CONSUMPTION = 16 * 1024
_NAMED_VALUE = re.compile(r"{{\s*([\w.-]+)\s*}}")


def _check(change: Change) -> None:
    if change.path.name.lower() != "policy":
        raise invalid(("policyId", "The policy identifier must be 'policy'."))
    properties = change.merged()["properties"]
    style = change.properties.get("format", "xml")
    if style.endswith("-link"):
        raise not_modelled(f"policies by link (format '{style}')")
    sku = change.cloud.need(change.path.top).body["sku"]["name"]
    limit = _LIMIT_CONSUMPTION if sku == "Consumption" else _LIMIT
    if len(properties["value"].encode()) > limit:
        raise invalid(("value", f"The policy document exceeds the limit of {limit // 1024} KB."))
    try:
        document = read_policy(properties["value"], raw=style == "rawxml")
    except Malformed as mistake:
        raise invalid(("representation", str(mistake))) from mistake
    wrong = list(_problems(change, document))
    if wrong:
        raise invalid(*wrong)
    change.found["document"] = document


def _problems(change: Change, document: PolicyDocument) -> Iterator[tuple[str, str]]:
    root = document.root
    if root.name != "policies":
        yield _at(root, f"The '{root.name}' element is not declared.")
        return
    seen: set[str] = set()
    for section in root.elements():
        if section.name not in SECTIONS:
            missing = ", ".join(name for name in SECTIONS if name not in seen)
            reason = f"The element 'policies' has invalid child element '{section.name}'."
            yield _at(root, f"{reason} List of possible elements expected: '{missing}'.")
        elif section.name in seen:
            yield _at(root, f"The element 'policies' has more than one child element '{section.name}'.")
        seen.add(section.name)
    service = service_of(change.path.text)
    for element in root.walk():
        yield from _dangling(change.cloud, service, element)


def _at(element: Element, reason: str) -> tuple[str, str]:
    """Target and message in Azure's pattern (arm-wire 5.4)."""
    place = f"on line {element.line}, column {element.column}"
    return element.name, f"Error in element '{element.name}' {place}: {reason}"


def _dangling(cloud: Cloud, service: str, element: Element) -> Iterator[tuple[str, str]]:
    """What a policy names must exist first (arm-wire 5.4, 6)."""
    for reference in backends_named(element):
        if find_child(cloud, service, "backends", reference) is None:
            yield _at(element, f"Backend with id '{reference}' could not be found.")
    attributes = dict(element.attributes)
    fragment = attributes.get("fragment-id")
    names_fragment = element.name == "include-fragment" and fragment and _is_plain(fragment)
    if names_fragment and find_child(cloud, service, "policyFragments", str(fragment)) is None:
        yield _at(element, f"Policy fragment with id '{fragment}' could not be found.")
    logger = attributes.get("logger-id")
    names_logger = element.name == "log-to-eventhub" and logger and _is_plain(logger)
    if names_logger and find_child(cloud, service, "loggers", str(logger)) is None:
        yield _at(element, "Logger not found")
    known = {entity.properties["displayName"] for entity in cloud.store.collection(f"{service}/namedValues")}
    for name in named_values_named(element):
        if name not in known:
            yield _at(element, f"Cannot find a property '{name}'")


def _is_plain(value: str) -> bool:
    return not value.lstrip().startswith("@") and "{{" not in value


def backends_named(element: Element) -> list[str]:
    """The backends that an element names literally: `backend-id` and its like."""
    return [
        value for name, value in element.attributes if name.endswith("backend-id") and value and _is_plain(value)
    ]


def named_values_named(element: Element) -> Iterator[str]:
    """The named values, by display name, in an element's own attributes and text."""
    values = [value for _, value in element.attributes]
    if ("template", "liquid") not in element.attributes:  # Liquid has the same braces for itself
        values += [child.value for child in element.children if not isinstance(child, Element)]
    for value in values:
        yield from _NAMED_VALUE.findall(value)


def _fill(change: Change) -> JSON:
    """Kept in both spellings; GET chooses."""
    document: PolicyDocument = change.found["document"]
    everything = change.cloud.knobs.rawxml_unescapes == "everything"
    return {"properties": {"xml": document.xml(), "rawxml": document.rawxml(everything=everything)}}


def _show(entity: Entity, view: View) -> JSON:
    """`xml` unless ?format=rawxml asks otherwise (recording 47)."""
    style = "rawxml" if view.format.lower() == "rawxml" else "xml"
    return {
        "id": entity.id,
        "type": entity.type,
        "name": entity.name,
        "properties": {"format": style, "value": entity.properties[style]},
    }


def uses_backend(policy: Entity, backend: str) -> bool:
    """Whether a kept policy names this backend."""
    document = read_policy(policy.properties["xml"], raw=False)
    return any(
        reference.rsplit("/", 1)[-1].lower() == backend.lower()
        for element in document.root.walk()
        for reference in backends_named(element)
    )


def _policy(type: str) -> Kind:
    return Kind(
        type=f"Microsoft.ApiManagement/service/{type}",
        versions=VERSIONS,
        shape=_SHAPE,
        noun="PoliciesConfiguration",  # recording 47
        verbs=frozenset({"GET", "HEAD", "PUT", "DELETE", "LIST"}),
        fill=_fill,
        check=_check,
        show=_show,
        locked_by=api_of,
        keeps_etag=True,  # recording 29
    )


POLICIES = [
    _policy(type) for type in ("policies", "apis/policies", "apis/operations/policies", "products/policies")
]
POLICY_TYPES = tuple(kind.type for kind in POLICIES)
