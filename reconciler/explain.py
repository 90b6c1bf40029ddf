"""Why an account or a model deployment is, or is not, on a gateway; pure.

Everything is read off the report of a dry run, and off the record of the last run that was kept, if one was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconciler.asked import Subject
from reconciler.config import AccountRule, Gateway
from reconciler.model import Change, Held, source_of
from reconciler.report import AccountLine, Report, accounts, label
from reconciler.resource_id import ResourceId
from reconciler.select import PROFILE_TAG, selects
from reconciler.world import Account, ModelDeployment, Served, State, World

_STATES = {State.ONBOARDED: "ready", State.WAITING: "waiting", State.EXCLUDED: "excluded"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule of the allow-list says of the account: `why` it does not select it, or nothing."""

    number: int
    rule: AccountRule
    why: str


@dataclass(frozen=True, slots=True)
class LastRun:
    """What the last recorded run found and did for the account."""

    run: str
    at: str
    state: str
    detail: str
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that is known of an account at one gateway."""

    subject: Subject
    summary: str
    state: str
    """`ready`, `waiting`, `excluded`, `gone` or `unseen`."""
    reason: str = ""
    detail: str = ""
    discovered: str
    verdicts: tuple[Verdict, ...] = ()
    profile: str = ""
    profile_why: str = ""
    deployments: tuple[ModelDeployment, ...] = ()
    served: Served | None = None
    there: bool = False
    base_url: str = ""
    changes: tuple[Change, ...] = ()
    held: tuple[Held, ...] = ()
    last: LastRun | None = None


def explain(report: Report, subject: Subject, status: Mapping[str, Any], run: Mapping[str, Any]) -> Explanation:
    """What is known at a gateway that could be read; `status` and `run` are the records of its last run."""
    world, plan = report.world, report.plan
    assert world is not None and plan is not None  # noqa: S101, PT018 - the caller has looked for a failure
    last = _last(subject.account, status, run, world)
    line = next((line for line in accounts(report) if line.account.id == subject.account), None)
    changes = tuple(c for c in plan.changes if source_of(c) == subject.account)
    held = tuple(h for h in plan.held if source_of(h.change) == subject.account)
    if line is None:
        return replace(_unseen(world, subject), changes=changes, held=held, last=last)
    account, state = line.account, _STATES[line.state]
    deployments = tuple(d for d in account.deployments if subject.deployment in {"", d.name})
    profile, why = _profile(world, account)
    chosen = world.config.profile(profile) is not None
    bound = world.bindings.get(account.id)
    served = world.serve(replace(account, profile=profile), bound) if chosen else None
    there = bound is not None
    return Explanation(
        subject=subject,
        summary=_summary(line, subject, report.gateway.name, deployments, pending=len(changes), there=there),
        state=state,
        reason=str(line.reason),
        detail=line.detail,
        discovered=(
            "a read by its id finds it, the list of its subscription does not"
            if account.reason == "not-listed"
            else f"it is in the list of the subscription {account.id.subscription}"
        ),
        verdicts=tuple(_verdicts(world.gateway, account.id, account.tags)),
        profile=profile,
        profile_why=why,
        deployments=deployments,
        served=served if state != "excluded" or bound else None,
        there=there,
        base_url=line.base_url,
        changes=changes,
        held=held,
        last=last,
    )


def _unseen(world: World, subject: Subject) -> Explanation:
    """The account is in no list: gone, or never the gateway's to see."""
    id, gateway = subject.account, world.gateway.resource_id.name
    verdicts = tuple(_verdicts(world.gateway, id, None))
    if id in world.inventory.gone:
        said = "it is in no list, and a read by its id answers that it is not there"
        return Explanation(
            subject=subject,
            summary=f"{id.name} is gone, and something for it is left on {gateway}",
            state="gone",
            discovered=said,
            verdicts=verdicts,
            there=id in world.bindings,
        )
    subscriptions = sorted({rule.subscription.lower() for rule in world.gateway.accounts})
    listed = id.subscription.lower() in subscriptions
    said = (
        f"not seen: the list of the subscription {id.subscription} does not show it"
        if listed
        else f"not seen: its subscription {id.subscription} is in no rule of the allow-list, "
        f"which has {', '.join(subscriptions)}"
    )
    return Explanation(
        subject=subject,
        summary=f"{id.name} is not on {gateway}: it was not seen",
        state="unseen",
        discovered=said,
        verdicts=verdicts,
    )


def _verdicts(gateway: Gateway, account: ResourceId, tags: Mapping[str, str] | None) -> Iterator[Verdict]:
    """Each rule in turn; without `tags`, which nobody has read, only the place is judged."""
    for number, rule in enumerate(gateway.accounts, 1):
        if rule.subscription.lower() != account.subscription.lower():
            why = f"it is for the subscription {rule.subscription}"
        elif not rule.covers(account):
            why = f"the resource group {account.resource_group} matches none of {', '.join(rule.resourceGroups)}"
        elif tags is not None and not selects(rule, account, tags):
            has = {name: tags[name.lower()] for name in rule.tags if name.lower() in tags}
            wanted = ", ".join(f"{name}={value}" for name, value in sorted(rule.tags.items()))
            why = f"it wants the tag {wanted}; the account has " + (
                ", ".join(f"{name}={value}" for name, value in sorted(has.items())) or "no such tag"
            )
        else:
            why = ""
        yield Verdict(number, rule, why)


def _profile(world: World, account: Account) -> tuple[str, str]:
    """The profile's name, and whose word it is."""
    tagged = account.tags.get(PROFILE_TAG)
    if tagged:
        return tagged, f"the account's tag {PROFILE_TAG}"
    return world.gateway.profile, "the gateway's default"


def _summary(
    line: AccountLine,
    subject: Subject,
    gateway: str,
    deployments: Sequence[ModelDeployment],
    *,
    pending: int,
    there: bool,
) -> str:
    """The answer in a sentence."""
    name = line.account.id.name
    if subject.deployment:
        name = f"{name}/{subject.deployment}"
        unready = next((d for d in deployments if not d.ready), None)
        if unready is not None:
            return f"{name} cannot be called through {gateway}: {unready.why}"
    why = f"{line.reason}: {line.detail}"
    if there and line.state is State.ONBOARDED:
        more = f"; {_pending(pending)}" if pending else ""
        return f"{name} is on {gateway}" + (more or ("" if line.reason == "ready" else f", but {why}"))
    if there:
        return f"{name} has its API on {gateway}, but {why}"
    if line.state is State.ONBOARDED:
        return f"{name} is not on {gateway} yet: {_pending(pending)}"
    return f"{name} is not on {gateway}: {why}"


def _pending(changes: int) -> str:
    return "1 change is pending" if changes == 1 else f"{changes} changes are pending"


def _last(account: ResourceId, status: Mapping[str, Any], run: Mapping[str, Any], world: World) -> LastRun | None:
    """What the records say of the account; they may have been written by another version."""
    if not status:
        return None
    line = next((a for a in status.get("accounts") or () if ResourceId(str(a.get("id"))) == account), None)
    error = status.get("error") or {}
    if error:
        state, detail = "unread", f"{error.get('reason')}: {error.get('detail')}"
    elif line is not None:
        state, detail = str(line.get("state")), f"{line.get('reason')}: {line.get('detail')}"
    else:
        state, detail = "unseen", "the account was not seen"
    api = world.bindings.get(account)
    report = run.get("report") or {}
    outcomes = [
        f"{o.get('change')} {o.get('kind')} {label(id)}: {o.get('status')}"
        + (f": {d}" if (d := o.get("detail")) else "")
        for o in report.get("outcomes") or ()
        if _concerns(id := ResourceId(str(o.get("id"))), account, api)
    ]
    return LastRun(str(status.get("lastRun")), str(status.get("lastRunAt")), state, detail, tuple(outcomes))


def _concerns(id: ResourceId, account: ResourceId, api: ResourceId | None) -> bool:
    """Whether a resource is on the account, is its API or in it, or has the API's name in its own."""
    return id.within(account) or (
        api is not None and (id.within(api) or id.name.lower().startswith(api.name.lower()))
    )
