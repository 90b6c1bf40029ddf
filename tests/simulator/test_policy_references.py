"""Who names a backend, a fragment, a named value, a logger; and which documents are fragments."""

import pytest

from simulator.apim.references import What, used_by
from tests.simulator.asking import GATEWAY, Azure, Got, azure, policy

API = f"{GATEWAY}/apis/orders-api/policies/policy"
LOGGER = {"loggerType": "azureEventHub", "credentials": {"name": "hub", "connectionString": "a"}}
NOT_HERE = "Policy is not allowed in the specified scope"
IF = "<choose><when condition='@(true)'>"
NAMES: list[tuple[What, str, str]] = [
    ("backend", "legacy-openai", '<set-backend-service backend-id="Legacy-OpenAI" />'),
    ("fragment", "Part", '<include-fragment fragment-id="part" />'),
    ("named-value", "Shown.Name", "<set-body>{{Shown.Name}}</set-body>"),
    ("logger", "hub", f"{IF}<log-to-eventhub logger-id='hub'>a</log-to-eventhub></when></choose>"),
]


def world() -> Azure:
    client = azure()
    put = client.simulator.put
    put(
        f"{GATEWAY}/policyFragments/Part",
        {"properties": {"value": "<fragment><set-method>GET</set-method></fragment>"}},
    )
    put(f"{GATEWAY}/namedValues/n", {"properties": {"displayName": "Shown.Name", "value": "v"}})
    put(f"{GATEWAY}/loggers/hub", {"properties": LOGGER})
    return client


def users(client: Azure, what: What, name: str, service: str = GATEWAY) -> set[str]:
    found = used_by(client.simulator.cloud, service, what, name)
    return {each.id.removeprefix(GATEWAY) for each in found}


@pytest.mark.parametrize(("what", "name", "text"), NAMES)
def test_policies_of_all_levels_and_fragments_are_users(what: What, name: str, text: str) -> None:
    client = world()
    before = users(client, what, name)
    places = ["/policies/policy", "/products/starter/policies/policy", "/apis/orders-api/policies/policy"]
    places.append("/apis/orders-api/operations/get-order/policies/policy")
    for place in places:
        assert client.put(f"{GATEWAY}{place}", policy(text)).status in {200, 201}
    fragment = {"properties": {"value": f"<fragment>{text}</fragment>"}}
    if what != "fragment":
        client.simulator.put(f"{GATEWAY}/policyFragments/other", fragment)
        places.append("/policyFragments/other")
    assert users(client, what, name.upper()) - before == set(places)
    assert users(client, what, name, f"{GATEWAY.upper()}") - before == set(places)
    assert users(client, what, name, f"{GATEWAY}-other") == set()
    assert users(client, what, f"{name}x") == set()


def test_who_no_longer_names_it_is_no_user() -> None:
    client = world()
    client.put(API, policy(NAMES[1][2]))
    assert users(client, "fragment", "part") == {"/apis/orders-api/policies/policy"}
    client.put(API, policy("<base />"))
    assert users(client, "fragment", "part") == set()


@pytest.mark.parametrize(
    "text",
    [
        "<!-- {{Shown.Name}} -->",
        "<set-body template='liquid'>{{Shown.Name}}</set-body>",
        "<set-variable name='a' value='@(\"part\" + \"hub\")' />",
    ],
)
def test_words_are_no_references(text: str) -> None:
    client = world()
    client.put(API, policy(text))
    assert all("/apis/orders-api/policies/policy" not in users(client, what, name) for what, name, _ in NAMES)


def put_fragment(text: str, format: str = "xml") -> Got:
    client = world()
    got = client.put(f"{GATEWAY}/policyFragments/new", {"properties": {"format": format, "value": text}})
    if got.status >= 400:
        return got
    client.simulator.clock.advance(60)
    return client.get(f"{GATEWAY}/policyFragments/new")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<policies />", "The 'policies' element is not declared."),
        ("<fragment><base /></fragment>", NOT_HERE),
        ('<fragment><include-fragment fragment-id="part" /></fragment>', NOT_HERE),
        ("<fragment><inbound /></fragment>", "The 'inbound' element is not declared."),
        ("<fragment>text</fragment>", "The element 'fragment' cannot contain text."),
        (
            "<fragment><llm-content-safety backend-id='none' /></fragment>",
            "Backend with id 'none' could not be found.",
        ),
        ("<fragment><set-header /></fragment>", "The required attribute 'name' is missing."),
        ("<fragment>", "Unexpected end of file has occurred."),
        (
            '<fragment><llm-token-limit tokens-per-minute="1" counter-key="a" estimate-prompt-tokens="true" '
            'remaining-quota-tokens-header-name="b" /></fragment>',
            "attribute is unavailable for websocket APIs and global/product policies.",
        ),
    ],
)
def test_a_fragment_is_refused_as_a_policy_is(text: str, why: str) -> None:
    got = put_fragment(text)
    assert why in got.text


@pytest.mark.parametrize(
    "text",
    [
        "<fragment></fragment>",
        "<fragment><forward-request /><cross-domain /><set-url>a</set-url><redirect-content-urls /></fragment>",
        '<fragment><set-body>@("<a>")</set-body></fragment>',
        f"<fragment><!--{'x' * 300 * 1024}--></fragment>",
    ],
)
def test_a_fragment_may_hold_what_belongs_to_any_section(text: str) -> None:
    assert put_fragment(text, "rawxml").status == 200
