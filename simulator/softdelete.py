"""Which deleted accounts and services can still be restored: for 48 hours (arm-wire 2.4, 10.1)."""

from simulator.cloud import Cloud, SoftDeleted
from simulator.ids import key
from simulator.store import Entity

TWO_DAYS = 48 * 3600.0


def remember(cloud: Cloud, entity: Entity) -> None:
    """Keep a resource that has just been deleted, and what was inside it; role assignments on it are not kept."""
    now = cloud.clock.seconds()
    inside = f"{key(entity.type)}/"
    below = [each for each in entity.notes.pop("below", []) if key(each.type).startswith(inside)]
    cloud.soft_deleted[key(entity.id)] = SoftDeleted(entity, below, cloud.clock.now(), now + TWO_DAYS)


def find(cloud: Cloud, id: str) -> SoftDeleted | None:
    """The deleted resource of this id, if it can still be restored."""
    found = cloud.soft_deleted.get(key(id))
    return found if found is not None and found.until > cloud.clock.seconds() else None


def everything(cloud: Cloud, type: str) -> list[SoftDeleted]:
    """All restorable resources of a type, by id."""
    ids = sorted(id for id, each in cloud.soft_deleted.items() if key(each.entity.type) == key(type))
    return [found for id in ids if (found := find(cloud, id)) is not None]


def purge(cloud: Cloud, id: str) -> None:
    """Forget a deleted resource for good."""
    cloud.soft_deleted.pop(key(id), None)


def restore(cloud: Cloud, found: SoftDeleted) -> Entity:
    """Put a deleted resource back, with what was inside it."""
    purge(cloud, found.entity.id)
    for each in (found.entity, *found.below):
        cloud.store.put(each)
    return found.entity
