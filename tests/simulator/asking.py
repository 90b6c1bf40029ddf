"""What the simulator's tests have in common: where shared material is, and how to ask without a client."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, EnvironBuilder

from simulator import Simulator

JSON = dict[str, Any]
S = "/subscriptions/00000000-0000-0000-0000-000000000001"
GATEWAY = f"{S}/resourceGroups/rg-gateway/providers/Microsoft.ApiManagement/service/contoso-gateway"
EAST = f"{S}/resourceGroups/rg-ai-east/providers/Microsoft.CognitiveServices/accounts/contoso-east"
WEST = f"{S}/resourceGroups/rg-ai-west/providers/Microsoft.CognitiveServices/accounts/contoso-west"
OPENAI_USER = f"{S}/providers/Microsoft.Authorization/roleDefinitions/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
SHARED = Path(__file__).parents[2].parent / "shared"


def shared(part: str) -> Path:
    """Shared material, or a skipped test where it is missing."""
    path = SHARED / part
    if not path.exists():
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(f"{path} is missing and REQUIRE_ALL=1")
        pytest.skip(f"needs the shared material {part}, which is not on this machine")
    return path


@dataclass
class Got:
    """An answer."""

    status: int
    body: Any
    headers: dict[str, str]
    text: str = ""

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])

    @property
    def message(self) -> str:
        return str(self.body["error"]["message"])

    @property
    def reasons(self) -> list[str]:
        return [each["message"] for each in self.body["error"]["details"]]


@dataclass
class Azure:
    """Asks a simulator over WSGI as a client with a token would."""

    simulator: Simulator
    version: str = ""
    base: str = "https://management.azure.com"
    headers: JSON = field(default_factory=lambda: {"Authorization": "Bearer token"})

    def ask(self, method: str, path: str, body: Any = None, *, version: str | None = None, **more: Any) -> Got:
        query: JSON = dict(more.pop("query", {}))
        wanted = version if version is not None else self.version or default_version(path)
        if wanted and "api-version" not in path:
            query["api-version"] = wanted
        headers = {**self.headers, **more.pop("headers", {})}
        if more.get("if_match"):
            headers["If-Match"] = more["if_match"]
        builder = EnvironBuilder(
            path=path.removeprefix(self.base),
            method=method,
            base_url=self.base,
            query_string=query or None,
            headers=headers,
            data=None if body is None else body if isinstance(body, str) else json.dumps(body),
            content_type="application/json",
        )
        response = Client(self.simulator).open(builder)
        text = response.get_data(as_text=True)
        return Got(response.status_code, json.loads(text) if text else None, dict(response.headers), text)

    def get(self, path: str, **more: Any) -> Got:
        return self.ask("GET", path, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> Got:
        return self.ask("PUT", path, body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> Got:
        return self.ask("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> Got:
        return self.ask("DELETE", path, **more)

    def follow(self, url: str) -> Got:
        """Ask a URL that an answer named."""
        path, _, query = url.removeprefix(self.base).partition("?")
        return self.ask("GET", path, version="", query=dict(part.split("=", 1) for part in query.split("&")))


def default_version(path: str) -> str:
    """The api-version of a resource type that this project uses."""
    lowered = path.lower()
    if "microsoft.authorization" in lowered:
        return "2022-04-01"
    if "microsoft.cognitiveservices" in lowered:
        return "2025-09-01"
    if "microsoft.managedidentity" in lowered:
        return "2023-01-31"
    return "2024-05-01"


def azure(**knobs: Any) -> Azure:
    """The built-in world, with some knobs turned."""
    return Azure(Simulator(**knobs))


def api(path: str, **properties: Any) -> JSON:
    """The body of a plain API."""
    return {"properties": {"displayName": path.upper(), "path": path, **properties}}


def policy(inbound: str, format: str = "xml") -> JSON:
    """A policy with this in its inbound section."""
    return {"properties": {"format": format, "value": f"<policies><inbound>{inbound}</inbound></policies>"}}
