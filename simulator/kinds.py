"""What one kind of Azure resource declares, and what everything that works with kinds sees of it.

A kind is data and a few small functions; the one engine that reads, writes, lists and deletes is arm.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.bodies import Fields
from simulator.cloud import Cloud
from simulator.entra import Caller
from simulator.errors import JSON, Refusal
from simulator.fast_json import copied
from simulator.ids import ResourcePath
from simulator.longrunning import Operation
from simulator.odata_filter import Usage
from simulator.store import Entity
from simulator.wire import Answer, Ask

Verb = Literal["GET", "HEAD", "PUT", "PATCH", "DELETE", "LIST"]
ALL: frozenset[Verb] = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE", "LIST"})
NO_HEAD = ALL - {"HEAD"}


def _says_true(query: Mapping[str, str], name: str) -> bool:
    asked = {each.lower(): value.lower() for each, value in query.items()}
    return asked.get(name.lower()) == "true"


@dataclass
class Change:
    """A write that is being done to one resource."""

    cloud: Cloud
    kind: "Kind"
    path: ResourcePath
    verb: str
    sent: JSON  # the body as sent
    before: Entity | None
    version: str
    caller: Caller
    base: str = "https://management.azure.com"
    query: Mapping[str, str] = field(default_factory=dict)
    quiet: bool = False  # behind everybody's back: nothing is locked, nothing takes time
    found: JSON = field(default_factory=dict)  # what `check` worked out for `write`

    @property
    def id(self) -> str:
        """The id the resource keeps: as first written."""
        return self.before.id if self.before else self.path.text

    @property
    def properties(self) -> JSON:
        """The properties as sent."""
        found: JSON = self.sent.get("properties") or {}
        return found

    def asks_for(self, name: str) -> bool:
        """Whether the query says `name=true`."""
        return _says_true(self.query, name)

    def merged(self) -> JSON:
        """The whole body this write asks for: as sent, or for a PATCH laid over what is there."""
        if self.verb != "PATCH" or self.before is None:
            whole: JSON = copied(self.sent)
            return whole
        merged: JSON = copied(self.before.body)
        for name, value in copied(self.sent).items():
            if name == "properties":
                merged["properties"] = self._laid_over(merged.get("properties", {}), value)
            elif name == "sku" and isinstance(merged.get(name), dict):
                merged[name] |= value
            else:
                merged[name] = value
        return merged

    def _laid_over(self, old: JSON, new: JSON) -> JSON:
        deep = self.cloud.knobs.patch_merge == "deep"
        result = dict(old)
        for name, value in new.items():
            both = isinstance(value, dict) and isinstance(old.get(name), dict)
            result[name] = self._laid_over(old[name], value) if deep and both else value
        return result


@dataclass(frozen=True)
class View:
    """How somebody looks at a resource."""

    cloud: Cloud
    mode: Literal["get", "list", "put"]
    version: str
    format: str = ""
    query: Mapping[str, str] = field(default_factory=dict)

    def asks_for(self, name: str) -> bool:
        """Whether the query says `name=true`."""
        return _says_true(self.query, name)


@dataclass(frozen=True)
class Later:
    """A write that Azure accepts now and does later."""

    seconds: float
    operation_id: str
    finish: Callable[[], None]
    answer: Callable[[Operation, bool], Answer]  # (operation, whether it creates) -> the first answer
    undo: Callable[[], None] | None = None  # what to do when it fails
    deletes: bool = False
    lingers: float = 0.0  # how long the resource stays locked after the end
    locks: str = ""  # the id that is locked, if not that of the resource
    style: str = ""  # how its polls are answered

    def code_of(self, *, created: bool) -> int:
        """The final status at its Location (arm-wire 3.2)."""
        if self.deletes:
            return 204
        return 201 if created else 200


Action = Callable[[Cloud, Ask, Entity], Answer]  # what a POST below a resource does


def accept(change: Change) -> None:
    """No further check."""
    del change


def delete_freely(cloud: Cloud, entity: Entity) -> None:
    """Nothing keeps it from being deleted."""
    del cloud, entity


def as_stored(entity: Entity, view: View) -> JSON:
    """Id, type, name, properties: the order of API Management's children (arm-wire 1.2)."""
    del view
    return {"id": entity.id, "type": entity.type, "name": entity.name, **copied(entity.body)}


def fill_nothing(change: Change) -> JSON:
    """The body as asked for, without defaults."""
    return change.merged()


def order_by_name(entity: Entity) -> str:
    """Lists are in the order of names."""
    return entity.name.lower()


def order_by_display_name(entity: Entity) -> str:
    """Lists of API Management are in the order of display names, whatever their case (recording 37)."""
    return str(entity.properties.get("displayName") or entity.name).lower()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of resource."""

    type: str
    versions: tuple[str, ...]
    shape: Fields
    patch_shape: Fields | None = None  # where a PATCH takes other fields than a PUT
    noun: str = ""  # as in "Product not found."
    nouns: Mapping[str, str] = field(default_factory=dict)  # the noun where an api-version has another one
    verbs: frozenset[Verb] = ALL
    family: Literal["apim", "service", "provider"] = "apim"
    pretty: bool = True
    has_etag: bool = True
    names: str = r"^[^*#&+:<>?/]+$"
    name_limit: int = 80
    fill: Callable[[Change], JSON] = fill_nothing
    check: Callable[[Change], None] = accept
    write: Callable[[Change], Entity] | None = None  # in place of: fill, keep
    later: Callable[[Change], Later | None] = lambda _change: None
    show: Callable[[Entity, View], JSON] = as_stored
    order: Callable[[Entity], str] = order_by_name
    keeps_etag: bool | None = True  # whether an equal PUT keeps the ETag; None: see the knob
    new_etag: Callable[[Cloud], str] = lambda cloud: cloud.store.next_row()
    etag_of: Callable[[Cloud, Entity], str] = lambda _cloud, entity: entity.etag
    check_delete: Callable[[Change], None] = accept  # as `check`; sees what was asked
    before_delete: Callable[[Cloud, Entity], None] = delete_freely
    after_delete: Callable[[Cloud, Entity], None] = delete_freely
    delete_later: Callable[[Change], Later | None] = lambda _change: None
    delete_answers: Callable[[Entity, View], JSON | None] = lambda _entity, _view: None
    missing: Callable[[ResourcePath], Refusal] | None = None
    locked_by: Callable[[ResourcePath], str | None] = lambda _path: None  # the id whose operation locks it
    events: Callable[[Cloud, Entity, str], None] = lambda _cloud, _entity, _what: None  # beside ARM's own
    head_status: int = 200
    created_status: int = 201
    put_again_status: Callable[[Cloud], int] = lambda _cloud: 200
    readonly: frozenset[str] = frozenset()  # properties that only Azure sets; a world may
    prepare: Callable[[JSON], None] | None = None  # turns what a GET showed into what a PUT may send
    linked: Callable[[Change], list[tuple[str, str]]] = lambda _change: []  # (action, id) that a body needs
    find_all: Callable[[Cloud, Ask, ResourcePath], list[Entity]] | None = None  # in place of: the collection
    offered: Callable[[Cloud, ResourcePath], None] = lambda _cloud, _path: None  # refuses what a tier has not
    listed: Callable[[JSON, View], None] = lambda _body, _view: None  # last changes to the answer to a LIST
    find_one: Callable[[Cloud, ResourcePath], Entity | None] | None = None  # in place of: the store, by id
    modelled: bool = True  # False: known by name only, everything about it is 501
    paging: Literal["skip", "token", "none"] = "skip"
    filters: Mapping[str, Usage] | None = None  # what $filter may name; None: this list knows no $filter
    own_filter: bool = False  # whether find_all reads $filter itself
    not_modelled_queries: frozenset[str] = frozenset()  # of a list
    true_path: Callable[[Cloud, ResourcePath], ResourcePath] | None = (
        None  # of what is meant, at or below this kind
    )
    before_child: Callable[[Cloud, Entity], None] = (
        delete_freely  # refuses a write of anything inside this resource
    )
    put_headers: Callable[[Entity, bool], dict[str, str]] = lambda _entity, _created: {}  # of a PUT done at once
    export: Action | None = None  # GET …?export=true, in place of the resource
    actions: Mapping[str, Action] = field(default_factory=dict)  # POST …/{resource}/{name}, names as documented
    unmodelled_actions: frozenset[str] = frozenset()  # further ones that Azure has, in lower case


def registry(kinds: list[Kind]) -> dict[str, Kind]:
    """Kinds by their type in lower case."""
    return {kind.type.lower(): kind for kind in kinds}
