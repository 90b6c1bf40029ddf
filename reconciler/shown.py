"""Which resources `show` shows of a gateway, and as what: desired, or as Azure answered them; pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.kinds import KINDS
from reconciler.kinds.kind import Parent
from reconciler.model import Body, Observed, Update, kind_of, verb
from reconciler.redact import redacted
from reconciler.report import Report, label
from reconciler.resource_id import ResourceId
from reconciler.world import is_ours

_NEAR = 3
_BY_KIND = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Item:
    """A resource with its body, for which account it is, and what the plan says about it."""

    id: ResourceId
    kind: str
    body: Body
    account: ResourceId | None
    ours: bool
    plan: str
    """`in sync`, `create`, `update`, `delete`, `held`; what nothing asks for: `extra`, or `foreign` if not ours."""
    detail: str = ""

    @property
    def name(self) -> str:
        """As it is called in plans."""
        return label(self.id)


def desired(report: Report) -> tuple[Item, ...]:
    """Everything that should be there, in the order of the kinds, as it would be sent now."""
    planned, found = dict(_planned(report)), dict(_counterparts(report))
    items = []
    for resource in report.desired.values():
        there = found.get(resource.id)
        body = _BY_KIND[resource.kind].adapt(resource.body, there.body) if there else resource.body
        plan, detail = planned.get(there.id if there else resource.id, ("in sync", ""))
        items.append(Item(resource.id, resource.kind, body, resource.source, ours=True, plan=plan, detail=detail))
    return tuple(items)


def actual(report: Report) -> tuple[Item, ...]:
    """What is there and ours, or plays the part of something desired; as Azure answered it."""
    return tuple(item for item in everything(report) if item.plan != "foreign")


def everything(report: Report) -> tuple[Item, ...]:
    """Everything that was read, other people's resources included."""
    if report.world is None:
        return ()
    owner = report.world.config.owner
    apis = {o.id for o in report.actual.values() if o.kind == "api" and is_ours(o, owner)}
    planned = dict(_planned(report))
    plays = {there.id: report.desired[id] for id, there in _counterparts(report)}
    items = []
    for observed in report.actual.values():
        wish = plays.get(observed.id)
        ours = is_ours(observed, owner) or any(id in apis for id in _above(observed.id))
        otherwise = "in sync" if wish else "extra" if ours else "foreign"
        plan, detail = planned.get(observed.id, (otherwise, ""))
        account = observed.mark.source if observed.mark else wish.source if wish else None
        items.append(Item(observed.id, observed.kind, observed.body, account, ours=ours, plan=plan, detail=detail))
    return tuple(items)


def named(items: Iterable[Item], wanted: str) -> tuple[Item, ...]:
    """Those with that id, or called that in plans; letter case means nothing."""
    key = wanted.lower().rstrip("/")
    return tuple(item for item in items if key in {item.id.key, item.name.lower()})


def near(items: Sequence[Item], wanted: str) -> list[str]:
    """What somebody who wrote that may have meant."""
    if wanted.startswith("/"):
        there = {item.id.key: item.id.text for item in items}
    else:
        there = {item.name.lower(): item.name for item in items}
        parts = {name.rpartition("/")[2]: full for name, full in there.items()}
        there = {**parts, **there}
    found = difflib.get_close_matches(wanted.lower(), there, n=_NEAR)
    return list(dict.fromkeys(there[name] for name in found))


def document(report: Report, items: Sequence[Item], *, side: str) -> dict[str, Any]:
    """The JSON of one gateway: every body whole, but for secrets."""
    failure = report.failure
    return {
        "gateway": report.gateway.text,
        "error": {"reason": failure.reason, "detail": failure.detail} if failure else None,
        "side": side,
        "resources": [
            {
                "kind": item.kind,
                "id": item.id.text,
                "name": item.name,
                "account": item.account.text if item.account else None,
                "ours": item.ours,
                "plan": item.plan,
                "detail": item.detail,
                "body": redacted(item.body),
            }
            for item in items
        ],
    }


def _planned(report: Report) -> Iterator[tuple[ResourceId, tuple[str, str]]]:
    """What the plan does with each resource, and why it does not; a held change counts less than one to make."""
    plan = report.plan
    if plan is None:
        return
    for held in plan.held:
        yield held.change.id, ("held", f"{verb(held.change)}: {held.reason}: {held.detail}")
    for change in plan.changes:
        differences = change.differences if isinstance(change, Update) else ()
        yield change.id, (verb(change), ", ".join(difference.path for difference in differences))
        for resource in getattr(change, "brings", ()):
            yield resource.id, (verb(change), f"with the {kind_of(change)} {label(change.id)}")


def _counterparts(report: Report) -> Iterator[tuple[ResourceId, Observed]]:
    """Which observed resource plays the part of each desired one; what nothing plays is left out."""
    there: dict[tuple[str, ResourceId | None], list[Observed]] = {}
    for observed in report.actual.values():
        there.setdefault((observed.kind, None), []).append(observed)
        there.setdefault((observed.kind, observed.id.parent), []).append(observed)
    for resource in report.desired.values():
        kind = _BY_KIND[resource.kind]
        within = resource.id.parent if kind.parent is Parent.API else None
        found = kind.counterpart(resource, there.get((kind.name, within), ()))
        if found is not None:
            yield resource.id, found


def _above(id: ResourceId) -> tuple[ResourceId, ...]:
    """What it may be in: an operation in its API, the policy of an operation two steps up."""
    return id.parent, id.parent.parent
