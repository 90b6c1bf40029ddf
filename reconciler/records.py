"""What is told of a run, or of a wake by hand, by the id that its caller was given."""

from __future__ import annotations

from typing import Any

from reconciler.message import RUN
from reconciler.resource_id import ResourceId
from reconciler.store import Store
from reconciler.turn import marker_of


def found(store: Store, id: str) -> dict[str, Any] | None:
    """What came of it, or that it waits or is under way; None for an id that nobody was given.

    A wake is answered by the run that covered it: its record, under the wake's id, with `coveredBy`.
    """
    record = store.get(f"runs/{id}") if RUN.fullmatch(id) else None
    if record is None or record.get("dryRun"):
        return record
    now = marker_of(store, ResourceId.parse(record["gateway"]))
    if "wake" not in record:
        if record.get("status") != "running" or (now.running is not None and now.running[1] == id):
            return record
        record = store.get(f"runs/{id}") or record  # it may have ended since
        if record.get("status") != "running":
            return record
        return {**record, "status": "failed", "detail": "its process ended, or somebody else has taken over"}
    run = now.run_for(record["wake"])
    covering = store.get(f"runs/{run}") if run is not None else None
    if covering is not None:
        return {**covering, "id": id, "coveredBy": run}
    if now.completed >= record["wake"]:
        return {**record, "status": "succeeded", "detail": "a run covered it whose record is forgotten"}
    if now.running is not None and now.running[0] >= record["wake"]:
        return {**record, "status": "running", "coveredBy": now.running[1]}
    return record
