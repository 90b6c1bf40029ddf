"""The simulator stays quick: generous margins on the time of the processor. `make bench` has the real numbers."""

import json
import resource
import statistics
import time
from typing import Any

import pytest

from simulator import Simulator
from simulator.fast_json import copied, indented
from simulator.store import Entity, Store
from tests.simulator.asking import GATEWAY, Azure, api
from tests.simulator.documents import THINGS, imported, importing, operation
from tests.simulator.running import started


def processor_time_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("world", ["contoso", "fifty"])
def test_a_start_costs_a_fraction_of_a_second_and_not_many(world: str) -> None:
    before = processor_time_of_children()
    with started("--world", world) as (_url, _lines, process):
        process.terminate()
        process.wait(timeout=10)
    assert processor_time_of_children() - before < 3


@pytest.mark.parametrize(("path", "limit"), [("/apis/x1", 0.01), ("/apis", 0.05), ("", 0.01)])
def test_a_read_costs_milliseconds(path: str, limit: float) -> None:
    client = Azure(Simulator())
    for number in range(98):
        client.simulator.put(f"{GATEWAY}/apis/x{number}", api(f"x{number}"))
    took = []
    for _ in range(20):
        began = time.process_time()
        assert client.get(GATEWAY + path).status == 200
        took.append(time.process_time() - began)
    assert statistics.median(took) < limit


def test_a_thousand_finished_operations_do_not_slow_a_read_down() -> None:
    client = Azure(Simulator())
    for number in range(1000):
        client.put(f"{GATEWAY}/namedValues/n", {"properties": {"displayName": "n", "value": str(number)}})
        client.simulator.clock.advance(60)
    began = time.process_time()
    for _ in range(20):
        client.get(GATEWAY)
    assert time.process_time() - began < 0.2


def test_what_goes_from_the_store_is_found_without_looking_at_everything() -> None:
    store = Store()
    for number in range(20000):
        store.put(Entity(f"/apis/{number % 10}/operations/{number}", "t", {}))
    began = time.process_time()
    for number in range(300):
        assert len(store.remove(f"/apis/{number % 10}/operations/{number}")) == 1
    assert time.process_time() - began < 0.3


def test_an_import_that_replaces_all_operations_is_not_quadratic() -> None:
    client = importing()
    first, second = (
        imported({f"/{letter}{number}": {"get": operation(f"{letter}{number}")} for number in range(2000)})
        for letter in "ab"
    )
    assert client.put(THINGS, first).status == 201
    began = time.process_time()
    assert client.put(THINGS, second).status == 200
    assert time.process_time() - began < 1.5


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        [[]],
        {"a": {}, "b": [[], {}]},
        {"text": 'ü\n"\\\t\u2028', "none": None, "yes": True, "no": False, "whole": -5, "part": 50.0},
        [1, [2.5, [None, {"ü": "x"}]]],
        "text",
        None,
        True,
        1e100,
    ],
)
def test_documents_are_written_as_json_writes_them_and_copied_whole(value: Any) -> None:
    assert indented(value) == json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\r\n")
    assert copied(value) == value


def test_a_copy_shares_no_object_and_no_list() -> None:
    value = {"a": {"b": [{"c": 1}]}}
    mine = copied(value)
    mine["a"]["b"][0]["c"] = 2
    mine["a"]["b"].append(3)
    mine["a"]["d"] = 4
    assert value == {"a": {"b": [{"c": 1}]}}
