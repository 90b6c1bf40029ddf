"""What must hold, on worlds drawn at random, while accounts leave, lose their models or get more between runs.

Each run is foretold by hand (`Story.foretold`): with `prune: report` nothing is ever deleted; with `prune: delete`
only what is ours, of accounts that are gone or no longer selected, after so many looks and ten minutes, what nobody
else uses, and never more than the limits. Before each run a dry run, and one that sees all lists in another order,
say what is then done; they write nothing and count for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.report import Report, document
from simulator import Simulator
from tests.local import GATEWAY, writes
from tests.scenes.building import Kept, deployment, principal_of, product, simulate
from tests.scenes.drawing import SERVED
from tests.scenes.judging import as_it_said, nothing_to_do, run, untouched
from tests.scenes.naming import api_name
from tests.scenes.scene import MIXED, OWN, Account, Model, Scene, Settings
from tests.scenes.seeing import facts
from tests.scenes.shuffling import run_shuffled
from tests.scenes.wanting import described, leaving, onboarded, too_many
from tests.test_convergence import STEADY

JSON = dict[str, Any]
TEN_MINUTES = 600


@dataclass(frozen=True)
class Turn:
    """What becomes of an account, and what somebody else has built on its API."""

    account: int
    what: str
    use: str = ""


WHATS = ["deleted", "deleted", "untagged", "emptied", "grown"]
USES = [*[""] * 8, "subscription", "operation", "operation-policy", "product"]
GAPS = [(600,), (60,), (60, 600), (0, 700), (90_000, 600), (200_000, 600)]
TURNS = st.lists(
    st.builds(Turn, st.integers(0, 3), st.sampled_from(WHATS), st.sampled_from(USES)),
    min_size=1,
    max_size=4,
    unique_by=lambda turn: turn.account,
).map(tuple)


def turned(scene: Scene, turns: tuple[Turn, ...]) -> Scene:
    """The scene after what became of its accounts."""
    by_number = {turn.account: turn.what for turn in turns}
    later = []
    for account in scene.accounts:
        match by_number.get(account.number):
            case "deleted":
                continue
            case "untagged":
                later.append(replace(account, tag=None))
            case "emptied":
                later.append(replace(account, models=()))
            case "grown":
                more = () if account.kind == "SpeechServices" else (Model("text-embedding-3-small"),)
                later.append(replace(account, models=(*account.models, *more)))
            case _:
                later.append(account)
    return replace(scene, accounts=tuple(later))


def happen(sim: Simulator, scene: Scene, later: Scene) -> None:
    """Let it be so in Azure."""
    now = {account.number: account for account in later.accounts}
    for account in scene.accounts:
        after = now.get(account.number)
        if after is None:
            sim.delete(account.id)
        elif after.tag != account.tag:
            body = sim.resources()[account.id]
            sim.put(account.id, {**body, "tags": {}})
        elif len(after.models) < len(account.models) and account.kind != "SpeechServices":
            for number in range(len(account.models)):
                sim.delete(f"{account.id}/deployments/model-{number}")
        elif len(after.models) > len(account.models):
            sim.put(f"{account.id}/deployments/grown", deployment(after.models[-1]))


def build_on(sim: Simulator, scene: Scene, account: Account, use: str) -> bool:
    """Let somebody use the account's API; False where there is nothing to use."""
    api = f"{GATEWAY}/apis/{api_name(scene, account)}"
    theirs: JSON = {"displayName": "Theirs", "method": "GET", "urlTemplate": "/theirs"}
    policy = "<policies><inbound><base /><rate-limit calls='5' renewal-period='60' /></inbound></policies>"
    match use:
        case "":
            return False
        case "product" if "starter" not in scene.settings.products:
            sim.put(f"{GATEWAY}/products/starter/apis/{api_name(scene, account)}", {})
        case "operation":
            sim.put(f"{api}/operations/theirs", {"properties": theirs})
        case "operation-policy":
            mine = sorted(id for id in sim.resources() if re.fullmatch(f"{re.escape(api)}/operations/[^/]+", id))
            sim.put(f"{mine[0]}/policies/policy", {"properties": {"format": "xml", "value": policy}})
        case _:
            subscription = {"displayName": "Shop", "scope": api, "state": "active"}
            sim.put(f"{GATEWAY}/subscriptions/shop-{account.number}", {"properties": subscription})
    return True


@dataclass
class Story:
    """What is known by hand: who is on the gateway, who is to leave it, since when that was seen and how often."""

    scene: Scene
    foreign: Mapping[str, Any]
    had: dict[Account, frozenset[str]]
    used: set[Account] = field(default_factory=set)
    first: float = 0.0
    last: float = 0.0
    times: int = 0

    def foretold(self, now: float) -> dict[str, str]:
        """Take the story one run further; the APIs of those who should leave, and what holds each of them."""
        going, limits = leaving(self.scene, self.had), self.scene.settings
        if self.times == 0 or now - self.last > 2 * 24 * 3600:  # what was seen so long ago counts for nothing
            self.first, self.times = now, 0
        self.last, self.times = now, self.times + 1
        ripe = limits.confirmations == 1 or (self.times >= limits.confirmations and now - self.first >= TEN_MINUTES)
        why = {}
        for account in going:
            if limits.prune == "report":
                why[account] = "prune-report"
            elif not ripe:
                why[account] = "unconfirmed"
            elif too_many(limits, len(self.had), len(going)):
                why[account] = "too-many"
            else:
                why[account] = "in-use" if account in self.used else ""
        after = onboarded(self.scene, self.foreign, self.had)
        self.had = {account: offers for account, offers in after.items() if why.get(account) != ""}
        return {f"{GATEWAY}/apis/{api_name(self.scene, account)}": reason for account, reason in why.items()}


def go_only_as_they_may(scene: Scene, turns: tuple[Turn, ...], gaps: tuple[int, ...], seed: int = 0) -> None:
    sim, store = simulate(scene, lock_lingers=0), Kept()
    before = sim.resources()
    had = onboarded(scene, before)
    run(sim, scene, store)
    ours = set(sim.resources()) - set(before)
    later = turned(scene, turns)
    use = {turn.account: turn.use for turn in turns}
    happen(sim, scene, later)
    lost = leaving(later, had)
    used = {account for account in lost if build_on(sim, scene, account, use[account.number])}
    foreign = {id: body for id, body in sim.resources().items() if id not in ours}
    story = Story(later, foreign, had, used)
    for gap in (0, *gaps):
        sim.clock.advance(gap)
        why = story.foretold(sim.clock.seconds())
        says_and_does(sim, later, store, why, seed)
        after = sim.resources()
        untouched(foreign, after)
        assert facts(foreign, after) == described(later, story.had, foreign, principal_of(sim))
    if set(why.values()) <= {"prune-report", "in-use", "too-many"}:
        story.foretold(sim.clock.seconds())
        run(sim, later, store)  # a path that became free is taken now
        nothing_to_do(sim, later, store)


def says_and_does(sim: Simulator, scene: Scene, store: Kept, why: Mapping[str, str], seed: int) -> None:
    """A dry run says what the run then does and holds; `why` are the APIs that are to go, with what holds them."""
    world, kept = sim.resources(), dict(store.documents)
    sim.requests.clear()
    planned = document(run(sim, scene, store, dry_run=True))
    shuffled = run_shuffled(product(sim, scene), store, seed, dry_run=True)
    assert document(shuffled) == planned
    assert writes(sim) == []
    assert sim.resources() == world
    assert store.documents == kept
    sim.requests.clear()
    report = run(sim, scene, store)
    assert not report.failed, report.outcomes
    as_it_said(planned, sim.requests)
    assert apis(report) == why


def apis(report: Report) -> dict[str, str]:
    """The APIs that a run was to delete, each with what held it; '' where it went."""
    told = document(report)
    held = {h["id"]: h["reason"] for h in told["held"] if (h["change"], h["kind"]) == ("delete", "api")}
    gone = {c["id"]: "" for c in told["changes"] if (c["change"], c["kind"]) == ("delete", "api")}
    return held | gone


MANY_ACCOUNTS = Scene(
    accounts=tuple(Account(n, name=f"many-{n:02}") for n in range(10)),
    settings=Settings(specification=OWN, prune="delete", confirmations=1),
    identity="on",
)


@settings(STEADY, max_examples=7)
@given(SERVED, TURNS, st.sampled_from(GAPS), st.integers(0, 2**16))
@example(MIXED, (Turn(0, "deleted"), Turn(1, "grown"), Turn(2, "untagged")), (60, 600), 1)
@example(MIXED, (Turn(0, "deleted"),), (200_000, 600), 2)
@example(MANY_ACCOUNTS, tuple(Turn(n, "deleted") for n in range(3)), (), 1)
@example(MANY_ACCOUNTS, tuple(Turn(n, "deleted") for n in range(4)), (), 1)
def test_only_what_is_ours_and_of_accounts_that_left_goes_and_only_when_it_may(
    scene: Scene, turns: tuple[Turn, ...], gaps: tuple[int, ...], seed: int
) -> None:
    go_only_as_they_may(scene, turns, gaps, seed)


@pytest.mark.exhaustive
@pytest.mark.timeout(1800)
@settings(STEADY, max_examples=500)
@given(SERVED, TURNS, st.sampled_from(GAPS), st.integers(0, 2**16))
def test_the_same_holds_of_many_more_worlds(
    scene: Scene, turns: tuple[Turn, ...], gaps: tuple[int, ...], seed: int
) -> None:
    go_only_as_they_may(scene, turns, gaps, seed)
