"""The published schemas, and a client that holds every body and every answer against them."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.simulator.asking import JSON, SHARED, Azure, Got

FILES = (
    "Microsoft.ApiManagement-2024-05-01",
    "Microsoft.Authorization-2022-04-01",
    "Microsoft.CognitiveServices-2025-09-01",
)


@cache
def published() -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for name in FILES:
        found |= json.loads((SHARED / f"azure/schemas/{name}.json").read_text("utf-8"))["resources"]
    return found


class Judge(Azure):
    """Validates what is sent and accepted, and every entity that comes back."""

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Got:
        got = super().ask(method, path, body, **more)
        type = type_of(path)
        if got.status < 300 and type in published():
            if method in {"PUT", "PATCH"}:
                check(
                    published()[type]["patch" if method == "PATCH" else "request"], body or {}, f"{method} {path}"
                )
            for entity in entities(got.body):
                check(published()[type]["response"], entity, f"answer to {method} {path}")
        assert got.status < 400, (method, path, got.text)
        return got


def type_of(path: str) -> str:
    tail = path.split("?", maxsplit=1)[0].rsplit("/providers/", 1)[-1].split("/")
    return "/".join([tail[0], *tail[1::2]])


def entities(body: Any) -> list[JSON]:
    if not isinstance(body, dict) or "ProvisioningState" in body.get("properties", {}):
        return []
    if body.get("value") and body["value"][0]["type"].endswith("/schemas"):
        return []  # the list leaves the required document out (arm-wire 3.2)
    alone = [body] if "id" in body else []
    listed: list[JSON] = body.get("value", alone)
    return listed


def check(schema: JSON, value: JSON, where: str) -> None:
    wrong = [
        f"{'.'.join(map(str, each.path))}: {each.message}"
        for each in Draft202012Validator(schema).iter_errors(value)
    ]
    assert not wrong, (where, wrong)
