"""What `explain` says of an account or a model deployment: each reason there can be, from worlds that have it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from reconciler.asked import Subject
from reconciler.errors import ConfigError
from reconciler.events import Wake
from reconciler.explain import explain
from reconciler.local_back_end import LocalBackEnd
from reconciler.model import Plan
from reconciler.report import Report
from reconciler.resource_id import ResourceId
from reconciler.store import FolderStore
from reconciler.world import State
from simulator import Simulator
from tests import builders as pure
from tests.commanded import Command, command
from tests.local import CONFIG, EAST, EAST_API, GATEWAY, LEGACY, S1, WEST, NoStore, app, apply, config

SUBSCRIPTION = S1.rsplit("/", 1)[-1]
ELSEWHERE = "00000000-0000-0000-0000-0000000000ff"
RULE = f"rule 1 (subscription {SUBSCRIPTION}; resource groups rg-ai-*; tags ai-gateway=enabled)"
GPT = f"{EAST}/deployments/gpt-4o"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    return command(capsys)


def onboarded() -> Simulator:
    sim = Simulator()
    assert apply(sim).converged
    return sim


def told(run: Command, sim: Simulator, name: str, **more: Any) -> Any:
    """What is said of the one account at the one gateway."""
    answer = run(sim, "explain", name, "--format", "json", **more)
    assert (answer.code, answer.err) == (0, "")
    assert answer.json["name"] == name
    (gateway,) = answer.json["gateways"]
    (account,) = gateway["accounts"]
    return account


def account(sim: Simulator, id: str, **changes: Any) -> None:
    """Somebody changes an account."""
    body = deepcopy(sim.resources()[id])
    kept: dict[str, Any] = {
        name: body[name] for name in ("location", "kind", "sku", "tags", "identity") if name in body
    }
    names = ("customSubDomainName", "publicNetworkAccess", "disableLocalAuth")
    properties = {name: body["properties"][name] for name in names if name in body["properties"]}
    sim.put(id, {**kept, "properties": properties, **changes})


# ------------------------------------------------------------------------------------ an account that is served


def test_before_the_first_run_it_is_not_there_yet(run: Command) -> None:
    assert run(Simulator(), "explain", "contoso-east").lines == [
        f"Gateway contoso-gateway  resource group rg-gateway, subscription {SUBSCRIPTION}",
        "",
        "  contoso-east is not on contoso-gateway yet: 5 changes are pending",
        f"    account     {EAST}",
        "    state       ready: model deployments: gpt-4o, text-embedding-3-small",
        f"    discovered  it is in the list of the subscription {SUBSCRIPTION}",
        f"    allow-list  {RULE} selects it",
        "    profile     standard (the gateway's default)",
        "    API         contoso-east-831a41 (not there yet)",
        "    path        contoso-east/openai",
        "    backend     contoso-east-831a41-openai-endpoint, to https://contoso-east.openai.azure.com/openai",
        "    models      gpt-4o (gpt-4o 2024-08-06, Standard): ready",
        "                text-embedding-3-small (text-embedding-3-small 1, Standard): ready",
        "    pending     create role-assignment known-after-apply",
        "                create backend contoso-east-831a41-openai-endpoint",
        "                create api contoso-east-831a41",
        "                create api-policy contoso-east-831a41/policy",
        "                create product-api ai-platform/contoso-east-831a41",
        "    last run    no run is recorded",
    ]


def test_afterwards_it_is_on_the_gateway(run: Command) -> None:
    sim = onboarded()
    sim.requests.clear()
    seen = told(run, sim, "contoso-east")
    assert seen["summary"] == "contoso-east is on contoso-gateway"
    assert (seen["state"], seen["reason"], seen["onGateway"]) == ("ready", "ready", True)
    assert seen["names"] == {
        "api": EAST_API,
        "path": "contoso-east/openai",
        "backend": f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint",
        "baseUrl": "https://contoso-gateway.azure-api.net/contoso-east/openai",
    }
    assert (seen["changes"], seen["held"]) == ([], [])
    assert {request["method"] for request in sim.requests} == {"GET"}


def test_drift_is_pending(run: Command) -> None:
    sim = onboarded()
    sim.delete(f"{EAST_API}/operations/embeddings-create")
    seen = told(run, sim, "contoso-east")
    assert seen["summary"] == "contoso-east is on contoso-gateway; 1 change is pending"
    assert [(c["change"], c["kind"], c["id"]) for c in seen["changes"]] == [
        ("create", "operation", f"{EAST_API}/operations/embeddings-create")
    ]


def test_what_is_held_for_it_is_told_with_the_reason(run: Command) -> None:
    sim = Simulator()
    taken = {"displayName": "Theirs", "path": "contoso-east/openai", "protocols": ["https"]}
    sim.put(f"{GATEWAY}/apis/theirs", {"properties": taken})
    seen = told(run, sim, "contoso-east")
    assert (seen["state"], seen["reason"]) == ("waiting", "path-taken")
    assert seen["summary"].startswith("contoso-east is not on contoso-gateway: path-taken: the path 'contoso-east/")
    held = {h["kind"]: h for h in seen["held"]}
    assert held["api"]["reason"] == "path-taken"
    assert held["api"]["id"] == EAST_API
    assert held["backend"]["reason"] == "blocked"
    assert seen["changes"] == []


# ------------------------------------------------------------------------------------ an account that is not


def test_an_account_that_waits_says_for_what(run: Command) -> None:
    seen = told(run, Simulator(), "contoso-west")
    assert (seen["state"], seen["reason"]) == ("waiting", "no-ready-deployment")
    assert seen["summary"] == (
        "contoso-west is not on contoso-gateway: no-ready-deployment: it has no model deployment"
    )
    assert seen["names"]["api"] == f"{GATEWAY}/apis/contoso-west-f6335e"
    assert "    models      it has no model deployment" in run(Simulator(), "explain", "contoso-west").lines


def test_an_account_that_lost_its_models_keeps_its_api(run: Command) -> None:
    sim = onboarded()
    for name in ("gpt-4o", "text-embedding-3-small"):
        sim.delete(f"{EAST}/deployments/{name}")
    seen = told(run, sim, "contoso-east")
    assert seen["summary"].startswith("contoso-east has its API on contoso-gateway, but no-ready-deployment: ")
    assert (seen["onGateway"], seen["state"]) == (True, "waiting")


WHY_NOT: dict[str, tuple[dict[str, str], str]] = {
    "another tag": ({"ai-gateway": "off"}, "it wants the tag ai-gateway=enabled; the account has ai-gateway=off"),
    "no tag": ({"x": "y"}, "it wants the tag ai-gateway=enabled; the account has no such tag"),
}


@pytest.mark.parametrize("name", WHY_NOT)
def test_a_rule_says_which_tag_it_misses(run: Command, name: str) -> None:
    tags, why = WHY_NOT[name]
    sim = Simulator()
    account(sim, EAST, tags=tags)
    seen = told(run, sim, "contoso-east")
    assert (seen["state"], seen["reason"], seen["names"]) == ("excluded", "not-selected", None)
    assert seen["rules"] == [
        {
            "subscription": SUBSCRIPTION,
            "resourceGroups": ["rg-ai-*"],
            "tags": {"ai-gateway": "enabled"},
            "selects": False,
            "why": why,
        }
    ]


MORE_RULES = CONFIG.replace(
    "    accounts:",
    f"    accounts:\n      - {{subscription: {SUBSCRIPTION}, resourceGroups: [rg-none, rg-x-*]}}",
)


def test_every_rule_is_judged_and_the_one_that_selects_is_named(run: Command) -> None:
    lines = run(Simulator(), "explain", "contoso-east", config=MORE_RULES).lines
    assert lines[6:8] == [
        f"    allow-list  rule 1 (subscription {SUBSCRIPTION}; resource groups rg-none, rg-x-*) "
        "does not select it: the resource group rg-ai-east matches none of rg-none, rg-x-*",
        f"                {RULE.replace('rule 1', 'rule 2')} selects it",
    ]


def test_a_deployment_that_cannot_be_called_says_why(run: Command) -> None:
    sim = Simulator()
    model = sim.resources()[GPT]["properties"]["model"]
    batch = {"sku": {"name": "GlobalBatch", "capacity": 1}, "properties": {"model": model}}
    sim.put(f"{EAST}/deployments/nightly", batch)
    seen = told(run, sim, "contoso-east/nightly")
    assert seen["summary"] == (
        "contoso-east/nightly cannot be called through contoso-gateway: SKU GlobalBatch serves batch jobs only"
    )
    assert seen["modelDeployment"] == "nightly"
    assert seen["state"] == "ready"
    assert seen["modelDeployments"] == [
        {
            "name": "nightly",
            "model": "gpt-4o",
            "version": "2024-08-06",
            "sku": "GlobalBatch",
            "ready": False,
            "why": "SKU GlobalBatch serves batch jobs only",
        }
    ]


def test_an_account_that_is_gone_is_told_with_what_is_left_of_it(run: Command) -> None:
    sim = onboarded()
    sim.delete(EAST)
    seen = told(run, sim, "contoso-east")
    assert (seen["state"], seen["onGateway"]) == ("gone", True)
    assert seen["summary"] == "contoso-east is gone, and something for it is left on contoso-gateway"
    assert seen["discovered"] == {
        "seen": False,
        "detail": "it is in no list, and a read by its id answers that it is not there",
    }
    left = {(h["change"], h["kind"], h["reason"]) for h in seen["held"]}
    assert {("delete", "api", "prune-report"), ("delete", "backend", "prune-report")} <= left


# ------------------------------------------------------------------------------------ profiles

TWO_PROFILES = CONFIG + "  gold: {api: {path: 'gold/{account}/openai', name: 'gold-{account}'}}\n"


def test_a_tag_chooses_the_profile(run: Command) -> None:
    sim = Simulator()
    account(sim, EAST, tags={"ai-gateway": "enabled", "ai-gateway-profile": "gold"})
    seen = told(run, sim, "contoso-east", config=TWO_PROFILES)
    assert seen["profile"] == {"name": "gold", "why": "the account's tag ai-gateway-profile"}
    assert seen["names"]["path"] == "gold/contoso-east/openai"
    assert seen["names"]["api"] == f"{GATEWAY}/apis/gold-contoso-east-831a41"


def test_the_names_of_an_account_without_a_subdomain_are_those_of_its_profile(run: Command) -> None:
    sim = Simulator()
    account(sim, LEGACY, tags={"ai-gateway": "enabled", "ai-gateway-profile": "gold"})
    seen = told(run, sim, "contoso-legacy", config=TWO_PROFILES)
    assert (seen["state"], seen["reason"]) == ("waiting", "no-custom-subdomain")
    assert seen["names"]["path"] == "gold/contoso-legacy/openai"


def test_the_names_of_an_account_that_no_list_shows_are_those_of_its_profile() -> None:
    configured = pure.config(profiles={"gold": {"api": {"path": "gold/{account}/openai"}}})
    tags = {"ai-gateway-profile": "gold"}
    lost = pure.account(state=State.WAITING, reason="not-listed", detail="d", endpoint="", profile="", tags=tags)
    of = pure.world(lost, configured=configured, bindings={pure.EAST: pure.EAST_API})
    seen = explain(Report(pure.GATEWAY, of, Plan()), Subject(pure.EAST), {}, {})
    assert seen.served is not None
    assert seen.served.path == "gold/contoso-east/openai"
    assert seen.discovered == "a read by its id finds it, the list of its subscription does not"
    assert seen.summary == "contoso-east has its API on contoso-gw, but not-listed: d"


def test_a_tag_that_names_no_profile_is_told(run: Command) -> None:
    sim = Simulator()
    account(sim, EAST, tags={"ai-gateway": "enabled", "ai-gateway-profile": "silver"})
    seen = told(run, sim, "contoso-east")
    assert (seen["state"], seen["reason"], seen["names"]) == ("waiting", "unknown-profile", None)
    assert seen["profile"] == {"name": "silver", "why": "the account's tag ai-gateway-profile"}


# ------------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("name", "deployment"),
    [
        ("CONTOSO-east", None),
        (EAST.upper(), None),
        (f"{EAST}/", None),
        ("contoso-east/GPT-4o", "gpt-4o"),
        (GPT, "gpt-4o"),
        ("text-embedding-3-small", "text-embedding-3-small"),
    ],
)
def test_it_is_found_by(run: Command, name: str, deployment: str | None) -> None:
    seen = told(run, Simulator(), name)
    assert (seen["id"], seen["modelDeployment"]) == (EAST, deployment)
    if deployment:
        assert [d["name"] for d in seen["modelDeployments"]] == [deployment]


def test_all_accounts_of_one_name_are_told(run: Command) -> None:
    sim = Simulator()
    twin = EAST.replace("rg-ai-east", "rg-fabrikam")
    body = sim.resources()[EAST]
    sim.put(twin, {"location": "westus", "kind": "OpenAI", "sku": body["sku"], "properties": {}})
    (gateway,) = run(sim, "explain", "contoso-east", "--format", "json").json["gateways"]
    assert {(a["id"], a["state"]) for a in gateway["accounts"]} == {(EAST, "ready"), (twin, "excluded")}


def test_the_models_of_an_excluded_account_are_not_read_and_it_says_why_it_is_excluded(run: Command) -> None:
    seen = told(run, Simulator(), "fabrikam-openai/gpt-4o-mini")
    assert (seen["state"], seen["modelDeployment"], seen["modelDeployments"]) == ("excluded", None, [])


NOWHERE: dict[str, tuple[str, str]] = {
    "a name": ("contoso-esat", "did you mean 'contoso-west' or 'contoso-east'"),
    "a deployment": ("contoso-east/gpt-5", "did you mean 'contoso-east/gpt-4o'"),
    "an id that the lists do not show": (f"{EAST}2", f"did you mean '{EAST}'"),
    "a deployment's id": (f"{EAST}/deployments/gpt-5", f"is called '{EAST}/deployments/gpt-5'"),
    "no id": ("/contoso-east", "is not a resource id"),
    "another kind of id": (GATEWAY, "is neither an account nor a model deployment"),
}


@pytest.mark.parametrize("case", NOWHERE)
def test_what_is_nowhere_is_one_sentence(run: Command, case: str) -> None:
    name, words = NOWHERE[case]
    answer = run(Simulator(), "explain", name)
    assert (answer.code, answer.out) == (1, "")
    assert len(answer.err.splitlines()) == 1
    assert answer.err.startswith("error: ")
    assert words in answer.err


def test_an_account_of_a_subscription_that_no_rule_names_is_explained(run: Command) -> None:
    seen = told(run, Simulator(), EAST.replace(SUBSCRIPTION, ELSEWHERE))
    assert (seen["state"], seen["onGateway"], seen["profile"]) == ("unseen", False, None)
    assert seen["summary"] == "contoso-east is not on contoso-gateway: it was not seen"
    assert seen["discovered"] == {
        "seen": False,
        "detail": (
            f"not seen: its subscription {ELSEWHERE} is in no rule of the allow-list, which has {SUBSCRIPTION}"
        ),
    }
    assert [rule["why"] for rule in seen["rules"]] == [f"it is for the subscription {SUBSCRIPTION}"]


# ------------------------------------------------------------------------------------ several gateways

OTHER = GATEWAY.replace("contoso-gateway", "other-gateway")
TWO = CONFIG.replace(
    "profiles:", f"  - id: {OTHER}\n    accounts: [{{subscription: {ELSEWHERE}}}]\nprofiles:"
).replace("ai-platform]", "]")


def two_gateways() -> Simulator:
    sim = Simulator()
    body = sim.resources()[GATEWAY]
    properties = {name: body["properties"][name] for name in ("publisherEmail", "publisherName")}
    sim.put(OTHER, {"location": "eastus", "sku": body["sku"], "properties": properties})
    return sim


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_gateway_that_cannot_be_read_is_told_and_the_others_are(run: Command, form: str) -> None:
    answer = run(Simulator(), "explain", "contoso-east", "--format", form, config=TWO)
    assert answer.code == 1
    assert "there is no API Management service" in answer.out
    assert "contoso-east is not on contoso-gateway yet" in answer.out
    only = run(Simulator(), "explain", "contoso-east", "--gateway", "contoso-gateway", config=TWO)
    assert only.code == 0


def test_each_gateway_says_what_it_sees(run: Command) -> None:
    same = TWO.replace(f"subscription: {ELSEWHERE}", f"subscription: {SUBSCRIPTION}, tags: {{team: red}}")
    sim = two_gateways()
    gateways = run(sim, "explain", "contoso-east", "--format", "json", config=same).json["gateways"]
    assert [(g["gateway"], [a["state"] for a in g["accounts"]]) for g in gateways] == [
        (GATEWAY, ["ready"]),
        (OTHER, ["excluded"]),
    ]


# ------------------------------------------------------------------------------------ the last run


def recorded(sim: Simulator, store: FolderStore) -> None:
    """A run as the function app makes one."""
    now = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    back_end = LocalBackEnd(store, lambda: now)
    built = replace(app(sim, config()), store=store, time_of_day=lambda: now, back_end=back_end)
    coordinator = built.coordinator()
    coordinator.wake(Wake(ResourceId(GATEWAY), "timer"), after=0.0)
    assert back_end.drain(lambda message: coordinator.work(message, 600), 10)


def test_the_last_run_is_told_with_what_it_did(run: Command, tmp_path: Path) -> None:
    sim, store = Simulator(service_update_time=0.0), FolderStore(tmp_path)
    recorded(sim, store)
    last = told(run, sim, "contoso-east", store=store)["lastRun"]
    assert last["at"] == "2026-03-04T05:06:00+00:00"
    assert (last["state"], last["detail"]) == (
        "onboarded",
        "ready: model deployments: gpt-4o, text-embedding-3-small",
    )
    assert [o for o in last["outcomes"] if "role-assignment" not in o] == [
        "create backend contoso-east-831a41-openai-endpoint: applied",
        "create api contoso-east-831a41: applied: with 6 operations",
        "create api-policy contoso-east-831a41/policy: applied",
        "create product-api ai-platform/contoso-east-831a41: applied",
    ]
    assert len(last["outcomes"]) == 5
    text = run(sim, "explain", "contoso-east", store=store).out
    assert f"last run    2026-03-04T05:06:00+00:00 ({last['run']}): onboarded: ready: model deployments: " in text
    west = told(run, sim, "contoso-west", store=store)["lastRun"]
    assert (west["state"], west["outcomes"]) == ("waiting", [])


def test_a_run_that_could_not_read_the_gateway_says_so(run: Command, tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(
        "status/x",
        {"gateway": GATEWAY.upper(), "lastRun": "../x", "lastRunAt": "t", "error": {"reason": "a", "detail": "b"}},
    )
    answer = run(Simulator(), "explain", "contoso-east", "--format", "json", store=store)
    assert answer.code == 0
    store.put(
        "status/x",
        {
            "gateway": GATEWAY.upper(),
            "lastRun": "0" * 32,
            "lastRunAt": "t",
            "error": {"reason": "a", "detail": "b"},
        },
    )
    last = told(run, Simulator(), "contoso-east", store=store)["lastRun"]
    assert last == {"run": "0" * 32, "at": "t", "state": "unread", "detail": "a: b", "outcomes": []}


class Broken(NoStore):
    def each(self, _prefix: str) -> Any:
        raise ConfigError("the state folder x cannot be read")


def test_a_state_that_cannot_be_read_is_told_and_keeps_nothing_back(run: Command) -> None:
    answer = run(Simulator(), "explain", "contoso-east", store=Broken())
    assert answer.code == 0
    assert answer.err == "the record of the last run cannot be read: the state folder x cannot be read\n"
    assert answer.lines[-1] == "    last run    no run is recorded"


def test_markdown_has_a_table_for_each_account(run: Command) -> None:
    out = run(Simulator(), "explain", "contoso-east", "--format", "markdown").out
    assert out.splitlines()[:3] == [
        "## contoso-gateway",
        "",
        "**contoso-east is not on contoso-gateway yet: 5 changes are pending**",
    ]
    tokens = MarkdownIt("commonmark").enable("table").parse(out)
    cells = [t.content for t in tokens if t.type == "inline" and t.level > 1]
    assert cells[cells.index("profile") + 1] == "standard (the gateway's default)"
    assert WEST not in out
