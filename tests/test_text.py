"""What a person reads: whole and plain where the output is no terminal."""

from __future__ import annotations

import io
import shlex

import pytest
from rich.console import Console

from reconciler.model import Create, Delete, Difference, Held, Outcome, Plan, Reason, Status, Update
from reconciler.report import AccountLine, Failure, Report
from reconciler.text import console, curl, show
from reconciler.world import ModelDeployment, State
from tests.builders import EAST, EAST_API, GATEWAY, S1, WEST, account, config, mark, observed, wish, world

POLICY = EAST_API.child("policies", "policy")
CREATE = Create(
    wish(EAST_API, "api", {}, EAST),
    (wish(EAST_API.child("operations", "a"), "operation"), wish(EAST_API.child("operations", "b"), "operation")),
)
UPDATE = Update(
    wish(POLICY, "api-policy", {}, EAST),
    observed(POLICY, "api-policy"),
    (Difference("properties.value/inbound/set-header[1]/@name", "[bold]red :smile:[/bold]", ["a", None]),),
)
HELD = Held(
    Delete(observed(GATEWAY.child("backends", "old"), "backend", mark=mark(WEST)), "gone"),
    Reason.PRUNE_REPORT,
    "not deleted",
)


def printed(*reports: Report) -> str:
    stream = io.StringIO()
    show(reports, console(stream))
    return stream.getvalue()


def test_a_plan_is_plain_text() -> None:
    plan = Plan((CREATE, UPDATE), (HELD,), 3)
    assert printed(Report(GATEWAY, world(account()), plan)).splitlines() == [
        f"Gateway contoso-gw  resource group rg-gateway, subscription {S1}",
        "  Accounts",
        "  account       state      reason  detail",
        "  contoso-east  onboarded  ready   model deployments: gpt-4o",
        "  Changes",
        "  change  kind        name                        account       why",
        "  create  api         contoso-east-831a41         contoso-east  missing; imported with 2 operations",
        "  update  api-policy  contoso-east-831a41/policy  contoso-east  "
        'properties.value/inbound/set-header[1]/@name: [bold]red :smile:[/bold] -> ["a", null]',
        "  Held back",
        "  change  kind     name  account       held because",
        "  delete  backend  old   contoso-west  prune-report: not deleted",
        f"  plan: 1 to create, 1 to update, 0 to delete; 1 held; 3 unchanged; digest {plan.digest[:12]}",
    ]


def test_outcomes_take_the_place_of_changes_and_calls_follow() -> None:
    outcomes = (
        Outcome(CREATE, Status.APPLIED, "with 2 operations", 12.345),
        Outcome(UPDATE, Status.APPLIED, "", 0.04),
    )
    text = printed(Report(GATEWAY, world(account()), Plan((CREATE, UPDATE)), outcomes)).splitlines()
    assert text[4:] == [
        "  Changes",
        "  outcome  change  kind        name                        account       seconds  detail",
        "  applied  create  api         contoso-east-831a41         contoso-east  12.3     with 2 operations",
        "  applied  update  api-policy  contoso-east-831a41/policy  contoso-east  0.0      "
        'properties.value/inbound/set-header[1]/@name: [bold]red :smile:[/bold] -> ["a", null]',
        "  converged: 2 applied; 0 held; 0 unchanged",
        "",
        "  contoso-east  https://contoso-gw.azure-api.net/contoso-east/openai",
        "    model deployments: gpt-4o; api-version: 2024-10-21",
        "    curl -sS 'https://contoso-gw.azure-api.net/contoso-east/openai/deployments/gpt-4o/chat/completions"
        "?api-version=2024-10-21' \\",
        '      -H "api-key: $APIM_SUBSCRIPTION_KEY" \\',
        "      -H 'Content-Type: application/json' "
        """-d '{"messages": [{"role": "user", "content": "Hello"}]}'""",
    ]


def test_a_gateway_that_could_not_be_read_and_the_next_one() -> None:
    failed = Report(GATEWAY, failure=Failure("forbidden", "a role is missing"))
    text = printed(failed, failed).splitlines()
    assert text == [
        f"Gateway contoso-gw  resource group rg-gateway, subscription {S1}",
        "  error: a role is missing (forbidden)",
        "",
        f"Gateway contoso-gw  resource group rg-gateway, subscription {S1}",
        "  error: a role is missing (forbidden)",
    ]


LONG = "n" * 300


def everything_long() -> Report:
    id = GATEWAY.child("backends", LONG)
    change = Update(
        wish(id, "backend", {}, EAST), observed(id, "backend"), (Difference("properties.url", LONG, "https://a"),)
    )
    held = Held(Create(wish(GATEWAY.child("apis", LONG + "2"), "api", {}, EAST)), Reason.FOREIGN, LONG + "3")
    return Report(GATEWAY, world(account(WEST, State.WAITING, detail=LONG + "4")), Plan((change,), (held,)))


def test_where_the_output_is_no_terminal_nothing_is_cut_folded_padded_or_coloured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = printed(everything_long())
    lines = text.splitlines()
    assert len(lines) == 11
    for whole in (
        f"{LONG}  ",
        f"{LONG}2  ",
        f"foreign: {LONG}3",
        f"{LONG}4",
        f"properties.url: {LONG} -> https://a",
    ):
        assert any(whole in line for line in lines)
    assert "…" not in text
    assert "\x1b" not in text
    assert [line for line in lines if line != line.rstrip() or len(line) > 1500] == []


def test_on_a_terminal_long_values_are_shortened_and_names_are_not() -> None:
    stream = io.StringIO()
    show([everything_long()], Console(file=stream, force_terminal=True, width=2000, color_system=None))
    assert f"properties.url: {LONG[:60]}… -> https://a" in stream.getvalue()
    assert f"{LONG}2 " in stream.getvalue()


def test_an_account_that_is_not_onboarded_gets_no_call() -> None:
    bound = world(account(state=State.WAITING), bindings={EAST: EAST_API})
    assert "curl" not in printed(Report(GATEWAY, bound, Plan(), ()))


def test_a_plan_shows_no_calls() -> None:
    assert "curl" not in printed(Report(GATEWAY, world(account()), Plan()))


URL = "'https://gw.example/east/openai/deployments/d"
KEY = '-H "api-key: $APIM_SUBSCRIPTION_KEY"'
JSON = "-H 'Content-Type: application/json'"
CALLS = {
    "gpt-4o": ("chat/completions", f"""{JSON} -d '{{"messages": [{{"role": "user", "content": "Hello"}}]}}'"""),
    "text-embedding-3-small": ("embeddings", f"""{JSON} -d '{{"input": "Hello"}}'"""),
    "dall-e-3": ("images/generations", f"""{JSON} -d '{{"prompt": "A lighthouse"}}'"""),
    "whisper": ("audio/transcriptions", "-F file=@speech.wav"),
    "Whisper": ("audio/transcriptions", "-F file=@speech.wav"),
}


@pytest.mark.parametrize("model", CALLS)
def test_the_call_to_try(model: str) -> None:
    deployment = ModelDeployment("d", model, "1", "Standard", 1, ready=True)
    line = AccountLine(
        account(deployments=(deployment,)),
        State.ONBOARDED,
        "ready",
        "",
        "https://gw.example/east/openai",
        "2024-10-21",
    )
    operation, request = CALLS[model]
    assert curl(line, "d").splitlines() == [
        f"    curl -sS {URL}/{operation}?api-version=2024-10-21' \\",
        f"      {KEY} \\",
        f"      {request}",
    ]


def test_the_call_is_one_command_for_a_shell() -> None:
    line = AccountLine(account(), State.ONBOARDED, "ready", "", "https://gw.example/east/openai", "2024-10-21")
    assert shlex.split(curl(line, "gpt-4o").replace("\\\n", "")) == [
        "curl",
        "-sS",
        "https://gw.example/east/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
        "-H",
        "api-key: $APIM_SUBSCRIPTION_KEY",
        "-H",
        "Content-Type: application/json",
        "-d",
        '{"messages": [{"role": "user", "content": "Hello"}]}',
    ]


def test_the_call_sends_no_key_where_none_is_required() -> None:
    open_to_all = world(account(), configured=config(api={"subscriptionRequired": False}))
    assert "APIM_SUBSCRIPTION_KEY" not in printed(Report(GATEWAY, open_to_all, Plan(), ()))
    assert "curl -sS" in printed(Report(GATEWAY, open_to_all, Plan(), ()))


def test_a_secret_is_not_shown() -> None:
    leaky = Update(
        wish(POLICY, "backend", {}, EAST),
        observed(POLICY, "backend"),
        (Difference("properties.credentials.header.x", "hunter1", "hunter2"),),
    )
    text = printed(Report(GATEWAY, world(account()), Plan((leaky,))))
    assert "properties.credentials.header.x: (secret) -> (secret)" in text
    assert "hunter" not in text


def test_a_new_role_comes_with_a_note() -> None:
    role = Create(
        wish(EAST.extension("Microsoft.Authorization", "roleAssignments", "1"), "role-assignment", {}, EAST)
    )
    gone = Delete(observed(GATEWAY.child("backends", "old"), "backend", mark=mark(WEST)), "the account is gone")
    outcomes = (Outcome(role, Status.APPLIED), Outcome(gone, Status.FAILED))
    text = printed(Report(GATEWAY, world(account()), Plan((role, gone)), outcomes)).splitlines()
    assert text[6:] == [
        "  applied  create  role-assignment  1     contoso-east  0.0",
        "  failed   delete  backend          old   contoso-west  0.0      the account is gone",
        "  note: contoso-east: Azure may take up to ten minutes until the new role works; "
        "calls may answer 401 until then",
        "  not converged: 1 applied, 1 failed; 0 held; 0 unchanged",
        "",
        "  contoso-east  https://contoso-gw.azure-api.net/contoso-east/openai",
        "    model deployments: gpt-4o; api-version: 2024-10-21",
        "    curl -sS 'https://contoso-gw.azure-api.net/contoso-east/openai/deployments/gpt-4o/chat/completions"
        "?api-version=2024-10-21' \\",
        '      -H "api-key: $APIM_SUBSCRIPTION_KEY" \\',
        "      -H 'Content-Type: application/json' "
        """-d '{"messages": [{"role": "user", "content": "Hello"}]}'""",
    ]


def test_what_is_to_be_created_alone_is_missing() -> None:
    role = Create(
        wish(EAST.extension("Microsoft.Authorization", "roleAssignments", "1"), "role-assignment", {}, EAST)
    )
    text = printed(Report(GATEWAY, world(account()), Plan((role,)))).splitlines()
    assert text[6] == "  create  role-assignment  1     contoso-east  missing"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_from_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(variable, raising=False)
    assert console(Terminal()).is_terminal
    assert not console(io.StringIO()).is_terminal
