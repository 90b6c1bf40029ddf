"""Which gateways an event may concern: Event Grid payload -> wakes; pure.

An event is a hint where to look, never a state to believe: what to do is read from the world. Every event of a
payload is counted once, as

| followed | it wakes gateways |
| own | we wrote it ourselves, on a gateway or a role assignment |
| elsewhere | it is about what the configuration does not name |
| unfollowed | a type or an operation that changes nothing we compare: failures, keys, users, traffic |
| unknown | a type that nobody here follows |
| malformed | no event, or one of a type we follow that names no resource |
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from urllib.parse import unquote, urlsplit

from reconciler.config import Config, Gateway
from reconciler.event_schema import Event, read
from reconciler.resource_id import ResourceId

_ACCOUNTS = "microsoft.cognitiveservices/accounts"
_GATEWAYS = "microsoft.apimanagement/service"
_ROLES = "microsoft.authorization/roleassignments"
_TAGS = "microsoft.resources/tags"

_ACTION = "ResourceActionSuccess"
_OF_RESOURCES = {
    f"microsoft.{topic}.{name}".lower(): name
    for topic, name in (
        ("Resources", "ResourceWriteSuccess"),
        ("Resources", "ResourceDeleteSuccess"),
        ("Resources", _ACTION),
        ("ResourceNotifications.Resources", "CreatedOrUpdated"),
        ("ResourceNotifications.Resources", "Deleted"),
    )
}
"""Resource Manager's own topics (platform.md §1.1, §1.2): type -> what a cause calls it."""
_INSIDE_A_GATEWAY = {
    f"microsoft.apimanagement.{what}{how}".lower(): what + how
    for what in ("API", "APIRelease", "Release", "Product")
    for how in ("Created", "Updated", "Deleted")
}
"""API Management's topic (platform.md §1.3): what of it may change an API, its revision or its products."""
_OF_SETTINGS = {
    "microsoft.storage.blobcreated": "BlobCreated",
    "microsoft.appconfiguration.keyvaluemodified": "KeyValueModified",
    "microsoft.appconfiguration.keyvaluedeleted": "KeyValueDeleted",
}
"""Where the configuration may stand (platform.md §1.4)."""
_UNFOLLOWED = (
    *(
        f"microsoft.resources.resource{verb}{outcome}"
        for verb in ("write", "delete", "action")
        for outcome in ("failure", "cancel")
    ),
    "microsoft.apimanagement.user",
    "microsoft.apimanagement.subscription",
    "microsoft.apimanagement.gateway",  # self-hosted gateways
    "microsoft.apimanagement.circuitbreaker.",
    "microsoft.storage.",
    "microsoft.appconfiguration.",
    "microsoft.eventgrid.subscription",  # the handshake is the host's
)
"""How the types begin that those topics send as well."""
_READS_OR_KEYS = re.compile(r"(list|get|check|validate|connectivitycheck|generate|regenerate|token|send|backup)")
"""How the actions begin (service/backup/action) after which everything we compare is as it was."""
_OURS = re.compile(rf"/providers/({_ACCOUNTS}|{_GATEWAYS}|{_ROLES})(/|$)", re.IGNORECASE)
_ABOVE_SUBSCRIPTIONS = re.compile(
    rf"(/providers/microsoft\.management/managementgroups/[^/]+)?/providers/{_ROLES}/[^/]+", re.IGNORECASE
)
_LONGEST_CAUSE = 512
_LONGEST_TYPE = 128


@dataclass(frozen=True, slots=True)
class Wake:
    """Look at this gateway; `cause` is for people, one line for logs, and carries no state."""

    gateway: ResourceId
    cause: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Where this app's configuration stands; None for a source it does not have."""

    configuration: str | None = None
    """The URL of a blob."""
    app_configuration: str | None = None
    """The endpoint of an App Configuration store."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a payload: each gateway to look at once, and how many of its events were what."""

    wakes: tuple[Wake, ...] = ()
    followed: int = 0
    own: int = 0
    elsewhere: int = 0
    unfollowed: int = 0
    unknown: Mapping[str, int] = field(default_factory=dict)
    """By type, as the event spells it."""
    malformed: int = 0


class _Not(Enum):
    """Why an event wakes nobody."""

    OWN = auto()
    ELSEWHERE = auto()
    UNFOLLOWED = auto()
    UNKNOWN = auto()
    MALFORMED = auto()


_FROM_NOWHERE = Sources()


def heard(payload: Any, config: Config, *, caller: str | None = None, sources: Sources = _FROM_NOWHERE) -> Heard:
    """What one event or a batch says, given as JSON values; `caller` is our own client id. Raises nothing."""
    wakes: dict[ResourceId, Wake] = {}
    unknown: Counter[str] = Counter()
    turned_away: Counter[_Not] = Counter()
    batch = payload if isinstance(payload, list | tuple) else [payload]
    for each in batch:
        event = read(each)
        judged = _judged(event, config, caller, sources) if event else _Not.MALFORMED
        if isinstance(judged, _Not):
            turned_away[judged] += 1
            if judged is _Not.UNKNOWN and event:
                unknown[_line(event.type, _LONGEST_TYPE)] += 1
        else:
            for wake in judged:
                wakes.setdefault(wake.gateway, wake)
    return Heard(
        wakes=tuple(wakes.values()),
        followed=len(batch) - turned_away.total(),
        own=turned_away[_Not.OWN],
        elsewhere=turned_away[_Not.ELSEWHERE],
        unfollowed=turned_away[_Not.UNFOLLOWED],
        unknown=dict(unknown),
        malformed=turned_away[_Not.MALFORMED],
    )


def wakes(payload: Any, config: Config) -> tuple[Wake, ...]:
    """The gateways to look at for one event or a batch, each once; none for what is not ours to follow."""
    return heard(payload, config).wakes


def everything(config: Config, cause: str) -> tuple[Wake, ...]:
    """A wake for every gateway, as the timer gives."""
    return _each(config.gateways, cause)


def _judged(event: Event, config: Config, caller: str | None, sources: Sources) -> tuple[Wake, ...] | _Not:
    kind = event.type.lower()
    if kind in _OF_SETTINGS:
        return _of_settings(event, config, sources)
    if kind in _OF_RESOURCES:
        if _OF_RESOURCES[kind] == _ACTION and _READS_OR_KEYS.match(_action(event)):
            return _Not.UNFOLLOWED
        return _of_resource(event, _OF_RESOURCES[kind], config, caller)
    if kind in _INSIDE_A_GATEWAY:
        return _of_resource(event, _INSIDE_A_GATEWAY[kind], config, caller)
    return _Not.UNFOLLOWED if kind.startswith(_UNFOLLOWED) else _Not.UNKNOWN


def _action(event: Event) -> str:
    """The `listkeys` of Microsoft.CognitiveServices/accounts/listKeys/action; '' where the event does not say."""
    return "".join(event.operation.lower().removesuffix("/action").rsplit("/", 1)[1:])


def _of_settings(event: Event, config: Config, sources: Sources) -> tuple[Wake, ...] | _Not:
    name = _OF_SETTINGS[event.type.lower()]
    try:
        host, path = _place(event.place)
    except ValueError:
        return _Not.MALFORMED
    if not host:
        return _Not.MALFORMED
    if name == "BlobCreated":
        ours = sources.configuration is not None and (host, path) == _place(sources.configuration)
    else:
        ours = sources.app_configuration is not None and host == _place(sources.app_configuration)[0]
    return everything(config, f"event {name} of the configuration") if ours else _Not.ELSEWHERE


def _place(url: str) -> tuple[str, str]:
    """Host and path of a URL as storage compares them: the host without case, the path with it.

    In an account with a hierarchical namespace events tell the other host, `dfs` (Blob Storage's event schema).
    """
    parts = urlsplit(url)
    return (parts.hostname or "").replace(".dfs.", ".blob.", 1), unquote(parts.path)


def _of_resource(event: Event, name: str, config: Config, caller: str | None) -> tuple[Wake, ...] | _Not:
    try:
        about = _resource(event.about)
    except ValueError:
        return _Not.MALFORMED if not event.about or _OURS.search(event.about) else _Not.ELSEWHERE
    if about.type.lower() == _TAGS:  # tags select accounts; whether their edits raise events is not proven
        about = about.scope
    found = _concerned(about, config)
    if isinstance(found, _Not):
        return found
    if name != _ACTION and _is_written_by_us(about) and caller and event.caller.lower() == caller.lower():
        return _Not.OWN
    return _each(found, f"event {name} of {about.type} {about.name}")


def _resource(text: str) -> ResourceId:
    """The id of a resource, or of a role assignment above all subscriptions; ValueError for anything else."""
    return ResourceId(text) if _ABOVE_SUBSCRIPTIONS.fullmatch(text) else ResourceId.parse(text)


def _concerned(about: ResourceId, config: Config) -> Sequence[Gateway] | _Not:
    """The gateways whose desired or actual state the resource may be part of."""
    kind = about.type.lower()
    found: list[Gateway] = []
    if kind in {_ACCOUNTS, f"{_ACCOUNTS}/deployments"}:
        found = [g for g in config.gateways if g.covers(about)]
    elif kind.startswith(f"{_ACCOUNTS}/"):
        return _Not.UNFOLLOWED
    elif _is_or_below_a_gateway(kind):
        found = [g for g in config.gateways if about.within(g.resource_id)]
    elif kind == _ROLES and _ABOVE_SUBSCRIPTIONS.fullmatch(about.text):
        found = list(config.gateways)  # which subscriptions are below, the event does not say
    elif kind == _ROLES and about.scope.type.lower() in {"", _ACCOUNTS}:
        found = [g for g in config.gateways if g.covers(about.scope)]
    return found or _Not.ELSEWHERE


def _is_or_below_a_gateway(kind: str) -> bool:
    return kind == _GATEWAYS or kind.startswith(f"{_GATEWAYS}/")


def _is_written_by_us(about: ResourceId) -> bool:
    """Accounts and model deployments we only read: whoever writes them as us, it is news."""
    kind = about.type.lower()
    return kind == _ROLES or _is_or_below_a_gateway(kind)


def _each(gateways: Sequence[Gateway], cause: str) -> tuple[Wake, ...]:
    return tuple(Wake(gateway.resource_id, _line(cause, _LONGEST_CAUSE)) for gateway in gateways)


def _line(text: str, longest: int) -> str:
    """One line of what can be printed: names in events are what somebody called a resource."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:longest]
