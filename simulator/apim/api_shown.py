"""How an API is shown: alone, in a list, and in the answer to a PUT."""

from typing import Any

from simulator.apim.common import find_child, service_of
from simulator.fast_json import copied
from simulator.kinds import View
from simulator.store import Entity

JSON = dict[str, Any]


def show(entity: Entity, view: View) -> JSON:
    """An API as this api-version shows it, alone or in a list."""
    properties = copied(entity.properties)
    settings = properties["authenticationSettings"]
    if view.version < "2024-05-01":
        for name in ("backendId", "mcpProperties", "a2aProperties", "isAgent", "agent", "jsonRpcProperties"):
            properties.pop(name)
    elif view.cloud.knobs.api_shape == "2025-09":  # recording 09
        for name in ("a2aProperties", "isAgent", "agent", "jsonRpcProperties"):
            properties.pop(name)
    if view.version < "2024-05-01" or view.cloud.knobs.api_shape == "2025-09":
        settings.pop("returnProtectedResourceMetadata")
    if view.version < "2022-08-01":
        settings.pop("oAuth2AuthenticationSettings")
        settings.pop("openidAuthenticationSettings")
    if view.mode == "list":
        _as_listed(properties, view)
    elif view.mode == "get" and entity.notes.get("fresh") and view.version >= "2024-05-01":
        properties["provisioningState"] = "Succeeded"  # recordings 07 and 08
    if view.mode == "put" or view.asks_for("expandApiVersionSet"):
        _expand_version_set(properties, entity, view)
    return {"id": entity.id, "type": entity.type, "name": entity.name, "properties": properties}


def _as_listed(properties: JSON, view: View) -> None:
    """Lists show less (recordings 37, 40; at 2024-05-01 nobody recorded it: a knob)."""
    for name in ("contact", "license", "termsOfServiceUrl"):
        properties.pop(name, None)
    filled = view.version == "2022-08-01" or (
        view.version > "2022-08-01" and view.cloud.knobs.api_list_settings == "filled"
    )
    if not filled:
        properties |= {"authenticationSettings": None, "subscriptionKeyParameterNames": None}


def _expand_version_set(properties: JSON, entity: Entity, view: View) -> None:
    """The answer to a PUT spells the version set out (recording 07), a list does when asked (SDK)."""
    reference = properties.get("apiVersionSetId")
    found = find_child(view.cloud, service_of(entity.id), "apiVersionSets", reference) if reference else None
    if found is not None:
        names = ("description", "versioningScheme", "versionQueryName", "versionHeaderName")
        properties["apiVersionSet"] = {
            "id": found.id,
            "name": found.properties["displayName"],
            **{name: found.properties.get(name) for name in names},
        }
