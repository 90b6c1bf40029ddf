"""An Azure that lists things in another order each time."""

from __future__ import annotations

from random import Random

from reconciler import memory
from reconciler.app import App
from reconciler.arm import SdkArm
from reconciler.model import Document
from reconciler.reconcile import Given, reconcile
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from tests.scenes.building import Kept


class Shuffled(SdkArm):
    """An Arm whose lists come in another order each time."""

    order = Random(0)  # noqa: S311 - shuffles lists

    def members(self, parent: ResourceId, resource_type: str, filter: str = "") -> list[Document]:
        """See Arm."""
        found = super().members(parent, resource_type, filter)
        self.order.shuffle(found)
        return found


def run_shuffled(built: App, store: Kept, seed: int, *, dry_run: bool) -> Report:
    """A run of the product that sees every list in another order; what it learns is forgotten."""
    arm = Shuffled(built.clients, sleep=built.sleep, clock=built.clock, deadline=3600)
    arm.order = Random(seed)  # noqa: S311 - as above
    known = memory.read(next(iter(store.documents.values()), None))
    given = Given(documents=built.document, memory=known, now=built.time_of_day(), writers=1)
    return reconcile(arm, built.config, built.config.gateways[0], built.cloud, given, dry_run=dry_run)
