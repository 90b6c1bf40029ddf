"""What the triggers are answered by: who is woken, what is told, whatever goes wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.app import Process
from reconciler.config_source import choose
from reconciler.errors import ReconcilerError
from reconciler.lease import Lease
from reconciler.runs import EVENTS, Service
from simulator import Simulator
from tests.events.payloads import setting
from tests.local import CONFIG, EAST, GATEWAY, app
from tests.scenes.building import Kept

SECOND = GATEWAY.replace("contoso-gateway", "contoso-second")
TWO = CONFIG.replace(
    "profiles:", f"  - id: {SECOND}\n    accounts: [{{subscription: {EAST.split('/')[2]}}}]\nprofiles:"
)
FIRST_MARKER = "targets/00000000-0000-0000-0000-000000000001.contoso-gateway"
SECOND_MARKER = FIRST_MARKER.replace("contoso-gateway", "contoso-second")


class Quiet:
    """A queue that nobody reads; one that takes nothing for a gateway that is `broken`."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.broken = ""

    def send(self, message: str, delay: float) -> float:
        if self.broken and self.broken in message:
            raise ReconcilerError("the queue did not take a message")
        self.sent.append(message)
        return delay

    def take(self, _key: str) -> Lease | None:
        return None


class Made:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "reconciler.yaml"
        self.file.write_text(TWO, "utf-8")
        built = app(Simulator())
        self.queue, self.store = Quiet(), Kept()
        self.process = Process(
            cloud=built.cloud,
            clients=built.clients,
            store=self.store,
            back_end=self.queue,
            sleep=built.sleep,
            source=choose(str(self.file), built.cloud, lambda: None),  # type: ignore[arg-type, return-value]
            folder=folder,
            stale_after=timedelta(minutes=45),
            app_configuration="https://contoso.azconfig.io",
        )
        self.service = Service(self.process)

    def woken(self) -> dict[str, int]:
        return {name.rsplit(".", 1)[-1]: self.store.documents[name]["requested"] for name in self.targets()}

    def targets(self) -> list[str]:
        return [name for name in sorted(self.store.documents) if name.startswith("targets/")]

    def status(self) -> Any:
        return json.loads(self.service.status().text)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def written(account: str) -> dict[str, Any]:
    return {
        "eventType": "Microsoft.Resources.ResourceWriteSuccess",
        "subject": account,
        "data": {"resourceUri": account, "operationName": "Microsoft.CognitiveServices/accounts/write"},
    }


def test_a_batch_wakes_each_gateway_once(made: Made) -> None:
    made.service.hear([written(EAST), written(EAST), written(f"{EAST}/deployments/x")])
    assert made.woken() == {"contoso-gateway": 1, "contoso-second": 1}
    assert len(made.queue.sent) == 2


def test_a_change_in_our_app_configuration_wakes_everybody_and_in_another_nobody(made: Made) -> None:
    made.service.hear(setting(store="https://fabrikam.azconfig.io"))
    assert made.woken() == {}
    made.service.hear(setting())
    assert made.woken() == {"contoso-gateway": 1, "contoso-second": 1}


def test_a_gateway_that_cannot_be_woken_keeps_no_other_from_it_and_is_told(made: Made) -> None:
    made.queue.broken = "contoso-gateway"
    with pytest.raises(ReconcilerError, match="did not take"):
        made.service.tick(late=False)
    (message,) = made.queue.sent
    assert json.loads(message)["gateway"] == SECOND


def test_a_spent_event_wakes_everybody_and_a_spent_wake_nobody_and_both_are_told_without_content(
    made: Made,
) -> None:
    made.service.given_up("reconciler-work", "a secret")
    assert made.woken() == {}
    made.service.given_up(EVENTS, b"another secret")
    assert made.woken() == {"contoso-gateway": 1, "contoso-second": 1}
    told = made.status()["givenUp"]
    assert [row["queue"] for row in told] == [EVENTS, "reconciler-work"]
    assert "secret" not in json.dumps(told)


def test_the_status_says_that_the_configuration_is_broken_while_the_last_good_one_is_in_force(made: Made) -> None:
    assert (made.status()["error"], len(made.status()["gateways"])) == (None, 2)
    made.file.write_text("owner: [", "utf-8")
    broken = made.status()
    assert "reconciler.yaml" in broken["error"]
    assert [row["gateway"] for row in broken["gateways"]] == [GATEWAY, SECOND]


def test_without_any_configuration_a_request_is_answered_with_503(made: Made) -> None:
    made.file.unlink()
    answer = made.service.reconcile(b"{}", "")
    assert answer.code == 503
    assert "there is no configuration file" in answer.text
    other = Service(replace(made.process, stale_after=timedelta(minutes=1)))
    assert "there is no configuration file" in json.loads(other.status().text)["error"]
