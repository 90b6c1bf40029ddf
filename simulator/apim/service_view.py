"""How an API Management service is shown: each api-version and each tier has its own fields and order."""

from typing import Any

from simulator.apim.service_body import tier
from simulator.fast_json import copied
from simulator.ids import parse
from simulator.kinds import View
from simulator.store import Entity

JSON = dict[str, Any]
TYPE = "Microsoft.ApiManagement/service"
_SINCE = {  # the first api-version that shows a field (recordings 20, 38, 39)
    "natGatewayState": "2022-08-01",
    "outboundPublicIPAddresses": "2022-08-01",
    "dataApiUrl": "2024-05-01",
    "configurationApi": "2024-05-01",
    "legacyPortalStatus": "2024-05-01",
    "developerPortalStatus": "2024-05-01",
}
_FIRST_WITH_ETAG_FIRST = "2024-05-01"  # before, id, name and type came first (recordings 38, 39)


def show(entity: Entity, view: View) -> JSON:
    """The etag inside the body is not quoted (arm-wire 1.2)."""
    body = copied(entity.body)
    body["properties"] = {
        name: value for name, value in body["properties"].items() if _shown(name, body, view.version)
    }
    names = {"id": entity.id, "name": parse(entity.id).name, "type": TYPE}
    etag = {"etag": entity.etag.strip('"')}
    if view.version >= _FIRST_WITH_ETAG_FIRST:
        return {**etag, **body, **names}
    tags, location = body.pop("tags"), body.pop("location")
    return {**names, "tags": tags, "location": location, **etag, **body}


def _shown(name: str, body: JSON, version: str) -> bool:
    if name == "disableGateway":  # in no V2 body (recording 20), in all others (recordings 38, 39)
        return tier(body) != "v2"
    return version >= _SINCE.get(name, "")
