"""Which accounts a gateway serves: selected by the allow-list, and ready or waiting for what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from reconciler.clouds import Cloud
from reconciler.config import AccountRule, Config, Gateway
from reconciler.model import Body, Document
from reconciler.resource_id import ResourceId
from reconciler.world import Account, ModelDeployment, State

_KINDS = frozenset({"openai", "aiservices"})
PROFILE_TAG = "ai-gateway-profile"
_OPENAI_ENDPOINT = "OpenAI Language Model Instance API"
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]+")


def turned_away(document: Document, config: Config, gateway: Gateway) -> Account | None:
    """The account with the reason why it is not served; None where its model deployments must be read.

    A tag that names no profile turns it away for now and no more: whoever may write tags must not be able to
    take an account off the gateway (platform.md §4.6).
    """
    body = document.body
    kind = str(body.get("kind", ""))
    if kind.lower() not in _KINDS:
        return _account(document, State.EXCLUDED, "kind", f"a {kind or 'nameless'} account serves no OpenAI models")
    if not any(selects(rule, document.id, _tags(body)) for rule in gateway.accounts):
        return _account(document, State.EXCLUDED, "not-selected", _why_not(gateway.accounts, document.id))
    wanted = _tags(body).get(PROFILE_TAG)
    if wanted is not None and config.profile(wanted) is None:
        known = ", ".join(sorted({"standard", *config.profiles}))
        detail = f"its tag {PROFILE_TAG} names no profile of the configuration; there are: {known}"
        return _account(document, State.WAITING, "unknown-profile", detail)
    return None


def unlisted(document: Document, config: Config, gateway: Gateway) -> Account:
    """An account that has something of ours and is in no list that we read, but answers when it is asked for."""
    out = turned_away(document, config, gateway)
    if out is not None:
        return out
    return _account(document, State.WAITING, "not-listed", "it is there, but the list of accounts does not show it")


def judged(document: Document, deployments: Sequence[Document], gateway: Gateway, cloud: Cloud) -> Account:
    """A selected account as ready (`onboarded`) or waiting, with the reason.

    Ready: at least one model deployment that the API can serve, on an endpoint that takes Entra tokens, which
    takes a custom subdomain (desired-state.md §1.4).
    """
    properties: Mapping[str, Any] = document.body.get("properties") or {}
    profile = _tags(document.body).get(PROFILE_TAG) or gateway.profile
    models = tuple(sorted((_deployment(d.body) for d in deployments), key=lambda d: d.name.lower()))
    waiting = {"deployments": models, "profile": profile}
    if not properties.get("customSubDomainName"):
        detail = (
            "managed identity needs a custom subdomain: az cognitiveservices account update "
            f"-n {document.id.name} -g {document.id.resource_group} --custom-domain NAME"
        )
        return _account(document, State.WAITING, "no-custom-subdomain", detail, **waiting)
    address = (properties.get("endpoints") or {}).get(_OPENAI_ENDPOINT) or properties.get("endpoint") or ""
    endpoint = trusted(str(address), cloud)
    if endpoint is None:
        detail = f"its endpoint '{address}' is no https address of Azure OpenAI in the cloud '{cloud.name}'"
        return _account(document, State.WAITING, "endpoint-not-trusted", detail, **waiting)
    waiting["endpoint"] = endpoint
    state = str(properties.get("provisioningState") or "Succeeded")
    if state.lower() != "succeeded":
        return _account(
            document, State.WAITING, "account-not-ready", f"its provisioning state is {state}", **waiting
        )
    if not any(m.ready for m in models):
        detail = "; ".join(f"{m.name}: {m.why}" for m in models) or "it has no model deployment"
        return _account(document, State.WAITING, "no-ready-deployment", detail, **waiting)
    ready = ", ".join(m.name for m in models if m.ready)
    return _account(document, State.ONBOARDED, "ready", f"model deployments: {ready}", **waiting)


def trusted(address: str, cloud: Cloud) -> str | None:
    """`https://<host>` where the host is one of Azure's own for accounts; None for anything else.

    A backend gets the gateway's token and people's prompts, so its address is never just believed.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    bare = not (parts.path.strip("/") or parts.query or parts.fragment)
    if parts.scheme != "https" or parts.username is not None or port is not None or not bare:
        return None
    if not _HOST.fullmatch(host) or not host.endswith(cloud.account_hosts):
        return None  # readers disagree where `https://evil.example\.openai.azure.com` goes
    return f"https://{host}"


def selects(rule: AccountRule, account: ResourceId, tags: Mapping[str, str]) -> bool:
    """Whether the rule is about the account; `tags` by lower-case name."""
    return rule.covers(account) and all(_carries(tags, name, value) for name, value in rule.tags.items())


def _carries(tags: Mapping[str, str], name: str, value: str) -> bool:
    """Tag names are case-insensitive in Azure, their values are not."""
    has = tags.get(name.lower())
    return has is not None and value in {"*", has}


def _why_not(rules: Sequence[AccountRule], account: ResourceId) -> str:
    here = [rule for rule in rules if rule.covers(account)]
    if not here:
        return f"no rule of the allow-list covers the resource group {account.resource_group}"
    wanted = " or ".join(", ".join(f"{k}={v}" for k, v in sorted(r.tags.items())) for r in here)
    return f"it does not carry the tag {wanted}"


def _tags(body: Body) -> dict[str, str]:
    return {str(k).lower(): str(v) for k, v in (body.get("tags") or {}).items()}


def _deployment(body: Body) -> ModelDeployment:
    properties: Mapping[str, Any] = body.get("properties") or {}
    model: Mapping[str, Any] = properties.get("model") or {}
    sku: Mapping[str, Any] = body.get("sku") or {}
    why = _why_not_ready(properties, model, sku)
    return ModelDeployment(
        name=str(body.get("name", "")),
        model=str(model.get("name", "")),
        version=str(model.get("version", "")),
        sku=str(sku.get("name", "")),
        capacity=sku.get("capacity"),
        ready=not why,
        why=why,
        capabilities=frozenset(
            str(name)
            for name, value in (properties.get("capabilities") or {}).items()
            if str(value).lower() == "true"
        ),
    )


def _why_not_ready(properties: Mapping[str, Any], model: Mapping[str, Any], sku: Mapping[str, Any]) -> str:
    state = str(properties.get("provisioningState") or "")
    if state.lower() != "succeeded":
        return f"provisioning state {state or 'unknown'}"
    if str(properties.get("deploymentState", "Running")).lower() == "paused":
        return "paused"
    if str(model.get("format", "")).lower() != "openai":
        return f"model format {model.get('format')}, not OpenAI"
    if str(sku.get("name", "")).lower().endswith("batch"):
        return f"SKU {sku.get('name')} serves batch jobs only"
    return ""


def _account(document: Document, state: State, reason: str, detail: str, **more: Any) -> Account:
    location = str(document.body.get("location", ""))
    more["tags"] = _tags(document.body)
    return Account(id=document.id, location=location, state=state, reason=reason, detail=detail, **more)
