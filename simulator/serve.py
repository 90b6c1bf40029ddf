"""How the simulator is reached over a socket."""

import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from waitress import create_server
from waitress.channel import ClientDisconnected

from simulator.app import ConnectionCut, Simulator
from simulator.certificates import Certificates

LOOPBACK = "127.0.0.1"
_THREADS = 16
_CHUNK = 65536


class PortTakenError(OSError):
    """Somebody else listens on this port."""


def listening_socket(port: int) -> socket.socket:
    """A socket on the loopback interface, not listening yet."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except (OSError, OverflowError) as mistake:
        listener.close()
        raise PortTakenError(
            f"port {port} on {LOOPBACK} is already in use; choose another with --port"
        ) from mistake
    return listener


def serve(
    simulator: Simulator, listener: socket.socket, certificates: Certificates | None, ready: Callable[[], None]
) -> None:
    """Serve until interrupted.

    waitress answers, threaded and without Nagle's delay; for https a thin layer in front of it takes the encryption
    off, since waitress has none.
    """
    logging.getLogger("waitress").setLevel(logging.ERROR)  # an answer cut short on purpose is no warning
    behind = listening_socket(0) if certificates else listener
    server = create_server(
        _application(simulator, "https" if certificates else "http"),
        sockets=[behind],
        threads=_THREADS,
        ident=None,
        clear_untrusted_proxy_headers=True,
    )
    if certificates:
        port = behind.getsockname()[1]
        threading.Thread(target=_unwrap, args=(listener, port, certificates), daemon=True).start()
    ready()
    try:
        server.run()
    finally:
        with suppress(OSError):
            server.close()
        behind.close()


def _application(simulator: Simulator, scheme: str) -> Callable[..., Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = scheme
        try:
            return simulator(environ, start_response)
        except ConnectionCut as cut:
            raise ClientDisconnected from cut  # waitress then closes the connection without an answer

    return application


def _unwrap(listener: socket.socket, port: int, certificates: Certificates) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.chain, certificates.key)
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_relay, args=(client, context, port), daemon=True).start()


def _relay(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        inside = socket.create_connection((LOOPBACK, port))
        inside.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with inside, context.wrap_socket(client, server_side=True) as outside:
            back = threading.Thread(target=_copy, args=(inside, outside), daemon=True)
            back.start()
            _copy(outside, inside)
            back.join(timeout=5)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError, ValueError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR if not isinstance(target, ssl.SSLSocket) else socket.SHUT_RDWR)
