"""What the revisions of an API have in common, and which of them a path, a copy or a release is about.

The current revision is kept at `apis/x`, the others at `apis/x;rev=N`; so are the operations, schemas, policies and
tags of each. `apis/x;rev=N` of the current revision is `apis/x` (Azure/azure-sdk-for-go#15178: GET answers so).
"""

from copy import deepcopy
from typing import Any

from simulator.apim.api_body import SHARED, arranged
from simulator.apim.common import api_of, name_in, service_of, split_revision
from simulator.clock import stamp
from simulator.cloud import Cloud
from simulator.errors import apim
from simulator.ids import ResourcePath, key, parse
from simulator.store import Entity

JSON = dict[str, Any]
TYPE = "Microsoft.ApiManagement/service/apis"
_OF_ALL_REVISIONS = {"releases", "revisions", "products", "diagnostics"}  # "API identifier" in the SDK's docstrings


def true_path(cloud: Cloud, path: ResourcePath) -> ResourcePath:
    """The path of what is meant: the current revision has no suffix, and some things belong to all revisions."""
    if len(path.names) < 2:  # noqa: PLR2004
        return path
    root, revision = split_revision(path.names[1])
    if not revision:
        return path
    current = cloud.store.get(f"{path.top}/apis/{root}")
    is_current = current is not None and _number(current).lower() == revision.lower()
    of_all = len(path.types) > 2 and path.types[2].lower() in _OF_ALL_REVISIONS  # noqa: PLR2004
    exists = is_current or cloud.store.get(f"{path.top}/apis/{path.names[1]}") is not None
    return _named(path, root) if is_current or (of_all and exists) else path


def path_of_link(_cloud: Cloud, path: ResourcePath) -> ResourcePath:
    """A product has the API, not a revision (Azure/azure-cli#18758)."""
    if path.is_collection:
        return path
    return parse(f"{path.text.rsplit('/', 1)[0]}/{split_revision(path.name)[0]}")


def _named(path: ResourcePath, name: str) -> ResourcePath:
    parts = path.text.split("/")
    parts[len(path.top.split("/")) + 1] = name
    return parse("/".join(parts))


def root_path(path: ResourcePath) -> ResourcePath:
    """The path of the current revision of the API that a path is about."""
    return _named(path, split_revision(path.names[1])[0])


def _number(api: Entity) -> str:
    return str(api.properties["apiRevision"])


def current_of(cloud: Cloud, api: str) -> Entity | None:
    """The current revision of the API that an id, with or without revision, belongs to."""
    return cloud.store.get(api_of(parse(api)) or api)


def all_of(cloud: Cloud, api: str) -> list[Entity]:
    """Every revision of an API, the current one first."""
    root = key(api_of(parse(api)) or api)
    siblings = cloud.store.collection(root.rsplit("/", 1)[0])
    found = [each for each in siblings if key(each.id).partition(";rev=")[0] == root]
    return sorted(found, key=lambda each: ";rev=" in each.id.lower())


def find(cloud: Cloud, service: str, reference: str) -> Entity | None:
    """The revision that `/apis/x`, `/apis/x;rev=N`, a name or a full id names."""
    name = name_in(service, "apis", reference)
    return cloud.store.get(true_path(cloud, parse(f"{service}/apis/{name}")).text) if name else None


# --- what all revisions share


def shared_of(current: Entity) -> JSON:
    """The properties that are the same in all revisions (.NET SDK's revision test names them; recording 36)."""
    return {name: deepcopy(current.properties[name]) for name in SHARED if name in current.properties}


def need_shared(sent: JSON, current: Entity) -> None:
    """Only the current revision can change what all revisions share (Azure/apiops#285, #436; terraform #18093)."""
    for name, internal in SHARED.items():
        if name in sent and (sent[name] or None) != (current.properties.get(name) or None):
            message = f"Can't change property {internal} for non-current revision "
            raise apim(400, "ValidationError", message)


def spread(cloud: Cloud, current: Entity) -> None:
    """Give all other revisions what they share with the current one; a change is a new ETag (recording 36)."""
    for other in all_of(cloud, current.id)[1:]:
        kept = {name: value for name, value in other.properties.items() if name not in SHARED}
        body = {"properties": arranged(kept | shared_of(current))}
        if body != other.body:
            other.body = body
            touch(cloud, other)


def touch(cloud: Cloud, api: Entity) -> None:
    """A new ETag and time of update."""
    api.etag = cloud.store.next_row()
    api.notes["updated_at"] = stamp(cloud.clock.now(), 3)


# --- copies


def copy_below(cloud: Cloud, source: Entity, target: Entity) -> None:
    """Copy operations, schemas, policies and tags; names stay, schema ids too (.NET SDK's recordings of copies)."""
    for each in reversed(cloud.store.below(source.id)):
        rest = each.id[len(source.id) :]
        if rest.split("/")[1].lower() in _OF_ALL_REVISIONS:
            continue
        copy = Entity(
            target.id + rest, each.type, deepcopy(each.body), cloud.store.next_row(), deepcopy(each.notes)
        )
        cloud.store.put(copy)


# --- releases


def make_current(cloud: Cloud, chosen: Entity) -> None:
    """Let a revision and the current one change places (.NET SDK's recording of a release; Azure/apiops#97)."""
    current = current_of(cloud, chosen.id)
    if current is None or current is chosen:
        return
    root, was = current.id, f"{current.id};rev={_number(current)}"
    common = shared_of(current)
    stays = [each for each in cloud.store.below(root) if _is_of_all(each, root)]
    falling = [current, *(each for each in cloud.store.below(root) if not _is_of_all(each, root))]
    rising = [chosen, *cloud.store.below(chosen.id)]
    rising_from = chosen.id
    cloud.store.remove(root)
    cloud.store.remove(rising_from)
    _settle(cloud, falling, root, was)
    _settle(cloud, rising, rising_from, root)
    for each in stays:
        cloud.store.put(each)
    for api in (chosen, current):
        api.body = {"properties": arranged(api.properties | common, current=api is chosen)}
        touch(cloud, api)


def _is_of_all(entity: Entity, root: str) -> bool:
    return entity.id[len(root) :].split("/")[1].lower() in _OF_ALL_REVISIONS


def _settle(cloud: Cloud, entities: list[Entity], before: str, after: str) -> None:
    for each in entities:
        each.id = after + each.id[len(before) :]
        cloud.store.put(each)


def api_id(revision: Entity) -> str:
    """The id of the API that a revision belongs to."""
    return api_of(parse(revision.id)) or revision.id


def service_and_root(api: Entity) -> tuple[str, str]:
    """The service's id and the API's name without revision, as API Management's events name them."""
    return service_of(api.id), split_revision(api.name)[0]
