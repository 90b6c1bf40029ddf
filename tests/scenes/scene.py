"""What a case consists of: accounts with models, the settings of the file, other people's things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.local import S1

S2 = "/subscriptions/00000000-0000-0000-0000-000000000002"
OWNER = "contoso-ai-platform"

CHAT = "POST /deployments/{deployment-id}/chat/completions?api-version={api-version}"
COMPLETIONS = "POST /deployments/{deployment-id}/completions?api-version={api-version}"
EMBEDDINGS = "POST /deployments/{deployment-id}/embeddings?api-version={api-version}"
IMAGES = "POST /deployments/{deployment-id}/images/generations?api-version={api-version}"
TRANSCRIPTIONS = "POST /deployments/{deployment-id}/audio/transcriptions?api-version={api-version}"
TRANSLATIONS = "POST /deployments/{deployment-id}/audio/translations?api-version={api-version}"
SPEECH = "POST /deployments/{deployment-id}/audio/speech?api-version={api-version}"
MODELS = "GET /models"
FILES = "GET /files"
ANYBODY = frozenset({MODELS, FILES})
"""Operations that no model is needed for."""
_DATED = frozenset({CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, TRANSCRIPTIONS, TRANSLATIONS})
OWN, OWN_NEWER = "own.json", "own-newer.json"
"""Documents of the operator's own, beside this file."""
BUNDLED = frozenset({"azure-openai/2024-02-01", "azure-openai/2024-06-01", "azure-openai/2024-10-21"})
OPERATIONS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(sorted(BUNDLED), _DATED),
    OWN: frozenset({CHAT, EMBEDDINGS, SPEECH, MODELS}),
    OWN_NEWER: frozenset({CHAT, EMBEDDINGS, FILES}),
}
NEWEST = "azure-openai/2024-10-21"

CAN: Mapping[str, frozenset[str]] = {
    "gpt-4o": frozenset({CHAT}),
    "gpt-35-turbo": frozenset({CHAT, COMPLETIONS}),
    "text-embedding-3-small": frozenset({EMBEDDINGS}),
    "dall-e-3": frozenset({IMAGES}),
    "whisper": frozenset({TRANSCRIPTIONS, TRANSLATIONS}),
    "our-voice": frozenset({SPEECH}),
    "unheard-of": frozenset({CHAT}),  # it says nothing of what it can do
    "of-another-kind": frozenset(),  # it says it can do what nobody has heard of
    "switched-off": frozenset({EMBEDDINGS}),  # and says that it cannot chat
    "gpt-4o-realtime-preview": frozenset(),  # it chats, and not over plain HTTP
}
"""Model -> the operations that it can answer."""
SAID: Mapping[str, Mapping[str, str]] = {
    "our-voice": {"speech": "true"},
    "of-another-kind": {"holograms": "true"},
    "switched-off": {"chatCompletion": "false", "embeddings": "true"},
}
"""What Azure says that a model can do, where the simulator does not know the model."""


@dataclass(frozen=True)
class Model:
    """A model deployment."""

    name: str = "gpt-4o"
    format: str = "OpenAI"
    sku: str = "Standard"
    state: str = "Succeeded"

    @property
    def ready(self) -> bool:
        return (
            self.format == "OpenAI" and self.state == "Succeeded" and self.sku in {"Standard", "ProvisionedManaged"}
        )


@dataclass(frozen=True)
class Account:
    """A Cognitive Services account; its number makes its subdomain unique."""

    number: int
    name: str = "contoso-east"
    subscription: str = S1
    group: str = "rg-ai-east"
    location: str = "eastus"
    kind: str = "OpenAI"
    state: str = "Succeeded"
    tag: str | None = "enabled"
    subdomain: bool = True
    models: tuple[Model, ...] = (Model(),)

    @property
    def id(self) -> str:
        return (
            f"{self.subscription}/resourceGroups/{self.group}"
            f"/providers/Microsoft.CognitiveServices/accounts/{self.name}"
        )

    @property
    def selected(self) -> bool:
        return self.kind != "SpeechServices" and self.group.startswith("rg-ai") and self.tag == "enabled"

    @property
    def ready(self) -> bool:
        usable = self.subdomain and self.state == "Succeeded"
        return self.selected and usable and any(model.ready for model in self.models)

    @property
    def can(self) -> frozenset[str]:
        """The operations that its ready models can answer."""
        return frozenset().union(*(CAN[model.name] for model in self.models if model.ready))

    @property
    def url(self) -> str:
        return f"https://sub-{self.number}.openai.azure.com/openai"


@dataclass(frozen=True)
class Settings:
    """What is drawn of the configuration file."""

    name: str = "{account}"
    display_name: str = "Azure OpenAI {account}"
    path: str = "{account}/openai"
    specification: str = NEWEST
    operations: str = "all"
    products: tuple[str, ...] = ()
    token_limit: int | None = None
    dimensions: tuple[str, ...] = ()
    enable_identity: bool = True
    subscription_required: bool = True
    second_subscription: bool = True
    prune: str = "report"
    max_deletes: int = 5
    max_delete_percent: int = 30
    confirmations: int = 2


@dataclass(frozen=True)
class Foreign:
    """Somebody else's resource, made for one of the accounts: with its name or path, or nearly."""

    what: str
    account: int
    description: int


@dataclass(frozen=True)
class Scene:
    """A whole case."""

    accounts: tuple[Account, ...] = (Account(0),)
    settings: Settings = Settings()
    foreign: tuple[Foreign, ...] = ()
    identity: str = "off"
    page_size: int = 100
    azure: int = 0

    @property
    def served(self) -> list[Account]:
        """The accounts that are ready and in a subscription that the configuration names."""
        return [a for a in self.accounts if a.ready and (self.settings.second_subscription or a.subscription == S1)]

    @property
    def readable(self) -> bool:
        """Without an identity, and without leave to switch one on, nothing can be planned."""
        return self.identity == "on" or self.settings.enable_identity


FULL = Scene(
    accounts=(Account(0), Account(1, name="contoso-west", kind="AIServices", subscription=S2)),
    settings=Settings(products=("ai-platform", "starter"), token_limit=9, dimensions=("API ID",)),
    foreign=(Foreign("role", 0, 0), Foreign("backend-near", 0, 5)),
)
"""Everything at once: each property is tried on this one, too."""
MIXED = Scene(
    accounts=(
        Account(0, models=(Model("whisper"), Model("gpt-4o", state="Failed"))),
        Account(1, name="contoso-west", models=(Model("gpt-4o-realtime-preview"),)),
        Account(2, name="a", models=(Model("unheard-of"), Model("our-voice"))),
        Account(3, name="b", models=(Model("switched-off"),)),
    ),
    settings=Settings(specification=OWN, operations="deployed", products=("ai-platform",), prune="delete"),
    identity="on",
)
"""A document of the operator's own, of which each account offers what its models can answer."""
