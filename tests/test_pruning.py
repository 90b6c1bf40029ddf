"""What is deleted when deleting is switched on: what is gone, seen more than once, and used by nobody else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from reconciler.app import App
from reconciler.errors import ConfigError
from reconciler.model import Change, Outcome, kind_of
from reconciler.progress import Progress
from reconciler.report import document
from simulator import Simulator
from tests.local import CONFIG, EAST, EAST_API, GATEWAY, S1, app, config
from tests.scenes.building import Kept

JSON = dict[str, Any]
DELETING = CONFIG + "safety: {prune: delete}\n"
BACKEND = f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint"
LINK = f"{GATEWAY}/products/ai-platform/apis/contoso-east-831a41"
GPT: JSON = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
}


def product(sim: Simulator, text: str = DELETING, store: Kept | None = None) -> App:
    built = app(sim, config(text))
    fields = {name: getattr(built, name) for name in built.__dataclass_fields__}
    return App(**{**fields, "store": store or Kept()})


def onboarded(text: str = DELETING, **knobs: Any) -> tuple[Simulator, App]:
    sim = Simulator(lock_lingers=0, **knobs)
    built = product(sim, text)
    assert run(built).converged
    return sim, built


def run(built: App, *, dry_run: bool = False, deep: bool = False) -> Any:
    return built.run(built.config.gateways[0], dry_run=dry_run, deep=deep)


def held(report: Any) -> dict[str, str]:
    return {f"{h['kind']} {h['id'].rsplit('/', 1)[-1]}": h["reason"] for h in document(report)["held"]}


def deletions(report: Any) -> list[str]:
    return [f"{o['kind']} {o['status']}" for o in document(report)["outcomes"] if o["change"] == "delete"]


def ours(sim: Simulator) -> set[str]:
    return {id for id in sim.resources() if "contoso-east-831a41" in id}


def test_what_is_gone_goes_after_two_looks_ten_minutes_apart() -> None:
    sim, built = onboarded()
    sim.delete(EAST)
    assert set(held(run(built)).values()) == {"unconfirmed"}
    assert set(held(run(built)).values()) == {"unconfirmed"}, "twice, but not ten minutes later"
    sim.clock.advance(600)
    foreign = {id: body for id, body in sim.resources().items() if "contoso-east-831a41" not in id}
    report = run(built)
    assert report.converged
    assert deletions(report) == ["product-api applied", "api applied", "backend applied"]
    assert ours(sim) == set()
    assert {id: body for id, body in sim.resources().items() if id in foreign} == foreign
    assert run(built).plan.changes == ()


def test_a_dry_run_counts_for_nothing_and_says_what_the_next_run_would_do() -> None:
    sim, built = onboarded()
    sim.delete(EAST)
    for _ in range(3):
        run(built, dry_run=True)
        sim.clock.advance(600)
    assert set(held(run(built)).values()) == {"unconfirmed"}
    sim.clock.advance(600)
    assert {
        c.desired.kind if hasattr(c, "desired") else c.actual.kind for c in run(built, dry_run=True).plan.changes
    } == {
        "product-api",
        "api",
        "backend",
    }


def test_an_account_that_comes_back_in_between_starts_from_nothing() -> None:
    sim, built = onboarded()
    account, model = sim.resources()[EAST], sim.resources()[f"{EAST}/deployments/gpt-4o"]
    sim.delete(EAST)
    run(built)
    sim.clock.advance(600)
    sim.put(EAST, account)
    sim.put(f"{EAST}/deployments/gpt-4o", model)
    assert run(built).converged
    sim.delete(EAST)
    assert set(held(run(built)).values()) == {"unconfirmed"}
    assert EAST_API in sim.resources()


def test_one_confirmation_deletes_at_once() -> None:
    sim, built = onboarded(CONFIG + "safety: {prune: delete, confirmations: 1}\n")
    sim.delete(EAST)
    assert run(built).converged
    assert ours(sim) == set()


def test_a_role_of_an_identity_that_is_no_more_goes_in_a_deep_run() -> None:
    sim, built = onboarded(CONFIG + "safety: {prune: delete, confirmations: 1}\n", principal_replication=0)
    gateway = {k: v for k, v in sim.resources()[GATEWAY].items() if k in {"location", "sku", "properties", "tags"}}
    old = sim.resources()[GATEWAY]["identity"]
    names: JSON = {id: {} for id in old["userAssignedIdentities"]}
    for kind in ("UserAssigned", "SystemAssigned, UserAssigned"):
        sim.put(GATEWAY, {**gateway, "identity": {"type": kind, "userAssignedIdentities": names}})
    assert run(built).converged
    assert old["principalId"] in roles(sim)
    assert run(built, deep=True).converged
    assert old["principalId"] not in roles(sim)
    assert sim.resources()[GATEWAY]["identity"]["principalId"] in roles(sim)


def roles(sim: Simulator) -> set[str]:
    """Who has one of our role assignments on the account."""
    prefix = f"{EAST}/providers/Microsoft.Authorization/roleAssignments/"
    return {
        b["properties"]["principalId"]
        for id, b in sim.resources().items()
        if id.startswith(prefix) and "managed-by=" in str(b["properties"]["description"])
    }


# ------------------------------------------------------------------------------- in use

SUBSCRIPTION: JSON = {"properties": {"displayName": "Shop", "scope": EAST_API, "state": "active"}}
THEIRS: JSON = {"properties": {"displayName": "T", "method": "GET", "urlTemplate": "/theirs", "description": ""}}


@pytest.mark.parametrize(
    ("id", "body", "said"),
    [
        (f"{GATEWAY}/subscriptions/shop", SUBSCRIPTION, "the subscription Shop is for it"),
        (f"{GATEWAY}/products/starter/apis/contoso-east-831a41", {}, "the product starter offers it"),
        (f"{EAST_API}/operations/theirs", THEIRS, "the operation theirs, which is of no document of ours"),
        (
            f"{EAST_API};rev=2",
            {"properties": {"path": "contoso-east/openai", "sourceApiId": EAST_API}},
            "revision 2",
        ),
    ],
)
def test_an_api_that_somebody_uses_stays_with_what_it_needs(id: str, body: JSON, said: str) -> None:
    sim, built = onboarded(CONFIG + "safety: {prune: delete, confirmations: 1}\n")
    sim.put(id, body)
    sim.delete(EAST)
    before = sim.resources()
    report = run(built)
    assert sim.resources() == before
    (api,) = (h for h in document(report)["held"] if h["kind"] == "api" and h["id"] == EAST_API)
    assert api["reason"] == "in-use"
    assert said in api["detail"]
    assert held(report)["backend contoso-east-831a41-openai-endpoint"] == "blocked"


# ------------------------------------------------------------------------------- too many


def accounts(sim: Simulator, count: int) -> list[str]:
    ids = []
    for number in range(count):
        id = f"{S1}/resourceGroups/rg-ai-many/providers/Microsoft.CognitiveServices/accounts/many-{number:02}"
        tags = {"ai-gateway": "enabled"}
        properties = {"customSubDomainName": f"many-{number:02}"}
        sim.put(
            id,
            {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "tags": tags, "properties": properties},
        )
        sim.put(f"{id}/deployments/gpt-4o", GPT)
        ids.append(id)
    return ids


@pytest.mark.parametrize(
    ("there", "going", "settings", "allowed"),
    [
        (3, 2, "", True),
        (1, 2, "", False),  # all of two
        (1, 2, ", maxDeletePercent: 100", True),
        (11, 4, "", False),  # 4 of 12 are more than 30 %
        (11, 3, "", True),
        (11, 4, ", maxDeletePercent: 40", True),
        (11, 6, ", maxDeletePercent: 100", False),  # more than five
        (11, 6, ", maxDeletePercent: 100, maxDeletes: 6", True),
    ],
)
def test_many_accounts_do_not_leave_at_once(there: int, going: int, settings: str, allowed: bool) -> None:  # noqa: FBT001
    sim = Simulator(lock_lingers=0, import_time=0)
    ids = [*accounts(sim, there), EAST]
    built = product(sim, CONFIG + f"safety: {{prune: delete, confirmations: 1{settings}}}\n")
    assert run(built).converged
    for id in ids[-going:]:
        sim.delete(id)
    before = sim.resources()
    report = run(built)
    assert report.converged is allowed
    if not allowed:
        assert set(held(report).values()) == {"too-many"}
        assert sim.resources() == before


# ------------------------------------------------------------------------------- links


def test_a_product_that_the_profile_no_longer_names_loses_the_link_that_we_made() -> None:
    store, sim = Kept(), Simulator(lock_lingers=0)
    assert run(product(sim, DELETING, store)).converged
    without = (
        CONFIG.replace("products: [ai-platform]", "products: []") + "safety: {prune: delete, confirmations: 1}\n"
    )
    other = f"{GATEWAY}/products/starter/apis/contoso-east-831a41"
    sim.put(other, {})
    report = run(product(sim, without, store))
    assert deletions(report) == ["product-api applied"]
    assert LINK not in sim.resources()
    assert other in sim.resources(), "somebody else made it"
    assert run(product(sim, without, store)).plan.changes == ()


def test_a_link_that_nobody_remembers_is_somebody_elses() -> None:
    sim, _ = onboarded()
    without = (
        CONFIG.replace("products: [ai-platform]", "products: []") + "safety: {prune: delete, confirmations: 1}\n"
    )
    assert run(product(sim, without)).converged
    assert LINK in sim.resources()


def test_with_prune_report_a_link_of_ours_is_named_and_stays() -> None:
    store, sim = Kept(), Simulator(lock_lingers=0)
    assert run(product(sim, CONFIG, store)).converged
    report = run(product(sim, CONFIG.replace("products: [ai-platform]", "products: []"), store))
    assert held(report) == {"product-api contoso-east-831a41": "prune-report"}
    assert LINK in sim.resources()


def test_a_link_that_somebody_else_removed_is_forgotten() -> None:
    store, sim = Kept(), Simulator(lock_lingers=0)
    assert run(product(sim, DELETING, store)).converged
    without = CONFIG.replace("products: [ai-platform]", "products: []")
    sim.delete(LINK)
    assert run(product(sim, without, store)).converged
    (kept,) = store.documents.values()
    assert kept["links"] == []
    sim.put(LINK, {})
    assert held(run(product(sim, without, store))) == {}, "whoever made it anew, it was not us"


def test_a_waiting_account_keeps_the_link_that_we_made_whatever_its_tag_says() -> None:
    store, sim = Kept(), Simulator(lock_lingers=0)
    at_once = CONFIG + "safety: {prune: delete, confirmations: 1}\n"
    assert run(product(sim, at_once, store)).converged
    account = deepcopy(sim.resources()[EAST])
    sim.put(EAST, {**account, "tags": {**account["tags"], "ai-gateway-profile": "nosuch"}})
    report = run(product(sim, at_once, store))
    assert deletions(report) == []
    assert LINK in sim.resources()


def test_a_link_that_somebody_made_between_plan_and_apply_is_not_ours() -> None:
    class Meddling(Progress):
        def began(self, change: Change) -> None:
            if kind_of(change) == "product-api":
                sim.put(LINK, {})

    store, sim = Kept(), Simulator(lock_lingers=0)
    built = product(sim, DELETING, store)
    assert built.run(built.config.gateways[0], dry_run=False, progress=Meddling()).converged
    (kept,) = store.documents.values()
    assert kept["links"] == []


def test_what_was_seen_long_ago_counts_for_nothing() -> None:
    sim, built = onboarded()
    account, model = sim.resources()[EAST], sim.resources()[f"{EAST}/deployments/gpt-4o"]
    sim.delete(EAST)
    run(built)
    sim.clock.advance(40 * 86400)
    assert set(held(run(built)).values()) == {"unconfirmed"}
    assert account
    assert model
    sim.clock.advance(600)
    assert run(built).converged


def test_the_role_of_another_gateway_of_the_same_owner_is_left_alone() -> None:
    sim, built = onboarded(CONFIG + "safety: {prune: delete, confirmations: 1}\n")
    other = GATEWAY.replace("contoso-gateway", "another-gateway")
    mark = f"managed-by=apim-openai-reconciler; owner=contoso-ai-platform; source={EAST}"
    role = f"{S1}/providers/Microsoft.Authorization/roleDefinitions/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
    for number, description in ((1, mark), (2, f"{mark}; gateway={other}")):
        id = f"{EAST}/providers/Microsoft.Authorization/roleAssignments/88888888-0000-4000-8000-00000000000{number}"
        principal = f"99999999-0000-4000-8000-00000000000{number}"
        body = {"principalId": principal, "principalType": "ServicePrincipal", "roleDefinitionId": role}
        sim.put(id, {"properties": {**body, "description": description}})
    before = sim.resources()
    assert run(built, deep=True).converged
    assert sim.resources() == before


def test_an_operation_policy_that_somebody_wrote_keeps_the_api() -> None:
    sim, built = onboarded(CONFIG + "safety: {prune: delete, confirmations: 1}\n")
    policy = "<policies><inbound><base /><rate-limit calls='5' renewal-period='60' /></inbound></policies>"
    chat = f"{EAST_API}/operations/chatcompletions-create"
    sim.put(f"{chat}/policies/policy", {"properties": {"format": "xml", "value": policy}})
    sim.delete(EAST)
    report = run(built)
    (api,) = (h for h in document(report)["held"] if h["id"] == EAST_API)
    assert (api["reason"], "the policy of the operation chatcompletions-create" in api["detail"]) == (
        "in-use",
        True,
    )


def test_a_link_by_hand_in_a_product_of_another_profile_is_a_use() -> None:
    text = CONFIG + "  gold: {api: {products: [starter]}}\nsafety: {prune: delete, confirmations: 1}\n"
    sim, built = onboarded(text)
    sim.put(f"{GATEWAY}/products/starter/apis/contoso-east-831a41", {})
    sim.delete(EAST)
    (api,) = (h for h in document(run(built))["held"] if h["id"] == EAST_API)
    assert "the product starter offers it" in api["detail"]


def test_a_store_that_cannot_be_written_costs_a_remark_and_not_the_report() -> None:
    class Broken(Kept):
        def put(self, name: str, document: JSON) -> None:  # noqa: ARG002 - see Store
            raise ConfigError(f"cannot write {name.partition('/')[0]}")

    sim = Simulator(lock_lingers=0)
    report = run(product(sim, DELETING, Broken()))
    assert report.converged
    (remark,) = (w for w in document(report)["warnings"] if w["reason"] == "state-not-kept")
    assert remark["detail"] == "cannot write memory"


def test_broken_memory_is_no_memory() -> None:
    store, sim = Kept(), Simulator(lock_lingers=0)
    assert run(product(sim, DELETING, store)).converged
    (name,) = store.documents
    for rubbish in ({"unwanted": 1, "links": {}}, {"unwanted": [1, {"id": "x"}], "links": [None, "x"]}):
        store.documents[name] = rubbish
        assert run(product(sim, DELETING, store)).converged


def test_a_link_that_was_made_before_an_interrupt_is_remembered() -> None:
    class Impatient(Progress):
        def ended(self, outcome: Outcome) -> None:
            super().ended(outcome)
            if kind_of(outcome.change) == "product-api":
                raise KeyboardInterrupt

    store, sim = Kept(), Simulator(lock_lingers=0)
    built = product(sim, DELETING, store)
    with pytest.raises(KeyboardInterrupt):
        built.run(built.config.gateways[0], dry_run=False, progress=Impatient())
    without = CONFIG.replace("products: [ai-platform]", "products: []")
    assert held(run(product(sim, without, store))) == {"product-api contoso-east-831a41": "prune-report"}
