"""What gets to Application Insights: Microsoft's exporter, and a place on this machine that takes what it sends."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


@contextmanager
def insights() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A place that takes telemetry as Application Insights does: its address, and what it got."""
    got: list[dict[str, Any]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            text = zlib.decompress(body, 31) if self.headers.get("Content-Encoding") == "gzip" else body
            items = [json.loads(line) for line in text.decode().splitlines() if line]
            items = items[0] if items and isinstance(items[0], list) else items
            got.extend(items)
            answer = json.dumps({"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


SCRIPT = """
import logging, os, sys
from reconciler import telemetry
from reconciler.report import Failure, Report
from tests.builders import GATEWAY
import requests
send = requests.Session.send
for _ in range(2):
    telemetry.configure(os.environ)
unread = Report(GATEWAY, failure=Failure("throttled", ""))
telemetry.run_ended(unread, reason="Throttled", seconds=1.5, cause="timer", run="r7")
logging.getLogger("somebody.else").error("not ours")
print("azure.monitor.opentelemetry" in sys.modules, requests.Session.send is send)
"""


def process(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    quiet = {
        "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
        "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    }
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**quiet, "PATH": "", "TMPDIR": str(folder), **environment},
        timeout=50,
    )


def test_with_a_connection_string_metrics_and_our_log_go_to_application_insights(tmp_path: Path) -> None:
    with insights() as (url, got):
        key = f"InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint={url}"
        ended = process(tmp_path, APPLICATIONINSIGHTS_CONNECTION_STRING=key)
    assert (ended.returncode, ended.stdout) == (0, "True True\n"), ended.stderr
    points = [
        p for item in got if item["data"]["baseType"] == "MetricData" for p in item["data"]["baseData"]["metrics"]
    ]
    assert {"reconcile_total", "reconcile_duration_seconds", "reconcile_errors_total"} <= {
        p["name"] for p in points
    }
    (line,) = (item["data"]["baseData"] for item in got if item["data"]["baseType"] == "MessageData")
    assert line["message"].startswith("contoso-gw: run r7 ended Throttled after 1.5 s")
    assert line["properties"]["event_name"] == "reconcile.completed"
    assert line["properties"]["run"] == "r7"
    assert line["properties"]["error"] == "throttled"


@pytest.mark.parametrize(
    ("environment", "loaded", "said"),
    [
        ({}, "False True\n", ""),
        (
            {"APPLICATIONINSIGHTS_CONNECTION_STRING": "nonsense"},
            "True True\n",
            "no telemetry: Application Insights could not be set up (ValueError)\n",
        ),
    ],
    ids=["without one", "a wrong one"],
)
def test_with_no_good_connection_string_everything_else_works(
    tmp_path: Path, environment: dict[str, str], loaded: str, said: str
) -> None:
    ended = process(tmp_path, **environment)
    assert (ended.returncode, ended.stdout) == (0, loaded), ended.stderr
    assert ended.stderr.count("no telemetry") == (1 if said else 0)
    assert said in ended.stderr
