"""What a kind of ARM resource declares, so that one engine can read, compare, order and write all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from graphlib import CycleError, TopologicalSorter

from reconciler.compare import differences
from reconciler.config import Gateway
from reconciler.model import Body, Difference, Observed, Resource
from reconciler.world import World

Compare = Callable[[Body, Body], tuple[Difference, ...]]


class Parent(Enum):
    """What the resources of a kind are in, and so where observe looks for them."""

    ITSELF = auto()
    """The gateway is the resource."""
    GATEWAY = auto()
    API = auto()
    """Every API that carries our mark."""
    PRODUCT = auto()
    """Every product that a profile names."""
    SUBSCRIPTION = auto()
    """Every subscription of the allow-list."""


class Read(Enum):
    """How much reading it takes to see a resource whole."""

    LIST = auto()
    """The list shows all that we compare."""
    LIST_THEN_GET = auto()
    """The list leaves fields out: each one of ours is read (arm-wire.md §15.5)."""
    GET = auto()
    """There is one per parent, with a fixed name."""


class Update(Enum):
    """How a resource that differs is mended."""

    PATCH = auto()
    """Only the differing fields are sent, so what others added beside ours survives."""
    PUT = auto()
    """ARM has no PATCH for it: the whole document is replaced."""
    NEVER = auto()
    """It has nothing to compare: it is there or it is not."""


def same_id(wanted: Resource, observed: Sequence[Observed]) -> Observed | None:
    """The observed resource with the id that we would give it."""
    return next((o for o in observed if o.id == wanted.id), None)


def as_desired(desired: Body, _actual: Body) -> Body:
    """All of it is ours."""
    return desired


def up_to_date(_desired: Body, _actual: Body) -> Difference | None:
    """It is never made anew: single fields are mended."""
    return None


def nothing(
    _world: World, _there: Observed, _brings: Sequence[Resource], _below: Sequence[Observed]
) -> tuple[str, ...]:
    """Nothing is lost."""
    return ()


def nothing_is_left(_world: World, _there: Observed) -> bool:
    """What is there for an account that is served is wanted, or was not ours to judge."""
    return False


def inside_it(_world: World, _there: Observed) -> bool:
    """What is in the gateway belongs to it."""
    return True


def everything(_gateway: Gateway, _service: Body) -> str | None:
    """No filter: the whole list."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of ARM resource: data and pure functions, no I/O."""

    name: str
    """The singular of the collection in kebab case, as in plans: `api-policy`."""
    type: str
    """The ARM type, as in `Microsoft.ApiManagement/service/apis/policies`."""
    parent: Parent
    desire: Callable[[World], Iterable[Resource]]
    after: frozenset[str] = frozenset()
    """Kinds that must exist first; the order of a plan is derived from it."""
    read: Read = Read.LIST
    update: Update = Update.PATCH
    compare: Compare = differences
    """(desired, actual) -> differences in what we declare."""
    compare_deep: Compare | None = None
    """The same for a resource that was read by itself although the list shows most of it (`--deep`)."""
    adapt: Callable[[Body, Body], Body] = as_desired
    """(desired, actual) -> the body to compare and to send, where only a part of a whole property is ours."""
    counterpart: Callable[[Resource, Sequence[Observed]], Observed | None] = same_id
    """Which observed resource already plays the part of the desired one."""
    comes_with: str | None = None
    """The kind whose creation makes these too, as an import makes operations."""
    outdated: Callable[[Body, Body], Difference | None] = up_to_date
    """(desired, actual) -> the difference that only making it anew, in place, can mend."""
    renewed: Callable[[Body, Body], Body] = as_desired
    """(desired, actual) -> the body of the PUT that makes it anew and keeps what others added."""
    lost: Callable[[World, Observed, Sequence[Resource], Sequence[Observed]], tuple[str, ...]] = nothing
    """(world, what is there, what comes with it anew, what is below it) -> what making it anew would lose."""
    filter: Callable[[Gateway, Body], str | None] = everything
    """(gateway, its GET) -> the `$filter` of the list; None: there can be none, do not ask. Deep runs use none."""
    leftover: Callable[[World, Observed], bool] = nothing_is_left
    """Whether one of ours has lost its purpose although its account is served."""
    of_this_gateway: Callable[[World, Observed], bool] = inside_it
    """Whether one of ours belongs to this gateway and to no other of the same owner."""


def in_order(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    """The kinds in their own order, except that each comes after what must exist first; a cycle is named."""
    position = {kind.name: index for index, kind in enumerate(kinds)}
    graph = TopologicalSorter({kind.name: sorted(kind.after) for kind in kinds})
    try:
        graph.prepare()
    except CycleError as error:
        raise ValueError(f"kinds depend on each other in a circle: {' -> '.join(error.args[1])}") from None
    ordered: list[Kind] = []
    ready: list[int] = []
    while graph.is_active():
        ready = sorted([*ready, *(position[name] for name in graph.get_ready())])
        ordered.append(kinds[ready.pop(0)])
        graph.done(ordered[-1].name)
    return tuple(ordered)
