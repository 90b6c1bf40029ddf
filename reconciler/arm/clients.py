"""Which SDK client reaches which subscription, with which address, token and transport."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from azure.core.credentials import TokenCredential
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.transport import HttpTransport
from azure.mgmt.apimanagement import ApiManagementClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.cognitiveservices import CognitiveServicesManagementClient
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

ClientName = Literal["api-management", "cognitive-services", "authorization"]


@dataclass
class Clients:
    """The management clients, one per service and subscription, made on first use.

    Each is pinned to one api-version: its pagers force it on the next link. All share one transport.
    """

    credential: TokenCredential
    endpoint: str
    transport: HttpTransport[Any, Any]
    scope: str = ""
    """The token scope; default `<endpoint>/.default`."""
    _made: dict[tuple[ClientName, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, name: ClientName, subscription: str) -> Any:
        """The client of that service for that subscription."""
        with self._lock:
            key = (name, subscription.lower())
            if key not in self._made:
                self._made[key] = self._make(name, subscription)
            return self._made[key]

    def _make(self, name: ClientName, subscription: str) -> Any:
        makers: dict[ClientName, Callable[..., Any]] = {
            "api-management": lambda **kw: ApiManagementClient(api_version="2024-05-01", **kw),
            "cognitive-services": lambda **kw: CognitiveServicesManagementClient(api_version="2025-09-01", **kw),
            "authorization": lambda **kw: AuthorizationManagementClient(api_version="2022-04-01", **kw),
        }
        scope = self.scope or f"{self.endpoint.rstrip('/')}/.default"
        return makers[name](
            credential=self.credential,
            subscription_id=subscription,
            base_url=self.endpoint,
            credential_scopes=[scope],
            authentication_policy=_Authentication(self.credential, scope),
            transport=self.transport,
        )


class _Authentication(ARMChallengeAuthenticationPolicy):
    """Bearer tokens over https, and over plain http to this machine only (runtime.md §5)."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        if is_loopback(request.http_request.url):
            request.context.options["enforce_https"] = False
        super().on_request(request)


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
