"""Which names of services are taken: by a service, or by one that was deleted less than two days ago.

Documented (api-management/soft-delete.md): the list, one by name, the purge; recorded in the Azure CLI's own tests:
checkNameAvailability of a free name, the purge's 202 without a body, its polls.
"""

import re
from datetime import timedelta
from typing import Any

from simulator.apim.common import VERSIONS
from simulator.arm import Route
from simulator.clock import stamp
from simulator.cloud import Cloud, SoftDeleted
from simulator.errors import apim_service, failed, gateway
from simulator.ids import key, parse
from simulator.kinds import Change
from simulator.longrunning import Operation
from simulator.regions import display, short
from simulator.softdelete import TWO_DAYS, everything, find, purge
from simulator.store import Entity
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_SERVICE = "Microsoft.ApiManagement/service"
_TYPE = "Microsoft.ApiManagement/deletedservices"
_PROVIDER = r"(?i)/subscriptions/(?P<subscription>[^/]+)/providers/Microsoft\.ApiManagement"
_ONE = rf"{_PROVIDER}/locations/(?P<location>[^/]+)/deletedservices/(?P<name>[^/]+)"


def need_unused(change: Change) -> None:
    """A name is unique in all of Azure (reported: ServiceAlreadyExists), and kept for two days (arm-wire 2.4)."""
    cloud, name = change.cloud, change.path.name
    if _in_use(cloud, name) is not None:
        raise apim_service(409, "ServiceAlreadyExists", f"Api service already exists: {name}")
    if change.quiet:
        return
    gone = find(cloud, change.path.text)
    if change.properties.get("restore"):
        if gone is None:  # reported, as the code and these words
            raise apim_service(400, "ServiceUndeleteNotPossible", "Unable to undelete service")
        return
    if any(each.entity.name.lower() == name.lower() for each in everything(cloud, _SERVICE)):
        message = (
            f"Api service {name} was soft-deleted. In order to create the new service with the same name, you have "
            "to either undelete the service or purge it. See https://aka.ms/apimsoftdelete."
        )
        raise apim_service(409, "ServiceAlreadyExistsInSoftDeletedState", message)


def _in_use(cloud: Cloud, name: str) -> Entity | None:
    services = cloud.store.of_type(_SERVICE)
    return next((each for each in services if each.name.lower() == name.lower()), None)


def _name_availability(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """Recording 38; the words for a name that is taken are ours, the reason is the SDK's."""
    del found
    name = ask.body.get("name") if isinstance(ask.body, dict) else None
    if not isinstance(name, str) or not name:
        raise apim_service(400, "InvalidParameters", "The request names no service.")
    taken = _in_use(cloud, name) is not None or any(
        each.entity.name.lower() == name.lower() for each in everything(cloud, _SERVICE)
    )
    if taken:
        message = f"{name} is already in use. Please select a different name."
        return Answer(200, {"nameAvailable": False, "reason": "AlreadyExists", "message": message})
    if not re.fullmatch(r"[a-zA-Z](?:[a-zA-Z0-9-]{0,48}[a-zA-Z0-9])?", name):
        message = f"{name} is not a valid name of a service."
        return Answer(200, {"nameAvailable": False, "reason": "Invalid", "message": message})
    return Answer(200, {"nameAvailable": True, "reason": "Valid", "message": ""})


def _shown(gone: SoftDeleted) -> JSON:
    path = parse(gone.entity.id)
    location = gone.entity.body["location"]
    root = f"/subscriptions/{path.subscription}/providers/Microsoft.ApiManagement"
    return {
        "id": f"{root}/locations/{short(location)}/deletedservices/{path.name}",
        "name": path.name,
        "type": _TYPE,
        "location": display(location),
        "properties": {
            "serviceId": gone.entity.id,
            "scheduledPurgeDate": stamp(gone.deleted + timedelta(seconds=TWO_DAYS)),
            "deletionDate": stamp(gone.deleted),
        },
    }


def _list(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    del ask
    wanted = found["subscription"].lower()
    here = [each for each in everything(cloud, _SERVICE) if parse(each.entity.id).subscription.lower() == wanted]
    return Answer(200, {"value": [_shown(each) for each in here]})


def _one(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    gone = _need(cloud, found)
    if ask.method == "GET":
        return Answer(200, _shown(gone))
    operation = Operation(
        cloud.ids.hex(40),
        key(gone.entity.id),
        cloud.clock.seconds() + cloud.knobs.service_update_time,
        lambda: purge(cloud, gone.entity.id),
        200,
        cloud.clock.now(),
    )
    cloud.operations.start(operation)
    url = f"{ask.base}{found[0]}/operationResults/{operation.id}?api-version={ask.version}"
    return Answer(202, None, {"Location": f"{url}&t=0&c=simulator&s=simulator&h=simulator"})


def _need(cloud: Cloud, found: re.Match[str]) -> SoftDeleted:
    for each in everything(cloud, _SERVICE):
        path = parse(each.entity.id)
        same = (path.subscription.lower(), path.name.lower(), short(each.entity.body["location"]))
        if same == (found["subscription"].lower(), found["name"].lower(), short(found["location"])):
            return each
    raise apim_service(404, "ServiceNotFound", f"Api service does not exist: {found['name']}")


def _result(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    operation = cloud.operations.get(found["id"])
    if operation is None:
        raise gateway(404, "NotFound", f"The operation result '{found['id']}' was not found.")
    if operation.running:
        return Answer(202, None, {"Location": ask.base + ask.full_path})
    if operation.error is not None:
        raise failed(operation.error)
    return Answer(200)


_ACTION = "Microsoft.ApiManagement/locations/deletedservices/{verb}"
ROUTES = [
    Route(
        re.compile(rf"{_PROVIDER}/checkNameAvailability"),
        _name_availability,
        "Microsoft.ApiManagement/checkNameAvailability/read",
        methods=frozenset({"POST"}),
        versions=VERSIONS,
    ),
    Route(
        re.compile(rf"{_PROVIDER}/deletedservices"),
        _list,
        "Microsoft.ApiManagement/deletedservices/read",
        versions=VERSIONS,
    ),
    Route(re.compile(_ONE), _one, _ACTION, methods=frozenset({"GET", "DELETE"}), versions=VERSIONS),
    Route(re.compile(rf"{_ONE}/operationResults/(?P<id>[^/]+)"), _result),
]
