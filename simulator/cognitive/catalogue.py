"""Which models a region and an account offer, and how much of a subscription's quota is used there."""

import re
from typing import Any

from simulator.arm import Route
from simulator.cloud import Cloud
from simulator.cognitive.models import CATALOGUE, area, model_of, rate_limits
from simulator.cognitive.versions import VERSIONS
from simulator.ids import parse
from simulator.regions import short
from simulator.store import Entity
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_ACCOUNT = "Microsoft.CognitiveServices/accounts"
_DEPLOYMENT = f"{_ACCOUNT}/deployments"
_NO_LIMIT = 1_000_000
_PROVIDER = r"(?i)/subscriptions/(?P<subscription>[^/]+)/providers/Microsoft\.CognitiveServices"
_BELOW = (
    r"(?i)(?P<account>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.CognitiveServices/[^/]+/[^/]+)"
)


def usage_name(sku: str, model: str) -> str:
    """The name of a quota (recorded: OpenAI.Standard.gpt-35-turbo)."""
    return f"OpenAI.{sku}.{model}"


def quota_words(sku: str, model: str) -> str:
    """A quota in words (reported, arm-wire 10.2)."""
    return f"Tokens Per Minute (thousands) - {model}" + ("" if sku == "Standard" else f" - {sku}")


def used(cloud: Cloud, subscription: str, location: str) -> dict[tuple[str, str], int]:
    """How much capacity is deployed in a subscription's region, by SKU and model."""
    found: dict[tuple[str, str], int] = {}
    for each in cloud.store.of_type(_DEPLOYMENT):
        path = parse(each.id)
        account = cloud.store.get(path.parent)
        if path.subscription.lower() != subscription.lower() or account is None:
            continue
        if short(account.body["location"]) == short(location):
            quota = each.body["sku"]["name"], each.properties["model"]["name"]
            found[quota] = found.get(quota, 0) + int(each.body["sku"]["capacity"])
    return found


def _models() -> list[tuple[str, str, bool]]:
    return [
        (name, version, position == 0)
        for name, versions in CATALOGUE.items()
        for position, version in enumerate(versions)
    ]


def _model(location: str, name: str, version: str, *, default: bool) -> JSON:
    """Key order of the Azure CLI's recording; costs and dates are left out."""
    known = model_of(name, version, "OpenAI")
    where = area(location)
    skus: list[JSON] = []
    for sku in known.skus[:8]:
        limits = rate_limits(known, sku, 1)
        one: JSON = {
            "name": sku,
            "usageName": usage_name(sku, name),
            "capacity": {"maximum": _NO_LIMIT, "default": 10},
        }
        skus.append({**one, **({"rateLimits": limits} if limits else {})})
    return {
        "format": "OpenAI",
        "name": name,
        "version": version,
        "isDefaultVersion": default,
        "skus": skus,
        "maxCapacity": 9,
        "capabilities": {**({"area": where} if where else {}), **known.capabilities},
        "lifecycleStatus": "GenerallyAvailable",
    }


def _of_location(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    del cloud, ask
    provider = f"/subscriptions/{found['subscription']}/providers/Microsoft.CognitiveServices"
    root = f"{provider}/locations/{found['location']}"
    value = [
        {
            "id": f"{root}/models/OpenAI.{name}.{version}",
            "type": "Microsoft.CognitiveServices/locations/models",
            "name": f"OpenAI.{name}.{version}",
            "location": found["location"],
            "kind": "OpenAI",
            "skuName": "S0",
            "model": _model(found["location"], name, version, default=default),
        }
        for name, version, default in _models()
    ]
    return Answer(200, {"value": value})


def _usages(cloud: Cloud, subscription: str, location: str) -> Answer:
    limit = cloud.knobs.deployment_quota or _NO_LIMIT
    value = [
        {
            "name": {"value": usage_name(sku, model), "localizedValue": quota_words(sku, model)},
            "currentValue": amount,
            "limit": limit,
            "unit": "Count",
        }
        for (sku, model), amount in sorted(used(cloud, subscription, location).items())
    ]
    return Answer(200, {"value": value})


def _usages_of_location(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """Only the quotas of what is deployed; Azure lists every one."""
    del ask
    return _usages(cloud, found["subscription"], found["location"])


def _account(cloud: Cloud, found: re.Match[str]) -> Entity:
    return cloud.need(found["account"])


def _of_account(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """The models that can be deployed to an account: those of its region (arm-wire 10.1: OpenAI and AIServices)."""
    del ask
    account = _account(cloud, found)
    if account.body["kind"].lower() not in {"openai", "aiservices"}:
        return Answer(200, {"value": []})
    location = account.body["location"]
    return Answer(
        200, {"value": [_model(location, name, version, default=one) for name, version, one in _models()]}
    )


def _usages_of_account(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    del ask
    account = _account(cloud, found)
    return _usages(cloud, parse(account.id).subscription, account.body["location"])


_READ = "Microsoft.CognitiveServices"
ROUTES = [
    Route(
        re.compile(rf"{_PROVIDER}/locations/(?P<location>[^/]+)/models"),
        _of_location,
        f"{_READ}/locations/models/read",
        versions=VERSIONS,
    ),
    Route(
        re.compile(rf"{_PROVIDER}/locations/(?P<location>[^/]+)/usages"),
        _usages_of_location,
        f"{_READ}/locations/usages/read",
        versions=VERSIONS,
    ),
    Route(re.compile(rf"{_BELOW}/models"), _of_account, f"{_READ}/accounts/models/read", versions=VERSIONS),
    Route(re.compile(rf"{_BELOW}/usages"), _usages_of_account, f"{_READ}/accounts/usages/read", versions=VERSIONS),
]
