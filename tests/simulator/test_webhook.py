"""`--events-to URL`: events reach an endpoint of this machine by HTTP."""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from simulator.webhook import Webhook
from tests.simulator.asking import EAST, GATEWAY, JSON
from tests.simulator.running import ask, started

MODEL = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o"}},
}


@contextmanager
def receiver(heard: Callable[[dict[str, str], Any], int]) -> Iterator[str]:
    """Somebody who is told of events and answers with a status; the URL."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server calls
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = heard({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook?code=x"
        server.shutdown()
        thread.join()


def test_events_are_posted_even_of_what_is_due_when_nobody_asks() -> None:
    body = {
        "properties": {"path": "x", "format": "openapi+json", "value": '{"openapi":"3.0.0","info":{},"paths":{}}'}
    }
    got: queue.Queue[tuple[str, str]] = queue.Queue()

    def heard(headers: dict[str, str], events: list[JSON]) -> int:
        got.put((headers["aeg-event-type"], events[0]["eventType"]))
        return 200

    with receiver(heard) as hook:
        options = ("--events-to", hook, "--import-time", "0.3", "--knob", "events_when=completed")
        with started(*options) as (url, _, _process):
            ask(url, f"/_simulator/resources?id={EAST}/deployments/gpt-4o", "DELETE")
            assert got.get(timeout=10) == ("Notification", "Microsoft.Resources.ResourceDeleteSuccess")
            ask(url, f"{GATEWAY}/apis/x?api-version=2024-05-01", "PUT", body)
            assert {got.get(timeout=10), got.get(timeout=10)} == {
                ("Notification", "Microsoft.ApiManagement.APICreated"),
                ("Notification", "Microsoft.Resources.ResourceWriteSuccess"),
            }


def test_a_failed_delivery_comes_again_when_the_clock_says_so_and_the_log_tells_of_it() -> None:
    got: queue.Queue[JSON] = queue.Queue()
    statuses = iter([503, 302, 200])

    def heard(headers: dict[str, str], event: JSON) -> int:
        got.put({"count": headers["aeg-delivery-count"], "type": headers["content-type"], "id": event["id"]})
        return next(statuses)

    with receiver(heard) as hook, started("--events-to", hook, "--knob", "events_schema=cloud-events") as running:
        url = running[0]
        ask(url, f"/_simulator/resources?id={EAST}/deployments/new", "PUT", MODEL)
        (raised,) = ask(url, "/_simulator/events")
        kind = "application/cloudevents+json; charset=utf-8"
        for count, status, outcome in (("0", 503, "failed"), ("1", 302, "failed"), ("2", 200, "delivered")):
            assert got.get(timeout=10) == {"count": count, "type": kind, "id": raised["id"]}
            last = noted(url, int(count) + 1)
            assert (last["status"], last["outcome"], last["id"]) == (status, outcome, raised["id"])
            ask(url, "/_simulator/clock", "POST", {"advance": 30})


def test_one_that_waits_arrives_when_its_time_has_come_and_nobody_asks() -> None:
    got: queue.Queue[float] = queue.Queue()

    def heard(_headers: dict[str, str], _events: list[JSON]) -> int:
        got.put(time.monotonic())
        return 200

    with receiver(heard) as hook, started("--events-to", hook, "--knob", "events_shuffle=1") as running:
        for number in range(5):
            ask(running[0], f"/_simulator/resources?id={EAST}/deployments/d{number}", "PUT", MODEL)
        times = [got.get(timeout=10) for _ in range(5)]
        assert times[-1] - times[0] > 0.1


def noted(url: str, count: int) -> JSON:
    """The last delivery, once so many are noted."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        found: list[JSON] = ask(url, "/_simulator/deliveries")
        if len(found) == count:
            return found[-1]
        time.sleep(0.02)
    pytest.fail(f"there were never {count} deliveries")


def test_several_are_under_way_at_once_if_so_wished() -> None:
    together = threading.Barrier(3, timeout=10)

    def heard(_headers: dict[str, str], _events: list[JSON]) -> int:
        together.wait()
        return 200

    with receiver(heard) as hook:
        options = ("--events-to", hook, "--knob", "events_at_once=3")
        with started(*options) as (url, _, _process):
            for number in range(3):
                ask(url, f"/_simulator/resources?id={EAST}/deployments/d{number}", "PUT", MODEL)
            assert noted(url, 3)["outcome"] == "delivered"


def test_an_endpoint_that_does_not_answer_gives_no_status() -> None:
    with receiver(lambda _headers, _events: 200) as hook:
        assert Webhook(hook).post(b"[]", {}) == 200
    assert Webhook(hook).post(b"[]", {}) is None


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with receiver(lambda _headers, _events: 204) as hook:
        assert Webhook(hook).post(b"[]", {}) == 204


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/x",
        "http://10.0.0.1/",
        "ftp://127.0.0.1/",
        "nonsense",
        "http://127.0.0.1:x/",
        "http://[/",
    ],
)
def test_events_are_posted_to_loopback_urls_only(url: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Webhook(url)
