"""What wakes a person: the rules, by hand, and that they ask for what the app really logs."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from reconciler import telemetry
from reconciler.model import Held, Outcome, Plan, Reason, Status, Update
from reconciler.report import Failure, Report
from reconciler.runs import Service
from reconciler.store import FolderStore
from reconciler.verdict import GOOD
from tests.builders import EAST_BACKEND, GATEWAY, observed, wish

from .bicep import evaluate, read_file

INFRA = Path(__file__).parents[2] / "infra"
ALERTS = read_file(INFRA / "app/alerts.bicep")
EACH_GATEWAY = [{"name": "gateway", "operator": "Include", "values": ["*"]}]
ENDED = 'AppTraces | where tostring(Properties.event_name) == "reconcile.completed"'
# name: severity, window, how many rows are too many or too few, by what, and which rows
WANTED: dict[str, tuple[int, str, str, int, list[Any], str]] = {
    "no-run": (1, "P1D", "LessThan", 1, [], f"{ENDED} | where TimeGenerated > ago(45m)"),
    "no-success": (
        2,
        "P1D",
        "GreaterThan",
        0,
        EACH_GATEWAY,
        f"{ENDED} | summarize first = min(TimeGenerated), "
        'good = maxif(TimeGenerated, tostring(Properties.outcome) in ("InSync", "Applied")) '
        "by gateway = tostring(Properties.gateway) | where coalesce(good, first) < ago(45m)",
    ),
    "given-up": (
        2,
        "PT15M",
        "GreaterThan",
        0,
        [],
        'AppTraces | where Message contains "failed too often and is given up"',
    ),
    "held": (
        2,
        "PT1H",
        "GreaterThan",
        0,
        EACH_GATEWAY,
        f"{ENDED} | extend gateway = tostring(Properties.gateway), held = tostring(Properties.held_because) "
        '| where held contains "too-many" or held contains "drift-loop"',
    ),
    "forbidden": (
        2,
        "PT1H",
        "GreaterThan",
        0,
        EACH_GATEWAY,
        'AppTraces | where tostring(Properties.event_name) in ("reconcile.completed", "reconcile.change") '
        "| extend gateway = tostring(Properties.gateway) "
        '| where tostring(Properties.error) in ("forbidden", "not-signed-in") '
        'or tostring(Properties.reason) in ("forbidden", "not-signed-in")',
    ),
}


def names(**given: Any) -> dict[str, Any]:
    required = {
        "location": "westeurope",
        "tags": {"azd-env-name": "test"},
        "workspaceId": "/log",
        "actionGroupId": "/night",
    }
    return ALERTS.names(**required, **{"staleAfterMinutes": 45, **given})


def alerts(**given: Any) -> dict[str, dict[str, Any]]:
    """Every rule as it is sent, by the name it has in the file."""
    known = names(**given)
    resource = ALERTS.of("resource")["alerts"]
    assert resource.loop_names == {"rule"}
    return {rule["name"]: evaluate(resource.body, {**known, "rule": rule}) for rule in known["rules"]}


def queries() -> list[str]:
    return [each["properties"]["criteria"]["allOf"][0]["query"] for each in alerts().values()]


def test_the_rules_are_exactly_these() -> None:
    found = {}
    for name, each in alerts().items():
        condition = each["properties"]["criteria"]["allOf"][0]
        found[name] = (
            each["properties"]["severity"],
            each["properties"]["windowSize"],
            condition["operator"],
            condition["threshold"],
            condition["dimensions"],
            condition["query"],
        )
    assert found == WANTED


@pytest.mark.parametrize("name", WANTED)
def test_a_rule_is_asked_every_quarter_of_an_hour_and_tells_the_action_group(name: str) -> None:
    rule = alerts()[name]
    conditions = rule["properties"]["criteria"]["allOf"]
    assert (rule["name"], rule["location"], rule["kind"]) == (f"reconciler-{name}", "westeurope", "LogAlert")
    assert (rule["tags"], rule["properties"]["displayName"]) == ({"azd-env-name": "test"}, f"Reconciler: {name}")
    assert len(conditions) == 1
    assert conditions[0]["timeAggregation"] == "Count"
    assert conditions[0]["failingPeriods"] == {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1}
    assert {key: rule["properties"][key] for key in ("enabled", "scopes", "evaluationFrequency", "actions")} == {
        "enabled": True,
        "scopes": ["/log"],
        "evaluationFrequency": "PT15M",
        "actions": {"actionGroups": ["/night"]},
    }
    assert rule["properties"]["autoMitigate"] is True
    assert rule["properties"]["skipQueryValidation"] is True, "the table of a new workspace is not there yet"


def test_what_a_rule_tells_a_person_to_read_is_there() -> None:
    page = (INFRA.parent / "docs/status.md").read_text("utf-8")
    told = {name: each["properties"]["description"] for name, each in alerts().items()}
    assert {name: text.rpartition(" See ")[2] for name, text in told.items()} == {
        "no-run": "docs/status.md, Stale.",
        "no-success": "docs/status.md, Ready.",
        "given-up": "givenUp in GET /api/status.",
        "held": "docs/status.md, PlanBlockedTooManyDeletes and DriftLoop.",
        "forbidden": "docs/status.md, Forbidden.",
    }
    for word in ("Stale", "Ready", "PlanBlockedTooManyDeletes", "DriftLoop", "Forbidden"):
        assert f"| `{word}` |" in page, word


def test_a_rule_by_gateway_has_a_column_of_that_name() -> None:
    for each in alerts().values():
        condition = each["properties"]["criteria"]["allOf"][0]
        assert bool(condition["dimensions"]) is ("gateway = tostring(Properties.gateway)" in condition["query"])


def test_how_long_is_too_long_is_what_the_app_is_told_as_well() -> None:
    late = alerts(staleAfterMinutes=90)
    for name in ("no-run", "no-success"):
        assert "ago(90m)" in late[name]["properties"]["criteria"]["allOf"][0]["query"]
        assert "90 minutes" in late[name]["properties"]["description"]


# ------------------------------------------------------------------------ what the app logs, for real


def change() -> Update:
    return Update(wish(EAST_BACKEND, "backend"), observed(EAST_BACKEND, "backend"), ())


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """A run that held changes and had one refused, and one that could not even look."""
    failed = Outcome(change(), Status.FAILED, "…", reason="forbidden")
    held = (Held(change(), Reason.TOO_MANY, "…"), Held(change(), Reason.DRIFT_LOOP, "…"))
    one = Report(GATEWAY, plan=Plan((change(),), held), outcomes=(failed,))
    two = Report(GATEWAY, failure=Failure("forbidden", "…"))
    with caplog.at_level(logging.INFO, "reconciler"):
        telemetry.run_ended(one, reason="Forbidden", seconds=1.0, cause="timer", run="r1")
        telemetry.run_ended(two, reason="Forbidden", seconds=1.0, cause="timer", run="r2")
    return [vars(record) for record in caplog.records]


def test_the_fields_that_are_asked_for_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    known = {field for line in lines(caplog) for field in line}
    asked = {field for query in queries() for field in re.findall(r"Properties\.(\w+)", query)}
    assert asked == {"event_name", "outcome", "gateway", "held_because", "error", "reason"}
    assert asked - known == set()


def test_the_words_that_are_asked_for_are_those_that_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    refused, ended, unread = lines(caplog)
    assert (refused["event_name"], refused["reason"]) == ("reconcile.change", "forbidden")
    assert (ended["event_name"], ended["held_because"]) == ("reconcile.completed", "drift-loop=1, too-many=1")
    assert (unread["event_name"], unread["error"]) == ("reconcile.completed", "forbidden")
    assert {line["gateway"] for line in (refused, ended, unread)} == {GATEWAY.text}


def test_a_gateway_is_well_after_exactly_the_endings_after_which_it_is_ready() -> None:
    words = re.search(r"outcome\) in \(([^)]*)\)", WANTED["no-success"][5])
    assert words is not None
    assert set(words[1].replace('"', "").split(", ")) == {"InSync", "Applied"} == {str(each) for each in GOOD}


def test_the_words_of_a_message_that_is_given_up_are_those_that_are_asked_for(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    class Standing:
        """As much of a service as giving up needs."""

        _process = SimpleNamespace(store=FolderStore(tmp_path))

        def tick(self, *, late: bool) -> None:
            """Nobody is woken."""

    Service.given_up(cast("Service", Standing()), "reconciler-work", b"{")
    wanted = re.search(r'contains "([^"]*)"', WANTED["given-up"][5])
    assert wanted is not None
    assert [wanted[1] in record.getMessage() for record in caplog.records] == [True]
