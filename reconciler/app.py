"""How the parts are put together: environment -> configuration, credential, clients, store, runs.

The only reader of the environment, the only importer of azure.identity, the only builder of clients.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.pipeline.transport import HttpTransport, RequestsTransport
from azure.identity import DefaultAzureCredential

from reconciler import documents, memory, state
from reconciler.arm import Clients, SdkArm
from reconciler.arm.clients import is_loopback
from reconciler.clouds import CLOUDS, Cloud
from reconciler.config import Config, Gateway
from reconciler.config_file import parse
from reconciler.coordinate import Coordinator
from reconciler.errors import ConfigError, ReconcilerError
from reconciler.kinds.operation import given_by_us
from reconciler.model import Notice
from reconciler.progress import Progress
from reconciler.reconcile import Given, reconcile
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from reconciler.store import Store

DEFAULT_CONFIG = "reconciler.yaml"
_SIMULATOR_TOKEN = "simulator"  # noqa: S105 - the one value that is accepted, and on loopback only


@dataclass(frozen=True)
class App:
    """Everything a run needs, built once per process."""

    config: Config
    cloud: Cloud
    clients: Clients
    store: Store
    sleep: Callable[[float], None]
    clock: Callable[[], float] = time.monotonic
    writers: int = 4
    """Accounts that are written side by side."""
    time_of_day: Callable[[], datetime] = lambda: datetime.now(UTC)
    folder: Path = Path()
    """Where the configuration's files are."""

    def run(
        self,
        gateway: Gateway,
        *,
        dry_run: bool,
        deep: bool = False,
        deadline: float = 3600.0,
        progress: Progress | None = None,
    ) -> Report:
        """One run for one gateway, at most `deadline` seconds long."""
        arm = SdkArm(self.clients, sleep=self.sleep, clock=self.clock, deadline=deadline)
        name = f"memory/{gateway.resource_id.subscription}.{gateway.resource_id.name}".lower()
        known, now = memory.read(self.store.get(name)), self.time_of_day()
        given = Given(documents=self.document, memory=known, now=now, deep=deep, writers=self.writers)
        progress = progress or Progress()
        try:
            report = reconcile(arm, self.config, gateway, self.cloud, given, dry_run=dry_run, progress=progress)
        except KeyboardInterrupt:
            if progress.plan is not None and progress.outcomes:  # which links are ours must not be forgotten
                after = known.after(progress.plan, progress.outcomes, now, {*known.links, *known.operations})
                with suppress(ReconcilerError):
                    self.store.put(name, memory.document(after))
            raise
        if report.plan is None or report.outcomes is None:
            return report
        ours = given_by_us(report.desired)
        after = known.after(report.plan, report.outcomes, now, report.actual, ours)
        try:
            self.store.put(name, memory.document(after))
        except ReconcilerError as error:
            return replace(report, remarks=(Notice("state-not-kept", gateway.resource_id, str(error)),))
        return report

    def document(self, specification: str) -> Mapping[str, Any]:
        """The OpenAPI document that a profile names."""
        return documents.read(specification, self.folder)

    def gateway(self, wanted: ResourceId | str) -> Gateway:
        """The configured gateway of that id or name; raises ConfigError where none or several have it."""
        text = str(wanted).lower()
        found = [g for g in self.config.gateways if text in {g.id.lower(), g.resource_id.name.lower()}]
        if len(found) == 1:
            return found[0]
        there = ", ".join(g.id if found else g.resource_id.name for g in self.config.gateways)
        raise ConfigError(
            f"several gateways are called '{wanted}'; give the whole id of one: {there}"
            if found
            else f"there is no gateway '{wanted}' in the configuration; there are: {there}"
        )

    def coordinator(self, *, deadline: float) -> Coordinator:
        """What wakes are given to."""

        def run(gateway: ResourceId, dry_run: bool) -> Report:  # noqa: FBT001 - see coordinate.Run
            return self.run(self.gateway(gateway), dry_run=dry_run, deadline=deadline)

        return Coordinator(run, self.store, lambda: datetime.now(UTC))


def from_environment(environment: Mapping[str, str], config_path: str | None = None) -> App:
    """The app that the environment describes (contract.md, "Environment"); raises ConfigError."""
    path = config_path or environment.get("RECONCILER_CONFIG") or DEFAULT_CONFIG
    config = load_config(path)
    cloud = _cloud(environment.get("RECONCILER_CLOUD") or "public")
    endpoint = (environment.get("RECONCILER_ARM_ENDPOINT") or cloud.arm).rstrip("/")
    _check_endpoint(endpoint)
    transport = _transport(endpoint, environment.get("RECONCILER_ARM_CA"))
    identity = cache(lambda: DefaultAzureCredential(authority=cloud.authority))
    credential = _credential(endpoint, environment.get("RECONCILER_ARM_TOKEN"), identity)
    return App(
        config=config,
        cloud=cloud,
        clients=Clients(credential, endpoint, transport),
        store=state.choose(environment, cloud, identity),
        sleep=transport.sleep,
        folder=Path(path).parent,
    )


def load_config(path: str) -> Config:
    """The configuration file; raises ConfigError with one sentence per mistake."""
    if path.lower().startswith(("http://", "https://")):
        raise ConfigError(f"RECONCILER_CONFIG is the address {path}; this version reads a file: give its path")
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            f"there is no configuration file {path}; copy reconciler.example.yaml, or name yours with --config"
        ) from None
    except OSError as error:
        raise ConfigError(f"the configuration file {path} cannot be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start + 1}); save it as UTF-8") from None
    return parse(text, path)


def _cloud(name: str) -> Cloud:
    if name not in CLOUDS:
        raise ConfigError(f"RECONCILER_CLOUD is '{name}'; it must be one of: {', '.join(CLOUDS)}")
    return CLOUDS[name]


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
