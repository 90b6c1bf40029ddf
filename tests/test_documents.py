"""Where a document comes from, and every way in which it can be none."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
URL = "https://localhost/openapi.json?raw=1"
PUBLIC = "93.184.216.34"


def sentence(error: pytest.ExceptionInfo[GatewayError]) -> str:
    return str(error.value)


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


@contextmanager
def served(answer: bytes) -> Iterator[tuple[int, ssl.SSLContext]]:
    """An https server on loopback that gives this answer to whoever asks."""
    certificate = make_certificates()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate.chain, certificate.key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener.accept()[0] as plain, server_side.wrap_socket(plain, server_side=True) as connection:
            connection.recv(65536)
            connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], ssl.create_default_context(cafile=str(certificate.ca))
    finally:
        thread.join(5)
        listener.close()
        certificate.remove()


def fetched(answer: bytes) -> bytes:
    with served(answer) as (port, context):
        return fetch(
            URL,
            resolve=lambda _host: [PUBLIC],
            connect=lambda _address: socket.create_connection(("127.0.0.1", port), timeout=5),
            context=context,
        )


def test_a_document_is_fetched_from_the_address_that_was_checked() -> None:
    assert fetched(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") == b"{}"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\n\r\n", "redirects to https://127.0.0.1/"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "answers 404 Not Found"),
        (b"nonsense", "cannot be fetched"),
    ],
)
def test_an_answer_other_than_the_document_gets_one_sentence(answer: bytes, expected: str) -> None:
    with pytest.raises(GatewayError) as error:
        fetched(answer)
    assert expected in sentence(error)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.4", "169.254.169.254", "168.63.129.16", "::1", "fe80::1%2"]
)
def test_a_host_that_leads_inside_is_never_connected_to(address: str) -> None:
    def never(_address: str) -> socket.socket:
        raise AssertionError("connected")

    with pytest.raises(GatewayError, match="which is no public address"):
        fetch(URL, resolve=lambda _host: [PUBLIC, address], connect=never)


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
