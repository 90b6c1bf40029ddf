"""What is wrong with a Bicep file, as sentences: the checks of a compiler, as far as they can be made here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from .bicep import Bicep, Declaration, evaluate, functions, outputs_used, properties, references

KNOWN_FUNCTIONS = frozenset(
    {
        "concat",
        "empty",
        "environment",
        "guid",
        "last",
        "resourceGroup",
        "split",
        "string",
        "subscription",
        "subscriptionResourceId",
        "toLower",
        "union",
        "uniqueString",
    }
)
# One published version of each resource type, none of them a preview.
API_VERSIONS = {
    "Microsoft.ApiManagement/service": "2024-05-01",
    "Microsoft.Authorization/roleAssignments": "2022-04-01",
    "Microsoft.Authorization/roleDefinitions": "2022-04-01",
    "Microsoft.EventGrid/systemTopics": "2025-02-15",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": "2025-02-15",
    "Microsoft.EventGrid/topics": "2025-02-15",
    "Microsoft.Insights/components": "2020-02-02",
    "Microsoft.Insights/scheduledQueryRules": "2023-12-01",
    "Microsoft.ManagedIdentity/userAssignedIdentities": "2023-01-31",
    "Microsoft.OperationalInsights/workspaces": "2023-09-01",
    "Microsoft.Resources/resourceGroups": "2024-03-01",
    "Microsoft.Storage/storageAccounts": "2023-05-01",
    "Microsoft.Storage/storageAccounts/blobServices": "2023-05-01",
    "Microsoft.Storage/storageAccounts/blobServices/containers": "2023-05-01",
    "Microsoft.Storage/storageAccounts/managementPolicies": "2023-05-01",
    "Microsoft.Storage/storageAccounts/queueServices": "2023-05-01",
    "Microsoft.Storage/storageAccounts/queueServices/queues": "2023-05-01",
    "Microsoft.Web/serverfarms": "2024-04-01",
    "Microsoft.Web/sites": "2024-04-01",
}
# Built-in roles by the variable that holds them.
ROLES = {
    "storageBlobDataOwner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "storageBlobDataContributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "storageQueueDataContributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "storageQueueDataMessageSender": "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
    "eventGridDataSender": "d5a91429-5739-47e2-a06b-3470a27159e7",
    "monitoringMetricsPublisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "rbacAdministrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "modelRoleId": "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
}
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def symbol_problems(bicep: Bicep) -> list[str]:
    """Names used and not declared, declared twice, or declared and not used; functions Bicep does not have."""
    symbols = [each.name for each in bicep.declarations if each.kind != "output"]
    problems = [f"{name} is declared {count} times" for name, count in Counter(symbols).items() if count > 1]
    used: set[str] = set()
    for each in bicep.declarations:
        for name, line in _references(each):
            used.add(name)
            if name not in symbols and name not in each.loop_names:
                problems.append(f"line {line}: {name} is not declared")
    problems += [
        f"{each.name} is never used"
        for each in bicep.declarations
        if each.name not in used and (each.kind in {"param", "var"} or each.existing)
    ]
    problems += [
        f"{name}() is not a function of Bicep" for name in functions(bicep.root) - _DECORATORS - KNOWN_FUNCTIONS
    ]
    return problems


_DECORATORS = {"allowed", "description", "maxLength", "maxValue", "metadata", "minLength", "minValue"}


def _references(each: Declaration) -> Iterator[tuple[str, int]]:
    for node in each.node.children[2:]:
        yield from references(node)


def module_problems(bicep: Bicep, files: Mapping[str, Bicep]) -> list[str]:
    """Modules that are missing, get wrong parameters or sit at the wrong scope; outputs that are not there."""
    problems: list[str] = []
    modules = bicep.of("module")
    for name, module in modules.items():
        target = files.get(module.label)
        if target is None:
            problems.append(f"{name}: there is no {module.label}")
            continue
        body = properties(module.body)
        passed = set(properties(body["params"])) if "params" in body else set()
        wanted = target.of("param")
        problems += [f"{name}: {module.label} has no parameter {each}" for each in sorted(passed - set(wanted))]
        problems += [
            f"{name}: {module.label} needs {each}"
            for each, parameter in wanted.items()
            if parameter.value is None and each not in passed
        ]
        scope = (body["scope"].text or b"").decode() if "scope" in body else bicep.target
        kind = "subscription" if scope.startswith("subscription") else "resourceGroup"
        if kind != target.target:
            problems.append(f"{name}: {module.label} is deployed to a {target.target}, not to {scope}")
    for module_name, output in sorted(outputs_used(bicep.root)):
        target = files.get(modules[module_name].label) if module_name in modules else None
        if target is None or output not in target.of("output"):
            problems.append(f"{module_name} has no output {output}")
    return problems


def version_problems(bicep: Bicep) -> list[str]:
    """Resource types and versions that are not in the table."""
    labels = [each.label for each in bicep.of("resource").values()]
    return [f"{label} is not in the table" for label in labels if label not in map("@".join, API_VERSIONS.items())]


def role_problems(bicep: Bicep) -> list[str]:
    """GUIDs that are not the value of the variable named for their role."""
    problems: list[str] = []
    found: list[str] = _GUID.findall(bicep.source)
    for name, variable in bicep.of("var").items():
        if name in ROLES and variable.value is not None:
            value = evaluate(variable.value, {})
            if value != ROLES[name]:
                problems.append(f"{name} is {value}, not {ROLES[name]}")
            elif value in found:
                found.remove(value)
    return problems + [f"{each} is no role of the table" for each in found]


def storage_problems(bicep: Bicep) -> list[str]:
    """Storage accounts that can be reached with a key, anonymously or by old TLS."""
    wanted = {
        "allowSharedKeyAccess": False,
        "allowBlobPublicAccess": False,
        "supportsHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
    }
    problems: list[str] = []
    for each in bicep.of("resource").values():
        if each.existing or not each.label.startswith("Microsoft.Storage/storageAccounts@"):
            continue
        actual = properties(properties(each.body)["properties"])
        problems += [
            f"{each.name}: {key} is not {value}"
            for key, value in wanted.items()
            if key not in actual or evaluate(actual[key], {}) != value
        ]
    return problems


def schedule_problems(schedule: str) -> list[str]:
    """What keeps a text from being an NCRONTAB expression of six fields."""
    fields = schedule.split(" ")
    limits = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
    if len(fields) != len(limits):
        return [f"{schedule!r} has {len(fields)} fields, not 6"]
    problems: list[str] = []
    for field, (low, high) in zip(fields, limits, strict=True):
        for part in field.split(","):
            found = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?", part)
            numbers = [int(number) for number in found.groups()[:2] if number] if found else [-1]
            if any(not low <= number <= high for number in numbers):
                problems.append(f"{field!r} is not between {low} and {high}")
    return problems
