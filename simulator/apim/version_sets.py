"""How the version sets of APIs behave."""

from typing import Any

from simulator.apim.common import service_of
from simulator.apim.in_use import need_unused
from simulator.apim.versions import versions_of
from simulator.bodies import TEXT, Fields, Text, envelope
from simulator.cloud import Cloud
from simulator.errors import invalid
from simulator.ids import key
from simulator.kinds import Change, Kind, order_by_display_name
from simulator.store import Entity

JSON = dict[str, Any]
_NAMES = {"Query": "versionQueryName", "Header": "versionHeaderName"}


def _check(change: Change) -> None:
    """Versions in a query or a header need its name (SDK's ApiVersionSetContract; the words are inferred)."""
    properties = change.merged()["properties"]
    needed = _NAMES.get(properties["versioningScheme"])
    if needed and not properties.get(needed):
        raise invalid((needed, f"'{needed}' is needed for the versioning scheme {properties['versioningScheme']}."))


def _fill(change: Change) -> JSON:
    """Key order of recording 05."""
    source = change.merged()["properties"]
    names = ("displayName", "description", "versioningScheme", "versionQueryName", "versionHeaderName")
    return {"properties": {name: source.get(name) for name in names}}


def versions_in(cloud: Cloud, version_set: str) -> list[Entity]:
    """The APIs of a version set."""
    apis = cloud.store.collection(f"{service_of(version_set)}/apis")
    return [each for each in apis if key(each.properties.get("apiVersionSetId") or "") == key(version_set)]


def _check_delete(change: Change) -> None:
    """One with APIs in it is in use; that Azure refuses it is inferred."""
    need_unused("ApiVersionSet", change.path.name, versions_in(change.cloud, change.id))


def forget_if_empty(cloud: Cloud, version_set: str | None) -> None:
    """A version set goes with its last API (MicrosoftDocs/azure-docs#81857, terraform-provider-azurerm#21498)."""
    if version_set and not versions_in(cloud, version_set):
        cloud.store.remove(version_set)


VERSION_SET = Kind(
    type="Microsoft.ApiManagement/service/apiVersionSets",
    versions=versions_of("apiVersionSets"),
    shape=envelope(
        Fields(
            {
                "displayName": Text(1, 100),
                "description": TEXT,
                "versioningScheme": Text(choices=("Segment", "Query", "Header")),
                "versionQueryName": Text(1, 100),
                "versionHeaderName": Text(1, 100),
            },
            ("displayName", "versioningScheme"),
        )
    ),
    noun="ApiVersionSet",
    fill=_fill,
    check=_check,
    check_delete=_check_delete,
    order=order_by_display_name,
    keeps_etag=True,  # recording 06
    filters={},  # the SDK's table of fields is empty
)
