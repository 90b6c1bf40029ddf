"""Whether Azure has a model to deploy, and quota left for it (arm-wire 10.2; the texts are reported)."""

from typing import Any

from simulator.cloud import Cloud
from simulator.cognitive.catalogue import quota_words, used
from simulator.cognitive.models import CATALOGUE, default_version, find_model
from simulator.errors import provider
from simulator.kinds import Change
from simulator.store import Entity

JSON = dict[str, Any]


def need_model(cloud: Cloud, account: Entity, asked: JSON, sku: str) -> None:
    """The model must be offered, to this kind of account, with this SKU."""
    format, name = str(asked["format"]), str(asked["name"])
    version = str(asked.get("version") or default_version(name))
    model = find_model(name, version, format)
    if format.lower() != "openai" and account.body["kind"].lower() == "openai":
        model = None  # partners' models are for AIServices accounts
    if cloud.knobs.models == "strict" and format.lower() == "openai" and version not in CATALOGUE.get(name, ()):
        model = None
    if model is None:
        message = (
            f"The model 'Format:{format},Name:{name},Version:{version}' of account deployment is not supported."
        )
        raise provider(400, "DeploymentModelNotSupported", message)
    if sku not in model.skus:
        message = (
            f"The specified SKU '{sku}' of account deployment is not supported by the model '{name}' version: "
            f"'{version}'."
        )
        raise provider(400, "InvalidResourceProperties", message)


def need_quota(change: Change, account: Entity, model: str, sku: str, capacity: int) -> None:
    """A subscription has so much capacity of a model in a region, per SKU; by the knob `deployment_quota`."""
    limit = change.cloud.knobs.deployment_quota
    if not limit:
        return
    current = used(change.cloud, change.path.subscription, account.body["location"]).get((sku, model), 0)
    before = change.before
    same = before is not None and (before.body["sku"]["name"], before.properties["model"]["name"]) == (sku, model)
    needed = capacity - (int(before.body["sku"]["capacity"]) if before is not None and same else 0)
    if needed <= limit - current:
        return
    words = quota_words(sku, model)
    message = (
        f"This operation require {needed} new capacity in quota {words}, which is bigger than the current "
        f"available capacity {limit - current}. The current quota usage is {current} and the quota limit is "
        f"{limit} for quota {words}."
    )
    raise provider(400, "InsufficientQuota", message)
