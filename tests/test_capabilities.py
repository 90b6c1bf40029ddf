"""Which operations an API offers when it follows what is deployed."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.capabilities import answerable
from reconciler.report import document
from reconciler.world import ModelDeployment
from simulator import Simulator
from tests.local import CONFIG, EAST, EAST_API, apply, config, plan, short, writes

DATED = (
    "chatcompletions-create",
    "completions-create",
    "embeddings-create",
    "imagegenerations-create",
    "transcriptions-create",
    "translations-create",
)
AUDIO = {"transcriptions-create", "translations-create"}


def deployment(model: str, *capabilities: str, ready: bool = True) -> ModelDeployment:
    return ModelDeployment("d", model, "1", "Standard", 1, ready, capabilities=frozenset(capabilities))


@pytest.mark.parametrize(
    ("deployments", "expected"),
    [
        ([deployment("gpt-4o", "chatCompletion", "jsonSchemaResponse", "brandNew")], {"chatcompletions-create"}),
        ([deployment("gpt-35-turbo-instruct", "completion")], {"completions-create"}),
        (
            [deployment("gpt-4o", "chatCompletion"), deployment("text-embedding-3-small", "embeddings")],
            {"chatcompletions-create", "embeddings-create"},
        ),
        ([deployment("dall-e-3", "imageGenerations")], {"imagegenerations-create"}),
        ([deployment("whisper", "audio")], AUDIO),
        ([deployment("whisper", "inference")], AUDIO),
        ([deployment("gpt-4o-realtime", "chatCompletion", "realtime")], set()),
        ([deployment("gpt-4o", "chatCompletion", ready=False)], set()),
        ([deployment("something-new")], {"chatcompletions-create"}),
        ([deployment("text-embedding-ada-002")], {"embeddings-create"}),
        ([deployment("gpt-image-1")], {"imagegenerations-create"}),
        ([], set()),
    ],
)
def test_models_answer_what_they_can(deployments: list[ModelDeployment], expected: set[str]) -> None:
    assert answerable(DATED, deployments) == expected


def test_an_operation_that_no_capability_is_known_to_need_stays() -> None:
    chat = [deployment("gpt-4o", "chatCompletion")]
    assert answerable(["listmodels", "createembedding", "createchatcompletion"], chat) == {
        "listmodels",
        "createchatcompletion",
    }


# ------------------------------------------------------------------------------- on a gateway

WHISPER: dict[str, Any] = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "whisper", "version": "001"}},
}
SPEECH = {"audio/transcriptions", "audio/translations"}
EVERYTHING = {"chat/completions", "completions", "embeddings", "images/generations", *SPEECH}
DEPLOYED = CONFIG.replace("api: {", "api: {operations: deployed, ")


def operations(sim: Simulator) -> set[str]:
    """What can be called; what is new to an API is named by method and path on import (arm-wire.md §3.2)."""
    urls = (b["properties"]["urlTemplate"] for id, b in sim.resources().items() if f"{EAST_API}/operations/" in id)
    return {url.removeprefix("/deployments/{deployment-id}/").partition("?")[0] for url in urls}


def test_an_api_grows_with_its_models_by_one_import_and_never_shrinks() -> None:
    sim, settings = Simulator(), config(DEPLOYED)
    assert apply(sim, settings).converged
    assert operations(sim) == {"chat/completions", "embeddings"}
    sim.put(f"{EAST}/deployments/whisper", WHISPER)
    (change,) = document(plan(sim, settings))["changes"]
    assert (change["change"], change["kind"]) == ("update", "api")
    sim.requests.clear()
    assert apply(sim, settings).converged
    assert writes(sim) == [f"PUT {short(EAST_API)}"]
    assert operations(sim) == {"chat/completions", "embeddings", *SPEECH}
    sim.delete(f"{EAST}/deployments/whisper")
    sim.requests.clear()
    assert apply(sim, settings).converged
    assert writes(sim) == []
    assert operations(sim) == {"chat/completions", "embeddings", *SPEECH}


def test_all_operations_are_offered_unless_the_profile_says_otherwise() -> None:
    sim = Simulator()
    assert apply(sim).converged
    assert operations(sim) == EVERYTHING
    assert apply(sim, config(DEPLOYED)).converged
    assert operations(sim) == EVERYTHING, "what is there already stays"
