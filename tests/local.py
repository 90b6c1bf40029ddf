"""How a test gets the product onto a simulated Azure, in process, where waiting takes no time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.app import App
from reconciler.arm import Clients
from reconciler.clouds import CLOUDS
from reconciler.config import Config
from reconciler.config_file import parse
from reconciler.report import Report, document
from reconciler.signin import FixedToken
from simulator import Simulator
from simulator.transport import SimulatorTransport

S1 = "/subscriptions/00000000-0000-0000-0000-000000000001"
GATEWAY = f"{S1}/resourceGroups/rg-gateway/providers/Microsoft.ApiManagement/service/contoso-gateway"
EAST = f"{S1}/resourceGroups/rg-ai-east/providers/Microsoft.CognitiveServices/accounts/contoso-east"
WEST = f"{S1}/resourceGroups/rg-ai-west/providers/Microsoft.CognitiveServices/accounts/contoso-west"
LEGACY = f"{S1}/resourceGroups/rg-ai-west/providers/Microsoft.CognitiveServices/accounts/contoso-legacy"
EAST_API = f"{GATEWAY}/apis/contoso-east-831a41"
WEST_API = f"{GATEWAY}/apis/contoso-west-f6335e"

CONFIG = f"""
owner: contoso-ai-platform
gateways:
  - id: {GATEWAY}
    accounts:
      - subscription: 00000000-0000-0000-0000-000000000001
        resourceGroups: ["rg-ai-*"]
        tags: {{ai-gateway: enabled}}
profiles:
  standard:
    api: {{products: [ai-platform]}}
"""
_WRITES = frozenset({"PUT", "PATCH", "POST", "DELETE"})


class NoStore:
    """State that nobody asks for."""

    def put(self, name: str, document: dict[str, Any]) -> None:
        """Forget it."""

    def get(self, _name: str) -> dict[str, Any] | None:
        """Know nothing."""
        return None

    def each(self, _prefix: str) -> Any:
        """Know nothing."""
        return iter(())

    def read(self, _name: str) -> tuple[dict[str, Any] | None, str]:
        """Know nothing."""
        return None, ""

    def replace(self, name: str, document: dict[str, Any], version: str) -> bool:  # noqa: ARG002 - see Store
        """Forget it."""
        return True


def config(text: str = CONFIG) -> Config:
    """The configuration that the tests' world is made for."""
    return parse(text, "test.yaml")


def app(sim: Simulator, settings: Config | None = None) -> App:
    """The product, with the simulator as its Azure and the simulator's clock as its own."""
    transport = SimulatorTransport(sim)
    clients = Clients(FixedToken("simulator"), "https://management.azure.com", transport)
    return App(
        config=settings or config(),
        cloud=CLOUDS["public"],
        clients=clients,
        store=NoStore(),
        sleep=transport.sleep,
        clock=lambda: sim.clock.now().timestamp(),
        time_of_day=sim.clock.now,
        writers=1,  # so that the order of requests is the same each time
    )


def plan(sim: Simulator, settings: Config | None = None, *, deep: bool = False) -> Report:
    """What the reconciler would do."""
    built = app(sim, settings)
    return built.run(built.config.gateways[0], dry_run=True, deep=deep)


def apply(sim: Simulator, settings: Config | None = None, *, deep: bool = False) -> Report:
    """What the reconciler does."""
    built = app(sim, settings)
    return built.run(built.config.gateways[0], dry_run=False, deep=deep)


def writes(sim: Simulator) -> list[str]:
    """The writes that the simulator did, as `PUT /apis/x` below the gateway or the whole path."""
    return [
        f"{r['method']} {short(r['path'])}"
        for r in sim.requests
        if r["method"] in _WRITES and (r["status"] or 0) < 400
    ]


def reads(sim: Simulator) -> list[str]:
    """The reading requests; polls of the status of a long-running operation left out."""
    return [
        f"{r['method']} {short(r['path'])}"
        for r in sim.requests
        if r["method"] not in _WRITES and "operationresults" not in r["path"].lower()
    ]


def short(path: str) -> str:
    """A path without the part that every resource of the gateway shares."""
    return path.partition("?")[0].replace(GATEWAY, "", 1)


def outcomes(report: Report) -> dict[str, str]:
    """What became of each change: `create api contoso-east-…` -> `applied`."""
    answer = document(report)
    return {f"{o['change']} {o['kind']} {o['id'].rsplit('/', 1)[-1]}": o["status"] for o in answer["outcomes"]}


_TEXTS = ("displayName", "description", "path", "serviceUrl")
_DECLARED = {
    "apis": (
        "displayName",
        "description",
        "path",
        "protocols",
        "serviceUrl",
        "subscriptionRequired",
        "subscriptionKeyParameterNames",
    ),
    "backends": ("title", "description", "url", "protocol", "tls"),
    "operations": ("displayName", "description", "method", "urlTemplate", "templateParameters"),
}


def edit(sim: Simulator, id: str, **changes: Any) -> None:
    """Somebody changes properties of a resource behind our back and leaves the rest of it as it was."""
    has = sim.resources()[id]["properties"]
    kept = {key: has[key] for key in _DECLARED[id.split("/")[-2]] if has.get(key) is not None}
    sim.put(id, {"properties": {**kept, **changes}})


def properties(sim: Simulator, id: str) -> Mapping[str, Any]:
    """The properties of one resource of the world."""
    found: Mapping[str, Any] = sim.resources()[id]["properties"]
    return found
