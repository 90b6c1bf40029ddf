"""What is counted of what we write, and for how long it is remembered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler import memory
from reconciler.memory import Memory
from reconciler.model import Create, Delete, Difference, Outcome, Plan, Resource, Status, Unknown, Update
from reconciler.writings import Field, after, fields, looping, unit
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, mark, observed, wish

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CHAT = EAST_API.child("operations", "chat")
POLICY = EAST_API.child("policies", "policy")


def minutes(*offsets: float) -> tuple[datetime, ...]:
    """Times so many minutes before noon."""
    return tuple(NOON - timedelta(minutes=offset) for offset in offsets)


def api() -> Resource:
    return wish(EAST_API, "api", {"properties": {"displayName": "East", "path": "east/openai"}}, EAST)


def policy() -> Resource:
    return wish(POLICY, "api-policy", {"properties": {"format": "xml", "value": "<policies />"}}, EAST)


def drifted(wanted: Resource, *paths: str) -> Update:
    there = observed(wanted.id, wanted.kind, mark=mark())
    return Update(wanted, there, tuple(Difference(path, "theirs", "ours") for path in paths))


# ------------------------------------------------------------------------------- what a field is


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("properties.displayName", "properties.displayName"),
        ("properties.tls.validateCertificateChain", "properties.tls"),
        ("properties.value/inbound/set-header[2]/@name", "properties.value"),
        ("properties.request.representations", "properties.request"),
        ("identity.type", "identity"),
        ("tags.a.b", "tags"),
    ],
)
def test_a_field_is_what_one_request_sends_whole(path: str, field: str) -> None:
    assert unit(path) == field


def test_what_a_change_writes() -> None:
    update = drifted(api(), "properties.path", "properties.displayName")
    assert [f.path for f in fields(update)] == ["properties.displayName", "properties.path"]
    assert fields(Create(api())) == (Field(EAST_API, ""),)
    assert fields(Delete(observed(EAST_API, "api"), "gone")) == ()


def test_two_places_of_one_policy_are_one_field() -> None:
    here, there = drifted(policy(), "properties.value/inbound"), drifted(policy(), "properties.value/outbound/base")
    assert fields(here) == fields(there)
    assert len(fields(here)) == 1


# ------------------------------------------------------------------------------- what is remembered


def remembered(before: Memory, *outcomes: Outcome, now: datetime = NOON) -> Memory:
    return before.after(Plan(tuple(o.change for o in outcomes)), outcomes, now, set())


def test_what_was_sent_is_remembered_and_nothing_else() -> None:
    sent, was_so = Create(wish(CHAT, "operation")), Create(wish(POLICY, "api-policy"))
    failed, gone = drifted(api(), "properties.path"), Delete(observed(EAST_BACKEND, "backend"), "gone")
    known = remembered(
        Memory(),
        Outcome(sent, Status.APPLIED),
        Outcome(was_so, Status.APPLIED, sent=False),
        Outcome(failed, Status.FAILED),
        Outcome(gone, Status.APPLIED),
    )
    assert known.written == {Field(CHAT, ""): (NOON,)}


def test_what_azure_is_still_at_was_written() -> None:
    """A write of the gateway outlasts its run, so that a loop of these would never be seen."""
    there = observed(GATEWAY, "service")
    on = Update(
        wish(GATEWAY, "service", {"identity": {"type": "SystemAssigned"}}),
        there,
        (Difference("identity.type", "None", "SystemAssigned"),),
    )
    known = Memory()
    for minute in (0, 15, 30, 45):
        now = NOON + timedelta(minutes=minute)
        known = remembered(known, Outcome(on, Status.FAILED, reason="under-way"), now=now)
    (field,) = fields(on)
    assert known.written == {field: tuple(NOON + timedelta(minutes=m) for m in (0, 15, 30, 45))}
    assert looping(known.written, field, NOON + timedelta(minutes=60))
    assert remembered(Memory(), Outcome(on, Status.FAILED, reason="gave-up")).written == {}


def test_what_apply_learnt_does_not_make_another_field_of_it() -> None:
    """The next plan knows the value that only apply could learn, and must find what was written."""
    waiting, later = (
        drifted(wish(EAST_BACKEND, "backend", {"properties": {"title": value}}, EAST), "properties.title")
        for value in (Unknown("principal"), "1111")
    )
    filled = replace(waiting, desired=later.desired)
    assert fields(filled) == fields(later)


def test_the_last_four_times_of_an_hour_are_kept() -> None:
    field = Field(CHAT, "")
    known = after({field: minutes(100, 62, 50, 40)}, [Create(wish(CHAT, "operation"))], NOON)
    assert known == {field: (*minutes(50, 40), NOON)}
    for later in (1, 2, 3):
        known = after(known, [Create(wish(CHAT, "operation"))], NOON + timedelta(minutes=later))
    assert known == {field: tuple(NOON + timedelta(minutes=m) for m in (0, 1, 2, 3))}


def test_a_field_that_rested_for_an_hour_is_forgotten_and_one_that_did_not_is_not() -> None:
    written = {Field(CHAT, ""): minutes(70, 60), Field(POLICY, ""): minutes(90, 80, 70, 59)}
    assert after(written, [], NOON) == {Field(POLICY, ""): minutes(90, 80, 70, 59)}


def test_of_very_many_fields_those_that_were_written_most_are_kept() -> None:
    often = Field(GATEWAY.child("apis", "often"), "")
    many = {Field(GATEWAY.child("apis", f"a{n}"), ""): minutes(5) for n in range(2500)}
    known = after({**many, often: minutes(20, 10)}, [Create(wish(CHAT, "operation"))], NOON)
    assert len(known) == 2000
    assert {often, Field(CHAT, "")} <= set(known)


def test_it_survives_the_store() -> None:
    written = {Field(EAST_API, "properties.path", "0123456789ab"): minutes(3, 2), Field(CHAT, ""): minutes(1)}
    assert memory.read(memory.document(Memory(written=written))).written == written


@pytest.mark.parametrize(
    "row",
    [
        1,
        {"id": EAST_API.text, "path": "", "wanted": ""},
        {"id": "x", "path": "", "wanted": "", "times": [NOON.isoformat()]},
        {"id": EAST_API.text, "path": "", "wanted": "", "times": []},
        {"id": EAST_API.text, "path": "", "wanted": "", "times": ["yesterday"]},
        {"id": EAST_API.text, "path": "", "wanted": "", "times": 3},
    ],
)
def test_a_row_that_makes_no_sense_was_never_written(row: Any) -> None:
    good = {"id": CHAT.text, "path": "", "wanted": "", "times": ["2026-11-22T12:00:00"]}
    assert memory.read({"written": [row, good]}).written == {Field(CHAT, ""): (NOON,)}
