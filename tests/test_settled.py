"""What tells drift from news: what was wanted of an account when all of it stood, over several runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler import memory
from reconciler.announce import events
from reconciler.config import Config
from reconciler.memory import Memory
from reconciler.model import (
    Change,
    Create,
    Delete,
    Difference,
    Held,
    Outcome,
    Plan,
    Reason,
    Status,
    Unknown,
    Update,
)
from reconciler.report import Report
from reconciler.settled import settle, wishes
from simulator import Simulator
from tests import local
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, WEST, by_id, mark, observed, wish
from tests.local import CONFIG, app, config, edit
from tests.scenes.building import Kept

API = wish(EAST_API, "api", {"properties": {"displayName": "East"}}, EAST)
BACKEND = wish(EAST_BACKEND, "backend", {"properties": {"title": "East"}}, EAST)
SERVICE = wish(GATEWAY, "service", {"identity": {"type": "SystemAssigned"}})
DESIRED = by_id(API, BACKEND, SERVICE)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MEND = Update(BACKEND, observed(EAST_BACKEND, "backend"), (Difference("properties.title", 1, 2),))


def test_a_wish_is_another_one_if_anything_in_it_is() -> None:
    before = wishes(DESIRED)
    assert set(before) == {EAST, GATEWAY}
    other = wishes(by_id(API, replace(BACKEND, body={"properties": {"title": "West"}}), SERVICE))
    assert other[EAST] != before[EAST]
    assert other[GATEWAY] == before[GATEWAY]
    assert wishes(by_id(SERVICE, BACKEND, API)) == before
    unknown = wishes(by_id(API, replace(BACKEND, body={"properties": {"title": Unknown("x")}}), SERVICE))
    assert unknown[EAST] not in {before[EAST], other[EAST]}


def settled(
    outcomes: tuple[Outcome, ...] = (),
    before: dict[Any, str] | None = None,
    held: tuple[Change, ...] = (),
    there: tuple[Any, ...] = (EAST_API,),
) -> dict[Any, str]:
    plan = Plan(tuple(o.change for o in outcomes), tuple(Held(c, Reason.FOREIGN, "") for c in held))
    return settle(before or {}, plan, outcomes, DESIRED, there)


WISH = wishes(DESIRED)[EAST]
APPLIED, FAILED, SKIPPED = (Outcome(MEND, status) for status in Status)


@pytest.mark.parametrize(
    ("row", "after"),
    [
        ({}, WISH),  # nothing was to be done
        ({"outcomes": (APPLIED,)}, WISH),
        ({"outcomes": (APPLIED,), "before": {EAST: ""}}, WISH),
        ({"outcomes": (APPLIED,), "before": {EAST: "old"}}, WISH),
        ({"outcomes": (FAILED,), "before": {EAST: "old"}}, "old"),
        ({"outcomes": (SKIPPED,), "before": {EAST: "old"}}, "old"),
        ({"held": (MEND,), "before": {EAST: "old"}}, "old"),
        ({"outcomes": (FAILED,), "there": ()}, ""),  # its API is new: it is still to come
        ({"outcomes": (FAILED,)}, None),  # its API was there: nobody knows since when
        ({"held": (Create(API),), "there": ()}, ""),
        ({"held": (Delete(observed(EAST_API.child("x", "y"), "x", mark=mark()), ""),)}, WISH),  # a leftover
    ],
)
def test_what_has_settled(row: dict[str, Any], after: str | None) -> None:
    found = settled(**row)
    assert found.get(EAST) == after
    assert found[GATEWAY] == wishes(DESIRED)[GATEWAY]


def test_of_what_nothing_is_wanted_any_more_nothing_is_remembered() -> None:
    assert WEST not in settled(before={WEST: "old"})


def test_without_what_was_desired_all_stays() -> None:
    """After an interrupt only a part of the outcomes is known."""
    before = Memory(settled={EAST: "old"})
    assert before.after(Plan(), (), NOW, set()).settled == {EAST: "old"}
    assert before.after(Plan(), (), NOW, set(), {}, DESIRED).settled[EAST] == WISH


def test_it_survives_the_store_and_rubbish_in_it_does_not() -> None:
    kept = Memory(settled={EAST: WISH, WEST: ""})
    assert memory.read(memory.document(kept)).settled == kept.settled
    rows = [1, {"id": 3, "wanted": ""}, {"id": "x", "wanted": ""}, {"wanted": ""}, {"id": EAST.text, "wanted": "w"}]
    assert memory.read({"settled": rows}).settled == {EAST: "w"}


# ------------------------------------------------------------------------------- over several runs


class Story:
    """Runs one after the other, and what others are told of each."""

    def __init__(self, text: str = CONFIG, **knobs: Any) -> None:
        self.sim, self.store = Simulator(lock_lingers=0, **knobs), Kept()
        self.text = text

    def run(self, settings: Config | None = None) -> list[tuple[str, str]]:
        built = replace(app(self.sim, settings or config(self.text)), store=self.store)
        report: Report = built.run(built.config.gateways[0], dry_run=False)
        said = events(report, run="r", cause="timer", ended=NOW)
        return [(e.type.removeprefix("ApimOpenAiReconciler."), e.subject.rsplit("/", 1)[-1]) for e in said]


SUCCEEDED, FAILURE = ("ReconcileSucceeded", "contoso-gateway"), ("ReconcileFailed", "contoso-gateway")
ONBOARDED, DRIFT = ("Onboarded", "contoso-east"), ("DriftDetected", "contoso-east")


def test_onboarding_then_nothing_then_drift_then_nothing() -> None:
    story = Story()
    assert story.run() == [ONBOARDED, SUCCEEDED]
    assert story.run() == [SUCCEEDED]
    edit(story.sim, local.EAST_API, displayName="Theirs")
    assert story.run() == [DRIFT, SUCCEEDED]
    story.sim.delete(f"{local.EAST_API}/operations/chatcompletions-create")
    assert story.run() == [DRIFT, SUCCEEDED]
    assert story.run() == [SUCCEEDED]


def test_another_configuration_is_no_drift() -> None:
    story = Story()
    story.run()
    other = CONFIG.replace("api: {", 'api: {displayName: "Models of {account}", ')
    assert story.run(config(other)) == [SUCCEEDED]
    edit(story.sim, local.EAST_API, displayName="Theirs")
    assert story.run(config(other)) == [DRIFT, SUCCEEDED]


def test_an_onboarding_that_takes_two_runs_is_told_once_and_is_no_drift() -> None:
    story = Story()
    story.sim.fail(match=r"PUT .*/policies/policy", answer=400, code="ValidationError")
    assert story.run() == [FAILURE]
    assert story.run() == [ONBOARDED, SUCCEEDED]
    assert story.run() == [SUCCEEDED]


def test_an_account_that_goes_is_offboarded_and_onboarded_when_it_comes_back() -> None:
    story = Story(CONFIG + "safety: {prune: delete, confirmations: 1}\n")
    story.run()
    there = {id: body for id, body in story.sim.resources().items() if id.startswith(local.EAST)}
    story.sim.delete(local.EAST)
    assert story.run() == [("Offboarded", "contoso-east"), SUCCEEDED]
    for id in (local.EAST, f"{local.EAST}/deployments/gpt-4o"):
        story.sim.put(id, there[id])
    assert story.run() == [ONBOARDED, SUCCEEDED]


def test_an_identity_that_somebody_switched_off_is_drift_of_the_gateway() -> None:
    story = Story()
    story.run()
    gateway = story.sim.resources()[local.GATEWAY]
    kept = {k: v for k, v in gateway.items() if k in {"location", "sku", "properties", "tags"}}
    names: dict[str, Any] = {id: {} for id in gateway["identity"]["userAssignedIdentities"]}
    story.sim.put(local.GATEWAY, {**kept, "identity": {"type": "UserAssigned", "userAssignedIdentities": names}})
    assert ("DriftDetected", "contoso-gateway") in story.run()
