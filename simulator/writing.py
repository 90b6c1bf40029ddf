"""How a resource is created, updated and deleted, at once or by a long-running operation."""

import json
import re
from collections.abc import Callable

from simulator.bodies import Fields, problems, with_numbers
from simulator.cloud import Cloud
from simulator.errors import Refusal, apim, gateway, invalid, provider
from simulator.ids import ResourcePath, key
from simulator.kinds import Change, Kind, Later, View
from simulator.longrunning import Operation
from simulator.reading import canonical, entity_answer, need_parent, not_found, stored
from simulator.regions import REGIONS, is_region
from simulator.store import Entity
from simulator.wire import Answer, Ask


def put(cloud: Cloud, kind: Kind, ask: Ask, path: ResourcePath) -> Answer:
    """Create or replace."""
    return _change(cloud, kind, ask, path, "PUT")


def patch(cloud: Cloud, kind: Kind, ask: Ask, path: ResourcePath) -> Answer:
    """Update what the body names."""
    need_parent(cloud, path)
    if cloud.store.get(path.text) is None:
        raise not_found(kind, path, ask.version)
    return _change(cloud, kind, ask, path, "PATCH")


def _change(cloud: Cloud, kind: Kind, ask: Ask, path: ResourcePath, verb: str) -> Answer:
    over = cloud.store.get(path.text) if verb == "PATCH" else None
    body = read_body(kind, ask, verb, over.body if over else None, deep=cloud.knobs.patch_merge == "deep")
    need_parent(cloud, path)
    before = stored(cloud, kind, path)
    path = canonical(cloud, kind, path)
    change = Change(cloud, kind, path, verb, body, before, ask.version, ask.caller, ask.base, ask.query)
    _need_links(change)
    check_name(kind, path)
    _need_free(cloud, kind, path)
    _need_match(cloud, kind, before, ask, verb)
    check(change)
    later = kind.later(change)
    created = before is None
    announce = _announcement(change, ask, "write", created=created)
    if later is not None:
        return _start(change, later, announce, created=created)
    entity = write(change)
    announce()
    view = View(cloud, "put", ask.version)
    status = kind.created_status if created else kind.put_again_status(cloud)
    answer = entity_answer(cloud, kind, entity, view, path, status)
    if verb == "PUT":
        answer.headers |= kind.put_headers(entity, created)
    return answer


def read_body(kind: Kind, ask: Ask, verb: str, over: object, *, deep: bool) -> dict[str, object]:
    """The body, if Azure accepts it; that of a PATCH is laid over what is there."""
    if ask.unreadable:
        message = f"The request content was invalid and could not be deserialized: '{ask.unreadable}'."
        raise gateway(400, "InvalidRequestContent", message)
    shape = kind.patch_shape if verb == "PATCH" and kind.patch_shape else kind.shape
    body = with_numbers(shape, ask.body) if ask.body is not None else {}
    wrong = list(problems(shape, body, over=over, deep=deep))
    inner = kind.shape.named.get("properties")
    if verb == "PUT" and isinstance(inner, Fields) and isinstance(body, dict) and "properties" not in body:
        wrong += problems(inner, {}, "properties")
    if wrong and kind.family == "apim":
        raise invalid(*((each.path, each.message) for each in wrong))
    if wrong:
        first = wrong[0]
        message = (
            "The request content was invalid and could not be deserialized: "
            f"'{first.message} Path '{first.path}'.'."
        )
        raise gateway(400, "InvalidRequestContent", message)
    found: dict[str, object] = body
    return found


def check(change: Change) -> None:
    """Refuse a body whose id, name or type is another resource's, and what the kind itself refuses."""
    for field, expected in (("name", change.path.name), ("id", change.path.text), ("type", change.kind.type)):
        given = change.sent.get(field)
        if given is not None and str(given).lower() != expected.lower():
            message = f"The request has a {field} '{given}' that is not that of the resource '{expected}'."
            raise gateway(400, "InvalidRequestContent", message)
    _need_region(change)
    change.kind.check(change)


def _need_region(change: Change) -> None:
    """Resource Manager knows where each type is offered (reported in these words: azure-rest-api-specs#8347)."""
    location = change.sent.get("location")
    if change.kind.family == "service" and location and not is_region(location):
        message = (
            f"The provided location '{location}' is not available for resource type '{change.kind.type}'. "
            f"List of available regions for the resource type is '{','.join(REGIONS)}'."
        )
        raise gateway(400, "LocationNotAvailableForResourceType", message)


def write(change: Change) -> Entity:
    """Do what the change asks for, now."""
    if change.kind.write is not None:
        return change.kind.write(change)
    return keep(change, change.kind.fill(change))


def keep(change: Change, body: dict[str, object]) -> Entity:
    """Keep a filled body; an equal one may keep its ETag (recordings 06, 29; arm-wire 5.2)."""
    cloud, kind, before = change.cloud, change.kind, change.before
    before = cloud.store.get(change.path.text) or before
    if before is not None:
        keeps = cloud.knobs.same_put_etag == "kept" if kind.keeps_etag is None else kind.keeps_etag
        same = json.dumps(before.body, sort_keys=True) == json.dumps(body, sort_keys=True)
        before.body = body
        if not (same and keeps):
            before.etag = kind.new_etag(cloud)
        entity = before
    else:
        entity = Entity(change.path.text, kind.type, body, kind.new_etag(cloud))
        entity.notes["created"] = cloud.clock.seconds()
        cloud.store.put(entity)
    kind.events(cloud, entity, "Updated" if before is not None else "Created")
    return entity


def _start(change: Change, later: Later, announce: Callable[[], None], *, created: bool) -> Answer:
    cloud = change.cloud
    at_once = cloud.knobs.events_when == "accepted"
    due = cloud.clock.seconds() + later.seconds
    operation = Operation(
        later.operation_id,
        key(later.locks or change.id),
        due,
        later.finish,
        later.code_of(created=created),
        cloud.clock.now(),
        unlock=due + later.lingers,
        on_success=None if at_once else announce,
        on_failure=later.undo,
        kind=later.style,
    )
    if at_once:
        announce()
    cloud.operations.start(operation)
    return later.answer(operation, created)


def delete(cloud: Cloud, kind: Kind, ask: Ask, path: ResourcePath) -> Answer:
    """Delete; what is missing already answers 204 (recording 11)."""
    need_parent(cloud, path)
    entity = stored(cloud, kind, path)
    if entity is None:
        _need_no_operation(cloud, kind, path)  # what is being made is not missing
        return Answer(204, bare=True)
    change = Change(cloud, kind, path, "DELETE", {}, entity, ask.version, ask.caller, ask.base, ask.query)
    _need_free(cloud, kind, path)
    _need_match(cloud, kind, entity, ask, "DELETE")
    kind.check_delete(change)
    kind.before_delete(cloud, entity)
    later = kind.delete_later(change)
    announce = _announcement(change, ask, "delete", created=False)
    if later is not None:
        return _start(change, later, announce, created=False)
    body = kind.delete_answers(entity, View(cloud, "get", ask.version))
    remove(cloud, kind, entity)
    announce()
    return Answer(200, body, {}, kind.pretty)


def remove(cloud: Cloud, kind: Kind, entity: Entity) -> None:
    """Take a resource and everything below it out of the world."""
    below = cloud.store.below(entity.id)
    cloud.store.remove(entity.id)
    entity.notes["below"] = below
    if cloud.knobs.orphaned_roles == "kept":
        for each in below:
            if each.type == "Microsoft.Authorization/roleAssignments":
                cloud.store.put(each)
    kind.after_delete(cloud, entity)
    kind.events(cloud, entity, "Deleted")


def _announcement(change: Change, ask: Ask, verb: str, *, created: bool) -> Callable[[], None]:
    """Resource Manager's event; only updates and deletions tell of the request (platform 1.1)."""
    http = None if created else {"method": change.verb, "url": ask.base + ask.full_path}
    return lambda: change.cloud.events.resource(verb, change.id, change.kind.type, ask.caller, http)


def _need_links(change: Change) -> None:
    action = f"{change.kind.type}/write"
    for linked_action, linked in change.kind.linked(change):
        change.cloud.access.require_linked(change.caller, action, change.path.text, linked_action, linked)


def check_name(kind: Kind, path: ResourcePath) -> None:
    """Refuse a name that no resource of this kind can have."""
    if re.search(kind.names, path.name) and len(path.name) <= kind.name_limit:
        return
    message = f"Resource name '{path.name}' must match {kind.names} and have at most {kind.name_limit} characters."
    raise invalid(("name", message)) if kind.family == "apim" else provider(400, "InvalidResourceName", message)


def _need_free(cloud: Cloud, kind: Kind, path: ResourcePath) -> None:
    """Refuse a write while the service or the API is not ready for it, or because others write, too."""
    top = cloud.store.get(path.top) if len(path.types) > 1 else None
    if top is not None:
        cloud.kinds[key(top.type)].before_child(cloud, top)
    _need_no_operation(cloud, kind, path)
    if kind.family == "apim" and cloud.racing_conflicts_left > 0:
        cloud.racing_conflicts_left -= 1
        raise stale()


def _need_no_operation(cloud: Cloud, kind: Kind, path: ResourcePath) -> None:
    """409 while an operation on the API is under way, or shortly after (arm-wire 11)."""
    locked = kind.locked_by(path)
    if locked and cloud.operations.locking(locked):
        raise apim(409, cloud.knobs.lock_code, "Operation on the API is in progress")


def _need_match(cloud: Cloud, kind: Kind, before: Entity | None, ask: Ask, verb: str) -> None:
    """`*` does not mean must-exist on a PUT (recording 28); an exact ETag must be the current one (arm-wire 11)."""
    if not kind.has_etag:
        return
    if ask.if_match is None:
        if cloud.knobs.if_match_required and verb in {"PATCH", "DELETE"} and kind.family == "apim":
            raise apim(400, "ValidationError", "The If-Match header is required.")
        return
    wanted = [each.strip().removeprefix("W/") for each in ask.if_match.split(",")]
    if "*" in wanted:
        return
    if before is None or kind.etag_of(cloud, before) not in wanted:
        raise stale()


def stale() -> Refusal:
    """412 as API Management words it (arm-wire 11)."""
    body = {"error": {"code": "PreconditionFailed", "message": "Resource was modified since last retrieval."}}
    return Refusal(412, body)
