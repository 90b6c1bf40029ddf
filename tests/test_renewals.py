"""What must hold, on worlds drawn at random, when the file names another document than the APIs were made from.

Each API becomes the one that the new document gives, or its import is held; which of the two is worked out by hand.
Operations that other people added, and the policies of operations, are there afterwards in either case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.report import document
from simulator import Simulator
from tests.local import GATEWAY, writes
from tests.scenes.building import Kept, principal_of, simulate
from tests.scenes.drawing import SERVED, SPECIFICATIONS
from tests.scenes.judging import as_it_said, nothing_to_do, run, untouched
from tests.scenes.naming import api_name
from tests.scenes.scene import BUNDLED, MIXED, NEWEST, OWN_NEWER, Account, Scene
from tests.scenes.seeing import facts
from tests.scenes.wanting import described, offered, onboarded
from tests.test_convergence import STEADY

JSON = dict[str, Any]
THEIRS: JSON = {"displayName": "Theirs", "method": "GET", "urlTemplate": "/theirs"}
LIMIT = "<policies><inbound><base /><rate-limit calls='5' renewal-period='60' /></inbound></policies>"
TERMS = "https://contoso.example/terms"


@dataclass(frozen=True)
class Added:
    """What somebody adds to an account's API: an operation, or a policy to one of ours (the how-manieth)."""

    account: int
    what: str
    which: int = 0


ADDED = st.lists(
    st.builds(
        Added,
        st.integers(0, 3),
        st.sampled_from(["operation", "policy", "policy", "policy and operation"]),
        st.integers(0, 5),
    ),
    max_size=2,
    unique_by=lambda added: added.account,
).map(tuple)


def add(sim: Simulator, scene: Scene, account: Account, added: tuple[Added, ...]) -> str:
    """Let somebody set the API's terms of service and add what they add; the operation that got a policy, or ''."""
    api = f"{GATEWAY}/apis/{api_name(scene, account)}"
    has = sim.resources()[api]["properties"]
    sim.put(api, {"properties": {**has, "termsOfServiceUrl": TERMS}})
    what = next((each for each in added if each.account == account.number), Added(account.number, ""))
    ours = {text: id for id, text in operations(sim, api).items()}
    if "operation" in what.what:
        sim.put(f"{api}/operations/theirs", {"properties": THEIRS})
    if "policy" not in what.what:
        return ""
    text = sorted(ours)[what.which % len(ours)]
    sim.put(f"{ours[text]}/policies/policy", {"properties": {"format": "xml", "value": LIMIT}})
    return text


def operations(sim: Simulator, api: str) -> dict[str, str]:
    """Id -> method and template of what the API offers."""
    return {
        id: f"{body['properties']['method']} {body['properties']['urlTemplate']}"
        for id, body in sim.resources().items()
        if id.startswith(f"{api}/operations/") and id.count("/") == api.count("/") + 2
    }


def policies(sim: Simulator) -> set[tuple[str, str, str]]:
    """API, method and template, and text of each policy of an operation; an import may file it under another id."""
    world, found = sim.resources(), set()
    for id, body in world.items():
        operation = id.removesuffix("/policies/policy")
        if id != operation and "/operations/" in operation:
            has = world[operation]["properties"]
            text = f"{has['method']} {has['urlTemplate']}"
            found.add((operation.partition("/operations/")[0], text, body["properties"]["value"]))
    return found


def without_policies(sim: Simulator) -> dict[str, Any]:
    """The world without the policies of operations."""
    return {id: b for id, b in sim.resources().items() if not ("/operations/" in id and "/policies/" in id)}


def becomes_the_wanted_one_or_is_held(
    scene: Scene, specification: str, offers: str, added: tuple[Added, ...], memory: str
) -> None:
    sim, store = simulate(scene, lock_lingers=0), Kept()
    before = sim.resources()
    had = onboarded(scene, before)
    run(sim, scene, store)
    ours = set(sim.resources()) - set(before)
    with_policy = {account: add(sim, scene, account, added) for account in had}
    foreign = {id: body for id, body in without_policies(sim).items() if id not in ours}
    theirs = policies(sim)
    store = Kept() if memory == "lost" else store
    later = replace(scene, settings=replace(scene.settings, specification=specification, operations=offers))
    wanted = {account: offered(later, account, has) for account, has in had.items()}
    unknown = memory == "lost" and scene.settings.specification not in BUNDLED
    held = {
        account
        for account in had
        if (specification, wanted[account]) != (scene.settings.specification, had[account])
        and (
            f"{GATEWAY}/apis/{api_name(scene, account)}/operations/theirs" in foreign
            or with_policy[account] not in {"", *wanted[account]}
            or (unknown and not had[account] <= wanted[account])
        )
    }

    sim.requests.clear()
    planned = document(run(sim, later, store, dry_run=True))
    assert writes(sim) == []
    report = document(run(sim, later, store))
    assert not any(outcome["status"] == "failed" for outcome in report["outcomes"])
    as_it_said(planned, sim.requests)
    reasons = {h["id"]: h["reason"] for h in report["held"] if h["change"] == "update"}
    assert reasons == {f"{GATEWAY}/apis/{api_name(scene, account)}": "document-changed" for account in held}
    after = without_policies(sim)
    untouched(foreign, after)
    principal = principal_of(sim)
    assert facts(foreign, after) == {
        **described(scene, {account: had[account] | wanted[account] for account in held}, foreign, principal),
        **described(later, {a: wanted[a] for a in had if a not in held}, foreign, principal),
    }
    assert policies(sim) == theirs
    assert all(
        after[f"{GATEWAY}/apis/{api_name(scene, account)}"]["properties"]["termsOfServiceUrl"] == TERMS
        for account in had
    )
    nothing_to_do(sim, later, store)


OFFERS = st.sampled_from(["all", "deployed"])


@settings(STEADY, max_examples=7)
@given(SERVED, SPECIFICATIONS, OFFERS, ADDED, st.sampled_from(["kept", "kept", "lost"]))
@example(MIXED, OWN_NEWER, "all", (Added(0, "policy", 1), Added(1, "operation")), "kept")
@example(MIXED, OWN_NEWER, "all", (), "lost")
@example(MIXED, NEWEST, "deployed", (Added(2, "policy", 0),), "kept")
def test_an_api_becomes_what_another_document_gives_or_its_import_is_held(
    scene: Scene,
    specification: str,
    offers: str,
    added: tuple[Added, ...],
    memory: str,
) -> None:
    becomes_the_wanted_one_or_is_held(scene, specification, offers, added, memory)


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
@settings(STEADY, max_examples=500)
@given(SERVED, SPECIFICATIONS, OFFERS, ADDED, st.sampled_from(["kept", "lost"]))
def test_the_same_holds_of_many_more_worlds(
    scene: Scene,
    specification: str,
    offers: str,
    added: tuple[Added, ...],
    memory: str,
) -> None:
    becomes_the_wanted_one_or_is_held(scene, specification, offers, added, memory)
