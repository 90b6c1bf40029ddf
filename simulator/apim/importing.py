"""Which document an import asks for, and whether API Management takes it."""

from simulator.documents import fetch
from simulator.errors import invalid, not_modelled
from simulator.kinds import Change
from simulator.openapi import Document, Reading, read_openapi
from simulator.openapi_text import MOST_NODES, Rejected, read_any, read_json
from simulator.strict_json import DEEPEST, measured
from simulator.swagger import read_swagger
from simulator.wsdl import read_wsdl

INPUT_ONLY = ("format", "value", "apiType", "translateRequiredQueryParameters", "wsdlSelector")
_LIMIT = 4 * 1024 * 1024  # inline documents (arm-wire 3.2)
_TOO_MUCH = f"imports of more than {MOST_NODES} values or more than {DEEPEST} levels"
_READ = {"openapi", "openapi+json", "openapi-link", "openapi+json-link"}
_READ |= {"swagger-json", "swagger-link-json", "wsdl", "wsdl-link"}


def check_import(change: Change) -> None:
    """Read the document; refuse it at once, or let the operation fail with it (a knob)."""
    properties = change.properties
    for name, other in (("format", "value"), ("value", "format")):
        if name not in properties:
            raise invalid((name, f"'{name}' must be given together with '{other}'."))
    if properties["format"] not in _READ:
        raise not_modelled(f"imports of format '{properties['format']}'")
    try:
        change.found["document"] = document = _document(change)
        _need_small(document)
    except RecursionError as mistake:
        raise not_modelled(_TOO_MUCH) from mistake
    except Rejected as rejected:
        refusal = invalid(*rejected.problems)
        if change.cloud.knobs.import_refusal == "at-once" or change.quiet:
            raise refusal from rejected
        change.found |= {"document": None, "refusal": refusal}


def _need_small(document: Document) -> None:
    """References can make little text into much: examples that are made up, parameters that are shared."""
    nodes, depth = measured([document.schemas, *(each.properties for each in document.operations)])
    if nodes > MOST_NODES or depth > DEEPEST:
        raise not_modelled(_TOO_MUCH)


def _document(change: Change) -> Document:
    asked, knobs = change.properties, change.cloud.knobs
    format, text, url = asked["format"], asked["value"], None
    if "-link" in format:
        url = text.strip()
        text = fetch(change.cloud.documents, url)
    elif len(text.encode("utf-8", "surrogatepass")) > _LIMIT:
        raise Rejected("The size of the inline document exceeds the limit of 4 MB.", target="value")
    if format.startswith("wsdl"):
        return read_wsdl(
            text, asked.get("wsdlSelector") or {}, soap="soap" in (asked.get("apiType"), asked.get("type"))
        )
    reading = Reading(
        query_to_template=asked.get("translateRequiredQueryParameters", "template") == "template",
        names=knobs.operation_names,
        newer=knobs.openapi_3_1,
        recursion=knobs.import_recursion,
        examples=knobs.import_examples,
        source=url,
    )
    if format.startswith("swagger"):
        return read_swagger(read_json(text), reading)
    source = read_any(text, yaml="json" not in format)
    return read_swagger(source, reading) if "swagger" in source else read_openapi(source, reading)
