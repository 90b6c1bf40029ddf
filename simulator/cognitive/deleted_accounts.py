"""Which accounts were deleted less than two days ago: list, one by name, purge; and which subdomains are free.

The answer to the GET is recorded in the Azure CLI's own tests (October 2025).
"""

import re
from copy import deepcopy
from datetime import timedelta
from typing import Any

from simulator.arm import Route
from simulator.clock import stamp
from simulator.cloud import Cloud, SoftDeleted
from simulator.cognitive.versions import VERSIONS
from simulator.errors import provider
from simulator.ids import parse
from simulator.regions import short
from simulator.softdelete import TWO_DAYS, everything, purge
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_ACCOUNT = "Microsoft.CognitiveServices/accounts"
_TYPE = "Microsoft.CognitiveServices/deletedAccounts"
_PROVIDER = r"(?i)/subscriptions/(?P<subscription>[^/]+)/providers/Microsoft\.CognitiveServices"
_ONE = rf"{_PROVIDER}/locations/(?P<location>[^/]+)/resourceGroups/(?P<group>[^/]+)/deletedAccounts/(?P<name>[^/]+)"


def _shown(gone: SoftDeleted) -> JSON:
    """The account as it was, with the two dates before its state."""
    entity, path = gone.entity, parse(gone.entity.id)
    namespace = f"/subscriptions/{path.subscription}/providers/Microsoft.CognitiveServices"
    root = f"{namespace}/locations/{entity.body['location']}"
    body = deepcopy(entity.body)
    state = body["properties"].pop("provisioningState")
    body["properties"] |= {
        "deletionDate": stamp(gone.deleted),
        "scheduledPurgeDate": stamp(gone.deleted + timedelta(seconds=TWO_DAYS)),
        "provisioningState": state,
    }
    id = f"{root}/resourceGroups/{path.group}/deletedAccounts/{path.name}"
    return {"id": id, "name": path.name, "type": _TYPE, "etag": entity.etag, **body}


def _here(cloud: Cloud, subscription: str) -> list[SoftDeleted]:
    found = everything(cloud, _ACCOUNT)
    return [each for each in found if parse(each.entity.id).subscription.lower() == subscription.lower()]


def _list(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    del ask
    return Answer(200, {"value": [_shown(each) for each in _here(cloud, found["subscription"])]})


def _one(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """Purging is done at once; what is not there is purged already."""
    gone = next((each for each in _here(cloud, found["subscription"]) if _is(each, found)), None)
    if ask.method == "DELETE":
        if gone is None:
            return Answer(204, bare=True)
        purge(cloud, gone.entity.id)
        return Answer(200)
    if gone is None:
        raise provider(404, "NotFound", f"Specified resource '{found[0]}' cannot be found.")
    return Answer(200, _shown(gone))


def _is(gone: SoftDeleted, found: re.Match[str]) -> bool:
    path = parse(gone.entity.id)
    mine = (short(gone.entity.body["location"]), path.group.lower(), path.name.lower())
    return mine == (short(found["location"]), found["group"].lower(), found["name"].lower())


def _domain(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """Names as in the SDK; the words for a name that is taken are those of the refusal (CustomDomainInUse)."""
    del found
    body = ask.body if isinstance(ask.body, dict) else {}
    wanted, type = body.get("subdomainName"), body.get("type")
    if not wanted or not type:
        raise provider(400, "InvalidRequestContent", "The request names no subdomainName and type.")
    accounts = [*cloud.store.of_type(_ACCOUNT), *(each.entity for each in everything(cloud, _ACCOUNT))]
    names = {str(each.properties.get("customSubDomainName") or "").lower() for each in accounts}
    free = str(wanted).lower() not in names
    reason = f"The subdomain name '{wanted}' is not available as it's already used by a resource."
    answer = {
        "isSubdomainAvailable": free,
        "reason": None if free else reason,
        "subdomainName": wanted,
        "type": type,
    }
    return Answer(200, answer)


_NAMESPACE = "Microsoft.CognitiveServices"
ROUTES = [
    Route(
        re.compile(rf"{_PROVIDER}/deletedAccounts"), _list, f"{_NAMESPACE}/deletedAccounts/read", versions=VERSIONS
    ),
    Route(
        re.compile(_ONE),
        _one,
        f"{_NAMESPACE}/locations/resourceGroups/deletedAccounts/{{verb}}",
        methods=frozenset({"GET", "DELETE"}),
        versions=VERSIONS,
    ),
    Route(
        re.compile(rf"{_PROVIDER}/checkDomainAvailability"),
        _domain,
        f"{_NAMESPACE}/checkDomainAvailability/action",
        methods=frozenset({"POST"}),
        versions=VERSIONS,
    ),
]
