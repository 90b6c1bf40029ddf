"""Which settings the configuration file has, their defaults, and what is refused.

    owner: contoso-ai-platform
    gateways:
      - id: /subscriptions/<guid>/resourceGroups/<group>/providers/Microsoft.ApiManagement/service/<name>
        accounts:
          - subscription: <guid>

is a whole file: the defaults give what the portal's import gives (desired-state.md §1). The types are
frozen pydantic models; `schema()` is their JSON Schema. Reading the file is `config_file.py`'s.
"""

from __future__ import annotations

import re
import string
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.resource_id import ResourceId

PLACEHOLDERS = ("account", "resourceGroup", "subscription", "location")
BUNDLED = ("azure-openai/2024-02-01", "azure-openai/2024-06-01", "azure-openai/2024-10-21")
"""The documents that ship with the product, the newest generally available API version last."""
NEWEST_GA = BUNDLED[-1]
_FILE = r"\.([jJ][sS][oO][nN]|[yY][aA]?[mM][lL])$"
_ADDRESS = r"^https://[^?]+$"
_GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_PRODUCT = r"^[^*#&+:<>?/]{1,256}$"
_GATEWAY_TYPE = "microsoft.apimanagement/service"


def _field(name: str, spec: str | None, conversion: str | None) -> str:
    """A placeholder as it was written: one with a format of its own is none of ours."""
    return name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")


def _template(text: str) -> str:
    try:
        parts = string.Formatter().parse(text)
        fields = [_field(name, spec, conversion) for _, name, spec, conversion in parts if name is not None]
    except ValueError:
        raise ValueError(f"'{text}' has an unmatched brace; write a placeholder as {{account}}") from None
    unknown = next((f for f in fields if f not in PLACEHOLDERS), None)
    if unknown is not None:
        known = ", ".join(f"{{{p}}}" for p in PLACEHOLDERS)
        raise ValueError(f"'{{{unknown}}}' is not a placeholder; there are {known}")
    if re.search(r"@[({]|[\x00-\x1f]", text) or "{{" in text or "}}" in text:
        raise ValueError(f"'{text}' may not hold '@(', '@{{', double braces or control characters")
    return text


def _path(text: str) -> str:
    text = _template(text)
    path = text.strip("/")
    if path != "openai" and not path.endswith("/openai"):
        raise ValueError(
            f"'{text}' must end with /openai, where OpenAI clients look; write for example '{path}/openai'"
        )
    if re.search(r"[^A-Za-z0-9._~{}/-]", path) or "//" in path:
        raise ValueError(f"'{text}' may hold only letters, digits, '.', '_', '~', '-' and single '/'")
    return path


def _gateway_id(text: str) -> str:
    parsed = ResourceId.parse(text)
    shape = parsed.type.lower() == _GATEWAY_TYPE and len(parsed.names) == 1 and parsed.resource_group
    if not shape or not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,49}", parsed.name):  # as Azure names services
        raise ValueError(
            f"'{text}' is not an API Management service; it must end "
            "/resourceGroups/<group>/providers/Microsoft.ApiManagement/service/<name> (letters, digits, -)"
        )
    return text


def _identity(text: str) -> str:
    if text != "system" and not re.fullmatch(_GUID, text):
        raise ValueError(f"'{text}' must be 'system' or the client id (a GUID) of a user-assigned identity")
    return text


def _subscription(text: str) -> str:
    if not re.fullmatch(_GUID, text):
        raise ValueError(f"'{text}' is not the GUID of a subscription; 'az account list' shows yours as id")
    return text


def _product(text: str) -> str:
    if not re.fullmatch(_PRODUCT, text):
        raise ValueError(
            f"'{text}' is not a product's name: 1 to 256 characters without * # & + : < > ? /; "
            "write the name in its resource id, not its display name"
        )
    return text


def _owner(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", text):
        raise ValueError(f"'{text}' may hold only letters, digits, '.', '_' and '-', at most 63 of them")
    return text


def _specification(text: str) -> str:
    if text in BUNDLED:
        return text
    if "://" in text and "?" in text:
        mend = "name a file beside this one, or an address without a query"
        raise ValueError(f"'{text.partition('?')[0]}' has a query, which the API's description would show; {mend}")
    if re.search(r"[\s;\x00-\x1f]", text):
        raise ValueError(f"'{text}' may hold no blanks and no ';'")
    if "://" in text:
        parts = urlsplit(text)
        if text[:8] != "https://" or not parts.hostname or "@" in parts.netloc or parts.port or parts.fragment:
            raise ValueError(f"'{text}' must be a plain address in the form of https://host/openapi.json")
    elif not re.search(_FILE, text):
        raise ValueError(
            f"'{text}' is none of {', '.join(BUNDLED)}, no file (.json, .yaml) and no https address of a document"
        )
    return text


Template = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_template)]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AccountRule(_Settings):
    """One entry of the allow-list: where Azure OpenAI accounts may come from."""

    subscription: Annotated[str, AfterValidator(_subscription)] = Field(
        description="The subscription's GUID", json_schema_extra={"pattern": _GUID}
    )
    resourceGroups: tuple[str, ...] = Field(  # noqa: N815 - the file's own spelling
        default=("*",), min_length=1, strict=False, description="Names or patterns such as rg-ai-*"
    )
    tags: dict[str, str] = Field(
        default_factory=dict, description="Tags that an account must carry; '*' stands for any value"
    )

    def covers(self, place: ResourceId) -> bool:
        """Whether the rule is about that subscription and resource group; tags apart."""
        group = place.resource_group.lower()
        return self.subscription.lower() == place.subscription.lower() and (
            not group or any(fnmatchcase(group, pattern.lower()) for pattern in self.resourceGroups)
        )


class ApiSettings(_Settings):
    """The API that an account gets on the gateway."""

    name: Template = "{account}"
    displayName: Template = "Azure OpenAI {account}"  # noqa: N815
    description: Annotated[str, Field(max_length=1000), AfterValidator(_template)] = (
        "Models of the Azure OpenAI account {account}."
    )
    path: Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_path)] = "{account}/openai"
    specification: Annotated[
        str,
        Field(max_length=300),
        AfterValidator(_specification),
        WithJsonSchema(
            {"anyOf": [{"enum": list(BUNDLED)}, {"pattern": _ADDRESS}, {"pattern": _FILE}], "type": "string"}
        ),
    ] = Field(
        default=NEWEST_GA,
        description="The OpenAPI document to import: a bundled one, a file beside this one, or an https address",
    )
    operations: Literal["all", "deployed"] = Field(
        default="all",
        description="'deployed': only what the account's ready models can answer; what is there already stays",
    )
    products: tuple[
        Annotated[str, AfterValidator(_product), WithJsonSchema({"pattern": _PRODUCT, "type": "string"})], ...
    ] = Field(default=(), strict=False, description="Names of existing products that get the API")
    subscriptionRequired: bool = True  # noqa: N815

    @field_validator("products")
    @classmethod
    def _each_once(cls, products: tuple[str, ...]) -> tuple[str, ...]:
        names = [product.lower() for product in products]
        twice = next((product for product in products if names.count(product.lower()) > 1), None)
        if twice is not None:
            raise ValueError(f"the product '{twice}' stands twice; remove one of them")
        return products


class TokenLimit(_Settings):
    """The `azure-openai-token-limit` policy: how many tokens a caller may use."""

    tokensPerMinute: Annotated[int, Field(gt=0, le=1_000_000_000)]  # noqa: N815
    counterKey: Literal["subscription", "ip-address"] = Field(  # noqa: N815
        default="subscription", description="What is counted apart: each APIM subscription or each address"
    )
    estimatePromptTokens: bool = False  # noqa: N815


class TokenMetrics(_Settings):
    """The `azure-openai-emit-token-metric` policy: which dimensions the token metrics carry."""

    dimensions: tuple[
        Literal["API ID", "Operation ID", "Product ID", "User ID", "Subscription ID", "Location", "Gateway ID"],
        ...,
    ] = Field(default=("API ID", "Subscription ID"), min_length=1, max_length=5, strict=False)


class Profile(_Settings):
    """How accounts are put on a gateway."""

    api: ApiSettings = Field(default_factory=ApiSettings)
    authentication: Literal["managed-identity"] = "managed-identity"
    tokenLimit: TokenLimit | None = Field(default=None, description="Absent: no limit")  # noqa: N815
    tokenMetrics: TokenMetrics | None = Field(default=None, description="Absent: no metrics")  # noqa: N815


class Gateway(_Settings):
    """One API Management service and the accounts it serves."""

    id: Annotated[str, AfterValidator(_gateway_id)]
    identity: Annotated[str, AfterValidator(_identity)] = Field(
        default="system", description="'system', or the client id of a user-assigned identity of the gateway"
    )
    enableIdentity: bool = Field(  # noqa: N815
        default=True, description="Switch the system-assigned identity on where it is off"
    )
    accounts: tuple[AccountRule, ...] = Field(min_length=1, strict=False)
    profile: str = "standard"

    @property
    def resource_id(self) -> ResourceId:
        """The id as a value that compares as Azure compares ids."""
        return ResourceId(self.id)

    def covers(self, place: ResourceId) -> bool:
        """Whether the allow-list covers a place; a whole subscription is covered where any group of it may be."""
        return any(rule.covers(place) for rule in self.accounts)


class Safety(_Settings):
    """What a plan may not do by itself."""

    prune: Literal["report", "delete"] = Field(
        default="report", description="'report': deletions are planned, shown and held, never done"
    )
    maxDeletes: Annotated[int, Field(ge=1, le=1000)] = Field(  # noqa: N815
        default=5, description="More accounts than this are not taken off a gateway in one run"
    )
    maxDeletePercent: Annotated[int, Field(ge=1, le=100)] = Field(  # noqa: N815
        default=30, description="Nor a larger part of those on it; of fewer than ten: not all of them"
    )
    confirmations: Annotated[int, Field(ge=1, le=100)] = Field(
        default=2, description="How many runs, ten minutes apart at least, must have seen that it is to go"
    )


class Config(_Settings):
    """The whole file."""

    owner: Annotated[str, AfterValidator(_owner)] = Field(
        description="Stamped on everything we create; two reconcilers with different owners never fight"
    )
    gateways: tuple[Gateway, ...] = Field(min_length=1, strict=False)
    profiles: dict[str, Profile] = Field(default_factory=lambda: {"standard": Profile()})
    safety: Safety = Field(default_factory=Safety)

    @model_validator(mode="after")
    def _gateways_fit_together(self) -> Self:
        names = {"standard", *self.profiles}
        seen: set[ResourceId] = set()
        for index, gateway in enumerate(self.gateways):
            if gateway.profile not in names:
                known = ", ".join(sorted(names))
                raise _wrong(f"there is no profile '{gateway.profile}'; there are: {known}", index, "profile")
            if gateway.resource_id in seen:
                raise _wrong("the gateway stands twice; put all its accounts under one entry", index, "id")
            seen.add(gateway.resource_id)
        return self

    def profile(self, name: str) -> Profile | None:
        """The profile of that name; `standard` exists even where the file does not spell it out."""
        return self.profiles.get(name, Profile() if name == "standard" else None)


def _wrong(sentence: str, gateway: int, setting: str) -> PydanticCustomError:
    """An error that only the whole file shows, `at` the setting to mend."""
    return PydanticCustomError("value_error", "{error}", {"error": sentence, "at": ("gateways", gateway, setting)})


def schema() -> dict[str, Any]:
    """The JSON Schema of the configuration file (committed as `reconciler.schema.json`)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Config.model_json_schema(),
        "title": "Configuration of the API Management / Azure OpenAI reconciler",
    }
