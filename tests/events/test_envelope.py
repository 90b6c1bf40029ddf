"""An event is understood in every spelling that is documented, and any rubbish is counted, never raised."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.event_schema import Event, read
from tests.builders import S1
from tests.events.payloads import (
    EAST_ID,
    FIRST_ID,
    JSON,
    MANAGEMENT_GROUP,
    ROLE,
    SOMEBODY,
    WRITE,
    arm,
    blob,
    circuit_breaker,
    cloud,
    hear,
    inside,
    notification,
    setting,
    verdict,
    woken,
)

CLOUD, GRID = cloud(arm(EAST_ID)), arm(EAST_ID)


def renamed(event: JSON, **names: str) -> JSON:
    return {names.get(key, key): value for key, value in event.items()}


def without(event: JSON, *names: str) -> JSON:
    return {key: value for key, value in event.items() if key not in names}


SPELLINGS: dict[str, JSON] = {
    "a numeric specversion": {**CLOUD, "specversion": 1.0},
    "capitals, as samples of API Management have": renamed(
        CLOUD, type="Type", time="Time", specversion="specVersion"
    ),
    "only capitals": {key.upper(): value for key, value in CLOUD.items()},
    "an Event Grid envelope in capitals": {key.upper(): value for key, value in GRID.items()},
    "a topic in place of the source": renamed(CLOUD, source="topic"),
    "neither source nor topic": without(CLOUD, "source"),
    "no time": without(GRID, "eventTime"),
    "a time that is none": {**GRID, "eventTime": "yesterday"},
    "a time that is a number": {**CLOUD, "time": 3},
    "no versions": without(GRID, "dataVersion", "metadataVersion"),
    "no id": without(CLOUD, "id"),
    "an id that is a number": {**GRID, "id": 3},
    "no data, so that the subject says it": {**GRID, "data": None},
    "data that is a text": {**GRID, "data": "x"},
    "data without the resource": {**GRID, "data": {"operationName": "x/write"}},
    "names of the data in another case": {**GRID, "data": {"ResourceURI": EAST_ID}},
    "a cloud event without a subject": without(CLOUD, "subject"),
    "fields of a later version": {**CLOUD, "traceparent": "00-1", "data_x": 1},
    "the shortest cloud event": {"specversion": "1.0", "type": WRITE, "subject": EAST_ID},
    "a notification without a subject": {**notification(EAST_ID), "subject": ""},
    "a role above subscriptions, said by the subject alone": {**arm(f"{MANAGEMENT_GROUP}/{ROLE}"), "data": None},
    "an event inside a gateway with a topic in place of the source, and no data": {
        **renamed(cloud(inside("APIUpdated")), source="topic"),
        "data": None,
    },
    "a slash at the end": arm(f"{EAST_ID}/"),
}


@pytest.mark.parametrize("event", SPELLINGS.values(), ids=SPELLINGS)
def test_an_envelope_is_understood_with(event: JSON) -> None:
    assert woken(event)[0] == "contoso-gw"


@pytest.mark.parametrize("schema", [dict, cloud])
def test_data_without_end_is_not_walked_through(schema: Any) -> None:
    event = arm(EAST_ID)
    for _ in range(5000):
        event["data"]["claims"] = {"a": [event["data"]["claims"]]}
    assert woken(schema(event)) == ["contoso-gw"]


def test_of_an_event_nothing_is_taken_but_what_is_needed() -> None:
    taken = Event(WRITE, EAST_ID, "x/write", SOMEBODY, place=EAST_ID)
    assert read(arm(EAST_ID)) == taken
    assert read(cloud(arm(EAST_ID))) == taken
    assert repr(taken) == f"Event(type='{WRITE}', about='{EAST_ID}', operation='x/write')"


def test_the_operation_is_the_authorized_action_where_the_data_names_none() -> None:
    event = arm(EAST_ID, operation="x/listKeys/action")
    del event["data"]["operationName"]
    assert read(event) == Event(WRITE, EAST_ID, "x/listKeys/action", SOMEBODY, place=EAST_ID)


@pytest.mark.parametrize("subject", ["/apis/myapi;Rev=1", "/apis/myapi;rev=12", "/apis/myapi"])
def test_the_revision_is_taken_off_an_api(subject: str) -> None:
    event = inside("APIUpdated", subject)
    expected = f"{FIRST_ID}/apis/myapi"
    nothing: JSON = {}
    for data in (event["data"], None, nothing):
        for each in ({**event, "data": data}, cloud({**event, "data": data})):
            found = read(each)
            assert found is not None
            assert found.about == expected


def test_what_is_below_a_revision_keeps_its_name() -> None:
    found = read(arm(f"{FIRST_ID}/apis/a;rev=2/operations/o"))
    assert found is not None
    assert found.about == f"{FIRST_ID}/apis/a/operations/o"


def test_an_event_of_a_gateway_is_below_its_topic() -> None:
    found = read(circuit_breaker("Opened"))
    assert found is not None
    assert found.about == f"{FIRST_ID}/backends/b/circuit-breaker/rules/r"


MALFORMED: dict[str, Any] = {
    "nothing": None,
    "an empty object": {},
    "a number": 3,
    "a text": "/subscriptions",
    "bytes": b"{}",
    "neither schema": {"rubbish": True},
    "no subject": without(GRID, "subject", "data", "topic"),
    "no type": without(GRID, "eventType"),
    "a cloud event without a type": without(CLOUD, "type"),
    "a cloud event with the other schema's type": renamed(CLOUD, type="eventType"),
    "a subject that is a number": {**GRID, "subject": 3, "data": None, "topic": None},
    "an empty subject": {**GRID, "subject": "", "data": None, "topic": ""},
    "an id that climbs": arm(f"{EAST_ID}/../x"),
    "an id with a query": arm(f"{EAST_ID}?x=1"),
    "an id that breaks off": arm(f"{EAST_ID}/deployments"),
    "an id in no subscription": arm(EAST_ID.replace(S1, "test-subscription")),
    "a role on nothing": arm(f"x/{ROLE}"),
    "a type that is a list": {**GRID, "eventType": ["x"]},
    "a type that is null": {**GRID, "eventType": None},
    "a type that is empty": {**CLOUD, "type": ""},
}


@pytest.mark.parametrize("payload", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_wakes_nobody_and_raises_nothing(payload: Any) -> None:
    assert verdict(payload) == "malformed"


def test_an_empty_batch_has_no_events() -> None:
    found = hear([])
    assert (found.wakes, found.followed, found.malformed, found.unknown) == ((), 0, 0, {})


@pytest.mark.parametrize("levels", [2, 2000])
def test_tags_on_tags_are_not_followed_for_ever(levels: int) -> None:
    assert verdict(arm(EAST_ID + "/providers/Microsoft.Resources/tags/default" * levels)) == "elsewhere"


LETTERS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | LETTERS | st.sampled_from([EAST_ID, FIRST_ID, WRITE]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LETTERS, inner, max_size=3),
    max_leaves=8,
)
NAMES = [*GRID, *CLOUD, "datacontenttype", "data_base64"]
EVENTS = [arm(EAST_ID), arm(FIRST_ID), inside("APIUpdated"), blob(), setting()]
EVENTS += [cloud(event) for event in EVENTS]
DAMAGED = st.builds(
    lambda event, key, value: {**event, key: value}, st.sampled_from(EVENTS), st.sampled_from(NAMES), VALUES
) | st.builds(
    lambda event, key, value: {**event, "data": {**event["data"], key: value}},
    st.sampled_from(EVENTS),
    st.sampled_from(["resourceUri", "operationName", "authorization", "claims", "url", "resourceInfo"]),
    VALUES,
)
ENVELOPES = st.dictionaries(st.sampled_from(NAMES), VALUES | st.just({"resourceUri": EAST_ID}), max_size=9)


@settings(max_examples=400)
@given(VALUES | ENVELOPES | DAMAGED | st.lists(ENVELOPES | DAMAGED | VALUES, max_size=3))
def test_any_json_is_counted_event_by_event_and_wakes_configured_gateways_only(payload: Any) -> None:
    found = hear(payload)
    turned_away = found.own + found.elsewhere + found.unfollowed + sum(found.unknown.values()) + found.malformed
    assert found.followed + turned_away == (len(payload) if isinstance(payload, list) else 1)
    names = [wake.gateway.name for wake in found.wakes]
    assert sorted(names) == sorted(set(names) & {"contoso-gw", "second-gw"})
    assert bool(names) is (found.followed > 0)


def cased(text: str, upper: list[bool]) -> str:
    return "".join(
        letter.upper() if up else letter.lower() for letter, up in zip(text, upper * len(text), strict=False)
    )


@given(
    st.sampled_from(EVENTS[:3]),
    st.lists(st.booleans(), min_size=1, max_size=20),
    st.sampled_from([lambda event: event, cloud]),
)
def test_no_spelling_of_names_types_and_ids_changes_whom_an_event_wakes(
    event: JSON, upper: list[bool], schema: Any
) -> None:
    about, type = event["data"]["resourceUri"], event["eventType"]
    tail = cased(about.removeprefix("/subscriptions"), upper)
    spelt = {**event, "eventType": cased(type, upper), "data": {"resourceUri": f"/subscriptions{tail}"}}
    spelt = {cased(name, upper): value for name, value in schema(spelt).items()}
    assert [w.gateway.text for w in hear(spelt).wakes] == [w.gateway.text for w in hear(event).wakes]
    assert [w.cause.lower() for w in hear(spelt).wakes] == [w.cause.lower() for w in hear(event).wakes]


@given(st.data())
def test_the_order_of_a_batch_changes_nothing_but_order(data: st.DataObject) -> None:
    batch = data.draw(st.lists(st.sampled_from([*EVENTS, GRID, arm(EAST_ID, "x"), None]), max_size=6))
    other = data.draw(st.permutations(batch))
    one, two = hear(batch), hear(other)
    assert {w.gateway for w in one.wakes} == {w.gateway for w in two.wakes}
    assert Counter(one.unknown) == Counter(two.unknown)
    assert (one.followed, one.own, one.elsewhere) == (two.followed, two.own, two.elsewhere)
    assert (one.unfollowed, one.malformed) == (two.unfollowed, two.malformed)
