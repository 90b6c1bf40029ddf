"""The storage account: its queues are those of the triggers, and what is forgotten is only what may be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .bicep import evaluate, properties, read_file

ROOT = Path(__file__).parents[2]
STORAGE = read_file(ROOT / "infra/app/storage.bicep")
EVENTS = read_file(ROOT / "infra/app/events.bicep")
QUEUES = ["reconciler-events", "reconciler-events-poison", "reconciler-work", "reconciler-work-poison"]
CONTAINERS = ["configuration", "deployment-packages", "event-dead-letters", "reconciler-state"]
RUN = "0123456789abcdef0123456789abcdef"
FORGOTTEN = [
    f"reconciler-state/runs/{RUN}.json",
    "reconciler-state/poison/0123456789ab.json",
    "event-dead-letters/evgt-x/wake-func-x/2026/1/2/3/4.json",
]
KEPT = [
    "reconciler-state/config/last.json",
    "reconciler-state/locks/s.contoso.json",
    "reconciler-state/memory/s.contoso.json",
    "reconciler-state/status/s.contoso.json",
    "reconciler-state/targets/s.contoso.json",
    "configuration/reconciler.yaml",
    "deployment-packages/released-package.zip",
]


def queues() -> list[str]:
    loop = STORAGE.of("resource")["queues"]
    return [evaluate(properties(loop.body)["name"], {"name": each}) for each in STORAGE.names()["queueNames"]]


def rule() -> dict[str, Any]:
    policy = properties(STORAGE.of("resource")["forgetting"].body)
    assert evaluate(policy["name"], {}) == "default"
    rules = evaluate(policy["properties"], {})["policy"]["rules"]
    assert len(rules) == 1
    only: dict[str, Any] = rules[0]
    return only


def test_the_queues_are_exactly_these() -> None:
    assert queues() == QUEUES
    assert "for name in queueNames" in STORAGE.source


def test_every_queue_of_a_trigger_is_made_and_no_other() -> None:
    triggers = re.findall(r'queue_name="([^"]+)"', (ROOT / "function_app.py").read_text("utf-8"))
    assert sorted(triggers) == queues()


@pytest.mark.parametrize("name", QUEUES)
def test_the_names_are_those_that_azure_takes(name: str) -> None:
    assert re.fullmatch(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*", name)


def test_the_containers_are_exactly_these() -> None:
    made = [
        evaluate(properties(each.body)["name"], {})
        for each in STORAGE.of("resource").values()
        if each.label.startswith("Microsoft.Storage/storageAccounts/blobServices/containers@")
    ]
    assert sorted(made) == CONTAINERS


def test_everything_is_in_its_place() -> None:
    placed = {}
    for name, each in STORAGE.of("resource").items():
        body = properties(each.body)
        if "parent" in body:
            placed[name] = ((body["parent"].text or b"").decode(), (body["name"].text or b"").decode())
    assert placed == {
        "blobs": ("account", "'default'"),
        "packages": ("blobs", "'deployment-packages'"),
        "state": ("blobs", "'reconciler-state'"),
        "configuration": ("blobs", "'configuration'"),
        "deadLetters": ("blobs", "'event-dead-letters'"),
        "queueService": ("account", "'default'"),
        "queues": ("queueService", "name"),
        "forgetting": ("account", "'default'"),
    }


def test_events_go_where_storage_has_a_place_for_them() -> None:
    to_queue = EVENTS.of("var")["toQueue"].value
    assert to_queue is not None
    found = evaluate(to_queue, {"storageAccountId": "", "ownIdentity": {}})
    queue = found["deliveryWithResourceIdentity"]["destination"]["properties"]["queueName"]
    letters = found["deadLetterWithResourceIdentity"]["deadLetterDestination"]["properties"]["blobContainerName"]
    assert (queue, letters) == ("reconciler-events", "event-dead-letters")
    assert queue in queues()
    assert letters in CONTAINERS


def test_records_and_dead_letters_are_deleted_a_month_after_they_last_changed() -> None:
    assert rule() == {
        "name": "forget-after-a-month",
        "enabled": True,
        "type": "Lifecycle",
        "definition": {
            "filters": {
                "blobTypes": ["blockBlob"],
                "prefixMatch": ["reconciler-state/runs/", "reconciler-state/poison/", "event-dead-letters/"],
            },
            "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 30}}},
        },
    }


@pytest.mark.parametrize(("blob", "goes"), [*((b, True) for b in FORGOTTEN), *((b, False) for b in KEPT)])
def test_nothing_else_is_ever_deleted(blob: str, *, goes: bool) -> None:
    """Azure's rule: a blob is concerned if container and name begin as one of the prefixes, case for case."""
    assert any(blob.startswith(prefix) for prefix in rule()["definition"]["filters"]["prefixMatch"]) is goes
