"""`python -m simulator`, as people and other programs start it."""

import json
import os
import queue
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import RemoteDisconnected
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from simulator.webhook import Webhook
from tests.simulator.asking import EAST, GATEWAY, JSON, api

ROOT = Path(__file__).parents[2]
HEADERS = {"Authorization": "Bearer token", "Content-Type": "application/json"}


@contextmanager
def started(*arguments: str) -> Iterator[tuple[str, list[str], "subprocess.Popen[str]"]]:
    """A running simulator: its URL, the lines before it, the process."""
    command = [sys.executable, "-m", "simulator", "--port", "0", *arguments]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    ) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            for line in process.stdout:
                if line.startswith("simulator listening on "):
                    yield line.removeprefix("simulator listening on ").strip(), lines, process
                    break
                lines.append(line)
            else:
                pytest.fail(f"it did not start: {process.stderr.read() if process.stderr else ''}")
        finally:
            if process.poll() is None:
                process.kill()


def ask(url: str, path: str, method: str = "GET", body: Any = None, **more: Any) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}{path}", data, HEADERS, method=method)  # noqa: S310  # our own server
    with urllib.request.urlopen(request, timeout=10, **more) as answer:  # noqa: S310  # as above
        text = answer.read()
        return json.loads(text) if text else None


def test_it_serves_says_where_and_stops_promptly_on_sigterm() -> None:
    with started() as (url, _, process):
        assert url.startswith("http://127.0.0.1:")
        found = ask(url, f"{GATEWAY}/apis?api-version=2024-05-01&%24top=1")
        assert found["value"][0]["name"] == "legacy-openai-api"
        assert ask(url, found["nextLink"].removeprefix(url))["value"][0]["name"] == "orders-api"
        assert ask(url, "/_simulator/requests")[0]["status"] == 200
        ask(url, "/_simulator/faults", "POST", [{"drop": True}])
        with pytest.raises(RemoteDisconnected):
            ask(url, f"{GATEWAY}?api-version=2024-05-01")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0


def test_an_answer_takes_no_time_and_a_latency_takes_its_own() -> None:
    with started("--write-latency", "200") as (url, _, _process):
        ask(url, f"{GATEWAY}?api-version=2024-05-01")
        began = time.monotonic()
        for _ in range(10):
            ask(url, f"{GATEWAY}?api-version=2024-05-01")
        assert time.monotonic() - began < 0.3
        began = time.monotonic()
        ask(url, f"{GATEWAY}/apis/x?api-version=2024-05-01", "PUT", api("x"))
        assert time.monotonic() - began > 0.2


def test_it_serves_https_with_a_ca_file_of_its_own() -> None:
    with started("--https") as (url, lines, process):
        assert url.startswith("https://127.0.0.1:")
        ca = lines[0].rpartition(": ")[2].strip()
        context = ssl.create_default_context(cafile=ca)
        for host in ("127.0.0.1", "localhost"):
            at = url.replace("127.0.0.1", host)
            found = ask(at, f"{GATEWAY}/apis?api-version=2024-05-01&%24top=1", context=context)
            assert found["nextLink"].startswith(at)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
        assert not Path(ca).exists()


def test_it_posts_events_to_a_loopback_url() -> None:
    got: queue.Queue[tuple[str, JSON]] = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server calls
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.put((self.headers["aeg-event-type"], body[0]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with started("--events-to", f"http://127.0.0.1:{server.server_port}/hook") as (url, _, _process):
            ask(url, f"/_simulator/resources?id={EAST}/deployments/gpt-4o", "DELETE")
            kind, event = got.get(timeout=10)
        server.shutdown()
        thread.join()
    assert kind == "Notification"
    assert event["eventType"] == "Microsoft.Resources.ResourceDeleteSuccess"


@pytest.mark.parametrize("url", ["https://example.com/x", "http://10.0.0.1/", "ftp://127.0.0.1/", "nonsense"])
def test_events_are_posted_to_loopback_urls_only(url: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Webhook(url)


def refused(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_a_port_in_use_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert (
            refused("--port", port) == f"port {port} on 127.0.0.1 is already in use; choose another with --port\n"
        )


def test_a_wrong_world_is_one_clear_sentence_per_mistake(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    path.write_text(json.dumps({"subscriptions": {}, "resources": [{"id": GATEWAY}, {"id": EAST}]}), "utf-8")
    lines = refused("--port", "0", "--world", str(path)).splitlines()
    assert [line.rpartition(": ")[2] for line in lines] == [
        "there is no subscription '00000000-0000-0000-0000-000000000001'",
    ] * 2
    path.write_text("{", "utf-8")
    assert "is not JSON" in refused("--port", "0", "--world", str(path))


def test_other_wrong_options_are_one_clear_sentence(tmp_path: Path) -> None:
    role = tmp_path / "role.json"
    role.write_text("{}", "utf-8")
    assert refused("--port", "0", "--enforce-role", str(role)) == "the role definition allows no actions\n"
    assert "loopback" in refused("--port", "0", "--events-to", "http://example.com")
    assert "unknown knob colour" in refused("--port", "0", "--knob", "colour=red")
