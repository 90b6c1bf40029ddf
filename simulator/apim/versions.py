"""Which api-versions each kind of API Management's resources can be asked with.

The 2022-08-01 of the Azure CLI and the 2024-05-01 of the current SDKs work for every kind; a kind stands in the
table below where recordings or the published specifications say more or less.
"""

STABLE = ("2021-08-01", "2022-08-01", "2024-05-01")
PREVIEW = "2025-03-01-preview"

_TAGS = ("2019-01-01", *STABLE)  # recording 42
_SINCE_2022 = STABLE[1:]  # in no stable specification before

_OTHER: dict[str, tuple[str, ...]] = {
    "namedValues": ("2019-12-01", *STABLE),  # recording 43
    "tags": _TAGS,
    "apis/tags": _TAGS,
    "apis/operations/tags": _TAGS,
    "products/tags": _TAGS,
    "apisByTags": _TAGS,
    "productsByTags": _TAGS,
    "apis/operationsByTags": _TAGS,
    "tagResources": _TAGS,
    "backends": (*STABLE, PREVIEW),  # recordings 21 and 22
    "policyFragments": _SINCE_2022,
    "authorizationProviders": _SINCE_2022,
    "authorizationProviders/authorizations": _SINCE_2022,
    "authorizationProviders/authorizations/accessPolicies": _SINCE_2022,
    "workspaces": STABLE[2:],  # stable with 2024-05-01
}


def versions_of(collection: str) -> tuple[str, ...]:
    """The api-versions of a kind, named by what follows `Microsoft.ApiManagement/service/`; oldest first."""
    return _OTHER.get(collection, STABLE)
