"""Which operations of a document the models that are deployed can answer.

A model deployment says what its model can do in a map of texts, `{"chatCompletion": "true", …}`; new names appear
all the time and mean nothing to us (desired-state.md §2.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.world import ModelDeployment

_CHAT = frozenset({"chatcompletions-create", "createchatcompletion", "getchatcompletions"})
_SPEECH_TO_TEXT = frozenset({"transcriptions-create", "translations-create"})
_RESPONSES = frozenset(
    {
        "createresponse",
        "getresponse",
        "deleteresponse",
        "listinputitems",
        "create-response",
        "get-response",
        "delete-response",
        "get-input-items",
    }
)
_OPERATIONS = {
    "chatCompletion": _CHAT,
    "completion": frozenset({"completions-create"}),
    "embeddings": frozenset({"embeddings-create", "createembedding", "getembeddings"}),
    "imageGenerations": frozenset({"imagegenerations-create", "getimagegenerations"}),
    "audio": _SPEECH_TO_TEXT,
    "speech": frozenset({"speech-create"}),
    "responses": _RESPONSES,
}
"""Capability -> the resource names of the operations that need it, in the dated documents and in `v1`."""
_BY_NAME = (  # only where a deployment says nothing of its capabilities
    ("whisper", "audio"),
    ("transcribe", "audio"),
    ("tts", "speech"),
    ("text-embedding", "embeddings"),
    ("dall-e", "imageGenerations"),
    ("gpt-image", "imageGenerations"),
)


def answerable(operations: Iterable[str], deployments: Iterable[ModelDeployment]) -> frozenset[str]:
    """Of these operations (resource names) those that a ready deployment can answer.

    One that no capability is known to need is kept, and chat where a model says nothing: an operation too many
    costs a caller an error of Azure's, one too few a service that was there.
    """
    able = {capability for deployment in deployments if deployment.ready for capability in _able(deployment)}
    needed = frozenset().union(*_OPERATIONS.values())
    offered = frozenset().union(*(_OPERATIONS[capability] for capability in able))
    return frozenset(name for name in operations if name in offered or name not in needed)


def _able(deployment: ModelDeployment) -> Iterator[str]:
    """What a deployment can do, of what we know; a realtime model says it can chat and cannot over HTTP."""
    known = deployment.capabilities & _OPERATIONS.keys()
    if "realtime" in deployment.capabilities:
        known -= {"chatCompletion"}
    yield from known
    model = deployment.model.lower()
    if "whisper" in model or "transcribe" in model:
        yield "audio"
    if not deployment.capabilities:
        yield next((capability for part, capability in _BY_NAME if part in model), "chatCompletion")
