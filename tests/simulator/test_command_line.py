"""`python -m simulator`, as people and other programs start it."""

import json
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest

from simulator.__main__ import main
from simulator.knobs import Knobs
from tests.simulator.asking import EAST, GATEWAY, api
from tests.simulator.running import ask, refused, started


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
        reads = [taken(lambda: ask(url, f"{GATEWAY}?api-version=2024-05-01")) for _ in range(20)]
        assert min(reads) < 0.03  # the quickest: a busy machine delays some of them, a waiting server all
        assert taken(lambda: ask(url, f"{GATEWAY}/apis/x?api-version=2024-05-01", "PUT", api("x"))) > 0.2


def taken(work: Callable[[], Any]) -> float:
    """How many seconds something takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


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


def test_a_port_in_use_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert (
            refused("--port", port) == f"port {port} on 127.0.0.1 is already in use; choose another with --port\n"
        )


def test_a_wrong_world_is_one_clear_sentence_per_mistake_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    path.write_text(json.dumps({"subscriptions": {}, "resources": [{"id": GATEWAY}, {"id": EAST}]}), "utf-8")
    lines = refused("--port", "0", "--world", str(path)).splitlines()
    unknown = "there is no subscription '00000000-0000-0000-0000-000000000001'; add it to subscriptions"
    assert lines[0] == f"{path}: resources[0] ({GATEWAY}): {unknown}"
    assert f"{path}: resources[1] ({EAST}): {unknown}" in lines
    assert all(line.startswith(f"{path}: resources[") for line in lines)


@pytest.fixture
def sentence(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., str]]:
    """What a simulator that does not start says to standard error, in this process."""
    before = signal.getsignal(signal.SIGTERM)

    def said(*arguments: str) -> str:
        assert main(["--port", "0", *arguments]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        return err

    yield said
    signal.signal(signal.SIGTERM, before)


def test_wrong_options_are_one_clear_sentence(tmp_path: Path, sentence: Callable[..., str]) -> None:
    path = tmp_path / "world.json"
    path.write_text("{", "utf-8")
    assert sentence("--world", str(path)).startswith(f"{path}: this is no JSON at line 1, column 2: ")
    path.write_text("{}", "utf-8")
    assert sentence("--enforce-role", str(path)) == "the role definition allows no actions\n"
    assert "loopback" in sentence("--events-to", "http://example.com")
    assert "unknown knob colour" in sentence("--knob", "colour=red")
    assert sentence("--knob", "import_time=soon") == "knob import_time: 'soon' is not a number\n"
    assert sentence("--knob", "page_size=0") == "knob page_size: 0 is not 1 or more\n"
    assert sentence("--knob", "throttle=maybe") == "knob throttle: 'maybe' is not true or false\n"


@pytest.fixture
def turned(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Knobs]]:
    """The knobs of a simulator started with these arguments, which serves nobody."""
    before = signal.getsignal(signal.SIGTERM)
    found: list[Knobs] = []
    monkeypatch.setattr("simulator.__main__._run", lambda simulator, *_: found.append(simulator.cloud.knobs))

    def knobs(*arguments: str) -> Knobs:
        assert main(["--port", "0", *arguments]) == 0
        return found[-1]

    yield knobs
    signal.signal(signal.SIGTERM, before)


def test_a_knob_whose_values_look_like_numbers_is_read_as_it_is_meant(turned: Callable[..., Knobs]) -> None:
    knobs = turned("--knob", "role_reput=409", "--knob", "import_time=1", "--knob", "throttle=true", "--seed", "7")
    assert (knobs.role_reput, knobs.import_time, knobs.throttle, knobs.seed) == ("409", 1.0, True, 7)


def test_the_flags_of_latencies_are_milliseconds_and_the_knobs_seconds(turned: Callable[..., Knobs]) -> None:
    knobs = turned("--read-latency", "250", "--knob", "write_latency=2")
    assert (knobs.read_latency, knobs.write_latency) == (0.25, 2.0)
