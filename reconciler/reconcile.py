"""The loop, on one page: read this first.

Config and discovery say what is *desired*; Azure says what is *actual*; the *plan* is the difference, in a safe
order, less what is *held* back; *apply* turns each change into an *outcome*; the *report* is the plan and its
outcomes. Nothing here remembers a previous run: every run looks at the world (docs/lifecycle.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from reconciler import specs
from reconciler.apply import apply
from reconciler.arm import Arm, ReadOnlyArm
from reconciler.clouds import Cloud
from reconciler.config import Config, Gateway
from reconciler.desire import desire
from reconciler.discover import completed, discover
from reconciler.errors import ArmError, GatewayError
from reconciler.kinds import KINDS
from reconciler.kinds.operation import offered
from reconciler.memory import Memory
from reconciler.model import Plan
from reconciler.observe import observe, operation_policies, remembered
from reconciler.openapi import DocumentRefused
from reconciler.plan import Decisions, deleted_apis, outdated, plan
from reconciler.progress import Progress
from reconciler.report import Failure, Report
from reconciler.resource_id import ResourceId
from reconciler.uses import uses
from reconciler.world import World, bindings, name_givers, sources, specifications

Documents = Callable[[str], Mapping[str, Any]]
"""The OpenAPI document of a specification; raises GatewayError where there is none that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a run is given besides the configuration: documents, what earlier runs remember, the time of day."""

    documents: Documents
    memory: Memory = field(default_factory=Memory)
    now: datetime | None = None
    deep: bool = False
    writers: int = 4
    """Accounts that are written side by side."""


def look(arm: Arm, config: Config, gateway: Gateway, cloud: Cloud, given: Given) -> Report:
    """Read the world and say what should be there, what is, and what would have to change; writes nothing."""
    reader = ReadOnlyArm(arm)
    actual, listed = reader.both(
        lambda: observe(reader, config, gateway, KINDS, deep=given.deep),
        lambda: discover(reader, config, gateway, cloud),
    )
    inventory = completed(reader, config, gateway, listed, sources(actual, config.owner))
    world = World(
        config=config,
        gateway=gateway,
        service=actual[gateway.resource_id].body,
        inventory=inventory,
        bindings=bindings(actual, config.owner, inventory),
        name_givers=name_givers(actual, config.owner),
        documents={name: given.documents(name) for name in {*specs.NAMES, *specifications(config, inventory)}},
        offered=offered(actual),
        memory=given.memory,
        now=given.now,
        deep=given.deep,
    )
    desired = desire(world, KINDS)
    actual = {
        **actual,
        **remembered(reader, actual, given.memory.links),
        **operation_policies(reader, actual, outdated(desired, actual, KINDS)),
    }
    found = plan(desired, actual, world, KINDS)
    going = deleted_apis(found) if config.safety.prune == "delete" else []
    if going:
        actual = {**actual, **operation_policies(reader, actual, going)}
        world = replace(world, uses=uses(reader, world, actual, going))
        found = plan(desired, actual, world, KINDS)
    return Report(gateway.resource_id, world, found, desired=desired, actual=actual)


def reconcile(
    arm: Arm,
    config: Config,
    gateway: Gateway,
    cloud: Cloud,
    given: Given,
    *,
    dry_run: bool,
    progress: Progress | None = None,
) -> Report:
    """Bring one gateway to the desired state, or only say how; what cannot be read is in the report's `error`."""
    progress = progress or Progress()
    try:
        report = look(arm, config, gateway, cloud, given)
    except (GatewayError, ArmError) as error:
        return Report(gateway.resource_id, failure=Failure(error.reason, str(error)))
    except DocumentRefused as error:
        return Report(gateway.resource_id, failure=Failure("specification-refused", str(error)))
    assert report.world is not None and report.plan is not None  # noqa: S101, PT018 - look has made both
    if dry_run or not progress.planned(report.world, report.plan):
        return report
    if progress.asked:  # a person may take long, and what others did meanwhile must not be lost
        again = reconcile(arm, config, gateway, cloud, given, dry_run=True)
        if again.plan is None or _told(again.plan) != _told(report.plan):
            changed = "the world has changed since the plan was shown; run it again and look at the new one"
            return replace(report, failure=Failure("plan-outdated", changed))
    apply(report.plan, arm, Decisions(KINDS, given.deep), progress, given.writers)
    return replace(report, outcomes=progress.outcomes)


def _told(plan: Plan) -> tuple[str, frozenset[ResourceId]]:
    """What a person was shown: the changes, and what is held."""
    return plan.digest, frozenset(held.change.id for held in plan.held)
