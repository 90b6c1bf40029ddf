"""The gateway's own identity: switched on, and nothing that it has is lost."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds.service import SERVICE
from reconciler.model import Difference, Resource
from reconciler.world import State
from tests.builders import CLIENT_ID, GATEWAY, IDENTITY, PRINCIPAL_ID, account, config, world

SECOND = IDENTITY.replace("/gw", "/another")
ATTACHED = {IDENTITY: {"principalId": "p", "clientId": "c"}, SECOND: {"principalId": "q", "clientId": "d"}}

DESIRED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "none yet": ({}, {"type": "SystemAssigned"}),
    "a null, as Azure answers it": ({"identity": None}, {"type": "SystemAssigned"}),
    "the word None": ({"identity": {"type": "None"}}, {"type": "SystemAssigned"}),
    "a system-assigned one": (
        {"identity": {"type": "SystemAssigned", "principalId": PRINCIPAL_ID}},
        {"type": "SystemAssigned"},
    ),
    "user-assigned ones, which are kept": (
        {"identity": {"type": "UserAssigned", "userAssignedIdentities": ATTACHED}},
        {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {SECOND: {}, IDENTITY: {}}},
    ),
    "both": (
        {
            "identity": {
                "type": "SystemAssigned, UserAssigned",
                "principalId": PRINCIPAL_ID,
                "userAssignedIdentities": ATTACHED,
            }
        },
        {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {SECOND: {}, IDENTITY: {}}},
    ),
}


@pytest.mark.parametrize(("service", "identity"), DESIRED.values(), ids=DESIRED)
def test_the_identity_of_a_gateway_that_has(service: dict[str, Any], identity: dict[str, Any]) -> None:
    assert list(SERVICE.desire(world(account(), service=service))) == [
        Resource(
            id=GATEWAY,
            kind="service",
            body={"identity": identity},
            supplies={"gateway principalId": "identity.principalId"},
        )
    ]


def test_a_user_assigned_identity_is_not_ours_to_change() -> None:
    configured = config(gateway={"identity": CLIENT_ID})
    assert list(SERVICE.desire(world(account(), configured=configured, service={}))) == []


def test_without_an_account_to_serve_the_gateway_is_left_alone() -> None:
    assert list(SERVICE.desire(world(service={}))) == []
    assert list(SERVICE.desire(world(account(state=State.EXCLUDED), service={}))) == []


WANTED = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
DRIFT: dict[str, tuple[dict[str, Any], tuple[Difference, ...]]] = {
    "nothing, in either order of the types": (
        {"type": "UserAssigned,SystemAssigned", "userAssignedIdentities": {IDENTITY: {"clientId": "c"}}},
        (),
    ),
    "nothing, whatever the letter case": (
        {"type": "systemassigned, userassigned", "userAssignedIdentities": {IDENTITY: {"clientId": "c"}}},
        (),
    ),
    "the system-assigned one is off": (
        {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {"clientId": "c"}}},
        (Difference("identity.type", "UserAssigned", "SystemAssigned, UserAssigned"),),
    ),
}


@pytest.mark.parametrize(("identity", "expected"), DRIFT.values(), ids=DRIFT)
def test_drift_is(identity: dict[str, Any], expected: tuple[Difference, ...]) -> None:
    assert SERVICE.compare({"identity": WANTED}, {"identity": identity, "sku": {"name": "Developer"}}) == expected


def test_a_gateway_without_identity_differs() -> None:
    assert SERVICE.compare({"identity": {"type": "SystemAssigned"}}, {}) == (
        Difference("identity.type", None, "SystemAssigned"),
    )
