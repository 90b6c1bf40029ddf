"""How a resource is read: alone, by HEAD, and page by page in a list."""

from urllib.parse import quote, urlsplit

from simulator.cloud import Cloud
from simulator.errors import Refusal, apim, gateway, not_modelled, provider
from simulator.ids import ResourcePath, parse
from simulator.kinds import Kind, View
from simulator.store import Entity
from simulator.wire import JSON, Answer, Ask


def not_found(kind: Kind, path: ResourcePath) -> Refusal:
    """404 for one resource, in the words of its provider."""
    if kind.missing is not None:
        return kind.missing(path)
    if kind.family == "service":
        message = (
            f"The Resource '{kind.type}/{path.name}' under resource group '{path.group}' was not found. "
            "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        )
        return gateway(404, "ResourceNotFound", message)
    if kind.family == "apim":
        return apim(404, "ResourceNotFound", f"{kind.noun} not found.")
    return provider(404, "NotFound", f"Specified resource '{path.text}' cannot be found.")


def shown(kind: Kind, entity: Entity, view: View, path: ResourcePath | None = None) -> JSON:
    """A resource as an answer shows it; its id repeats the casing of the request's group (arm-wire 1.2)."""
    body = kind.show(entity, view)
    if path is not None and path.group and kind.family == "apim":
        mine = parse(entity.id).group
        body["id"] = str(body["id"]).replace(f"/{mine}/", f"/{path.group}/", 1)
    return body


def entity_answer(
    cloud: Cloud, kind: Kind, entity: Entity, view: View, path: ResourcePath, status: int = 200
) -> Answer:
    """The answer that shows one resource."""
    headers = {"ETag": kind.etag_of(cloud, entity)} if kind.has_etag else {}
    return Answer(status, shown(kind, entity, view, path), headers, kind.pretty)


def get(cloud: Cloud, kind: Kind, ask: Ask, path: ResourcePath) -> Answer:
    """One resource."""
    if "export" in ask.query:
        raise not_modelled("the export of an API")
    entity = _find(cloud, kind, path)
    view = View(cloud, "get", ask.version, ask.query.get("format", ""))
    return entity_answer(cloud, kind, entity, view, path)


def head(cloud: Cloud, kind: Kind, ask: Ask, path: ResourcePath) -> Answer:
    """Whether it exists, and its ETag; a 404 has no body (arm-wire 17)."""
    del ask
    try:
        entity = _find(cloud, kind, path)
    except Refusal:
        return Answer(404)
    has_etag = kind.has_etag and kind.head_status == 200  # noqa: PLR2004  # a link's HEAD shows none (recording 17)
    return Answer(kind.head_status, None, {"ETag": kind.etag_of(cloud, entity)} if has_etag else {})


def _find(cloud: Cloud, kind: Kind, path: ResourcePath) -> Entity:
    need_parent(cloud, path)
    entity = cloud.store.get(path.text)
    if entity is None or cloud.clock.seconds() < float(entity.notes.get("readable_from", 0.0)):
        raise not_found(kind, path)
    return entity


def canonical(cloud: Cloud, kind: Kind, path: ResourcePath) -> ResourcePath:
    """The path in Azure's own casing of what it names already; the last name is the caller's."""
    segments = kind.type.split("/")
    if len(path.types) > 1:
        parent = cloud.store.get(path.parent)
        return parse(f"{parent.id if parent else path.parent}/{segments[-1]}/{path.name}")
    scope = path.scope
    group = cloud.group_of(path.text)
    if group is not None:  # the group keeps the caller's casing (arm-wire 1.2)
        rest = scope[len(group.id) :]
        scope = f"/subscriptions/{path.subscription}/resourceGroups/{path.group}{rest}"
    return parse(f"{scope}/providers/{segments[0]}/{segments[1]}/{path.name}")


def need_parent(cloud: Cloud, path: ResourcePath) -> None:
    """A child of something that is missing: API Management names the missing parent."""
    if len(path.names) <= 1 and not path.is_collection:
        return
    steps = [parse(path.parent)]
    while len(steps[0].types) > 1:
        steps.insert(0, parse(steps[0].parent))
    for step in steps:
        if step.types and cloud.store.get(step.text) is None:
            raise not_found(cloud.kinds[step.type.lower()], step)


def list_all(cloud: Cloud, kind: Kind, ask: Ask, path: ResourcePath) -> Answer:
    """A page of a collection."""
    if len(path.types) > 1:
        need_parent(cloud, path)
    found = kind.find_all(cloud, ask, path) if kind.find_all else cloud.store.collection(path.text)
    if kind.family == "apim" and "$filter" in ask.query:
        raise not_modelled("$filter on lists of API Management")
    found = sorted(found, key=kind.order)
    view = View(cloud, "list", ask.version)
    page, following = _page(cloud, kind, ask, found)
    body: JSON = {"value": [shown(kind, entity, view) for entity in page]}
    if kind.paging == "skip":
        body["count"] = len(found)
    if following:
        body["nextLink"] = following
    return Answer(200, body, {}, kind.pretty)


def tracked(cloud: Cloud, ask: Ask, path: ResourcePath) -> list[Entity]:
    """All resources of a type in a subscription or a group."""
    del ask
    prefix = path.scope.lower() + "/"
    return [entity for entity in cloud.store.of_type(path.type) if entity.id.lower().startswith(prefix)]


def _page(cloud: Cloud, kind: Kind, ask: Ask, found: list[Entity]) -> tuple[list[Entity], str]:
    if kind.paging == "none":
        return found, ""
    skip_name = "$skip" if kind.paging == "skip" else "$skiptoken"
    size = _number(ask, "$top", cloud.knobs.page_size, least=1)
    start = _number(ask, skip_name, 0)
    page = found[start : start + size]
    if start + size >= len(found):
        return page, ""
    query = {"$top": ask.query["$top"]} if "$top" in ask.query else {}
    query |= {"api-version": ask.version, skip_name: str(start + size)}
    rest = "&".join(f"{quote(name, safe='-')}={quote(value, safe='-')}" for name, value in query.items())
    return page, f"{_with_port(ask.base)}{quote(ask.path, safe='/;')}?{rest}"


def _with_port(base: str) -> str:
    """Next links spell out the https port (arm-wire 7)."""
    parts = urlsplit(base)
    return base if parts.port or parts.scheme != "https" else f"{base}:443"


def _number(ask: Ask, name: str, otherwise: int, least: int = 0) -> int:
    given = ask.query.get(name)
    if given is None:
        return otherwise
    if not given.isdigit() or int(given) < least:
        raise apim(400, "ValidationError", f"The value '{given}' is not valid for {name}.")
    return int(given)
