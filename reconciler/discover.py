"""Which accounts there are for a gateway, with their model deployments; reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from reconciler import select
from reconciler.arm import Arm
from reconciler.clouds import Cloud
from reconciler.config import Config, Gateway
from reconciler.errors import NotFound
from reconciler.model import Document
from reconciler.resource_id import ResourceId
from reconciler.world import Account, Inventory

_ACCOUNTS = "Microsoft.CognitiveServices/accounts"


def discover(arm: Arm, config: Config, gateway: Gateway, cloud: Cloud) -> Inventory:
    """The accounts that the lists of the allow-list's subscriptions show.

    A list that cannot be read whole raises: a partial discovery must never look like accounts that are gone.
    """
    subscriptions = sorted({rule.subscription.lower() for rule in gateway.accounts})
    lists = arm.each(lambda s: arm.members(ResourceId(f"/subscriptions/{s}"), _ACCOUNTS), subscriptions)
    documents = {document.id: document for page in lists for document in page}
    accounts = arm.each(lambda d: _account(arm, d, config, gateway, cloud), documents.values())
    return _inventory(account for account in accounts if account is not None)


def completed(
    arm: Arm, config: Config, gateway: Gateway, listed: Inventory, marked: Collection[ResourceId]
) -> Inventory:
    """The inventory with the accounts that something of ours is marked with and no list shows.

    Each of them is asked for directly, and only a 404 makes it gone.
    """
    missing = sorted(set(marked) - {account.id for account in listed.accounts})
    answers = dict(zip(missing, arm.each(arm.get, missing), strict=True))
    there = [select.unlisted(answer, config, gateway) for answer in answers.values() if answer is not None]
    gone = frozenset(account for account, answer in answers.items() if answer is None)
    return _inventory((*listed.accounts, *there), gone)


def _inventory(accounts: Iterable[Account], gone: frozenset[ResourceId] = frozenset()) -> Inventory:
    return Inventory(accounts=tuple(sorted(accounts, key=lambda a: a.id)), gone=gone)


def _account(arm: Arm, document: Document, config: Config, gateway: Gateway, cloud: Cloud) -> Account | None:
    """The account judged; None where it went away between two reads."""
    out = select.turned_away(document, config, gateway)
    if out is not None:
        return out
    try:
        deployments = arm.members(document.id, f"{_ACCOUNTS}/deployments")
    except NotFound:
        return None
    return select.judged(document, deployments, gateway, cloud)
