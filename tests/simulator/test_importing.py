import pytest

from tests.simulator.asking import GATEWAY, api, azure
from tests.simulator.documents import THINGS, imported, importing, made_of, operation, operations, text


def test_the_documents_description_wins_and_the_requests_names_and_url_win() -> None:
    client = importing()
    body = imported(
        {},
        info={"description": "theirs", "title": "Theirs"},
        servers=[{"url": "http://theirs.example/v1"}],
        properties={"description": "mine", "serviceUrl": "https://mine.example"},
    )
    client.put(THINGS, body)
    found = client.get(THINGS).body["properties"]
    assert (found["description"], found["displayName"]) == ("theirs", "THINGS")
    assert found["serviceUrl"] == "https://mine.example"


def test_what_the_request_leaves_out_comes_from_the_document() -> None:
    client = importing()
    info = {"license": {"name": "MIT"}, "contact": {"email": "a@b.example"}, "termsOfService": "https://t.example"}
    body = imported({}, info=info, servers=[{"url": "http://theirs.example/v1"}])
    del body["properties"]["displayName"]
    client.put(THINGS, body)
    found = client.get(THINGS).body["properties"]
    assert (found["displayName"], found["description"]) == ("Title", None)
    assert found["serviceUrl"] == "http://theirs.example/v1"
    assert found["license"] == {"name": "MIT", "url": None}
    assert found["contact"] == {"name": None, "url": None, "email": "a@b.example"}
    assert found["termsOfServiceUrl"] == "https://t.example"


@pytest.mark.parametrize(
    ("servers", "url"),
    [
        (["http://a.example", "https://b.example", "https://c.example"], "https://b.example"),
        (["http://a.example", "http://b.example"], "http://a.example"),
        (["ws://a.example"], None),
        (["/relative"], None),
        ([], None),
    ],
)
def test_the_first_https_server_is_the_service_url_or_else_the_first_http_one(
    servers: list[str], url: str | None
) -> None:
    client = importing()
    client.put(THINGS, imported({}, servers=[{"url": each} for each in servers]))
    assert client.get(THINGS).body["properties"]["serviceUrl"] == url


def test_what_is_only_input_never_reads_back() -> None:
    client = importing()
    client.put(THINGS, imported({}, properties={"apiType": "http", "translateRequiredQueryParameters": "template"}))
    assert not {"format", "value", "apiType", "translateRequiredQueryParameters"} & set(
        client.get(THINGS).body["properties"]
    )


YAML = """\
# a comment
openapi: 3.0.1
info: {title: In YAML, version: 1.0}
paths:
  /a:
    get:
      operationId: A_Get
      parameters:
        - {name: since, in: query, schema: {type: string, default: 2024-10-21}}
      responses:
        200:
          description: >-
            Two
            lines
"""


def test_the_format_openapi_takes_yaml_and_json() -> None:
    found = made_of(text(YAML, "openapi"))["a-get"]
    assert found["responses"] == [
        {"statusCode": 200, "description": "Two lines", "representations": [], "headers": []}
    ]
    assert found["request"]["queryParameters"][0]["defaultValue"] == "2024-10-21"
    in_json = imported({"/a": {"get": operation("A_Get")}}, properties={"format": "openapi"})
    assert list(made_of(in_json)) == ["a-get"]


def test_a_document_may_begin_with_a_byte_order_mark() -> None:
    body = imported({"/a": {"get": operation("a")}})
    body["properties"]["value"] = "\ufeff" + body["properties"]["value"]
    assert list(made_of(body)) == ["a"]


@pytest.mark.parametrize(
    "format", ["wadl-xml", "wadl-link-json", "graphql-link", "odata", "odata-link", "grpc", "grpc-link"]
)
def test_other_formats_are_not_modelled(format: str) -> None:
    got = importing().put(THINGS, text("anything", format))
    assert (got.status, got.code) == (501, "SimulatorNotModelled")
    assert format in got.message


def test_a_format_needs_a_value_and_a_value_a_format() -> None:
    for given, missing in (("format", "value"), ("value", "format")):
        got = importing().put(THINGS, api("things", **{given: "openapi"}))
        assert got.reasons == [f"'{missing}' must be given together with '{given}'."]


@pytest.mark.parametrize(("version", "status", "both"), [("2022-08-01", 202, False), ("2024-05-01", 201, True)])
def test_an_import_answers_202_and_location_before_2024_05_01_and_201_with_both_headers_since(
    version: str, status: int, *, both: bool
) -> None:
    client = azure()
    got = client.put(THINGS, imported({}), version=version)
    assert (got.status, "Location" in got.headers) == (status, True)
    assert ("Azure-AsyncOperation" in got.headers, "ETag" in got.headers) == (both, False)
    if both:
        assert got.body["properties"] == {"ProvisioningState": "InProgress"}
    else:
        assert got.text == ""


def test_a_plain_put_leaves_the_operations_alone() -> None:
    client = importing()
    client.put(THINGS, imported({"/a": {"get": operation("a")}}))
    client.put(THINGS, api("things"))
    assert list(operations(client)) == ["a"]


def test_tags_of_operations_become_tags_of_the_gateway() -> None:
    client = importing()
    client.put(THINGS, imported({"/a": {"get": operation("a", tags=["Chat", "Vector stores"])}}))
    tags = client.get(f"{GATEWAY}/tags").body["value"]
    assert [(each["name"], each["properties"]["displayName"]) for each in tags] == [
        ("Chat", "Chat"),
        ("Vector-stores", "Vector stores"),
    ]
    linked = client.get(f"{THINGS}/operations/a/tags").body["value"]
    assert [each["properties"]["displayName"] for each in linked] == ["Chat", "Vector stores"]
