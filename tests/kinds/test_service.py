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

GATEWAYS: dict[str, dict[str, Any]] = {
    "none yet": {},
    "a null, as Azure answers it": {"identity": None},
    "the word None": {"identity": {"type": "None"}},
    "a system-assigned one": {"identity": {"type": "SystemAssigned", "principalId": PRINCIPAL_ID}},
    "user-assigned ones": {"identity": {"type": "UserAssigned", "userAssignedIdentities": ATTACHED}},
    "both": {
        "identity": {
            "type": "SystemAssigned, UserAssigned",
            "principalId": PRINCIPAL_ID,
            "userAssignedIdentities": ATTACHED,
        }
    },
}


@pytest.mark.parametrize("service", GATEWAYS.values(), ids=GATEWAYS)
def test_a_system_assigned_identity_and_no_more_is_wished_for_a_gateway_that_has(service: dict[str, Any]) -> None:
    assert list(SERVICE.desire(world(account(), service=service))) == [
        Resource(
            id=GATEWAY,
            kind="service",
            body={"identity": {"type": "SystemAssigned"}},
            supplies={"gateway principalId": "identity.principalId"},
        )
    ]


ALONE = {"type": "SystemAssigned"}
BESIDE_BOTH = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {SECOND: {}, IDENTITY: {}}}
SENT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, ALONE),
    "a null, as Azure answers it": ({"identity": None}, ALONE),
    "the word None": ({"identity": {"type": "None"}}, ALONE),
    "a null in it": ({"identity": {"type": "SystemAssigned", "userAssignedIdentities": None}}, ALONE),
    "nothing attached": ({"identity": {"type": "None", "userAssignedIdentities": {}}}, ALONE),
    "two identities": ({"identity": {"type": "UserAssigned", "userAssignedIdentities": ATTACHED}}, BESIDE_BOTH),
    "two identities beside its own": (
        {"identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": ATTACHED}},
        BESIDE_BOTH,
    ),
}


@pytest.mark.parametrize(("found", "identity"), SENT.values(), ids=SENT)
def test_what_is_sent_keeps_all_that_is_found(found: dict[str, Any], identity: dict[str, Any]) -> None:
    assert SERVICE.adapt({"identity": ALONE}, found) == {"identity": identity}


def test_what_is_sent_names_what_is_attached_now_and_not_what_was_when_it_was_planned() -> None:
    """A plan holds the body as it was to be sent; it is adapted once more to what is found."""
    planned = {"identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}}
    attached = {"type": "UserAssigned", "userAssignedIdentities": ATTACHED}
    exchanged = {"type": "UserAssigned", "userAssignedIdentities": {SECOND: {}}}
    assert SERVICE.adapt(planned, {"identity": attached}) == {"identity": BESIDE_BOTH}
    assert SERVICE.adapt(planned, {"identity": exchanged}) == {
        "identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {SECOND: {}}}
    }


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
