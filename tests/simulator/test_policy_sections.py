"""What is refused around the policies: sections, their number and content, what a document names and is missing."""

import pytest

from tests.simulator.asking import GATEWAY, Azure, Got, azure

POLICY = f"{GATEWAY}/apis/orders-api/policies/policy"
OPERATION = f"{GATEWAY}/apis/orders-api/operations/get-order/policies/policy"
SCOPE = "Policy section is not allowed in the specified scope"


def put(text: str, id: str = POLICY, client: Azure | None = None) -> Got:
    return (client or azure()).put(id, {"properties": {"value": text}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "<fragment />",
            ["Error in element 'fragment' on line 1, column 2: The 'fragment' element is not declared."],
        ),
        ("<policies>\n  <inbond /></policies>", [f"Error in element 'inbond' on line 2, column 4: {SCOPE}"]),
        # somebody pasted a section, and a policy, as the document (azure-docs #111058)
        (
            "<inbound>\n   <cors />\n   <base />\n</inbound>",
            [
                f"Error in element 'cors' on line 2, column 5: {SCOPE}",
                f"Error in element 'base' on line 3, column 5: {SCOPE}",
            ],
        ),
        (
            "<validate-jwt><issuers /></validate-jwt>",
            [f"Error in element 'issuers' on line 1, column 16: {SCOPE}"],
        ),
        (
            "<policies><inbound /><inbound /></policies>",
            [
                "Error in element 'policies' on line 1, column 2: The element 'policies' has invalid child element "
                "'inbound'. List of possible elements expected: 'backend, outbound, on-error'."
            ],
        ),
        (
            "<policies>text</policies>",
            [
                "Error in element 'policies' on line 1, column 2: The element 'policies' cannot contain text. List "
                "of possible elements expected: 'inbound, backend, outbound, on-error'."
            ],
        ),
        (
            '<policies a="1" />',
            ["Error in element 'policies' on line 1, column 2: The 'a' attribute is not declared."],
        ),
        (
            '<policies><inbound a="1" /></policies>',
            ["Error in element 'inbound' on line 1, column 12: The 'a' attribute is not declared."],
        ),
        (
            "<policies><inbound>text</inbound></policies>",
            ["Error in element 'inbound' on line 1, column 12: The element 'inbound' cannot contain text."],
        ),
        (
            "<policies>\n    <backend>\n        <base />\n        <set-header name='a' /></backend></policies>",
            [
                "Error in element 'backend' on line 2, column 6: backend section allows only one policy to be "
                "specified"
            ],
        ),
        (
            "<policies><inbound><redirect-content-urls /><base /><redirect-content-urls /></inbound></policies>",
            [
                "Error in element 'redirect-content-urls' on line 1, column 54: The policy 'redirect-content-urls' "
                "can be used only once in a section"
            ],
        ),
        (
            "<policies><inbound><base a='1' /><set-header /></inbound></policies>",
            [
                "Error in element 'base' on line 1, column 21: The 'a' attribute is not declared.",
                "Error in element 'set-header' on line 1, column 35: The required attribute 'name' is missing.",
            ],
        ),
    ],
)
def test_a_wrong_document_is_refused_with_every_mistake(text: str, expected: list[str]) -> None:
    got = put(text)
    assert (got.status, got.reasons) == (400, expected)


def test_the_backend_section_may_have_comments_beside_its_one_policy() -> None:
    text = "<policies><backend><!-- a --><forward-request /><!-- b --></backend></policies>"
    assert put(text).status == 200


def test_a_section_may_be_empty_or_missing_and_base_is_allowed_everywhere() -> None:
    sections = "".join(f"<{name}><base /></{name}>" for name in ("on-error", "outbound", "backend", "inbound"))
    for text in ("<policies />", "<policies><outbound /></policies>", f"<policies>{sections}</policies>"):
        assert put(text).status == 200
        assert put(text, f"{GATEWAY}/policies/policy").status == 201


NAMING = [
    ('<set-backend-service backend-id="none" />', "Backend with id 'none' could not be found."),
    (
        '<llm-semantic-cache-lookup score-threshold="0.1" embeddings-backend-id="none" />',
        "Backend with id 'none' could not be found.",
    ),
    ('<llm-content-safety backend-id="none" />', "Backend with id 'none' could not be found."),
    ('<include-fragment fragment-id="none" />', "Policy fragment with id 'none' could not be found."),
    ('<log-to-eventhub logger-id="none">a</log-to-eventhub>', "Logger not found"),
    ('<set-header name="{{none}}" />', "Cannot find a property 'none'"),
    ("<set-body>a {{none}}</set-body>", "Cannot find a property 'none'"),
    ('<set-body>@("{{ none }}")</set-body>', "Cannot find a property 'none'"),
    ('<authentication-certificate certificate-id="none" />', "Certificate not found"),
    ('<authentication-certificate thumbprint="none" />', "Certificate not found"),
]


@pytest.mark.parametrize(("text", "expected"), NAMING)
def test_what_a_policy_names_must_be_there(text: str, expected: str) -> None:
    element = text[1:].split(" ", 1)[0].split(">", 1)[0]
    got = put(f"<policies>\n\t<inbound>\n\t\t{text}\n\t</inbound>\n</policies>")
    assert got.reasons == [f"Error in element '{element}' on line 3, column 4: {expected}"]
    assert [each["target"] for each in got.body["error"]["details"]] == [element]


def test_a_named_value_is_missed_at_the_very_element_that_names_it() -> None:
    """As reported for 'set-url' and for 'when'."""
    text = "<send-request mode='new'>\n<set-url>{{none}}</set-url></send-request>"
    text += "<choose>\n <when condition='@({{other}} == 1)' /></choose>"
    assert put(f"<policies><inbound>{text}</inbound></policies>").reasons == [
        "Error in element 'set-url' on line 2, column 2: Cannot find a property 'none'",
        "Error in element 'when' on line 3, column 3: Cannot find a property 'other'",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<set-backend-service backend-id='@(context.RequestId)' />",
        '<set-backend-service backend-id="dapr" dapr-app-id="a" dapr-method="b" />',
        "<set-body template='liquid'>{{body.x}} {{x}}<a b='{{ y }}' /></set-body>",
        "<set-body><set-backend-service backend-id='none' /></set-body>",
        "<!-- {{none}} -->",
        "<set-body>{{}} {{a b}} { {x} }</set-body>",
        "<set-backend-service backend-id='LEGACY-openai' />",
    ],
)
def test_what_is_no_name_is_not_looked_up(text: str) -> None:
    assert put(f"<policies><inbound>{text}</inbound></policies>").status == 200


def test_named_values_are_found_by_display_name_in_its_very_case() -> None:
    client = azure()
    client.simulator.put(f"{GATEWAY}/namedValues/by-name", {"properties": {"displayName": "Shown", "value": "v"}})
    for name, status in (("Shown", 200), ("shown", 400), ("by-name", 400)):
        text = f"<policies><inbound><set-body>{{{{{name}}}}}</set-body></inbound></policies>"
        assert put(text, client=client).status == status, name


@pytest.mark.parametrize(
    ("template", "status"),
    [
        ("/a/{orderId}?b=c", 201),
        ("/{other}", 400),
        ("/{*orderId}", 201),
        ("@(context.RequestId)", 201),
        ("/a", 201),
    ],
)
def test_a_rewritten_address_uses_the_operations_parameters(template: str, status: int) -> None:
    """Reported: azure-docs-powershell #1050."""
    text = f"<policies><inbound><rewrite-uri template='{template}' /></inbound></policies>"
    got = put(text, OPERATION)
    assert got.status == status
    if status == 400:
        rule = "Only parameters specified in the original URL template can be used in the rewrite template"
        assert got.reasons == [f"Error in element 'rewrite-uri' on line 1, column 21: {rule}"]
    assert put(text).status == 200
