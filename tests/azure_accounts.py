"""An Azure OpenAI account and its model deployments as Azure shows them."""

from __future__ import annotations

from typing import Any

from reconciler.clouds import CLOUDS
from reconciler.model import Document
from reconciler.resource_id import ResourceId
from tests.builders import EAST

PUBLIC = CLOUDS["public"]


def account(id: ResourceId = EAST, kind: str = "OpenAI", tags: Any = None, **properties: Any) -> Document:
    return Document(
        id,
        {
            "kind": kind,
            "location": "eastus",
            **({"tags": tags} if tags is not None else {}),
            "properties": {
                "customSubDomainName": "contoso-east",
                "endpoint": "https://contoso-east.openai.azure.com/",
                "provisioningState": "Succeeded",
                **properties,
            },
        },
    )


def deployment(name: str = "gpt-4o", **changes: Any) -> Document:
    body: dict[str, Any] = {
        "name": name,
        "sku": changes.pop("sku", {"name": "Standard", "capacity": 10}),
        "properties": {
            "model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"},
            "provisioningState": "Succeeded",
            **changes,
        },
    }
    return Document(EAST.child("deployments", name), body)
