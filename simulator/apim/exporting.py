"""What an export of an API answers: a link to a document, which can be had from the simulator itself as OpenAPI 3.

GET …/apis/x?export=true&format=openapi-link      a storage link, which nobody serves (recording 45)
GET /_simulator/exports?id=…/apis/x               the document, as real exports look
"""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from simulator.apim.common import service_of
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.errors import invalid
from simulator.openapi_references import SCHEMAS
from simulator.store import Entity
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_FORMATS = {  # asked for: (named in the answer, ending of the file)
    "openapi-link": ("openapi-link", "yaml"),
    "openapi+json-link": ("openapi+json-link", "json"),
    "swagger-link": ("swagger-link-json", "json"),
    "wadl-link": ("wadl-link-json", "xml"),
    "wsdl-link": ("wsdl-link+xml", "xml"),
}
_VALID_FOR = timedelta(minutes=5)  # the .NET SDK's recordings
_INLINE = "x-apim-inline"
_KEYS = {"apiKeyHeader": ("header", "header"), "apiKeyQuery": ("query", "query")}


def export_link(cloud: Cloud, ask: Ask, api: Entity) -> Answer:
    """The link to an export; the file is called after the API's display name."""
    format = ask.query.get("format", "")
    if format not in _FORMATS:
        raise invalid(("format", f"Export format '{format}' is not one of {', '.join(_FORMATS)}."))
    named, ending = _FORMATS[format]
    host = f"apimst{cloud.ids.hex(16)}.blob.core.windows.net"
    signature = quote(cloud.ids.hex(43), safe="")
    until = stamp(cloud.clock.now() + _VALID_FOR, 0)
    link = (
        f"https://{host}/api-export/{api.properties['displayName']}.{ending}"
        f"?sv=2017-04-17&sr=b&sig={signature}&se={until}&sp=r"
    )
    body = {"id": ask.path.rstrip("/"), "format": named, "value": {"link": link}}
    return Answer(200, body, {"ETag": api.etag}, pretty=True)


def openapi_of(cloud: Cloud, id: str) -> JSON:
    """An API as OpenAPI 3.0.1: operations by their resource names, schemas where they stood."""
    api = cloud.need(id)
    schemas = _schemas(cloud, api)
    properties = api.properties
    paths: JSON = {}
    for operation in cloud.store.collection(f"{api.id}/operations"):
        template = operation.properties["urlTemplate"].partition("?")[0]
        method = operation.properties["method"].lower()
        paths.setdefault(template, {})[method] = _operation(operation, schemas)
    described = {"description": properties["description"]} if properties.get("description") else {}
    key_names = properties["subscriptionKeyParameterNames"]
    return {
        "openapi": "3.0.1",
        "info": {"title": properties["displayName"], **described, "version": properties.get("apiVersion") or "1.0"},
        "servers": [{"url": f"https://{service_of(api.id).rpartition('/')[2]}.azure-api.net/{properties['path']}"}],
        "paths": paths,
        "components": {
            "schemas": {name: each for name, each in schemas.items() if not each.get(_INLINE)},
            "securitySchemes": {
                name: {"type": "apiKey", "name": key_names[which], "in": place}
                for name, (which, place) in _KEYS.items()
            },
        },
        "security": [{name: []} for name in _KEYS],
    }


def _schemas(cloud: Cloud, api: Entity) -> JSON:
    found: JSON = {}
    for entity in cloud.store.collection(f"{api.id}/schemas"):
        components = (entity.properties.get("document") or {}).get("components")
        if isinstance(components, dict):
            found |= components.get("schemas") or {}
    return found


def _operation(entity: Entity, schemas: JSON) -> JSON:
    """Resource name and display name are operationId and summary (DOC-import)."""
    source = entity.properties
    path = source["urlTemplate"].partition("?")[0]
    request = source["request"]
    parameters = [
        *(
            _parameter(each, "path" if f"{{{each['name']}}}" in path else "query", schemas)
            for each in source["templateParameters"]
        ),
        *(_parameter(each, "query", schemas) for each in request["queryParameters"]),
        *(_parameter(each, "header", schemas) for each in request["headers"]),
    ]
    made: JSON = {"summary": source["displayName"]}
    if source.get("description"):
        made["description"] = source["description"]
    made |= {"operationId": entity.name}
    made |= {"parameters": parameters} if parameters else {}
    if request["representations"]:
        made["requestBody"] = {"content": _content(request["representations"], schemas)}
    made["responses"] = {str(each["statusCode"]): _response(each, schemas) for each in source["responses"]}
    return made


def _parameter(source: JSON, place: str, schemas: JSON) -> JSON:
    described = {"description": source["description"]} if source.get("description") else {}
    made = {"name": source["name"], "in": place, **described}
    made |= {"required": True} if source.get("required") or place == "path" else {}
    return {**made, "schema": _schema(source, schemas) or _plain(source)}


def _plain(source: JSON) -> JSON:
    """The schema of a parameter that names none."""
    values = {"enum": source["values"]} if source.get("values") else {}
    default = {"default": _value(source)} if "defaultValue" in source else {}
    return {**values, **({"type": source["type"]} if source["type"] else {}), **default}


def _value(source: JSON) -> Any:
    """A default in its own type; it is kept as text."""
    text = source["defaultValue"]
    if source["type"] in {"integer", "number", "boolean"}:
        with suppress(ValueError):
            return json.loads(text)
    return text


def _schema(source: JSON, schemas: JSON) -> JSON:
    name = source.get("typeName") or ""
    schema = schemas.get(name)
    if schema is None:
        return {}
    if not schema.get(_INLINE):
        return {"$ref": f"{SCHEMAS}{name}"}
    return {name: each for name, each in schema.items() if name != _INLINE}


def _content(representations: list[JSON], schemas: JSON) -> JSON:
    return {each["contentType"]: _media(each, schemas) for each in representations}


def _media(representation: JSON, schemas: JSON) -> JSON:
    form = representation.get("formParameters")
    schema = _schema(representation, schemas)
    if form is not None:
        schema = {"properties": {each["name"]: _schema(each, schemas) or _plain(each) for each in form}}
    made: JSON = {"schema": schema} if schema else {}
    for name, shown in (representation.get("examples") or {}).items():
        if name == "default" and shown.get("value") is not None:
            return {**made, "example": shown["value"]}
        made.setdefault("examples", {})[name] = {"value": shown.get("value")}
    return made


def _response(source: JSON, schemas: JSON) -> JSON:
    made: JSON = {"description": source.get("description") or ""}
    if source["headers"]:
        made["headers"] = {
            each["name"]: {
                **({"description": each["description"]} if each.get("description") else {}),
                "schema": _schema(each, schemas) or _plain(each),
            }
            for each in source["headers"]
        }
    if source["representations"]:
        made["content"] = _content(source["representations"], schemas)
    return made
