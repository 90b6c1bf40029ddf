"""How an Azure SDK client talks to a simulator in the same process.

Through the SDK's own transport on `requests`, whose connection is replaced by a function call: answers and cut
connections reach the client exactly as they would from a socket.
"""

import io
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from azure.core.pipeline.transport import AsyncioRequestsTransport, RequestsTransport
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from simulator.app import ConnectionCut, Simulator

JSON = dict[str, Any]


class SimulatorTransport(RequestsTransport):  # type: ignore[misc]  # azure-core exports it without its type
    """Sends requests to a simulator by a function call; waiting advances the simulator's clock."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        super().__init__(session=_session(simulator), session_owner=False)

    def sleep(self, duration: float) -> None:
        """Let simulated time pass."""
        self.simulator.clock.advance(duration)


class AsyncSimulatorTransport(AsyncioRequestsTransport):  # type: ignore[misc]  # as above
    """The same for the clients under `azure.….aio`."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        super().__init__(session=_session(simulator), session_owner=False)

    async def sleep(self, duration: float) -> None:
        """Let simulated time pass."""
        self.simulator.clock.advance(duration)


def _session(simulator: Simulator) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _FunctionCall(simulator))
    session.mount("http://", _FunctionCall(simulator))
    return session


class _FunctionCall(HTTPAdapter):
    def __init__(self, simulator: Simulator) -> None:
        super().__init__()
        self._simulator = simulator

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Call the WSGI application instead of opening a connection."""
        del args
        started: list[Any] = []
        environ = _environ(request)

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            started.extend((status, headers))

        try:
            body = b"".join(self._simulator(environ, start_response))
        except ConnectionCut as cut:
            if cut.sent:
                raise requests.ConnectionError(ProtocolError("Connection aborted."), request=request) from cut
            raise requests.ConnectionError("Failed to establish a connection", request=request) from cut
        if environ.get("simulator.seconds", 0.0) > _patience(kwargs.get("timeout")):
            raise requests.ReadTimeout("Read timed out.", request=request)
        status, headers = started
        code, _, reason = status.partition(" ")
        raw = HTTPResponse(
            body=io.BytesIO(body),
            headers=headers,
            status=int(code),
            reason=reason,
            preload_content=False,
            enforce_content_length=True,
            request_method=request.method,
        )
        return self.build_response(request, raw)


def _patience(timeout: Any) -> float:
    """How many seconds the client waits for an answer: the second of a pair, or the only one."""
    seconds = timeout[-1] if isinstance(timeout, tuple) else timeout
    return float("inf") if seconds is None else float(seconds)


def _environ(request: requests.PreparedRequest) -> JSON:
    parts = urlsplit(str(request.url))
    body = _bytes_of(request.body)
    environ: JSON = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path).encode().decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = text
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _bytes_of(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    read = body.read()
    return read.encode() if isinstance(read, str) else bytes(read)
