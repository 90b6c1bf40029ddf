"""Somebody changes what we declare: the plan names it, one write puts it right, and what stands beside it survives.

Every row spoils one declared field of a world in which other people have added their own things beside ours
(`BESIDE`), and says by hand what the plan must show and what must be written. Afterwards the whole world is
compared with that of before. With `deep` the operations are read one by one instead of from their list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from reconciler.report import document
from simulator import Simulator
from tests.local import EAST, EAST_API, GATEWAY, S1, apply, plan, writes

JSON = dict[str, Any]
BACKEND = f"{GATEWAY}/backends/contoso-east-831a41-openai-endpoint"
POLICY = f"{EAST_API}/policies/policy"
CHAT = f"{EAST_API}/operations/chatcompletions-create"
LINK = f"{GATEWAY}/products/ai-platform/apis/contoso-east-831a41"
API, AT_BACKEND, AT_CHAT, AT_POLICY = (id.removeprefix(GATEWAY) for id in (EAST_API, BACKEND, CHAT, POLICY))
CHAT_URL = "/deployments/{deployment-id}/chat/completions?api-version={api-version}"
MARK = f"managed-by=apim-openai-reconciler; owner=contoso-ai-platform; source={EAST}"
ROLE = f"{S1}/providers/Microsoft.Authorization/roleDefinitions/5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
USER_ROLE = ROLE.replace("5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", "a97b65f3-24c7-4388-baec-2e87135dc908")
BESIDE: dict[str, JSON] = {
    f"{EAST_API}/operations/theirs": {
        "properties": {"displayName": "Theirs", "method": "GET", "urlTemplate": "/theirs", "description": "Added."}
    },
    f"{CHAT}/policies/policy": {
        "properties": {
            "format": "xml",
            "value": "<policies><inbound><base /><rate-limit calls='5' renewal-period='60' /></inbound></policies>",
        }
    },
    f"{GATEWAY}/products/starter/apis/contoso-east-831a41": {},
    f"{EAST}/providers/Microsoft.Authorization/roleAssignments/77777777-0000-4000-8000-000000000001": {
        "properties": {
            "principalId": "0b0b0b0b-0000-4000-8000-000000000003",
            "roleDefinitionId": ROLE,
            "description": "Another app.",
        }
    },
}
"""What other people add once the account is onboarded, beside what they change of ours in `theirs`."""

MADE_ANEW = ("provisioningState", "specificationLastUpdated", "createdOn", "updatedOn", "createdBy", "updatedBy")


def onboarded() -> Simulator:
    """The account is on the gateway, and other people have been there."""
    sim = Simulator(lock_lingers=0)
    assert apply(sim).converged
    for id, body in BESIDE.items():
        sim.put(id, body)
    rule = {
        "name": "trip",
        "tripDuration": "PT1M",
        "failureCondition": {"count": 3, "interval": "PT5M", "statusCodeRanges": [{"min": 429, "max": 429}]},
    }
    change(sim, BACKEND, circuitBreaker={"rules": [rule]}, credentials={"header": {"x-from": ["gateway"]}})
    change(
        sim,
        EAST_API,
        contact={"name": "Team", "email": "team@contoso.example", "url": "https://contoso.example"},
        license={"name": "MIT", "url": "https://mit.example"},
        termsOfServiceUrl="https://contoso.example/terms",
        authenticationSettings={"oAuth2AuthenticationSettings": [{"authorizationServerId": "ours", "scope": "a"}]},
    )
    change(sim, CHAT)  # what the import left unsaid, `null`s in examples, goes with the first edit
    assert plan(sim, deep=True).converged, "what stands beside ours is no drift"
    sim.requests.clear()
    return sim


def change(sim: Simulator, id: str, **properties: Any) -> None:
    """Change or (None) take away properties of a resource; the rest stays as it is."""
    body = deepcopy(sim.resources()[id])
    body["properties"] |= properties
    sim.put(id, body)


def lasting(sim: Simulator) -> JSON:
    """The world without what Azure makes anew with each write."""
    world = deepcopy(sim.resources())
    for body in world.values():
        body.pop("etag", None)
        for name in MADE_ANEW:
            (body.get("properties") or {}).pop(name, None)
    return world


@dataclass(frozen=True)
class Row:
    """One drift: what somebody does, what the plan says of it, what is written."""

    spoil: Callable[[Simulator], None]
    change: str
    path: str
    actual: Any
    desired: Any
    write: str


def spoil(id: str, path: str, sides: tuple[Any, Any], /, **properties: Any) -> Row:
    """A row in which properties of one of our resources are changed, and patched back."""
    kind = {EAST_API: "api", BACKEND: "backend", CHAT: "operation"}[id]
    where = id.removeprefix(GATEWAY)
    return Row(lambda sim: change(sim, id, **properties), f"update {kind}", path, *sides, f"PATCH {where}")


def policy(path: str, actual: Any, desired: Any, *edits: tuple[str, str]) -> Row:
    """A row in which the policy is edited as text, and put back whole."""

    def edited(text: str) -> str:
        for old, new in edits:
            assert re.search(old, text), old
            text = re.sub(old, new, text, count=1)
        return text

    return Row(
        lambda sim: rewrite(sim, edited),
        "update api-policy",
        f"properties.value/{path}",
        actual,
        desired,
        f"PUT {AT_POLICY}",
    )


def rewrite(sim: Simulator, edit: Callable[[str], str]) -> None:
    """Somebody edits the policy's text."""
    text = sim.resources()[POLICY]["properties"]["value"]
    assert edit(text) != text
    sim.put(POLICY, {"properties": {"format": "xml", "value": edit(text)}})


ELSEWHERE = "https://elsewhere.openai.azure.com/openai"
OURS = "https://contoso-east.openai.azure.com/openai"
ROWS = {
    "an API's display name": spoil(
        EAST_API, "properties.displayName", ("Mine", "Azure OpenAI contoso-east"), displayName="Mine"
    ),
    "an API's path": spoil(EAST_API, "properties.path", ("mine/openai", "contoso-east/openai"), path="mine/openai"),
    "an API's protocols": spoil(
        EAST_API, "properties.protocols", (["http", "https"], ["https"]), protocols=["http", "https"]
    ),
    "an API's service URL": spoil(EAST_API, "properties.serviceUrl", (ELSEWHERE, OURS), serviceUrl=ELSEWHERE),
    "an API's service URL, taken away": spoil(EAST_API, "properties.serviceUrl", (None, OURS), serviceUrl=None),
    "an API's need of a subscription": spoil(
        EAST_API, "properties.subscriptionRequired", (False, True), subscriptionRequired=False
    ),
    "an API's key header": spoil(
        EAST_API,
        "properties.subscriptionKeyParameterNames.header",
        ("x-key", "api-key"),
        subscriptionKeyParameterNames={"header": "x-key", "query": "subscription-key"},
    ),
    "an API's key query": spoil(
        EAST_API,
        "properties.subscriptionKeyParameterNames.query",
        ("key", "subscription-key"),
        subscriptionKeyParameterNames={"header": "api-key", "query": "key"},
    ),
    "a backend's title": spoil(BACKEND, "properties.title", ("Mine", "contoso-east"), title="Mine"),
    "a backend's description": spoil(
        BACKEND,
        "properties.description",
        (f"Changed.\n{MARK}", f"Azure OpenAI account contoso-east.\n{MARK}"),
        description=f"Changed.\n{MARK}",
    ),
    "a backend's URL": spoil(BACKEND, "properties.url", (ELSEWHERE, OURS), url=ELSEWHERE),
    "a backend's protocol": spoil(BACKEND, "properties.protocol", ("soap", "http"), protocol="soap"),
    "a backend's check of the certificate chain": spoil(
        BACKEND,
        "properties.tls.validateCertificateChain",
        (False, True),
        tls={"validateCertificateChain": False, "validateCertificateName": True},
    ),
    "a backend's check of the certificate's name": spoil(
        BACKEND,
        "properties.tls.validateCertificateName",
        (None, True),
        tls={"validateCertificateChain": True},
    ),
    "an operation's display name": spoil(
        CHAT, "properties.displayName", ("Chat", "Continue a chat"), displayName="Chat"
    ),
    "an operation's method": spoil(CHAT, "properties.method", ("PUT", "POST"), method="PUT"),
    "an operation's template": spoil(
        CHAT,
        "properties.urlTemplate",
        ("/deployments/{deployment-id}/talk?api-version={api-version}", CHAT_URL),
        urlTemplate="/deployments/{deployment-id}/talk?api-version={api-version}",
    ),
    "a policy's backend": policy(
        "inbound/set-backend-service/@backend-id",
        "legacy-openai",
        "contoso-east-831a41-openai-endpoint",
        ('backend-id="[^"]*"', 'backend-id="legacy-openai"'),
    ),
    "a policy's audience": policy(
        "inbound/authentication-managed-identity/@resource",
        "https://vault.azure.net",
        "https://cognitiveservices.azure.com",
        ('resource="[^"]*"', 'resource="https://vault.azure.net"'),
    ),
    "a policy's attribute, added": policy(
        "inbound/authentication-managed-identity/@ignore-error",
        "true",
        None,
        ("<authentication-managed-identity", '<authentication-managed-identity ignore-error="true"'),
    ),
    "a policy's element, added": policy(
        "inbound/rate-limit",
        '<rate-limit calls="1" renewal-period="1" /> at position 6 of 6',
        None,
        ("</inbound>", '<rate-limit calls="1" renewal-period="1" /></inbound>'),
    ),
    "a policy's element, removed": policy(
        "inbound/authentication-managed-identity",
        None,
        '<authentication-managed-identity resource="https://cognitiveservices.azure.com" /> at position 5 of 5',
        ("<authentication-managed-identity[^>]*>", ""),
    ),
    "a policy's base, moved": policy(
        "inbound/base",
        "position 5 of 5",
        "position 1 of 5",
        ("<base />", ""),
        ("</inbound>", "<base /></inbound>"),
    ),
    "a policy's base in the last section, removed": policy(
        "on-error/base", None, "<base /> at position 1 of 1", (r"<on-error>\s*<base />", "<on-error>")
    ),
}


@pytest.mark.parametrize("deep", [False, True], ids=["", "deep"])
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_one_spoilt_field_is_named_and_put_right_with_one_write(row: Row, *, deep: bool) -> None:
    sim = onboarded()
    before = lasting(sim)
    row.spoil(sim)
    assert lasting(sim) != before, "the row spoils nothing"
    sim.requests.clear()

    planned = document(plan(sim, deep=deep))
    assert writes(sim) == []
    assert [f"{c['change']} {c['kind']}" for c in planned["changes"]] == [row.change]
    assert planned["held"] == []
    named = {d["path"]: (d["actual"], d["desired"]) for d in planned["changes"][0]["differences"]}
    named.pop("properties.templateParameters", None)  # Azure wants them beside a template
    assert list(named) == [row.path]
    assert spelt(named[row.path]) == (row.actual, row.desired)

    assert apply(sim, deep=deep).converged
    assert writes(sim) == [row.write]
    assert lasting(sim) == before


def spelt(sides: tuple[Any, Any]) -> tuple[Any, Any]:
    """Both spellings of the one audience are the same, to us and to Azure."""
    actual, desired = sides
    return actual, desired.rstrip("/") if isinstance(desired, str) else desired


def test_an_apis_description_is_put_right_around_the_mark() -> None:
    sim = onboarded()
    before = lasting(sim)
    text = sim.resources()[EAST_API]["properties"]["description"]
    last = text.splitlines()[-1]
    change(sim, EAST_API, description=f"Ask the other team.\n{last}")
    (planned,) = document(plan(sim))["changes"]
    assert planned["differences"] == [
        {"path": "properties.description", "actual": f"Ask the other team.\n{last}", "desired": text}
    ]
    assert apply(sim).converged
    assert writes(sim) == [f"PATCH {API}"]
    assert lasting(sim) == before


SAME: dict[str, Callable[[str], str]] = {
    "no white space": lambda text: re.sub(r">\s+<", "><", text),
    "more white space": lambda text: re.sub(r">\s*<", ">\n\n      <", text),
    "blanks in a tag": lambda text: text.replace("<base />", "<base   />"),
    "single quotes": lambda text: text.replace('"', "'"),
    "another order of attributes": lambda text: text.replace(
        'name="api-key" exists-action="delete"', 'exists-action="delete" name="api-key"'
    ),
    "an element without content, written out": lambda text: text.replace(
        'endpoint" />', 'endpoint"></set-backend-service>'
    ),
    "no slash at the audience's end": lambda text: text.replace('azure.com/"', 'azure.com"'),
    "a comment": lambda text: text.replace("<inbound>", "<inbound><!-- mind this -->"),
}


@pytest.mark.parametrize("deep", [False, True], ids=["", "deep"])
@pytest.mark.parametrize("edit", SAME.values(), ids=SAME)
def test_a_policy_that_says_the_same_in_other_words_is_left_alone(
    edit: Callable[[str], str], *, deep: bool
) -> None:
    sim = onboarded()
    rewrite(sim, edit)
    before = sim.resources()
    assert plan(sim, deep=deep).converged
    assert apply(sim, deep=deep).converged
    assert writes(sim) == []
    assert sim.resources() == before


OTHER_WORDS: dict[str, tuple[str, JSON]] = {
    "the name of a template's parameter": (
        CHAT,
        {
            "urlTemplate": "/deployments/{model}/chat/completions?api-version={v}",
            "templateParameters": [
                {"name": "model", "type": "string", "required": True},
                {"name": "v", "type": "string", "required": True},
            ],
        },
    ),
    "letter case and the last slash of a URL": (
        BACKEND,
        {"url": "https://CONTOSO-EAST.openai.azure.com/openai/"},
    ),
    "letter case and slashes of a path": (EAST_API, {"path": "/Contoso-East/OpenAI/"}),
    "what we do not declare": (EAST_API, {"termsOfServiceUrl": "https://elsewhere.example", "contact": None}),
}


@pytest.mark.parametrize("deep", [False, True], ids=["", "deep"])
@pytest.mark.parametrize("case", OTHER_WORDS.values(), ids=OTHER_WORDS)
def test_what_means_the_same_or_is_not_ours_is_left_alone(case: tuple[str, JSON], *, deep: bool) -> None:
    sim = onboarded()
    id, properties = case
    change(sim, id, **properties)
    before = sim.resources()
    assert apply(sim, deep=deep).converged
    assert writes(sim) == []
    assert sim.resources() == before


TOLD: dict[str, tuple[str, JSON, Any, Any]] = {
    "description": (
        "properties.description",
        {"description": "Ask the other team."},
        "Ask the other team.",
        "Answers the last message of a conversation: in text, in JSON by a schema, or with tools to call; "
        "at once or as a stream.",
    ),
    "content types": (
        "properties.request.representations",
        {"request": {"representations": [{"contentType": "text/plain"}]}},
        [{"contentType": "text/plain"}],
        [{"contentType": "application/json"}],
    ),
    "parameters of the template": (
        "properties.templateParameters",
        {
            "templateParameters": [
                {"name": "deployment-id", "type": "integer", "required": True},
                {"name": "api-version", "type": "string", "required": True},
            ]
        },
        [("deployment-id", "integer", True), ("api-version", "string", True)],
        [("deployment-id", "string", True), ("api-version", "string", True)],
    ),
}
"""What callers are told of an operation; its list shows it only in part, so only a deep run sees it."""


@pytest.mark.parametrize("case", TOLD.values(), ids=TOLD)
def test_what_callers_are_told_of_an_operation_is_put_right_by_a_deep_run_alone(
    case: tuple[str, JSON, Any, Any],
) -> None:
    sim = onboarded()
    path, properties, actual, desired = case
    change(sim, CHAT, **properties)
    spoilt = sim.resources()
    assert apply(sim).converged
    assert sim.resources() == spoilt
    (planned,) = document(plan(sim, deep=True))["changes"]
    assert (planned["kind"], planned["id"]) == ("operation", CHAT)
    (named,) = planned["differences"]
    assert (named["path"], told(named["actual"]), told(named["desired"])) == (path, actual, desired)
    assert apply(sim, deep=True).converged
    assert writes(sim) == [f"PATCH {AT_CHAT}"]
    assert plan(sim, deep=True).converged


def told(value: Any) -> Any:
    """Of each parameter of a template name, type and need; whatever else as it is."""
    if not isinstance(value, list) or "name" not in value[0]:
        return value
    return [(p["name"], p["type"], p["required"]) for p in value]


@pytest.mark.parametrize("deep", [False, True], ids=["", "deep"])
def test_a_deleted_operation_comes_back_alone(*, deep: bool) -> None:
    sim = onboarded()
    before = lasting(sim)
    sim.delete(CHAT)
    del before[f"{CHAT}/policies/policy"]  # it went with its operation, and it was not ours
    (planned,) = document(plan(sim, deep=deep))["changes"]
    assert (planned["change"], planned["kind"], planned["id"]) == ("create", "operation", CHAT)
    assert {"path": "properties.urlTemplate", "actual": None, "desired": CHAT_URL} in planned["differences"]
    assert apply(sim, deep=deep).converged
    assert writes(sim) == [f"PUT {AT_CHAT}"]
    made = sim.resources()[CHAT]["properties"]
    assert (made["method"], made["urlTemplate"]) == ("POST", CHAT_URL)
    assert [(p["name"], p["required"]) for p in made["templateParameters"]] == [
        ("deployment-id", True),
        ("api-version", True),
    ]
    assert {k: v for k, v in lasting(sim).items() if k != CHAT} == {k: v for k, v in before.items() if k != CHAT}


def test_a_renamed_operation_is_the_same_operation() -> None:
    """Somebody deletes ours and makes one with the same method and template: callers see no difference."""
    sim = onboarded()
    body = sim.resources()[CHAT]
    sim.delete(CHAT)
    sim.put(f"{EAST_API}/operations/chat", {"properties": {**body["properties"], "policies": None}})
    assert apply(sim).converged
    assert writes(sim) == []


def test_a_deleted_policy_comes_back_alone() -> None:
    sim = onboarded()
    before = lasting(sim)
    sim.delete(POLICY)
    (planned,) = document(plan(sim))["changes"]
    assert (planned["change"], planned["kind"], planned["id"]) == ("create", "api-policy", POLICY)
    assert apply(sim).converged
    assert writes(sim) == [f"PUT {AT_POLICY}"]
    assert lasting(sim) == before


def test_a_removed_product_link_comes_back_alone() -> None:
    sim = onboarded()
    before = lasting(sim)
    sim.delete(LINK)
    (planned,) = document(plan(sim))["changes"]
    assert (planned["change"], planned["kind"], planned["id"]) == ("create", "product-api", LINK)
    assert apply(sim).converged
    assert writes(sim) == ["PUT /products/ai-platform/apis/contoso-east-831a41"]
    assert lasting(sim) == before


def our_role(sim: Simulator) -> str:
    """The id of the role assignment that lets the gateway in."""
    principal = sim.resources()[GATEWAY]["identity"]["principalId"]
    (found,) = (
        id
        for id, body in sim.resources().items()
        if "/roleAssignments/" in id and body["properties"]["principalId"] == principal
    )
    return found


def test_a_removed_role_assignment_comes_back_alone() -> None:
    sim = onboarded()
    before = lasting(sim)
    role = our_role(sim)
    sim.delete(role)
    (planned,) = document(plan(sim))["changes"]
    assert (planned["change"], planned["kind"], planned["id"]) == ("create", "role-assignment", role)
    assert apply(sim).converged
    assert writes(sim) == [f"PUT {role}"]
    assert lasting(sim) == before


def test_an_identity_that_was_switched_off_is_switched_on_and_its_new_principal_let_in() -> None:
    sim = onboarded()
    before = lasting(sim)
    old_role = our_role(sim)
    gateway = sim.resources()[GATEWAY]
    mine = gateway["identity"]["userAssignedIdentities"]
    sim.put(GATEWAY, {**gateway, "identity": {"type": "UserAssigned", "userAssignedIdentities": mine}})
    service, role = document(plan(sim))["changes"]
    assert (service["change"], service["kind"]) == ("update", "service")
    assert service["differences"] == [
        {"path": "identity.type", "actual": "UserAssigned", "desired": "SystemAssigned, UserAssigned"}
    ]
    assert (role["change"], role["kind"]) == ("create", "role-assignment")
    assert {
        "path": "properties.principalId",
        "actual": None,
        "desired": "(gateway principalId: known after apply)",
    } in role["differences"]
    assert apply(sim).converged
    assert writes(sim) == ["PATCH ", f"PUT {our_role(sim)}"]
    after = lasting(sim)
    assert our_role(sim) != old_role
    assert after[GATEWAY]["identity"]["principalId"] != gateway["identity"]["principalId"]
    assert after[GATEWAY]["identity"]["userAssignedIdentities"] == mine
    changed = {id for id in before.keys() | after.keys() if before.get(id) != after.get(id)}
    assert changed == {GATEWAY, our_role(sim)}


FOREIGN: dict[str, Callable[[str], str]] = {
    "the mark is gone": lambda text: text.splitlines()[0],
    "another owner's mark": lambda text: text.replace("contoso-ai-platform", "fabrikam"),
    "a line below the mark": lambda text: f"{text}\nPlease ask before you change this.",
    "half the mark": lambda text: text[: text.index("; source=")],
}


@pytest.mark.parametrize("say", FOREIGN.values(), ids=FOREIGN)
def test_an_api_that_no_longer_carries_our_mark_is_somebody_elses(say: Callable[[str], str]) -> None:
    sim = onboarded()
    change(sim, EAST_API, description=say(sim.resources()[EAST_API]["properties"]["description"]))
    change(sim, EAST_API, displayName="Mine now")
    sim.delete(CHAT)
    sim.delete(LINK)
    before = sim.resources()
    report = document(apply(sim))
    assert writes(sim) == []
    assert sim.resources() == before
    assert report["converged"] is False
    reasons = {(h["kind"], h["reason"]) for h in report["held"]}
    assert ("api", "foreign") in reasons
    assert reasons - {("api", "foreign")} <= {
        (kind, "blocked") for kind in ("operation", "api-policy", "product-api")
    }


@pytest.mark.parametrize("say", FOREIGN.values(), ids=FOREIGN)
def test_a_backend_that_no_longer_carries_our_mark_is_somebody_elses(say: Callable[[str], str]) -> None:
    sim = onboarded()
    change(sim, BACKEND, description=say(sim.resources()[BACKEND]["properties"]["description"]), url=ELSEWHERE)
    before = sim.resources()
    report = document(apply(sim))
    assert writes(sim) == []
    assert sim.resources() == before
    assert [(h["kind"], h["reason"]) for h in report["held"]] == [("backend", "foreign")]


def test_several_spoilt_things_are_put_right_with_one_write_each() -> None:
    sim = onboarded()
    before = lasting(sim)
    change(sim, EAST_API, displayName="Mine", serviceUrl=ELSEWHERE, subscriptionRequired=False)
    change(sim, BACKEND, url=ELSEWHERE, title="Mine")
    rewrite(sim, lambda text: text.replace("<base />", "", 1))
    sim.delete(LINK)
    assert apply(sim).converged
    assert sorted(writes(sim)) == sorted(
        [
            f"PATCH {API}",
            f"PATCH {AT_BACKEND}",
            f"PUT {AT_POLICY}",
            "PUT /products/ai-platform/apis/contoso-east-831a41",
        ]
    )
    assert lasting(sim) == before


def test_only_the_fields_that_differ_are_sent_back() -> None:
    sim = onboarded()
    change(sim, EAST_API, displayName="Mine")
    change(sim, BACKEND, title="Mine")
    change(sim, CHAT, displayName="Mine")
    assert apply(sim).converged
    sent: dict[str, Mapping[str, Any]] = {
        r["path"].partition("?")[0]: r["body"] for r in sim.requests if r["method"] == "PATCH"
    }
    assert json.dumps(sent, sort_keys=True) == json.dumps(
        {
            EAST_API: {"properties": {"displayName": "Azure OpenAI contoso-east"}},
            BACKEND: {"properties": {"title": "contoso-east"}},
            CHAT: {"properties": {"displayName": "Continue a chat"}},
        },
        sort_keys=True,
    )
