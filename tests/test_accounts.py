"""What becomes of a gateway when an account goes away, waits, cannot be seen, or is configured otherwise.

Each test changes the world, runs, and looks at the world again: nothing is ever deleted, what is held says why, and
one account's trouble is no other's.
"""

from __future__ import annotations

import pytest

from simulator import Simulator
from tests.local import CONFIG, EAST, EAST_API, GATEWAY, WEST, apply, config, edit, properties, reads, writes
from tests.onboarded import (
    EAST_BACKEND,
    GPT,
    PLANNED_DELETIONS,
    configured,
    details,
    held,
    onboarded,
    roles,
    state,
    tag,
)

# --- an account goes away, or is no longer wanted


def test_what_belonged_to_a_deleted_account_is_held_for_deletion_and_stays() -> None:
    sim = onboarded(west=True)
    sim.delete(EAST)
    before = sim.resources()
    report = apply(sim)
    assert writes(sim) == []
    assert sim.resources() == before
    assert held(report) == PLANNED_DELETIONS
    assert f"the account {EAST} is gone" in details(report)
    assert not report.converged
    assert f"GET {EAST}" in reads(sim), "gone is what a GET says, not what a list leaves out"


def test_a_deleted_account_that_comes_back_is_served_again_without_a_write_to_its_api() -> None:
    sim = onboarded()
    account, model = sim.resources()[EAST], sim.resources()[f"{EAST}/deployments/gpt-4o"]
    sim.delete(EAST)
    assert not apply(sim).converged
    sim.put(EAST, account)
    sim.put(f"{EAST}/deployments/gpt-4o", model)
    assert apply(sim).converged
    assert all("/roleAssignments/" in write for write in writes(sim)), "its roles went with it"
    assert roles(sim).keys() == {EAST}


def test_an_account_that_loses_its_tag_keeps_everything_and_the_deletions_are_held() -> None:
    sim = onboarded()
    tag(sim, EAST, ai_gateway="off")
    edit(sim, EAST_API, displayName="Mine")
    sim.requests.clear()
    before = sim.resources()
    report = apply(sim)
    assert writes(sim) == []
    assert sim.resources() == before
    assert held(report) == {**PLANNED_DELETIONS, f"delete role-assignment {role_name(sim)}": "prune-report"}
    assert state(report, EAST) == ("excluded", "not-selected")
    assert "does not carry the tag ai-gateway=enabled" in details(report)


def role_name(sim: Simulator) -> str:
    (name,) = (
        id.rsplit("/", 1)[-1]
        for id, body in sim.resources().items()
        if "/roleAssignments/" in id and "managed-by=" in str(body["properties"]["description"])
    )
    return name


def test_an_account_outside_the_allow_list_is_not_touched_and_its_models_are_not_asked_for() -> None:
    sim = onboarded(west=True)
    narrow = configured(
        accounts=(config().gateways[0].accounts[0].model_copy(update={"resourceGroups": ("rg-ai-west",)}),)
    )
    before = sim.resources()
    report = apply(sim, narrow)
    assert writes(sim) == []
    assert sim.resources() == before
    assert state(report, EAST) == ("excluded", "not-selected")
    assert set(held(report).values()) == {"prune-report"}
    assert not any(EAST in read for read in reads(sim))


def test_an_account_without_a_model_keeps_what_it_has_and_its_drift_is_still_repaired() -> None:
    sim = onboarded()
    before = sim.resources()
    for name in ("gpt-4o", "text-embedding-3-small"):
        sim.delete(f"{EAST}/deployments/{name}")
    edit(sim, EAST_API, displayName="Mine")
    edit(sim, EAST_BACKEND, url="https://elsewhere.openai.azure.com/openai")
    report = apply(sim)
    assert report.converged
    assert state(report, EAST) == ("waiting", "no-ready-deployment")
    assert writes(sim) == [
        "PATCH /backends/contoso-east-831a41-openai-endpoint",
        "PATCH /apis/contoso-east-831a41",
    ]
    assert properties(sim, EAST_API)["displayName"] == "Azure OpenAI contoso-east"
    assert properties(sim, EAST_BACKEND)["url"] == "https://contoso-east.openai.azure.com/openai"
    gone = {f"{EAST}/deployments/gpt-4o", f"{EAST}/deployments/text-embedding-3-small"}
    assert before.keys() - sim.resources().keys() == gone


def test_an_account_without_a_model_gets_nothing_new() -> None:
    sim = onboarded()
    sim.delete(f"{EAST}/deployments/gpt-4o")
    sim.delete(f"{EAST}/deployments/text-embedding-3-small")
    tag(sim, WEST, ai_gateway="enabled")
    before = sim.resources()
    report = apply(sim)
    assert state(report, WEST) == ("waiting", "no-ready-deployment")
    assert sim.resources() == before


# --- what was not seen is unknown, not gone


def test_accounts_whose_list_cannot_be_read_are_not_judged_gone() -> None:
    sim = onboarded()
    before = sim.resources()
    sim.fail(match="GET .*CognitiveServices/accounts\\?", answer=403, code="AuthorizationFailed", times=50)
    report = apply(sim)
    assert report.failure is not None
    assert report.plan is None
    assert writes(sim) == []
    assert sim.resources() == before


def test_accounts_on_a_page_that_cannot_be_read_are_not_judged_gone() -> None:
    sim = Simulator(lock_lingers=0, page_size=1)
    assert apply(sim).converged
    sim.requests.clear()
    before = sim.resources()
    sim.fail(match=r"GET .*CognitiveServices/accounts\?.*skiptoken", answer=400, code="BadRequest", times=50)
    report = apply(sim)
    assert report.failure is not None
    assert writes(sim) == []
    assert sim.resources() == before
    sim.faults.clear()
    assert apply(sim).converged


@pytest.mark.parametrize("status", [403, 500])
def test_a_list_without_our_accounts_is_believed_only_when_each_of_them_answers_404(status: int) -> None:
    sim = onboarded(west=True)
    before = sim.resources()
    sim.fail(match=r"GET .*CognitiveServices/accounts\?", answer=200, body={"value": []}, times=50)
    report = apply(sim)
    assert writes(sim) == []
    assert sim.resources() == before
    assert held(report) == {}, "both accounts are there, whatever the list says"
    assert {f"GET {EAST}", f"GET {WEST}"} <= set(reads(sim))

    sim.fail(match=f"GET {EAST}\\?", answer=status, times=10_000)
    report = apply(sim)
    assert report.failure is not None
    assert writes(sim) == []


def test_an_empty_list_and_404_for_each_is_gone() -> None:
    sim = onboarded(west=True)
    sim.delete(EAST)
    sim.delete(WEST)
    sim.fail(match=r"GET .*CognitiveServices/accounts\?", answer=200, body={"value": []}, times=50)
    before = sim.resources()
    report = apply(sim)
    assert writes(sim) == []
    assert sim.resources() == before
    assert {name for name in held(report) if " api " in name} == {
        "delete api contoso-east-831a41",
        "delete api contoso-west-f6335e",
    }
    looks = reads(sim)
    assert looks.count(f"GET {EAST}") == looks.count(f"GET {WEST}") == 1


# --- names do not change


def test_a_new_name_template_is_held_and_the_old_api_still_maintained() -> None:
    sim = onboarded()
    renamed = configured(api={"name": "aoai-{location}-{account}"})
    before = sim.resources()
    report = apply(sim, renamed)
    assert writes(sim) == []
    assert sim.resources() == before
    assert held(report) == {"create api aoai-eastus-contoso-east-831a41": "rename"}
    assert "contoso-east-831a41" in details(report)
    assert not report.converged

    edit(sim, EAST_API, displayName="Mine")
    apply(sim, renamed)
    assert writes(sim) == ["PATCH /apis/contoso-east-831a41"]
    assert properties(sim, EAST_API)["displayName"] == "Azure OpenAI contoso-east"
    sim.put(f"{WEST}/deployments/gpt-4o", GPT)
    apply(sim, renamed)
    assert f"{GATEWAY}/apis/aoai-westus-contoso-west-f6335e" in sim.resources(), "a new account gets the new name"
    assert apply(sim).plan is not None


def test_the_other_settings_of_an_api_may_change() -> None:
    sim = onboarded()
    settings = configured(
        api={"displayName": "Models of {account}", "path": "ai/{account}/openai", "subscriptionRequired": False}
    )
    assert apply(sim, settings).converged
    assert writes(sim) == ["PATCH /apis/contoso-east-831a41"]
    api = properties(sim, EAST_API)
    assert (api["displayName"], api["path"], api["subscriptionRequired"]) == (
        "Models of contoso-east",
        "ai/contoso-east/openai",
        False,
    )


def test_the_configuration_of_these_tests_is_the_one_that_people_write() -> None:
    assert configured() == config(CONFIG)
