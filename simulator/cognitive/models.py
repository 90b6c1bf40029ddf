"""What a model can do, and how fast a deployment of it may be asked.

Capabilities of gpt-4o are those of recording 24, those of gpt-35-turbo 0125, the rates of whisper and the shape of
the list those of the Azure CLI's own recordings (October 2025); the others follow desired-state 2.5 and 6.2.
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
_TURBO = {
    "completion": "true",
    "maxContextToken": "16385",
    "maxOutputToken": "4096",
    **_CHAT,
    "assistants": "true",
}
STANDARD = ("Standard", "GlobalStandard", "DataZoneStandard")
PROVISIONED = ("ProvisionedManaged", "GlobalProvisionedManaged", "DataZoneProvisionedManaged")
BATCH = ("GlobalBatch", "DataZoneBatch")
_ALL = (*STANDARD, *PROVISIONED, *BATCH, "DeveloperTier", "LowPriority", "Provisioned", "Dedicated")
PARTNERS = (  # formats of models that only AIServices accounts have
    "AI21 Labs", "Anthropic", "Black Forest Labs", "Cohere", "Core42", "DeepSeek", "Meta", "Microsoft",
    "Mistral AI", "MoonshotAI", "xAI", "Alibaba", "OpenAI-OSS",
)  # fmt: skip


@dataclass(frozen=True)
class Model:
    """What Azure knows about a family of models."""

    capabilities: dict[str, str]
    tokens: int = 1000  # a minute, per unit of capacity; 0: not limited
    requests: int = 6  # a minute, per unit of capacity
    skus: tuple[str, ...] = _ALL
    period: int = 10  # seconds in which requests are counted


_AUDIO = Model({"audio": "true"}, skus=STANDARD)
FAMILIES: list[tuple[str, Model]] = [  # the first prefix that fits
    ("text-embedding", Model({"embeddings": "true", "embeddingsMaxInputs": "2048"})),
    ("gpt-35-turbo-instruct", Model({"completion": "true"})),
    ("gpt-35-turbo", Model({"completion": "true", **_CHAT})),
    ("gpt-4o-realtime", Model({**_CHAT, "realtime": "true"})),
    ("gpt-4o-mini-realtime", Model({**_CHAT, "realtime": "true"})),
    ("gpt-realtime", Model({**_CHAT, "realtime": "true"})),
    ("gpt-4o-mini-transcribe", _AUDIO),
    ("gpt-4o-transcribe", _AUDIO),
    ("gpt-4o-mini-tts", _AUDIO),
    ("gpt-4o", Model(_GPT)),
    ("gpt-4", Model(_GPT)),
    ("gpt-5", Model(_GPT)),
    ("gpt-oss", Model(_CHAT)),
    ("gpt-image", Model({"imageGenerations": "true"}, skus=STANDARD)),
    ("model-router", Model(_CHAT)),
    ("codex-mini", Model({"responses": "true"})),
    ("computer-use-preview", Model({"responses": "true"})),
    ("sora", Model({"videoGenerations": "true"}, skus=STANDARD)),
    ("o1", Model({**_CHAT, "responses": "true"}, 6000, 1)),
    ("o3-mini", Model({**_CHAT, "responses": "true"}, 10000, 1)),
    ("o3", Model({**_CHAT, "responses": "true"})),
    ("o4", Model({**_CHAT, "responses": "true"})),
    ("dall-e", Model({"imageGenerations": "true"}, skus=(*STANDARD, "Provisioned"))),
    ("whisper", Model({"audio": "true"}, 0, 1, STANDARD, 60)),
    ("tts", _AUDIO),
    ("davinci", Model({"completion": "true"})),
    ("babbage", Model({"completion": "true"})),
]
_EXACT = {("gpt-4o", "2024-08-06"): Model(_GPT_4O), ("gpt-35-turbo", "0125"): Model(_TURBO)}
CATALOGUE: dict[str, tuple[str, ...]] = {  # versions by name, the default one first
    "gpt-35-turbo": ("0125", "1106"),
    "gpt-35-turbo-instruct": ("0914",),
    "gpt-4": ("turbo-2024-04-09",),
    "gpt-4o": ("2024-08-06", "2024-05-13", "2024-11-20"),
    "gpt-4o-mini": ("2024-07-18",),
    "gpt-4o-realtime-preview": ("2024-12-17",),
    "gpt-4o-transcribe": ("2025-03-20",),
    "gpt-4o-mini-transcribe": ("2025-03-20",),
    "gpt-4o-mini-tts": ("2025-03-20",),
    "gpt-4.1": ("2025-04-14",),
    "gpt-4.1-mini": ("2025-04-14",),
    "gpt-4.1-nano": ("2025-04-14",),
    "gpt-5": ("2025-08-07",),
    "gpt-5-mini": ("2025-08-07",),
    "gpt-5-nano": ("2025-08-07",),
    "gpt-image-1": ("2025-04-15",),
    "o1": ("2024-12-17",),
    "o3": ("2025-04-16",),
    "o3-mini": ("2025-01-31",),
    "o4-mini": ("2025-04-16",),
    "text-embedding-3-large": ("1",),
    "text-embedding-3-small": ("1",),
    "text-embedding-ada-002": ("2",),
    "dall-e-3": ("3.0",),
    "whisper": ("001",),
    "tts": ("001",),
    "tts-hd": ("001",),
    "davinci-002": ("1",),
    "babbage-002": ("1",),
}


def find_model(name: str, version: str, model_format: str) -> Model | None:
    """What is known about a model, or nothing; a partner's model chats."""
    if model_format.lower() != "openai":
        known = any(model_format.lower() == each.lower() for each in PARTNERS)
        return Model(_CHAT, skus=(*STANDARD, *PROVISIONED)) if known else None
    exact = _EXACT.get((name, version))
    return exact or next((model for prefix, model in FAMILIES if name.startswith(prefix)), None)


def model_of(name: str, version: str, model_format: str) -> Model:
    """What is known about a model; of one that nobody knows, nothing."""
    return find_model(name, version, model_format) or Model(_CHAT if model_format.lower() != "openai" else {})


def default_version(name: str) -> str:
    """The version that a deployment without one gets."""
    return CATALOGUE.get(name, ("1",))[0]


def rate_limits(model: Model, sku: str, capacity: int) -> list[JSON]:
    """Limits grow with capacity; provisioned and batch deployments have none (desired-state 6.2)."""
    if "provisioned" in sku.lower() or "batch" in sku.lower():
        return []
    requests = max(1, capacity * model.requests * model.period // 60)
    limits: list[JSON] = [{"key": "request", "renewalPeriod": model.period, "count": requests}]
    if model.tokens:
        limits.append({"key": "token", "renewalPeriod": 60, "count": capacity * model.tokens})
    return limits


def area(location: str) -> str:
    """The part of the world that a deployment's data stays in; elsewhere it is not said (Azure CLI, Japan East)."""
    where = location.lower()
    europe = ("europe", "sweden", "france", "germany", "norway", "poland", "spain", "italy", "switzerland")
    if any(part in where for part in europe):
        return "EUR"
    return "US" if "us" in where and "australia" not in where else ""
