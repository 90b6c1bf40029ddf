"""What was wanted of each account when all of it stood: what tells drift from news; pure.

A difference is drift, a change that nobody asked for, where we want what we wanted when it last stood. An account
is onboarded when all that is wanted of it stands for the first time, in however many runs that came about.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from reconciler.model import Change, Delete, Desired, Outcome, Plan, Status, canonical_json, source_of
from reconciler.resource_id import ResourceId

Settled = Mapping[ResourceId, str]
"""Account, or what belongs to none -> a hash of what was wanted when all of it stood; '' where that is to come."""


def whose(change: Change) -> ResourceId:
    """The account a change is for, or the resource itself where it belongs to none."""
    return source_of(change) or change.id


def wishes(desired: Desired) -> dict[ResourceId, str]:
    """A hash of all that is wanted of each account, and of each resource that belongs to none."""
    hashes: dict[ResourceId, Any] = {}
    for resource in sorted(desired.values(), key=lambda r: r.id):
        so_far = hashes.setdefault(resource.source or resource.id, hashlib.sha256())
        so_far.update(f"{resource.id.key} {canonical_json(resource.body)}\n".encode("utf-8", "backslashreplace"))
    return {key: so_far.hexdigest()[:12] for key, so_far in hashes.items()}


def unasked(changes: Iterable[Change], before: Settled, desired: Desired) -> tuple[Change, ...]:
    """The changes that nobody asked for: we want just what we wanted `before`, when all of it stood.

    The one definition of drift. Deletions are none, and neither is what never stood.
    """
    found = [change for change in changes if not isinstance(change, Delete)]
    now = wishes(desired) if found else {}
    return tuple(c for c in found if before.get(whose(c)) and before[whose(c)] == now.get(whose(c)))


def settle(
    before: Settled, plan: Plan, outcomes: Iterable[Outcome], desired: Desired, there: Collection[ResourceId]
) -> dict[ResourceId, str]:
    """What has settled after a run that saw what is `there`; what nothing is wanted of any more is forgotten.

    An account of which something failed or is held keeps what it had. One that had nothing is still to come if its
    API was not there; if it was, nobody knows when it came.
    """
    planned = Counter(whose(c) for c in plan.changes if not isinstance(c, Delete))
    applied = Counter(
        whose(o.change) for o in outcomes if o.status is Status.APPLIED and not isinstance(o.change, Delete)
    )
    held = {whose(h.change) for h in plan.held if not isinstance(h.change, Delete)}
    new = {r.source for r in desired.values() if r.kind == "api" and r.id not in there}
    after: dict[ResourceId, str] = {}
    for key, wish in wishes(desired).items():
        if planned[key] == applied[key] and key not in held:
            after[key] = wish
        elif key in before or key in new:
            after[key] = before.get(key, "")
    return after
