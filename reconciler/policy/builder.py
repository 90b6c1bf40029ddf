"""Which policy document an API of ours gets: the portal's three statements, and what the profile adds.

Built as XML elements, never as text, so that nothing can be injected by a value; sent with `format: xml`,
the fully specified form (desired-state.md §5.6.8). Order of statements: desired-state.md §3.1.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from reconciler.config import Profile

AUDIENCE = "https://cognitiveservices.azure.com/"
_COUNTER = {"subscription": "@(context.Subscription.Id)", "ip-address": "@(context.Request.IpAddress)"}


def build(profile: Profile, *, backend: str, key_header: str, key_query: str, client_id: str | None = None) -> str:
    """The document as one line of well-formed XML.

    The caller's subscription key is taken out of the request: its header is also Azure OpenAI's own key header
    and would otherwise be forwarded to the model (desired-state.md §0.3).
    """
    policies = ET.Element("policies")
    inbound = ET.SubElement(policies, "inbound")
    ET.SubElement(inbound, "base")
    _add(inbound, "set-header", {"name": key_header, "exists-action": "delete"})
    _add(inbound, "set-query-parameter", {"name": key_query, "exists-action": "delete"})
    _add(inbound, "set-backend-service", {"backend-id": backend})
    identity = {"client-id": client_id} if client_id else {}
    _add(inbound, "authentication-managed-identity", {"resource": AUDIENCE, **identity})
    if profile.tokenLimit is not None:
        _add(
            inbound,
            "azure-openai-token-limit",
            {
                "counter-key": _COUNTER[profile.tokenLimit.counterKey],
                "tokens-per-minute": str(profile.tokenLimit.tokensPerMinute),
                "estimate-prompt-tokens": str(profile.tokenLimit.estimatePromptTokens).lower(),
                "tokens-consumed-header-name": "consumed-tokens",
                "remaining-tokens-header-name": "remaining-tokens",
            },
        )
    if profile.tokenMetrics is not None:
        metric = ET.SubElement(inbound, "azure-openai-emit-token-metric")
        for dimension in profile.tokenMetrics.dimensions:
            _add(metric, "dimension", {"name": dimension})
    for section in ("backend", "outbound", "on-error"):
        ET.SubElement(ET.SubElement(policies, section), "base")
    return ET.tostring(policies, encoding="unicode")


def _add(parent: ET.Element, name: str, attributes: dict[str, str]) -> None:
    ET.SubElement(parent, name, attributes)
