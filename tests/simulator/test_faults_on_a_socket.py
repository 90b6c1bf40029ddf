"""What faults look like to a client on the other end of a real connection."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.simulator.asking import GATEWAY, JSON, api
from tests.simulator.running import HEADERS, ask, started

VERSION = "?api-version=2024-05-01"
ID = f"{GATEWAY}/apis/things"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with started() as (url, _, process):
        yield url
        process.terminate()
        assert process.stderr is not None
        assert process.stderr.read() == ""  # a fault is no error of the server


@pytest.fixture
def url(server: str) -> Iterator[str]:
    yield server
    ask(server, "/_simulator/faults", "DELETE")
    if ID in ask(server, "/_simulator/resources"):
        ask(server, f"/_simulator/resources?id={ID}", "DELETE")


@contextmanager
def connection(url: str, timeout: float = 5) -> Iterator[http.client.HTTPConnection]:
    over = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    try:
        yield over
    finally:
        over.close()


def send(over: http.client.HTTPConnection, method: str, path: str, body: JSON | None = None) -> Any:
    over.request(method, path + VERSION, None if body is None else json.dumps(body), HEADERS)
    return over.getresponse()


def once(url: str, method: str, path: str, body: JSON | None = None, timeout: float = 5) -> int:
    """Ask over a connection of its own; the status."""
    with connection(url, timeout) as over:
        answer = send(over, method, path, body)
        answer.read()
        return int(answer.status)


def at_once(*work: Callable[[], int]) -> tuple[list[int], float]:
    """Do all of it at the same time: the statuses in order, and how long it took."""
    with ThreadPoolExecutor(len(work)) as pool:
        began = time.monotonic()
        found = [each.result() for each in [pool.submit(each) for each in work]]
    return sorted(found), time.monotonic() - began


def script(url: str, *faults: JSON) -> None:
    ask(url, "/_simulator/faults", "POST", list(faults))


def there(url: str) -> bool:
    return ID in ask(url, "/_simulator/resources")


@pytest.mark.parametrize(("like", "done"), [("cut", False), ("unanswered", False), ("lost", True)])
def test_a_cut_connection_has_no_answer_at_all(url: str, like: str, *, done: bool) -> None:
    script(url, {"match": "PUT", "like": like})
    with pytest.raises(http.client.RemoteDisconnected):
        once(url, "PUT", ID, api("things"))
    assert there(url) is done
    assert ask(url, "/_simulator/requests")[-1]["status"] is None


def test_an_answer_can_break_off_in_the_middle(url: str) -> None:
    script(url, {"match": "PUT", "like": "broken-off"})
    with connection(url) as over:
        answer = send(over, "PUT", ID, api("things"))
        promised = int(answer.headers["Content-Length"])
        with pytest.raises(http.client.IncompleteRead) as broken:
            answer.read()
    assert len(broken.value.partial) == promised // 2
    assert there(url)


def test_truncated_and_empty_answers_and_pages_leave_the_connection_usable(url: str) -> None:
    script(url, {"like": "truncated"}, {"like": "empty", "nth": 2}, {"like": "proxy-page", "nth": 3})
    with connection(url) as over:
        half = send(over, "GET", GATEWAY)
        text = half.read()
        assert half.status == 200
        assert len(text) == int(half.headers["Content-Length"])
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)
        empty = send(over, "GET", GATEWAY)
        assert (empty.status, empty.read()) == (200, b"")
        page = send(over, "GET", GATEWAY)
        assert (page.status, page.headers["Content-Type"]) == (502, "text/html")
        assert page.read().startswith(b"<!DOCTYPE html>")
        whole = send(over, "GET", GATEWAY)
        assert json.loads(whole.read())["name"] == "contoso-gateway"


def test_statuses_and_their_headers_arrive(url: str) -> None:
    names = ("throttled", "unavailable", "conflict")
    script(url, *({"like": name, "nth": turn} for turn, name in enumerate(names, 1)))
    found = []
    with connection(url) as over:
        for _ in names:
            answer = send(over, "PUT", ID, api("things"))
            found.append((answer.status, answer.headers["Retry-After"], json.loads(answer.read())["error"]["code"]))
    assert found == [
        (429, "5", "SubscriptionRequestsThrottled"),
        (503, "10", "ServiceUnavailable"),
        (409, None, "Conflict"),
    ]
    assert not there(url)


def test_a_slow_answer_keeps_only_its_own_client_waiting(url: str) -> None:
    script(url, {"match": "PUT", "delay": 1.5})
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        slow = pool.submit(once, url, "PUT", ID, api("things"))
        time.sleep(0.1)
        once(url, "GET", GATEWAY)
        assert time.monotonic() - began < 1.2
        assert slow.result() == 201
        assert time.monotonic() - began >= 1.5


def test_a_client_that_gives_up_finds_the_work_done_later(url: str) -> None:
    script(url, {"match": "PUT", "delay": 0.5})
    with pytest.raises(TimeoutError):
        once(url, "PUT", ID, api("things"), timeout=0.2)
    assert not there(url)
    time.sleep(0.6)
    assert there(url)


def test_many_reads_at_once_take_as_long_as_one() -> None:
    with started("--read-latency", "400") as (url, _, _process):
        once(url, "GET", GATEWAY)
        found, took = at_once(*[partial(once, url, "GET", GATEWAY)] * 8)
        assert found == [200] * 8
        assert 0.4 <= took < 1.6  # one after the other: 3.2


def test_writes_race_over_sockets() -> None:
    with started("--write-latency", "600", "--knob", "racing=nested") as (url, _, _process):
        links = [f"{GATEWAY}/products/starter/apis/{name}" for name in ("orders-api", "legacy-openai-api")]
        found, _took = at_once(*(partial(once, url, "PUT", path) for path in links))
        assert found in ([200, 412], [201, 412])
