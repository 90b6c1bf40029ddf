"""How often an account may be called, and what it can do, by its kind: as recorded for OpenAI (recording 23)."""

from typing import Any

JSON = dict[str, Any]
_Rule = tuple[str, int, int, tuple[tuple[str, str], ...]]  # key, seconds, count, (path, method)…
_OPENAI: tuple[_Rule, ...] = (
    ("openai.dalle.post", 1, 30, (("dalle/*", "POST"), ("openai/images/*", "POST"))),
    ("openai.dalle.other", 1, 30, (("dalle/*", "*"), ("openai/operations/images/*", "*"))),
    ("openai.assistants.list", 60, 120, (("openai/assistants", "GET"),)),
    ("openai.threads.list", 60, 120, (("openai/threads", "GET"),)),
    ("openai.vectorstores.list", 60, 120, (("openai/vector_stores", "GET"),)),
    (
        "openai.assistants.default",
        1,
        100000,
        tuple(
            (f"openai/{name}{rest}", "*")
            for name in ("assistants", "threads", "vector_stores")
            for rest in ("", "/*")
        ),
    ),
    ("openai.responses.default", 1, 100000, (("openai/responses", "*"), ("openai/responses/*", "*"))),
    ("openai.batches.post", 60, 30, (("openai/v1/batches", "POST"), ("openai/batches", "POST"))),
    ("openai.batches.get", 60, 500, (("openai/v1/batches/*", "GET"), ("openai/batches/*", "GET"))),
    ("openai.batches.list", 60, 100, (("openai/v1/batches", "GET"), ("openai/batches", "GET"))),
    ("openai", 1, 30, (("openai/*", "*"),)),
)
_DEFAULT: _Rule = ("default", 1, 30, (("*", "*"),))
_NETWORK = {"VirtualNetworks": "", "CustomerManagedKey": ""}
_TRUSTED = "Microsoft.CognitiveServices,Microsoft.MachineLearningServices,Microsoft.Search,Microsoft.VideoIndexer"
_OPENAI_CAPABILITIES = {
    **_NETWORK,
    "MaxFineTuneCount": "500",
    "MaxRunningFineTuneCount": "3",
    "MaxUserFileCount": "100",
    "MaxTrainingFileSize": "512000000",
    "MaxUserFileImportDurationInHours": "1",
    "MaxFineTuneJobDurationInHours": "720",
    "MaxEvaluationRunDurationInHours": "5",
    "MaxRunningEvaluationCount": "5",
    "TrustedServices": _TRUSTED,
    "RaiMonitor": "",
    "quotaRefundsEnabled": "false",
}


def has_models(kind: str) -> bool:
    """Whether models can be deployed to accounts of this kind (arm-wire 10.1)."""
    return kind.lower() in {"openai", "aiservices"}


def call_rate_limit(kind: str) -> JSON:
    """The rules of an OpenAI account; AIServices has these among a hundred more, which are not modelled."""
    rules = (*_OPENAI, _DEFAULT) if has_models(kind) else (_DEFAULT,)
    return {
        "rules": [
            {
                "key": key,
                "renewalPeriod": seconds,
                "count": count,
                "matchPatterns": [{"path": path, "method": method} for path, method in patterns],
            }
            for key, seconds, count, patterns in rules
        ]
    }


def capabilities(kind: str) -> list[JSON]:
    """What the account can do; those without a value are just there."""
    named = _OPENAI_CAPABILITIES if has_models(kind) else _NETWORK
    return [{"name": name, **({"value": value} if value else {})} for name, value in named.items()]
