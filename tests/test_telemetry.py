"""What operators can count and search, after real runs on the simulator."""

from __future__ import annotations

import json
import logging
import re
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader

from reconciler import telemetry
from reconciler.model import Held, Outcome, Plan, Reason, Status, Update
from reconciler.report import Failure, Report
from reconciler.resource_id import ResourceId
from simulator import Simulator
from tests.builders import EAST_BACKEND, observed, wish
from tests.builders import GATEWAY as BUILT
from tests.local import EAST, EAST_API, GATEWAY, S1, apply, edit

Points = dict[tuple[str, ...], Any]


@pytest.fixture(scope="module")
def reader() -> InMemoryMetricReader:
    """What a process has once; each reading shows what came since the last one."""
    delta: dict[type, AggregationTemporality] = dict.fromkeys((Counter, Histogram), AggregationTemporality.DELTA)
    reader = InMemoryMetricReader(preferred_temporality=delta)
    metrics.set_meter_provider(MeterProvider([reader], shutdown_on_exit=False))
    return reader


@pytest.fixture
def count(reader: InMemoryMetricReader, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads the metrics by name: label values -> number, in the order of the label names."""
    monkeypatch.setattr(telemetry, "_types", set())
    reader.get_metrics_data()

    def read() -> dict[str, Points]:
        data = reader.get_metrics_data()
        found: dict[str, Points] = {}
        for scope in [s for r in data.resource_metrics for s in r.scope_metrics] if data else []:
            assert scope.scope.name == "apim_reconciler"
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    labels = dict(point.attributes or {})
                    number = getattr(point, "value", None) or getattr(point, "sum", 0)
                    found.setdefault(metric.name, {})[tuple(str(labels[n]) for n in sorted(labels))] = number
        return found

    return read


def ran(report: Report, **more: Any) -> None:
    telemetry.run_ended(report, **{"reason": "Applied", "seconds": 2.5, "cause": "timer", "run": "r1", **more})


def without_zeros(points: Points) -> Points:
    return {labels: number for labels, number in points.items() if number}


# ------------------------------------------------------------------------------- metrics


def test_the_numbers_of_an_onboarding(count: Any) -> None:
    began = time.time()
    ran(apply(Simulator()))
    seen = count()
    success = seen.pop("last_success_timestamp_seconds")
    assert began <= success["contoso-gateway",] <= time.time()
    assert without_zeros(seen.pop("drift_items")) == {
        ("create", "api", "contoso-gateway"): 1,
        ("create", "api-policy", "contoso-gateway"): 1,
        ("create", "backend", "contoso-gateway"): 1,
        ("create", "product-api", "contoso-gateway"): 1,
        ("create", "role-assignment", "contoso-gateway"): 1,
        ("update", "service", "contoso-gateway"): 1,
    }
    assert seen == {
        "reconcile_total": {("Applied", "contoso-gateway"): 1},
        "reconcile_duration_seconds": {("contoso-gateway",): 2.5},
        "changes_applied_total": {
            ("create", "api", "contoso-gateway"): 1,
            ("create", "api-policy", "contoso-gateway"): 1,
            ("create", "backend", "contoso-gateway"): 1,
            ("create", "product-api", "contoso-gateway"): 1,
            ("create", "role-assignment", "contoso-gateway"): 1,
            ("update", "service", "contoso-gateway"): 1,
        },
        "discovered_resources": {
            ("onboarded", "contoso-gateway", "account"): 1,
            ("waiting", "contoso-gateway", "account"): 2,
            ("excluded", "contoso-gateway", "account"): 2,
            ("ready", "contoso-gateway", "model-deployment"): 3,
            ("not-ready", "contoso-gateway", "model-deployment"): 0,
        },
    }


def test_what_is_repaired_is_counted_and_what_was_counted_before_is_zero_again(count: Any) -> None:
    sim = Simulator()
    apply(sim)
    edit(sim, EAST_API, displayName="Theirs")
    ran(apply(sim))
    seen = count()
    assert without_zeros(seen["drift_items"]) == {("update", "api", "contoso-gateway"): 1}
    assert seen["drift_items"]["create", "api", "contoso-gateway"] == 0
    assert seen["changes_applied_total"] == {("update", "api", "contoso-gateway"): 1}
    ran(apply(sim), reason="InSync")
    seen = count()
    assert without_zeros(seen["drift_items"]) == {}
    assert "changes_applied_total" not in seen
    assert seen["reconcile_total"] == {("InSync", "contoso-gateway"): 1}


def change() -> Update:
    return Update(wish(EAST_BACKEND, "backend"), observed(EAST_BACKEND, "backend"), ())


def test_what_azure_is_still_at_is_a_change_that_was_sent(count: Any) -> None:
    on = Update(wish(BUILT, "service", {}), observed(BUILT, "service"), ())
    outcomes = tuple(Outcome(on, Status.FAILED, reason=reason) for reason in ("under-way", "gave-up"))
    ran(Report(BUILT, plan=Plan((on, on)), outcomes=outcomes))
    assert count()["changes_applied_total"] == {("update", "service", BUILT.name): 1}


def test_what_failed_and_what_is_held_are_counted_by_their_reasons(count: Any) -> None:
    outcomes = (
        Outcome(change(), Status.FAILED, reason="forbidden"),
        Outcome(change(), Status.FAILED, reason="forbidden"),
        Outcome(change(), Status.SKIPPED, reason="needs"),
        Outcome(change(), Status.APPLIED, sent=False),
    )
    held = (Held(change(), Reason.DRIFT_LOOP, ""), Held(change(), Reason.FOREIGN, ""))
    ran(Report(BUILT, plan=Plan((change(),), held), outcomes=outcomes))
    seen = count()
    assert seen["reconcile_errors_total"] == {("forbidden", "contoso-gw"): 2}
    assert seen["changes_blocked_total"] == {("drift-loop", "contoso-gw"): 1, ("foreign", "contoso-gw"): 1}
    assert without_zeros(seen["drift_items"]) == {("update", "backend", "contoso-gw"): 3}
    assert {"changes_applied_total", "last_success_timestamp_seconds"}.isdisjoint(seen)


def test_a_gateway_that_could_not_be_read_is_an_error(count: Any) -> None:
    ran(Report(BUILT, failure=Failure("throttled", "…")), reason="Throttled")
    assert count() == {
        "reconcile_total": {("Throttled", "contoso-gw"): 1},
        "reconcile_duration_seconds": {("contoso-gw",): 2.5},
        "reconcile_errors_total": {("throttled", "contoso-gw"): 1},
    }


def test_events_wakes_and_leases_are_counted(count: Any) -> None:
    write = "Microsoft.Resources.ResourceWriteSuccess"
    telemetry.event_received(S1, write, mapped=True)
    telemetry.event_received(GATEWAY, "Microsoft.ApiManagement.APIUpdated", mapped=False)
    telemetry.coalesced(99)
    telemetry.lease("conflict")
    telemetry.lease("lost")
    telemetry.lease("lost")
    telemetry.converged_after(42.0)
    assert count() == {
        "events_received_total": {
            ("true", "subscription", write): 1,
            ("false", "apimanagement", "Microsoft.ApiManagement.APIUpdated"): 1,
        },
        "events_coalesced_total": {(): 99},
        "lease_conflicts_total": {(): 1},
        "lease_lost_total": {(): 2},
        "convergence_seconds": {(): 42.0},
    }


@pytest.mark.parametrize(
    ("source", "label"),
    [
        (EAST, "cognitiveservices"),
        (f"{EAST}/providers/Microsoft.Authorization/roleAssignments/1", "authorization"),
        (GATEWAY.upper(), "apimanagement"),
        (f"{S1}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a", "storage"),
        (f"{S1}/resourceGroups/rg/providers/Microsoft.AppConfiguration/configurationStores/a", "appconfiguration"),
        (S1, "subscription"),
        (f"{S1}/providers/Microsoft.Compute/virtualMachines/a", "subscription"),
        ("https://somewhere", "other"),
        ("", "other"),
    ],
)
def test_whose_event_it_is_is_one_of_a_few_words(count: Any, source: str, label: str) -> None:
    telemetry.event_received(source, "Microsoft.A.B", mapped=True)
    assert count()["events_received_total"] == {("true", label, "Microsoft.A.B"): 1}


def test_what_others_send_us_does_not_make_labels_without_end(count: Any) -> None:
    for first, second in product("abcdefghijklmnopqrst", repeat=2):
        telemetry.event_received(f"/somewhere/{first}", f"Microsoft.Made.Up{first}{second}", mapped=False)
        telemetry.event_received("", f"Nobody.{first}{second}", mapped=False)
    labels = count()["events_received_total"]
    assert len(labels) <= 101
    assert labels["false", "other", "other"] >= 700


def test_a_mistake_in_what_is_told_is_logged_once_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        telemetry.event_received(None, "Microsoft.A", mapped=True)  # type: ignore[arg-type]
    (line,) = (r.getMessage() for r in caplog.records if "telemetry." in r.getMessage())
    assert line == "telemetry.event_received failed (AttributeError); this is said once"


def test_the_page_for_operators_has_every_metric_with_its_labels(reader: InMemoryMetricReader) -> None:
    failed = Outcome(change(), Status.FAILED, reason="refused")
    report = apply(Simulator())
    assert report.outcomes is not None
    ran(replace(report, plan=Plan(held=(Held(change(), Reason.FOREIGN, ""),)), outcomes=(*report.outcomes, failed)))
    ran(report)
    telemetry.event_received(S1, "Microsoft.A.B", mapped=True)
    telemetry.coalesced(1)
    telemetry.lease("conflict")
    telemetry.lease("lost")
    telemetry.converged_after(1.0)
    data = reader.get_metrics_data()
    assert data is not None
    (scope,) = data.resource_metrics[0].scope_metrics
    told = {m.name: {n for p in m.data.data_points for n in p.attributes or {}} for m in scope.metrics}
    page = (Path(__file__).parent.parent / "docs" / "telemetry.md").read_text("utf-8")
    table = page.partition("## Metrics")[2].partition("Not measured")[0]
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", table, re.MULTILINE)
    assert {name: set(labels.replace(",", " ").split()) for name, labels in rows} == told


# ------------------------------------------------------------------------------- log lines


def fields(record: logging.LogRecord) -> dict[str, Any]:
    usual = vars(logging.makeLogRecord({}))
    return {k: v for k, v in vars(record).items() if k not in usual and k not in {"message", "asctime"}}


def test_one_line_for_each_change_and_one_for_the_run(caplog: pytest.LogCaptureFixture) -> None:
    sim = Simulator()
    apply(sim)
    edit(sim, EAST_API, displayName="Theirs")
    with caplog.at_level(logging.INFO, "reconciler"):
        ran(apply(sim))
    mended, ended = caplog.records
    assert mended.getMessage() == "contoso-gateway: update api contoso-east-831a41 applied"
    assert fields(mended) | {"seconds": 0} == {
        "event_name": "reconcile.change",
        "run": "r1",
        "gateway": GATEWAY,
        "cause": "timer",
        "kind": "api",
        "id": EAST_API,
        "change": "update",
        "outcome": "applied",
        "reason": "",
        "seconds": 0,
    }
    assert ended.getMessage() == (
        "contoso-gateway: run r1 ended Applied after 2.5 s: 1 applied, 0 failed, 0 skipped, 0 held"
    )
    assert fields(ended) == {
        "event_name": "reconcile.completed",
        "run": "r1",
        "gateway": GATEWAY,
        "cause": "timer",
        "outcome": "Applied",
        "seconds": 2.5,
        "applied": 1,
        "failed": 0,
        "skipped": 0,
        "held": 0,
        "held_because": "",
        "error": "",
    }
    assert {r.levelname for r in caplog.records} == {"INFO"}


def test_what_failed_is_a_warning_with_its_reason_and_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    failed = Outcome(change(), Status.FAILED, "the body was {secret}", reason="refused")
    held = (Held(change(), Reason.DRIFT_LOOP, "secret"),) * 2
    with caplog.at_level(logging.INFO, "reconciler"):
        ran(Report(BUILT, plan=Plan((change(),), held), outcomes=(failed,)), reason="PartialApply")
    line, ended = caplog.records
    assert (line.levelname, ended.levelname) == ("WARNING", "WARNING")
    assert line.getMessage().endswith("openai-endpoint failed (refused)")
    assert fields(ended)["held_because"] == "drift-loop=2"
    assert "secret" not in json.dumps([fields(r) | {"m": r.getMessage()} for r in caplog.records])


def test_nothing_in_a_name_breaks_a_line(caplog: pytest.LogCaptureFixture) -> None:
    hostile = replace(wish(EAST_BACKEND, "backend"), id=ResourceId(f"{EAST_BACKEND}\r\nWARNING forged"))
    update = Update(hostile, observed(hostile.id, "backend"), ())
    outcome = Outcome(update, Status.FAILED, reason="a\nb")
    gateway = ResourceId(f"{BUILT}\nx")
    with caplog.at_level(logging.INFO, "reconciler"):
        ran(Report(gateway, plan=Plan((update,)), outcomes=(outcome,)), cause="by hand\u2028x", run="r\n1")
    for record in caplog.records:
        for text in (record.getMessage(), *map(str, fields(record).values())):
            assert len(text.splitlines()) <= 1
