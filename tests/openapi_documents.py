"""OpenAPI documents to read: the bundled one, and small ones made of what a test is about."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.openapi import DocumentRefused, Operation, operations

BUNDLED = Path(__file__).parent.parent / "reconciler/specs/azure-openai-2024-10-21.json"
SERVICE_URL = "https://contoso.openai.azure.com/openai"
Json = dict[str, Any]


def bundled() -> Json:
    document: Json = json.loads(BUNDLED.read_text(encoding="utf-8"))
    return document


def document_of(paths: Json, **rest: Any) -> Json:
    return {"openapi": "3.0.3", "info": {"title": "Test", "version": "1"}, "paths": paths, **rest}


def one(operation: Json | None = None, *, path: str = "/a", method: str = "post", **rest: Any) -> Json:
    return document_of({path: {method: {"operationId": "a", **(operation or {})}}}, **rest)


def only(document: Json) -> Operation:
    (operation,) = operations(document)
    return operation


def string(name: str, location: str, **rest: Any) -> Json:
    return {"name": name, "in": location, "schema": {"type": "string"}, **rest}


def required(name: str, location: str) -> Json:
    return string(name, location, required=True)


def said_about(refuse: Callable[[], object]) -> str:
    with pytest.raises(DocumentRefused) as refused:
        refuse()
    return str(refused.value)
