"""Which accounts and model deployments somebody means who asks `explain` for a name or an id; pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.report import Report
from reconciler.resource_id import ResourceId
from reconciler.world import Account

_NEAR = 3
_ACCOUNT = "microsoft.cognitiveservices/accounts"


@dataclass(frozen=True, slots=True)
class Subject:
    """What was asked for: an account, and of its model deployments all or the one that was named."""

    account: ResourceId
    deployment: str = ""


def subjects(reports: Sequence[Report], name: str) -> tuple[Subject, ...]:
    """What has that name at any of the gateways; raises ValueError for what looks like an id and is none."""
    if name.startswith("/"):
        return tuple(_by_id(reports, ResourceId.parse(name.rstrip("/"))))
    wanted = name.lower()
    found: dict[ResourceId, Subject] = {}
    for id in sorted(_known(reports)):
        if id.name.lower() == wanted:
            found[id] = Subject(id)
    for account in _accounts(reports):
        for deployment in account.deployments:
            if wanted in {deployment.name.lower(), f"{account.id.name}/{deployment.name}".lower()}:
                found.setdefault(account.id, Subject(account.id, deployment.name))
        if not account.deployments and wanted.partition("/")[0] == account.id.name.lower():
            found.setdefault(account.id, Subject(account.id))  # of an account that is excluded they are not read
    return tuple(found.values())


def near(reports: Sequence[Report], name: str) -> list[str]:
    """What somebody who wrote that may have meant."""
    if name.startswith("/"):
        there = {id.key: id.text for id in _known(reports)}
    else:
        pairs = [(account.id.name, d.name) for account in _accounts(reports) for d in account.deployments]
        there = {deployment.lower(): f"{account}/{deployment}" for account, deployment in pairs}
        there |= {f"{account}/{deployment}".lower(): f"{account}/{deployment}" for account, deployment in pairs}
        there |= {id.name.lower(): id.name for id in _known(reports)}
    found = difflib.get_close_matches(name.lower(), there, n=_NEAR)
    return list(dict.fromkeys(there[key] for key in found))


def _by_id(reports: Sequence[Report], id: ResourceId) -> Iterator[Subject]:
    kind = id.type.lower()
    account = id.parent if kind == f"{_ACCOUNT}/deployments" else id
    if account.type.lower() != _ACCOUNT:
        raise ValueError(
            f"'{id}' is neither an account nor a model deployment of one; it is {id.type or 'a scope'}"
        )
    covered = any(
        rule.subscription.lower() == account.subscription.lower()
        for report in reports
        if report.world is not None
        for rule in report.world.gateway.accounts
    )
    known = next((each for each in _known(reports) if each == account), None)
    if known is None and covered:
        return  # the lists that should show it do not
    if account is id:
        yield Subject(known or account)
        return
    seen = [a for a in _accounts(reports) if a.id == account]
    names = {d.name.lower(): d.name for a in seen for d in a.deployments}
    if not names or id.name.lower() in names:
        yield Subject(known or account, names.get(id.name.lower(), ""))


def _known(reports: Sequence[Report]) -> list[ResourceId]:
    """Every account that was seen, or that something of ours is for."""
    worlds = [report.world for report in reports if report.world is not None]
    ids = [a.id for world in worlds for a in world.inventory.accounts]
    ids += [id for world in worlds for id in (*world.inventory.gone, *world.bindings)]
    return list(dict.fromkeys(ids))


def _accounts(reports: Sequence[Report]) -> Iterator[Account]:
    for report in reports:
        if report.world is not None:
            yield from report.world.inventory.accounts
