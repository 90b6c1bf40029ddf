"""Which routes the simulator serves, by name, and which of them a request takes.

PUT Microsoft.ApiManagement/service/apis                       a verb of a kind of resource
LIST Microsoft.CognitiveServices/accounts of a subscription    a list; of a group or a subscription at the top
POST Microsoft.ApiManagement/service/namedValues/listValue     an action
GET …/providers/Microsoft.ApiManagement/deletedservices        a path that is no resource, `*` for any segment
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from simulator.app import KINDS, ROUTES
from simulator.arm import Route
from simulator.ids import ResourcePath, parse
from simulator.kinds import Kind

CONTAINERS = ("/tenants", "/subscriptions", "/subscriptions/*", "/subscriptions/*/resourcegroups")


def inventory() -> list[str]:
    """Every route by name, in order."""
    names = {name for kind in KINDS.values() if kind.modelled for name in _of_kind(kind)}
    names |= {name for route in ROUTES for name in _of_route(route)}
    names |= {f"GET {path}" for path in CONTAINERS}
    return sorted(names, key=lambda name: (name.split(" ", 1)[1].lower(), name))


def count() -> int:
    """How many routes there are."""
    return len(inventory())


def route_of(method: str, url: str) -> str:
    """The route that a request takes; nothing when the simulator has none for it."""
    parts = urlsplit(url)
    path = parse(unquote(parts.path))
    for route in ROUTES:
        asked = not route.query or f"{route.query}=" in parts.query.lower()
        if asked and method in route.methods and route.pattern.fullmatch(path.text):
            return f"{method} {_template(route)}"
    if not path.namespace:
        text = re.sub(r"(?<=/subscriptions/)[^/]+", "*", path.text.lower())
        return f"GET {text}" if text in CONTAINERS else ""
    return _of_resource(method, path)


def _of_resource(method: str, path: ResourcePath) -> str:
    kind = KINDS.get(path.type.lower())
    if method == "POST":
        owner, _, action = path.text.rpartition("/")
        kind = KINDS.get(parse(owner).type.lower())
        known = next((name for name in kind.actions if name.lower() == action.lower()), "") if kind else ""
        return f"POST {kind.type}/{known}" if kind and known else ""
    verb = "LIST" if path.is_collection and method == "GET" else method
    if kind is None or not kind.modelled or verb not in kind.verbs:
        return ""
    if verb == "LIST" and _is_tracked(kind):
        return f"LIST {kind.type} of a {'group' if path.group else 'subscription'}"
    return f"{verb} {kind.type}"


def _of_kind(kind: Kind) -> Iterable[str]:
    for verb in kind.verbs:
        if verb == "LIST" and _is_tracked(kind):
            yield f"LIST {kind.type} of a group"
            yield f"LIST {kind.type} of a subscription"
        else:
            yield f"{verb} {kind.type}"
    for action in kind.actions:
        yield f"POST {kind.type}/{action}"


def _is_tracked(kind: Kind) -> bool:
    """Whether it stands in a resource group and is listed by group and by subscription."""
    return kind.family == "service"


def _of_route(route: Route) -> Iterable[str]:
    for method in route.methods:
        if method != "HEAD" or "GET" not in route.methods:
            yield f"{method} {_template(route)}"


def _template(route: Route) -> str:
    """The path of a route as a person writes it."""
    text = route.pattern.pattern.removeprefix("(?i)").replace("\\.", ".")
    text = re.sub(r"\(\?P<(?:scope|account)>", "(", text).replace("(/subscriptions/[^/]+(?:/.+)?)", "…")
    text = re.sub(r"\(\?P<\w+>(\[\^/\]\+)\)|\[\^/\]\+", "*", text)
    text = re.sub(r"\(\?:(/\*)\)\?", "", text).replace("(", "").replace(")", "").replace(".*", "…")
    text = re.sub(r"^/subscriptions/\*(?:/resourceGroups/\*)?(?=/providers/)", "…", text)
    return text + (f"?{route.query}" if route.query else "")
