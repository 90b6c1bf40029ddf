"""What is refused in a document that can be read: which policy where, with which attributes and children."""

import pytest

from tests.simulator.asking import GATEWAY, Got, azure

POLICY = f"{GATEWAY}/apis/orders-api/policies/policy"
LEVELS = {
    "all": f"{GATEWAY}/policies/policy",
    "product": f"{GATEWAY}/products/starter/policies/policy",
    "api": POLICY,
    "operation": f"{GATEWAY}/apis/orders-api/operations/get-order/policies/policy",
}
COUNTED = 'tokens-per-minute="1" counter-key="a" estimate-prompt-tokens="true"'


def put(text: str, level: str = "api") -> Got:
    return azure().put(LEVELS[level], {"properties": {"value": text}})


def inbound(text: str, section: str = "inbound") -> str:
    return f"<policies><{section}>\n\t\t{text}\n</{section}></policies>"


def reason(got: Got) -> str:
    """Why, without the place, which is the second line's third column."""
    assert (got.status, got.code) == (400, "ValidationError")
    detail = got.body["error"]["details"][0]
    start, _, rest = detail["message"].partition(": ")
    assert start == f"Error in element '{detail['target']}' on line 2, column 4"
    return f"{detail['target']}: {rest}"


ELEMENTS = [
    ("<set-haeder />", "set-haeder: The 'set-haeder' element is not declared."),
    ("<inbound />", "inbound: The 'inbound' element is not declared."),
    ("<set-header />", "set-header: The required attribute 'name' is missing."),
    ('<set-header name="a" exist-action="skip" />', "set-header: The 'exist-action' attribute is not declared."),
    (
        '<set-header name="a">b</set-header>',
        "set-header: The element 'set-header' cannot contain text. List of possible elements expected: 'value'.",
    ),
    (
        '<ip-filter action="allow"><addressRange /></ip-filter>',
        "ip-filter: The element 'ip-filter' has invalid child element 'addressRange'. List of possible elements "
        "expected: 'address, address-range'.",
    ),
    (
        "<validate-jwt><issuers /><audiences /></validate-jwt>",
        "validate-jwt: The element 'validate-jwt' has invalid child element 'audiences'. List of possible elements "
        "expected: 'required-claims'.",
    ),
    (
        "<return-response><set-body /><set-header name='a' /></return-response>",
        "return-response: The element 'return-response' has invalid child element 'set-header'.",
    ),
    (
        "<choose />",
        "choose: The element 'choose' has incomplete content. List of possible elements expected: 'when'.",
    ),
    (
        "<choose><otherwise /></choose>",
        "choose: The element 'choose' has invalid child element 'otherwise'. List of possible elements expected: "
        "'when'.",
    ),
    (
        '<retry condition="@(true)" count="0" interval="0" />',
        "retry: The 'count' attribute is invalid - The value '0' is invalid according to its datatype 'Union' - "
        "The value '0' is not valid according to any of the memberTypes of the union.",
    ),
    ("<cors><allowed-origins /></cors>", "cors: The element 'allowed-origins' has incomplete content. List of "
     "possible elements expected: 'origin'."),
    ("<cors />", "cors: The element 'cors' has incomplete content. List of possible elements expected: "
     "'allowed-origins'."),
    (
        "<cors><allowed-origins><origin /></allowed-origins><allowed-origins /></cors>",
        "cors: The element 'cors' has invalid child element 'allowed-origins'. List of possible elements expected: "
        "'allowed-methods, allowed-headers, expose-headers'.",
    ),
    (
        '<find-and-replace from="a" to="b"><c /></find-and-replace>',
        "find-and-replace: The element 'find-and-replace' cannot contain child element 'c' because the parent "
        "element's content model is empty.",
    ),
    (
        '<find-and-replace from="a" to="b">c</find-and-replace>',
        "find-and-replace: The element cannot contain text. Content model is empty.",
    ),
    (
        "<set-method><a /></set-method>",
        "set-method: The element 'set-method' cannot contain child element 'a' because the parent element's "
        "content model is text only.",
    ),
    ('<set-header name="a"><value b="1">c</value></set-header>', "set-header: The 'b' attribute is not declared."),
    ("<validate-jwt><openid-config /></validate-jwt>", "validate-jwt: The required attribute 'url' is missing."),
    (
        '<rate-limit calls="many" renewal-period="1" />',
        "rate-limit: The 'calls' attribute is invalid - The value 'many' is invalid according to its datatype "
        "'http://www.w3.org/2001/XMLSchema:int' - The string 'many' is not a valid Int32 value.",
    ),
    (
        '<rate-limit calls="@(1)" renewal-period="1" />',
        "rate-limit: The 'calls' attribute is invalid - The value '@(1)' is invalid according to its datatype "
        "'http://www.w3.org/2001/XMLSchema:int' - The string '@(1)' is not a valid Int32 value.",
    ),
    (
        '<set-header name="a" exists-action="replace" />',
        "set-header: The 'exists-action' attribute is invalid - The value 'replace' is invalid according to its "
        "datatype 'Union' - The value 'replace' is not valid according to any of the memberTypes of the union.",
    ),
    (
        '<trace source="a" severity="loud" />',
        "trace: The 'severity' attribute is invalid - The value 'loud' is invalid according to its datatype "
        "'String' - The Enumeration constraint failed.",
    ),
    (
        "<set-backend-service />",
        "set-backend-service: One of the attributes base-url or backend-id must be specified.",
    ),
    (
        '<set-backend-service base-url="https://a" backend-id="legacy-openai" />',
        "set-backend-service: Only one of the attributes base-url or backend-id can be specified.",
    ),
    (
        '<llm-token-limit counter-key="a" estimate-prompt-tokens="true" />',
        "llm-token-limit: One of the attributes tokens-per-minute or token-quota must be specified.",
    ),
    (
        '<azure-openai-token-limit token-quota="1" counter-key="a" estimate-prompt-tokens="true" />',
        "azure-openai-token-limit: The required attribute 'token-quota-period' is missing.",
    ),
    ("<set-url>https://a</set-url>", "set-url: Policy is not allowed in this section"),
    ("<http-data-source />", "http-data-source: Policy is not allowed in this section"),
    ("<jsonp callback-parameter-name='a' />", "jsonp: Policy is not allowed in this section"),
    ("<forward-request />", "forward-request: Policy is not allowed in this section"),
    ("<cross-domain />", "cross-domain: Policy is not allowed in the specified scope"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ELEMENTS)
def test_a_wrong_element_is_refused_with_its_place(text: str, expected: str) -> None:
    assert reason(put(inbound(text))) == expected


@pytest.mark.parametrize(
    "text",
    [
        '<rate-limit calls="{{calls}}" renewal-period="60" />',
        '<retry condition="@(true)" count="@(1)" interval="0"><set-method>GET</set-method></retry>',
        '<choose><when condition="true"><base /></when><otherwise /></choose>',
        '<set-header name="a" id="apim-generated-policy" exists-action="delete" />',
        "<cors><expose-headers><header>a</header></expose-headers><allowed-origins><origin>*</origin></allowed-origins></cors>",
        '<trace source="a">text<message>b</message><metadata name="c" value="d" /></trace>',
        "<xsl-transform><xsl:stylesheet xmlns:xsl='urn:x' version='1.0'><xsl:a /></xsl:stylesheet></xsl-transform>",
        "<send-request mode='new'><set-url>https://a</set-url><set-method>GET</set-method></send-request>",
        "<set-body><a b='1'>c<d /></a></set-body>",
        "<set-variable name='a' value='b' /><!-- c --><set-variable name='a' value='b' />",
    ],
)
def test_what_is_right_is_taken(text: str) -> None:
    client = azure()
    client.simulator.put(f"{GATEWAY}/namedValues/n", {"properties": {"displayName": "calls", "value": "5"}})
    got = client.put(POLICY, {"properties": {"value": inbound(text)}})
    assert got.status == 200, got.text


@pytest.mark.parametrize(
    ("text", "refused_at"),
    [
        ('<rate-limit calls="1" renewal-period="1" />', {"all"}),
        ('<quota calls="1" renewal-period="1" />', {"all", "api", "operation"}),
        ("<cross-domain />", {"product", "api", "operation"}),
        ("<validate-odata-request />", {"operation"}),
        ('<rate-limit-by-key calls="1" renewal-period="1" counter-key="a" />', set()),
    ],
)
def test_some_policies_belong_to_some_scopes(text: str, refused_at: set[str]) -> None:
    for level in LEVELS:
        got = put(inbound(text), level)
        assert (got.status == 400) == (level in refused_at), level
        if got.status == 400:
            assert reason(got).endswith(": Policy is not allowed in the specified scope")


def test_remaining_quota_in_a_header_is_for_apis_only() -> None:
    """Reported with these words for llm-token-limit."""
    text = f'<llm-token-limit {COUNTED} remaining-quota-tokens-header-name="a" />'
    words = "attribute is unavailable for websocket APIs and global/product policies."
    expected = f"llm-token-limit: The 'remaining-quota-tokens-header-name' {words}"
    assert [put(inbound(text), level).status for level in ("api", "operation")] == [200, 201]
    assert [reason(put(inbound(text), level)) for level in ("all", "product")] == [expected, expected]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ('<rate-limit-by-key calls="1" renewal-period="1" counter-key="a" />', {"Consumption"}),
        ('<quota-by-key calls="1" counter-key="a" />', {"Consumption", "BasicV2", "StandardV2", "PremiumV2"}),
        (f"<llm-token-limit {COUNTED} />", {"Consumption"}),
        (f"<azure-openai-token-limit {COUNTED} />", {"Consumption"}),
        ('<check-header name="a" failed-check-httpcode="401" />', set()),
    ],
)
def test_some_tiers_lack_some_policies(text: str, refused: set[str]) -> None:
    """As reported for rate-limit-by-key: Policy is not allowed in 'Consumption' sku."""
    publisher = {"publisherEmail": "a@contoso.example", "publisherName": "Contoso"}
    for tier in ("Consumption", "Developer", "Standard", "BasicV2", "StandardV2", "PremiumV2"):
        client = azure()
        sku = {"name": tier, "capacity": 0 if tier == "Consumption" else 1}
        client.simulator.put(f"{GATEWAY}-t", {"location": "eastus", "sku": sku, "properties": publisher})
        got = client.put(f"{GATEWAY}-t/policies/policy", {"properties": {"value": inbound(text)}})
        assert (got.status == 400) == (tier in refused), tier
        if tier in refused:
            assert reason(got).endswith(f": Policy is not allowed in '{tier}' sku")
