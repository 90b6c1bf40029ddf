"""How a policy document behaves at each level: what is refused, what is kept, how it reads back."""

import re
from collections.abc import Iterator
from typing import Any, Literal

from simulator.apim.common import api_of, find_child, service_of
from simulator.apim.references import What, named
from simulator.apim.versions import versions_of
from simulator.bodies import TEXT, Fields, Text, envelope
from simulator.cloud import Cloud
from simulator.errors import Refusal, invalid
from simulator.kinds import Change, Kind, View
from simulator.policy.characters import Malformed, printable
from simulator.policy.csharp import is_expression
from simulator.policy.document import Element, PolicyDocument
from simulator.policy.reader import read_policy
from simulator.policy.rules import Mistake, Where, mistakes, policy_at
from simulator.policy.writer import as_rawxml, as_xml
from simulator.store import Entity
from simulator.writing import keep

JSON = dict[str, Any]
_SCOPES = {"policies": "all", "products/policies": "product", "apis/policies": "api"}
_SCOPES["apis/operations/policies"] = "operation"
_SHAPE = envelope(
    Fields({"format": Text(choices=("xml", "xml-link", "rawxml", "rawxml-link")), "value": TEXT}, ("value",))
)
_KIB = 1024
_LIMITS = {"policies": 256, "fragment": 512, "Consumption": 16}  # KiB: platform 3.2, desired-state 3
_PARAMETER = re.compile(r"\{\*?([^{}]+)\}")


def _check(change: Change) -> None:
    if change.path.name.lower() != "policy":
        raise invalid(("policyId", "The policy identifier must be 'policy'."))
    change.found["document"] = accepted(change, "policies")


def accepted(change: Change, root: Literal["policies", "fragment"], *, may_dangle: bool = False) -> PolicyDocument:
    """The document that a PUT of a policy or a fragment brings in `format` and `value`, or 400."""
    style = str(change.properties.get("format") or "xml")
    text = str(change.properties["value"])
    if style.endswith("-link"):  # the content is kept, the link is not (desired-state 5.3 Q16)
        text = _behind(change.cloud, text)
    tier = str(change.cloud.need(change.path.top).body["sku"]["name"])
    limit = min(_LIMITS[root], _LIMITS.get(tier, _LIMITS[root]))
    if len(text.encode("utf-8", "surrogatepass")) > limit * _KIB:
        raise invalid(("value", f"The policy document exceeds the limit of {limit} KB."))
    try:
        document = read_policy(text, raw=style.startswith("rawxml"))
    except Malformed as mistake:
        raise _malformed(mistake) from mistake
    scope = _SCOPES.get(change.kind.type.split("/", 2)[-1], "fragment")
    missing = [] if may_dangle else _dangling(change, document)
    wrong = [*mistakes(document, Where(scope, tier)), *missing, *_rewritten(change, document)]
    if wrong:
        raise invalid(*((each.element.name, each.message) for each in wrong))
    return document


def _behind(cloud: Cloud, link: str) -> str:
    """What a link leads to; Azure's words for one that leads nowhere are not known."""
    if not re.match(r"https?://[^/\s]+", link):
        raise invalid(("value", "The link is not a valid absolute URI."))
    found: str | None = cloud.documents.get(link)
    if found is None:
        raise invalid(("value", printable(f"The policy document could not be retrieved from '{link}'.")))
    return found


def _malformed(mistake: Malformed) -> Refusal:
    """At the document, or at the policy whose expression cannot be read."""
    if not mistake.path:
        return invalid(("representation", str(mistake)))
    at = Mistake(policy_at(mistake.path), str(mistake))
    return invalid((at.element.name, at.message))


def _dangling(change: Change, document: PolicyDocument) -> Iterator[Mistake]:
    """What a policy names must exist first (arm-wire 5.4, 6), named values by displayName in its very case."""
    cloud, service = change.cloud, service_of(change.path.text)
    for element, what, name in named(document.root):
        reason = _missing(cloud, service, what, name)
        if reason:
            yield Mistake(element, reason)


def _missing(cloud: Cloud, service: str, what: What, name: str) -> str | None:
    match what:
        case "backend":
            there = find_child(cloud, service, "backends", name) is not None
            reason = f"Backend with id '{name}' could not be found."
        case "fragment":
            there = find_child(cloud, service, "policyFragments", name) is not None
            reason = f"Policy fragment with id '{name}' could not be found."
        case "logger":
            there = find_child(cloud, service, "loggers", name) is not None
            reason = "Logger not found"
        case "certificate":  # inferred from the sentence for loggers
            certificates = cloud.store.collection(f"{service}/certificates")
            known = {
                name.lower()
                for each in certificates
                for name in (each.name, str(each.properties.get("thumbprint")))
            }
            there, reason = name.lower() in known, "Certificate not found"
        case "named-value":
            values = cloud.store.collection(f"{service}/namedValues")
            there = any(each.properties.get("displayName") == name for each in values)
            reason = f"Cannot find a property '{name}'"
    return None if there else reason


def _rewritten(change: Change, document: PolicyDocument) -> Iterator[Mistake]:
    """A new address may only use the operation's own parameters (azure-docs-powershell #1050)."""
    operation = change.cloud.store.get(change.path.parent)
    if operation is None or "urlTemplate" not in operation.properties:
        return
    known = set(_PARAMETER.findall(operation.properties["urlTemplate"]))
    for element in document.root.walk():
        template = element.get("template") or ""
        if element.name != "rewrite-uri" or is_expression(template) or "{{" in template:
            continue
        if set(_PARAMETER.findall(template)) - known:
            rule = "Only parameters specified in the original URL template can be used in the rewrite template"
            yield Mistake(element, rule)


def kept(change: Change, document: PolicyDocument) -> JSON:
    """The properties `xml` and `rawxml` under which a policy or fragment keeps its document; GET chooses."""
    knobs = change.cloud.knobs
    if knobs.policy_defaults == "dropped":
        _drop_defaults(document.root)
    return {
        "xml": as_xml(document),
        "rawxml": as_rawxml(document, everything=knobs.rawxml_unescapes == "everything"),
    }


def _drop_defaults(root: Element) -> None:
    """The one attribute that is reported to vanish when it says the default (desired-state 5.3 Q12)."""
    for element in root.walk():
        if element.name == "cors":
            element.attributes = [
                each for each in element.attributes if each != ("terminate-unmatched-request", "false")
            ]


def _fill(change: Change) -> JSON:
    return {"properties": kept(change, change.found["document"])}


def _write(change: Change) -> Entity:
    entity = keep(change, _fill(change))
    entity.notes["sent"] = str(change.properties.get("format") or "xml")
    return entity


def _show(entity: Entity, view: View) -> JSON:
    """`xml` unless ?format=rawxml asks otherwise (recording 47)."""
    asked = view.format.lower()
    if asked not in {"", "xml", "rawxml"}:
        raise invalid(
            ("format", f"Error converting value '{printable(view.format)}'. Possible values: xml, rawxml.")
        )
    if view.mode == "put" and view.cloud.knobs.policy_put_answer == "as-sent":
        asked = str(entity.notes.get("sent", "xml")).removesuffix("-link")
    style = "rawxml" if asked == "rawxml" else "xml"
    return {
        "id": entity.id,
        "type": entity.type,
        "name": entity.name,
        "properties": {"format": style, "value": entity.properties[style]},
    }


def _policy(type: str) -> Kind:
    return Kind(
        type=f"Microsoft.ApiManagement/service/{type}",
        versions=versions_of(type),
        shape=_SHAPE,
        noun="PoliciesConfiguration",  # recording 47
        verbs=frozenset({"GET", "HEAD", "PUT", "DELETE", "LIST"}),
        fill=_fill,
        check=_check,
        write=_write,
        show=_show,
        locked_by=api_of,
        keeps_etag=True,  # recording 29
    )


POLICIES = [_policy(type) for type in _SCOPES]
