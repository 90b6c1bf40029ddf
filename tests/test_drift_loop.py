"""What is written again and again: when we stop, what goes on beside it, and when we try again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.guard import guard
from reconciler.kinds import KINDS
from reconciler.memory import Memory
from reconciler.model import Change, Create, Difference, Document, Reason, Resource, Update, Write
from reconciler.ownership import stamp
from reconciler.plan import Decisions
from reconciler.report import Report, document
from reconciler.writings import Field, fields
from simulator import Simulator
from tests import local
from tests.builders import EAST, EAST_API, EAST_BACKEND, GATEWAY, account, by_id, mark, observed, wish, world
from tests.local import app, edit, outcomes, properties
from tests.scenes.building import Kept

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CHAT = EAST_API.child("operations", "chat")
POLICY = EAST_API.child("policies", "policy")
MARKED = stamp("Models.", mark())
API, OWN = local.EAST_API, local.EAST


def minutes(*offsets: float) -> tuple[datetime, ...]:
    """Times so many minutes before noon."""
    return tuple(NOON - timedelta(minutes=offset) for offset in offsets)


def api(**properties: Any) -> Resource:
    body = {"displayName": "East", "description": MARKED, "path": "east/openai", "serviceUrl": "https://east"}
    return wish(EAST_API, "api", {"properties": {**body, **properties}}, EAST)


def drifted(wanted: Resource, *paths: str, anew: bool = False) -> Update:
    there = observed(wanted.id, wanted.kind, {"properties": {"path": "east/openai"}}, mark=mark())
    return Update(wanted, there, tuple(Difference(path, "theirs", "ours") for path in paths), anew=anew)


def policy(text: str = "<policies />") -> Resource:
    return wish(POLICY, "api-policy", {"properties": {"format": "xml", "value": text}}, EAST)


def told(change: Change, times: tuple[datetime, ...], now: datetime | None = NOON) -> tuple[Any, ...]:
    """What guard makes of a change whose every field was written at those times: free, held."""
    known = Memory(written=dict.fromkeys(fields(change), times) if times else {})
    where = replace(world(account()), memory=known, now=now)
    return guard([change], by_id(api()), {}, where)


# ------------------------------------------------------------------------------- how often is too often


@pytest.mark.parametrize(
    ("times", "held"),
    [
        ((), False),
        (minutes(30, 20, 10), False),  # three times: the fourth is written
        (minutes(40, 30, 20, 10), True),  # four times: there is no fifth
        (minutes(89, 70, 65, 59.9), True),  # all within an hour, and the last less than an hour ago
        (minutes(100, 90, 80, 60), False),  # it rested for an hour
        ((NOON + timedelta(seconds=5),) * 4, True),  # another instance's clock goes 5 s fast
        ((NOON + timedelta(days=2),) * 4, False),  # a clock that was quite wrong holds nothing for days
    ],
)
def test_what_was_written_four_times_within_an_hour_rests_for_an_hour(
    times: tuple[datetime, ...],
    held: bool,  # noqa: FBT001 - a column of the table
) -> None:
    change = drifted(api(), "properties.displayName")
    free, stopped = told(change, times)
    assert (list(free), [h.change for h in stopped]) == (([], [change]) if held else ([change], []))
    assert {h.reason for h in stopped} <= {Reason.DRIFT_LOOP}


def test_without_a_time_of_day_nothing_is_a_loop() -> None:
    change = drifted(api(), "properties.displayName")
    assert told(change, minutes(3, 2, 1, 0), now=None) == ((change,), ())


def test_the_reason_says_what_how_often_since_when_and_where_to_look() -> None:
    change = drifted(api(), "properties.displayName")
    (held,) = told(change, minutes(40, 30, 20, 10))[1]
    assert held.reason == "drift-loop"
    assert held.detail == (
        "properties.displayName of contoso-east-831a41 was written 4 times since 11:20 and is different again: "
        "somebody else writes it too; look in its activity log for a second reconciler, an Azure Policy assignment "
        "or a pipeline; tried again after 12:50 (UTC)"
    )


def test_the_reason_of_a_creation_says_that_somebody_deletes() -> None:
    (held,) = told(Create(wish(CHAT, "operation", {}, EAST, EAST_API)), minutes(40, 30, 20, 10))[1]
    assert held.detail == (
        "contoso-east-831a41/chat was made 4 times since 11:20 and is gone again: somebody deletes it; look in its "
        "activity log for a second reconciler, an Azure Policy assignment or a pipeline; "
        "tried again after 12:50 (UTC)"
    )


def test_what_needs_an_api_that_is_deleted_again_and_again_waits_with_it() -> None:
    west = Create(wish(GATEWAY.child("backends", "west"), "backend", {}))
    role, made = Create(wish(EAST.child("roles", "r"), "role-assignment", {}, EAST)), Create(api())
    rest = Create(wish(POLICY, "api-policy", {}, EAST, EAST_API))
    known = Memory(written={Field(EAST_API, ""): minutes(4, 3, 2, 1)})
    free, held = guard([west, role, made, rest], {}, {}, replace(world(account()), memory=known, now=NOON))
    assert free == (west,)
    assert [(h.reason, h.change) for h in held] == [
        (Reason.DRIFT_LOOP, made),
        (Reason.BLOCKED, role),
        (Reason.BLOCKED, rest),
    ]


def test_whose_resource_it_is_counts_more_than_how_often_it_was_written() -> None:
    theirs = Update(api(), observed(EAST_API, "api", {}), (Difference("properties.displayName", 1, 2),))
    (held,) = told(theirs, minutes(4, 3, 2, 1))[1]
    assert held.reason is Reason.FOREIGN


# ------------------------------------------------------------------------------- what goes on beside it


def loops_in(change: Update, *paths: str) -> tuple[Any, ...]:
    """What guard makes of a change of which only these fields were written too often."""
    written = {field: minutes(4, 3, 2, 1) for field in fields(change) if field.path in paths}
    return guard([change], by_id(api()), {}, replace(world(account()), memory=Memory(written=written), now=NOON))


def test_the_other_fields_of_an_api_are_still_mended() -> None:
    change = drifted(api(), "properties.description", "properties.displayName", "properties.serviceUrl")
    (free,), (held,) = loops_in(change, "properties.description")
    assert held.change == replace(change, differences=(Difference("properties.description", "theirs", "ours"),))
    assert [d.path for d in free.differences] == ["properties.displayName", "properties.serviceUrl"]
    assert free.desired.body == {
        "properties": {"displayName": "East", "path": "east/openai", "serviceUrl": "https://east"}
    }


def test_only_the_other_fields_are_sent() -> None:
    change = drifted(api(), "properties.displayName", "properties.serviceUrl")
    (free,), _ = loops_in(change, "properties.displayName")
    there = {"displayName": "theirs", "serviceUrl": "theirs", "path": "east/openai", "description": MARKED}
    sent = Decisions(KINDS).remaining(free, Document(EAST_API, {"properties": there}, '"1"'))
    assert sent == Write("PATCH", {"properties": {"serviceUrl": "https://east"}}, '"1"')


def test_the_certificate_checks_of_a_backend_are_one_field() -> None:
    body = {"title": "East", "tls": {"validateCertificateChain": True, "validateCertificateName": True}}
    change = drifted(
        wish(EAST_BACKEND, "backend", {"properties": body}, EAST),
        "properties.title",
        "properties.tls.validateCertificateChain",
        "properties.tls.validateCertificateName",
    )
    (free,), (held,) = loops_in(change, "properties.tls")
    assert free.desired.body == {"properties": {"title": "East"}}
    assert [d.path for d in held.change.differences] == [
        "properties.tls.validateCertificateChain",
        "properties.tls.validateCertificateName",
    ]


@pytest.mark.parametrize(
    "change",
    [
        drifted(api(), "properties.value", "properties.displayName", anew=True),
        drifted(
            wish(CHAT, "operation", {"properties": {"displayName": "Chat", "urlTemplate": "/c"}}, EAST),
            "properties.displayName",
            "properties.urlTemplate",
        ),
    ],
    ids=["an API made anew", "an operation"],
)
def test_what_cannot_be_sent_in_part_is_held_whole(change: Update) -> None:
    free, (held,) = loops_in(change, "properties.displayName")
    assert (free, held.change) == ((), change)


def test_another_wish_is_another_field_so_that_trying_out_configurations_is_no_loop() -> None:
    before = drifted(policy("<policies />"), "properties.value")
    now = drifted(policy("<policies><inbound /></policies>"), "properties.value")
    known = Memory(written=dict.fromkeys(fields(before), minutes(4, 3, 2, 1)))
    where = replace(world(account()), memory=known, now=NOON)
    assert guard([now], {}, {}, where) == ((now,), ())
    assert guard([before], {}, {}, where)[0] == ()


# ------------------------------------------------------------------------------- against the simulator


class Meddler:
    """Runs ten minutes apart, with somebody who renames an API before each."""

    def __init__(self) -> None:
        self.sim = Simulator(lock_lingers=0)
        self.app = replace(app(self.sim), store=Kept())
        assert self.run().converged

    def run(self) -> Report:
        return self.app.run(self.app.config.gateways[0], dry_run=False)

    def after_ten_minutes(self, **changes: Any) -> Report:
        self.sim.clock.advance(600)
        edit(self.sim, API, **{"displayName": "Theirs", **changes})
        return self.run()

    def looks(self, *names: str) -> list[Any]:
        return [properties(self.sim, API).get(name) for name in names]


def test_the_fifth_time_within_an_hour_it_stays_and_all_else_is_mended() -> None:
    them = Meddler()
    for _ in range(4):
        assert them.after_ten_minutes().converged
        assert them.looks("displayName") == ["Azure OpenAI contoso-east"]
    policy_id = f"{API}/policies/policy"
    them.sim.put(policy_id, {"properties": {"format": "xml", "value": "<policies><inbound /></policies>"}})
    report = them.after_ten_minutes(subscriptionRequired=False)
    assert them.looks("displayName", "subscriptionRequired") == ["Theirs", True]
    assert "authentication-managed-identity" in properties(them.sim, policy_id)["value"]
    answer = document(report)
    assert [(h["reason"], h["id"], [d["path"] for d in h["differences"]]) for h in answer["held"]] == [
        ("drift-loop", API, ["properties.displayName"])
    ]
    assert outcomes(report) == {"update api contoso-east-831a41": "applied", "update api-policy policy": "applied"}
    assert not answer["converged"]
    assert [(a["state"], a["reason"]) for a in answer["accounts"] if a["id"] == OWN] == [
        ("onboarded", "drift-loop")
    ]


def test_an_hour_after_the_last_write_it_is_written_again() -> None:
    them = Meddler()
    for _ in range(4):
        them.after_ten_minutes()
    them.sim.clock.advance(10)  # the runs themselves take no time
    for _ in range(5):
        assert not them.after_ten_minutes().converged
        assert them.looks("displayName") == ["Theirs"]
    assert them.after_ten_minutes().converged
    assert them.looks("displayName") == ["Azure OpenAI contoso-east"]


def test_a_dry_run_writes_nothing_and_counts_nothing() -> None:
    them = Meddler()
    edit(them.sim, API, displayName="Theirs")
    for _ in range(6):
        report = them.app.run(them.app.config.gateways[0], dry_run=True)
        assert [c.id.text for c in report.plan.changes] == [API] if report.plan else False
    assert them.run().converged


def test_an_operation_that_is_deleted_again_and_again_is_at_last_left_alone() -> None:
    them = Meddler()
    chat = f"{API}/operations/chatcompletions-create"
    for _ in range(4):
        them.sim.delete(chat)
        assert them.run().converged
    them.sim.delete(chat)
    (held,) = document(them.run())["held"]
    assert (held["change"], held["reason"], held["id"]) == ("create", "drift-loop", chat)
    assert chat not in them.sim.resources()
