"""Where the OpenAPI document that a profile names comes from: shipped with us, a file, or an https address.

An address is somebody else's word: the host must be a public one, on the addresses that it has at that moment, and
what it answers must be the document itself; a redirect could lead anywhere (platform.md §4.6). What comes is
bounded before it is looked into: its bytes, the seconds it takes, how deep it is, and that nothing in it repeats.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent

from reconciler import openapi, specs
from reconciler.errors import GatewayError

LARGEST = 4 * 1024 * 1024
"""Bytes; what API Management takes inline (arm-wire.md §3.2)."""
_LEVELS = 100
"""How deep a document may be nested; reading it takes a few frames of Python's stack for each."""
_SECONDS = 30.0
"""For a whole fetch."""
_TO_CONNECT = 5.0
"""Seconds for each address but the last, which has what is left of the whole."""
_PORT = 443
_AZURES_OWN = "168.63.129.16"
"""A public address by its number; within Azure it is the host's own services."""
_UNICAST = ipaddress.IPv6Network("2000::/3")
_6TO4 = ipaddress.IPv6Network("2002::/16")
_CARRIERS = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""What is sent there reaches the IPv4 address in the last 32 bits."""

Resolve = Callable[[str], list[str]]
Connect = Callable[[str, float], socket.socket]
"""A connection to an address, made within so many seconds."""


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
    except RecursionError:
        raise _unreadable(specification, "has references that lead on and on") from None
    except ValueError as refused:
        sentence = str(refused)
        raise GatewayError("specification-refused", f"the specification {specification}: {sentence}") from None
    return document


def fetch(
    url: str,
    *,
    resolve: Resolve | None = None,
    connect: Connect | None = None,
    context: ssl.SSLContext | None = None,
    seconds: float = _SECONDS,
) -> bytes:
    """What the address, which has no query, answers; the connection goes to an address that was checked."""
    deadline = time.monotonic() + seconds
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        addresses = (resolve or _resolve)(host)
        private = next((a for a in addresses if not _is_public(a)), None)
        if private is not None or not addresses:
            raise _unreadable(url, f"leads to {private or 'nowhere'}, which is no public address")
        connection = _Pinned(host, partial(_first, addresses, connect or _connect, deadline), deadline, context)
        with closing(connection):
            connection.request("GET", quote(parts.path or "/", safe="/%:@!$&'()*+,=~"))
            with connection.getresponse() as answer:
                data = answer.read(LARGEST + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _unreadable(url, f"cannot be fetched: {type(error).__name__} {error}") from None
    if answer.status in range(300, 400):
        where = str(answer.headers.get("Location")).partition("?")[0]  # the rest may be a signature
        raise _unreadable(url, f"redirects to {where}, which is not followed")
    if answer.status != http.client.OK:
        raise _unreadable(url, f"answers {answer.status} {answer.reason}")
    if answer.length and len(data) <= LARGEST:
        raise _unreadable(url, f"breaks off {answer.length} bytes before its end")
    return data


class _Timed(ssl.SSLSocket):
    """A socket that reads until its deadline, however little each read brings."""

    deadline: float

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """See SSLSocket; all that http.client reads, headers too, comes through here."""
        self.settimeout(_left(self.deadline))
        return super().recv_into(*args, **kwargs)


class _Pinned(http.client.HTTPSConnection):
    """A connection to an address that was looked up, with the certificate of the host's name."""

    def __init__(
        self, host: str, connect: Callable[[], socket.socket], deadline: float, context: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, _PORT)
        self._to_address = connect
        self._deadline = deadline
        self._tls = context or ssl.create_default_context()
        self._tls.sslsocket_class = _Timed

    def connect(self) -> None:
        """See HTTPSConnection."""
        plain = self._to_address()
        plain.settimeout(_left(self._deadline))  # for the handshake as a whole
        timed = cast("_Timed", self._tls.wrap_socket(plain, server_hostname=self.host))
        timed.deadline = self._deadline
        self.sock = timed


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("it takes too long")
    return left


def _is_public(address: str) -> bool:
    """Whether it is somebody's on the internet, and not a way to what is inside."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return found.is_global and not found.is_multicast and str(found) != _AZURES_OWN
    if found in _6TO4:
        return _is_public(str(found.sixtofour))
    if any(found in carrier for carrier in _CARRIERS):
        return _is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and found in _UNICAST


def _resolve(host: str) -> list[str]:
    """The host's addresses, the one to try first first."""
    found = socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def _first(addresses: list[str], connect: Connect, deadline: float) -> socket.socket:
    """A connection to the first address that takes one; if none does, the error of the last."""
    for address in addresses[:-1]:
        with suppress(OSError):
            return connect(address, min(_TO_CONNECT, _left(deadline)))
    return connect(addresses[-1], _left(deadline))


def _connect(address: str, seconds: float) -> socket.socket:
    return socket.create_connection((address, _PORT), timeout=seconds)


def _file(specification: str, folder: Path) -> bytes:
    try:
        with (folder / specification).open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(specification, f"cannot be read: {error.strerror} ({folder / specification})") from None


def _parsed(specification: str, data: bytes) -> Mapping[str, Any]:
    deep = f"is nested more than {_LEVELS} levels deep"
    try:
        text = data.decode("utf-8-sig")
        found = json.loads(text) if text.lstrip().startswith("{") else _yaml().load(text)
    except UnicodeDecodeError as error:
        raise _unreadable(specification, f"is not UTF-8 text (byte {error.start + 1})") from None
    except RecursionError:
        raise _unreadable(specification, deep) from None
    except _Repeated as error:
        raise _unreadable(specification, str(error)) from None
    except (ValueError, YAMLError) as error:
        raise _unreadable(
            specification, f"is neither JSON nor YAML: {' '.join(str(error).split())[:200]}"
        ) from None
    if not isinstance(found, dict):
        raise _unreadable(specification, "is no OpenAPI document")
    if _levels(found) > _LEVELS:
        raise _unreadable(specification, deep)
    return found


class _Repeated(Exception):
    """A part of the document stands elsewhere too: a few bytes of such can stand for millions of parts."""


class _Once(Composer):
    """Makes of YAML only what is written out."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """See Composer."""
        if self.parser.check_event(AliasEvent):
            event = self.parser.peek_event()
            line = event.start_mark.line + 1
            raise _Repeated(f"has the YAML alias *{event.anchor} in line {line}, where a $ref should be")
        return super().compose_node(parent, index)


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)  # the one in C composes without asking
    yaml.Composer = _Once
    return yaml


def _levels(document: Any) -> int:
    level, count = [document], 0
    while level := [
        child
        for node in level
        for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
    ]:
        count += 1
        if count > _LEVELS:
            break
    return count


def _unreadable(specification: str, what: str) -> GatewayError:
    sentence = f"the specification {specification} {what}; mend api.specification in the profile"
    return GatewayError("specification-unreadable", sentence)
