"""The OpenAPI documents that ship with the product: vendored, never fetched (desired-state.md §2.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

NAMES = ("azure-openai/2024-02-01", "azure-openai/2024-06-01", "azure-openai/2024-10-21")


@cache
def load(name: str) -> dict[str, Any]:
    """The document of that name; a KeyError for one that does not ship is a mistake of ours."""
    if name not in NAMES:
        raise KeyError(name)
    text = resources.files(__name__).joinpath(name.replace("/", "-") + ".json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def version(document: Mapping[str, Any]) -> str:
    """The `api-version` that callers send for a document's API."""
    return str((document.get("info") or {}).get("version", ""))
