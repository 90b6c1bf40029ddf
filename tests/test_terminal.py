"""What a person is asked before a plan is applied, and sees while it is."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from threading import Event, Thread, Timer, current_thread
from typing import Any

import pytest
from rich.console import Console

from reconciler.errors import ConfigError
from reconciler.model import Change, Create, Delete, Outcome, Plan, Status, Update
from reconciler.terminal import TerminalProgress, consent
from reconciler.text import console
from reconciler.world import World
from tests.builders import EAST, EAST_API, GATEWAY, WEST, account, mark, observed, wish, world

POLICY = EAST_API.child("policies", "policy")
CREATE = Create(wish(EAST_API, "api", {"properties": {"path": "x"}}, EAST))
UPDATE = Update(wish(POLICY, "api-policy", {}, EAST), observed(POLICY, "api-policy"), ())
DELETE = Delete(observed(GATEWAY.child("backends", "old"), "backend", mark=mark(WEST)), "gone")
PLAN = Plan((CREATE, UPDATE, DELETE))
WORLD = world(account())


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], io.StringIO]:
    """A keyboard at which a person types that."""

    def typing(text: str) -> io.StringIO:
        keyboard = io.StringIO(text)
        monkeypatch.setattr(sys, "stdin", keyboard)
        return keyboard

    return typing


def ask(plan: Plan = PLAN, *, yes: bool = False, digest: str | None = None) -> tuple[bool, str]:
    """Whether the plan may be applied, and what was said."""
    stream = io.StringIO()
    agreed = consent(yes=yes, digest=digest, to=console(stream))(WORLD, plan)
    return agreed, stream.getvalue()


# ------------------------------------------------------------------------------------ consent


@pytest.mark.parametrize("answer", ["y\n", "yes\n", "Y\n", "YES\n", "  yes  \n", "y"])
def test_a_person_says_yes(answer: str, typed: Callable[[str], io.StringIO]) -> None:
    typed(answer)
    assert ask()[0]


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "no\n", "yess\n", "y y\n", "yes, please\n", "j\n", "\ny\n"])
def test_anything_else_is_no(answer: str, typed: Callable[[str], io.StringIO]) -> None:
    typed(answer)
    assert not ask()[0]


def test_a_person_sees_the_whole_plan_before_the_question(typed: Callable[[str], io.StringIO]) -> None:
    typed("n\n")
    _, said = ask()
    *plan, question = said.splitlines()
    assert question == "Apply these 3 changes to contoso-gw? [y/N] "
    assert said.endswith("[y/N] "), "the answer is typed on the same line"
    assert plan[0].startswith("Gateway contoso-gw  ")
    assert plan[-1].startswith("  plan: 1 to create, 1 to update, 1 to delete; 0 held; 0 unchanged; digest ")
    for name in ("contoso-east-831a41", "contoso-east-831a41/policy", "old"):
        assert any(f" {name} " in line for line in plan)


SETTLED: dict[str, tuple[Plan, bool, str | None]] = {
    "--yes": (PLAN, True, None),
    "the digest that was approved": (PLAN, False, PLAN.digest),
    "its first characters": (PLAN, False, PLAN.digest[:12]),
    "the digest, and --yes besides": (PLAN, True, PLAN.digest),
    "a plan of nothing": (Plan(), False, None),
    "a plan of nothing, approved": (Plan(), False, Plan().digest[:12]),
}


@pytest.mark.parametrize(("plan", "yes", "digest"), SETTLED.values(), ids=SETTLED)
def test_nobody_is_asked_with(
    plan: Plan, digest: str | None, typed: Callable[[str], io.StringIO], *, yes: bool
) -> None:
    keyboard = typed("n\n")
    assert ask(plan, yes=yes, digest=digest) == (True, "")
    assert keyboard.tell() == 0, "somebody was asked"


OTHER = "0123456789ab" + "0" * 52


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize("plan", [PLAN, Plan()], ids=["a plan", "a plan of nothing"])
def test_another_digest_stops_it_whatever_else_is_said(
    plan: Plan, typed: Callable[[str], io.StringIO], *, yes: bool
) -> None:
    keyboard = typed("y\n")
    with pytest.raises(ConfigError) as refused:
        ask(plan, yes=yes, digest=OTHER)
    assert str(refused.value) == (
        f"the plan for contoso-gw is now {plan.digest[:12]}, not 0123456789ab: "
        "the world has changed since; run plan again and approve what it shows"
    )
    assert keyboard.tell() == 0, "somebody was asked"


def test_the_end_of_a_digest_is_no_digest() -> None:
    with pytest.raises(ConfigError):
        ask(digest=PLAN.digest[1:])


# ------------------------------------------------------------------------------------ progress


def agreeing(_world: World, _plan: Plan) -> bool:
    return True


def shown(to: Console, *outcomes: Outcome) -> TerminalProgress:
    progress = TerminalProgress(to, agreeing)
    assert progress.planned(WORLD, PLAN)
    for outcome in outcomes:
        progress.began(outcome.change)
        progress.ended(outcome)
    return progress


def test_where_the_output_is_no_terminal_each_outcome_is_a_line_and_nothing_else() -> None:
    stream = io.StringIO()
    outcomes = (
        Outcome(CREATE, Status.APPLIED, "with 6 operations", 12.34),
        Outcome(UPDATE, Status.FAILED, "PUT x answered 400: [bold]no[/bold] :smile:", 0.04),
        Outcome(DELETE, Status.SKIPPED, "it needs [1/3], which failed"),
    )
    progress = shown(console(stream), *outcomes)
    assert stream.getvalue().splitlines() == [
        "[1/3] applied create api contoso-east-831a41 (12.3 s): with 6 operations",
        "[2/3] failed update api-policy contoso-east-831a41/policy (0.0 s): "
        "PUT x answered 400: [bold]no[/bold] :smile:",
        "[3/3] skipped delete backend old (0.0 s): it needs [1/3], which failed",
    ]
    assert (progress.outcomes, progress.plan, progress.world) == (outcomes, PLAN, WORLD)


def test_a_long_line_is_not_folded() -> None:
    stream = io.StringIO()
    shown(console(stream), Outcome(CREATE, Status.FAILED, "x" * 500))
    assert len(stream.getvalue().splitlines()) == 1


def test_nothing_is_said_of_a_change_that_begins_where_the_output_is_no_terminal() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(console(stream), agreeing)
    progress.planned(WORLD, PLAN)
    progress.began(CREATE)
    assert (stream.getvalue(), progress.outcomes) == ("", ())


DOING: dict[str, tuple[Change, str]] = {
    "create": (CREATE, "creating api contoso-east-831a41"),
    "update": (UPDATE, "updating api-policy contoso-east-831a41/policy"),
    "delete": (DELETE, "deleting backend old"),
}


@pytest.mark.parametrize(("change", "text"), DOING.values(), ids=DOING)
def test_on_a_terminal_what_is_being_done_is_seen_until_it_is_done(change: Change, text: str) -> None:
    stream = io.StringIO()
    terminal = Console(file=stream, force_terminal=True, width=200, color_system=None, markup=False)
    progress = TerminalProgress(terminal, agreeing)
    progress.planned(WORLD, PLAN)
    progress.began(change)
    assert terminal._live_stack, "a spinner turns"  # noqa: SLF001 - rich says it nowhere else
    progress.ended(Outcome(change, Status.APPLIED))
    assert not terminal._live_stack  # noqa: SLF001
    assert f"[1/3] {text}" in stream.getvalue()
    assert "[1/3] applied " in stream.getvalue()


@pytest.mark.parametrize("answer", [True, False])
def test_the_plan_is_applied_where_somebody_agrees(*, answer: bool) -> None:
    seen: list[tuple[World, Plan]] = []

    def agree(world: World, plan: Plan) -> bool:
        seen.append((world, plan))
        return answer

    progress = TerminalProgress(console(io.StringIO()), agree)
    assert progress.planned(WORLD, PLAN) is answer
    assert seen == [(WORLD, PLAN)]
    assert (progress.world, progress.plan) == (WORLD, PLAN)


def test_on_a_terminal_a_gateway_is_seen_to_be_read_until_there_is_a_plan() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=200, color_system=None, markup=False)
    progress = TerminalProgress(terminal, agreeing)
    with progress.reading("contoso-gw"):
        assert terminal._live_stack  # noqa: SLF001 - rich says it nowhere else
        progress.planned(WORLD, PLAN)
        assert not terminal._live_stack  # noqa: SLF001 - a person can be asked
        progress.began(CREATE)
    assert not terminal._live_stack, "nothing turns when the run is over"  # noqa: SLF001


def interrupted(progress: TerminalProgress, *begun: Change) -> None:
    """A run that makes the first change, begins what follows, and is interrupted."""
    with progress.reading("contoso-gw"):
        progress.planned(WORLD, PLAN)
        progress.began(CREATE)
        progress.ended(Outcome(CREATE, Status.APPLIED))
        for change in begun:
            progress.began(change)
        raise KeyboardInterrupt


def test_an_interrupt_says_what_was_under_way_and_claims_no_outcome() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(console(stream), agreeing)
    with pytest.raises(KeyboardInterrupt):
        interrupted(progress, UPDATE)
    assert stream.getvalue().splitlines()[1:] == [
        "interrupted while updating api-policy contoso-east-831a41/policy: the next run looks at what came of it"
    ]
    assert [outcome.change for outcome in progress.outcomes] == [CREATE]


def test_an_interrupt_between_two_changes_has_nothing_under_way() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(console(stream), agreeing)
    with pytest.raises(KeyboardInterrupt):
        interrupted(progress)
    assert "interrupted" not in stream.getvalue()


def test_what_ends_after_an_interrupt_is_neither_shown_nor_counted() -> None:
    stream = io.StringIO()
    terminal = Console(file=stream, force_terminal=True, width=200, color_system=None, markup=False)
    progress = TerminalProgress(terminal, agreeing)
    with pytest.raises(KeyboardInterrupt):
        interrupted(progress, UPDATE)
    said = stream.getvalue()
    progress.ended(Outcome(UPDATE, Status.APPLIED))
    progress.began(DELETE)
    assert not terminal._live_stack  # noqa: SLF001 - rich says it nowhere else
    assert stream.getvalue() == said
    assert [outcome.change for outcome in progress.outcomes] == [CREATE]


def test_an_interrupt_while_a_thread_tells_an_outcome_leaves_nothing_turning() -> None:
    telling, go_on = Event(), Event()

    class Slow(Console):
        def print(self, *objects: Any, **options: Any) -> None:
            if current_thread() is writer:
                telling.set()
                assert go_on.wait(10)
            super().print(*objects, **options)

    terminal = Slow(file=io.StringIO(), force_terminal=True, width=200, color_system=None, markup=False)
    progress = TerminalProgress(terminal, agreeing)
    writer = Thread(target=progress.ended, args=[Outcome(CREATE, Status.APPLIED)])

    def run() -> None:
        with progress.reading("contoso-gw"):
            progress.planned(WORLD, PLAN)
            progress.began(CREATE)
            progress.began(DELETE)
            writer.start()
            assert telling.wait(10)
            Timer(0.2, go_on.set).start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    writer.join(10)
    assert not writer.is_alive()
    assert not terminal._live_stack, "nothing turns when the run is over"  # noqa: SLF001
