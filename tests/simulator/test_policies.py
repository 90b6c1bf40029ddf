"""How a policy is kept: at which levels, how it reads back, when its ETag stays, what a link or a knob changes."""

import pytest

from tests.simulator.asking import GATEWAY, Azure, Got, azure, policy

POLICY = f"{GATEWAY}/apis/orders-api/policies/policy"
LEVELS = ("", "/apis/orders-api", "/apis/orders-api/operations/get-order", "/products/starter")


def put(text: str, format: str = "xml", client: Azure | None = None) -> Got:
    return (client or azure()).put(POLICY, {"properties": {"format": format, "value": text}})


def value(got: Got) -> str:
    return str(got.body["properties"]["value"])


def test_the_same_document_keeps_its_etag_however_it_is_laid_out() -> None:
    client = azure()
    first = client.put(POLICY, policy("<base />"))
    again = client.put(POLICY, {"properties": {"value": "<policies>\n  <inbound>\n<base/></inbound></policies>"}})
    assert (first.status, again.status) == (200, 200)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.put(POLICY, policy("<base /><base />")).headers["ETag"] != first.headers["ETag"]


def test_raw_expressions_are_taken_as_typed_and_shown_escaped_unless_raw_is_asked_for() -> None:
    client = azure()
    raw = '<set-variable name="x" value="@(a < b && c("d"))" /><set-body>@{ return "<e>" + 1; }</set-body>'
    got = client.put(POLICY, policy(raw, "rawxml"))
    assert got.status == 200
    assert got.body["properties"]["format"] == "xml"
    shown = client.get(POLICY)
    assert 'value="@(a &lt; b &amp;&amp; c(&quot;d&quot;))"' in value(shown)
    assert '<set-body>@{ return "&lt;e&gt;" + 1; }</set-body>' in value(shown)
    shown = client.get(POLICY, query={"format": "rawxml"})
    assert shown.body["properties"]["format"] == "rawxml"
    assert 'value="@(a < b && c("d"))"' in value(shown)
    assert '<set-body>@{ return "<e>" + 1; }</set-body>' in value(shown)


def test_escaped_expressions_are_the_same_in_both_spellings() -> None:
    escaped = '<policies><inbound><set-variable name="x" value="@(a &lt; b(&quot;)&quot;))" /></inbound></policies>'
    assert put(escaped).body["properties"] == put(escaped, "rawxml").body["properties"]


def test_a_format_that_does_not_exist_cannot_be_read() -> None:
    client = azure()
    assert client.get(POLICY, query={"format": "XML"}).body["properties"]["format"] == "xml"
    assert client.get(POLICY, query={"format": "yaml"}).status == 400
    assert put("<policies/>", "yaml").status == 400


def test_the_spelling_in_the_answer_to_a_put_is_a_knob() -> None:
    text = '<policies><inbound><set-variable name="x" value="@(a < b)" /></inbound></policies>'
    for knob, format, expected in (("xml", "xml", "a &lt; b"), ("as-sent", "rawxml", "a < b")):
        client = azure(policy_put_answer=knob)
        got = put(text, "rawxml", client)
        assert got.body["properties"]["format"] == format
        assert expected in value(got)
        assert client.get(POLICY).body["properties"]["format"] == "xml"


def test_what_raw_output_unescapes_is_a_knob() -> None:
    for knob, expected in (("expressions", 'value="a?b&amp;c"'), ("everything", 'value="a?b&c"')):
        client = azure(rawxml_unescapes=knob)
        client.put(POLICY, policy('<set-variable name="u" value="a?b&amp;c" />'))
        assert expected in value(client.get(POLICY, query={"format": "rawxml"}))


def test_a_default_of_cors_vanishes_if_the_knob_says_so() -> None:
    text = '<cors terminate-unmatched-request="false"><allowed-origins><origin>*</origin></allowed-origins></cors>'
    for knob, expected in (("kept", '<cors terminate-unmatched-request="false">'), ("dropped", "<cors>")):
        client = azure(policy_defaults=knob)
        client.put(POLICY, policy(text))
        assert expected in value(client.get(POLICY))
    client.put(POLICY, policy(text.replace('"false"', '"true"')))
    assert '<cors terminate-unmatched-request="true">' in value(client.get(POLICY))


def test_a_link_leaves_its_content_and_is_forgotten() -> None:
    client = azure()
    link = "https://contoso.example/policy.xml"
    client.simulator.documents[link] = '<policies><inbound><set-body>@("<a>")</set-body></inbound></policies>'
    assert put(link, "rawxml-link", client).status == 200
    assert "<set-body>@(&quot;" not in value(client.get(POLICY))
    assert '<set-body>@("&lt;a&gt;")</set-body>' in value(client.get(POLICY))
    assert client.get(POLICY).body["properties"]["format"] == "xml"
    assert "representation" in put(link, "xml-link", client).text  # in xml the same text is not well-formed
    client.simulator.documents[link] = "<policies />"
    assert value(put(link, "xml-link", client)) == "<policies />"


@pytest.mark.parametrize("link", ["https://contoso.example/none.xml", "/policy.xml", "ftp://contoso.example/a", ""])
def test_a_link_that_leads_nowhere_is_refused(link: str) -> None:
    got = put(link, "xml-link")
    assert (got.status, got.code, got.body["error"]["details"][0]["target"]) == (400, "ValidationError", "value")


def test_a_policy_is_named_policy_has_a_value_and_a_limit() -> None:
    client = azure()
    assert client.put(POLICY.removesuffix("policy") + "other", policy("<base />")).status == 400
    assert client.put(POLICY, {"properties": {}}).status == 400
    assert client.put(POLICY, {}).status == 400
    kept = f"<policies><!--{'x' * (256 * 1024 - 28)}--></policies>"
    assert (len(kept), put(kept).status) == (256 * 1024, 200)
    assert put(kept + " ").reasons == ["The policy document exceeds the limit of 256 KB."]


def test_the_limit_of_the_consumption_tier_is_lower() -> None:
    client = azure()
    service = f"{GATEWAY}-c"
    publisher = {"publisherEmail": "a@contoso.example", "publisherName": "Contoso"}
    sku = {"name": "Consumption", "capacity": 0}
    client.simulator.put(service, {"location": "eastus", "sku": sku, "properties": publisher})
    got = client.put(f"{service}/policies/policy", policy(f"<!--{'x' * 16 * 1024}-->"))
    assert got.reasons == ["The policy document exceeds the limit of 16 KB."]


def test_a_missing_policy_is_called_by_its_internal_name_and_head_has_no_body() -> None:
    client = azure()
    there = client.ask("HEAD", POLICY)
    assert (there.status, there.text, there.headers["ETag"]) == (200, "", client.get(POLICY).headers["ETag"])
    client.delete(POLICY)
    assert client.get(POLICY).message == "PoliciesConfiguration not found."
    gone = client.ask("HEAD", POLICY)
    assert (gone.status, gone.text) == (404, "")
    assert client.delete(POLICY).status == 204


@pytest.mark.parametrize("place", LEVELS)
def test_policies_of_all_levels_behave_alike(place: str) -> None:
    client = azure()
    path = f"{GATEWAY}{place}/policies/policy"
    client.delete(path)
    assert client.get(f"{GATEWAY}{place}/policies").body["count"] == 0
    assert client.put(path, policy("<base />"), if_match="*").status == 201
    listed = client.get(f"{GATEWAY}{place}/policies").body
    assert listed["count"] == 1
    assert listed["value"] == [client.get(path).body]
    assert listed["value"][0]["id"] == path
    stale = client.put(path, policy(""), if_match='"AAAAAAAAAAA="')
    assert (stale.status, stale.code) == (412, "PreconditionFailed")
    assert client.delete(path, if_match=client.get(path).headers["ETag"]).status == 200
    assert client.get(path).status == 404


def test_a_policy_needs_what_it_belongs_to_and_goes_with_it() -> None:
    client = azure()
    assert client.put(f"{GATEWAY}/apis/none/policies/policy", policy("")).message == "Api not found."
    path = f"{GATEWAY}/products/starter/policies/policy"
    client.put(path, policy(""))
    client.delete(f"{GATEWAY}/products/starter", query={"deleteSubscriptions": "true"})
    client.simulator.put(f"{GATEWAY}/products/starter", {"properties": {"displayName": "Starter"}})
    assert client.get(path).status == 404


def test_a_revision_has_policies_of_its_own() -> None:
    client = azure()
    revision = f"{GATEWAY}/apis/orders-api;rev=2"
    source = {"displayName": "Orders", "path": "orders", "sourceApiId": "/apis/orders-api"}
    assert client.put(revision, {"properties": source}).status == 201
    assert client.put(f"{revision}/policies/policy", policy('<set-variable name="v" value="2" />')).status in {
        200,
        201,
    }
    shown = client.get(
        f"{GATEWAY}/apis/orders-api%3Brev%3D2/policies/policy".replace("%3B", ";").replace("%3D", "=")
    )
    assert '<set-variable name="v" value="2" />' in value(shown)
    assert shown.body["id"].endswith("/apis/orders-api;rev=2/policies/policy")
    assert "<set-variable" not in value(client.get(POLICY))
