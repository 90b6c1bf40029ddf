"""The operations of an account's API: which there are, and which one there plays which part."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds.operation import OPERATION, whole_alike
from reconciler.model import Difference, Observed, Resource
from reconciler.resource_id import ResourceId
from tests.builders import EAST, EAST_API, WEST_API, account, world

CHAT_TEMPLATE = "/deployments/{deployment-id}/chat/completions?api-version={api-version}"
CHAT = EAST_API.child("operations", "chatcompletions-create")
MODELS = EAST_API.child("operations", "models-list")


def parameter(name: str) -> dict[str, Any]:
    return {"name": name, "type": "string", "required": True, "description": "", "values": []}


EMPTY: dict[str, list[Any]] = {"queryParameters": [], "headers": [], "representations": []}
CHAT_BODY = {
    "properties": {
        "displayName": "Chat",
        "method": "POST",
        "urlTemplate": CHAT_TEMPLATE,
        "templateParameters": [parameter("deployment-id"), parameter("api-version")],
        "description": "Chat",
        "request": EMPTY,
        "responses": [{"statusCode": 200, "description": "OK"}],
    }
}
MODELS_BODY = {
    "properties": {
        "displayName": "List models",
        "method": "GET",
        "urlTemplate": "/models",
        "templateParameters": [],
        "description": "List models",
        "request": EMPTY,
        "responses": [{"statusCode": 200, "description": "OK"}],
    }
}


def test_the_operations_of_an_accounts_api() -> None:
    needs = frozenset({EAST_API})
    assert list(OPERATION.desire(world(account()))) == [
        Resource(id=CHAT, kind="operation", body=CHAT_BODY, source=EAST, needs=needs),
        Resource(id=MODELS, kind="operation", body=MODELS_BODY, source=EAST, needs=needs),
    ]


def test_they_are_in_the_api_that_the_account_has() -> None:
    old = EAST_API.parent.child("apis", "old")
    assert {o.id.parent for o in OPERATION.desire(world(account(), bindings={EAST: old}))} == {old}


def there(name: str, method: str, template: str, api: ResourceId = EAST_API) -> Observed:
    body = {"properties": {"method": method, "urlTemplate": template}}
    return Observed(id=api.child("operations", name), kind="operation", body=body)


SAME = {
    "the same name, method and template": there("chatcompletions-create", "POST", CHAT_TEMPLATE),
    "another name": there("ChatCompletions_Create", "POST", CHAT_TEMPLATE),
    "a method in small letters": there("x", "post", CHAT_TEMPLATE),
    "a template in other letters": there("x", "POST", CHAT_TEMPLATE.upper()),
    "other names of the parameters": there("x", "POST", "/deployments/{id}/chat/completions?api-version={v}"),
    "a slash at the end": there("x", "POST", CHAT_TEMPLATE + "/"),
    "only the name": there("ChatCompletions-Create", "GET", "/else"),
}


@pytest.mark.parametrize("operation", SAME.values(), ids=SAME)
def test_it_is_the_same_operation_by(operation: Observed) -> None:
    wanted = Resource(id=CHAT, kind="operation", body=CHAT_BODY)
    decoy = there("decoy", "GET", "/decoy")
    assert OPERATION.counterpart(wanted, [decoy, operation]) is operation


OTHER = {
    "another method": there("x", "GET", CHAT_TEMPLATE),
    "another path": there("x", "POST", "/deployments/{deployment-id}/completions?api-version={api-version}"),
    "no query": there("x", "POST", "/deployments/{deployment-id}/chat/completions"),
    "another API": there("chatcompletions-create", "POST", CHAT_TEMPLATE, WEST_API),
    "an operation without properties": Observed(id=EAST_API.child("operations", "x"), kind="operation", body={}),
}


@pytest.mark.parametrize("operation", OTHER.values(), ids=OTHER)
def test_it_is_another_operation_by(operation: Observed) -> None:
    assert OPERATION.counterpart(Resource(id=CHAT, kind="operation", body=CHAT_BODY), [operation]) is None


def test_method_and_template_win_over_the_name() -> None:
    named = there("chatcompletions-create", "GET", "/else")
    signed = there("adopted", "POST", CHAT_TEMPLATE)
    wanted = Resource(id=CHAT, kind="operation", body=CHAT_BODY)
    assert OPERATION.counterpart(wanted, [named, signed]) is signed


LISTED = {"displayName": "Chat", "method": "POST", "urlTemplate": CHAT_TEMPLATE}
DRIFT: dict[str, tuple[dict[str, Any], tuple[Difference, ...]]] = {
    "nothing, from a list that leaves the request out": ({}, ()),
    "other names of the parameters": ({"urlTemplate": "/deployments/{a}/chat/completions?api-version={b}"}, ()),
    "a method in small letters": ({"method": "post"}, ()),
    "another display name": (
        {"displayName": "chat"},
        (Difference("properties.displayName", "chat", "Chat"),),
    ),
    "another method": ({"method": "PUT"}, (Difference("properties.method", "PUT", "POST"),)),
    "another template, mended with its parameters": (
        {"urlTemplate": "/chat", "templateParameters": []},
        (
            Difference("properties.templateParameters", [], [parameter("deployment-id"), parameter("api-version")]),
            Difference("properties.urlTemplate", "/chat", CHAT_TEMPLATE),
        ),
    ),
    "another description of a parameter, which routes nothing": (
        {"templateParameters": [{**parameter("deployment-id"), "description": "x"}, parameter("api-version")]},
        (),
    ),
}


@pytest.mark.parametrize(("change", "expected"), DRIFT.values(), ids=DRIFT)
def test_drift_is(change: dict[str, Any], expected: tuple[Difference, ...]) -> None:
    assert OPERATION.compare(CHAT_BODY, {"properties": {**LISTED, **change}}) == expected


PARAMETERS = [parameter("deployment-id"), parameter("api-version")]
JSON = {"contentType": "application/json", "schemaId": "s", "typeName": "Chat", "examples": {"default": {}}}
DESCRIBED = {
    "properties": {
        **CHAT_BODY["properties"],
        "description": "Chat with a model.\nOne line more.",
        "request": {
            "queryParameters": [],
            "headers": [],
            "representations": [{"contentType": "application/json"}, {"contentType": "multipart/form-data"}],
        },
    }
}
WHOLE: dict[str, Any] = {
    **LISTED,
    "description": "Chat with a model.\nOne line more.",
    "templateParameters": PARAMETERS,
    "request": {"representations": [JSON, {"contentType": "multipart/form-data"}]},
    "responses": [],
}
REPRESENTATIONS = "properties.request.representations"
WANTED_TYPES = [{"contentType": "application/json"}, {"contentType": "multipart/form-data"}]
OPTIONAL = {**parameter("api-version"), "required": False}
DEEP: dict[str, tuple[dict[str, Any], tuple[Difference, ...]]] = {
    "nothing, with the schemas and examples that the import attached": ({}, ()),
    "other ends of lines": ({"description": "Chat with a model.\r\nOne line more.\r\n"}, ()),
    "the order of the parameters": ({"templateParameters": PARAMETERS[::-1]}, ()),
    "what the service adds to a parameter": (
        {
            "templateParameters": [
                {**PARAMETERS[0], "description": "x", "values": ["a"], "schemaId": "s"},
                PARAMETERS[1],
            ]
        },
        (),
    ),
    "a parameter's name in capitals": (
        {"templateParameters": [{**PARAMETERS[0], "name": "Deployment-Id"}, PARAMETERS[1]]},
        (),
    ),
    "the order and letters of the content types": (
        {"request": {"representations": [{"contentType": "Multipart/Form-Data"}, JSON]}},
        (),
    ),
    "responses, headers and queries": (
        {
            "responses": [{"statusCode": 500}],
            "request": {**WHOLE["request"], "headers": [{"name": "x"}], "queryParameters": [{"name": "y"}]},
        },
        (),
    ),
    "another description": (
        {"description": "Mine."},
        (Difference("properties.description", "Mine.", "Chat with a model.\nOne line more."),),
    ),
    "no description": (
        {"description": None},
        (Difference("properties.description", None, "Chat with a model.\nOne line more."),),
    ),
    "a parameter that is not required any more": (
        {"templateParameters": [PARAMETERS[0], OPTIONAL]},
        (Difference("properties.templateParameters", [PARAMETERS[0], OPTIONAL], PARAMETERS),),
    ),
    "a parameter of another type": (
        {"templateParameters": [PARAMETERS[0], {**PARAMETERS[1], "type": "integer"}]},
        (
            Difference(
                "properties.templateParameters", [PARAMETERS[0], {**PARAMETERS[1], "type": "integer"}], PARAMETERS
            ),
        ),
    ),
    "no parameters": (
        {"templateParameters": None},
        (Difference("properties.templateParameters", None, PARAMETERS),),
    ),
    "a content type less": (
        {"request": {"representations": [JSON]}},
        (Difference(REPRESENTATIONS, [JSON], WANTED_TYPES),),
    ),
    "a content type more": (
        {"request": {"representations": [*WANTED_TYPES, {"contentType": "text/plain"}]}},
        (Difference(REPRESENTATIONS, [*WANTED_TYPES, {"contentType": "text/plain"}], WANTED_TYPES),),
    ),
    "no request": ({"request": None}, (Difference(REPRESENTATIONS, None, WANTED_TYPES),)),
    "what routes, and then only that": (
        {"displayName": "x", "description": "Mine."},
        (Difference("properties.displayName", "x", "Chat"),),
    ),
}


@pytest.mark.parametrize(("change", "expected"), DEEP.values(), ids=DEEP)
def test_a_deep_look_sees(change: dict[str, Any], expected: tuple[Difference, ...]) -> None:
    assert whole_alike(DESCRIBED, {"properties": {**WHOLE, **change}}) == expected
    assert OPERATION.compare_deep is whole_alike
