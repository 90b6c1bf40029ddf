"""How a model deployment behaves."""

from copy import deepcopy
from typing import Any

from simulator.bodies import TAGS, TEXT, WHOLE, Fields, Text, Whole, envelope
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.cognitive.accounts import VERSIONS, system_data
from simulator.cognitive.models import area, default_version, model_of, rate_limits
from simulator.errors import provider
from simulator.kinds import NO_HEAD, Change, Kind, Later, View
from simulator.longrunning import Operation
from simulator.store import Entity
from simulator.wire import Answer

JSON = dict[str, Any]
TYPE = "Microsoft.CognitiveServices/accounts/deployments"
STATES = ("Accepted", "Creating", "Deleting", "Moving", "Failed", "Succeeded", "Disabled", "Canceled")
_SHAPE = envelope(
    Fields(
        {
            "capacitySettings": Fields({"designatedCapacity": Whole(0), "priority": Whole(0)}),
            "currentCapacity": WHOLE,
            "model": Fields(
                {
                    "format": TEXT, "name": TEXT, "publisher": TEXT, "source": TEXT, "sourceAccount": TEXT,
                    "version": TEXT,
                }
            ),
            "parentDeploymentName": TEXT,
            "raiPolicyName": TEXT,
            "scaleSettings": Fields({"capacity": WHOLE, "scaleType": TEXT}),
            "spilloverDeploymentName": TEXT,
            "versionUpgradeOption": Text(
                choices=("OnceNewDefaultVersionAvailable", "OnceCurrentVersionExpired", "NoAutoUpgrade")
            ),
        }
    ),
    sku=Fields({"name": TEXT, "capacity": WHOLE, "family": TEXT, "size": TEXT, "tier": TEXT}, ("name",)),
    tags=TAGS,
)  # fmt: skip


def _fill(change: Change) -> JSON:
    """Key order of recording 24; capabilities and limits by model family."""
    merged = change.merged()
    given: JSON = merged.get("properties") or {}
    asked: JSON = given["model"]
    sku = {"name": merged["sku"]["name"], "capacity": merged["sku"].get("capacity", 1)}
    version = asked.get("version") or default_version(asked["name"])
    model = model_of(asked["name"], version, asked.get("format", "OpenAI"))
    account = change.cloud.need(change.path.parent)
    names = ("publisher", "format", "name", "version", "source", "sourceAccount")
    capabilities = {"area": area(account.body["location"]), **model.capabilities} if model.capabilities else {}
    properties: JSON = {
        "model": {
            name: {**asked, "version": version}[name] for name in names if {**asked, "version": version}.get(name)
        },
        "versionUpgradeOption": given.get("versionUpgradeOption", "OnceNewDefaultVersionAvailable"),
        "currentCapacity": sku["capacity"],
        "capabilities": capabilities,
    }
    for name in ("raiPolicyName", "spilloverDeploymentName", "parentDeploymentName", "capacitySettings"):
        if given.get(name) is not None:
            properties[name] = given[name]
    properties["provisioningState"] = "Succeeded"
    limits = rate_limits(model, sku["name"], sku["capacity"])
    if limits:
        properties["rateLimits"] = limits
    properties |= change.found.get("readonly", {})
    body: JSON = {"sku": sku, "properties": properties}
    if merged.get("tags"):
        body["tags"] = merged["tags"]
    body["systemData"] = system_data(change, stamp(change.cloud.clock.now()))
    return body


def _check(change: Change) -> None:
    cloud = change.cloud
    if change.verb == "PATCH" and "properties" in change.sent:
        raise provider(400, "InvalidRequestContent", "Only tags and sku of a deployment can be patched.")
    account = cloud.need(change.path.parent)
    merged = change.merged()
    model = (merged.get("properties") or {}).get("model") or {}
    if not model.get("name") or not model.get("format"):
        raise provider(400, "InvalidResourceProperties", "The deployment has no model format and name.")
    if "sku" not in merged:
        raise provider(400, "InvalidResourceProperties", "The deployment has no sku.")
    if account.body["kind"].lower() not in {"openai", "aiservices"}:
        message = f"Accounts of kind '{account.body['kind']}' have no deployments."
        raise provider(400, "OperationNotSupported", message)
    if change.quiet:
        return
    if account.properties["provisioningState"] != "Succeeded":
        message = (
            f"Cannot modify resource with id '{account.id}' because the resource entity provisioning state is not "
            "terminal. Please wait for the provisioning state to become terminal and then retry the request."
        )
        raise provider(409, "AccountProvisioningStateInvalid", message)
    _need_idle(cloud, account)


def _need_idle(cloud: Cloud, account: Entity) -> None:
    """One write at a time on an account (arm-wire 10.2)."""
    busy = [
        sibling
        for sibling in cloud.store.collection(f"{account.id}/deployments")
        if cloud.operations.locking(sibling.id)
    ]
    if busy:
        message = (
            f"Another operation is being performed on the parent resource '{account.id}'. Please try again later."
        )
        raise provider(409, "RequestConflict", message)


def _write(change: Change) -> Entity:
    body = _fill(change)
    entity = change.before or Entity(change.path.text, TYPE, body)
    entity.body, entity.etag = body, f'"{change.cloud.ids.guid()}"'
    change.cloud.store.put(entity)
    return entity


def _later(change: Change) -> Later | None:
    """At once for Standard (recording 24); with the knob it is Creating for a while."""
    cloud = change.cloud
    if cloud.knobs.deployment_time <= 0:
        return None
    entity = _write(change)
    entity.properties["provisioningState"] = "Creating"

    def finish() -> None:
        entity.properties["provisioningState"] = "Succeeded"

    def fail() -> None:
        entity.properties["provisioningState"] = "Failed"

    def answer(operation: Operation, created: bool) -> Answer:  # noqa: FBT001
        root = f"{change.base}/subscriptions/{change.path.subscription}/providers/Microsoft.CognitiveServices"
        url = f"{root}/locations/eastus/operationResults/{operation.id}?api-version=2017-04-18&t=0"
        body = _show(entity, View(cloud, "put", change.version))
        return Answer(201 if created else 200, body, {"ETag": entity.etag, "Azure-AsyncOperation": url})

    return Later(cloud.knobs.deployment_time, cloud.ids.guid(), finish, answer, fail, style="account")


def _show(entity: Entity, view: View) -> JSON:
    """Id, type, name; the etag comes last, quotes inside (recording 24)."""
    del view
    return {
        "id": entity.id,
        "type": entity.type,
        "name": entity.name,
        **deepcopy(entity.body),
        "etag": entity.etag,
    }


DEPLOYMENT = Kind(
    type=TYPE,
    versions=VERSIONS,
    shape=_SHAPE,
    verbs=NO_HEAD,
    family="provider",
    pretty=False,
    names=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$",
    name_limit=64,
    check=_check,
    write=_write,
    later=_later,
    show=_show,
    before_delete=lambda cloud, entity: _need_idle(cloud, cloud.need(entity.id.rsplit("/", 2)[0])),
    paging="token",
    readonly=frozenset({"provisioningState", "capabilities", "rateLimits"}),
)
