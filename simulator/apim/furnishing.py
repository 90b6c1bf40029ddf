"""What a new API Management service has from its first moment.

Seen in templates that Azure exported from services of several tiers, whose authors had made none of these; the
texts of the groups are also in recording 10.
"""

from typing import Any

from simulator.apim.tiers import CONSUMPTION, has_groups
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.store import Entity

JSON = dict[str, Any]
_ROOT = "Microsoft.ApiManagement/service"
GROUPS = {
    "administrators": (
        "Administrators",
        "Administrators is a built-in group containing the admin email account provided at the time of service "
        "creation. Its membership is managed by the system.",
    ),
    "developers": (
        "Developers",
        "Developers is a built-in group. Its membership is managed by the system. Signed-in users fall into this "
        "group.",
    ),
    "guests": (
        "Guests",
        "Guests is a built-in group. Its membership is managed by the system. Unauthenticated users visiting the "
        "developer portal fall into this group.",
    ),
}
MASTER = "master"  # the subscription that opens everything
_HIDDEN: JSON = {"dataMasking": {"queryParams": [{"value": "*", "mode": "Hide"}]}}


def furnish(cloud: Cloud, service: Entity) -> None:
    """Put the built-in children of a new service there."""
    tier = service.body["sku"]["name"]
    if has_groups(tier):
        for name, (shown, description) in GROUPS.items():
            _put(
                cloud,
                service,
                f"groups/{name}",
                {
                    "displayName": shown,
                    "description": description,
                    "builtIn": True,
                    "type": "system",
                    "externalId": None,
                },
            )
    _put(cloud, service, f"subscriptions/{MASTER}", _master(cloud, service))
    if tier != CONSUMPTION:
        logger = {
            "loggerType": "azureMonitor",
            "description": None,
            "credentials": None,
            "isBuffered": True,
            "resourceId": None,
        }
        _put(cloud, service, "loggers/azuremonitor", logger)
        _put(cloud, service, "diagnostics/azuremonitor", _diagnostic(service))


def _put(cloud: Cloud, service: Entity, place: str, properties: JSON) -> None:
    type = f"{_ROOT}/{place.split('/', maxsplit=1)[0]}"
    entity = Entity(f"{service.id}/{place}", type, {"properties": properties}, cloud.store.next_row())
    cloud.store.put(entity)


def _master(cloud: Cloud, service: Entity) -> JSON:
    return {
        "scope": f"{service.id}/",
        "displayName": "Built-in all-access subscription",
        "state": "active",
        "createdDate": stamp(cloud.clock.now()),
        "startDate": None,
        "expirationDate": None,
        "endDate": None,
        "notificationDate": None,
        "primaryKey": cloud.ids.hex(32),
        "secondaryKey": cloud.ids.hex(32),
        "stateComment": None,
        "allowTracing": False,
    }


def _diagnostic(service: Entity) -> JSON:
    return {
        "alwaysLog": None,
        "httpCorrelationProtocol": None,
        "logClientIp": True,
        "loggerId": f"{service.id}/loggers/azuremonitor",
        "sampling": {"samplingType": "fixed", "percentage": 100.0},
        "frontend": {"request": {"headers": None, "body": None, **_HIDDEN}, "response": None},
        "backend": {"request": {"headers": None, "body": None, **_HIDDEN}, "response": None},
    }
