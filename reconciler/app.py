"""How the parts are put together: environment -> configuration, credential, clients, store, runs.

The only importer of azure.identity, the only builder of clients and stores.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from azure.identity import DefaultAzureCredential

from reconciler import config_source, documents, memory, signin, state
from reconciler.arm import Clients, SdkArm
from reconciler.clouds import Cloud
from reconciler.config import Config, Gateway
from reconciler.config_source import ConfigSource, Loaded
from reconciler.coordinate import BackEnd, Coordinator, Pace
from reconciler.errors import ConfigError, ReconcilerError
from reconciler.kinds.operation import given_by_us
from reconciler.local_back_end import LocalBackEnd
from reconciler.memory import Memory
from reconciler.model import Notice
from reconciler.progress import Progress
from reconciler.publish import Publisher, Silent, publisher
from reconciler.reconcile import Given, reconcile
from reconciler.report import Failure, Report
from reconciler.resource_id import ResourceId
from reconciler.store import Store, change, put_fenced
from reconciler.turn import Ended, Facts, Turn, key_of, marker_of

DEFAULT_CONFIG = "reconciler.yaml"
_LONGEST_STALE = 60 * 24 * 30
_DEEP_EVERY = timedelta(days=1)
"""How long nobody may have looked at every operation by itself."""
_DEEP_SHARE = 0.7
"""Of a run's time: what is left must do for a plain look where the deep one cannot be read."""


def _today() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class App:
    """Everything a run needs."""

    config: Config
    cloud: Cloud
    clients: Clients
    store: Store
    sleep: Callable[[float], None]
    clock: Callable[[], float] = time.monotonic
    writers: int = 4
    """Accounts that are written side by side."""
    time_of_day: Callable[[], datetime] = _today
    folder: Path = Path()
    """Where the configuration's files are."""
    back_end: BackEnd | None = None
    """Where wakes wait; None: in this process, with the leases in the store."""
    facts: Facts = field(default_factory=Facts)

    def run(
        self,
        gateway: Gateway,
        *,
        dry_run: bool,
        deep: bool = False,
        deadline: float = 3600.0,
        progress: Progress | None = None,
        turn: Callable[[], Turn | None] | None = None,
        patient: bool = True,
    ) -> Report:
        """One run for one gateway, at most `deadline` seconds long.

        Where turns are taken (`turn`), nothing is written once it is lost, what is remembered carries its epoch,
        and who has none remembers nothing. Without, nobody else may be at the gateway.
        """

        def ours() -> bool:
            now = turn() if turn else None
            return now is None or now.ours()

        arm = SdkArm(
            self.clients, sleep=self.sleep, clock=self.clock, deadline=deadline, ours=ours, patient=patient
        )
        known, now = self._known(gateway), self.time_of_day()
        given = Given(documents=self.document, memory=known, now=now, deep=deep, writers=self.writers)
        progress = progress or Progress()
        try:
            report = reconcile(arm, self.config, gateway, self.cloud, given, dry_run=dry_run, progress=progress)
        except KeyboardInterrupt:
            if progress.plan is not None and progress.outcomes:  # which links are ours must not be forgotten
                known = self._known(gateway)
                after = known.after(progress.plan, progress.outcomes, now, {*known.links, *known.operations})
                with suppress(ReconcilerError):
                    self._remember(gateway, after, turn)
            raise
        if report.plan is None or report.outcomes is None:
            return report
        ever = given_by_us(report.desired)
        try:
            latest = self._known(gateway)  # since we looked, another run may have made what we have not seen
            unseen = {*(latest.links - known.links), *(latest.operations.keys() - known.operations.keys())}
            there = {*report.actual, *unseen}
            after = latest.after(report.plan, report.outcomes, now, there, ever, report.desired)
            self._remember(gateway, after, turn)
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

    def coordinator(
        self,
        *,
        pace: Pace = Pace(),  # noqa: B008 - frozen
        ended: Callable[[Ended], None] = lambda _: None,
        current: Callable[[], App] | None = None,
    ) -> Coordinator:
        """What wakes are given to, and who takes turns; `current` is the app as it is when a run begins."""

        def run(gateway: ResourceId, turn: Turn | None, seconds: float) -> Report:
            try:
                app = current() if current else self
            except ConfigError as error:
                return Report(gateway, failure=Failure(error.reason, str(error)))
            if turn is not None:
                turn.goes_by(app.facts)
            return app.look(gateway, turn, seconds)

        back_end = self.back_end or LocalBackEnd(self.store, self.time_of_day)
        return Coordinator(run, self.store, back_end, self.time_of_day, pace=pace, ended=ended)

    def look(self, gateway: ResourceId, turn: Turn | None, seconds: float) -> Report:
        """A run of the function app: deep once a day, and plain where a deep one cannot be read."""
        if gateway not in {g.resource_id for g in self.config.gateways}:
            detail = f"{gateway.name} is no gateway of the configuration any more; nothing was looked at"
            return Report(gateway, failure=Failure("not-configured", detail))
        until = self.clock() + seconds
        last = marker_of(self.store, gateway).deep
        plainly = partial(self.run, self.gateway(gateway), dry_run=turn is None, turn=lambda: turn, patient=False)
        if last is not None and self.time_of_day() - last < _DEEP_EVERY:
            return plainly(deadline=seconds)
        report = plainly(deep=True, deadline=seconds * _DEEP_SHARE)
        if report.failure is None:
            return report
        detail = f"the daily look at every operation could not be finished: {report.failure.detail}"
        report = plainly(deadline=until - self.clock())
        return replace(report, remarks=(*report.remarks, Notice("not-deep", gateway, detail)))

    def _known(self, gateway: Gateway) -> Memory:
        return memory.read(self.store.get(_memory_of(gateway)))

    def _remember(self, gateway: Gateway, after: Memory, turn: Callable[[], Turn | None] | None) -> None:
        taken = turn() if turn else None
        if taken is not None:
            taken.goes_by(self.facts)
            kept = put_fenced(self.store, _memory_of(gateway), memory.document(after), taken.epoch)
            if not kept:  # the turn was lost: what we made is ours all the same, and nobody else can know it
                change(self.store, _memory_of(gateway), partial(_with_what_grew, after))
        elif turn is None:
            self.store.put(_memory_of(gateway), memory.document(after))


@dataclass(frozen=True)
class Process:
    """What a process has whatever its configuration says, built once."""

    cloud: Cloud
    clients: Clients
    store: Store
    back_end: BackEnd
    sleep: Callable[[float], None]
    source: ConfigSource
    folder: Path
    client_id: str | None = None
    """Of the identity that our own writes carry."""
    app_configuration: str | None = None
    """The endpoint of an App Configuration store whose changes wake every gateway."""
    publisher: Publisher = field(default_factory=Silent)
    stale_after: timedelta = timedelta(minutes=45)
    """Without a success for so long nobody should believe what a status says: three times the timer's pace."""

    def app(self, loaded: Loaded) -> App:
        """The app of a configuration that was read."""
        return App(
            config=loaded.config,
            cloud=self.cloud,
            clients=self.clients,
            store=self.store,
            sleep=self.sleep,
            folder=self.folder,
            back_end=self.back_end,
            facts=Facts(loaded.hash, loaded.error),
        )

    def current(self) -> App:
        """The app of the configuration as it is now, or else as it last was good; raises ConfigError."""
        return self.app(config_source.current(self.source, self.store, _today()))


def from_environment(environment: Mapping[str, str], config_path: str | None = None) -> App:
    """The app that the environment describes (contract.md, "Environment"); raises ConfigError."""
    built = process(environment, config_path)
    return built.app(config_source.load(built.source))


def process(environment: Mapping[str, str], config_path: str | None = None) -> Process:
    """All but the configuration; raises ConfigError where a setting is wrong."""
    path = config_path or environment.get("RECONCILER_CONFIG") or DEFAULT_CONFIG
    cloud = signin.cloud(environment)
    identity = cache(lambda: DefaultAzureCredential(authority=cloud.authority))
    source = config_source.choose(path, cloud, identity)
    clients, transport = signin.clients(environment, cloud, identity)
    store = state.choose(environment, cloud, identity)
    return Process(
        cloud=cloud,
        clients=clients,
        store=store,
        back_end=state.back_end(environment, cloud, identity, store, _today),
        sleep=transport.sleep,
        source=source,
        folder=Path(path).parent,
        client_id=environment.get("AZURE_CLIENT_ID"),
        app_configuration=environment.get("RECONCILER_APP_CONFIGURATION") or None,
        publisher=publisher(environment.get("RECONCILER_EVENT_TOPIC"), identity),
        stale_after=_stale_after(environment.get("RECONCILER_STALE_AFTER") or "45"),
    )


def _stale_after(minutes: str) -> timedelta:
    if not minutes.isdecimal() or not 0 < int(minutes) <= _LONGEST_STALE:
        raise ConfigError(
            f"RECONCILER_STALE_AFTER is '{minutes}'; give minutes, three times those between two ticks of the timer"
        )
    return timedelta(minutes=int(minutes))


def _with_what_grew(ours: Memory, kept: dict[str, Any] | None) -> dict[str, Any]:
    """A later holder's memory with the links and operations that we know as well."""
    known = memory.read(kept)
    operations = {
        api: known.operations.get(api, frozenset()) | ours.operations.get(api, frozenset())
        for api in {*known.operations, *ours.operations}
    }
    joined = replace(known, links=known.links | ours.links, operations=operations)
    return {**(kept or {}), **memory.document(joined)}


def _memory_of(gateway: Gateway) -> str:
    return f"memory/{key_of(gateway.resource_id)}"
