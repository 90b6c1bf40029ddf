"""What an interrupt leaves behind: true outcomes, and a gateway that the next apply finishes; and signs of life.

The command line and the simulator are processes, as they are on a person's machine.
"""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.local import CONFIG, EAST_API, GATEWAY
from tools.local_azure import ROOT, LocalAzure, local_azure

POLICY = f"{EAST_API}/policies/policy"
LINK = f"{GATEWAY}/products/ai-platform/apis/contoso-east-831a41"
BACKEND = f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint"
KINDS = ["service", "role-assignment", "backend", "api", "api-policy", "product-api"]
QUICK = ("--knob", "service_update_time=0.1", "--import-time")


@pytest.fixture
def azure() -> Iterator[LocalAzure]:
    with local_azure(*QUICK, "0.5") as running:
        yield running


@pytest.fixture
def slow_azure() -> Iterator[LocalAzure]:
    with local_azure(*QUICK, "5") as running:
        yield running


@contextmanager
def started(azure: LocalAzure, folder: Path, *arguments: str, stderr: int) -> Iterator[subprocess.Popen[str]]:
    """`python -m reconciler` under way."""
    (folder / "reconciler.yaml").write_text(CONFIG, "utf-8")
    settings = {k: v for k, v in os.environ.items() if not k.startswith(("RECONCILER_", "AZURE_", "AzureWebJobs"))}
    settings |= azure.environment(folder / "state") | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "150"}
    settings["RECONCILER_CONFIG"] = "reconciler.yaml"
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=folder,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def until(asked: LocalAzure, what: str) -> None:
    """Wait until the simulator was asked for that."""
    end = time.monotonic() + 30
    while not any(re.search(what, f"{r['method']} {r['path']}") for r in asked.requests()):
        assert time.monotonic() < end, f"nobody asked for {what}"
        time.sleep(0.05)


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=40)
    return process.returncode, out, err or ""


def apply(azure: LocalAzure, folder: Path) -> Any:
    """One apply from start to end."""
    with started(azure, folder, "apply", "--yes", "--format", "json", stderr=subprocess.PIPE) as process:
        code, out, err = finished(process)
    assert code == 0, (out, err)
    return json.loads(out)["gateways"][0]


def there(azure: LocalAzure) -> set[str]:
    return {id for id in (BACKEND, EAST_API, POLICY, LINK) if id in azure.resources()}


def test_an_interrupt_during_an_import_tells_what_was_done_and_the_next_apply_finishes(
    slow_azure: LocalAzure, tmp_path: Path
) -> None:
    with started(slow_azure, tmp_path, "apply", "--yes", "--format", "json", stderr=subprocess.PIPE) as process:
        until(slow_azure, rf"PUT {EAST_API}$|PUT {EAST_API}\?")
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        code, out, err = finished(process)
    assert code == 130
    assert "Traceback" not in err
    assert err.splitlines()[-2:] == [
        "interrupted while creating api contoso-east-831a41: the next run looks at what came of it",
        "interrupted",
    ]
    (gateway,) = json.loads(out)["gateways"]
    assert [(o["kind"], o["status"]) for o in gateway["outcomes"]] == [
        ("service", "applied"),
        ("role-assignment", "applied"),
        ("backend", "applied"),
    ]
    assert (gateway["converged"], gateway["error"]) == (False, None)
    assert len(gateway["changes"]) == 6
    assert POLICY not in there(slow_azure)
    assert LINK not in there(slow_azure)

    again = apply(slow_azure, tmp_path)
    assert again["converged"]
    assert {o["kind"] for o in again["outcomes"]} <= {"api", "api-policy", "product-api"}
    assert there(slow_azure) == {BACKEND, EAST_API, POLICY, LINK}
    operations = [
        id for id in slow_azure.resources() if id.startswith(f"{EAST_API}/operations/") and id.count("/") == 12
    ]
    assert len(operations) == 6
    assert apply(slow_azure, tmp_path)["changes"] == []


def script(azure: LocalAzure, **fault: Any) -> None:
    """Let requests fail, or take long (docs/simulator.md, "Faults")."""
    request = urllib.request.Request(  # noqa: S310 - an address on this machine
        f"{azure.url}/_simulator/faults", json.dumps([fault]).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - as above


def test_an_interrupt_while_reading_says_that_nothing_was_written(azure: LocalAzure, tmp_path: Path) -> None:
    # Told to come back later, it waits; however slow this machine is, there can be no plan before that.
    script(azure, match=rf"GET {GATEWAY}\?", times=99, answer=429, headers={"Retry-After": "100"})
    with started(azure, tmp_path, "apply", "--yes", "--format", "json", stderr=subprocess.PIPE) as process:
        until(azure, f"GET {GATEWAY}$")
        process.send_signal(signal.SIGINT)
        code, out, err = finished(process)
        assert [r for r in azure.requests() if r["method"] != "GET"] == []
    assert (code, err) == (130, "interrupted\n")
    (gateway,) = json.loads(out)["gateways"]
    assert gateway["error"] == {
        "reason": "interrupted",
        "detail": "interrupted before there was a plan; nothing was written",
    }
    assert not gateway["converged"]


def test_on_a_terminal_progress_is_seen_and_none_of_it_is_in_the_answer(azure: LocalAzure, tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    seen: list[bytes] = []

    def watch() -> None:
        with suppress(OSError):  # the terminal is gone when its last writer is
            while data := os.read(controller, 4096):
                seen.append(data)

    watching = threading.Thread(target=watch)
    with started(azure, tmp_path, "apply", "--yes", stderr=terminal) as process:
        os.close(terminal)
        watching.start()
        code, out, _ = finished(process)
    watching.join(10)
    os.close(controller)
    said = b"".join(seen).decode()
    assert code == 0
    assert "reading contoso-gateway" in said
    assert "[4/6] creating api contoso-east-831a41" in said
    for number, kind in enumerate(KINDS, 1):
        assert re.search(rf"\[{number}/6\] applied (create|update) {kind} ", said)
    assert "\x1b" not in out
    assert not re.search(r"\[\d/\d\]|creating|reading", out)
    assert out.startswith("Gateway contoso-gateway  ")


def test_who_reads_only_the_beginning_of_an_answer_sees_no_traceback(azure: LocalAzure, tmp_path: Path) -> None:
    with started(azure, tmp_path, "show", "--format", "json", stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(40) == 1
        assert process.stderr.read() == ""
