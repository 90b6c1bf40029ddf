"""OpenAPI documents for the tests of imports."""

import json
from typing import Any

from tests.simulator.asking import JSON, api

PATH_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def operation(id: str | None = None, **more: Any) -> JSON:
    """An operation with this operationId."""
    return {**({"operationId": id} if id else {}), "responses": {}, **more}


def document(paths: JSON, **more: Any) -> JSON:
    """A document with these paths."""
    info = {"title": "Title", "version": "1", **more.pop("info", {})}
    return {"openapi": "3.0.1", "info": info, "paths": paths, **more}


def imported(paths: JSON | None = None, *, path: str = "things", text: str | None = None, **more: Any) -> JSON:
    """The body of a PUT that imports a document with these paths."""
    properties = more.pop("properties", {})
    value = text if text is not None else json.dumps(document(paths or {}, **more))
    return api(path, **{"format": "openapi+json", "value": value, **properties})
