"""What is there after a run beside what was there before, in words that two worlds can be compared by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from tests.local import GATEWAY

Facts = dict[str, Any]


def facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Facts:
    """What is there now and was not before, in words that two worlds can be compared by."""
    found: Facts = {}
    for id in sorted(set(after) - set(before)):
        steps = id.removeprefix(GATEWAY).strip("/").split("/")
        properties = after[id].get("properties") or {}
        match steps:
            case ["apis", api]:
                found[f"api {api}"] = _seen_api(properties)
            case ["apis", api, "operations", _]:
                found.setdefault(f"operations {api}", set()).add(
                    f"{properties['method']} {properties['urlTemplate']}"
                )
            case ["apis", api, "policies", "policy"]:
                found[f"policy {api}"] = [_element(each) for each in ET.fromstring(properties["value"])]  # noqa: S314
            case ["apis", _, "schemas", _]:
                pass  # what an import keeps of its document
            case ["backends", backend]:
                found[f"backend {backend}"] = properties
            case ["products", product, "apis", api]:
                found[f"link {product} {api}"] = True
            case [*_, "Microsoft.Authorization", "roleAssignments", _]:
                role = properties["roleDefinitionId"].rsplit("/", 1)[-1]
                found[f"role {properties['scope']}"] = {
                    "who": properties["principalId"],
                    "what": role,
                    "description": properties["description"],
                }
            case _:
                found[id] = after[id]
    return found


def _seen_api(properties: Mapping[str, Any]) -> Facts:
    names = ("displayName", "path", "protocols", "serviceUrl", "subscriptionRequired")
    lines = str(properties["description"]).splitlines()
    lines[-1] = re.sub(r"(?<=; spec=)([^@;]+)@[0-9a-f]{12}$", r"\1", lines[-1])
    return {
        **{name: properties[name] for name in names},
        "description": lines,
        "subscriptionKeyParameterNames": properties["subscriptionKeyParameterNames"],
    }


def _element(element: ET.Element) -> Any:
    return element.tag, dict(element.attrib), [_element(each) for each in element]
