"""What other runs learn while one goes on is not forgotten with its end."""

from __future__ import annotations

from dataclasses import replace

from reconciler import memory
from reconciler.memory import Memory
from reconciler.model import Plan
from reconciler.progress import Progress
from reconciler.resource_id import ResourceId
from reconciler.world import World
from simulator import Simulator
from tests.local import EAST_API, GATEWAY, app
from tests.scenes.building import Kept

NAME = "memory/00000000-0000-0000-0000-000000000001.contoso-gateway"
LINK = ResourceId(f"{GATEWAY}/products/starter/apis/made-meanwhile")


def test_what_another_run_learnt_while_a_person_read_the_plan_is_kept() -> None:
    store = Kept()
    built = replace(app(Simulator(lock_lingers=0)), store=store)

    class Reading(Progress):
        def planned(self, world: World, plan: Plan) -> bool:
            operations = {ResourceId(EAST_API): frozenset({"GET /learnt"})}
            learnt = Memory(links=frozenset({LINK}), operations=operations)
            store.put(NAME, memory.document(learnt))
            return super().planned(world, plan)

    assert built.run(built.config.gateways[0], dry_run=False, progress=Reading()).converged
    assert LINK in memory.read(store.get(NAME)).links, "we looked before it was there"
    ((api, ever),) = memory.read(store.get(NAME)).operations.items()
    assert api == ResourceId(EAST_API)
    assert len(ever) == 7
    assert "GET /learnt" in ever
