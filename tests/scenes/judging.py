"""Whether a run did what it said, left alone what is not ours, and left nothing to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.report import Report
from simulator import Simulator
from tests.local import GATEWAY, short, writes
from tests.scenes.building import Kept, principal_of, product
from tests.scenes.scene import Scene
from tests.scenes.seeing import facts
from tests.scenes.wanting import wanted

JSON = dict[str, Any]


def run(sim: Simulator, scene: Scene, store: Kept | None = None, **how: Any) -> Report:
    """One run; without a store it knows nothing of earlier ones."""
    built = product(sim, scene, store)
    return built.run(built.config.gateways[0], **{"dry_run": False, **how})


def untouched(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """All that was there is as it was, etags included; of the gateway, all but its identity."""
    for id, body in before.items():
        if id == GATEWAY:
            loose = {"identity": None, "etag": None, "systemData": None}
            assert {**after[id], **loose} == {**body, **loose}
            had = (body["identity"] or {}).get("userAssignedIdentities") or {}
            assert had == ((after[id]["identity"] or {}).get("userAssignedIdentities") or {})
        else:
            assert after.get(id) == body, id


def settled(sim: Simulator, scene: Scene, before: Mapping[str, Any]) -> None:
    """The world is the one that is wanted, and a run finds nothing more to do there."""
    after = sim.resources()
    untouched(before, after)
    assert facts(before, after) == wanted(scene, before, principal_of(sim))
    nothing_to_do(sim, scene)


def nothing_to_do(sim: Simulator, scene: Scene, store: Kept | None = None) -> None:
    """A run finds nothing to do and writes nothing."""
    after = sim.resources()
    sim.clock.advance(60)  # until Azure shows a new role assignment to everybody
    sim.requests.clear()
    report = run(sim, scene, store)
    assert not report.failed or not scene.readable
    assert report.plan is None or report.plan.changes == ()
    assert writes(sim) == []
    assert sim.resources() == after


def as_it_said(planned: Mapping[str, Any], requests: Iterable[Mapping[str, Any]]) -> None:
    """The requests that changed something are those that the plan, as JSON, names."""
    done = [
        (r["method"], unnamed(r["path"]))
        for r in requests
        if r["method"] in {"PUT", "PATCH", "DELETE"} and r["status"] < 400
    ]
    assert sorted(done) == sorted((method_of(c), unnamed(short(c["id"]))) for c in planned["changes"])
    assert {c["kind"] for c in planned["changes"]} == {kind_of(path) for _, path in done}


def unnamed(path: str) -> str:
    """A path with the name that only apply can know left out."""
    return re.sub(r"(/roleAssignments/).*", r"\1", short(path))


def method_of(change: Mapping[str, Any]) -> str:
    """The request that a change of a plan takes."""
    if change["change"] == "delete":
        return "DELETE"
    whole = change["change"] == "create" or change["kind"] == "api-policy" or "brings" in change
    return "PUT" if whole else "PATCH"


def kind_of(path: str) -> str:
    """The kind of what is at a path below the gateway."""
    kinds = {
        "": "service",
        "/apis/": "api",
        "/backends/": "backend",
        "/apis//policies/": "api-policy",
        "/apis//operations/": "operation",
        "/products//apis/": "product-api",
    }
    return "role-assignment" if "/roleAssignments/" in path else kinds[re.sub(r"(/\w+)/[^/]+", r"\1/", path)]
