"""Which subscriptions there are, and which resource groups they have; groups.py makes and deletes groups."""

from typing import Any

from simulator.cloud import Cloud, ResourceGroup
from simulator.errors import gateway, not_modelled
from simulator.ids import ResourcePath, key
from simulator.wire import Answer, Ask

JSON = dict[str, Any]
_SUBSCRIPTION_PARTS = 2
_GROUPS_PARTS = 3
VERSIONS = (  # Resource Manager's own, as its refusals list them (azure-cli#28038, ansible-collections/azure#1739)
    "2025-04-01", "2025-03-01", "2024-11-01", "2024-08-01", "2024-07-01", "2024-06-01-preview", "2024-03-01",
    "2023-07-01", "2023-07-01-preview", "2023-03-01-preview", "2022-12-01", "2022-11-01-preview", "2022-09-01",
    "2022-06-01", "2022-05-01", "2022-03-01-preview", "2022-01-01", "2021-04-01", "2021-01-01", "2020-10-01",
    "2020-09-01", "2020-08-01", "2020-07-01", "2020-06-01", "2020-05-01", "2020-01-01", "2019-11-01", "2019-10-01",
    "2019-09-01", "2019-08-01", "2019-07-01", "2019-06-01", "2019-05-10", "2019-05-01", "2019-03-01", "2018-11-01",
    "2018-09-01", "2018-08-01", "2018-07-01", "2018-06-01", "2018-05-01", "2018-02-01", "2018-01-01", "2017-12-01",
    "2017-08-01", "2017-06-01", "2017-05-10", "2017-05-01", "2017-03-01", "2016-09-01", "2016-07-01", "2016-06-01",
    "2016-02-01", "2015-11-01", "2015-01-01", "2014-04-01-preview", "2014-04-01",
)  # fmt: skip


def need_version(version: str) -> None:
    """Refuse an api-version that Resource Manager itself does not have."""
    if version not in VERSIONS:
        message = f"The api-version '{version}' is invalid. The supported versions are '{','.join(VERSIONS)}'."
        raise gateway(400, "InvalidApiVersionParameter", message)


def action_of(path: ResourcePath) -> str:
    """What a role must allow to look at this; everybody may list the subscriptions and tenants that are theirs."""
    if path.text.lower() in {"/subscriptions", "/tenants"}:
        return ""
    below = len(path.text.split("/")) - 1 > _SUBSCRIPTION_PARTS
    return "Microsoft.Resources/subscriptions/" + ("resourceGroups/read" if below else "read")


def serve(cloud: Cloud, ask: Ask, path: ResourcePath) -> Answer:
    """Read tenants, subscriptions and lists of resource groups (documented shapes of 2022-12-01)."""
    parts = path.text.lower().strip("/").split("/")
    below = parts[_SUBSCRIPTION_PARTS : _SUBSCRIPTION_PARTS + 1]
    if parts == ["tenants"] and ask.method == "GET":
        return Answer(200, {"value": [_tenant(cloud)]})
    if parts[0] != "subscriptions" or len(parts) > _GROUPS_PARTS or below not in ([], ["resourcegroups"]):
        raise gateway(404, "NotFound", f"No HTTP resource was found that matches the request URI '{path.text}'.")
    if ask.method not in {"GET", "HEAD"}:
        raise not_modelled(f"{ask.method} of subscriptions")
    if len(parts) == 1:
        listed = [_subscription(cloud, id) for id in cloud.subscriptions]
        return Answer(200, {"value": listed, "count": {"type": "Total", "value": len(listed)}})
    if len(parts) == _SUBSCRIPTION_PARTS:
        return Answer(200, _subscription(cloud, parts[1]))
    here = [group for group in cloud.groups.values() if key(group.id).split("/")[2] == parts[1]]
    return Answer(200, {"value": [group_body(group) for group in here]})


def _subscription(cloud: Cloud, id: str) -> JSON:
    return {
        "id": f"/subscriptions/{id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": id,
        "tenantId": cloud.tenant,
        "displayName": cloud.subscriptions[id],
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def _tenant(cloud: Cloud) -> JSON:
    """The one tenant; its name is not known here."""
    return {"id": f"/tenants/{cloud.tenant}", "tenantId": cloud.tenant, "tenantCategory": "Home"}


def need_usable(group: ResourceGroup) -> None:
    """Nothing is written into a group that is being deleted (documented among the common deployment errors)."""
    if group.state == "Deleting":
        message = f"The resource group '{group.name}' is in deprovisioning state and cannot perform this operation."
        raise gateway(409, "ResourceGroupBeingDeleted", message)


def group_body(group: ResourceGroup) -> JSON:
    """Key order of recording 27."""
    return {
        "id": group.id,
        "name": group.name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": group.location,
        "tags": group.tags,
        "properties": {"provisioningState": group.state},
    }
