"""Which subscriptions and resource groups there are."""

from typing import Any

from simulator.cloud import Cloud, ResourceGroup
from simulator.errors import gateway, not_modelled
from simulator.ids import ResourcePath, key
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_SUBSCRIPTION_PARTS = 2
_GROUPS_PARTS = 3
_GROUP_PARTS = 4


def action_of(path: ResourcePath) -> str:
    """What a role must allow to look at this."""
    below = len(path.text.split("/")) - 1 > _SUBSCRIPTION_PARTS
    return "Microsoft.Resources/subscriptions/" + ("resourceGroups/read" if below else "read")


def serve(cloud: Cloud, ask: Ask, path: ResourcePath) -> Answer:
    """Read subscriptions and resource groups; the simulator makes groups only with their resources."""
    parts = path.text.lower().strip("/").split("/")
    below = parts[_SUBSCRIPTION_PARTS : _SUBSCRIPTION_PARTS + 1]
    if parts[0] != "subscriptions" or len(parts) > _GROUP_PARTS or below not in ([], ["resourcegroups"]):
        raise gateway(404, "NotFound", f"No HTTP resource was found that matches the request URI '{path.text}'.")
    if ask.method not in {"GET", "HEAD"}:
        raise not_modelled(f"{ask.method} of subscriptions and resource groups")
    if len(parts) == 1:
        return Answer(200, {"value": [_subscription(cloud, id) for id in cloud.subscriptions]})
    if len(parts) == _SUBSCRIPTION_PARTS:
        return Answer(200, _subscription(cloud, parts[1]))
    if len(parts) == _GROUPS_PARTS:
        here = [group for group in cloud.groups.values() if key(group.id).split("/")[2] == parts[1]]
        return Answer(200, {"value": [_group(group) for group in here]})
    group = cloud.groups.get(key(path.text))
    if group is None:
        name = path.text.rsplit("/", 1)[1]
        raise gateway(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")
    return Answer(200, _group(group)) if ask.method == "GET" else Answer(204)


def _subscription(cloud: Cloud, id: str) -> JSON:
    return {
        "id": f"/subscriptions/{id}",
        "authorizationSource": "RoleBased",
        "subscriptionId": id,
        "tenantId": cloud.tenant,
        "displayName": cloud.subscriptions[id],
        "state": "Enabled",
    }


def _group(group: ResourceGroup) -> JSON:
    """Key order of recording 27."""
    return {
        "id": group.id,
        "name": group.name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": group.location,
        "tags": group.tags,
        "properties": {"provisioningState": "Succeeded"},
    }
