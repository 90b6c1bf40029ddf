"""Which further kinds of resource API Management has, of which the simulator says that it does not model them.

Paths of azure-mgmt-apimanagement's operation groups; what is inside one, such as a workspace, goes with it.
"""

from simulator.apim.tiers import offered
from simulator.apim.versions import STABLE, versions_of
from simulator.by_name import known_by_name
from simulator.kinds import Kind

_NAMESPACE = "Microsoft.ApiManagement"
_COLLECTIONS = (
    "apis/issues", "apis/resolvers", "apis/tagDescriptions", "apis/wikis",
    "authorizationServers", "caches", "certificates", "contentTypes", "documentations", "gateways", "groups/users",
    "identityProviders", "issues", "notifications", "openidConnectProviders", "policyRestrictions",
    "portalconfigs", "portalRevisions", "portalsettings", "privateEndpointConnections", "products/apiLinks",
    "products/groupLinks", "products/wikis", "schemas", "tags/apiLinks", "tags/operationLinks", "tags/productLinks",
    "templates", "tenant", "users", "workspaces", "allPolicies", "locations", "networkstatus",
    "outboundNetworkDependenciesEndpoints", "policyDescriptions", "privateLinkResources", "quotas", "regions",
    "reports", "settings", "skus", "workspaceLinks",
)  # fmt: skip

_AT_THE_TOP = ("gateways", "getDomainOwnershipIdentifier", "locations/operationStatuses", "operations", "skus")
SERVICE_ACTIONS = frozenset({
    "applynetworkconfigurationupdates", "backup", "connectivitycheck", "getssotoken", "migratetostv2", "restore",
    "validatepolicies",
})  # fmt: skip
CONNECTION_ACTIONS = frozenset({"confirmconsentcode", "getloginlinks"})


def unmodelled(modelled: list[Kind]) -> list[Kind]:
    """Those kinds that stand for what is not among the modelled ones."""
    known = {kind.type.lower() for kind in modelled}
    inside = [
        known_by_name(
            f"{_NAMESPACE}/service/{each}", versions_of(each), f"'{each}' of API Management", offered(each)
        )
        for each in _COLLECTIONS
    ]
    outside = [known_by_name(f"{_NAMESPACE}/{each}", STABLE, f"'{each}' of API Management") for each in _AT_THE_TOP]
    return [kind for kind in [*inside, *outside] if kind.type.lower() not in known]
