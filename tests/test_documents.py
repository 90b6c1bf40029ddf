"""Where a document comes from, and every way in which it can be none."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler import specs
from reconciler.app import App
from reconciler.documents import LARGEST, fetch, read
from reconciler.errors import GatewayError
from reconciler.report import document
from simulator import Simulator
from simulator.certificates import make_certificates
from tests.builders import TINY
from tests.local import CONFIG, EAST_API, app, config, properties

JSON = dict[str, Any]
URL = "https://localhost/openapi.json"
PUBLIC = "93.184.216.34"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def sentence(error: pytest.ExceptionInfo[GatewayError]) -> str:
    return str(error.value)


def chained(count: int) -> bytes:
    """A document with a header that is another, which is another, and so on."""
    headers = {f"h{n}": {"$ref": f"#/components/headers/h{n + 1}"} for n in range(count)}
    answer = {"description": "A", "headers": {"first": {"$ref": "#/components/headers/h0"}}}
    paths = {"/a": {"get": {"responses": {"200": answer}}}}
    return json.dumps({**TINY, "paths": paths, "components": {"headers": headers}}).encode()


def test_a_bundled_document_is_our_own() -> None:
    assert read("azure-openai/2024-06-01", Path("nowhere")) is specs.load("azure-openai/2024-06-01")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps(TINY)),
        ("b.json", "\ufeff" + json.dumps(TINY)),
        ("c.yaml", "openapi: 3.0.1\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {responses: {}}}}\n"),
    ],
)
def test_a_file_is_read_as_json_or_yaml_beside_the_configuration(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert "paths" in read(name, tmp_path)


@pytest.mark.parametrize(
    ("content", "reason", "expected"),
    [
        (b"\xff\xfe", "specification-unreadable", "is not UTF-8 text (byte 1)"),
        (b"{", "specification-unreadable", "is neither JSON nor YAML"),
        (b"a: [", "specification-unreadable", "is neither JSON nor YAML"),
        (b"- 1", "specification-unreadable", "is no OpenAPI document"),
        (b" " * (LARGEST + 1), "specification-unreadable", "has more than 4,194,304 bytes"),
        (b'{"swagger": "2.0"}', "specification-refused", "Swagger 2.0, not OpenAPI 3.0 or 3.1; convert it."),
        (b'{"openapi": "3.0.0", "info": {"title": "T", "version": "1"}}', "specification-refused", "no paths"),
        (b"a: &x {b: *x}", "specification-unreadable", "has the YAML alias *x in line 1, where a $ref should be;"),
        (b"a: &x {}\nb:\n  <<: *x", "specification-unreadable", "has the YAML alias *x in line 3"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, "specification-unreadable", "is nested more than 100 levels deep"),
        (b'{"a":' * 99999, "specification-unreadable", "is nested more than 100 levels deep"),
        (b"[" * 999, "specification-unreadable", "is nested more than 100 levels deep"),
        (chained(999), "specification-unreadable", "has references that lead on and on"),
    ],
)
def test_a_file_that_is_no_document_gets_one_sentence(
    tmp_path: Path, content: bytes, reason: str, expected: str
) -> None:
    (tmp_path / "d.yaml").write_bytes(content)
    with pytest.raises(GatewayError) as error:
        read("d.yaml", tmp_path)
    assert error.value.reason == reason
    assert expected in sentence(error)
    assert "d.yaml" in sentence(error)
    assert "\n" not in sentence(error)


def test_a_file_that_is_not_there_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="No such file or directory") as error:
        read("none.json", tmp_path)
    assert str(tmp_path / "none.json") in sentence(error)


# ------------------------------------------------------------------------------------ addresses


asked: list[bytes] = []


@contextmanager
def served(answer: Iterable[bytes]) -> Iterator[tuple[int, ssl.SSLContext]]:
    """An https server on loopback that gives this answer, piece by piece, to whoever asks."""
    certificate = make_certificates()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate.chain, certificate.key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener.accept()[0] as plain, server_side.wrap_socket(plain, server_side=True) as connection:
            asked[:] = [connection.recv(65536)]
            with suppress(OSError):
                for piece in answer:
                    connection.sendall(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], ssl.create_default_context(cafile=str(certificate.ca))
    finally:
        thread.join(5)
        listener.close()
        certificate.remove()


def fetched(
    *answer: bytes, url: str = URL, slowly: Iterable[bytes] = (), dead: tuple[str, ...] = (), seconds: float = 5
) -> bytes:
    def connect(address: str, seconds: float) -> socket.socket:
        if address in dead:
            raise TimeoutError
        return socket.create_connection(("127.0.0.1", port), timeout=seconds)

    with served(slowly or answer) as (port, context):
        return fetch(url, resolve=lambda _host: [*dead, PUBLIC], connect=connect, context=context, seconds=seconds)


def dripping(before: bytes) -> Iterator[bytes]:
    """An answer that never ends and never pauses for long."""
    yield before
    for _ in range(100):
        time.sleep(0.05)
        yield b"a"


def test_a_document_is_fetched_from_the_address_that_was_checked() -> None:
    assert fetched(OK) == b"{}"


def test_a_path_may_have_any_letters() -> None:
    assert fetched(OK, url="https://localhost/\u00fc%20x.json") == b"{}"
    assert asked[0].startswith(b"GET /%C3%BC%20x.json HTTP/1.1\r\n")


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    assert fetched(OK, dead=("2606:2800:21f:cb07::1", "93.184.216.35")) == b"{}"


def test_addresses_are_tried_in_the_order_of_the_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ["93.184.216.34", "8.8.8.8", "93.184.216.34", "2606:2800:21f:cb07::1"]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **_k: [(0, 0, 0, "", (each, 443)) for each in found])
    tried: list[str] = []

    def refused(address: str, _seconds: float) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError(111, f"{address} refused")

    with pytest.raises(GatewayError, match=r"cannot be fetched: ConnectionRefusedError .*2606.* refused"):
        fetch(URL, connect=refused)
    assert tried == ["93.184.216.34", "8.8.8.8", "2606:2800:21f:cb07::1"]


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n{"])
def test_a_fetch_as_a_whole_takes_no_longer_than_it_may(before: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(GatewayError, match="cannot be fetched: TimeoutError"):
        fetched(slowly=dripping(before), seconds=0.5)
    assert time.monotonic() - begun < 5


def test_a_server_that_accepts_and_says_nothing_is_left_in_time() -> None:
    def connect(_address: str, _seconds: float) -> socket.socket:
        return socket.create_connection(listener.getsockname(), timeout=5)

    begun = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(GatewayError, match="TimeoutError"):
        fetch(URL, resolve=lambda _host: [PUBLIC], connect=connect, seconds=0.3)
    assert time.monotonic() - begun < 4


def test_a_name_that_can_be_no_host_gets_one_sentence() -> None:
    with pytest.raises(GatewayError, match="cannot be fetched: UnicodeError"):
        fetch(f"https://{'a' * 64}.example/openapi.json")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: https://b.c/?sig=a\r\n\r\n", "redirects to https://b.c/, which is not"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "breaks off 7 bytes before its end"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "answers 404 Not Found"),
        (b"nonsense", "cannot be fetched"),
    ],
)
def test_an_answer_other_than_the_document_gets_one_sentence(answer: bytes, expected: str) -> None:
    with pytest.raises(GatewayError) as error:
        fetched(answer)
    assert expected in sentence(error)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.4", "169.254.169.254", "168.63.129.16", "224.0.0.1", "::1", "fe80::1%2"),
        *("fd00::1", "fec0::1", "ff0e::1", "::127.0.0.1", "::ffff:168.63.129.16", "::ffff:0:127.0.0.1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::", "2002:a83f:8110::1"),
    ],
)
def test_a_host_that_leads_inside_is_never_connected_to(address: str) -> None:
    def never(_address: str, _seconds: float) -> socket.socket:
        raise AssertionError("connected")

    with pytest.raises(GatewayError, match="which is no public address"):
        fetch(URL, resolve=lambda _host: [PUBLIC, address], connect=never)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07::1", "64:ff9b::5db8:d822", "2002:5db8:d822::1"])
def test_a_public_address_is_connected_to_in_any_of_its_forms(address: str) -> None:
    def refused(_address: str, _seconds: float) -> socket.socket:
        raise ConnectionRefusedError(address)

    with pytest.raises(GatewayError, match=f"ConnectionRefusedError {address}"):
        fetch(URL, resolve=lambda _host: [address], connect=refused)


# ------------------------------------------------------------------------------------ on a gateway


def using(sim: Simulator, folder: Path, specification: str) -> App:
    built = app(sim, config(CONFIG.replace("api: {", f"api: {{specification: {specification}, ")))
    return replace(built, folder=folder)


def test_a_document_of_the_operators_own_becomes_the_api(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(json.dumps(TINY), encoding="utf-8")
    sim = Simulator()
    built = using(sim, tmp_path, "own.json")
    assert built.run(built.config.gateways[0], dry_run=False).converged
    names = {id.rsplit("/", 1)[-1] for id in sim.resources() if f"{EAST_API}/operations/" in id}
    assert names == {"chatcompletions-create", "models-list"}
    assert "spec=own.json@" in properties(sim, EAST_API)["description"]
    assert built.run(built.config.gateways[0], dry_run=True, deep=True).converged


def test_a_document_that_cannot_be_read_is_the_error_of_the_gateway_and_nothing_is_written(tmp_path: Path) -> None:
    built = using(Simulator(), tmp_path, "missing.yaml")
    report = built.run(built.config.gateways[0], dry_run=False)
    assert document(report)["error"]["reason"] == "specification-unreadable"
    assert document(report)["changes"] == []
