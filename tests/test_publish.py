"""Events on their way to a topic: a small one on this machine, and Microsoft's own client."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import ClientAuthenticationError

from reconciler.announce import CloudEvent
from reconciler.errors import ConfigError
from reconciler.publish import Silent, Topic, publisher

EVENT = CloudEvent("1", "/gateway", "T.Onboarded", "/account", datetime(2026, 11, 22, tzinfo=UTC), {"run": "r"})


class Identity:
    """A credential that says what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.asked += scopes
        return AccessToken("the-token", int(time.time()) + 3600)


class LocalTopic:
    """Answers with each status in turn, the last one for ever; `hang` never answers."""

    def __init__(self, *answers: int, hang: bool = False, headers: dict[str, str] | None = None) -> None:
        self.answers = list(answers)
        self.got: list[tuple[str, dict[str, str], Any]] = []
        self.over = threading.Event()
        self.hang = hang
        self.headers = headers or {}
        self.url = ""


@contextmanager
def listening(topic: LocalTopic) -> Iterator[LocalTopic]:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            topic.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if topic.hang:
                topic.over.wait(20)
                return
            self.send_response(topic.answers.pop(0) if len(topic.answers) > 1 else topic.answers[0])
            for name, value in {"Content-Length": "0", **topic.headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    topic.url = f"http://127.0.0.1:{server.server_port}/api/events"
    try:
        yield topic
    finally:
        topic.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def events(count: int = 1, size: int = 1) -> list[CloudEvent]:
    return [
        CloudEvent(str(n), "/gateway", "T.Onboarded", "/account", EVENT.time, {"run": "r" * size})
        for n in range(count)
    ]


def to(topic: LocalTopic, identity: TokenCredential | None = None) -> Topic:
    """A publisher that waits for nothing between two attempts."""
    return Topic(topic.url, lambda: identity or Identity(), sleep=lambda _: None)


def test_events_arrive_as_cloud_events_with_the_identitys_token() -> None:
    identity = Identity()
    with listening(LocalTopic(200)) as topic:
        assert publisher(topic.url, lambda: identity).publish([EVENT]) == ""
    (path, headers, body) = topic.got[0]
    assert path == "/api/events?api-version=2018-01-01"
    assert headers["authorization"] == "Bearer the-token"
    assert headers["content-type"].startswith("application/cloudevents-batch+json")
    assert identity.asked == ["https://eventgrid.azure.net/.default"]
    assert body == [
        {
            "specversion": "1.0",
            "id": "1",
            "source": "/gateway",
            "type": "T.Onboarded",
            "subject": "/account",
            "time": "2026-11-22T00:00:00.000Z",
            "data": {"run": "r"},
        }
    ]


def test_many_events_go_in_requests_that_the_topic_takes() -> None:
    with listening(LocalTopic(200)) as topic:
        assert to(topic).publish(events(30, size=50_000)) == ""
    assert [e["id"] for _, _, body in topic.got for e in body] == [str(n) for n in range(30)]
    assert len(topic.got) == 3
    assert all(int(headers["content-length"]) < 1024 * 1024 for _, headers, _ in topic.got)


def test_nothing_is_sent_where_nothing_happened() -> None:
    with listening(LocalTopic(200)) as topic:
        assert to(topic).publish([]) == ""
    assert topic.got == []


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_pass_is_tried_again_with_the_same_event(status: int) -> None:
    with listening(LocalTopic(status, status, 200, headers={"Retry-After": "60"})) as topic:
        assert to(topic).publish([EVENT]) == ""
    assert [body[0]["id"] for _, _, body in topic.got] == ["1", "1", "1"]


def test_a_topic_that_goes_on_failing_costs_three_attempts_and_a_sentence() -> None:
    with listening(LocalTopic(500)) as topic:
        said = to(topic).publish(events(2))
    assert said == "2 of 2 events did not get to 127.0.0.1: it answered 500"
    assert len(topic.got) == 3


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (401, "it answered 401; the app's identity needs the role 'EventGrid Data Sender' on the topic"),
        (403, "it answered 403; the app's identity needs the role 'EventGrid Data Sender' on the topic"),
        (404, "it answered 404; the endpoint must end /api/events"),
        (400, "it answered 400"),
        (413, "it answered 413"),
    ],
)
def test_what_will_not_pass_is_tried_once(status: int, why: str) -> None:
    with listening(LocalTopic(status)) as topic:
        assert to(topic).publish([EVENT]) == f"1 of 1 events did not get to 127.0.0.1: {why}"
    assert len(topic.got) == 1


def test_the_token_follows_no_redirect() -> None:
    with listening(LocalTopic(200)) as other, listening(LocalTopic(307, headers={"Location": other.url})) as topic:
        assert to(topic).publish([EVENT]) == "1 of 1 events did not get to 127.0.0.1: it answered 307"
    assert other.got == []


def test_what_was_sent_before_the_failure_is_not_counted_as_lost() -> None:
    with listening(LocalTopic(200, 200, 400)) as topic:
        assert to(topic).publish(events(30, size=50_000)).startswith("10 of 30 events did not get to")


def test_a_topic_that_never_answers_is_given_up_within_seconds() -> None:
    with listening(LocalTopic(hang=True)) as topic:
        began = time.monotonic()
        said = Topic(topic.url, Identity, sleep=lambda _: None, answer=0.2).publish([EVENT])
        assert time.monotonic() - began < 5
    assert said == "1 of 1 events did not get to 127.0.0.1: no answer (ServiceResponseTimeoutError)"
    assert len(topic.got) == 3


def test_no_attempt_begins_when_the_time_is_up() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds + 5

    with listening(LocalTopic(500)) as topic:
        said = Topic(topic.url, Identity, sleep=sleep, clock=lambda: now[0]).publish([EVENT])
    assert said.endswith("it answered 500")
    assert len(topic.got) == 2


def test_a_topic_that_is_not_there_is_no_trouble() -> None:
    with listening(LocalTopic(200)) as topic:
        pass
    assert to(topic).publish([EVENT]).startswith("1 of 1 events did not get to 127.0.0.1: no answer (Service")


@pytest.mark.parametrize("mistake", [ClientAuthenticationError("no identity here"), RuntimeError("secret")])
def test_an_identity_that_has_no_token_is_no_trouble(mistake: Exception) -> None:
    class Broken(Identity):
        def get_token(self, *scopes: str, **_: Any) -> AccessToken:
            self.asked += scopes
            raise mistake

    identity = Broken()
    with listening(LocalTopic(200)) as topic:
        said = to(topic, identity).publish([EVENT])
    assert said.startswith("1 of 1 events did not get to 127.0.0.1: ")
    assert "secret" not in said
    assert (topic.got, len(identity.asked)) == ([], 1)


def test_the_sdk_does_not_warn_of_each_event(caplog: pytest.LogCaptureFixture) -> None:
    with listening(LocalTopic(200)) as topic:
        to(topic).publish([EVENT])
    assert [r.getMessage() for r in caplog.records if r.levelname == "WARNING"] == []


@pytest.mark.parametrize("absent", [None, ""])
def test_without_a_topic_nobody_is_told(absent: str | None) -> None:
    silent = publisher(absent, Identity)
    assert isinstance(silent, Silent)
    assert silent.publish([EVENT]) == ""


@pytest.mark.parametrize(
    "endpoint",
    [
        "contoso.westeurope-1.eventgrid.azure.net",
        "ftp://contoso.westeurope-1.eventgrid.azure.net",
        "https://",
        "https://[",
        "https://contoso.westeurope-1.eventgrid.azure.net/api/events?aeg-sas-key=SECRET",
        "https://key:SECRET@contoso.westeurope-1.eventgrid.azure.net/api/events",
    ],
)
def test_what_is_no_endpoint_is_refused_and_not_repeated(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="RECONCILER_EVENT_TOPIC is no endpoint of a topic") as refused:
        publisher(endpoint, Identity)
    assert "SECRET" not in str(refused.value)


def test_plain_http_is_for_this_machine_only() -> None:
    with pytest.raises(ConfigError, match="tokens would cross the network in the clear"):
        publisher("http://contoso.westeurope-1.eventgrid.azure.net/api/events", Identity)
