"""Any order of wakes, deliveries, crashes, stalls and waits: no wake is lost and no two runs are made at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.coordination.interleaved import Model

WORKERS = st.integers(0, 1)
NUMBERS = st.integers(0, 5)
STEPS = st.sampled_from([0, 1, 2, 3, 4, 5, 6, 9, 11, 13, 17, 40, 40])
HAPPENS = st.one_of(
    st.tuples(st.just("wake"), WORKERS, STEPS),
    st.tuples(st.just("deliver"), WORKERS, NUMBERS, STEPS),
    st.tuples(st.just("deliver"), WORKERS, NUMBERS, STEPS),
    st.tuples(st.just("twice"), WORKERS, NUMBERS),
    st.tuples(st.just("step"), NUMBERS, STEPS),
    st.tuples(st.just("crash"), WORKERS),
    st.tuples(st.just("stall"), WORKERS),
    st.tuples(st.just("overtaken"), WORKERS, NUMBERS, STEPS),
    st.tuples(st.just("wait"), st.sampled_from([0.5, 3.0, 6.0, 9.0, 12.0, 20.0, 46.0, 61.0])),
)
SKEW = st.sampled_from([-2.5, 0.0, 2.5])


def happen(model: Model, what: tuple[Any, ...]) -> None:
    name, *arguments = what
    if name == "twice":
        model.deliver(*arguments, twice=True)
    else:
        getattr(model, name)(*arguments)


def judge(model: Model, order: list[tuple[Any, ...]]) -> None:
    for what in order:
        happen(model, what)
    model.finish()
    model.judge()


ORDERS = given(
    skews=st.tuples(SKEW, SKEW),
    fails=st.sampled_from([0, 0, 1, 3]),
    order=st.lists(HAPPENS, min_size=3, max_size=30),
)


@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@ORDERS
def test_whatever_happens_in_whatever_order_every_wake_is_answered_by_a_run_that_began_after_it(
    skews: tuple[float, float], fails: int, order: list[tuple[Any, ...]]
) -> None:
    judge(Model(skews=skews, fails=fails), order)


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@ORDERS
def test_so_it_is_in_ten_thousand_orders(
    skews: tuple[float, float], fails: int, order: list[tuple[Any, ...]]
) -> None:
    judge(Model(skews=skews, fails=fails), order)


def test_the_model_does_see_a_run() -> None:
    """So that it does not pass because nothing ever happens in it."""
    model = Model()
    model.wake(0)
    model.step(0, 40)
    model.wait(12.0)
    model.deliver(1, 0)
    model.step(0, 11)
    assert len(model.runs) == 1
    model.wake(0)
    model.finish()
    assert [run.good for run in model.runs] == [True, True]
    model.judge()
