"""Events are delivered as Event Grid does: at least once, again on its schedule, in no order if so wished."""

import json
from typing import Any

import pytest

from simulator import Simulator
from simulator.event_delivery import Delivery
from tests.simulator.asking import EAST, JSON

MODEL = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o"}},
}
MINUTE, HOUR = 60.0, 3600.0


class Receiver:
    """Somebody who is told of events, and answers with these statuses, the last one from then on."""

    def __init__(self, *statuses: int | None, **knobs: Any) -> None:
        self.simulator = Simulator(**knobs)
        self.delivery = Delivery(self.simulator.clock, self.simulator.cloud.knobs, self.post)
        self.simulator.listen(self.delivery.hear)
        self.got: list[tuple[float, Any, dict[str, str]]] = []
        self._statuses = list(statuses) or [200]

    def post(self, body: bytes, headers: dict[str, str]) -> int | None:
        self.got.append((self.simulator.clock.seconds(), json.loads(body), headers))
        return self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]

    def raise_events(self, count: int) -> None:
        for number in range(count):
            self.simulator.put(f"{EAST}/deployments/d{number}", MODEL)

    def wait(self, seconds: float, step: float = 1.0) -> None:
        for _ in range(int(seconds / step)):
            self.delivery.send_due()
            self.simulator.clock.advance(step)
        self.delivery.send_due()

    def times(self) -> list[float]:
        return [at for at, _, _ in self.got]

    def names(self) -> list[str]:
        return [body[0]["subject"].rpartition("/")[2] for _, body, _ in self.got]

    def outcomes(self) -> list[tuple[int, int | None, str]]:
        return [(each["attempt"], each["status"], each["outcome"]) for each in self.delivery.log]


def test_an_event_is_posted_at_once_as_a_batch_of_one_with_event_grids_headers() -> None:
    receiver = Receiver()
    receiver.raise_events(1)
    receiver.delivery.send_due()
    ((at, body, headers),) = receiver.got
    assert (at, body) == (0.0, receiver.simulator.events)
    assert headers == {
        "Content-Type": "application/json; charset=utf-8",
        "aeg-event-type": "Notification",
        "aeg-subscription-name": "SIMULATOR",
        "aeg-delivery-count": "0",
        "aeg-output-event-id": receiver.simulator.events[0]["id"],
        "aeg-data-version": "2",
        "aeg-metadata-version": "1",
    }


def test_a_cloud_event_is_posted_by_itself() -> None:
    receiver = Receiver(events_schema="cloud-events")
    receiver.raise_events(1)
    receiver.delivery.send_due()
    ((_, body, headers),) = receiver.got
    (raised,) = receiver.simulator.events
    assert body == {
        "specversion": "1.0",
        "id": raised["id"],
        "source": "/subscriptions/00000000-0000-0000-0000-000000000001",
        "subject": f"{EAST}/deployments/d0".replace("resourceGroups", "resourcegroups"),
        "type": "Microsoft.Resources.ResourceWriteSuccess",
        "time": raised["eventTime"],
        "data": raised["data"],
    }
    assert headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["aeg-event-type"] == "Notification"
    assert headers["aeg-metadata-version"] == "1.0"
    assert "aeg-data-version" not in headers


def test_events_arrive_once_and_in_order_where_nothing_else_is_wished() -> None:
    receiver = Receiver()
    receiver.raise_events(20)
    receiver.wait(100)
    assert receiver.names() == [f"d{number}" for number in range(20)]


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204])
def test_a_success_ends_it(status: int) -> None:
    receiver = Receiver(status)
    receiver.raise_events(1)
    receiver.wait(HOUR, 10)
    assert receiver.outcomes() == [(0, status, "delivered")]


@pytest.mark.parametrize("status", [400, 401, 413])
def test_what_is_refused_for_good_is_not_sent_again(status: int) -> None:
    receiver = Receiver(status)
    receiver.raise_events(1)
    receiver.wait(HOUR, 10)
    assert receiver.outcomes() == [(0, status, "dropped")]


@pytest.mark.parametrize("status", [None, 205, 302, 403, 404, 408, 429, 500, 503])
def test_a_failure_is_sent_again_on_the_documented_schedule_until_a_day_is_over(status: int | None) -> None:
    receiver = Receiver(status)
    receiver.raise_events(1)
    receiver.wait(60 * HOUR, 10)
    assert receiver.times() == [
        0,
        10,
        40,
        100,
        400,
        1000,
        2800,
        6400,
        17200,
        38800,
        82000,
    ]
    assert [headers["aeg-delivery-count"] for _, _, headers in receiver.got] == [str(n) for n in range(11)]
    assert receiver.outcomes()[-2:] == [(10, status, "failed"), (11, None, "expired")]


def test_a_later_success_ends_it_and_the_log_tells_how_it_went() -> None:
    receiver = Receiver(503, None, 200)
    receiver.raise_events(1)
    receiver.wait(HOUR, 10)
    assert receiver.outcomes() == [(0, 503, "failed"), (1, None, "failed"), (2, 200, "delivered")]
    assert receiver.times() == [0, 10, 40]
    (raised,) = receiver.simulator.events
    last = receiver.delivery.log[-1]
    assert (last["id"], last["eventType"], last["subject"]) == (
        raised["id"],
        raised["eventType"],
        raised["subject"],
    )
    assert last["at"] == "2026-01-01T00:00:40.0000000Z"


def test_one_that_fails_keeps_no_other_back() -> None:
    receiver = Receiver(503, 200)
    receiver.raise_events(3)
    receiver.wait(10)
    assert receiver.names() == ["d0", "d1", "d2", "d0"]


@pytest.mark.parametrize(("duplicates", "least", "most"), [(0.5, 130, 170), (1, 200, 200), (2.5, 330, 370)])
def test_some_are_delivered_twice_with_the_same_id(duplicates: float, least: int, most: int) -> None:
    receiver = Receiver(events_duplicates=duplicates)
    receiver.raise_events(100)
    receiver.delivery.send_due()
    assert least <= len(receiver.got) <= most
    raised = {event["id"] for event in receiver.simulator.events}
    assert {headers["aeg-output-event-id"] for _, _, headers in receiver.got} == raised
    assert {body[0]["id"] for _, body, _ in receiver.got} == raised


def test_shuffled_events_overtake_each_other_and_none_is_lost_or_later_than_said() -> None:
    receiver = Receiver(events_shuffle=30.0)
    receiver.raise_events(100)
    receiver.delivery.send_due()
    assert len(receiver.got) < 5
    receiver.wait(30)
    assert sorted(receiver.names()) == sorted(f"d{number}" for number in range(100))
    assert receiver.names() != sorted(receiver.names(), key=lambda name: int(name[1:]))
    assert receiver.times()[-1] > 25


def test_the_same_seed_gives_the_same_shuffle_and_another_seed_another() -> None:
    orders = []
    for seed in (1, 1, 2):
        receiver = Receiver(events_shuffle=30.0, events_duplicates=0.5, seed=seed)
        receiver.raise_events(20)
        receiver.wait(30)
        orders.append(receiver.names())
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize(
    ("knob", "value"),
    [("events_at_once", 0), ("events_duplicates", -1), ("events_shuffle", -1), ("events_schema", "x")],
)
def test_wishes_that_make_no_sense_are_refused(knob: str, value: Any) -> None:
    with pytest.raises(ValueError, match=knob):
        Simulator(**{knob: value})


def test_an_event_is_what_was_raised_although_the_world_has_moved_on() -> None:
    receiver = Receiver(events_shuffle=30.0)
    receiver.raise_events(1)
    receiver.simulator.delete(f"{EAST}/deployments/d0")
    receiver.wait(30)
    found: list[JSON] = [body[0] for _, body, _ in receiver.got]
    assert sorted(each["eventType"].rpartition("Resource")[2] for each in found) == [
        "DeleteSuccess",
        "WriteSuccess",
    ]
