"""What the Functions host refuses, or silently ignores, in an app that the worker library indexed without a word.

| the host looks at | and wants |
|---|---|
| `%SETTING%` in a binding | an app setting of that name |
| `schedule` | a six-field NCRONTAB expression |
| `queueName` | a name that Azure Storage accepts, with room for `-poison` where it triggers |
| `connection` | the name of an app setting or of a group of them, never a connection string |
| a retry policy | a trigger that has them: on all others it does nothing |
| `route` and methods | one function for each |
| a queue that triggers | one function for each; one for `-poison` has the queue beside it |
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from .worker import Function

Environment = Mapping[str, str]

SETTING = re.compile(r"%([^%]*)%")
QUEUE = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
POISON = "-poison"
STORAGE = "AzureWebJobsStorage"
RETRIED = {"timerTrigger", "eventHubTrigger", "cosmosDBTrigger", "kafkaTrigger"}
SERVICES = {"queueTrigger": "queue", "queue": "queue", "blobTrigger": "blob", "blob": "blob", "table": "table"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
MONTHS = ["january", "february", "march", "april", "may", "june"]
MONTHS += ["july", "august", "september", "october", "november", "december"]
DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
FIELDS: Mapping[str, tuple[int, int, list[str]]] = {
    "second": (0, 59, []),
    "minute": (0, 59, []),
    "hour": (0, 23, []),
    "day": (1, 31, []),
    "month": (1, 12, MONTHS),
    "day of week": (0, 6, DAYS),
}


class UnsetSettingError(Exception):
    """A binding names an app setting that is not there."""


def resolve(binding: Any, environment: Environment) -> Any:
    """A binding with each `%SETTING%` replaced, as the host does before it reads it."""
    if isinstance(binding, dict):
        return {name: resolve(value, environment) for name, value in binding.items()}
    if isinstance(binding, list):
        return [resolve(each, environment) for each in binding]
    if not isinstance(binding, str):
        return binding
    for name in SETTING.findall(binding):
        if not environment.get(name):
            raise UnsetSettingError(f"%{name}% is not set")
    return SETTING.sub(lambda found: environment[found[1]], binding)


def problems(functions: Sequence[Function], environment: Environment) -> list[str]:
    """Everything the host would object to, a sentence each; empty where the app would start and run as written."""
    found = list(clashes(functions))
    for function in functions:
        found += [f"{function.name}: {problem}" for problem in unused_retry(function)]
        for binding in function.bindings:
            try:
                resolved = resolve(binding, environment)
            except UnsetSettingError as error:
                found.append(f"{function.name}: {error}")
            else:
                found += [f"{function.name}: {problem}" for problem in refused(resolved, environment)]
    return found


def refused(binding: Mapping[str, Any], environment: Environment) -> Iterator[str]:
    """What is wrong with one resolved binding."""
    kind = binding["type"]
    if kind == "timerTrigger":
        yield from schedule_problems(binding.get("schedule", ""))
    if "queueName" in binding:
        yield from queue_problems(binding["queueName"], triggers=kind == "queueTrigger")
    if kind == "timerTrigger":  # its lock and its last tick are kept in a blob
        yield from connection_problems(STORAGE, "blob", environment)
    elif "connection" in binding or kind in SERVICES:
        yield from connection_problems(binding.get("connection") or STORAGE, SERVICES.get(kind), environment)


def schedule_problems(schedule: str) -> Iterator[str]:
    """What is wrong with an NCRONTAB expression."""
    fields = schedule.split()
    if len(fields) != len(FIELDS):
        yield f"the schedule {schedule!r} has {len(fields)} fields, not the six from second to day of week"
        return
    for field, (name, (low, high, names)) in zip(fields, FIELDS.items(), strict=True):
        numbers = {each: low + place for place, word in enumerate(names) for each in (word, word[:3])}
        for part in field.split(","):
            if not _fits(part, low, high, numbers):
                yield f"the schedule {schedule!r} has {part!r} for the {name}, which goes from {low} to {high}"


def queue_problems(name: str, *, triggers: bool) -> Iterator[str]:
    """What is wrong with the name of a storage queue."""
    if not QUEUE.fullmatch(name):
        yield f"the queue name {name!r} is not 3 to 63 lower-case letters, digits and single hyphens inside"
    elif triggers and not QUEUE.fullmatch(name + POISON):
        yield f"the queue name {name!r} leaves no room for its {POISON} queue (63 characters)"


def connection_problems(name: str, service: str | None, environment: Environment) -> Iterator[str]:
    """What is wrong with the connection of a binding."""
    if re.search(r"[=;/]", name):
        yield "the connection must be the name of an app setting, not a connection string"
        return
    names = [name] if name.startswith("AzureWebJobs") else [name, f"AzureWebJobs{name}"]
    parts = {"accountName", "serviceUri", "fullyQualifiedNamespace", f"{service}ServiceUri"}
    if not any(environment.get(each) or _has_part(each, parts, environment) for each in names):
        beside = f", nor {name}__accountName or {name}__{service}ServiceUri" if service else ""
        yield f"the connection {name} is not an app setting{beside}"


def unused_retry(function: Function) -> Iterator[str]:
    """A retry policy that would never be used."""
    if function.retry and function.trigger["type"] not in RETRIED:
        yield f"a retry policy does nothing on a {function.trigger['type']}"


def clashes(functions: Sequence[Function]) -> Iterator[str]:
    """Functions that the host cannot tell apart."""
    for one, other in combinations(functions, 2):
        if one.name.lower() == other.name.lower():
            yield f"{one.name} and {other.name} differ in case only"
        shared = _requests(one) & _requests(other)
        if shared:
            yield f"{one.name} and {other.name} both answer {', '.join(sorted(shared))}"
        if _queue(one) and _queue(one) == _queue(other):
            yield f"{one.name} and {other.name} take each other's messages from {_queue(one)}"
    queues = {_queue(each) for each in functions}
    for function in functions:
        queue = _queue(function)
        if queue.endswith(POISON) and queue.removesuffix(POISON) not in queues:
            yield f"{function.name}: nothing is ever given up into {queue}, since nobody reads its queue"
        if function.trigger["type"] == "httpTrigger" and (function.trigger.get("route") or "").startswith(
            ("/", "~")
        ):
            yield f"{function.name}: a route does not begin with / or ~"


def _queue(function: Function) -> str:
    trigger = function.trigger
    return str(trigger.get("queueName", "")) if trigger["type"] == "queueTrigger" else ""


def _requests(function: Function) -> set[str]:
    trigger = function.trigger
    if trigger["type"] != "httpTrigger":
        return set()
    route = re.sub(r"\{[^}]*\}", "{}", (trigger.get("route") or function.name).lower())
    return {f"{method.upper()} {route}" for method in trigger.get("methods") or METHODS}


def _has_part(name: str, parts: set[str], environment: Environment) -> bool:
    return any(environment.get(f"{name}__{part}") for part in parts)


def _fits(part: str, low: int, high: int, names: Mapping[str, int]) -> bool:
    """Whether an item of a field is `*`, a value or a range, with or without `/step`."""
    values, slash, step = part.partition("/")
    if slash and not (step.isdecimal() and 1 <= int(step) <= high):
        return False
    if values == "*":
        return True
    ends = [int(each) if each.isdecimal() else names.get(each.lower(), -1) for each in values.split("-")]
    return len(ends) <= 2 and low <= ends[0] <= ends[-1] <= high
