"""What a report never shows, and what it shows in part."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.markdown import markdown
from reconciler.model import Create, Difference, Held, Notice, Outcome, Reason, Status, Unknown, Update
from reconciler.report import Failure, documents
from reconciler.world import State
from tests.builders import EAST, EAST_BACKEND, GATEWAY, WEST, account, wish, world
from tests.reported import UPDATE, report

SECRETS = [
    "properties.credentials.header.x-key",
    "properties.credentials.certificate",
    "properties.password",
    "properties.clientSecret",
    "properties.primaryKey",
    "properties.secondaryKey",
    "properties.connectionString",
    "properties.value/inbound/authentication-basic/@password",
]


@pytest.mark.parametrize("path", SECRETS)
def test_a_secret_is_shown_nowhere(path: str) -> None:
    leaky = Update(UPDATE.desired, UPDATE.actual, (Difference(path, "hunter1", "hunter2"),))
    of = report(leaky, held=(Held(leaky, Reason.FOREIGN, "x"),))
    (gateway,) = documents([of])["gateways"]
    shown = {"path": path, "actual": "(secret)", "desired": "(secret)"}
    assert gateway["changes"][0]["differences"] == [shown]
    assert gateway["held"][0]["differences"] == [shown]
    assert "hunter" not in markdown([of])


SAID = "PUT https://u:hunter2@h.example/x?sig=hunter2 answered 400: AccountKey=hunter2; Bearer hunter2"


def test_no_sentence_of_a_report_has_a_secret() -> None:
    """What Azure answered may repeat what it was sent; run records and the status keep all of this."""
    failed = Outcome(UPDATE, Status.FAILED, SAID, reason="refused")
    waiting = account(WEST, State.WAITING, reason="not-ready", detail=SAID)
    of = replace(
        report(
            UPDATE, held=(Held(UPDATE, Reason.FOREIGN, SAID),), outcomes=(failed,), of=world(account(), waiting)
        ),
        failure=Failure("refused", SAID),
        remarks=(Notice("state-not-kept", GATEWAY, SAID),),
    )
    (gateway,) = documents([of])["gateways"]
    clean = "PUT https://(secret)@h.example/x?sig=(secret) answered 400: AccountKey=(secret); Bearer (secret)"
    assert gateway["error"] == {"reason": "refused", "detail": clean}
    assert gateway["held"][0]["detail"] == clean
    assert gateway["warnings"][0]["detail"] == clean
    assert gateway["outcomes"][0]["detail"] == clean
    assert [line["detail"] for line in gateway["accounts"] if line["id"] == WEST.text] == [clean]
    assert "hunter" not in json.dumps(gateway)


def test_a_secret_of_a_creation_is_not_shown_either() -> None:
    body = {"properties": {"credentials": {"header": {"x": ["hunter2"]}}, "url": "https://a"}}
    (gateway,) = documents([report(Create(wish(EAST_BACKEND, "backend", body, EAST)))])["gateways"]
    assert gateway["changes"][0]["differences"] == [
        {"path": "properties.credentials.header.x", "actual": None, "desired": ["(secret)"]},
        {"path": "properties.url", "actual": None, "desired": "https://a"},
    ]


def test_a_value_that_only_apply_can_learn_is_shown_as_that() -> None:
    later = Create(wish(EAST_BACKEND, "backend", {"principalId": Unknown("gateway principalId")}, EAST))
    (gateway,) = documents([report(later)])["gateways"]
    assert gateway["changes"][0]["differences"] == [
        {"path": "principalId", "actual": None, "desired": "(gateway principalId: known after apply)"}
    ]


def test_a_long_text_is_cut_in_the_json_and_says_so() -> None:
    (gateway,) = documents([report(Create(wish(EAST_BACKEND, "backend", {"value": "x" * 12_345}, EAST)))])[
        "gateways"
    ]
    assert gateway["changes"][0]["differences"][0]["desired"] == "x" * 2000 + "… (12,345 characters)"
    (gateway,) = documents([report(Create(wish(EAST_BACKEND, "backend", {"value": "x" * 2000}, EAST)))])["gateways"]
    assert gateway["changes"][0]["differences"][0]["desired"] == "x" * 2000


def test_what_a_secret_named_value_holds_is_not_shown() -> None:
    body = {"properties": {"displayName": "key", "secret": True, "value": "hunter2"}}
    named = Create(wish(GATEWAY.child("namedValues", "key"), "named-value", body, EAST))
    (gateway,) = documents([report(named)])["gateways"]
    assert gateway["changes"][0]["differences"] == [
        {"path": "properties.displayName", "actual": None, "desired": "key"},
        {"path": "properties.secret", "actual": None, "desired": True},
        {"path": "properties.value", "actual": None, "desired": "(secret)"},
    ]
