"""Two that want one name or one path, one that is on two gateways, and names as long as Azure lets them be."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.report import document
from simulator import Simulator
from tests.local import CONFIG, EAST, GATEWAY, S1, app, apply, config, plan, properties, writes

JSON = dict[str, Any]
GPT: JSON = {
    "sku": {"name": "Standard", "capacity": 1},
    "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}},
}
TWIN = EAST.replace("rg-ai-east", "rg-ai-twin")
SECOND = f"{S1}/resourceGroups/rg-gateway/providers/Microsoft.ApiManagement/service/second-gateway"


def account(sim: Simulator, id: str, subdomain: str) -> None:
    body = {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}, "tags": {"ai-gateway": "enabled"}}
    sim.put(id, {**body, "properties": {"customSubDomainName": subdomain}})
    sim.put(f"{id}/deployments/gpt-4o", GPT)


def apis(sim: Simulator, gateway: str = GATEWAY) -> dict[str, str]:
    """Of the reconciler's APIs, name and path."""
    prefix = f"{gateway}/apis/"
    return {
        id.removeprefix(prefix): body["properties"]["path"]
        for id, body in sim.resources().items()
        if id.startswith(prefix)
        and "/" not in id.removeprefix(prefix)
        and "managed-by=" in str(body["properties"]["description"])
    }


def held(report: Any) -> dict[str, tuple[str, str]]:
    return {
        h["id"].rsplit("/", 1)[-1]: (h["reason"], h["detail"])
        for h in document(report)["held"]
        if h["kind"] == "api"
    }


def test_two_accounts_of_one_name_want_one_path_and_the_second_is_told_how_to_get_its_own() -> None:
    sim = Simulator()
    account(sim, TWIN, "contoso-east-twin")
    report = apply(sim)
    ((name, (reason, detail)),) = held(report).items()
    assert reason == "path-taken"
    assert detail == (
        f"the path 'contoso-east/openai' is also that of {next(iter(apis(sim)))}; "
        "put {resourceGroup} into the profile's api.path"
    )
    assert list(apis(sim).values()) == ["contoso-east/openai"]
    assert name not in apis(sim)
    apart = CONFIG.replace("api: {", 'api: {path: "{resourceGroup}/{account}/openai", ')
    assert apply(sim, config(apart)).converged
    assert sorted(apis(sim).values()) == ["rg-ai-east/contoso-east/openai", "rg-ai-twin/contoso-east/openai"]
    assert len({name.rsplit("-", 1)[0] for name in apis(sim)}) == 1, "one stem, told apart by six characters"


def test_a_name_of_64_characters_fits_everywhere() -> None:
    sim = Simulator()
    long = f"{S1}/resourceGroups/rg-ai-long/providers/Microsoft.CognitiveServices/accounts/{'a' * 64}"
    account(sim, long, "long-one")
    assert apply(sim).converged
    (name,) = (name for name in apis(sim) if name.startswith("aaaa"))
    assert len(name) == 71
    backends = [id.rsplit("/", 1)[-1] for id in sim.resources() if "/backends/aaaa" in id]
    assert [len(each) for each in backends] == [80]
    assert plan(sim, deep=True).converged


def test_a_product_by_the_name_that_people_see_is_told_by_its_own() -> None:
    sim = Simulator()
    report = apply(sim, config(CONFIG.replace("[ai-platform]", '["AI Platform"]')))
    assert document(report)["error"] == {
        "reason": "product-not-found",
        "detail": "the gateway contoso-gateway has no product 'AI Platform'; that is what people see of the "
        "product 'ai-platform': write its name in api.products",
    }
    assert writes(sim) == []


def two_gateways(sim: Simulator) -> Any:
    there = sim.resources()[GATEWAY]
    sim.put(SECOND, {name: there[name] for name in ("location", "sku", "properties")})
    sim.put(f"{SECOND}/products/ai-platform", {"properties": {"displayName": "AI"}})
    head, _, rules = CONFIG.partition("    accounts:\n")
    allowed, _, profiles = rules.partition("profiles:\n")
    second = f"  - id: {SECOND}\n    accounts:\n{allowed}"
    return config(f"{head}    accounts:\n{allowed}{second}profiles:\n{profiles}")


def test_an_account_on_two_gateways_lets_both_in_and_leaving_one_touches_nothing_of_the_other() -> None:
    sim = Simulator()
    built = app(sim, two_gateways(sim))
    for gateway in built.config.gateways:
        assert built.run(gateway, dry_run=False).converged
    assert len(apis(sim)) == len(apis(sim, SECOND)) == 1
    principals = {sim.resources()[id]["identity"]["principalId"] for id in (GATEWAY, SECOND)}
    ours = {
        body["properties"]["principalId"]
        for id, body in sim.resources().items()
        if f"{EAST}/providers/Microsoft.Authorization" in id
        and "managed-by=" in str(body["properties"]["description"])
    }
    assert ours == principals
    assert all(built.run(gateway, dry_run=True, deep=True).converged for gateway in built.config.gateways)


@pytest.mark.parametrize("state", ["Activating", "Created"])
def test_a_gateway_that_is_not_there_yet_is_said_and_left_alone(state: str) -> None:
    sim = Simulator()
    there = sim.resources()[GATEWAY]
    body = {name: there[name] for name in ("location", "sku", "properties")}
    sim.put(GATEWAY, {**body, "properties": {**body["properties"], "provisioningState": state}})
    sim.requests.clear()
    report = apply(sim)
    assert document(report)["error"] == {
        "reason": "gateway-not-ready",
        "detail": f"the gateway contoso-gateway is {state}, and nothing in it can be changed; try again later",
    }
    assert writes(sim) == []


def test_a_product_that_goes_between_plan_and_apply_costs_its_link_and_nothing_else() -> None:
    sim = Simulator()
    product = f"{GATEWAY}/products/ai-platform"

    def removed(event: JSON) -> None:
        if "/backends/" in str(event) and product in sim.resources():
            sim.delete(product)

    sim.listen(removed)
    answer = document(apply(sim))
    assert {o["kind"]: o["status"] for o in answer["outcomes"]} == {
        "service": "applied",
        "role-assignment": "applied",
        "backend": "applied",
        "api": "applied",
        "api-policy": "applied",
        "product-api": "failed",
    }
    assert properties(sim, f"{GATEWAY}/apis/contoso-east-831a41")["path"] == "contoso-east/openai"
