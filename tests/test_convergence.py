"""What must hold of every run, on worlds, configurations, failures and interruptions drawn at random.

| property                                                         | test                                  |
|------------------------------------------------------------------|---------------------------------------|
| a run makes the world that is wanted, and the next writes nothing | `test_a_run_…`                        |
| a dry run writes nothing and says what the run will write         | `test_a_dry_run_…`                    |
| whatever fails, clean runs come to the same world                 | `test_after_any_failures_…`           |
| whenever a run is stopped, the next comes to the same world       | `test_a_run_that_is_stopped_…`        |
| the order of lists changes nothing                                | `test_the_order_…`                    |
| every body sent is one that Azure has published                   | `test_every_body_…`                   |

What is foreign is compared byte for byte, etags included, in each of them. The expectation (`scenes/wanting.py`) is
worked out from what was drawn, not by the reconciler. `make test-all` tries many more cases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reconciler.model import Change
from reconciler.progress import Progress
from reconciler.report import document
from tests.local import writes
from tests.scenes.building import Kept, principal_of, product, simulate
from tests.scenes.drawing import SCENES
from tests.scenes.judging import as_it_said, run, settled
from tests.scenes.scene import FULL, MIXED, Scene
from tests.scenes.shuffling import run_shuffled
from tests.simulator.asking import shared

STEADY = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=14,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],  # explaining a failure takes minutes
    suppress_health_check=list(HealthCheck),
)
MANY = settings(STEADY, max_examples=400)


# --- the properties, each for one case


def comes_to_what_is_wanted(scene: Scene) -> None:
    sim = simulate(scene)
    before = sim.resources()
    report = run(sim, scene)
    if scene.readable:
        assert report.plan is not None
        assert not report.failed, report.outcomes
        assert report.converged or report.plan.held
        assert all(held.reason and held.detail for held in report.plan.held)
    else:
        assert report.failure is not None
        assert report.failure.reason == "identity-off"
    switched_on = scene.identity != "on" and scene.settings.enable_identity and bool(scene.served)
    assert bool(principal_of(sim)) == (scene.identity == "on" or switched_on)
    settled(sim, scene, before)


def is_planned_as_it_is_done(scene: Scene) -> None:
    sim = simulate(scene, lock_lingers=0)
    before = sim.resources()
    planned = document(run(sim, scene, dry_run=True))
    assert writes(sim) == []
    assert sim.resources() == before
    run(sim, scene)
    as_it_said(planned, sim.requests)


def outlives_failures(scene: Scene, faults: list[dict[str, Any]], deadline: float) -> None:
    sim = simulate(scene)
    before = sim.resources()
    for fault in faults:
        sim.fail(**fault)
    run(sim, scene, deadline=deadline)
    sim.faults.clear()
    run(sim, scene)
    sim.clock.advance(60)
    run(sim, scene)
    settled(sim, scene, before)


class Stopped(Progress):
    """Somebody presses Ctrl-C when the k-th change begins."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self.left = k

    def began(self, _change: Change) -> None:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1


def goes_on_after_a_stop(scene: Scene, k: int) -> None:
    sim = simulate(scene)
    before = sim.resources()
    progress = Stopped(k)
    try:
        run(sim, scene, progress=progress)
    except KeyboardInterrupt:
        assert len(progress.outcomes) >= k
    run(sim, scene)
    settled(sim, scene, before)


def is_the_same_in_any_order(scene: Scene, seed: int) -> None:
    sim = simulate(scene)
    before = sim.resources()
    plain = run(sim, scene, dry_run=True)
    built, nothing = product(sim, scene), Kept()
    assert document(run_shuffled(built, nothing, seed, dry_run=True)) == document(plain)
    run_shuffled(built, nothing, seed, dry_run=False)
    settled(sim, scene, before)


def sends_what_azure_takes(scene: Scene) -> None:
    sim = simulate(scene)
    run(sim, scene)
    for id, body in sim.resources().items():  # then somebody spoils all of it
        if re.search(r"/service/[^/]+/(apis|backends)/[^/]+$", id) and "managed-by" in str(
            body["properties"]["description"]
        ):
            spoilt = {"title": "x"} if "/backends/" in id else {"displayName": "x", "subscriptionRequired": None}
            kept = {k: v for k, v in body["properties"].items() if k != "tls"}
            sim.put(id, {**body, "properties": {**kept, **spoilt}})
    run(sim, scene)
    sent = [r for r in sim.requests if r["method"] in {"PUT", "PATCH"}]
    for request in sent:
        kind = "patch" if request["method"] == "PATCH" else "request"
        schema = published()[type_of(request["path"])][kind]
        wrong = [error.message for error in Draft202012Validator(schema).iter_errors(request["body"] or {})]
        assert not wrong, (request["method"], request["path"], wrong)


# --- words they need


def type_of(path: str) -> str:
    steps = path.partition("?")[0].rsplit("/providers/", 1)[-1].split("/")
    return "/".join([steps[0], *steps[1::2]])


@cache
def published() -> Mapping[str, Any]:
    """The published schemas by resource type."""
    found: dict[str, Any] = {}
    for file in sorted(shared("azure/schemas").glob("*.json")):
        found |= json.loads(file.read_text("utf-8"))["resources"]
    return found


ANSWERS: list[dict[str, Any]] = [
    {"answer": 429, "code": "TooManyRequests", "headers": {"Retry-After": "5"}},
    {"answer": 500, "code": "InternalServerError"},
    {"answer": 500, "code": "InternalServerError", "after": True},
    {"drop": True},
    {"drop": True, "after": True},
    {"answer": 412, "code": "PreconditionFailed"},
    {"answer": 409, "code": "PessimisticConcurrencyConflict"},
    {"answer": 409, "code": "SomethingElse"},
    {"answer": 422, "code": "ManagementApiRequestFailed"},
    {"answer": 400, "code": "ValidationError"},
    {"async_": True},
]
FAULTS = st.builds(
    lambda match, nth, times, answer: {"match": match, "nth": nth, "times": times, **answer},
    match=st.sampled_from(
        ["", "GET", "^P", "PUT", "PATCH", "PUT .*/apis/[^/]*$", "policies", "roleAss", "accounts"]
    ),
    nth=st.integers(1, 12),
    times=st.sampled_from([1, 1, 2, 5, 40]),
    answer=st.sampled_from(ANSWERS),
)
SCRIPTS = st.lists(FAULTS, min_size=1, max_size=4)
DEADLINES = st.sampled_from([3600, 3600, 2, 21, 25])


# --- the tests


@STEADY
@given(SCENES)
@example(FULL)
@example(MIXED)
@example(Scene())
@example(Scene(accounts=()))
def test_a_run_makes_the_world_that_is_wanted_and_the_next_one_writes_nothing(scene: Scene) -> None:
    comes_to_what_is_wanted(scene)


@STEADY
@given(SCENES)
@example(FULL)
def test_a_dry_run_writes_nothing_and_plans_what_the_real_run_then_writes(scene: Scene) -> None:
    is_planned_as_it_is_done(scene)


@STEADY
@given(SCENES, SCRIPTS, DEADLINES)
@example(FULL, [{"match": "PUT", "nth": n, "times": 1, "drop": True, "after": True} for n in (1, 3, 5)], 3600)
@example(FULL, [{"match": "PUT .*/apis/", "nth": 1, "times": 1, "async_": True}], 3600)
@example(FULL, [{"match": "PUT .*/apis/", "nth": 1, "times": 1, "drop": True, "after": True}], 22)
def test_after_any_failures_clean_runs_come_to_the_same_world(
    scene: Scene, script: list[dict[str, Any]], deadline: float
) -> None:
    outlives_failures(scene, script, deadline)


@STEADY
@given(SCENES, st.integers(0, 9))
@example(FULL, 4)
def test_a_run_that_is_stopped_at_any_change_is_finished_by_the_next(scene: Scene, k: int) -> None:
    goes_on_after_a_stop(scene, k)


@STEADY
@given(SCENES, st.integers(0, 2**16))
@example(FULL, 1)
def test_the_order_in_which_azure_lists_things_changes_nothing(scene: Scene, seed: int) -> None:
    is_the_same_in_any_order(scene, seed)


@STEADY
@given(SCENES)
@example(FULL)
def test_every_body_that_is_sent_holds_against_the_published_schemas(scene: Scene) -> None:
    sends_what_azure_takes(scene)


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
@MANY
@given(SCENES, SCRIPTS, DEADLINES, st.integers(0, 15))
def test_all_of_it_holds_on_many_more_worlds(
    scene: Scene, script: list[dict[str, Any]], deadline: float, k: int
) -> None:
    comes_to_what_is_wanted(scene)
    is_planned_as_it_is_done(scene)
    outlives_failures(scene, script, deadline)
    goes_on_after_a_stop(scene, k)
    is_the_same_in_any_order(scene, k)
