"""How a resource is read: alone, by HEAD, and page by page in a list."""

import re
from urllib.parse import quote, urlsplit

from simulator.asked import need_known_queries
from simulator.cloud import Cloud
from simulator.errors import Refusal, apim, gateway, invalid, not_modelled, provider
from simulator.ids import ResourcePath, parse
from simulator.kinds import Kind, View
from simulator.odata_filter import FilterError, read_filter
from simulator.store import Entity
from simulator.wire import JSON, Answer, Ask


def not_found(kind: Kind, path: ResourcePath, version: str = "") -> Refusal:
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
        return apim(404, "ResourceNotFound", f"{kind.nouns.get(version, kind.noun)} not found.")
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
    if kind.export is not None and ask.query.get("export", "").lower() == "true":
        return kind.export(cloud, ask, need(cloud, kind, path, ask.version))
    entity = need(cloud, kind, path, ask.version)
    view = View(cloud, "get", ask.version, ask.query.get("format", ""))
    return entity_answer(cloud, kind, entity, view, path)


def head(cloud: Cloud, kind: Kind, ask: Ask, path: ResourcePath) -> Answer:
    """Whether it exists, and its ETag; a 404 has no body (arm-wire 17)."""
    del ask
    try:
        entity = need(cloud, kind, path)
    except Refusal:
        return Answer(404)
    has_etag = kind.has_etag and kind.head_status == 200  # noqa: PLR2004  # a link's HEAD shows none (recording 17)
    return Answer(kind.head_status, None, {"ETag": kind.etag_of(cloud, entity)} if has_etag else {})


def need(cloud: Cloud, kind: Kind, path: ResourcePath, version: str = "") -> Entity:
    """The resource, or 404 in the words of its provider."""
    need_parent(cloud, path)
    entity = stored(cloud, kind, path)
    if entity is None or cloud.clock.seconds() < float(entity.notes.get("readable_from", 0.0)):
        raise not_found(kind, path, version)
    return entity


def stored(cloud: Cloud, kind: Kind, path: ResourcePath) -> Entity | None:
    """What is kept of a resource, or nothing."""
    return kind.find_one(cloud, path) if kind.find_one else cloud.store.get(path.text)


def true_path(cloud: Cloud, path: ResourcePath) -> ResourcePath:
    """The path of what is meant, where one resource has several names."""
    for depth in range(1, len(path.types) + 1):
        kind = cloud.kinds.get("/".join((path.namespace, *path.types[:depth])).lower())
        if kind is not None and kind.true_path is not None:
            return kind.true_path(cloud, path)
    return path


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
    view = View(cloud, "list", ask.version, query=ask.query)
    _need_known(kind, ask)
    if not kind.own_filter:
        found = _filtered(kind, ask, found, view)
    found = sorted(found, key=kind.order)
    page, following = _page(cloud, kind, ask, found)
    body: JSON = {"value": [shown(kind, entity, view) for entity in page]}
    if kind.paging == "skip":
        body["count"] = len(found)
    if following:
        body["nextLink"] = following
    kind.listed(body, view)
    return Answer(200, body, {}, kind.pretty)


def _need_known(kind: Kind, ask: Ask) -> None:
    unknown = sorted(kind.not_modelled_queries & set(ask.query))
    if unknown:
        raise not_modelled(f"the query parameter '{unknown[0]}' of this list")
    paging = {"skip": {"$top", "$skip"}, "token": {"$top", "$skiptoken"}, "none": set[str]()}[kind.paging]
    need_known_queries(ask, {"$filter", *paging})


def _filtered(kind: Kind, ask: Ask, found: list[Entity], view: View) -> list[Entity]:
    """Those that `$filter` keeps; what an item has is what GET shows of it."""
    text = ask.query.get("$filter", "").strip()
    if not text:
        return found
    if kind.filters is None:
        raise not_modelled(f"$filter on lists of {kind.type}")
    try:
        keeps = read_filter(text, kind.filters)
    except FilterError as mistake:
        raise invalid(("$filter", f"Invalid filter clause specified: {mistake}.")) from mistake
    alone = View(view.cloud, "get", view.version)
    return [entity for entity in found if keeps(_fields_of(kind.show(entity, alone)))]


def _fields_of(item: JSON) -> JSON:
    return {**item, **(item.get("properties") or {}), "name": item.get("name")}


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
    query: dict[str, str] = {name: ask.query[name] for name in ("$top", "$filter") if name in ask.query}
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
    if not re.fullmatch("[0-9]{1,9}", given) or int(given) < least:
        raise apim(400, "ValidationError", f"The value '{given}' is not valid for {name}.")
    return int(given)
