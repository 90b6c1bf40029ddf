"""Another document is imported in place: nothing that others added is lost, and what would be is held."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler import specs
from reconciler.model import Plan
from reconciler.progress import Progress
from reconciler.report import document
from reconciler.world import World
from simulator import Simulator
from tests.local import CONFIG, EAST, EAST_API, GATEWAY, app, apply, config, plan, properties, short, writes
from tests.scenes.building import Kept
from tests.test_states import move

JSON = dict[str, Any]
OLD, NEW = "azure-openai/2024-02-01", "azure-openai/2024-10-21"
CHAT = f"{EAST_API}/operations/chatcompletions-create"
LINK = f"{GATEWAY}/products/starter/apis/contoso-east-831a41"
THEIRS: JSON = {
    "properties": {"displayName": "Theirs", "method": "GET", "urlTemplate": "/theirs", "description": "Added."}
}
POLICY: JSON = {
    "properties": {
        "format": "xml",
        "value": '<policies><inbound><base /><rate-limit calls="5" renewal-period="60" /></inbound></policies>',
    }
}
SETTINGS: JSON = {
    "contact": {"name": "Team", "email": "team@contoso.example", "url": "https://contoso.example"},
    "license": {"name": "MIT", "url": "https://mit.example"},
    "termsOfServiceUrl": "https://contoso.example/terms",
    "authenticationSettings": {"oAuth2AuthenticationSettings": [{"authorizationServerId": "ours", "scope": "a"}]},
}


def using(specification: str) -> Any:
    return config(CONFIG.replace("api: {", f"api: {{specification: {specification}, "))


def onboarded(specification: str = OLD, **knobs: Any) -> Simulator:
    sim = Simulator(**knobs)
    assert apply(sim, using(specification)).converged
    has = dict(sim.resources()[EAST_API]["properties"])
    sim.put(EAST_API, {"properties": {**has, **SETTINGS}})
    sim.put(LINK, {})
    sim.requests.clear()
    return sim


def spec(sim: Simulator) -> str:
    """The document that the API's mark names, without its hash."""
    description = properties(sim, EAST_API)["description"]
    return str(description.splitlines()[-1].rpartition("spec=")[2].partition("@")[0])


def operations(sim: Simulator) -> set[str]:
    prefix = f"{EAST_API}/operations/"
    return {id.removeprefix(prefix) for id in sim.resources() if id.startswith(prefix) and id.count("/") == 12}


def schema_of_chat(sim: Simulator) -> JSON:
    (schemas,) = (b for id, b in sim.resources().items() if id.startswith(f"{EAST_API}/schemas/"))
    found: JSON = schemas["properties"]["document"]["components"]["schemas"]
    return found


def test_the_plan_says_which_document_replaces_which_and_one_import_does_it() -> None:
    sim = onboarded()
    (change,) = document(plan(sim, using(NEW)))["changes"]
    assert (change["change"], change["kind"], change["id"]) == ("update", "api", EAST_API)
    (difference,) = change["differences"]
    assert difference["path"] == "properties.value"
    assert (difference["actual"].partition("@")[0], difference["desired"].partition("@")[0]) == (OLD, NEW)
    assert len(change["brings"]) == 6
    before = operations(sim)
    assert apply(sim, using(NEW)).converged
    assert writes(sim) == [f"PUT {short(EAST_API)}"]
    assert operations(sim) == before
    assert spec(sim) == NEW
    assert "JsonSchemaFormat" in schema_of_chat(sim), "only the newer document has structured outputs"
    assert plan(sim, using(NEW), deep=True).converged


def test_what_operators_set_on_the_api_survives_the_import() -> None:
    sim = onboarded()
    sim.put(f"{CHAT}/policies/policy", POLICY)
    policy = properties(sim, f"{CHAT}/policies/policy")["value"]
    assert apply(sim, using(NEW)).converged
    has = properties(sim, EAST_API)
    assert {name: has[name] for name in ("contact", "license", "termsOfServiceUrl")} == {
        name: SETTINGS[name] for name in ("contact", "license", "termsOfServiceUrl")
    }
    settings = has["authenticationSettings"]["oAuth2AuthenticationSettings"]
    assert settings == SETTINGS["authenticationSettings"]["oAuth2AuthenticationSettings"]
    assert properties(sim, f"{CHAT}/policies/policy")["value"] == policy
    assert LINK in sim.resources()


def test_a_foreign_operation_holds_the_import_and_nothing_else() -> None:
    sim = onboarded()
    sim.put(f"{EAST_API}/operations/theirs", THEIRS)
    sim.delete(CHAT)
    has = dict(properties(sim, EAST_API))
    sim.put(EAST_API, {"properties": {**has, "displayName": "Edited"}})
    sim.requests.clear()
    report = apply(sim, using(NEW))
    (held,) = document(report)["held"]
    assert (held["kind"], held["reason"]) == ("api", "document-changed")
    assert "the operation theirs, which is of no document of ours" in held["detail"]
    assert writes(sim) == [f"PATCH {short(EAST_API)}", f"PUT {short(CHAT)}"]
    assert properties(sim, EAST_API)["displayName"] == "Azure OpenAI contoso-east"
    assert spec(sim) == OLD
    assert operations(sim) == {
        "chatcompletions-create",
        "completions-create",
        "embeddings-create",
        "imagegenerations-create",
        "theirs",
        "transcriptions-create",
        "translations-create",
    }


def test_an_operation_policy_without_a_place_to_go_holds_the_import() -> None:
    sim = onboarded()
    # adopted under another name, and with another parameter name: neither name nor template stays
    body = dict(properties(sim, CHAT))
    sim.delete(CHAT)
    other = f"{EAST_API}/operations/my-chat"
    template = "/deployments/{model}/chat/completions?api-version={api-version}"
    parameters = [{**p, "name": p["name"].replace("deployment-id", "model")} for p in body["templateParameters"]]
    sim.put(other, {"properties": {**body, "urlTemplate": template, "templateParameters": parameters}})
    sim.put(f"{other}/policies/policy", POLICY)
    (held,) = document(plan(sim, using(NEW)))["held"]
    assert "the policy of the operation my-chat" in held["detail"]
    sim.delete(f"{other}/policies/policy")
    assert apply(sim, using(NEW)).converged
    assert "my-chat" not in operations(sim)


def test_a_move_and_another_document_together_are_one_import() -> None:
    sim = onboarded()
    move(sim, EAST.replace("rg-ai-east", "rg-ai-new"))
    assert apply(sim, using(NEW)).converged
    assert spec(sim) == NEW
    assert "JsonSchemaFormat" in schema_of_chat(sim)
    assert f"named-for={EAST}" in properties(sim, EAST_API)["description"]
    assert plan(sim, using(NEW), deep=True).converged


def test_a_move_with_a_foreign_operation_keeps_the_document_and_says_so() -> None:
    sim = onboarded()
    sim.put(f"{EAST_API}/operations/theirs", THEIRS)
    move(sim, EAST.replace("rg-ai-east", "rg-ai-new"))
    report = apply(sim, using(NEW))
    assert [(h["kind"], h["reason"]) for h in document(report)["held"]] == [("api", "document-changed")]
    assert spec(sim) == OLD
    assert "rg-ai-new" in properties(sim, EAST_API)["description"]
    assert f"{EAST_API}/operations/theirs" in sim.resources()


class Meddling(Progress):
    """Somebody adds an operation while a person looks at the plan."""

    def __init__(self, sim: Simulator, *, asks: bool) -> None:
        super().__init__()
        self.sim = sim
        self.asks = asks

    def planned(self, world: World, plan: Plan) -> bool:
        self.asked = self.asks
        self.sim.put(f"{EAST_API}/operations/theirs", THEIRS)
        return super().planned(world, plan)


@pytest.mark.parametrize("asks", [True, False])
def test_what_others_add_after_the_plan_survives_the_import(asks: bool) -> None:  # noqa: FBT001
    sim = onboarded()
    built = app(sim, using(NEW))
    report = built.run(built.config.gateways[0], dry_run=False, progress=Meddling(sim, asks=asks))
    assert f"{EAST_API}/operations/theirs" in sim.resources()
    assert spec(sim) == OLD
    if asks:
        assert document(report)["error"]["reason"] == "plan-outdated"
        assert writes(sim) == []
    else:
        assert [o["status"] for o in document(report)["outcomes"]] == ["failed"]


def test_a_path_that_our_own_document_drops_is_known_to_be_ours(tmp_path: Path) -> None:
    whole = specs.load(NEW)
    part = {**whole, "paths": {p: item for p, item in whole["paths"].items() if "audio" not in p}}
    store = Kept()
    sim = Simulator()
    for text in (whole, part):
        (tmp_path / "own.json").write_text(json.dumps(text), "utf-8")
        built = replace(app(sim, using("own.json")), folder=tmp_path, store=store)
        assert built.run(built.config.gateways[0], dry_run=False).converged
    assert not any("audio" in body["properties"]["urlTemplate"] for id, body in operations_of(sim))


def operations_of(sim: Simulator) -> list[tuple[str, JSON]]:
    prefix = f"{EAST_API}/operations/"
    return [(id, body) for id, body in sim.resources().items() if id.startswith(prefix) and id.count("/") == 12]


@pytest.mark.parametrize("refusal", ["at-once", "later"])
def test_an_import_that_azure_refuses_leaves_the_api_as_it_was(refusal: str) -> None:
    sim = onboarded(import_refusal=refusal)
    before = json.dumps(sim.resources(), sort_keys=True)
    sim.fail(match="PUT .*/apis/contoso-east-831a41", answer=400, code="ValidationError", times=99)
    report = apply(sim, using(NEW))
    assert [o["status"] for o in document(report)["outcomes"]] == ["failed"]
    assert json.dumps(sim.resources(), sort_keys=True) == before
