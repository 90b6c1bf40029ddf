"""What Resource Manager itself decides, before and around the resource providers.

Its checks in order: token, api-version, subscription, permission, type and version, resource group, the resource
at the top (service or account). Only then is the provider asked.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator import containers
from simulator.asked import need_known_conditions, need_known_queries
from simulator.cloud import Cloud
from simulator.errors import Refusal, gateway, not_modelled
from simulator.ids import ResourcePath, key, parse
from simulator.kinds import Kind
from simulator.locks import need_unlocked
from simulator.places import misplaced, no_such_type, stands_right
from simulator.reading import get, head, list_all, need, true_path
from simulator.regions import REGIONS
from simulator.signin import need_audience
from simulator.throttle import bucket_of
from simulator.wire import Answer, Ask
from simulator.writing import delete, patch, put

_TAIL = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


@dataclass(frozen=True)
class Route:
    """A path that is no resource: polls of long-running operations."""

    pattern: re.Pattern[str]
    answer: Callable[[Cloud, Ask, re.Match[str]], Answer]
    action: str = ""  # what a role must allow; nothing for URLs that carry their own signature
    query: str = ""  # only with this query parameter
    methods: frozenset[str] = frozenset({"GET", "HEAD"})
    versions: tuple[str, ...] = ()  # api-versions it has; none: any
    outlives: bool = False  # answers although the resource it is below is gone
    queries: frozenset[str] = frozenset()  # the `$…` parameters it takes


class Arm:
    """Resource Manager: finds out what a request is about and has it done."""

    def __init__(self, cloud: Cloud, routes: list[Route]) -> None:
        self.cloud = cloud
        self.kinds: Mapping[str, Kind] = cloud.kinds
        self._routes = routes
        self._namespaces = {kind.split("/")[0] for kind in cloud.kinds}

    def serve(self, ask: Ask) -> Answer:
        """Answer a request, or refuse it."""
        self.cloud.operations.settle()
        if ask.token is None:
            raise _no_token(self.cloud.tenant, ask.scheme)
        need_audience(ask)
        if not ask.version:
            message = "The api-version query parameter (?api-version=) is required for all requests."
            raise gateway(400, "MissingApiVersionParameter", message)
        need_known_conditions(ask)
        path = true_path(self.cloud, parse(ask.path))
        self._need_subscription(path)
        left = self._count(ask, path)
        try:
            answer = self._route(ask, path) or self._resource(ask, path)
        except Refusal as refusal:
            if left and "x-ms-failure-cause" not in refusal.headers:  # recordings 03 and 10
                refusal.headers.setdefault(*left)
            raise
        if left:
            answer.headers.setdefault(*left)
        return answer

    def _count(self, ask: Ask, path: ResourcePath) -> tuple[str, str] | None:
        if not path.subscription:
            return None
        left = self.cloud.throttle.count(ask.method, ask.caller.object_id, path.subscription, path.namespace)
        return f"x-ms-ratelimit-remaining-subscription-global-{bucket_of(ask.method)}", left

    def _need_subscription(self, path: ResourcePath) -> None:
        if path.subscription and path.subscription.lower() not in self.cloud.subscriptions:
            message = f"The subscription '{path.subscription}' could not be found."
            raise gateway(404, "SubscriptionNotFound", message)

    def _route(self, ask: Ask, path: ResourcePath) -> Answer | None:
        if not path.types:
            containers.need_version(ask.version)
        for route in self._routes:
            found = route.pattern.fullmatch(path.text)
            asked = not route.query or route.query in ask.query
            if found is not None and asked and ask.method in route.methods:
                if route.action:
                    names = {"verb": _TAIL.get(ask.method, "action"), **found.groupdict()}
                    self.cloud.access.require(ask.caller, route.action.format(**names), path.text)
                if route.versions and ask.version not in route.versions:
                    raise self._unsupported(path, ask.version, route.versions)
                if not route.outlives:
                    self._need_top(path)
                need_known_queries(ask, route.queries)
                return route.answer(self.cloud, ask, found)
        if not path.namespace:
            if action := containers.action_of(path):
                self.cloud.access.require(ask.caller, action, path.text)
            need_known_queries(ask)
            return containers.serve(self.cloud, ask, path)
        return None

    def _resource(self, ask: Ask, path: ResourcePath) -> Answer:
        if ask.method == "POST":
            return self._action(ask, path)
        kind = self.kinds.get(path.type.lower())
        action = f"{kind.type if kind else path.type}/{_TAIL.get(ask.method, 'action')}"
        self.cloud.access.require(ask.caller, action, path.text)
        kind = self._known(kind, path, ask.version)
        self._need_group(path, ask.method)
        verb = "LIST" if path.is_collection and ask.method == "GET" else ask.method
        if verb not in kind.verbs or (path.is_collection and verb != "LIST" and kind.modelled):
            raise _wrong_verb(kind, ask.method)
        is_top = key(path.top) == key(path.text) or not path.top
        if not is_top or verb not in {"PUT", "DELETE", "LIST"}:
            self._need_top(path)
        kind.offered(self.cloud, path)
        if verb != "LIST":
            need_known_queries(ask)
        need_unlocked(self.cloud, ask.method, path.text)
        match verb:
            case "LIST":
                return list_all(self.cloud, kind, ask, path)
            case "GET":
                return get(self.cloud, kind, ask, path)
            case "HEAD":
                return head(self.cloud, kind, ask, path)
            case "PUT":
                return put(self.cloud, kind, ask, path)
            case "PATCH":
                return patch(self.cloud, kind, ask, path)
            case _:
                return delete(self.cloud, kind, ask, path)

    def _action(self, ask: Ask, path: ResourcePath) -> Answer:
        """A POST: the last segment of the path is no collection but something to do with a resource."""
        if self._is_unmodelled(path):
            return self._unmodelled_action(ask, path, path)
        if not path.is_collection:
            raise _wrong_verb(self._known(self.kinds.get(path.type.lower()), path, ask.version), "POST")
        text, _, wanted = path.text.rpartition("/")
        owner = parse(text)
        kind = self._known(self.kinds.get(owner.type.lower()), owner, ask.version)
        if not kind.modelled or wanted.lower() in kind.unmodelled_actions:
            return self._unmodelled_action(ask, path, owner)
        name = next((each for each in kind.actions if each.lower() == wanted.lower()), None)
        if name is None:
            raise _wrong_verb(kind, "POST")
        self.cloud.access.require(ask.caller, f"{kind.type}/{name}/action", owner.text)
        self._need_group(owner)
        self._need_top(owner)
        need_known_queries(ask)
        need_unlocked(self.cloud, "POST", owner.text)
        kind.offered(self.cloud, owner)
        answer = kind.actions[name](self.cloud, ask, need(self.cloud, kind, owner, ask.version))
        self.cloud.events.action(name, owner.text, kind.type, ask.caller, ask.base + ask.full_path)
        return answer

    def _is_unmodelled(self, path: ResourcePath) -> bool:
        kind = self.kinds.get(path.type.lower()) or self._unmodelled_above(path)
        return kind is not None and not kind.modelled

    def _unmodelled_action(self, ask: Ask, path: ResourcePath, owner: ResourcePath) -> Answer:
        """A POST that Azure would do, after the checks that come before it."""
        self.cloud.access.require(ask.caller, f"{path.type}/action", owner.text)
        kind = self._known(self.kinds.get(owner.type.lower()), owner, ask.version)
        self._need_group(owner)
        self._need_top(owner)
        kind.offered(self.cloud, owner)
        raise not_modelled(f"'{path.text.rpartition('/')[2]}' of {kind.type}")

    def _known(self, kind: Kind | None, path: ResourcePath, version: str) -> Kind:
        if path.namespace.lower() not in self._namespaces:
            message = f"The resource namespace '{path.namespace}' is invalid."
            raise gateway(404, "InvalidResourceNamespace", message)
        kind = kind or self._unmodelled_above(path)
        if kind is None:
            raise no_such_type(path, version)
        if not stands_right(self.kinds, path):
            raise misplaced(path, version)
        if version not in kind.versions:
            raise self._unsupported(path, version, kind.versions)
        return kind

    def _unmodelled_above(self, path: ResourcePath) -> Kind | None:
        """What is known by name only takes what is inside it with it."""
        above = ("/".join((path.namespace, *path.types[:depth])).lower() for depth in range(1, len(path.types)))
        found = (self.kinds.get(type) for type in above)
        return next((kind for kind in found if kind is not None and not kind.modelled), None)

    def _unsupported(self, path: ResourcePath, version: str, versions: tuple[str, ...]) -> Refusal:
        """An api-version that a type does not have; reported in these words for any string (azure-cli#28496)."""
        group = self.cloud.group_of(path.text)
        message = (
            f"No registered resource provider found for location '{group.location if group else 'eastus'}' and "
            f"API version '{version}' for type '{'/'.join(path.types)}'. The supported api-versions are "
            f"'{', '.join(versions)}'. The supported locations are '{', '.join(REGIONS)}'."
        )
        return gateway(400, "NoRegisteredProviderFound", message)

    def _need_group(self, path: ResourcePath, method: str = "GET") -> None:
        group = self.cloud.group_of(path.text)
        if path.group and group is None:
            raise gateway(404, "ResourceGroupNotFound", f"Resource group '{path.group}' could not be found.")
        if group is not None and method in {"PUT", "PATCH"}:
            containers.need_usable(group)

    def _need_top(self, path: ResourcePath) -> None:
        """The front door answers for what is gone, and for its children (recordings 03, 22, 25)."""
        if not path.top or parse(path.top).type.lower() not in self.kinds or self.cloud.store.get(path.top):
            return
        top = parse(path.top)
        kind = self.kinds[top.type.lower()]
        if kind.family != "service":
            return  # an extension below a subscription or group
        message = (
            f"The Resource '{kind.type}/{top.name}' under resource group '{path.group}' was not found. "
            "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        )
        raise gateway(404, "ResourceNotFound", message)


def _wrong_verb(kind: Kind, method: str) -> Refusal:
    """405 with a body that is not Resource Manager's (recording 17)."""
    allowed = ",".join(verb for verb in ("GET", "HEAD", "PUT", "PATCH", "DELETE") if verb in kind.verbs)
    body = {"Message": f"The requested resource does not support http method '{method}'."}
    return Refusal(405, body, {"Allow": allowed})


def _no_token(tenant: str, scheme: str) -> Refusal:
    """Nothing, or something that is no bearer token (reported: azure-sdk-for-python#4124)."""
    code, wrong = "AuthenticationFailed", "is missing"
    if scheme:
        code, wrong = "AuthenticationFailedInvalidHeader", "is provided in an invalid format"
    message = f"Authentication failed. The 'Authorization' header {wrong}."
    challenge = f'Bearer authorization_uri="https://login.microsoftonline.com/{tenant}", error="invalid_token"'
    return gateway(401, code, message, {"WWW-Authenticate": challenge})
