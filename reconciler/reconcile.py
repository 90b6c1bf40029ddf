"""The loop, on one page: read this first.

Config and discovery say what is *desired*; Azure says what is *actual*; the *plan* is the difference, in a safe
order, less what is *held* back; *apply* turns each change into an *outcome*; the *report* is the plan and its
outcomes. Nothing here remembers a previous run: every run looks at the world (docs/lifecycle.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reconciler import specs
from reconciler.apply import apply
from reconciler.arm import Arm, ReadOnlyArm
from reconciler.clouds import Cloud
from reconciler.config import Config, Gateway
from reconciler.desire import desire
from reconciler.discover import discover
from reconciler.errors import ArmError, GatewayError
from reconciler.kinds import KINDS
from reconciler.kinds.operation import offered
from reconciler.model import Plan
from reconciler.observe import observe, operation_policies
from reconciler.openapi import DocumentRefused
from reconciler.plan import Decisions, outdated, plan
from reconciler.progress import Progress
from reconciler.report import Failure, Report
from reconciler.world import World, bindings, name_givers, sources, specifications

Documents = Callable[[str], Mapping[str, Any]]
"""The OpenAPI document of a specification; raises GatewayError where there is none that can be read."""


def look(
    arm: Arm, config: Config, gateway: Gateway, cloud: Cloud, documents: Documents, *, deep: bool = False
) -> tuple[World, Plan]:
    """Read the world and say what would have to change; writes nothing."""
    reader = ReadOnlyArm(arm)
    actual = observe(reader, config, gateway, KINDS, deep=deep)
    inventory = discover(reader, config, gateway, sources(actual, config.owner), cloud)
    world = World(
        config=config,
        gateway=gateway,
        service=actual[gateway.resource_id].body,
        inventory=inventory,
        bindings=bindings(actual, config.owner, inventory),
        name_givers=name_givers(actual, config.owner),
        documents={name: documents(name) for name in {*specs.NAMES, *specifications(config, inventory)}},
        offered=offered(actual),
        deep=deep,
    )
    desired = desire(world, KINDS)
    actual = {**actual, **operation_policies(reader, actual, outdated(desired, actual, KINDS))}
    return world, plan(desired, actual, world, KINDS)


def reconcile(
    arm: Arm,
    config: Config,
    gateway: Gateway,
    cloud: Cloud,
    documents: Documents,
    *,
    dry_run: bool,
    deep: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Bring one gateway to the desired state, or only say how; what cannot be read is in the report's `error`."""
    progress = progress or Progress()
    try:
        world, the_plan = look(arm, config, gateway, cloud, documents, deep=deep)
    except (GatewayError, ArmError) as error:
        return Report(gateway.resource_id, failure=Failure(error.reason, str(error)))
    except DocumentRefused as error:
        return Report(gateway.resource_id, failure=Failure("specification-refused", str(error)))
    if dry_run or not progress.planned(world, the_plan):
        return Report(gateway.resource_id, world, the_plan)
    for outcome in apply(the_plan, arm, Decisions(KINDS, deep), progress.began):
        progress.ended(outcome)
    return Report(gateway.resource_id, world, the_plan, progress.outcomes)
