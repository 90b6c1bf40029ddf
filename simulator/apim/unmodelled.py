"""Which further kinds of resource API Management has, of which the simulator says that it does not model them.

Collections of azure-mgmt-apimanagement's operation groups; those inside workspaces are left out.
"""

from simulator.apim.tiers import offered
from simulator.apim.versions import versions_of
from simulator.bodies import Anything, Fields
from simulator.cloud import Cloud
from simulator.errors import not_modelled
from simulator.ids import ResourcePath
from simulator.kinds import ALL, Change, Kind

_COLLECTIONS = (
    "apis/issues", "apis/releases", "apis/resolvers", "apis/revisions", "apis/tagDescriptions", "apis/wikis",
    "authorizationServers", "caches", "certificates", "contentTypes", "documentations", "gateways", "groups/users",
    "identityProviders", "issues", "notifications", "openidConnectProviders", "policyRestrictions",
    "portalconfigs", "portalRevisions", "portalsettings", "privateEndpointConnections", "products/apiLinks",
    "products/groupLinks", "products/wikis", "schemas", "tags/apiLinks", "tags/operationLinks", "tags/productLinks",
    "templates", "tenant", "users", "workspaces",
)  # fmt: skip


def _unmodelled(collection: str) -> Kind:
    in_tier = offered(collection)

    def refuse(cloud: Cloud, path: ResourcePath) -> None:
        in_tier(cloud, path)
        raise not_modelled(f"'{collection}' of API Management")

    def refuse_behind(change: Change) -> None:
        refuse(change.cloud, change.path)

    return Kind(
        type=f"Microsoft.ApiManagement/service/{collection}",
        versions=versions_of(collection),
        shape=Fields(others=Anything()),
        verbs=ALL,
        check=refuse_behind,
        offered=refuse,
        modelled=False,
    )


def unmodelled(modelled: list[Kind]) -> list[Kind]:
    """Those kinds that stand for what is not among the modelled ones."""
    known = {kind.type.lower() for kind in modelled}
    return [kind for kind in map(_unmodelled, _COLLECTIONS) if kind.type.lower() not in known]
