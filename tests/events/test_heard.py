"""What a batch comes to: each gateway once, each event counted, and nothing of who did it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from reconciler.events import Heard, Wake, everything, heard, wakes
from tests.builders import CLIENT_ID, GATEWAY, config
from tests.events.payloads import (
    ACCOUNT_ELSEWHERE,
    ACTION,
    CONFIG,
    EAST_ID,
    FIRST_ID,
    SECOND,
    SECOND_ID,
    arm,
    blob,
    circuit_breaker,
    cloud,
    hear,
    inside,
)

BATCH: list[Any] = [
    arm(f"{FIRST_ID}/apis/a"),
    cloud(arm(f"{EAST_ID}/deployments/gpt-4o")),
    {"rubbish": True},
    arm(ACCOUNT_ELSEWHERE),
    arm(FIRST_ID, appid=CLIENT_ID),
    arm(EAST_ID, ACTION, "Microsoft.CognitiveServices/accounts/listKeys/action"),
    circuit_breaker("Opened"),
    arm(SECOND_ID),
    arm(EAST_ID, "Contoso.Orders.Placed"),
    cloud(arm(EAST_ID, "Contoso.Orders.Placed")),
    arm(EAST_ID, "Contoso.Orders.Paid"),
    [arm(FIRST_ID)],
    arm(f"{FIRST_ID}/apis"),
]


def test_a_batch_of_both_schemas_wakes_each_gateway_once_with_its_first_cause() -> None:
    expected = Heard(
        wakes=(
            Wake(GATEWAY, "event ResourceWriteSuccess of Microsoft.ApiManagement/service/apis a"),
            Wake(SECOND, "event ResourceWriteSuccess of Microsoft.ApiManagement/service second-gw"),
        ),
        followed=3,
        own=1,
        elsewhere=1,
        unfollowed=2,
        unknown={"Contoso.Orders.Placed": 2, "Contoso.Orders.Paid": 1},
        malformed=3,
    )
    assert hear(BATCH) == expected
    assert hear(tuple(BATCH)) == expected


def test_what_was_heard_is_a_value() -> None:
    with pytest.raises(FrozenInstanceError):
        hear(BATCH).own = 0  # type: ignore[misc]


def test_the_short_form_gives_the_wakes_alone_and_knows_no_writes_of_ours() -> None:
    assert wakes(BATCH, CONFIG) == heard(BATCH, CONFIG).wakes
    assert [wake.gateway for wake in wakes(arm(FIRST_ID, appid=CLIENT_ID), CONFIG)] == [GATEWAY]


def test_a_gateway_is_woken_by_its_id_in_the_configurations_spelling() -> None:
    (wake,) = hear(arm(FIRST_ID.lower())).wakes
    assert wake.gateway.text == FIRST_ID


def test_only_configured_gateways_are_woken() -> None:
    assert heard(arm(SECOND_ID), config()).elsewhere == 1


def test_the_timer_wakes_every_gateway() -> None:
    assert everything(CONFIG, "timer") == (Wake(GATEWAY, "timer"), Wake(SECOND, "timer"))


CAUSES = {
    "event ResourceWriteSuccess of Microsoft.CognitiveServices/accounts/deployments gpt-4o": arm(
        f"{EAST_ID}/deployments/gpt-4o", "MICROSOFT.RESOURCES.RESOURCEWRITESUCCESS"
    ),
    "event ResourceActionSuccess of Microsoft.ApiManagement/service contoso-gw": arm(
        FIRST_ID, ACTION, "Microsoft.ApiManagement/service/restore/action"
    ),
    "event APIUpdated of Microsoft.ApiManagement/service/apis myapi": inside("APIUpdated"),
    "event BlobCreated of the configuration": blob(),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_says_what_happened_to_which_resource(cause: str) -> None:
    assert hear(CAUSES[cause]).wakes[0].cause == cause


@pytest.mark.parametrize("event", [arm(EAST_ID), arm(FIRST_ID), inside("APIUpdated"), blob()])
def test_nothing_of_who_did_it_comes_out(event: Any) -> None:
    event = {**event, "data": {**event["data"], **arm(EAST_ID)["data"], "resourceUri": FIRST_ID}}
    for payload in (event, cloud(event), {**event, "eventType": "x"}, [event, event]):
        told = repr(hear(payload)).lower()
        assert "not-to-be-seen" not in told
        assert "203.0.113.7" not in told


NASTY = {
    "a line end": ("a\nb", None),
    "a carriage return": ("a\rb", None),
    "a line end of Unicode": ("a\u2028b", "a?b"),
    "another one": ("a\u0085b", "a?b"),
    "a change of direction": ("a\u202eb", "a?b"),
    "half a character": ("a\ud800b", "a?b"),
    "no harm": ("aüb-1_2.3", "aüb-1_2.3"),
}


@pytest.mark.parametrize(("name", "shown"), NASTY.values(), ids=NASTY)
def test_a_cause_is_one_line_whatever_a_resource_is_called(name: str, shown: str | None) -> None:
    found = hear(arm(f"{FIRST_ID}/apis/{name}"))
    expected = [f"event ResourceWriteSuccess of Microsoft.ApiManagement/service/apis {shown}"] if shown else []
    assert [wake.cause for wake in found.wakes] == expected
    assert found.malformed == (0 if shown else 1)


def test_a_cause_and_a_type_are_no_longer_than_a_log_should_take() -> None:
    (wake,) = hear(arm(f"{FIRST_ID}/apis/{'a' * 2000}")).wakes
    assert len(wake.cause) == 512
    assert wake.cause.endswith(
        "apis " + "a" * (512 - len("event ResourceWriteSuccess of Microsoft.ApiManagement/service/apis "))
    )
    assert hear(arm(FIRST_ID, "x\r\n" + "y" * 2000)).unknown == {"x??" + "y" * 125: 1}
    assert len(everything(CONFIG, "x" * 2000)[0].cause) == 512
