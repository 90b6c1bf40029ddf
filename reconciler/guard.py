"""Which changes are held back, and why: the product's promises, as a list one can read; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reconciler.compare import as_path
from reconciler.memory import GRACE
from reconciler.model import (
    Actual,
    Change,
    Create,
    Delete,
    Desired,
    Held,
    Observed,
    Reason,
    Update,
    kind_of,
    source_of,
)
from reconciler.ownership import mark_of
from reconciler.resource_id import ResourceId
from reconciler.world import World, is_ours
from reconciler.writings import WINDOW, Field, fields, looping, parted


@dataclass(frozen=True, slots=True)
class Situation:
    """What a rule may look at besides the change."""

    desired: Desired
    actual: Actual
    world: World
    wanted: Sequence[Change] = ()


Rule = Callable[[Change, Situation], tuple[Reason, str] | None]


def guard(
    wanted: Sequence[Change], desired: Desired, actual: Actual, world: World
) -> tuple[tuple[Change, ...], tuple[Held, ...]]:
    """The changes that may be done, in their order, and the ones that are held."""
    situation = Situation(desired, actual, world, wanted)
    held: list[Held] = []
    allowed: list[Change] = []
    for change in wanted:
        verdict = next((v for rule in RULES if (v := rule(change, situation)) is not None), None)
        if verdict is None:
            allowed.append(change)
            continue
        stopped, rest = change, None
        if verdict[0] is Reason.DRIFT_LOOP:
            stopped, rest = parted(change, _loops(change, situation))
        held.append(Held(stopped, *verdict))
        allowed += [rest] if rest else []
    return _less_what_is_blocked(allowed, held)


def is_foreign(change: Change, situation: Situation) -> tuple[Reason, str] | None:
    """It has our name and not our mark: somebody else made it, and it stays as it is."""
    if not isinstance(change, Update) or mark_of(change.desired.body) is None:
        return None  # what carries no mark of its own is ours if the API it is in is ours
    if is_ours(change.actual, situation.world.config.owner):
        return None
    mark = change.actual.mark
    if mark is None:
        whose = "carries no mark of ours"
    elif mark.owner != situation.world.config.owner:
        whose = f"is marked by the owner '{mark.owner}', not by '{situation.world.config.owner}'"
    else:
        whose = f"is marked for {mark.source}, which is not what its name says"
    return Reason.FOREIGN, f"{change.id.name} {whose}; rename or remove it, or choose another name in the profile"


def is_renamed(change: Change, situation: Situation) -> tuple[Reason, str] | None:
    """The account has an API under another name: a new one beside it would split its callers."""
    bound = situation.world.bindings.get(source_of(change) or change.id)
    if kind_of(change) != "api" or isinstance(change, Delete) or bound is None or bound == change.id:
        return None
    return (
        Reason.RENAME,
        f"the profile's name template now gives {change.id.name}, but the account's API is {bound.name}; "
        "names are not changed: put the template back",
    )


def takes_a_path(change: Change, situation: Situation) -> tuple[Reason, str] | None:
    """Its path belongs to another API: Azure would refuse it, and callers would be confused."""
    if kind_of(change) != "api" or isinstance(change, Delete):
        return None
    path = as_path(change.desired.body["properties"]["path"])
    if isinstance(change, Update) and _path(change.actual) == path:
        return None  # it has the path already: who else wants it must yield
    for other in situation.actual.values():
        if (
            other.kind == "api"
            and other.id != change.id
            and _path(other) == path
            and _revision_of(other) != change.id
        ):
            return (
                Reason.PATH_TAKEN,
                f"the path '{path}' belongs to the API {other.id.name}; choose another api.path in the profile",
            )
    rivals = (r for r in situation.desired.values() if r.kind == "api" and r.source != change.desired.source)
    first = next((r for r in rivals if as_path(r.body["properties"]["path"]) == path and r.id < change.id), None)
    if first is not None:
        return (
            Reason.PATH_TAKEN,
            f"the path '{path}' is also that of {first.id.name}; {_apart(change, situation)}",
        )
    return None


def _apart(change: Change, situation: Situation) -> str:
    """How to tell two accounts apart that want one path."""
    account = next((a for a in situation.world.inventory.accounts if a.id == source_of(change)), None)
    profile = situation.world.config.profile(account.profile) if account else None
    template = profile.api.path if profile else ""
    missing = next((p for p in ("account", "resourceGroup", "subscription") if f"{{{p}}}" not in template), None)
    if missing is None:
        return "give one of the accounts another profile"
    return f"put {{{missing}}} into the profile's api.path"


def loses_something(change: Change, _situation: Situation) -> tuple[Reason, str] | None:
    """Importing the API from another document would take away what others put there."""
    if not isinstance(change, Update) or not change.loses:
        return None
    document = change.differences[0]
    return (
        Reason.DOCUMENT_CHANGED,
        f"{change.id.name} was made from {document.actual} and the profile now wants {document.desired}; "
        f"to import that would delete {', '.join(change.loses)}; move these, or put the specification back",
    )


def is_off(change: Change, situation: Situation) -> tuple[Reason, str] | None:
    """Deleting is switched off: safety.prune is 'report'."""
    if not isinstance(change, Delete) or situation.world.config.safety.prune == "delete":
        return None
    return Reason.PRUNE_REPORT, f"{change.why}; safety.prune is 'report': not deleted"


def is_unconfirmed(change: Change, situation: Situation) -> tuple[Reason, str] | None:
    """One look may be wrong: a deletion waits for several runs, and for time between them."""
    needed = situation.world.config.safety.confirmations
    if not isinstance(change, Delete) or needed == 1:
        return None
    seen = situation.world.memory.unwanted.get(change.id)
    if seen is not None and situation.world.now and seen.ripe(situation.world.now, needed):
        return None
    times = seen.again(situation.world.now).times if seen and situation.world.now else 1
    minutes = int(GRACE.total_seconds() // 60)
    return (
        Reason.UNCONFIRMED,
        f"{change.why}; seen by {times} of {needed} runs, the first of which must be {minutes} minutes ago",
    )


def goes_too_far(change: Change, situation: Situation) -> tuple[Reason, str] | None:
    """So many accounts at once look like a mistake: somebody's query, permission or allow-list."""
    if not isinstance(change, Delete):
        return None
    owner, safety = situation.world.config.owner, situation.world.config.safety
    managed = {o.mark.source for o in situation.actual.values() if o.kind == "api" and o.mark and is_ours(o, owner)}
    going = {source_of(c) for c in situation.wanted if isinstance(c, Delete) and kind_of(c) == "api"}
    many = len(managed) >= _ENOUGH_FOR_PERCENT
    limit = safety.maxDeletePercent
    too_large = len(going) * 100 > limit * len(managed) if many else limit < 100 and 1 < len(managed) == len(going)  # noqa: PLR2004 - percent
    if source_of(change) not in going or not (too_large or len(going) > safety.maxDeletes):
        return None
    return (
        Reason.TOO_MANY,
        f"{len(going)} of {len(managed)} accounts would leave the gateway at once; if that is meant, raise "
        "safety.maxDeletes and safety.maxDeletePercent for a run",
    )


def is_in_use(change: Change, situation: Situation) -> tuple[Reason, str] | None:
    """Somebody built on the API: their things would go with it."""
    uses = situation.world.uses.get(change.id, ())
    if not isinstance(change, Delete) or not uses:
        return None
    return Reason.IN_USE, f"{change.why}, but {', '.join(uses)}; remove these, or the API, by hand"


def is_a_loop(change: Change, situation: Situation) -> tuple[Reason, str] | None:
    """It was written again and again and is different once more: somebody else writes it too."""
    loops = _loops(change, situation)
    if not loops:
        return None
    written = situation.world.memory.written
    name = "/".join(change.id.names[1:]) or change.id.name
    first, last = min(written[loop][0] for loop in loops), max(written[loop][-1] for loop in loops)
    often = f"{max(len(written[loop]) for loop in loops)} times since {first:%H:%M}"
    if isinstance(change, Create):
        what = f"{name} was made {often} and is gone again: somebody deletes it"
    else:
        paths = ", ".join(loop.path for loop in loops)
        what = f"{paths} of {name} was written {often} and is different again: somebody else writes it too"
    return (
        Reason.DRIFT_LOOP,
        f"{what}; look in its activity log for a second reconciler, an Azure Policy assignment or a pipeline; "
        f"tried again after {last + WINDOW:%H:%M} (UTC)",
    )


def _loops(change: Change, situation: Situation) -> tuple[Field, ...]:
    now, written = situation.world.now, situation.world.memory.written
    return tuple(field for field in fields(change) if looping(written, field, now)) if now else ()


_ENOUGH_FOR_PERCENT = 10
"""Of fewer accounts a percentage says nothing (platform.md §5.4)."""

RULES: tuple[Rule, ...] = (
    is_off,
    is_unconfirmed,
    goes_too_far,
    is_in_use,
    is_renamed,
    is_foreign,
    takes_a_path,
    loses_something,
    is_a_loop,
)


def _less_what_is_blocked(allowed: list[Change], held: list[Held]) -> tuple[tuple[Change, ...], tuple[Held, ...]]:
    """Hold, too, what a held change is needed for: the whole account where its API cannot come to be."""
    stuck: dict[ResourceId, Held] = {
        source: h
        for h in held
        if kind_of(h.change) == "api"
        and h.reason in {Reason.FOREIGN, Reason.PATH_TAKEN, Reason.DRIFT_LOOP, Reason.BLOCKED}
        and (source := source_of(h.change)) is not None
        and (isinstance(h.change, Create) or h.reason is Reason.FOREIGN)
    }
    stays = {source_of(h.change): h for h in held if isinstance(h.change, Delete) and kind_of(h.change) == "api"}
    missing = {h.change.id: h for h in held if isinstance(h.change, Create) or h.reason is Reason.FOREIGN}
    free: list[Change] = []
    blocked: list[Held] = []
    for change in allowed:
        source = source_of(change)
        cause = (stays if isinstance(change, Delete) else stuck).get(source) if source is not None else None
        if cause is None and not isinstance(change, Delete):
            cause = next((missing[need] for need in sorted(change.desired.needs) if need in missing), None)
        if cause is None:
            free.append(change)
        else:
            detail = (
                f"it goes with the {kind_of(cause.change)} {cause.change.id.name}, which is held ({cause.reason})"
            )
            blocked.append(Held(change, Reason.BLOCKED, detail))
            missing[change.id] = blocked[-1]
    if any(kind_of(h.change) == "api" and isinstance(h.change, Create) for h in blocked):
        # What comes before the API in the plan, a role, is of no use without it.
        return _less_what_is_blocked(free, [*held, *blocked])
    return tuple(free), (*held, *blocked)


def _path(observed: Observed) -> object:
    return as_path((observed.body.get("properties") or {}).get("path"))


def _revision_of(observed: Observed) -> ResourceId:
    """The current revision's id for `name;rev=2`: revisions share a path."""
    return replace(observed.id, text=observed.id.text.split(";rev=")[0])
