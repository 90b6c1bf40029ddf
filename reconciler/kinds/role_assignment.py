"""The gateway's permission to call an account's models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler import names
from reconciler.config import Gateway
from reconciler.kinds.kind import Kind, Parent, Update
from reconciler.model import Body, Mark, Observed, Resource, Unknown
from reconciler.ownership import line
from reconciler.resource_id import ResourceId
from reconciler.world import Account, World, principal_of

OPENAI_USER = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
SUFFICIENT = frozenset(
    {
        OPENAI_USER,
        "a001fd3d-188f-4b5d-821b-7da978bf7442",  # Cognitive Services OpenAI Contributor
        "a97b65f3-24c7-4388-baec-2e87135dc908",  # Cognitive Services User
        "53ca6127-db72-4b80-b1b0-d745d6d5456d",  # Foundry User, formerly Azure AI User
        "64702f94-c441-49e6-a78b-ef80e0188fee",  # Azure AI Developer
    }
)
"""Built-in roles whose data actions include calling a model. Owner and Contributor have none (platform.md §4.1)."""
_TYPE = "Microsoft.Authorization/roleAssignments"


def desire(world: World) -> Iterator[Resource]:
    """Cognitive Services OpenAI User on every served account, for the gateway's identity."""
    for served in world.served():
        yield _assignment(world, served.account)


def _assignment(world: World, account: Account) -> Resource:
    principal = world.principal
    subscription = account.id.subscription
    body = {
        "properties": {
            "roleDefinitionId": (
                f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{OPENAI_USER}"
            ),
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "description": line(Mark(world.config.owner, account.id, gateway=world.gateway.resource_id)),
        }
    }

    def identify(filled: Body) -> ResourceId:
        principal_id = filled["properties"]["principalId"]
        name = (
            "known-after-apply"
            if isinstance(principal_id, Unknown)
            else names.role_assignment_name(account.id, principal_id, OPENAI_USER)
        )
        return account.id.extension("Microsoft.Authorization", "roleAssignments", name)

    return Resource(
        id=identify(body),
        kind=ROLE_ASSIGNMENT.name,
        body=body,
        source=account.id,
        needs=frozenset({world.gateway.resource_id}) if isinstance(principal, Unknown) else frozenset(),
        identify=identify,
    )


def sufficient(wanted: Resource, observed: Sequence[Observed]) -> Observed | None:
    """An assignment that already lets the gateway in: same principal, on the account or above, a role that does.

    It need not be ours. One with a condition counts only if it is the very one we would make, since Azure
    refuses a second of the same scope, principal and role (arm-wire.md §9).
    """
    return next(
        (o for o in observed if o.id == wanted.id or _lets_in(wanted.body["properties"], wanted.id.scope, o)), None
    )


def _lets_in(wanted: Mapping[str, Any], account: ResourceId, observed: Observed) -> bool:
    has = observed.body.get("properties") or {}
    if str(has.get("principalId", "")).lower() != str(wanted["principalId"]).lower():
        return False
    role = str(has.get("roleDefinitionId", "")).rsplit("/", 1)[-1].lower()
    scope = ResourceId(str(has.get("scope") or observed.id.scope).rstrip("/"))
    if role == OPENAI_USER and scope == account:
        return True
    return role in SUFFICIENT and account.within(scope) and not has.get("condition")


def of_the_gateway(gateway: Gateway, service: Body) -> str | None:
    """Only the gateway's assignments, at, above and below the subscription; none while its identity is off.

    A deep run reads all, and so sees those that an identity of the gateway left behind when it was made again.
    """
    principal = principal_of(gateway, service)
    return None if isinstance(principal, Unknown) else f"principalId eq '{principal}'"


def left_behind(world: World, observed: Observed) -> bool:
    """Whether it lets in an identity that the gateway had, and has no more."""
    return not isinstance(world.principal, Unknown) and not _lets_in_this_one(world, observed)


def of_this_gateway(world: World, observed: Observed) -> bool:
    """Whether it lets in this gateway, or was made for it: there may be one for each gateway of one owner."""
    gateway = observed.mark.gateway if observed.mark else None
    return gateway == world.gateway.resource_id or (gateway is None and _lets_in_this_one(world, observed))


def _lets_in_this_one(world: World, observed: Observed) -> bool:
    has = str((observed.body.get("properties") or {}).get("principalId", "")).lower()
    return has == str(world.principal).lower()


ROLE_ASSIGNMENT = Kind(
    name="role-assignment",
    type=_TYPE,
    parent=Parent.SUBSCRIPTION,
    desire=desire,
    after=frozenset({"service"}),
    update=Update.NEVER,
    counterpart=sufficient,
    filter=of_the_gateway,
    leftover=left_behind,
    of_this_gateway=of_this_gateway,
)
