"""Changes of each sort, and the report of a run that planned or made them."""

from __future__ import annotations

from typing import Any

from reconciler.model import Change, Create, Delete, Difference, Held, Plan, Reason, Update
from reconciler.report import Report
from reconciler.world import State
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, WEST, account, mark, observed, wish, world

CREATE = Create(
    wish(EAST_API, "api", {"properties": {"path": "contoso-east/openai", "protocols": ["https"]}}, EAST),
    (wish(EAST_API.child("operations", "chat"), "operation", {}, EAST, EAST_API),),
)
UPDATE = Update(
    wish(EAST_BACKEND, "backend", {"properties": {"url": "https://a"}}, EAST),
    observed(EAST_BACKEND, "backend"),
    (Difference("properties.url", None, "https://a"),),
)
LEFT = Delete(observed(GATEWAY.child("backends", "old"), "backend", mark=mark(WEST)), "the account is gone")
HELD = Held(LEFT, Reason.PRUNE_REPORT, "not deleted")
WORLD = world(account(), account(WEST, State.WAITING, reason="no-ready-deployment", detail="none", deployments=()))


def report(*changes: Change, held: tuple[Held, ...] = (), outcomes: Any = None, of: Any = WORLD) -> Report:
    return Report(GATEWAY, of, Plan(changes, held, 3), outcomes)
