"""Which Azure is spoken to, and as whom: cloud, endpoint, transport, credential, from the environment."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.pipeline.transport import HttpTransport, RequestsTransport

from reconciler.arm import Clients
from reconciler.arm.clients import is_loopback
from reconciler.clouds import CLOUDS, Cloud
from reconciler.errors import ConfigError

_SIMULATOR_TOKEN = "simulator"  # noqa: S105 - the one value that is accepted, and on loopback only


def cloud(environment: Mapping[str, str]) -> Cloud:
    """The cloud of RECONCILER_CLOUD; raises ConfigError."""
    name = environment.get("RECONCILER_CLOUD") or "public"
    if name not in CLOUDS:
        raise ConfigError(f"RECONCILER_CLOUD is '{name}'; it must be one of: {', '.join(CLOUDS)}")
    return CLOUDS[name]


def clients(
    environment: Mapping[str, str], at: Cloud, identity: Callable[[], TokenCredential]
) -> tuple[Clients, HttpTransport[Any, Any]]:
    """The management clients of the environment, and the transport under them; raises ConfigError."""
    endpoint = (environment.get("RECONCILER_ARM_ENDPOINT") or at.arm).rstrip("/")
    _check_endpoint(endpoint)
    transport = _transport(endpoint, environment.get("RECONCILER_ARM_CA"))
    credential = _credential(endpoint, environment.get("RECONCILER_ARM_TOKEN"), identity)
    return Clients(credential, endpoint, transport), transport


def _check_endpoint(endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"RECONCILER_ARM_ENDPOINT is '{endpoint}'; it must be an address such as https://host")
    if parts.scheme == "http" and not is_loopback(endpoint):
        raise ConfigError(
            f"RECONCILER_ARM_ENDPOINT is {endpoint}: tokens would cross the network in the clear; "
            "use https:// (http:// is for this machine only)"
        )


def _transport(endpoint: str, ca: str | None) -> HttpTransport[Any, Any]:
    options: dict[str, Any] = {"connection_timeout": 10, "read_timeout": 150}
    if ca:
        if not is_loopback(endpoint):
            raise ConfigError("RECONCILER_ARM_CA is for an https endpoint on this machine only; unset it")
        if not Path(ca).is_file():
            raise ConfigError(f"RECONCILER_ARM_CA names {ca}, which is no file; give the CA file of the endpoint")
        options["connection_verify"] = ca
    transport: HttpTransport[Any, Any] = RequestsTransport(**options)
    transport.open()
    return transport


def _credential(endpoint: str, token: str | None, identity: Callable[[], TokenCredential]) -> TokenCredential:
    if not token:
        return identity()
    if token != _SIMULATOR_TOKEN or not is_loopback(endpoint):
        raise ConfigError(
            "RECONCILER_ARM_TOKEN may only be 'simulator', and only with an endpoint on this machine; unset it"
        )
    return FixedToken(token)


class FixedToken:
    """A credential for a local Azure that takes any bearer token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        """The token, good for a day."""
        return AccessToken(self._token, int(time.time()) + 86_400)
