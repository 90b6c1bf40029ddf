"""What is there and wanted by nothing, and why; pure."""

from __future__ import annotations

from reconciler.kinds.kind import Kind
from reconciler.model import Observed
from reconciler.resource_id import ResourceId
from reconciler.world import State, World, is_ours


def unwanted(world: World, observed: Observed, kind: Kind) -> bool:
    """Whether it is ours and we know that nothing wants it: its account is gone, or seen and not selected.

    An account that is served or waiting keeps what it has; one that was not seen and not confirmed gone is unknown.
    What lies beside the gateway, a role, may serve another gateway of the configuration that covers the account.
    """
    source = observed.mark.source if observed.mark else None
    if _dropped(world, observed):
        return True
    if not is_ours(observed, world.config.owner) or not kind.of_this_gateway(world, observed):
        return False
    if source is not None and not observed.id.within(world.gateway.resource_id) and _elsewhere(world, source):
        return False
    if source in world.inventory.gone:
        return True
    account = next((a for a in world.inventory.accounts if a.id == source), None)
    if account is None:
        return False
    return account.state is State.EXCLUDED or kind.leftover(world, observed)


def _dropped(world: World, link: Observed) -> bool:
    """Whether we made the link, and the profile of its account, which we know, names the product no more."""
    if link.id not in world.memory.links:
        return False
    api = world.gateway.resource_id.child("apis", link.id.name)
    account = next((a for a in world.inventory.accounts if world.bindings.get(a.id) == api), None)
    profile = world.config.profile(account.profile) if account and account.profile else None
    if account is None or profile is None or account.state is State.EXCLUDED:
        return False  # it goes with its API, or stays with it
    return link.id.parent.name.lower() not in {name.lower() for name in profile.api.products}


def _elsewhere(world: World, account: ResourceId) -> bool:
    return any(other.covers(account) for other in world.config.gateways if other.id != world.gateway.id)


def why_unwanted(world: World, observed: Observed) -> str:
    """The reason, for people."""
    if _dropped(world, observed):
        return f"no profile offers {observed.id.name} in the product {observed.id.parent.name} any more"
    source = observed.mark.source if observed.mark else None
    if source in world.inventory.gone:
        return f"the account {source} is gone"
    account = next((a for a in world.inventory.accounts if a.id == source), None)
    return f"{account.id.name}: {account.detail}" if account else "nothing wants it"
