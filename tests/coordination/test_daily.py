"""What the function app does by itself: a deep look a day, and each run by the configuration of its moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconciler.app import App
from reconciler.coordinate import Coordinator, Pace
from reconciler.errors import ConfigError
from reconciler.events import Wake
from reconciler.local_back_end import LocalBackEnd
from reconciler.report import document
from reconciler.resource_id import ResourceId
from reconciler.turn import Ended, Facts
from simulator import Simulator
from tests.local import CONFIG, EAST_API, GATEWAY, app, config, edit, properties
from tests.scenes.building import Kept

HERE = ResourceId(GATEWAY)
OPERATION = f"{EAST_API}/operations/chatcompletions-create"


class Looking:
    """The function app on a simulated Azure, woken by hand; `ended` are its runs."""

    def __init__(self, sim: Simulator) -> None:
        self.sim, self.ended = sim, list[Ended]()
        self.app: App = replace(app(sim), store=Kept())
        self.back_end = LocalBackEnd(self.app.store, sim.clock.now)
        self.current: Callable[[], App] = lambda: self.app

    @property
    def coordinator(self) -> Coordinator:
        return replace(self.app, back_end=self.back_end).coordinator(
            pace=Pace(debounce=0, busy=0), ended=self.ended.append, current=self.current
        )

    def look(self) -> Ended:
        self.coordinator.wake(Wake(HERE, "a test"))
        assert self.back_end.drain(lambda message: self.coordinator.work(message, 540), 10)
        return self.ended[-1]

    def deep(self) -> bool:
        """Whether the last look was a deep one."""
        world = self.ended[-1].report.world
        return world is not None and world.deep


@pytest.fixture
def looking() -> Looking:
    made = Looking(Simulator(service_update_time=0.0, lock_lingers=0))
    made.look()
    return made


def spoil(sim: Simulator) -> None:
    edit(sim, OPERATION, description="spoilt")


def test_a_look_is_deep_once_a_day_and_finds_what_a_list_does_not_show(looking: Looking) -> None:
    assert looking.deep()
    spoil(looking.sim)
    looking.look()
    assert not looking.deep()
    assert properties(looking.sim, OPERATION)["description"] == "spoilt"
    looking.sim.clock.advance(timedelta(hours=23, minutes=59).total_seconds())
    looking.look()
    assert not looking.deep()
    looking.sim.clock.advance(120)
    looking.look()
    assert looking.deep()
    assert properties(looking.sim, OPERATION)["description"] != "spoilt"
    looking.look()
    assert not looking.deep()


def test_a_deep_look_that_mended_nothing_is_not_the_one_of_the_day(looking: Looking) -> None:
    spoil(looking.sim)
    looking.sim.clock.advance(timedelta(days=1).total_seconds())
    looking.sim.fail(match=f"PATCH .*{OPERATION.rsplit('/', 1)[-1]}", answer=400, code="ValidationError")
    looking.look()
    assert looking.deep()
    assert properties(looking.sim, OPERATION)["description"] == "spoilt"
    looking.look()
    assert looking.deep()
    assert properties(looking.sim, OPERATION)["description"] != "spoilt"


def test_an_operation_that_cannot_be_read_by_itself_keeps_nothing_else_from_being_mended(looking: Looking) -> None:
    edit(looking.sim, EAST_API, displayName="taken over")
    looking.sim.clock.advance(timedelta(days=1).total_seconds())
    looking.sim.fail(match="GET .*/operations/chatcompletions-create", times=1000, answer=400, code="BadRequest")
    run = looking.look()
    assert not run.report.failed
    assert properties(looking.sim, EAST_API)["displayName"] == "Azure OpenAI contoso-east"
    (remark,) = (w for w in document(run.report)["warnings"] if w["reason"] == "not-deep")
    assert "could not be finished" in remark["detail"]
    looking.sim.faults.clear()
    looking.look()
    assert looking.deep(), "it is still due"


def test_each_run_goes_by_the_configuration_of_its_own_moment(looking: Looking) -> None:
    other = replace(looking.app, config=config(CONFIG.replace("ai-platform", "starter", 2)), facts=Facts("other"))
    woken: list[Any] = []

    def changes() -> App:
        if not woken:  # the new file, and the event that says so, come while this run goes on
            woken.append(looking.coordinator.wake(Wake(HERE, "the configuration")))
            return looking.app
        return other

    looking.current = changes
    looking.look()
    kept = looking.app.store.get("status/00000000-0000-0000-0000-000000000001.contoso-gateway") or {}
    assert kept["configHash"] == "other"
    assert len(looking.ended) == 3


def test_a_configuration_that_is_gone_is_the_end_of_a_run_and_no_mistake(looking: Looking) -> None:
    def gone() -> App:
        raise ConfigError("there is no configuration")

    looking.current = gone
    run = looking.look()
    assert run.verdict.reason == "ConfigInvalid"
    assert run.report.failure is not None
    assert run.report.failure.detail == "there is no configuration"
