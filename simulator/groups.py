"""How resource groups are made, changed and deleted with everything in them (recording 27)."""

import re
from typing import Any

from simulator.arm import Route
from simulator.bodies import TAGS, TEXT, Fields, Text, envelope, problems
from simulator.cloud import Cloud, ResourceGroup
from simulator.containers import group_body, need_usable
from simulator.errors import Refusal, gateway
from simulator.ids import ResourcePath, key, parse
from simulator.locks import need_unlocked
from simulator.longrunning import Operation
from simulator.regions import REGIONS, is_region, short
from simulator.wire import Answer, Ask
from simulator.writing import remove

JSON = dict[str, Any]
TYPE = "Microsoft.Resources/subscriptions/resourceGroups"
RETRY_AFTER = "15"
_NAME = re.compile(r"^[-\w._()]{0,89}[-\w_()]$")  # documented: no full stop at the end
_SHAPE = envelope(Fields(), location=Text(1), tags=TAGS, managedBy=TEXT)


def _serve(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """Answer a request for one resource group."""
    path = parse(found[0])
    group = cloud.groups.get(key(path.text))
    if ask.method == "PUT":
        return _put(cloud, ask, path, group)
    if group is None:
        raise gateway(404, "ResourceGroupNotFound", f"Resource group '{path.group}' could not be found.")
    match ask.method:
        case "GET":
            return Answer(200, group_body(group))
        case "HEAD":
            return Answer(204)
        case "PATCH":
            return _patch(cloud, ask, group)
        case _:
            return _delete(cloud, ask, group)


def _put(cloud: Cloud, ask: Ask, path: ResourcePath, group: ResourceGroup | None) -> Answer:
    body = _body(ask)
    if group is not None:
        need_usable(group)
    if "location" not in body:
        raise gateway(400, "LocationRequired", "The location property is required for this definition.")
    if not is_region(body["location"]):  # reported in these words: vscode-azureresourcegroups#33
        message = (
            f"The provided location '{body['location']}' is not available for resource group. "
            f"List of available regions is '{','.join(REGIONS)}'."
        )
        raise gateway(400, "LocationNotAvailableForResourceGroup", message)
    if group is not None and short(body["location"]) != short(group.location):
        message = (
            f"Invalid resource group location '{body['location']}'. "
            f"The Resource group already exists in location '{group.location}'."
        )
        raise gateway(409, "InvalidResourceGroupLocation", message)
    if not _NAME.match(path.group):
        message = f"The provided resource group name '{path.group}' is not valid."
        raise gateway(400, "InvalidResourceGroup", message)
    need_unlocked(cloud, "PUT", path.text)
    created = group is None
    if group is None:
        id = f"/subscriptions/{path.subscription}/resourceGroups/{path.group}"
        group = cloud.groups[key(id)] = ResourceGroup(id, path.group, short(body["location"]))
    group.tags = dict(body.get("tags") or {})
    http = None if created else {"method": "PUT", "url": ask.base + ask.full_path}
    cloud.events.resource("write", group.id, TYPE, ask.caller, http)
    return Answer(201 if created else 200, group_body(group))


def _patch(cloud: Cloud, ask: Ask, group: ResourceGroup) -> Answer:
    """Only tags can be patched; they are replaced."""
    body = _body(ask)
    need_usable(group)
    need_unlocked(cloud, "PATCH", group.id)
    group.tags = dict(body.get("tags", group.tags) or {})
    cloud.events.resource("write", group.id, TYPE, ask.caller, {"method": "PATCH", "url": ask.base + ask.full_path})
    return Answer(200, group_body(group))


def _body(ask: Ask) -> JSON:
    wrong = list(problems(_SHAPE, ask.body if ask.body is not None else {}))
    if ask.unreadable or wrong:
        reason = ask.unreadable or wrong[0].message
        message = f"The request content was invalid and could not be deserialized: '{reason}'."
        raise gateway(400, "InvalidRequestContent", message)
    return dict(ask.body or {})


def _delete(cloud: Cloud, ask: Ask, group: ResourceGroup) -> Answer:
    """202 without a body; what is in it goes at the end, accounts and services into their two days of grace."""
    need_unlocked(cloud, "DELETE", group.id)
    need_usable(group)
    group.state = "Deleting"

    def finish() -> None:
        for entity in reversed(cloud.store.below(group.id)):  # the shallowest first: they take the rest with them
            if cloud.store.get(entity.id) is not None:
                remove(cloud, cloud.kinds[key(entity.type)], entity)
                cloud.events.resource("delete", entity.id, entity.type, ask.caller)
        cloud.groups.pop(key(group.id), None)
        http = {"method": "DELETE", "url": ask.base + ask.full_path}
        cloud.events.resource("delete", group.id, TYPE, ask.caller, http)

    def fail() -> None:
        group.state = "Succeeded"

    operation = Operation(
        cloud.ids.hex(40),
        key(group.id),
        cloud.clock.seconds() + cloud.knobs.group_delete_time,
        finish,
        200,
        cloud.clock.now(),
        on_failure=fail,
    )
    subscription = group.id.split("/")[2]
    url = f"{ask.base}/subscriptions/{subscription}/operationresults/{operation.id}?api-version={ask.version}"
    cloud.operations.start(operation)
    return Answer(
        202, None, {"Location": f"{url}&t=0&c=simulator&s=simulator&h=simulator", "Retry-After": RETRY_AFTER}
    )


def _result(cloud: Cloud, ask: Ask, found: re.Match[str]) -> Answer:
    """202 without a body while the group is being deleted, then 200 without one."""
    operation = cloud.operations.get(found["id"])
    if operation is None:
        raise gateway(404, "NotFound", f"The operation result '{found['id']}' was not found.")
    if operation.running:
        return Answer(202, None, {"Location": ask.base + ask.full_path, "Retry-After": RETRY_AFTER})
    if operation.error is not None:
        raise Refusal(409, {"error": operation.error})
    return Answer(200)


ROUTES = [
    Route(
        re.compile(r"(?i)/subscriptions/[^/]+/resourceGroups/[^/]+"),
        _serve,
        "Microsoft.Resources/subscriptions/resourceGroups/{verb}",
        methods=frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"}),
    ),
    Route(re.compile(r"(?i)/subscriptions/[^/]+/operationresults/(?P<id>[^/]+)"), _result),
]
