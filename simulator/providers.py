"""Which resource providers, types and api-versions there are, as `az provider show` and Terraform ask.

Everything comes from the kinds that are modelled; every provider is registered already.
"""

import re
from typing import Any

from simulator.arm import Route
from simulator.cloud import Cloud
from simulator.errors import gateway
from simulator.regions import REGIONS
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_NEXT = r"(?i)/subscriptions/(?P<subscription>[^/]+)/providers"


def _namespaces(cloud: Cloud) -> dict[str, list[JSON]]:
    """The types of each namespace, by its name in lower case."""
    found: dict[str, list[JSON]] = {}
    for kind in cloud.kinds.values():
        namespace, _, type = kind.type.partition("/")
        newest_first = sorted(kind.versions, reverse=True)
        stable = next((each for each in newest_first if not each.endswith("-preview")), newest_first[0])
        one = {
            "resourceType": type,
            "locations": list(REGIONS.values()) if kind.family != "provider" else [],
            "apiVersions": newest_first,
            "defaultApiVersion": stable,
            "capabilities": "None",
        }
        found.setdefault(namespace.lower(), []).append({"namespace": namespace, **one})
    return found


def _shown(subscription: str, types: list[JSON]) -> JSON:
    namespace = types[0]["namespace"]
    return {
        "id": f"/subscriptions/{subscription}/providers/{namespace}",
        "namespace": namespace,
        "resourceTypes": [
            {name: part for name, part in each.items() if name != "namespace"}
            for each in sorted(types, key=lambda one: str(one["resourceType"]).lower())
        ],
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
    }


def _list(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    del ask
    return Answer(200, {"value": [_shown(found["subscription"], each) for each in _namespaces(cloud).values()]})


def _one(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """One provider; registering it again changes nothing."""
    del ask
    types = _namespaces(cloud).get(found["namespace"].lower())
    if types is None:
        message = f"The resource namespace '{found['namespace']}' is invalid."
        raise gateway(404, "InvalidResourceNamespace", message)
    return Answer(200, _shown(found["subscription"], types))


_ONE = rf"{_NEXT}/(?P<namespace>[^/]+)"
ROUTES = [
    Route(re.compile(_NEXT), _list, "Microsoft.Resources/subscriptions/providers/read"),
    Route(re.compile(_ONE), _one, "Microsoft.Resources/subscriptions/providers/read"),
    Route(re.compile(rf"{_ONE}/register"), _one, "{namespace}/register/action", methods=frozenset({"POST"})),
]
