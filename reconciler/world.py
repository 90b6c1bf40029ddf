"""All that a kind may look at when it says what it desires: configuration, gateway, accounts, bindings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from reconciler import names
from reconciler.config import Config, Gateway, Profile
from reconciler.errors import GatewayError
from reconciler.memory import Memory
from reconciler.model import Actual, Body, Mark, Observed, Unknown
from reconciler.resource_id import ResourceId

PRINCIPAL = Unknown("gateway principalId")
"""The principal of a system-assigned identity that is still off."""


Signature = tuple[object, object]
"""Method and template of an operation, as they route a call."""


class State(StrEnum):
    """What an account is to a gateway: on it, waiting for something, or not selected."""

    ONBOARDED = "onboarded"
    WAITING = "waiting"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class ModelDeployment:
    """A model that an account serves; `ready` says whether the API can be called with it, `why` if not."""

    name: str
    model: str
    version: str
    sku: str
    capacity: int | None
    ready: bool
    why: str = ""
    capabilities: frozenset[str] = frozenset()
    """What the model can do, in Azure's words: `chatCompletion`, `embeddings`, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An Azure OpenAI or AI Services account, and what it is to the gateway."""

    id: ResourceId
    location: str
    state: State
    reason: str
    detail: str
    endpoint: str = ""
    """`https://<host>` without a slash at the end; empty where the account has none that can be used."""
    deployments: tuple[ModelDeployment, ...] = ()
    profile: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The accounts that discovery saw, and those of ours that are gone (a GET answered 404)."""

    accounts: tuple[Account, ...]
    gone: frozenset[ResourceId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An account that has, or shall have, an API on the gateway, with the names of what belongs to it."""

    account: Account
    profile: Profile
    api: ResourceId
    backend: ResourceId
    path: str
    named: ResourceId | None = None
    """The id that the names were made from, where the account has another one now."""

    def mark(self, owner: str, spec: str | None = None) -> Mark:
        """The mark of what belongs to the account."""
        return Mark(owner, self.account.id, spec, self.named)

    @property
    def url(self) -> str:
        """Where requests go: the account's endpoint with /openai (desired-state.md §1.1)."""
        return f"{self.account.endpoint}/openai"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The input of every kind's `desire`."""

    config: Config
    gateway: Gateway
    service: Body
    """The gateway's own GET."""
    inventory: Inventory
    bindings: Mapping[ResourceId, ResourceId] = field(default_factory=dict)
    """Account -> the API that is bound to it by its mark."""
    name_givers: Mapping[ResourceId, ResourceId] = field(default_factory=dict)
    """API -> the account id that its name was made from, which an account leaves behind when it moves."""
    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The OpenAPI documents by name, as in `azure-openai/2024-10-21`."""
    offered: Mapping[ResourceId, frozenset[Signature]] = field(default_factory=dict)
    """What each API offers now, as method and template."""
    memory: Memory = field(default_factory=Memory)
    now: datetime | None = None
    """When this run began, by the time of day; only what is to be deleted depends on it."""
    uses: Mapping[ResourceId, tuple[str, ...]] = field(default_factory=dict)
    """What others built on an API that is to go, in words."""
    deep: bool = False
    """Whether each resource was read by itself, so that more of it can be compared."""

    @property
    def principal(self) -> str | Unknown:
        """The object id of the identity that the gateway calls models with."""
        return principal_of(self.gateway, self.service)

    def served(self) -> Iterator[Served]:
        """Ready accounts, and waiting ones that already have an API: what exists is maintained."""
        for account in self.inventory.accounts:
            bound = self.bindings.get(account.id)
            if account.state is State.ONBOARDED or (account.state is State.WAITING and bound and account.endpoint):
                yield self.serve(account, bound)

    def serve(self, account: Account, bound: ResourceId | None = None) -> Served:
        """The names for an account: those of the API it is bound to, else those of the template."""
        profile = self.config.profile(account.profile) or Profile()
        gateway = self.gateway.resource_id
        giver = self._name_giver(account)
        api = bound or gateway.child("apis", names.api_name(profile.api.name, giver, account.location))
        return Served(
            account=account,
            named=None if giver == account.id else giver,
            profile=profile,
            api=api,
            backend=gateway.child("backends", names.backend_name(api.name)),
            path=names.api_path(profile.api.path, giver, account.location),
        )

    def _name_giver(self, account: Account) -> ResourceId:
        """The id that the account's names are made from: where it moved, the one it had, so that callers stay."""
        bound = self.bindings.get(account.id)
        return account.id if bound is None else self.name_givers.get(bound, account.id)


def principal_of(gateway: Gateway, service: Body) -> str | Unknown:
    """The principal of the configured identity; `PRINCIPAL` where it is system-assigned and still off.

    Raises GatewayError where the gateway does not have the identity and we may not switch it on.
    """
    identity = service.get("identity") or {}
    if gateway.identity == "system":
        principal = identity.get("principalId")
        if "systemassigned" in str(identity.get("type", "")).lower() and principal:
            return str(principal)
        if gateway.enableIdentity:
            return PRINCIPAL
        raise GatewayError(
            "identity-off",
            f"the gateway {gateway.resource_id.name} has no system-assigned identity and enableIdentity is false; "
            "set enableIdentity: true, or name the client id of a user-assigned identity as identity",
        )
    for attached in (identity.get("userAssignedIdentities") or {}).values():
        attached = attached or {}  # noqa: PLW2901 - Azure may answer null
        if str(attached.get("clientId", "")).lower() == gateway.identity.lower() and attached.get("principalId"):
            return str(attached["principalId"])
    raise GatewayError(
        "identity-missing",
        f"the gateway {gateway.resource_id.name} has no user-assigned identity with client id {gateway.identity}; "
        "attach it to the gateway, or mend identity in the configuration",
    )


def bindings(actual: Actual, owner: str, inventory: Inventory) -> dict[ResourceId, ResourceId]:
    """Account -> API, read from the marks of APIs that are ours; of two the shorter name, then the first.

    An account that moved has another id and the same endpoint, which no other account can have: the API of the id
    that is gone is its own (desired-state.md §6.3).
    """
    bound: dict[ResourceId, ResourceId] = {}
    left: dict[str, ResourceId] = {}
    ours = [(o.mark.source, o) for o in actual.values() if o.kind == "api" and is_ours(o, owner) and o.mark]
    for source, api in sorted(ours, key=lambda pair: (len(pair[1].id.name), pair[1].id)):
        bound.setdefault(source, api.id)
        url = (api.body.get("properties") or {}).get("serviceUrl")
        if source in inventory.gone and url:
            left.setdefault(str(url).lower().removesuffix("/openai"), api.id)
    for account in inventory.accounts:
        if account.endpoint in left:
            bound.setdefault(account.id, left[account.endpoint])
    return bound


def name_givers(actual: Actual, owner: str) -> dict[ResourceId, ResourceId]:
    """API -> the account id that its name was made from."""
    return {
        o.id: o.mark.named or o.mark.source
        for o in actual.values()
        if o.kind == "api" and o.mark and is_ours(o, owner)
    }


def specifications(config: Config, inventory: Inventory) -> frozenset[str]:
    """The OpenAPI documents that the accounts' profiles name."""
    profiles = (config.profile(account.profile) for account in inventory.accounts if account.profile)
    return frozenset(profile.api.specification for profile in profiles if profile is not None)


def sources(actual: Actual, owner: str) -> frozenset[ResourceId]:
    """Every account that something of ours is marked with."""
    return frozenset(o.mark.source for o in actual.values() if o.mark and is_ours(o, owner))


def is_ours(observed: Observed, owner: str) -> bool:
    """Whether the resource carries our owner's mark, and is what the mark was written on.

    A copy that somebody made of an API carries its description, and so its mark: it is theirs.
    """
    mark = observed.mark
    return mark is not None and mark.owner == owner and names.made_for(observed.id, mark.named or mark.source)
