"""Where reports about Azure disagree the simulator has a knob: onboarding and repair hold under both settings."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import Simulator
from tests.local import EAST, EAST_API, apply, edit, plan, properties, writes

KNOBS: dict[str, dict[str, Any]] = {
    "operations keep the case and underscores of their ids": {"operation_names": "preserved"},
    "the list of APIs shows key names": {"api_list_settings": "filled"},
    "APIs look as in an earlier release of the service": {"api_shape": "2025-09"},
    "a locked API answers Conflict": {"lock_code": "Conflict"},
    "the lock lingers after an import": {"lock_lingers": 30.0},
    "an identical PUT keeps the ETag": {"same_put_etag": "kept"},
    "an operation without description gets its name": {"operation_description": "display-name"},
    "PATCH merges deeply": {"patch_merge": "deep"},
    "a bad document fails later": {"import_refusal": "later"},
    "the directory does not know the new principal at first": {"principal_type_failures": 2},
    "a new role cannot be read at first": {"role_read_delay": 20.0},
    "PATCH and DELETE insist on If-Match": {"if_match_required": True},
    "racing writes answer 412 without cause": {"racing_conflicts": 3},
    "events come when an operation is done": {"events_when": "completed"},
    "lists come in pages of one": {"page_size": 1},
    "the service asks for no particular wait": {"service_retry_after": 0},
    "Azure throttles": {"throttle": True},
}


@pytest.mark.parametrize("name", KNOBS)
def test_onboarding_and_repair_hold(name: str) -> None:
    sim = Simulator(**KNOBS[name])
    assert apply(sim).converged
    sim.requests.clear()
    assert apply(sim).converged
    assert plan(sim, deep=True).converged
    assert writes(sim) == []
    operations = [id for id in sim.resources() if id.startswith(f"{EAST_API}/operations/")]
    assert len(operations) == 6
    edit(sim, EAST_API, displayName="Somebody's", subscriptionRequired=False)
    sim.delete(operations[0])
    assert apply(sim).converged
    api = properties(sim, EAST_API)
    assert (api["displayName"], api["subscriptionRequired"]) == ("Azure OpenAI contoso-east", True)
    signatures = [properties(sim, id)["urlTemplate"] for id in sim.resources() if f"{EAST_API}/operations/" in id]
    assert len(set(signatures)) == 6
    roles = [id for id in sim.resources() if id.startswith(EAST) and "/roleAssignments/" in id]
    assert len(roles) == 2  # another person's, and the gateway's
