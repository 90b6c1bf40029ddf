"""What is odd in Azure, or in a document: it is named by the command line, and nothing else stays undone for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.__main__ import main
from simulator import Simulator
from tests.builders import TINY
from tests.commanded import Command, command
from tests.local import CONFIG, EAST, EAST_API, GATEWAY, WEST, app, apply, config, writes
from tests.scenes.building import Kept

JSON = dict[str, Any]
EVIL = "https://contoso-east.openai.azure.com.evil.example/"
GPT: JSON = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    return command(capsys)


def change(sim: Simulator, id: str, **properties: Any) -> None:
    """Change properties of a resource, as nobody but Azure could."""
    body = sim.resources()[id]
    sim.put(id, {**body, "properties": {**body["properties"], **properties}})


def test_an_account_whose_endpoint_is_not_azures_gets_nothing_and_the_others_theirs(run: Command) -> None:
    sim = Simulator(lock_lingers=0)
    change(sim, EAST, endpoint=EVIL, endpoints={"OpenAI Language Model Instance API": EVIL})
    sim.put(f"{WEST}/deployments/gpt-4o", GPT)
    sim.requests.clear()
    answer = run(sim, "apply", "--yes", "--format", "json", store=Kept())
    assert answer.code == 0
    accounts = {a["id"]: a for a in answer.json["gateways"][0]["accounts"]}
    assert accounts[EAST]["state"] == "waiting"
    assert accounts[EAST]["reason"] == "endpoint-not-trusted"
    said = f"its endpoint '{EVIL}' is no https address of Azure OpenAI in the cloud 'public'"
    assert accounts[EAST]["detail"] == said
    assert not [path for path in writes(sim) if "contoso-east" in path]
    assert "evil" not in json.dumps([id for id in sim.resources() if id.startswith(GATEWAY)])
    assert f"{GATEWAY}/apis/contoso-west-f6335e" in sim.resources()


def test_on_a_gateway_that_is_updating_what_can_be_done_is_done_and_the_rest_said(run: Command) -> None:
    """Azure takes writes inside a service that is updating, and none to the service itself."""
    sim = Simulator(lock_lingers=0)
    body = sim.resources()[GATEWAY]
    kept = {name: body[name] for name in ("location", "sku")}
    sim.put(GATEWAY, {**kept, "properties": {**body["properties"], "provisioningState": "Updating"}})
    answer = run(sim, "apply", "--yes", "--format", "json", store=Kept())
    assert answer.code == 1
    outcomes = {o["kind"]: o for o in answer.json["gateways"][0]["outcomes"]}
    assert {kind: outcome["status"] for kind, outcome in outcomes.items()} == {
        "service": "failed",
        "role-assignment": "skipped",
        "backend": "applied",
        "api": "applied",
        "api-policy": "applied",
        "product-api": "applied",
    }
    assert "409 ServiceLocked" in outcomes["service"]["detail"]
    assert outcomes["service"]["detail"].endswith("; the next run tries again")
    assert outcomes["role-assignment"]["detail"] == "it needs contoso-gateway, which was not made"
    change(sim, GATEWAY, provisioningState="Succeeded")
    assert run(sim, "apply", "--yes", store=Kept()).code == 0


class Renamed:
    """A simulator in whose answers some words are others, which nobody knows yet."""

    def __init__(self, simulator: Simulator, words: Callable[[str, JSON], None]) -> None:
        self.simulator, self.words = simulator, words
        self.clock = simulator.clock

    def __call__(self, environ: JSON, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answered: list[Any] = []
        body = b"".join(self.simulator(environ, lambda *answer: answered.extend(answer)))
        status, headers = answered[:2]
        if body and environ["REQUEST_METHOD"] == "GET" and status.startswith("200"):
            whole = json.loads(body)
            for item in whole.get("value", [whole]) if isinstance(whole, dict) else []:
                if isinstance(item, dict) and isinstance(item.get("properties"), dict):
                    self.words(str(item.get("type", "")).rsplit("/", 1)[-1], item)
            body = json.dumps(whole).encode()
            headers = [(n, str(len(body)) if n.lower() == "content-length" else v) for n, v in headers]
        start_response(status, headers)
        return [body]


def of_the_gateway(type: str, item: JSON) -> None:
    if type == "service":
        item["properties"]["provisioningState"] = "Rebalancing"
        item["sku"] = {"name": "UltraV9", "capacity": 1}


def of_a_model_deployment(type: str, item: JSON) -> None:
    if type == "deployments":
        item["sku"]["name"] = "QuantumStandard"
        item["properties"]["deploymentState"] = "Humming"
        item["properties"]["capabilities"] = {"telepathy": "very", "chatCompletion": True}
        item["properties"]["versionUpgradeOption"] = "Never"


def of_a_foreign_api(type: str, item: JSON) -> None:
    if type == "apis" and item["name"] not in EAST_API:
        item["properties"] |= {"type": "telepathy", "apiType": "telepathy", "protocols": ["mind"]}


@pytest.mark.parametrize("words", [of_the_gateway, of_a_model_deployment, of_a_foreign_api])
def test_words_that_nobody_knows_yet_stop_nothing(
    words: Callable[[str, JSON], None], capsys: pytest.CaptureFixture[str]
) -> None:
    sim = Simulator(lock_lingers=0)
    assert apply(sim).converged
    sim.delete(EAST_API)
    assert of_tomorrow(sim, words, "apply", "--yes") == 0, capsys.readouterr()
    assert f"{EAST_API}/policies/policy" in sim.resources()
    sim.requests.clear()
    assert of_tomorrow(sim, words, "apply", "--yes", "--deep") == 0
    assert writes(sim) == []
    assert "Traceback" not in capsys.readouterr().err


def test_a_state_of_an_account_that_nobody_knows_yet_makes_it_wait_and_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def of_an_account(type: str, item: JSON) -> None:
        if type == "accounts":
            item["properties"]["provisioningState"] = "Hibernating"

    sim = Simulator(lock_lingers=0)
    assert of_tomorrow(sim, of_an_account, "apply", "--yes", "--format", "json") == 0
    (gateway,) = json.loads(capsys.readouterr().out)["gateways"]
    (east,) = (a for a in gateway["accounts"] if a["id"] == EAST)
    assert (east["state"], east["reason"]) == ("waiting", "account-not-ready")
    assert east["detail"] == "its provisioning state is Hibernating"
    assert writes(sim) == []


def of_tomorrow(sim: Simulator, words: Callable[[str, JSON], None], *arguments: str) -> int:
    """Run a command against an Azure with other words; its exit code."""
    built = replace(app(Renamed(sim, words)), store=Kept())  # type: ignore[arg-type] # it is called and has a clock
    return main(arguments, lambda _: built)


# ------------------------------------------------------------------------------- documents


def get(path: str, parameters: list[str]) -> dict[str, Any]:
    """A path of a document with these path parameters."""
    declared = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in parameters]
    return {path: {"get": {"parameters": declared, "responses": {"200": {"description": "OK"}}}}}


DOCUMENTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "is not there": (None, ("the specification own.json", "No such file or directory")),
    "is of another version": ({"swagger": "2.0"}, ("Swagger 2.0, not OpenAPI 3.0 or 3.1; convert it",)),
    "has one signature twice": (
        {**TINY, "paths": {**get("/a/{x}", ["x"]), **get("/A/{y}", ["y"])}},
        ("own.json: GET /a/{x} and GET /A/{y} have one signature; change the path of one of them",),
    ),
    "does not declare what is in a path": (
        {**TINY, "paths": get("/a/{x}", [])},
        ("own.json: GET /a/{x} has 'x' not both in its path and declared; declare it there",),
    ),
    "declares what is not in the path": (
        {**TINY, "paths": get("/a", ["x"])},
        ("own.json: GET /a has 'x' not both in its path and declared",),
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_refused_in_one_sentence_that(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document, words = DOCUMENTS[name]
    if document is not None:
        (tmp_path / "own.json").write_text(json.dumps(document), "utf-8")
    sim = Simulator()
    settings = config(CONFIG.replace("{products", "{specification: own.json, products"))
    built = replace(app(sim, settings), folder=tmp_path, store=Kept())
    assert main(("apply", "--yes"), lambda _: built) == 1
    said = capsys.readouterr()
    (line,) = said.out.splitlines()[1:]
    assert line.startswith("  error: ")
    assert all(word in line for word in words), line
    assert said.err == ""
    assert writes(sim) == []
