"""Who is who in the simulated directory, and since when it is known."""

import uuid
from dataclasses import dataclass, field

from simulator.clock import Clock


@dataclass(frozen=True)
class Caller:
    """Somebody who sends requests."""

    object_id: str
    app_id: str
    name: str = ""

    @property
    def is_person(self) -> bool:
        """Whether this is a user and not an application."""
        return "@" in self.name


SOMEBODY = Caller(  # who changes the world behind everybody's back
    "5a5a5a5a-0000-4000-8000-000000000001", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "somebody@contoso.example"
)
CLIENT = Caller("5a5a5a5a-0000-4000-8000-000000000002", "5a5a5a5a-0000-4000-8000-000000000003")


@dataclass
class Principal:
    """A user, group or service principal."""

    id: str
    type: str = "ServicePrincipal"
    known_from: float = 0.0  # when Authorization gets to know it
    members: frozenset[str] = field(default_factory=frozenset)
    name: str = ""  # what people call it
    app_id: str = ""  # of a service principal: what it signs in with
    upn: str = ""  # of a user: what it signs in with

    def __post_init__(self) -> None:
        """A service principal belongs to an application; one that nobody named has an id made from its own."""
        if self.type == "ServicePrincipal" and not self.app_id:
            self.app_id = str(uuid.uuid5(uuid.NAMESPACE_OID, self.id.lower()))


class Directory:
    """The principals of the tenant; Authorization hears of a new one with a delay (arm-wire 9)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._principals: dict[str, Principal] = {}

    def add(self, principal: Principal) -> None:
        """Create a principal."""
        self._principals[principal.id.lower()] = principal

    def remove(self, id: str) -> None:
        """Delete a principal; its role assignments stay."""
        self._principals.pop(id.lower(), None)

    def has(self, id: str) -> bool:
        """Whether there is such a principal, known to Authorization or not."""
        return id.lower() in self._principals

    def get(self, id: str) -> Principal | None:
        """The principal, known to Authorization or not."""
        return self._principals.get(id.lower())

    def find(self, id: str) -> Principal | None:
        """The principal, if Authorization knows it by now."""
        principal = self._principals.get(id.lower())
        return principal if principal and principal.known_from <= self._clock.seconds() else None

    def everybody(self) -> list[Principal]:
        """All principals, those too that Authorization does not know yet."""
        return list(self._principals.values())

    def application(self, app_id: str, tenant: str) -> Principal:
        """The service principal of an application; an application nobody declared gets one when it signs in."""
        for principal in self._principals.values():
            if principal.type == "ServicePrincipal" and principal.app_id.lower() == app_id.lower():
                return principal
        id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{tenant}/{app_id}".lower()))
        self.add(Principal(id, known_from=self._clock.seconds(), name=app_id.lower(), app_id=app_id.lower()))
        return self._principals[id]

    def groups_of(self, id: str) -> set[str]:
        """The groups a principal is in, directly or through other groups, and itself."""
        found = {id.lower()}
        grew = True
        while grew:
            wider = found | {
                principal.id.lower()
                for principal in self._principals.values()
                if {member.lower() for member in principal.members} & found
            }
            grew = wider != found
            found = wider
        return found
