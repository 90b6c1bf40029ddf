"""Which API a WSDL document describes, as far as a recording shows it: its name, its address, its operations.

A SOAP API keeps the whole address (the .NET SDK's recording WsdlTest.json), a REST one only scheme and host
(recording 34). Operations, their templates and their bodies are inferred; messages and types are not read.
"""

import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlsplit

from simulator.openapi import Document, Planned
from simulator.openapi_text import Rejected

JSON = dict[str, Any]
_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"


def read_wsdl(text: str, selector: JSON, *, soap: bool) -> Document:
    """Read a WSDL 1.1 document."""
    try:
        root = ET.fromstring(text.lstrip("\ufeff"))  # noqa: S314  # of the caller's own making; expat refuses entity bombs
    except (ET.ParseError, UnicodeError) as mistake:
        raise Rejected(f"The document is not valid XML: {mistake}.") from mistake
    if root.tag != f"{_WSDL}definitions":
        raise Rejected("The document is not a WSDL document.")
    if root.find(f"{_WSDL}import") is not None:  # DOC-import
        raise Rejected("The directive 'wsdl:import' is not supported.")
    service = _named(root, "service", selector.get("wsdlServiceName"))
    port = _named(service, "port", selector.get("wsdlEndpointName"))
    address = next((each.get("location") for each in port if each.tag.endswith("}address")), None)
    try:
        parts = urlsplit(address or "")
    except ValueError as mistake:  # such as http://[
        raise Rejected(f"The address '{address}' of the WSDL document is not a valid URI.") from mistake
    server = address if soap or not address else f"{parts.scheme}://{parts.netloc}"
    operations = _operations(root, _local(port.get("binding")), soap=soap)
    return Document(title=str(service.get("name")), server=server, operations=operations, language="xsd")


def _named(holder: ET.Element, tag: str, wanted: str | None) -> ET.Element:
    """The one that the selector names, else the first."""
    for each in holder.findall(f"{_WSDL}{tag}"):
        if wanted in {None, each.get("name")}:
            return each
    raise Rejected(f"The WSDL document has no {tag} '{wanted}'." if wanted else f"The WSDL document has no {tag}.")


def _operations(root: ET.Element, binding: str, *, soap: bool) -> list[Planned]:
    bound = _named(root, "binding", binding)
    described = {
        str(each.get("name")): each.findtext(f"{_WSDL}documentation")
        for each in _named(root, "portType", _local(bound.get("type"))).findall(f"{_WSDL}operation")
    }
    made = []
    for operation in bound.findall(f"{_WSDL}operation"):
        name = str(operation.get("name"))
        action = next((each.get("soapAction") for each in operation if each.get("soapAction")), name)
        properties: JSON = {
            "displayName": name,
            "method": "POST",
            "urlTemplate": f"/?soapAction={action}" if soap else f"/{name}",
            "templateParameters": [],
            "description": described.get(name),
        }
        made.append(Planned(name, f"post-{name.lower()}", properties))
    return made


def _local(name: str | None) -> str:
    return str(name or "").rpartition(":")[2]
