"""How a model deployment behaves."""

from typing import Any

from simulator.bodies import TAGS, TEXT, WHOLE, Fields, Text, Whole, envelope
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.cognitive.account_body import system_data
from simulator.cognitive.limits import has_models
from simulator.cognitive.models import area, default_version, model_of, rate_limits
from simulator.cognitive.polls import status_url
from simulator.cognitive.supply import need_model, need_quota
from simulator.cognitive.versions import FIRST_WITH_PAUSE, VERSIONS
from simulator.errors import gateway, provider
from simulator.fast_json import copied
from simulator.ids import parse
from simulator.kinds import NO_HEAD, Change, Kind, Later, View
from simulator.longrunning import Operation
from simulator.store import Entity
from simulator.wire import Answer, Ask
from simulator.writing import remove

JSON = dict[str, Any]
TYPE = "Microsoft.CognitiveServices/accounts/deployments"
STATES = ("Accepted", "Creating", "Deleting", "Moving", "Failed", "Succeeded", "Disabled", "Canceled")
_MOVING = {"Accepted", "Creating", "Deleting", "Moving"}
_CAPACITY = Whole(from_text=True)  # INFERRED: Azure CLI 2.91 sends "10", and Azure must be taking it
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
    sku=Fields({"name": TEXT, "capacity": _CAPACITY, "family": TEXT, "size": TEXT, "tier": TEXT}, ("name",)),
    tags=TAGS,
)  # fmt: skip


def _fill(change: Change) -> JSON:
    """Key order of recording 24; capabilities and limits by model; without a SKU it is Standard (bicep#16642)."""
    merged, cloud = change.merged(), change.cloud
    given: JSON = merged.get("properties") or {}
    asked: JSON = given["model"]
    sku = {"name": "Standard", "capacity": 1, **(merged.get("sku") or {})}
    version = asked.get("version") or default_version(asked["name"])
    model = model_of(asked["name"], version, asked.get("format", "OpenAI"))
    names = ("publisher", "format", "name", "version", "source", "sourceAccount")
    whole = {**asked, "version": version}
    where = area(cloud.need(change.path.parent).body["location"])
    capabilities = {**({"area": where} if where else {}), **model.capabilities} if model.capabilities else {}
    properties: JSON = {
        "model": {name: whole[name] for name in names if whole.get(name)},
        "versionUpgradeOption": given.get("versionUpgradeOption", "OnceNewDefaultVersionAvailable"),
        "currentCapacity": sku["capacity"],
        "capabilities": capabilities,
    }
    if cloud.knobs.rai_policy != "absent":
        properties["raiPolicyName"] = cloud.knobs.rai_policy
    for name in ("raiPolicyName", "spilloverDeploymentName", "parentDeploymentName", "capacitySettings"):
        if given.get(name) is not None:
            properties[name] = given[name]
    properties["provisioningState"] = "Succeeded"
    properties["deploymentState"] = (change.before.properties if change.before else {}).get(
        "deploymentState", "Running"
    )
    limits = rate_limits(model, sku["name"], sku["capacity"])
    if limits:
        properties["rateLimits"] = limits
    properties |= change.found.get("readonly", {})
    body: JSON = {"sku": {"name": sku["name"], "capacity": sku["capacity"]}, "properties": properties}
    if merged.get("tags"):
        body["tags"] = merged["tags"]
    body["systemData"] = system_data(change, stamp(cloud.clock.now()))
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
    if not has_models(account.body["kind"]):
        message = f"Accounts of kind '{account.body['kind']}' have no deployments."
        raise provider(400, "OperationNotSupported", message)
    state = change.found.get("readonly", {}).get("provisioningState")
    if state is not None and state not in STATES:
        raise provider(400, "InvalidResourceProperties", f"There is no state '{state}' of deployments.")
    sku: JSON = {"name": "Standard", "capacity": 1, **(merged.get("sku") or {})}
    if int(sku["capacity"]) < 1:
        message = f"The specified capacity '{sku['capacity']}' of account deployment is not valid."
        raise provider(400, "InvalidResourceProperties", message)
    spillover = (merged.get("properties") or {}).get("spilloverDeploymentName")
    if spillover and not change.quiet and cloud.store.get(f"{account.id}/deployments/{spillover}") is None:
        message = f"The spillover deployment '{spillover}' does not exist."
        raise provider(400, "InvalidResourceProperties", message)
    if change.quiet:
        return
    need_model(cloud, account, model, str(sku["name"]))
    _need_idle(cloud, account, change.before)
    need_quota(change, account, str(model["name"]), str(sku["name"]), int(sku["capacity"]))


def _need_idle(cloud: Cloud, account: Entity, entity: Entity | None) -> None:
    """One write at a time on an account (arm-wire 10.2)."""
    if entity is not None and entity.properties["provisioningState"] in _MOVING:
        message = (
            f"Cannot modify resource with id '{entity.id}' because the resource entity provisioning state is not "
            "terminal. Please wait for the provisioning state to become terminal and then retry the request."
        )
        raise provider(409, "RequestConflict", message)
    for sibling in cloud.store.collection(f"{account.id}/deployments"):
        if cloud.operations.locking(sibling.id) or sibling.properties["provisioningState"] in _MOVING:
            message = (
                f"Another operation is being performed on the parent resource '{account.id}'. "
                "Please try again later."
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
    if change.cloud.knobs.deployment_time <= 0:
        return None
    entity = _write(change)
    entity.properties["provisioningState"] = "Creating"

    def finish() -> None:
        entity.properties["provisioningState"] = "Succeeded"

    def answer(operation: Operation, created: bool) -> Answer:  # noqa: FBT001
        url = status_url(change, _location(change.cloud, entity), operation)
        body = _show(entity, View(change.cloud, "put", change.version))
        return Answer(201 if created else 200, body, {"ETag": entity.etag, "Azure-AsyncOperation": url})

    return _operation(change, entity, finish, answer, "account")


def _delete_later(change: Change) -> Later | None:
    """At once (recording 24); with the knob it is Deleting for a while."""
    cloud = change.cloud
    if cloud.knobs.deployment_time <= 0:
        return None
    entity = cloud.need(change.id)
    entity.properties["provisioningState"] = "Deleting"

    def answer(operation: Operation, _created: bool) -> Answer:  # noqa: FBT001
        url = status_url(change, _location(cloud, entity), operation)
        return Answer(202, None, {"Azure-AsyncOperation": url, "Location": url})

    return _operation(change, entity, lambda: remove(cloud, DEPLOYMENT, entity), answer, "delete")


def _operation(change: Change, entity: Entity, finish: Any, answer: Any, style: str) -> Later:
    def fail() -> None:
        entity.properties["provisioningState"] = "Failed"

    seconds, id = change.cloud.knobs.deployment_time, change.cloud.ids.guid()
    return Later(seconds, id, finish, answer, fail, deletes=style == "delete", style=style)


def _location(cloud: Cloud, entity: Entity) -> str:
    return str(cloud.need(parse(entity.id).parent).body["location"])


def _before_delete(cloud: Cloud, entity: Entity) -> None:
    _need_idle(cloud, cloud.need(parse(entity.id).parent), entity)


def _show(entity: Entity, view: View) -> JSON:
    """Id, type, name; the etag comes last, quotes inside (recording 24)."""
    body = copied(entity.body)
    if view.version < FIRST_WITH_PAUSE:  # a paused deployment cannot be told from a running one (desired-state 6.2)
        body["properties"].pop("deploymentState", None)
    return {"id": entity.id, "type": entity.type, "name": entity.name, **body, "etag": entity.etag}


def _pause(cloud: Cloud, ask: Ask, entity: Entity) -> Answer:
    return _turn(cloud, ask, entity, "Paused")


def _resume(cloud: Cloud, ask: Ask, entity: Entity) -> Answer:
    return _turn(cloud, ask, entity, "Running")


def _turn(cloud: Cloud, ask: Ask, entity: Entity, state: str) -> Answer:
    """The two actions of the SDK for JavaScript; that they are done at once is INFERRED."""
    if ask.version < FIRST_WITH_PAUSE:
        message = (
            "The resource type 'accounts/deployments' has no such action in the namespace "
            f"'Microsoft.CognitiveServices' for api version '{ask.version}'."
        )
        raise gateway(404, "InvalidResourceType", message)
    _before_delete(cloud, entity)
    entity.properties["deploymentState"] = state
    entity.etag = f'"{cloud.ids.guid()}"'
    return Answer(200, _show(entity, View(cloud, "put", ask.version)), {"ETag": entity.etag})


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
    before_delete=_before_delete,
    delete_later=_delete_later,
    paging="token",
    readonly=frozenset({"provisioningState", "capabilities", "rateLimits", "deploymentState"}),
    actions={"pause": _pause, "resume": _resume},
)
