"""What we wrote ourselves is no news; what others wrote, or we do not write, is."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.events import heard
from tests.builders import CLIENT_ID
from tests.events.payloads import (
    ACTION,
    CONFIG,
    DELETE,
    EAST_ID,
    FIRST_ID,
    JSON,
    ROLE,
    SOMEBODY,
    WEST_GROUP,
    arm,
    cloud,
    inside,
    verdict,
)

OURS: dict[str, JSON] = {
    "the gateway": arm(FIRST_ID, appid=CLIENT_ID),
    "an API": arm(f"{FIRST_ID}/apis/a", appid=CLIENT_ID),
    "a backend that goes": arm(f"{FIRST_ID}/backends/b", DELETE, appid=CLIENT_ID),
    "a role on an account": arm(f"{EAST_ID}/{ROLE}", appid=CLIENT_ID),
    "a role that goes": arm(f"{WEST_GROUP}/{ROLE}", DELETE, appid=CLIENT_ID),
    "a client id in capitals": arm(FIRST_ID, appid=CLIENT_ID.upper()),
}


@pytest.mark.parametrize("event", OURS.values(), ids=OURS)
def test_our_own_write_wakes_nobody(event: JSON) -> None:
    assert verdict(event) == "own"
    assert verdict(cloud(event)) == "own"


NEWS: dict[str, JSON] = {
    "somebody else's write": arm(f"{FIRST_ID}/apis/a", appid=SOMEBODY),
    "a write of nobody known": arm(f"{FIRST_ID}/apis/a", appid=None),
    "a write with an empty client id": arm(f"{FIRST_ID}/apis/a", appid=""),
    "an account that our identity wrote": arm(EAST_ID, appid=CLIENT_ID),
    "a model deployment that our identity wrote": arm(f"{EAST_ID}/deployments/d", appid=CLIENT_ID),
    "a restore by our identity": arm(FIRST_ID, ACTION, "Microsoft.ApiManagement/service/restore/action", CLIENT_ID),
    "an event of the gateway's own topic, which names nobody": inside("APIUpdated"),
}


@pytest.mark.parametrize("event", NEWS.values(), ids=NEWS)
def test_what_we_did_not_write_wakes(event: JSON) -> None:
    assert verdict(event) == "followed"
    assert verdict(cloud(event)) == "followed"


def test_a_write_of_ours_elsewhere_is_counted_as_elsewhere() -> None:
    assert verdict(arm(f"{FIRST_ID}2/apis/a", appid=CLIENT_ID)) == "elsewhere"


@pytest.mark.parametrize("caller", [None, ""])
def test_an_app_that_does_not_know_its_client_id_hears_everything(caller: str | None) -> None:
    for appid in (CLIENT_ID, "", None):
        assert heard(arm(FIRST_ID, appid=appid), CONFIG, caller=caller).followed == 1


@pytest.mark.parametrize("claims", [None, [], "x", {}, {"appid": None}, {"appid": [CLIENT_ID]}, {"appid": 3}])
def test_claims_of_any_shape_are_nobodys(claims: Any) -> None:
    event = arm(FIRST_ID)
    event["data"]["claims"] = claims
    assert verdict(event) == "followed"


def test_the_names_of_claims_are_read_in_any_case() -> None:
    event = arm(FIRST_ID)
    event["data"]["Claims"] = {"AppId": CLIENT_ID}
    del event["data"]["claims"]
    assert verdict(event) == "own"
