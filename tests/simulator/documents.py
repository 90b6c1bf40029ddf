"""OpenAPI documents for the tests of imports."""

import json
from typing import Any

from tests.simulator.asking import GATEWAY, JSON, Azure, api, azure

THINGS = f"{GATEWAY}/apis/things"
PATH_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
VERSION = {"name": "api-version", "in": "query", "required": True, "schema": {"type": "string"}}
NOT_3_0 = (
    "Parsing error(s): The input OpenAPI file is not valid for the OpenAPI specification "
    "https://github.com/OAI/OpenAPI-Specification/blob/master/versions/3.0.1.md (schema "
    "https://github.com/OAI/OpenAPI-Specification/blob/master/schemas/v3.0/schema.yaml)."
)


def operation(id: str | None = None, **more: Any) -> JSON:
    """An operation with this operationId."""
    return {**({"operationId": id} if id else {}), "responses": {}, **more}


def document(paths: JSON, **more: Any) -> JSON:
    """A document with these paths."""
    info = {"title": "Title", "version": "1", **more.pop("info", {})}
    return {"openapi": "3.0.1", "info": info, "paths": paths, **more}


def swagger(paths: JSON, **more: Any) -> JSON:
    """A Swagger 2.0 document with these paths."""
    return {"swagger": "2.0", "info": {"title": "Title", "version": "1"}, "paths": paths, **more}


def imported(paths: JSON | None = None, *, path: str = "things", text: str | None = None, **more: Any) -> JSON:
    """The body of a PUT that imports a document with these paths."""
    properties = more.pop("properties", {})
    value = text if text is not None else json.dumps(document(paths or {}, **more))
    return api(path, **{"format": "openapi+json", "value": value, **properties})


def text(value: str | JSON, format: str = "openapi+json") -> JSON:
    """The body of a PUT that imports this text, or this data as JSON."""
    return imported(text=value if isinstance(value, str) else json.dumps(value), properties={"format": format})


def importing(**knobs: Any) -> Azure:
    """A simulator whose imports take no time."""
    return azure(import_time=0, lock_lingers=0, **knobs)


def operations(client: Azure) -> dict[str, JSON]:
    """The properties of the operations of the imported API, by name."""
    listed = client.get(f"{THINGS}/operations").body["value"]
    return {each["name"]: client.get(each["id"]).body["properties"] for each in listed}


def made_of(body: JSON, **knobs: Any) -> dict[str, JSON]:
    """The operations that an import makes."""
    client = importing(**knobs)
    got = client.put(THINGS, body)
    assert got.status == 201, got.text
    return operations(client)


def schemas(client: Azure) -> JSON:
    """The properties of the one schema entity of the imported API."""
    [listed] = client.get(f"{THINGS}/schemas").body["value"]
    found: JSON = client.get(listed["id"]).body["properties"]
    return found
