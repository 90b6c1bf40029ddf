import json
import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.simulator.asking import GATEWAY, JSON, Azure, azure, policy, shared
from tests.simulator.documents import PATH_ID, imported, operation

THINGS = f"{GATEWAY}/apis/things"


def importing(**knobs: Any) -> Azure:
    return azure(import_time=0, lock_lingers=0, **knobs)


def operations(client: Azure) -> dict[str, JSON]:
    listed = client.get(f"{THINGS}/operations").body["value"]
    return {each["name"]: client.get(each["id"]).body["properties"] for each in listed}


def names_of(ids: list[str], **knobs: Any) -> list[str]:
    client = importing(**knobs)
    got = client.put(THINGS, imported({f"/{n}": {"get": operation(id)} for n, id in enumerate(ids)}))
    assert got.status == 201, got.text
    return sorted(operations(client))


@pytest.mark.parametrize(
    ("id", "documented", "preserved"),
    [
        ("ChatCompletions_Create", "chatcompletions-create", "ChatCompletions_Create"),
        ("a..b  c!", "a-b-c", "a-b-c"),
        ("__Edge__", "edge", "__Edge__"),
        ("x" * 90, "x" * 76, "x" * 76),
    ],
)
def test_operation_names_follow_the_documented_rule_or_keep_underscore_and_case(
    id: str, documented: str, preserved: str
) -> None:
    assert names_of([id]) == [documented]
    assert names_of([id], operation_names="preserved") == [preserved]


def test_equal_names_get_a_number() -> None:
    assert names_of(["Get it", "get-it", "GET_IT"]) == ["get-it", "get-it-1", "get-it-2"]


def test_an_operation_without_an_id_is_named_by_method_and_path() -> None:
    client = importing()
    client.put(THINGS, imported({"/foo/{id}": {"get": operation(parameters=[PATH_ID])}}))
    assert list(operations(client)) == ["get-foo-id"]


def test_required_query_parameters_become_part_of_the_template() -> None:
    version = {"name": "api-version", "in": "query", "required": True, "schema": {"type": "string"}}
    optional = {"name": "top", "in": "query", "schema": {"type": "integer", "format": "int32", "default": 5}}
    paths = {"/d/{id}/chat": {"post": operation("C", parameters=[PATH_ID, version, optional])}}
    client = importing()
    client.put(THINGS, imported(paths))
    found = operations(client)["c"]
    assert (found["method"], found["urlTemplate"]) == ("POST", "/d/{id}/chat?api-version={api-version}")
    assert found["templateParameters"] == [
        {"name": "id", "type": "string", "required": True, "values": []},
        {"name": "api-version", "type": "string", "required": True, "values": []},
    ]
    assert found["request"]["queryParameters"] == [
        {"name": "top", "description": "Format - int32.", "type": "integer", "defaultValue": "5", "values": []}
    ]


def test_required_query_parameters_stay_in_the_query_when_asked() -> None:
    version = {"name": "v", "in": "query", "required": True, "schema": {"type": "string"}}
    client = importing()
    body = imported(
        {"/a": {"get": operation("a", parameters=[version])}},
        properties={"translateRequiredQueryParameters": "query"},
    )
    client.put(THINGS, body)
    found = operations(client)["a"]
    assert (found["urlTemplate"], found["templateParameters"]) == ("/a", [])
    assert found["request"]["queryParameters"] == [{"name": "v", "type": "string", "required": True, "values": []}]


def test_the_summary_is_the_display_name_and_the_description_is_kept() -> None:
    client = importing()
    client.put(
        THINGS,
        imported({"/a": {"get": operation("Op_A", summary="S" * 400, description="D"), "put": operation("Op_B")}}),
    )
    found = operations(client)
    assert (found["op-a"]["displayName"], found["op-a"]["description"]) == ("S" * 300, "D")
    assert (found["op-b"]["displayName"], found["op-b"]["description"]) == ("Op_B", None)


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
    body = imported({}, info=info, servers=[{"url": "http://theirs.example/v1"}, {"url": "https://b.example"}])
    del body["properties"]["displayName"]
    client.put(THINGS, body)
    found = client.get(THINGS).body["properties"]
    assert (found["displayName"], found["description"]) == ("Title", None)
    assert found["serviceUrl"] == "http://theirs.example/v1"
    assert found["license"] == {"name": "MIT", "url": None}
    assert found["contact"] == {"name": None, "url": None, "email": "a@b.example"}
    assert found["termsOfServiceUrl"] == "https://t.example"


def test_what_is_only_input_never_reads_back() -> None:
    client = importing()
    client.put(THINGS, imported({}, properties={"apiType": "http", "translateRequiredQueryParameters": "template"}))
    assert not {"format", "value", "apiType", "translateRequiredQueryParameters"} & set(
        client.get(THINGS).body["properties"]
    )


def test_schemas_are_hoisted_into_an_entity_that_representations_name() -> None:
    json_body = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}, "example": {"a": 1}}}
    inline = {"application/json": {"schema": {"type": "array"}}}
    client = importing()
    client.put(
        THINGS,
        imported(
            {
                "/a": {
                    "post": operation(
                        "a",
                        requestBody={"content": json_body},
                        responses={"201": {"description": "Made", "content": inline}, "default": {}},
                    )
                }
            },
            components={"schemas": {"Thing": {"type": "object"}}},
        ),
    )
    listed = client.get(f"{THINGS}/schemas").body["value"]
    assert len(listed) == 1
    schema = listed[0]["name"]
    assert re.fullmatch("[0-9a-f]{24}", schema)
    assert "document" not in listed[0]["properties"]
    whole = client.get(f"{THINGS}/schemas/{schema}").body["properties"]
    assert whole["contentType"] == "application/vnd.oai.openapi.components+json"
    assert set(whole["document"]["components"]["schemas"]) == {"Thing", "APost201ApplicationJsonResponse"}
    found = operations(client)["a"]
    assert found["request"]["representations"] == [
        {
            "contentType": "application/json",
            "examples": {"default": {"value": {"a": 1}}},
            "schemaId": schema,
            "typeName": "Thing",
        }
    ]
    assert found["responses"] == [
        {
            "statusCode": 201,
            "description": "Made",
            "headers": [],
            "representations": [
                {
                    "contentType": "application/json",
                    "schemaId": schema,
                    "typeName": "APost201ApplicationJsonResponse",
                }
            ],
        }
    ]

    client.put(THINGS, imported({"/a": {"post": operation("a")}}, components={"schemas": {"T": {}}}))
    assert client.get(f"{THINGS}/schemas/{schema}").status == 404
    stale = {
        "properties": {"request": {"representations": [{"contentType": "application/json", "schemaId": schema}]}}
    }
    refused = client.patch(f"{THINGS}/operations/a", stale)
    assert refused.reasons == ["Operation references schema that does not exist."]


def test_forms_have_parameters_and_no_schema_and_gets_have_no_body() -> None:
    form = {
        "multipart/form-data": {
            "schema": {"type": "object", "required": ["f"], "properties": {"f": {"type": "string"}}}
        }
    }
    body = {"content": form}
    client = importing()
    client.put(
        THINGS,
        imported({"/a": {"post": operation("p", requestBody=body), "get": operation("g", requestBody=body)}}),
    )
    found = operations(client)
    assert found["p"]["request"]["representations"] == [
        {
            "contentType": "multipart/form-data",
            "formParameters": [{"name": "f", "type": "string", "required": True, "values": []}],
        }
    ]
    assert found["g"]["request"]["representations"] == []


def test_tags_of_operations_become_tags_of_the_gateway() -> None:
    client = importing()
    client.put(THINGS, imported({"/a": {"get": operation("a", tags=["Chat things"])}}))
    tags = client.get(f"{GATEWAY}/tags").body["value"]
    assert [(each["name"], each["properties"]["displayName"]) for each in tags] == [("chat-things", "Chat things")]
    linked = client.get(f"{THINGS}/operations/a/tags").body["value"]
    assert [each["properties"]["displayName"] for each in linked] == ["Chat things"]


def test_parameters_and_bodies_by_reference_are_followed() -> None:
    client = importing()
    components = {"parameters": {"P": PATH_ID}, "requestBodies": {"B": {"description": "x", "content": {}}}}
    paths = {
        "/a/{id}": {
            "parameters": [{"$ref": "#/components/parameters/P"}],
            "post": operation("a", requestBody={"$ref": "#/components/requestBodies/B"}),
        }
    }
    client.put(THINGS, imported(paths, components=components))
    found = operations(client)["a"]
    assert [each["name"] for each in found["templateParameters"]] == ["id"]
    assert found["request"]["description"] == "x"


BAD: list[tuple[str, Any, str]] = [
    ("no JSON", "nonsense", "not valid JSON"),
    ("no version", json.dumps({"info": {}, "paths": {}}), "is not an OpenAPI version"),
    ("no paths", json.dumps({"openapi": "3.0.0", "info": {}}), "Required property 'paths' not found"),
    ("parameters that are no list", {"/a": {"get": operation("a", parameters={})}}, "Expected a list"),
    (
        "one name in path and query",
        {"/a/{id}": {"get": operation("a", parameters=[PATH_ID, {**PATH_ID, "in": "query"}])}},
        "must be unique",
    ),
    ("an operation that is no object", {"/a": {"get": 1}}, "Path: paths./a.get"),
    (
        "one signature twice",
        {
            "/a/{id}": {"get": operation("a", parameters=[PATH_ID])},
            "/a/{x}": {"get": operation("b", parameters=[{**PATH_ID, "name": "x"}])},
        },
        "Importing API has duplicate signature operations: 2 operations with signature 'GET /a/{}'",
    ),
    ("undeclared path parameter", {"/a/{id}": {"get": operation("a")}}, "'id'"),
    (
        "reference to nowhere",
        {"/a": {"get": operation("a", parameters=[{"$ref": "#/components/parameters/P"}])}},
        "does not exist",
    ),
    ("reference to elsewhere", {"/a": {"get": operation("a", parameters=[{"$ref": "https://x/y"}])}}, "External"),
]


@pytest.mark.parametrize(("case", "what", "why"), BAD, ids=[case for case, _, _ in BAD])
def test_a_bad_document_is_refused_at_once(case: str, what: Any, why: str) -> None:
    del case
    client = importing()
    got = client.put(THINGS, imported(text=what) if isinstance(what, str) else imported(what))
    assert (got.status, got.code) == (400, "ValidationError")
    assert got.body["error"]["details"][0]["target"] == "representation"
    assert why in got.reasons[0]
    assert client.get(THINGS).status == 404


def test_a_bad_document_can_be_refused_later_instead() -> None:
    client = importing(import_refusal="later")
    got = client.put(THINGS, imported(text="nonsense"))
    assert got.status == 201
    poll = client.follow(got.headers["Azure-AsyncOperation"]).body
    assert (poll["status"], poll["error"]["code"]) == ("Failed", "ValidationError")


def test_a_document_of_more_than_4_megabytes_is_refused() -> None:
    got = importing().put(THINGS, imported({}, info={"description": "x" * (4 * 1024 * 1024)}))
    assert (got.status, got.reasons) == (400, ["The size of the inline document exceeds the limit of 4 MB."])


def test_importing_again_keeps_what_matches_deletes_the_rest_and_names_new_ones_by_path() -> None:
    client = importing()
    client.put(
        THINGS,
        imported(
            {
                "/keep": {"get": operation("Keep")},
                "/gone": {"get": operation("Gone")},
                "/twin": {"get": operation("Old_Name")},
            }
        ),
    )
    for name in ("keep", "gone", "old-name"):
        client.put(f"{THINGS}/operations/{name}/policies/policy", policy(f"<!-- {name} --><base />"))
    client.put(f"{THINGS}/policies/policy", policy("<base />"))
    client.put(f"{GATEWAY}/products/starter/apis/things")

    client.put(
        THINGS,
        imported(
            {
                "/kept/now/here": {"get": operation("KEEP", summary="Kept")},
                "/twin": {"get": operation("New_Name")},
                "/new": {"get": operation("New")},
            }
        ),
    )
    found = operations(client)
    assert sorted(found) == ["get-new", "get-twin", "keep"]
    assert found["keep"]["urlTemplate"] == "/kept/now/here"

    def comment(name: str) -> str:
        got = client.get(f"{THINGS}/operations/{name}/policies/policy")
        return re.findall("<!-- (.*?) -->", got.text)[0] if got.status == 200 else str(got.status)

    assert [comment(name) for name in ("keep", "get-twin", "get-new", "gone")] == ["keep", "old-name", "404", "404"]
    assert client.get(f"{THINGS}/policies/policy").status == 200
    assert client.ask("HEAD", f"{GATEWAY}/products/starter/apis/things").status == 204


def test_a_plain_put_leaves_the_operations_alone() -> None:
    client = importing()
    client.put(THINGS, imported({"/a": {"get": operation("a")}}))
    body = imported({})
    for name in ("format", "value"):
        del body["properties"][name]
    client.put(THINGS, body)
    assert list(operations(client)) == ["a"]


@pytest.mark.parametrize(
    ("name", "count", "one"),
    [
        ("azure-openai-2024-02-01.apim-export.yaml", 6, "chatcompletions-create"),
        ("azure-openai-2024-10-21.apim-export.yaml", 6, "embeddings-create"),
        ("foundry-model-inference-2025-05-15-preview.json", 5, "getchatcompletions"),
        ("foundry-openai-v1.json", 60, "createchatcompletion"),
    ],
)
def test_real_documents_are_imported(name: str, count: int, one: str) -> None:
    text = (shared("azure/openapi") / name).read_text("utf-8")
    if name.endswith("yaml"):
        text = json.dumps(YAML(typ="safe", pure=True).load(text), default=str)
    client = importing()
    got = client.put(THINGS, imported(text=text))
    assert got.status == 201, got.text
    found = operations(client)
    assert (len(found), one in found) == (count, True)
    schemas = client.get(f"{THINGS}/schemas").body["value"]
    assert schemas[0]["name"] in json.dumps(found[one])
