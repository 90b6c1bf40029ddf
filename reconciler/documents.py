"""Where the OpenAPI document that a profile names comes from: shipped with us, a file, or an https address.

An address is somebody else's word: the host must be a public one, on the addresses that it has at that moment, and
what it answers must be the document itself; a redirect could lead anywhere (platform.md §4.6).
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from reconciler import openapi, specs
from reconciler.errors import GatewayError

LARGEST = 4 * 1024 * 1024
"""Bytes; what API Management takes inline (arm-wire.md §3.2)."""
_TIMEOUT = 10.0
_PORT = 443
_AZURES_OWN = "168.63.129.16"
"""A public address by its number; within Azure it is the host's own services."""

Resolve = Callable[[str], list[str]]
Connect = Callable[[str], socket.socket]


def read(specification: str, folder: Path) -> Mapping[str, Any]:
    """The document of that name; a file is looked for in `folder`. Raises GatewayError with one sentence."""
    if specification in specs.NAMES:
        return specs.load(specification)
    data = fetch(specification) if specification.startswith("https://") else _file(specification, folder)
    if len(data) > LARGEST:
        raise _unreadable(specification, f"has more than {LARGEST:,} bytes, the most that an import takes")
    document = _parsed(specification, data)
    try:
        openapi.operations(document)
    except openapi.DocumentRefused as refused:
        sentence = str(refused)
        raise GatewayError("specification-refused", f"the specification {specification}: {sentence}") from None
    return document


def fetch(
    url: str,
    *,
    resolve: Resolve | None = None,
    connect: Connect | None = None,
    context: ssl.SSLContext | None = None,
) -> bytes:
    """What the address answers; the connection goes to the very address that was checked."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        addresses = (resolve or _resolve)(host)
        private = next((a for a in addresses if not _is_public(a)), None)
        if private is not None or not addresses:
            raise _unreadable(url, f"leads to {private or 'nowhere'}, which is no public address")
        connection = _Pinned(host, partial(connect or _connect, addresses[0]), context)
        try:
            connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
            answer = connection.getresponse()
            data = answer.read(LARGEST + 1)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise _unreadable(url, f"cannot be fetched: {type(error).__name__} {error}") from None
    if answer.status in range(300, 400):
        raise _unreadable(url, f"redirects to {answer.headers.get('Location')}, which is not followed")
    if answer.status != http.client.OK:
        raise _unreadable(url, f"answers {answer.status} {answer.reason}")
    return data


class _Pinned(http.client.HTTPSConnection):
    """A connection to the address that was looked up, with the certificate of the host's name."""

    def __init__(self, host: str, connect: Callable[[], socket.socket], context: ssl.SSLContext | None) -> None:
        super().__init__(host, _PORT, timeout=_TIMEOUT)
        self._to_address = connect
        self._tls = context or ssl.create_default_context()

    def connect(self) -> None:
        """See HTTPSConnection."""
        self.sock = self._tls.wrap_socket(self._to_address(), server_hostname=self.host)


def _is_public(address: str) -> bool:
    return address != _AZURES_OWN and ipaddress.ip_address(address.partition("%")[0]).is_global


def _resolve(host: str) -> list[str]:
    return sorted({str(info[4][0]) for info in socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)})


def _connect(address: str) -> socket.socket:
    return socket.create_connection((address, _PORT), timeout=_TIMEOUT)


def _file(specification: str, folder: Path) -> bytes:
    try:
        with (folder / specification).open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(specification, f"cannot be read: {error.strerror} ({folder / specification})") from None


def _parsed(specification: str, data: bytes) -> Mapping[str, Any]:
    try:
        text = data.decode("utf-8-sig")
        found = json.loads(text) if text.lstrip().startswith("{") else YAML(typ="safe", pure=False).load(text)
    except UnicodeDecodeError as error:
        raise _unreadable(specification, f"is not UTF-8 text (byte {error.start + 1})") from None
    except (ValueError, YAMLError, RecursionError) as error:
        raise _unreadable(
            specification, f"is neither JSON nor YAML: {' '.join(str(error).split())[:200]}"
        ) from None
    if not isinstance(found, dict):
        raise _unreadable(specification, "is no OpenAPI document")
    return found


def _unreadable(specification: str, what: str) -> GatewayError:
    sentence = f"the specification {specification} {what}; mend api.specification in the profile"
    return GatewayError("specification-unreadable", sentence)
