"""Which attributes say nothing, since API Management documents the same value as their default.

Only documented defaults, of policies an AI gateway has; in doubt an attribute counts. Not here is
`terminate-unmatched-request` of `cors`, which vanishes when it is stored (desired-state.md §5.3, Q12) but is not
known to mean the same when it is gone.
"""

from __future__ import annotations

from collections.abc import Mapping

DEFAULTS: Mapping[tuple[str, str], str] = {
    # https://learn.microsoft.com/azure/api-management/set-header-policy
    ("set-header", "exists-action"): "override",
    # https://learn.microsoft.com/azure/api-management/set-query-parameter-policy
    ("set-query-parameter", "exists-action"): "override",
    # https://learn.microsoft.com/azure/api-management/authentication-managed-identity-policy
    ("authentication-managed-identity", "ignore-error"): "false",
    # https://learn.microsoft.com/azure/api-management/send-request-policy
    ("send-request", "ignore-error"): "false",
    # https://learn.microsoft.com/azure/api-management/get-authorization-context-policy
    ("get-authorization-context", "ignore-error"): "false",
    # https://learn.microsoft.com/azure/api-management/llm-token-limit-policy
    ("llm-token-limit", "retry-after-header-name"): "Retry-After",
    # https://learn.microsoft.com/azure/api-management/azure-openai-token-limit-policy
    ("azure-openai-token-limit", "retry-after-header-name"): "Retry-After",
    # https://learn.microsoft.com/azure/api-management/rate-limit-policy
    ("rate-limit", "retry-after-header-name"): "Retry-After",
    # https://learn.microsoft.com/azure/api-management/rate-limit-by-key-policy
    ("rate-limit-by-key", "retry-after-header-name"): "Retry-After",
    # https://learn.microsoft.com/azure/api-management/retry-policy
    ("retry", "first-fast-retry"): "false",
    # https://learn.microsoft.com/azure/api-management/llm-content-safety-policy
    ("llm-content-safety", "shield-prompt"): "false",
    ("categories", "output-type"): "FourSeverityLevels",
}
"""(policy, attribute) -> the value that it has where it is not given; see also desired-state.md §3 and §5.6."""
