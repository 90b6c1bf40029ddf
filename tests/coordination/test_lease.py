"""Leases: renewed while they are held, and believed in for less long than they last."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import pytest

from reconciler.lease import Lease

PATIENCE = 10.0
YES, NO = True, False


class Times:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Renewals:
    """What the service says to each renewal, the last one again and again."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.came = threading.Condition()

    def __call__(self) -> bool:
        with self.came:
            answer = self.answers[min(self.asked, len(self.answers) - 1)]
            self.asked += 1
            self.came.notify_all()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def wait(self, count: int) -> None:
        with self.came:
            assert self.came.wait_for(lambda: self.asked >= count, PATIENCE)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_lease_of_a_minute_is_believed_in_for_three_quarters_of_it_from_before_it_was_asked_for() -> None:
    times = Times()
    lease = Lease(Renewals(YES), lambda: None, seconds=60.0, asked=990.0, clock=times)
    for now, held in ((1000.0, True), (1034.9, True), (1035.1, False)):
        times.now = now
        assert lease.held() is held
    lease.release()


def test_it_is_renewed_each_third_of_its_time_and_then_believed_in_anew() -> None:
    began = time.monotonic()
    renewals = Renewals(YES)
    lease = Lease(renewals, lambda: None, seconds=0.6, asked=time.monotonic())
    renewals.wait(3)
    assert time.monotonic() - began >= 0.55
    until(lease.held)
    lease.release()
    asked = renewals.asked
    time.sleep(0.3)
    assert renewals.asked == asked, "nobody renews what was given back"


def test_a_renewal_counts_from_before_it_was_asked_for() -> None:
    times = Times()

    def slow() -> bool:
        times.now += 50
        return True

    lease = Lease(slow, lambda: None, seconds=0.3, asked=1000.0, clock=times)
    until(lambda: times.now > 1000)
    time.sleep(0.02)
    assert not lease.held()
    lease.release()


def test_one_that_somebody_else_has_is_not_held_and_not_given_back() -> None:
    given: list[None] = []
    renewals = Renewals(NO)
    lease = Lease(renewals, lambda: given.append(None), seconds=0.3, asked=time.monotonic() + 100)
    renewals.wait(1)
    until(lambda: not lease.held())
    lease.release()
    assert given == []
    assert renewals.asked == 1


def test_a_renewal_that_fails_is_tried_again_while_the_lease_is_believed_in(
    caplog: pytest.LogCaptureFixture,
) -> None:
    times = Times()
    renewals = Renewals(OSError("with a secret"), OSError("again"), YES)
    with caplog.at_level(logging.WARNING):
        lease = Lease(renewals, lambda: None, seconds=0.3, asked=1000.0, clock=times)
        renewals.wait(2)
        assert lease.held()
        times.now = 1000.3
        assert not lease.held()
        renewals.wait(3)
        until(lease.held)
        lease.release()
    assert "a lease could not be renewed (OSError)" in caplog.text
    assert "secret" not in caplog.text


def test_what_is_given_back_is_held_no_more() -> None:
    given: list[None] = []
    lease = Lease(Renewals(YES), lambda: given.append(None), seconds=60.0, asked=time.monotonic())
    assert lease.held()
    lease.release()
    assert not lease.held()
    assert given == [None]
    lease.release()
    assert given == [None]


def test_what_cannot_be_given_back_runs_out_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise OSError("with a secret")

    lease = Lease(Renewals(YES), broken, seconds=60.0, asked=time.monotonic())
    lease.release()
    assert not lease.held()
    assert caplog.messages == ["a lease could not be given back (OSError): it runs out by itself"]
