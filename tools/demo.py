"""`make demo`: the main job end to end, against the local Azure; every claim it prints is checked."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.rule import Rule

from reconciler import events
from reconciler.app import App, from_environment
from reconciler.coordinate import Pace
from reconciler.local_back_end import LocalBackEnd
from reconciler.report import Report
from reconciler.text import show
from tools.local_azure import ROOT, LocalAzure, local_azure

OUT = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 160)
S1 = "/subscriptions/00000000-0000-0000-0000-000000000001"
GATEWAY = f"{S1}/resourceGroups/rg-gateway/providers/Microsoft.ApiManagement/service/contoso-gateway"
WEST = f"{S1}/resourceGroups/rg-ai-west/providers/Microsoft.CognitiveServices/accounts/contoso-west"
WRITES = {"PUT", "PATCH", "DELETE", "POST"}


def main() -> int:
    """The three parts of the story; exit code 0 only if everything came out as told."""
    with tempfile.TemporaryDirectory() as folder, local_azure() as azure:
        environment = azure.environment(Path(folder))
        untouched = foreign(azure)
        _say(f"The simulator is our Azure: {azure.url}")
        onboard(azure, environment)
        app = from_environment(environment)
        listener = Listener(azure, app)
        first_model_deployment(azure, listener)
        drift(azure, listener)
        _claim("everything that is not ours is as it was", foreign(azure) == untouched)
    OUT.print("\nThat was all of it: onboarding, events, drift. Next: README.md, docs/lifecycle.md.")
    return 0


def onboard(azure: LocalAzure, environment: dict[str, str]) -> None:
    """Part 1: an account with two model deployments is put on the gateway by the command line."""
    _chapter("1. An account with two model deployments is onboarded")
    azure.forget_requests()
    _claim("plan says that something is pending (exit 2)", _command(environment, "plan") == 2)  # noqa: PLR2004
    _claim("and has written nothing", writes(azure) == [])
    _claim("apply converges (exit 0)", _command(environment, "apply", "--yes") == 0)
    azure.forget_requests()
    _claim("a second plan is in sync (exit 0)", _command(environment, "plan") == 0)
    _claim("a second apply converges too (exit 0)", _command(environment, "apply", "--yes") == 0)
    _claim("with 0 writes", writes(azure) == [])


class Listener:
    """What Azure Functions does with events and the timer, on one machine and with shorter waits."""

    def __init__(self, azure: LocalAzure, app: App) -> None:
        self._azure, self._app = azure, app
        self._heard = len(azure.events())
        self._reports: list[Report] = []
        self._back_end = LocalBackEnd(app.store, app.time_of_day)
        self._coordinator = replace(app, back_end=self._back_end).coordinator(
            pace=Pace(debounce=0.5), ended=lambda run: self._reports.append(run.report)
        )

    def hear(self) -> list[Report]:
        """Deliver the events that Azure raised since the last time; the runs they caused."""
        new = self._azure.events()[self._heard :]
        self._heard += len(new)
        for wake in events.heard(new, self._app.config).wakes:
            OUT.print(f"  woken by: {wake.cause}")
            self._coordinator.wake(wake)
        # What our own writes raised is heard as well; it finds nothing to do.
        return self._taken()

    def tick(self) -> list[Report]:
        """The timer."""
        for wake in events.everything(self._app.config, "timer"):
            self._coordinator.wake(wake)
        self._heard = len(self._azure.events())
        return self._taken()

    def _taken(self) -> list[Report]:
        """The reports of what was waiting, once all of it is done."""
        if not self._back_end.drain(lambda message: self._coordinator.work(message, 600.0), 120.0):
            raise SystemExit("  FALSE: a wake was still waiting after two minutes")
        taken = self._reports[:]
        self._reports.clear()
        return taken


def first_model_deployment(azure: LocalAzure, listener: Listener) -> None:
    """Part 2: a second account gets its first model deployment, and later another one."""
    _chapter("2. Another account gets its first model deployment: its Event Grid event wakes the reconciler")
    azure.put(f"{WEST}/deployments/gpt-4o-mini", _model("gpt-4o-mini", "2024-07-18"))
    reports = listener.hear()
    show(reports, OUT, hints=False)
    made = [o.change.id for report in reports for o in report.outcomes or ()]
    kinds = sorted(id.type.rsplit("/", 1)[-1] for id in made)
    _claim(
        "one run made API, backend, role, policy and product link of contoso-west, and nothing else",
        len(reports) == 1 and kinds == ["apis", "apis", "backends", "policies", "roleAssignments"],
    )
    _claim("all of it for contoso-west", all("contoso-west" in id.text for id in made))
    _claim("the events of our own writes find nothing to do", all(not r.outcomes for r in listener.hear()))
    azure.forget_requests()
    azure.put(f"{WEST}/deployments/o3-mini", _model("o3-mini", "2025-01-31"))
    reports = listener.hear()
    show(reports, OUT, hints=False)
    _claim("a further model deployment is seen", _models(reports) == {"gpt-4o-mini", "o3-mini"})
    _claim("and needs 0 changes, since the API serves every deployment of its account", writes(azure) == [])


def drift(azure: LocalAzure, listener: Listener) -> None:
    """Part 3: somebody edits the policy and deletes an operation; the timer's run repairs exactly that."""
    _chapter("3. Somebody edits the policy and deletes an operation: the timer's run finds and repairs it")
    api = next(id for id in azure.resources() if id.lower().startswith(f"{GATEWAY}/apis/contoso-east-".lower()))
    api = "/".join(api.split("/")[:11])
    policy = azure.resources()[f"{api}/policies/policy"]["properties"]["value"]
    edited = policy.replace('exists-action="delete"', 'exists-action="skip"', 1)
    azure.put(f"{api}/policies/policy", {"properties": {"format": "xml", "value": edited}})
    azure.delete(f"{api}/operations/embeddings-create")
    azure.forget_requests()
    reports = listener.tick()
    show(reports, OUT, hints=False)
    repaired = sorted(
        (o.change.id.text.removeprefix(f"{api}/"), str(o.status)) for r in reports for o in r.outcomes or ()
    )
    _claim(
        "exactly the policy and the operation were repaired",
        repaired == [("operations/embeddings-create", "applied"), ("policies/policy", "applied")],
    )
    _claim("with two writes", len(writes(azure)) == 2)  # noqa: PLR2004 - as the line says
    _claim("the next tick finds nothing", all(not r.outcomes and r.converged for r in listener.tick()))


def foreign(azure: LocalAzure) -> dict[str, Any]:
    """Everything in the world that is not ours to change, as it is now."""
    ours = (
        "/apis/contoso-",
        "/backends/contoso-",
        "/products/ai-platform/apis/",
        "/accounts/contoso-west/deployments/",
    )
    world = {id: body for id, body in azure.resources().items() if not any(part in id.lower() for part in ours)}
    world = {
        id: body
        for id, body in world.items()
        if "apim-openai-reconciler" not in str((body.get("properties") or {}).get("description"))
    }
    world.pop(GATEWAY, None)  # its identity was switched on, as told
    return world


def writes(azure: LocalAzure) -> list[str]:
    """The writing requests that reached Azure since requests were last forgotten."""
    return [f"{r['method']} {r['path']}" for r in azure.requests() if r["method"] in WRITES]


def _models(reports: list[Report]) -> set[str]:
    accounts = [a for r in reports if r.world for a in r.world.inventory.accounts if a.id.name == "contoso-west"]
    return {d.name for account in accounts for d in account.deployments}


def _model(name: str, version: str) -> dict[str, Any]:
    return {
        "sku": {"name": "GlobalStandard", "capacity": 50},
        "properties": {"model": {"format": "OpenAI", "name": name, "version": version}},
    }


def _command(environment: dict[str, str], *arguments: str) -> int:
    OUT.print(f"\n$ python -m reconciler {' '.join(arguments)}")
    sys.stdout.flush()
    return subprocess.run(
        [sys.executable, "-m", "reconciler", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
        timeout=120,
    ).returncode


def _chapter(title: str) -> None:
    OUT.print()
    OUT.print(Rule(title, align="left"))


def _say(text: str) -> None:
    OUT.print(text)


def _claim(text: str, so: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not so:
        raise SystemExit(f"  FALSE: {text}")
    OUT.print(f"  ✓ {text}")


if __name__ == "__main__":
    raise SystemExit(main())
