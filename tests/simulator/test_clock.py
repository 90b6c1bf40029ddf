"""What passes with time, how long answers take, and who loses a race."""

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from simulator.clock import Clock
from simulator.longrunning import Operation, Operations
from tests.simulator.asking import GATEWAY, Azure, Got, api, azure
from tests.simulator.documents import imported, operation

API = f"{GATEWAY}/apis/x"
PRODUCTS = f"{GATEWAY}/products"


def at_once(*work: Callable[[], Got]) -> tuple[list[int], float]:
    """Do all of it at the same time: the statuses, and how long it took."""
    found: list[int] = [0] * len(work)
    start = threading.Barrier(len(work))

    def run(position: int) -> None:
        start.wait()
        found[position] = work[position]().status

    threads = [threading.Thread(target=run, args=(position,)) for position in range(len(work))]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found, time.monotonic() - began


def test_what_is_due_happens_in_order_and_at_its_own_moment() -> None:
    client = azure(import_time=5, api_delete_time=1, events_when="completed")
    client.put(API, imported({"/a": {"get": operation("a")}}, path="x"))
    client.delete(f"{GATEWAY}/apis/orders-api")
    heard: list[tuple[str, str]] = []
    client.simulator.listen(
        lambda event: heard.append((event["eventType"].rsplit(".", 1)[-1], event["eventTime"][:19]))
    )
    client.simulator.clock.advance(600)
    assert heard == [
        ("APIDeleted", "2026-01-01T00:00:01"),
        ("ResourceDeleteSuccess", "2026-01-01T00:00:01"),
        ("APICreated", "2026-01-01T00:00:05"),
        ("ResourceWriteSuccess", "2026-01-01T00:00:05"),
    ]
    assert client.simulator.clock.seconds() == 600


def test_what_has_ended_and_locks_nothing_is_not_looked_at_again() -> None:
    asked: list[str] = []

    class Watched(Operation):
        def locks(self, now: float) -> bool:
            asked.append(self.id)
            return super().locks(now)

    clock = Clock()
    operations = Operations(clock)
    for number in range(100):
        lasts = 5.0 if number == 7 else 0.0
        operations.start(
            Watched(str(number), "", lasts, lambda: None, 200, clock.now(), unlock=9.0 if number == 8 else 0.0)
        )
    asked.clear()
    operations.settle()
    assert asked == ["7", "8"]
    clock.advance(9)
    operations.settle()
    asked.clear()
    operations.settle()
    assert asked == []


def test_time_does_not_run_backwards() -> None:
    clock = azure().simulator.clock
    for wrong in (-1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="time cannot run"):
            clock.advance(wrong)


def test_eight_reads_at_once_take_as_long_as_one() -> None:
    client = azure(read_latency=0.4, real_time=True)
    found, took = at_once(*[lambda: client.get(GATEWAY)] * 8)
    assert found == [200] * 8
    assert 0.4 <= took < 1.6  # one after the other would be 3.2


def test_writes_at_once_take_no_longer_than_one_and_keep_nobody_waiting() -> None:
    client = azure(write_latency=0.5, real_time=True)
    writes = [partial(client.put, f"{GATEWAY}/apis/{name}", api(name)) for name in "abcd"]
    found, took = at_once(*writes, lambda: client.get(GATEWAY))
    assert found == [201] * 4 + [200]
    assert 0.5 <= took < 1.5  # one after the other would be 2
    read = next(each for each in client.simulator.requests if each["method"] == "GET")
    assert client.simulator.requests[0] == read
    assert read["seconds"] < 0.4


def race(client: Azure, *paths: str) -> list[int]:
    """Create products or links of products at the same time; the statuses in order."""
    puts = []
    for path in paths:
        name = path.rsplit("/", 1)[-1]
        puts.append(partial(client.put, path, None if "/apis/" in path else {"properties": {"displayName": name}}))
    return sorted(at_once(*puts)[0])


LINKS = (f"{PRODUCTS}/starter/apis/legacy-openai-api", f"{PRODUCTS}/starter/apis/orders-api")


def test_writes_below_one_parent_do_not_race_unless_asked_to() -> None:
    client = azure(write_latency=0.1, real_time=True)
    assert race(client, *LINKS) == [200, 201]


def test_of_two_writes_at_once_below_one_product_the_slower_loses_without_any_if_match() -> None:
    client = azure(write_latency=0.1, real_time=True, racing="nested")
    assert race(client, *LINKS)[-1] == 412
    assert race(client, *LINKS)[-1] == 412
    lost = [each for each in client.simulator.requests if each["status"] == 412]
    assert [each["if_match"] for each in lost] == [None, None]
    again = client.put(f"{PRODUCTS}/starter/apis/legacy-openai-api")
    assert again.status in {200, 201}


def test_below_different_parents_nobody_loses() -> None:
    client = azure(write_latency=0.1, real_time=True, racing="nested")
    assert race(client, LINKS[0], f"{PRODUCTS}/ai-platform/apis/orders-api") == [201, 201]
    assert race(client, f"{PRODUCTS}/p", f"{PRODUCTS}/q") == [201, 201]


def test_directly_below_the_service_writes_race_only_with_all() -> None:
    client = azure(write_latency=0.1, real_time=True, racing="all")
    assert race(client, *(f"{PRODUCTS}/{name}" for name in "pqr")) == [201, 412, 412]


def test_a_refused_write_makes_nobody_lose() -> None:
    client = azure(write_latency=0.1, real_time=True, racing="nested")
    bad = partial(client.put, f"{PRODUCTS}/starter/apis/none")
    for _ in range(3):
        statuses = at_once(bad, partial(client.put, LINKS[0]))[0]
        assert statuses[1] in {200, 201}
