"""What a run found and did, as data: the JSON of contract.md, and the verdicts everything else reads from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler import specs
from reconciler.compare import differences
from reconciler.model import (
    Actual,
    Change,
    Create,
    Delete,
    Desired,
    Difference,
    Notice,
    Outcome,
    Plan,
    Status,
    Update,
    kind_of,
    source_of,
    verb,
)
from reconciler.redact import redacted, without_secrets
from reconciler.resource_id import ResourceId
from reconciler.world import Account, State, World

_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a gateway could not be read."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """One gateway's plan and its outcomes; `outcomes` is None where nothing was to be applied."""

    gateway: ResourceId
    world: World | None = None
    plan: Plan | None = None
    outcomes: tuple[Outcome, ...] | None = None
    failure: Failure | None = None
    desired: Desired = field(default_factory=dict)
    actual: Actual = field(default_factory=dict)
    """What the plan was made from, for `show` and `explain`."""
    remarks: tuple[Notice, ...] = ()
    """What else somebody should know of the run."""

    @property
    def converged(self) -> bool:
        """The world is as desired: everything read, nothing held, nothing left to do."""
        if self.failure or self.plan is None or self.plan.held:
            return False
        applied = [o for o in self.outcomes or () if o.status is Status.APPLIED]
        return len(applied) == len(self.plan.changes)

    @property
    def failed(self) -> bool:
        """Something could not be read, or a change was not made."""
        return self.failure is not None or any(o.status is not Status.APPLIED for o in self.outcomes or ())


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as a person wants to see it; `base_url` is where its models are called, once they can be."""

    account: Account
    state: State
    reason: str
    detail: str
    base_url: str = ""
    api_version: str = ""
    subscription_required: bool = True


def accounts(report: Report) -> Iterator[AccountLine]:
    """The accounts with what this run made of them: one that is held or failed is not onboarded."""
    if report.world is None or report.plan is None:
        return
    served = {s.account.id: s for s in report.world.served()}
    for account in report.world.inventory.accounts:
        line = _setback(report, account)
        if line is not None:
            yield line
            continue
        on = served.get(account.id)
        if on is None:
            yield AccountLine(account, account.state, account.reason, account.detail)
            continue
        if not _is_there(report, on.api):
            yield AccountLine(account, account.state, account.reason, account.detail)
            continue
        gateway_url = (report.world.service.get("properties") or {}).get("gatewayUrl") or ""
        url = f"{gateway_url.rstrip('/')}/{on.path}" if gateway_url else ""
        yield AccountLine(
            account,
            account.state,
            account.reason,
            account.detail,
            url,
            specs.version(report.world.documents.get(on.profile.api.specification, {})),
            on.profile.api.subscriptionRequired,
        )


def _is_there(report: Report, api: ResourceId) -> bool:
    """Whether the API was there, or was made by this run."""
    pending = [c for c in report.plan.changes if isinstance(c, Create) and c.id == api] if report.plan else []
    made = [o for o in report.outcomes or () if o.change.id == api and o.status is Status.APPLIED]
    return not pending or bool(made)


def _setback(report: Report, account: Account) -> AccountLine | None:
    assert report.plan is not None  # noqa: S101 - the only caller has checked
    if account.state is not State.ONBOARDED:
        return None
    for held in report.plan.held:
        if source_of(held.change) == account.id and isinstance(held.change, Create | Update):
            bound = report.world.bindings.get(account.id) if report.world else None
            if bound is None or held.reason != "rename":
                state = State.ONBOARDED if bound else State.WAITING
                return AccountLine(account, state, held.reason, held.detail)
    for outcome in report.outcomes or ():
        if source_of(outcome.change) == account.id and outcome.status is not Status.APPLIED:
            return AccountLine(
                account, State.WAITING, outcome.status, f"{kind_of(outcome.change)}: {outcome.detail}"
            )
    return None


def notices(report: Report) -> Iterator[Notice]:
    """What an operator should know that is neither a change nor held."""
    yield from report.remarks
    for outcome in report.outcomes or ():
        new = isinstance(outcome.change, Create) and outcome.status is Status.APPLIED
        if new and kind_of(outcome.change) == "role-assignment":
            yield Notice(
                "role-assignment-pending",
                source_of(outcome.change) or outcome.change.id,
                "Azure may take up to ten minutes until the new role works; calls may answer 401 until then",
            )


def label(id: ResourceId) -> str:
    """A name that tells a resource from its siblings: `contoso-east-831a41/policy`, without the gateway's."""
    return "/".join(id.names[1:]) or id.name


def verdict(report: Report) -> tuple[str, str]:
    """Where the gateway stands, in a word and in numbers."""
    plan = report.plan
    if plan is None:
        return "not read", report.failure.detail if report.failure else ""
    if report.outcomes is not None:
        statuses = [outcome.status for outcome in report.outcomes]
        did = ", ".join(f"{statuses.count(s)} {s}" for s in Status if s in statuses) or "0 changes"
        state = "converged" if report.converged else "not converged"
        return state, f"{did}; {len(plan.held)} held; {plan.unchanged} unchanged"
    if not plan.changes and not plan.held:
        return "in sync", f"0 changes; {plan.unchanged} unchanged"
    verbs = [verb(change) for change in plan.changes]
    todo = ", ".join(f"{verbs.count(v)} to {v}" for v in ("create", "update", "delete"))
    return "plan", f"{todo}; {len(plan.held)} held; {plan.unchanged} unchanged; digest {plan.digest[:12]}"


def documents(reports: Sequence[Report]) -> dict[str, Any]:
    """The JSON of `plan` and `apply`."""
    return {"gateways": [document(report) for report in reports]}


def document(report: Report) -> dict[str, Any]:
    """The JSON of one gateway (contract.md); no value and no sentence in it has a secret."""
    plan, failure = report.plan or Plan(), report.failure
    answer: dict[str, Any] = {
        "gateway": report.gateway.text,
        "error": {"reason": failure.reason, "detail": without_secrets(failure.detail)} if failure else None,
        "digest": plan.digest,
        "converged": report.converged,
        "unchanged": plan.unchanged,
        "accounts": [_account(line) for line in accounts(report)],
        "changes": [_change(change) for change in plan.changes],
        "held": [
            {**_change(h.change), "reason": str(h.reason), "detail": without_secrets(h.detail)} for h in plan.held
        ],
        "warnings": [
            {"reason": n.reason, "id": n.id.text, "detail": without_secrets(n.detail)} for n in notices(report)
        ],
    }
    if report.outcomes is not None:
        answer["outcomes"] = [
            {
                "id": outcome.change.id.text,
                "change": verb(outcome.change),
                "kind": kind_of(outcome.change),
                "status": str(outcome.status),
                "detail": without_secrets(outcome.detail),
                "seconds": round(outcome.seconds, 3),
            }
            for outcome in report.outcomes
        ]
    return answer


def sides(change: Change) -> tuple[tuple[str, Any, Any], ...]:
    """The fields that a change is about, each as path, actual, desired: secrets replaced, long texts cut."""
    flagged = not isinstance(change, Delete) and (change.desired.body.get("properties") or {}).get("secret") is True
    return tuple((d.path, *shown(d, secret=flagged and d.path == "properties.value")) for d in declared(change))


def shown(difference: Difference, *, secret: bool = False) -> tuple[Any, Any]:
    """The two sides of a difference, fit to be seen."""
    path = f"{difference.path}.secret" if secret else difference.path
    return _fit(redacted(difference.actual, path)), _fit(redacted(difference.desired, path))


def _account(line: AccountLine) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": line.account.id.text,
        "state": str(line.state),
        "reason": str(line.reason),
        "detail": without_secrets(line.detail),
    }
    if line.account.deployments:
        answer["modelDeployments"] = [
            {"name": d.name, "model": d.model, "version": d.version, "sku": d.sku, "ready": d.ready, "why": d.why}
            for d in line.account.deployments
        ]
    if line.base_url:
        answer |= {"baseUrl": line.base_url, "apiVersion": line.api_version}
    return answer


def declared(change: Change) -> tuple[Difference, ...]:
    """The fields that a change is about: all that a creation declares, what differs for an update."""
    match change:
        case Create():
            return differences(change.desired.body, {})
        case Update():
            return change.differences
        case Delete():
            return ()


def _change(change: Change) -> dict[str, Any]:
    answer: dict[str, Any] = {"change": verb(change), "kind": kind_of(change), "id": change.id.text}
    answer["differences"] = [
        {"path": path, "actual": actual, "desired": desired} for path, actual, desired in sides(change)
    ]
    if isinstance(change, Create | Update) and change.brings:
        answer["brings"] = [resource.id.text for resource in change.brings]
    return answer


def _fit(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[:_LONGEST] + f"… ({len(value):,} characters)"
    return value
