"""What is wrong with a `host.json`: the host ignores a misspelled name without a word and stops at a bad value."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .worker import Function

NAMES = {
    "version", "functionTimeout", "extensionBundle", "extensions", "logging", "concurrency", "singleton",
    "healthMonitor", "telemetryMode", "watchDirectories", "watchFiles", "functions", "aggregator", "id",
}  # fmt: skip
QUEUES: Mapping[str, tuple[int, int] | str] = {
    "batchSize": (1, 32),
    "newBatchThreshold": (0, 2**31 - 1),
    "maxDequeueCount": (1, 2**31 - 1),
    "visibilityTimeout": "time",
    "maxPollingInterval": "time",
    "messageEncoding": "encoding",
}
SHAPES = {"time": r"(\d+\.)?([01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(\.\d+)?", "encoding": "base64|none"}
BUNDLE = "Microsoft.Azure.Functions.ExtensionBundle"
BUILT_IN = {"httpTrigger", "timerTrigger", "http"}


def problems(host: Mapping[str, Any], functions: Sequence[Function]) -> list[str]:
    """Everything wrong with the document for these functions, a sentence each."""
    return [*_top_level(host), *_bundle(host, functions), *_queues(host.get("extensions", {}).get("queues", {}))]


def _top_level(host: Mapping[str, Any]) -> Iterator[str]:
    if host.get("version") != "2.0":
        yield 'version must be "2.0"'
    for name in sorted(set(host) - NAMES):
        yield f"{name} means nothing to the host"
    timeout = host.get("functionTimeout", "-1")
    if timeout != "-1" and not re.fullmatch(SHAPES["time"], timeout):
        yield f"functionTimeout {timeout!r} is not hh:mm:ss"
    prefix = host.get("extensions", {}).get("http", {}).get("routePrefix", "api")
    if prefix != prefix.strip("/"):
        yield f"routePrefix {prefix!r} begins or ends with a slash"


def _bundle(host: Mapping[str, Any], functions: Sequence[Function]) -> Iterator[str]:
    used = {binding["type"] for function in functions for binding in function.bindings} - BUILT_IN
    bundle = host.get("extensionBundle", {})
    if used and bundle.get("id") != BUNDLE:
        yield f"{', '.join(sorted(used))} come only with the extensionBundle {BUNDLE}"
    elif used and not re.fullmatch(r"[\[(]4\.[\d.*]+, *[\d.]+[\])]", bundle.get("version", "")):
        yield f"the extensionBundle version {bundle.get('version')!r} is no range that begins with 4"


def _queues(queues: Mapping[str, Any]) -> Iterator[str]:
    for name, value in queues.items():
        wanted = QUEUES.get(name)
        if wanted is None:
            yield f"queues.{name} means nothing to the host"
        elif isinstance(wanted, tuple):
            if type(value) is not int or not wanted[0] <= value <= wanted[1]:
                yield f"queues.{name} {value!r} is not from {wanted[0]} to {wanted[1]}"
        elif not re.fullmatch(SHAPES[wanted], str(value)):
            yield f"queues.{name} {value!r} is not {'hh:mm:ss' if wanted == 'time' else SHAPES[wanted]}"
