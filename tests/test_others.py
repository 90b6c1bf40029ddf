"""What becomes of an account where somebody else was on the gateway first, or copies what is ours."""

from __future__ import annotations

from copy import deepcopy

from simulator import Simulator
from tests.local import EAST, EAST_API, GATEWAY, WEST, WEST_API, apply, config, edit, properties, writes
from tests.onboarded import EAST_BACKEND, GPT, changed, configured, details, held, onboarded, state


def test_an_account_whose_path_is_taken_is_held_and_the_others_go_on() -> None:
    sim = Simulator(lock_lingers=0)
    sim.put(f"{WEST}/deployments/gpt-4o", GPT)
    theirs = f"{GATEWAY}/apis/theirs"
    body = {"displayName": "Theirs", "path": "Contoso-West/OpenAI", "protocols": ["https"]}
    sim.put(theirs, {"properties": body})
    before = sim.resources()
    report = apply(sim)
    assert EAST_API in sim.resources()
    assert sim.resources()[theirs] == before[theirs]
    assert not any("contoso-west" in id.lower() for id in changed(before, sim.resources()))
    assert set(held(report).values()) == {"path-taken", "blocked"}
    assert "belongs to the API theirs" in details(report)
    assert state(report, WEST) == ("waiting", "path-taken")
    assert state(report, EAST) == ("onboarded", "ready")

    sim.delete(theirs)
    assert apply(sim).converged
    assert properties(sim, WEST_API)["path"] == "contoso-west/openai"


def test_a_foreign_backend_with_our_name_keeps_the_api_from_being_made() -> None:
    """An API without its policy would hand the caller's key on to the model."""
    sim = Simulator(lock_lingers=0)
    sim.put(EAST_BACKEND, {"properties": {"url": "https://theirs.example", "protocol": "http", "title": "Theirs"}})
    before = sim.resources()
    report = apply(sim)
    assert sim.resources()[EAST_BACKEND] == before[EAST_BACKEND]
    assert EAST_API not in sim.resources()
    assert held(report)["update backend contoso-east-831a41-openai-endpoint"] == "foreign"
    assert held(report)["create api contoso-east-831a41"] == "blocked"


def test_another_owners_reconciler_on_the_same_gateway_is_left_in_peace() -> None:
    sim = onboarded()
    ours = sim.resources()
    others = configured(owner="fabrikam-ai", api={"products": ()})
    report = apply(sim, others)
    assert sim.resources() == ours
    assert writes(sim) == []
    assert held(report)["update api contoso-east-831a41"] == "foreign"
    assert set(held(report).values()) == {"foreign", "blocked"}

    west_only = (config().gateways[0].accounts[0].model_copy(update={"resourceGroups": ("rg-ai-west",)}),)
    sim.put(f"{WEST}/deployments/gpt-4o", GPT)
    assert apply(sim, configured(owner="fabrikam-ai", accounts=west_only)).converged
    both = sim.resources()
    assert "owner=fabrikam-ai" in both[WEST_API]["properties"]["description"]
    east_only = (config().gateways[0].accounts[0].model_copy(update={"resourceGroups": ("rg-ai-east",)}),)
    sim.requests.clear()
    assert apply(sim, configured(accounts=east_only)).converged
    assert apply(sim, configured(owner="fabrikam-ai", accounts=west_only)).converged
    assert writes(sim) == []
    assert sim.resources() == both


def test_a_copy_of_our_api_made_in_the_portal_is_not_taken_for_ours() -> None:
    """A copy carries our mark in its description; ours goes on being maintained under its own name."""
    sim = onboarded()
    copy = f"{GATEWAY}/apis/a-copy-of-contoso-east"
    body = deepcopy(sim.resources()[EAST_API]["properties"])
    sim.put(copy, {"properties": {**body, "path": "copy", "displayName": "Copy", "provisioningState": None}})
    edit(sim, EAST_API, displayName="Mine")
    before = sim.resources()
    apply(sim)
    assert changed(before, sim.resources()) == {
        EAST_API,
        f"{GATEWAY}/products/ai-platform/apis/contoso-east-831a41",
    }
    assert properties(sim, EAST_API)["displayName"] == "Azure OpenAI contoso-east"
