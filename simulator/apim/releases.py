"""How the releases of an API behave, and the list of its revisions.

Bodies and times as in the recordings of two clients: .NET SDK `ApiRevisionTests` (2022-08-01) and Azure CLI
`test_apim_api_release` (2019-12-01).
"""

from typing import Any

from simulator.apim import revisions
from simulator.apim.common import VERSIONS, api_of, service_of
from simulator.bodies import TEXT, Fields, envelope
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.errors import apim, invalid, not_modelled
from simulator.ids import ResourcePath, key
from simulator.kinds import Change, Kind, View
from simulator.odata_filter import texts
from simulator.store import Entity
from simulator.wire import Ask
from simulator.writing import keep

JSON = dict[str, Any]


def _check(change: Change) -> None:
    """A release names a revision of its own API."""
    reference = change.properties.get("apiId")
    if reference is None:
        if change.before is None:
            raise invalid(("apiId", "'Api Id' must not be empty."))
        return
    chosen = revisions.find(change.cloud, change.path.top, reference)
    if chosen is None or key(revisions.api_id(chosen)) != key(change.path.parent):
        raise apim(404, "ResourceNotFound", "Api not found.")  # inferred from version sets
    if change.verb == "PATCH" and key(chosen.id) != key(change.path.parent):
        raise not_modelled("an update of a release that names another revision")
    change.found["revision"] = chosen


def _write(change: Change) -> Entity:
    """The revision becomes the current one; the notes are kept."""
    if "revision" in change.found:
        revisions.make_current(change.cloud, change.found["revision"])
    notes = change.merged().get("properties", {}).get("notes")
    entity = keep(change, {"properties": {"notes": notes}})
    now = change.cloud.clock.now()
    given = change.found.get("readonly", {})
    entity.notes.setdefault("created_at", given.get("createdDateTime") or now)
    entity.notes["updated_at"] = given.get("updatedDateTime") or now
    return entity


def _show(entity: Entity, view: View) -> JSON:
    """It belongs to the API, whichever revision it made current; a list leaves that out."""
    decimals = 7 if view.mode == "put" else 3
    times = {
        name: each if isinstance(each, str) else stamp(each, decimals)
        for name, each in (
            ("createdDateTime", entity.notes["created_at"]),
            ("updatedDateTime", entity.notes["updated_at"]),
        )
    }
    api = {} if view.mode == "list" else {"apiId": entity.id.rsplit("/", 2)[0]}
    properties = {**api, **times, "notes": entity.properties["notes"]}
    return {"id": entity.id, "type": entity.type, "name": entity.name, "properties": properties}


def _events(cloud: Cloud, entity: Entity, what: str) -> None:
    api = entity.id.rsplit("/", 3)[1]
    cloud.events.apim(f"APIRelease{what}", service_of(entity.id), f"/apis/{api}/releases/{entity.name}")


RELEASE = Kind(
    type="Microsoft.ApiManagement/service/apis/releases",
    versions=VERSIONS,
    shape=envelope(Fields({"apiId": TEXT, "notes": TEXT})),
    noun="ApiRelease",
    check=_check,
    write=_write,
    show=_show,
    keeps_etag=True,
    locked_by=api_of,
    events=_events,
    filters=texts("notes"),
    readonly=frozenset({"createdDateTime", "updatedDateTime"}),
)


def _all(cloud: Cloud, _ask: Ask, path: ResourcePath) -> list[Entity]:
    return revisions.all_of(cloud, path.parent)


def _show_revision(entity: Entity, _view: View) -> JSON:
    """One item of the list; the ids leave the service out, and the private URL is what the gateway serves it at."""
    api, current = revisions.service_and_root(entity)[1], bool(entity.properties.get("isCurrent"))
    number = entity.properties["apiRevision"]
    name = f"{api};rev={number}"
    return {
        "id": f"/apis/{name}/revisions/{name}",
        "apiId": f"/apis/{name}",
        "apiRevision": number,
        "createdDateTime": entity.notes["created_at"],
        "updatedDateTime": entity.notes["updated_at"],
        "description": entity.properties.get("apiRevisionDescription"),
        "privateUrl": f"/{entity.properties['path']}" + ("" if current else f";rev={number}"),
        "isOnline": True,
        "isCurrent": current,
    }


def _newest_first(entity: Entity) -> str:
    """The order in which they came, the latest first."""
    age = 10**12 - round(float(entity.notes.get("created", 0.0)) * 1000)
    digits = "".join(letter for letter in str(entity.properties["apiRevision"]) if letter.isdigit())
    return f"{age:013d} {10**9 - int(digits or 0):010d}"


def _with_next_link(body: JSON, _view: View) -> None:
    body.setdefault("nextLink", None)


REVISION = Kind(
    type="Microsoft.ApiManagement/service/apis/revisions",
    versions=VERSIONS,
    shape=envelope(None),
    noun="Api",
    verbs=frozenset({"LIST"}),
    show=_show_revision,
    order=_newest_first,
    find_all=_all,
    listed=_with_next_link,
    filters=texts("apiRevision"),
)
