"""What the simulated Azure consists of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.access import Access
from simulator.clock import Clock
from simulator.entra import Directory
from simulator.events import Events
from simulator.generated import Ids
from simulator.ids import key, parse
from simulator.knobs import Knobs
from simulator.longrunning import Operations
from simulator.store import Entity, Store
from simulator.throttle import Throttle

if TYPE_CHECKING:
    from simulator.kinds import Kind

JSON = dict[str, Any]


@dataclass
class ResourceGroup:
    """A resource group."""

    id: str
    name: str
    location: str = "eastus"
    tags: dict[str, str] = field(default_factory=dict)
    state: str = "Succeeded"


@dataclass
class SoftDeleted:
    """A deleted resource that can still be restored, with what was inside it."""

    entity: Entity
    below: list[Entity]
    deleted: datetime
    until: float


class Cloud:
    """The state that all requests share."""

    def __init__(self, knobs: Knobs, tenant: str, kinds: "Mapping[str, Kind]") -> None:
        self.knobs = knobs
        self.kinds = kinds
        self.tenant = tenant
        self.clock = Clock(real=knobs.real_time)
        self.ids = Ids(knobs.seed)
        self.store = Store()
        self.directory = Directory(self.clock)
        self.operations = Operations(self.clock)
        self.events = Events(self.clock, self.ids, tenant)
        self.throttle = Throttle(self.clock, on=knobs.throttle)
        self.access = Access()
        self.subscriptions: dict[str, str] = {}  # id in lower case -> display name
        self.groups: dict[str, ResourceGroup] = {}  # by id in lower case
        self.role_definitions: set[str] = set()
        self.documents: dict[str, str] = {}  # the simulator's web: what links find, by URL
        self.soft_deleted: dict[str, SoftDeleted] = {}  # accounts and services by id in lower case
        self.racing_conflicts_left = knobs.racing_conflicts
        self.principal_type_failures_left = knobs.principal_type_failures

    def group_of(self, id: str) -> ResourceGroup | None:
        """The resource group a resource is in."""
        path = parse(id)
        return self.groups.get(key(f"/subscriptions/{path.subscription}/resourceGroups/{path.group}"))

    def need(self, id: str) -> Entity:
        """A resource that must be there by the logic of the caller."""
        found = self.store.get(id)
        if found is None:
            raise LookupError(id)
        return found
