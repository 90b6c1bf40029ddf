"""What `show` prints: everything that is desired, or what is there, whole, and no secret."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import pytest
from markdown_it import MarkdownIt
from ruamel.yaml import YAML

from reconciler import shown
from reconciler.bodies import yaml
from simulator import Simulator
from tests.commanded import Command, command
from tests.local import CONFIG, EAST, EAST_API, GATEWAY, apply, plan

BACKEND = f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint"
POLICY = f"{EAST_API}/policies/policy"
LINK = f"{GATEWAY}/products/ai-platform/apis/contoso-east-831a41"
OPERATIONS = (
    "chatcompletions-create",
    "completions-create",
    "embeddings-create",
    "imagegenerations-create",
    "transcriptions-create",
    "translations-create",
)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    return command(capsys)


def onboarded() -> Simulator:
    sim = Simulator()
    assert apply(sim).converged
    sim.requests.clear()
    return sim


def heads(lines: list[str]) -> list[str]:
    """The line that each resource begins with."""
    return [line.strip() for line in lines if re.match(r"  [a-z-]+ \S+  .*\(.*\)$", line)]


# ------------------------------------------------------------------------------------ what is desired


def test_everything_that_is_desired_is_shown_with_what_the_plan_does_about_it(run: Command) -> None:
    answer = run(Simulator(), "show")
    assert (answer.code, answer.err) == (0, "")
    assert answer.lines[:2] == [
        "Gateway contoso-gateway  resource group rg-gateway, subscription 00000000-0000-0000-0000-000000000001",
        "  desired: 12 resources",
    ]
    with_api = "(create: with the api contoso-east-831a41)"
    assert heads(answer.lines) == [
        "service contoso-gateway  (update: identity.type)",
        "role-assignment known-after-apply  for contoso-east  (create)",
        "backend contoso-east-831a41-openai-endpoint  for contoso-east  (create)",
        "api contoso-east-831a41  for contoso-east  (create)",
        *(f"operation contoso-east-831a41/{name}  for contoso-east  {with_api}" for name in OPERATIONS),
        "api-policy contoso-east-831a41/policy  for contoso-east  (create)",
        "product-api ai-platform/contoso-east-831a41  for contoso-east  (create)",
    ]


def test_a_policy_is_shown_as_a_policy_is_read(run: Command) -> None:
    answer = run(Simulator(), "show", "contoso-east-831a41/policy")
    assert answer.lines[1:] == [
        "  desired: 1 resource",
        "",
        "  api-policy contoso-east-831a41/policy  for contoso-east  (create)",
        f"    # {POLICY}",
        "    properties:",
        "      format: xml",
        "      value: |-",
        "        <policies>",
        "          <inbound>",
        "            <base />",
        '            <set-header name="api-key" exists-action="delete" />',
        '            <set-query-parameter name="subscription-key" exists-action="delete" />',
        '            <set-backend-service backend-id="contoso-east-831a41-openai-endpoint" />',
        '            <authentication-managed-identity resource="https://cognitiveservices.azure.com/" />',
        "          </inbound>",
        "          <backend>",
        "            <base />",
        "          </backend>",
        "          <outbound>",
        "            <base />",
        "          </outbound>",
        "          <on-error>",
        "            <base />",
        "          </on-error>",
        "        </policies>",
    ]


def test_the_document_of_an_api_is_a_sentence_in_text_and_whole_in_json(run: Command) -> None:
    text = run(Simulator(), "show", "contoso-east-831a41").out
    assert "(the OpenAPI document Azure OpenAI 2024-10-21: 6 operations, " in text
    assert "whole with --format json)" in text
    assert '"paths"' not in text
    (gateway,) = run(Simulator(), "show", "contoso-east-831a41", "--format", "json").json["gateways"]
    (api,) = gateway["resources"]
    document = json.loads(api.pop("body")["properties"]["value"])
    assert len(document["paths"]) == 6
    assert api == {
        "kind": "api",
        "id": EAST_API,
        "name": "contoso-east-831a41",
        "account": EAST,
        "ours": True,
        "plan": "create",
        "detail": "",
    }
    assert (gateway["gateway"], gateway["error"], gateway["side"]) == (GATEWAY, None, "desired")


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_what_only_apply_can_learn_is_said_to_be_that(run: Command, form: str) -> None:
    answer = run(Simulator(), "show", "known-after-apply", "--format", form)
    assert answer.code == 0
    assert "(gateway principalId: known after apply)" in answer.out


def test_the_identity_is_shown_beside_the_others_that_stay(run: Command) -> None:
    (gateway,) = run(Simulator(), "show", "contoso-gateway", "--format", "json").json["gateways"]
    identity = gateway["resources"][0]["body"]["identity"]
    assert identity["type"] == "SystemAssigned, UserAssigned"
    assert [id.rsplit("/", 1)[-1] for id in identity["userAssignedIdentities"]] == ["id-gateway-keyvault"]


def test_once_it_is_there_it_is_in_sync_and_nothing_is_written(run: Command) -> None:
    sim = onboarded()
    answer = run(sim, "show")
    assert {head.rpartition("(")[2] for head in heads(answer.lines)} == {"in sync)"}
    assert len(heads(answer.lines)) == 12
    assert {request["method"] for request in sim.requests} == {"GET"}


def test_a_held_one_says_why(run: Command) -> None:
    sim = Simulator()
    sim.put(EAST_API, {"properties": {"displayName": "Theirs", "path": "theirs", "protocols": ["https"]}})
    (head,) = heads(run(sim, "show", "contoso-east-831a41").lines)
    assert head.startswith(
        "api contoso-east-831a41  for contoso-east  (held: update: foreign: contoso-east-831a41 "
    )


# ------------------------------------------------------------------------------------ what is there


def test_what_is_there_is_shown_as_azure_answered_it(run: Command) -> None:
    sim = onboarded()
    sim.put(BACKEND, {**sim.resources()[BACKEND], "properties": {**properties(sim, BACKEND), "title": "By hand"}})
    (gateway,) = run(sim, "show", "--actual", "--format", "json").json["gateways"]
    assert gateway["side"] == "actual"
    there = {resource["id"]: resource for resource in gateway["resources"]}
    assert {id for id in there if "/roleAssignments/" not in id} == {
        GATEWAY,
        BACKEND,
        EAST_API,
        *(f"{EAST_API}/operations/{name}" for name in OPERATIONS),
        POLICY,
        LINK,
    }
    assert len(there) == 12
    assert there[BACKEND]["body"]["properties"]["title"] == "By hand"
    assert (there[BACKEND]["plan"], there[BACKEND]["detail"]) == ("update", "properties.title")
    assert there[BACKEND]["account"] == EAST
    assert there[EAST_API]["body"]["properties"]["path"] == "contoso-east/openai"


def properties(sim: Simulator, id: str) -> dict[str, Any]:
    names = ("title", "description", "url", "protocol", "tls")
    return {name: sim.resources()[id]["properties"][name] for name in names}


def test_nothing_is_there_before_the_first_apply(run: Command) -> None:
    answer = run(Simulator(), "show", "--actual")
    assert answer.code == 0
    assert heads(answer.lines) == ["service contoso-gateway  (update: identity.type)"]


def test_the_line_breaks_of_a_policy_stay_as_they_are(run: Command) -> None:
    sim = onboarded()
    text = "<policies>\n <inbound>\n   <base/></inbound>\n <backend><base/></backend>\n</policies>"
    sim.put(POLICY, {"properties": {"format": "xml", "value": text}})
    written = sim.resources()[POLICY]["properties"]["value"]
    lines = run(sim, "show", "contoso-east-831a41/policy", "--actual").lines
    start = lines.index("      value: |-") + 1
    assert [line[8:] for line in lines[start:]] == [line.expandtabs(4) for line in written.splitlines()]


def test_of_other_peoples_things_only_the_named_one_is_shown(run: Command) -> None:
    sim = onboarded()
    assert "orders-api" not in run(sim, "show", "--actual").out
    (gateway,) = run(sim, "show", f"{GATEWAY}/apis/ORDERS-api", "--actual", "--format", "json").json["gateways"]
    (orders,) = gateway["resources"]
    assert (orders["ours"], orders["plan"], orders["account"]) == (False, "foreign", None)
    assert orders["body"]["properties"]["serviceUrl"] == "https://orders.contoso.example/v1"


def test_what_somebody_added_to_our_api_is_extra(run: Command) -> None:
    sim = onboarded()
    body = {"properties": {"displayName": "Ping", "method": "GET", "urlTemplate": "/ping"}}
    sim.put(f"{EAST_API}/operations/ping", body)
    (head,) = heads(run(sim, "show", "contoso-east-831a41/ping", "--actual").lines)
    assert head == "operation contoso-east-831a41/ping  (extra)"
    assert "contoso-east-831a41/ping" in run(sim, "show", "--actual").out


# ------------------------------------------------------------------------------------ secrets

HUNTED = (
    '<policies><inbound><set-header name="api-key" exists-action="override"><value>hunter2</value></set-header>'
)
SENT = (
    '<set-variable name="apiKey" value="hunter3" /><send-request mode="new" response-variable-name="answer">'
    "<set-url>https://login.contoso.example/token?code=hunter4</set-url><set-method>POST</set-method>"
    "<set-body>client_secret=hunter5</set-body></send-request>"
)


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_secret_on_the_gateway_is_not_shown(run: Command, form: str) -> None:
    sim = onboarded()
    policy = f"{HUNTED}{SENT}</inbound><backend><base /></backend><outbound /><on-error /></policies>"
    sim.put(POLICY, {"properties": {"format": "xml", "value": policy}})
    backend = deepcopy(properties(sim, BACKEND)) | {"credentials": {"header": {"x-api-key": ["hunter2"]}}}
    sim.put(BACKEND, {"properties": backend})
    assert "hunter2" in json.dumps(sim.resources())
    out = run(sim, "show", "--actual", "--format", form).out
    assert "hunter" not in out
    assert out.count("(secret)") == 5
    assert "hunter" not in run(sim, "plan", "--format", form).out


# ------------------------------------------------------------------------------------ names, gateways, forms


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("contoso-east-831a41/polcy", ("contoso-east-831a41/policy",)),
        ("contoso-east", ("contoso-east-831a41",)),
        (f"{EAST_API}x", (EAST_API,)),
        ("nonsense", ("nothing that is desired is called 'nonsense'",)),
    ],
)
def test_a_name_that_is_not_there_is_one_sentence_with_near_names(
    run: Command, wanted: str, words: tuple[str, ...]
) -> None:
    answer = run(Simulator(), "show", wanted)
    assert (answer.code, answer.out) == (1, "")
    assert len(answer.err.splitlines()) == 1
    assert answer.err.startswith("error: nothing that is desired is called '")
    assert all(word in answer.err for word in words)


def test_a_name_is_found_whatever_its_letters_and_by_its_id(run: Command) -> None:
    by_name = run(Simulator(), "show", "CONTOSO-East-831a41/POLICY").out
    assert by_name == run(Simulator(), "show", POLICY.upper()).out
    assert len(heads(by_name.splitlines())) == 1


TWO = CONFIG.replace(
    "profiles:",
    "  - id: " + GATEWAY.replace("contoso-gateway", "not-there") + "\n"
    "    accounts: [{subscription: 00000000-0000-0000-0000-000000000001}]\nprofiles:",
)


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_gateway_that_cannot_be_read_is_told_and_the_others_are_shown(run: Command, form: str) -> None:
    answer = run(Simulator(), "show", "--format", form, config=TWO)
    assert answer.code == 1
    assert "there is no API Management service" in answer.out
    assert "contoso-east-831a41/policy" in answer.out


def test_a_named_resource_is_shown_though_another_gateway_cannot_be_read(run: Command) -> None:
    answer = run(Simulator(), "show", "contoso-east-831a41", config=TWO)
    assert (answer.code, len(heads(answer.lines))) == (1, 1)
    assert "Gateway not-there  " in answer.out
    only = run(Simulator(), "show", "contoso-east-831a41", "--gateway", "contoso-gateway", config=TWO)
    assert (only.code, len(heads(only.lines))) == (0, 1)


def test_what_is_nowhere_names_the_gateways_that_could_not_be_read(run: Command) -> None:
    answer = run(Simulator(), "show", "nonsense", config=TWO)
    assert (answer.code, answer.out) == (1, "")
    assert "not-there could not be read: there is no API Management service" in answer.err


def test_markdown_has_one_block_of_yaml_for_each_resource(run: Command) -> None:
    out = run(Simulator(), "show", "--format", "markdown").out
    blocks = [t for t in MarkdownIt("commonmark").parse(out) if t.type == "fence"]
    assert [block.info for block in blocks] == ["yaml"] * 12
    bodies = [YAML(typ="safe", pure=True).load(block.content) for block in blocks]
    assert bodies[2]["properties"]["url"] == "https://contoso-east.openai.azure.com/openai"
    assert bodies[2]["properties"]["description"].splitlines()[0] == "Azure OpenAI account contoso-east."


BODIES: list[dict[str, Any]] = [
    {
        "a": "x\x1b[31m\ny",
        "b": "tail  \nend\n",
        "c": "yes: no",
        "d": "\u2028",
        "e": "😀\nz",
        "f": [None, True, "1"],
    },
    {"l" * 300: {}, "- ": "#", "g": "", "h": "|", "i": " a\n  b"},
]


@pytest.mark.parametrize("body", BODIES)
def test_a_body_is_written_as_yaml_that_says_the_same(body: dict[str, Any]) -> None:
    written = yaml(body)
    assert YAML(typ="safe", pure=True).load(written) == body
    assert "\x1b" not in written


def test_a_long_text_is_cut_and_says_so() -> None:
    assert yaml({"a": "x" * 2001}) == f"a: {'x' * 2000}… (2,001 characters; whole with --format json)\n"


def test_a_policy_that_is_no_xml_or_has_a_document_type_is_left_as_it_is() -> None:
    for text in ("<policies><inbound></policies>", "<!DOCTYPE x [<!ENTITY a 'b'>]><policies>&a;</policies>"):
        assert YAML(typ="safe", pure=True).load(yaml({"value": text})) == {"value": text}


def test_an_adopted_operation_is_the_desired_one_by_another_name() -> None:
    sim = onboarded()
    body = deepcopy(sim.resources()[f"{EAST_API}/operations/completions-create"]["properties"])
    sim.delete(f"{EAST_API}/operations/completions-create")
    kept = {name: body[name] for name in ("displayName", "method", "urlTemplate", "templateParameters")}
    sim.put(f"{EAST_API}/operations/by-hand", {"properties": kept})
    assert plans(sim) == ("in sync", "in sync")
    sim.put(f"{EAST_API}/operations/by-hand", {"properties": {**kept, "displayName": "By hand"}})
    assert plans(sim) == ("update", "update")


def plans(sim: Simulator) -> tuple[str, str]:
    """What becomes of the operation by its desired name, and by the one that it has."""
    report = plan(sim)
    desired = {item.name: item.plan for item in shown.desired(report)}
    actual = {item.name: item.plan for item in shown.actual(report)}
    return desired["contoso-east-831a41/completions-create"], actual["contoso-east-831a41/by-hand"]
