"""Which cases Hypothesis draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.local import S1
from tests.scenes.scene import CAN, NEWEST, OPERATIONS, OWN, S2, Account, Foreign, Model, Scene, Settings

MODELS = st.one_of(
    st.builds(
        Model,
        format=st.sampled_from(["OpenAI", "OpenAI", "OpenAI", "Cohere"]),
        sku=st.sampled_from(["Standard", "ProvisionedManaged", "GlobalBatch", "DataZoneBatch"]),
        state=st.sampled_from(["Succeeded", "Succeeded", "Creating", "Failed", "Disabled"]),
    ),
    st.builds(
        Model, name=st.sampled_from(sorted(CAN)), state=st.sampled_from(["Succeeded", "Succeeded", "Creating"])
    ),
)
NAMES = ["contoso-east", "Contoso.West_2", "a", "fabrikam-" + "x" * 55]
PLACES = [("rg-ai-east", "eastus"), ("rg-ai-WEST", "westeurope")]
FLAWS: list[dict[str, Any]] = [
    {"kind": "SpeechServices"},
    {"group": "rg-other"},
    {"tag": "no"},
    {"tag": None},
    {"subdomain": False},
    {"state": "Creating"},
    {"models": ()},
    {"models": (Model(format="Cohere"), Model(sku="GlobalBatch"), Model(state="Failed"))},
]
AZURES: list[dict[str, Any]] = [
    {},
    {"operation_names": "preserved"},
    {"api_list_settings": "filled"},
    {"api_shape": "2025-09"},
    {"lock_code": "Conflict"},
    {"same_put_etag": "kept"},
    {"operation_description": "display-name"},
    {"patch_merge": "deep"},
    {"role_read_delay": 30},
    {"role_reput": "409"},
    {"role_reput": "201"},
    {"principal_type_failures": 2},
    {"racing_conflicts": 3},
    {"if_match_required": True},
    {"service_retry_after": 0},
    {"import_time": 0, "service_update_time": 0},
    {"import_time": 90, "lock_lingers": 30},
]
"""How Azure may behave where reports disagree, and how slow it may be."""
FOREIGN = ["api-name", "api-near", "api-path", "backend-name", "backend-near", "role", "reader", "broader"]


@st.composite
def accounts(draw: st.DrawFn, counts: Sequence[int], fit: int) -> tuple[Account, ...]:
    """So many accounts; names may come again in another group or subscription. Of them fit / (fit + 1) are fit."""
    drawn = []
    for number in range(draw(st.sampled_from(counts))):
        group, location = draw(st.sampled_from(PLACES))
        account = Account(
            number=number,
            name=draw(st.sampled_from(NAMES)),
            subscription=draw(st.sampled_from([S1, S1, S2])),
            group=group,
            location=location,
            kind=draw(st.sampled_from(["OpenAI", "AIServices"])),
            models=(*draw(st.lists(MODELS, max_size=2)), Model(draw(st.sampled_from(["gpt-4o", *sorted(CAN)])))),
        )
        flaw = draw(st.sampled_from([*[{}] * len(FLAWS) * fit, *FLAWS]))
        drawn.append(replace(account, **flaw))
    return tuple({account.id.lower(): account for account in drawn}.values())


SPECIFICATIONS = st.sampled_from([NEWEST, OWN, *sorted(OPERATIONS)])
SETTINGS = st.builds(
    Settings,
    name=st.sampled_from(["{account}", "aoai-{location}-{account}", "{resourceGroup}", "Fixed Name"]),
    display_name=st.sampled_from(["Azure OpenAI {account}", "{account} in {location} ({resourceGroup})"]),
    path=st.sampled_from(
        ["{account}/openai", "Ai/{subscription}/{account}/openai", "/{location}/openai", "openai"]
    ),
    specification=SPECIFICATIONS,
    operations=st.sampled_from(["all", "deployed"]),
    products=st.sampled_from([(), ("ai-platform",), ("ai-platform", "starter")]),
    token_limit=st.sampled_from([None, 5000]),
    dimensions=st.sampled_from([(), ("API ID",), ("User ID", "Location")]),
    enable_identity=st.sampled_from([True, True, True, False]),
    subscription_required=st.booleans(),
    second_subscription=st.booleans(),
    prune=st.sampled_from(["report", "delete"]),
    max_deletes=st.sampled_from([5, 1, 2]),
    max_delete_percent=st.sampled_from([30, 100]),
    confirmations=st.sampled_from([2, 1, 3]),
)
SCENES = st.builds(
    Scene,
    accounts=accounts((1, 2, 3, 4, 0), 1),
    settings=SETTINGS,
    foreign=st.lists(
        st.builds(Foreign, what=st.sampled_from(FOREIGN), account=st.integers(0, 3), description=st.integers(0, 7)),
        max_size=3,
    ).map(tuple),
    identity=st.sampled_from(["off", "on", "none"]),
    page_size=st.sampled_from([1, 2, 100, 100]),
    azure=st.sampled_from([*[0] * len(AZURES), *range(len(AZURES))]),
)
SERVED = st.builds(
    Scene,
    accounts=accounts((3, 2, 4), 7),
    settings=st.builds(
        lambda drawn, prune, path: replace(
            drawn, enable_identity=True, second_subscription=True, prune=prune, path=path or drawn.path
        ),
        SETTINGS,
        st.sampled_from(["delete", "delete", "delete", "report"]),
        st.sampled_from(["{subscription}/{resourceGroup}/{account}/openai"] * 3 + [""]),
    ),
    foreign=st.just(()),
    identity=st.sampled_from(["on", "off"]),
    azure=st.sampled_from([*[0] * len(AZURES), *range(len(AZURES))]),
)
"""Scenes of which most accounts are on the gateway: for what comes later."""
