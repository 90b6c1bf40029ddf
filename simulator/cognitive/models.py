"""What a model can do, and how fast a deployment of it may be asked.

Capabilities of gpt-4o are those of recording 24; the others follow desired-state 2.5 and 6.2.
"""

from dataclasses import dataclass

JSON = dict[str, object]
_CHAT = {"chatCompletion": "true"}
_GPT = {**_CHAT, "assistants": "true", "jsonSchemaResponse": "true", "responses": "true"}
_GPT_4O = {
    **_CHAT,
    "assistants": "true",
    "jsonSchemaResponse": "true",
    "maxContextToken": "128000",
    "maxOutputToken": "16384",
    "responses": "true",
}


@dataclass(frozen=True)
class Model:
    """What Azure knows about a family of models."""

    capabilities: dict[str, str]
    tokens: int = 1000  # a minute, per unit of capacity
    requests: int = 6  # a minute, per unit of capacity


FAMILIES: list[tuple[str, Model]] = [  # the first prefix that fits
    ("text-embedding", Model({"embeddings": "true", "embeddingsMaxInputs": "2048"})),
    ("gpt-35-turbo-instruct", Model({"completion": "true"})),
    ("gpt-35-turbo", Model({"completion": "true", **_CHAT})),
    ("gpt-4o-realtime", Model({**_CHAT, "realtime": "true"})),
    ("gpt-4o-mini-transcribe", Model({"audio": "true"})),
    ("gpt-4o-transcribe", Model({"audio": "true"})),
    ("gpt-4o-mini-tts", Model({"audio": "true"})),
    ("gpt-4o", Model(_GPT)),
    ("gpt-4", Model(_GPT)),
    ("gpt-5", Model(_GPT)),
    ("gpt-image", Model({"imageGenerations": "true"})),
    ("o1", Model({**_CHAT, "responses": "true"}, 6000, 1)),
    ("o3-mini", Model({**_CHAT, "responses": "true"}, 10000, 1)),
    ("o", Model({**_CHAT, "responses": "true"})),
    ("dall-e", Model({"imageGenerations": "true"})),
    ("whisper", Model({"audio": "true"})),
    ("tts", Model({"audio": "true"})),
    ("davinci", Model({"completion": "true"})),
    ("babbage", Model({"completion": "true"})),
]
_EXACT = {("gpt-4o", "2024-08-06"): Model(_GPT_4O)}
_DATED_VERSION = {"gpt-4o": "2024-08-06", "text-embedding-3-small": "1", "gpt-35-turbo": "0125"}


def model_of(name: str, version: str, model_format: str) -> Model:
    """What is known about a model; a partner's model chats."""
    if model_format != "OpenAI":
        return Model(_CHAT)
    exact = _EXACT.get((name, version))
    if exact is not None:
        return exact
    return next((model for prefix, model in FAMILIES if name.startswith(prefix)), Model({}))


def default_version(name: str) -> str:
    """The version that a deployment without one gets."""
    return _DATED_VERSION.get(name, "1")


def rate_limits(model: Model, sku: str, capacity: int) -> list[JSON]:
    """Limits grow with capacity; provisioned and batch deployments have none (desired-state 6.2)."""
    if "provisioned" in sku.lower() or "batch" in sku.lower():
        return []
    requests = max(1, capacity * model.requests // 6)
    return [
        {"key": "request", "renewalPeriod": 10, "count": requests},
        {"key": "token", "renewalPeriod": 60, "count": capacity * model.tokens},
    ]


def area(location: str) -> str:
    """The part of the world that a deployment's data stays in."""
    europe = ("europe", "sweden", "france", "germany", "norway", "poland", "spain", "italy", "switzerland")
    return "EUR" if any(part in location.lower() for part in europe) else "US"
