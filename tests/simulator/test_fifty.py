"""The built-in world `fifty` is as its file promises."""

import json
import subprocess
import sys
import time
from collections import Counter

from simulator import Simulator
from tests.simulator.asking import JSON, Azure
from tests.simulator.running import ROOT

PROD, TEST, LAB = (f"/subscriptions/00000000-0000-0000-0000-00000000f00{number}" for number in (1, 2, 3))
ACCOUNTS = "/providers/Microsoft.CognitiveServices/accounts"


def accounts(found: dict[str, JSON]) -> list[JSON]:
    return [each for each in found.values() if each["type"] == "Microsoft.CognitiveServices/accounts"]


def deployments(found: dict[str, JSON]) -> list[JSON]:
    return [each for each in found.values() if each["type"] == "Microsoft.CognitiveServices/accounts/deployments"]


def test_it_has_fifty_accounts_of_all_kinds_in_three_subscriptions() -> None:
    found = accounts(Simulator("fifty").resources())
    assert len(found) == 50
    assert Counter(each["id"].split("/")[2][-4:] for each in found) == {"f001": 29, "f002": 13, "f003": 8}
    kinds = Counter(each["kind"] for each in found)
    assert (kinds["OpenAI"], kinds["AIServices"]) == (33, 10)
    assert set(kinds) - {"OpenAI", "AIServices"} == {
        "FormRecognizer", "SpeechServices", "ComputerVision", "TextAnalytics", "TextTranslation",
    }  # fmt: skip
    assert len({each["location"] for each in found}) == 16


def test_it_has_what_makes_selection_hard() -> None:
    simulator = Simulator("fifty")
    resources = simulator.resources()
    found = accounts(resources)
    names = Counter(each["name"] for each in found)
    assert names["assistants"] == 4
    assert sorted(len(name) for name in names)[-3:] == [22, 64, 64]
    tags = Counter((each.get("tags") or {}).get("ai-gateway") for each in found)
    assert tags == {"enabled": 30, None: 11, "load-test": 4, "team-sales": 2, "team-legal": 2, "disabled": 1}
    states = Counter(each["properties"]["provisioningState"] for each in found)
    assert states == {"Succeeded": 47, "Failed": 1, "Moving": 1, "Deleting": 1}
    served = {each["id"].partition("/deployments/")[0] for each in deployments(resources)}
    assert (
        len([each for each in found if each["kind"] in {"OpenAI", "AIServices"} and each["id"] not in served]) == 7
    )
    assert len([each for each in found if each["properties"].get("disableLocalAuth")]) == 8
    assert len([each for each in found if each["properties"]["publicNetworkAccess"] == "Disabled"]) == 3
    assert len([each for each in found if "customSubDomainName" not in each["properties"]]) == 3
    assert len([each for each in found if "identity" in each]) == 2


def test_its_deployments_are_in_all_states_and_of_many_sizes() -> None:
    found = deployments(Simulator("fifty").resources())
    states = Counter(each["properties"]["provisioningState"] for each in found)
    assert states == {
        "Succeeded": 42, "Failed": 1, "Disabled": 1, "Creating": 1, "Moving": 1, "Canceled": 1, "Accepted": 1,
    }  # fmt: skip
    assert {each["sku"]["name"] for each in found} == {
        "Standard", "GlobalStandard", "DataZoneStandard", "ProvisionedManaged", "GlobalBatch",
    }  # fmt: skip
    assert {each["properties"]["model"]["format"] for each in found} == {"OpenAI", "Microsoft", "DeepSeek", "Meta"}


def test_one_deployment_is_paused_as_newer_versions_show() -> None:
    simulator = Simulator("fifty")
    paused = [id for id in simulator.resources() if id.endswith("/contoso-uk/deployments/gpt-4")]
    assert len(paused) == 1
    found = Azure(simulator).get(paused[0], version="2025-12-01").body["properties"]
    assert (found["provisioningState"], found["deploymentState"]) == ("Succeeded", "Paused")


def test_each_environment_has_its_gateway_with_foreign_things_on_it() -> None:
    found = Simulator("fifty").resources()
    for gateway, subscription, group, tier in (
        ("contoso-prod", PROD, "rg-gateway", "Premium"),
        ("contoso-test", TEST, "rg-gateway-test", "Developer"),
    ):
        service = f"{subscription}/resourceGroups/{group}/providers/Microsoft.ApiManagement/service/{gateway}"
        assert found[service]["sku"]["name"] == tier
        assert found[service]["identity"]["type"] == "UserAssigned"
        inside = {id.removeprefix(service + "/") for id in found if id.startswith(service + "/")}
        assert {"apis/orders-api/operations/place-order/policies/policy", "namedValues/orders-key"} <= inside
        assert {"products/orders/apis/orders-api", "apis/orders-api/tags/orders"} <= inside
        assert (
            'fragment-id="served-by"' in found[f"{service}/apis/orders-api/policies/policy"]["properties"]["value"]
        )


def test_a_subscription_is_listed_in_pages() -> None:
    client = Azure(Simulator("fifty", page_size=10))
    pages = [client.get(f"{PROD}{ACCOUNTS}").body]
    while "nextLink" in pages[-1]:
        pages.append(client.get(pages[-1]["nextLink"].replace(":443", "")).body)
    assert [len(page["value"]) for page in pages] == [10, 10, 9]


def test_it_is_there_in_no_time() -> None:
    began = time.process_time()
    Simulator("fifty")
    assert time.process_time() - began < 1


def test_it_can_be_printed_as_a_file_to_start_from(tmp_path_factory: object) -> None:
    del tmp_path_factory
    done = subprocess.run(
        [sys.executable, "-m", "simulator.worlds.fifty"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert Simulator(json.loads(done.stdout)).resources() == Simulator("fifty").resources()
